/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/predict_influence.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/graph.h"

#define MAX_LISTED 1000000

/* Identical agents or zealots among them, everybody meeting everybody: by their numbers alone. */
static void count_classes(predict_verdict *self, const qsg_model *model)
{
    const double zealots = (double)(model->agents - model->free_agents);
    for (size_t k = 0; k < model->labels; k++)
        self->mean[k] = zealots > 0 ? (double)model->zealots[k] / zealots : model->start.p[k];
    self->closed_classes = zealots > 0 ? (size_t)zealots : 1;
    self->number = zealots > 0 ? zealots : (double)model->agents;
    self->basis = QSG_EXACT;
    self->known = true;
    bool sure = false;
    for (size_t k = 0; k < model->labels; k++)
        sure = sure || self->mean[k] == 1;
    self->end = sure ? QSG_END_CONSENSUS : self->closed_classes > 1 ? QSG_END_CLASSES
                : isinf(model->bandwidth) ? QSG_END_NOISELESS
                : model->exchange == QSG_MUTUAL && model->alpha == 1 && model->self == 0 ? QSG_END_SWAPPED : QSG_END_CONSENSUS;
}

qsg_status predict_verdict_init(predict_verdict *self, const qsg_model *model, qsg_error *error)
{
    qsg_status status;
    *self = (predict_verdict){.mean = calloc(model->labels, sizeof *self->mean)};
    if (!self->mean)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu labels", model->labels);
    if (!model->graph && !model->agent_alpha && !model->agent_bandwidth && model->agents > MAX_LISTED) {
        count_classes(self, model);
        return QSG_OK;
    }
    status = qsg_influence_init(&self->influence, model, error);
    if (status == QSG_EDOMAIN || status == QSG_EMODEL)
        return QSG_OK;
    if (!status)
        status = qsg_influence_mean(&self->influence, model, self->mean, error);
    if (status)
        return status;
    self->known = true;
    self->closed_classes = self->influence.closed_classes;
    self->number = self->influence.number;
    self->basis = self->influence.iterative ? QSG_NUMERICAL : QSG_EXACT;
    self->end = qsg_influence_end(&self->influence, model, self->mean);
    return QSG_OK;
}

void predict_verdict_free(predict_verdict *self)
{
    qsg_influence_free(&self->influence);
    free(self->mean);
    *self = (predict_verdict){0};
}

qsg_status predict_put_shape(const qsg_model *model, qsg_result *result, qsg_error *error)
{
    const qsg_graph *graph = model->graph;
    qsg_graph_shape shape;
    if (!graph)
        return QSG_OK;
    qsg_status status = qsg_graph_measure(graph, &shape, NULL, NULL, error);
    if (status)
        return status;
    qsg_result_integer(result, "graph.edges", (int64_t)(graph->directed ? graph->arcs : graph->arcs / 2), "", QSG_EXACT,
                       graph->directed ? "one-way" : "");
    qsg_result_integer(result, "graph.components", (int64_t)shape.components, "", QSG_EXACT,
                       shape.components > 1 ? "disconnected: parts that never hear of each other" : "connected");
    qsg_result_integer(result, "graph.isolated", (int64_t)shape.isolated, "agents", QSG_EXACT, "without any edge");
    if (graph->directed)
        qsg_result_integer(result, "graph.deaf", (int64_t)shape.deaf, "agents", QSG_EXACT, "who hear nobody");
    qsg_result_flag(result, "graph.bipartite", shape.bipartite,
                    "whether there are two camps and every edge is between them; no period: one listener at a time moves");
    qsg_result_number(result, "graph.degree", shape.mean_degree, "agents", QSG_EXACT, "mean number of speakers that an agent hears");
    qsg_result_number(result, "graph.degree_square", shape.mean_square_degree, "", QSG_EXACT, "mean of its square");
    qsg_result_integer(result, "graph.degree_least", (int64_t)shape.least_degree, "agents", QSG_EXACT, "");
    qsg_result_integer(result, "graph.degree_largest", (int64_t)shape.largest_degree, "agents", QSG_EXACT, "");
    return QSG_OK;
}

