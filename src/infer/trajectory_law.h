/* Populations played at one alpha: how runs scatter round the exact law (doc/theory/transcripts.md, section 6).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_TRAJECTORY_LAW_H
#define QSG_TRAJECTORY_LAW_H

#include "qsg/fit_neutral.h"
#include "qsg/trajectory.h"

/* What is looked at, and how: a model but for its alpha, the first `times` times of a group. */
typedef struct {
    const qsg_model *model;
    const double *time;
    size_t times;
    qsg_series_kind kind; /* QSG_SERIES_U or QSG_SERIES_S */
    uint64_t seed;
    unsigned threads;
} play_request;

/* The runs that were played, in rows of `times` numbers, less their mean: the mean is known exactly. */
typedef struct {
    size_t runs, times;
    double *value;
    bool diffusion; /* of the diffusion limit: so many interactions would take too long */
} played;

/* Play populations at `alpha`; the same request draws the same random numbers at every alpha.  Errors of qsg_ensemble_run and
 * qsg_paths_run; *self unchanged on failure. */
qsg_status played_new(played *self, const play_request *request, double alpha, qsg_error *error);
void played_free(played *self);

#define LAW_SETTLED 1e-3

/* Standard deviation of one run at every time; 0 where it is below 1e-12 and, the first time apart, where `law` is within
 * LAW_SETTLED of 1: later times tell nothing. */
void played_deviations(const played *self, const double *law, double *out);

/* Derivative of the exact or the paper's law by ln alpha at the times; `by_time`: by ln t instead, up to a factor. */
qsg_status trajectory_slope(const play_request *request, qsg_series_kind kind, double alpha, bool by_time, double *slope, qsg_error *error);

/* All alpha round `centre`, or round the next one where it is not one of them, at which the score of the least squares, sum_b slope_b (mean_b - law_b)/variance_b, lies within the
 * middle 95% of what means of `runs` populations of that alpha show; `step` is about its standard error in ln alpha (eq. 17).
 * In mutual exchange, whose speed has a top in alpha, the slope is that in time.  Both ends NaN where there is no such alpha.
 * Errors of played_new. */
qsg_status score_interval(const play_request *request, const double *mean, size_t runs, double centre, double step,
                          qsg_neutral_range *out, qsg_error *error);

/* Whether means of `runs` runs as far from `law` as these are usual: T^2 of what a fit along `slope` leaves, in groups of times,
 * beside that of means of played runs drawn at random (eq. 18).  `spread` is the standard deviation of one run, 0 for a time
 * that is left out; `slope` is NULL when nothing was fitted.  Sets the p value alone.  QSG_ENUMERIC, QSG_ENOMEM. */
qsg_status played_test(const played *self, const double *mean, const double *law, const double *slope, const double *spread,
                       size_t runs, uint64_t seed, qsg_neutral_test *out, qsg_error *error);

#endif
