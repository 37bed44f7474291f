/* One point of a sweep: from options to a row of texts.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/result_private.h"
#include "cli/sweep.h"

/* Share of runs that label 1 led, and a standard error that is not zero when it never or always did (Agresti & Coull:
 * two successes and two failures are added). */
static void put_share(const qsg_ensemble_request *request, qsg_result *result)
{
    const double *wins = qsg_result_get_vector(result, "wins", NULL), n = (double)request->runs;
    const double smooth = (wins[0] + 2) / (n + 4);
    qsg_result_number(result, "win.share", wins[0] / n, "", QSG_SIMULATED, "runs that label 1 led at the threshold");
    qsg_result_number(result, "win.se", sqrt(smooth * (1 - smooth) / (n + 4)), "", QSG_SIMULATED,
                      "its standard error, two runs added to each side");
}

/* What --target-se may name, and where its standard error is. */
static const struct { const char *name, *path; bool at_last_time; } targets[] = {
    {"U", "U_se", true}, {"V", "V_se", true}, {"S", "S_se", true},
    {"consensus_time", "consensus_time.se", false}, {"win.share", "win.se", false}};

bool sweep_is_target(const char *name)
{
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        if (strcmp(name, targets[i].name) == 0)
            return true;
    return false;
}

static double error_of(const qsg_result *result, const char *name)
{
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        size_t n = 0;
        const double *column = qsg_result_get_vector(result, targets[i].path, &n);
        if (strcmp(name, targets[i].name) == 0)
            return !targets[i].at_last_time ? qsg_result_get(result, targets[i].path) : n ? column[n - 1] : NAN;
    }
    return NAN;
}

/* Runs that should reach the target, from what `runs` gave: a twentieth more than in proportion, in whole blocks. */
static uint64_t more_runs(uint64_t runs, uint64_t block, double ratio, uint64_t cap)
{
    const double wanted = fmax((double)runs * fmin(ratio * ratio * 1.05, 1e6), (double)runs + (double)block);
    const double whole = ceil(wanted / (double)block) * (double)block;
    return whole < (double)cap ? (uint64_t)whole : cap;
}

/* A row is what `simulate --runs n` says at the n where the target is first met: each try starts anew, which costs
 * less than twice the last one. */
static qsg_status simulate(const sweep *self, const job *work, qsg_ensemble_request *request, qsg_result **result,
                           char *remark, size_t room, qsg_error *error)
{
    const uint64_t block = request->runs;
    for (;;) {
        qsg_status status = (self->diffusion ? qsg_paths_simulate : qsg_simulate)(&work->model, request, *result, error);
        if (status)
            return status;
        put_share(request, *result);
        const double se = self->target ? error_of(*result, self->target) : 0;
        if (!self->target || se <= self->target_se)
            return QSG_OK;
        if (isnan(se) && request->runs > 1) {
            snprintf(remark, room, "%s has no standard error", self->target);
            return QSG_OK;
        }
        if (request->runs >= self->max_runs) {
            snprintf(remark, room, "target not reached");
            return QSG_OK;
        }
        request->runs = more_runs(request->runs, block, isnan(se) ? 1 : se / self->target_se, self->max_runs);
        qsg_result_free(*result);
        *result = qsg_result_new();
    }
}

/* The strength of a field beside what compare says. */
static void put_gamma(const qsg_model *model, qsg_result *result)
{
    double gamma;
    if (qsg_model_uses(model) != QSG_USES_FIELD || !isnan(qsg_result_get(result, "gamma")))
        return;
    if (qsg_fixation_gamma(model, &gamma, NULL) == QSG_OK)
        qsg_result_number(result, "gamma", gamma, "", QSG_EXACT, "strength of the field");
    if (qsg_fixation_gamma_meanfield(model, &gamma, NULL) == QSG_OK)
        qsg_result_number(result, "gamma_meanfield", gamma, "", QSG_MEANFIELD, "m N h/alpha, the paper's");
}

