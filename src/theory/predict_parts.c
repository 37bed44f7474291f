/* What several laws of predict share.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "qsg/adiabatic.h"
#include "qsg/fixation.h"
#include "qsg/moments.h"
#include "theory/closure.h"
#include "theory/predict_laws.h"

static const char *const interactions = "interactions";

qsg_model predict_neutral_part(const qsg_model *model)
{
    qsg_model neutral = *model;
    neutral.field = NULL;
    neutral.temper = 1;
    neutral.innovation = 0;
    return neutral;
}

void predict_table(const qsg_predict_request *request, const predict_column *columns, size_t n_columns,
                   const double *values, qsg_result *result)
{
    const size_t n = request->n;
    size_t known;
    if (!qsg_result_get_vector(result, "times", &known))
        qsg_result_column(result, "time", "times", n, request->times, interactions, QSG_INPUT, "");
    for (size_t c = 0; c < n_columns; c++)
        qsg_result_column(result, columns[c].name, columns[c].path, n, values + c * n, "", columns[c].basis,
                          columns[c].meaning);
}

static void put_quantiles(qsg_absorption_law *law, const char *limit, qsg_result *result)
{
    static const struct { double level; const char *path; } quantiles[] = {
        {0.1, "fixation.quantiles.0\\.1"}, {0.5, "fixation.quantiles.0\\.5"}, {0.9, "fixation.quantiles.0\\.9"}};
    double t, given[2];
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++)
        if (qsg_absorption_law_quantile(law, quantiles[i].level, 0, &t, NULL) == QSG_OK)
            qsg_result_number(result, quantiles[i].path, t, interactions, QSG_ASYMPTOTIC, limit);
    for (int i = 0; i < 2; i++)
        if (qsg_absorption_law_quantile(law, 0.5, i + 1, &given[i], NULL))
            given[i] = NAN;
    qsg_result_vector(result, "fixation.median_time_given", 2, given, interactions, QSG_ASYMPTOTIC,
                      "when this label wins");
}

static qsg_status put_unresolved(qsg_absorption_law *law, const qsg_predict_request *request, qsg_result *result,
                                 qsg_error *error)
{
    static const predict_column column = {"unresolved", "unresolved",
                                          "no consensus yet, in the diffusion limit", QSG_ASYMPTOTIC};
    double *values = malloc((request->n ? request->n : 1) * sizeof *values), label1;
    qsg_status status = QSG_OK;
    if (!values)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", request->n);
    for (size_t i = 0; i < request->n && !status; i++)
        status = qsg_absorption_law_survival(law, request->times[i], &values[i], &label1, error);
    if (!status)
        predict_table(request, &column, 1, values, result);
    free(values);
    return status;
}

qsg_status predict_absorption(const qsg_model *model, qsg_drift *drift, void *context, double rate, double p, bool with_law,
                              const char *limit, const qsg_predict_request *request, qsg_result *result,
                              qsg_error *error)
{
    qsg_absorption a;
    qsg_absorption_law *law = NULL;
    const double agents = (double)model->agents;
    const double listeners = model->exchange == QSG_BROADCAST ? agents : model->exchange == QSG_MUTUAL ? 2 : 1;
    const double settling = agents / listeners * log(agents) / model->alpha;
    qsg_status status = qsg_absorption_solve(drift, context, rate, p, &a, error);
    if (status)
        return status;
    qsg_result_number(result, "fixation.mean_time", a.mean, interactions, QSG_ASYMPTOTIC, limit);
    qsg_result_number(result, "fixation.time_neglected", settling, interactions, QSG_ASYMPTOTIC,
                      "size of what it leaves out: beliefs settle after the last other label was heard");
    qsg_result_number(result, "fixation.sd_time", a.sd, interactions, QSG_ASYMPTOTIC, limit);
    qsg_result_vector(result, "fixation.mean_time_given", 2, a.mean_given, interactions, QSG_ASYMPTOTIC,
                      "when this label wins");
    qsg_result_vector(result, "fixation.sd_time_given", 2, a.sd_given, interactions, QSG_ASYMPTOTIC,
                      "when this label wins");
    if (p < 1e-290 || p == 1 || !with_law)
        return QSG_OK;
    status = qsg_absorption_law_new(drift, context, rate, p, &law, error);
    if (status == QSG_ENUMERIC)
        return QSG_OK; /* too steep for the law of the time: its mean and spread stand */
    if (!status) {
        put_quantiles(law, limit, result);
        status = put_unresolved(law, request, result, error);
    }
    qsg_absorption_law_free(law);
    return status;
}

