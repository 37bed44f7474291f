/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_FIT_H
#define QSG_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <qsg/model.h>
#include <qsg/transcript.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Inference from transcripts (doc/theory/inference.md): given who said what to whom, every belief is a function of the
 *  labels heard, the start and the parameters, so that the likelihood is exact.
 *
 *  A point of parameter space is a vector of QSG_PAR_FIELD + K numbers: alpha, self, 1/T, epsilon, h_1 .. h_K. */
enum { QSG_PAR_ALPHA, QSG_PAR_SELF, QSG_PAR_SHARPNESS, QSG_PAR_INNOVATION, QSG_PAR_FIELD };

/** Groups of parameters, as bits. */
enum {
    QSG_FIT_ALPHA = 1u << QSG_PAR_ALPHA,
    QSG_FIT_SELF = 1u << QSG_PAR_SELF,
    QSG_FIT_TEMPER = 1u << QSG_PAR_SHARPNESS,
    QSG_FIT_INNOVATION = 1u << QSG_PAR_INNOVATION,
    QSG_FIT_FIELD = 1u << QSG_PAR_FIELD,
    QSG_FIT_ALL = (1u << (QSG_PAR_FIELD + 1)) - 1
};
/** Name of the group with number `group` (QSG_PAR_*): "alpha", "self", "temper", "innovation", "field". */
const char *qsg_fit_group_name(size_t group);
/** Groups from "alpha,self,temper"; QSG_EINPUT for an unknown name, one given twice, or none. */
qsg_status qsg_fit_groups_parse(const char *text, unsigned *groups, qsg_error *error);

/** A transcript laid out for replay: interactions in order, in each who says what and who moves how. */
typedef struct qsg_likelihood qsg_likelihood;

/** Lay out `data` for the start beliefs, prior and number of labels of `model` (its labels, at least those of the data).
 *  Start: one belief for all (uniform; p1,..,pK), or a file with a row an agent, when agents are named 0 .. N-1.
 *  Rows of one run and t are simultaneous; within them an agent says one label and hears at most one.
 *  Label k of the model is the k-th label of data->labels; labels that nobody says come last (but see
 *  qsg_transcript_number_labels).
 *  O(rows) time and memory; keeps nothing of `data` or `model`.
 *  QSG_EMODEL (m > 1 or a start that is not known an agent: onehot, dirichlet; adoption, zealots, graph, agents file),
 *  QSG_EINPUT (rows that are no interaction, fewer labels or agents than the data), QSG_ENOMEM.  NULL on failure. */
qsg_status qsg_likelihood_new(const qsg_model *model, const qsg_transcript *data, qsg_likelihood **out,
                              qsg_error *error);
void qsg_likelihood_free(qsg_likelihood *self); /* NULL is fine */

size_t qsg_likelihood_parameters(const qsg_likelihood *self);   /* QSG_PAR_FIELD + K */
size_t qsg_likelihood_labels(const qsg_likelihood *self);       /* K */
size_t qsg_likelihood_runs(const qsg_likelihood *self);
/** Utterances in all runs; those of run `run`. */
size_t qsg_likelihood_observations(const qsg_likelihood *self);
size_t qsg_likelihood_run_observations(const qsg_likelihood *self, size_t run);

/** What to evaluate.  All pointers but `theta` may be NULL. */
typedef struct {
    const double *theta;   /* qsg_likelihood_parameters() numbers */
    const double *weights; /* one a run, >= 0; NULL: 1 each */
    unsigned groups;       /* derivatives of these groups; the others are 0 */
    double *gradient;      /* parameters numbers: of the log-likelihood */
    double *information;   /* parameters x parameters: sum over utterances of the expected information given the past */
    double *run_loglik;    /* runs numbers, without weights */
    double *run_gradient;  /* runs x parameters, without weights; needs gradient */
} qsg_likelihood_request;

/** Log-likelihood (nats) at theta by replay (eq. 1-4), derivatives by forward sensitivities (eq. 5-6); exact but that
 *  beliefs below 1e-300 that are not 0 are held there.  -INFINITY when a label was said that had no chance; then the
 *  derivatives are not written.  O(observations K) and, for the information, times groups squared; runs are spread over
 *  threads and the sums do not depend on their number.
 *  QSG_EDOMAIN (alpha, self not >= 0 with sum <= 1; 1/T not finite and >= 0; epsilon not in [0, 1]; h not finite),
 *  QSG_ENOMEM. */
