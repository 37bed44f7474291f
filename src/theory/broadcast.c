/* Broadcast from a common belief: one chain for everybody (doc/theory/broadcast.md).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/broadcast.h"

#include <gsl/gsl_cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "theory/belief_law.h"

#define WHO "the law of a broadcast"
#define FULL 320         /* Chebyshev coefficients of the winning probability */
#define CELLS 2048       /* beliefs, equally spaced in the angle arccos(1 - 2x), for times */
#define MOST_WORK 1.5e9  /* multiplications for times */
#define MOST_PATH_WORK 4e8 /* multiplications for a path, about .4 s */
#define SETTLED 1e-12      /* change of all moments in a message */
#define GONE 1e-9        /* survival at which the sum of times ends */
#define LOWEST_TEMPER 0.05

/* What a law is about: all times, the end without innovation, the stationary law. */
typedef enum { PATH, WINNER, STATIONARY } topic;

static qsg_status check(const qsg_model *model, topic about, qsg_error *error)
{
    qsg_status status =
        qsg_model_require(model, QSG_USES_FIELD | QSG_USES_TEMPER | QSG_USES_INNOVATION, WHO, error);
    if (status)
        return status;
    if (model->exchange != QSG_BROADCAST || model->labels != 2)
        return qsg_fail(error, QSG_EMODEL, "%s is for --exchange broadcast with two labels (K = %zu); expected them", WHO,
                        model->labels);
    if (!(model->bandwidth <= BELIEF_MAX_BANDWIDTH))
        return qsg_fail(error, QSG_EMODEL, "%s does not support --bandwidth (%g); expected at most %d", WHO,
                        model->bandwidth, BELIEF_MAX_BANDWIDTH);
    if (model->temper < LOWEST_TEMPER)
        return qsg_fail(error, QSG_EMODEL, "%s does not support --temper that low (%g); expected %g or more", WHO,
                        model->temper, LOWEST_TEMPER);
    if (model->start.kind != QSG_START_POINT && about != STATIONARY)
        return qsg_fail(error, QSG_EMODEL, "%s needs a common belief at the start: what agents differ in at first would decide "
                        "with it; expected --init with one belief", WHO);
    if (about == WINNER && model->innovation > 0)
        return qsg_fail(error, QSG_ENOEXIST, "nobody wins for good with --innovation %g; expected 0", model->innovation);
    if (about == STATIONARY && model->innovation == 0)
        return qsg_fail(error, QSG_ENOEXIST, "without innovation a broadcast ends in consensus; expected --innovation above 0");
    return QSG_OK;
}

/* The chain on functions minus the identity, n + 1 Chebyshev coefficients, column-major. */
static qsg_status chain_matrix(const qsg_model *model, size_t n, double *matrix, qsg_error *error)
{
    const qsg_channel channel = qsg_channel_of(model);
    qsg_status status = belief_own_chain(matrix, n, model->alpha, (size_t)model->bandwidth, &channel, error);
    for (size_t k = 0; k <= n && !status; k++)
        matrix[k * (n + 2)] -= 1;
    return status;
}

static qsg_status solve(double *matrix, size_t n, char transpose, double *x, qsg_error *error)
{
    const int size = (int)n + 1;
    int *pivots = malloc((n + 1) * sizeof *pivots);
    if (!pivots)
        return qsg_fail(error, QSG_ENOMEM, "no memory for a broadcast of degree %zu", n);
    int info = LAPACKE_dgetrf_work(LAPACK_COL_MAJOR, size, size, matrix, size, pivots);
    if (!info)
        info = LAPACKE_dgetrs_work(LAPACK_COL_MAJOR, transpose, size, 1, matrix, size, pivots, x, size);
    free(pivots);
    return info ? qsg_fail(error, QSG_ENUMERIC, "the law of a broadcast of degree %zu has no solution (dgetrs %d)", n, info)
                : QSG_OK;
}

