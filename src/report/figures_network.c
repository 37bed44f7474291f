/* Effective size of graphs, and who decides on them (doc/theory/pairs.md, sections 5 and 7).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "qsg/influence.h"
#include "qsg/pairs.h"
#include "qsg/simulate.h"
#include "report/figures_ensemble.h"

#define Z95 1.959964

/* Runs of E[1 - U] at two times, between which only the slowest mode is left. */
typedef struct {
    double n, first, second, first_square, second_square, product;
} decay;

static qsg_status take(void *context, const qsg_outcome *outcome)
{
    decay *d = context;
    const double a = outcome->heterogeneity[0], b = outcome->heterogeneity[1];
    d->n++;
    d->first += a;
    d->second += b;
    d->first_square += a * a;
    d->second_square += b * b;
    d->product += a * b;
    return QSG_OK;
}

/* The decay rate measured over one relaxation time, and its standard error by the delta method. */
static qsg_status measure_rate(const qsg_model *model, double rate, uint64_t runs, double *measured, double *se, qsg_error *error)
{
    const double times[2] = {ceil(0.5 / rate), ceil(1.5 / rate)};
    const qsg_ensemble_request request = {.times = times, .n = 2, .runs = runs, .seed = 2, .consensus = 1 - 1e-9,
                                          .horizon = times[1]};
    decay d = {0};
    qsg_status status = qsg_ensemble_run(model, &request, take, &d, error);
    if (status)
        return status;
    const double a = d.first / d.n, b = d.second / d.n;
    const double va = d.first_square / d.n - a * a, vb = d.second_square / d.n - b * b, c = d.product / d.n - a * b;
    *measured = log(a / b) / (times[1] - times[0]);
    *se = sqrt((va / a / a + vb / b / b - 2 * c / a / b) / d.n) / (times[1] - times[0]);
    return QSG_OK;
}

/* One point: N, exact size, size by the degrees, simulated one with its interval. */
static qsg_status size_of(const char *settings, uint64_t runs, double row[5], qsg_error *error)
{
    qsg_model model = {0};
    qsg_pair_moments *pairs = NULL;
    qsg_influence influence = {0};
    double rate, accuracy, measured = NAN, se = NAN;
    qsg_status status = qsg_model_parse(&model, settings, error);
    if (status)
        return status;
    status = qsg_pair_moments_new(&pairs, &model, error);
    if (!status)
        status = qsg_pair_moments_slow_rate(pairs, &rate, &accuracy, error);
    if (!status)
        status = qsg_pair_moments_effective_size(&model, rate, &row[0], error);
    if (!status)
        status = qsg_influence_init(&influence, &model, error);
    if (!status)
        row[1] = sqrt((double)model.agents * influence.number);
    if (!status && runs > 0)
        status = measure_rate(&model, rate, runs, &measured, &se, error);
    row[2] = row[0] * sqrt(rate / measured);
    row[3] = row[0] * sqrt(rate / (measured + Z95 * se));
    row[4] = row[0] * sqrt(rate / (measured - Z95 * se));
    qsg_influence_free(&influence);
    qsg_pair_moments_free(pairs);
    qsg_model_free(&model);
    return status;
}

qsg_status produce_networks(const char *data_dir, qsg_result *result, qsg_error *error)
{
    static const char *const graphs[] = {"ring", "er", "ba:3:1", "star"};
    static const struct { const char *name, *meaning; qsg_basis basis; } columns[] = {
        {"graph", "0 ring, 1 er with mean degree 8, 2 ba with 3 links, 3 star", QSG_INPUT}, {"agents", "N", QSG_INPUT},
        {"size", "effective size", QSG_NUMERICAL}, {"size_degrees", "the same from the moments of the degree", QSG_ASYMPTOTIC},
        {"size_simulated", "from the decay of E[1-U] in an ensemble", QSG_SIMULATED}, {"low", "95% interval", QSG_SIMULATED},
        {"high", "95% interval", QSG_SIMULATED}};
    enum { GRAPHS = 4, SIZES = 5, COLUMNS = 7, ROWS = GRAPHS * SIZES };
    double values[COLUMNS][ROWS];
    (void)data_dir;
    for (int g = 0; g < GRAPHS; g++)
        for (int s = 0; s < SIZES; s++) {
            const int row = g * SIZES + s, n = 16 << s;
            char settings[128], graph[32];
            double point[5];
            snprintf(graph, sizeof graph, "%s", graphs[g]);
            if (g == 1)
                snprintf(graph, sizeof graph, "er:%g:2", 8.0 / (n - 1));
            snprintf(settings, sizeof settings, "agents=%d alpha=0.5 graph=%s", n, graph);
            qsg_status status = size_of(settings, n > 128 ? 0 : 3000, point, error); /* of the ring: N^3 interactions a run */
            if (status)
                return status;
            values[0][row] = g;
            values[1][row] = n;
            for (int c = 0; c < 5; c++)
                values[2 + c][row] = point[c];
        }
    qsg_result_text(result, "setting", "alpha = 0.5, m = 1, one-way, uniform listener", "");
    for (int c = 0; c < COLUMNS; c++)
        qsg_result_column(result, columns[c].name, columns[c].name, ROWS, values[c], c > 1 ? "agents" : "", columns[c].basis,
                          columns[c].meaning);
    return QSG_OK;
}

