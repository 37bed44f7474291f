/* What the fit, its test and the comparison of speeds share (doc/theory/transcripts.md, eq. 8-11).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_NEUTRAL_FIT_H
#define QSG_NEUTRAL_FIT_H

#include "qsg/fit_neutral.h"

#define FIT_MIN_RUNS 4 /* with fewer there is no spread to speak of */
#define FIT_SCAN 161   /* alphas of the scan, 6% apart */

/* The fitted bins in units of their standard errors. */
typedef struct {
    const qsg_model *model;
    const qsg_coordination *data;
    size_t n, *bin;
    double *error, *law, *z, *slope, *spread; /* law: all bins; spread: runs x n; the others: n */
    qsg_status status;                        /* of the minimizer's evaluations */
    qsg_error *message;
    double level;
} fit;

/* The fitted bins of `data`; model may be NULL for a law that is known in all bins.  QSG_EINPUT, QSG_ENOMEM. */
qsg_status fit_init(fit *self, const qsg_model *model, const qsg_coordination *data, qsg_error *error);
void fit_free(fit *self);

/* Residuals of a law that is known in all bins, in standard errors; returns their sum of squares (eq. 8). */
double fit_residuals(fit *self, const double *law);

/* Hotelling's T^2 of the residuals on the run-to-run covariance of the groups (eq. 10); uses up z and spread.  All NaN
 * when there are too few runs or nothing varies. */
qsg_status fit_test(fit *self, qsg_neutral_test *out);

/* log alphas of the scan */
void fit_scan_points(const qsg_model *model, double x[static FIT_SCAN]);

/* The lowest minimum of `function` over the scan, and the next best local one. */
typedef struct {
    double x[FIT_SCAN], f[FIT_SCAN];
    double where, value, other, other_value;
    bool at_low, at_high;
} minima;
qsg_status fit_find_minima(fit *self, double (*function)(double log_alpha, void *fit), minima *out);

/* How fast the data are beside the fastest neutral law; uses up m and z. */
qsg_status fit_compare_speed(fit *self, minima *m, qsg_neutral_fit *out);
/* The bin that is highest above all neutral laws, that of log alpha `fitted` among them. */
qsg_status fit_look_beyond(fit *self, double fitted, qsg_neutral_fit *out);

#endif
