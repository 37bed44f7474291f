/* Passage through a birth-death chain by elimination that never subtracts.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_CHAIN_PRIVATE_H
#define QSG_CHAIN_PRIVATE_H

#include "qsg/chain.h"

/* The transient states first .. last of a chain. */
typedef struct {
    size_t first, last;
} chain_inside;

chain_inside chain_transient(const qsg_chain *self);

/* QSG_ENOEXIST unless a state is absorbing; QSG_EDOMAIN unless winner is 0, 1 or 2. */
qsg_status chain_check(const qsg_chain *self, int winner, qsg_error *error);

/* Elimination from below (doc/theory/chain.md, eq. 8): per state the probabilities to step on upwards before falling below
 * `first`, and to fall; indexed by state. */
typedef struct {
    double *rise, *fall, *pivot;
    double *memory;
} chain_factor;
qsg_status chain_factor_init(chain_factor *self, const qsg_chain *chain, qsg_error *error);
void chain_factor_free(chain_factor *self);

/* (1 - P) out = in on the transient states; `out` may be `in`; positive input keeps its relative accuracy. */
void chain_solve(const qsg_chain *chain, const chain_factor *factor, const double *in, double *out);

/* The transposed system. */
void chain_solve_transposed(const qsg_chain *chain, const chain_factor *factor, const double *in, double *out);

#endif
