/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_COALESCENT_H
#define QSG_COALESCENT_H

#include <stddef.h>

#include <qsg/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Law of the time to consensus of the neutral Wright-Fisher diffusion with any number of labels, in coalescent units
 *  tau = lambda t (doc/theory/diffusion.md, eq. 3-6).  Exact for the diffusion; asymptotic for a finite population.
 *
 *  P(T > tau) is a series in e^{-j(j+1) tau/2} whose coefficients are Gegenbauer polynomials of the start, summed in
 *  double precision: absolute error below 1e-13, because its terms stay bounded (the equivalent ancestor-number law
 *  alternates with exponentially large terms). */
typedef struct {
    size_t n, n_used; /* terms that are there, and how many distinct shares these include */
    double *terms;     /* coefficient of e^{-(i+1)(i+2) tau/2}, i = 0 .. n-1 */
    size_t n_shares;   /* distinct shares of the start, with how many labels have each */
    double *shares, *copies;
    double minority;   /* 1 - largest share */
} qsg_consensus_law;

/** Prepare the law for the start `p` (labels numbers >= 0 that sum to 1).  QSG_EDOMAIN, QSG_ENOMEM. */
qsg_status qsg_consensus_law_init(qsg_consensus_law *self, const double *p, size_t labels, qsg_error *error);
void qsg_consensus_law_free(qsg_consensus_law *self);

/** P(T > tau), tau >= 0.  QSG_ENUMERIC when tau is so small that more than 2,000,000 terms would be needed. */
qsg_status qsg_consensus_law_survival(qsg_consensus_law *self, double tau, double *probability, qsg_error *error);

/** tau with P(T <= tau) = level, level in (0, 1).  QSG_ENOEXIST when the start is a consensus already. */
qsg_status qsg_consensus_law_quantile(qsg_consensus_law *self, double level, double *tau, qsg_error *error);

/** Mean -2 sum_k (1 - p_k) ln(1 - p_k), exact (eq. 5). */
double qsg_consensus_law_mean(const qsg_consensus_law *self);

#ifdef __cplusplus
}
#endif
#endif
