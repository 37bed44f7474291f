/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/file.h"
#include "cli/cli.h"
#include "cli/progress.h"

/* The transcript's file with all but its rows; the request is told to write these. */
static qsg_status open_transcript(const options *opts, qsg_ensemble_request *request, qsg_file *file, qsg_error *error)
{
    qsg_status status = qsg_file_create(file, opts->texts[OPT_TRANSCRIPT], error);
    if (status)
        return status;
    fprintf(file->stream, "# qsg %s\n# %s\n", PACKAGE_VERSION, opts->command ? opts->command : "");
    qsg_transcript_write_header(file->stream);
    request->hearing = qsg_transcript_write_row;
    request->hearing_context = file->stream;
    return QSG_OK;
}

static qsg_status simulate(const options *opts, const job *work, qsg_ensemble_request *request, bool diffusion,
                           qsg_result *result, qsg_error *error)
{
    qsg_file transcript = {0};
    qsg_status status = opts->texts[OPT_TRANSCRIPT] ? open_transcript(opts, request, &transcript, error) : QSG_OK;
    if (!status)
        status = diffusion ? qsg_paths_simulate(&work->model, request, result, error)
                           : qsg_simulate(&work->model, request, result, error);
    return transcript.stream ? qsg_file_commit(&transcript, status, error) : status;
}

/* Paths of the diffusion have no utterances. */
static int check_transcript(const options *opts, bool diffusion)
{
    qsg_error error;
    if (!diffusion || !opts->texts[OPT_TRANSCRIPT])
        return EXIT_DONE;
    return fail(qsg_fail(&error, QSG_EINPUT, "--transcript cannot go with --method diffusion (%.100s): nobody says anything in "
                         "its paths; expected --method interactions", opts->texts[OPT_TRANSCRIPT]), &error);
}

int cmd_simulate(options *opts)
{
    qsg_error error = {""};
    job work = {0};
    qsg_ensemble_request request;
    bool diffusion;
    int code = job_method(opts, &diffusion);
    if (!code)
        code = check_transcript(opts, diffusion);
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
        qsg_status status = simulate(opts, &work, &request, diffusion, result, &error);
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
