/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <omp.h>

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
    const int code = status ? fail(status, &error) : write_result(opts, result);
    if (status)
        qsg_result_free(result);
    qsg_model_free(&model);
    qsg_transcript_free(&data);
    return code;
}

int cmd_fit(options *opts)
{
    qsg_error error = {""};
    qsg_fit_options choice = {.groups = QSG_FIT_ALL};
    uint64_t threads = 0;
    if (opts->n_rest != 1) {
        fprintf(stderr, "qsg: fit reads one file (%d given); expected the name of a transcript\n", opts->n_rest);
        return EXIT_USAGE;
    }
    qsg_status status = opts->texts[OPT_FIT] ? qsg_fit_groups_parse(opts->texts[OPT_FIT], &choice.groups, &error) : QSG_OK;
    if (status)
        return fail(status, &error);
    int code = options_whole(opts, OPT_BOOTSTRAP, 0, 0, 1000000, &choice.bootstrap);
    if (!code)
        code = options_whole(opts, OPT_SEED, 1, 0, INT64_MAX, &choice.seed);
    if (!code)
        code = options_whole(opts, OPT_RUNS, 1000, 1, 1000000, &choice.forecasts);
    if (!code)
        code = options_whole(opts, OPT_THREADS, 0, 1, 4096, &threads);
    if (threads)
        omp_set_num_threads((int)threads);
    choice.threads = (unsigned)threads;
    return code ? code : fit_transcript(opts, &choice);
}
