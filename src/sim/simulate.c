/* Statistics of an ensemble (doc/theory/simulation.md, section 5).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/simulate.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

#include "qsg/density.h"
#include "qsg/paths.h"

enum { U, H, V, S, N_OBSERVABLES };

static const char *const interactions = "interactions";

typedef struct {
    size_t n;              /* times */
    uint64_t runs, resolved;
    double *mean, *square; /* Welford: N_OBSERVABLES x n */
    double *errors;        /* n: standard errors of one column */
    double *fixed;         /* n: runs in which one label is left */
    double *wins;          /* one a label */
    double *consensus;     /* times of the resolved runs */
    double interactions;   /* total; a sum of whole numbers, exact up to 2^53 */
} statistics;

static void statistics_free(statistics *self)
{
    free(self->mean);
    free(self->wins);
    free(self->consensus);
}

static qsg_status statistics_init(statistics *self, const qsg_model *model, const qsg_ensemble_request *request,
                                  qsg_error *error)
{
    *self = (statistics){.n = request->n};
    /* a number of runs that the ensemble will refuse takes no memory */
    const size_t runs = request->runs <= QSG_MAX_RUNS ? (size_t)request->runs : 0;
    self->mean = calloc((2 * N_OBSERVABLES + 2) * request->n + 1, sizeof *self->mean);
    self->wins = calloc(model->labels, sizeof *self->wins);
    self->consensus = calloc(runs + 1, sizeof *self->consensus);
    if (!self->mean || !self->wins || !self->consensus) {
        statistics_free(self);
        return qsg_fail(error, QSG_ENOMEM, "no memory for the statistics of %llu runs",
                        (unsigned long long)request->runs);
    }
    self->square = self->mean + N_OBSERVABLES * request->n;
    self->errors = self->square + N_OBSERVABLES * request->n;
    self->fixed = self->errors + request->n;
    return QSG_OK;
}

/* Welford's update of a mean and a sum of squared deviations with the n-th value. */
static void add(double value, double n, double *mean, double *square)
{
    const double off = value - *mean;
    *mean += off / n;
    *square += off * (value - *mean);
}

static qsg_status take(void *context, const qsg_outcome *outcome)
{
    statistics *self = context;
    const double *const values[N_OBSERVABLES] = {outcome->polarization, outcome->heterogeneity, outcome->disagreement,
                                                 outcome->coordination};
    self->runs++;
    for (int c = 0; c < N_OBSERVABLES; c++)
        for (size_t i = 0; i < self->n; i++)
            add(values[c][i], (double)self->runs, &self->mean[(size_t)c * self->n + i],
                &self->square[(size_t)c * self->n + i]);
    for (size_t i = 0; i < self->n; i++)
        self->fixed[i] += outcome->heterogeneity[i] == 0;
    if (outcome->resolved) {
        self->wins[outcome->leader]++;
        self->consensus[self->resolved++] = outcome->consensus_time;
    }
    self->interactions += outcome->interactions;
    return QSG_OK;
}

static double standard_error(double square, double n)
{
    return n > 1 ? sqrt(square / (n - 1) / n) : NAN;
}

/* Quantile over all runs, unresolved ones above every number: the order statistic at (runs - 1) level, interpolated. */
static double quantile(const statistics *self, double level)
{
    const double at = (double)(self->runs - 1) * level, whole = floor(at), part = at - whole;
    const uint64_t low = (uint64_t)whole, high = low + (part > 0);
    if (high >= self->resolved)
        return NAN;
    return self->consensus[low] + part * (self->consensus[high] - self->consensus[low]);
}

static void put_consensus(statistics *self, qsg_result *result)
{
    const bool censored = self->resolved < self->runs;
    double mean = censored ? NAN : 0, square = 0;
    for (uint64_t i = 0; !censored && i < self->runs; i++)
        add(self->consensus[i], (double)(i + 1), &mean, &square);
    gsl_sort(self->consensus, 1, (size_t)self->resolved);
    qsg_result_number(result, "consensus_time.mean", mean, interactions, QSG_SIMULATED,
                      censored ? "does not exist: runs are unresolved" : "first U >= threshold");
    qsg_result_number(result, "consensus_time.se", censored ? NAN : standard_error(square, (double)self->runs),
                      interactions, QSG_SIMULATED,
                      censored ? "does not exist: runs are unresolved"
                      : self->runs > 1 ? "standard error of the mean" : "does not exist: one run");
    static const struct { double level; const char *path; } quantiles[] = {
        {0.1, "consensus_time.q10"}, {0.5, "consensus_time.median"}, {0.9, "consensus_time.q90"}};
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++) {
        const double q = quantile(self, quantiles[i].level);
        qsg_result_number(result, quantiles[i].path, q, interactions, QSG_SIMULATED,
                          isnan(q) ? "does not exist: too many runs are unresolved"
                                   : "quantile over all runs, unresolved ones last");
    }
}

