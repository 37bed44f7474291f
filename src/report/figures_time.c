/* The figure consensus-time: against N, alpha and m, with the correction to the mean field.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>

#include "qsg/moments.h"
#include "report/figures.h"
#include "report/figures_ensemble.h"

#define AGREED 0.95 /* U */
#define SEED 1      /* of the first point; the next ones have the next numbers */

enum { PANELS = 3, SERIES = 2, CURVE = 41 };

/* What a panel varies, and where; runs of each simulated point. */
typedef struct {
    const char *name, *fixed;
    double first, last;
    bool whole;
    double second[SERIES]; /* alpha of the series; agents in the panel of alpha */
    struct { double value, runs; } points[8];
} panel;
static const panel panels[PANELS] = {
    {"agents", "alpha", 8, 256, true, {0.2, 0.8},
     {{8, 2000}, {16, 1000}, {32, 600}, {64, 400}, {128, 100}, {256, 24}}},
    {"alpha", "agents", 0.05, 1, false, {24, 96},
     {{0.05, 30}, {0.1, 60}, {0.2, 200}, {0.4, 400}, {0.6, 400}, {0.8, 400}, {1, 400}}},
    {"bandwidth", "alpha", 1, 32, true, {0.2, 0.8},
     {{1, 400}, {2, 400}, {4, 400}, {8, 200}, {16, 100}, {32, 60}}},
};

static qsg_status model_at(const panel *p, double value, double second, qsg_model *model, qsg_error *error)
{
    const char *agents = p == &panels[2] ? "agents=24 " : "";
    return figure_model(model, error, "%s%s=%.17g %s=%g", agents, p->name, value, p->fixed, second);
}

/* Mean first exit of the diffusion from 1/2, (2/rate)(B(1/2) - B(p*)) with B(x) = -x ln x - (1-x) ln(1-x) and U = AGREED at
 * p* (doc/theory/density.md, eq. 25). */
static double exit_time(double rate)
{
    const double far = (1 + sqrt(2 * AGREED - 1)) / 2;
    return 2 / rate * (log(2) + far * log(far) + (1 - far) * log1p(-far));
}

static qsg_status add_curve(const panel *p, int series, figure_table *table, qsg_error *error)
{
    qsg_status status = QSG_OK;
    double last = 0;
    for (int i = 0; i < CURVE && !status; i++) {
        const double at = p->first * pow(p->last / p->first, i / (CURVE - 1.0)), value = p->whole ? round(at) : fmin(at, 1);
        double rate;
        qsg_model model;
        if (value <= last)
            continue;
        last = value;
        status = model_at(p, value, p->second[series], &model, error);
        if (status)
            break;
        status = qsg_moments_slow_rate(&model, &rate, error);
        if (!status)
            figure_table_add(table, (double[]){(double)(p - panels), series, value, exit_time(rate),
                                               exit_time(qsg_meanfield_slow_rate(&model))});
        qsg_model_free(&model);
    }
    return status;
}

static qsg_status add_points(const panel *p, int series, figure_table *table, qsg_error *error)
{
    qsg_status status = QSG_OK;
    for (int i = 0; i < 8 && p->points[i].runs > 0 && !status; i++) {
        figure_point point;
        qsg_model model;
        status = model_at(p, p->points[i].value, p->second[series], &model, error);
        if (status)
            break;
        status = figure_simulate(&model, AGREED, (uint64_t)p->points[i].runs, SEED + table->rows, &point, error);
        if (!status)
            figure_table_add(table, (double[]){(double)(p - panels), series, p->points[i].value, point.time,
                                               point.time_low, point.time_high, p->points[i].runs});
        qsg_model_free(&model);
    }
    return status;
}

qsg_status produce_consensus_time(const char *data_dir, qsg_result *result, qsg_error *error)
{
    static const char *const which = "0: N at alpha 0.2, 0.8; 1: alpha at N 24, 96; 2: m at N 24, alpha 0.2, 0.8";
    static const figure_column laws[] = {
        {"panel", "", QSG_INPUT, which}, {"series", "", QSG_INPUT, "first or second value of the fixed parameter"},
        {"value", "", QSG_INPUT, "of what is varied"},
        {"time", "interactions", QSG_ASYMPTOTIC, "mean first time with U >= 0.95: diffusion with the exact slow rate"},
        {"time_meanfield", "interactions", QSG_MEANFIELD, "the same with the slow rate alpha^2/(m N^2)"}};
    static const figure_column points[] = {
        {"panel_seen", "", QSG_INPUT, which}, {"series_seen", "", QSG_INPUT, ""}, {"value_seen", "", QSG_INPUT, ""},
        {"time_mean", "interactions", QSG_SIMULATED, "mean first time with U >= 0.95"},
        {"low", "interactions", QSG_SIMULATED, "end of the 95% interval of the mean"},
        {"high", "interactions", QSG_SIMULATED, "end of the 95% interval of the mean"},
        {"runs", "runs", QSG_INPUT, "populations simulated"}};
    figure_table law = {.columns = sizeof laws / sizeof *laws}, seen = {.columns = sizeof points / sizeof *points};
    qsg_status status = QSG_OK;
    (void)data_dir;
    for (int i = 0; i < PANELS * SERIES && !status; i++) {
        status = add_curve(&panels[i / SERIES], i % SERIES, &law, error);
        if (!status)
            status = add_points(&panels[i / SERIES], i % SERIES, &seen, error);
    }
    qsg_result_text(result, "setting", "K = 2, m = 1 but for what is varied, one-way exchange, all agents at 1/2", "");
    status = figure_table_put(&law, "law.", laws, status, result, error);
    qsg_result_next_table(result);
    return figure_table_put(&seen, "", points, status, result, error);
}
