/* Held-out likelihood and calibration of the fitted model (doc/theory/inference.md, eq. 13-15).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "infer/fit_private.h"

/* Fit without fold f; adds the log-likelihood of its runs to *total. */
static qsg_status hold_out_fold(const transcript_fit *fit, size_t folds, size_t f, double *weights, double *run_loglik,
                                double *total, qsg_error *error)
{
    const size_t runs = qsg_likelihood_runs(fit->likelihood);
    qsg_maximum top = {0};
    double loglik;
    for (size_t r = 0; r < runs; r++)
        weights[r] = r % folds != f;
    qsg_status status = qsg_fit_maximize(&top, fit->likelihood, fit->best.free, fit->best.theta, weights, false, error);
    if (status)
        return status;
    const qsg_likelihood_request request = {.theta = top.theta, .weights = weights, .run_loglik = run_loglik};
    status = qsg_likelihood_evaluate(fit->likelihood, &request, &loglik, error);
    for (size_t r = f; r < runs && !status; r += folds)
        *total += run_loglik[r];
    qsg_maximum_free(&top);
    return status;
}

/* The window's lead in held-out log-likelihood an utterance, and its error as folds differ: they are sums over as many runs
 * each, to one. */
static void measure_lead(held_out *held, double utterances)
{
    const double folds = (double)held->folds, mean = (held->window - held->model) * utterances / folds;
    double square = 0;
    for (size_t f = 0; f < held->folds; f++)
        square += pow(held->window_fold[f] - held->model_fold[f] - mean, 2);
    held->lead = held->window - held->model;
    held->lead_se = sqrt(folds * square / (folds - 1)) / utterances;
}

qsg_status fit_hold_out(transcript_fit *fit, qsg_error *error)
{
    const size_t runs = qsg_likelihood_runs(fit->likelihood), folds = runs < FIT_FOLDS ? runs : FIT_FOLDS;
    held_out *held = &fit->held;
    double total = 0;
    *held = (held_out){.folds = folds, .model = NAN, .uniform = -log((double)fit->model->labels), .frequency = NAN,
                       .last_heard = NAN, .window = NAN, .lead = NAN, .lead_se = NAN};
    if (runs < 2)
        return QSG_OK;
    double *weights = malloc(2 * runs * sizeof *weights);
    qsg_status status = weights ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for %zu runs", runs);
    for (size_t f = 0; f < folds && !status; f++) {
        status = hold_out_fold(fit, folds, f, weights, weights + runs, &held->model_fold[f], error);
        total += held->model_fold[f];
    }
    free(weights);
    if (!status)
        status = fit_baselines(fit->likelihood, held, error);
    if (status)
        return status;
    held->model = total / (double)qsg_likelihood_observations(fit->likelihood);
    measure_lead(held, (double)qsg_likelihood_observations(fit->likelihood));
    return QSG_OK;
}

/* What the forecasts leave behind. */
typedef struct {
    size_t labels, n;
    rng_stream stream;
    double *u;
    double sum[FIT_DECILES], hits[FIT_DECILES], variance[FIT_DECILES], count[FIT_DECILES];
} tally;

/* The residual of one utterance: the distribution function, labels from the most likely down, at a place drawn within
 * the step of the one that was said. */
static void take_forecast(void *context, size_t run, const double *r, size_t label)
{
    tally *self = context;
    double before = 0, share[FIT_DECILES] = {0};
    (void)run;
    for (size_t k = 0; k < self->labels; k++) {
        size_t bin = (size_t)(r[k] * FIT_DECILES);
        bin = bin < FIT_DECILES ? bin : FIT_DECILES - 1;
        if (r[k] > r[label] || (r[k] == r[label] && k < label))
            before += r[k];
        share[bin] += r[k];
        self->count[bin]++;
        self->hits[bin] += k == label;
    }
    for (int b = 0; b < FIT_DECILES; b++) {
        self->sum[b] += share[b];
        self->variance[b] += fmax(share[b] * (1 - share[b]), 0);
    }
    self->u[self->n++] = fmin(before + rng_uniform(&self->stream) * r[label], 1);
}

/* Kolmogorov's distance from uniform, and its probability by the asymptotic law with Stephens' correction. */
static double kolmogorov(double *u, size_t n, double *p)
{
    double distance = 0, tail = 0;
    gsl_sort(u, 1, n);
    for (size_t i = 0; i < n; i++)
        distance = fmax(distance, fmax(u[i] - (double)i / (double)n, (double)(i + 1) / (double)n - u[i]));
    const double root = sqrt((double)n), z = distance * (root + 0.12 + 0.11 / root);
    for (int j = 1; j < 101 && z > 0.2; j++)
        tail += (j % 2 ? 2 : -2) * exp(-2 * z * z * j * j);
    *p = z > 0.2 ? fmin(fmax(tail, 0), 1) : 1;
    return distance;
}

