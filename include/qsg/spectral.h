/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_SPECTRAL_H
#define QSG_SPECTRAL_H

#include <stddef.h>

#include <qsg/drift.h>
#include <qsg/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Spectral solution of the Wright-Fisher diffusion of two labels with a polynomial drift (doc/theory/density.md,
 *  eq. 3-6): Jacobi polynomials times exp(-int r), the generator being a banded symmetric matrix in them (diagonal
 *  without selection).  Absolute error about 1e-16 n^2 exp(max int r - min int r), n the number of basis functions. */
typedef struct {
    qsg_polynomial_drift drift;
    size_t n;             /* basis functions */
    double tau_min;       /* shortest time the basis resolves */
    double shape[2];      /* exponents of the Jacobi weight x^{shape0 - 1} (1-x)^{shape1 - 1} */
    double *diagonal, *off; /* x times a basis function, as a tridiagonal matrix */
    double *values;       /* n decay rates, ascending */
    double *vectors;      /* n x n eigenvectors, column-major; NULL when the basis functions are eigenfunctions */
    double *work;
    double first;         /* the constant basis function */
    /* the point where the solution starts: */
    double start, log_weight, fixation; /* int r and the total probability to end at label 1 */
    double *amplitudes;   /* eigenfunctions at the start */
} qsg_spectral;

/** Prepare for times tau >= tau_min > 0 and for the start p in [0, 1].  Cost O(n^3), O(n) without selection, with
 *  n about sqrt(90/tau_min).  QSG_EDOMAIN (an argument), QSG_ENUMERIC (tau_min needs too large a basis, or selection
 *  is so strong that fewer than 8 digits would be right: use the finite-volume solution), QSG_ENOMEM. */
qsg_status qsg_spectral_init(qsg_spectral *self, const qsg_polynomial_drift *drift, double start, double tau_min,
                             qsg_error *error);
void qsg_spectral_free(qsg_spectral *self);

/** The density of the share at n points x in [0, 1] at time tau >= tau_min, atoms left out.  Inside (0, 1) only where
 *  an inflow below 1 makes the density infinite at that end (QSG_EDOMAIN).  Cost O(basis^2 + n basis). */
qsg_status qsg_spectral_density(qsg_spectral *self, double tau, size_t n, const double *x, double *density,
                                qsg_error *error);

/** Averages of that density over the cells between cells+1 increasing edges in [0, 1], any inflow: what a finite volume holds.
 *  Relative accuracy 1e-9 on 100 cells or more.  QSG_EDOMAIN (edges, tau), QSG_ENOMEM.  Cost O(basis (basis + 6 cells)). */
qsg_status qsg_spectral_averages(qsg_spectral *self, double tau, size_t cells, const double *edges, double *averages,
                                 qsg_error *error);

/** Probability of absorption at label 1 (x = 1) and label 2 (x = 0) by time tau >= tau_min; 0 at an end with inflow. */
qsg_status qsg_spectral_absorbed(qsg_spectral *self, double tau, double absorbed[2], qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
