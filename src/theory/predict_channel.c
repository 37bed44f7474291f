/* What theory says about tempering, strong fields and channels that combine them (K = 2): the adiabatic closure while
 * the mean belief moves slowly, the kinetic mean field where it does not.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "qsg/adiabatic.h"
#include "qsg/channel.h"
#include "qsg/fixation.h"
#include "qsg/kinetic.h"
#include "qsg/moments.h"
#include "theory/closure.h"
#include "theory/predict_laws.h"

#define MAX_FIXED_POINTS 16
#define SURE 1e-9 /* a limit counts as reached when this much is missing */

/* Whether a law does not hold for the model: its numbers are then missing, and the others stand. */
static bool is_unknown(qsg_status status)
{
    return status == QSG_ENOEXIST || status == QSG_ENUMERIC || status == QSG_EMODEL;
}

/* Self-consistent mean beliefs; none when every mean is one. */
static qsg_status put_fixed_points(const qsg_model *model, qsg_result *result, qsg_error *error)
{
    qsg_fixed_point points[MAX_FIXED_POINTS];
    double values[3][MAX_FIXED_POINTS];
    size_t n;
    qsg_status status = qsg_adiabatic_fixed_points(model, MAX_FIXED_POINTS, points, &n, error);
    if (status)
        return is_unknown(status) ? QSG_OK : status;
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

/* When noise is amplified to consensus; nothing where the law does not cover the model. */
static void put_amplification(const qsg_model *model, double consensus, qsg_result *result)
{
    qsg_amplification a;
    qsg_error reason = {""};
    if (qsg_kinetic_consensus(model, consensus, &a, &reason) != QSG_OK) {
        qsg_result_number(result, "amplification.mean_time", NAN, "interactions", QSG_ASYMPTOTIC, reason.message);
        return;
    }
    const double n = (double)model->agents;
    qsg_result_number(result, "amplification.mean_time", n * a.rounds, "interactions", QSG_ASYMPTOTIC,
                      "until U reaches the consensus threshold");
    qsg_result_number(result, "amplification.sd_time", n * a.spread, "interactions", QSG_ASYMPTOTIC, "its spread");
    qsg_result_number(result, "amplification.rounds_constant", a.constant, "rounds", QSG_ASYMPTOTIC,
                      "mean rounds = rounds_per_ln_N ln N + this, from an even mean with beliefs as spread as the start's");
}

/* Where the laws of who wins do not hold: what symmetry tells. */
static void put_symmetry(const qsg_model *model, const char *reason, qsg_result *result)
{
    const qsg_channel channel = qsg_channel_of(model);
    const bool even = closure_symmetric(&channel) && isfinite(model->bandwidth) && (model->start.kind == QSG_START_DIRICHLET ||
                                                      (model->start.kind != QSG_START_BELIEFS && model->start.p[0] == 0.5));
    if (even)
        qsg_result_vector(result, "fixation.probability", 2, (const double[2]){0.5, 0.5}, "", QSG_EXACT,
                          "that the label wins: both labels are alike");
    qsg_result_text(result, "fixation.method", even ? "symmetry" : "none", reason);
}

/* A field so strong that the weaker label is hardly ever said, from a common belief p in the stronger (fixation.md, eq. 10):
 * then every belief only rises, a message contradicts with probability at most m e^-h ((1-x)/p)^(1/T), and
 * 1 - x falls by 1 - alpha whenever its agent listens. */
bool predict_strong_field(const qsg_model *model, const qsg_predict_request *request, qsg_result *result)
{
    if (!model->field || model->innovation > 0 || model->start.kind != QSG_START_POINT || isinf(model->bandwidth))
        return false;
    const double h = model->field[0] - model->field[1], p = model->start.p[h < 0], s = 1 / model->temper;
    const bool broadcast = model->exchange == QSG_BROADCAST; /* all but the speaker listen */
    const double pace = model->exchange == QSG_MUTUAL ? 2 : 1, agents = (double)model->agents;
    const double n = broadcast ? agents / (agents - 1) : agents;
    const double kept = exp(s * log1p(-model->alpha));
    const double bound = exp(log(model->bandwidth * n / (1 - kept)) - fabs(h) + s * (log1p(-p) - log(p)));
    const double edge = (1 - request->consensus) / (1 + sqrt(2 * request->consensus - 1));
    if (!(bound < SURE) || model->alpha == 1)
        return false;
    const double probability[2] = {h > 0, h < 0};
    qsg_result_vector(result, "fixation.probability", 2, probability, "", QSG_ASYMPTOTIC,
                      "that the label wins: the other is hardly ever said");
    qsg_result_text(result, "fixation.method", "strong field", "");
    qsg_result_number(result, "fixation.neglected", bound, "", QSG_ASYMPTOTIC, "bound on the probability that it is");
    if (model->self == 0 && request->consensus > 0.5 && request->consensus < 1)
        qsg_result_number(result, "fixation.threshold_time", fmax(0, log((1 - p) / edge)) * n / (pace * model->alpha),
                          "interactions", QSG_ASYMPTOTIC, "until U of the mean reaches the consensus threshold");
    return true;
}

/* More than two labels: what the symmetry between them and the growth rate of the state in which all are alike tell. */
static qsg_status predict_labels_alike(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                                       qsg_error *error)
{
    const qsg_model neutral = predict_neutral_part(model);
    qsg_error local = {""};
    double rate, growth, se;
    bool even = !model->field && model->start.kind != QSG_START_BELIEFS;
    (void)request;
    error = error ? error : &local;
    for (size_t k = 1; k < model->labels; k++)
        even = even && model->start.p[k] == model->start.p[0];
    qsg_status status = qsg_moments_slow_rate(&neutral, &rate, error);
    if (!status)
        status = qsg_kinetic_growth_labels(model, 1, &growth, &se, error);
    const bool known = !status;
    if (status && status != QSG_EMODEL)
        return status;
    qsg_result_number(result, "slow_rate", rate, "per interaction", QSG_EXACT,
                      "slowest decay rate of E[1-U] of the neutral model");
    const qsg_basis basis = isinf(model->bandwidth) ? QSG_MEANFIELD : QSG_SIMULATED;
    qsg_result_number(result, "growth_rate", known ? growth : NAN, "per round", basis,
                      known ? "of a deviation from the state where all labels are alike, N = infinity"
                            : error->message);
    qsg_result_number(result, "growth_rate_se", known ? se : NAN, "per round", basis, "its standard error");
    if (known) {
        const qsg_regime regime = qsg_regime_of(growth, (double)model->agents * rate, 0);
        qsg_result_text(result, "regime", qsg_regime_name(regime),
                        "the faster of drift (N slow_rate a round) and growth_rate");
        if (regime == QSG_REGIME_AMPLIFICATION && isfinite(model->bandwidth)) /* m = inf has no noise to amplify */
            qsg_result_number(result, "amplification.rounds_per_ln_N", 1 / (2 * growth), "rounds", QSG_ASYMPTOTIC,
                              "1/(2 growth_rate)");
    }
    if (model->innovation == 0 && even) {
        qsg_result_vector(result, "fixation.probability", model->labels, model->start.p, "", QSG_EXACT,
                          "that the label wins: all labels are alike");
        qsg_result_text(result, "fixation.method", "symmetry", "");
    } else {
        qsg_result_text(result, "fixation.method", "none", model->innovation > 0 ? "with innovation nobody wins for good" :
                        "of more than two labels that are not alike the law of beliefs lives on a simplex, which no closed "
                        "set of moments covers: qsg simulate");
    }
    return QSG_OK;
}

qsg_status predict_channel(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                           qsg_error *error)
{
    qsg_growth growth;
    qsg_error local = {""};
    double rate;
    const qsg_model neutral = predict_neutral_part(model);
    if (model->labels != 2)
        return predict_labels_alike(model, request, result, error);
    if (model->exchange == QSG_BROADCAST)
        return predict_broadcast(model, request, result, error);
    error = error ? error : &local;
    qsg_status status = qsg_moments_slow_rate(&neutral, &rate, error);
    if (!status)
        status = qsg_kinetic_growth(model, &growth, error);
    if (status && !is_unknown(status))
        return status; /* a channel too steep for the growth rate may still have a clear winner */
    const bool mixed = !status, steep = status == QSG_ENUMERIC && model->field;
    const bool decided = mixed || steep || status == QSG_ENOEXIST; /* whether it is known how fast deviations grow */
    qsg_result_number(result, "slow_rate", rate, "per interaction", QSG_EXACT,
                      "slowest decay rate of E[1-U] of the neutral model");
    qsg_result_number(result, "growth_rate", mixed ? growth.rate : NAN, "per round", QSG_MEANFIELD,
                      mixed ? "of a deviation from the mixed state, N = infinity" : error->message);
    qsg_result_number(result, "mixed_state", mixed ? growth.p : NAN, "", QSG_MEANFIELD,
                      "mean belief of the mixed state");
    status = put_fixed_points(model, result, error);
    if (status)
        return status;
    double point = 0, committed, gamma = 0;
    if (model->field && qsg_fixation_gain(&neutral, &point, &committed, NULL) == QSG_OK) {
        gamma = point * (model->field[0] - model->field[1]);
        qsg_result_number(result, "gamma", gamma, "", QSG_EXACT, "of the field alone, without temper and innovation");
    }
    const qsg_regime regime = qsg_regime_of(mixed ? growth.rate : NAN, (double)model->agents * rate, gamma);
    if (decided)
        qsg_result_text(result, "regime", qsg_regime_name(regime),
                        "the fastest of drift (N slow_rate a round), field (gamma times that) and growth_rate");
    if (model->innovation > 0) {
        qsg_result_text(result, "fixation.method", "none", "with innovation nobody wins for good");
        return QSG_OK;
    }
    if (model->alpha == 1 && model->bandwidth == 1 && model->exchange == QSG_ONEWAY &&
        (model->start.kind == QSG_START_POINT || model->start.kind == QSG_START_ONEHOT)) {
        /* a listener becomes sure of what it heard, and the sure cannot be tilted: only first words are */
        const qsg_channel channel = qsg_channel_of(model);
        double probability[2] = {model->start.p[0], model->start.p[1]};
        if (model->start.kind == QSG_START_POINT)
            qsg_channel_apply(&channel, model->start.p, probability);
        qsg_result_vector(result, "fixation.probability", 2, probability, "", QSG_EXACT,
                          "that the label wins: what is said at the start");
        qsg_result_text(result, "fixation.method", "exact chain", "");
        return QSG_OK;
    }
    if (model->start.p[0] == 0 || model->start.p[0] == 1) {
        qsg_result_vector(result, "fixation.probability", 2, model->start.p, "", QSG_EXACT,
                          "that the label wins: nobody knows another");
        qsg_result_text(result, "fixation.method", "martingale", "");
        return QSG_OK;
    }
    if (predict_strong_field(model, request, result))
        return QSG_OK;
    if (regime == QSG_REGIME_AMPLIFICATION && isfinite(model->bandwidth)) { /* m = inf has no noise to amplify */
        qsg_result_number(result, "amplification.rounds_per_ln_N", 1 / (2 * growth.rate), "rounds", QSG_ASYMPTOTIC,
                          "1/(2 growth_rate)");
        if (growth.rate > CLEAR_GROWTH * (double)model->agents * rate)
            put_amplification(model, request->consensus, result);
    }
    status = predict_adiabatic(model, request, result, error);
    if (is_unknown(status)) {
        put_symmetry(model, error->message, result);
        status = QSG_OK;
    }
    return status;
}
