/* The law of beliefs in time (doc/theory/kinetic.md, eq. 1 and 5).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_odeiv2.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/kinetic.h"
#include "theory/kinetic_path.h"

#define STEP 0.5
#define RESOLUTION 128 /* Chebyshev moments of a picture */

/* A sum in any order, which the exact laws of belief_dot do not want and a path cannot tell. */
static double quick_dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* dmu/dtau: hearing the mixture of messages that the law itself speaks (eq. 1); mu_0 stays 1. */
static int slope_of(double rounds, const double *mu, double *out, void *context)
{
    closure *c = context;
    belief_law *law = &c->law;
    (void)rounds;
    belief_speak(law, mu, law->message);
    out[0] = 0;
    for (size_t k = 1; k <= law->n; k++) {
        double heard = 0;
        for (size_t b = 0; b <= law->m; b++)
            heard += law->message[b] *
                     quick_dot(belief_column(law, law->maps + b * belief_map_size(law), k), mu, belief_rows(law, k));
        out[k] = c->pace * (heard - mu[k]);
    }
    return GSL_SUCCESS;
}

void path_free(kinetic_path *self)
{
    if (self->step)
        gsl_odeiv2_step_free(self->step);
    free(self->error);
    *self = (kinetic_path){0};
}

qsg_status path_init(kinetic_path *self, closure *c, qsg_error *error)
{
    const size_t size = c->law.n + 1;
    self->step = gsl_odeiv2_step_alloc(gsl_odeiv2_step_rk8pd, size);
    self->error = malloc(size * sizeof(double));
    self->system = (gsl_odeiv2_system){slope_of, NULL, size, c};
    if (self->step && self->error)
        return QSG_OK;
    path_free(self);
    return qsg_fail(error, QSG_ENOMEM, "no memory for the kinetic path");
}

qsg_status path_advance(kinetic_path *self, double *mu, double length, qsg_error *error)
{
    const double steps = ceil(length / STEP);
    if (!(steps < 1e7))
        return qsg_fail(error, QSG_EDOMAIN, "time is too long (%g rounds); expected fewer than 5e6", length);
    for (double i = 0; i < steps; i++) {
        const int code = gsl_odeiv2_step_apply(self->step, 0, length / steps, mu, self->error, NULL, NULL,
                                               &self->system);
        if (code)
            return qsg_fail(error, QSG_ENUMERIC, "the kinetic path: %s", gsl_strerror(code));
    }
    return QSG_OK;
}

static void point_moments(double x, double weight, size_t n, double *mu)
{
    const double angle = acos(fmax(-1, fmin(1, 2 * x - 1)));
    for (size_t k = 0; k <= n; k++)
        mu[k] += weight * cos((double)k * angle);
}

static qsg_status dirichlet_moments(double c, size_t n, double *mu, qsg_error *error)
{
    gsl_integration_fixed_workspace *rule =
        gsl_integration_fixed_alloc(gsl_integration_fixed_jacobi, n + 1, 0, 1, c - 1, c - 1);
    if (!rule)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the start");
    const double *x = gsl_integration_fixed_nodes(rule), *w = gsl_integration_fixed_weights(rule);
    double total = 0;
    for (size_t i = 0; i <= n; i++)
        total += w[i];
    for (size_t i = 0; i <= n; i++)
        point_moments(x[i], w[i] / total, n, mu);
    gsl_integration_fixed_free(rule);
    return QSG_OK;
}

qsg_status path_start(const qsg_model *model, size_t n, double *mu, qsg_error *error)
{
    memset(mu, 0, (n + 1) * sizeof *mu);
    switch (model->start.kind) {
    case QSG_START_ONEHOT:
        point_moments(0, 1 - model->start.p[0], n, mu);
        point_moments(1, model->start.p[0], n, mu);
        break;
    case QSG_START_DIRICHLET: return dirichlet_moments(model->start.concentration, n, mu, error);
    case QSG_START_BELIEFS:
        for (uint64_t i = 0; i < model->agents; i++)
            point_moments(model->start.beliefs[2 * i], 1 / (double)model->agents, n, mu);
        break;
    default: point_moments(model->start.p[0], 1, n, mu);
    }
    mu[0] = 1;
    return QSG_OK;
}

