/* The slowest mode is sought in the span of a few vectors, each the answer of the levels to what is left (Davidson); the
 * ratios of A h and h enclose the rate.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/pair_slowest.h"

#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "theory/pair_cycle.h"

#define MOST_VECTORS 6
#define FEWEST_SHARED 65536 /* numbers, below which starting threads costs more than they save */
#define MEMORY 1.3e9        /* bytes for the vectors of the finest level */
#define MOST_STEPS 200
#define FEW_STEPS 60
#define MOST_POLISH 60
#define RELAXATIONS 2
#define ALONE 1e-8           /* what is left, relative to the rate */
#define TOLERANCE 1e-10
#define WORST 1e-3
#define ONE_SIGN 1e-2          /* of a mode whose error is known: the next rate is further away */
#define NEGLIGIBLE 1e-14    /* of the largest pair */

typedef struct {
    double rate, low, high;
} enclosure;

typedef struct {
    pair_tower tower;
    bool symmetric;
    size_t n, count, most; /* numbers of a vector; vectors in use, and room */
    double *v[MOST_VECTORS + 1], *w[MOST_VECTORS + 1], *left; /* orthonormal, and their images; what is left */
    double inner[MOST_VECTORS * MOST_VECTORS]; /* <v_i, w_j> */
    double mix[MOST_VECTORS], before[MOST_VECTORS], rate, second; /* and the next smallest */
} search;

/* Normalize vector `count` against the others and add it; false when nothing new is left of it. */
static bool admit(search *s)
{
    const pair_level *l = &s->tower.at[0].level;
    const size_t k = s->count;
    double c[MOST_VECTORS + 1], first = 0;
    for (int turn = 0; turn < 2; turn++) {
        pair_level_products(l, k + 1, s->v, s->v[k], c);
        first = turn == 0 ? c[k] : first;
        for (size_t j = 0; j < k; j++)
            pair_level_add(l, -c[j], s->v[j], s->v[k]);
    }
    pair_level_products(l, 1, s->v + k, s->v[k], c);
    if (!(c[0] > 1e-28 * first))
        return false;
    pair_level_scale(l, 1 / sqrt(c[0]), s->v[k]);
    pair_level_apply(l, s->v[k], s->w[k]);
    pair_level_products(l, k + 1, s->v, s->w[k], c);
    for (size_t j = 0; j <= k; j++)
        s->inner[j * MOST_VECTORS + k] = c[j];
    pair_level_products(l, k + 1, s->w, s->v[k], c);
    for (size_t j = 0; j <= k; j++)
        s->inner[k * MOST_VECTORS + j] = c[j];
    s->mix[k] = 0;
    s->count++;
    return true;
}

/* Eigenvector of the small matrix with the smallest real part; false when there is none. */
static bool small_mode(search *s)
{
    const lapack_int n = (lapack_int)s->count;
    double a[MOST_VECTORS * MOST_VECTORS], real[MOST_VECTORS], imaginary[MOST_VECTORS], right[MOST_VECTORS * MOST_VECTORS];
    for (lapack_int i = 0; i < n; i++)
        for (lapack_int j = 0; j < n; j++)
            a[i * n + j] = s->inner[i * MOST_VECTORS + j];
    if (LAPACKE_dgeev(LAPACK_ROW_MAJOR, 'N', 'V', n, a, n, real, imaginary, NULL, n, right, n))
        return false;
    lapack_int best = 0;
    for (lapack_int i = 1; i < n; i++)
        if (real[i] < real[best])
            best = i;
    s->rate = real[best];
    memcpy(s->before, s->mix, sizeof s->before);
    for (lapack_int i = 0; i < n; i++)
        s->mix[i] = right[i * n + best];
    s->second = INFINITY;
    for (lapack_int i = 0; i < n; i++)
        if (i != best)
            s->second = fmin(s->second, real[i]);
    return true;
}

