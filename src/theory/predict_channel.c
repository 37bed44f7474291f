/* What theory says about tempering, strong fields and channels that combine them (K = 2): the adiabatic closure while
 * the mean belief moves slowly, the kinetic mean field where it does not.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "qsg/adiabatic.h"
#include "qsg/fixation.h"
#include "qsg/kinetic.h"
#include "qsg/moments.h"
#include "theory/predict_laws.h"

#define MAX_FIXED_POINTS 16

qsg_status predict_grain(const qsg_model *model, double rate, double *grain, qsg_error *error)
{
    const qsg_model neutral = predict_neutral_part(model);
    const double fresh = 2 * model->bandwidth * (1 - model->alpha), pace = model->exchange == QSG_MUTUAL ? 2 : 1;
    double point, committed;
    qsg_status status = qsg_fixation_gain(&neutral, &point, &committed, error);
    if (!status)
        *grain = fabs(1 - model->alpha * pace / ((double)model->agents * rate) * fresh / (fresh + model->alpha) / point);
    return status;
}

qsg_status predict_adiabatic(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                             qsg_error *error)
{
    qsg_adiabatic_winner winner;
    qsg_adiabatic_drift drift;
    double grain;
    qsg_status status = qsg_adiabatic_fixation(model, &winner, error);
    if (!status && !(winner.strain <= MAX_STRAIN))
        status = qsg_fail(error, QSG_ENOEXIST, "the mean belief moves too fast for the diffusion (strain %.3g; expected "
                          "at most %g)", winner.strain, MAX_STRAIN);
    if (!status)
        status = qsg_adiabatic_drift_init(&drift, model, error);
    if (!status)
        status = predict_grain(model, drift.rate, &grain, error);
    if (!status && !(grain <= MAX_GRAIN))
        status = qsg_fail(error, QSG_ENOEXIST, "the population is too small for the closure at this alpha (it misses "
                          "%.2g of Gamma; expected at most %g)", grain, MAX_GRAIN);
    if (status)
        return status;
    const double probability[2] = {winner.probability, 1 - winner.probability};
    qsg_result_vector(result, "fixation.probability", 2, probability, "", QSG_ASYMPTOTIC,
                      "that the label wins; N to infinity, strain to 0");
    qsg_result_text(result, "fixation.method", "adiabatic", "");
    qsg_result_number(result, "fixation.strain", winner.strain, "", QSG_ASYMPTOTIC,
                      "speed of the mean against that of an agent: the size of the neglected terms");
    qsg_result_number(result, "fixation.grain", grain, "", QSG_ASYMPTOTIC,
                      "part of Gamma that the closure misses in a finite population");
    if (drift.rate > MAX_DIFFUSIVE_RATE)
        return QSG_OK;
    return predict_absorption(qsg_adiabatic_drift_at, &drift, drift.rate, model->start.p[0], true,
                              "adiabatic diffusion: N to infinity, strain to 0", request, result, error);
}

/* Self-consistent mean beliefs; none when every mean is one. */
static qsg_status put_fixed_points(const qsg_model *model, qsg_result *result, qsg_error *error)
{
    qsg_fixed_point points[MAX_FIXED_POINTS];
    double values[3][MAX_FIXED_POINTS];
    size_t n;
    qsg_status status = qsg_adiabatic_fixed_points(model, MAX_FIXED_POINTS, points, &n, error);
    if (status)
        return status == QSG_ENOEXIST ? QSG_OK : status;
    for (size_t i = 0; i < n; i++) {
        values[0][i] = points[i].p;
        values[1][i] = points[i].slope;
        values[2][i] = points[i].growth;
    }
    qsg_result_vector(result, "fixed_points.p", n, values[0], "", QSG_MEANFIELD,
                      "self-consistent mean beliefs in label 1, N = infinity");
    qsg_result_vector(result, "fixed_points.slope", n, values[1], "", QSG_MEANFIELD, "feedback; stable below 1");
    qsg_result_vector(result, "fixed_points.growth", n, values[2], "per round", QSG_MEANFIELD,
                      "growth rate of a deviation");
    return QSG_OK;
}

/* Consensus by amplified noise; silent where the law does not cover the model. */
static void put_amplification(const qsg_model *model, double consensus, qsg_result *result)
{
    const char *limit = "N to infinity, from a start whose mean is 1/2 within N^-1/2";
    qsg_amplification a;
    if (qsg_kinetic_consensus(model, consensus, &a, NULL) != QSG_OK)
        return;
    const double probability[2] = {a.probability, 1 - a.probability}, n = (double)model->agents;
    qsg_result_vector(result, "fixation.probability", 2, probability, "", QSG_ASYMPTOTIC, limit);
    qsg_result_text(result, "fixation.method", "amplified noise", "");
    qsg_result_number(result, "amplification.mean_time", n * a.rounds, "interactions", QSG_ASYMPTOTIC,
                      "until U reaches the consensus threshold");
    qsg_result_number(result, "amplification.sd_time", n * a.spread, "interactions", QSG_ASYMPTOTIC, "its spread");
    qsg_result_number(result, "amplification.rounds_per_ln_N", a.slope, "rounds", QSG_ASYMPTOTIC, "1/(2 growth_rate)");
    qsg_result_number(result, "amplification.rounds_constant", a.constant, "rounds", QSG_ASYMPTOTIC,
                      "mean rounds = rounds_per_ln_N ln N + this, for an even start");
}

qsg_status predict_channel(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                           qsg_error *error)
{
    qsg_growth growth;
    qsg_error local = {""};
    double rate;
    const qsg_model neutral = predict_neutral_part(model);
    if (model->labels != 2)
        return qsg_fail(error, QSG_EMODEL, "predict does not support --%s yet with more than two labels (K = %zu%s); expected "
                        "--labels 2", model->temper != 1 ? "temper" : "field", model->labels,
                        model->temper != 1 ? "" : " and --innovation");
    error = error ? error : &local;
    qsg_status status = qsg_moments_slow_rate(&neutral, &rate, error);
    if (!status)
        status = qsg_kinetic_growth(model, &growth, error);
    if (status && status != QSG_ENOEXIST)
        return status;
    const bool mixed = !status;
    qsg_result_number(result, "slow_rate", rate, "per interaction", QSG_EXACT,
                      "slowest decay rate of E[1-U] of the neutral model");
    qsg_result_number(result, "growth_rate", mixed ? growth.rate : NAN, "per round", QSG_MEANFIELD,
                      mixed ? "of a deviation from the mixed state, N = infinity" : error->message);
    qsg_result_number(result, "mixed_state", mixed ? growth.p : NAN, "", QSG_MEANFIELD,
                      "mean belief of the mixed state");
    status = put_fixed_points(model, result, error);
    if (status)
        return status;
    const qsg_regime regime = qsg_regime_of(mixed ? growth.rate : NAN, (double)model->agents * rate, 0);
    qsg_result_text(result, "regime", qsg_regime_name(regime),
                    "growth_rate against N slow_rate, the pace of drift in a round");
    if (model->innovation > 0) {
        qsg_result_text(result, "fixation.method", "none", "with innovation nobody wins for good");
        return QSG_OK;
    }
    status = predict_adiabatic(model, request, result, error);
    if (status == QSG_ENOEXIST || status == QSG_ENUMERIC) {
        if (regime == QSG_REGIME_AMPLIFICATION && mixed)
            put_amplification(model, request->consensus, result);
        qsg_result_text(result, "diffusion", "does not hold", error->message);
        status = QSG_OK;
    }
    return status;
}
