/* Estimates, their intervals and how well they can be told apart.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>

#include "infer/fit_private.h"

const char *fit_label(const transcript_fit *self, size_t k)
{
    return k < self->data->n_labels ? self->data->labels[k] : "(never said)";
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
        char name[32] = "field", meaning[120];
        if (K > 2)
            snprintf(name, sizeof name, "field.%zu", k);
        if (K == 2)
            snprintf(meaning, sizeof meaning, "h on label %.40s, 0 on %.40s", fit_label(self, 0), fit_label(self, 1));
        else
            snprintf(meaning, sizeof meaning, "h on label %.40s; they sum to 0", fit_label(self, k));
        put_one(result, name, best->theta[QSG_PAR_FIELD + k], at->low, at->high, best->at_bound[QSG_PAR_FIELD],
                at->low_bound, at->high_bound, meaning);
    }
    qsg_result_number(result, "loglik", best->loglik, "nats", QSG_OBSERVED, "largest log-likelihood");
    qsg_result_number(result, "aic", 2 * (double)best->n_free - 2 * best->loglik, "nats", QSG_OBSERVED, "");
    qsg_result_number(result, "bic", log(n) * (double)best->n_free - 2 * best->loglik, "nats", QSG_OBSERVED, "");
    qsg_result_integer(result, "n_observations", (int64_t)n, "utterances", QSG_OBSERVED, "");
    qsg_result_integer(result, "n_parameters", (int64_t)best->n_free, "", QSG_OBSERVED, "");
    qsg_result_integer(result, "search.starts", (int64_t)best->starts, "", QSG_OBSERVED, "climbs, from the best of a grid");
    qsg_result_integer(result, "search.agreeing", (int64_t)best->agreeing, "", QSG_OBSERVED,
                       "of these, climbs that ended within 0.01 nats of the top");
}
