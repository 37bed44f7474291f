/* Figures of who wins with a field (doc/theory/fixation.md).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/figures.h"

#include <math.h>

#include "qsg/fixation.h"
#include "report/figures_ensemble.h"

#define AGREED 0.999 /* U at which the leader counts as the winner */
#define SEED 1 /* another one for each point: errors that go together would look like a law */

#define WON \
    {"probability", "", QSG_SIMULATED, "label 1 led when U reached 0.999"}, \
    {"low", "", QSG_SIMULATED, "lower end of Wilson's 95% interval"}, \
    {"high", "", QSG_SIMULATED, "upper end of Wilson's 95% interval"}, \
    {"runs", "runs", QSG_INPUT, "populations simulated"}

/* The field that makes Gamma_eff = gamma, and an ensemble in it. */
static qsg_status cross(double alpha, double agents, double gamma, double runs, uint64_t seed, figure_table *table,
                        qsg_error *error)
{
    double unit, committed, meanfield;
    figure_point point;
    qsg_model model;
    qsg_status status = figure_model(&model, error, "agents=%.0f alpha=%g", agents, alpha);
    if (status)
        return status;
    status = qsg_fixation_gain(&model, &unit, &committed, error);
    qsg_model_free(&model);
    const double field = gamma / unit;
    if (!status)
        status = figure_model(&model, error, "agents=%.0f alpha=%g field=%.17g", agents, alpha, field);
    if (status)
        return status;
    status = qsg_fixation_gamma_meanfield(&model, &meanfield, error);
    if (!status)
        status = figure_simulate(&model, AGREED, (uint64_t)runs, seed, &point, error);
    qsg_model_free(&model);
    if (!status)
        figure_table_add(table, (double[]){alpha, agents, field, meanfield, gamma, point.share, point.share_low,
                                           point.share_high, runs});
    return status;
}

static void put_logistic(qsg_result *result)
{
    enum { CURVE = 101 };
    double gamma[CURVE], probability[CURVE];
    for (int i = 0; i < CURVE; i++) {
        gamma[i] = 0.165 * i;
        probability[i] = qsg_fixation_diffusion(gamma[i], 0.5);
    }
    qsg_result_next_table(result);
    qsg_result_column(result, "strength", "law.gamma", CURVE, gamma, "", QSG_INPUT, "Gamma");
    qsg_result_column(result, "logistic", "law.probability", CURVE, probability, "", QSG_ASYMPTOTIC,
                      "1/(1 + exp(-Gamma))");
}

/* The slow populations (time goes as N^2/alpha^2) have fewer runs. */
qsg_status produce_crossover(const char *data_dir, qsg_result *result, qsg_error *error)
{
    static const struct { double alpha, agents, runs; } series[] = {
        {0.1, 16, 500}, {0.3, 16, 1500}, {0.3, 32, 600}, {0.5, 16, 2000}, {0.5, 32, 1000}, {0.8, 16, 4000}, {0.8, 32, 2000}};
    static const double gamma[] = {0.4, 0.9, 1.6, 2.4, 3.4};
    static const figure_column columns[] = {
        {"alpha", "", QSG_INPUT, "adaptation rate"}, {"agents", "agents", QSG_INPUT, "N"}, {"field", "", QSG_INPUT, "h"},
        {"gamma_meanfield", "", QSG_MEANFIELD, "m N h/alpha"},
        {"gamma", "", QSG_EXACT, "Gamma_eff, exact weak-selection response"}, WON};
    enum { GAMMAS = sizeof gamma / sizeof *gamma, N = GAMMAS * (sizeof series / sizeof *series) };
    figure_table table = {.columns = sizeof columns / sizeof *columns};
    qsg_status status = QSG_OK;
    (void)data_dir;
    for (size_t i = 0; i < N && !status; i++) {
        /* the sizes stand beside each other, not on top */
        const double aside = series[i / GAMMAS].agents > 16 ? 0.2 : 0;
        status = cross(series[i / GAMMAS].alpha, series[i / GAMMAS].agents, gamma[i % GAMMAS] + aside,
                       series[i / GAMMAS].runs, SEED + i, &table, error);
    }
    qsg_result_text(result, "setting", "K = 2, m = 1, one-way exchange, all agents at 1/2", "");
    qsg_result_integer(result, "seed", SEED, "", QSG_INPUT, "of the first row; the next rows have the next numbers");
    status = figure_table_put(&table, "", columns, status, result, error);
    if (!status)
        put_logistic(result);
    return status;
}

