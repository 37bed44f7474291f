/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_COMPARE_DATA_H
#define QSG_COMPARE_DATA_H

#include <qsg/model.h>
#include <qsg/result.h>
#include <qsg/transcript.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint64_t width;     /* interactions a bin; 0: see qsg_coordination_init */
    double alpha;       /* > 0: also show and test the law at this alpha; 0: only fit */
    double significance; /* p-value below which a law is rejected, in (0, 1); 0: 0.01 */
} qsg_compare_data_options;

/** Compare a transcript with the neutral law (doc/theory/transcripts.md).  `model` gives all but alpha.  Fills
 *  the table time, n, runs_present, runs_carried, S, se_binomial, se, S_fit, S_fastest, (S_given,) z, and among others
 *  estimates.alpha.value, .low, .high, statistic, df1, df2, p_value, speedup, too_fast, verdict, and agree: not too fast,
 *  and neither the fit nor the law at options->alpha is rejected (absent when no test is possible).
 *  QSG_EMODEL (not neutral and well mixed; or an exchange that the rows contradict), QSG_EINPUT (fewer agents or labels
 *  than the transcript has; too short), QSG_EDOMAIN, QSG_ENUMERIC, QSG_ENOMEM; on failure the result is incomplete. */
qsg_status qsg_compare_data(const qsg_model *model, const qsg_transcript *data, const qsg_compare_data_options *options,
                            qsg_result *result, qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