qsg_status path_closure(closure *c, const qsg_model *model, size_t degree, const char *who, qsg_error *error)
{
    qsg_status status = belief_check(model, who, error);
    if (!status && isinf(model->bandwidth))
        status = qsg_fail(error, QSG_EMODEL, "%s does not support --bandwidth inf; expected a number", who);
    if (!status)
        status = closure_init_degree(c, model, (belief_degree){degree > 8 ? degree : 8, 1024, 1e-15}, who, error);
    if (!status && c->law.aliased > 1e-6)
        status = qsg_fail(error, QSG_ENUMERIC, "%s: the channel is too steep (%g); expected a larger --temper", who,
                          model->temper);
    return status;
}

qsg_status qsg_kinetic_evolve(const qsg_model *model, size_t n, const double *rounds, double *mean, double *variance,
                              qsg_error *error)
{
    closure c = {0};
    kinetic_path stepping = {0};
    double *mu = NULL, *values = malloc((2 * n + 1) * sizeof *values);
    qsg_status status = values ? path_closure(&c, model, 0, "the kinetic path", error)
                               : qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", n);
    if (!status)
        status = path_init(&stepping, &c, error);
    if (!status && !(mu = malloc((c.law.n + 1) * sizeof *mu)))
        status = qsg_fail(error, QSG_ENOMEM, "no memory for the kinetic path");
    if (!status)
        status = path_start(model, c.law.n, mu, error);
    double now = 0;
    for (size_t i = 0; i < n && !status; now = rounds[i], i++) {
        if (!(rounds[i] >= now))
            status = qsg_fail(error, QSG_EDOMAIN, "time is %g rounds; expected an increasing number >= 0", rounds[i]);
        else
            status = path_advance(&stepping, mu, rounds[i] - now, error);
        if (!status) {
            values[i] = (1 + mu[1]) / 2;
            values[n + i] = fmax(0, ((1 + mu[2]) / 2 - mu[1] * mu[1]) / 4);
        }
    }
    if (!status && n) {
        memcpy(mean, values, n * sizeof *mean);
        if (variance)
            memcpy(variance, values + n, n * sizeof *variance);
    }
    free(mu);
    free(values);
    path_free(&stepping);
    closure_free(&c);
    return status;
}

/* Jackson's factor of degree k among 0 .. n: the smoothed series of a positive measure is positive. */
static double jackson(size_t k, size_t n)
{
    const double q = M_PI / ((double)n + 2), j = (double)k;
    return (((double)n + 2 - j) * cos(q * j) + sin(q * j) / tan(q)) / ((double)n + 2);
}

qsg_status qsg_kinetic_density(const qsg_model *model, double rounds, size_t cells, double *mass, qsg_error *error)
{
    closure c = {0};
    kinetic_path stepping = {0};
    double *mu = NULL;
    if (!(rounds >= 0))
        return qsg_fail(error, QSG_EDOMAIN, "time is %g rounds; expected a number >= 0", rounds);
    if (cells == 0)
        return qsg_fail(error, QSG_EDOMAIN, "number of cells is 0; expected at least 1");
    qsg_status status = path_closure(&c, model, RESOLUTION, "the kinetic density", error);
    if (!status)
        status = path_init(&stepping, &c, error);
    if (!status && !(mu = malloc((c.law.n + 1) * sizeof *mu)))
        status = qsg_fail(error, QSG_ENOMEM, "no memory for the kinetic path");
    if (!status)
        status = path_start(model, c.law.n, mu, error);
    if (!status)
        status = path_advance(&stepping, mu, rounds, error);
    double before = 0; /* integral over the angle from pi down: 1 - theta/pi - sum 2 g_k mu_k sin(k theta)/(k pi) */
    for (size_t i = 1; i <= cells && !status; i++) {
        const double theta = i == cells ? 0 : acos(2 * (double)i / (double)cells - 1);
        double now = 1 - theta / M_PI;
        for (size_t k = 1; k <= RESOLUTION; k++)
            now -= 2 * jackson(k, RESOLUTION) * mu[k] * sin((double)k * theta) / ((double)k * M_PI);
        mass[i - 1] = fmax(0, now - before);
        before = now;
    }
    free(mu);
    path_free(&stepping);
    closure_free(&c);
    return status;
}
