/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_CHAIN_H
#define QSG_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <qsg/model.h>
#include <qsg/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A population of identical copiers as a birth-death chain (doc/theory/chain.md): two labels, alpha = 1, m = 1, one-way
 *  exchange, so that whoever has listened is sure of a label.  State n = 0 .. free is the number of free (not
 *  committed) agents with label 1; time in interactions.  Everything that the rates (eq. 1-2) depend on: */
typedef struct {
    uint64_t agents;           /* N, 2 .. 2 10^7 */
    uint64_t zealots[2];       /* committed to label 1, to label 2; at least one agent is free */
    double adoption;           /* h0, at most 500 in size; 0: every label heard is adopted */
    double innovation, prior;  /* eps, and rho_1 */
    bool replacement;          /* pairs with replacement */
} qsg_chain_spec;

/** The chain; read its members, never write them. */
typedef struct {
    qsg_chain_spec spec;
    size_t free;          /* N - zealots */
    bool absorbing[2];    /* [0]: n = free, everybody free has label 1 for good; [1]: n = 0, label 2 */
    double *up, *down;    /* free + 1 each: probability in one interaction of n -> n+1, n -> n-1 */
} qsg_chain;

/** Build the chain; cost and memory O(free agents).  QSG_EDOMAIN (a number outside its range, more than 2 10^7 agents),
 *  QSG_EMODEL (nobody is free), QSG_ENOMEM. */
qsg_status qsg_chain_init_spec(qsg_chain *self, const qsg_chain_spec *spec, qsg_error *error);
/** The same for a model; its start does not enter.  QSG_EMODEL also for a model that is no such chain: K > 2, alpha < 1,
 *  m > 1, another exchange, a graph, a field or temper. */
qsg_status qsg_chain_init(qsg_chain *self, const qsg_model *model, qsg_error *error);
/** Any birth-death chain on 0 .. free with the given probabilities (free + 1 each, copied; up[free] = down[0] = 0,
 *  up + down <= 1, and all others > 0 except that up[0] or down[free] may be 0); spec is zero.  QSG_EDOMAIN, QSG_ENOMEM. */
qsg_status qsg_chain_init_rates(qsg_chain *self, size_t free, const double *up, const double *down, qsg_error *error);
void qsg_chain_free(qsg_chain *self);

/** The state in which the model starts: --init onehot (counts of the free agents), or a common belief of 0 or 1.
 *  QSG_EMODEL when free agents start unsure. */
qsg_status qsg_chain_start(const qsg_chain *self, const qsg_model *model, size_t *n, qsg_error *error);

/** Probability that label `winner` (1 or 2) takes all free agents, from every start: free + 1 numbers, each with its own
 *  relative accuracy of 1e-14 |h0| N (eq. 7; chains of given rates: no subtraction, 3e-15 a state; 0 when below 1e-308).  Cost O(free).  QSG_ENOEXIST when no state is
 *  absorbing, QSG_EDOMAIN, QSG_ENOMEM. */
qsg_status qsg_chain_fixation(const qsg_chain *self, int winner, double *probability, qsg_error *error);

/** Probability that label 1 wins when agent i starts with belief x_i in label 1 (n beliefs, all N agents, none committed),
 *  exact for every adoption bias (eq. 7): (1 - prod_i 1/(1 + x_i (e^h0 - 1)))/(1 - e^{-h0 N}).  The other label's share is
 *  the call with -h0 and 1 - x.  QSG_EDOMAIN. */
qsg_status qsg_chain_fixation_beliefs(double adoption, size_t n, const double *x, double *probability,
                                      qsg_error *error);

/** Mean and standard deviation of the time to absorption from every start (free + 1 numbers each, 0 where it is
 *  absorbing; either may be NULL); winner 0: whoever wins, 1 or 2: given that this label wins (NaN where it cannot).
 *  Subtraction-free elimination (eq. 8-10): relative accuracy 1e-12 up to a million states for means, 1e-12 (mean/sd)^2 for sd.  Cost
 *  O(free).  QSG_ENOEXIST (no absorbing state), QSG_ENUMERIC (beyond 1e300 interactions), QSG_EDOMAIN, QSG_ENOMEM. */
qsg_status qsg_chain_times(const qsg_chain *self, int winner, double *mean, double *sd, qsg_error *error);

/** Stationary law of n, free + 1 probabilities (eq. 5): detailed balance in logarithms, relative accuracy 1e-12.
 *  QSG_ENOEXIST when a state is absorbing. */
qsg_status qsg_chain_stationary(const qsg_chain *self, double *probability, qsg_error *error);

