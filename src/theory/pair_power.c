/* Small chains of pairs in 113-bit arithmetic: with N = 10^12 agents the slowest rate is 10^-12 of the largest, and V is
 * the 10^-12th part of the pairs that it is the difference of.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/pair_power.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef _Float128 quad;

#define MAX_LEVELS 1024
#define MAX_SQUARINGS 80

/* Powers of two of the map: its distance from the identity, which keeps slow rates exact, until every state that moves is
 * half gone; then the power itself, which keeps the decay exact. */
struct pair_power {
    const pair_chain *chain;
    size_t n, levels, whole; /* from level `whole` on the power itself */
    bool *frozen;
    bool decays;
    quad *z;
    quad *level[MAX_LEVELS];
};

bool pair_chain_decays(const pair_chain *chain, bool *frozen)
{
    bool grew = true, all = true;
    bool *leads = calloc(chain->n, sizeof *leads);
    if (!leads)
        return false;
    for (size_t i = 0; i < chain->n; i++) {
        frozen[i] = chain->first[i] == chain->first[i + 1] && chain->kill[i] == 0;
        leads[i] = frozen[i] || chain->kill[i] > 0;
    }
    while (grew) {
        grew = false;
        for (size_t i = 0; i < chain->n; i++)
            for (uint64_t a = chain->first[i]; a < chain->first[i + 1] && !leads[i]; a++)
                if (leads[chain->to[a]])
                    leads[i] = grew = true;
    }
    for (size_t i = 0; i < chain->n; i++)
        all = all && leads[i];
    free(leads);
    return all;
}

qsg_status pair_power_new(pair_power **self, const pair_chain *chain, qsg_error *error)
{
    const size_t n = chain->n;
    pair_power *made = calloc(1, sizeof *made);
    if (made) {
        made->chain = chain;
        made->n = n;
        made->whole = MAX_LEVELS;
        made->frozen = calloc(n, sizeof *made->frozen);
        made->z = malloc(2 * n * sizeof *made->z);
        made->level[0] = calloc(n * n, sizeof *made->level[0]);
    }
    if (!made || !made->frozen || !made->z || !made->level[0]) {
        pair_power_free(made);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu pairs", n);
    }
    made->levels = 1;
    made->decays = pair_chain_decays(chain, made->frozen);
    for (size_t i = 0; i < n; i++) {
        quad left = chain->kill[i];
        for (uint64_t a = chain->first[i]; a < chain->first[i + 1]; a++) {
            made->level[0][i * n + chain->to[a]] = chain->rate[a];
            left += chain->rate[a];
        }
        made->level[0][i * n + i] = -left;
    }
    *self = made;
    return QSG_OK;
}

void pair_power_free(pair_power *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->levels; i++)
        free(self->level[i]);
    free(self->frozen);
    free(self->z);
    free(self);
}

static void multiply(size_t n, const quad *a, const quad *b, quad *product)
{
    memset(product, 0, n * n * sizeof *product);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            const quad x = a[i * n + k];
            if (x == 0)
                continue;
            for (size_t j = 0; j < n; j++)
                product[i * n + j] += x * b[k * n + j];
        }
}

/* Square the last level into the next one. */
static qsg_status add_level(pair_power *self, qsg_error *error)
{
    const size_t n = self->n, last = self->levels - 1;
    quad *from = self->level[last], *to;
    bool gone = last < self->whole;
    for (size_t i = 0; i < n && gone; i++)
        gone = self->frozen[i] || from[i * n + i] < -0.5;
    if (gone) {
        self->whole = last;
        for (size_t i = 0; i < n; i++)
            from[i * n + i] += 1;
    }
    to = self->levels < MAX_LEVELS ? malloc(n * n * sizeof *to) : NULL;
    if (!to)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the powers of %zu pairs", n);
    multiply(n, from, from, to);
    for (size_t i = 0; i < n * n && last < self->whole; i++)
        to[i] += 2 * from[i];
    self->level[self->levels++] = to;
    return QSG_OK;
}

static qsg_moments weigh(const pair_chain *chain, const quad *h)
{
    quad f = 0, v = 0;
    for (size_t i = 0; i < chain->n; i++) {
        f += chain->f[i] * h[i];
        v += chain->v[i] * (h[i] - (h[chain->one[i]] + h[chain->other[i]]) / 2);
    }
    return (qsg_moments){(double)f, v > 0 ? (double)v : 0};
}

qsg_status pair_power_evolve(pair_power *self, const double *start, double t, qsg_moments *end, qsg_error *error)
{
    const size_t n = self->n;
    quad *z = self->z, *next = self->z + n;
    qsg_status status = QSG_OK;
    for (size_t i = 0; i < n; i++)
        z[i] = start[i];
    for (size_t k = 0; t >= 1 && !status; k++, t = floor(t / 2)) {
        if (k == self->levels)
            status = add_level(self, error);
        if (status || fmod(t, 2) != 1)
            continue;
        for (size_t i = 0; i < n; i++) {
            next[i] = k < self->whole ? z[i] : 0;
            for (size_t j = 0; j < n; j++)
                next[i] += self->level[k][i * n + j] * z[j];
        }
        memcpy(z, next, n * sizeof *z);
    }
    if (!status)
        *end = weigh(self->chain, z);
    return status;
}

/* Inverse of the rates among the states that move, m of them with indices `index`, by Gauss-Jordan: the matrix is
 * diagonally dominant by rows, so that no pivot vanishes. */