static qsg_status run_verb(const sweep *self, const job *work, qsg_ensemble_request *request, qsg_result **result,
                           char *remark, size_t room, qsg_error *error)
{
    const qsg_predict_request times = {.times = work->times, .n = work->n, .consensus = work->consensus};
    qsg_status status;
    switch (self->verb) {
    case DO_PREDICT: status = qsg_predict(&work->model, &times, *result, error); break;
    case DO_SIMULATE: status = simulate(self, work, request, result, remark, room, error); break;
    default:
        status = qsg_compare(&work->model, &work->model, request, *result, error);
        if (!status)
            put_gamma(&work->model, *result);
    }
    return status ? status : qsg_result_status(*result);
}

static const entry *find_entry(const qsg_result *result, const char *path)
{
    for (size_t i = 0; i < result->n; i++)
        if (strcmp(result->entries[i].path, path) == 0)
            return &result->entries[i];
    return NULL;
}

/* One cell: "number:basis:unit", or "-". */
static void put_cell(FILE *stream, const qsg_result *result, const sweep_column *column)
{
    const entry *e = find_entry(result, column->path);
    double value = NAN;
    if (e && column->element) {
        const size_t i = column->element == SIZE_MAX ? e->n : column->element;
        value = e->values && i >= 1 && i <= e->n ? e->values[i - 1] : NAN;
    } else if (e) {
        value = qsg_result_get(result, column->path);
    }
    if (isfinite(value))
        fprintf(stream, "%.17g:%d:%s\t", value, (int)e->basis, e->unit);
    else
        fputs("-\t", stream);
}

/* The row; `result` is NULL at a refused point. */
static qsg_status make_row(const sweep *self, const qsg_result *result, const char *text, char **row, qsg_error *error)
{
    size_t size;
    char *made = NULL;
    FILE *stream = open_memstream(&made, &size);
    if (!stream)
        return qsg_fail(error, QSG_ENOMEM, "no memory for a row");
    for (size_t i = 0; i < self->n_columns; i++)
        if (result)
            put_cell(stream, result, &self->columns[i]);
        else
            fputs("-\t", stream);
    for (; *text; text++) /* one cell, which gnuplot must not take for the start of a string */
        fputc((unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text == '"' ? '\'' : *text, stream);
    if (fclose(stream) != 0) {
        free(made);
        return qsg_fail(error, QSG_ENOMEM, "no memory for a row");
    }
    *row = made;
    return QSG_OK;
}

qsg_status sweep_point(const sweep *self, size_t point, unsigned threads, char **row, qsg_error *error)
{
    failure heard = {QSG_OK, {""}};
    options local = *self->opts;
    job work = {0};
    qsg_ensemble_request request = {0};
    char remark[64] = SWEEP_OK;
    local.verb = sweep_verb_names[self->verb];
    local.settings = (qsg_settings){0};
    qsg_status status = qsg_sweep_settings(&self->grid, &self->opts->settings, point, &local.settings);
    if (status)
        return qsg_fail(error, status, "no memory for a point");
    listen_to_failures(&heard);
    /* a law that does not cover a model says so itself; the phases of evidence are what compare makes of single runs */
    int code = job_init(&work, &local, self->verb == DO_COMPARE ? ~(unsigned)QSG_USES_EVIDENCE : ~0u);
    if (!code && self->verb != DO_PREDICT)
        code = job_ensemble(&work, &request);
    listen_to_failures(NULL);
    qsg_result *result = qsg_result_new();
    if (code)
        status = heard.status;
    else if (!result)
        status = qsg_fail(&heard.error, QSG_ENOMEM, "no memory for a result");
    if (!status) {
        request.threads = threads;
        request.share = self->share;
        request.share_context = self->share_context;
        request.seed = (request.seed + point) & INT64_MAX;
        status = run_verb(self, &work, &request, &result, remark, sizeof remark, &heard.error);
    }
    if (status == QSG_ENOMEM || status == QSG_EIO)
        *error = heard.error;
    else if (status)
        status = make_row(self, NULL, *heard.error.message ? heard.error.message : qsg_strerror(status), row, error);
    else
        status = make_row(self, result, remark, row, error);
    qsg_result_free(result);
    job_free(&work);
    qsg_settings_free(&local.settings);
    return status;
}
