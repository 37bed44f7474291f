/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <omp.h>
#include <sys/stat.h>

#include "cli/cli.h"

/* The exchange that the rows tell of: both speak, one speaks to one, one speaks to many. */
static const char *exchange_of(const qsg_transcript *data)
{
    if (data->paired)
        return "mutual";
    for (size_t i = 1; i < data->n_rows; i++)
        if (data->rows[i].run == data->rows[i - 1].run && data->rows[i].t == data->rows[i - 1].t)
            return data->single ? "broadcast" : "oneway";
    return "oneway";
}

static int fit_transcript(const options *opts, const qsg_fit_options *choice)
{
    qsg_error error = {""};
    qsg_transcript data = {0};
    qsg_model model = {0};
    qsg_result *result = NULL;
    qsg_status status = qsg_transcript_read(&data, opts->rest[0], &error);
    if (!status)
        status = model_of_data(opts, &data, exchange_of(&data), &model, &error);
    if (!status && opts->settings.texts[QSG_LABELS])
        status = qsg_transcript_number_labels(&data, model.labels, &error);
    if (!status) {
        result = new_result(opts, &model);
        qsg_result_text(result, "data.file", opts->rest[0], "");
        status = qsg_fit_transcript(&model, &data, choice, result, &error);
    }
    const int code = finish_result(opts, result, "fit", status, &error);
    qsg_model_free(&model);
    qsg_transcript_free(&data);
    return code;
}

/* The model of trajectories: N and K from the file where it has them, any alpha, for it is fitted. */
static qsg_status model_of_trajectories(const options *opts, const qsg_trajectories *data, qsg_model *out, qsg_error *error)
{
    qsg_settings settings = {0};
    char number[32];
    qsg_status status = qsg_settings_copy(&settings, &opts->settings);
    const uint64_t agents = data->groups[0].agents;
    if (!status && agents && settings.texts[QSG_AGENTS])
        status = qsg_fail(error, QSG_EINPUT, "--agents is in the file, too (%.60s); expected one of the two", settings.texts[QSG_AGENTS]);
    if (!status && !agents && !settings.texts[QSG_AGENTS])
        status = qsg_fail(error, QSG_EINPUT, "the number of agents is neither in %.200s nor given; expected a column agents, or -N",
                          data->path);
    if (!status && !data->labels && !settings.texts[QSG_LABELS])
        status = qsg_fail(error, QSG_EINPUT, "the number of labels is not in %.200s; expected -K", data->path);
    if (!status && agents) {
        snprintf(number, sizeof number, "%llu", (unsigned long long)agents);
        status = qsg_settings_set(&settings, "agents", number, error);
    }
    if (!status && data->labels && !settings.texts[QSG_LABELS]) {
        snprintf(number, sizeof number, "%zu", data->labels);
        status = qsg_settings_set(&settings, "labels", number, error);
    }
    if (!status && !settings.texts[QSG_ALPHA])
        status = qsg_settings_set(&settings, "alpha", "1e-6", error);
    if (!status)
        status = qsg_model_init(out, &settings, error);
    qsg_settings_free(&settings);
    return status;
}

static int fit_trajectories(const options *opts, const qsg_trajectory_options *choice)
{
    static const verb_option unused[] = {OPT_FIT, OPT_BOOTSTRAP, OPT_RUNS};
    qsg_error error = {""};
    qsg_trajectories data = {0};
    qsg_model model = {0};
    qsg_result *result = NULL;
    for (size_t i = 0; i < sizeof unused / sizeof *unused; i++)
        if (opts->texts[unused[i]]) {
            fprintf(stderr, "qsg: fit of trajectories does not support --%s (%s); expected model options and --output\n",
                    option_name(unused[i]), opts->texts[unused[i]]);
            return EXIT_USAGE;
        }
    qsg_status status = qsg_trajectories_read(&data, opts->rest[0], &error);
    if (!status)
        status = model_of_trajectories(opts, &data, &model, &error);
    if (!status) {
        qsg_model shown = model; /* borrows; an alpha that nobody gave does not exist */
        shown.alpha = opts->settings.texts[QSG_ALPHA] ? model.alpha : NAN;
        result = new_result(opts, &shown);
        qsg_result_text(result, "data.file", opts->rest[0], "");
        status = qsg_fit_trajectories(&model, &data, choice, result, &error);
    }
    const int code = finish_result(opts, result, "fit_trajectories", status, &error);
    qsg_model_free(&model);
    qsg_trajectories_free(&data);
    return code;
}

int cmd_fit(options *opts)
{
    qsg_error error = {""};
    qsg_fit_options choice = {.groups = QSG_FIT_ALL, .profiles = opts->texts[OPT_PLOT] != NULL};
    uint64_t threads = 0;
    if (opts->n_rest != 1) {
        fprintf(stderr, "qsg: fit reads one file (%d given); expected the name of a transcript\n", opts->n_rest);
        return EXIT_USAGE;
    }
    int code = options_whole(opts, OPT_SEED, 1, 0, INT64_MAX, &choice.seed);
    if (!code)
        code = options_whole(opts, OPT_THREADS, 0, 1, 4096, &threads);
    if (code)
        return code;
    if (threads)
        omp_set_num_threads((int)threads);
    choice.threads = (unsigned)threads;
    struct stat info;
    if (stat(opts->rest[0], &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))
        return fail(qsg_fail(&error, QSG_EINPUT, "%.200s cannot be read twice (it is no plain file); expected a file: fit looks what "
                             "it holds first", opts->rest[0]), &error);
    if (qsg_trajectories_recognize(opts->rest[0]))
        return fit_trajectories(opts, &(qsg_trajectory_options){choice.seed, choice.threads});
    qsg_status status = opts->texts[OPT_FIT] ? qsg_fit_groups_parse(opts->texts[OPT_FIT], &choice.groups, &error) : QSG_OK;
    if (status)
        return fail(status, &error);
    code = options_whole(opts, OPT_BOOTSTRAP, 0, 0, 1000000, &choice.bootstrap);
    if (!code)
        code = options_whole(opts, OPT_RUNS, 1000, 1, 1000000, &choice.forecasts);
    return code ? code : fit_transcript(opts, &choice);
}
