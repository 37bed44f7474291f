/* The pair moments of many classes as maps that are applied without a matrix (doc/theory/pairs.md, section 4).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PAIR_MAPS_H
#define QSG_PAIR_MAPS_H

#include "theory/pair_chain.h"
#include "theory/pair_series.h"

/* What the maps need beside the law; they borrow the law, or the chain, which must live on. */
typedef struct {
    const pair_law *law;
    const pair_chain *chain;
    double *leave;  /* graph: sum over the speakers of alpha_j P_ij, the rate at which a belief moves; groups: N-1 times */
    double *hear;   /* graph: alpha_j P_ij of each arc; in mutual exchange of P_ij + P_ji */
    double *meet;   /* graph: P_ij of each arc, in mutual exchange P_ij + P_ji */
    double *tell;   /* chance to speak (mutual: to meet) of each agent */
    double *weight; /* of each agent, by whose products the rates are averaged */
    double *row;    /* work space: one number a class, twice */
    double *rows;   /* graph: a row a thread */
} pair_context;

void pair_context_free(pair_context *self);

/* Every map's vector has the n x n matrix H_ab row by row, H_aa (of groups: of two of them), then of groups s_a; with
 * innovation (not on graphs with own output or mutual exchange) z_a and the source 1 at the end.
 * QSG_ENOMEM; QSG_EMODEL for what is not derived. */
qsg_status pair_map_of_law(pair_map *self, pair_context *context, const pair_law *law, qsg_error *error);
qsg_status pair_map_of_chain(pair_map *self, pair_context *context, const pair_chain *chain, qsg_error *error);

#endif
