/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/meetings.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

/* Weighted choices by Walker's alias method: entry a stays with chance stay[a], or gives way to the one at other[a] places
 * from the beginning of its row. */
struct meetings {
    const qsg_graph *graph; /* NULL: complete, with replacement */
    uint64_t agents;
    rng_chooser *choose;
    uint64_t idle;          /* with replacement: below this a value is a draw of the same agent twice */
    uint32_t *listener_of;  /* pairs edge: of each arc */
    double *stay;
    uint32_t *other;
    uint64_t *first;        /* broadcast on a directed graph: listeners by speakers */
    uint32_t *listeners;
};

static bool by_edge(const qsg_model *model)
{
    return model->graph && model->pairs == QSG_PAIRS_EDGE;
}

static bool is_reversed(const qsg_model *model)
{
    return model->graph && model->graph->directed && model->exchange == QSG_BROADCAST;
}

bool meetings_are_uniform(const qsg_model *model)
{
    return !model->graph && model->pairs != QSG_PAIRS_REPLACEMENT;
}

bool meetings_may_idle(const qsg_model *model)
{
    const qsg_graph *graph = model->graph;
    bool deaf = false;
    if (!graph || by_edge(model))
        return model->pairs == QSG_PAIRS_REPLACEMENT;
    for (size_t i = 0; i < graph->nodes && !deaf; i++)
        deaf = graph->first[i] == graph->first[i + 1];
    return deaf;
}

double meetings_size(const qsg_model *model)
{
    const qsg_graph *graph = model->graph;
    if (!graph)
        return 0;
    return (double)graph->arcs * ((by_edge(model) ? 0.5 : 0) + (graph->weights ? 1.5 : 0) + (is_reversed(model) ? 0.5 : 0)) +
           (is_reversed(model) ? (double)graph->nodes : 0);
}

/* The high word of value * n, and the rest as a fraction. */
static inline uint64_t below(uint64_t value, uint64_t n, double *fraction)
{
    const rng_wide product = (rng_wide)value * n;
    *fraction = (double)((uint64_t)product >> 11) * 0x1p-53;
    return (uint64_t)(product >> 64);
}

/* A uniform listener, then one of the speakers it hears. */
static void choose_speaker(const void *context, uint32_t pairs, uint32_t *speaker, uint32_t *listener,
                           const uint64_t *values)
{
    const meetings *self = context;
    const qsg_graph *graph = self->graph;
    for (uint32_t i = 0; i < pairs; i++) {
        const uint32_t j = speaker[i];
        const uint64_t from = graph->first[j], n = graph->first[j + 1] - from;
        double fraction;
        uint64_t at = from + below(values[i], n, &fraction);
        if (self->stay && n > 0 && fraction >= self->stay[at])
            at = from + self->other[at];
        listener[i] = j;
        speaker[i] = n > 0 ? graph->speakers[at] : j;
    }
}

/* An arc; `speaker` is uniform below twice their number. */
static void choose_arc(const void *context, uint32_t pairs, uint32_t *speaker, uint32_t *listener,
                       const uint64_t *values)
{
    const meetings *self = context;
    for (uint32_t i = 0; i < pairs; i++) {
        uint64_t at = speaker[i] / 2;
        if (self->stay && (double)(values[i] >> 11) * 0x1p-53 >= self->stay[at])
            at = self->other[at];
        listener[i] = self->listener_of[at];
        speaker[i] = self->graph->speakers[at];
    }
}

/* An agent is drawn twice in one of N pairs; the other pairs are equally likely. */
static void choose_again(const void *context, uint32_t pairs, uint32_t *speaker, uint32_t *listener,
                         const uint64_t *values)
{
    const meetings *self = context;
    for (uint32_t i = 0; i < pairs; i++)
        speaker[i] = values[i] < self->idle ? listener[i] : speaker[i];
}

