/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_COMPARE_H
#define QSG_COMPARE_H

#include <qsg/model.h>
#include <qsg/result.h>
#include <qsg/simulate.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Smallest p value that still counts as agreement: one false alarm in 10,000 comparisons. */
#define QSG_COMPARE_LEVEL 1e-4

/** Set what `theory` predicts against an ensemble of `model` (the same model, unless the user asks what another one
 *  would have said).  Times, runs (100 or more), seed, threshold, horizon and threads as in the ensemble request; at most
 *  500 times.
 *
 *  Exact expectations (neutral models, innovation): one test at all times together, run by run, because times within a
 *  run are correlated: Hotelling's T^2 on U and V; for neutral models also Pearson's test on the mean belief where the
 *  runs stopped, which must equal its starting value, combined by Bonferroni.  Left out are times at which fewer than 50
 *  runs are expected short of consensus (unless far more are seen), or one run carries half of the variance: such
 *  means are not normal.  When no time is left, "agree" is absent and "verdict" says so.
 *
 *  Limits (field, temper): winning probability and consensus time at N/4, N/2 and N beside theory, their deviation and how
 *  it falls with N; "agree" only where the law is exact.  QSG_EMODEL when theory has neither.
 *
 *  Keys: doc/manual.md.  QSG_EMODEL, QSG_EDOMAIN, QSG_ENUMERIC, QSG_ENOMEM; on failure the result is incomplete. */
qsg_status qsg_compare(const qsg_model *model, const qsg_model *theory, const qsg_ensemble_request *request,
                       qsg_result *result, qsg_error *error);

/** Set the laws of the diffusion limit (doc/theory/density.md, "Agreement") against ensembles of `model`: label 1's share
 *  of the mean belief at the times (K = 2, any channel; any K when neutral), by Pearson's test and by the largest
 *  distance of the distribution functions; and the consensus time (U >= 0.9999, whatever the request's threshold), by that
 *  distance and by quantiles.  Both are limits: the distances are also reported at N/4 and N/2 at the same coalescent
 *  times, with the exponent in N where it stands out of the noise, and once more for neutral models with the clock that
 *  makes the variance exact.  The request's consensus and horizon are ignored.
 *
 *  Cost: three ensembles until consensus; memory 8 runs (times + 2) bytes.  Keys: doc/manual.md.
 *  QSG_EMODEL (as qsg_mean_drift_init), QSG_EDOMAIN (times, runs 100 or more, runs x times below 10^8), QSG_ENUMERIC,
 *  QSG_ENOMEM; on failure nothing is added to the result. */
qsg_status qsg_compare_law(const qsg_model *model, const qsg_model *theory, const qsg_ensemble_request *request,
                           qsg_result *result, qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
