/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_GRAPH_H
#define QSG_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <qsg/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Who may speak to whom (doc/theory/graphs.md, section 1): for every listener j the speakers that it hears,
 *      speakers[first[j]] .. speakers[first[j+1] - 1],   ascending, without repetition and without j itself.
 *  An entry is an arc; an edge of an undirected graph is two arcs of equal weight.  Agents count from 0 here, from 1 in
 *  files.  Read the members, never write them. */
typedef struct {
    size_t nodes;       /* N, 2 .. 2^32 - 1 */
    size_t arcs;        /* 1 .. 2^31 - 1 */
    uint64_t *first;    /* nodes + 1 */
    uint32_t *speakers; /* arcs */
    double *weights;    /* arcs, > 0 and finite; NULL: all 1 */
    bool directed;
} qsg_graph;

/** Build the graph that `text` names: complete | ring | star | torus:LxW | er:P:SEED | ba:M:SEED | FILE
 *  (doc/theory/graphs.md, section 1).  The hub of a star is agent 0, a torus is numbered row by row, er joins every
 *  pair with probability P, ba starts with M + 1 agents who all know each other and lets every later one choose M
 *  different earlier ones with chances proportional to their numbers of neighbours; equal seeds give equal graphs.
 *  Cost and memory O(nodes + arcs).
 *  QSG_EINPUT (a text or file that is not understood; FILE:LINE in the message), QSG_EDOMAIN (too large, or a number of
 *  sites that is not `nodes`, or no edge at all), QSG_EIO, QSG_ENOMEM.  On failure *self is unchanged. */
qsg_status qsg_graph_init(qsg_graph *self, const char *text, size_t nodes, qsg_error *error);

/** Read an edge list: a line "a b" or "a b weight" an edge, agents from 1 to `nodes`, apart by blanks, tabs or commas;
 *  lines that begin with # and empty lines are skipped.  A header may name the columns: `a`, `b` (edges, both ways) or
 *  `speaker`, `listener` (one way), and `weight`, in any order.  Weights are > 0.  Self-loops and repeated edges are
 *  refused.  10^7 lines take a few seconds; memory O(nodes + edges).  Errors of qsg_graph_init. */
qsg_status qsg_graph_read(qsg_graph *self, const char *path, size_t nodes, qsg_error *error);

/** Release the arrays; safe twice and on a zeroed graph. */
void qsg_graph_free(qsg_graph *self);

/** The shape of a graph. */
typedef struct {
    size_t components;     /* parts without an arc between them */
    size_t closed_classes; /* sets of agents who all hear each other, directly or not, and nobody else; consensus from
                              every start needs exactly one.  Undirected: the components */
    size_t isolated;       /* agents who hear nobody and whom nobody hears */
    size_t deaf;           /* agents who hear nobody (the isolated ones included) */
    bool bipartite;        /* two camps, and every arc between them */
    size_t least_degree, largest_degree; /* speakers heard by a listener */
    double mean_degree, mean_square_degree;
} qsg_graph_shape;

/** Compute the shape; cost O(nodes + arcs), up to rounding none.  When `component` is not NULL it takes the component
 *  of each agent, when `closed` is not NULL the closed class of each agent or SIZE_MAX outside of all; both count from
 *  0 in the order of their first agents, and have `nodes` entries.  QSG_ENOMEM; on failure nothing is written. */
qsg_status qsg_graph_measure(const qsg_graph *self, qsg_graph_shape *shape, size_t *component, size_t *closed,
                             qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
