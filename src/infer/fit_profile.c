/* Profile likelihoods as curves (doc/theory/inference.md, eq. 9).  SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "infer/fit_climb.h"
#include "infer/fit_private.h"

/* Where a curve is known, in units of the interval's two halves: its ends are among them. */
static const double places[] = {-1.35, -1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1, 1.35};
enum { PLACES = sizeof places / sizeof *places };

void profile_curves_free(profile_curves *self)
{
    free(self->parameter);
    free(self->value);
    free(self->deviance);
    *self = (profile_curves){0};
}

static bool is_profiled(const transcript_fit *fit, size_t parameter)
{
    const size_t group = parameter < QSG_PAR_FIELD ? parameter : QSG_PAR_FIELD;
    return fit->best.free >> group & 1 && (parameter <= QSG_PAR_FIELD || fit->model->labels > 2);
}

/* The values of one curve, ascending; how many.  T is spread evenly, not 1/T. */
static size_t spread_values(const transcript_fit *fit, size_t parameter, double values[static PLACES])
{
    const bool inverse = parameter == QSG_PAR_SHARPNESS;
    const qsg_fit_interval *at = &fit->intervals[parameter];
    const double top = fit->best.theta[parameter], middle = inverse ? 1 / top : top;
    const double low = inverse ? 1 / at->high : at->low, high = inverse ? 1 / at->low : at->high;
    size_t n = 0;
    for (int i = 0; i < PLACES; i++) {
        const double u = places[inverse ? PLACES - 1 - i : i];
        const double shown = middle + fabs(u) * ((u < 0 ? low : high) - middle);
        const double value = u == 0 ? top : inverse ? 1 / shown : shown;
        if (n == 0 || value > values[n - 1])
            values[n++] = value;
    }
    return n;
}

static qsg_status trace_one(transcript_fit *fit, size_t parameter, bool *moved, qsg_error *error)
{
    profile_curves *out = &fit->profiles;
    double values[PLACES], deviance[PLACES];
    const size_t n = spread_values(fit, parameter, values);
    qsg_status status = qsg_fit_profile(&fit->best, fit->likelihood, parameter, n, values, deviance, moved,
                                        error);
    for (size_t i = 0; i < n && !status; i++) {
        if (!isfinite(deviance[i]))
            continue;
        out->parameter[out->n] = parameter;
        out->value[out->n] = parameter == QSG_PAR_SHARPNESS ? 1 / values[i] : values[i];
        out->deviance[out->n++] = deviance[i];
    }
    return status;
}

qsg_status fit_trace_profiles(transcript_fit *fit, bool *moved, qsg_error *error)
{
    const size_t full = qsg_likelihood_parameters(fit->likelihood);
    profile_curves *out = &fit->profiles;
    qsg_status status = QSG_OK;
    profile_curves_free(out);
    out->parameter = malloc(full * PLACES * sizeof *out->parameter);
    out->value = malloc(full * PLACES * sizeof *out->value);
    out->deviance = malloc(full * PLACES * sizeof *out->deviance);
    if (!out->parameter || !out->value || !out->deviance)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the profiles of %zu parameters", full);
    for (size_t i = 0; i < full && !status && !*moved; i++)
        if (is_profiled(fit, i))
            status = trace_one(fit, i, moved, error);
    return status;
}

void fit_put_profiles_table(const transcript_fit *fit, qsg_result *result)
{
    const profile_curves *p = &fit->profiles;
    char (*text)[32] = malloc((p->n + 1) * sizeof *text);
    const char **names = malloc((p->n + 1) * sizeof *names);
    for (size_t i = 0; text && names && i < p->n; i++) {
        fit_parameter_name(fit, p->parameter[i], text[i], sizeof text[i]);
        names[i] = text[i];
    }
    if (!text || !names)
        qsg_result_fail(result, QSG_ENOMEM);
    if (text && names && p->n) {
        qsg_result_next_table(result);
        qsg_result_text_column(result, "parameter", "profiles.parameter", p->n, names, "what is held");
        qsg_result_column(result, "held_at", "profiles.value", p->n, p->value, "", QSG_INPUT, "");
        qsg_result_column(result, "deviance", "profiles.deviance", p->n, p->deviance, "", QSG_OBSERVED,
                          "twice the loss of log-likelihood; 3.84 ends the 95% interval");
    }
    free(text);
    free(names);
}
