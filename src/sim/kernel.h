/* The loops over interactions.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_KERNEL_H
#define QSG_KERNEL_H

#include "sim/population.h"

/* Whether cumulative sums carry the model: the update acts on each of them alone (doc/theory/simulation.md, eq. 6). */
bool kernel_is_cumulative(const qsg_model *model);

/* Whether the agents differ, so that only the network kernels do; and whether these may keep one number an agent. */
bool kernel_is_network(const qsg_model *model);
bool kernel_is_binary(const qsg_model *model);

/* The slowest rate at which a belief moves, committed agents aside. */
double kernel_slowest_rate(const qsg_model *model);

/* The message y of an agent with belief x, both K numbers. */
void kernel_speak(population *self, const double *x, double *y);

/* Choose the kernels for the population's layout, stride and path. */
void kernel_choose_plain(population *self);
void kernel_choose_cumulative(population *self);
void kernel_choose_broadcast(population *self);
void kernel_choose_network(population *self);

/* Put a kernel on top that makes one interaction at a time and tells of it. */
void kernel_choose_hearing(population *self);

/* Lazy broadcasts, nothing for other exchanges: begin with the numbers as they are; write every agent's numbers. */
void kernel_start_broadcast(population *self);
void kernel_settle_broadcast(population *self);

/* Whether the watching kernel may be entered: consensus is not within its first look. */
bool kernel_may_watch(const population *self);

#endif
