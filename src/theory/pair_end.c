/* A h = 0 with some pairs given: the cycle's answers to what is left, each freed of the images of the last few (generalized
 * conjugate residuals).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/pair_end.h"

#include <math.h>
#include <stdlib.h>

#include "theory/pair_cycle.h"
#include "theory/pair_walk.h"

#define KEPT 4
#define MOST_STEPS 80
#define TOLERANCE 1e-12
#define WORST 1e-9

typedef struct {
    pair_tower tower;
    double *room, *left, *work, *way[KEPT], *image[KEPT], norm[KEPT];
} search;

static double product(const pair_level *l, double *x, const double *y)
{
    double sum;
    pair_level_products(l, 1, &x, y, &sum);
    return sum;
}

static qsg_status take_room(search *s, qsg_error *error)
{
    const size_t n = pair_level_size(&s->tower.at[0].level);
    s->room = malloc((2 * KEPT + 2) * n * sizeof *s->room);
    if (!s->room)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu pairs", n);
    s->left = s->room;
    s->work = s->left + n;
    for (size_t k = 0; k < KEPT; k++) {
        s->way[k] = s->work + (1 + 2 * k) * n;
        s->image[k] = s->way[k] + n;
    }
    return QSG_OK;
}

/* One step; false when nothing is gained. */
static bool step_on(search *s, size_t step, double *h)
{
    const pair_level *l = &s->tower.at[0].level;
    const size_t k = step % KEPT;
    double *way = s->way[k], *image = s->image[k];
    pair_tower_solve(&s->tower, s->left, way, s->work);
    pair_level_apply(l, way, image);
    for (size_t i = 0; i < KEPT && i < step; i++) {
        if (i == k)
            continue;
        const double along = product(l, s->image[i], image) / s->norm[i];
        pair_level_add(l, -along, s->way[i], way);
        pair_level_add(l, -along, s->image[i], image);
    }
    s->norm[k] = product(l, image, image);
    if (!(s->norm[k] > 0))
        return false;
    const double along = product(l, image, s->left) / s->norm[k];
    pair_level_add(l, along, way, h);
    pair_level_add(l, -along, image, s->left);
    return true;
}

qsg_status pair_end_solve(const pair_graph *graph, const double *weight, double rate, double max_work, double *h,
                          double *accuracy, qsg_error *error)
{
    search s = {0};
    const double size = product(&graph->level, h, h);
    /* what is averaged over committed agents of different labels the cycle would hardly see */
    qsg_status status = pair_walk_settle(&graph->level, h, error);
    if (!status)
        status = pair_tower_init(&s.tower, graph->law, weight, max_work, error);
    if (!status)
        status = take_room(&s, error);
    const pair_level *l = &s.tower.at[0].level;
    double best = size > 0 ? INFINITY : 0;
    for (size_t step = 0, worse = 0; step < MOST_STEPS && !status && worse < 4 && best > TOLERANCE; step++) {
        if (step % KEPT == 0) /* what is left, not what rounding has made of it */
            pair_level_combine(l, -1, h, 0, NULL, 0, NULL, s.left, s.left);
        const double now = sqrt(product(l, s.left, s.left) / size) / rate;
        worse = now < 0.9 * best ? 0 : worse + 1;
        best = fmin(best, now);
        if (!step_on(&s, step, h))
            break;
    }
    if (!status && !(best <= WORST))
        status = qsg_fail(error, QSG_ENOEXIST, "the end of the pairs of this graph is known to %.1g only", best);
    *accuracy = best;
    free(s.room);
    pair_tower_free(&s.tower);
    return status;
}
