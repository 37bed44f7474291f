/* Tables and simulated points of the figures.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/figures_ensemble.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/simulate.h"

#define Z95 1.959964

void figure_table_add(figure_table *self, const double *row)
{
    if (self->rows == self->room && !self->failed) {
        const size_t room = self->room ? 2 * self->room : 64;
        double *values = realloc(self->values, room * self->columns * sizeof *values);
        self->failed = !values;
        self->values = values ? values : self->values;
        self->room = values ? room : self->room;
    }
    if (!self->failed)
        memcpy(self->values + self->rows++ * self->columns, row, self->columns * sizeof *row);
}

qsg_status figure_table_put(figure_table *self, const char *prefix, const figure_column *columns, qsg_status status,
                            qsg_result *result, qsg_error *error)
{
    double *column = malloc((self->rows + 1) * sizeof *column);
    if (!status && (self->failed || !column))
        status = qsg_fail(error, QSG_ENOMEM, "no memory for the table of the figure");
    for (size_t c = 0; c < self->columns && !status; c++) {
        char path[96];
        for (size_t i = 0; i < self->rows; i++)
            column[i] = self->values[i * self->columns + c];
        snprintf(path, sizeof path, "%s%s", prefix, columns[c].name);
        qsg_result_column(result, columns[c].name, path, self->rows, column, columns[c].unit, columns[c].basis,
                          columns[c].meaning);
    }
    free(column);
    free(self->values);
    *self = (figure_table){0};
    return status;
}

qsg_status figure_model(qsg_model *model, qsg_error *error, const char *settings, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, settings);
    vsnprintf(text, sizeof text, settings, arguments);
    va_end(arguments);
    return qsg_model_parse(model, text, error);
}

void figure_wilson(double share, double runs, double *low, double *high)
{
    const double room = Z95 * Z95 / runs, middle = (share + room / 2) / (1 + room);
    const double half = Z95 * sqrt(share * (1 - share) / runs + room / (4 * runs)) / (1 + room);
    *low = fmax(middle - half, 0);
    *high = fmin(middle + half, 1);
}

/* Welford's mean and sum of squares. */
typedef struct {
    double n, mean, square;
} tally;

static void count(tally *self, double value)
{
    const double off = value - self->mean;
    self->n++;
    self->mean += off / self->n;
    self->square += off * (value - self->mean);
}

/* Half of the 95% interval of the mean. */
static double half_of(const tally *self)
{
    return Z95 * sqrt(self->square / (self->n - 1) / self->n);
}

typedef struct {
    tally time;
    double wins;
    qsg_error *error;
} waiting;

static qsg_status take_end(void *context, const qsg_outcome *outcome)
{
    waiting *self = context;
    if (!outcome->resolved)
        return qsg_fail(self->error, QSG_ENUMERIC, "a population of the figure has not agreed after %g interactions",
                        outcome->interactions);
    count(&self->time, outcome->consensus_time);
    self->wins += outcome->leader == 0;
    return QSG_OK;
}

qsg_status figure_simulate(const qsg_model *model, double threshold, uint64_t runs, uint64_t seed, figure_point *point,
                           qsg_error *error)
{
    waiting seen = {.error = error};
    const qsg_ensemble_request request = {.runs = runs, .seed = seed, .consensus = threshold, .horizon = 1e12};
    qsg_status status = qsg_ensemble_run(model, &request, take_end, &seen, error);
    if (status)
        return status;
    const double half = half_of(&seen.time);
    *point = (figure_point){.share = seen.wins / seen.time.n, .time = seen.time.mean, .time_low = seen.time.mean - half,
                            .time_high = seen.time.mean + half};
    figure_wilson(point->share, seen.time.n, &point->share_low, &point->share_high);
    return QSG_OK;
}

typedef struct {
    size_t n, runs, taken;
    tally *mean, *spread; /* a time each */
    double *values;       /* U: the runs at the first time, at the second, .. */
} watching;

static qsg_status take_moments(void *context, const qsg_outcome *outcome)
{
    watching *self = context;
    for (size_t i = 0; i < self->n; i++) {
        count(&self->mean[i], outcome->polarization[i]);
        count(&self->spread[i], outcome->disagreement[i]);
        self->values[i * self->runs + self->taken] = outcome->polarization[i];
    }
    self->taken++;
    return QSG_OK;
}

qsg_status figure_observe(const qsg_model *model, size_t n, const double *times, uint64_t runs, uint64_t seed,
                          figure_moment *moments, qsg_error *error)
{
    watching seen = {.n = n, .runs = runs, .mean = calloc(2 * n, sizeof *seen.mean),
                     .values = malloc(n * runs * sizeof *seen.values)};
    const qsg_ensemble_request request = {.times = times, .n = n, .runs = runs, .seed = seed, .consensus = 0.5,
                                          .horizon = 0};
    qsg_status status = seen.mean && seen.values ? QSG_OK
                                                 : qsg_fail(error, QSG_ENOMEM, "no memory for the runs of the figure");
    seen.spread = seen.mean ? seen.mean + n : NULL;
    if (!status)
        status = qsg_ensemble_run(model, &request, take_moments, &seen, error);
    for (size_t i = 0; i < n && !status; i++) {
        double *values = seen.values + i * runs;
        const double half = half_of(&seen.mean[i]), wide = half_of(&seen.spread[i]);
        const double u = seen.mean[i].mean, v = seen.spread[i].mean;
        gsl_sort(values, 1, runs);
        moments[i] = (figure_moment){u, u - half, u + half, values[runs / 10], values[runs - 1 - runs / 10],
                                     v, v - wide, v + wide};
    }
    free(seen.mean);
    free(seen.values);
    return status;
}
