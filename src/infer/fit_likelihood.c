/* Maximum likelihood and profile intervals (doc/theory/inference.md, eq. 7-9).  SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "infer/fit_climb.h"

enum { CLIMBS = 4, MAX_GRID = 64 };

static const char *const group_names[] = {"alpha", "self", "temper", "innovation", "field"};

const char *qsg_fit_group_name(size_t group)
{
    return group <= QSG_PAR_FIELD ? group_names[group] : "";
}

qsg_status qsg_fit_groups_parse(const char *text, unsigned *groups, qsg_error *error)
{
    unsigned found = 0;
    for (const char *at = text;; at++) {
        const size_t length = strcspn(at, ",");
        size_t g = 0;
        while (g <= QSG_PAR_FIELD && !(strlen(group_names[g]) == length && strncmp(at, group_names[g], length) == 0))
            g++;
        if (g > QSG_PAR_FIELD || found & 1u << g)
            return qsg_fail(error, QSG_EINPUT, "a parameter to fit is %s (%.*s); expected some of alpha, self, temper, "
                                               "innovation, field", g > QSG_PAR_FIELD ? "unknown" : "given twice",
                            (int)(length < 60 ? length : 60), at);
        found |= 1u << g;
        at += length;
        if (!*at)
            break;
    }
    *groups = found;
    return QSG_OK;
}

void qsg_maximum_free(qsg_maximum *self)
{
    free(self->theta);
    *self = (qsg_maximum){0};
}

/* A point of the grid of starts. */
typedef struct {
    double *theta, loglik;
} candidate;

static int best_first(const void *a, const void *b)
{
    const double x = ((const candidate *)a)->loglik, y = ((const candidate *)b)->loglik;
    return (x < y) - (x > y);
}

/* The grid: the given point, and combinations of rates and sharpness, with a little innovation and no field. */
static size_t make_grid(const climb *at, const double *start, candidate *grid)
{
    static const double alphas[] = {0.03, 0.1, 0.25, 0.5, 0.8}, sharps[] = {1, 3}, selves[] = {0.02, 0.3};
    const unsigned g = at->groups;
    const size_t na = g & QSG_FIT_ALPHA ? 5 : 1, ns = g & QSG_FIT_TEMPER ? 2 : 1, nb = g & QSG_FIT_SELF ? 2 : 1;
    size_t n = 1;
    for (size_t i = 0; i < na * ns * nb; i++, n++) {
        double *theta = grid[n].theta;
        memcpy(theta, start, at->full * sizeof *theta);
        if (g & QSG_FIT_ALPHA)
            theta[QSG_PAR_ALPHA] = alphas[i % na];
        if (g & QSG_FIT_TEMPER)
            theta[QSG_PAR_SHARPNESS] = sharps[i / na % ns];
        if (g & QSG_FIT_SELF)
            theta[QSG_PAR_SELF] = selves[i / na / ns] * (1 - theta[QSG_PAR_ALPHA]);
        if (g & QSG_FIT_INNOVATION)
            theta[QSG_PAR_INNOVATION] = 0.02;
        for (size_t k = 0; g & QSG_FIT_FIELD && k < at->labels; k++)
            theta[QSG_PAR_FIELD + k] = 0;
        climb_project(at, theta);
    }
    return n;
}

/* Shift the field of a free field to its gauge: sum 0, or h_2 = 0 for two labels. */
static void fix_gauge(const climb *at, double *theta)
{
    double *h = theta + QSG_PAR_FIELD, shift = 0;
    if (!(at->groups & QSG_FIT_FIELD))
        return;
    for (size_t k = 0; k < at->labels; k++)
        shift += h[k] / (double)at->labels;
    if (at->labels == 2)
        shift = h[1];
    for (size_t k = 0; k < at->labels; k++)
        h[k] -= shift;
}

