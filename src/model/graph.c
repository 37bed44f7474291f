/* Graphs by name, and edges into rows (doc/theory/graphs.md, section 1).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/graph.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "model/graph_private.h"

#define MAX_NODES ((size_t)UINT32_MAX)
#define MAX_EDGES ((size_t)1 << 30)
/* The runs of a simulation have the numbers below 2^63: a graph's stream is none of theirs. */
#define GRAPH_STREAM UINT64_MAX

void edge_list_free(edge_list *self)
{
    free(self->ends);
    free(self->weights);
    free(self->lines);
    *self = (edge_list){0};
}

/* Room for `room` edges in every array; what was grown stays, whatever fails. */
static bool grow(edge_list *self, size_t room)
{
    uint32_t(*ends)[2] = realloc(self->ends, room * sizeof *ends);
    self->ends = ends ? ends : self->ends;
    double *weights = self->weighted ? realloc(self->weights, room * sizeof *weights) : NULL;
    self->weights = weights ? weights : self->weights;
    uint64_t *lines = self->numbered ? realloc(self->lines, room * sizeof *lines) : NULL;
    self->lines = lines ? lines : self->lines;
    return ends && (weights || !self->weighted) && (lines || !self->numbered);
}

qsg_status edge_list_add(edge_list *self, uint32_t speaker, uint32_t listener, double weight, uint64_t line,
                         qsg_error *error)
{
    if (self->n >= (self->directed ? 2 * MAX_EDGES : MAX_EDGES) - 1)
        return qsg_fail(error, QSG_EDOMAIN, "graph has too many edges (more than %zu); expected at most so many", self->n);
    if (self->n == self->room) {
        const size_t room = self->room ? 2 * self->room : 1024;
        if (!grow(self, room))
            return qsg_fail(error, QSG_ENOMEM, "no memory for %zu edges", room);
        self->room = room;
    }
    self->ends[self->n][0] = speaker;
    self->ends[self->n][1] = listener;
    if (self->weighted)
        self->weights[self->n] = weight;
    if (self->numbered)
        self->lines[self->n] = line;
    self->n++;
    return QSG_OK;
}

void qsg_graph_free(qsg_graph *self)
{
    free(self->first);
    free(self->speakers);
    free(self->weights);
    *self = (qsg_graph){0};
}

/* Arc `arc` of the edges: its two ends (0: speaker, 1: listener).  An undirected edge is the arcs 2 e and 2 e + 1. */
static inline size_t edge_of(const edge_list *edges, size_t arc)
{
    return edges->directed ? arc : arc / 2;
}

static inline uint32_t end_of(const edge_list *edges, size_t arc, int end)
{
    return edges->directed ? edges->ends[arc][end] : edges->ends[arc / 2][(arc & 1) ^ (size_t)end];
}

/* Where the arcs of each agent at the end `end` begin, into first[nodes + 1]. */
static void count_ends(const edge_list *edges, size_t arcs, size_t nodes, int end, uint64_t *first)
{
    memset(first, 0, (nodes + 1) * sizeof *first);
    for (size_t a = 0; a < arcs; a++)
        first[end_of(edges, a, end) + 1]++;
    for (size_t i = 0; i < nodes; i++)
        first[i + 1] += first[i];
}

/* Refuse the repeated edge that comes first in the file; order[k] is the arc in place k. */
static qsg_status check_repeated(const qsg_graph *graph, const edge_list *edges, const uint32_t *order,
                                 const char *name, qsg_error *error)
{
    uint64_t line = UINT64_MAX, earlier = 0;
    uint32_t ends[2] = {0, 0};
    for (size_t j = 0; j < graph->nodes; j++)
        for (uint64_t k = graph->first[j] + 1; k < graph->first[j + 1]; k++)
            if (graph->speakers[k] == graph->speakers[k - 1]) {
                const uint64_t a = edges->lines[edge_of(edges, order[k - 1])],
                               b = edges->lines[edge_of(edges, order[k])];
                if ((a > b ? a : b) < line) {
                    line = a > b ? a : b;
                    earlier = a > b ? b : a;
                    ends[0] = graph->speakers[k];
                    ends[1] = (uint32_t)j;
                }
            }
    if (line == UINT64_MAX)
        return QSG_OK;
    return qsg_fail(error, QSG_EINPUT, "%.200s:%llu: the edge of %llu and %llu is in line %llu already; expected it once",
                    name, (unsigned long long)line, (unsigned long long)ends[0] + 1, (unsigned long long)ends[1] + 1,
                    (unsigned long long)earlier);
}

