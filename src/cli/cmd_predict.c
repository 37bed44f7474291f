/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cli.h"

int cmd_predict(options *opts)
{
    qsg_error error = {""};
    job work = {0};
    int code = job_init(&work, opts, QSG_USES_FIELD | QSG_USES_TEMPER | QSG_USES_INNOVATION | QSG_USES_ZEALOTS |
                                          QSG_USES_ADOPTION | QSG_USES_PAIRS);
    if (code)
        return code;
    const qsg_predict_request request = {work.times, work.n, work.consensus};
    qsg_result *result = new_result(opts, &work.model);
    qsg_status status = qsg_predict(&work.model, &request, result, &error);
    if (status) {
        qsg_result_free(result);
        code = fail(status, &error);
    } else {
        code = write_result(opts, result);
    }
    job_free(&work);
    return code;
}
