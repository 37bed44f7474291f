/* Least squares of the neutral law on coordination (doc/theory/transcripts.md, eq. 8-11).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_min.h>
#include <math.h>

#include "infer/neutral_bound.h"
#include "infer/neutral_fit.h"

static double misfit(double log_alpha, void *context)
{
    fit *self = context;
    const double top = 1 - self->model->self, alpha = exp(log_alpha);
    if (!self->status)
        self->status = qsg_neutral_coordination(self->model, alpha < top ? alpha : top, self->data, self->law,
                                                self->message);
    return self->status ? DBL_MAX : fit_residuals(self, self->law);
}

/* Refine the local minimum between x[0] < x[1] < x[2], f[1] <= f[0], f[2]. */
static qsg_status refine(fit *self, double (*function)(double, void *), const double *x, const double *f,
                         double *where, double *value)
{
    *where = x[1];
    *value = f[1];
    if (!(f[1] < f[0] && f[1] < f[2]) || f[0] >= DBL_MAX || f[2] >= DBL_MAX)
        return QSG_OK; /* flat or at the edge of existence: the scan's own point is as good */
    gsl_function target = {function, self};
    gsl_min_fminimizer *minimizer = gsl_min_fminimizer_alloc(gsl_min_fminimizer_brent);
    if (!minimizer)
        return qsg_fail(self->message, QSG_ENOMEM, "no memory for the minimizer");
    int code = gsl_min_fminimizer_set_with_values(minimizer, &target, x[1], f[1], x[0], f[0], x[2], f[2]);
    for (int i = 0; i < 200 && code == GSL_SUCCESS; i++) {
        code = gsl_min_fminimizer_iterate(minimizer);
        if (gsl_min_test_interval(gsl_min_fminimizer_x_lower(minimizer), gsl_min_fminimizer_x_upper(minimizer), 1e-9,
                                  0) == GSL_SUCCESS)
            break;
    }
    *where = gsl_min_fminimizer_x_minimum(minimizer);
    *value = gsl_min_fminimizer_f_minimum(minimizer);
    gsl_min_fminimizer_free(minimizer);
    if (self->status)
        return self->status;
    return code == GSL_SUCCESS || code == GSL_FAILURE /* no further progress in double precision */
               ? QSG_OK : qsg_fail(self->message, QSG_ENUMERIC, "the minimum near alpha %g was not found: %s",
                                   exp(*where), gsl_strerror(code));
}

void fit_scan_points(const qsg_model *model, double x[static FIT_SCAN])
{
    const double bottom = log(QSG_NEUTRAL_ALPHA_MIN), top = log(1 - model->self);
    for (int i = 0; i < FIT_SCAN; i++)
        x[i] = bottom + (top - bottom) * i / (FIT_SCAN - 1);
    x[FIT_SCAN - 1] = top;
}

qsg_status fit_find_minima(fit *self, double (*function)(double, void *), minima *out)
{
    fit_scan_points(self->model, out->x);
    for (int i = 0; i < FIT_SCAN; i++)
        out->f[i] = function(out->x[i], self);
    if (self->status)
        return self->status;
    out->value = out->other_value = DBL_MAX;
    out->where = out->other = NAN;
    for (int i = 0; i < FIT_SCAN; i++) {
        double where = out->x[i], value = out->f[i];
        if ((i > 0 && out->f[i - 1] < value) || (i < FIT_SCAN - 1 && out->f[i + 1] <= value))
            continue;
        qsg_status status = QSG_OK;
        if (i > 0 && i < FIT_SCAN - 1)
            status = refine(self, function, out->x + i - 1, out->f + i - 1, &where, &value);
        if (status)
            return status;
        if (value < out->value) {
            out->other = out->where;
            out->other_value = out->value;
            out->where = where;
            out->value = value;
            out->at_low = i == 0;
            out->at_high = i == FIT_SCAN - 1;
        } else if (value < out->other_value) {
            out->other = where;
            out->other_value = value;
        }
    }
    return QSG_OK;
}

/* Direction in which the law moves with log alpha, a unit vector in units of standard errors; false if it does not. */
static bool slope(fit *self, double log_alpha)
{
    const double top = log(1 - self->model->self), h = 1e-4;
    const double right = log_alpha + h < top ? log_alpha + h : top, left = right - 2 * h;
    double norm = 0;
    misfit(right, self);
    for (size_t i = 0; i < self->n; i++)
        self->slope[i] = self->law[self->bin[i]];
    misfit(left, self);
    for (size_t i = 0; i < self->n; i++) {
        self->slope[i] = (self->slope[i] - self->law[self->bin[i]]) / (self->error[i] * (right - left));
        norm += self->slope[i] * self->slope[i];
    }
    for (size_t i = 0; i < self->n; i++)
        self->slope[i] /= sqrt(norm);
    return norm > 1e-12;
}

