/* A nearly exact inverse of the map of the pairs of a graph, by its levels (doc/theory/pairs.md, section 5).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PAIR_CYCLE_H
#define QSG_PAIR_CYCLE_H

#include <lapacke.h>

#include "theory/pair_levels.h"

#define PAIR_MAX_LEVELS 40
#define PAIR_OMEGA 0.56 /* the gentler relaxation */

typedef struct {
    pair_level level;
    /* next levels: what is to be solved, the answer, and two directions with their images */
    double *right, *answer, *work, *way[2], *image[2];
} pair_floor;

typedef struct {
    size_t levels;
    double shift; /* A + shift is what is solved */
    pair_floor at[PAIR_MAX_LEVELS];
    double *matrix; /* of the last level, factored */
    lapack_int *pivot;
} pair_tower;

/* Levels of a law, for at most max_work operations in all: QSG_ENUMERIC otherwise, before any of them.  QSG_ENOMEM. */
qsg_status pair_tower_init(pair_tower *self, const pair_law *law, const double *weight, double max_work, qsg_error *error);
void pair_tower_free(pair_tower *self);

/* From now on A + shift, shift >= 0, on all levels.  QSG_ENUMERIC. */
qsg_status pair_tower_shift(pair_tower *self, double shift, qsg_error *error);

/* answer ~ A^-1 right on the first level, exactly when there is no other; work is one vector more. */
void pair_tower_solve(const pair_tower *self, const double *right, double *answer, double *work);

#endif
