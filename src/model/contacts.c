/* The contact law of a model (doc/theory/graphs.md, eq. 1-3).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/contacts.h"

#include <stdlib.h>
#include <string.h>

#define MAX_COMPLETE 6000

static double total_weight(const qsg_graph *graph, uint64_t from, uint64_t to)
{
    double sum = 0;
    if (!graph->weights)
        return (double)(to - from);
    for (uint64_t a = from; a < to; a++)
        sum += graph->weights[a];
    return sum;
}

/* chance[] of the arcs of a graph under the model's way to draw pairs. */
static void fill(qsg_contacts *self, const qsg_graph *graph, qsg_pairs pairs, double complete_chance)
{
    const double agents = (double)graph->nodes, all = total_weight(graph, 0, graph->arcs);
    size_t deaf = 0;
    for (size_t j = 0; j < graph->nodes; j++) {
        const uint64_t from = graph->first[j], to = graph->first[j + 1];
        const double own = pairs == QSG_PAIRS_EDGE ? all : agents * total_weight(graph, from, to);
        deaf += from == to;
        for (uint64_t a = from; a < to; a++)
            self->chance[a] = complete_chance > 0 ? complete_chance : (graph->weights ? graph->weights[a] : 1) / own;
    }
    self->idle = complete_chance > 0 ? 0 : pairs == QSG_PAIRS_EDGE ? 0 : (double)deaf / agents;
}

qsg_status qsg_contacts_init(qsg_contacts *self, const qsg_model *model, qsg_error *error)
{
    qsg_graph complete = {0};
    const qsg_graph *graph = model->graph;
    const double n = (double)model->agents;
    qsg_status status = QSG_OK;
    if (model->exchange == QSG_BROADCAST)
        return qsg_fail(error, QSG_EMODEL, "a broadcast has no law of pairs (%s); expected oneway or mutual",
                        model->texts[QSG_EXCHANGE]);
    if (!graph && model->agents > MAX_COMPLETE)
        return qsg_fail(error, QSG_EDOMAIN, "complete graph is too large for a table of pairs (%llu agents); expected at "
                        "most %d", (unsigned long long)model->agents, MAX_COMPLETE);
    if (!graph) {
        status = qsg_graph_init(&complete, "complete", (size_t)model->agents, error);
        graph = &complete;
    }
    if (status)
        return status;
    const bool replaced = model->pairs == QSG_PAIRS_REPLACEMENT;
    qsg_contacts made = {.agents = graph->nodes, .entries = graph->arcs};
    made.first = malloc((graph->nodes + 1) * sizeof *made.first);
    made.speakers = malloc(graph->arcs * sizeof *made.speakers);
    made.chance = malloc(graph->arcs * sizeof *made.chance);
    if (!made.first || !made.speakers || !made.chance) {
        qsg_contacts_free(&made);
        status = qsg_fail(error, QSG_ENOMEM, "no memory for the chances of %zu contacts", graph->arcs);
    } else {
        memcpy(made.first, graph->first, (graph->nodes + 1) * sizeof *made.first);
        memcpy(made.speakers, graph->speakers, graph->arcs * sizeof *made.speakers);
        fill(&made, graph, model->pairs, graph != &complete ? 0 : replaced ? 1 / (n * n) : 1 / (n * (n - 1)));
        made.idle = replaced ? 1 / n : made.idle;
        *self = made;
    }
    qsg_graph_free(&complete);
    return status;
}

void qsg_contacts_free(qsg_contacts *self)
{
    free(self->first);
    free(self->speakers);
    free(self->chance);
    *self = (qsg_contacts){0};
}
