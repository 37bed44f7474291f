/* The density of the mean belief: the part that all numbers of labels share, and two labels.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/density_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "qsg/fokker_planck.h"
#include "qsg/spectral.h"
#include "theory/stationary_law.h"

#define STANDARD_CELLS 1000

static const char *limit_of(const density_job *job)
{
    return job->drift.closure ? "adiabatic diffusion: N to infinity, strain to 0" : "diffusion limit: N to infinity";
}

void density_put_columns(const density_job *job, size_t n, const double *values, const char *unit, qsg_result *result)
{
    for (size_t i = 0; i < job->request->n; i++) {
        char name[48], path[48], meaning[128];
        snprintf(name, sizeof name, "t=%.15g", job->request->times[i]);
        snprintf(path, sizeof path, "density.%zu", i);
        snprintf(meaning, sizeof meaning, "density at t = %.15g, %s", job->request->times[i], limit_of(job));
        qsg_result_column(result, name, path, n, values + i * n, unit, QSG_ASYMPTOTIC, meaning);
    }
}

void density_put_times(const density_job *job, qsg_result *result)
{
    qsg_result_next_table(result);
    qsg_result_column(result, "time", "times", job->request->n, job->request->times, "interactions", QSG_INPUT, "");
    qsg_result_column(result, "tau", "tau", job->request->n, job->tau, "", QSG_EXACT, "slow_rate times time");
}

void density_put_atom_column(const density_job *job, const char *name, size_t n, size_t which, const double *values,
                             double *work, const char *meaning, qsg_result *result)
{
    char full[128];
    snprintf(full, sizeof full, "%s, %s", meaning, limit_of(job));
    for (size_t i = 0; i < job->request->n; i++)
        work[i] = values[i * n + which];
    qsg_result_column(result, name, name, job->request->n, work, "", QSG_ASYMPTOTIC, full);
}

static qsg_status check_times(const qsg_density_request *request, qsg_error *error)
{
    for (size_t i = 0; i < request->n; i++) {
        if (!(request->times[i] >= 0 && request->times[i] < INFINITY))
            return qsg_fail(error, QSG_EDOMAIN, "time is out of range (%g); expected a number >= 0", request->times[i]);
        if (i && request->times[i] < request->times[i - 1])
            return qsg_fail(error, QSG_EDOMAIN, "times decrease (%g after %g); expected increasing ones",
                            request->times[i], request->times[i - 1]);
    }
    return QSG_OK;
}

static void put_diffusion(const density_job *job, qsg_result *result)
{
    const qsg_diffusion *d = &job->diffusion;
    const qsg_model *model = job->model;
    qsg_result_number(result, "slow_rate", d->rate, "per interaction",
                      job->drift.closure ? QSG_ASYMPTOTIC : QSG_EXACT,
                      job->drift.closure ? "of the neutral part, times the noise of the mixed state against it; tau = slow_rate t"
                                         : "of the neutral part; tau = slow_rate t");
    if (job->drift.closure)
        qsg_result_number(result, "strain", job->drift.strain, "", QSG_ASYMPTOTIC,
                          "speed of the mean against that of an agent: the size of the neglected terms");
    else if (model->field && model->labels == 2)
        qsg_result_number(result, "gamma", d->gain * (model->field[0] - model->field[1]), "", QSG_EXACT,
                          "weak-selection strength: drift gamma x(1-x) per unit of tau");
    else if (model->field)
        qsg_result_number(result, "gain", d->gain, "", QSG_EXACT, "selection per unit of field and of tau");
    if (model->innovation > 0)
        qsg_result_number(result, "theta", d->theta, "", QSG_ASYMPTOTIC, "innovation: drift theta/2 (prior - x)");
    if (!job->request->start_density)
        qsg_result_vector(result, "start", model->labels, job->start, "", QSG_INPUT, "shares at time 0");
}

qsg_status qsg_density(const qsg_model *model, const qsg_density_request *request, qsg_result *result,
                       qsg_error *error)
{
    density_job job = {.model = model, .request = request, .start = request->start ? request->start : model->start.p};
    if (model->labels > 3)
        return qsg_fail(error, QSG_EMODEL, "density is for two or three labels (K = %zu); expected K = 2 or 3",
                        model->labels);
    if (request->start_density && model->labels != 2)
        return qsg_fail(error, QSG_EMODEL, "a start density is for two labels (K = %zu); expected shares, or K = 2",
                        model->labels);
    qsg_status status = check_times(request, error);
    if (!status)
        status = model->labels == 2 ? qsg_mean_drift_init(&job.drift, model, error)
                                    : qsg_diffusion_of(model, &job.diffusion, error);
    if (status)
        return status;
    const double arrived[2] = {job.drift.start, 1 - job.drift.start};
    if (model->labels == 2)
        job.diffusion = job.drift.diffusion;
    if (job.drift.closure && !request->start)
        job.start = arrived;
    job.tau = calloc(request->n + 1, sizeof *job.tau);
    if (!job.tau)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", request->n);
    for (size_t i = 0; i < request->n; i++)
        job.tau[i] = job.diffusion.rate * request->times[i];
    put_diffusion(&job, result);
    status = model->labels == 2 ? density_two_labels(&job, result, error) : density_three_labels(&job, result, error);
    free(job.tau);
    return status;
}

/* Results of two labels on the cells of `fp`: times x cells densities, times x 2 atoms. */
typedef struct {
    size_t cells;
    double *grid, *width, *density, *absorbed;
} table;

