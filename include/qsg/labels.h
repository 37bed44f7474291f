/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_LABELS_H
#define QSG_LABELS_H

#include <stddef.h>

#include <qsg/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How labels are lost in the neutral Wright-Fisher diffusion, in coalescent units tau = lambda t
 *  (doc/theory/density.md, eq. 21-25).  Exact for the diffusion; asymptotic for a finite population.  The law of the
 *  time to one label is qsg_consensus_law. */

/** Mean times tau[l - 1] until at most l = 1 .. j labels are left (j >= 1) from the start `p` (labels numbers >= 0, sum
 *  1); 0 when no more are there.  An integral with a positive integrand (no alternating sum over subsets): relative
 *  error below 1e-12.  Cost O(500 labels j).  QSG_EDOMAIN, QSG_ENUMERIC (labels j above 10^8), QSG_ENOMEM. */
qsg_status qsg_labels_mean_times(const double *p, size_t labels, size_t j, double *tau, qsg_error *error);

/** Probability law[l - 1] that exactly l = 1 .. labels labels are left at tau >= 0.  Sums over the number of ancestors,
 *  whose alternating series is taken in 113-bit arithmetic: *accuracy (may be NULL) bounds the absolute error of its
 *  rounding.  QSG_EDOMAIN; QSG_ENUMERIC when that would exceed 1e-10 (tau below about 0.03) or the work 10^9;
 *  QSG_ENOMEM. */
qsg_status qsg_labels_left(const double *p, size_t labels, double tau, double *law, double *accuracy,
                           qsg_error *error);

/** Two labels: mean time until polarization U = p^2 + (1-p)^2 first reaches `threshold` in (1/2, 1], from the share
 *  `start` of one label; 0 when it is there already.  QSG_EDOMAIN. */
qsg_status qsg_labels_exit_time(double start, double threshold, double *tau, qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
