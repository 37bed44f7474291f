/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_SIMPLEX_H
#define QSG_SIMPLEX_H

#include <stddef.h>

#include <qsg/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The Wright-Fisher diffusion of three labels on the lattice {i + j + k = n}/n (doc/theory/density.md, eq. 13-16): a
 *  Markov chain in which one quantum passes between two labels at rates fitted to drift and spread.  Edges and corners
 *  of the lattice are the problems with fewer labels; without inflow they hold the atoms.  Masses are >= 0 and sum to
 *  1 within 1e-13; the error of time is 1e-14 within 2,000 jumps and below 1e-10 in all.  Neutral label marginals are exactly the two-label chain.
 *  Second order in 1/n; with inflow of less than 1 at a label, order 1 + inflow near its edge.  Memory O(n^2). */
typedef struct {
    size_t n, states;     /* states = (n+1)(n+2)/2 */
    double inflow[3];     /* theta rho_k; 0: the edge without label k absorbs */
    double selection[3];  /* s_k: dx_k = x_k (s_k - sum_l s_l x_l) dtau */
    double time;
    double *mass;         /* state (i, j, n-i-j) at qsg_simplex_index */
    double *rates;        /* 6 x states: passing probabilities of a jump of the uniformized chain */
    double rate;          /* its jumps per unit time */
    double *work;
} qsg_simplex;

/** Lattice of 3 .. 1000 quanta.  QSG_EDOMAIN (n; inflow outside [0, 1e4], |selection| > 1e4), QSG_ENOMEM. */
qsg_status qsg_simplex_init(qsg_simplex *self, size_t n, const double inflow[3], const double selection[3],
                            qsg_error *error);
void qsg_simplex_free(qsg_simplex *self);

/** Position of (i, j, n-i-j), i + j <= n, in `mass`. */
size_t qsg_simplex_index(const qsg_simplex *self, size_t i, size_t j);

/** Start at time 0 at the shares p (>= 0, sum 1): on the corners of the lattice triangle around p, so that the mean is
 *  p.  QSG_EDOMAIN. */
qsg_status qsg_simplex_start_point(qsg_simplex *self, const double p[3], qsg_error *error);

/** Advance to tau >= self->time.  Cost O(states n sqrt(dtau)), or O(states n^2 dtau) for strong drift; the rest of the time
 *  is skipped when nothing moves any more.  QSG_EDOMAIN (tau; it takes more than 10^6 products), QSG_ENOMEM. */
qsg_status qsg_simplex_advance(qsg_simplex *self, double tau, qsg_error *error);

/** Atoms, to second order: `corners[k]` only label k is left, `edges[k]` only label k is lost; 0 where inflow keeps
 *  them from being atoms.  The rest of 1 is the interior's. */
void qsg_simplex_atoms(const qsg_simplex *self, double corners[3], double edges[3]);

/** Probability of label `k` (0, 1, 2) having i quanta, i = 0 .. n, as n+1 numbers: atoms not separated. */
void qsg_simplex_marginal(const qsg_simplex *self, size_t k, double *mass);

/** Stationary masses of the lattice points: the zero eigenvector by inverse iteration.  Cost O(n^4), memory O(n^3).
 *  QSG_ENOEXIST (a label without inflow), QSG_EDOMAIN (n above 250), QSG_ENUMERIC, QSG_ENOMEM. */
qsg_status qsg_simplex_stationary(const qsg_simplex *self, double *mass, qsg_error *error);

/** Density per unit area of (x_1, x_2) at every lattice point, from the masses there; NaN on edges and corners that are
 *  atoms. */
void qsg_simplex_density(const qsg_simplex *self, const double *mass, double *density);

#ifdef __cplusplus
}
#endif
#endif