static qsg_status table_init(table *self, const qsg_fokker_planck *fp, size_t times, qsg_error *error)
{
    const size_t cells = fp->cells;
    double *room = calloc(cells * (times + 2) + 3 * times + 1, sizeof *room);
    if (!room)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu densities of %zu cells", times, cells);
    *self = (table){cells, room, room + cells, room + 2 * cells, room + cells * (times + 2)};
    for (size_t i = 0; i < cells; i++) {
        self->grid[i] = (fp->edges[i] + fp->edges[i + 1]) / 2;
        self->width[i] = fp->edges[i + 1] - fp->edges[i];
    }
    return QSG_OK;
}

/* The mean without selection is known in closed form; cells that miss it by more than this do not resolve the drift. */
#define MEAN_TOLERANCE 0.002

static qsg_status check_mean(const density_job *job, const qsg_fokker_planck *fp, const table *cells, double tau,
                             qsg_error *error)
{
    const double *inflow = job->drift.polynomial.inflow, total = inflow[0] + inflow[1];
    double mean = fp->absorbed[0];
    if (job->drift.closure || job->model->field || job->request->start_density)
        return QSG_OK;
    for (size_t i = 0; i < cells->cells; i++)
        mean += fp->mass[i] * cells->grid[i];
    const double end = total > 0 ? inflow[0] / total : job->start[0];
    const double exact = end + (job->start[0] - end) * exp(-total * tau / 2);
    if (!(fabs(mean - exact) <= MEAN_TOLERANCE))
        return qsg_fail(error, QSG_ENUMERIC,
                        "%zu cells do not resolve the drift (mean %.4g for %.4g); expected more --cells",
                        cells->cells, mean, exact);
    return QSG_OK;
}

static qsg_status run_finite_volume(const density_job *job, qsg_fokker_planck *fp, table *out, qsg_error *error)
{
    const qsg_density_request *r = job->request;
    qsg_status status = r->start_density
                            ? qsg_fokker_planck_start_density(fp, r->n_start, r->start_x, r->start_density, error)
                            : qsg_fokker_planck_start_point(fp, job->start[0], error);
    for (size_t t = 0; t < r->n && !status; t++) {
        status = qsg_fokker_planck_advance(fp, job->tau[t], error);
        if (!status)
            status = check_mean(job, fp, out, job->tau[t], error);
        for (size_t i = 0; i < out->cells; i++)
            out->density[t * out->cells + i] = fp->mass[i] / out->width[i];
        out->absorbed[2 * t] = fp->absorbed[0];
        out->absorbed[2 * t + 1] = fp->absorbed[1];
    }
    return status;
}

static qsg_status run_spectral(const density_job *job, const double *edges, table *out, qsg_error *error)
{
    const qsg_polynomial_drift *drift = &job->drift.polynomial;
    const qsg_density_request *r = job->request;
    qsg_spectral spectral = {0};
    size_t first = 0;
    if (job->drift.closure)
        return qsg_fail(error, QSG_EMODEL, "the spectral method does not support --temper (%g); expected 1, or method "
                        "finite-volume", job->model->temper);
    if (r->start_density)
        return qsg_fail(error, QSG_EDOMAIN, "the spectral method starts from a point; expected shares, or method "
                        "finite-volume");
    for (; first < r->n && job->tau[first] == 0; first++) { /* a point mass has no density */
        for (size_t i = 0; i < out->cells; i++)
            out->density[first * out->cells + i] = NAN;
        out->absorbed[2 * first] = job->start[0] == 1 && drift->inflow[1] == 0;
        out->absorbed[2 * first + 1] = job->start[0] == 0 && drift->inflow[0] == 0;
    }
    if (first == r->n)
        return QSG_OK;
    qsg_status status = qsg_spectral_init(&spectral, drift, job->start[0], job->tau[first], error);
    for (size_t t = first; t < r->n && !status; t++) {
        status = qsg_spectral_averages(&spectral, job->tau[t], out->cells, edges, out->density + t * out->cells,
                                       error);
        if (!status)
            status = qsg_spectral_absorbed(&spectral, job->tau[t], &out->absorbed[2 * t], error);
    }
    qsg_spectral_free(&spectral);
    return status;
}

