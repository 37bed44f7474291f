/* The growing mode of the mixed state (doc/theory/kinetic.md, eq. 6).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/growing_mode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SLOWEST 0.003 /* keeps the path below some thousand rounds */

double growing_sum(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t k = 0; k <= n; k++)
        sum += a[k] * b[k];
    return sum;
}

/* Solve (1 + rate - P) x = y for the function y (upper), or the transpose for moments; k = 0 is treated apart, as P
 * leaves constants alone: `rate` > 0 is its pivot. */
static void solve_function(belief_law *law, double rate, double *x)
{
    const size_t n = law->n;
    belief_kernel(law);
    for (size_t k = n + 1; k-- > 0;) {
        const double *column = law->kernel + (k ? packed(k - 1) : 0);
        x[k] /= k ? 1 + rate + column[k] : rate;
        for (size_t i = 0; i < k; i++)
            x[i] -= column[i] * x[k];
    }
}

static void solve_moments(belief_law *law, double rate, double *x)
{
    const size_t n = law->n;
    belief_kernel(law);
    x[0] = 0;
    for (size_t k = 1; k <= n; k++) {
        const double *column = law->kernel + packed(k - 1);
        double sum = x[k];
        for (size_t i = 0; i < k; i++)
            sum -= column[i] * x[i];
        x[k] = sum / (1 + rate + column[k]);
    }
}

/* phi = (1 + Lambda - P)^{-1} r, shifted to mean 0 under pi; mode = (1 + Lambda - P*)^{-1} D pi (eq. 6) */
static void grow(growing_mode *self)
{
    belief_law *law = &self->c.law;
    const size_t n = law->n, bytes = (n + 1) * sizeof(double);
    memcpy(self->stationary, law->moments, bytes);
    memcpy(self->source, law->speech, bytes);
    self->source[0] -= growing_sum(law->speech, law->moments, n);
    memcpy(self->phi, self->source, bytes);
    solve_function(law, self->rate, self->phi);
    memcpy(self->mode, law->response, bytes);
    solve_moments(law, self->rate, self->mode);
    self->scale = growing_sum(self->phi, self->mode, n);
}

/* Coefficients of the product of two functions, cut at degree n. */
static qsg_status multiply(const double *a, const double *b, size_t n, double *product, qsg_error *error)
{
    const size_t fine = 2 * n;
    double *values = malloc((fine + 1) * sizeof *values);
    if (!values)
        return qsg_fail(error, QSG_ENOMEM, "no memory for a product of degree %zu", fine);
    for (size_t j = 0; j <= fine; j++) {
        const double z = 2 * cos(M_PI * (double)j / (double)fine);
        double a1 = 0, a2 = 0, b1 = 0, b2 = 0;
        for (size_t k = n; k > 0; k--) {
            const double next_a = a[k] + z * a1 - a2, next_b = b[k] + z * b1 - b2;
            a2 = a1;
            a1 = next_a;
            b2 = b1;
            b1 = next_b;
        }
        values[j] = (a[0] + z / 2 * a1 - a2) * (b[0] + z / 2 * b1 - b2);
    }
    qsg_status status = belief_coefficients(values, fine, error);
    if (!status)
        memcpy(product, values, (n + 1) * sizeof *product);
    free(values);
    return status;
}

/* 2 (1 + 2 Lambda - P)^{-1} [phi g] - phi^2, and what it makes of the start. */
static qsg_status fill_noise(growing_mode *self, bool independent, qsg_error *error)
{
    const size_t n = self->c.law.n;
    qsg_status status = multiply(self->phi, self->source, n, self->future, error);
    if (!status)
        status = multiply(self->phi, self->phi, n, self->square, error);
    if (status)
        return status;
    solve_function(&self->c.law, 2 * self->rate, self->future);
    for (size_t k = 0; k <= n; k++)
        self->future[k] = 2 * self->future[k] - self->square[k];
    self->lift = growing_sum(self->phi, self->start, n);
    self->variance = growing_sum(self->future, self->start, n);
    if (independent) /* the beliefs at t = 0 are drawn */
        self->variance += growing_sum(self->square, self->start, n) - self->lift * self->lift;
    return self->variance > 0 ? QSG_OK : qsg_fail(error, QSG_ENUMERIC, "the noise of the growing mode is lost in rounding (%g)",
                                                  self->variance);
}

static qsg_status check(const qsg_model *model, const char *who, qsg_error *error)
{
    const qsg_channel channel = qsg_channel_of(model);
    qsg_status status = belief_check(model, who, error);
    if (status)
        return status;
    if (model->bandwidth != 1 || model->exchange != QSG_ONEWAY || model->self > 0)
        return qsg_fail(error, QSG_EMODEL, "%s does not support --%s; expected --bandwidth 1 --exchange oneway "
                        "--self 0", who, model->bandwidth != 1 ? "bandwidth > 1" : model->self > 0 ? "self > 0"
                                                                                 : "exchange mutual");
    if (!closure_symmetric(&channel))
        return qsg_fail(error, QSG_EMODEL, "%s does not support a channel that prefers a label; expected no --field "
                        "and an even --prior", who);
    return QSG_OK;
}

static qsg_status fill(growing_mode *self, const qsg_model *model, qsg_error *error)
{
    const size_t size = self->c.law.n + 1;
    double **const arrays[] = {&self->phi, &self->source, &self->mode, &self->stationary, &self->start, &self->square,
                              &self->future, &self->room};
    double heard;
    double *all = calloc(sizeof arrays / sizeof *arrays * size, sizeof *all);
    if (!all)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the growing mode");
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        *arrays[i] = all + i * size;
    qsg_status status = closure_map(&self->c, 0.5, false, &heard, error);
    if (!status)
        status = belief_growth(&self->c.law, &self->rate, error);
    if (!status && !(self->rate > 1e-9))
        status = qsg_fail(error, QSG_ENOEXIST, "noise is not amplified: the growth rate is %g per round", self->rate);
    if (!status && self->rate < SLOWEST)
        status = qsg_fail(error, QSG_ENUMERIC, "growth at %g per round is too slow to follow; expected more than %g "
                          "(the adiabatic closure covers slower)", self->rate, SLOWEST);
    if (status)
        return status;
    path_start(model, self->c.law.n, self->start);
    grow(self);
    return fill_noise(self, model->start.kind == QSG_START_DIRICHLET, error);
}

void growing_free(growing_mode *self)
{
    free(self->phi); /* the first of all arrays */
    closure_free(&self->c);
    *self = (growing_mode){0};
}

qsg_status growing_init(growing_mode *self, const qsg_model *model, const char *who, qsg_error *error)
{
    qsg_status status = check(model, who, error);
    if (!status)
        status = path_closure(&self->c, model, 0, who, error);
    if (!status)
        status = fill(self, model, error);
    if (status)
        growing_free(self);
    return status;
}