qsg_status graph_assemble(qsg_graph *self, const edge_list *edges, size_t nodes, const char *name, qsg_error *error)
{
    const size_t arcs = edges->directed ? edges->n : 2 * edges->n;
    qsg_graph made = {.nodes = nodes, .arcs = arcs, .directed = edges->directed};
    qsg_status status = QSG_OK;
    if (arcs == 0)
        return qsg_fail(error, QSG_EDOMAIN, "graph has no edges (%.200s); expected one at least", name);
    uint64_t *next = malloc((nodes + 1) * sizeof *next);
    uint32_t *by_speaker = malloc(arcs * sizeof *by_speaker), *order = malloc(arcs * sizeof *order);
    made.first = malloc((nodes + 1) * sizeof *made.first);
    made.speakers = malloc(arcs * sizeof *made.speakers);
    if (edges->weighted)
        made.weights = malloc(arcs * sizeof *made.weights);
    if (!next || !by_speaker || !order || !made.first || !made.speakers || (edges->weighted && !made.weights))
        status = qsg_fail(error, QSG_ENOMEM, "no memory for a graph of %zu agents and %zu edges", nodes, edges->n);
    if (!status) { /* in the order of the speakers, then, keeping it, of the listeners */
        count_ends(edges, arcs, nodes, 0, next);
        for (size_t a = 0; a < arcs; a++)
            by_speaker[next[end_of(edges, a, 0)]++] = (uint32_t)a;
        count_ends(edges, arcs, nodes, 1, made.first);
        memcpy(next, made.first, (nodes + 1) * sizeof *next);
        for (size_t a = 0; a < arcs; a++) {
            const uint64_t at = next[end_of(edges, by_speaker[a], 1)]++;
            order[at] = by_speaker[a];
            made.speakers[at] = end_of(edges, by_speaker[a], 0);
            if (made.weights)
                made.weights[at] = edges->weights[edge_of(edges, by_speaker[a])];
        }
        if (edges->numbered)
            status = check_repeated(&made, edges, order, name, error);
    }
    free(next);
    free(by_speaker);
    free(order);
    if (status)
        qsg_graph_free(&made);
    else
        *self = made;
    return status;
}

static qsg_status add(edge_list *edges, size_t a, size_t b, qsg_error *error)
{
    return edge_list_add(edges, (uint32_t)a, (uint32_t)b, 1, 0, error);
}

/* Refuse before the memory is taken. */
static qsg_status check_edges(double expected, qsg_error *error)
{
    if (expected > 0.99 * (double)MAX_EDGES)
        return qsg_fail(error, QSG_EDOMAIN, "graph is too large (%.3g edges); expected fewer than %zu", expected,
                        MAX_EDGES);
    return QSG_OK;
}

static qsg_status make_complete(edge_list *edges, size_t nodes, qsg_error *error)
{
    qsg_status status = check_edges((double)nodes * (double)(nodes - 1) / 2, error);
    for (size_t b = 1; b < nodes && !status; b++)
        for (size_t a = 0; a < b && !status; a++)
            status = add(edges, a, b, error);
    return status;
}

static qsg_status make_ring(edge_list *edges, size_t nodes, qsg_error *error)
{
    qsg_status status = QSG_OK;
    for (size_t i = 0; i + (nodes == 2) < nodes && !status; i++)
        status = add(edges, i, (i + 1) % nodes, error);
    return status;
}

static qsg_status make_star(edge_list *edges, size_t nodes, qsg_error *error)
{
    qsg_status status = QSG_OK;
    for (size_t i = 1; i < nodes && !status; i++)
        status = add(edges, 0, i, error);
    return status;
}

/* Each site is joined to the next in its row and in its column; a side of 2 has one edge, a side of 1 none. */
static qsg_status make_torus(edge_list *edges, size_t rows, size_t columns, qsg_error *error)
{
    qsg_status status = QSG_OK;
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns && !status; c++) {
            if (columns > 2 || c + 1 < columns)
                status = add(edges, r * columns + c, r * columns + (c + 1) % columns, error);
            if (!status && (rows > 2 || r + 1 < rows))
                status = add(edges, r * columns + c, (r + 1) % rows * columns + c, error);
        }
    return status;
}

/* The pairs (a < b) in the order (0,1), (0,2), (1,2), (0,3), ..: the gaps between edges are geometric (Batagelj &
 * Brandes 2005). */
static qsg_status make_er(edge_list *edges, size_t nodes, double p, uint64_t seed, qsg_error *error)
{
    rng_stream stream = rng_stream_of(seed, GRAPH_STREAM);
    const double pairs = (double)nodes * (double)(nodes - 1) / 2, scale = 1 / log1p(-p);
    double left = pairs; /* after the present pair */
    size_t a = 0, b = 1; /* row b has the pairs (a - 1, b), a = 1 .. b */
    qsg_status status = check_edges(pairs * p, error);
    while (p > 0 && !status) {
        const double gap = 1 + floor(log1p(-rng_uniform(&stream)) * scale);
        if (!(gap <= left))
            break;
        left -= gap;
        for (a += (size_t)gap; a > b; b++)
            a -= b;
        status = add(edges, a - 1, b, error);
    }
    return status;
}

