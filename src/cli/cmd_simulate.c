/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cli.h"
#include "cli/progress.h"

int cmd_simulate(options *opts)
{
    qsg_error error = {""};
    job work = {0};
    qsg_ensemble_request request;
    bool diffusion;
    int code = job_method(opts, &diffusion);
    if (!code)
        code = job_init(&work, opts, QSG_USES_FIELD | QSG_USES_TEMPER | QSG_USES_INNOVATION);
    if (code)
        return code;
    code = job_ensemble(&work, &request);
    if (!code) {
        progress bar = progress_start("runs", opts->texts[OPT_QUIET] != NULL);
        qsg_result *result = new_result(opts, &work.model);
        request.progress = progress_update;
        request.progress_context = &bar;
        qsg_status status = diffusion ? qsg_paths_simulate(&work.model, &request, result, &error)
                                      : qsg_simulate(&work.model, &request, result, &error);
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
    job_free(&work);
    return code;
}