static void mark_bounds(const climb *at, qsg_maximum *out)
{
    const double *x = at->theta;
    bool *b = out->at_bound;
    out->rough = at->rough;
    memset(b, 0, sizeof out->at_bound);
    b[QSG_PAR_ALPHA] = x[QSG_PAR_ALPHA] <= 2 * ALPHA_MIN || x[QSG_PAR_ALPHA] + x[QSG_PAR_SELF] >= 1 - 1e-9;
    b[QSG_PAR_SELF] = x[QSG_PAR_SELF] <= 1e-12 || x[QSG_PAR_ALPHA] + x[QSG_PAR_SELF] >= 1 - 1e-9;
    b[QSG_PAR_SHARPNESS] = x[QSG_PAR_SHARPNESS] <= SHARPNESS_MIN || x[QSG_PAR_SHARPNESS] >= SHARPNESS_MAX;
    b[QSG_PAR_INNOVATION] = x[QSG_PAR_INNOVATION] <= 1e-12 || x[QSG_PAR_INNOVATION] >= 1;
    for (size_t k = 0; k < at->labels; k++)
        b[QSG_PAR_FIELD] |= fabs(x[QSG_PAR_FIELD + k]) >= FIELD_MAX;
    for (size_t g = 0; g <= QSG_PAR_FIELD; g++)
        b[g] &= at->groups >> g & 1;
}

/* Climb from the n best candidates; the best top into `best`. */
static qsg_status climb_best(climb *at, const candidate *grid, size_t n, qsg_maximum *best, qsg_error *error)
{
    double tops[CLIMBS];
    size_t climbed = 0;
    qsg_error local = {""};
    qsg_status status = QSG_OK, last = QSG_OK;
    best->loglik = -INFINITY;
    for (size_t i = 0; i < n && !status; i++) {
        memcpy(at->theta, grid[i].theta, at->full * sizeof(double));
        last = climb_run(at, &local);
        if (last == QSG_ENOMEM || last == QSG_EDOMAIN)
            status = last;
        if (last)
            continue;
        tops[climbed++] = at->loglik;
        if (at->loglik > best->loglik) {
            fix_gauge(at, at->theta);
            mark_bounds(at, best);
            memcpy(best->theta, at->theta, at->full * sizeof(double));
            best->loglik = at->loglik;
        }
    }
    best->starts = n;
    best->agreeing = 0;
    for (size_t i = 0; i < climbed; i++)
        best->agreeing += tops[i] > best->loglik - 0.01;
    if (!status && !climbed)
        status = last;
    return status ? qsg_fail(error, status, "%s", local.message) : QSG_OK;
}

qsg_status qsg_fit_maximize(qsg_maximum *self, const qsg_likelihood *likelihood, unsigned groups, const double *start,
                            const double *weights, bool global, qsg_error *error)
{
    climb at;
    candidate grid[MAX_GRID];
    qsg_maximum best = {.free = groups};
    qsg_status status = climb_init(&at, likelihood, groups, weights, error);
    if (status)
        return status;
    double *memory = calloc((MAX_GRID + 1) * at.full, sizeof *memory);
    if (!memory || !(best.theta = malloc(at.full * sizeof *best.theta))) {
        status = qsg_fail(error, QSG_ENOMEM, "no memory to fit %zu parameters", at.full);
        goto out;
    }
    for (size_t i = 0; i < MAX_GRID; i++)
        grid[i].theta = memory + i * at.full;
    memcpy(grid[0].theta, start, at.full * sizeof(double));
    fix_gauge(&at, grid[0].theta);
    climb_project(&at, grid[0].theta);
    best.n_free = climb_directions(&at, at.directions);
    size_t n = global && best.n_free ? make_grid(&at, start, grid) : 1;
    for (size_t i = 0; i < n && n > 1 && !status; i++) {
        const qsg_likelihood_request request = {.theta = grid[i].theta, .weights = weights};
        status = qsg_likelihood_evaluate(likelihood, &request, &grid[i].loglik, error);
    }
    if (n > 1)
        qsort(grid, n, sizeof *grid, best_first);
    if (!status)
        status = climb_best(&at, grid, n < CLIMBS ? n : CLIMBS, &best, error);
out:
    climb_free(&at);
    free(memory);
    if (status)
        qsg_maximum_free(&best);
    else
        *self = best;
    return status;
}

