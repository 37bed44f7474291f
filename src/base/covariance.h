/* Mean and covariance of vectors that arrive one by one, and the test of the mean.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_COVARIANCE_H
#define QSG_COVARIANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "qsg/status.h"

typedef struct {
    size_t n;
    uint64_t count;
    double *mean;
    double *comoment; /* n x n, lower triangle: sum (x - mean)(x - mean)' */
    double *low, *high; /* n each: extremes */
    double *delta;    /* workspace */
} covariance;

/* n components; QSG_ENOMEM.  Free is safe twice. */
qsg_status covariance_init(covariance *self, size_t n, qsg_error *error);
void covariance_free(covariance *self);

/* Add one observation of n components (Welford's update, O(n^2)). */
void covariance_add(covariance *self, const double *x);

/* Covariance of components i and j of the mean, i.e. the sample covariance divided by the count; NaN below two. */
double covariance_of_mean(const covariance *self, size_t i, size_t j);

/* Largest share of the variance of component i that a single observation carries: near 1 when the mean hangs on it and
 * is far from normal; NaN when nothing varied. */
double covariance_dominance(const covariance *self, size_t i);

/* Hotelling's test of a deviation `off` from zero, a mean over `count` observations, on its estimated covariance
 * `matrix` (n x n, row-major, lower triangle read, overwritten).
 *
 * Close times of one run are strongly correlated, so the matrix is close to singular and its small eigenvalues are
 * noise: the test keeps the directions with at least 1/1000 of the trace (the rest carry less than that of the
 * variance) and refers T^2 in `rank` of them to the law of rank (count - 1)/(count - rank) F(rank, count - rank).
 * Rank 0 and p value 1 when nothing varies.
 * QSG_EDOMAIN when there are too few observations for the rank, QSG_ENUMERIC from LAPACK, QSG_ENOMEM; *out
 * unchanged. */
typedef struct {
    double statistic, p_value;
    size_t rank;
} hotelling;
qsg_status hotelling_test(hotelling *out, double *matrix, const double *off, size_t n, uint64_t count,
                          qsg_error *error);

/* Hotelling's test that the mean of the components with use[i] is `expected`.
 * Components are taken in standard errors, so that each has the same say.  One that varied by less than
 * rounding (1e-10 of 1 + its size) must equal its expectation within 1e-9; else the p value is 0.
 * QSG_EDOMAIN when there are too few observations for the rank, QSG_ENUMERIC from LAPACK, QSG_ENOMEM. */
qsg_status covariance_test(const covariance *self, const double *expected, const bool *use, double *statistic,
                           size_t *rank, double *p_value, qsg_error *error);

#endif