/* Keep the mode and the last step's direction: combinations of all vectors, in place. */
static void restart(search *s)
{
    const size_t m = s->count;
    double other[MOST_VECTORS] = {0}, along = 0, norm = 0, size = 0;
    for (size_t k = 0; k < m; k++) {
        along += s->before[k] * s->mix[k];
        size += s->mix[k] * s->mix[k];
    }
    for (size_t k = 0; k < m; k++) {
        other[k] = s->before[k] - along / size * s->mix[k];
        norm += other[k] * other[k];
    }
    const bool two = norm > 1e-28;
#pragma omp parallel for schedule(static) if (s->n > FEWEST_SHARED)
    for (size_t i = 0; i < s->n; i++) {
        double a = 0, b = 0, c = 0, d = 0;
        for (size_t k = 0; k < m; k++) {
            a += s->mix[k] * s->v[k][i];
            b += s->mix[k] * s->w[k][i];
            c += other[k] * s->v[k][i];
            d += other[k] * s->w[k][i];
        }
        s->v[0][i] = a / sqrt(size);
        s->w[0][i] = b / sqrt(size);
        if (two) {
            s->v[1][i] = c / sqrt(norm);
            s->w[1][i] = d / sqrt(norm);
        }
    }
    s->count = two ? 2 : 1;
    pair_level_apply(&s->tower.at[0].level, s->v[0], s->w[0]);
    for (size_t k = 0; k < s->count; k++) {
        double c[2];
        pair_level_products(&s->tower.at[0].level, s->count, s->v, s->w[k], c);
        for (size_t j = 0; j < s->count; j++)
            s->inner[j * MOST_VECTORS + k] = c[j];
        s->mix[k] = k == 0;
    }
}

/* left <- A x - rate x of the mode x; its norm. */
static double leave(search *s)
{
    double norm;
#pragma omp parallel for schedule(static) if (s->n > FEWEST_SHARED)
    for (size_t i = 0; i < s->n; i++) {
        double sum = 0;
        for (size_t k = 0; k < s->count; k++)
            sum += s->mix[k] * (s->w[k][i] - s->rate * s->v[k][i]);
        s->left[i] = sum;
    }
    pair_level_products(&s->tower.at[0].level, 1, &s->left, s->left, &norm);
    return sqrt(norm);
}

/* x scaled to a largest element 1 and no negative ones. */
static void scale(double *x, size_t n)
{
    double largest = 0, sign = 1;
    for (size_t i = 0; i < n; i++)
        if (fabs(x[i]) > largest) {
            largest = fabs(x[i]);
            sign = x[i];
        }
    for (size_t i = 0; i < n; i++) {
        x[i] /= sign;
        if (x[i] < NEGLIGIBLE)
            x[i] = 0;
    }
}

/* Enclosure of the rate by the ratios of x; image <- A x. */
static enclosure enclose(const search *s, double *x, double *image)
{
    const pair_level *l = &s->tower.at[0].level;
    enclosure e = {0, INFINITY, -INFINITY};
    double above, below;
    pair_level_apply(l, x, image);
    for (size_t i = 0; i < s->n; i++)
        if (x[i] > 0) {
            e.low = fmin(e.low, image[i] / x[i]);
            e.high = fmax(e.high, image[i] / x[i]);
        }
    pair_level_products(l, 1, &x, image, &above);
    pair_level_products(l, 1, &x, x, &below);
    e.rate = fmin(fmax(above / below, e.low), e.high);
    return e;
}

static double width_of(enclosure e)
{
    return e.low > 0 ? (e.high - e.low) / e.low : INFINITY;
}

/* The mode alone, improved without memory of earlier steps until its ratios agree as well as rounding lets them: small
 * pairs must be as good as large ones, relatively.  `known` bounds the error already, or is infinite; when it is small
 * enough all that is wanted is that the mode has one sign.  The vectors are spent. */
static enclosure finish(search *s, double known)
{
    const pair_level *l = &s->tower.at[0].level;
    enclosure best = {0, 0, INFINITY};
    double *x = s->v[0], *image = s->w[0], bound = 0;
    for (size_t a = 0; a < l->n; a++)
        bound = fmax(bound, 2 * l->out[a]);
    const double enough = known < TOLERANCE ? ONE_SIGN : fmax(TOLERANCE, DBL_EPSILON * bound / s->rate);
    restart(s);
    for (int step = 0, worse = 0; step < MOST_POLISH && worse < 3; step++) {
        scale(x, s->n);
        enclosure now = enclose(s, x, image);
        for (int turn = 0; turn < RELAXATIONS; turn++) {
            memset(image, 0, s->n * sizeof *image);
            pair_level_add(l, now.rate, x, image);
            pair_level_relax(l, PAIR_OMEGA, image, x, s->v[1]);
            now = enclose(s, x, image);
        }
        worse = width_of(now) < 0.9 * width_of(best) ? 0 : worse + 1;
        best = width_of(now) < width_of(best) ? now : best;
        if (width_of(best) <= enough)
            break;
        for (size_t i = 0; i < s->n; i++)
            image[i] = now.rate * x[i] - image[i];
        pair_tower_solve(&s->tower, image, s->v[1], s->w[1]);
        pair_level_add(l, 1, s->v[1], x);
    }
    if (known < width_of(best) && width_of(best) <= (known < TOLERANCE ? ONE_SIGN : WORST)) {
        best.low = best.rate * (1 - known);
        best.high = best.rate * (1 + known);
    }
    return best;
}

