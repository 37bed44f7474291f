/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_DENSITY_PRIVATE_H
#define QSG_DENSITY_PRIVATE_H

#include "qsg/density.h"

/* What both numbers of labels share: the limit, its times in coalescent units, and where it starts. */
typedef struct {
    const qsg_model *model;
    const qsg_density_request *request;
    qsg_diffusion diffusion;
    qsg_mean_drift drift; /* K = 2 */
    double *tau;   /* request->n times in coalescent units */
    const double *start; /* a share a label */
} density_job;

qsg_status density_two_labels(const density_job *job, qsg_result *result, qsg_error *error);
qsg_status density_three_labels(const density_job *job, qsg_result *result, qsg_error *error);

/* One column a time, "t=1500" in the table and density.0, density.1, .. in JSON; `values` is n_times rows of n. */
void density_put_columns(const density_job *job, size_t n, const double *values, const char *unit, qsg_result *result);

/* The second table: times, and one column for each of the atoms (`values`: n_times rows of n). */
void density_put_times(const density_job *job, qsg_result *result);
void density_put_atom_column(const density_job *job, const char *name, size_t n, size_t which, const double *values,
                             double *work, const char *meaning, qsg_result *result);

#endif
