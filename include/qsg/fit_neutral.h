/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_FIT_NEUTRAL_H
#define QSG_FIT_NEUTRAL_H

#include <qsg/coordination.h>
#include <qsg/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The neutral law of binned coordination, averaged over each bin of `data` (doc/theory/transcripts.md, eq. 5-7):
 *  exact for the model with its alpha replaced by `alpha`, in (0, 1 - self].  `law` has data->bins members.
 *  Cost O(log width + bins).  QSG_EMODEL (not neutral and well mixed), QSG_EDOMAIN; law unchanged on failure. */
qsg_status qsg_neutral_coordination(const qsg_model *model, double alpha, const qsg_coordination *data, double *law,
                                    qsg_error *error);

/** Test of a law against data: Hotelling's T^2 of groups of adjacent bins on their run-to-run covariance (eq. 10).
 *  NaN when there are fewer than four runs or no bin to test. */
typedef struct {
    double statistic, df1, df2, p_value;
    bool bound; /* the runs are too alike for T^2: p_value is an upper bound (eq. 12), and the rest NaN */
} qsg_neutral_test;

typedef struct {
    double low, high;
    bool low_bound, high_bound; /* the end is the end of the range that was searched */
} qsg_neutral_range;

#define QSG_NEUTRAL_ALPHA_MIN 1e-4 /**< the smallest alpha that fits look at */

/** Least-squares fit of alpha to binned coordination (eq. 8-11). */
typedef struct {
    double alpha;             /* minimum of the weighted sum of squares, over [QSG_NEUTRAL_ALPHA_MIN, 1 - self] */
    qsg_neutral_range range;  /* 95% interval around it; NaN with fewer than four runs */
    double other;             /* another minimum that the data do not tell from it, or NaN: */
    qsg_neutral_range other_range; /* the interval is then these two ranges together */
    double sum_of_squares;    /* sum of (residual / s.e.)^2 over the fitted bins */
    size_t fitted;            /* bins that took part */
    qsg_neutral_test test;    /* of the residuals */

    double level;             /* coordination at which times are compared; NaN when the data show no rise */
    double data_time;         /* interactions until the data reach it */
    double fastest_time;      /* until the fastest neutral law does, NaN if none ever does; */
    double fastest_alpha;     /* and its alpha */
    double speedup;           /* fastest_time / data_time */
    bool too_fast;            /* some bin lies above every neutral law, at 0.001 for all bins together */
    size_t beyond;            /* the bin that lies highest above them, in standard errors; */
    double beyond_z, ceiling; /* by how many, and the largest S a neutral law allows there */
} qsg_neutral_fit;

/** Fit the neutral law.  `model` gives all but alpha; model->agents must be those of `data`.
 *  QSG_EMODEL as above, QSG_EINPUT (no bin can be fitted), QSG_ENUMERIC, QSG_ENOMEM; *self unchanged on failure. */
qsg_status qsg_neutral_fit_run(qsg_neutral_fit *self, const qsg_model *model, const qsg_coordination *data,
                               qsg_error *error);

/** The same test for a law that was not fitted (alpha given beforehand); `law` has data->bins members.
 *  QSG_EINPUT (no bin can be tested), QSG_ENUMERIC, QSG_ENOMEM; *self unchanged on failure. */
qsg_status qsg_neutral_test_law(qsg_neutral_test *self, const qsg_coordination *data, const double *law,
                                qsg_error *error);

/** Whether bin b takes part in fits and tests: at least half of the runs are present, and enough of them still
 *  disagree that their spread can be estimated (eq. 8).  b < data->bins. */
bool qsg_neutral_bin_fitted(const qsg_coordination *data, size_t b);
/** The standard error of S used for bin b < data->bins, in units of S: that between runs, but not below the binomial
 *  one with half a count added; NaN for a bin without data. */
double qsg_neutral_bin_error(const qsg_coordination *data, size_t b);

#ifdef __cplusplus
}
#endif
#endif