/* Profiling one parameter. */
typedef struct {
    climb at;
    qsg_maximum *best;
    double *base; /* the farthest point inside the interval so far, from which the next is climbed */
    size_t parameter;
    double critical; /* root of the drop that ends the interval */
} profile;

static double low_bound(const profile *self)
{
    switch (self->parameter) {
    case QSG_PAR_ALPHA: return ALPHA_MIN;
    case QSG_PAR_SELF:
    case QSG_PAR_INNOVATION: return 0;
    case QSG_PAR_SHARPNESS: return SHARPNESS_MIN;
    default: return -FIELD_MAX;
    }
}

static double high_bound(const profile *self)
{
    const unsigned g = self->at.groups;
    switch (self->parameter) {
    case QSG_PAR_ALPHA: return g & QSG_FIT_SELF ? 1 : 1 - self->best->theta[QSG_PAR_SELF];
    case QSG_PAR_SELF: return g & QSG_FIT_ALPHA ? 1 - ALPHA_MIN : 1 - self->best->theta[QSG_PAR_ALPHA];
    case QSG_PAR_INNOVATION: return 1;
    case QSG_PAR_SHARPNESS: return SHARPNESS_MAX;
    default: return FIELD_MAX;
    }
}

/* Root of twice the drop of the profile at `value`, less the critical one; *better when the profile is above the top. */
static qsg_status drop_at(profile *self, double value, double *drop, bool *better, qsg_error *error)
{
    climb *at = &self->at;
    memcpy(at->theta, self->base, at->full * sizeof(double));
    const double change = value - at->theta[self->parameter];
    at->theta[self->parameter] = value;
    if (self->parameter >= QSG_PAR_FIELD && at->labels > 2) /* the sum of the field stays 0 */
        for (size_t k = 0; k < at->labels; k++)
            if (QSG_PAR_FIELD + k != self->parameter)
                at->theta[QSG_PAR_FIELD + k] -= change / (double)(at->labels - 1);
    at->hopeless = self->best->loglik - 50;
    qsg_status status = climb_run(at, error);
    at->hopeless = -INFINITY;
    if (status == QSG_ENOEXIST) {
        *drop = INFINITY;
        return QSG_OK;
    }
    if (status)
        return status;
    *better = at->loglik > self->best->loglik + 1e-4;
    *drop = sqrt(fmax(2 * (self->best->loglik - at->loglik), 0)) - self->critical;
    return QSG_OK;
}

/* Standard error of the parameter from the information, others free; NaN when it has none. */
static double standard_error(profile *self)
{
    climb *at = &self->at;
    const size_t p = climb_directions(at, at->directions);
    double value = NAN, loglik;
    const qsg_likelihood_request request = {.theta = self->best->theta, .weights = at->weights, .groups = at->groups,
                                            .gradient = at->gradient, .information = at->information};
    if (qsg_likelihood_evaluate(at->likelihood, &request, &loglik, NULL) != QSG_OK)
        return NAN;
    climb_reduce(at, at->information, at->directions, p, at->matrix);
    memset(at->move, 0, p * sizeof(double));
    for (size_t a = 0; a < p; a++) {
        const direction *d = &at->directions[a];
        at->move[a] = d->plus == self->parameter ? 1 : d->minus == self->parameter ? -1 : 0;
        at->matrix[a * p + a] *= 1 + 1e-12;
    }
    memcpy(at->step, at->move, p * sizeof(double));
    if (LAPACKE_dposv(LAPACK_ROW_MAJOR, 'L', (lapack_int)p, 1, at->matrix, (lapack_int)p, at->move, 1) == 0) {
        value = 0;
        for (size_t a = 0; a < p; a++)
            value += at->step[a] * at->move[a];
        value = value > 0 ? sqrt(value) : NAN;
    }
    return value;
}

/* A bracket of the end of an interval: roots of the drop, less the critical one, inside (< 0) and outside (> 0, NaN when
 * nothing is known there). */
typedef struct {
    double inner, inner_drop, outer, outer_drop;
    double span; /* from inner to outer when outer was looked at */
} bracket;

