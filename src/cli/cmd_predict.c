/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "cli/cli.h"

int cmd_predict(options *opts)
{
    qsg_error error = {""};
    job work = {0};
    int code = job_init(&work, opts, QSG_USES_FIELD | QSG_USES_TEMPER | QSG_USES_INNOVATION | QSG_USES_ZEALOTS | QSG_USES_GRAPH |
                                   QSG_USES_AGENTS_FILE | QSG_USES_PAIRS | QSG_USES_ADOPTION | QSG_USES_EVIDENCE);
    if (code)
        return code;
    uint64_t top;
    code = options_whole(opts, OPT_TOP, 0, 1, 1000000, &top);
    if (code) {
        job_free(&work);
        return code;
    }
    const qsg_predict_request request = {work.times, work.n, work.consensus, (size_t)top};
    const char *chain = opts->texts[OPT_CHAIN];
    if (chain && strcmp(chain, "wright-fisher") != 0) {
        job_free(&work);
        return fail(qsg_fail(&error, QSG_EINPUT, "--chain is unknown (%.100s); expected wright-fisher", chain), &error);
    }
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