/* (P - 1) u = 0 with u(0) = 0 and u(1) = 1 in place of the two highest rows (eq. 2). */
static qsg_status harmonic(const qsg_model *model, size_t n, double p, double *value, qsg_error *error)
{
    double *matrix = malloc(((n + 1) * (n + 1) + n + 1) * sizeof *matrix), *u = matrix + (n + 1) * (n + 1);
    if (!matrix)
        return qsg_fail(error, QSG_ENOMEM, "no memory for a broadcast of degree %zu", n);
    qsg_status status = chain_matrix(model, n, matrix, error);
    for (size_t k = 0; k <= n && !status; k++) {
        matrix[k * (n + 1) + n - 1] = k % 2 ? -1 : 1;
        matrix[k * (n + 1) + n] = 1;
        u[k] = k == n;
    }
    if (!status)
        status = solve(matrix, n, 'N', u, error);
    if (!status) {
        const double angle = acos(fmax(-1, fmin(1, 2 * p - 1)));
        *value = 0;
        for (size_t k = 0; k <= n; k++)
            *value += u[k] * cos((double)k * angle);
    }
    free(matrix);
    return status;
}

qsg_status qsg_broadcast_fixation(const qsg_model *model, double *probability, double *accuracy, qsg_error *error)
{
    const double p = model->start.p[0];
    double coarse = p, value = p;
    qsg_status status = check(model, WINNER, error);
    const bool inside = p > 0 && p < 1;
    if (!status && inside)
        status = harmonic(model, FULL / 2, p, &coarse, error);
    if (!status && inside)
        status = harmonic(model, FULL, p, &value, error);
    if (status)
        return status;
    const double off = fabs(value - coarse);
    if (!(off < 1e-3 && value > -1e-3 && value < 1 + 1e-3))
        return qsg_fail(error, QSG_ENUMERIC, "%d coefficients do not resolve the channel (estimated error %.2g); expected "
                        "--temper closer to 1 or a weaker --field", FULL + 1, off);
    *probability = fmax(0, fmin(1, value));
    *accuracy = off + 1e-12;
    return QSG_OK;
}

qsg_status qsg_broadcast_stationary(const qsg_model *model, double *polarization, double *mean, qsg_error *error)
{
    const size_t n = FULL / 2;
    qsg_status status = check(model, STATIONARY, error);
    if (status)
        return status;
    double *matrix = malloc(((n + 1) * (n + 1) + n + 1) * sizeof *matrix), *mu = matrix + (n + 1) * (n + 1);
    if (!matrix)
        return qsg_fail(error, QSG_ENOMEM, "no memory for a broadcast of degree %zu", n);
    status = chain_matrix(model, n, matrix, error);
    memset(mu, 0, (n + 1) * sizeof *mu);
    mu[0] = 1;
    if (!status) {
        matrix[0] = 1; /* the constants' column is otherwise 0: mu_0 = 1 */
        status = solve(matrix, n, 'T', mu, error);
    }
    if (!status) {
        *polarization = (1 + (1 + mu[2]) / 2) / 2;
        *mean = (1 + mu[1]) / 2;
    }
    free(matrix);
    return status;
}

/* A function of the belief, as coefficients 0 .. n, takes the values `at_0` and `at_1` at the ends, where nothing moves. */
static void hold_ends(double *u, size_t n, double at_0, double at_1)
{
    double sum = 0, alternating = 0;
    for (size_t k = 0; k <= n; k++) {
        sum += u[k];
        alternating += k % 2 ? -u[k] : u[k];
    }
    const double even = (at_1 - sum + at_0 - alternating) / 2, odd = (at_1 - sum - at_0 + alternating) / 2;
    u[n - n % 2] += even;
    u[n - 1 + n % 2] += odd;
}

/* E[f] after n numbers of messages from belief p, f = x (of which = 1) or x^2 (2): eq. 2 with f at the ends; NaN from the first on that
 * takes too many. */
static void evolve(const double *matrix, size_t degree, bool absorbing, double p, int power, size_t n, const double *times,
                   double *room, double *values)
{
    const size_t size = degree + 1;
    const double most = MOST_PATH_WORK / (double)(size * size), angle = acos(fmax(-1, fmin(1, 2 * p - 1)));
    double *u = room, *change = room + size, now = 0, moved = 1;
    memset(u, 0, size * sizeof *u);
    u[0] = power == 1 ? 0.5 : 0.375;
    u[1] = 0.5;
    u[2] = power == 1 ? 0 : 0.125;
    for (size_t i = 0; i < n; i++) {
        for (; now < times[i] && moved > SETTLED && now < most; now++) {
            memcpy(change, u, size * sizeof *u);
            cblas_dgemv(CblasColMajor, CblasNoTrans, (int)size, (int)size, 1, matrix, (int)size, change, 1, 1, u, 1);
            if (absorbing)
                hold_ends(u, degree, 0, 1);
            moved = 0;
            for (size_t k = 0; k < size; k++)
                moved = fmax(moved, fabs(u[k] - change[k]));
        }
        values[i] = 0;
        for (size_t k = 0; k < size; k++)
            values[i] += u[k] * cos((double)k * angle);
        if (now < times[i] && moved > SETTLED)
            values[i] = NAN;
    }
}

