/* A law of the polarization that is a limit, against simulation at several sizes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/compare_path.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "qsg/predict.h"
#include "study/sizes.h"

enum { TIME, U, U_SIM, U_SE, U_OFF, COLUMNS };

const char *compare_path_law(const qsg_result *prediction)
{
    static const char *const laws[] = {"U", "U_meanfield"};
    size_t n;
    for (size_t i = 0; i < 2; i++) {
        const double *law = qsg_result_get_vector(prediction, laws[i], &n);
        for (size_t j = 0; law && j < n; j++)
            if (isfinite(law[j]))
                return laws[i];
    }
    return NULL;
}

/* One size: columns of n times each, which come from those of the request by the ratio of the sizes. */
static qsg_status compare_size(const qsg_model *model, const qsg_model *theory, const qsg_ensemble_request *request,
                               const char *law, double ratio, double *values, qsg_error *error)
{
    const size_t n = request->n;
    for (size_t i = 0; i < n; i++)
        values[TIME * n + i] = nearbyint(request->times[i] * ratio);
    qsg_ensemble_request ask = *request;
    ask.times = values + TIME * n;
    ask.horizon = 0;
    qsg_result *prediction = qsg_result_new(), *ensemble = qsg_result_new();
    qsg_status status = prediction && ensemble ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for the prediction");
    if (!status)
        status = qsg_predict(theory, &(qsg_predict_request){ask.times, n, request->consensus, 0}, prediction, error);
    if (!status)
        status = qsg_simulate(model, &ask, ensemble, error);
    if (!status) {
        size_t length;
        const double *u = qsg_result_get_vector(prediction, law, &length);
        const double *mean = qsg_result_get_vector(ensemble, "U_mean", &length), *se = qsg_result_get_vector(ensemble, "U_se", &length);
        for (size_t i = 0; i < n; i++) {
            values[U * n + i] = u ? u[i] : NAN;
            values[U_SIM * n + i] = mean[i];
            values[U_SE * n + i] = se[i];
            values[U_OFF * n + i] = mean[i] - values[U * n + i];
        }
    }
    qsg_result_free(prediction);
    qsg_result_free(ensemble);
    return status;
}

/* Where the deviation is largest. */
static size_t largest(const double *values, size_t n)
{
    size_t at = 0;
    double most = -1;
    for (size_t i = 0; i < n; i++)
        if (fabs(values[U_OFF * n + i]) > most) {
            most = fabs(values[U_OFF * n + i]);
            at = i;
        }
    return at;
}

static void report(const qsg_ensemble_request *request, const double *values, const double *agents, const double *off,
                   const double *se, size_t sizes, size_t at, bool only, bool broadcast, const char *law, qsg_result *result)
{
    static const struct { const char *name, *path, *unit, *meaning; qsg_basis basis; } columns[COLUMNS] = {
        {"time", "times", "interactions", "", QSG_INPUT},
        {"U", "U", "", "polarization of the mean belief, in theory", QSG_ASYMPTOTIC},
        {"U_mean", "U_mean", "", "mean over the runs", QSG_SIMULATED},
        {"U_se", "U_se", "", "standard error", QSG_SIMULATED},
        {"U_off", "U_deviation", "", "U_mean - U", QSG_SIMULATED},
    };
    const size_t n = request->n;
    const bool moments = law[1] == '\0';
    const char *ratio = broadcast ? "sizes, at the same times" : "sizes, the times in proportion";
    qsg_result_text(result, "path.law", moments ? "limit of E[U]" : "an infinite population", "of U over the times");
    qsg_result_number(result, "path.time", request->times[at], "interactions", QSG_INPUT, "at which the sizes are compared: of the largest deviation");
    qsg_result_vector(result, "path.agents", sizes, agents, "agents", QSG_INPUT, ratio);
    qsg_result_vector(result, "path.deviation", sizes, off, "", QSG_SIMULATED, "U_mean - U there");
    qsg_result_vector(result, "path.se", sizes, se, "", QSG_SIMULATED, "standard errors");
    sizes_report_exponent(agents, off, se, sizes, "path.exponent", "the deviation of U goes as N to this power", result);
    if (only) {
        char text[160];
        snprintf(text, sizeof text, "a limit, so no pass: at N = %.0f and t = %g U is off by %+.4f +- %.4f", agents[sizes - 1],
                 request->times[at], off[sizes - 1], se[sizes - 1]);
        qsg_result_text(result, "verdict", text, "");
    } else {
        qsg_result_next_table(result);
    }
    for (int c = 0; c < COLUMNS; c++)
        qsg_result_column(result, columns[c].name, columns[c].path, n, values + c * n, columns[c].unit,
                          c == U && !moments ? QSG_MEANFIELD : columns[c].basis, columns[c].meaning);
}

/* Times of a smaller population for one of the model's: the same number of rounds; of broadcasts, which all agents hear, the same
 * number. */
static double ratio_of(const qsg_model *model, uint64_t size)
{
    return model->exchange == QSG_BROADCAST ? 1 : (double)size / (double)model->agents;
}

/* Rows for the sizes from small to large, the last the model's own. */
static qsg_status compare_sizes(const qsg_model *model, const qsg_model *theory, const qsg_ensemble_request *request,
                                const char *law, double *all, double *agents, size_t *sizes, qsg_error *error)
{
    const size_t row = COLUMNS * request->n;
    qsg_status status = QSG_OK;
    for (int i = SIZES - 1; i > 0 && !status; i--) {
        qsg_model small = {0}, small_theory = {0};
        const uint64_t size = model->agents >> i;
        const qsg_ensemble_request ask = sizes_request(request, i);
        if (size >= SMALLEST_SIZE && !sizes_resize(model, size, &small, NULL) &&
            !sizes_resize(theory, size, &small_theory, NULL)) {
            agents[*sizes] = (double)size;
            status = compare_size(&small, &small_theory, &ask, law, ratio_of(model, size), all + (*sizes)++ * row, error);
        }
        qsg_model_free(&small);
        qsg_model_free(&small_theory);
    }
    agents[*sizes] = (double)model->agents;
    return status ? status : compare_size(model, theory, request, law, 1, all + (*sizes)++ * row, error);
}

qsg_status compare_path(const qsg_model *model, const qsg_model *theory, const qsg_ensemble_request *request, const char *law,
                        bool only, qsg_result *result, qsg_error *error)
{
    const size_t n = request->n, row = COLUMNS * n;
    double agents[SIZES], off[SIZES], se[SIZES];
    size_t sizes = 0;
    double *all = malloc(SIZES * row * sizeof *all);
    if (!all)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", n);
    qsg_status status = compare_sizes(model, theory, request, law, all, agents, &sizes, error);
    if (!status) {
        const double *own = all + (sizes - 1) * row;
        const size_t at = largest(own, n);
        for (size_t i = 0; i < sizes; i++) {
            off[i] = all[i * row + U_OFF * n + at];
            se[i] = all[i * row + U_SE * n + at];
        }
        report(request, own, agents, off, se, sizes, at, only, model->exchange == QSG_BROADCAST, law, result);
    }
    free(all);
    return status;
}
