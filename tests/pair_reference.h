/* The pairs of a graph as a chain of single agents' pairs: derived and stored apart from the map that the library uses.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PAIR_REFERENCE_H
#define PAIR_REFERENCE_H

#include "harness.h"

#include "theory/pair_maps.h"
#include "theory/pair_start.h"

typedef struct {
    qsg_model model;
    pair_population population;
    pair_chain chain;
    pair_context context;
    pair_map map;
    double *start;
} pair_reference;

static inline void reference_init(pair_reference *self, const char *settings)
{
    pair_population *p = &self->population;
    *self = (pair_reference){.model = model_of(settings)};
    ck_assert_int_eq(pair_population_init(p, &self->model, NULL), QSG_OK);
    const size_t n = p->law.n;
    double *block = calloc(n * n, sizeof *block);
    for (size_t j = 0; j < n; j++)
        for (uint64_t a = p->law.contacts.first[j]; a < p->law.contacts.first[j + 1]; a++)
            block[p->law.contacts.speakers[a] * n + j] = p->law.contacts.chance[a];
    p->law.block = block;
    ck_assert_int_eq(pair_chain_of_groups(&self->chain, &p->law, NULL), QSG_OK);
    p->law.block = NULL;
    free(block);
    ck_assert_int_eq(pair_map_of_chain(&self->map, &self->context, &self->chain, NULL), QSG_OK);
    self->map.symmetric = false;
    self->start = calloc(self->chain.n, sizeof *self->start);
    ck_assert_int_eq(pair_start_chain(p, self->start, NULL), QSG_OK);
}

static inline void reference_free(pair_reference *self)
{
    free(self->start);
    pair_context_free(&self->context);
    pair_chain_free(&self->chain);
    pair_population_free(&self->population);
    qsg_model_free(&self->model);
}

#endif
