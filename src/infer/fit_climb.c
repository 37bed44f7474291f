/* Damped scoring steps within bounds (doc/theory/inference.md, eq. 7-8).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "infer/fit_climb.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CONVERGED 1e-9 /* nats: three parts in 10^5 of a standard error */
#define GOOD_ENOUGH 1e-3 /* nats, where steps no longer help: a twentieth of a standard error */
enum { MAX_STEPS = 120, SCORING_STEPS = 12 };

void climb_free(climb *self)
{
    free(self->theta);
    free(self->directions);
    *self = (climb){0};
}

qsg_status climb_init(climb *self, const qsg_likelihood *likelihood, unsigned groups, const double *weights,
                      qsg_error *error)
{
    const size_t full = qsg_likelihood_parameters(likelihood), labels = qsg_likelihood_labels(likelihood);
    if (groups & QSG_FIT_FIELD && labels > MAX_FIELD_LABELS)
        return qsg_fail(error, QSG_EMODEL, "a field a label is too much to fit (K = %zu); expected at most %d labels, or no "
                                           "field among what is fitted", labels, MAX_FIELD_LABELS);
    *self = (climb){.likelihood = likelihood, .weights = weights, .groups = groups, .held = NO_PARAMETER, .labels = labels,
                    .full = full, .hopeless = -INFINITY};
    self->theta = calloc(6 * full + 3 * full * full, sizeof(double));
    self->directions = malloc(full * sizeof *self->directions);
    if (!self->theta || !self->directions) {
        climb_free(self);
        return qsg_fail(error, QSG_ENOMEM, "no memory to fit %zu parameters", full);
    }
    self->trial = self->theta + full;
    self->gradient = self->trial + full;
    self->trial_gradient = self->gradient + full;
    self->step = self->trial_gradient + full;
    self->move = self->step + full;
    self->information = self->move + full;
    self->trial_information = self->information + full * full;
    self->matrix = self->trial_information + full * full;
    return QSG_OK;
}

static bool is_free(const climb *self, size_t parameter)
{
    const size_t group = parameter < QSG_PAR_FIELD ? parameter : QSG_PAR_FIELD;
    return self->groups & 1u << group && parameter != self->held;
}

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

void climb_project(const climb *self, double *theta)
{
    double *alpha = &theta[QSG_PAR_ALPHA], *beta = &theta[QSG_PAR_SELF];
    const bool free_alpha = is_free(self, QSG_PAR_ALPHA), free_beta = is_free(self, QSG_PAR_SELF);
    if (free_alpha)
        *alpha = clamp(*alpha, ALPHA_MIN, free_beta ? 1 : 1 - *beta);
    if (free_beta)
        *beta = clamp(*beta, 0, free_alpha ? 1 - ALPHA_MIN : 1 - *alpha);
    if (free_alpha && free_beta && *alpha + *beta > 1) {
        *alpha = clamp(*alpha - (*alpha + *beta - 1) / 2, ALPHA_MIN, 1);
        *beta = 1 - *alpha;
    }
    if (is_free(self, QSG_PAR_SHARPNESS))
        theta[QSG_PAR_SHARPNESS] = clamp(theta[QSG_PAR_SHARPNESS], SHARPNESS_MIN, SHARPNESS_MAX);
    if (is_free(self, QSG_PAR_INNOVATION))
        theta[QSG_PAR_INNOVATION] = clamp(theta[QSG_PAR_INNOVATION], 0, 1);
    for (size_t k = 0; k < self->labels; k++)
        if (is_free(self, QSG_PAR_FIELD + k))
            theta[QSG_PAR_FIELD + k] = clamp(theta[QSG_PAR_FIELD + k], -FIELD_MAX, FIELD_MAX);
}

size_t climb_directions(const climb *self, direction *out)
{
    size_t n = 0, last = NO_PARAMETER;
    for (size_t i = 0; i < QSG_PAR_FIELD; i++)
        if (is_free(self, i))
            out[n++] = (direction){i, NO_PARAMETER};
    if (self->groups & QSG_FIT_FIELD && self->labels == 2) {
        if (is_free(self, QSG_PAR_FIELD))
            out[n++] = (direction){QSG_PAR_FIELD, NO_PARAMETER};
        return n;
    }
    for (size_t i = self->full; self->groups & QSG_FIT_FIELD && i-- > QSG_PAR_FIELD;)
        if (is_free(self, i)) { /* their sum stays */
            if (last != NO_PARAMETER)
                out[n++] = (direction){i, last};
            else
                last = i;
        }
    return n;
}

