/* M^t h = sum_k c_k(t) T_k(X) h with X = A/bound - 1: all times of a block from one run of the three-term recurrence, in
 * the square root of its length.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/pair_series.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK 8.0     /* units of 1/bound */
#define LARGEST_BLOCK 1e12
#define TOLERANCE 1e-10     /* width of the enclosure of the slow rate, relative */
#define WORST 1e-6
#define LEAST_SEEN 1e-10    /* a decay too slow to be seen must not add up to more */
#define NEGLIGIBLE 1e-14   /* of the largest state */
#define MAX_DECAY 6.0       /* e-foldings of the slowest mode in a block */
#define MAX_BLOCKS 4000
/* Where eigenvalues leave the real line, T_k grows as e^{k delta} and a block amplifies rounding by e^{z delta^2/2}, z its
 * length in units of 1/bound: no more than by e^AMPLIFIED. */
#define AMPLIFIED 5.0
#define LARGEST_TERM 1e150
#define GROWN 4.0 /* what T_k may exceed its start by without a complex eigenvalue */

/* Interactions from `begin` on, up to begin + length, as moments of the Chebyshev vectors. */
typedef struct {
    double begin, length;
    size_t terms;
    double *f, *v;
} block;

struct pair_series {
    const pair_map *map;
    block *blocks;
    size_t n_blocks;
    double end, work, max_work; /* time reached; work done */
    double expected; /* length of the first block, 0: short */
    double *h;                  /* the vector at that time */
    double *previous, *current;
    bool decays, mode, settled, still; /* only the slowest mode is left; nothing moves any more */
    double low, high, rate, width;
    double moved; /* largest change an interaction at the end, in units of its rounding */
    double drift, last_drift; /* change of the moments over the last block, relative, and over the one before */
    double delta; /* growth of T_k an order, measured */
    double size;  /* of T_0 */
    qsg_moments at_end;
};

qsg_status pair_series_new(pair_series **self, const pair_map *map, const double *start, bool decays, bool mode,
                           double max_work, qsg_error *error)
{
    pair_series *made = calloc(1, sizeof *made);
    if (made) {
        made->map = map;
        made->decays = decays;
        made->mode = mode;
        made->width = INFINITY;
        made->moved = INFINITY;
        made->max_work = max_work;
        made->h = malloc(3 * map->n * sizeof *made->h);
        made->blocks = calloc(MAX_BLOCKS, sizeof *made->blocks);
    }
    if (!made || !made->h || !made->blocks) {
        pair_series_free(made);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu pairs", map->n);
    }
    made->previous = made->h + map->n;
    made->current = made->previous + map->n;
    memcpy(made->h, start, map->n * sizeof *start);
    double moments[2];
    map->measure(map->context, made->h, moments);
    made->at_end = (qsg_moments){moments[0], fmax(moments[1], 0)};
    *self = made;
    return QSG_OK;
}

void pair_series_expect(pair_series *self, double length)
{
    self->expected = self->map->symmetric ? length : 0;
}

void pair_series_free(pair_series *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->n_blocks; i++)
        free(self->blocks[i].f);
    free(self->blocks);
    free(self->h);
    free(self);
}

double pair_series_power(double y, double t)
{
    if (t == 0)
        return 1;
    if (y < 1)
        return exp(t * log1p(-y));
    const double size = pow(y - 1, t);
    return fmod(t, 2) == 1 ? -size : size;
}

/* Terms of the series over t interactions: c_k ~ e^{-k^2/(2z)}, z = bound t, and at most t (a polynomial). */
static size_t terms_of(const pair_map *map, double t)
{
    const double z = map->bound * t, k = 20 + sqrt(80 * z) + 8 * cbrt(z) + (map->symmetric ? 0 : 4 * sqrt(z));
    return (size_t)fmin(k, t) + 1;
}

/* The coefficients c_0 .. c_{terms-1} of (1 - bound (1 + x))^t = sum c_k T_k into c[0 ..]; `c` has room for terms + 2.
 * Those of the derivative, e_k = |d_k|, obey (t - k) e_{k-1} = (t + k) e_{k+1} + 2k (1/bound - 1) e_k, and
 * |c_k| = (e_{k+1} + (1/bound - 1) e_k)/(t - k), signs alternating: taken downwards all is a sum of positive terms, so that
 * the smallest coefficients are as good as the largest, which matters where T_k grows. */
