/* What theory says about a field: who wins, how fast, from which population on.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_math.h>
#include <stdlib.h>

#include "qsg/absorption.h"
#include "qsg/fixation.h"
#include "qsg/moments.h"
#include "theory/predict_laws.h"

#define STRONG_FIELD 0.5    /* weak-selection times are refused beyond */
#define MAX_GAMMA 20000.0   /* beyond, the panels of the Green's function take longer than a user waits */

#define SURE_GAMMA 1000.0   /* the limit of strong selection wants 2 Gamma p and 2 Gamma (1-p) above this: relative error 1e-3 */

/* Limits of the times, with one listener at a time and in a broadcast, where the noise does not fall with N. */
static const char *const strong[2] = {"diffusion limit with weak selection: N to infinity, h to 0, then Gamma to infinity",
                                      "diffusion limit with weak selection: alpha and h to 0, then Gamma to infinity"};
static const char *const weak[2] = {"diffusion limit with weak selection: N to infinity, h to 0 at fixed Gamma",
                                    "diffusion limit with weak selection: alpha and h to 0 at fixed Gamma"};

typedef struct {
    double rate, gamma;
} weak_selection;

static double genic(double p, void *context)
{
    const weak_selection *s = context;
    return s->rate * s->gamma * p * (1 - p);
}

/* |Gamma| = 1 is the crossover; at 1/3 and 3 the favoured label wins 58% and 95% from an even start. */
static const char *regime_of(double gamma)
{
    return fabs(gamma) < 1.0 / 3 ? "drift" : fabs(gamma) <= 3 ? "crossover" : "selection";
}

/* Whether one slope says how the field moves every label: two values of h, or a start whose response is one gain. */
static bool has_one_slope(const qsg_model *model)
{
    if (!model->field || model->start.kind == QSG_START_POINT || model->start.kind == QSG_START_ONEHOT)
        return true;
    const double one = model->field[0];
    double other = one;
    for (size_t k = 1; k < model->labels; k++) {
        if (other == one)
            other = model->field[k];
        if (model->field[k] != one && model->field[k] != other)
            return false;
    }
    return true;
}

static qsg_status put_gamma(const qsg_model *model, qsg_result *result, double *gamma, qsg_error *error)
{
    double value;
    qsg_status status = qsg_fixation_gamma(model, gamma, error);
    if (status && status != QSG_ENOEXIST)
        return status;
    if (status)
        *gamma = NAN;
    const bool one = has_one_slope(model);
    qsg_result_number(result, "gamma", *gamma, "", one ? QSG_EXACT : QSG_ASYMPTOTIC,
                      status ? error->message
                      : one  ? "slope of the winning probability in h is gamma/h p (1-p)"
                             : "as if everybody started from a common belief; fixation.response is this start's");
    status = qsg_fixation_gamma_meanfield(model, &value, NULL);
    qsg_result_number(result, "gamma_meanfield", status ? NAN : value, "", QSG_MEANFIELD,
                      predict_paper(model, "m N h/alpha, the paper's"));
    status = qsg_fixation_crossover(model, &value, error);
    qsg_result_number(result, "crossover_population", status ? NAN : value, "agents", QSG_EXACT,
                      status ? error->message : "|gamma| = 1 from a common belief");
    qsg_result_text(result, "regime", isnan(*gamma) ? "selection" : regime_of(*gamma), "");
    return QSG_OK;
}

static bool is_slow(const qsg_model *model)
{
    const qsg_model neutral = predict_neutral_part(model);
    double rate;
    return qsg_moments_diffusive_rate(&neutral, &rate, NULL) == QSG_OK;
}

static qsg_status put_probability(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                                  qsg_error *error)
{
    qsg_fixation_method method;
    double *values = malloc(model->labels * sizeof *values);
    if (!values)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu labels", model->labels);
    qsg_status status = qsg_fixation_probability(model, values, &method, error);
    if (!status) {
        qsg_result_vector(result, "fixation.probability", model->labels, values, "", method.basis,
                          "that the label wins");
        qsg_result_text(result, "fixation.method", method.method, "");
        qsg_result_number(result, "fixation.neglected", method.neglected, "", QSG_ASYMPTOTIC,
                          "estimated size of the first neglected term");
        if (model->exchange == QSG_BROADCAST && !is_slow(model)) /* else put_times has the diffusion's */
            predict_broadcast_times(model, request->consensus, result);
    } else if (status == QSG_ENOEXIST) { /* the field is neither weak nor overwhelming */
        qsg_error reason = *error;
        predict_law *law = model->exchange == QSG_BROADCAST ? predict_broadcast_winner : predict_adiabatic;
        if (law(model, request, result, error) != QSG_OK)
            qsg_result_text(result, "fixation.method", "none", reason.message);
    } else {
        goto out;
    }
    status = qsg_fixation_response(model, values, error);
    if (!status)
        qsg_result_vector(result, "fixation.response", model->labels, values, "", QSG_EXACT,
                          "first order of the winning probability in h");
    else if (status == QSG_ENOEXIST)
        status = QSG_OK;
out:
    free(values);
    return status;
}

