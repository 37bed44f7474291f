/* The map of pairs of classes, and the passage between levels (doc/theory/pairs.md, section 5).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/pair_levels.h"

#include <stdlib.h>
#include <string.h>

#define TILE 64
#define FEWEST_SHARED 256 /* rows, below which starting threads costs more than they save */

void pair_level_free(pair_level *self)
{
    free(self->first);
    free(self->to);
    free(self->rate);
    free(self->weight);
    free(self->fixed);
    free(self->class_of);
    free(self->agent);
    *self = (pair_level){0};
}

size_t pair_level_size(const pair_level *self)
{
    return self->n * (self->n + 1);
}

void pair_level_shift(pair_level *self, double by)
{
    for (size_t a = 0; a < self->n; a++) {
        self->kill[a] += by / 2; /* of each of the two */
        self->out[a] += by / 2;
        self->own_kill[a] += by;
        self->own_out[a] += by;
    }
}

/* Row a of what one of the two does by itself; the other one's part is the transpose. */
static void one_row(const pair_level *self, const double *h, size_t a, double *out)
{
    const size_t n = self->n;
    const double *own = h + a * n, *s = h + n * n;
    for (size_t k = 0; k < n; k++)
        out[k] = self->kill[a] * own[k];
    for (uint64_t e = self->first[a]; e < self->first[a + 1]; e++) {
        const double rate = self->rate[e].hear, *heard = h + self->to[e] * n;
        for (size_t k = 0; k < n; k++)
            out[k] += rate * (own[k] - heard[k]);
    }
    for (uint64_t e = self->first[a]; e < self->first[a + 1]; e++) { /* the one who is heard is the other one */
        const size_t b = self->to[e];
        const pair_rates *r = &self->rate[e];
        out[b] += r->meet * (h[b * n + b] - s[b]) + (r->meet - r->arrive) * s[b] - r->less * own[b];
    }
}

static double own_row(const pair_level *self, const double *h, size_t a)
{
    const size_t n = self->n;
    const double *own = h + a * n, *s = h + n * n;
    double out = self->own_kill[a] * s[a];
    for (uint64_t e = self->first[a]; e < self->first[a + 1]; e++) {
        const size_t b = self->to[e];
        out += self->rate[e].turn * (s[a] - own[b]) + self->rate[e].pass * (s[a] - s[b]);
    }
    return out;
}

/* All rows of one of the two; A h is this and its transpose. */
static void one_rows(const pair_level *self, const double *h, double *out)
{
    const size_t n = self->n;
#pragma omp parallel for schedule(dynamic, 8) if (n > FEWEST_SHARED)
    for (size_t a = 0; a < n; a++) {
        one_row(self, h, a, out + a * n);
        out[n * n + a] = own_row(self, h, a);
    }
}

static void copy_single(const pair_level *self, double *h)
{
    const size_t n = self->n;
    for (size_t a = 0; a < n; a++)
        if (pair_level_single(self, a))
            h[a * n + a] = h[n * n + a];
}

void pair_level_combine(const pair_level *self, double a, const double *h, double b, const double *x, double c,
                        const double *y, double *out, double *work)
{
    const size_t n = self->n;
    one_rows(self, h, work);
#pragma omp parallel for schedule(dynamic, 1) if (n > FEWEST_SHARED)
    for (size_t top = 0; top < n; top += TILE)
        for (size_t left = 0; left <= top; left += TILE)
            for (size_t j = top; j < n && j < top + TILE; j++)
                for (size_t i = left; i <= j && i < left + TILE; i++)
                    out[i * n + j] = out[j * n + i] = a * (work[i * n + j] + work[j * n + i]) +
                                                      (x ? b * x[j * n + i] : 0) + (y ? c * y[j * n + i] : 0);
    for (size_t j = n * n; j < n * n + n; j++)
        out[j] = a * work[j] + (x ? b * x[j] : 0) + (y ? c * y[j] : 0);
    copy_single(self, out);
}

void pair_level_apply(const pair_level *self, const double *h, double *out)
{
    pair_level_combine(self, 1, h, 0, NULL, 0, NULL, out, out);
}

void pair_level_mirror(const pair_level *self, double *h)
{
    const size_t n = self->n;
#pragma omp parallel for schedule(dynamic, 1) if (n > FEWEST_SHARED)
    for (size_t top = 0; top < n; top += TILE)
        for (size_t left = 0; left <= top; left += TILE)
            for (size_t j = top; j < n && j < top + TILE; j++)
                for (size_t i = left; i < j && i < left + TILE; i++)
                    h[i * n + j] = h[j * n + i];
}

/* Diagonal of A at two agents of class a. */
static double two_of(const pair_level *self, size_t a)
{
    for (uint64_t e = self->first[a]; e < self->first[a + 1]; e++)
        if (self->to[e] == a)
            return 2 * (self->out[a] + self->rate[e].meet - self->rate[e].less);
    return 2 * self->out[a];
}

/* Of the diagonal of A, its inverse; 0 where nothing moves. */
static inline double inverse(double out)
{
    return out > 0 ? 1 / out : 0;
}

