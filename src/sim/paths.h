/* One path of the diffusion (doc/theory/paths.md).  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_SIM_PATHS_H
#define QSG_SIM_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_rng.h>

#include "qsg/model.h"
#include "qsg/density.h"
#include "sim/lineages.h"

/* tau of a step with field, times 1 + the range of s. */
#define PATH_STEP 0.05

/* From one time to the next: `steps` equal steps, each with the same law of ancestors and the same tilt. */
typedef struct {
    double interactions, tau;
    uint64_t steps;
    lineages ancestors;
    double *tilt; /* e^{s_k step/2} up to a factor, a label; NULL without field */
} path_gap;

/* What all paths share. */
typedef struct {
    size_t labels, n, n_gaps;
    double *rates;     /* owns the next two */
    double *inflow;    /* theta rho_k; NULL without innovation */
    double *selection; /* s_k, the largest 0; NULL without field */
    double theta;
    const double *start;
    path_gap *gaps;  /* distinct ones */
    size_t *gap_of;  /* of each time; the one before it is 0 for the first */
} path_plan;

/* `step`: PATH_STEP but in tests.  Errors of qsg_paths_run. */
qsg_status path_plan_init(path_plan *self, const qsg_model *model, const qsg_diffusion *diffusion, size_t n,
                          const double *times, double step, qsg_error *error);
void path_plan_free(path_plan *self);

/* Move the shares over a gap; `work` has 2 labels + 1 doubles, `counts` labels. */
void path_plan_advance(const path_plan *plan, const path_gap *gap, gsl_rng *rng, double *shares, double *work,
                  uint64_t *counts);

#endif
