/* Data beside the fastest neutral law (doc/theory/transcripts.md, section 5).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

#include "infer/neutral_fit.h"
#include "qsg/moments.h"

#define TOO_FAST_LEVEL 1e-3

/* Time at which E[S] reaches the level; DBL_MAX when it never does. */
static double crossing(double log_alpha, void *context)
{
    fit *self = context;
    qsg_model at = *self->model;
    qsg_moments start;
    double t;
    at.alpha = fmin(exp(log_alpha), 1 - at.self);
    if (!self->status)
        self->status = qsg_moments_start(&at, &start, self->message);
    if (self->status)
        return DBL_MAX;
    const qsg_status status = qsg_moments_coordination_time(&at, &start, self->level, &t, NULL);
    if (status == QSG_OK)
        return t;
    if (status != QSG_ENOEXIST)
        self->status = qsg_fail(self->message, status, "the time to S = %g at alpha %g was not found", self->level,
                                at.alpha);
    return DBL_MAX;
}

/* When the data reach the level, between bin middles; the law's start counts as the point at time 0. */
static double data_crossing(const fit *self, double start)
{
    double time = 0, value = start;
    for (size_t b = 0; b < self->data->bins; b++) {
        const double next = self->data->value[b];
        if (!(next >= 0))
            continue;
        if (next >= self->level)
            return time + (self->data->time[b] - time) * (self->level - value) / (next - value);
        time = self->data->time[b];
        value = next;
    }
    return NAN;
}

qsg_status fit_compare_speed(fit *self, minima *m, qsg_neutral_fit *out)
{
    qsg_moments start;
    if (self->data->kind != QSG_SERIES_BINS)
        return QSG_OK;
    qsg_status status = qsg_moments_start(self->model, &start, self->message);
    if (status)
        return status;
    const double first = qsg_moments_coordination(self->model, &start);
    double top = first;
    for (size_t i = 0; i < self->n; i++)
        top = fmax(top, self->data->value[self->bin[i]]);
    if (!(top > first + 1e-6))
        return QSG_OK;
    self->level = out->level = first < 0.4 && top >= 0.5 ? 0.5 : (first + top) / 2;
    status = fit_find_minima(self, crossing, m);
    if (status)
        return status;
    out->data_time = data_crossing(self, first);
    if (m->value < DBL_MAX) {
        out->fastest_time = m->value;
        out->fastest_alpha = fmin(exp(m->where), 1 - self->model->self);
        out->speedup = out->data_time > 0 ? out->fastest_time / out->data_time : NAN;
    }
    return QSG_OK;
}

qsg_status fit_look_beyond(fit *self, double fitted, qsg_neutral_fit *out)
{
    double x[FIT_SCAN + 2], *ceiling = self->z; /* the residuals were used up by the test */
    int n = FIT_SCAN;
    fit_scan_points(self->model, x);
    x[n++] = fitted;
    if (out->fastest_alpha > 0)
        x[n++] = log(out->fastest_alpha);
    for (size_t i = 0; i < self->n; i++)
        ceiling[i] = 0;
    for (int k = 0; k < n; k++) {
        double *law = self->law;
        self->status = qsg_neutral_coordination(self->model, fmin(exp(x[k]), 1 - self->model->self), self->data, law,
                                                self->message);
        if (self->status)
            return self->status;
        for (size_t i = 0; i < self->n; i++)
            ceiling[i] = fmax(ceiling[i], law[self->bin[i]]);
    }
    out->beyond_z = -DBL_MAX;
    for (size_t i = 0; i < self->n; i++) {
        const double z = (self->data->value[self->bin[i]] - ceiling[i]) / self->error[i];
        if (z > out->beyond_z) {
            out->beyond_z = z;
            out->beyond = self->bin[i];
            out->ceiling = ceiling[i];
        }
    }
    out->too_fast = self->data->runs >= FIT_MIN_RUNS &&
                    gsl_cdf_tdist_Q(out->beyond_z, (double)self->data->runs - 1) * (double)self->n < TOO_FAST_LEVEL;
    return QSG_OK;
}
