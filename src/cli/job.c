/* What every verb on a model starts with: the model, the times and the threshold.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/* Whether a time is given in the unit c. */
static bool in_relaxations(const options *opts)
{
    static const verb_option times[] = {OPT_AT, OPT_UNTIL, OPT_HORIZON};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (opts->texts[times[i]] && strchr(opts->texts[times[i]], 'c'))
            return true;
    return false;
}

qsg_status job_check_prior(const options *opts, qsg_error *error)
{
    const char *prior = opts->settings.texts[QSG_PRIOR];
    return !prior || opts->settings.texts[QSG_INNOVATION]
               ? QSG_OK
               : qsg_fail(error, QSG_EINPUT, "--prior says nothing without --innovation (%.100s); expected both", prior);
}

int job_init(job *self, const options *opts, unsigned supported)
{
    qsg_error error = {""};
    job made = {.opts = opts};
    int code = options_real(opts, OPT_CONSENSUS, 0.95, 0, 1, &made.consensus);
    if (code)
        return code;
    qsg_status status = qsg_model_init(&made.model, &opts->settings, &error);
    if (!status)
        status = job_check_prior(opts, &error);
    if (!status)
        status = qsg_model_require(&made.model, supported, opts->verb, &error);
    if (status) {
        qsg_model_free(&made.model);
        return fail(status, &error);
    }
    made.rate = (in_relaxations(opts) ? qsg_predict_rate_patiently : qsg_predict_rate)(&made.model);
    code = options_times(opts, &made.model, made.rate, qsg_predict_span(&made.model, made.consensus), &made.times,
                         &made.n);
    if (code)
        job_free(&made);
    else
        *self = made;
    return code;
}

void job_free(job *self)
{
    free(self->times);
    qsg_model_free(&self->model);
    *self = (job){0};
}

/* How long consensus is waited for when nobody says: a fraction e^-60 of the runs would take longer; 0 where it may
 * never come.  Selection and sharpening only hasten it.  Populations whose rate is not known are given the time of a
 * well-mixed one, which a sparse graph may exceed: what is left is counted as unresolved. */
static double patience(const qsg_model *model, double slow_rate)
{
    const unsigned uses = qsg_model_uses(model);
    if (slow_rate == 0 && !(uses & QSG_USES_INNOVATION) && model->temper <= 1)
        slow_rate = uses & ~(QSG_USES_FIELD | QSG_USES_TEMPER) ? qsg_predict_scale(model)
                    : uses ? qsg_meanfield_slow_rate(model) : 0;
    return slow_rate > 0 ? fmin(ceil(60 / slow_rate), 1e18) : 0;
}

int job_ensemble(const job *self, qsg_ensemble_request *request)
{
    const options *opts = self->opts;
    double horizon = self->times[self->n - 1];
    uint64_t threads;
    *request = (qsg_ensemble_request){.times = self->times, .n = self->n, .consensus = self->consensus};
    int code = options_whole(opts, OPT_RUNS, 1000, 1, QSG_MAX_RUNS, &request->runs);
    if (!code)
        code = options_whole(opts, OPT_SEED, 1, 0, INT64_MAX, &request->seed);
    if (!code)
        code = options_whole(opts, OPT_THREADS, 0, 1, 4096, &threads);
    if (!opts->texts[OPT_AT] && !opts->texts[OPT_UNTIL])
        horizon = fmax(horizon, patience(&self->model, self->rate));
    if (!code)
        code = options_time(opts, OPT_HORIZON, &self->model, self->rate, horizon, &request->horizon);
    if (!code)
        request->threads = (unsigned)threads;
    return code;
}

qsg_status model_of_data(const options *opts, const qsg_transcript *data, const char *exchange, qsg_model *out,
                         qsg_error *error)
{
    qsg_settings settings = {0};
    char number[32];
    qsg_status status = qsg_settings_copy(&settings, &opts->settings);
    if (!status && !settings.texts[QSG_AGENTS]) {
        snprintf(number, sizeof number, "%llu", (unsigned long long)data->agents);
        status = qsg_settings_set(&settings, "agents", number, error);
    }
    if (!status && !settings.texts[QSG_LABELS]) {
        snprintf(number, sizeof number, "%zu", data->n_labels);
        status = data->n_labels > 1 ? qsg_settings_set(&settings, "labels", number, error)
                                    : qsg_fail(error, QSG_EINPUT, "%.200s:%zu: every row has one label (%.60s); expected two "
                                               "or more, or -K", data->path, data->first_line, data->labels[0]);
    }
    if (!status && exchange && !settings.texts[QSG_EXCHANGE])
        status = qsg_settings_set(&settings, "exchange", exchange, error);
    if (!status && !settings.texts[QSG_ALPHA]) /* small: every --self leaves room for it */
        status = qsg_settings_set(&settings, "alpha", "1e-6", error);
    if (!status)
        status = qsg_model_init(out, &settings, error);
    qsg_settings_free(&settings);
    return status;
}

int job_method(const options *opts, bool *diffusion)
{
    const char *text = opts->texts[OPT_METHOD];
    qsg_error error;
    *diffusion = text && strcmp(text, "diffusion") == 0;
    if (text && !*diffusion && strcmp(text, "interactions") != 0)
        return fail(qsg_fail(&error, QSG_EINPUT, "--method is unknown (%.100s); expected interactions or "
                             "diffusion", text), &error);
    if (*diffusion && opts->texts[OPT_HORIZON])
        return fail(qsg_fail(&error, QSG_EINPUT, "--horizon cannot go with --method diffusion (%.100s): nothing is "
                             "seen between the times; expected --at or --until", opts->texts[OPT_HORIZON]), &error);
    return EXIT_DONE;
}
