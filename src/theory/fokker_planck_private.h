/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_FOKKER_PLANCK_PRIVATE_H
#define QSG_FOKKER_PLANCK_PRIVATE_H

#include "qsg/fokker_planck.h"

/* Factorized matrices of a time step, `states` rows; NULL without memory. */
struct qsg_fokker_planck_factors *fokker_planck_factors_new(size_t states);
void fokker_planck_factors_free(struct qsg_fokker_planck_factors *self);

/* The masses of the cells from those of their parts. */
void fokker_planck_sum_cells(qsg_fokker_planck *self);

#endif
