/* Figures of the neutral drift (doc/theory/moments.md): drift, drift-collapse, early-drift, bandwidth.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>

#include "qsg/moments.h"
#include "report/figures.h"
#include "report/figures_ensemble.h"

#define SEED 1 /* of the first ensemble; the next ones have the next numbers */

static const char *const interval = "end of the 95% interval of the mean";

/* Exact E[U] and V, and the paper's U, at one time. */
static qsg_status theory_at(const qsg_model *model, double t, qsg_moments *exact, double *meanfield, qsg_error *error)
{
    qsg_moments start;
    qsg_status status = qsg_moments_start(model, &start, error);
    if (!status)
        status = qsg_moments_evolve(model, &start, t, exact, error);
    if (!status && meanfield)
        *meanfield = qsg_meanfield_polarization(model, &start, t);
    return status;
}

/* Whole times in even steps of the logarithm. */
static void times_between(double first, double last, size_t n, double *times)
{
    for (size_t i = 0; i < n; i++)
        times[i] = round(first * pow(last / first, (double)i / (double)(n - 1)));
}

qsg_status produce_drift(const char *data_dir, qsg_result *result, qsg_error *error)
{
    static const figure_column columns[] = {
        {"alpha", "", QSG_INPUT, "adaptation rate"}, {"time", "interactions", QSG_INPUT, "t"},
        {"U", "", QSG_EXACT, "E[U]"}, {"U_meanfield", "", QSG_MEANFIELD, "1 - (1 - 1/K) exp(-alpha^2 t/(m N^2))"},
        {"U_mean", "", QSG_SIMULATED, "mean of 1,000 populations"}, {"low", "", QSG_SIMULATED, interval},
        {"high", "", QSG_SIMULATED, interval}, {"tenth", "", QSG_SIMULATED, "a tenth of the populations is below"},
        {"ninetieth", "", QSG_SIMULATED, "a tenth of the populations is above"}};
    static const double alphas[] = {0.1, 0.3, 0.8};
    enum { TIMES = 31 };
    double times[TIMES];
    figure_moment seen[TIMES];
    figure_table table = {.columns = sizeof columns / sizeof *columns};
    qsg_status status = QSG_OK;
    (void)data_dir;
    for (int a = 0; a < 3 && !status; a++) {
        qsg_model model;
        status = figure_model(&model, error, "agents=24 labels=10 alpha=%g", alphas[a]);
        if (status)
            break;
        const double scale = 1 / qsg_meanfield_slow_rate(&model);
        times_between(0.015 * scale, 6 * scale, TIMES, times);
        status = figure_observe(&model, TIMES, times, 1000, SEED + (uint64_t)a, seen, error);
        for (int i = 0; i < TIMES && !status; i++) {
            qsg_moments exact;
            double meanfield = 0;
            status = theory_at(&model, times[i], &exact, &meanfield, error);
            if (status)
                break;
            figure_table_add(&table, (double[]){alphas[a], times[i], qsg_moments_polarization(&model, &exact), meanfield,
                                                seen[i].mean, seen[i].low, seen[i].high, seen[i].tenth,
                                                seen[i].ninetieth});
        }
        qsg_model_free(&model);
    }
    qsg_result_text(result, "setting", "N = 24, K = 10, m = 1, one-way exchange, everyone undecided", "");
    return figure_table_put(&table, "", columns, status, result, error);
}

qsg_status produce_drift_collapse(const char *data_dir, qsg_result *result, qsg_error *error)
{
    static const figure_column columns[] = {
        {"agents", "agents", QSG_INPUT, "N"}, {"labels", "labels", QSG_INPUT, "K"},
        {"alpha", "", QSG_INPUT, "adaptation rate"}, {"bandwidth", "labels", QSG_INPUT, "m"},
        {"meanfield_tau", "", QSG_MEANFIELD, "alpha^2 t/(m N^2)"}, {"tau", "", QSG_EXACT, "slow rate times t"},
        {"H", "", QSG_SIMULATED, "mean of (1 - U)/(1 - 1/K), 2,000 populations"}, {"low", "", QSG_SIMULATED, interval},
        {"high", "", QSG_SIMULATED, interval}, {"exact", "", QSG_EXACT, "E[1 - U]/(1 - 1/K)"}};
    static const struct { double agents, labels, alpha, bandwidth; } series[] = {
        {24, 10, 0.1, 1}, {24, 10, 0.5, 4}, {16, 5, 0.5, 1}, {48, 3, 0.6, 2}, {24, 2, 0.9, 1}, {16, 10, 1, 1}};
    enum { SERIES = sizeof series / sizeof *series, TIMES = 12 };
    figure_table table = {.columns = sizeof columns / sizeof *columns};
    qsg_status status = QSG_OK;
    (void)data_dir;
    for (int s = 0; s < SERIES && !status; s++) {
        double times[TIMES], rate;
        figure_moment seen[TIMES];
        qsg_model model;
        status = figure_model(&model, error, "agents=%g labels=%g alpha=%g bandwidth=%g", series[s].agents,
                              series[s].labels, series[s].alpha, series[s].bandwidth);
        if (status)
            break;
        const double whole = 1 - 1 / series[s].labels, meanfield = qsg_meanfield_slow_rate(&model);
        status = qsg_moments_slow_rate(&model, &rate, error);
        for (int i = 0; i < TIMES && !status; i++) /* the series beside each other, not on top */
            times[i] = round((i + 0.25 + s / (double)SERIES) * 0.25 / rate);
        if (!status)
            status = figure_observe(&model, TIMES, times, 2000, SEED + (uint64_t)s, seen, error);
        for (int i = 0; i < TIMES && !status; i++) {
            qsg_moments exact;
            status = theory_at(&model, times[i], &exact, NULL, error);
            if (status)
                break;
            figure_table_add(&table, (double[]){series[s].agents, series[s].labels, series[s].alpha, series[s].bandwidth,
                                                meanfield * times[i], rate * times[i], (1 - seen[i].mean) / whole,
                                                (1 - seen[i].high) / whole, (1 - seen[i].low) / whole,
                                                qsg_moments_heterogeneity(&model, &exact) / whole});
        }
        qsg_model_free(&model);
    }
    qsg_result_text(result, "setting", "one-way exchange, everyone undecided", "");
    return figure_table_put(&table, "", columns, status, result, error);
}

