/* Simulated points of the figures.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/figures_ensemble.h"

#include <math.h>

#include "qsg/simulate.h"

#define Z95 1.959964

typedef struct {
    double runs, wins, mean, square; /* Welford */
    qsg_error *error;
} tally;

static qsg_status take(void *context, const qsg_outcome *outcome)
{
    tally *self = context;
    if (!outcome->resolved)
        return qsg_fail(self->error, QSG_ENUMERIC, "a population of the figure has not agreed after %g interactions",
                        outcome->interactions);
    const double off = outcome->consensus_time - self->mean;
    self->runs++;
    self->wins += outcome->leader == 0;
    self->mean += off / self->runs;
    self->square += off * (outcome->consensus_time - self->mean);
    return QSG_OK;
}

qsg_status figure_simulate(const qsg_model *model, double threshold, uint64_t runs, uint64_t seed, figure_point *point,
                           qsg_error *error)
{
    tally counts = {.error = error};
    const qsg_ensemble_request request = {.runs = runs, .seed = seed, .consensus = threshold, .horizon = 1e12};
    qsg_status status = qsg_ensemble_run(model, &request, take, &counts, error);
    if (status)
        return status;
    const double n = counts.runs, share = counts.wins / n, room = Z95 * Z95 / n;
    const double middle = (share + room / 2) / (1 + room);
    const double half = Z95 * sqrt(share * (1 - share) / n + room / (4 * n)) / (1 + room);
    const double spread = Z95 * sqrt(counts.square / (n - 1) / n);
    *point = (figure_point){share, middle - half, middle + half,
                            counts.mean, counts.mean - spread, counts.mean + spread};
    return QSG_OK;
}

qsg_status figure_simulate_settings(const char *settings, double threshold, uint64_t runs, uint64_t seed,
                                    figure_point *point, qsg_error *error)
{
    qsg_model model = {0};
    qsg_status status = qsg_model_parse(&model, settings, error);
    if (!status)
        status = figure_simulate(&model, threshold, runs, seed, point, error);
    qsg_model_free(&model);
    return status;
}