/* Gamma to infinity (absorption.md, eq. 9): the odds of the weaker label fall from w as e^-st, and the last few of it die out like a
 * branching process, so that P(T <= t) = exp(-2 Gamma w e^-st), s = rate Gamma. */
static qsg_status put_strong_times(const qsg_model *model, const weak_selection *s, double weaker, bool mean_too,
                                   const predict_column *column, const qsg_predict_request *request, qsg_result *result, qsg_error *error)
{
    static const struct { double level; const char *path; } quantiles[] = {
        {0.1, "fixation.quantiles.0\\.1"}, {0.5, "fixation.quantiles.0\\.5"}, {0.9, "fixation.quantiles.0\\.9"}};
    const char *const limit = strong[model->exchange == QSG_BROADCAST];
    const double gamma = fabs(s->gamma), speed = s->rate * gamma, start = log(2 * gamma * weaker / (1 - weaker));
    if (mean_too) {
        qsg_result_number(result, "fixation.mean_time", (start + M_EULER) / speed, "interactions", QSG_ASYMPTOTIC, limit);
        qsg_result_number(result, "fixation.sd_time", M_PI / sqrt(6) / speed, "interactions", QSG_ASYMPTOTIC, limit);
    }
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++)
        qsg_result_number(result, quantiles[i].path, (start - log(-log(quantiles[i].level))) / speed, "interactions",
                          QSG_ASYMPTOTIC, limit);
    double *values = malloc((request->n + 1) * sizeof *values);
    if (!values)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", request->n);
    for (size_t i = 0; i < request->n; i++)
        values[i] = -expm1(-exp(start - speed * request->times[i]));
    if (request->n)
        predict_table(request, column, 1, values, result);
    free(values);
    return QSG_OK;
}

/* Times to consensus for two labels, as far as weak selection and the diffusion limit go. */
static qsg_status put_times(const qsg_model *model, const qsg_predict_request *request, weak_selection s,
                            qsg_result *result, qsg_error *error)
{
    static const predict_column column = {"unresolved", "unresolved", "no consensus yet, in the diffusion limit of strong selection",
                                          QSG_ASYMPTOTIC};
    const double gamma = fabs(s.gamma), p = model->start.p[0], weaker = s.gamma > 0 ? model->start.p[1] : p;
    const char *reason = model->labels != 2 ? "with a field the law of the time is known for two labels: qsg simulate"
                         : !is_slow(model)  ? "no separation of time scales, or the mean belief stops moving: qsg simulate"
                         : fabs(model->field[0] - model->field[1]) > STRONG_FIELD
                             ? "the field is too strong for the diffusion of weak selection: qsg simulate" : NULL;
    const bool sure = 2 * gamma * fmin(p, 1 - p) > SURE_GAMMA;
    if (!reason && !(gamma <= MAX_GAMMA) && !sure)
        reason = "gamma is too large for the panels of the law and too small for its limit at this start";
    if (reason) {
        if (isnan(qsg_result_get(result, "fixation.mean_time")))
            qsg_result_number(result, "fixation.mean_time", NAN, "interactions", QSG_ASYMPTOTIC, reason);
        return QSG_OK;
    }
    qsg_status status = QSG_OK;
    const bool solved = gamma <= MAX_GAMMA;
    if (solved)
        status = predict_absorption(model, genic, &s, s.rate, p, gamma <= MAX_LAW_GAMMA, weak[model->exchange == QSG_BROADCAST], request, result, error);
    if (!status && gamma > MAX_LAW_GAMMA && sure)
        status = put_strong_times(model, &s, weaker, !solved, &column, request, result, error);
    return status;
}

qsg_status predict_selection(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                             qsg_error *error)
{
    weak_selection s;
    qsg_error local = {""};
    qsg_model neutral = *model; /* borrows the arrays */
    neutral.field = NULL;
    qsg_status status = qsg_moments_slow_rate(&neutral, &s.rate, error);
    if (status)
        return status;
    qsg_result_number(result, "slow_rate", s.rate, "per interaction", QSG_EXACT,
                      "slowest decay rate of E[1-U] without the field");
    qsg_result_number(result, "slow_rate_meanfield", qsg_meanfield_slow_rate(model), "per interaction", QSG_MEANFIELD,
                      predict_paper(model, "alpha^2/(m N^2), the paper's"));
    status = put_gamma(model, result, &s.gamma, error ? error : &local);
    if (!status)
        status = put_probability(model, request, result, error ? error : &local);
    if (!status)
        status = put_times(model, request, s, result, error);
    return status;
}
