/* E[U] and the stationary law of two labels where noise outruns what the diffusion neglects (doc/theory/density.md).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/density.h"
#include "qsg/fokker_planck.h"
#include "qsg/moments.h"
#include "theory/predict_laws.h"
#include "theory/stationary_law.h"

#define CELLS 400
#define RESOLVED 2e-3    /* of U, half the cells against all of them */
#define LEAST_NOISE 5e-3 /* so little that the path of an infinite population is as good; the cells would not resolve the law */

enum { U, SHARE_1, SHARE_2, LAWS };

/* Speed of the mean belief against that of an agent, which the diffusion neglects, and noise against drift, which the path of an
 * infinite population neglects (density.md, eq. 19a). */
typedef struct {
    qsg_mean_drift drift;
    double strain, noise, start;
} limits;

static qsg_status limits_of(const qsg_model *model, limits *out, qsg_error *error)
{
    qsg_status status = qsg_mean_drift_init(&out->drift, model, error);
    if (status)
        return status;
    const double pace = model->exchange == QSG_MUTUAL ? 2 : 1, h = model->field ? model->field[0] - model->field[1] : 0;
    out->strain = out->drift.closure ? out->drift.strain : fabs(h) + model->innovation;
    out->noise = (double)model->agents * out->drift.diffusion.rate / (pace * (model->alpha + model->self) * out->strain);
    out->start = out->drift.closure && model->innovation == 0 ? out->drift.start : model->start.p[0];
    if (!(out->noise >= out->strain && out->noise >= LEAST_NOISE))
        return qsg_fail(error, QSG_ENOEXIST, "the diffusion neglects %.2g, more than the path of an infinite population does (noise "
                        "%.2g of the drift): see U_meanfield and fixed_points.p", out->strain, out->noise);
    return QSG_OK;
}

/* E[U] and the shares at the times; that of time 0 is known. */
static qsg_status follow(const limits *l, size_t cells, const qsg_predict_request *request, double *values, qsg_error *error)
{
    const size_t n = request->n;
    qsg_fokker_planck fp = {0};
    qsg_mean_drift drift = l->drift;
    qsg_status status = qsg_fokker_planck_init(&fp, cells, qsg_mean_drift_at, &drift, error);
    if (!status)
        status = qsg_fokker_planck_start_point(&fp, l->start, error);
    for (size_t t = 0; t < n && !status; t++) {
        status = qsg_fokker_planck_advance(&fp, l->drift.diffusion.rate * request->times[t], error);
        double first = fp.absorbed[0], apart = 0;
        for (size_t i = 0; i < fp.parts; i++) {
            first += fp.part[i] * fp.place[i];
            apart += fp.part[i] * 2 * fp.place[i] * (1 - fp.place[i]);
        }
        values[SHARE_1 * n + t] = first;
        values[SHARE_2 * n + t] = 1 - first;
        values[U * n + t] = 1 - apart;
    }
    qsg_fokker_planck_free(&fp);
    return status;
}

static qsg_status put_path(const qsg_model *model, const limits *l, const qsg_predict_request *request, qsg_result *result,
                           qsg_error *error)
{
    static const predict_column columns[LAWS] = {
        {"U", "U", "E[U], polarization of the mean belief; diffusion limit: N to infinity", QSG_ASYMPTOTIC},
        {"share_1", "shares.0", "mean belief in label 1; diffusion limit", QSG_ASYMPTOTIC},
        {"share_2", "shares.1", "mean belief in label 2; diffusion limit", QSG_ASYMPTOTIC}};
    const size_t n = request->n;
    double *values = malloc((2 * LAWS * n + 1) * sizeof *values), *coarse = values + LAWS * n;
    if (!values)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", n);
    qsg_status status = follow(l, CELLS, request, values, error);
    if (!status)
        status = follow(l, CELLS / 2, request, coarse, error);
    for (size_t i = 0; i < n && !status; i++) {
        if (!(fabs(values[i] - coarse[i]) <= RESOLVED))
            status = qsg_fail(error, QSG_ENUMERIC, "%d cells do not resolve the law of the mean belief", CELLS);
        if (request->times[i] == 0) { /* nothing has moved: what a point start is, and a Dirichlet start nearly */
            values[SHARE_1 * n + i] = model->start.p[0];
            values[SHARE_2 * n + i] = model->start.p[1];
            values[U * n + i] = model->start.p[0] * model->start.p[0] + model->start.p[1] * model->start.p[1];
        }
    }
    if (!status)
        predict_table(request, columns, LAWS, values, result);
    free(values);
    return status;
}

