/* Powers of a large map of pairs by Chebyshev series (doc/theory/pairs.md, section 4).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PAIR_SERIES_H
#define QSG_PAIR_SERIES_H

#include <stdbool.h>
#include <stddef.h>

#include "qsg/moments.h"

/* A linear map M = 1 - A of vectors of n numbers, A with rates >= 0 off its diagonal (negated) and row sums >= 0. */
typedef struct pair_map {
    const void *context;
    size_t n;
    double bound; /* largest diagonal element of A: its eigenvalues lie within `bound` of `bound` */
    bool symmetric; /* a diagonal matrix makes A symmetric, so that its eigenvalues are real */
    double work;  /* additions and multiplications of an application */
    /* out <- a (M - 1) h + b h + c out */
    void (*apply)(const void *context, const double *h, double a, double b, double c, double *out);
    /* the linear functionals f and V, V without the floor at 0 */
    void (*measure)(const void *context, const double *h, double moments[2]);
    /* least and largest decay rate -(Mh - h)_i/h_i, and their mean by weights of the map; `change` is (M-1) h */
    void (*rates)(const void *context, const double *h, const double *change, double *least, double *largest,
                  double *mean);
} pair_map;

typedef struct pair_series pair_series;

/* Start at the vector `start`, n >= 0 numbers, which is copied; `decays`: every state decays to 0; `mode`: only the
 * rate of the decay is asked for.  QSG_ENOMEM. */
qsg_status pair_series_new(pair_series **self, const pair_map *map, const double *start, bool decays, bool mode,
                           double max_work, qsg_error *error);
void pair_series_free(pair_series *self);

/* (1 - y)^t, y in [0, 2]. */
double pair_series_power(double y, double t);

/* Before the first time is asked for: after about `length` interactions only the slowest mode should be left.  A symmetric
 * map is taken there at once. */
void pair_series_expect(pair_series *self, double length);

/* f and V after t interactions.  QSG_ENUMERIC when the time is beyond what max_work allows. */
qsg_status pair_series_at(pair_series *self, double t, qsg_moments *end, qsg_error *error);

/* Decay rate of the slowest mode that the start has, enclosed by low <= rate <= high.  QSG_ENUMERIC. */
qsg_status pair_series_rate(pair_series *self, double *rate, double *low, double *high, qsg_error *error);

/* The end of all times of a start that does not decay to 0. */
qsg_status pair_series_stationary(pair_series *self, qsg_moments *end, qsg_error *error);

#endif
