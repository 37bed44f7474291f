/* One model at several population sizes, and how a deviation falls with N.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_SIZES_H
#define QSG_SIZES_H

#include "qsg/model.h"
#include "qsg/result.h"
#include "qsg/simulate.h"

/* N, N/2 and N/4, as far as they have this many agents. */
#define SIZES 3
#define SMALLEST_SIZE 4

/* The model with n agents; one-hot counts shrink in proportion.  QSG_ENOEXIST when they cannot, and for a start from a
 * file. */
qsg_status sizes_resize(const qsg_model *model, uint64_t n, qsg_model *out, qsg_error *error);

/* The request for the size N/2^halvings, with a seed of its own: sizes that share random numbers would be off together, and
 * the exponent's standard error supposes that they are not.  N itself keeps the seed. */
qsg_ensemble_request sizes_request(const qsg_ensemble_request *request, int halvings);

/* Put the exponent of |off| in N, by least squares of logarithms, and its standard error (`path`_se) into the result;
 * NaN unless every one of the n deviations is beyond three of its standard errors. */
void sizes_report_exponent(const double *agents, const double *off, const double *se, size_t n, const char *path,
                           const char *what, qsg_result *result);

#endif
