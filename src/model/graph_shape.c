/* Components, closed classes and degrees of a graph (doc/theory/graphs.md, section 2).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "qsg/graph.h"

#define NONE SIZE_MAX

/* Disjoint sets with, for every agent, whether it is on the other side than its root. */
typedef struct {
    uint32_t *parent;
    bool *other, bipartite;
} camps;

/* The root of i; paths are halved, *other says on which side of it i is. */
static uint32_t root_of(camps *self, uint32_t i, bool *other)
{
    *other = false;
    while (self->parent[i] != i) {
        const uint32_t up = self->parent[i];
        self->other[i] ^= self->other[up]; /* a root is on its own side */
        self->parent[i] = self->parent[up];
        *other ^= self->other[i];
        i = self->parent[i];
    }
    return i;
}

static void join(camps *self, uint32_t a, uint32_t b)
{
    bool side_a, side_b;
    const uint32_t root_a = root_of(self, a, &side_a), root_b = root_of(self, b, &side_b);
    if (root_a == root_b) {
        self->bipartite = self->bipartite && side_a != side_b;
        return;
    }
    const uint32_t low = root_a < root_b ? root_a : root_b, high = root_a < root_b ? root_b : root_a;
    self->parent[high] = low;
    self->other[high] = side_a == side_b;
}

/* Tarjan's strongly connected components without recursion: arcs lead from a listener to its speakers, so that a
 * component is complete before those that listen to it. */
typedef struct {
    uint64_t *next;          /* the agent's next arc */
    uint32_t *number, *low;  /* 0: not seen */
    uint32_t *stack, *path;
    size_t depth, length;
    size_t *class_of;        /* NONE: not complete */
    bool *open;              /* of a class: it hears another one */
    size_t classes;
    uint32_t seen;
} search;

static void enter(search *self, const qsg_graph *graph, uint32_t i)
{
    self->number[i] = self->low[i] = ++self->seen;
    self->next[i] = graph->first[i];
    self->stack[self->depth++] = i;
    self->path[self->length++] = i;
}

/* All agents of i's component have been seen. */
static void complete(search *self, const qsg_graph *graph, uint32_t i)
{
    const size_t class = self->classes++, top = self->depth;
    do
        self->class_of[self->stack[--self->depth]] = class;
    while (self->stack[self->depth] != i);
    self->open[class] = false;
    for (size_t s = self->depth; s < top; s++)
        for (uint64_t a = graph->first[self->stack[s]]; a < graph->first[self->stack[s] + 1]; a++)
            self->open[class] = self->open[class] || self->class_of[graph->speakers[a]] != class;
}

static void explore(search *self, const qsg_graph *graph, uint32_t from)
{
    enter(self, graph, from);
    while (self->length > 0) {
        const uint32_t i = self->path[self->length - 1];
        if (self->next[i] < graph->first[i + 1]) {
            const uint32_t j = graph->speakers[self->next[i]++];
            if (self->number[j] == 0)
                enter(self, graph, j);
            else if (self->class_of[j] == NONE && self->number[j] < self->low[i])
                self->low[i] = self->number[j];
            continue;
        }
        self->length--;
        if (self->length > 0 && self->low[i] < self->low[self->path[self->length - 1]])
            self->low[self->path[self->length - 1]] = self->low[i];
        if (self->low[i] == self->number[i])
            complete(self, graph, i);
    }
}

static void measure_degrees(const qsg_graph *graph, qsg_graph_shape *shape, const bool *heard)
{
    double sum = 0, square = 0;
    shape->least_degree = graph->arcs;
    for (size_t i = 0; i < graph->nodes; i++) {
        const size_t degree = (size_t)(graph->first[i + 1] - graph->first[i]);
        shape->least_degree = degree < shape->least_degree ? degree : shape->least_degree;
        shape->largest_degree = degree > shape->largest_degree ? degree : shape->largest_degree;
        shape->deaf += degree == 0;
        shape->isolated += degree == 0 && !heard[i];
        sum += (double)degree;
        square += (double)degree * (double)degree;
    }
    shape->mean_degree = sum / (double)graph->nodes;
    shape->mean_square_degree = square / (double)graph->nodes;
}

/* Numbers of the classes in the order of their first members, NONE for those that are `open`; how many there are. */
static size_t renumber(const size_t *class_of, const bool *open, size_t nodes, size_t *number, size_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < nodes; i++)
        number[i] = NONE;
    for (size_t i = 0; i < nodes; i++) {
        const size_t class = class_of[i];
        if (!open[class] && number[class] == NONE)
            number[class] = n++;
        if (out)
            out[i] = open[class] ? NONE : number[class];
    }
    return n;
}

qsg_status qsg_graph_measure(const qsg_graph *self, qsg_graph_shape *shape, size_t *component, size_t *closed,
                             qsg_error *error)
{
    const size_t n = self->nodes;
    qsg_graph_shape made = {0};
    camps sides = {malloc(n * sizeof *sides.parent), calloc(n, sizeof *sides.other), true};
    search s = {.next = malloc(n * sizeof *s.next), .number = calloc(n, sizeof *s.number),
                .low = malloc(n * sizeof *s.low), .stack = malloc(n * sizeof *s.stack),
                .path = malloc(n * sizeof *s.path), .class_of = malloc(n * sizeof *s.class_of),
                .open = calloc(n, sizeof *s.open)};
    bool *heard = calloc(n, sizeof *heard), side;
    size_t *number = malloc(n * sizeof *number);
    qsg_status status = QSG_OK;
    if (!sides.parent || !sides.other || !s.next || !s.number || !s.low || !s.stack || !s.path || !s.class_of ||
        !s.open || !heard || !number) {
        status = qsg_fail(error, QSG_ENOMEM, "no memory to measure a graph of %zu agents", n);
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        sides.parent[i] = (uint32_t)i;
        s.class_of[i] = NONE;
    }
    for (size_t i = 0; i < n; i++)
        for (uint64_t a = self->first[i]; a < self->first[i + 1]; a++) {
            heard[self->speakers[a]] = true;
            join(&sides, (uint32_t)i, self->speakers[a]);
        }
    for (size_t i = 0; i < n; i++)
        if (s.number[i] == 0)
            explore(&s, self, (uint32_t)i);
    made.bipartite = sides.bipartite;
    measure_degrees(self, &made, heard);
    made.closed_classes = renumber(s.class_of, s.open, n, number, closed);
    memset(s.open, 0, n * sizeof *s.open);
    for (size_t i = 0; i < n; i++)
        s.class_of[i] = root_of(&sides, (uint32_t)i, &side);
    made.components = renumber(s.class_of, s.open, n, number, component);
    *shape = made;
out:
    free(sides.parent);
    free(sides.other);
    free(s.next);
    free(s.number);
    free(s.low);
    free(s.stack);
    free(s.path);
    free(s.class_of);
    free(s.open);
    free(heard);
    free(number);
    return status;
}
