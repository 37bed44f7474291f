/* Orthonormal vectors of the pairs of a graph, in half the room (doc/theory/pairs.md, section 5).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/pair_basis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FEWEST_SHARED 256 /* rows, below which starting threads costs more than they save */

static inline size_t row_at(size_t a)
{
    return a * (a + 1) / 2;
}

qsg_status pair_basis_init(pair_basis *self, const pair_level *level, double memory, qsg_error *error)
{
    const size_t n = level->n, size = row_at(n) + n;
    const double room = memory / sizeof(double) / (double)size;
    *self = (pair_basis){.level = level, .size = size, .most = room < PAIR_BASIS_MOST ? (size_t)room : PAIR_BASIS_MOST};
    self->start = malloc(size * sizeof *self->start);
    self->row = malloc(n * sizeof *self->row);
    if (!self->start || !self->row) {
        pair_basis_free(self);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu pairs", size);
    }
    return QSG_OK;
}

void pair_basis_free(pair_basis *self)
{
    for (size_t k = 0; k < self->count; k++)
        free(self->v[k]);
    free(self->start);
    free(self->row);
    *self = (pair_basis){0};
}

static void pack(const pair_basis *self, const double *full, double *vector)
{
    const size_t n = self->level->n;
    for (size_t a = 0; a < n; a++)
        memcpy(vector + row_at(a), full + a * n, (a + 1) * sizeof *vector);
    memcpy(vector + row_at(n), full + n * n, n * sizeof *vector);
}

void pair_basis_set_start(pair_basis *self, const double *full)
{
    pack(self, full, self->start);
}

void pair_basis_combine(const pair_basis *self, const double *c, double *full)
{
    const size_t n = self->level->n;
#pragma omp parallel for schedule(dynamic, 8) if (n > FEWEST_SHARED)
    for (size_t a = 0; a <= n; a++) { /* the last one: s */
        double *to = full + a * n;
        const size_t length = a < n ? a + 1 : n;
        memset(to, 0, length * sizeof *to);
        for (size_t k = 0; k < self->count; k++) {
            const double *from = self->v[k] + row_at(a);
            for (size_t b = 0; b < length; b++)
                to[b] += c[k] * from[b];
        }
    }
    pair_level_mirror(self->level, full);
}

double pair_basis_product(const pair_basis *self, const double *vector, const double *full)
{
    const pair_level *l = self->level;
    const size_t n = l->n;
    const double *v = l->weight, *s = vector + row_at(n);
    double all = 0;
#pragma omp parallel for schedule(dynamic, 8) if (n > FEWEST_SHARED)
    for (size_t a = 0; a < n; a++) {
        const double *p = vector + row_at(a), *q = full + a * n;
        double sum = 0;
        for (size_t b = 0; b < a; b++)
            sum += v[b] * p[b] * q[b];
        self->row[a] = 2 * v[a] * sum + (v[a] * v[a] - l->square[a]) * p[a] * q[a] + l->own[a] * s[a] * full[n * n + a];
    }
    for (size_t a = 0; a < n; a++)
        all += self->row[a];
    return all;
}

bool pair_basis_admit(pair_basis *self, double *full, double least, double *work)
{
    double *made = self->count < self->most ? malloc(self->size * sizeof *made) : NULL, c[PAIR_BASIS_MOST];
    if (!made)
        return false;
    for (int turn = 0; turn < 2; turn++) {
        for (size_t k = 0; k < self->count; k++)
            c[k] = pair_basis_product(self, self->v[k], full);
        pair_basis_combine(self, c, work);
        pair_level_add(self->level, -1, work, full);
    }
    pack(self, full, made);
    const double norm = pair_basis_product(self, made, full);
    if (!(norm > least)) {
        free(made);
        return false;
    }
    pair_level_scale(self->level, 1 / sqrt(norm), full);
    pack(self, full, made);
    self->v[self->count++] = made;
    return true;
}