/* Take the fitted direction out of residuals and spread (eq. 9); returns the variance along it, whose
 * expectation is 1 for independent bins. */
static double project(fit *self)
{
    double along = 0, variance = 0;
    for (size_t i = 0; i < self->n; i++)
        along += self->slope[i] * self->z[i];
    for (size_t i = 0; i < self->n; i++)
        self->z[i] -= along * self->slope[i];
    for (size_t r = 0; r < self->data->runs; r++) {
        double *e = self->spread + r * self->n, sum = 0;
        for (size_t i = 0; i < self->n; i++)
            sum += self->slope[i] * e[i];
        for (size_t i = 0; i < self->n; i++)
            e[i] -= sum * self->slope[i];
        variance += sum * sum;
    }
    return variance;
}

/* Where the sum of squares passes `limit` between an alpha inside and one outside. */
static double pass(fit *self, double inside, double outside, double limit)
{
    for (int i = 0; i < 60 && fabs(inside - outside) > 1e-10; i++) {
        const double middle = (inside + outside) / 2;
        if (misfit(middle, self) <= limit)
            inside = middle;
        else
            outside = middle;
    }
    return inside;
}

/* All alphas around the minimum `centre` whose sum of squares stays within `limit`; an end at the end of the scan is
 * the bound of the search. */
static void range_around(fit *self, const minima *m, double centre, double limit, qsg_neutral_range *out)
{
    int below = FIT_SCAN - 1, above = 0; /* the scan's points just outside */
    while (below >= 0 && (m->x[below] >= centre || m->f[below] <= limit))
        below--;
    while (above < FIT_SCAN && (m->x[above] <= centre || m->f[above] <= limit))
        above++;
    const double low = below < 0 ? centre : m->x[below + 1], high = above == FIT_SCAN ? centre : m->x[above - 1];
    out->low_bound = below < 0;
    out->high_bound = above == FIT_SCAN;
    out->low = exp(below < 0 ? m->x[0] : pass(self, fmin(low, centre), m->x[below], limit));
    out->high = exp(above == FIT_SCAN ? m->x[FIT_SCAN - 1] : pass(self, fmax(high, centre), m->x[above], limit));
}

/* 95% interval: all alphas whose sum of squares is within t^2 times the variance along the fit of the best (eq. 11).
 * The speed of a mutual exchange is not monotone in alpha, so a second range may fit as well. */
static void interval(fit *self, const minima *m, double variance, qsg_neutral_fit *out)
{
    const double t = gsl_cdf_tdist_Pinv(0.975, (double)self->data->runs - 1), limit = m->value + t * t * variance;
    range_around(self, m, m->where, limit, &out->range);
    if (m->other_value <= limit && !(exp(m->other) >= out->range.low && exp(m->other) <= out->range.high)) {
        out->other = exp(m->other);
        range_around(self, m, m->other, limit, &out->other_range);
    }
}

qsg_status qsg_neutral_fit_run(qsg_neutral_fit *self, const qsg_model *model, const qsg_coordination *data,
                               qsg_error *error)
{
    fit f;
    minima best, fastest;
    double variance = 0;
    qsg_neutral_fit out = {.range = {NAN, NAN, false, false}, .other = NAN, .level = NAN,
                           .data_time = NAN, .fastest_time = NAN, .fastest_alpha = NAN, .speedup = NAN};
    qsg_status status = fit_init(&f, model, data, error);
    if (status)
        return status;
    status = fit_find_minima(&f, misfit, &best);
    if (status)
        goto out;
    out.alpha = best.at_low ? QSG_NEUTRAL_ALPHA_MIN : fmin(exp(best.where), 1 - model->self);
    out.fitted = f.n;
    const bool moves = slope(&f, best.where);
    out.sum_of_squares = misfit(best.where, &f); /* leaves the residuals behind */
    if (moves && f.n > 1 && !best.at_low && !best.at_high)
        variance = project(&f);
    else
        for (size_t r = 0; r < data->runs && moves; r++) {
            double sum = 0;
            for (size_t i = 0; i < f.n; i++)
                sum += f.slope[i] * f.spread[r * f.n + i];
            variance += sum * sum;
        }
    status = fit_test(&f, &out.test);
    if (!status)
        neutral_bound(&out.test, data, f.law);
    if (!status && data->runs >= FIT_MIN_RUNS)
        interval(&f, &best, variance > 0 ? variance : (double)f.n, &out); /* the most it can be, bins being alike */
    if (!status)
        status = f.status ? f.status : fit_compare_speed(&f, &fastest, &out);
    if (!status)
        status = fit_look_beyond(&f, best.where, &out);
    if (!status)
        *self = out;
out:
    fit_free(&f);
    return status;
}
