/* The figure pluralism: stationary laws with innovation and where they stop taking sides (doc/theory/innovation.md).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "qsg/innovation.h"
#include "qsg/simulate.h"
#include "report/figures.h"
#include "report/figures_ensemble.h"

#define SEED 1 /* of the first ensemble; the next ones have the next numbers */

enum { RUNS = 2000, BINS = 20, FINE = 200, LAWS = 3 };

/* One look at each of RUNS stationary populations: the share of label 1 in bins. */
typedef struct {
    double bins[BINS];
} sample;

static qsg_status take(void *context, const qsg_outcome *outcome)
{
    sample *self = context;
    const double share = outcome->shares[0];
    self->bins[share >= 1 ? BINS - 1 : (int)(share * BINS)]++;
    return QSG_OK;
}

/* Ten times of relaxation after an even start, whose mean is the stationary one already. */
static qsg_status observe(const qsg_model *model, uint64_t seed, sample *seen, qsg_error *error)
{
    qsg_innovation_rates rates;
    qsg_status status = qsg_innovation_relaxation(model, &rates, error);
    const double t = status ? 0 : ceil(10 / rates.moments);
    const qsg_ensemble_request request = {.times = &t, .n = 1, .runs = RUNS, .seed = seed, .consensus = 0.5, .horizon = 0,
                                          .want_shares = true};
    *seen = (sample){0};
    return status ? status : qsg_ensemble_run(model, &request, take, seen, error);
}

static void add_bins(int law, const sample *seen, figure_table *table)
{
    for (int b = 0; b < BINS; b++) {
        const double share = seen->bins[b] / RUNS;
        double low, high;
        figure_wilson(share, RUNS, &low, &high);
        figure_table_add(table, (double[]){law, (b + 0.5) / BINS, share * BINS, low * BINS, high * BINS});
    }
}

/* Means of the density Beta(theta/2, theta/2) over fine cells, since it may be infinite at the ends. */
static void add_law(int law, double theta, figure_table *table)
{
    for (int c = 0; c < FINE; c++) {
        const double mass = gsl_cdf_beta_P((c + 1.0) / FINE, theta / 2, theta / 2) -
                            gsl_cdf_beta_P((double)c / FINE, theta / 2, theta / 2);
        figure_table_add(table, (double[]){law, (c + 0.5) / FINE, mass * FINE});
    }
}

static qsg_status put_laws(qsg_result *result, qsg_error *error)
{
    static const double epsilons[LAWS] = {0.005, 1 / 48.0, 0.08};
    static const figure_column laws[] = {
        {"law", "", QSG_INPUT, "0: innovation 0.005, 1: 1/48, 2: 0.08"}, {"x", "", QSG_INPUT, "share of label 1"},
        {"density", "", QSG_ASYMPTOTIC, "Beta(theta/2, theta/2), mean over a cell of 1/200"}};
    static const figure_column bins[] = {
        {"seen_law", "", QSG_INPUT, "as law"}, {"seen_x", "", QSG_INPUT, "middle of a bin of 1/20"},
        {"seen", "", QSG_SIMULATED, "density in the bin, 2,000 populations"},
        {"low", "", QSG_SIMULATED, "end of Wilson's 95% interval"},
        {"high", "", QSG_SIMULATED, "end of Wilson's 95% interval"}};
    figure_table law = {.columns = 3}, seen = {.columns = 5};
    sample *room = malloc(sizeof *room);
    qsg_status status = room ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for %d runs", RUNS);
    for (int i = 0; i < LAWS && !status; i++) {
        double theta;
        char path[32];
        qsg_model model;
        status = figure_model(&model, error, "agents=32 alpha=0.5 innovation=%.17g", epsilons[i]);
        if (status)
            break;
        status = qsg_innovation_theta(&model, &theta, error);
        if (!status)
            status = observe(&model, SEED + (uint64_t)i, room, error);
        if (!status) {
            snprintf(path, sizeof path, "theta.%d", i);
            qsg_result_number(result, path, theta, "", QSG_ASYMPTOTIC, "theta of the law");
            add_law(i, theta, &law);
            add_bins(i, room, &seen);
        }
        qsg_model_free(&model);
    }
    free(room);
    status = figure_table_put(&law, "laws.", laws, status, result, error);
    qsg_result_next_table(result);
    return figure_table_put(&seen, "bins.", bins, status, result, error);
}

