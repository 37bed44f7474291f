/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_STATIONARY_LAW_H
#define QSG_STATIONARY_LAW_H

#include "qsg/density.h"

/* Wright's stationary law of label 1's share by quadrature of its closed form (doc/theory/density.md, eq. 20): probability of each
 * of the `cells` between the increasing `edges` from 0 to 1, and the means of x and of x (1-x).  Both inflows must be > 0 (QSG_ENOEXIST).
 * Gauss-Legendre in the cells, relative error below 1e-10 while a cell holds less than a few standard deviations; QSG_ENOMEM. */
typedef struct {
    double mean, within;
} stationary_moments;
qsg_status stationary_integrate(const qsg_mean_drift *drift, size_t cells, const double *edges, double *mass,
                                stationary_moments *out, qsg_error *error);

#endif
