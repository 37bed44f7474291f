/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_COORDINATION_H
#define QSG_COORDINATION_H

#include <qsg/transcript.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a series is, and hence the law it has: coordination in bins of utterances; polarization or coordination of the
 *  population at given times; polarization at given times beside the paper's law. */
typedef enum { QSG_SERIES_BINS, QSG_SERIES_U, QSG_SERIES_S, QSG_SERIES_U_MEANFIELD } qsg_series_kind;

/** Observed coordination S(t) in bins of `width` interactions (doc/theory/transcripts.md, eq. 1-4).
 *
 *  Paired rows: the share of interactions whose two labels match.  One speaker a time: the share of equal labels among
 *  all pairs of utterances of one run in the bin that have different speakers.  A run whose last N interactions all
 *  matched has agreed, and is carried forward as agreeing; any other run is absent after its end.
 *  Interactions within a run are dependent, runs are not: `se` is the run-to-run standard error. */
typedef struct {
    size_t bins, runs;
    uint64_t width;     /* interactions a bin */
    bool paired;
    size_t n_agreed;    /* runs that ended in agreement */
    double *time;       /* middle of the bin: mean number of interactions before the one observed */
    double *n;          /* interactions observed in the bin, all runs */
    double *present;    /* runs that contribute, carried ones included */
    double *carried;    /* of these, runs that are wholly carried forward */
    double *unresolved; /* runs present that disagree at least once in this bin or later */
    double *value;      /* S, in [0, 1]; NaN where no run contributes */
    double *se_binomial; /* as if interactions were independent; NaN unless paired */
    double *se;          /* between runs; NaN with fewer than two runs */
    qsg_series_kind kind; /* QSG_SERIES_BINS unless made from trajectories (qsg/trajectory.h) */
    double *deviation;   /* runs x bins: D with covariance of `value` = D^T D (eq. 4) */
} qsg_coordination;

/** Bin the transcript of a population of `agents`.  width 0: one round (N interactions), or as many whole rounds as
 *  keep the bins at 200 or fewer.  O(rows log rows + runs bins agents log agents), whatever the width.
 *  QSG_EINPUT: t does not begin at 0 or 1, or in some run not within the first bin, less than one bin, more than 2000
 *  bins, agents fewer than the transcript's; QSG_EMODEL: rows that share a t are neither a pair nor one speaker's;
 *  QSG_ENOMEM.  On failure *self is unchanged. */
qsg_status qsg_coordination_init(qsg_coordination *self, const qsg_transcript *data, uint64_t agents, uint64_t width,
                                 qsg_error *error);
void qsg_coordination_free(qsg_coordination *self);

#ifdef __cplusplus
}
#endif
#endif
