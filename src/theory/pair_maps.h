/* The pair moments of many groups as maps that are applied without a matrix (doc/theory/pairs.md, section 4).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PAIR_MAPS_H
#define QSG_PAIR_MAPS_H

#include "theory/pair_chain.h"
#include "theory/pair_series.h"

/* What the maps need beside the law; they borrow the law, or the chain, which must live on. */
typedef struct {
    const pair_law *law;
    const pair_chain *chain;
    double *weight; /* of each group, by whose products the rates are averaged */
    double *row;    /* work space */
} pair_context;

void pair_context_free(pair_context *self);

/* A vector has the n x n matrix H_ab row by row, H_aa of two of them, then s_a; with innovation z_a and the source 1 at the
 * end.  QSG_ENOMEM; QSG_EMODEL for what is not derived. */
qsg_status pair_map_of_groups(pair_map *self, pair_context *context, const pair_law *law, qsg_error *error);
qsg_status pair_map_of_chain(pair_map *self, pair_context *context, const pair_chain *chain, qsg_error *error);

#endif
