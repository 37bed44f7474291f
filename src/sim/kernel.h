/* The loops over interactions.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_KERNEL_H
#define QSG_KERNEL_H

#include "sim/population.h"

/* Choose the fastest kernels that cover the model, or the ones that cover every model. */
void kernel_choose(population *self);
void kernel_choose_general(population *self);

#endif
