/* The figure amplification: consensus by drift, about N^2 interactions, and by amplified noise, about N ln N.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>

#include "qsg/adiabatic.h"
#include "qsg/kinetic.h"
#include "qsg/moments.h"
#include "report/figures_ensemble.h"
#include "report/figures.h"

#define ALPHA 0.3
#define AGREED 0.95 /* U */
#define SEED 1      /* another one for each point */

enum { CURVE = 41, GRID = 201 };

/* A column of theory: rounds against N at one temper. */
typedef struct {
    double temper;
    bool kinetic; /* by the kinetic law; otherwise by the diffusion with the drift of the adiabatic closure */
} law;
static const law laws[] = {{1, false}, {0.99, false}, {0.95, false}, {0.8, true}, {0.5, true}};
enum { LAWS = sizeof laws / sizeof *laws };

static qsg_status model_at(double agents, double temper, qsg_model *model, qsg_error *error)
{
    return figure_model(model, error, "agents=%.0f alpha=%g temper=%g", agents, ALPHA, temper);
}

/* Mean rounds until the diffusion dp = M dt + sqrt(lambda p(1-p)) dW from 1/2 leaves (1 - p*, p*), p* where U is the
 * threshold, with M = (alpha/N)(F(p) - p) from `pull` = F(p) - p on the grid from 1/2 to p*.  By symmetry 1/2 reflects:
 *     E T = int s(y) int_{1/2}^y 2/(lambda z(1-z) s(z)) dz dy,   s(y) = exp(-int_{1/2}^y 2M/(lambda z(1-z)) dz).
 * Trapezoids, in FINE steps between the points of the grid since s(y) is steep at large N; 1e-3 at N = 5,000. */
static double exit_rounds(double agents, double rate, const double *p, const double *pull)
{
    enum { FINE = 20 };
    const double step = (p[1] - p[0]) / FINE;
    double exponent = 0, inner = 0, total = 0, last_slope = 0, last_speed = 0, last = 0;
    for (int i = 0; i <= (GRID - 1) * FINE; i++) {
        const int at = i / FINE < GRID - 1 ? i / FINE : GRID - 2;
        const double part = (double)i / FINE - at, z = p[0] + i * step, noise = rate * z * (1 - z);
        const double slope = 2 * ALPHA / agents * (pull[at] + part * (pull[at + 1] - pull[at])) / noise;
        exponent -= i ? step * (slope + last_slope) / 2 : 0;
        const double scale = exp(exponent), speed = 2 / (noise * scale);
        inner += i ? step * (speed + last_speed) / 2 : 0;
        total += i ? step * (scale * inner + last) / 2 : 0;
        last_slope = slope;
        last_speed = speed;
        last = scale * inner;
    }
    return total / agents;
}

static qsg_status diffusion_law(double temper, const double *agents, double *rounds, qsg_error *error)
{
    const double far = (1 + sqrt(2 * AGREED - 1)) / 2;
    double p[GRID], pull[GRID];
    qsg_model model = {0};
    for (int i = 0; i < GRID; i++)
        p[i] = 0.5 + (far - 0.5) * i / (GRID - 1);
    qsg_status status = model_at(agents[0], temper, &model, error);
    if (!status)
        status = qsg_adiabatic_map(&model, GRID, p, pull, error);
    qsg_model_free(&model);
    for (int i = 0; i < GRID && !status; i++)
        pull[i] -= p[i];
    for (int i = 0; i < CURVE && !status; i++) {
        double rate;
        status = model_at(agents[i], 1, &model, error);
        if (!status)
            status = qsg_moments_slow_rate(&model, &rate, error);
        qsg_model_free(&model);
        if (!status)
            rounds[i] = exit_rounds(agents[i], rate, p, pull);
    }
    return status;
}

static qsg_status kinetic_law(double temper, const double *agents, double *rounds, qsg_error *error)
{
    qsg_amplification a;
    qsg_model model = {0};
    qsg_status status = model_at(agents[0], temper, &model, error);
    if (!status)
        status = qsg_kinetic_consensus(&model, AGREED, &a, error);
    qsg_model_free(&model);
    for (int i = 0; i < CURVE && !status; i++)
        rounds[i] = a.slope * log(agents[i]) + a.constant;
    return status;
}