/* Stationary E[U] at one innovation: exact, the limit 1 - theta/(2(theta + 1)), theta/2, and simulated where asked. */
static qsg_status add_polarization(double alpha, double epsilon, bool simulated, uint64_t seed, figure_table *table,
                                   qsg_error *error)
{
    qsg_model model;
    qsg_innovation_moments exact;
    double theta;
    figure_moment seen = {.mean = NAN, .low = NAN, .high = NAN};
    qsg_innovation_rates rates;
    qsg_status status = figure_model(&model, error, "agents=32 alpha=%g innovation=%.17g", alpha, epsilon);
    if (status)
        return status;
    status = qsg_innovation_stationary(&model, &exact, error);
    if (!status)
        status = qsg_innovation_theta(&model, &theta, error);
    if (!status)
        status = qsg_innovation_relaxation(&model, &rates, error);
    if (!status && simulated)
        status = figure_observe(&model, 1, (double[]){ceil(10 / rates.moments)}, 500, seed, &seen, error);
    if (!status)
        figure_table_add(table, (double[]){alpha, epsilon, theta / 2, 1 - exact.heterogeneity,
                                           1 - theta / (2 * (theta + 1)), seen.mean, seen.low, seen.high});
    qsg_model_free(&model);
    return status;
}

static qsg_status put_polarization(qsg_result *result, qsg_error *error)
{
    static const figure_column columns[] = {
        {"alpha", "", QSG_INPUT, "adaptation rate"}, {"innovation", "", QSG_INPUT, "epsilon"},
        {"theta_prior", "", QSG_ASYMPTOTIC, "theta/2: below 1 the population takes sides"},
        {"U", "", QSG_EXACT, "stationary E[U]"}, {"U_limit", "", QSG_ASYMPTOTIC, "of the Beta law"},
        {"U_mean", "", QSG_SIMULATED, "mean of 500 populations"},
        {"U_low", "", QSG_SIMULATED, "end of the 95% interval of the mean"},
        {"U_high", "", QSG_SIMULATED, "end of the 95% interval of the mean"}};
    static const double alphas[] = {0.2, 0.5, 0.9};
    enum { POINTS = 41 };
    figure_table table = {.columns = sizeof columns / sizeof *columns};
    qsg_status status = QSG_OK;
    for (int i = 0; i < 3 * POINTS && !status; i++)
        status = add_polarization(alphas[i / POINTS], 1e-3 * pow(1000, i % POINTS / (POINTS - 1.0)), i % POINTS % 5 == 0,
                                  SEED + LAWS + (uint64_t)i, &table, error);
    for (int a = 0; a < 3 && !status; a++) { /* last, the border itself */
        qsg_model model;
        qsg_innovation_phase phase;
        double border;
        status = figure_model(&model, error, "agents=32 alpha=%g innovation=0.01", alphas[a]);
        if (status)
            break;
        status = qsg_innovation_boundary(&model, &phase, &border, error);
        qsg_model_free(&model);
        if (!status)
            status = add_polarization(alphas[a], border, false, 0, &table, error);
    }
    qsg_result_next_table(result);
    return figure_table_put(&table, "stationary.", columns, status, result, error);
}

qsg_status produce_pluralism(const char *data_dir, qsg_result *result, qsg_error *error)
{
    (void)data_dir;
    qsg_result_text(result, "setting", "N = 32, K = 2, m = 1, one-way exchange, even prior; laws at alpha = 0.5", "");
    qsg_status status = put_laws(result, error);
    return status ? status : put_polarization(result, error);
}
