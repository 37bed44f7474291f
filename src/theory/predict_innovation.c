/* What theory says about innovation: exact moments for all times, the stationary law, the phase.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "qsg/innovation.h"
#include "theory/predict_laws.h"

static qsg_status put_stationary(const qsg_model *model, qsg_result *result, qsg_error *error)
{
    qsg_innovation_moments s;
    qsg_innovation_rates rates;
    qsg_status status = qsg_innovation_stationary(model, &s, error);
    if (!status)
        status = qsg_innovation_relaxation(model, &rates, error);
    if (status)
        return status;
    qsg_result_number(result, "slow_rate", rates.moments, "per interaction", QSG_EXACT,
                      "slowest decay rate of E[1-U] towards its stationary value");
    qsg_result_number(result, "mean_rate", rates.mean, "per interaction", QSG_EXACT,
                      "decay rate of the mean belief towards the prior");
    qsg_result_number(result, "stationary.U", 1 - s.heterogeneity, "", QSG_EXACT,
                      "E[U], polarization of the mean belief");
    qsg_result_number(result, "stationary.H", s.heterogeneity, "", QSG_EXACT, "E[1-U], heterogeneity");
    qsg_result_number(result, "stationary.q", 1 - qsg_innovation_uncertainty(model, &s), "", QSG_EXACT,
                      "mean |x_i|^2 of an agent");
    qsg_result_number(result, "stationary.V", s.disagreement, "", QSG_EXACT, "E[V], disagreement");
    qsg_result_number(result, "stationary.S", qsg_innovation_coordination(model, &s), "", QSG_EXACT,
                      "E[S], coordination: two distinct agents agree");
    return QSG_OK;
}

static qsg_status put_phase(const qsg_model *model, qsg_result *result, qsg_error *error)
{
    static const struct { const char *regime, *meaning; } phases[] = {
        [QSG_TAKES_SIDES] = {"drift", "theta rho_k < 1 for every label: the population takes sides and changes them"},
        [QSG_BETWEEN] = {"crossover", "theta rho_k is below 1 for some labels and above for others"},
        [QSG_PLURAL] = {"pluralism", "theta rho_k >= 1 for every label of the prior"}};
    qsg_innovation_phase phase;
    double theta, epsilon;
    for (size_t k = 0; k < model->labels; k++)
        if (model->prior[k] == 1) {
            qsg_result_text(result, "regime", "selection", "the prior has one label: the population ends there");
            return QSG_OK;
        }
    qsg_status status = qsg_innovation_theta(model, &theta, error);
    if (status == QSG_ENOEXIST) {
        qsg_result_text(result, "regime", "pluralism", "without noise everybody ends at the prior");
        return QSG_OK;
    }
    if (!status)
        status = qsg_innovation_boundary(model, &phase, &epsilon, error);
    if (status)
        return status;
    double *shares = malloc(model->labels * sizeof *shares);
    if (!shares)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu labels", model->labels);
    for (size_t k = 0; k < model->labels; k++)
        shares[k] = theta * model->prior[k];
    qsg_result_number(result, "stationary.theta", theta, "", QSG_ASYMPTOTIC,
                      "2 eps over the slow rate, times what the mean moves towards what is heard: limit N to infinity at fixed N eps");
    qsg_result_vector(result, "stationary.dirichlet", model->labels, shares, "", QSG_ASYMPTOTIC,
                      "parameters of the stationary law of the mean belief, same limit");
    qsg_result_number(result, "stationary.boundary", epsilon <= 1 ? epsilon : NAN, "", QSG_ASYMPTOTIC,
                      epsilon <= 1 ? "innovation at which theta min rho_k = 1"
                                   : "theta min rho_k < 1 for every innovation");
    qsg_result_text(result, "regime", phases[phase].regime, phases[phase].meaning);
    free(shares);
    return QSG_OK;
}

qsg_status predict_innovation(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                              qsg_error *error)
{
    enum { U, V, S, H, N_COLUMNS };
    static const predict_column columns[N_COLUMNS] = {
        {"U", "U", "E[U], polarization of the mean belief", QSG_EXACT},
        {"V", "V", "E[V], disagreement", QSG_EXACT},
        {"S", "S", "E[S], coordination: two distinct agents agree", QSG_EXACT},
        {"H", "H", "E[1-U], heterogeneity", QSG_EXACT},
    };
    const size_t n = request->n;
    qsg_innovation_moments start;
    qsg_status status = put_stationary(model, result, error);
    if (!status)
        status = put_phase(model, result, error);
    if (!status)
        status = qsg_innovation_start(model, &start, error);
    if (status)
        return status;
    double *values = malloc((n ? n : 1) * N_COLUMNS * sizeof *values);
    if (!values)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", n);
    for (size_t i = 0; i < n && !status; i++) {
        qsg_innovation_moments at;
        status = qsg_innovation_evolve(model, &start, request->times[i], &at, error);
        if (status)
            break;
        values[U * n + i] = 1 - at.heterogeneity;
        values[V * n + i] = at.disagreement;
        values[S * n + i] = qsg_innovation_coordination(model, &at);
        values[H * n + i] = at.heterogeneity;
    }
    if (!status)
        predict_table(request, columns, N_COLUMNS, values, result);
    free(values);
    return status;
}
