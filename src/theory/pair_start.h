/* The population as the pair moments see it: its classes, its law and its start (doc/theory/pairs.md, section 5).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PAIR_START_H
#define QSG_PAIR_START_H

#include "theory/pair_law.h"

/* How the pairs of a model are stored. */
typedef enum { PAIR_GROUPS, PAIR_TORUS, PAIR_GRAPH } pair_form;

typedef struct {
    const qsg_model *model;
    pair_form form;
    pair_law law;
    size_t rows, columns;  /* torus */
    uint32_t *class_of;    /* groups of a population with rates of its own: of each agent; NULL: zealots, then the others */
    double *common;        /* expected belief of the free agents that have no own: NULL when each has */
} pair_population;

/* Classes and law of the model; QSG_EMODEL, QSG_ENOMEM. */
qsg_status pair_population_init(pair_population *self, const qsg_model *model, qsg_error *error);
void pair_population_free(pair_population *self);

/* E of 1 - |x_i|^2, and of 1 - <x_i, x_j> for i != j, at the start. */
double pair_start_self(const pair_population *self, uint64_t i);
double pair_start_pair(const pair_population *self, uint64_t i, uint64_t j);

/* The state of the groups: s_a into own[n], H_ab into pair[n x n]; 1 - <rho, x_a> into single[n] unless NULL. */
qsg_status pair_start_groups(const pair_population *self, double *own, double *pair, double *single, qsg_error *error);

/* Expected start of agent i against the prior, 1 - <rho, x_i>. */
double pair_start_single(const pair_population *self, uint64_t i);

/* The start as a vector: of a chain of groups or a few agents in the order of its states; of a torus by displacements; of the
 * maps of pair_maps.h.  QSG_ENOMEM. */
qsg_status pair_start_chain(const pair_population *self, double *start, qsg_error *error);
void pair_start_torus(const pair_population *self, double *start);
qsg_status pair_start_map(const pair_population *self, double *start, qsg_error *error);

#endif