/* Barabasi & Albert 1999; each edge is listed at both of its ends in `edges`, so that a random end of a random edge is
 * an agent with a chance proportional to its degree. */
static qsg_status make_ba(edge_list *edges, size_t nodes, size_t links, uint64_t seed, qsg_error *error)
{
    rng_stream stream = rng_stream_of(seed, GRAPH_STREAM);
    qsg_status status = check_edges((double)links * (double)nodes, error);
    if (!status)
        status = make_complete(edges, links + 1, error);
    for (size_t i = links + 1; i < nodes && !status; i++) {
        const size_t before = edges->n;
        while (edges->n < before + links && !status) {
            const uint64_t end = rng_below(&stream, 2 * before);
            const uint32_t other = edges->ends[end / 2][end % 2];
            size_t e = before;
            while (e < edges->n && edges->ends[e][0] != other)
                e++;
            if (e == edges->n)
                status = add(edges, other, i, error);
        }
    }
    return status;
}

static qsg_status not_understood(const char *text, qsg_error *error)
{
    return qsg_fail(error, QSG_EINPUT, "graph is not understood (%.200s); expected complete, ring, star, torus:LxW, "
                    "er:P:SEED with P in [0, 1], ba:M:SEED with M >= 1, or an edge-list file", text);
}

static qsg_status parse_torus(edge_list *edges, const char *text, size_t nodes, qsg_error *error)
{
    unsigned long long rows, columns;
    int used = 0;
    /* digits only: %llu would take a minus sign and wrap */
    if (text[6 + strspn(text + 6, "0123456789x")] || sscanf(text + 6, "%9llux%9llu%n", &rows, &columns, &used) != 2 ||
        text[6 + used])
        return not_understood(text, error);
    if (rows * columns != nodes)
        return qsg_fail(error, QSG_EDOMAIN, "graph has %llu sites (%.200s); expected as many as agents, %zu",
                        rows * columns, text, nodes);
    return make_torus(edges, (size_t)rows, (size_t)columns, error);
}

static qsg_status parse_er(edge_list *edges, const char *text, size_t nodes, qsg_error *error)
{
    unsigned long long seed;
    double p;
    int used = 0;
    const char *colon = strchr(text + 3, ':');
    if (text[3] == '-' || !colon || colon[1 + strspn(colon + 1, "0123456789")] ||
        sscanf(text + 3, "%lf:%19llu%n", &p, &seed, &used) != 2 || text[3 + used] || !(p >= 0 && p <= 1))
        return not_understood(text, error);
    return make_er(edges, nodes, p, seed, error);
}

static qsg_status parse_ba(edge_list *edges, const char *text, size_t nodes, qsg_error *error)
{
    unsigned long long links, seed;
    int used = 0;
    if (text[3 + strspn(text + 3, "0123456789:")] || sscanf(text + 3, "%9llu:%19llu%n", &links, &seed, &used) != 2 ||
        text[3 + used] || links == 0)
        return not_understood(text, error);
    if (links >= nodes)
        return qsg_fail(error, QSG_EDOMAIN, "graph has too many links an agent (%.200s); expected fewer than agents, %zu",
                        text, nodes);
    return make_ba(edges, nodes, (size_t)links, seed, error);
}

qsg_status qsg_graph_init(qsg_graph *self, const char *text, size_t nodes, qsg_error *error)
{
    edge_list edges = {0};
    qsg_status status;
    if (!(nodes >= 2 && nodes <= MAX_NODES))
        return qsg_fail(error, QSG_EDOMAIN, "number of agents is out of range for a graph (%zu); expected 2 to %zu",
                        nodes, MAX_NODES);
    if (strcmp(text, "complete") == 0)
        status = make_complete(&edges, nodes, error);
    else if (strcmp(text, "ring") == 0)
        status = make_ring(&edges, nodes, error);
    else if (strcmp(text, "star") == 0)
        status = make_star(&edges, nodes, error);
    else if (strncmp(text, "torus:", 6) == 0)
        status = parse_torus(&edges, text, nodes, error);
    else if (strncmp(text, "er:", 3) == 0)
        status = parse_er(&edges, text, nodes, error);
    else if (strncmp(text, "ba:", 3) == 0)
        status = parse_ba(&edges, text, nodes, error);
    else
        return qsg_graph_read(self, text, nodes, error);
    if (!status)
        status = graph_assemble(self, &edges, nodes, text, error);
    edge_list_free(&edges);
    return status;
}
