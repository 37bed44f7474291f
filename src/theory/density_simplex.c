/* The density of the mean belief for three labels.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "qsg/simplex.h"
#include "theory/density_private.h"

#define STANDARD_SIDE 100

enum { ATOMS = 7 }; /* three corners, three edges, the interior */

static void put_lattice(const qsg_simplex *lattice, double *work, qsg_result *result)
{
    static const char *const names[3] = {"x1", "x2", "x3"}, *const paths[3] = {"grid.0", "grid.1", "grid.2"};
    const size_t n = lattice->n;
    for (int k = 0; k < 3; k++) {
        for (size_t i = 0; i <= n; i++)
            for (size_t j = 0; i + j <= n; j++)
                work[qsg_simplex_index(lattice, i, j)] = (double)(k == 0 ? i : k == 1 ? j : n - i - j) / (double)n;
        qsg_result_column(result, names[k], paths[k], lattice->states, work, "", QSG_INPUT, "share of the label");
    }
}

static void put_atoms(const density_job *job, const double *atoms, double *work, qsg_result *result)
{
    static const char *const names[ATOMS] = {"corner_1", "corner_2", "corner_3", "edge_1", "edge_2", "edge_3", "mass"};
    static const char *const meanings[ATOMS] = {
        "only label 1 is left", "only label 2 is left", "only label 3 is left", "only label 1 is lost",
        "only label 2 is lost", "only label 3 is lost", "no label is lost: integral of the density"};
    for (size_t t = 0; t < job->request->n; t++) {
        char path[48];
        snprintf(path, sizeof path, "absorbed.%zu", t);
        qsg_result_vector(result, path, 3, atoms + ATOMS * t, "", QSG_ASYMPTOTIC, "probability of each label alone");
        snprintf(path, sizeof path, "edges.%zu", t);
        qsg_result_vector(result, path, 3, atoms + ATOMS * t + 3, "", QSG_ASYMPTOTIC,
                          "probability that just this label is lost");
    }
    density_put_times(job, result);
    for (size_t a = 0; a < ATOMS; a++) {
        density_put_atom_column(job, names[a], ATOMS, a, atoms, work, meanings[a], result);
        if (a + 1 < ATOMS)
            qsg_result_table_only(result);
    }
}

/* Wright's closed form at the inner lattice points; with selection its constant makes it meet the lattice law's mass
 * there (eq. 20). */
static void closed_form(const qsg_simplex *lattice, const double *density, bool selected, double *closed,
                        double *difference)
{
    const size_t n = lattice->n;
    const double *a = lattice->inflow, total = a[0] + a[1] + a[2], area = 1 / ((double)n * (double)n);
    double constant = gsl_sf_lngamma(a[0]) + gsl_sf_lngamma(a[1]) + gsl_sf_lngamma(a[2]) - gsl_sf_lngamma(total);
    double top = -INFINITY, sum = 0, inner = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i <= n; i++)
            for (size_t j = 0; i + j <= n; j++) {
                const size_t at = qsg_simplex_index(lattice, i, j), q[3] = {i, j, n - i - j};
                double value = -constant;
                for (int k = 0; k < 3; k++) {
                    const double x = (double)q[k] / (double)n;
                    value += (a[k] - 1) * log(x) + 2 * lattice->selection[k] * x;
                }
                closed[at] = i && j && q[2] ? value : NAN;
                if (isnan(closed[at]))
                    continue;
                top = fmax(top, value);
                if (pass == 0)
                    continue;
                sum += exp(value - top);
                inner += density[at];
            }
    }
    const double shift = selected ? log(inner / sum) - top : 0;
    *difference = 0;
    for (size_t s = 0; s < lattice->states; s++) {
        closed[s] = exp(closed[s] + shift);
        if (!isnan(closed[s]))
            *difference += fabs(closed[s] - density[s]) * area / 2;
    }
}

static qsg_status put_stationary(const density_job *job, const qsg_simplex *lattice, qsg_result *result,
                                 qsg_error *error)
{
    const size_t n = lattice->states;
    double *values = calloc(2 * n, sizeof *values), difference;
    if (!values)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu lattice points", n);
    qsg_status status = qsg_simplex_stationary(lattice, values, error);
    if (!status) {
        qsg_simplex_density(lattice, values, values);
        closed_form(lattice, values, job->model->field != NULL, values + n, &difference);
        qsg_result_vector(result, "stationary.dirichlet", 3, lattice->inflow, "", QSG_ASYMPTOTIC,
                          "parameters theta prior_k");
        qsg_result_number(result, "stationary.difference", difference, "", QSG_NUMERICAL,
                          "total variation between the two stationary laws at the inner points");
        qsg_result_column(result, "stationary", "stationary.density", n, values, "", QSG_ASYMPTOTIC,
                          "stationary density: zero eigenvector");
        qsg_result_column(result, "stationary_closed", "stationary.closed", n, values + n, "", QSG_ASYMPTOTIC,
                          job->model->field ? "Dirichlet law with selection, normalized numerically" : "Dirichlet law");
    }
    free(values);
    return status;
}

qsg_status density_three_labels(const density_job *job, qsg_result *result, qsg_error *error)
{
    const qsg_density_request *r = job->request;
    double inflow[3], selection[3], *values = NULL, *atoms = NULL;
    qsg_simplex lattice = {0};
    qsg_diffusion_rates(&job->diffusion, job->model, inflow, selection);
    if (r->method != QSG_DENSITY_AUTO)
        return qsg_fail(error, QSG_EMODEL, "three labels have one method, the lattice; expected method auto");
    qsg_status status = qsg_simplex_init(&lattice, r->cells ? r->cells : STANDARD_SIDE, inflow, selection, error);
    if (!status)
        status = qsg_simplex_start_point(&lattice, job->start, error);
    if (status)
        goto out;
    values = calloc((r->n + 1) * lattice.states, sizeof *values);
    atoms = calloc((ATOMS + 1) * r->n + 1, sizeof *atoms);
    if (!values || !atoms) {
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu densities of %zu points", r->n, lattice.states);
        goto out;
    }
    for (size_t t = 0; t < r->n && !status; t++) {
        double *at = atoms + ATOMS * t;
        status = qsg_simplex_advance(&lattice, job->tau[t], error);
        qsg_simplex_density(&lattice, lattice.mass, values + t * lattice.states);
        qsg_simplex_atoms(&lattice, at, at + 3);
        at[6] = fmax(0, 1 - (at[0] + at[1] + at[2] + at[3] + at[4] + at[5]));
    }
    if (status)
        goto out;
    qsg_result_text(result, "method", "lattice", "");
    qsg_result_integer(result, "cells", (int64_t)lattice.n, "", QSG_INPUT, "a side of the triangle");
    put_lattice(&lattice, values + r->n * lattice.states, result);
    density_put_columns(job, lattice.states, values, "per area of (x1, x2)", result);
    if (r->stationary)
        status = put_stationary(job, &lattice, result, error);
    if (!status)
        put_atoms(job, atoms, atoms + ATOMS * r->n, result);
out:
    free(values);
    free(atoms);
    qsg_simplex_free(&lattice);
    return status;
}