static qsg_status put_laws(qsg_result *result, qsg_error *error)
{
    double agents[CURVE], rounds[CURVE];
    qsg_status status = QSG_OK;
    for (int i = 0; i < CURVE; i++)
        agents[i] = round(30 * pow(5000 / 30.0, i / (CURVE - 1.0)));
    qsg_result_next_table(result);
    qsg_result_column(result, "size", "laws.agents", CURVE, agents, "agents", QSG_INPUT, "N");
    for (int l = 0; l < LAWS && !status; l++) {
        char name[32], path[48], meaning[96];
        status = (laws[l].kinetic ? kinetic_law : diffusion_law)(laws[l].temper, agents, rounds, error);
        snprintf(name, sizeof name, "law_%d", l);
        snprintf(path, sizeof path, "laws.%d.rounds", l);
        snprintf(meaning, sizeof meaning, "T = %g: %s", laws[l].temper,
                 laws[l].kinetic ? "ln N/(2 Lambda) + c, kinetic mean field" : "mean exit time of the diffusion");
        if (!status)
            qsg_result_column(result, name, path, CURVE, rounds, "rounds", QSG_ASYMPTOTIC, meaning);
    }
    return status;
}

/* Growth rates of the mixed state against the temperature. */
static qsg_status put_growth(qsg_result *result, qsg_error *error)
{
    enum { POINTS = 57 };
    static const double alphas[] = {0.1, 0.3, 0.6, 0.9};
    static const figure_column columns[] = {
        {"alpha", "", QSG_INPUT, "adaptation rate"}, {"growth_temper", "", QSG_INPUT, "T"},
        {"growth", "per round", QSG_MEANFIELD, "Lambda, kinetic mean field: exact for N = infinity"}};
    figure_table table = {.columns = 3};
    qsg_status status = QSG_OK;
    for (int i = 0; i < 4 * POINTS && !status; i++) {
        const double temper = 0.06 + 0.02 * (i % POINTS);
        qsg_growth growth;
        qsg_model model;
        status = figure_model(&model, error, "agents=1000 alpha=%g temper=%.4f", alphas[i / POINTS], temper);
        if (status)
            break;
        status = qsg_kinetic_growth(&model, &growth, error);
        qsg_model_free(&model);
        if (!status)
            figure_table_add(&table, (double[]){alphas[i / POINTS], temper, growth.rate});
    }
    qsg_result_next_table(result);
    return figure_table_put(&table, "growth_rates.", columns, status, result, error);
}

qsg_status produce_amplification(const char *data_dir, qsg_result *result, qsg_error *error)
{
    enum { SIZES = 7 };
    static const double agents[SIZES] = {50, 100, 200, 400, 800, 1600, 3200};
    /* runs at each N; 0 where a run would take too long */
    static const double runs[LAWS][SIZES] = {{400, 200, 100, 40, 0, 0, 0},
                                             {300, 0, 80, 0, 30, 0, 0},
                                             {200, 0, 100, 0, 40, 0, 12},
                                             {200, 0, 100, 0, 50, 0, 20},
                                             {200, 0, 100, 0, 50, 0, 20}};
    static const figure_column columns[] = {
        {"temper", "", QSG_INPUT, "T"}, {"agents", "agents", QSG_INPUT, "N"},
        {"rounds", "rounds", QSG_SIMULATED, "mean until U reaches 0.95"},
        {"low", "rounds", QSG_SIMULATED, "lower end of the 95% interval"},
        {"high", "rounds", QSG_SIMULATED, "upper end of the 95% interval"}, {"runs", "runs", QSG_INPUT, "populations simulated"}};
    figure_table table = {.columns = 6};
    qsg_status status = QSG_OK;
    (void)data_dir;
    for (int i = 0; i < LAWS * SIZES && !status; i++) {
        const double n = agents[i % SIZES], count = runs[i / SIZES][i % SIZES], temper = laws[i / SIZES].temper;
        figure_point point;
        qsg_model model;
        if (count == 0)
            continue;
        status = model_at(n, temper, &model, error);
        if (status)
            break;
        status = figure_simulate(&model, AGREED, (uint64_t)count, SEED + table.rows, &point, error);
        qsg_model_free(&model);
        if (!status)
            figure_table_add(&table, (double[]){temper, n, point.time / n, point.time_low / n, point.time_high / n, count});
    }
    qsg_result_text(result, "setting", "K = 2, alpha = 0.3, m = 1, one-way exchange, all agents at 1/2", "");
    qsg_result_integer(result, "seed", SEED, "", QSG_INPUT, "of the first row; the next rows have the next numbers");
    status = figure_table_put(&table, "", columns, status, result, error);
    if (!status)
        status = put_laws(result, error);
    return status ? status : put_growth(result, error);
}
