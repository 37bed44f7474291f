/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_ADIABATIC_H
#define QSG_ADIABATIC_H

#include <qsg/model.h>
#include <qsg/result.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The adiabatic closure for K = 2 (doc/theory/adiabatic.md): in a large population the belief of one agent has the
 *  stationary law pi_p of what it hears while the mean belief p stands still.  All functions take one-way or mutual
 *  exchange without own output, any field, temper from 0.05 and innovation, and bandwidth 1 .. 64 or inf (no noise: pi_p is the
 *  point p).  Common errors: QSG_EMODEL (another model), QSG_ENUMERIC (1025 moments do
 *  not resolve the channel, as for |h| above about 15; or no convergence), QSG_EDOMAIN,
 *  QSG_ENOMEM.  Outputs are untouched on failure.
 *  Cost: O(m n^2) a law with n the number of Chebyshev moments, 10 (neutral) to 440 (T = 0.05); 0.2 ms at m = 1. */

/** F(p) = E_{pi_p}[r(x)] at n mean beliefs p in [0, 1] (eq. 8): what is said when p is heard.  Basis numerical;
 *  absolute error below 1e-12 where r is smooth (1/T whole, or small T), about 1e-8 at other T < 1 and
 *  1e-5 at T > 1, where r has a branch point at 0 and 1. */
qsg_status qsg_adiabatic_map(const qsg_model *model, size_t n, const double *p, double *map, qsg_error *error);

/** Moments E[T_k(2x - 1)], k = 0 .. n, of pi_p: exact to rounding for the law of eq. 8. */
qsg_status qsg_adiabatic_moments(const qsg_model *model, double p, size_t n, double *moments, qsg_error *error);

/** A self-consistent mean belief, F(p) = p. */
typedef struct {
    double p;
    double slope;  /* feedback (eq. 10): dF/dp for m = 1, leading multiplier of the message law for m > 1; NaN at a
                      consensus with T > 1 if infinite (m = inf) or unknown (own output, alpha < 1e-5 m^2 T) */
    double growth; /* growth rate of a deviation per round (kinetic.md, eq. 4); NaN as slope */
    bool stable;   /* slope < 1 */
} qsg_fixed_point;

/** All fixed points in increasing order, at most `capacity` (QSG_ENUMERIC when there are more).  Found on 257 mean
 *  beliefs that crowd towards 0, 1/2 and 1 by sign changes and near-tangencies, to 1e-12.  QSG_ENOEXIST when
 *  every p is one (the neutral model; one-hot agents without innovation). */
qsg_status qsg_adiabatic_fixed_points(const qsg_model *model, size_t capacity, qsg_fixed_point *points, size_t *n,
                                      qsg_error *error);

/** Parameters that can drive a bifurcation. */
typedef enum { QSG_BY_TEMPER, QSG_BY_INNOVATION, QSG_BY_FIELD } qsg_control;

/** The value in [low, high] at which the fixed points change: where the symmetric one loses stability (slope 1, to
 *  1e-10) if the model is symmetric, otherwise where their number changes (to 1e-8).  The model's own value of the
 *  parameter is ignored.  QSG_ENOEXIST when both ends agree. */
qsg_status qsg_adiabatic_critical(const qsg_model *model, qsg_control control, double low, double high, double *value,
                                  qsg_error *error);

/** Who wins, by the diffusion whose drift, noise and start are those of the closure (eq. 11-13).  Asymptotic: large N; without
 *  own output within 0.03 of simulation at every strain tried (up to 17) from starts of several messages' worth, alpha/N each, in both
 *  labels; within 0.06 from less. */
typedef struct {
    double probability[2]; /* that label 1, 2 wins, from the model's start; NaN below 1e-290 */
    double neglected;   /* estimated error of the probabilities */
    double gamma;       /* half the log odds between the ends, Gamma_eff of a weak field */
    double strain;      /* largest |dp/dtau| / (alpha p(1-p)), of eq. 11 */
    double start;       /* mean belief to which the start comes while its agents relax (kinetic.md, eq. 16) */
    double clock;       /* noise of the mean in the mixed state (without one: at the start) against the neutral one */
    double time_error;  /* how much the noise differs from its clock, and the speed from eq. 11, at most: of times */
} qsg_adiabatic_winner;

/** The drift of the mean belief in the time in which its noise is rate p (1-p) an interaction, M(p) = rate p (1-p) S(p)/2
 *  with S as Chebyshev series (eq. 12), for qsg_absorption_*: pass qsg_adiabatic_drift_at, the address of the drift, its rate
 *  and its start. */
typedef struct {
    double rate;                      /* clock times the exact neutral slow rate, per interaction */
    double start, strain, time_error; /* as in qsg_adiabatic_winner */
    double pressure[129];
} qsg_adiabatic_drift;

/** Both at once; drift may be NULL.  QSG_ENOEXIST for innovation > 0 (nobody wins for good) and for a slow rate of 0 (inf
 *  bandwidth, mutual alpha = 1).  Cost: 200 to 300 laws. */
qsg_status qsg_adiabatic_fixation(const qsg_model *model, qsg_adiabatic_winner *winner, qsg_adiabatic_drift *drift,
                                  qsg_error *error);

/** The drift alone; errors as qsg_adiabatic_fixation. */
qsg_status qsg_adiabatic_drift_init(qsg_adiabatic_drift *self, const qsg_model *model, qsg_error *error);
double qsg_adiabatic_drift_at(double p, void *drift);

/** Law of one agent's belief on `cells` equal cells of [0, 1] (an even number up to 65536): its mass in each, summing
 *  to 1 within 1e-12.  By FFT inversion of the characteristic function (eq. 14), smoothed by a Gaussian of an eighth of
 *  a cell; where the law lives on a Cantor set, by its exact distribution function instead. */
typedef enum { QSG_BELIEF_UNKNOWN, QSG_BELIEF_SINGULAR, QSG_BELIEF_CONTINUOUS } qsg_belief_kind;
typedef struct {
    double dimension; /* upper bound of the dimension of the law (eq. 15): below 1 there is no density */
    bool gaps;        /* alpha > m/(m+1): the law lives on a Cantor set */
    qsg_belief_kind kind; /* what is proved: without density, with one, neither (eq. 15a) */
} qsg_belief_shape;
qsg_status qsg_adiabatic_density(const qsg_model *model, double p, size_t cells, double *mass, qsg_belief_shape *shape,
                                 qsg_error *error);

/** Figures.  Belief density: columns x, density.  Bifurcation diagram over n values of the control: one row a fixed
 *  point, columns control, p, slope, stable. */
qsg_status qsg_adiabatic_density_table(const qsg_model *model, double p, size_t cells, qsg_result *result,
                                       qsg_error *error);
qsg_status qsg_adiabatic_bifurcation_table(const qsg_model *model, qsg_control control, size_t n,
                                           const double *values, qsg_result *result, qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
