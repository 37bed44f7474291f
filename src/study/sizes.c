/* One model at several population sizes.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/sizes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

/* A deviation counts beyond this many standard errors. */
#define SEEN 3

qsg_status sizes_resize(const qsg_model *model, uint64_t n, qsg_model *out, qsg_error *error)
{
    qsg_settings settings = {0};
    char number[32];
    const uint64_t factor = model->agents / n;
    qsg_status status = QSG_OK;
    if (n != model->agents && model->start.kind == QSG_START_BELIEFS)
        return qsg_fail(error, QSG_ENOEXIST, "a start from a file has one size");
    for (int i = 0; i < QSG_MODEL_OPTIONS && !status; i++)
        if (model->texts[i])
            status = qsg_settings_set(&settings, qsg_model_options[i].name, model->texts[i], error);
    snprintf(number, sizeof number, "%llu", (unsigned long long)n);
    if (!status)
        status = qsg_settings_set(&settings, "agents", number, error);
    if (!status && model->start.kind == QSG_START_ONEHOT && n != model->agents) {
        char *text = malloc(24 * model->labels + 8), *at = text;
        if (!text)
            status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu counts", model->labels);
        else
            at = stpcpy(at, "onehot:");
        for (size_t k = 0; !status && k < model->labels; k++) {
            if (model->start.counts[k] % factor || n * factor != model->agents)
                status = qsg_fail(error, QSG_ENOEXIST, "these counts do not shrink");
            at += sprintf(at, "%s%llu", k ? "," : "", (unsigned long long)(model->start.counts[k] / factor));
        }
        if (!status)
            status = qsg_settings_set(&settings, "init", text, error);
        free(text);
    }
    if (!status)
        status = qsg_model_init(out, &settings, error);
    qsg_settings_free(&settings);
    return status;
}

qsg_ensemble_request sizes_request(const qsg_ensemble_request *request, int halvings)
{
    qsg_ensemble_request out = *request;
    rng_stream stream = rng_stream_of(request->seed, QSG_MAX_RUNS + (uint64_t)halvings); /* a run that nobody plays */
    if (halvings)
        out.seed = rng_next(&stream);
    return out;
}

void sizes_report_exponent(const double *agents, const double *off, const double *se, size_t n, const char *path,
                           const char *what, qsg_result *result)
{
    double sx = 0, sy = 0, sxx = 0, sxy = 0, noise = 0;
    bool seen = n >= 2;
    for (size_t i = 0; i < n; i++) {
        seen = seen && fabs(off[i]) > SEEN * se[i];
        sx += log(agents[i]) / (double)n;
        sy += log(fabs(off[i])) / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        const double x = log(agents[i]) - sx;
        sxx += x * x;
        sxy += x * (log(fabs(off[i])) - sy);
        noise += x * x * (se[i] / off[i]) * (se[i] / off[i]);
    }
    char se_path[64];
    snprintf(se_path, sizeof se_path, "%s_se", path);
    qsg_result_number(result, path, seen ? sxy / sxx : NAN, "", QSG_SIMULATED,
                      seen ? what : "the deviation is within three standard errors, or there is one size");
    qsg_result_number(result, se_path, seen ? sqrt(noise) / sxx : NAN, "", QSG_SIMULATED, "its standard error");
}
