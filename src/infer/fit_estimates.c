/* Estimates, their intervals and how well they can be told apart.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <lapacke.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "infer/fit_climb.h"
#include "infer/fit_private.h"

const char *fit_label(const transcript_fit *self, size_t k)
{
    return k < self->data->n_labels ? self->data->labels[k] : "(never said)";
}

void fit_parameter_name(const transcript_fit *self, size_t parameter, char *text, size_t room)
{
    if (parameter < QSG_PAR_FIELD || self->model->labels == 2)
        snprintf(text, room, "%s", qsg_fit_group_name(parameter < QSG_PAR_FIELD ? parameter : QSG_PAR_FIELD));
    else
        snprintf(text, room, "field.%zu", parameter - QSG_PAR_FIELD);
}

/* The spread of the eigenvalues of the information, scaled to a unit diagonal (eq. 10), and the two estimates that are
 * most alike. */
static void examine(transcript_fit *fit, climb *at, const direction *d, size_t p)
{
    double *m = at->matrix, *inverse = at->trial_information, *values = at->step;
    for (size_t a = 0; a < p; a++)
        for (size_t b = 0; b < p; b++)
            if (a != b)
                m[a * p + b] /= sqrt(m[a * p + a] * m[b * p + b]);
    for (size_t a = 0; a < p; a++)
        m[a * p + a] = 1;
    memcpy(inverse, m, p * p * sizeof *m);
    if (LAPACKE_dsyev(LAPACK_ROW_MAJOR, 'N', 'L', (lapack_int)p, m, (lapack_int)p, values) || !(values[0] > 0))
        return;
    fit->condition = values[p - 1] / values[0];
    if (LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'L', (lapack_int)p, inverse, (lapack_int)p) ||
        LAPACKE_dpotri(LAPACK_ROW_MAJOR, 'L', (lapack_int)p, inverse, (lapack_int)p))
        return;
    for (size_t a = 0; a < p; a++)
        for (size_t b = 0; b < a; b++) {
            const double c = inverse[a * p + b] / sqrt(inverse[a * p + a] * inverse[b * p + b]);
            if (!(fabs(c) <= fabs(fit->correlation))) {
                fit->correlation = c;
                fit->pair[0] = d[b].plus;
                fit->pair[1] = d[a].plus;
            }
        }
}

qsg_status fit_identify(transcript_fit *fit, qsg_error *error)
{
    climb at;
    double loglik;
    unsigned groups = fit->best.free;
    fit->condition = fit->correlation = NAN;
    for (size_t g = 0; g <= QSG_PAR_FIELD; g++)
        if (fit->best.at_bound[g])
            groups &= ~(1u << g);
    qsg_status status = climb_init(&at, fit->likelihood, groups, NULL, error);
    if (status)
        return status;
    const size_t p = climb_directions(&at, at.directions);
    const qsg_likelihood_request request = {.theta = fit->best.theta, .groups = groups, .gradient = at.gradient,
                                            .information = at.information};
    status = qsg_likelihood_evaluate(fit->likelihood, &request, &loglik, error);
    if (!status && p > 1) {
        climb_reduce(&at, at.information, at.directions, p, at.matrix);
        examine(fit, &at, at.directions, p);
    }
    climb_free(&at);
    return status;
}

static void put_identifiability(const transcript_fit *fit, qsg_result *result)
{
    char names[2][32], text[128];
    qsg_result_number(result, "identifiability.condition", fit->condition, "", QSG_OBSERVED,
                      "of the information, unit diagonal; beyond 1000 the estimates lie on a ridge");
    qsg_result_number(result, "identifiability.correlation", fit->correlation, "", QSG_OBSERVED,
                      "of the two estimates that trade off most");
    if (isnan(fit->correlation))
        return;
    for (int i = 0; i < 2; i++)
        fit_parameter_name(fit, fit->pair[i], names[i], sizeof names[i]);
    snprintf(text, sizeof text, "%s, %s", names[0], names[1]);
    qsg_result_text(result, "identifiability.pair", text, "");
    qsg_result_flag(result, "identifiability.ridge", fit->condition > 1000 || fabs(fit->correlation) > 0.95,
                    "condition above 1000 or correlation above 0.95: only combinations are well known");
}