qsg_status produce_early_drift(const char *data_dir, qsg_result *result, qsg_error *error)
{
    enum { PANELS = 4, POINTS = 6, ROUNDS = 2 };
    static const char *const names[PANELS] = {"agents", "bandwidth", "alpha", "labels"};
    static const double values[PANELS][POINTS] = {
        {8, 16, 32, 64, 128, 256}, {1, 2, 4, 8, 16, 32}, {0.05, 0.1, 0.2, 0.4, 0.7, 1}, {2, 3, 5, 10, 20, 40}};
    static const figure_column columns[] = {
        {"panel", "", QSG_INPUT, "varied: 0 agents N, 1 bandwidth m, 2 alpha, 3 labels K"},
        {"value", "", QSG_INPUT, "of what is varied"},
        {"drift", "per interaction", QSG_EXACT, "(E[U] - 1/K)/t, t = 2 rounds"},
        {"drift_meanfield", "per interaction", QSG_MEANFIELD, "alpha^2 (1 - 1/K)/(m N^2)"},
        {"drift_mean", "per interaction", QSG_SIMULATED, "the same of 1,000 populations"},
        {"low", "per interaction", QSG_SIMULATED, interval}, {"high", "per interaction", QSG_SIMULATED, interval}};
    figure_table table = {.columns = sizeof columns / sizeof *columns};
    qsg_status status = QSG_OK;
    (void)data_dir;
    for (int i = 0; i < PANELS * POINTS && !status; i++) {
        double at[PANELS] = {24, 1, 0.3, 10};
        qsg_moments exact;
        figure_moment seen;
        qsg_model model;
        const int panel = i / POINTS;
        at[panel] = values[panel][i % POINTS];
        status = figure_model(&model, error, "%s=%g %s=%g %s=%g %s=%g", names[0], at[0], names[1], at[1], names[2], at[2],
                              names[3], at[3]);
        if (status)
            break;
        const double t = ROUNDS * at[0], least = 1 / at[3];
        status = theory_at(&model, t, &exact, NULL, error);
        if (!status)
            status = figure_observe(&model, 1, &t, 1000, SEED + (uint64_t)i, &seen, error);
        if (!status)
            figure_table_add(&table, (double[]){panel, at[panel], (qsg_moments_polarization(&model, &exact) - least) / t,
                                                qsg_meanfield_slow_rate(&model) * (1 - least), (seen.mean - least) / t,
                                                (seen.low - least) / t, (seen.high - least) / t});
        qsg_model_free(&model);
    }
    qsg_result_text(result, "setting", "N = 24, m = 1, alpha = 0.3, K = 10 but for what is varied; everyone undecided", "");
    return figure_table_put(&table, "", columns, status, result, error);
}

qsg_status produce_bandwidth(const char *data_dir, qsg_result *result, qsg_error *error)
{
    static const char *const bandwidths[] = {"1", "2", "4", "16", "inf"};
    static const figure_column columns[] = {
        {"series", "", QSG_INPUT, "m: 1, 2, 4, 16, infinite"}, {"rounds", "rounds", QSG_INPUT, "time"},
        {"U", "", QSG_EXACT, "E[U]"}, {"V", "", QSG_EXACT, "E[V]/N"},
        {"U_mean", "", QSG_SIMULATED, "mean of 400 populations"}, {"U_low", "", QSG_SIMULATED, interval},
        {"U_high", "", QSG_SIMULATED, interval}, {"V_mean", "", QSG_SIMULATED, "mean of V/N, 400 populations"},
        {"V_low", "", QSG_SIMULATED, interval}, {"V_high", "", QSG_SIMULATED, interval}};
    enum { TIMES = 25, AGENTS = 20 };
    figure_table table = {.columns = sizeof columns / sizeof *columns};
    qsg_status status = QSG_OK;
    (void)data_dir;
    for (int s = 0; s < 5 && !status; s++) {
        double times[TIMES];
        figure_moment seen[TIMES];
        qsg_model model;
        status = figure_model(&model, error, "agents=20 labels=10 alpha=0.5 bandwidth=%s init=onehot:2,2,2,2,2,2,2,2,2,2",
                              bandwidths[s]);
        if (status)
            break;
        times_between(0.25 * AGENTS, 1000 * AGENTS, TIMES, times);
        status = figure_observe(&model, TIMES, times, 400, SEED + (uint64_t)s, seen, error);
        for (int i = 0; i < TIMES && !status; i++) {
            qsg_moments exact;
            status = theory_at(&model, times[i], &exact, NULL, error);
            if (status)
                break;
            figure_table_add(&table, (double[]){s, times[i] / AGENTS, qsg_moments_polarization(&model, &exact),
                                                exact.disagreement / AGENTS, seen[i].mean, seen[i].low, seen[i].high,
                                                seen[i].spread / AGENTS, seen[i].spread_low / AGENTS,
                                                seen[i].spread_high / AGENTS});
        }
        qsg_model_free(&model);
    }
    qsg_result_text(result, "setting", "N = 20, K = 10, alpha = 0.5, one-way exchange, two agents sure of each label", "");
    return figure_table_put(&table, "", columns, status, result, error);
}