static const struct { const char *path, *meaning; } settled[] = {
    {"stationary.U", "E[U], polarization of the mean belief; diffusion limit: N to infinity"},
    {"stationary.H", "E[1-U], heterogeneity; diffusion limit"},
    {"stationary.V", "E[V], disagreement, that of the slow mode; diffusion limit"},
    {"stationary.S", "E[S], coordination: two distinct agents agree; diffusion limit"},
    {"stationary.q", "mean |x_i|^2 of an agent; diffusion limit"},
    {"stationary.mean", "mean belief in label 1; diffusion limit"}};
enum { SETTLED = sizeof settled / sizeof *settled };

static qsg_status stationary(const qsg_model *model, const limits *l, double values[SETTLED], qsg_error *error)
{
    const double agents = (double)model->agents;
    double edges[2 * CELLS + 1], mass[2 * CELLS];
    stationary_moments fine, coarse;
    double slaved;
    qsg_status status = qsg_moments_slaved(model, &slaved, error);
    for (size_t n = CELLS; n <= 2 * CELLS && !status; n *= 2) {
        for (size_t i = 0; i <= n; i++)
            edges[i] = i == n ? 1 : pow(sin(M_PI * (double)i / (2 * (double)n)), 2);
        status = stationary_integrate(&l->drift, n, edges, mass, n == CELLS ? &coarse : &fine, error);
    }
    if (!status && !(fabs(fine.within - coarse.within) <= RESOLVED * 1e-3))
        status = qsg_fail(error, QSG_ENUMERIC, "%d cells do not resolve the stationary law", CELLS);
    if (status)
        return status;
    const double h = 2 * fine.within, v = agents * slaved * h;
    const double found[SETTLED] = {1 - h, h, v, 1 - h - v / (agents * (agents - 1)), 1 - h + v / agents, fine.mean};
    memcpy(values, found, sizeof found);
    return QSG_OK;
}

/* The keys that a model with innovation has, with the reason where there is no number. */
static void put_stationary(const double values[SETTLED], const char *reason, qsg_result *result)
{
    for (size_t i = 0; i < SETTLED; i++)
        qsg_result_number(result, settled[i].path, reason ? NAN : values[i], "", QSG_ASYMPTOTIC,
                          reason ? reason : settled[i].meaning);
}

qsg_status predict_diffusion(const qsg_model *model, const qsg_predict_request *request, qsg_result *result, qsg_error *error)
{
    limits l;
    qsg_error local = {""};
    double values[SETTLED] = {0};
    const bool settles = model->innovation > 0 && isnan(qsg_result_get(result, "stationary.U"));
    if (model->exchange == QSG_BROADCAST || model->labels != 2) {
        if (settles)
            put_stationary(values, model->labels == 3   ? "qsg density --stationary has the law of weak fields; moments: qsg simulate"
                                   : model->labels != 2 ? "more than two labels that are not alike have no closed moments: qsg simulate"
                                                        : "the common belief's law is not resolved: qsg simulate", result);
        return QSG_OK;
    }
    qsg_status status = limits_of(model, &l, &local);
    qsg_status found = status ? status : settles ? stationary(model, &l, values, &local) : QSG_OK;
    if (settles)
        put_stationary(values, found ? local.message : NULL, result);
    const double growth = qsg_result_get(result, "growth_rate"), drift = (double)model->agents * qsg_result_get(result, "slow_rate");
    if (!status) {
        qsg_result_number(result, "diffusion.strain", l.strain, "", QSG_ASYMPTOTIC,
                          "speed of the mean belief against that of an agent: what E[U] neglects");
        qsg_result_number(result, "diffusion.noise", l.noise, "", QSG_ASYMPTOTIC,
                          "noise against the drift of the mean belief: what U_meanfield neglects");
    }
    if (!status && request->n && !(growth > CLEAR_GROWTH * drift))
        status = put_path(model, &l, request, result, &local);
    if (status == QSG_ENOMEM) {
        if (error)
            *error = local;
        return status;
    }
    return QSG_OK;
}
