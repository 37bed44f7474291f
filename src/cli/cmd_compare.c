/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/* The model that theory is asked about: the simulated one with the settings of --assume. */
static qsg_status assumed_model(const options *opts, qsg_model *out, qsg_error *error)
{
    qsg_settings settings = {0};
    qsg_status status = qsg_settings_copy(&settings, &opts->settings);
    char *list = strdup(opts->texts[OPT_ASSUME] ? opts->texts[OPT_ASSUME] : ""), *rest = NULL;
    if (status || !list)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for --assume");
    for (char *word = list ? strtok_r(list, ";", &rest) : NULL; word && !status; word = strtok_r(NULL, ";", &rest)) {
        char *equals = strchr(word, '=');
        if (equals)
            *equals = 0;
        status = equals ? qsg_settings_set(&settings, word, equals + 1, error)
                        : qsg_fail(error, QSG_EINPUT, "--assume is not NAME=VALUE (%s); expected say alpha=0.5", word);
    }
    if (!status)
        status = qsg_model_init(out, &settings, error);
    free(list);
    qsg_settings_free(&settings);
    return status;
}

static int compare_with_simulation(options *opts)
{
    qsg_error error = {""};
    job work = {0};
    qsg_model theory = {0};
    qsg_ensemble_request request;
    progress bar;
    int code = job_init(&work, opts, 0);
    if (code)
        return code;
    code = job_ensemble(&work, &request);
    qsg_status status = code ? QSG_OK : assumed_model(opts, &theory, &error);
    if (!code && !status) {
        qsg_result *result = new_result(opts, &work.model);
        if (opts->texts[OPT_ASSUME])
            qsg_result_text(result, "assume", opts->texts[OPT_ASSUME], "theory is taken at");
        progress_start(&bar, opts, "runs", &request);
        status = qsg_compare(&work.model, &theory, &request, result, &error);
        progress_end(&bar);
        if (status) {
            qsg_result_free(result);
        } else {
            code = draw_result(opts, result, "compare");
            const bool agree = qsg_result_get(result, "agree") != 0;
            const int written = write_result(opts, result);
            code = code ? code : written ? written : agree ? EXIT_DONE : EXIT_DISAGREE;
        }
    }
    if (status)
        code = fail(status, &error);
    qsg_model_free(&theory);
    job_free(&work);
    return code;
}
