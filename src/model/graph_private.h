/* Edges on their way to a graph.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_GRAPH_PRIVATE_H
#define QSG_GRAPH_PRIVATE_H

#include "qsg/graph.h"

typedef struct {
    uint32_t (*ends)[2]; /* speaker, listener */
    double *weights;     /* NULL: all 1 */
    uint64_t *lines;     /* of the file, NULL when it is none */
    size_t n, room;
    bool directed, weighted, numbered; /* numbered: keep the lines */
} edge_list;

/* Add an edge; QSG_ENOMEM, or QSG_EDOMAIN when they are more than a graph can have. */
qsg_status edge_list_add(edge_list *self, uint32_t speaker, uint32_t listener, double weight, uint64_t line,
                         qsg_error *error);
void edge_list_free(edge_list *self);

/* The graph of the edges; repeated ones are refused with `name` and their line.  On failure *self is unchanged. */
qsg_status graph_assemble(qsg_graph *self, const edge_list *edges, size_t nodes, const char *name, qsg_error *error);

#endif
