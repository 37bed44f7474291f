/* The law of beliefs in time.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_KINETIC_PATH_H
#define QSG_KINETIC_PATH_H

#include <stdbool.h>

#include <gsl/gsl_odeiv2.h>

#include "qsg/kinetic.h"
#include "theory/closure.h"

typedef struct {
    gsl_odeiv2_step *step;
    gsl_odeiv2_control *control;
    gsl_odeiv2_evolve *evolve;
    gsl_odeiv2_system system;
    double length; /* of the next step, in rounds */
    bool resting;  /* nothing moves any more */
    double most;   /* steps before it gives up with QSG_ENOEXIST; 0: as many as it takes */
} kinetic_path;

/* The closure of a model with finite bandwidth, with at least `degree` moments. */
qsg_status path_closure(closure *c, const qsg_model *model, size_t degree, const char *who, qsg_error *error);

/* Chebyshev moments 0 .. n of the model's start. */
void path_start(const qsg_model *model, size_t n, double *mu);

/* Borrows the closure, whose message law it overwrites. */
qsg_status path_init(kinetic_path *self, closure *c, qsg_error *error);
void path_free(kinetic_path *self);

/* Advance the moments by `length` rounds. */
qsg_status path_advance(kinetic_path *self, double *mu, double length, qsg_error *error);

/* qsg_kinetic_evolve, but NaN at times that would take more than `work` multiplications (0: no limit). */
qsg_status path_follow(const qsg_model *model, size_t n, const double *rounds, double work, double *mean,
                       double *variance, qsg_error *error);

#endif
