/* Tables and simulated points of the figures.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_FIGURES_ENSEMBLE_H
#define QSG_FIGURES_ENSEMBLE_H

#include "qsg/model.h"
#include "qsg/result.h"

/* A column of a table: `name` is also its path, after the table's prefix. */
typedef struct {
    const char *name, *unit;
    qsg_basis basis;
    const char *meaning;
} figure_column;

/* A table that grows by rows.  Start with the number of columns and 0 elsewhere; a lack of memory is told at the end. */
typedef struct {
    size_t columns, rows, room;
    double *values; /* row by row */
    bool failed;
} figure_table;

void figure_table_add(figure_table *self, const double *row);

/* The table into the result, its columns' paths as prefix.name ("" or "law." ..), unless `status` is a failure; frees it and
 * returns the status, or QSG_ENOMEM. */
qsg_status figure_table_put(figure_table *self, const char *prefix, const figure_column *columns, qsg_status status,
                            qsg_result *result, qsg_error *error);

/* Settings of a model in printf's way: "agents=%.0f alpha=%g".  The model is to be freed unless this fails. */
__attribute__((format(printf, 3, 4))) qsg_status figure_model(qsg_model *model, qsg_error *error, const char *settings, ...);

/* What an ensemble says at one point of a figure: with each estimate the ends of its 95% interval. */
typedef struct {
    double share, share_low, share_high; /* runs that label 1 led when U reached the threshold; Wilson's interval */
    double time, time_low, time_high;    /* mean of the first interaction with U at the threshold; normal interval */
} figure_point;

/* Wait for `threshold` in each of `runs` >= 2 populations, which must get there.  QSG_ENUMERIC when one has not within
 * 10^12 interactions. */
qsg_status figure_simulate(const qsg_model *model, double threshold, uint64_t runs, uint64_t seed, figure_point *point,
                           qsg_error *error);

/* Wilson's 95% interval of a share. */
void figure_wilson(double share, double runs, double *low, double *high);

/* What an ensemble says at one time. */
typedef struct {
    double mean, low, high;  /* mean of U, ends of its 95% interval */
    double tenth, ninetieth; /* of U among the populations */
    double spread, spread_low, spread_high; /* mean of V, its 95% interval */
} figure_moment;

/* `runs` >= 2 populations at n increasing times. */
qsg_status figure_observe(const qsg_model *model, size_t n, const double *times, uint64_t runs, uint64_t seed,
                          figure_moment *moments, qsg_error *error);

#endif
