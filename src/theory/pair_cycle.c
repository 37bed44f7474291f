/* A^-1 is nearly what a cycle over the levels does: two relaxations, the rest solved on the next level by two cycles of it,
 * two relaxations.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/pair_cycle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SMALL 12 /* classes of the level that is solved directly */
#define MOST_SOLVED 40 /* where no fewer classes can be made */
/* Of the map in all, levels included, by which too much is refused at once.  Counted with 200 to 1,000 agents: 75 to 230 on undirected
 * graphs (paths most, slowly growing), 154 on a directed one, 277 with messages of 4 labels, 354 in mutual exchange. */
#define APPLICATIONS 250.0
static const double omega[2] = {PAIR_OMEGA, 1.39}; /* relaxations that damp the eigenvalues 0.5 .. 2 of D^-1 A most evenly */

void pair_tower_free(pair_tower *self)
{
    for (size_t k = 0; k < self->levels; k++) {
        pair_level_free(&self->at[k].level);
        free(self->at[k].right);
    }
    free(self->matrix);
    free(self->pivot);
    *self = (pair_tower){0};
}

/* Of what number i of a vector is a copy; or i. */
static size_t original(const pair_level *l, size_t i)
{
    const size_t a = i / l->n, b = i % l->n;
    return i >= l->n * l->n ? i : a < b ? b * l->n + a : a == b && pair_level_single(l, a) ? l->n * l->n + a : i;
}

/* The last level's map as a matrix; where nothing moves, the identity. */
static qsg_status factor_last(pair_tower *self, qsg_error *error)
{
    const pair_level *l = &self->at[self->levels - 1].level;
    const size_t n = pair_level_size(l);
    double *unit = calloc(2 * n, sizeof *unit), *column = unit + n;
    if (!unit)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu pairs", n);
    for (size_t j = 0; j < n; j++) {
        unit[j] = 1;
        pair_level_apply(l, unit, column);
        unit[j] = 0;
        for (size_t i = 0; i < l->n * l->n; i++) /* a copy is no unknown: its row says of what it is one */
            if (original(l, i) != i)
                column[i] = j == i ? 1 : j == original(l, i) ? -1 : 0;
        memcpy(self->matrix + j * n, column, n * sizeof *column);
    }
    for (size_t i = 0; i < n; i++) {
        bool moves = false;
        for (size_t j = 0; j < n; j++)
            moves = moves || self->matrix[j * n + i] != 0;
        if (!moves)
            self->matrix[i * n + i] = 1;
    }
    free(unit);
    if (LAPACKE_dgetrf(LAPACK_COL_MAJOR, (lapack_int)n, (lapack_int)n, self->matrix, (lapack_int)n, self->pivot))
        return qsg_fail(error, QSG_ENUMERIC, "the slowest rate is too small for double precision");
    return QSG_OK;
}

static qsg_status take_last(pair_tower *self, qsg_error *error)
{
    const pair_level *l = &self->at[self->levels - 1].level;
    const size_t n = pair_level_size(l);
    if (l->n > MOST_SOLVED)
        return qsg_fail(error, QSG_ENOEXIST, "the classes of this graph do not hear each other");
    self->matrix = malloc(n * n * sizeof *self->matrix);
    self->pivot = malloc(n * sizeof *self->pivot);
    return self->matrix && self->pivot ? factor_last(self, error) : qsg_fail(error, QSG_ENOMEM, "no memory for %zu pairs", n);
}

qsg_status pair_tower_shift(pair_tower *self, double shift, qsg_error *error)
{
    for (size_t k = 0; k < self->levels; k++)
        pair_level_shift(&self->at[k].level, shift - self->shift);
    self->shift = shift;
    return factor_last(self, error);
}

static void solve_last(const pair_tower *self, const double *right, double *answer)
{
    const pair_level *l = &self->at[self->levels - 1].level;
    const size_t n = pair_level_size(l);
    memcpy(answer, right, n * sizeof *answer);
    for (size_t i = 0; i < l->n * l->n; i++)
        if (original(l, i) != i)
            answer[i] = 0;
    LAPACKE_dgetrs(LAPACK_COL_MAJOR, 'N', (lapack_int)n, 1, self->matrix, (lapack_int)n, self->pivot, answer, (lapack_int)n);
    for (size_t i = 0; i < l->n * l->n; i++)
        answer[i] = answer[original(l, i)];
}

