/* Who is in the population and who meets whom: zealots, evidence, graph, pairs (doc/theory/graphs.md).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "model/model_private.h"

qsg_status model_read_zealots(qsg_model *self, const char *text, qsg_error *error)
{
    self->free_agents = self->agents;
    if (strcmp(text, "none") == 0)
        return QSG_OK;
    double *z = NULL, sum = 0;
    size_t n;
    qsg_status status = parse_list(text, "zealots", &z, &n, error);
    if (status)
        return status;
    if (n != self->labels)
        status = qsg_fail(error, QSG_EDOMAIN, "zealots has %zu number%s (%.100s); expected %zu, one a label", n,
                          n == 1 ? "" : "s", text, self->labels);
    for (size_t k = 0; !status && k < n; k++) {
        sum += z[k];
        if (!(z[k] >= 0 && z[k] == floor(z[k]) && z[k] <= (double)self->agents))
            status = qsg_fail(error, QSG_EDOMAIN, "zealots has a bad count (%g for label %zu); expected a whole number "
                              "from 0 to the number of agents", z[k], k + 1);
    }
    if (!status && sum > (double)self->agents)
        status = qsg_fail(error, QSG_EDOMAIN, "zealots are more than the agents (%.15g of %llu); expected at most all",
                          sum, (unsigned long long)self->agents);
    if (!status && sum > 0) {
        self->zealots = malloc(n * sizeof *self->zealots);
        if (!self->zealots)
            status = qsg_fail(error, QSG_ENOMEM, "no memory for the zealots");
        for (size_t k = 0; !status && k < n; k++)
            self->zealots[k] = (uint64_t)z[k];
        self->free_agents -= (uint64_t)sum;
    }
    free(z);
    return status;
}

qsg_status model_read_evidence(qsg_model *self, const char *text, qsg_error *error)
{
    double *a = NULL;
    size_t n;
    if (strcmp(text, "none") == 0)
        return QSG_OK;
    qsg_status status = parse_list(text, "evidence", &a, &n, error);
    if (status)
        return status;
    if (n != 2 || self->labels != 2 || !(a[0] >= 0 && a[1] >= 0 && a[0] + a[1] <= 1 + 4e-16))
        status = qsg_fail(error, QSG_EDOMAIN,
                          "evidence is out of range (%.100s, K = %zu); expected a1,a2 >= 0 with a1 + a2 <= 1, and K = 2",
                          text, self->labels);
    else if (self->zealots && (a[0] > 0 || a[1] > 0))
        status = qsg_fail(error, QSG_EINPUT, "evidence and zealots are both given (%.100s); expected one of them", text);
    else
        self->evidence[0] = a[0], self->evidence[1] = a[1];
    free(a);
    return status;
}

static qsg_graph_kind kind_of(const char *text)
{
    static const struct { const char *name; qsg_graph_kind kind; } kinds[] = {
        {"complete", QSG_GRAPH_COMPLETE}, {"ring", QSG_GRAPH_RING}, {"star", QSG_GRAPH_STAR},
        {"torus:", QSG_GRAPH_TORUS}, {"er:", QSG_GRAPH_ER}, {"ba:", QSG_GRAPH_BA}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const size_t n = strlen(kinds[i].name);
        if (kinds[i].name[n - 1] == ':' ? strncmp(text, kinds[i].name, n) == 0 : strcmp(text, kinds[i].name) == 0)
            return kinds[i].kind;
    }
    return QSG_GRAPH_FILE;
}

qsg_status model_read_graph(qsg_model *self, const char *text, qsg_error *error)
{
    qsg_graph graph = {0};
    self->graph_kind = kind_of(text);
    if (self->graph_kind == QSG_GRAPH_COMPLETE)
        return QSG_OK;
    if (self->agents > UINT32_MAX)
        return qsg_fail(error, QSG_EDOMAIN, "graph has too many agents (%llu); expected at most %llu",
                        (unsigned long long)self->agents, (unsigned long long)UINT32_MAX);
    qsg_status status = qsg_graph_init(&graph, text, (size_t)self->agents, error);
    if (status)
        return status;
    self->graph = malloc(sizeof *self->graph);
    if (!self->graph) {
        qsg_graph_free(&graph);
        return qsg_fail(error, QSG_ENOMEM, "no memory for the graph");
    }
    *self->graph = graph;
    return QSG_OK;
}

qsg_status model_read_pairs(qsg_model *self, const char *text, qsg_error *error)
{
    static const struct { const char *name; qsg_pairs pairs; } names[] = {
        {"distinct", QSG_PAIRS_DISTINCT}, {"with-replacement", QSG_PAIRS_REPLACEMENT}, {"edge", QSG_PAIRS_EDGE}};
    size_t i = 0;
    while (i < 3 && strcmp(text, names[i].name) != 0)
        i++;
    if (i == 3)
        return qsg_fail(error, QSG_EINPUT, "pairs is unknown (%.200s); expected distinct, with-replacement or edge", text);
    self->pairs = names[i].pairs;
    if (self->pairs == QSG_PAIRS_EDGE && !self->graph) /* every ordered pair is as likely as any other */
        self->pairs = QSG_PAIRS_DISTINCT;
    return QSG_OK;
}

