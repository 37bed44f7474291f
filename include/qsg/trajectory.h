/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_TRAJECTORY_H
#define QSG_TRAJECTORY_H

#include <stdbool.h>

#include <qsg/coordination.h>
#include <qsg/model.h>
#include <qsg/result.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Runs of populations of one size, observed at the same times. */
typedef struct {
    uint64_t agents; /* 0: the file does not say */
    size_t runs, times;
    double *time;    /* times, ascending, in interactions */
    double *value;   /* runs x times, in [0, 1] */
} qsg_trajectory_group;

/** Trajectories of polarization U or coordination S (doc/theory/transcripts.md, section 6). */
typedef struct {
    char *path;
    qsg_series_kind kind;         /* QSG_SERIES_U or QSG_SERIES_S */
    size_t labels;                /* columns of shares, 0 when the file has U or S */
    size_t n_groups;
    qsg_trajectory_group *groups; /* in ascending order of agents */
} qsg_trajectories;

/** Whether the file's header is that of trajectories: run_id and t, and no speaker.  False for a file that cannot be read. */
bool qsg_trajectories_recognize(const char *path);

/** Read a table with a header (tabs): run_id, t, and U, or S, or share_1 .. share_K (mean beliefs, whose squares add up to U);
 *  agents, if several sizes are given.  Lines with # before the header are comments.  Rows of a run stand together, t ascends,
 *  and runs of one size have the same times.
 *  QSG_EIO, QSG_EINPUT (with file and line), QSG_ENOMEM; *self unchanged on failure. */
qsg_status qsg_trajectories_read(qsg_trajectories *self, const char *path, qsg_error *error);
void qsg_trajectories_free(qsg_trajectories *self);

/** How the scatter of runs round the law is known. */
typedef enum {
    QSG_SCATTER_PLAYED,    /* populations are played at alpha: exact up to their number */
    QSG_SCATTER_DIFFUSION, /* paths of the diffusion limit, where populations would take too long */
    QSG_SCATTER_SPREAD     /* the spread between the runs, four or more: intervals are somewhat too short */
} qsg_trajectory_scatter;

typedef struct {
    uint64_t seed;    /* of what is played */
    unsigned threads; /* 0: all; the results do not depend on it */
} qsg_trajectory_options;

/** Least squares of the exact neutral law on each group, weighed by the law's own variance, with intervals from populations
 *  played at every alpha in question; the paper's law beside it; one alpha for all groups; and the power of N with which the slow
 *  rate falls (eq. 13-18), into `result` (keys: doc/manual.md).  `model` gives all but alpha, and the agents where the file does
 *  not.  One run a group is enough, unless no population can be played.  Cost: about 25 times 400 to 2000 populations up to
 *  the time of consensus, at most some 10 s a group.
 *  QSG_EMODEL (not neutral and well mixed; a start of one size for several), QSG_EINPUT, QSG_ENUMERIC, QSG_ENOMEM; on failure
 *  the result is incomplete. */
qsg_status qsg_fit_trajectories(const qsg_model *model, const qsg_trajectories *data, const qsg_trajectory_options *options,
                                qsg_result *result, qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
