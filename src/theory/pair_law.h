/* Who speaks to whom and how each agent learns, as the pair moments need it (doc/theory/pairs.md).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PAIR_LAW_H
#define QSG_PAIR_LAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "qsg/contacts.h"
#include "qsg/model.h"

/* Classes of agents who are alike: groups of a population in which everybody can meet everybody, or single agents of a
 * graph.  P is the probability that an interaction has this one agent as the speaker and that one as the listener. */
typedef struct {
    size_t n;                                /* classes */
    double agents;                           /* N */
    double *size, *alpha, *self, *bandwidth; /* of each class; one allocation, at `size` */
    double *block;                           /* P of an ordered pair, n x n, speaker's class in the row; NULL: below */
    double uniform;                          /* P of every ordered pair; 0: the contacts */
    qsg_contacts contacts;                   /* a graph of single agents; no entries otherwise */
    double innovation, spread;               /* eps, 1 - |rho|^2 */
    qsg_exchange exchange;
} pair_law;

void pair_law_free(pair_law *self);

static inline bool pair_law_graph(const pair_law *self)
{
    return self->contacts.entries > 0;
}

/* P of an agent of class `speaker` speaking to one of class `listener`; not for graphs. */
static inline double pair_law_chance(const pair_law *self, size_t speaker, size_t listener)
{
    return self->block ? self->block[speaker * self->n + listener] : self->uniform;
}

#endif
