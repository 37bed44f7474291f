/* A free agent's mean belief approaches what the committed ones say as a walk from listener to speaker dies among them: sparse,
 * symmetric, one component of the free agents at a time.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/pair_walk.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX
#define EVEN 1e-11
#define MOST 40        /* vectors of the inverse, each solved for */
#define SOLVED 1e-14
#define ENOUGH 1e-11   /* of what is left of the mode, relative to the rate */
#define WORST 1e-6
#define NOTHING 1e-13    /* new in a vector, by its size */

/* The classes of one component, and vectors over them. */
typedef struct {
    const pair_level *level;
    uint32_t *place;       /* of each class in its component, or NONE */
    const uint32_t *member;
    size_t n;
    double *v[MOST], *room, *x, *left, *way, *image;
} walk;

/* out <- A x. */
static void apply(const walk *w, const double *x, double *out)
{
    const pair_level *l = w->level;
    for (size_t i = 0; i < w->n; i++) {
        const size_t a = w->member[i];
        double sum = l->kill[a] * x[i];
        for (uint64_t e = l->first[a]; e < l->first[a + 1]; e++)
            sum += l->rate[e].hear * (x[i] - (l->fixed[l->to[e]] ? 0 : x[w->place[l->to[e]]]));
        out[i] = sum;
    }
}

static double product(const walk *w, const double *x, const double *y)
{
    double sum = 0;
    for (size_t i = 0; i < w->n; i++)
        sum += w->level->weight[w->member[i]] * x[i] * y[i];
    return sum;
}

static void add(const walk *w, double c, const double *x, double *y)
{
    for (size_t i = 0; i < w->n; i++)
        y[i] += c * x[i];
}

/* x <- A^-1 right by conjugate directions. */
static void solve(walk *w, const double *right, double *x)
{
    double size = 0, first = 0;
    memset(x, 0, w->n * sizeof *x);
    memcpy(w->left, right, w->n * sizeof *right);
    for (size_t step = 0; step < 40 * w->n + 100; step++) {
        double next = 0;
        for (size_t i = 0; i < w->n; i++)
            next += w->level->weight[w->member[i]] * w->left[i] * w->left[i] / w->level->out[w->member[i]];
        first = step ? first : next;
        if (!(next > SOLVED * SOLVED * first))
            break;
        for (size_t i = 0; i < w->n; i++)
            w->way[i] = w->left[i] / w->level->out[w->member[i]] + (step ? next / size * w->way[i] : 0);
        size = next;
        apply(w, w->way, w->image);
        const double along = next / product(w, w->way, w->image);
        if (!isfinite(along))
            break;
        add(w, along, w->way, x);
        add(w, -along, w->image, w->left);
    }
}

/* Ritz mode of the vectors so far into x; its rate. */
static double find_mode(walk *w, size_t count, const double *matrix, double *x)
{
    double a[MOST * MOST], rate[MOST];
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            a[i * count + j] = matrix[i * MOST + j];
    if (LAPACKE_dsyev(LAPACK_ROW_MAJOR, 'V', 'U', (lapack_int)count, a, (lapack_int)count, rate))
        return NAN;
    memset(x, 0, w->n * sizeof *x);
    for (size_t k = 0; k < count; k++)
        add(w, a[k * count], w->v[k], x);
    return rate[0];
}

/* Enclosure by the mode's ratios, or, where that is narrower, of the rate found by what is left of the mode. */
static void enclose(walk *w, double rate, double left, double *low, double *high)
{
    double least = INFINITY, most = 0, sign = 0;
    apply(w, w->x, w->image);
    for (size_t i = 0; i < w->n; i++)
        sign += w->x[i];
    for (size_t i = 0; i < w->n; i++) {
        const double ratio = w->x[i] * sign > 0 ? w->image[i] / w->x[i] : -INFINITY;
        least = fmin(least, ratio);
        most = fmax(most, ratio > -INFINITY ? ratio : INFINITY);
    }
    *low = rate - left;
    *high = rate + left;
    if (most - least < 2 * left) {
        *low = least;
        *high = most;
    }
}

static qsg_status component_rate(walk *w, double *rate, double *low, double *high, qsg_error *error)
{
    double matrix[MOST * MOST] = {0}, left = INFINITY;
    size_t count = 0;
    for (size_t i = 0; i < w->n; i++)
        w->x[i] = 1;
    while (count < MOST && !(left <= ENOUGH * *rate)) {
        double *next = w->v[count];
        solve(w, count ? w->v[count - 1] : w->x, next);
        const double size = sqrt(product(w, next, next));
        for (int turn = 0; turn < 2; turn++)
            for (size_t k = 0; k < count; k++)
                add(w, -product(w, w->v[k], next), w->v[k], next);
        const double norm = sqrt(product(w, next, next));
        if (!(norm > NOTHING * size))
            break;
        for (size_t i = 0; i < w->n; i++)
            next[i] /= norm;
        apply(w, next, w->image);
        for (size_t k = 0; k <= count; k++)
            matrix[k * MOST + count] = matrix[count * MOST + k] = product(w, w->v[k], w->image);
        *rate = find_mode(w, ++count, matrix, w->x);
        apply(w, w->x, w->image);
        add(w, -*rate, w->x, w->image);
        const double now = sqrt(product(w, w->image, w->image));
        const bool rounded = count > 4 && now > 0.9 * left && now < WORST * *rate;
        left = now;
        if (rounded)
            break;
    }
    enclose(w, *rate, left, low, high);
    return *low > 0 && *high - *low <= WORST * *rate ? QSG_OK
           : qsg_fail(error, QSG_ENOEXIST, "the slowest rate of this graph does not converge (%.1g)", left / *rate);
}

