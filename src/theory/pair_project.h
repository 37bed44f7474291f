/* The pair moments of a graph at late times, from a few vectors (doc/theory/pairs.md, section 5).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PAIR_PROJECT_H
#define QSG_PAIR_PROJECT_H

#include "qsg/moments.h"
#include "theory/pair_graph.h"

typedef struct pair_project pair_project;

/* For a law on a graph whose pairs all decay to agreement, with the slowest rate and its mode (a vector of the first level, as of
 * pair_slowest.h); `weight` as there; the graph is borrowed.  QSG_ENOEXIST: the map is not symmetric; QSG_ENOMEM. */
qsg_status pair_project_new(pair_project **self, const pair_graph *graph, const pair_population *population,
                            const double *weight, double rate, const double *mode, double max_work, qsg_error *error);
void pair_project_free(pair_project *self);

/* Operations that one or some few times take, roughly. */
double pair_project_work(const pair_graph *graph);

/* f and V after t >= 1 interactions, and how far 1 - U and V/N may be off, relative to 1 - U.  QSG_ENUMERIC: not to 1e-6
 * within max_work or the vectors there is room for. */
qsg_status pair_project_at(pair_project *self, double t, qsg_moments *end, double *accuracy, qsg_error *error);

/* When f + V/N falls to the target, above 0 and below the start; its accuracy, relative.  QSG_ENUMERIC. */
qsg_status pair_project_time(pair_project *self, double target, double *t, double *accuracy, qsg_error *error);

#endif
