/* Laws that predict puts together, one a kind of model.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PREDICT_LAWS_H
#define QSG_PREDICT_LAWS_H

#include "qsg/predict.h"

/* The diffusion limit needs many interactions per unit of its clock: beyond this rate it is refused. */
#define MAX_DIFFUSIVE_RATE 0.05

typedef qsg_status predict_law(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                               qsg_error *error);
predict_law predict_selection, predict_innovation;

/* A column of the table that is filled time by time. */
typedef struct {
    const char *name, *path, *meaning;
    qsg_basis basis;
} predict_column;

/* Put the times and `n_columns` columns, stored one after the other in `values`, into the result. */
void predict_table(const qsg_predict_request *request, const predict_column *columns, size_t n_columns,
                   const double *values, qsg_result *result);

#endif
