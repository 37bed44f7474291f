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
 *  would have said).  Times, runs, seed, threshold, horizon and threads as in the ensemble request; at most 500 times.
 *
 *  The verdict is one test on all exact expectations at all times together, run by run (times within a run are
 *  correlated): Hotelling's T^2 on U and V, and Pearson's test on the mean belief where the runs stopped, which must
 *  equal its starting value.  The two p values are combined by Bonferroni.  Left out are times at which fewer than 50
 *  runs are expected short of consensus, or one run carries a tenth of the variance: the mean is not normal there.
 *
 *  Keys: doc/manual.md.  QSG_EMODEL, QSG_EDOMAIN, QSG_ENUMERIC, QSG_ENOMEM; `result` is only filled on success. */
qsg_status qsg_compare(const qsg_model *model, const qsg_model *theory, const qsg_ensemble_request *request,
                       qsg_result *result, qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
