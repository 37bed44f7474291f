/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "cli/cli.h"

#define MAX_CELLS 1000000

static int read_method(const options *opts, qsg_density_method *method)
{
    static const char *const names[] = {"auto", "spectral", "finite-volume"};
    const char *text = opts->texts[OPT_METHOD] ? opts->texts[OPT_METHOD] : names[0];
    for (int i = 0; i < 3; i++)
        if (strcmp(text, names[i]) == 0) {
            *method = (qsg_density_method)i;
            return EXIT_DONE;
        }
    qsg_error error;
    return fail(qsg_fail(&error, QSG_EINPUT, "--method is unknown (%.100s); expected auto, spectral or finite-volume",
                         text),
                &error);
}

/* --start: one share (of label 1), one a label, or a file with a density.  What it allocates is in *owned. */
static int read_start(const options *opts, size_t labels, qsg_density_request *request, double **owned)
{
    const char *text = opts->texts[OPT_START];
    qsg_error error = {""};
    double *values = NULL, *density, sum = 0;
    size_t n;
    if (!text)
        return EXIT_DONE;
    if (!*text || strspn(text, "0123456789.,eE+-") != strlen(text)) {
        qsg_status status = qsg_density_read(text, owned, &density, &n, &error);
        if (status)
            return fail(status, &error);
        request->start_x = *owned;
        request->start_density = density;
        request->n_start = n;
        return EXIT_DONE;
    }
    qsg_status status = parse_list(text, "--start", &values, &n, &error);
    if (!status && n == 1 && labels == 2) {
        double *both = malloc(2 * sizeof *both);
        if (both) {
            both[0] = values[0];
            both[1] = 1 - values[0];
        }
        free(values);
        values = both;
        n = 2;
    }
    if (!status && !values)
        status = QSG_ENOMEM;
    if (!status && n != labels)
        status = qsg_fail(&error, QSG_EDOMAIN, "--start has %zu shares (%.100s); expected %zu, one a label", n, text,
                          labels);
    for (size_t k = 0; !status && k < n; k++) {
        sum += values[k];
        if (!(values[k] >= 0 && values[k] <= 1))
            status = qsg_fail(&error, QSG_EDOMAIN, "--start is out of range (%.100s); expected shares in [0, 1]", text);
    }
    if (!status && !(sum > 1 - 1e-6 && sum < 1 + 1e-6))
        status = qsg_fail(&error, QSG_EDOMAIN, "--start does not sum to 1 (%.100s); expected shares", text);
    for (size_t k = 0; !status && k < n; k++)
        values[k] /= sum;
    if (status) {
        free(values);
        return fail(status, &error);
    }
    *owned = values;
    request->start = values;
    return EXIT_DONE;
}

/* --of beliefs: stationary unless there are times. */
static int density_of_beliefs(options *opts)
{
    static const verb_option other[] = {OPT_METHOD, OPT_STATIONARY};
    qsg_error error = {""};
    qsg_model model = {0};
    qsg_density_request request = {0};
    double *times = NULL, *owned = NULL;
    uint64_t cells = 0;
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        if (opts->texts[other[i]])
            return fail(qsg_fail(&error, QSG_EINPUT, "--%s cannot go with --of beliefs (%s); expected --of mean",
                                 option_name(other[i]), *opts->texts[other[i]] ? opts->texts[other[i]] : "given"),
                        &error);
    qsg_status status = qsg_model_init(&model, &opts->settings, &error);
    if (!status)
        status = job_check_prior(opts, &error);
    int code = status ? fail(status, &error) : EXIT_DONE;
    if (!code && opts->texts[OPT_CELLS])
        code = options_whole(opts, OPT_CELLS, 0, 2, 65536, &cells);
    if (!code)
        code = read_start(opts, model.labels, &request, &owned);
    if (!code && (opts->texts[OPT_AT] || opts->texts[OPT_UNTIL] || opts->texts[OPT_POINTS]))
        code = options_times(opts, &model, qsg_predict_rate(&model), 100 * (double)model.agents, &times, &request.n);
    if (!code) {
        request.times = times;
        request.cells = (size_t)cells;
        qsg_result *result = new_result(opts, &model);
        status = qsg_density_beliefs(&model, &request, result, &error);
        code = finish_result(opts, result, "density_beliefs", status, &error);
    }
    free(times);
    free(owned);
    qsg_model_free(&model);
    return code;
}

static int density_of_mean(options *opts)
{
    qsg_error error = {""};
    qsg_model model = {0};
    qsg_diffusion diffusion = {0};
    qsg_density_request request = {.stationary = opts->texts[OPT_STATIONARY] != NULL};
    double *times = NULL, *owned = NULL;
    uint64_t cells = 0;
    qsg_status status = qsg_model_init(&model, &opts->settings, &error);
    if (!status)
        status = job_check_prior(opts, &error);
    if (!status) {
        qsg_model clock = model; /* borrows: tempering does not change the unit of time */
        clock.temper = 1;
        status = qsg_diffusion_of(&clock, &diffusion, &error);
    }
    int code = status ? fail(status, &error) : read_method(opts, &request.method);
    if (!code && opts->texts[OPT_CELLS])
        code = options_whole(opts, OPT_CELLS, 0, model.labels == 2 ? 4 : 3, MAX_CELLS, &cells);
    if (!code)
        code = read_start(opts, model.labels, &request, &owned);
    if (!code)
        code = options_times(opts, &model, diffusion.rate, 2 / diffusion.rate, &times, &request.n);
    if (!code) {
        request.times = times;
        request.cells = (size_t)cells;
        qsg_result *result = new_result(opts, &model);
        status = qsg_density(&model, &request, result, &error);
        code = finish_result(opts, result, model.labels == 2 ? "density" : "simplex", status, &error);
    }
    free(times);
    free(owned);
    qsg_model_free(&model);
    return code;
}

int cmd_density(options *opts)
{
    const char *of = opts->texts[OPT_OF];
    qsg_error error;
    if (!of || strcmp(of, "mean") == 0)
        return density_of_mean(opts);
    if (strcmp(of, "beliefs") == 0)
        return density_of_beliefs(opts);
    return fail(qsg_fail(&error, QSG_EINPUT, "--of is unknown (%.100s); expected mean or beliefs", of), &error);
}
