/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "cli/cli.h"
#include "cli/progress.h"

/* The model that theory is asked about: the simulated one with the settings of --assume. */
static qsg_status assumed_model(const options *opts, qsg_model *out, qsg_error *error)
{
    qsg_settings settings = {0};
    qsg_status status = qsg_settings_copy(&settings, &opts->settings);
    if (status)
        return qsg_fail(error, status, "no memory for the model settings");
    if (opts->texts[OPT_ASSUME])
        status = qsg_settings_parse(&settings, opts->texts[OPT_ASSUME], ";", error);
    if (!status)
        status = qsg_model_init(out, &settings, error);
    qsg_settings_free(&settings);
    return status;
}

/* Draw and write the result; the exit code tells whether the two sides agree. */
static int conclude(const options *opts, qsg_result *result, const char *script)
{
    const bool disagree = qsg_result_get(result, "agree") == 0;
    const int drawn = draw_result(opts, result, script), written = write_result(opts, result);
    return drawn ? drawn : written ? written : disagree ? EXIT_DISAGREE : EXIT_DONE;
}

/* The phases of the flag game are those of the long run: without a time, 20 N^2 interactions, which all but the rarest
 * populations outlast.  They have no figure, and the mean belief no other law. */
static int prepare_phases(job *work, const options *opts)
{
    static const verb_option unused[] = {OPT_PLOT, OPT_LAW, OPT_HORIZON};
    for (size_t i = 0; i < sizeof unused / sizeof *unused; i++)
        if (opts->texts[unused[i]]) {
            fprintf(stderr, "qsg: compare --evidence does not support --%s (%s); expected --at and --runs\n",
                    option_name(unused[i]), *opts->texts[unused[i]] ? opts->texts[unused[i]] : "given");
            return EXIT_USAGE;
        }
    if (!opts->texts[OPT_AT] && !opts->texts[OPT_UNTIL]) {
        work->times[0] = 20 * (double)work->model.agents * (double)work->model.agents;
        work->n = 1;
    }
    return EXIT_DONE;
}

static int compare_with_simulation(options *opts)
{
    qsg_error error = {""};
    job work = {0};
    qsg_model theory = {0};
    qsg_ensemble_request request;
    int code = job_init(&work, opts, QSG_USES_FIELD | QSG_USES_TEMPER | QSG_USES_INNOVATION | QSG_USES_ZEALOTS | QSG_USES_GRAPH |
                                   QSG_USES_AGENTS_FILE | QSG_USES_PAIRS | QSG_USES_ADOPTION |
                                   QSG_USES_EVIDENCE);
    if (code)
        return code;
    if (qsg_model_uses(&work.model) & QSG_USES_EVIDENCE)
        code = prepare_phases(&work, opts);
    if (!code)
        code = job_ensemble(&work, &request);
    qsg_status status = code ? QSG_OK : assumed_model(opts, &theory, &error);
    if (!code && !status) {
        progress bar = progress_start("runs", opts->texts[OPT_QUIET] != NULL);
        qsg_result *result = new_result(opts, &work.model);
        request.progress = progress_update;
        request.progress_context = &bar;
        if (opts->texts[OPT_ASSUME])
            qsg_result_text(result, "assume", opts->texts[OPT_ASSUME], "theory is taken at");
        status = qsg_compare(&work.model, &theory, &request, result, &error);
        /* some models have a law of the mean belief and nothing else to compare, nor to draw */
        if (opts->texts[OPT_LAW] && (!status || (status == QSG_EMODEL && !opts->texts[OPT_PLOT])))
            status = qsg_compare_law(&work.model, &theory, &request, result, &error);
        progress_end(&bar);
        if (status)
            qsg_result_free(result);
        else
            code = conclude(opts, result, qsg_result_get_vector(result, "sizes.agents", NULL) ? "compare_limits" : "compare");
    }
    if (status)
        code = fail(status, &error);
    qsg_model_free(&theory);
    job_free(&work);
    return code;
}

static int compare_with_data(options *opts)
{
    static const verb_option unused[] = {OPT_AT, OPT_UNTIL, OPT_POINTS, OPT_CONSENSUS, OPT_HORIZON, OPT_RUNS, OPT_SEED,
                                         OPT_THREADS, OPT_ASSUME, OPT_LAW};
    qsg_error error = {""};
    qsg_transcript data = {0};
    qsg_model model = {0};
    qsg_result *result = NULL;
    for (size_t i = 0; i < sizeof unused / sizeof *unused; i++)
        if (opts->texts[unused[i]]) {
            fprintf(stderr,
                    "qsg: compare --data does not support --%s (%s); expected model options, --plot and --output\n",
                    option_name(unused[i]), *opts->texts[unused[i]] ? opts->texts[unused[i]] : "given");
            return EXIT_USAGE;
        }
    qsg_status status = qsg_transcript_read(&data, opts->texts[OPT_DATA], &error);
    if (!status)
        status = model_of_data(opts, &data, NULL, &model, &error);
    if (!status) {
        const bool given = opts->settings.texts[QSG_ALPHA] != NULL;
        const qsg_compare_data_options choice = {.alpha = given ? model.alpha : 0};
        qsg_model shown = model; /* borrows; an alpha that nobody gave does not exist */
        shown.alpha = given ? model.alpha : NAN;
        result = new_result(opts, &shown);
        qsg_result_text(result, "data.file", opts->texts[OPT_DATA], "");
        status = qsg_compare_data(&model, &data, &choice, result, &error);
    }
    int code;
    if (status) {
        qsg_result_free(result);
        code = fail(status, &error);
    } else {
        code = conclude(opts, result, "compare_data");
    }
    qsg_model_free(&model);
    qsg_transcript_free(&data);
    return code;
}

int cmd_compare(options *opts)
{
    return opts->texts[OPT_DATA] ? compare_with_data(opts) : compare_with_simulation(opts);
}
