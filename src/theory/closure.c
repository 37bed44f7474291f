/* Self-consistent mean beliefs (doc/theory/adiabatic.md).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/closure.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDING 1e-13 /* of F(1/2) - 1/2, which is 0 by symmetry */
#define TOO_ROUGH 1e-9 /* neglected coefficients k^{-1-2/T} add up to 10^6 times as much in a slope */
#define SCAN 257 /* odd, so that 1/2 is one of them */

qsg_status closure_init(closure *self, const qsg_model *model, const char *who, qsg_error *error)
{
    return closure_init_degree(self, model, BELIEF_FULL, who, error);
}

qsg_status closure_init_degree(closure *self, const qsg_model *model, belief_degree degree, const char *who,
                               qsg_error *error)
{
    qsg_status status = belief_check(model, who, error);
    if (status)
        return status;
    closure new = {.soft = isinf(model->bandwidth), .alpha = model->alpha,
                   .pace = model->exchange == QSG_MUTUAL ? 2 : 1, .channel = qsg_channel_of(model)};
    if (!new.soft)
        status = belief_init(&new.law,
                             &(belief_agent){model->alpha, model->bandwidth, model->self, model->exchange == QSG_MUTUAL},
                             &new.channel, degree, error);
    if (!status)
        *self = new;
    return status;
}

double closure_spread(const qsg_model *model)
{
    const double m = model->bandwidth, a = model->alpha, b = model->self, fresh = 2 * m * a * (1 - a);
    return isinf(m) ? 1 : fresh / (fresh + a * a + b * b);
}

void closure_free(closure *self)
{
    belief_free(&self->law);
}

qsg_status closure_map(closure *self, double p, bool warm, double *heard, qsg_error *error)
{
    if (self->soft) {
        *heard = qsg_channel_binary(&self->channel, p);
        return QSG_OK;
    }
    return belief_at(&self->law, p, warm, heard, error);
}

/* Lobatto node j of n, from p = 1 down to 0, exact at both ends. */
static double node(size_t j, size_t n)
{
    const double s = sin(M_PI * (double)j / (2 * (double)n));
    return j == n ? 0 : 1 - s * s;
}

static qsg_status refine(closure *self, size_t n, double *values, qsg_error *error)
{
    const size_t stride = CLOSURE_SERIES / n;
    const bool first = n == 16;
    for (size_t j = 0; j <= n; j++) {
        if (!first && j % 2 == 0)
            continue; /* known from half as many */
        const double p = node(j, n);
        qsg_status status = closure_map(self, p, j > 1, &values[j * stride], error);
        if (!status && !self->soft)
            status = belief_resolved(&self->law, p, error);
        if (status)
            return status;
    }
    return QSG_OK;
}

/* Largest of the last eighth, and the sum of all: the rest is as small, as coefficients fall geometrically. */
static bool is_resolved(const double *coefficients, size_t n)
{
    double tail = 0, size = 0;
    for (size_t k = 0; k <= n; k++) {
        size = fmax(size, fabs(coefficients[k]));
        if (k >= n - n / 8)
            tail = fmax(tail, fabs(coefficients[k]));
    }
    return tail <= 1e-13 * size;
}

qsg_status closure_sample(closure *self, closure_series *series, qsg_error *error)
{
    double *values = malloc(2 * (CLOSURE_SERIES + 1) * sizeof *values), *made = values + CLOSURE_SERIES + 1;
    qsg_status status = values ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for the closure");
    bool resolved = false;
    size_t n;
    for (n = 16; !status; n *= 2) {
        status = refine(self, n, values, error);
        for (size_t j = 0; j <= n; j++)
            made[j] = values[j * (CLOSURE_SERIES / n)];
        if (!status)
            status = belief_coefficients(made, n, error);
        resolved = !status && is_resolved(made, n);
        if (status || resolved || n == CLOSURE_SERIES)
            break;
    }
    if (!status && !resolved)
        status = qsg_fail(error, QSG_ENUMERIC, "%d mean beliefs do not resolve the closure", CLOSURE_SERIES + 1);
    if (!status) {
        series->n = n;
        memcpy(series->coefficients, made, (n + 1) * sizeof *made);
    }
    free(values);
    return status;
}

double closure_series_at(const closure_series *series, double p)
{
    const double z = 2 * p - 1;
    double next = 0, after = 0;
    for (size_t k = series->n; k > 0; k--) {
        const double now = series->coefficients[k] + 2 * z * next - after;
        after = next;
        next = now;
    }
    return series->coefficients[0] + z * next - after;
}

