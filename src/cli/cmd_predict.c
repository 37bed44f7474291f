/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "cli/cli.h"

int cmd_predict(options *opts)
{
    qsg_error error = {""};
    qsg_model model = {0};
    qsg_predict_request request = {0};
    double *times = NULL;
    qsg_result *result = NULL;
    int code = options_real(opts, OPT_CONSENSUS, 0.95, 0, 1, &request.consensus);
    if (code)
        return code;
    qsg_status status = qsg_model_init(&model, &opts->settings, &error);
    if (status)
        return fail(status, &error);
    code = options_times(opts, &model, qsg_predict_rate(&model), qsg_predict_span(&model, request.consensus), &times,
                         &request.n);
    if (!code) {
        request.times = times;
        result = new_result(opts, &model);
        status = qsg_predict(&model, &request, result, &error);
        if (status) {
            qsg_result_free(result);
            code = fail(status, &error);
        } else {
            code = write_result(opts, result);
        }
    }
    free(times);
    qsg_model_free(&model);
    return code;
}