static qsg_status invert(const pair_chain *chain, const size_t *index, const size_t *place, size_t m, quad *work,
                         qsg_error *error)
{
    memset(work, 0, m * m * sizeof *work);
    for (size_t i = 0; i < m; i++) {
        const size_t s = index[i];
        quad left = chain->kill[s];
        for (uint64_t a = chain->first[s]; a < chain->first[s + 1]; a++) {
            left += chain->rate[a];
            if (place[chain->to[a]] != SIZE_MAX)
                work[i * m + place[chain->to[a]]] -= chain->rate[a];
        }
        work[i * m + i] += left;
    }
    for (size_t k = 0; k < m; k++) {
        const quad pivot = work[k * m + k];
        if (!(pivot > 0))
            return qsg_fail(error, QSG_ENUMERIC, "the pairs have no slowest rate: pivot %g", (double)pivot);
        work[k * m + k] = 1;
        for (size_t j = 0; j < m; j++)
            work[k * m + j] /= pivot;
        for (size_t i = 0; i < m; i++) {
            const quad x = work[i * m + k];
            if (i == k || x == 0)
                continue;
            work[i * m + k] = 0;
            for (size_t j = 0; j < m; j++)
                work[i * m + j] -= x * work[k * m + j];
        }
    }
    return QSG_OK;
}

/* 1/(largest eigenvalue) of the nonnegative inverse: square it until a vector stops growing unevenly. */
static qsg_status smallest_rate(quad *inverse, quad *square, quad *original, quad *v, size_t m, double *rate,
                                qsg_error *error)
{
    quad before = 0;
    memcpy(original, inverse, m * m * sizeof *inverse);
    for (int k = 0; k < MAX_SQUARINGS; k++) {
        quad largest = 0, sum = 0, image = 0;
        multiply(m, inverse, inverse, square);
        for (size_t i = 0; i < m * m; i++)
            largest = square[i] > largest ? square[i] : largest;
        if (!(largest > 0))
            break;
        for (size_t i = 0; i < m * m; i++)
            inverse[i] = square[i] / largest;
        for (size_t j = 0; j < m; j++) {
            v[j] = 0;
            for (size_t l = 0; l < m; l++)
                v[j] += inverse[j * m + l];
            sum += v[j];
        }
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < m; j++)
                image += original[i * m + j] * v[j];
        const quad now = sum / image;
        if (k > 3 && now - before < 1e-22 * now && before - now < 1e-22 * now) {
            *rate = (double)now;
            return QSG_OK;
        }
        before = now;
    }
    return qsg_fail(error, QSG_ENUMERIC, "the slowest rate of the pairs does not converge");
}

/* Indices of the states that move among first .. end - 1, and the places of all. */
static size_t moving(const pair_power *self, size_t first, size_t end, size_t *index, size_t *place)
{
    size_t m = 0;
    for (size_t i = 0; i < self->n; i++) {
        const bool moves = i >= first && i < end && !self->frozen[i];
        place[i] = moves ? m : SIZE_MAX;
        if (moves)
            index[m++] = i;
    }
    return m;
}

qsg_status pair_power_slow_rate(const pair_power *self, size_t first, size_t end, double *rate, qsg_error *error)
{
    const size_t n = self->n;
    qsg_status status = QSG_OK;
    if (!self->decays) {
        *rate = 0;
        return QSG_OK;
    }
    size_t *index = malloc(2 * n * sizeof *index), *place = index + n;
    quad *work = malloc((3 * n * n + n) * sizeof *work);
    if (!index || !work)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu pairs", n);
    if (!status) {
        const size_t m = moving(self, first, end, index, place);
        status = m ? invert(self->chain, index, place, m, work, error)
                   : qsg_fail(error, QSG_ENOEXIST, "nobody moves: there is no rate");
        if (!status)
            status = smallest_rate(work, work + m * m, work + 2 * m * m, work + 3 * m * m, m, rate, error);
    }
    free(index);
    free(work);
    return status;
}

qsg_status pair_power_stationary(const pair_power *self, const double *start, qsg_moments *end, qsg_error *error)
{
    const size_t n = self->n;
    const pair_chain *chain = self->chain;
    qsg_status status = QSG_OK;
    if (!self->decays)
        return qsg_fail(error, QSG_ENOEXIST, "some pairs of agents never settle: the end depends on the start");
    size_t *index = malloc(2 * n * sizeof *index), *place = index + n;
    quad *work = malloc((n * n + 2 * n) * sizeof *work), *h = work + n * n, *source = h + n;
    if (!index || !work)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu pairs", n);
    if (!status) {
        const size_t m = moving(self, 0, n, index, place);
        status = m ? invert(chain, index, place, m, work, error) : QSG_OK;
        for (size_t i = 0; i < n; i++)
            h[i] = self->frozen[i] ? start[i] : 0;
        for (size_t i = 0; i < m; i++) {
            source[i] = 0;
            for (uint64_t a = chain->first[index[i]]; a < chain->first[index[i] + 1]; a++)
                source[i] += chain->rate[a] * (self->frozen[chain->to[a]] ? h[chain->to[a]] : 0);
        }
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < m; j++)
                h[index[i]] += work[i * m + j] * source[j];
        if (!status)
            *end = weigh(chain, h);
    }
    free(index);
    free(work);
    return status;
}
