/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_CRITICAL_MASS_H
#define QSG_CRITICAL_MASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <qsg/model.h>
#include <qsg/result.h>
#include <qsg/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** When committed agents flip a population that is agreed on the other label (doc/theory/chain.md, section 8).  Two labels,
 *  one kind of zealots, one-way exchange, nobody innovates.  All others start sure of the other label; the population
 *  has flipped when the mean belief of the free agents in the zealots' label first reaches `threshold`. */
typedef struct {
    uint64_t agents, committed; /* N, z: 1 .. N - 1 */
    double alpha, bandwidth;    /* alpha in (0, 1], m >= 1, whole or inf */
    double adoption;            /* log odds of adopting the zealots' label; other than 0 only for alpha = m = 1 */
    bool replacement;           /* pairs with replacement */
    double threshold;           /* share of the free agents, in (0, 1] */
    bool of_all;                /* the threshold is a share of all agents, committed ones included, not of the free ones */
} qsg_critical_mass_setting;

typedef struct {
    double mean, sd;     /* of the flip time, interactions */
    double effective;    /* z_eff = z (2 m (1 - alpha) + alpha)/alpha: copiers (alpha = 1) with so many zealots do the same */
    double strain;       /* z/N: how fast zealots move the mean against one agent's memory */
    qsg_basis basis;     /* exact (alpha = 1), or asymptotic: N to infinity at fixed z_eff, strain to 0 */
} qsg_critical_mass;

/** Mean and spread of the flip time.  alpha = 1: the exact chain, whatever m (sure agents say one label), any N to 2 10^7.
 *  Otherwise the diffusion with drift
 *  alpha z (1 - p)/(N (N-1)) (exact in the mean) and the neutral noise (eq. 18-20), solved on 2,000 states: relative
 *  numerical error 1e-3, and what the limit neglects is of order strain and 1/N.  bandwidth inf has no noise: the
 *  deterministic time (QSG_ENOEXIST for threshold 1).
 *  QSG_EDOMAIN, QSG_ENOEXIST, QSG_ENUMERIC (beyond 1e300), QSG_ENOMEM. */
qsg_status qsg_critical_mass_time(const qsg_critical_mass_setting *setting, qsg_critical_mass *out, qsg_error *error);

/** Probability that the population has flipped within `horizon` interactions (same methods and errors). */
qsg_status qsg_critical_mass_probability(const qsg_critical_mass_setting *setting, double horizon, double *probability,
                                         qsg_error *error);

/** The same at n horizons >= 0, in any order, at the cost of one law (qsg_chain_law). */
qsg_status qsg_critical_mass_law(const qsg_critical_mass_setting *setting, size_t n, const double *horizons,
                                 double *probability, qsg_error *error);

/** The critical mass: smallest z whose flip probability within `horizon` is at least `level` in (0, 1), whatever
 *  setting->committed; about 2 log2 N laws.  With the threshold among free agents a larger z may flip less surely, because
 *  the last agents in doubt may no longer be left out; the smallest z is found all the same.  QSG_ENOEXIST when no z
 *  suffices; further as above. */
qsg_status qsg_critical_mass_size(const qsg_critical_mass_setting *setting, double horizon, double level,
                                  uint64_t *committed, qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
