/* The law of one agent's belief, two labels (doc/theory/adiabatic.md, eq. 14-15; kinetic.md, eq. 2).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "qsg/adiabatic.h"
#include "qsg/density.h"
#include "qsg/kinetic.h"

enum { STANDARD_CELLS = 1000 };

static void put_shape(qsg_belief_shape shape, qsg_result *result)
{
    static const char *const unknown = "not proved for this alpha; all but a set of dimension 0 have a density";
    char statement[160];
    if (shape.kind == QSG_BELIEF_UNKNOWN)
        qsg_result_number(result, "singular", NAN, "", QSG_EXACT, unknown);
    else
        qsg_result_flag(result, "singular", shape.kind == QSG_BELIEF_SINGULAR, "whether the stationary law has no density");
    qsg_result_flag(result, "gaps", shape.gaps, "whether it lives on a Cantor set");
    qsg_result_number(result, "dimension", shape.dimension, "", QSG_EXACT,
                      "upper bound of the dimension of the law: below 1 there is no density");
    if (shape.kind == QSG_BELIEF_SINGULAR) {
        snprintf(statement, sizeof statement, "no density exists (dimension <= %.3g): density is the mass of a "
                 "cell over its width, and depends on the cells", shape.dimension);
        qsg_result_text(result, "statement", statement, "");
    }
}

/* Stationary law around a mean belief that stands still. */
static qsg_status put_stationary(const qsg_model *model, double mean, size_t cells, double *mass, double *sum,
                                 qsg_result *result, qsg_error *error)
{
    qsg_belief_shape shape;
    qsg_status status = qsg_adiabatic_density(model, mean, cells, mass, &shape, error);
    if (status)
        return status;
    *sum = 0;
    for (size_t i = 0; i < cells; i++) {
        *sum += mass[i];
        mass[i] *= (double)cells;
    }
    qsg_result_number(result, "mean_belief", mean, "", QSG_INPUT, "of the population, in label 1, held fixed");
    put_shape(shape, result);
    qsg_result_column(result, "density", "density.0", cells, mass, "per unit of belief", QSG_NUMERICAL,
                      "stationary law of one agent, mass of a cell over its width");
    qsg_result_vector(result, "mass", 1, sum, "", QSG_NUMERICAL, "integral of the density");
    return QSG_OK;
}

static qsg_status put_times(const qsg_model *model, const qsg_density_request *request, size_t cells, double *mass,
                            double *work, qsg_result *result, qsg_error *error)
{
    double *rounds = work, *sums = work + request->n;
    const double m = model->bandwidth;
    for (size_t t = 0; t < request->n; t++) {
        char name[48], path[48], meaning[96];
        rounds[t] = request->times[t] / (double)model->agents;
        qsg_status status = qsg_kinetic_density(model, rounds[t], cells, mass, error);
        if (status)
            return status;
        sums[t] = 0;
        for (size_t i = 0; i < cells; i++) {
            sums[t] += mass[i];
            mass[i] *= (double)cells;
        }
        snprintf(name, sizeof name, "t=%.15g", request->times[t]);
        snprintf(path, sizeof path, "density.%zu", t);
        snprintf(meaning, sizeof meaning, "law of one agent at t = %.15g, smoothed by pi/128 in arccos(2x-1)",
                 request->times[t]);
        qsg_result_column(result, name, path, cells, mass, "per unit of belief", QSG_MEANFIELD, meaning);
    }
    if (model->alpha > m / (m + 1))
        qsg_result_flag(result, "singular", true, "whether the law has no density in the long run");
    else
        qsg_result_number(result, "singular", NAN, "", QSG_MEANFIELD, "depends on where the mean belief settles: give no times");
    qsg_result_next_table(result);
    qsg_result_column(result, "time", "times", request->n, request->times, "interactions", QSG_INPUT, "");
    qsg_result_column(result, "rounds", "rounds", request->n, rounds, "rounds", QSG_INPUT, "of N interactions");
    qsg_result_column(result, "mass", "mass", request->n, sums, "", QSG_NUMERICAL, "integral of the density");
    return QSG_OK;
}

qsg_status qsg_density_beliefs(const qsg_model *model, const qsg_density_request *request, qsg_result *result,
                               qsg_error *error)
{
    const size_t cells = request->cells ? request->cells : STANDARD_CELLS;
    if (model->labels != 2)
        return qsg_fail(error, QSG_EMODEL, "density of beliefs does not support --labels (%zu); expected 2",
                        model->labels);
    if (request->start_density || (request->start && request->n))
        return qsg_fail(error, QSG_EDOMAIN, "density of beliefs %s; expected %s",
                        request->n ? "in time takes no --start" : "takes no density to start from",
                        request->n ? "the beliefs of --init" : "a mean belief");
    if (cells > 65536 || cells % 2)
        return qsg_fail(error, QSG_EDOMAIN,
                        "number of cells is out of range (%zu); expected an even number up to 65536",
                        cells);
    double *work = malloc((2 * cells + 2 * request->n + 1) * sizeof *work), *grid = work + cells;
    if (!work)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu cells", cells);
    for (size_t i = 0; i < cells; i++)
        grid[i] = ((double)i + 0.5) / (double)cells;
    qsg_result_text(result, "of", "beliefs", "");
    qsg_result_text(result, "method", request->n ? "kinetic" : "adiabatic",
                    request->n ? "infinite population in time" : "stationary while the mean belief stands still");
    qsg_result_number(result, "width", 1 / (double)cells, "", QSG_INPUT, "of each cell");
    qsg_result_column(result, "x", "grid", cells, grid, "", QSG_INPUT, "belief in label 1: middle of a cell");
    const double mean = request->start ? request->start[0] : model->start.p[0];
    qsg_status status = request->n
                            ? put_times(model, request, cells, work, grid + cells, result, error)
                            : put_stationary(model, mean, cells, work, grid + cells, result, error);
    free(work);
    return status ? status : qsg_result_status(result);
}