/* The alias table of n weights; `places` is room for n numbers. */
static void make_aliases(const double *weights, uint64_t n, double *stay, uint32_t *other, uint32_t *places)
{
    double sum = 0;
    uint64_t small = 0, large = n;
    for (uint64_t a = 0; a < n; a++)
        sum += weights[a];
    for (uint64_t a = 0; a < n; a++) {
        stay[a] = weights[a] / sum * (double)n;
        other[a] = (uint32_t)a;
        places[stay[a] < 1 ? small++ : --large] = (uint32_t)a;
    }
    /* small ones are places[0 .. small), large ones places[large .. n) */
    while (small > 0 && large < n) {
        const uint32_t a = places[--small], b = places[large];
        other[a] = b;
        stay[b] -= 1 - stay[a];
        if (stay[b] < 1) {
            large++;
            places[small++] = b;
        }
    }
    while (small > 0) /* rounding */
        stay[places[--small]] = 1;
    for (; large < n; large++)
        stay[places[large]] = 1;
}

static bool make_tables(meetings *self, const qsg_model *model)
{
    const qsg_graph *graph = model->graph;
    if (by_edge(model)) {
        self->listener_of = malloc(graph->arcs * sizeof *self->listener_of);
        if (!self->listener_of)
            return false;
        for (size_t j = 0; j < graph->nodes; j++)
            for (uint64_t a = graph->first[j]; a < graph->first[j + 1]; a++)
                self->listener_of[a] = (uint32_t)j;
    }
    if (!graph->weights)
        return true;
    uint32_t *places = malloc(graph->arcs * sizeof *places);
    self->stay = malloc(graph->arcs * sizeof *self->stay);
    self->other = malloc(graph->arcs * sizeof *self->other);
    const bool made = places && self->stay && self->other;
    if (made && by_edge(model))
        make_aliases(graph->weights, graph->arcs, self->stay, self->other, places);
    for (size_t j = 0; made && !by_edge(model) && j < graph->nodes; j++) {
        const uint64_t from = graph->first[j];
        make_aliases(graph->weights + from, graph->first[j + 1] - from, self->stay + from, self->other + from, places);
    }
    free(places);
    return made;
}

/* Listeners by speakers. */
static bool reverse(meetings *self, const qsg_graph *graph)
{
    const size_t n = graph->nodes;
    self->first = calloc(n + 2, sizeof *self->first);
    self->listeners = malloc(graph->arcs * sizeof *self->listeners);
    if (!self->first || !self->listeners)
        return false;
    for (size_t a = 0; a < graph->arcs; a++)
        self->first[graph->speakers[a] + 2]++;
    for (size_t i = 0; i <= n; i++)
        self->first[i + 1] += self->first[i];
    for (size_t j = 0; j < n; j++)
        for (uint64_t a = graph->first[j]; a < graph->first[j + 1]; a++)
            self->listeners[self->first[graph->speakers[a] + 1]++] = (uint32_t)j;
    return true;
}

meetings *meetings_new(const qsg_model *model)
{
    meetings *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->graph = model->graph;
    self->agents = by_edge(model) ? 2 * model->graph->arcs : model->agents;
    bool made = true;
    if (is_reversed(model))
        made = reverse(self, model->graph);
    else if (model->graph && model->exchange != QSG_BROADCAST)
        made = make_tables(self, model);
    if (model->exchange != QSG_BROADCAST)
        self->choose = !model->graph ? choose_again : by_edge(model) ? choose_arc : choose_speaker;
    self->idle = UINT64_MAX / model->agents;
    if (made)
        return self;
    meetings_free(self);
    return NULL;
}

void meetings_free(meetings *self)
{
    if (!self)
        return;
    free(self->listener_of);
    free(self->stay);
    free(self->other);
    free(self->first);
    free(self->listeners);
    free(self);
}

void meetings_start(const meetings *self, rng_block *random, uint64_t seed, uint64_t run, uint64_t agents,
                    simd_path path)
{
    rng_block_start(random, seed, run, self ? self->agents : agents, path);
    if (self && self->choose)
        rng_block_choose(random, seed, run, self->choose, self);
}

const uint32_t *meetings_listeners(const meetings *self, uint64_t i, uint64_t *n)
{
    if (!self || !self->graph)
        return NULL;
    const uint64_t *first = self->first ? self->first : self->graph->first;
    *n = first[i + 1] - first[i];
    return (self->first ? self->listeners : self->graph->speakers) + first[i];
}