/* Adoption of one label is what is defined: the message of several carries more than one. */
static qsg_status check_adoption(const qsg_model *self, qsg_error *error)
{
    for (uint64_t i = 0; i < (self->agent_bandwidth ? self->agents : 1); i++)
        if (qsg_model_agent(self, i).bandwidth != 1)
            return qsg_fail(error, QSG_EINPUT, "adoption is for messages of one label (%.100s with bandwidth %g); "
                            "expected bandwidth 1", self->texts[QSG_ADOPTION], qsg_model_agent(self, i).bandwidth);
    return QSG_OK;
}

qsg_status model_check_population(const qsg_model *self, qsg_error *error)
{
    if (self->pairs == QSG_PAIRS_REPLACEMENT && self->graph)
        return qsg_fail(error, QSG_EINPUT, "pairs with-replacement is for the complete graph (graph %.200s); expected "
                        "distinct or edge", self->texts[QSG_GRAPH]);
    if (self->exchange == QSG_BROADCAST && self->pairs != QSG_PAIRS_DISTINCT)
        return qsg_fail(error, QSG_EINPUT, "a broadcast draws no pairs (pairs %.100s); expected distinct",
                        self->texts[QSG_PAIRS]);
    if (self->exchange == QSG_BROADCAST && self->graph && self->graph->weights)
        return qsg_fail(error, QSG_EINPUT, "a broadcast reaches every listener, whatever the weight (graph %.200s has "
                        "weights); expected a graph without", self->texts[QSG_GRAPH]);
    if (self->exchange == QSG_MUTUAL && self->graph && self->graph->directed)
        return qsg_fail(error, QSG_EINPUT, "a mutual exchange goes both ways (graph %.200s has one-way edges); expected "
                        "columns a and b", self->texts[QSG_GRAPH]);
    if (self->zealots && strcmp(self->texts[QSG_AGENTS_FILE], "none") != 0)
        return qsg_fail(error, QSG_EINPUT, "zealots and agents-file are both given (%.100s, %.200s); expected rows with "
                        "alpha 0 in the file", self->texts[QSG_ZEALOTS], self->texts[QSG_AGENTS_FILE]);
    return self->adoption != 0 ? check_adoption(self, error) : QSG_OK;
}

qsg_agent qsg_model_agent(const qsg_model *self, uint64_t i)
{
    qsg_agent agent = {self->agent_alpha ? self->agent_alpha[i] : self->alpha, self->self,
                       self->agent_bandwidth ? self->agent_bandwidth[i] : self->bandwidth};
    if (i < self->agents - self->free_agents || agent.alpha == 0)
        agent.alpha = agent.self = 0;
    return agent;
}

bool qsg_model_is_fixed(const qsg_model *self, uint64_t i)
{
    const qsg_graph *graph = self->graph;
    if (qsg_model_agent(self, i).alpha == 0)
        return true;
    return graph && graph->first[i] == graph->first[i + 1] && (!graph->directed || self->self == 0);
}

void qsg_model_start_belief(const qsg_model *self, uint64_t i, double *x)
{
    const uint64_t zealots = self->agents - self->free_agents, *counts = self->start.counts;
    const size_t labels = self->labels;
    if (i < zealots)
        counts = self->zealots;
    else
        i -= zealots;
    if (counts) {
        memset(x, 0, labels * sizeof *x);
        size_t k = 0;
        while (i >= counts[k])
            i -= counts[k++];
        x[k] = 1;
    } else {
        memcpy(x, self->start.beliefs ? self->start.beliefs + i * labels : self->start.p, labels * sizeof *x);
    }
}