/* r'(x), also at the ends; NaN where it is infinite */
static double soft_slope(const qsg_channel *channel, double x)
{
    if (x > 0 && x < 1)
        return qsg_channel_binary_slope(channel, x);
    if (channel->sharpness != 1)
        return channel->sharpness > 1 ? 0 : NAN;
    const double h = channel->field ? channel->field[0] - channel->field[1] : 0;
    const double slope = (1 - channel->innovation) * exp(x > 0 ? -h : h);
    return isfinite(slope) ? slope : NAN;
}

static bool is_consensus(const closure *self, double p)
{
    return (p == 0 || p == 1) && qsg_channel_binary(&self->channel, p) == p;
}

qsg_status closure_stability(closure *self, double p, qsg_fixed_point *point, qsg_error *error)
{
    qsg_fixed_point found = {.p = p};
    qsg_status status = QSG_ENOEXIST;
    if (self->soft) {
        found.slope = soft_slope(&self->channel, p);
        found.growth = self->alpha * (found.slope - 1);
        status = QSG_OK;
    } else if (is_consensus(self, p) && !self->law.dense) {
        status = belief_consensus(&self->law, &self->channel, p == 1, &found.slope, &found.growth, error);
    }
    if (status == QSG_ENOEXIST) {
        status = belief_growth(&self->law, &found.growth, error);
        if (!status)
            status = belief_feedback(&self->law, 0, &found.slope, error);
    }
    found.growth *= self->pace;
    found.stable = found.slope < 1;
    if (!status)
        *point = found;
    return status;
}

bool closure_symmetric(const qsg_channel *channel)
{
    return (!channel->field || channel->field[0] == channel->field[1]) &&
           (channel->innovation == 0 || channel->prior[0] == 0.5);
}

typedef struct {
    belief_function *function;
    void *context;
    qsg_error *error;
    qsg_status status;
} root_context;

static double evaluate(double x, void *context)
{
    root_context *self = context;
    double value = 0;
    if (!self->status)
        self->status = self->function(x, self->context, &value, self->error);
    return self->status ? 0 : value;
}

qsg_status belief_root(belief_function *function, void *context, double low, double high, double tolerance,
                       double *root, qsg_error *error)
{
    root_context own = {function, context, error, QSG_OK};
    gsl_function f = {evaluate, &own};
    const double at_low = evaluate(low, &own), at_high = evaluate(high, &own);
    if (own.status)
        return own.status;
    if (at_low == 0 || at_high == 0) {
        *root = at_low == 0 ? low : high;
        return QSG_OK;
    }
    if (!(at_low * at_high < 0) || !isfinite(at_low) || !isfinite(at_high))
        return qsg_fail(error, QSG_ENUMERIC, "no sign change between %g and %g", low, high);
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    if (!solver)
        return qsg_fail(error, QSG_ENOMEM, "no memory for a root");
    int code = gsl_root_fsolver_set(solver, &f, low, high);
    for (int i = 0; i < 200 && !code && !own.status; i++) {
        code = gsl_root_fsolver_iterate(solver);
        if (gsl_root_test_interval(gsl_root_fsolver_x_lower(solver), gsl_root_fsolver_x_upper(solver), tolerance,
                                   4e-16) == GSL_SUCCESS)
            break;
    }
    if (!code && !own.status)
        *root = gsl_root_fsolver_root(solver);
    gsl_root_fsolver_free(solver);
    return own.status ? own.status : code ? qsg_fail(error, QSG_ENUMERIC, "%s", gsl_strerror(code)) : QSG_OK;
}

typedef struct {
    closure *self;
    closure_series series;
    bool sampled; /* otherwise law by law */
    size_t capacity, n;
    qsg_fixed_point *points;
    double p[SCAN], excess[SCAN];
} search;

static qsg_status excess(double p, void *context, double *value, qsg_error *error)
{
    search *s = context;
    qsg_status status = QSG_OK;
    if (s->sampled)
        *value = closure_series_at(&s->series, p);
    else
        status = closure_map(s->self, p, true, value, error);
    *value -= p;
    return status;
}

/* Whether the slope at a consensus comes from a Chebyshev series that is cut where it still grows. */
static bool is_cut(const closure *self, double p)
{
    return !self->soft && is_consensus(self, p) && self->channel.sharpness < 1 && self->law.tail > TOO_ROUGH &&
           !belief_consensus_known(&self->law, &self->channel);
}

