/* The pairs of a graph many of whose agents are alike, as pairs of classes (doc/theory/pairs.md, section 5).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PAIR_QUOTIENT_H
#define QSG_PAIR_QUOTIENT_H

#include "theory/pair_basis.h"
#include "theory/pair_series.h"

/* The first level of a law and its functionals; `map` refers to it, so that it must not be moved.  All 0: none. */
typedef struct {
    pair_level level;
    pair_basis basis;
    double *work;
} pair_quotient;

/* Where a law on a graph without innovation has many agents who are alike, put the map of their classes, whose vectors are those
 * of the level, in the place of the law's own, `map`; otherwise nothing is done.  QSG_ENOMEM. */
qsg_status pair_quotient_init(pair_quotient *self, const pair_law *law, pair_map *map, qsg_error *error);
void pair_quotient_free(pair_quotient *self);

/* All pairs disagree, but those that never move. */
void pair_quotient_start_mode(const pair_quotient *self, double *full);

#endif
