/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_MOMENTS_H
#define QSG_MOMENTS_H

#include <stdint.h>

#include <qsg/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The two expectations that close exactly for every neutral well-mixed model (doc/theory/moments.md, eq. 2).  They
 *  are kept instead of U because they are small where U is close to 1:  1 - U = f + V/N. */
typedef struct {
    double uncertainty;  /* f = 1 - (1/N) sum_i |x_i|^2, in [0, 1 - 1/K] */
    double disagreement; /* V = sum_i |x_i - xbar|^2, in [0, N] */
} qsg_moments;

/** Expected moments of the model's start: exact for every --init, O(K) or O(N K) for beliefs from a file.  It
 *  cannot fail: QSG_OK always, `error` is unused. */
qsg_status qsg_moments_start(const qsg_model *model, qsg_moments *start, qsg_error *error);

/** Polarization U, heterogeneity H = 1 - U and coordination S = U - V/(N(N-1)) of moments; 1 - S likewise. */
double qsg_moments_polarization(const qsg_model *model, const qsg_moments *self);
double qsg_moments_heterogeneity(const qsg_model *model, const qsg_moments *self);
double qsg_moments_coordination(const qsg_model *model, const qsg_moments *self);

/** Evolve `start` by `t` interactions into `end` (may be the same object): the exact affine map of eq. 3-5 to the
 *  power t, for one-way, mutual and broadcast exchange with own output.  t >= 0 is whole and may be any double.
 *  Cost O(1); relative accuracy 4e-13 in f, V and 1 - U as long as they exceed 1e-290.
 *  QSG_EDOMAIN (t or start out of range), QSG_EMODEL (not a neutral well-mixed model); *end unchanged on failure. */
qsg_status qsg_moments_evolve(const qsg_model *model, const qsg_moments *start, double t, qsg_moments *end,
                              qsg_error *error);

/** Slowest decay rate per interaction: 1 minus the largest eigenvalue of the map (eq. 6); 0 when the mean stops
 *  moving short of consensus (inf bandwidth; mutual exchange at alpha = 1).  QSG_EMODEL as above. */
qsg_status qsg_moments_slow_rate(const qsg_model *model, double *rate, qsg_error *error);

/** Decay rate of the other mode, the larger one: how fast beliefs adjust to the mean.  The diffusion limits want it far
 *  above the slow rate.  QSG_EMODEL as above. */
qsg_status qsg_moments_fast_rate(const qsg_model *model, double *rate, qsg_error *error);

/** Slow rate of a neutral model whose mean belief is a slow diffusion from its start (doc/theory/diffusion.md): at most
 *  0.05 per interaction and a quarter of the fast rate, and at least nine tenths of the start's heterogeneity are left
 *  when the beliefs have adjusted to their mean.  QSG_EMODEL with the reason otherwise; QSG_ENOEXIST when the mean stops
 *  moving. */
qsg_status qsg_moments_diffusive_rate(const qsg_model *model, double *rate, qsg_error *error);

/** (V/N)/(1-U) of the slowest mode of the model without field, temper and innovation: what disagreement comes to when the beliefs
 *  have adjusted to their mean.  Limits of slow change keep it at every mean belief.  QSG_ENOEXIST in a broadcast, where no mode is
 *  slow against the others, and when the mean stops moving. */
qsg_status qsg_moments_slaved(const qsg_model *model, double *ratio, qsg_error *error);

/** Smallest t (interactions, interpolated within one) with E[U_t] >= threshold, threshold in (0, 1); 0 if the start is
 *  there already.  QSG_ENOEXIST when E[U] never gets there, QSG_EDOMAIN, QSG_EMODEL. */
qsg_status qsg_moments_consensus_time(const qsg_model *model, const qsg_moments *start, double threshold, double *t,
                                      qsg_error *error);

/** The same for E[S_t] >= level.  When alpha is near 1 in mutual exchange E[S] may dip by less than a step's change:
 *  then a crossing, not always the first. */
qsg_status qsg_moments_coordination_time(const qsg_model *model, const qsg_moments *start, double level, double *t,
                                         qsg_error *error);

/** sum over t >= 0 of E[f_t] (eq. 8), the fuel of every first-order response; QSG_ENOEXIST when it diverges. */
qsg_status qsg_moments_total_uncertainty(const qsg_model *model, const qsg_moments *start, double *sum,
                                         qsg_error *error);

/** The paper's mean-field law (eq. 9): slow rate alpha^2/(m N^2), U(t), and the time to a threshold (QSG_ENOEXIST for
 *  inf bandwidth).  Stated for one-way exchange without own output; given for every model for comparison. */
double qsg_meanfield_slow_rate(const qsg_model *model);
double qsg_meanfield_polarization(const qsg_model *model, const qsg_moments *start, double t);
qsg_status qsg_meanfield_consensus_time(const qsg_model *model, const qsg_moments *start, double threshold, double *t);

#ifdef __cplusplus
}
#endif
#endif
