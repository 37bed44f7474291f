/* The loops over interactions.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_KERNEL_H
#define QSG_KERNEL_H

#include "sim/population.h"

/* Whether cumulative sums carry the model: the update acts on each of them alone (doc/theory/simulation.md, eq. 6). */
bool kernel_is_cumulative(const qsg_model *model);

/* Choose the kernels for the population's layout, stride and path. */
void kernel_choose_plain(population *self);
void kernel_choose_cumulative(population *self);
void kernel_choose_broadcast(population *self);

/* Lazy broadcasts, nothing for other exchanges: begin with the numbers as they are; write every agent's numbers. */
void kernel_start_broadcast(population *self);
void kernel_settle_broadcast(population *self);

/* Whether the watching kernel may be entered: consensus is not within its first look. */
bool kernel_may_watch(const population *self);

#endif
