/* Figures of the adiabatic closure (doc/theory/adiabatic.md).  SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "qsg/adiabatic.h"
#include "report/figures.h"

enum { CELLS = 512 };

/* Density and distribution function of one agent's belief; the result is of the size of the cells. */
static qsg_status put_belief(int i, double alpha, double bandwidth, double mean, qsg_result *result, qsg_error *error)
{
    double density[CELLS], below[CELLS], sum = 0;
    char settings[96], name[32], path[32], meaning[96];
    qsg_belief_shape shape;
    qsg_model model = {0};
    snprintf(settings, sizeof settings, "agents=1000 alpha=%g bandwidth=%g", alpha, bandwidth);
    qsg_status status = qsg_model_parse(&model, settings, error);
    if (!status)
        status = qsg_adiabatic_density(&model, mean, CELLS, density, &shape, error);
    qsg_model_free(&model);
    if (status)
        return status;
    for (int c = 0; c < CELLS; c++) {
        sum += density[c];
        below[c] = sum;
        density[c] *= CELLS;
    }
    snprintf(path, sizeof path, "laws.%d.alpha", i);
    qsg_result_number(result, path, alpha, "", QSG_INPUT, "");
    snprintf(path, sizeof path, "laws.%d.bandwidth", i);
    qsg_result_number(result, path, bandwidth, "labels", QSG_INPUT, "m");
    snprintf(path, sizeof path, "laws.%d.dimension", i);
    qsg_result_number(result, path, shape.dimension, "", QSG_EXACT, "upper bound of the law's dimension");
    snprintf(path, sizeof path, "laws.%d.gaps", i);
    qsg_result_flag(result, path, shape.gaps, "the law lives on a Cantor set: no density exists");
    snprintf(meaning, sizeof meaning, "%s, alpha = %g, m = %g",
             shape.gaps ? "mass of the cell over its width (singular)" : "density", alpha, bandwidth);
    snprintf(name, sizeof name, "density_%d", i);
    snprintf(path, sizeof path, "density.%d", i);
    qsg_result_column(result, name, path, CELLS, density, "per unit of belief", QSG_NUMERICAL, meaning);
    snprintf(meaning, sizeof meaning, "probability of a belief below the cell's end, alpha = %g, m = %g", alpha,
             bandwidth);
    snprintf(name, sizeof name, "below_%d", i);
    snprintf(path, sizeof path, "below.%d", i);
    qsg_result_column(result, name, path, CELLS, below, "", QSG_NUMERICAL, meaning);
    return QSG_OK;
}

qsg_status produce_belief(const char *data_dir, qsg_result *result, qsg_error *error)
{
    static const struct { double alpha, bandwidth; } laws[] = {{0.1, 1}, {0.3, 1}, {0.1, 4}, {0.7, 1}};
    const double mean = 0.6;
    double middle[CELLS], end[CELLS];
    qsg_status status = QSG_OK;
    (void)data_dir;
    for (int c = 0; c < CELLS; c++) {
        middle[c] = (c + 0.5) / CELLS;
        end[c] = (c + 1.0) / CELLS;
    }
    qsg_result_number(result, "mean_belief", mean, "", QSG_INPUT, "of the population, in label 1");
    qsg_result_column(result, "x", "x", CELLS, middle, "", QSG_INPUT, "belief in label 1, middle of the cell");
    qsg_result_column(result, "end", "end", CELLS, end, "", QSG_INPUT, "end of the cell");
    for (int i = 0; i < 4 && !status; i++)
        status = put_belief(i, laws[i].alpha, laws[i].bandwidth, mean, result, error);
    return status;
}

/* Values of T in [low, high] that crowd towards `critical`, where branches end as square roots. */
static size_t tempers_about(double critical, double low, double high, double out[static 64])
{
    enum { BELOW = 30, ABOVE = 20 };
    size_t n = 0;
    for (int i = 0; i < BELOW; i++)
        out[n++] = critical - (critical - low) * pow(1 - (double)i / BELOW, 2);
    out[n++] = critical * (1 - 1e-7);
    for (int i = 0; i <= ABOVE; i++)
        out[n++] = critical * (1 + 1e-7) + (high - critical) * pow((double)i / ABOVE, 1.5);
    return n;
}

typedef enum { HIGH, LOW, MIDDLE, UNSTABLE, BRANCHES } branch;

static branch branch_of(const qsg_fixed_point *point)
{
    if (!point->stable)
        return UNSTABLE;
    return fabs(point->p - 0.5) < 1e-6 ? MIDDLE : point->p > 0.5 ? HIGH : LOW;
}

/* One table of a bifurcation diagram: a column a branch. */
static qsg_status put_diagram(const char *suffix, const char *settings, double low, double high, qsg_result *result,
                              qsg_error *error)
{
    enum { MOST = 8 };
    static const char *const names[] = {"high", "low", "middle", "unstable"};
    double tempers[64], columns[BRANCHES][64], critical;
    char name[48], path[48];
    size_t n = 0, found;
    qsg_fixed_point points[MOST];
    qsg_model model = {0};
    qsg_status status = qsg_model_parse(&model, settings, error);
    if (!status)
        status = qsg_adiabatic_critical(&model, QSG_BY_TEMPER, low, high, &critical, error);
    if (!status)
        n = tempers_about(critical, low, high, tempers);
    for (size_t i = 0; i < n && !status; i++) {
        for (int b = 0; b < BRANCHES; b++)
            columns[b][i] = NAN;
        model.temper = tempers[i];
        status = qsg_adiabatic_fixed_points(&model, MOST, points, &found, error);
        for (size_t k = 0; k < found && !status; k++)
            columns[branch_of(&points[k])][i] = points[k].p;
    }
    qsg_model_free(&model);
    if (status)
        return status;
    snprintf(path, sizeof path, "critical.%s", suffix);
    qsg_result_number(result, path, critical, "", QSG_NUMERICAL, "temper at which the fixed points change");
    snprintf(name, sizeof name, "temper_%s", suffix);
    snprintf(path, sizeof path, "%s.temper", suffix);
    qsg_result_column(result, name, path, n, tempers, "", QSG_INPUT, settings);
    for (int b = 0; b < BRANCHES; b++) {
        snprintf(name, sizeof name, "%s_%s", names[b], suffix);
        snprintf(path, sizeof path, "%s.%s", suffix, names[b]);
        qsg_result_column(result, name, path, n, columns[b], "", QSG_MEANFIELD,
                          b == UNSTABLE ? "unstable self-consistent mean belief"
                                        : "stable self-consistent mean belief");
    }
    return QSG_OK;
}

qsg_status produce_bifurcation(const char *data_dir, qsg_result *result, qsg_error *error)
{
    (void)data_dir;
    qsg_status status = put_diagram("even", "agents=1000 alpha=0.3 innovation=0.02", 0.6, 1.2, result, error);
    if (!status) {
        qsg_result_next_table(result);
        status = put_diagram("field", "agents=1000 alpha=0.3 innovation=0.02 field=0.02", 0.6, 1.2, result, error);
    }
    return status;
}
