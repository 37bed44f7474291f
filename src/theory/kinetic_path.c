/* The law of beliefs in time (doc/theory/kinetic.md, eq. 1 and 5).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/kinetic.h"
#include "theory/kinetic_path.h"

#define FIRST_STEP 0.5
#define ACCURACY 1e-11     /* of a step */
#define REST 1e-13         /* change of all moments in a round */
#define LONGEST 1e7        /* rounds */
#define EVALUATIONS 13.0     /* of the law in a step */
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
    if (self->evolve)
        gsl_odeiv2_evolve_free(self->evolve);
    if (self->control)
        gsl_odeiv2_control_free(self->control);
    if (self->step)
        gsl_odeiv2_step_free(self->step);
    *self = (kinetic_path){0};
}

qsg_status path_init(kinetic_path *self, closure *c, qsg_error *error)
{
    const size_t size = c->law.n + 1;
    self->step = gsl_odeiv2_step_alloc(gsl_odeiv2_step_rk8pd, size);
    self->control = gsl_odeiv2_control_y_new(ACCURACY, 0);
    self->evolve = gsl_odeiv2_evolve_alloc(size);
    self->system = (gsl_odeiv2_system){slope_of, NULL, size, c};
    self->length = FIRST_STEP;
    if (self->step && self->control && self->evolve)
        return QSG_OK;
    path_free(self);
    return qsg_fail(error, QSG_ENOMEM, "no memory for the kinetic path");
}

static bool is_resting(const gsl_odeiv2_evolve *evolve)
{
    for (size_t k = 0; k < evolve->dimension; k++)
        if (fabs(evolve->dydt_out[k]) > REST)
            return false;
    return true;
}

qsg_status path_advance(kinetic_path *self, double *mu, double length, qsg_error *error)
{
    double now = 0;
    while (now < length && !self->resting) {
        if (self->most > 0 && (double)self->evolve->count >= self->most)
            return qsg_fail(error, QSG_ENOEXIST, "time is too long: %g steps do not reach it", self->most);
        double step = self->length;
        const int code = gsl_odeiv2_evolve_apply(self->evolve, self->control, self->step, &self->system, &now, length, &step, mu);
        if (code)
            return qsg_fail(error, QSG_ENUMERIC, "the kinetic path: %s", gsl_strerror(code));
        if (now < length || step > self->length) /* the last step is cut by the end */
            self->length = step;
        self->resting = is_resting(self->evolve);
    }
    return QSG_OK;
}

static void point_moments(double x, double weight, size_t n, double *mu)
{
    const double angle = acos(fmax(-1, fmin(1, 2 * x - 1)));
    for (size_t k = 0; k <= n; k++)
        mu[k] += weight * cos((double)k * angle);
}

/* Beta(c, c): cos(angle) of a density sin(angle)^(2c-1), whose cosine moments have this ratio, by parts. */
static void dirichlet_moments(double c, size_t n, double *mu)
{
    const double twice = 2 * fmin(c, 1e300);
    mu[0] = 1;
    for (size_t k = 2; k <= n; k += 2)
        mu[k] = mu[k - 2] * ((double)k - 1 - twice) / ((double)k - 1 + twice);
}

void path_start(const qsg_model *model, size_t n, double *mu)
{
    memset(mu, 0, (n + 1) * sizeof *mu);
    switch (model->start.kind) {
    case QSG_START_ONEHOT:
        point_moments(0, 1 - model->start.p[0], n, mu);
        point_moments(1, model->start.p[0], n, mu);
        break;
    case QSG_START_DIRICHLET: dirichlet_moments(model->start.concentration, n, mu); break;
    case QSG_START_BELIEFS:
        for (uint64_t i = 0; i < model->agents; i++)
            point_moments(model->start.beliefs[2 * i], 1 / (double)model->agents, n, mu);
        break;
    default: point_moments(model->start.p[0], 1, n, mu);
    }
    mu[0] = 1;
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

/* The moments at the times; NaN from the first on that takes too many steps. */
static qsg_status follow(closure *c, const qsg_model *model, size_t n, const double *rounds, double most, double *mu,
                         double *values, qsg_error *error)
{
    kinetic_path path = {0};
    double now = 0;
    qsg_status status = path_init(&path, c, error), reached = QSG_OK;
    path.most = most;
    path_start(model, c->law.n, mu);
    for (size_t i = 0; i < n && !status; now = rounds[i], i++) {
        if (!reached)
            reached = path_advance(&path, mu, rounds[i] - now, error);
        if (reached && reached != QSG_ENOEXIST)
            status = reached;
        values[i] = reached ? NAN : (1 + mu[1]) / 2;
        values[n + i] = reached ? NAN : fmax(0, ((1 + mu[2]) / 2 - mu[1] * mu[1]) / 4);
    }
    path_free(&path);
    return status;
}

qsg_status path_follow(const qsg_model *model, size_t n, const double *rounds, double work, double *mean,
                       double *variance, qsg_error *error)
{
    closure c = {0};
    double *mu = NULL, *values = malloc((2 * n + 1) * sizeof *values);
    qsg_status status = values ? path_closure(&c, model, 0, "the kinetic path", error)
                               : qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", n);
    for (size_t i = 0; i < n && !status; i++)
        if (!(rounds[i] >= (i ? rounds[i - 1] : 0)) || (work == 0 && !(rounds[i] < LONGEST)))
            status = qsg_fail(error, QSG_EDOMAIN, "time is %g rounds; expected an increasing number, at least 0 and below "
                              "%g", rounds[i], LONGEST);
    const double size = (double)c.law.n + 1, step = EVALUATIONS * ((double)c.law.m + 1) * size * size;
    if (!status && !(mu = malloc((c.law.n + 1) * sizeof *mu)))
        status = qsg_fail(error, QSG_ENOMEM, "no memory for the kinetic path");
    if (!status)
        status = follow(&c, model, n, rounds, work > 0 ? fmax(1, work / step) : 0, mu, values, error);
    if (!status && n) {
        memcpy(mean, values, n * sizeof *mean);
        if (variance)
            memcpy(variance, values + n, n * sizeof *variance);
    }
    free(mu);
    free(values);
    closure_free(&c);
    return status;
}

qsg_status qsg_kinetic_evolve(const qsg_model *model, size_t n, const double *rounds, double *mean, double *variance,
                              qsg_error *error)
{
    return path_follow(model, n, rounds, 0, mean, variance, error);
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
    if (!(rounds >= 0 && rounds < LONGEST))
        return qsg_fail(error, QSG_EDOMAIN, "time is %g rounds; expected a number >= 0 and below %g", rounds, LONGEST);
    if (cells == 0)
        return qsg_fail(error, QSG_EDOMAIN, "number of cells is 0; expected at least 1");
    qsg_status status = path_closure(&c, model, RESOLUTION, "the kinetic density", error);
    if (!status)
        status = path_init(&stepping, &c, error);
    if (!status && !(mu = malloc((c.law.n + 1) * sizeof *mu)))
        status = qsg_fail(error, QSG_ENOMEM, "no memory for the kinetic path");
    if (!status) {
        path_start(model, c.law.n, mu);
        status = path_advance(&stepping, mu, rounds, error);
    }
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
