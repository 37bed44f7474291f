/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_CHANNEL_H
#define QSG_CHANNEL_H

#include <qsg/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/** From belief to the distribution of what is said (doc/theory/model.md, eq. 1): the one definition that theory and
 *  simulation share,
 *      r(x)_k = (1 - eps) g(x)_k + eps rho_k,   g(x)_k proportional to x_k^{1/T} exp(h_k).
 *  Borrows its arrays from the model, which must outlive it. */
typedef struct {
    size_t labels;
    double sharpness;    /* 1/T */
    const double *field; /* h_k, NULL for none */
    double innovation;   /* eps */
    const double *prior; /* rho_k */
    bool neutral;        /* r(x) = x */
} qsg_channel;

/** The channel of a valid model, which keeps owning the arrays; O(1), cannot fail, nothing to release. */
qsg_channel qsg_channel_of(const qsg_model *model);

/** r(x) for the belief x, both with `labels` members; x and r must not overlap.  Computed in logarithms: no overflow
 *  for any finite h or T > 0; a label with x_k = 0 is said by innovation only. */
void qsg_channel_apply(const qsg_channel *self, const double *x, double *r);

/** K = 2: the probability of saying label 1 at belief x in [0, 1] in label 1; its derivative in x (x inside (0, 1)). */
double qsg_channel_binary(const qsg_channel *self, double x);
double qsg_channel_binary_slope(const qsg_channel *self, double x);

#ifdef __cplusplus
}
#endif
#endif
