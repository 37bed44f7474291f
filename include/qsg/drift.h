/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_DRIFT_H
#define QSG_DRIFT_H

#ifdef __cplusplus
extern "C" {
#endif

/** The drift M(x) of the share x of label 1, in coalescent units: the share moves by M per unit of tau on average and
 *  spreads with variance x(1-x) (doc/theory/density.md, eq. 1). */
typedef double qsg_drift_function(double x, void *context);

/** How many coefficients r(x) may have. */
enum { QSG_DRIFT_TERMS = 4 };

/** The drifts for which the generator is solved in polynomials (eq. 2):
 *      M(x) = (inflow[0] (1-x) - inflow[1] x)/2 + x(1-x) r(x),    r(x) = sum_i selection[i] x^i.
 *  Neutral: all zero.  Field: selection[0] = s.  Innovation: inflow = theta rho, theta (1-rho). */
typedef struct {
    double inflow[2];                  /* 2 M(0) and -2 M(1), >= 0; 0 makes that end absorbing */
    double selection[QSG_DRIFT_TERMS];
} qsg_polynomial_drift;

/** M(x) of a qsg_polynomial_drift, as a qsg_drift_function. */
double qsg_polynomial_drift_at(double x, void *drift);

#ifdef __cplusplus
}
#endif
#endif
