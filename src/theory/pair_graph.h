/* The map of the pairs of a graph (doc/theory/pairs.md, sections 2 and 4): agents who are alike make one class.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PAIR_GRAPH_H
#define QSG_PAIR_GRAPH_H

#include "theory/pair_levels.h"
#include "theory/pair_series.h"
#include "theory/pair_start.h"

/* `map` refers to it, so that it must not be moved.  Vectors are those of the level; with innovation z_a of each class and the
 * source 1 follow. */
typedef struct {
    const pair_law *law;
    pair_level level;
    double *members; /* agents of each class; the same allocation has `leave`, and a vector for work */
    double *leave;   /* rate at which one of it hears anybody, times its alpha */
    double *work;
    uint32_t *one;   /* an agent of each class */
} pair_graph;

/* The map of a law on a graph; `weight` > 0 of each agent: of the mean of the rates, and of the symmetry of the map.  The law is
 * borrowed.  QSG_EMODEL for what is not derived, QSG_ENOMEM. */
qsg_status pair_graph_init(pair_graph *self, pair_map *map, const pair_law *law, const double *weight, qsg_error *error);
void pair_graph_free(pair_graph *self);

/* The start of the population, averaged over agents who are alike: f and V do not tell them apart at any time. */
void pair_graph_start(const pair_graph *self, const pair_population *population, double *h);

/* All pairs disagree, but those that never move. */
void pair_graph_start_mode(const pair_graph *self, double *h);

/* f and V of a vector, V without the floor at 0. */
void pair_graph_measure(const pair_graph *self, const double *h, double moments[2]);

#endif
