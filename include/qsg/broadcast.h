/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_BROADCAST_H
#define QSG_BROADCAST_H

#include <qsg/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A broadcast from a common belief, K = 2 (doc/theory/broadcast.md): all agents but the speaker hear the same message, so as
 *  N grows they keep one belief x, and x is a Markov chain whose noise does not fall with N.  Any field, temper from 0.05 and
 *  innovation, m = 1 .. 64, any own output.  Exact when self = alpha, otherwise for N = infinity, corrections O(1/N).
 *  Common errors: QSG_EMODEL (another model, or a start that is not one belief for all), QSG_ENUMERIC, QSG_ENOMEM; outputs are
 *  untouched on failure. */

/** Probability that label 1 wins, and the estimated error of the solution (change from half as many Chebyshev coefficients).
 *  QSG_ENOEXIST with innovation.  About 0.1 s. */
qsg_status qsg_broadcast_fixation(const qsg_model *model, double *probability, double *accuracy, qsg_error *error);

/** First time (messages) with U at `consensus`, in (1/2, 1): mean, standard deviation and n quantiles at `levels` above 0, at most
 *  1 - 1e-9.  By
 *  stepping the survival function on 2049 beliefs, error about 1e-3 relative.  QSG_ENOEXIST with innovation; QSG_ENUMERIC when
 *  alpha^2/m is so small that it takes beyond some seconds. */
typedef struct {
    double mean, sd;
} qsg_broadcast_wait;
qsg_status qsg_broadcast_time(const qsg_model *model, double consensus, size_t n, const double *levels, double *quantiles,
                              qsg_broadcast_wait *wait, qsg_error *error);

/** E[U] and the mean belief in label 1 after n numbers of messages (increasing, >= 0), with or without innovation; *accuracy is the
 *  largest change from half as many coefficients.  NaN at times that would take more than about .5 s to step to. */
qsg_status qsg_broadcast_evolve(const qsg_model *model, size_t n, const double *times, double *polarization, double *mean,
                                double *accuracy, qsg_error *error);

/** Stationary E[U] and mean belief in label 1, with innovation > 0 (QSG_ENOEXIST without). */
qsg_status qsg_broadcast_stationary(const qsg_model *model, double *polarization, double *mean, qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
