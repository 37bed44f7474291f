/* Least squares of the neutral law on coordination (doc/theory/transcripts.md, eq. 8-11).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/fit_neutral.h"

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_min.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>

#include "infer/neutral_bound.h"
#include "qsg/moments.h"

#define ALPHA_MIN 1e-4
#define SCAN 161                 /* alphas of the scan, 6% apart */
#define MIN_RUNS 4               /* with fewer there is no spread to speak of */
#define MAX_GROUPS 12            /* of bins in a test */
#define EIGENVALUE_SHARE 1e-3    /* of the trace: smaller components are directions that the fit has used up */
#define TOO_FAST_LEVEL 1e-3

bool qsg_neutral_bin_fitted(const qsg_coordination *data, size_t b)
{
    const double runs = (double)data->runs;
    return data->present[b] >= runs / 2 && data->unresolved[b] >= fmin(5, ceil(runs / 2)) &&
           qsg_neutral_bin_error(data, b) > 0;
}

double qsg_neutral_bin_error(const qsg_coordination *data, size_t b)
{
    /* a pair of utterances is half an interaction's worth of evidence at most */
    const double n = data->paired ? data->n[b] : data->n[b] / 2, share = (data->value[b] * n + 0.5) / (n + 1);
    const double least = n > 0 ? sqrt(share * (1 - share) / (n + 1)) : NAN;
    return data->se[b] > least ? data->se[b] : least;
}

/* The fitted bins in units of their standard errors. */
typedef struct {
    const qsg_model *model;
    const qsg_coordination *data;
    size_t n, *bin;
    double *error, *law, *z, *slope, *spread; /* law: all bins; spread: runs x n; the others: n */
    double *matrix, *eigenvalues;             /* n x n, n */
    qsg_status status;                        /* of the minimizer's evaluations */
    qsg_error *message;
    double level;
} fit;

static void fit_free(fit *self)
{
    free(self->bin);
    free(self->error);
    free(self->law);
    free(self->z);
    free(self->slope);
    free(self->spread);
    free(self->matrix);
    free(self->eigenvalues);
}

static qsg_status fit_init(fit *self, const qsg_model *model, const qsg_coordination *data, qsg_error *error)
{
    const size_t bins = data->bins;
    *self = (fit){.model = model, .data = data, .message = error};
    self->bin = malloc(bins * sizeof *self->bin);
    self->error = malloc(bins * sizeof *self->error);
    self->law = malloc(bins * sizeof *self->law);
    self->z = malloc(bins * sizeof *self->z);
    self->slope = malloc(bins * sizeof *self->slope);
    self->spread = malloc(bins * data->runs * sizeof *self->spread);
    self->matrix = malloc(bins * bins * sizeof *self->matrix);
    self->eigenvalues = malloc(bins * sizeof *self->eigenvalues);
    if (!self->bin || !self->error || !self->law || !self->z || !self->slope || !self->spread || !self->matrix ||
        !self->eigenvalues) {
        fit_free(self);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu bins of %zu runs", bins, data->runs);
    }
    for (size_t b = 0; b < bins; b++)
        if (qsg_neutral_bin_fitted(data, b)) {
            self->error[self->n] = qsg_neutral_bin_error(data, b);
            self->bin[self->n++] = b;
        }
    for (size_t r = 0; r < data->runs; r++)
        for (size_t i = 0; i < self->n; i++)
            self->spread[r * self->n + i] = data->deviation[r * bins + self->bin[i]] / self->error[i];
    if (self->n)
        return QSG_OK;
    fit_free(self);
    return qsg_fail(error, QSG_EINPUT, "no bin can be fitted (%zu bins of %zu runs); expected bins in which several "
                                       "runs have not agreed yet", bins, data->runs);
}

/* Residuals of a law that is known in all bins, in standard errors; returns their sum of squares (eq. 8). */
static double residuals(fit *self, const double *law)
{
    double sum = 0;
    for (size_t i = 0; i < self->n; i++) {
        self->z[i] = (self->data->value[self->bin[i]] - law[self->bin[i]]) / self->error[i];
        sum += self->z[i] * self->z[i];
    }
    return sum;
}

