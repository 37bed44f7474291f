/* The pair moments as a linear map of few states (doc/theory/pairs.md, section 2).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PAIR_CHAIN_H
#define QSG_PAIR_CHAIN_H

#include "theory/pair_law.h"

/* h' = h + sum_j rate_ij (h_j - h_i) - kill_i h_i, all rates >= 0: one step of a chain of pairs with killing.  The last
 * states may be sources that nothing leaves. */
typedef struct {
    size_t n, arcs, room;
    uint64_t *first;  /* n + 1 */
    uint32_t *to;     /* state of each arc */
    double *rate, *kill;
    /* f = sum_i f_i h_i and V = sum over the states of pairs of v_i (h_i - (h_one + h_other)/2) */
    double *f, *v;
    uint32_t *one, *other;
} pair_chain;

void pair_chain_free(pair_chain *self);

/* The chain of a law of groups: states s_a, then H_ab (a <= b; H_aa where there are two), then with innovation z_a and
 * the source 1. */
qsg_status pair_chain_of_groups(pair_chain *self, const pair_law *law, qsg_error *error);

/* States of that chain: the agent's own, the pair's (SIZE_MAX when the class has one agent), the single agent's. */
size_t pair_state_self(const pair_law *law, size_t a);
size_t pair_state_pair(const pair_law *law, size_t a, size_t b);
size_t pair_state_single(const pair_law *law, size_t a);
size_t pair_states(const pair_law *law);

/* The chain of identical agents on a torus of rows x columns (a ring: 1 row), neutral: states are the displacements of
 * a pair, the first one the agent's own. */
qsg_status pair_chain_of_torus(pair_chain *self, const pair_law *law, size_t rows, size_t columns, qsg_error *error);
size_t pair_state_displacement(size_t rows, size_t columns, size_t row, size_t column);

#endif