static void cycle(const pair_tower *self, size_t k, const double *right, double *answer, double *work);

/* Next level's equations by two cycles, each followed by the best step among the ways so far. */
static void solve_far(const pair_tower *self, size_t k)
{
    const pair_floor *f = &self->at[k];
    const pair_level *l = &f->level;
    double *const *image = (double *const *)f->image;
    if (k + 1 == self->levels) {
        solve_last(self, f->right, f->answer);
        return;
    }
    memset(f->answer, 0, pair_level_size(l) * sizeof *f->answer);
    for (int step = 0; step < 2; step++) {
        double *way = f->way[step], *im = f->image[step], along, norm, left;
        cycle(self, k, f->right, way, im);
        pair_level_apply(l, way, im);
        if (step) {
            pair_level_products(l, 1, image, im, &along);
            pair_level_products(l, 1, image, image[0], &norm);
            if (norm > 0) {
                pair_level_add(l, -along / norm, f->way[0], way);
                pair_level_add(l, -along / norm, image[0], im);
            }
        }
        pair_level_products(l, 1, image + step, im, &norm);
        pair_level_products(l, 1, image + step, f->right, &left);
        if (!(norm > 0))
            return;
        pair_level_add(l, left / norm, way, f->answer);
        pair_level_add(l, -left / norm, im, f->right);
    }
}

/* answer ~ A^-1 right on level k. */
static void cycle(const pair_tower *self, size_t k, const double *right, double *answer, double *work)
{
    const pair_level *l = &self->at[k].level;
    const pair_floor *far = &self->at[k + 1];
    pair_level_start(l, omega[0], right, answer);
    pair_level_relax(l, omega[1], right, answer, work);
    pair_level_combine(l, -1, answer, 1, right, 0, NULL, work, work);
    pair_level_restrict(l, &far->level, work, far->right);
    solve_far(self, k + 1);
    pair_level_prolong(l, &far->level, far->answer, answer);
    pair_level_relax(l, omega[1], right, answer, work);
    pair_level_relax(l, omega[0], right, answer, work);
}

/* Levels below the first, until few classes are left or nobody hears anybody else any more. */
static qsg_status build(pair_tower *self, qsg_error *error)
{
    for (;;) {
        pair_level *last = &self->at[self->levels - 1].level;
        pair_floor *f = &self->at[self->levels];
        if (last->n <= SMALL || self->levels == PAIR_MAX_LEVELS)
            break;
        qsg_status status = pair_level_next(last, &f->level, error);
        if (status)
            return status;
        const size_t n = pair_level_size(&f->level);
        self->levels++;
        f->right = malloc(7 * n * sizeof *f->right);
        if (!f->right)
            return qsg_fail(error, QSG_ENOMEM, "no memory for %zu pairs", n);
        f->answer = f->right + n;
        f->work = f->answer + n;
        for (int s = 0; s < 2; s++) {
            f->way[s] = f->work + (size_t)(1 + 2 * s) * n;
            f->image[s] = f->way[s] + n;
        }
        if (f->level.n == last->n)
            break;
    }
    return take_last(self, error);
}

/* The first level and those below it, if all is done within max_work. */
qsg_status pair_tower_init(pair_tower *self, const pair_law *law, const double *weight, double max_work, qsg_error *error)
{
    const pair_level *first = &self->at[0].level;
    qsg_status status = pair_level_of_law(&self->at[0].level, law, weight, error);
    if (status)
        return status;
    self->levels = 1;
    const double n = (double)first->n, work = APPLICATIONS * n * (3 * (double)first->arcs + 12 * n);
    if (work > max_work)
        return qsg_fail(error, QSG_ENUMERIC, "the slowest rate of this graph takes too long (%zu agents, %zu contacts: about "
                        "%.1g operations); expected at most %.1g: fewer agents or contacts", law->n,
                        law->contacts.entries, work, max_work);
    return build(self, error);
}

void pair_tower_solve(const pair_tower *self, const double *right, double *answer, double *work)
{
    if (self->levels == 1)
        solve_last(self, right, answer);
    else
        cycle(self, 0, right, answer, work);
}