/* Take in the drop at `at`; inside, the climb's top becomes the base of the next. */
static void narrow(profile *self, bracket *b, double at, double drop)
{
    if (drop < 0) {
        b->inner = at;
        b->inner_drop = drop;
        memcpy(self->base, self->at.theta, self->at.full * sizeof(double));
    } else {
        b->outer = at;
        b->outer_drop = drop;
        b->span = fabs(at - b->inner);
    }
}

/* Where to look next: the root is close to linear in the parameter.  A drop far outside may be that of a lower top: halve,
 * and look there again from close by. */
static double look_next(const bracket *b, double at, double slope, double bound, double side)
{
    const double width = fabs(b->outer - b->inner);
    if (isnan(b->outer_drop)) {
        const double next = b->inner - 1.05 * b->inner_drop / slope;
        return side * (next - b->inner) > 0 && side * (bound - next) > 0 ? next : bound;
    }
    if (b->outer_drop > 0.5 && width < 0.3 * b->span)
        return b->outer;
    const double next = b->outer_drop < 3 ? b->inner - b->inner_drop / slope : at;
    if (side * (next - b->inner) > 0.02 * width && side * (b->outer - next) > 0.02 * width)
        return next;
    return (b->inner + b->outer) / 2;
}

/* Not too far in one go: for 1/T a factor, for the rest a distance. */
static double within_reach(const profile *self, double from, double next)
{
    if (self->parameter == QSG_PAR_SHARPNESS)
        return fmin(fmax(next, from / 2), 2 * from);
    const double most = self->parameter < QSG_PAR_FIELD ? 0.1 : 2;
    return fmin(fmax(next, from - most), from + most);
}

/* The end of the interval towards `bound`. */
static qsg_status find_end(profile *self, double bound, double se, double *end, bool *at_bound, bool *better,
                           qsg_error *error)
{
    const double top = self->best->theta[self->parameter], side = bound < top ? -1 : 1;
    bracket b = {top, -self->critical, bound, NAN, INFINITY};
    double next = se > 0 ? top + side * self->critical * se : (top + bound) / 2;
    *at_bound = top == bound;
    *end = bound;
    if (top == bound)
        return QSG_OK;
    next = within_reach(self, top, side * (bound - next) > 0 ? next : bound);
    memcpy(self->base, self->best->theta, self->at.full * sizeof(double));
    for (int i = 0; i < 100; i++) {
        double drop;
        qsg_status status = drop_at(self, next, &drop, better, error);
        if (status || *better)
            return status;
        *end = next;
        if (fabs(drop) < 2e-3 || (drop < 0 && next == bound)) {
            *at_bound = drop < 0 && next == bound;
            return QSG_OK;
        }
        const double slope = (drop - b.inner_drop) / (next - b.inner);
        const bool retested = next == b.outer && drop > 0;
        if (next == b.outer && drop < 0)
            b = (bracket){b.inner, b.inner_drop, bound, NAN, INFINITY};
        narrow(self, &b, next, drop);
        if (retested && fabs(b.outer - b.inner) < 1e-7 * (1e-3 + fabs(b.outer)))
            return QSG_OK; /* the profile jumps here */
        next = within_reach(self, b.inner, look_next(&b, next, slope, bound, side));
    }
    return qsg_fail(error, QSG_ENUMERIC, "the interval of a parameter did not converge (near %g)", next);
}

/* The profile found a higher place: climb to its top. */
static qsg_status go_on_from(profile *self, qsg_error *error)
{
    climb *at = &self->at;
    at->held = NO_PARAMETER;
    qsg_status status = climb_run(at, error);
    if (status)
        return status;
    fix_gauge(at, at->theta);
    mark_bounds(at, self->best);
    memcpy(self->best->theta, at->theta, at->full * sizeof(double));
    self->best->loglik = at->loglik;
    return QSG_OK;
}