static void coefficients(const pair_map *map, double t, size_t terms, double *c)
{
    const double ratio = 1 / map->bound - 1;
    double sum = 0;
    memset(c, 0, (terms + 2) * sizeof *c);
    if (t == 0) {
        c[0] = 1;
        return;
    }
    size_t top = t <= (double)terms ? (size_t)t : terms + 1;
    top -= t > (double)terms && fmod(t - (double)top, 2) != 0; /* with bound = 1 every other one vanishes */
    c[top - 1] = 1;
    for (size_t k = top - 1; k > 0; k--) { /* e_k in c[k] */
        c[k - 1] = ((t + (double)k) * c[k + 1] + 2 * (double)k * ratio * c[k]) / (t - (double)k);
        if (c[k - 1] > LARGEST_TERM)
            for (size_t i = k - 1; i <= top; i++)
                c[i] /= LARGEST_TERM;
    }
    c[top] = c[top - 1] / (2 * (double)top);
    for (size_t k = 0; k < top; k++)
        c[k] = ((k + 1 < top ? c[k + 1] : 0) + ratio * c[k]) / (t - (double)k);
    c[0] /= 2;
    for (size_t k = 0; k <= top; k++)
        sum += c[k];
    for (size_t k = 0; k <= top; k++) /* at x = -1 all add up, to 1 */
        c[k] *= (k % 2 ? -1 : 1) / sum;
}

/* Measure how T_k grows with k. */
static void watch(pair_series *self, const double *vector, size_t k)
{
    double largest = 0;
    for (size_t i = 0; i < self->map->n; i++)
        largest = fmax(largest, fabs(vector[i]));
    if (k == 0)
        self->size = largest;
    else if (k >= 8 && largest > GROWN * self->size)
        self->delta = fmax(self->delta, log(largest / (GROWN * self->size)) / (double)k);
}

/* Run the recurrence over one block and take h to its end. */
static qsg_status run_block(pair_series *self, double length, qsg_error *error)
{
    const pair_map *map = self->map;
    const size_t n = map->n, terms = terms_of(map, length);
    block b = {self->end, length, terms, malloc(2 * terms * sizeof *b.f), NULL};
    double *c = malloc((terms + 2) * sizeof *c), moments[2];
    if (!b.f || !c) {
        free(b.f);
        free(c);
        return qsg_fail(error, QSG_ENOMEM, "no memory for a series of %zu terms", terms);
    }
    coefficients(map, length, terms, c);
    b.v = b.f + terms;
    double *previous = self->previous, *current = self->current;
    memcpy(current, self->h, n * sizeof *current);
    for (size_t k = 0; k < terms; k++) {
        if (k == 1) { /* T_1 = X h = -(M-1) h/bound - h */
            map->apply(map->context, current, -1 / map->bound, -1, 0, previous);
        } else if (k > 1) {
            map->apply(map->context, current, -2 / map->bound, -2, -1, previous);
        }
        if (k > 0) {
            double *swap = previous;
            previous = current;
            current = swap;
        }
        if (!map->symmetric)
            watch(self, current, k);
        map->measure(map->context, current, moments);
        b.f[k] = moments[0];
        b.v[k] = moments[1];
        if (k == 0)
            for (size_t i = 0; i < n; i++)
                self->h[i] *= c[0];
        else
            for (size_t i = 0; i < n; i++)
                self->h[i] += c[k] * current[i];
    }
    free(c);
    self->blocks[self->n_blocks++] = b;
    self->end += length;
    self->work += map->work * (double)terms;
    for (size_t i = 0; i < n; i++)
        self->h[i] = fmax(self->h[i], 0); /* rounding */
    map->measure(map->context, self->h, moments);
    self->last_drift = self->drift;
    self->drift = fabs(moments[0] - self->at_end.uncertainty) / fmax(moments[0], DBL_MIN) +
                  fabs(moments[1] - self->at_end.disagreement) / fmax(moments[1], DBL_MIN);
    self->at_end = (qsg_moments){moments[0], fmax(moments[1], 0)};
    return QSG_OK;
}