/* Polarization and mean with so many coefficients, n of each. */
static qsg_status follow(const qsg_model *model, size_t degree, size_t n, const double *times, double *values, qsg_error *error)
{
    const size_t size = degree + 1;
    double *matrix = malloc((size * size + 2 * size) * sizeof *matrix), *room = matrix + size * size;
    if (!matrix)
        return qsg_fail(error, QSG_ENOMEM, "no memory for a broadcast of degree %zu", degree);
    qsg_status status = chain_matrix(model, degree, matrix, error);
    for (int power = 1; power <= 2 && !status; power++)
        evolve(matrix, degree, model->innovation == 0, model->start.p[0], power, n, times, room, power == 1 ? values + n : values);
    for (size_t i = 0; i < n; i++) /* x^2 + (1-x)^2 */
        values[i] = 1 - 2 * values[n + i] + 2 * values[i];
    free(matrix);
    return status;
}

qsg_status qsg_broadcast_evolve(const qsg_model *model, size_t n, const double *times, double *polarization, double *mean,
                                double *accuracy, qsg_error *error)
{
    qsg_status status = check(model, PATH, error);
    for (size_t i = 0; i < n && !status; i++)
        if (!(times[i] >= (i ? times[i - 1] : 0)))
            status = qsg_fail(error, QSG_EDOMAIN, "time is %g messages; expected an increasing number >= 0", times[i]);
    double *values = status ? NULL : malloc((4 * n + 1) * sizeof *values), off = 1e-14;
    if (!status && !values)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", n);
    if (!status)
        status = follow(model, FULL / 2, n, times, values, error);
    if (!status)
        status = follow(model, FULL / 4, n, times, values + 2 * n, error);
    for (size_t i = 0; i < 2 * n && !status; i++)
        if (isfinite(values[i]) && isfinite(values[2 * n + i]))
            off = fmax(off, fabs(values[i] - values[2 * n + i]));
    if (!status && !(off < 1e-3))
        status = qsg_fail(error, QSG_ENUMERIC, "%d coefficients do not resolve the channel (estimated error %.2g); expected --temper "
                          "closer to 1 or a weaker --field", FULL / 2 + 1, off);
    if (!status && n) {
        memcpy(polarization, values, n * sizeof *values);
        memcpy(mean, values + n, n * sizeof *values);
    }
    if (!status)
        *accuracy = off;
    free(values);
    return status;
}

/* Where each belief goes: for every node and number of labels 1 heard, the chance, the cell and the place in it. */
typedef struct {
    size_t m;
    double *chance, *place;
    uint32_t *cell;
    double *survival, *next;
    bool *inside;
} steps;

static void fill_steps(steps *self, const qsg_model *model, double edge)
{
    const size_t m = self->m;
    const qsg_channel channel = qsg_channel_of(model);
    for (size_t i = 0; i <= CELLS; i++) {
        const double s = sin(M_PI * (double)i / (2 * CELLS)), x = i == CELLS ? 1 : s * s;
        const double r = qsg_channel_binary(&channel, x);
        double *chance = self->chance + i * (m + 1);
        memset(chance, 0, (m + 1) * sizeof *chance);
        chance[0] = 1;
        for (size_t k = 0; k < m; k++)
            for (size_t b = k + 2; b-- > 0;)
                chance[b] = chance[b] * (1 - r) + (b ? chance[b - 1] * r : 0);
        self->inside[i] = x > edge && x < 1 - edge;
        self->survival[i] = self->inside[i];
        for (size_t b = 0; b <= m; b++) {
            const double to = (1 - model->alpha) * x + model->alpha * (double)b / (double)m;
            const double angle = acos(fmax(-1, fmin(1, 1 - 2 * to))) / M_PI * CELLS;
            const double low = fmin(floor(angle), CELLS - 1), a = sin(M_PI * low / (2 * CELLS)),
                         c = sin(M_PI * (low + 1) / (2 * CELLS));
            self->cell[i * (m + 1) + b] = (uint32_t)low;
            self->place[i * (m + 1) + b] = fmax(0, fmin(1, (to - a * a) / (c * c - a * a)));
        }
    }
}

