/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PAIRS_H
#define QSG_PAIRS_H

#include <qsg/moments.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Exact moments of any population: every agent its own alpha and bandwidth, committed agents, any graph, innovation
 *  (doc/theory/pairs.md).  The state is E<x_i, x_j> of every pair of agents; agents who are alike share one:
 *    groups        everybody meets everybody: one class for each alpha and bandwidth, any N; a star has two classes
 *    ring, torus   identical agents: one state a displacement
 *    otherwise     N <= 5,000 agents, N^2 numbers (600 MB at 5,000)
 *  Not for threads that share an object: it keeps what it has computed. */
typedef struct qsg_pair_moments qsg_pair_moments;

/** The pairs of a model at its start.  The model must live on.
 *  QSG_EMODEL (field, temper, adoption, evidence; a broadcast or innovation beyond what is derived; too many agents),
 *  QSG_ENOMEM; *self is unchanged on failure. */
qsg_status qsg_pair_moments_new(qsg_pair_moments **self, const qsg_model *model, qsg_error *error);
void qsg_pair_moments_free(qsg_pair_moments *self); /* NULL is fine */

/** E[f] and E[V] after t interactions, whole and >= 0 (eq. 2-8).  Few classes (10 groups, 66 displacements): relative
 *  accuracy 1e-13 for t to 1e18.  Otherwise 1e-12 of the start's 1 - U, and relative 1e-9 later, at a cost of the square
 *  root of the time until only the slowest mode is left; late times of a graph whose map is symmetric (undirected, one-way, m = 1
 *  or equal degrees) from a projection where that is faster, to 1e-7, at worst 1e-6 (see the accuracy below).  QSG_EDOMAIN, QSG_ENUMERIC (too long; says so), QSG_ENOMEM. */
qsg_status qsg_pair_moments_evolve(qsg_pair_moments *self, double t, qsg_moments *end, qsg_error *error);

/** Slowest decay rate of E[1 - U] per interaction, and how far it can be off, relative (an enclosure by the least and the
 *  largest ratio over all pairs, eq. 8, or of a symmetric map an estimate by what is left of the mode, Temple's); 0 when
 *  some pair of agents never agrees.  QSG_ENUMERIC, QSG_ENOMEM. */
qsg_status qsg_pair_moments_slow_rate(qsg_pair_moments *self, double *rate, double *accuracy, qsg_error *error);

/** Smallest t with E[U_t] >= threshold in (0, 1).  QSG_ENOEXIST when it is never reached; otherwise as evolve. */
qsg_status qsg_pair_moments_consensus_time(qsg_pair_moments *self, double threshold, double *t, qsg_error *error);

/** The moments at the end of all times: 0, 0 at a consensus; what committed agents or innovation leave otherwise.
 *  QSG_ENUMERIC. */
qsg_status qsg_pair_moments_stationary(qsg_pair_moments *self, qsg_moments *end, qsg_error *error);

/** Whether the numbers come from few classes (basis exact) or from a series (basis numerical). */
bool qsg_pair_moments_small(const qsg_pair_moments *self);

/** How far any moment or consensus time given so far can be off, relative to 1 - U or the time: of a projection an estimate, by
 *  what its last three additions changed, and rounding. */
double qsg_pair_moments_accuracy(const qsg_pair_moments *self);

/** Effective size: the N at which a well-mixed population of the same alpha and m has this slow rate for large N,
 *  sqrt(2 alpha^2/(rate (2m(1-alpha)+alpha))) (eq. 10).  QSG_ENOEXIST: rate 0; QSG_EMODEL: agents that differ, own output,
 *  or another exchange than one-way, for which there is no such population. */
qsg_status qsg_pair_moments_effective_size(const qsg_model *model, double rate, double *size, qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
