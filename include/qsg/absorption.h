/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_ABSORPTION_H
#define QSG_ABSORPTION_H

#include <qsg/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Who wins and when, for the one-dimensional diffusion of the mean belief p in label 1 on [0, 1] with variance
 *  lambda p (1 - p) and drift M(p) an interaction, absorbed at both ends (doc/theory/absorption.md).  Exact statements
 *  about the diffusion, which is the limit N to infinity of a population with weak drift. */

/** M(p) an interaction; called with p in [0, 1] only, must be continuous with M(0) = M(1) = 0. */
typedef double qsg_drift(double p, void *context);

typedef struct {
    double probability[2]; /* label 1, label 2: each with its own relative accuracy */
    double mean, sd;       /* of the time to absorption, interactions */
    double mean_given[2];  /* the same given the winner; NaN for a winner of probability 0 */
    double sd_given[2];
} qsg_absorption;

/** Scale function and Green's function by adaptive panels of 16 Gauss-Legendre nodes, in logarithms (eq. 2-5):
 *  relative accuracy 1e-9 for probabilities, means and standard deviations.  Cost proportional to the variation of
 *  2 M/(lambda p (1-p)) integrated over [0, 1]: 2 ms where selection is weak, 0.1 s at Gamma = 5,000.
 *  QSG_EDOMAIN (p, lambda), QSG_EMODEL (M does not vanish at an end), QSG_ENUMERIC (drift too steep or rough, or a time
 *  beyond 1e300), QSG_ENOMEM; *out unchanged on failure. */
qsg_status qsg_absorption_solve(qsg_drift *drift, void *context, double lambda, double p, qsg_absorption *out,
                                qsg_error *error);

/** Law of the time to absorption from p, by Laplace inversion of the backward equation (eq. 6-7). */
typedef struct qsg_absorption_law qsg_absorption_law;

/** Prepare the law (to be released with qsg_absorption_law_free).  Errors as above, and QSG_ENOEXIST when p is 0 or 1;
 *  QSG_ENUMERIC as soon as the drift needs more than 2,000 panels (Gamma above about 1,800). */
qsg_status qsg_absorption_law_new(qsg_drift *drift, void *context, double lambda, double p, qsg_absorption_law **self,
                                  qsg_error *error);
void qsg_absorption_law_free(qsg_absorption_law *self); /* NULL is fine */

/** P(T > t), and P(T > t and label 1 wins); absolute error below 1e-6.  QSG_EDOMAIN (t negative or NaN).
 *  Not thread-safe on one object: it keeps what it computes. */
qsg_status qsg_absorption_law_survival(qsg_absorption_law *self, double t, double *any, double *label1,
                                       qsg_error *error);

/** t with P(T <= t) = level, level in (0, 1); winner 0: whoever wins, 1 or 2: given that this label wins (QSG_ENOEXIST
 *  when it cannot). */
qsg_status qsg_absorption_law_quantile(qsg_absorption_law *self, double level, int winner, double *t,
                                       qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
