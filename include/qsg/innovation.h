/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_INNOVATION_H
#define QSG_INNOVATION_H

#include <qsg/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Innovation: with probability eps a label is drawn from the prior rho (doc/theory/innovation.md).  The functions
 *  cover well-mixed models with innovation > 0 and nothing else, any bandwidth, exchange and own output; QSG_EMODEL
 *  otherwise. */

/** The expectations that close exactly (eq. 1). */
typedef struct {
    double heterogeneity; /* H = 1 - U, in [0, 1 - 1/K] */
    double disagreement;  /* V = sum_i |x_i - xbar|^2, in [0, N] */
    double offset;        /* <rho, rho - E xbar>: the mean belief's distance from the prior, 0 once it is forgotten */
} qsg_innovation_moments;

/** Expected moments of the model's start, exact for every --init. */
qsg_status qsg_innovation_start(const qsg_model *model, qsg_innovation_moments *start, qsg_error *error);

/** 1 - q = H - V/N, and coordination S = 1 - H - V/(N(N-1)). */
double qsg_innovation_uncertainty(const qsg_model *model, const qsg_innovation_moments *self);
double qsg_innovation_coordination(const qsg_model *model, const qsg_innovation_moments *self);

/** Evolve by t interactions (whole, >= 0, any double): exact affine map to the power t (eq. 3-5a), by squaring its
 *  distance from the identity.  Cost O(log t); relative accuracy 1e-12 of max(start, stationary).
 *  `end` may be `start`.  QSG_EDOMAIN, QSG_EMODEL. */
qsg_status qsg_innovation_evolve(const qsg_model *model, const qsg_innovation_moments *start, double t,
                                 qsg_innovation_moments *end, qsg_error *error);

/** Stationary moments (eq. 5), exact, relative accuracy 1e-12 also where 1 - U is tiny. */
qsg_status qsg_innovation_stationary(const qsg_model *model, qsg_innovation_moments *out, qsg_error *error);

/** Rates of relaxation an interaction, exact to 1e-12 (eq. 6): of the mean belief towards the prior, and the slower one
 *  of the moments at the mean's end. */
typedef struct {
    double mean, moments;
} qsg_innovation_rates;
qsg_status qsg_innovation_relaxation(const qsg_model *model, qsg_innovation_rates *rates, qsg_error *error);

/** theta = 2 c eps/lambda (eq. 7), c the mean's adaptation an interaction, lambda the neutral slow rate: in the limit
 *  N to infinity at fixed theta the stationary law of xbar is Dirichlet(theta rho_k).
 *  QSG_ENOEXIST without noise (inf bandwidth, mutual exchange at alpha 1). */
qsg_status qsg_innovation_theta(const qsg_model *model, double *theta, qsg_error *error);

/** Where the stationary law stops taking sides: theta rho_k against 1 for the labels with rho_k > 0. */
typedef enum { QSG_TAKES_SIDES, QSG_BETWEEN, QSG_PLURAL } qsg_innovation_phase;
/** Phase (all below 1, some, none), and the eps at which theta min rho_k = 1, which may exceed 1.  Errors as theta;
 *  QSG_ENOEXIST also for a prior on one label, where the population ends. */
qsg_status qsg_innovation_boundary(const qsg_model *model, qsg_innovation_phase *phase, double *epsilon,
                                   qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