/* Pairs of two of one class, and s: h += omega D^-1 change, where change(a, a) is at `two` and of s_a at `own`. */
static void relax_own(const pair_level *self, double omega, size_t a, double two, double own, double *h)
{
    const size_t n = self->n;
    h[a * n + a] += omega * two * inverse(two_of(self, a));
    h[n * n + a] += omega * own * inverse(self->own_out[a]);
    if (pair_level_single(self, a))
        h[a * n + a] = h[n * n + a];
}

void pair_level_start(const pair_level *self, double omega, const double *right, double *h)
{
    const size_t n = self->n;
#pragma omp parallel for schedule(static) if (n > FEWEST_SHARED)
    for (size_t a = 0; a < n; a++) {
        const double *c = right + a * n;
        double *to = h + a * n;
        for (size_t k = 0; k < n; k++)
            to[k] = omega * c[k] * inverse(self->out[a] + self->out[k]);
        to[a] = h[n * n + a] = 0;
        relax_own(self, omega, a, c[a], right[n * n + a], h);
    }
}

void pair_level_relax(const pair_level *self, double omega, const double *right, double *h, double *work)
{
    const size_t n = self->n;
    const double *out = self->out;
    one_rows(self, h, work);
#pragma omp parallel for schedule(dynamic, 1) if (n > FEWEST_SHARED)
    for (size_t top = 0; top < n; top += TILE)
        for (size_t left = 0; left <= top; left += TILE)
            for (size_t j = top; j < n && j < top + TILE; j++)
                for (size_t i = left; i < j && i < left + TILE; i++) {
                    const double change = right[j * n + i] - (work[i * n + j] + work[j * n + i]);
                    h[i * n + j] = h[j * n + i] += omega * change * inverse(out[i] + out[j]);
                }
    for (size_t a = 0; a < n; a++)
        relax_own(self, omega, a, right[a * n + a] - 2 * work[a * n + a], right[n * n + a] - work[n * n + a], h);
}

/* Sums over the members of class `to` of the next level. */
static void restrict_row(const pair_level *self, const pair_level *next, const double *h, size_t to, double *far)
{
    const size_t n = self->n, m = next->n;
    const double *v = self->weight;
    double *row = far + to * m, *s = far + m * m + to;
    memset(row, 0, m * sizeof *row);
    *s = 0;
    for (uint32_t k = self->first_member[to]; k < self->first_member[to + 1]; k++) {
        const size_t a = self->member[k];
        for (size_t b = 0; b < n; b++)
            row[self->class_of[b]] += v[a] * v[b] * h[a * n + b];
        row[to] -= self->square[a] * h[a * n + a];
        *s += self->own[a] * h[n * n + a];
    }
    row[to] /= next->weight[to] * next->weight[to] - next->square[to];
    *s /= next->own[to];
    if (pair_level_single(next, to))
        row[to] = *s;
}

void pair_level_restrict(const pair_level *self, const pair_level *next, const double *h, double *far)
{
    const size_t m = next->n;
#pragma omp parallel for schedule(dynamic, 4) if (m > FEWEST_SHARED)
    for (size_t a = 0; a < m; a++)
        restrict_row(self, next, h, a, far);
    for (size_t a = 0; a < m; a++)
        for (size_t b = 0; b < a; b++) /* exactly symmetric: what is not stays for ever */
            far[b * m + a] = far[a * m + b] = (far[a * m + b] + far[b * m + a]) / (2 * next->weight[a] * next->weight[b]);
}

void pair_level_prolong(const pair_level *self, const pair_level *next, const double *far, double *h)
{
    const size_t n = self->n, m = next->n;
#pragma omp parallel for schedule(static) if (n > FEWEST_SHARED)
    for (size_t a = 0; a < n; a++) {
        const double *row = far + self->class_of[a] * m;
        double *to = h + a * n;
        for (size_t b = 0; b < n; b++)
            to[b] += row[self->class_of[b]];
        h[n * n + a] += far[m * m + self->class_of[a]];
        if (pair_level_single(self, a))
            to[a] = h[n * n + a];
    }
}

void pair_level_products(const pair_level *self, size_t count, double *const *x, const double *y, double *product)
{
    const size_t n = self->n;
    const double *v = self->weight;
    for (size_t k = 0; k < count; k++) {
        double all = 0;
#pragma omp parallel for schedule(static) reduction(+ : all) if (n > FEWEST_SHARED)
        for (size_t a = 0; a < n; a++) {
            const double *p = x[k] + a * n, *q = y + a * n;
            double sum = 0;
            for (size_t b = 0; b < n; b++)
                sum += v[b] * p[b] * q[b];
            all += v[a] * sum - self->square[a] * p[a] * q[a] + self->own[a] * x[k][n * n + a] * y[n * n + a];
        }
        product[k] = all;
    }
}

void pair_level_add(const pair_level *self, double c, const double *x, double *y)
{
    const size_t n = pair_level_size(self);
#pragma omp parallel for schedule(static) if (self->n > FEWEST_SHARED)
    for (size_t i = 0; i < n; i++)
        y[i] += c * x[i];
}

void pair_level_scale(const pair_level *self, double c, double *x)
{
    const size_t n = pair_level_size(self);
#pragma omp parallel for schedule(static) if (self->n > FEWEST_SHARED)
    for (size_t i = 0; i < n; i++)
        x[i] *= c;
}
