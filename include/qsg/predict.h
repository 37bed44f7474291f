/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PREDICT_H
#define QSG_PREDICT_H

#include <stddef.h>

#include <qsg/model.h>
#include <qsg/result.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What to predict beside the constants of the model. */
typedef struct {
    const double *times; /* n whole numbers of interactions, increasing */
    size_t n;
    double consensus; /* threshold of E[U] for consensus times, in (0, 1) */
    size_t top;       /* list so many agents, the most influential first; 0: all, by number (up to 10^6) */
} qsg_predict_request;

/** Put all that theory says about the model into `result` (keys: doc/manual.md).  QSG_EMODEL when no law covers it,
 *  QSG_EDOMAIN, QSG_ENUMERIC, QSG_ENOMEM. */
qsg_status qsg_predict(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                       qsg_error *error);

/** The "slow_rate" of predict, whose inverse is the unit c of times: without the field's part; 0 when there is none, or when
 *  it takes more than a moment (graphs of more than 400 agents). */
double qsg_predict_rate(const qsg_model *model);

/** The same however long it takes: minutes on graphs of thousands of agents. */
double qsg_predict_rate_patiently(const qsg_model *model);

/** Rate that only sets a scale of time for populations whose own rate no law gives: the exact slow rate of the neutral
 *  well-mixed population of identical agents, as slow as the slowest of the model's that are not committed.  0 when it
 *  does not exist. */
double qsg_predict_scale(const qsg_model *model);

/** End of a time grid that shows the whole approach to consensus: 1.5 times the time of E[U] = threshold without the
 *  field; three relaxation times with innovation; 10 N when these do not exist.  A choice for plots, accurate as
 *  qsg_moments_consensus_time; always finite and >= 0.  O(1) for a neutral model, cannot fail. */
double qsg_predict_span(const qsg_model *model, double consensus);

#ifdef __cplusplus
}
#endif
#endif
