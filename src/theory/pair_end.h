/* Where the pairs of a graph with committed agents end (doc/theory/pairs.md, section 5).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PAIR_END_H
#define QSG_PAIR_END_H

#include "theory/pair_graph.h"

/* Of a law without innovation on a graph, whose slowest rate is known: the vector h, a start, becomes the one that is left
 * unchanged and has the same pairs of agents who never move; an estimate of its accuracy,
 * relative to the size of the start.  QSG_ENOEXIST: not to
 * 1e-9; QSG_ENUMERIC: more than max_work; QSG_ENOMEM. */
qsg_status pair_end_solve(const pair_graph *graph, const double *weight, double rate, double max_work, double *h,
                          double *accuracy, qsg_error *error);

#endif
