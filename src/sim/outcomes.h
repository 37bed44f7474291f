/* Independent runs over threads, delivered in run order.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_SIM_OUTCOMES_H
#define QSG_SIM_OUTCOMES_H

#include "qsg/simulate.h"

/* Do run out->run on thread `thread`: the arrays of *out are there to be filled, its other members are those of a run
 * that is not resolved. */
typedef void outcomes_run_one(void *self, size_t thread, qsg_outcome *out);

/* Runs, threshold and times (up to `last`) of a request.  QSG_EDOMAIN. */
qsg_status outcomes_check(const qsg_ensemble_request *request, double last, qsg_error *error);

/* Threads that the request asks for, at most one a run; 0 threads are all. */
unsigned outcomes_threads(const qsg_ensemble_request *request);

/* All runs in blocks of at most 64 MB (or one a thread), each handed to the consumer when its block is done.
 * QSG_EDOMAIN, QSG_ENOMEM, and what the consumer returns. */
qsg_status outcomes_run(const qsg_ensemble_request *request, size_t labels, unsigned threads,
                        outcomes_run_one *run_one, void *self, qsg_outcome_consumer *consumer, void *context,
                        qsg_error *error);

#endif
