/* What theory says about a broadcast with any channel, two labels (doc/theory/broadcast.md).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "qsg/broadcast.h"
#include "qsg/fixation.h"
#include "qsg/moments.h"
#include "theory/predict_laws.h"

static const char *const limit = "N to infinity: all agents keep one belief; exact at every N when self = alpha";
static const char *const limit_rare = "N to infinity: all agents keep one belief; -: rarer than ten times fixation.accuracy";

#define LEAST_DIGITS 10 /* a probability this many times its error has a digit */

void predict_broadcast_times(const qsg_model *model, double consensus, qsg_result *result)
{
    static const double levels[] = {0.1, 0.5, 0.9};
    static const char *const paths[] = {"fixation.threshold_quantiles.0\\.1", "fixation.threshold_quantiles.0\\.5",
                                        "fixation.threshold_quantiles.0\\.9"};
    double quantiles[3];
    qsg_broadcast_wait wait;
    if (qsg_broadcast_time(model, consensus, 3, levels, quantiles, &wait, NULL))
        return;
    qsg_result_number(result, "fixation.threshold_time", wait.mean, "interactions", QSG_ASYMPTOTIC,
                      "mean time until U reaches the consensus threshold; N to infinity");
    qsg_result_number(result, "fixation.threshold_sd_time", wait.sd, "interactions", QSG_ASYMPTOTIC, "its spread");
    for (int i = 0; i < 3; i++)
        qsg_result_number(result, paths[i], quantiles[i], "interactions", QSG_ASYMPTOTIC, "until U reaches the threshold");
}

qsg_status predict_broadcast_winner(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                                    qsg_error *error)
{
    double p, accuracy;
    qsg_status status = qsg_broadcast_fixation(model, &p, &accuracy, error);
    if (status)
        return status;
    double probability[2] = {p, 1 - p};
    bool rare = false;
    for (int k = 0; k < 2; k++) /* its digits would be those of the solution's error */
        if (model->start.p[k] > 0 && probability[k] < LEAST_DIGITS * accuracy) {
            probability[k] = NAN;
            rare = true;
        }
    qsg_result_vector(result, "fixation.probability", 2, probability, "",
                      model->self == model->alpha ? QSG_NUMERICAL : QSG_ASYMPTOTIC, rare ? limit_rare : limit);
    qsg_result_text(result, "fixation.method", "common belief", "");
    qsg_result_number(result, "fixation.accuracy", accuracy, "", QSG_NUMERICAL, "of its solution");
    predict_broadcast_times(model, request->consensus, result);
    return QSG_OK;
}

qsg_status predict_broadcast_path(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                                  qsg_error *error)
{
    static const predict_column columns[] = {
        {"U", "U", "E[U], polarization of the mean belief; N to infinity", QSG_ASYMPTOTIC},
        {"share_1", "shares.0", "mean belief in label 1; N to infinity", QSG_ASYMPTOTIC},
        {"share_2", "shares.1", "mean belief in label 2; N to infinity", QSG_ASYMPTOTIC},
    };
    const size_t n = request->n;
    double *values = malloc((3 * n + 1) * sizeof *values), accuracy;
    if (!values)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", n);
    qsg_status status = qsg_broadcast_evolve(model, n, request->times, values, values + n, &accuracy, error);
    for (size_t i = 0; i < n && !status; i++)
        values[2 * n + i] = 1 - values[n + i];
    if (!status) {
        qsg_result_number(result, "path_accuracy", accuracy, "", QSG_NUMERICAL, "of U and the shares at the times");
        predict_table(request, columns, 3, values, result);
    }
    free(values);
    return status == QSG_EMODEL || status == QSG_ENUMERIC ? QSG_OK : status;
}

qsg_status predict_broadcast(const qsg_model *model, const qsg_predict_request *request, qsg_result *result, qsg_error *error)
{
    const qsg_model neutral = predict_neutral_part(model);
    qsg_error local = {""};
    double rate, u, mean, point, committed;
    error = error ? error : &local;
    qsg_status status = qsg_moments_slow_rate(&neutral, &rate, error);
    if (status)
        return status;
    qsg_result_number(result, "slow_rate", rate, "per interaction", QSG_EXACT,
                      "slowest decay rate of E[1-U] of the neutral model");
    if (model->field && qsg_fixation_gain(&neutral, &point, &committed, NULL) == QSG_OK)
        qsg_result_number(result, "gamma", point * (model->field[0] - model->field[1]), "", QSG_EXACT,
                          "of the field alone, without temper and innovation");
    if (predict_strong_field(model, request, result))
        return QSG_OK;
    status = model->innovation > 0 ? qsg_broadcast_stationary(model, &u, &mean, error)
                                   : predict_broadcast_winner(model, request, result, error);
    if (status == QSG_OK && model->innovation > 0) {
        qsg_result_number(result, "stationary.U", u, "", QSG_ASYMPTOTIC, limit);
        qsg_result_number(result, "stationary.mean", mean, "", QSG_ASYMPTOTIC, "mean belief in label 1");
        qsg_result_text(result, "fixation.method", "none", "with innovation nobody wins for good");
    } else if (status == QSG_EMODEL || status == QSG_ENUMERIC) {
        qsg_result_text(result, "fixation.method", "none", error->message);
        status = QSG_OK;
    }
    return status;
}