qsg_status fit_calibrate(transcript_fit *fit, qsg_error *error)
{
    tally all = {.labels = fit->model->labels};
    calibration *out = &fit->fitted;
    double tested = 0;
    qsg_status status = QSG_OK;
    all.u = malloc(qsg_likelihood_observations(fit->likelihood) * sizeof *all.u);
    if (!all.u)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the residuals");
    for (size_t r = 0; r < qsg_likelihood_runs(fit->likelihood) && !status; r++) {
        all.stream = rng_stream_of(fit->options->seed, UINT64_C(1) << 40 | r);
        status = qsg_likelihood_forecast(fit->likelihood, fit->best.theta, r, take_forecast, &all, error);
    }
    if (!status)
        out->ks = kolmogorov(all.u, all.n, &out->ks_p);
    free(all.u);
    out->max_z = NAN;
    for (int b = 0; b < FIT_DECILES; b++) {
        const double n = all.count[b];
        out->n[b] = n;
        out->forecast[b] = n > 0 ? all.sum[b] / n : NAN;
        out->observed[b] = n > 0 ? all.hits[b] / n : NAN;
        out->se[b] = n > 0 ? sqrt(all.variance[b]) / n : NAN;
        if (all.variance[b] < 5) /* too little chance in it for a normal law */
            continue;
        tested++;
        out->max_z = fmax(out->max_z, fabs(all.hits[b] - all.sum[b]) / sqrt(all.variance[b]));
    }
    out->p_value = tested > 0 ? fmin(1, tested * 2 * gsl_cdf_ugaussian_Q(out->max_z)) : NAN;
    return status;
}

void fit_put_predictive(const transcript_fit *fit, qsg_result *result)
{
    const held_out *held = &fit->held;
    const char *unit = "nats per utterance", *what = "held-out log-likelihood";
    qsg_result_integer(result, "cross_validation.folds", (int64_t)held->folds, "", QSG_INPUT, "of whole runs");
    qsg_result_number(result, "cross_validation.model", held->model, unit, QSG_OBSERVED, what);
    qsg_result_number(result, "baselines.uniform", held->uniform, unit, QSG_EXACT, "every label alike");
    qsg_result_number(result, "baselines.frequency", held->frequency, unit, QSG_OBSERVED, "label frequencies, held out");
    qsg_result_number(result, "baselines.last_heard", held->last_heard, unit, QSG_OBSERVED,
                      "the label heard last, mixed with frequencies, held out");
    qsg_result_number(result, "baselines.window", held->window, unit, QSG_OBSERVED,
                      "counts in the last labels, (n + kappa)^gamma, held out");
    qsg_result_number(result, "baselines.window_length", held->window > -INFINITY ? (double)held->window_length : NAN, "",
                      QSG_OBSERVED, held->window_own ? "interactions, with the agent's own labels" : "labels heard");
    qsg_result_number(result, "baselines.window_lead", held->lead, unit, QSG_OBSERVED,
                      "of the window over the model, held out");
    qsg_result_number(result, "baselines.window_lead_se", held->lead_se, unit, QSG_OBSERVED,
                      "standard error, between the folds");
    qsg_result_number(result, "fit.ks", fit->fitted.ks, "", QSG_OBSERVED, "randomized quantile residuals from uniform");
    qsg_result_number(result, "fit.ks_p", fit->fitted.ks_p, "", QSG_OBSERVED, "Kolmogorov's law; parameters were fitted");
    qsg_result_number(result, "fit.calibration_max_z", fit->fitted.max_z, "", QSG_OBSERVED,
                      "largest of the deciles that chance moves enough");
    qsg_result_number(result, "fit.calibration_p", fit->fitted.p_value, "", QSG_OBSERVED, "Bonferroni");
}

void fit_put_calibration_table(const transcript_fit *fit, qsg_result *result)
{
    const calibration *c = &fit->fitted;
    double low[FIT_DECILES];
    for (int b = 0; b < FIT_DECILES; b++)
        low[b] = (double)b / FIT_DECILES;
    qsg_result_next_table(result);
    qsg_result_column(result, "decile", "calibration.decile", FIT_DECILES, low, "", QSG_INPUT, "forecasts from this up");
    qsg_result_column(result, "n", "calibration.n", FIT_DECILES, c->n, "", QSG_OBSERVED, "forecasts, one a label");
    qsg_result_column(result, "forecast", "calibration.forecast", FIT_DECILES, c->forecast, "", QSG_OBSERVED, "their mean");
    qsg_result_column(result, "observed", "calibration.observed", FIT_DECILES, c->observed, "", QSG_OBSERVED,
                      "share that came true");
    qsg_result_column(result, "observed_se", "calibration.se", FIT_DECILES, c->se, "", QSG_OBSERVED, "of it, if the forecasts hold");
}