/* Error of the rate of a symmetric map by what is left of the mode, relative (Temple): the square, by the distance of the
 * next rate. */
static double temple(const search *s, double norm)
{
    return s->symmetric && s->second > 1.02 * s->rate ? 2 * norm * norm * s->rate / (s->second - s->rate) : INFINITY;
}

static qsg_status iterate(search *s, int steps, enclosure *e, qsg_error *error)
{
    double before = INFINITY;
    for (int step = 0; step < steps && small_mode(s); step++) {
        const double norm = leave(s) / fabs(s->rate);
        if (norm < ALONE || (norm < 1e-5 && norm > 0.5 * before)) {
            *e = finish(s, temple(s, norm));
            if (width_of(*e) <= WORST)
                return QSG_OK;
            break;
        }
        before = norm;
        if (s->count == s->most)
            restart(s);
        pair_tower_solve(&s->tower, s->left, s->v[s->count], s->w[s->count]);
        if (!admit(s))
            break;
    }
    return qsg_fail(error, QSG_ENOEXIST, "the slowest rate of this graph does not converge");
}

/* Every pair disagrees, but those that never do; voters' own pairs take no part, where nothing comes back from them. */
static void start_mode(const pair_level *l, double *h)
{
    double *s = h + l->n * l->n;
    for (size_t a = 0; a < l->n; a++) {
        s[a] = l->fixed[a] || l->apart ? 0 : 1;
        for (size_t b = 0; b < l->n; b++)
            h[a * l->n + b] = l->fixed[a] && l->fixed[b] ? 0 : 1;
        if (pair_level_single(l, a))
            h[a * l->n + a] = s[a];
    }
}

/* The own pairs that took no part decay at this rate at least. */
static double apart_rate(const pair_level *l)
{
    double least = INFINITY;
    for (size_t a = 0; a < l->n && l->apart; a++)
        if (!l->fixed[a])
            least = fmin(least, l->own_kill[a]);
    return least;
}

static qsg_status take_room(search *s, double **room, qsg_error *error)
{
    s->n = pair_level_size(&s->tower.at[0].level);
    s->most = (size_t)fmin(MOST_VECTORS, fmax(3, MEMORY / 16 / (double)s->n));
    *room = malloc((2 * s->most + 1) * s->n * sizeof **room);
    if (!*room)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu pairs", s->n);
    for (size_t k = 0; k < s->most; k++) {
        s->v[k] = *room + 2 * k * s->n;
        s->w[k] = s->v[k] + s->n;
    }
    s->left = *room + 2 * s->most * s->n;
    return QSG_OK;
}

qsg_status pair_slowest_rate(const pair_law *law, const double *weight, bool whole, double max_work, double *rate,
                             double *low, double *high, double *next, double **mode, qsg_error *error)
{
    search s = {.second = INFINITY};
    double *room = NULL;
    enclosure e = {0};
    qsg_status status = pair_tower_init(&s.tower, law, weight, max_work, error);
    if (!status)
        status = take_room(&s, &room, error);
    if (!status) {
        const pair_level *first = &s.tower.at[0].level;
        s.symmetric = pair_level_symmetric(first);
        start_mode(first, s.v[0]);
        admit(&s);
        status = iterate(&s, whole ? MOST_STEPS : FEW_STEPS, &e, error);
        if (!status && e.high > apart_rate(first))
            status = qsg_fail(error, QSG_ENOEXIST, "the slowest rate is that of the agents by themselves");
    }
    if (!status && mode && s.symmetric) { /* v[0] comes first in the room */
        double *kept = realloc(room, s.n * sizeof *room);
        *mode = kept ? kept : room;
        room = NULL;
    }
    if (!status) {
        *rate = e.rate;
        *low = e.low;
        *high = e.high;
        *next = s.second;
    }
    free(room);
    pair_tower_free(&s.tower);
    return status;
}