/* One message: survival is that of what comes after it. */
static void step(steps *self)
{
    const size_t m = self->m;
    for (size_t i = 0; i <= CELLS; i++) {
        double sum = 0;
        for (size_t b = 0; b <= m && self->inside[i]; b++) {
            const size_t at = i * (m + 1) + b;
            const double *low = self->survival + self->cell[at];
            sum += self->chance[at] * (low[0] + self->place[at] * (low[1] - low[0]));
        }
        self->next[i] = sum;
    }
    double *swap = self->survival;
    self->survival = self->next;
    self->next = swap;
}

static qsg_status add_up(steps *self, double p, size_t n, const double *levels, double *quantiles, qsg_broadcast_wait *wait,
                         qsg_error *error)
{
    const double angle = acos(1 - 2 * p) / M_PI * CELLS;
    const size_t cell = (size_t)fmin(floor(angle), CELLS - 1);
    const double most = MOST_WORK / CELLS / ((double)self->m + 1), place = angle - (double)cell;
    double mean = 0, square = 0, before = 1;
    size_t found = 0;
    for (double t = 0;; t++) {
        const double alive = self->survival[cell] * (1 - place) + self->survival[cell + 1] * place;
        for (; found < n && 1 - alive >= levels[found]; found++)
            quantiles[found] = t;
        if (alive < GONE)
            break;
        if (t >= most || alive > before + 1e-9)
            return qsg_fail(error, QSG_ENUMERIC, "consensus takes too many messages to step through (%.0f and %.2g alive); expected "
                            "a larger --alpha or smaller --bandwidth", t, alive);
        mean += alive; /* E T = sum P(T > t), E T^2 = sum (2t + 1) P(T > t) */
        square += (2 * t + 1) * alive;
        before = alive;
        step(self);
    }
    *wait = (qsg_broadcast_wait){mean, sqrt(fmax(square - mean * mean, 0))};
    return QSG_OK;
}

qsg_status qsg_broadcast_time(const qsg_model *model, double consensus, size_t n, const double *levels, double *quantiles,
                              qsg_broadcast_wait *wait, qsg_error *error)
{
    qsg_status status = check(model, WINNER, error);
    if (!status && !(consensus > 0.5 && consensus < 1))
        status = qsg_fail(error, QSG_EDOMAIN, "consensus threshold is out of range (%g); expected a number in (0.5, 1)",
                          consensus);
    for (size_t i = 0; i < n && !status; i++)
        if (!(levels[i] > 0 && levels[i] <= 1 - GONE && (i == 0 || levels[i] > levels[i - 1])))
            status = qsg_fail(error, QSG_EDOMAIN, "level is out of range (%.12g); expected increasing numbers above 0, at most "
                              "1 - %g", levels[i], GONE);
    if (status)
        return status;
    const double edge = (1 - consensus) / (1 + sqrt(2 * consensus - 1));
    const size_t m = (size_t)model->bandwidth, size = (CELLS + 1) * (m + 1);
    double *found = malloc((n + 1) * sizeof *found), *room = malloc((2 * size + 2 * (CELLS + 1)) * sizeof *room);
    uint32_t *cell = malloc(size * sizeof *cell);
    bool *inside = malloc((CELLS + 1) * sizeof *inside);
    if (!found || !room || !cell || !inside) {
        status = qsg_fail(error, QSG_ENOMEM, "no memory for the times of a broadcast");
        goto out;
    }
    steps s = {m, room, room + size, cell, room + 2 * size, room + 2 * size + CELLS + 1, inside};
    fill_steps(&s, model, edge);
    status = add_up(&s, model->start.p[0], n, levels, found, wait, error);
    if (!status && n)
        memcpy(quantiles, found, n * sizeof *quantiles);
out:
    free(found);
    free(room);
    free(cell);
    free(inside);
    return status;
}
