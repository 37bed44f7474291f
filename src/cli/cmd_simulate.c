/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "cli/cli.h"
#include "cli/progress.h"

/* --method: what runs, and that no option of the other is given. */
static int read_method(const options *opts, bool *diffusion)
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

int cmd_simulate(options *opts)
{
    qsg_error error = {""};
    job work = {0};
    qsg_ensemble_request request;
    bool diffusion;
    int code = read_method(opts, &diffusion);
    if (!code)
        code = job_init(&work, opts, ~0u);
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
