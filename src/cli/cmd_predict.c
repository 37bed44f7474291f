/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/* The times again, in generations: a round is one, the unit c is 1/rate. */
static int count_generations(job *work, const options *opts)
{
    const double n = (double)work->model.agents, cheap = 1e9 / (20 * n * sqrt(n)); /* a second's work */
    double *times, rate = 0;
    size_t count;
    qsg_model clock = work->model;
    clock.agents = 1;
    if (qsg_wright_fisher_rate(&work->model, &rate, NULL))
        rate = 0;
    int code = options_times(opts, &clock, rate, ceil(fmin(3 / (rate > 0 ? rate : 1 / n), cheap)), &times, &count);
    if (code)
        return code;
    free(work->times);
    work->times = times;
    work->n = count;
    return EXIT_DONE;
}

int cmd_predict(options *opts)
{
    qsg_error error = {""};
    job work = {0};
    const char *chain = opts->texts[OPT_CHAIN];
    if (chain && strcmp(chain, "wright-fisher") != 0)
        return fail(qsg_fail(&error, QSG_EINPUT, "--chain is unknown (%.100s); expected wright-fisher", chain), &error);
    int code = job_init(&work, opts, QSG_USES_FIELD | QSG_USES_TEMPER | QSG_USES_INNOVATION | QSG_USES_ZEALOTS | QSG_USES_GRAPH |
                                   QSG_USES_AGENTS_FILE | QSG_USES_PAIRS | QSG_USES_ADOPTION | QSG_USES_EVIDENCE);
    if (!code && chain)
        code = count_generations(&work, opts);
    uint64_t top = 0;
    if (!code)
        code = options_whole(opts, OPT_TOP, 0, 1, 1000000, &top);
    if (code) {
        job_free(&work);
        return code;
    }
    const qsg_predict_request request = {work.times, work.n, work.consensus, (size_t)top};
    qsg_result *result = new_result(opts, &work.model);
    qsg_status status = (chain ? qsg_wright_fisher_predict : qsg_predict)(&work.model, &request, result, &error);
    if (status) {
        qsg_result_free(result);
        code = fail(status, &error);
    } else {
        code = write_result(opts, result);
    }
    job_free(&work);
    return code;
}
