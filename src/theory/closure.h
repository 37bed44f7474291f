/* A channel with the belief law it is read under.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_CLOSURE_H
#define QSG_CLOSURE_H

#include "qsg/adiabatic.h"
#include "theory/belief_law.h"

/* soft: bandwidth inf, where the law of a belief is a point and only the channel is needed. */
typedef struct {
    bool soft;
    double alpha, pace; /* pace: how often an agent listens in a round, 1 one-way, 2 mutual */
    qsg_channel channel;
    belief_law law;
} closure;

qsg_status closure_init(closure *self, const qsg_model *model, const char *who, qsg_error *error);
qsg_status closure_init_degree(closure *self, const qsg_model *model, belief_degree degree, const char *who,
                               qsg_error *error);
void closure_free(closure *self);
qsg_status closure_map(closure *self, double p, bool warm, double *heard, qsg_error *error);

/* E_pi[x(1-x)]/(p(1-p)) of the neutral law around p (adiabatic.md, eq. 4 and 7); 1 at infinite bandwidth. */
double closure_spread(const qsg_model *model);

/* The map F(p) as a Chebyshev series in 2p - 1: F is analytic, so that some 30 to 130 laws say it to rounding (1e-13, or to
 * what the sampled laws are worth).  QSG_ENUMERIC when 257 laws do not. */
#define CLOSURE_SERIES 256
typedef struct {
    size_t n;
    double coefficients[CLOSURE_SERIES + 1];
} closure_series;
qsg_status closure_sample(closure *self, closure_series *series, qsg_error *error);
double closure_series_at(const closure_series *series, double p);

/* slope and growth of the law of the last closure_map, at p */
qsg_status closure_stability(closure *self, double p, qsg_fixed_point *point, qsg_error *error);

/* r(1-x) = 1 - r(x) */
bool closure_symmetric(const qsg_channel *channel);

qsg_status closure_fixed_points(closure *self, size_t capacity, qsg_fixed_point *points, size_t *n, qsg_error *error);

#endif
