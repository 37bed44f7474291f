/* Climbing the likelihood within its bounds.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_INFER_FIT_CLIMB_H
#define QSG_INFER_FIT_CLIMB_H

#include "qsg/fit.h"

#define NO_PARAMETER SIZE_MAX
#define ALPHA_MIN 1e-6
#define SHARPNESS_MIN 0.01
#define SHARPNESS_MAX 100.0
#define FIELD_MAX 50.0
enum { MAX_FIELD_LABELS = 64 };

/* One way to move: parameter `plus` up, parameter `minus` (or NO_PARAMETER) down. */
typedef struct {
    size_t plus, minus;
} direction;

/* Memory of a climb, and its state. */
typedef struct {
    const qsg_likelihood *likelihood;
    const double *weights;
    unsigned groups;
    size_t held;   /* a free parameter that is held for profiling, or NO_PARAMETER */
    size_t labels, full;
    double *theta, *trial, *gradient, *information, *trial_gradient, *trial_information, *matrix, *step, *move;
    direction *directions;
    double loglik;
    double hopeless; /* a climb that is still below this after a while is not worth its end */
    bool observed;   /* `information` is the observed one, of a few steps ago */
    bool rough;      /* the steps ended where the slope promised more: kinks of a sharp channel */
    double decrement; /* expected gain of a last full step, in nats */
} climb;

qsg_status climb_init(climb *self, const qsg_likelihood *likelihood, unsigned groups, const double *weights,
                      qsg_error *error);
void climb_free(climb *self);
/* Climb from self->theta to the top; the loglik into self->loglik.  QSG_ENOEXIST when the start is impossible. */
qsg_status climb_run(climb *self, qsg_error *error);
/* Move theta into the bounds, the held parameter staying. */
void climb_project(const climb *self, double *theta);
/* All directions in which theta may move when no bound stands in the way; their number. */
size_t climb_directions(const climb *self, direction *out);
/* The information in the directions, p x p, row-major. */
void climb_reduce(const climb *self, const double *information, const direction *directions, size_t p, double *out);

#endif