qsg_status predict_grain(const qsg_model *model, double rate, double *grain, qsg_error *error)
{
    const qsg_model neutral = predict_neutral_part(model);
    const double pace = model->exchange == QSG_MUTUAL ? 2 : 1, moved = pace * (model->alpha + model->self);
    double point, committed;
    qsg_status status = qsg_fixation_gain(&neutral, &point, &committed, error);
    if (!status)
        *grain = fabs(1 - moved / ((double)model->agents * rate) * closure_spread(model) / point);
    return status;
}

/* The time to consensus of the closure's diffusion, or why there is none. */
static qsg_status put_adiabatic_times(const qsg_model *model, const qsg_adiabatic_winner *winner, qsg_adiabatic_drift *drift,
                                      const qsg_predict_request *request, qsg_result *result, qsg_error *error)
{
    const qsg_model neutral = predict_neutral_part(model);
    qsg_error local = {""};
    double rate;
    const char *reason = !isnan(qsg_result_get(result, "amplification.mean_time")) ? "amplified noise decides: amplification.mean_time"
                         : !(winner->time_error <= MAX_TIME_ERROR)                 ? "fixation.time_error is above 0.35"
                         : qsg_moments_diffusive_rate(&neutral, &rate, &local)      ? local.message : NULL;
    if (!reason) {
        const qsg_status status = predict_absorption(model, qsg_adiabatic_drift_at, drift, drift->rate, drift->start,
                                                     fabs(winner->gamma) <= MAX_LAW_GAMMA,
                                                     "adiabatic diffusion: N to infinity, strain to 0", request, result, &local);
        if (status && status != QSG_ENUMERIC) {
            if (error)
                *error = local;
            return status;
        }
        reason = status ? local.message : NULL;
    }
    if (reason)
        qsg_result_number(result, "fixation.mean_time", NAN, interactions, QSG_ASYMPTOTIC, reason);
    return QSG_OK;
}

qsg_status predict_adiabatic(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                             qsg_error *error)
{
    qsg_adiabatic_winner winner;
    qsg_adiabatic_drift drift;
    double grain;
    qsg_status status = qsg_adiabatic_fixation(model, &winner, &drift, error);
    const double most = model->self > 0 ? MAX_STRAIN_PLAIN : MAX_STRAIN;
    if (!status && !(winner.strain <= most))
        status = qsg_fail(error, QSG_ENOEXIST, "the mean belief moves too fast for the diffusion (strain %.3g; expected "
                          "at most %g)", winner.strain, most);
    if (!status)
        status = predict_grain(model, drift.rate / winner.clock, &grain, error);
    if (!status && !(grain <= MAX_GRAIN))
        status = qsg_fail(error, QSG_ENOEXIST, "the population is too small for the closure at this alpha (it misses "
                          "%.2g of Gamma; expected at most %g)", grain, MAX_GRAIN);
    if (status)
        return status;
    status = put_adiabatic_times(model, &winner, &drift, request, result, error);
    if (status)
        return status;
    qsg_result_vector(result, "fixation.probability", 2, winner.probability, "", QSG_ASYMPTOTIC,
                      "that the label wins; N to infinity, strain to 0");
    qsg_result_text(result, "fixation.method", "adiabatic", "");
    qsg_result_number(result, "fixation.neglected", winner.neglected, "", QSG_ASYMPTOTIC,
                      "estimated size of the neglected terms");
    qsg_result_number(result, "fixation.time_error", winner.time_error, "", QSG_ASYMPTOTIC,
                      "bound on the relative error of its times, which are left out above 0.35");
    qsg_result_number(result, "fixation.strain", winner.strain, "", QSG_ASYMPTOTIC,
                      "speed of the mean against that of an agent: the size of the neglected terms");
    qsg_result_number(result, "fixation.grain", grain, "", QSG_ASYMPTOTIC,
                      "part of Gamma that the closure misses in a finite population");
    return QSG_OK;
}