void climb_reduce(const climb *self, const double *information, const direction *d, size_t p, double *out)
{
    const size_t full = self->full;
    for (size_t a = 0; a < p; a++)
        for (size_t b = 0; b < p; b++) {
            double value = information[d[a].plus * full + d[b].plus];
            if (d[a].minus != NO_PARAMETER)
                value -= information[d[a].minus * full + d[b].plus];
            if (d[b].minus != NO_PARAMETER)
                value -= information[d[a].plus * full + d[b].minus];
            if (d[a].minus != NO_PARAMETER && d[b].minus != NO_PARAMETER)
                value += information[d[a].minus * full + d[b].minus];
            out[a * p + b] = value;
        }
}

static double along(const double *gradient, const direction *d)
{
    return gradient[d->plus] - (d->minus != NO_PARAMETER ? gradient[d->minus] : 0);
}

/* Whether moving parameter i by a number of the sign of `by` would leave the bounds. */
static bool stands_in_the_way(const climb *self, size_t i, double by)
{
    const double x = self->theta[i];
    switch (i) {
    case QSG_PAR_ALPHA: return (x <= ALPHA_MIN && by < 0) || (x >= 1 && by > 0);
    case QSG_PAR_SELF: return (x <= 0 && by < 0) || (x >= 1 && by > 0);
    case QSG_PAR_SHARPNESS: return (x <= SHARPNESS_MIN && by < 0) || (x >= SHARPNESS_MAX && by > 0);
    case QSG_PAR_INNOVATION: return (x <= 0 && by < 0) || (x >= 1 && by > 0);
    default: return (x <= -FIELD_MAX && by < 0) || (x >= FIELD_MAX && by > 0);
    }
}

/* Drop the directions that leave the bounds for the rates of change `rate` (one a parameter); the sum alpha + self = 1 leaves
 * only their exchange.  Returns how many are left. */
static size_t drop_blocked(const climb *self, direction *d, size_t p, const double *rate)
{
    const double sum = self->theta[QSG_PAR_ALPHA] + self->theta[QSG_PAR_SELF];
    const bool both = is_free(self, QSG_PAR_ALPHA) && is_free(self, QSG_PAR_SELF);
    size_t n = 0;
    for (size_t a = 0; a < p; a++) {
        const size_t i = d[a].plus;
        bool blocked = d[a].minus == NO_PARAMETER && stands_in_the_way(self, i, rate[i]);
        if (!blocked && d[a].minus == NO_PARAMETER && i <= QSG_PAR_SELF && sum >= 1)
            blocked = both ? i == QSG_PAR_SELF && rate[QSG_PAR_ALPHA] + rate[QSG_PAR_SELF] > 0 : rate[i] > 0;
        if (!blocked)
            d[n++] = d[a];
    }
    if (both && sum >= 1 && rate[QSG_PAR_ALPHA] + rate[QSG_PAR_SELF] > 0)
        for (size_t a = 0; a < n; a++)
            if (d[a].plus == QSG_PAR_ALPHA && d[a].minus == NO_PARAMETER)
                d[a].minus = QSG_PAR_SELF;
    return n;
}

/* Solve (A + damping diag A) step = gradient along the directions; false when A is not positive. */
static bool solve(climb *self, const direction *d, size_t p, double damping)
{
    climb_reduce(self, self->information, d, p, self->matrix);
    double top = 0;
    for (size_t a = 0; a < p; a++)
        top = fmax(top, self->matrix[a * p + a]);
    for (size_t a = 0; a < p; a++) {
        self->matrix[a * p + a] += damping * self->matrix[a * p + a] + 1e-13 * top + 1e-30;
        self->move[a] = along(self->gradient, &d[a]);
    }
    return LAPACKE_dposv(LAPACK_ROW_MAJOR, 'L', (lapack_int)p, 1, self->matrix, (lapack_int)p, self->move, 1) == 0;
}

/* The step within the bounds from the present point into self->step (one number a parameter), its expected gain into
 * *gain; false when it cannot be solved. */
static bool find_step(climb *self, double damping, double *gain)
{
    direction *d = self->directions;
    size_t p = drop_blocked(self, d, climb_directions(self, d), self->gradient);
    for (;;) {
        memset(self->step, 0, self->full * sizeof(double));
        *gain = 0;
        if (!p)
            return true;
        if (!solve(self, d, p, damping))
            return false;
        for (size_t a = 0; a < p; a++) {
            self->step[d[a].plus] += self->move[a];
            if (d[a].minus != NO_PARAMETER)
                self->step[d[a].minus] -= self->move[a];
            *gain += self->move[a] * along(self->gradient, &d[a]) / 2;
        }
        const size_t left = drop_blocked(self, d, p, self->step);
        if (left == p)
            return true;
        p = left;
    }
}

/* How far one step may go: the likelihood of sharp channels has several tops, and a long step lands under another. */
static void limit_step(climb *self)
{
    double factor = 1;
    for (size_t i = 0; i < self->full; i++) {
        const double most = i == QSG_PAR_SHARPNESS ? 0.7 * self->theta[i] + 0.01 : i < QSG_PAR_FIELD ? 0.2 : 3;
        if (fabs(self->step[i]) * factor > most)
            factor = most / fabs(self->step[i]);
    }
    for (size_t i = 0; i < self->full; i++)
        self->step[i] *= factor;
}

