/* The slow deviation from the law of beliefs, and the noise that drives it.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_SLOW_MODE_H
#define QSG_SLOW_MODE_H

#include "theory/closure.h"

/* At the law of a closure, which deviates as e^{rate tau} (kinetic.md, eq. 6 and 14): the observable phi = (1 + rate -
 * P)^{-1} sum_b s_b v_b, shifted to mean 0, and its source g, as Chebyshev coefficients 0 .. n; the shape of the
 * deviation, as moments, which moves the mean belief by 1. */
typedef struct {
    size_t n;
    double rate; /* in units in which every agent listens once */
    double *phi, *source, *shape;
    double *left, *right; /* m: how much each rank of what is said enters phi and the shape */
    double scale;         /* <phi, shape>: what phi gains when the mean belief moves by 1 */
} slow_mode;

qsg_status slow_mode_init(slow_mode *self, const closure *c, qsg_error *error);
void slow_mode_free(slow_mode *self);

/* Find the mode at the law of the last closure_map; rate > -alpha.  The law's kernel and response are overwritten. */
qsg_status slow_mode_find(slow_mode *self, closure *c, double rate, qsg_error *error);

/* N^2 times the variance that one interaction gives the mean belief along the mode (kinetic.md, eq. 15); not for own output. */
qsg_status slow_mode_noise(const slow_mode *self, closure *c, double *variance, qsg_error *error);

/* The mean belief to which a start with these moments comes along the mode, p being a first guess (eq. 16). */
qsg_status slow_mode_arrive(slow_mode *self, closure *c, double rate, const double *start, double *p, qsg_error *error);

#endif