static const char *const exchanges[] = {"oneway", "mutual", "broadcast"};
enum { EXCHANGES = 3 };
#define PROTOCOL "alpha=0.5 field=0.05"

/* Winning probabilities of label 1 by theory, for whole numbers of agents, each once. */
static qsg_status put_protocol_laws(qsg_result *result, qsg_error *error)
{
    enum { CURVE = 61 };
    static const char *const law = "logistic law of the exact Gamma_eff";
    static const figure_column columns[] = {
        {"size", "agents", QSG_INPUT, "N"}, {"law_oneway", "", QSG_ASYMPTOTIC, law}, {"law_mutual", "", QSG_ASYMPTOTIC, law},
        {"law_broadcast", "", QSG_ASYMPTOTIC, law}};
    figure_table table = {.columns = 1 + EXCHANGES};
    qsg_status status = QSG_OK;
    double last = 0;
    for (int i = 0; i < CURVE && !status; i++) {
        double row[1 + EXCHANGES] = {round(4 * pow(64, i / (CURVE - 1.0)))};
        if (row[0] <= last)
            continue;
        last = row[0];
        for (int e = 0; e < EXCHANGES && !status; e++) {
            qsg_model model;
            double gamma;
            status = figure_model(&model, error, "agents=%.0f exchange=%s " PROTOCOL, row[0], exchanges[e]);
            if (status)
                break;
            status = qsg_fixation_gamma(&model, &gamma, error);
            qsg_model_free(&model);
            if (!status)
                row[1 + e] = qsg_fixation_diffusion(gamma, 0.5);
        }
        figure_table_add(&table, row);
    }
    qsg_result_next_table(result);
    return figure_table_put(&table, "law.", columns, status, result, error);
}

qsg_status produce_protocols(const char *data_dir, qsg_result *result, qsg_error *error)
{
    enum { SIZES = 7 };
    static const double agents[SIZES] = {4, 8, 16, 32, 64, 128, 256};
    static const double runs[EXCHANGES][SIZES] = {{4000, 4000, 2000, 1000, 400, 100, 0},
                                                  {4000, 4000, 2000, 1000, 400, 100, 0},
                                                  {4000, 4000, 4000, 4000, 4000, 4000, 2000}};
    static const figure_column columns[] = {{"exchange", "", QSG_INPUT, "0 one-way, 1 mutual, 2 broadcast"},
                                            {"agents", "agents", QSG_INPUT, "N"}, WON};
    figure_table table = {.columns = sizeof columns / sizeof *columns};
    qsg_status status = QSG_OK;
    (void)data_dir;
    for (int i = 0; i < EXCHANGES * SIZES && !status; i++) {
        const int e = i / SIZES, s = i % SIZES;
        figure_point point;
        qsg_model model;
        if (runs[e][s] == 0)
            continue;
        status = figure_model(&model, error, "agents=%.0f exchange=%s " PROTOCOL, agents[s], exchanges[e]);
        if (status)
            break;
        status = figure_simulate(&model, AGREED, (uint64_t)runs[e][s], SEED + table.rows, &point, error);
        qsg_model_free(&model);
        if (!status)
            figure_table_add(&table, (double[]){e, agents[s], point.share, point.share_low, point.share_high, runs[e][s]});
    }
    qsg_result_text(result, "setting", "K = 2, alpha = 0.5, m = 1, h = 0.05, all agents at 1/2", "");
    qsg_result_integer(result, "seed", SEED, "", QSG_INPUT, "of the first row; the next rows have the next numbers");
    status = figure_table_put(&table, "", columns, status, result, error);
    return status ? status : put_protocol_laws(result, error);
}
