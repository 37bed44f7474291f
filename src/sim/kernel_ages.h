/* Many labels: single labels, neutral, one-way, at a cost that does not depend on K (doc/theory/simulation.md, eq. 7).
 *
 * A belief is a mixture of the labels heard, the one heard a hearings ago with weight alpha (1-alpha)^a, and of the
 * start.  So an agent is a ring of the labels it heard last, and to say a label it draws an age.  Weights below 2^-53,
 * finer than the uniform numbers, are dropped.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_KERNEL_AGES_H
#define QSG_KERNEL_AGES_H

#include <stddef.h>
#include <stdint.h>

#include "qsg/model.h"

struct population;
typedef struct ages ages;

bool ages_cover(const qsg_model *model);
/* doubles a run */
double ages_size(const qsg_model *model);
ages *ages_new(const qsg_model *model);
void ages_free(ages *self);

void ages_start(ages *self);
void ages_advance(struct population *population, uint64_t n);
/* First time <= end with U >= threshold, true; or end, false. */
bool ages_advance_until(struct population *population, double threshold, double least_share, uint64_t end);
/* K numbers: the belief of agent i; the sum over all agents. */
void ages_belief(const ages *self, uint64_t i, double *x);
void ages_sum(const ages *self, double *sums);

#endif