static void put_columns(statistics *self, const double *times, qsg_result *result)
{
    static const struct { const char *mean, *mean_text, *se, *se_text; } names[N_OBSERVABLES] = {
        [U] = {"U_mean", "U, polarization of the mean belief", "U_se", "standard error of U_mean"},
        [V] = {"V_mean", "V, disagreement", "V_se", "standard error of V_mean"},
        [S] = {"S_mean", "S, coordination: two distinct agents agree", "S_se", "standard error of S_mean"},
        [H] = {"H_mean", "1-U, heterogeneity", "H_se", "standard error of H_mean"},
    };
    static const int order[N_OBSERVABLES] = {U, V, S, H};
    const size_t n = self->n;
    qsg_result_column(result, "time", "times", n, times, interactions, QSG_INPUT, "");
    for (int c = 0; c < N_OBSERVABLES; c++) {
        const int o = order[c];
        for (size_t i = 0; i < n; i++)
            self->errors[i] = standard_error(self->square[(size_t)o * n + i], (double)self->runs);
        qsg_result_column(result, names[o].mean, names[o].mean, n, self->mean + (size_t)o * n, "", QSG_SIMULATED,
                          names[o].mean_text);
        qsg_result_column(result, names[o].se, names[o].se, n, self->errors, "", QSG_SIMULATED, names[o].se_text);
    }
}

qsg_status qsg_simulate(const qsg_model *model, const qsg_ensemble_request *request, qsg_result *result,
                        qsg_error *error)
{
    statistics self;
    qsg_ensemble_request plain = *request;
    plain.want_shares = false;
    qsg_status status = statistics_init(&self, model, request, error);
    if (status)
        return status;
    status = qsg_ensemble_run(model, &plain, take, &self, error);
    if (!status) {
        qsg_result_integer(result, "runs", (int64_t)self.runs, "", QSG_INPUT, "independent populations");
        qsg_result_integer(result, "seed", (int64_t)request->seed, "", QSG_INPUT, "");
        qsg_result_number(result, "consensus_threshold", request->consensus, "", QSG_INPUT,
                          "U that counts as consensus");
        qsg_result_number(result, "horizon", request->horizon, interactions, QSG_INPUT,
                          "consensus is waited for until then");
        qsg_result_vector(result, "wins", model->labels, self.wins, "runs", QSG_SIMULATED,
                          "that the label led when U reached the threshold");
        qsg_result_integer(result, "unresolved", (int64_t)(self.runs - self.resolved), "runs", QSG_SIMULATED,
                           "threshold not reached within the horizon");
        put_consensus(&self, result);
        qsg_result_number(result, "interactions", self.interactions, "", QSG_SIMULATED, "all runs together");
        put_columns(&self, request->times, result);
        status = qsg_result_status(result);
    }
    statistics_free(&self);
    return status;
}

/* The model's own numbers that the paths depend on. */
static void put_limit(const qsg_model *model, const qsg_diffusion *diffusion, qsg_result *result)
{
    qsg_result_text(result, "method", "diffusion", "paths of the limit N to infinity, N field and N innovation fixed");
    qsg_result_number(result, "slow_rate", diffusion->rate, "per interaction", QSG_EXACT,
                      "of the neutral part; tau = slow_rate t");
    if (model->field && model->labels == 2)
        qsg_result_number(result, "gamma", diffusion->gain * (model->field[0] - model->field[1]), "", QSG_EXACT,
                          "weak-selection strength: drift gamma x(1-x) per unit of tau");
    else if (model->field)
        qsg_result_number(result, "gain", diffusion->gain, "", QSG_EXACT, "selection per unit of field and of tau");
    if (model->innovation > 0)
        qsg_result_number(result, "theta", diffusion->theta, "", QSG_ASYMPTOTIC, "innovation: drift theta/2 (prior - x)");
}

qsg_status qsg_paths_simulate(const qsg_model *model, const qsg_ensemble_request *request, qsg_result *result,
                              qsg_error *error)
{
    statistics self;
    qsg_diffusion diffusion;
    qsg_ensemble_request plain = *request;
    plain.want_shares = false;
    qsg_status status = statistics_init(&self, model, request, error);
    if (status)
        return status;
    status = qsg_paths_run(model, &plain, take, &self, error);
    if (!status)
        status = qsg_diffusion_of(model, &diffusion, error);
    if (!status) {
        put_limit(model, &diffusion, result);
        qsg_result_integer(result, "runs", (int64_t)self.runs, "", QSG_INPUT, "independent paths");
        qsg_result_integer(result, "seed", (int64_t)request->seed, "", QSG_INPUT, "");
        qsg_result_number(result, "consensus_threshold", request->consensus, "", QSG_INPUT,
                          "U that counts as consensus");
        qsg_result_vector(result, "wins", model->labels, self.wins, "runs", QSG_SIMULATED,
                          "that the label led at the first of the times at which U >= threshold");
        qsg_result_integer(result, "unresolved", (int64_t)(self.runs - self.resolved), "runs", QSG_SIMULATED,
                           "U below the threshold at every time");
        put_columns(&self, request->times, result);
        for (size_t i = 0; i < self.n; i++)
            self.fixed[i] /= (double)self.runs;
        qsg_result_column(result, "fixed", "fixed", self.n, self.fixed, "", QSG_SIMULATED,
                          "part of the paths with one label left");
        status = qsg_result_status(result);
    }
    statistics_free(&self);
    return status;
}
