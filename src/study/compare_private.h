/* What the comparisons share.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_COMPARE_PRIVATE_H
#define QSG_COMPARE_PRIVATE_H

#include <stdbool.h>

#include "qsg/model.h"
#include "qsg/result.h"
#include "qsg/simulate.h"

/* Winners and times are taken where at most 1/20,000 of the belief is left for others: beliefs approach an end geometrically and
 * never arrive, unless alpha = 1.  The diffusion needs .001 coalescent units from there to the end. */
#define NEAR_FIXATION 0.9999
/* Relaxation times until all but e^-60 of the runs have ended. */
#define PATIENCE 60

/* What QSG_COMPARE_LEVEL says. */
#define COMPARE_RULE "p_value >= 0.0001"

/* When U first reaches the threshold, and who leads then, by the exact chain (doc/theory/chain.md, section 3). */
typedef struct {
    bool known;
    const double *p; /* belongs to the prediction */
    double mean, sd;
} compare_exit;

/* Take it from a prediction; whether it is there. */
bool compare_exit_init(compare_exit *self, const qsg_result *prediction);
/* Two-sided p value of so many wins of probability p (of losses: q) in so many runs, by the binomial law; where no chance is
 * left, 1 or 0. */
double compare_binomial(double p, double q, uint64_t wins, uint64_t runs);
/* p values when all runs got there: of label 1's wins, and of the sum of the times; NaN when there is nothing to test. */
double compare_exit_winners(const compare_exit *self, uint64_t wins, uint64_t runs);
double compare_exit_duration(const compare_exit *self, double sum, uint64_t runs);
/* With `winners` also who led. */
void compare_exit_report(const compare_exit *self, uint64_t wins, double sum, uint64_t runs, bool winners,
                         qsg_result *result);

/* Two models of one size that comparisons cover, 1 to 500 times, 100 runs or more.  QSG_EMODEL, QSG_EDOMAIN. */
qsg_status compare_check(const qsg_model *model, const qsg_model *theory, const qsg_ensemble_request *request,
                         qsg_error *error);

/* The phases of a model with --evidence at the last of the times. */
qsg_status compare_evidence(const qsg_model *model, const qsg_model *theory, const qsg_ensemble_request *request,
                            qsg_result *result, qsg_error *error);

#endif