static bool reversible(const pair_level *l)
{
    for (size_t a = 0; a < l->n; a++)
        for (uint64_t e = l->first[a]; e < l->first[a + 1] && !l->fixed[a]; e++) {
            const size_t b = l->to[e];
            const double there = l->weight[a] * l->rate[e].hear;
            const double back = l->weight[b] * pair_level_rates(l, b, a).hear;
            if (!l->fixed[b] && fabs(there - back) > EVEN * there)
                return false;
        }
    return true;
}

/* The free classes in the order of their components; w->place: NONE until one is found. */
static size_t collect(walk *w, size_t from, uint32_t *member)
{
    const pair_level *l = w->level;
    size_t n = 0;
    w->place[from] = 0;
    member[n++] = (uint32_t)from;
    for (size_t i = 0; i < n; i++)
        for (uint64_t e = l->first[member[i]]; e < l->first[member[i] + 1]; e++) {
            const uint32_t b = l->to[e];
            if (l->fixed[b] || w->place[b] != NONE)
                continue;
            w->place[b] = (uint32_t)n;
            member[n++] = b;
        }
    return n;
}

static qsg_status take_room(walk *w, uint32_t **member, qsg_error *error)
{
    const size_t n = w->level->n;
    w->room = malloc((MOST + 4) * n * sizeof *w->room);
    w->place = malloc(2 * n * sizeof *w->place);
    if (!w->room || !w->place)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu classes of agents", n);
    *member = w->place + n;
    for (size_t k = 0; k < MOST; k++)
        w->v[k] = w->room + k * n;
    w->x = w->room + MOST * n;
    w->left = w->x + n;
    w->way = w->left + n;
    w->image = w->way + n;
    for (size_t a = 0; a < n; a++)
        w->place[a] = NONE;
    return QSG_OK;
}

qsg_status pair_walk_rate(const pair_level *level, double *rate, double *low, double *high, qsg_error *error)
{
    walk w = {.level = level};
    uint32_t *member = NULL;
    bool any = false;
    for (size_t a = 0; a < level->n; a++)
        any = any || level->fixed[a];
    if (!any || !reversible(level))
        return qsg_fail(error, QSG_ENOEXIST, "no committed agents, or the walk of a listener is not reversible");
    qsg_status status = take_room(&w, &member, error);
    *rate = *low = *high = INFINITY;
    for (size_t a = 0; a < level->n && !status; a++) {
        double at = 0, least, most;
        if (level->fixed[a] || w.place[a] != NONE)
            continue;
        w.n = collect(&w, a, member);
        w.member = member;
        status = component_rate(&w, &at, &least, &most, error);
        *rate = fmin(*rate, at);
        *low = fmin(*low, least);
        *high = fmin(*high, most);
    }
    free(w.room);
    free(w.place);
    if (!status && !isfinite(*rate))
        status = qsg_fail(error, QSG_ENOEXIST, "no agent of this graph moves");
    return status;
}

/* Free classes in the order of their numbers. */
static void collect_free(walk *w, uint32_t *member)
{
    w->n = 0;
    w->member = member;
    for (size_t a = 0; a < w->level->n; a++)
        if (!w->level->fixed[a]) {
            w->place[a] = (uint32_t)w->n;
            member[w->n++] = (uint32_t)a;
        }
}

/* What the free classes hear of the fixed ones, as pairs with the fixed class z. */
static void hear_fixed(const walk *w, const double *h, size_t z, double *source)
{
    const pair_level *l = w->level;
    const size_t n = l->n;
    for (size_t i = 0; i < w->n; i++) {
        source[i] = 0;
        for (uint64_t e = l->first[w->member[i]]; e < l->first[w->member[i] + 1]; e++) {
            const size_t b = l->to[e];
            if (l->fixed[b])
                source[i] += l->rate[e].hear * h[z * n + b] - (b == z ? l->rate[e].meet * (h[z * n + z] - h[n * n + z]) : 0);
        }
    }
}

qsg_status pair_walk_settle(const pair_level *level, double *h, qsg_error *error)
{
    walk w = {.level = level};
    uint32_t *member = NULL;
    const size_t n = level->n;
    if (!reversible(level))
        return qsg_fail(error, QSG_ENOEXIST, "the walk of a listener is not reversible");
    qsg_status status = take_room(&w, &member, error);
    if (!status)
        collect_free(&w, member);
    for (size_t z = 0; z < n && !status; z++) {
        if (!level->fixed[z])
            continue;
        hear_fixed(&w, h, z, w.v[0]);
        solve(&w, w.v[0], w.x);
        for (size_t i = 0; i < w.n; i++)
            h[z * n + member[i]] = h[member[i] * n + z] = w.x[i];
    }
    free(w.room);
    free(w.place);
    return status;
}
