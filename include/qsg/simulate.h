/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_SIMULATE_H
#define QSG_SIMULATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <qsg/model.h>
#include <qsg/result.h>

#ifdef __cplusplus
extern "C" {
#endif

#define QSG_MAX_RUNS UINT64_C(1000000000)

/** What became of one run.  The arrays belong to the ensemble and live until the consumer returns, which may overwrite
 *  them. */
typedef struct {
    uint64_t run;                 /* first_run .. first_run + runs - 1 */
    double *polarization;         /* n: U at the times */
    double *heterogeneity;        /* n: 1 - U, accurate where it is small */
    double *disagreement;         /* n: V */
    double *coordination;         /* n: S */
    double *shares;               /* n x labels: mean belief at the times; NULL unless asked for */
    double *mean_belief;          /* labels: mean belief at the end of the run, by `weights` where there are such */
    bool resolved;                /* U reached the threshold within the horizon */
    double consensus_time;        /* the first interaction after which U >= threshold; NaN when not resolved */
    size_t leader;                /* label with the largest mean belief at that time, from 0; 0 when not resolved */
    double interactions;          /* time at which the run ended */
} qsg_outcome;

/** Takes the outcomes one by one in run order, always on the calling thread; a status other than QSG_OK ends the
 *  ensemble, which returns it. */
typedef qsg_status qsg_outcome_consumer(void *context, const qsg_outcome *outcome);

/** Called for everything that is heard: in interaction t = 1, 2, .. of a run `listener` hears `label` from `speaker`, all
 *  counted from 0.  Both speak at the same t in mutual exchange; a broadcast has one call a listener. */
typedef void qsg_hearing(void *context, uint64_t run, uint64_t t, uint64_t speaker, uint64_t listener, size_t label);

typedef struct qsg_ensemble_request qsg_ensemble_request;

/** qsg_ensemble_run or qsg_paths_run. */
typedef qsg_status qsg_ensemble(const qsg_model *model, const qsg_ensemble_request *request,
                                qsg_outcome_consumer *consumer, void *context, qsg_error *error);

/** An ensemble of independent finite populations of one model.  Times are in interactions. */
struct qsg_ensemble_request {
    const double *times; /* n whole numbers, 0 <= .. <= 10^18, none below the one before; NULL when n = 0 */
    size_t n;
    uint64_t runs;       /* 1 .. QSG_MAX_RUNS; for qsg_simulate 8 bytes are kept a run */
    uint64_t seed;
    double consensus;    /* a run is in consensus when U >= this, in (0, 1) */
    double horizon;      /* whole, 0 .. 10^18: consensus is waited for until then; 0 looks at the start only */
    unsigned threads;    /* 0: all of the machine, as far as their populations fit the memory limit */
    bool want_shares;    /* mean belief at every time, not only at the end */
    const double *weights; /* agents: of the weighted mean belief at the end; NULL: 1/N each */
    /** Called by one thread at a time, whenever a run ends, in no order; may be NULL. */
    void (*progress)(void *context, uint64_t done, uint64_t runs);
    void *progress_context;
    uint64_t first_run;  /* the runs are first_run .. first_run + runs - 1 of the seed */
    /** Does the runs in place of `ensemble` (after the request is checked), say on several computers: it calls the
     *  ensemble for parts of the request with share = NULL, and the consumer for all runs in order.  May be NULL. */
    qsg_status (*share)(void *share_context, qsg_ensemble *ensemble, const qsg_model *model,
                        const qsg_ensemble_request *request, qsg_outcome_consumer *consumer, void *context,
                        qsg_error *error);
    void *share_context;
    /** What every agent hears, in order of runs and times, from the first interaction to the end of the run: on one thread
     *  then, at about 0.1 microseconds an interaction.  Messages must be single labels (m = 1), or QSG_EMODEL.  The random
     *  draws are those of a plain layout: the same law as without, not the same runs.  May be NULL. */
    qsg_hearing *hearing;
    void *hearing_context;
};

/** Simulate (doc/theory/simulation.md).  A run goes on until the last time is observed and U has reached the threshold
 *  or the time the horizon; a threshold that agents who never move keep out of reach is not waited for.  What the consumer sees depends on the model, the request and nothing else, to the last
 *  bit: not on the number of threads.
 *
 *  Every model; beliefs below 1e-200 are set to 0.  U, V
 *  and S are re-summed from the beliefs at every time; the consensus time is exact to the interaction.
 *  Cost per interaction O(1) in N and O(K), for K >= 48 labels O(1) in K too (doc/performance.md; broadcast with field or
 *  temper O(N K)), 2 random draws for m = 1; memory N (K - 1) + O(K) doubles a thread (field, temper: N K) plus
 *  at most about 64 MB of outcomes (one outcome a thread when that is more).
 *
 *  QSG_EDOMAIN: a member of the request is out of range (times, runs, consensus, horizon), more than 2^32 - 1 agents,
 *  or more than 16 GB of beliefs.  QSG_ENOMEM.  The consumer may
 *  have seen outcomes only when its own status is returned. */
qsg_status qsg_ensemble_run(const qsg_model *model, const qsg_ensemble_request *request,
                            qsg_outcome_consumer *consumer, void *context, qsg_error *error);

/** The ensemble's statistics into `result` (keys: doc/manual.md): means and standard errors over the runs at the times,
 *  who led when consensus was reached, and the law of the consensus time.  Runs that did not reach consensus within the
 *  horizon are counted as unresolved: then the mean of the consensus time does not exist (NaN), and its quantiles,
 *  order statistics over all runs, exist as far as they are smaller than every unresolved time can be.
 *  want_shares is ignored.  Errors of qsg_ensemble_run; on failure nothing is added to the result. */
qsg_status qsg_simulate(const qsg_model *model, const qsg_ensemble_request *request, qsg_result *result,
                        qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