qsg_status qsg_fit_interval_of(qsg_maximum *best, const qsg_likelihood *likelihood, size_t parameter, double level,
                               qsg_fit_interval *interval, bool *moved, qsg_error *error)
{
    const size_t group = parameter < QSG_PAR_FIELD ? parameter : QSG_PAR_FIELD;
    qsg_fit_interval out;
    if (parameter >= qsg_likelihood_parameters(likelihood) || !(best->free & 1u << group) || !(level > 0 && level < 1))
        return qsg_fail(error, QSG_EDOMAIN, "parameter %zu was not fitted, or the level is not in (0, 1) (%g)", parameter,
                        level);
    profile work = {.best = best, .parameter = parameter, .critical = sqrt(gsl_cdf_chisq_Pinv(level, 1))};
    qsg_status status = climb_init(&work.at, likelihood, best->free, NULL, error);
    if (status)
        return status;
    work.base = malloc(work.at.full * sizeof *work.base);
    if (!work.base)
        status = qsg_fail(error, QSG_ENOMEM, "no memory to profile %zu parameters", work.at.full);
    bool better = false;
    *moved = false;
    for (int tries = 0; tries < 5 && !status; tries++) {
        better = false;
        work.at.held = NO_PARAMETER;
        const double se = standard_error(&work);
        work.at.held = parameter;
        status = find_end(&work, low_bound(&work), se, &out.low, &out.low_bound, &better, error);
        if (!status && !better)
            status = find_end(&work, high_bound(&work), se, &out.high, &out.high_bound, &better, error);
        if (status || !better)
            break;
        status = go_on_from(&work, error);
        *moved |= !status;
    }
    if (!status && better)
        status = qsg_fail(error, QSG_ENUMERIC, "the likelihood has too many tops to be profiled");
    if (!status)
        *interval = out;
    free(work.base);
    climb_free(&work.at);
    return status;
}

/* Twice the drop of the profile at values[i], i from `first` in steps of `step`: away from the top, each climbed to from the
 * one before. */
static qsg_status trace(profile *self, size_t first, size_t n, int step, const double *values, double *deviance,
                        bool *better, qsg_error *error)
{
    qsg_status status = QSG_OK;
    memcpy(self->base, self->best->theta, self->at.full * sizeof(double));
    for (size_t i = first; n > 0 && !status && !*better; n--, i += (size_t)step) {
        double drop = INFINITY;
        if (values[i] >= low_bound(self) && values[i] <= high_bound(self))
            status = drop_at(self, values[i], &drop, better, error);
        deviance[i] = drop * drop;
        if (!status && isfinite(drop))
            memcpy(self->base, self->at.theta, self->at.full * sizeof(double));
    }
    return status;
}

qsg_status qsg_fit_profile(qsg_maximum *best, const qsg_likelihood *likelihood, size_t parameter, size_t n,
                           const double *values, double *deviance, bool *moved, qsg_error *error)
{
    const size_t group = parameter < QSG_PAR_FIELD ? parameter : QSG_PAR_FIELD;
    profile work = {.best = best, .parameter = parameter, .critical = 0};
    size_t below = 0;
    *moved = false;
    if (parameter >= qsg_likelihood_parameters(likelihood) || !(best->free & 1u << group))
        return qsg_fail(error, QSG_EDOMAIN, "parameter %zu was not fitted; expected one that was", parameter);
    qsg_status status = climb_init(&work.at, likelihood, best->free, NULL, error);
    if (status)
        return status;
    for (size_t i = 0; i < n && !status; i++) {
        below += values[i] < best->theta[parameter];
        if (!isfinite(values[i]) || (i && !(values[i] > values[i - 1])))
            status = qsg_fail(error, QSG_EDOMAIN, "the values of the profile do not ascend (%g)", values[i]);
    }
    work.at.held = parameter;
    work.base = malloc(work.at.full * sizeof *work.base);
    if (!work.base && !status)
        status = qsg_fail(error, QSG_ENOMEM, "no memory to profile %zu parameters", work.at.full);
    if (!status)
        status = trace(&work, below, n - below, 1, values, deviance, moved, error);
    if (!status && !*moved)
        status = trace(&work, below - 1, below, -1, values, deviance, moved, error);
    if (!status && *moved)
        status = go_on_from(&work, error);
    free(work.base);
    climb_free(&work.at);
    return status;
}
