/* All that can be said about a transcript (doc/theory/inference.md).  SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
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

/* Intervals of all that was estimated, into fit->intervals by parameter, until one of them moves the top. */
static qsg_status find_intervals(transcript_fit *fit, bool *moved, qsg_error *error)
{
    const size_t full = qsg_likelihood_parameters(fit->likelihood), K = fit->model->labels;
    qsg_status status = QSG_OK;
    for (size_t i = 0; i < full && !status && !*moved; i++) {
        const size_t group = i < QSG_PAR_FIELD ? i : QSG_PAR_FIELD;
        if (fit->best.free >> group & 1 && (i <= QSG_PAR_FIELD || K > 2))
            status = qsg_fit_interval_of(&fit->best, fit->likelihood, i, 0.95, &fit->intervals[i], moved, error);
    }
    return status;
}

/* The nested models and the intervals; again from the start when either finds a higher top. */
static qsg_status settle(transcript_fit *fit, qsg_error *error)
{
    bool moved = true;
    qsg_status status = QSG_OK;
    for (int tries = 0; tries < 8 && moved && !status; tries++) {
        status = fit_compare_models(fit, &moved, error);
        if (!status && !moved)
            status = find_intervals(fit, &moved, error);
        if (!status && !moved && fit->options->profiles)
            status = fit_trace_profiles(fit, &moved, error);
    }
    return status || !moved ? status : qsg_fail(error, QSG_ENUMERIC, "the likelihood has too many tops to be profiled");
}

void transcript_fit_free(transcript_fit *self)
{
    qsg_likelihood_free(self->likelihood);
    qsg_maximum_free(&self->best);
    free(self->intervals);
    profile_curves_free(&self->profiles);
    free(self->resampled);
    free(self->games.played);
    free(self->games.law);
    qsg_coordination_free(&self->games.coordination);
    free(self->fresh.wins);
    *self = (transcript_fit){0};
}

static qsg_status estimate(transcript_fit *fit, unsigned groups, qsg_error *error)
{
    qsg_status status = qsg_likelihood_new(fit->model, fit->data, &fit->likelihood, error);
    if (status)
        return status;
    const size_t full = qsg_likelihood_parameters(fit->likelihood);
    if (fit->data->n_rows < full)
        return qsg_fail(error, QSG_EINPUT, "the transcript has %zu rows for up to %zu parameters; expected more rows",
                        fit->data->n_rows, full);
    double *start = malloc(full * sizeof *start);
    fit->intervals = calloc(full, sizeof *fit->intervals);
    if (!start || !fit->intervals) {
        status = qsg_fail(error, QSG_ENOMEM, "no memory to fit %zu parameters", full);
    } else {
        theta_of(fit->model, start);
        status = qsg_fit_maximize(&fit->best, fit->likelihood, groups, start, NULL, true, error);
        if (status == QSG_EDOMAIN) /* the start was inside, so the climb left the domain */
            status = qsg_fail(error, QSG_ENUMERIC, "the likelihood of the %zu rows has no maximum that can be found; "
                              "expected more rows or fewer parameters (--fit)", fit->data->n_rows);
    }
    if (!status)
        status = settle(fit, error);
    free(start);
    return status;
}

/* The first row of an interaction with several listeners; n_rows when there is none. */
static size_t first_broadcast(const qsg_transcript *data)
{
    size_t i = 1;
    while (i < data->n_rows && !(data->rows[i].run == data->rows[i - 1].run && data->rows[i].t == data->rows[i - 1].t))
        i++;
    return i < data->n_rows ? i - 1 : i;
}

/* Games are played as the model says, so it must be what the rows tell. */
static qsg_status check_exchange(const qsg_model *model, const qsg_transcript *data, qsg_error *error)
{
    const bool many = data->single && !data->paired && first_broadcast(data) < data->n_rows;
    if (!data->paired && data->single && model->agents > 2 && many != (model->exchange == QSG_BROADCAST) && model->exchange != QSG_MUTUAL)
        return qsg_fail(error, QSG_EMODEL, "%s in the transcript (exchange %s); expected %s",
                        many ? "many listen at a time" : "one agent listens at a time", model->texts[QSG_EXCHANGE],
                        many ? "broadcast" : "oneway");
    if (data->paired != (model->exchange == QSG_MUTUAL))
        return qsg_fail(error, QSG_EMODEL, "%s in the transcript (exchange %s); expected %s",
                        data->paired ? "both agents of each interaction speak" : "one agent speaks at a time",
                        model->texts[QSG_EXCHANGE], data->paired ? "mutual" : "oneway or broadcast");
    return QSG_OK;
}

static void put_data(const transcript_fit *fit, qsg_result *result)
{
    const qsg_transcript *data = fit->data;
    char path[48];
    qsg_result_integer(result, "data.runs", (int64_t)data->n_runs, "", QSG_OBSERVED, "independent runs");
    qsg_result_integer(result, "data.rows", (int64_t)data->n_rows, "", QSG_OBSERVED, "rows of the transcript");
    qsg_result_integer(result, "data.agents", (int64_t)data->agents, "", QSG_OBSERVED, "most distinct agents in a run");
    for (size_t k = 0; k < fit->model->labels && k < 1000; k++) {
        snprintf(path, sizeof path, "data.labels.%zu", k);
        qsg_result_text(result, path, fit_label(fit, k), "in the order of all that is given a label");
    }
}

static void put_all(const transcript_fit *fit, qsg_result *result)
{
    put_data(fit, result);
    fit_put_estimates(fit, result);
    fit_put_tests(fit, result);
    fit_put_predictive(fit, result);
    fit_put_games(fit, result);
    fit_put_verdict(fit, result);
    fit_put_models(fit, result);
    fit_put_games_table(fit, result);
    fit_put_calibration_table(fit, result);
    fit_put_winners_table(fit, result);
    fit_put_profiles_table(fit, result);
}

qsg_status qsg_fit_transcript(const qsg_model *model, const qsg_transcript *data, const qsg_fit_options *options,
                              qsg_result *result, qsg_error *error)
{
    static qsg_status (*const parts[])(transcript_fit *, qsg_error *) = {
        fit_identify, fit_run_tests, fit_hold_out, fit_calibrate, fit_replay_games, fit_look_ahead};
    transcript_fit fit = {.model = model, .data = data, .options = options};
    const unsigned groups = options->groups ? options->groups & QSG_FIT_ALL : QSG_FIT_ALL;
    qsg_status status = check_exchange(model, data, error);
    if (!status)
        status = estimate(&fit, groups, error);
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !status; i++)
        status = parts[i](&fit, error);
    if (!status)
        put_all(&fit, result);
    transcript_fit_free(&fit);
    return status;
}
