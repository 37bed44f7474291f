/* Orthonormal vectors of the pairs of a graph, in half the room (doc/theory/pairs.md, section 5).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PAIR_BASIS_H
#define QSG_PAIR_BASIS_H

#include "theory/pair_levels.h"

#define PAIR_BASIS_MOST 40

/* A vector here has the lower triangle of H_ab row by row, then s_a; the full ones are those of pair_levels.h. */
typedef struct {
    const pair_level *level; /* the first one of a law; borrowed */
    size_t size;             /* of a vector */
    size_t count, most;
    double *v[PAIR_BASIS_MOST], *start;
    double *row;             /* work space */
} pair_basis;

/* Room for the start, and for as many vectors as memory (bytes) allows, each taken when it is added.  QSG_ENOMEM. */
qsg_status pair_basis_init(pair_basis *self, const pair_level *level, double memory, qsg_error *error);
void pair_basis_free(pair_basis *self);

/* The vector `start`: a full one's. */
void pair_basis_set_start(pair_basis *self, const double *full);

/* Make `full` orthogonal to the vectors, normalize it and add it; false when the square of what is left of it is not above
 * `least`, or there is no room.  work: one full vector. */
bool pair_basis_admit(pair_basis *self, double *full, double least, double *work);

/* full <- sum of c_k v_k, k < count. */
void pair_basis_combine(const pair_basis *self, const double *c, double *full);

/* Product of a vector with a full one by the weights of the pairs, in the same order on any number of threads. */
double pair_basis_product(const pair_basis *self, const double *vector, const double *full);

#endif