qsg_status qsg_likelihood_evaluate(const qsg_likelihood *self, const qsg_likelihood_request *request, double *loglik,
                                   qsg_error *error);

/** Called with the distribution r of the label about to be said (K numbers) and the label that was said, in the order of
 *  the transcript. */
typedef void qsg_forecast_consumer(void *context, size_t run, const double *r, size_t label);
/** Replay run `run` at theta and show every forecast.  Errors as above. */
qsg_status qsg_likelihood_forecast(const qsg_likelihood *self, const double *theta, size_t run,
                                   qsg_forecast_consumer *consumer, void *context, qsg_error *error);

/** A maximum of the likelihood over some groups; the others stay where they were. */
typedef struct {
    double *theta;  /* parameters numbers, owned; field with sum 0 when it is free (eq. 8) */
    double loglik;
    unsigned free;  /* groups that were estimated */
    size_t n_free;  /* numbers that were estimated */
    size_t starts, agreeing; /* starts that were tried from; those that ended within 0.01 nats of the best */
    bool at_bound[QSG_PAR_FIELD + 1]; /* group ends at its bound */
    bool rough; /* no step helped though the slope promised more than 0.001 nats: a kink of a sharp channel (T below .03) */
} qsg_maximum;
void qsg_maximum_free(qsg_maximum *self);

/** Maximize over `groups` from `start` (parameters numbers; values of the other groups are kept) by damped scoring steps
 *  (eq. 7), projected on the bounds alpha, self >= 0, alpha + self <= 1, 1/T in [0.01, 100], 0 <= epsilon <= 1,
 *  |h| <= 50.  `global`: from a grid of starts, of which the best are followed to the end; otherwise from `start` alone.
 *  weights: one a run or NULL.  QSG_ENOEXIST (the data are impossible at every start), QSG_EMODEL (field with more than
 *  64 labels), QSG_ENOMEM; *self unchanged on failure. */
qsg_status qsg_fit_maximize(qsg_maximum *self, const qsg_likelihood *likelihood, unsigned groups, const double *start,
                            const double *weights, bool global, qsg_error *error);

/** Profile-likelihood interval of one number (eq. 9). */
typedef struct {
    double low, high;
    bool low_bound, high_bound; /* the end is the bound of the search */
} qsg_fit_interval;

/** Interval of theta[parameter] at `level` (0.95), parameter free in `best`, which moves up when profiling finds a
 *  better point (*moved).  The interval of 1/T turns over to that of T.  QSG_EDOMAIN, QSG_ENUMERIC, QSG_ENOMEM. */
qsg_status qsg_fit_interval_of(qsg_maximum *best, const qsg_likelihood *likelihood, size_t parameter, double level,
                               qsg_fit_interval *interval, bool *moved, qsg_error *error);

/** Play `runs` games of at most `interactions` interactions with the exchange, agents, prior and start of `model` and the
 *  parameters theta, run r from the stream r of `seed`; a game ends when the last `streak` (0: never) interactions matched,
 *  or, with one speaker a time, the last `streak` labels were equal.  The rows become a transcript: runs and agents are
 *  named from 0, labels from 1, t from 1.  O(interactions K) a run, 24 bytes a row.
 *  QSG_EMODEL (bandwidth, start as for the likelihood), QSG_ENOMEM; *out unchanged on failure. */
qsg_status qsg_fit_play(const qsg_model *model, const double *theta, uint64_t runs, uint64_t interactions, uint64_t streak,
                        uint64_t seed, qsg_transcript *out, qsg_error *error);

/** What qsg_fit_transcript is asked for. */
typedef struct {
    unsigned groups;    /* what to estimate; 0: all */
    uint64_t bootstrap; /* resamples of whole runs, 0 for none */
    uint64_t seed;
    uint64_t forecasts; /* games played from the estimates; 0: 1000 */
    unsigned threads;   /* 0: all */
} qsg_fit_options;

/** Fit `data` and put everything into `result` (keys: doc/manual.md).  Parameters that are not fitted stay at the model's
 *  values.  Errors of qsg_likelihood_new, qsg_fit_maximize and qsg_ensemble_run; result is unfit for use on failure. */
qsg_status qsg_fit_transcript(const qsg_model *model, const qsg_transcript *data, const qsg_fit_options *options,
                              qsg_result *result, qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
