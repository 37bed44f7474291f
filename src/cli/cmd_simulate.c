/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/progress.h"

/* Runs beyond this many units of 1/slow rate are as good as never: e^-60 of them are left. */
#define PATIENCE 60
#define LONGEST 1e18 /* interactions that a simulation accepts */

/* How long consensus is waited for when nobody says: 0 where it may never come. */
static double patience(const qsg_model *model, double slow_rate)
{
    if (slow_rate == 0 && qsg_model_uses(model) && model->temper <= 1 && model->innovation == 0)
        slow_rate = qsg_meanfield_slow_rate(model); /* selection and sharpening only hasten it */
    return slow_rate > 0 ? fmin(ceil(PATIENCE / slow_rate), LONGEST) : 0;
}

/* Times and horizon of the request; an exit code. */
static int read_times(const options *opts, const qsg_model *model, qsg_ensemble_request *request, double **times)
{
    double rate = 0, horizon;
    if (qsg_model_uses(model) || qsg_moments_slow_rate(model, &rate, NULL))
        rate = 0;
    int code = options_times(opts, model, rate, qsg_predict_span(model, request->consensus), times, &request->n);
    if (code)
        return code;
    horizon = (*times)[request->n - 1];
    if (!opts->texts[OPT_AT] && !opts->texts[OPT_UNTIL])
        horizon = fmax(horizon, patience(model, rate));
    request->times = *times;
    return options_time(opts, OPT_HORIZON, model, rate, horizon, &request->horizon);
}

static int read_counts(const options *opts, qsg_ensemble_request *request)
{
    uint64_t threads = 0;
    int code = options_real(opts, OPT_CONSENSUS, 0.95, 0, 1, &request->consensus);
    if (!code)
        code = options_whole(opts, OPT_RUNS, 1000, 1, 1000000000, &request->runs);
    if (!code)
        code = options_whole(opts, OPT_SEED, 1, 0, INT64_MAX, &request->seed);
    if (!code)
        code = options_whole(opts, OPT_THREADS, 0, 0, 4096, &threads);
    request->threads = (unsigned)threads;
    return code;
}

int cmd_simulate(options *opts)
{
    qsg_error error = {""};
    qsg_model model = {0};
    qsg_ensemble_request request = {0};
    double *times = NULL;
    int code = read_counts(opts, &request);
    if (code)
        return code;
    qsg_status status = qsg_model_init(&model, &opts->settings, &error);
    if (status)
        return fail(status, &error);
    code = read_times(opts, &model, &request, &times);
    if (!code) {
        progress bar = progress_start("runs", opts->texts[OPT_QUIET] != NULL);
        qsg_result *result = new_result(opts, &model);
        request.progress = progress_update;
        request.progress_context = &bar;
        status = qsg_simulate(&model, &request, result, &error);
        progress_end(&bar);
        if (status) {
            qsg_result_free(result);
            code = fail(status, &error);
        } else {
            if (opts->texts[OPT_JSON]) /* the table is the same bytes whenever it is made */
                qsg_result_number(result, "seconds", seconds_now() - bar.start, "seconds", QSG_OBSERVED, "wall clock");
            code = write_result(opts, result);
        }
    }
    free(times);
    qsg_model_free(&model);
    return code;
}
