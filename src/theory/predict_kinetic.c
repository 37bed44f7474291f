/* The kinetic mean field of a model with any channel, as a table over the times (doc/theory/kinetic.md).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "theory/kinetic_path.h"
#include "theory/predict_laws.h"

#define MOST_WORK 1e9    /* multiplications of a path by moments: about .5 s */
#define LISTED_LABELS 20 /* shares are listed for so many */

enum { U, V, SE, SHARES };

static bool is_even(const qsg_model *model)
{
    const qsg_channel channel = qsg_channel_of(model);
    bool even = !model->field && model->start.kind != QSG_START_BELIEFS;
    for (size_t k = 1; k < model->labels; k++)
        even = even && model->start.p[k] == model->start.p[0] &&
               (channel.innovation == 0 || model->prior[k] == model->prior[0]);
    return even;
}

/* Two labels by moments: all columns but SE. */
static qsg_status by_moments(const qsg_model *model, size_t n, const double *rounds, double *values, qsg_error *error)
{
    double *first = values + SHARES * n, *second = first + n;
    qsg_status status = path_follow(model, n, rounds, MOST_WORK, first, values + V * n, error);
    for (size_t i = 0; i < n && !status; i++) {
        second[i] = 1 - first[i];
        values[U * n + i] = first[i] * first[i] + second[i] * second[i];
        values[V * n + i] *= 2 * (double)model->agents; /* both labels vary alike */
    }
    return status;
}

static qsg_status by_particles(const qsg_model *model, size_t n, const double *rounds, double *values, qsg_error *error)
{
    const size_t labels = model->labels;
    double *shares = malloc((n * labels + 1) * sizeof *shares);
    if (!shares)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu labels at %zu times", labels, n);
    qsg_status status = qsg_kinetic_particles(model, n, rounds, 1, values + U * n, values + SE * n, values + V * n, shares, error);
    const bool even = is_even(model);
    for (size_t i = 0; i < n && !status; i++) {
        values[V * n + i] *= (double)model->agents;
        for (size_t k = 0; k < labels && labels <= LISTED_LABELS; k++)
            values[(SHARES + k) * n + i] = even ? model->start.p[k] : shares[i * labels + k];
        if (even) { /* all labels are alike and stay so */
            values[U * n + i] = 1 / (double)labels;
            values[SE * n + i] = 0;
        }
    }
    free(shares);
    return status;
}

static void put_table(const qsg_model *model, const qsg_predict_request *request, bool particles, const double *values,
                      qsg_result *result)
{
    const size_t n = request->n;
    const qsg_basis basis = particles ? QSG_SIMULATED : QSG_MEANFIELD;
    const predict_column columns[] = {
        {"U_meanfield", "U_meanfield", particles ? "polarization of the mean belief, N = infinity; kinetic, by particles"
                                                 : "polarization of the mean belief, N = infinity; kinetic, by moments", basis},
        {"V_meanfield", "V_meanfield", "disagreement: N times the spread of beliefs at N = infinity", basis},
        {"U_meanfield_se", "U_meanfield_se", "standard error of U_meanfield", basis},
    };
    predict_table(request, columns, particles ? 3 : 2, values, result);
    for (size_t k = 0; k < model->labels && model->labels <= LISTED_LABELS; k++) {
        char name[40], path[40];
        snprintf(name, sizeof name, "share_%zu_meanfield", k + 1);
        snprintf(path, sizeof path, "shares_meanfield.%zu", k);
        qsg_result_column(result, name, path, n, values + (SHARES + k) * n, "", basis, "mean belief, N = infinity");
    }
}

/* E[U] and E[V] where sampling noise is amplified to consensus; nothing where that law does not hold. */
static void put_amplified(const qsg_model *model, const qsg_predict_request *request, const double *rounds, double *values,
                          qsg_result *result)
{
    static const predict_column columns[] = {
        {"U", "U", "E[U], polarization of the mean belief, by amplified noise; N to infinity", QSG_ASYMPTOTIC},
        {"V", "V", "E[V], disagreement, likewise", QSG_ASYMPTOTIC},
    };
    const size_t n = request->n;
    const double agents = (double)model->agents;
    if (model->start.p[0] == 0 || model->start.p[0] == 1 || !(qsg_result_get(result, "growth_rate") > CLEAR_GROWTH * agents * qsg_result_get(result, "slow_rate")) ||
        qsg_kinetic_polarization(model, n, rounds, values, values + n, NULL) != QSG_OK)
        return;
    for (size_t i = 0; i < n; i++)
        values[n + i] *= 2 * agents; /* both labels vary alike */
    predict_table(request, columns, 2, values, result);
}

qsg_status predict_kinetic(const qsg_model *model, const qsg_predict_request *request, qsg_result *result, qsg_error *error)
{
    const size_t n = request->n, listed = model->labels <= LISTED_LABELS ? model->labels : 0;
    if (n == 0)
        return QSG_OK;
    if (model->exchange == QSG_BROADCAST)
        return predict_broadcast_path(model, request, result, error);
    double *values = malloc((SHARES + 1 + listed) * n * sizeof *values), *rounds = values + (SHARES + listed) * n;
    if (!values)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", n);
    for (size_t i = 0; i < n; i++)
        rounds[i] = request->times[i] / (double)model->agents;
    qsg_status status = QSG_EMODEL;
    put_amplified(model, request, rounds, values, result);
    if (model->labels == 2)
        status = by_moments(model, n, rounds, values, error);
    const bool particles = status == QSG_EMODEL || status == QSG_ENUMERIC || (!status && isnan(values[n - 1])); /* too long a path */
    if (particles)
        status = by_particles(model, n, rounds, values, error);
    if (!status)
        put_table(model, request, particles, values, result);
    free(values);
    return status;
}
