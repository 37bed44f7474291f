/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_MODEL_PRIVATE_H
#define QSG_MODEL_PRIVATE_H

#include "qsg/model.h"

/* Read --init into self->start; agents and labels are set already (model_start.c). */
qsg_status model_read_start(qsg_model *self, const char *text, qsg_error *error);

/* Check that the K numbers are a distribution within the rounding of six decimals and make their sum exact. */
qsg_status model_check_distribution(double *p, size_t n, size_t labels, const char *what, qsg_error *error);

#endif