static void put_resampled(const transcript_fit *fit, qsg_result *result)
{
    char name[32], path[64];
    for (size_t i = 0; fit->resampled && i < qsg_likelihood_parameters(fit->likelihood); i++) {
        const size_t group = i < QSG_PAR_FIELD ? i : QSG_PAR_FIELD;
        const bool inverse = i == QSG_PAR_SHARPNESS;
        if (!(fit->best.free >> group & 1) || (i > QSG_PAR_FIELD && fit->model->labels == 2))
            continue;
        fit_parameter_name(fit, i, name, sizeof name);
        const double low = fit->resampled[i].low, high = fit->resampled[i].high;
        snprintf(path, sizeof path, "estimates.%s.runs_low", name);
        qsg_result_number(result, path, inverse ? 1 / high : low, "", QSG_OBSERVED, "95%, whole runs resampled");
        snprintf(path, sizeof path, "estimates.%s.runs_high", name);
        qsg_result_number(result, path, inverse ? 1 / low : high, "", QSG_OBSERVED, "95%, whole runs resampled");
    }
}

static void put_one(qsg_result *result, const char *name, double value, double low, double high, bool at_bound,
                    bool low_bound, bool high_bound, const char *meaning)
{
    char path[64];
    snprintf(path, sizeof path, "estimates.%s.value", name);
    char text[160];
    snprintf(text, sizeof text, "%s%s", meaning, at_bound ? "; at its bound" : "");
    qsg_result_number(result, path, value, "", QSG_OBSERVED, text);
    snprintf(path, sizeof path, "estimates.%s.low", name);
    qsg_result_number(result, path, low, "", QSG_OBSERVED, low_bound ? "95%, profile likelihood; the bound of the parameter"
                                                                     : "95%, profile likelihood");
    snprintf(path, sizeof path, "estimates.%s.high", name);
    qsg_result_number(result, path, high, "", QSG_OBSERVED, high_bound ? "95%, profile likelihood; the bound of the parameter"
                                                                       : "95%, profile likelihood");
}

void fit_put_estimates(const transcript_fit *self, qsg_result *result)
{
    static const char *const meanings[] = {"adaptation rate of a listener", "own output",
                                           "temperature of the channel", "innovation"};
    const qsg_maximum *best = &self->best;
    const size_t K = self->model->labels;
    const double n = (double)qsg_likelihood_observations(self->likelihood);
    for (size_t i = 0; i < QSG_PAR_FIELD; i++) {
        const qsg_fit_interval *at = &self->intervals[i];
        const double x = best->theta[i];
        if (!(best->free >> i & 1))
            continue;
        if (i == QSG_PAR_SHARPNESS)
            put_one(result, "temper", 1 / x, 1 / at->high, 1 / at->low, best->at_bound[i], at->high_bound, at->low_bound,
                    meanings[i]);
        else
            put_one(result, qsg_fit_group_name(i), x, at->low, at->high, best->at_bound[i], at->low_bound,
                    at->high_bound, meanings[i]);
    }
    for (size_t k = 0; best->free & QSG_FIT_FIELD && k < (K == 2 ? 1 : K); k++) {
        const qsg_fit_interval *at = &self->intervals[QSG_PAR_FIELD + k];
        char name[32], meaning[120];
        fit_parameter_name(self, QSG_PAR_FIELD + k, name, sizeof name);
        if (K == 2)
            snprintf(meaning, sizeof meaning, "h on label %.40s, 0 on %.40s", fit_label(self, 0), fit_label(self, 1));
        else
            snprintf(meaning, sizeof meaning, "h on label %.40s; they sum to 0", fit_label(self, k));
        put_one(result, name, best->theta[QSG_PAR_FIELD + k], at->low, at->high, best->at_bound[QSG_PAR_FIELD],
                at->low_bound, at->high_bound, meaning);
    }
    put_resampled(self, result);
    put_identifiability(self, result);
    qsg_result_number(result, "loglik", best->loglik, "nats", QSG_OBSERVED, "largest log-likelihood");
    qsg_result_number(result, "aic", 2 * (double)best->n_free - 2 * best->loglik, "nats", QSG_OBSERVED, "");
    qsg_result_number(result, "bic", log(n) * (double)best->n_free - 2 * best->loglik, "nats", QSG_OBSERVED, "");
    qsg_result_integer(result, "n_observations", (int64_t)n, "utterances", QSG_OBSERVED, "");
    qsg_result_integer(result, "n_parameters", (int64_t)best->n_free, "", QSG_OBSERVED, "");
    qsg_result_integer(result, "search.starts", (int64_t)best->starts, "", QSG_OBSERVED, "climbs, from the best of a grid");
    qsg_result_integer(result, "search.agreeing", (int64_t)best->agreeing, "", QSG_OBSERVED,
                       "of these, climbs that ended within 0.01 nats of the top");
    qsg_result_flag(result, "search.rough", best->rough,
                    "the top is a kink of a sharp channel: intervals and tests are approximate there");
}
