/* All that can be said about a transcript (doc/theory/inference.md).  SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "infer/fit_private.h"

/* The point of parameter space that a model stands for; start of the search. */
static void theta_of(const qsg_model *model, double *theta)
{
    theta[QSG_PAR_ALPHA] = model->alpha;
    theta[QSG_PAR_SELF] = model->self;
    theta[QSG_PAR_SHARPNESS] = 1 / model->temper;
    theta[QSG_PAR_INNOVATION] = model->innovation;
    for (size_t k = 0; k < model->labels; k++)
        theta[QSG_PAR_FIELD + k] = model->field ? model->field[k] : 0;
}

/* Intervals of all that was estimated, into fit->intervals by parameter; again when one of them moved the top. */
static qsg_status find_intervals(transcript_fit *fit, qsg_error *error)
{
    const size_t full = qsg_likelihood_parameters(fit->likelihood), K = fit->model->labels;
    bool moved = true;
    qsg_status status = QSG_OK;
    for (int tries = 0; tries < 4 && moved && !status; tries++) {
        moved = false;
        for (size_t i = 0; i < full && !status && !moved; i++) {
            const size_t group = i < QSG_PAR_FIELD ? i : QSG_PAR_FIELD;
            if (!(fit->best.free >> group & 1) || (i > QSG_PAR_FIELD && K == 2))
                continue;
            status = qsg_fit_interval_of(&fit->best, fit->likelihood, i, 0.95, &fit->intervals[i], &moved, error);
        }
    }
    return status;
}

void transcript_fit_free(transcript_fit *self)
{
    qsg_likelihood_free(self->likelihood);
    qsg_maximum_free(&self->best);
    free(self->intervals);
    *self = (transcript_fit){0};
}

static qsg_status estimate(transcript_fit *fit, unsigned groups, qsg_error *error)
{
    qsg_status status = qsg_likelihood_new(fit->model, fit->data, &fit->likelihood, error);
    if (status)
        return status;
    const size_t full = qsg_likelihood_parameters(fit->likelihood);
    double *start = malloc(full * sizeof *start);
    fit->intervals = calloc(full, sizeof *fit->intervals);
    if (!start || !fit->intervals) {
        status = qsg_fail(error, QSG_ENOMEM, "no memory to fit %zu parameters", full);
    } else {
        theta_of(fit->model, start);
        status = qsg_fit_maximize(&fit->best, fit->likelihood, groups, start, NULL, true, error);
    }
    if (!status)
        status = find_intervals(fit, error);
    free(start);
    return status;
}

qsg_status qsg_fit_transcript(const qsg_model *model, const qsg_transcript *data, const qsg_fit_options *options,
                              qsg_result *result, qsg_error *error)
{
    transcript_fit fit = {.model = model, .data = data, .options = options};
    const unsigned groups = options->groups ? options->groups & QSG_FIT_ALL : QSG_FIT_ALL;
    qsg_status status = estimate(&fit, groups, error);
    if (!status)
        fit_put_estimates(&fit, result);
    transcript_fit_free(&fit);
    return status;
}