enum { CROWD = 200 };

/* Agents on a Barabasi-Albert graph, every other one stubborn; `sure` of whom (NULL: none) start with label 1, the others
 * with label 2. */
static qsg_status crowd_of(qsg_model *model, const bool *sure, qsg_error *error)
{
    qsg_status status = qsg_model_parse(model, "agents=200 alpha=0.5 graph=ba:3:1", error);
    if (status)
        return status;
    model->agent_alpha = malloc(CROWD * sizeof *model->agent_alpha);
    model->start.beliefs = malloc(2 * CROWD * sizeof *model->start.beliefs);
    if (!model->agent_alpha || !model->start.beliefs) {
        qsg_model_free(model);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %d agents", CROWD);
    }
    model->start.kind = QSG_START_BELIEFS;
    model->start.p[0] = 0;
    for (int i = 0; i < CROWD; i++) {
        model->agent_alpha[i] = i % 2 ? 0.7 : 0.1;
        model->start.beliefs[2 * i] = sure && sure[i];
        model->start.beliefs[2 * i + 1] = !(sure && sure[i]);
        model->start.p[0] += model->start.beliefs[2 * i] / CROWD;
    }
    model->start.p[1] = 1 - model->start.p[0];
    return QSG_OK;
}

/* The agents by falling influence. */
static void rank(const qsg_influence *influence, int *order)
{
    for (int i = 0; i < CROWD; i++) {
        int at = i;
        for (; at > 0 && influence->weight[order[at - 1]] < influence->weight[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

/* Label 1 is given to the first agents of the order, more and more of them: who wins. */
static qsg_status put_winners(const qsg_influence *influence, const int *order, qsg_result *result, qsg_error *error)
{
    enum { POINTS = 6 };
    static const int firsts[POINTS] = {2, 6, 12, 24, 50, 100};
    double values[5][POINTS];
    for (int k = 0; k < POINTS; k++) {
        bool sure[CROWD] = {false};
        qsg_model model = {0};
        figure_point point;
        double exact = 0;
        for (int i = 0; i < firsts[k]; i++) {
            sure[order[i]] = true;
            exact += influence->weight[order[i]];
        }
        qsg_status status = crowd_of(&model, sure, error);
        if (!status)
            status = figure_simulate(&model, 0.999, 1500, (uint64_t)k + 1, &point, error);
        qsg_model_free(&model);
        if (status)
            return status;
        const double row[5] = {firsts[k], exact, point.share, point.share_low, point.share_high};
        for (int c = 0; c < 5; c++)
            values[c][k] = row[c];
    }
    qsg_result_next_table(result);
    qsg_result_column(result, "first", "winners.first", POINTS, values[0], "agents", QSG_INPUT,
                      "so many of the most influential agents start with label 1");
    qsg_result_column(result, "together", "winners.together", POINTS, values[1], "", QSG_EXACT, "of these together");
    qsg_result_column(result, "share", "winners.share", POINTS, values[2], "", QSG_SIMULATED, "of 1,500 runs that label 1 won");
    qsg_result_column(result, "low", "winners.low", POINTS, values[3], "", QSG_SIMULATED, "95% interval");
    qsg_result_column(result, "high", "winners.high", POINTS, values[4], "", QSG_SIMULATED, "95% interval");
    return QSG_OK;
}

qsg_status produce_influence(const char *data_dir, qsg_result *result, qsg_error *error)
{
    qsg_model model = {0};
    qsg_influence influence = {0};
    double values[5][CROWD], sum = 0;
    int order[CROWD];
    (void)data_dir;
    qsg_status status = crowd_of(&model, NULL, error);
    if (status)
        return status;
    status = qsg_influence_init(&influence, &model, error);
    if (!status)
        rank(&influence, order);
    for (int k = 0; k < CROWD && !status; k++) {
        const int i = order[k];
        sum += influence.weight[i];
        values[0][k] = k + 1;
        values[1][k] = (double)(model.graph->first[i + 1] - model.graph->first[i]);
        values[2][k] = model.agent_alpha[i];
        values[3][k] = CROWD * influence.weight[i];
        values[4][k] = sum;
    }
    if (!status) {
        qsg_result_text(result, "setting", "200 agents, ba:3:1, m = 1, alpha 0.1 and 0.7 in turn", "");
        qsg_result_column(result, "rank", "rank", CROWD, values[0], "", QSG_EXACT, "by influence");
        qsg_result_column(result, "degree", "degree", CROWD, values[1], "", QSG_INPUT, "neighbours");
        qsg_result_column(result, "alpha", "alpha", CROWD, values[2], "", QSG_INPUT, "adaptation rate");
        qsg_result_column(result, "influence", "influence", CROWD, values[3], "1/N", QSG_EXACT, "in units of the mean");
        qsg_result_column(result, "sum", "sum", CROWD, values[4], "", QSG_EXACT, "influence of the first ones together");
        status = put_winners(&influence, order, result, error);
    }
    qsg_influence_free(&influence);
    qsg_model_free(&model);
    return status;
}
