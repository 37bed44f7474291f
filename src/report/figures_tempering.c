/* The figure tempering: the drift that the adiabatic closure gives, and who wins (doc/theory/adiabatic.md).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>

#include "qsg/adiabatic.h"
#include "report/figures.h"
#include "report/figures_ensemble.h"

#define AGREED 0.999 /* U at which the leader counts as the winner */
#define SEED 1       /* of the first point; the next ones have the next numbers */
#define TEMPER 0.8   /* of the drift */
#define START 0.55   /* of the winners: mean belief in label 1 */

enum { GRID = 101, ALPHAS = 4 };
static const double alphas[ALPHAS] = {0.1, 0.3, 0.6, 0.9};

static qsg_status put_drift(qsg_result *result, qsg_error *error)
{
    static const figure_column columns[] = {
        {"alpha", "", QSG_INPUT, "adaptation rate; 0: the limit alpha -> 0"}, {"p", "", QSG_INPUT, "mean belief in label 1"},
        {"pull", "", QSG_NUMERICAL, "F(p) - p, adiabatic closure at T = 0.8; (alpha/N)(F(p) - p) an interaction"}};
    figure_table table = {.columns = 3};
    double p[GRID], map[GRID];
    qsg_status status = QSG_OK;
    for (int i = 0; i < GRID; i++) {
        p[i] = i / (GRID - 1.0);
        const double first = pow(p[i], 1 / TEMPER), second = pow(1 - p[i], 1 / TEMPER);
        figure_table_add(&table, (double[]){0, p[i], first / (first + second) - p[i]});
    }
    for (int a = 0; a < ALPHAS && !status; a++) {
        qsg_model model;
        status = figure_model(&model, error, "agents=1000 alpha=%g temper=%g", alphas[a], TEMPER);
        if (status)
            break;
        status = qsg_adiabatic_map(&model, GRID, p, map, error);
        qsg_model_free(&model);
        for (int i = 0; i < GRID && !status; i++)
            figure_table_add(&table, (double[]){alphas[a], p[i], map[i] - p[i]});
    }
    return figure_table_put(&table, "drift.", columns, status, result, error);
}

static qsg_status model_at(double alpha, double temper, qsg_model *model, qsg_error *error)
{
    return figure_model(model, error, "agents=32 alpha=%g temper=%.17g init=%g,%g", alpha, temper, START, 1 - START);
}

static qsg_status put_winners(qsg_result *result, qsg_error *error)
{
    enum { CURVE = 21 };
    static const figure_column columns[] = {
        {"winner_alpha", "", QSG_INPUT, "adaptation rate"}, {"temper", "", QSG_INPUT, "T"},
        {"law", "", QSG_ASYMPTOTIC, "probability that label 1 wins: diffusion with the drift of the closure"}};
    figure_table table = {.columns = 3};
    qsg_status status = QSG_OK;
    for (int i = 0; i < ALPHAS * CURVE && !status; i++) {
        const double alpha = alphas[i / CURVE], temper = 0.8 + 0.01 * (i % CURVE);
        qsg_adiabatic_winner winner = {.probability = {START, 1 - START}};
        qsg_model model;
        status = model_at(alpha, temper, &model, error);
        if (status)
            break;
        if (temper != 1)
            status = qsg_adiabatic_fixation(&model, &winner, NULL, error);
        qsg_model_free(&model);
        figure_table_add(&table, (double[]){alpha, temper, winner.probability[0]});
    }
    qsg_result_next_table(result);
    return figure_table_put(&table, "laws.", columns, status, result, error);
}

static qsg_status put_points(qsg_result *result, qsg_error *error)
{
    static const figure_column columns[] = {
        {"seen_alpha", "", QSG_INPUT, "adaptation rate"}, {"seen_temper", "", QSG_INPUT, "T"},
        {"probability", "", QSG_SIMULATED, "label 1 led when U reached 0.999"},
        {"low", "", QSG_SIMULATED, "end of Wilson's 95% interval"},
        {"high", "", QSG_SIMULATED, "end of Wilson's 95% interval"}, {"runs", "runs", QSG_INPUT, "populations simulated"}};
    static const double tempers[] = {0.82, 0.86, 0.9, 0.94, 0.97, 1}, runs[ALPHAS] = {500, 1000, 2000, 4000};
    enum { TEMPERS = 6 };
    figure_table table = {.columns = 6};
    qsg_status status = QSG_OK;
    for (int i = 0; i < ALPHAS * TEMPERS && !status; i++) {
        figure_point point;
        qsg_model model;
        const int a = i / TEMPERS;
        status = model_at(alphas[a], tempers[i % TEMPERS], &model, error);
        if (status)
            break;
        status = figure_simulate(&model, AGREED, (uint64_t)runs[a], SEED + (uint64_t)i, &point, error);
        qsg_model_free(&model);
        if (!status)
            figure_table_add(&table, (double[]){alphas[a], tempers[i % TEMPERS], point.share, point.share_low,
                                                point.share_high, runs[a]});
    }
    qsg_result_next_table(result);
    return figure_table_put(&table, "", columns, status, result, error);
}

qsg_status produce_tempering(const char *data_dir, qsg_result *result, qsg_error *error)
{
    (void)data_dir;
    qsg_result_text(result, "setting", "K = 2, m = 1, one-way exchange; winners: N = 32, all agents at 0.55", "");
    qsg_status status = put_drift(result, error);
    if (!status)
        status = put_winners(result, error);
    return status ? status : put_points(result, error);
}