static double misfit(double log_alpha, void *context)
{
    fit *self = context;
    const double top = 1 - self->model->self, alpha = exp(log_alpha);
    if (!self->status)
        self->status = qsg_neutral_coordination(self->model, alpha < top ? alpha : top, self->data, self->law,
                                                self->message);
    return self->status ? DBL_MAX : residuals(self, self->law);
}

/* Time at which E[S] reaches the level, to a fraction of an interaction; DBL_MAX when it never does. */
static double crossing(double log_alpha, void *context)
{
    fit *self = context;
    qsg_model at = *self->model;
    qsg_moments start, end;
    const double top = 1 - at.self;
    at.alpha = exp(log_alpha) < top ? exp(log_alpha) : top;
    if (!self->status)
        self->status = qsg_moments_start(&at, &start, self->message);
    if (self->status)
        return DBL_MAX;
    double low = 0, high = 1, s_low = qsg_moments_coordination(&at, &start), s_high = s_low;
    if (s_low >= self->level)
        return 0;
    for (; high < 1e18; low = high, s_low = s_high, high *= 2) {
        self->status = qsg_moments_evolve(&at, &start, high, &end, self->message);
        if (self->status)
            return DBL_MAX;
        s_high = qsg_moments_coordination(&at, &end);
        if (s_high >= self->level)
            break;
    }
    if (s_high < self->level)
        return DBL_MAX;
    while (high - low > 1) {
        const double middle = floor(low + (high - low) / 2);
        if (!(middle > low && middle < high) || qsg_moments_evolve(&at, &start, middle, &end, NULL))
            break;
        const double s = qsg_moments_coordination(&at, &end);
        if (s >= self->level)
            high = middle, s_high = s;
        else
            low = middle, s_low = s;
    }
    return low + (high - low) * (self->level - s_low) / (s_high - s_low);
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

/* log alphas of the scan */
static void scan_points(const qsg_model *model, double x[static SCAN])
{
    const double bottom = log(ALPHA_MIN), top = log(1 - model->self);
    for (int i = 0; i < SCAN; i++)
        x[i] = bottom + (top - bottom) * i / (SCAN - 1);
    x[SCAN - 1] = top;
}

/* The lowest minimum of `function` over the scan, and the next best local one. */
typedef struct {
    double x[SCAN], f[SCAN];
    double where, value, other, other_value;
    bool at_low, at_high;
} minima;

static qsg_status find_minima(fit *self, double (*function)(double, void *), minima *out)
{
    scan_points(self->model, out->x);
    for (int i = 0; i < SCAN; i++)
        out->f[i] = function(out->x[i], self);
    if (self->status)
        return self->status;
    out->value = out->other_value = DBL_MAX;
    out->where = out->other = NAN;
    for (int i = 0; i < SCAN; i++) {
        double where = out->x[i], value = out->f[i];
        if ((i > 0 && out->f[i - 1] < value) || (i < SCAN - 1 && out->f[i + 1] <= value))
            continue;
        qsg_status status = QSG_OK;
        if (i > 0 && i < SCAN - 1)
            status = refine(self, function, out->x + i - 1, out->f + i - 1, &where, &value);
        if (status)
            return status;
        if (value < out->value) {
            out->other = out->where;
            out->other_value = out->value;
            out->where = where;
            out->value = value;
            out->at_low = i == 0;
            out->at_high = i == SCAN - 1;
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

/* Sums over runs of adjacent bins, in place (eq. 10): a choice of directions that does not look at the data, so that
 * Hotelling's law holds; a third of the runs as directions leaves the covariance enough of them.  Returns how many. */
static size_t group_bins(fit *self)
{
    const size_t n = self->n, runs = self->data->runs, most = (runs - 1) / 3 < MAX_GROUPS ? (runs - 1) / 3 : MAX_GROUPS;
    const size_t groups = n < most ? n : most;
    for (size_t r = 0; r <= runs; r++) { /* the last turn is that of the residuals */
        const double *from = r < runs ? self->spread + r * n : self->z;
        double *to = r < runs ? self->spread + r * groups : self->z;
        for (size_t g = 0; g < groups; g++) {
            double sum = 0;
            for (size_t i = g * n / groups; i < (g + 1) * n / groups; i++)
                sum += from[i];
            to[g] = sum;
        }
    }
    return groups;
}

/* Hotelling's T^2 of the residuals on the run-to-run covariance of the groups (eq. 10); uses up z and spread. */
static qsg_status test_residuals(fit *self, qsg_neutral_test *out)
{
    const size_t runs = self->data->runs;
    double trace = 0, statistic = 0;
    size_t used = 0;
    *out = (qsg_neutral_test){NAN, NAN, NAN, NAN, false};
    if (runs < MIN_RUNS)
        return QSG_OK;
    const size_t n = group_bins(self);
    for (size_t i = 0; i < n * n; i++)
        self->matrix[i] = 0;
    for (size_t r = 0; r < runs; r++)
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j <= i; j++)
                self->matrix[i * n + j] += self->spread[r * n + i] * self->spread[r * n + j];
    for (size_t i = 0; i < n; i++)
        trace += self->matrix[i * n + i];
    if (!(trace > 0))
        return QSG_OK;
    if (LAPACKE_dsyev(LAPACK_ROW_MAJOR, 'V', 'L', (lapack_int)n, self->matrix, (lapack_int)n, self->eigenvalues))
        return qsg_fail(self->message, QSG_ENUMERIC, "the covariance of %zu groups could not be diagonalized", n);
    for (size_t k = 0; k < n; k++) {
        double sum = 0;
        if (self->eigenvalues[k] < EIGENVALUE_SHARE * trace)
            continue;
        for (size_t i = 0; i < n; i++)
            sum += self->matrix[i * n + k] * self->z[i];
        statistic += sum * sum / self->eigenvalues[k];
        used++;
    }
    const double p = (double)used, rest = (double)(runs - used);
    *out = (qsg_neutral_test){statistic, p, rest,
                              gsl_cdf_fdist_Q(statistic * rest / (p * (double)(runs - 1)), p, rest), false};
    return QSG_OK;
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
    int below = SCAN - 1, above = 0; /* the scan's points just outside */
    while (below >= 0 && (m->x[below] >= centre || m->f[below] <= limit))
        below--;
    while (above < SCAN && (m->x[above] <= centre || m->f[above] <= limit))
        above++;
    const double low = below < 0 ? centre : m->x[below + 1], high = above == SCAN ? centre : m->x[above - 1];
    out->low_bound = below < 0;
    out->high_bound = above == SCAN;
    out->low = exp(below < 0 ? m->x[0] : pass(self, fmin(low, centre), m->x[below], limit));
    out->high = exp(above == SCAN ? m->x[SCAN - 1] : pass(self, fmax(high, centre), m->x[above], limit));
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

/* How fast the data are beside the fastest neutral law. */
static qsg_status compare_speed(fit *self, minima *m, qsg_neutral_fit *out)
{
    qsg_moments start;
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
    status = find_minima(self, crossing, m);
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

/* The bin that is highest above all neutral laws. */
static qsg_status look_beyond(fit *self, double fitted, qsg_neutral_fit *out)
{
    double x[SCAN + 2], *ceiling = self->z; /* the residuals were used up by the test */
    int n = SCAN;
    scan_points(self->model, x);
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
    out->too_fast = self->data->runs >= MIN_RUNS &&
                    gsl_cdf_tdist_Q(out->beyond_z, (double)self->data->runs - 1) * (double)self->n < TOO_FAST_LEVEL;
    return QSG_OK;
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
    status = find_minima(&f, misfit, &best);
    if (status)
        goto out;
    out.alpha = fmin(exp(best.where), 1 - model->self);
    out.fitted = f.n;
    out.sum_of_squares = best.value;
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
    status = test_residuals(&f, &out.test);
    if (!status)
        neutral_bound(&out.test, data, f.law);
    if (!status && data->runs >= MIN_RUNS)
        interval(&f, &best, variance > 0 ? variance : (double)f.n, &out); /* the most it can be, bins being alike */
    if (!status)
        status = f.status ? f.status : compare_speed(&f, &fastest, &out);
    if (!status)
        status = look_beyond(&f, best.where, &out);
    if (!status)
        *self = out;
out:
    fit_free(&f);
    return status;
}

qsg_status qsg_neutral_test_law(qsg_neutral_test *self, const qsg_coordination *data, const double *law,
                                qsg_error *error)
{
    fit f;
    qsg_status status = fit_init(&f, NULL, data, error);
    if (status)
        return status;
    residuals(&f, law);
    status = test_residuals(&f, self);
    if (!status)
        neutral_bound(self, data, law);
    fit_free(&f);
    return status;
}