/** Slowest decay rates of the chain, per interaction: rate[0] <= rate[1] <= .. , n <= free numbers, 0 < eigenvalues of
 *  1 - P on what is not absorbed, or beside the stationary law.  Singular values of a bidiagonal factor (LAPACK): small
 *  ones keep their relative accuracy.  At most 10,000 states (QSG_EDOMAIN); 1 s at 4,000.  QSG_ENUMERIC, QSG_ENOMEM. */
qsg_status qsg_chain_rates(const qsg_chain *self, size_t n, double *rate, qsg_error *error);

/** The slowest rate of the model's chain (rate[0] of qsg_chain_rates) in closed form, without adoption bias. O(1).
 *  QSG_ENOEXIST with adoption bias or given rates. */
qsg_status qsg_chain_neutral_rate(const qsg_chain *self, double *rate, qsg_error *error);

/** Quasi-stationary law of n given that nothing is absorbed yet (free + 1 probabilities, 0 where absorbing) and its decay
 *  rate, by inverse iteration: cost O(free) times about 40 (at most 2 10^8 steps), any size.  QSG_ENOEXIST when no state is absorbing,
 *  QSG_ENUMERIC, QSG_ENOMEM. */
qsg_status qsg_chain_quasistationary(const qsg_chain *self, double *probability, double *rate, qsg_error *error);

/** Until the polarization U = x^2 + (1-x)^2, x the share of label 1 among all agents, first reaches a threshold. */
typedef struct {
    double probability[2]; /* that label 1, label 2 leads then */
    double mean, sd;       /* of the time */
} qsg_chain_exit;

/** From state `start`, for a threshold in (0, 1): the chain cut where U reaches it, on either side, and then as
 *  qsg_chain_fixation and qsg_chain_times, also where nobody wins for good.  QSG_ENOEXIST when the committed agents keep U
 *  below, QSG_EMODEL for a chain of given rates; further as there. */
qsg_status qsg_chain_exit_time(const qsg_chain *self, size_t start, double threshold, qsg_chain_exit *out,
                               qsg_error *error);

/** Law of the time to absorption from one start. */
typedef struct qsg_chain_law qsg_chain_law;

/** Prepare it for start n; the chain must outlive it.  QSG_ENOEXIST (no absorbing state, or n is one), QSG_EDOMAIN, and
 *  the errors of qsg_chain_times. */
qsg_status qsg_chain_law_new(const qsg_chain *chain, size_t n, qsg_chain_law **self, qsg_error *error);
void qsg_chain_law_free(qsg_chain_law *self); /* NULL is fine */

/** P(T > t), winner 0, or P(T > t and label `winner` wins), absolute error below 1e-8.  The first 500 interactions step
 *  by step; later by inverting the generating function (eq. 11-12), 32 eliminations for each decade of t.
 *  QSG_EDOMAIN.  Not thread-safe on one object. */
qsg_status qsg_chain_law_survival(qsg_chain_law *self, int winner, double t, double *survival, qsg_error *error);

/** Smallest whole t with P(T <= t) >= level (winner 0), or given that `winner` wins; level in [1e-6, 1 - 1e-6].
 *  QSG_EDOMAIN, QSG_ENOEXIST (a winner of probability below 1e-4), QSG_ENUMERIC. */
qsg_status qsg_chain_law_quantile(qsg_chain_law *self, int winner, double level, double *t, qsg_error *error);

/** E[f(n_t)] at `count` whole times, increasing, for n_0 = start and any f on 0 .. free, by powers of P: cost O(free t);
 *  QSG_ENUMERIC when that exceeds 3 10^9. */
qsg_status qsg_chain_expect(const qsg_chain *self, size_t start, const double *f, size_t count, const double *times,
                            double *expectation, qsg_error *error);

/** E[share of label 1 among all agents] and E[1 - U] at `count` whole times, increasing, for n_0 = start.  Without
 *  adoption bias exact in closed form at any time (eq. 6), relative accuracy 1e-12; with it by qsg_chain_expect, and
 *  QSG_ENUMERIC as there.  Also QSG_EDOMAIN, QSG_EMODEL (a chain of given rates), QSG_ENOMEM. */
qsg_status qsg_chain_moments(const qsg_chain *self, size_t start, size_t count, const double *times, double *share,
                             double *heterogeneity, qsg_error *error);

/** Mean times until at most 1, 2, .. left <= K - 1 labels are left when nothing but copying happens (no zealots, no
 *  adoption bias), n_k agents starting with label k (eq. 13-14): exact for every N and K.  time[l - 1], l = 1 .. left.
 *  Relative accuracy 1e-13 for left = 1, at O(K) for any N to 10^12; for more, inclusion-exclusion in 113-bit arithmetic
 *  at O(K left N), at most 10^9, K <= 40: 1e-9.  QSG_EDOMAIN, QSG_ENOMEM. */
qsg_status qsg_chain_label_times(size_t labels, const uint64_t *counts, bool replacement, size_t left, double *time,
                                 qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