void predict_put_influence(const predict_verdict *self, qsg_result *result)
{
    if (!self->known)
        return;
    qsg_result_integer(result, "closed_classes", (int64_t)self->closed_classes, "", QSG_EXACT,
                       "sets of agents who hear each other and nobody else; consensus needs one");
    qsg_result_number(result, "influence_number", self->number, "agents", self->basis,
                      "1/sum of squared influence: so many equal agents would decide as evenly");
    if (self->influence.iterative)
        qsg_result_number(result, "influence_residual", self->influence.residual, "", QSG_NUMERICAL,
                          "relative residual of the equation of the influence");
}

/* No consensus, for the reason; the mean belief at the end has an expectation all the same. */
static void put_none(const predict_verdict *self, const qsg_model *model, const char *regime, const char *reason,
                     qsg_result *result)
{
    qsg_result_text(result, "regime", regime, reason);
    qsg_result_text(result, "fixation.method", "none", reason);
    qsg_result_vector(result, "stationary.mean", model->labels, self->mean, "", self->basis,
                      "expected mean belief at the end");
}

/* Sizes and expected parts M of the mean belief at the end of the closed classes, labels numbers a class, and sum |x|^2/N of classes of
 * one, who keep what they believe.  False where classes do not end in consensus by themselves, or the start is a law. */
static bool sum_classes(const predict_verdict *self, const qsg_model *model, double *size, double *part, double *kept)
{
    const qsg_influence *influence = &self->influence;
    const size_t labels = model->labels, n = influence->agents;
    double *x = part + labels * influence->closed_classes;
    bool lone = false;
    for (size_t i = 0; i < n; i++) {
        const qsg_agent agent = qsg_model_agent(model, i);
        if (influence->closed[i] == SIZE_MAX || isinf(agent.bandwidth) ||
            (model->exchange == QSG_MUTUAL && agent.alpha == 1 && model->self == 0))
            return false;
        size[influence->closed[i]]++;
        qsg_model_start_belief(model, i, x);
        for (size_t k = 0; k < labels; k++)
            part[influence->closed[i] * labels + k] += influence->weight[i] * x[k];
    }
    for (size_t i = 0; i < n; i++)
        if (size[influence->closed[i]] == 1) {
            lone = true;
            qsg_model_start_belief(model, i, x);
            for (size_t k = 0; k < labels; k++)
                *kept += x[k] * x[k] / (double)n;
        }
    return !(lone && model->start.kind == QSG_START_DIRICHLET);
}

bool predict_classes_end(const predict_verdict *self, const qsg_model *model, qsg_moments *end)
{
    const size_t classes = self->closed_classes, labels = model->labels;
    const double n = (double)model->agents;
    if (!self->known || self->end != QSG_END_CLASSES || self->influence.agents != model->agents || model->exchange == QSG_BROADCAST)
        return false;
    double *size = calloc(classes + labels * (classes + 1), sizeof *size), *part = size + classes, kept = 0, u = 0, in_class = 0;
    const bool known = size && sum_classes(self, model, size, part, &kept);
    for (size_t k = 0; k < labels && known; k++)
        u += self->mean[k] * self->mean[k];
    for (size_t c = 0; c < classes && known; c++)
        if (size[c] > 1) {
            in_class += size[c] / n;
            u += size[c] / n * (size[c] / n);
            for (size_t k = 0; k < labels; k++)
                u -= part[c * labels + k] * part[c * labels + k];
        }
    const double q = in_class + kept;
    *end = (qsg_moments){.uncertainty = 1 - q, .disagreement = n * (q - u)};
    free(size);
    return known;
}

