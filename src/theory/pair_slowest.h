/* The slowest mode of the pairs of a graph by a multigrid (doc/theory/pairs.md, section 5).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PAIR_SLOWEST_H
#define QSG_PAIR_SLOWEST_H

#include "theory/pair_law.h"

/* Slowest decay rate of the pairs of a law on a graph (one-way or mutual) in which every pair that moves decays, enclosed by
 * low <= rate <= high; `next`: what the search took for the next rate, infinite when it saw none.  `weight` > 0 of each agent: those that make the walk from listener to speaker reversible, if there
 * are such.  `whole`: everybody hears everybody, directly or not.  Memory 9 vectors of N^2 numbers at N = 5,000.
 * `mode`, unless NULL: of a symmetric map the slowest mode, a vector of the first level (pair_levels.h), the caller's to free.
 * QSG_ENUMERIC: more than max_work operations, told before any of them; QSG_ENOEXIST: not found, as where the slowest mode
 * leaves out some pairs; QSG_ENOMEM. */
qsg_status pair_slowest_rate(const pair_law *law, const double *weight, bool whole, double max_work, double *rate,
                             double *low, double *high, double *next, double **mode, qsg_error *error);

#endif