/* The chain of cells beside the integral of the closed form over each cell (eq. 20): two methods. */
static qsg_status put_stationary(const density_job *job, const qsg_fokker_planck *fp, const table *cells,
                                 qsg_result *result, qsg_error *error)
{
    const size_t n = fp->cells;
    double *values = calloc(2 * n, sizeof *values), *closed = values + n, apart = 0;
    stationary_moments moments;
    if (!values)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu cells", n);
    qsg_status status = qsg_fokker_planck_stationary(fp, values, error);
    if (!status)
        status = stationary_integrate(&job->drift, n, fp->edges, closed, &moments, error);
    if (!status) {
        for (size_t i = 0; i < n; i++) {
            apart += fabs(closed[i] - values[i]) / 2;
            closed[i] /= cells->width[i];
            values[i] /= cells->width[i];
        }
        if (!job->drift.closure)
            qsg_result_vector(result, "stationary.dirichlet", 2, job->drift.polynomial.inflow, "", QSG_ASYMPTOTIC,
                              "parameters theta prior_k");
        qsg_result_number(result, "stationary.difference", apart, "", QSG_NUMERICAL,
                          "total variation between the two stationary laws: the error of the cells");
        qsg_result_column(result, "stationary", "stationary.density", n, values, "", QSG_ASYMPTOTIC,
                          "stationary density: of the chain of cells");
        qsg_result_column(result, "stationary_closed", "stationary.closed", n, closed, "", QSG_ASYMPTOTIC,
                          job->drift.closure      ? "stationary density: integral of the drift, by quadrature"
                          : job->model->field ? "stationary density: Dirichlet law with selection, by quadrature"
                                              : "stationary density: Dirichlet law, by quadrature");
    }
    free(values);
    return status;
}

static void put_atoms(const density_job *job, table *out, qsg_result *result)
{
    const size_t times = job->request->n;
    double *mass = out->absorbed + 2 * times;
    char path[48];
    for (size_t t = 0; t < times; t++) {
        snprintf(path, sizeof path, "absorbed.%zu", t);
        qsg_result_vector(result, path, 2, out->absorbed + 2 * t, "", QSG_ASYMPTOTIC,
                          "probability of label 1 alone, of label 2 alone");
    }
    density_put_times(job, result);
    density_put_atom_column(job, "absorbed_1", 2, 0, out->absorbed, mass, "only label 1 is left", result);
    qsg_result_table_only(result);
    density_put_atom_column(job, "absorbed_2", 2, 1, out->absorbed, mass, "only label 2 is left", result);
    qsg_result_table_only(result);
    for (size_t t = 0; t < times; t++)
        mass[t] = 1 - (out->absorbed[2 * t] + out->absorbed[2 * t + 1]);
    density_put_atom_column(job, "mass", 1, 0, mass, mass, "both labels are left: integral of the density", result);
}

qsg_status density_two_labels(const density_job *job, qsg_result *result, qsg_error *error)
{
    const bool spectral = job->request->method == QSG_DENSITY_SPECTRAL;
    qsg_fokker_planck fp = {0};
    qsg_mean_drift drift = job->drift;
    table out = {0};
    qsg_status status = qsg_fokker_planck_init(&fp, job->request->cells ? job->request->cells : STANDARD_CELLS,
                                               qsg_mean_drift_at, &drift, error);
    if (!status)
        status = table_init(&out, &fp, job->request->n, error);
    if (!status)
        status = spectral ? run_spectral(job, fp.edges, &out, error) : run_finite_volume(job, &fp, &out, error);
    if (!status) {
        qsg_result_text(result, "method", spectral ? "spectral" : "finite-volume", "");
        qsg_result_integer(result, "cells", (int64_t)fp.cells, "", QSG_INPUT,
                           "equally wide in the angle 2 asin sqrt x");
        qsg_result_column(result, "x", "grid", out.cells, out.grid, "", QSG_INPUT,
                          "share of label 1: middle of a cell");
        qsg_result_column(result, "width", "width", out.cells, out.width, "", QSG_INPUT, "of the cell");
        density_put_columns(job, out.cells, out.density, "", result);
        if (job->request->stationary)
            status = put_stationary(job, &fp, &out, result, error);
    }
    if (!status)
        put_atoms(job, &out, result);
    free(out.grid);
    qsg_fokker_planck_free(&fp);
    return status;
}
