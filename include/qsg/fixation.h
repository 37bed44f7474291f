/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_FIXATION_H
#define QSG_FIXATION_H

#include <qsg/model.h>
#include <qsg/result.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Which label a field makes win, and from which population on it rules (doc/theory/fixation.md).
 *  All functions cover well-mixed models whose channel has a field and nothing else (T = 1, eps = 0), every exchange
 *  with own output; QSG_EMODEL otherwise.  Without a field they give the neutral values. */

/** Selection strength Gamma a unit of field (eq. 4), exact for every N: `point` when all agents start with one belief,
 *  `committed` when all start sure of a label.  The slope of the winning probability in h is Gamma' p (1 - p).
 *  QSG_ENOEXIST when there is no noise (inf bandwidth) or the mean belief stops moving (mutual exchange at alpha 1). */
qsg_status qsg_fixation_gain(const qsg_model *model, double *point, double *committed, qsg_error *error);

/** Exact first-order response of the winning probabilities (eq. 3): probability of label k = initial mean belief +
 *  response[k] + O(h^2), for every start and any K; `labels` numbers that sum to 0.  Cost O(K), or O(N K) for a start
 *  from a file.  QSG_EMODEL, QSG_ENOEXIST as above. */
qsg_status qsg_fixation_response(const qsg_model *model, double *response, qsg_error *error);

/** Gamma of the model (eq. 5): for its start, and for the field's span, which is h_1 - h_2 (with its sign) for two
 *  labels and max h - min h for more.  QSG_EMODEL, QSG_ENOEXIST as above. */
qsg_status qsg_fixation_gamma(const qsg_model *model, double *gamma, qsg_error *error);

/** The paper's Gamma_h = m N h/alpha with the same h (eq. 6): exact for mutual exchange without own output, the
 *  alpha -> 0 limit for one-way.  QSG_ENOEXIST for inf bandwidth. */
qsg_status qsg_fixation_gamma_meanfield(const qsg_model *model, double *gamma, qsg_error *error);

/** Population N at which |Gamma| = 1 from a common belief (eq. 7), not rounded; the start and N of the model do not
 *  enter.  QSG_ENOEXIST when there is none that is >= 2: no field, no noise, broadcast and alpha = 1 (Gamma does not
 *  grow with N), or a field so strong that every population follows it. */
qsg_status qsg_fixation_crossover(const qsg_model *model, double *agents, qsg_error *error);

/** (1 - e^{-2 gamma p})/(1 - e^{-2 gamma}) (eq. 8) for any finite gamma and p in [0, 1]; relative accuracy 1e-14 as
 *  long as the result is not subnormal.  The other label's share, without cancellation, is (-gamma, 1 - p). */
double qsg_fixation_diffusion(double gamma, double p);

/** How a winning probability was found. */
typedef struct {
    const char *method; /* "martingale", "exact chain", "deterministic", "strong field", "diffusion", "second order" */
    qsg_basis basis;
    double neglected; /* estimated size of the first neglected term, or a bound; 0 for the exact methods */
} qsg_fixation_method;

/** Winning probability of every label (`labels` numbers that sum to 1) by the best law that holds:
 *    martingale     no field, or one that no present label escapes: the initial mean belief (exact)
 *    exact chain    alpha = 1, labels are copied whole: mean of r(x_i) over the start (eq. 9, exact)
 *    deterministic  inf bandwidth, no noise: the label with the largest h wins surely (section 4)
 *    strong field   a common belief and a field that no message contradicts, within `neglected` (eq. 10)
 *    diffusion      K = 2, or a field with two values: eq. 8; |h| <= 0.5, or a limit that is reached there already
 *    second order   K > 2 and more values: eq. 11, exact in first order; |Gamma| <= 1
 *  QSG_EMODEL, QSG_ENOEXIST (no winner, or no law for so strong a field), QSG_ENOMEM; outputs unchanged on failure. */
qsg_status qsg_fixation_probability(const qsg_model *model, double *probability, qsg_fixation_method *method,
                                    qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
