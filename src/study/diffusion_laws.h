/* Distribution functions of the diffusion limit.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_DIFFUSION_LAWS_H
#define QSG_DIFFUSION_LAWS_H

#include <stdbool.h>

#include "qsg/coalescent.h"
#include "qsg/drift.h"
#include "qsg/status.h"

/* Law of label 1's share x at several times, on finite volumes: errors below 1e-5. */
typedef struct {
    size_t cells;
    double *below; /* per time: P(x <= edge) at cells+1 edges; the first is the atom at 0 */
} share_law;

/* From the share p at n times tau that do not decrease.  Errors of qsg_fokker_planck_*. */
qsg_status share_law_init(share_law *self, qsg_drift_function *drift, void *context, double p, size_t n,
                          const double *tau, qsg_error *error);
void share_law_free(share_law *self);

/* P(x <= at) at the time with index i, at in [0, 1); linear within a cell. */
double share_law_below(const share_law *self, size_t i, double at);

/* Law of the time until one label is left, in coalescent units. */
typedef struct {
    bool series;           /* neutral: qsg_consensus_law; otherwise the atoms of finite volumes */
    qsg_consensus_law law;
    double *absorbed, step; /* at multiples of step, linear between them: errors below 1e-4 */
    size_t steps;
} time_law;

/* drift NULL: neutral, from the shares p of `labels` labels; otherwise two labels and times up to `last`. */
qsg_status time_law_init(time_law *self, qsg_drift_function *drift, void *context, const double *p, size_t labels,
                         double last, qsg_error *error);
void time_law_free(time_law *self);

/* P(T <= tau); without series tau <= last. */
qsg_status time_law_below(time_law *self, double tau, double *probability, qsg_error *error);

/* tau with P(T <= tau) = level; NaN when that is later than `last`. */
qsg_status time_law_quantile(time_law *self, double level, double *tau, qsg_error *error);

#endif