void predict_put_end(const predict_verdict *self, const qsg_model *model, double rate, qsg_result *result)
{
    char reason[160] = "chance decides, weighed by influence";
    if (model->innovation > 0 || !self->known)
        return;
    if (self->closed_classes > 1)
        snprintf(reason, sizeof reason, "%zu closed classes of agents hear nobody outside: %s", self->closed_classes,
                 self->end == QSG_END_CONSENSUS ? "they agree from the start" : "no consensus is possible");
    switch (self->end) {
    case QSG_END_CLASSES: put_none(self, model, "polarization", reason, result); return;
    case QSG_END_UNSURE:
        put_none(self, model, "pluralism", "the one agent who listens to nobody is not sure: no consensus is possible", result);
        return;
    case QSG_END_NOISELESS:
        put_none(self, model, "pluralism", "without noise everybody ends at the initial beliefs weighed by influence", result);
        return;
    case QSG_END_SWAPPED:
        put_none(self, model, "polarization", "some agents never agree: beliefs are only swapped", result);
        return;
    case QSG_END_CONSENSUS: break;
    }
    qsg_result_text(result, "regime", "drift",
                    rate == 0 && self->closed_classes == 1 ? "everybody agrees already, or too slowly to tell" : reason);
    qsg_result_vector(result, "fixation.probability", model->labels, self->mean, "", self->basis,
                      "that the label wins: initial beliefs weighed by influence");
    qsg_result_text(result, "fixation.method", "martingale", "");
}

typedef struct {
    double weight;
    size_t agent;
} ranked;

static int by_weight(const void *left, const void *right)
{
    const ranked *a = left, *b = right;
    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    return a->agent < b->agent ? -1 : a->agent > b->agent;
}

/* The agents in the order of the table. */
static ranked *rank(const qsg_influence *influence, size_t top)
{
    ranked *order = malloc(influence->agents * sizeof *order);
    for (size_t i = 0; order && i < influence->agents; i++)
        order[i] = (ranked){influence->weight[i], i};
    if (order && top > 0)
        qsort(order, influence->agents, sizeof *order, by_weight);
    return order;
}

qsg_status predict_put_agents(const predict_verdict *self, const qsg_model *model, size_t top, qsg_result *result,
                              qsg_error *error)
{
    enum { AGENT, INFLUENCE, ALPHA, DEGREE, COLUMNS };
    const qsg_influence *influence = &self->influence;
    const size_t n = top > 0 && top < influence->agents ? top : influence->agents;
    if (!self->known || model->innovation > 0 || n == 0 || n > MAX_LISTED)
        return QSG_OK;
    ranked *order = rank(influence, top);
    double *values = malloc(COLUMNS * n * sizeof *values);
    if (!order || !values) {
        free(order);
        free(values);
        return qsg_fail(error, QSG_ENOMEM, "no memory for a table of %zu agents", n);
    }
    for (size_t k = 0; k < n; k++) {
        const size_t i = order[k].agent;
        const double row[COLUMNS] = {(double)i + 1, influence->weight[i], qsg_model_agent(model, i).alpha,
                                     model->graph ? (double)(model->graph->first[i + 1] - model->graph->first[i])
                                                  : (double)model->agents - 1};
        for (size_t c = 0; c < COLUMNS; c++)
            values[c * n + k] = row[c];
    }
    qsg_result_next_table(result);
    qsg_result_column(result, "agent", "agents.agent", n, values, "", QSG_INPUT,
                      top > 0 ? "the most influential first" : "");
    qsg_result_column(result, "influence", "influence", n, values + n, "", self->basis,
                      "weight of the agent's first belief in the mean belief at the end");
    qsg_result_column(result, "alpha", "agents.alpha", n, values + 2 * n, "", QSG_INPUT, "adaptation rate");
    qsg_result_column(result, "degree", "agents.degree", n, values + 3 * n, "", QSG_INPUT, "speakers that the agent hears");
    free(order);
    free(values);
    return QSG_OK;
}