static qsg_status evaluate(climb *self, const double *theta, double *gradient, double *information, double *loglik,
                           qsg_error *error)
{
    const qsg_likelihood_request request = {.theta = theta, .weights = self->weights, .groups = self->groups,
                                            .gradient = gradient, .information = information};
    return qsg_likelihood_evaluate(self->likelihood, &request, loglik, error);
}

static void swap(double **a, double **b)
{
    double *c = *a;
    *a = *b;
    *b = c;
}

/* Put the curvature itself in the place of the expected information, from differences of the gradient: where the model does
 * not describe the data the two differ, and scoring creeps.  Kept as it was where the curvature has no top. */
static qsg_status observe(climb *self, qsg_error *error)
{
    const size_t full = self->full;
    double loglik, *matrix = self->trial_information;
    memset(matrix, 0, full * full * sizeof *matrix);
    for (size_t i = 0; i < full; i++) {
        const double room = 0.01 / sqrt(self->information[i * full + i] + 1);
        double spread = 0;
        if (!is_free(self, i))
            continue;
        for (int side = -1; side <= 1; side += 2) {
            memcpy(self->trial, self->theta, full * sizeof(double));
            self->trial[i] += side * room;
            climb_project(self, self->trial);
            const double moved = self->trial[i] - self->theta[i];
            qsg_status status = evaluate(self, self->trial, self->trial_gradient, NULL, &loglik, error);
            if (status)
                return status;
            if (moved == 0 || !(loglik > -INFINITY))
                continue;
            spread += fabs(moved);
            for (size_t j = 0; j < full; j++)
                matrix[i * full + j] -= side * (self->trial_gradient[j] - self->gradient[j]);
        }
        for (size_t j = 0; j < full && spread > 0; j++)
            matrix[i * full + j] /= spread;
    }
    for (size_t i = 0; i < full; i++)
        for (size_t j = 0; j < i; j++)
            matrix[i * full + j] = matrix[j * full + i] = (matrix[i * full + j] + matrix[j * full + i]) / 2;
    swap(&self->information, &self->trial_information);
    double gain;
    self->observed = find_step(self, 0, &gain);
    if (!self->observed)
        swap(&self->information, &self->trial_information);
    return QSG_OK;
}

/* One accepted step; *done when there is nothing left to gain. */
static qsg_status advance(climb *self, double *damping, bool *done, qsg_error *error)
{
    double gain, loglik;
    if (find_step(self, 0, &gain)) {
        self->decrement = gain;
        if (gain < CONVERGED) {
            *done = true;
            return QSG_OK;
        }
    }
    bool first = true;
    for (; *damping < 1e9; *damping = *damping > 0 ? 8 * *damping : 1e-3) {
        if (!find_step(self, *damping, &gain))
            continue;
        if (first)
            self->decrement = gain;
        first = false;
        limit_step(self);
        for (size_t i = 0; i < self->full; i++)
            self->trial[i] = self->theta[i] + self->step[i];
        climb_project(self, self->trial);
        qsg_status status = evaluate(self, self->trial, self->trial_gradient,
                                     self->observed ? NULL : self->trial_information, &loglik, error);
        if (status)
            return status;
        if (loglik > self->loglik) {
            memcpy(self->theta, self->trial, self->full * sizeof(double));
            swap(&self->gradient, &self->trial_gradient);
            if (!self->observed)
                swap(&self->information, &self->trial_information);
            self->loglik = loglik;
            *damping = *damping > 1e-6 ? *damping / 30 : 0;
            return QSG_OK;
        }
    }
    *done = true; /* rounding, or a kink, hides what is left */
    self->rough = !(self->decrement < GOOD_ENOUGH);
    return QSG_OK;
}

qsg_status climb_run(climb *self, qsg_error *error)
{
    double damping = 0;
    bool done = false;
    self->observed = self->rough = false;
    climb_project(self, self->theta);
    qsg_status status = evaluate(self, self->theta, self->gradient, self->information, &self->loglik, error);
    if (!status && !(self->loglik > -INFINITY))
        return qsg_fail(error, QSG_ENOEXIST, "a label was said that has no chance at all under the start beliefs (no innovation); "
                                             "expected a start that holds every label, or --fit innovation");
    for (int i = 0; i < MAX_STEPS && !status && !done; i++) {
        if (self->loglik < self->hopeless && i > SCORING_STEPS)
            break;
        if (i >= SCORING_STEPS && (i - SCORING_STEPS) % 4 == 0)
            status = observe(self, error);
        if (!status)
            status = advance(self, &damping, &done, error);
    }
    self->rough |= !done && !(self->decrement < GOOD_ENOUGH);
    return status;
}