static qsg_status add(search *s, double p, qsg_error *error)
{
    double heard;
    if (s->n == s->capacity)
        return qsg_fail(error, QSG_ENUMERIC, "more than %zu fixed points", s->capacity);
    qsg_status status = closure_map(s->self, p, false, &heard, error);
    if (!status && !s->self->soft)
        status = belief_resolved(&s->self->law, p, error);
    if (!status)
        status = closure_stability(s->self, p, &s->points[s->n], error);
    if (status)
        return status;
    if (is_cut(s->self, p)) /* the value is known to be too small, not how much */
        s->points[s->n].slope = s->points[s->n].growth = NAN;
    s->n++;
    return QSG_OK;
}

/* Mean beliefs that crowd towards 0, 1/2 and 1, where branches meet. */
static qsg_status scan(search *s, qsg_error *error)
{
    for (size_t i = 0; i < SCAN; i++) {
        const double u = (double)i / (SCAN - 1);
        const double near = u - sin(4 * M_PI * u) / (4 * M_PI) * 0.97;
        s->p[i] = 2 * i + 1 == SCAN ? 0.5 : i == SCAN - 1 ? 1 : near;
        qsg_status status = excess(s->p[i], s, &s->excess[i], error);
        if (status)
            return status;
    }
    return QSG_OK;
}

/* A dip of |excess| without a sign change: narrow it down; a double root counts as one fixed point, two close ones
 * are found once a sign change shows. */
static qsg_status look_for_touch(search *s, size_t i, qsg_error *error)
{
    double a = s->p[i - 1], b = s->p[i + 1], low, high, sign = s->excess[i] > 0 ? 1 : -1, best = 0;
    for (int step = 0; step < 40 && b - a > 1e-9; step++) {
        const double x = a + (b - a) * 0.382, y = a + (b - a) * 0.618;
        qsg_status status = excess(x, s, &low, error);
        if (!status)
            status = excess(y, s, &high, error);
        if (status)
            return status;
        if (low * sign < 0 || high * sign < 0) {
            const double inside = low * sign < 0 ? x : y;
            status = belief_root(excess, s, s->p[i - 1], inside, 1e-14, &best, error);
            if (!status)
                status = add(s, best, error);
            if (!status)
                status = belief_root(excess, s, inside, s->p[i + 1], 1e-14, &best, error);
            return status ? status : add(s, best, error);
        }
        if (low * sign < high * sign)
            b = y;
        else
            a = x;
    }
    return fabs(low) < 1e-12 ? add(s, (a + b) / 2, error) : QSG_OK;
}

static qsg_status collect(search *s, qsg_error *error)
{
    qsg_status status = QSG_OK;
    const bool low = qsg_channel_binary(&s->self->channel, 0) == 0;
    const bool high = qsg_channel_binary(&s->self->channel, 1) == 1;
    if (low) {
        s->excess[0] = 0;
        status = add(s, 0, error);
    }
    if (high)
        s->excess[SCAN - 1] = 0;
    for (size_t i = 1; i < SCAN && !status; i++) {
        const double before = s->excess[i - 1], now = s->excess[i];
        double root = 0;
        if (2 * i + 1 == SCAN ? fabs(now) < ROUNDING : now == 0) {
            status = add(s, s->p[i], error);
            s->excess[i] = 0;
        } else if (before * now < 0) {
            status = belief_root(excess, s, s->p[i - 1], s->p[i], 1e-14, &root, error);
            if (!status)
                status = add(s, root, error);
        } else if (i + 1 < SCAN && i > 1 && now * s->excess[i + 1] > 0 && before * now > 0 &&
                   fabs(now) < fabs(before) && fabs(now) <= fabs(s->excess[i + 1])) {
            status = look_for_touch(s, i, error);
        }
    }
    return status;
}

qsg_status closure_fixed_points(closure *self, size_t capacity, qsg_fixed_point *points, size_t *n, qsg_error *error)
{
    search *s = malloc(sizeof *s);
    qsg_fixed_point *found = malloc((capacity ? capacity : 1) * sizeof *found);
    qsg_status status = s && found ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for the fixed points");
    if (status)
        goto out;
    *s = (search){.self = self, .capacity = capacity, .points = found};
    s->sampled = !self->soft && closure_sample(self, &s->series, NULL) == QSG_OK;
    status = scan(s, error);
    if (status)
        goto out;
    double largest = 0;
    for (size_t i = 0; i < SCAN; i++)
        largest = fmax(largest, fabs(s->excess[i]));
    if (largest < 1e-12 || (self->channel.neutral && largest < 1e-5))
        status = qsg_fail(error, QSG_ENOEXIST, "every mean belief is a fixed point of this model");
    else
        status = collect(s, error);
    if (!status) {
        memcpy(points, found, s->n * sizeof *found);
        *n = s->n;
    }
out:
    free(found);
    free(s);
    return status;
}