/* Look at the vector at the end: what its slowest mode decays by, or whether it moves at all. */
static void look(pair_series *self)
{
    const pair_map *map = self->map;
    double largest = 0, change = 0, mean;
    for (size_t i = 0; i < map->n; i++)
        largest = fmax(largest, self->h[i]);
    for (size_t i = 0; i < map->n; i++) /* what decays faster by itself says nothing about the rate */
        if (self->h[i] < NEGLIGIBLE * largest)
            self->h[i] = 0;
    map->apply(map->context, self->h, 1, 0, 0, self->current);
    for (size_t i = 0; i < map->n; i++)
        change = fmax(change, fabs(self->current[i]));
    self->work += map->work;
    const double moved = change / (8 * DBL_EPSILON * map->bound * largest), terms = (double)self->blocks[self->n_blocks - 1].terms;
    /* Rounding of the block's terms, which neither falls nor adds up: of a slow mode the moments would move in proportion. */
    const bool rounding = !self->decays && moved < sqrt(terms) && moved > 0.5 * self->moved && self->drift < 1.5 * self->last_drift;
    self->still = !(moved > 1) || rounding;
    self->moved = moved;
    if (self->mode && largest > 0) /* what it decays to must not underflow */
        for (size_t i = 0; i < map->n; i++) {
            self->h[i] /= largest;
            self->current[i] /= largest;
        }
    if (!self->decays || largest == 0)
        return;
    map->rates(map->context, self->h, self->current, &self->low, &self->high, &mean);
    self->rate = fmin(fmax(mean, self->low), self->high);
    /* the enclosure shrinks until it is good or all rounding */
    const double width = (self->high - self->low) / self->low;
    self->settled = self->low > 0 && width <= WORST && (width <= TOLERANCE || width > 0.5 * self->width);
    self->width = self->low > 0 ? width : INFINITY;
}

/* The next block: twice as long as the one before, up to what the antisymmetric part allows. */
static qsg_status advance(pair_series *self, qsg_error *error)
{
    const pair_map *map = self->map;
    double length = self->n_blocks ? 2 * self->blocks[self->n_blocks - 1].length
                                   : ceil(fmax(FIRST_BLOCK / map->bound, self->expected));
    const double longest = self->delta > 0 ? 2 * AMPLIFIED / (self->delta * self->delta) / map->bound : INFINITY;
    if (self->decays && self->rate > 0) /* rounding is relative to the start of the block */
        length = fmin(length, MAX_DECAY / self->rate);
    length = fmax(1, floor(fmin(fmin(length, longest), LARGEST_BLOCK / map->bound)));
    if (self->n_blocks == MAX_BLOCKS || self->work + map->work * (double)terms_of(map, length) > self->max_work)
        return qsg_fail(error, QSG_ENUMERIC, "the pair moments of this population take too long beyond t = %.3g (%.2g of "
                        "%.2g operations done); expected earlier times or fewer agents", self->end, self->work,
                        self->max_work);
    qsg_status status = run_block(self, length, error);
    if (!status)
        look(self);
    return status;
}

static double sum_series(const double *c, const double *m, size_t n)
{
    double sum = 0;
    for (size_t k = n; k-- > 0;)
        sum += c[k] * m[k];
    return sum;
}

qsg_status pair_series_at(pair_series *self, double t, qsg_moments *end, qsg_error *error)
{
    qsg_status status = QSG_OK;
    while (!status && t > self->end && !self->settled && !self->still)
        status = advance(self, error);
    if (status)
        return status;
    if (t >= self->end) {
        if (self->decays && !self->settled && self->at_end.uncertainty + self->at_end.disagreement > 0 &&
            (t - self->end) * self->map->bound * DBL_EPSILON > LEAST_SEEN)
            return qsg_fail(error, QSG_ENUMERIC, "the pair moments of this population move too slowly for double "
                            "precision beyond t = %.3g; expected earlier times", self->end);
        const double left = self->still && !self->settled ? 1 : pair_series_power(fmin(self->rate, 2), t - self->end);
        *end = (qsg_moments){self->at_end.uncertainty * left, self->at_end.disagreement * left};
        return QSG_OK;
    }
    size_t i = self->n_blocks - 1;
    while (i > 0 && self->blocks[i].begin > t)
        i--;
    const block *b = &self->blocks[i];
    double *c = malloc((b->terms + 2) * sizeof *c);
    if (!c)
        return qsg_fail(error, QSG_ENOMEM, "no memory for a series of %zu terms", b->terms);
    coefficients(self->map, t - b->begin, b->terms, c);
    *end = (qsg_moments){fmax(sum_series(c, b->f, b->terms), 0), fmax(sum_series(c, b->v, b->terms), 0)};
    free(c);
    return QSG_OK;
}

qsg_status pair_series_rate(pair_series *self, double *rate, double *low, double *high, qsg_error *error)
{
    qsg_status status = QSG_OK;
    while (!status && !self->settled && !self->still)
        status = advance(self, error);
    if (!status && !self->settled)
        status = qsg_fail(error, QSG_ENUMERIC, "the slowest rate is too small for double precision (below %g of the "
                          "largest)", DBL_EPSILON);
    if (!status) {
        *rate = self->rate;
        *low = self->low;
        *high = self->high;
    }
    return status;
}

qsg_status pair_series_stationary(pair_series *self, qsg_moments *end, qsg_error *error)
{
    qsg_status status = QSG_OK;
    while (!status && !self->still)
        status = advance(self, error);
    if (!status)
        *end = self->at_end;
    return status;
}
