/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PATHS_H
#define QSG_PATHS_H

#include <stdint.h>

#include <qsg/simulate.h>

#ifdef __cplusplus
extern "C" {
#endif

#define QSG_PATHS_MAX_LABELS 1000

/** Independent paths of the mean belief in the diffusion limit (doc/theory/paths.md), at a cost that does not depend on
 *  the number of agents: asymptotic, N to infinity at N field and N innovation fixed.  Without a field the joint law at
 *  the times is that of the diffusion (error below 1e-10 a time); with a field the drift is split off in steps
 *  of tau of 0.05/(1 + range of s), second order in the step.
 *
 *  Of the request, consensus, runs, seed, threads and want_shares mean what they mean for qsg_ensemble_run; times are
 *  whole, at most 10^300, and a whole number of them; horizon is ignored, since nothing is seen between the times:
 *  `resolved` means that U >= threshold at one of them, `leader` is the label that led at the first such time,
 *  `consensus_time` and `interactions` are NaN.  `disagreement` and `coordination` are those of the slow mode given U:
 *  means over the paths are those of the limit (at time 0 the start's); NaN in a broadcast, where they are not slaved
 *  to the mean belief.
 *  Cost a time O(K), with a field O(K) a step; memory O(K) a thread plus at most about 64 MB of outcomes.
 *
 *  QSG_EMODEL: as qsg_diffusion_of, more than QSG_PATHS_MAX_LABELS labels, selection above 1000.  QSG_EDOMAIN: a member
 *  of the request; times closer than tau = 10^-7; theta above 1000.  QSG_ENUMERIC, QSG_ENOMEM. */
qsg_status qsg_paths_run(const qsg_model *model, const qsg_ensemble_request *request, qsg_outcome_consumer *consumer,
                         void *context, qsg_error *error);

/** The statistics of these paths into `result`: the keys of qsg_simulate as far as they exist (no consensus_time,
 *  horizon or interactions), and `fixed`: the part of the paths with one label left, at every time.  Errors of
 *  qsg_paths_run; on failure nothing is added. */
qsg_status qsg_paths_simulate(const qsg_model *model, const qsg_ensemble_request *request, qsg_result *result,
                              qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
