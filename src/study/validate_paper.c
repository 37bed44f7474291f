/* The paper's mean-field laws: how far off they are against alpha, where they leave 1% and 10%, and that simulated
 * populations are off by as much there.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/adiabatic.h"
#include "qsg/fixation.h"
#include "qsg/moments.h"
#include "study/validate_limits.h"

/* N = infinity: 1/N is rounding. */
#define MANY 1e12
/* Where the laws must have become exact, and how exact; the error of each is at most of this order in alpha. */
#define LEAST_ALPHA 1e-3
#define EXACT_THERE 0.003
/* What the finite populations of the check may add to the predicted error. */
#define ALLOWANCE 0.02
/* Labels, and threshold of the consensus time. */
#define LABELS 10
#define THRESHOLD 0.95
/* Agents of the check: moments are exact at any N, winners only for large N, but their simulation takes N^2. */
enum { CHECK_MOMENTS = 24, CHECK_WINNERS = 8, SCAN = 24, HALVINGS = 24, CURVE = 25 };

/* Signed error of a form of the paper, times `factor`, against the exact law; NaN where a law does not exist. */
typedef double paper_error(const qsg_model *model, double factor);

static double rate_error(const qsg_model *model, double factor)
{
    double rate;
    return qsg_moments_slow_rate(model, &rate, NULL) ? NAN : factor * qsg_meanfield_slow_rate(model) / rate - 1;
}

static qsg_moments start_of(const qsg_model *model)
{
    qsg_moments start;
    qsg_moments_start(model, &start, NULL);
    return start;
}

/* 1 - U of the paper with its exponent times factor, and the exact one. */
static double meanfield_heterogeneity(const qsg_model *model, double t, double factor)
{
    return (1 - 1.0 / (double)model->labels) * exp(-factor * qsg_meanfield_slow_rate(model) * t);
}

static double heterogeneity(const qsg_model *model, double t)
{
    const qsg_moments start = start_of(model);
    qsg_moments end;
    return qsg_moments_evolve(model, &start, t, &end, NULL) ? NAN : qsg_moments_heterogeneity(model, &end);
}

static double polarization_error_at(const qsg_model *model, double t, double factor)
{
    return (heterogeneity(model, t) - meanfield_heterogeneity(model, t, factor)) / (1 - 1.0 / (double)model->labels);
}

/* The time at which the paper's U is off most. */
static double worst_time(const qsg_model *model, double factor)
{
    const double unit = 1 / qsg_meanfield_slow_rate(model);
    double worst = 0, time = 0;
    for (int i = 1; i <= 80; i++) {
        const double t = nearbyint(unit * i * 0.04), error = fabs(polarization_error_at(model, t, factor));
        if (error > worst) {
            worst = error;
            time = t;
        }
    }
    return time;
}

static double polarization_error(const qsg_model *model, double factor)
{
    return polarization_error_at(model, worst_time(model, factor), factor);
}

static double time_error(const qsg_model *model, double factor)
{
    const qsg_moments start = start_of(model);
    double exact, paper;
    return qsg_moments_consensus_time(model, &start, THRESHOLD, &exact, NULL) ||
                   qsg_meanfield_consensus_time(model, &start, THRESHOLD, &paper)
               ? NAN
               : factor * paper / exact - 1;
}

/* The paper's rise of U over the first round. */
static double paper_rise(const qsg_model *model)
{
    return (double)model->agents * qsg_meanfield_slow_rate(model) * (1 - 1.0 / (double)model->labels);
}

/* The exact one by a sum of steps, since U - U_0 is far below rounding of U for large N. */
static double exact_rise(const qsg_model *model)
{
    const double n = (double)model->agents, a = model->alpha, m = model->bandwidth, H = 1 - 1.0 / (double)model->labels;
    if (n < 1e5)
        return H - heterogeneity(model, n);
    const double c = 2 * a * (1 - a) + a * a / m, v = a * a * H / (m * c); /* validate.md, eq. 3 */
    return a * a * (H / m + (2 - 1 / m) * v * (1 + expm1(-c) / c)) / n;
}

static double drift_error(const qsg_model *model, double factor)
{
    return factor * paper_rise(model) / exact_rise(model) - 1;
}

/* Gamma a unit of field: exact, and the paper's m N/alpha. */
static double gain_of(const qsg_model *model)
{
    double point, committed;
    return qsg_fixation_gain(model, &point, &committed, NULL) ? NAN : point;
}

static double paper_gain(const qsg_model *model)
{
    return model->bandwidth * (double)model->agents / model->alpha;
}

static double gamma_error(const qsg_model *model, double factor)
{
    return factor * paper_gain(model) / gain_of(model) - 1;
}

/* Largest difference of the winning probabilities over all fields. */
static double worst_gamma(double ratio)
{
    double worst = 0, at = 0;
    for (int i = 1; i <= 200; i++) {
        const double g = 0.03 * i, off = fabs(qsg_fixation_diffusion(ratio * g, 0.5) - qsg_fixation_diffusion(g, 0.5));
        if (off > worst) {
            worst = off;
            at = g;
        }
    }
    return at;
}

static double winner_error(const qsg_model *model, double factor)
{
    const double ratio = factor * paper_gain(model) / gain_of(model), g = worst_gamma(ratio);
    return qsg_fixation_diffusion(ratio * g, 0.5) - qsg_fixation_diffusion(g, 0.5);
}

/* N_c = alpha/(m |h|) for the field at which the exact crossover is the model's N. */
static double crossover_error(const qsg_model *model, double factor)
{
    return factor * gain_of(model) / paper_gain(model) - 1;
}

/* Pull of a tempered population at p = 0.7 near T = 1, in coalescent units, against its limit alpha -> 0, 2 Gamma_T
 * ln(p/(1-p)): the closure (adiabatic.md, eq. 11-12) does not depend on N but through the slow rate. */
static double tempering_error(const qsg_model *model, double factor)
{
    const double p = 0.7, excess = 1e-3, n = (double)model->agents;
    char text[160];
    qsg_model tempered = {0};
    double map, rate, error = NAN;
    snprintf(text, sizeof text, "agents=1000 alpha=%.17g bandwidth=%.17g temper=%.17g", model->alpha, model->bandwidth,
             1 / (1 + excess));
    if (!qsg_model_parse(&tempered, text, NULL) && !qsg_adiabatic_map(&tempered, 1, &p, &map, NULL) &&
        !qsg_moments_slow_rate(model, &rate, NULL)) {
        const double pull = 2 * model->alpha / n * (map - p) / (rate * p * (1 - p));
        const double gamma = model->bandwidth * n / model->alpha * excess;
        error = factor * 2 * gamma * log(p / (1 - p)) / pull - 1;
    }
    qsg_model_free(&tempered);
    return error;
}

static qsg_status setting(law_run *self, qsg_model *model, double n, double m, double alpha, int labels)
{
    return law_model(self, model, "agents=%.17g labels=%d alpha=%.17g bandwidth=%g", n, labels, alpha, m);
}

static qsg_status error_at(law_run *self, paper_error *error, double n, double m, double alpha, int labels, double *out)
{
    qsg_model model = {0};
    qsg_status status = setting(self, &model, n, m, alpha, labels);
    if (!status)
        *out = error(&model, self->factor);
    qsg_model_free(&model);
    return status;
}

/* Smallest alpha in (LEAST_ALPHA, 1] at which the error reaches the band; NaN when there is none. */
static qsg_status leaves(law_run *self, paper_error *error, double n, double m, int labels, double band, double *alpha)
{
    double low = LEAST_ALPHA, high = low, off = 0;
    qsg_status status = QSG_OK;
    *alpha = NAN;
    for (int i = 0; i <= SCAN && !status && !(fabs(off) >= band); i++) {
        low = high;
        high = fmin(pow(LEAST_ALPHA, 1 - (double)i / SCAN), 1);
        status = error_at(self, error, n, m, high, labels, &off);
    }
    if (status || !(fabs(off) >= band))
        return status;
    for (int i = 0; i < HALVINGS && !status; i++) {
        const double middle = (low + high) / 2;
        status = error_at(self, error, n, m, middle, labels, &off);
        *(fabs(off) >= band ? &high : &low) = middle;
    }
    *alpha = high;
    return status;
}

static const double bandwidths[] = {1, 2, 4, 8}, populations[] = {8, 100, INFINITY};
enum { BANDWIDTHS = 4, POPULATIONS = 3 };

static qsg_status tabulate(law_run *self, paper_error *error, int labels)
{
    static const double bands[2] = {0.01, 0.1};
    qsg_validation *suite = self->suite;
    qsg_status status = QSG_OK;
    qsg_validity *larger = realloc(suite->validity, (suite->n_validity + BANDWIDTHS * POPULATIONS) * sizeof *larger);
    if (!larger)
        return qsg_fail(self->error, QSG_ENOMEM, "no memory for the table of validity");
    suite->validity = larger;
    for (int i = 0; i < BANDWIDTHS && !status; i++)
        for (int j = 0; j < POPULATIONS && !status; j++) {
            qsg_validity *v = &suite->validity[suite->n_validity++];
            *v = (qsg_validity){self->info->name, bandwidths[i], populations[j], {NAN, NAN}};
            for (int b = 0; b < 2 && !status; b++)
                status = leaves(self, error, fmin(populations[j], MANY), bandwidths[i], labels, bands[b], &v->alpha[b]);
        }
    return status;
}

/* |error| against alpha, and that it is gone for small alpha. */
static qsg_status draw_curves(law_run *self, paper_error *error, int labels)
{
    qsg_status status = QSG_OK;
    for (int i = 0; i < BANDWIDTHS && !status; i++) {
        status = law_series(self, "m = %g, N = infinity", bandwidths[i]);
        for (int j = 0; j < CURVE && !status; j++) {
            const double alpha = fmin(pow(LEAST_ALPHA, 1 - j / (CURVE - 1.0)), 1);
            double off = NAN;
            status = error_at(self, error, MANY, bandwidths[i], alpha, labels, &off);
            if (!status)
                status = law_point(self, alpha, fabs(off), NAN, NAN);
            if (!status && j == 0) {
                self->outcome->tests++;
                if (!(fabs(off) <= EXACT_THERE))
                    self->outcome->pass = false;
            }
        }
    }
    return status;
}

/* What simulated populations say of the error where it is predicted to be 10%: the value and its standard error. */
typedef qsg_status paper_check(law_run *self, const qsg_model *model, double *observed, double *se);

static qsg_status simulate_polarization(law_run *self, const qsg_model *model, double time, law_values *v)
{
    *v = (law_values){.what = LAW_POLARIZATION, .origin = 1 - heterogeneity(model, time)};
    return law_take_values(self, model, law_request(self, law_runs(self, 4000), &time, 1), v);
}

/* The decay from U at two times far behind the start, independent ensembles. */
static qsg_status check_rate(law_run *self, const qsg_model *model, double *observed, double *se)
{
    const double paper = self->factor * qsg_meanfield_slow_rate(model), first = nearbyint(0.5 / paper);
    law_values a, b;
    qsg_status status = simulate_polarization(self, model, first, &a);
    if (!status)
        status = simulate_polarization(self, model, 3 * first, &b);
    if (status)
        return status;
    const double rate = log((1 - a.mean) / (1 - b.mean)) / (2 * first);
    *observed = paper / rate - 1;
    *se = hypot(a.se / (1 - a.mean), b.se / (1 - b.mean)) / (2 * first * rate);
    return QSG_OK;
}

static qsg_status check_polarization(law_run *self, const qsg_model *model, double *observed, double *se)
{
    const double time = worst_time(model, self->factor), top = 1 - 1.0 / LABELS;
    law_values v;
    qsg_status status = simulate_polarization(self, model, time, &v);
    *observed = (1 - v.mean - meanfield_heterogeneity(model, time, self->factor)) / top;
    *se = v.se / top;
    return status;
}

/* Near the exact time 1 - U falls at the slow rate: its deviation there is one of the time. */
static qsg_status check_time(law_run *self, const qsg_model *model, double *observed, double *se)
{
    const qsg_moments start = start_of(model);
    double time = 1, paper = 1, rate = 1;
    law_values v;
    qsg_status status = qsg_moments_consensus_time(model, &start, THRESHOLD, &time, self->error);
    if (!status)
        status = qsg_moments_slow_rate(model, &rate, self->error);
    if (!status)
        status = qsg_meanfield_consensus_time(model, &start, THRESHOLD, &paper);
    time = nearbyint(time);
    if (!status)
        status = simulate_polarization(self, model, time, &v);
    if (status)
        return status;
    const double seen = time + log((1 - v.mean) / (1 - THRESHOLD)) / rate;
    *observed = self->factor * paper / seen - 1;
    *se = v.se / (1 - v.mean) / rate / seen;
    return QSG_OK;
}

static qsg_status check_drift(law_run *self, const qsg_model *model, double *observed, double *se)
{
    const double time = (double)model->agents, paper = self->factor * paper_rise(model);
    law_values v = {.what = LAW_POLARIZATION, .origin = 1.0 / LABELS};
    qsg_status status = law_take_values(self, model, law_request(self, law_runs(self, 40000), &time, 1), &v);
    const double rise = v.mean - 1.0 / LABELS;
    *observed = paper / rise - 1;
    *se = v.se / rise;
    return status;
}

/* Share of runs that label 1 wins at a field with exact strength gamma. */
static qsg_status simulate_winner(law_run *self, const qsg_model *model, double gamma, law_values *v)
{
    qsg_model biased = {0};
    double rate = 1;
    *v = (law_values){.what = LAW_WINS};
    qsg_status status = qsg_moments_slow_rate(model, &rate, self->error);
    if (!status)
        status = law_model(self, &biased, "agents=%.0f alpha=%.17g field=%.17g", (double)model->agents, model->alpha,
                           gamma / gain_of(model));
    if (!status)
        status = law_take_values(self, &biased, law_request_consensus(self, law_runs(self, 8000), LAW_CONSENSUS, rate),
                                 v);
    qsg_model_free(&biased);
    return status;
}

/* Gamma from the odds at Gamma_eff = 1.5, as a multiple of it. */
static qsg_status seen_gamma(law_run *self, const qsg_model *model, double *ratio, double *se)
{
    const double gamma = 1.5;
    law_values v;
    qsg_status status = simulate_winner(self, model, gamma, &v);
    *ratio = log(v.mean / (1 - v.mean)) / gamma;
    *se = law_share_error(v.mean, v.runs) / (v.mean * (1 - v.mean)) / gamma;
    return status;
}

static qsg_status check_gamma(law_run *self, const qsg_model *model, double *observed, double *se)
{
    double ratio = 1;
    qsg_status status = seen_gamma(self, model, &ratio, se);
    const double paper = self->factor * paper_gain(model) / gain_of(model);
    *observed = paper / ratio - 1;
    *se *= paper / (ratio * ratio);
    return status;
}

static qsg_status check_crossover(law_run *self, const qsg_model *model, double *observed, double *se)
{
    double ratio = 1;
    qsg_status status = seen_gamma(self, model, &ratio, se);
    const double exact = self->factor * gain_of(model) / paper_gain(model);
    *observed = exact * ratio - 1;
    *se *= exact;
    return status;
}

static qsg_status check_winner(law_run *self, const qsg_model *model, double *observed, double *se)
{
    const double ratio = self->factor * paper_gain(model) / gain_of(model), gamma = worst_gamma(ratio);
    law_values v;
    qsg_status status = simulate_winner(self, model, gamma, &v);
    *observed = qsg_fixation_diffusion(ratio * gamma, 0.5) - v.mean;
    *se = law_share_error(v.mean, v.runs);
    return status;
}

/* One form of the paper: its table, its curves, and the check at 10%. */
static qsg_status paper_law(law_run *self, paper_error *error, paper_check *check, int labels)
{
    qsg_law_outcome *out = self->outcome;
    const int agents = labels == 2 ? CHECK_WINNERS : CHECK_MOMENTS;
    double alpha = NAN, observed = NAN, se = NAN, predicted = NAN;
    qsg_model model = {0};
    qsg_status status = tabulate(self, error, labels);
    if (!status)
        status = draw_curves(self, error, labels);
    if (!status && check)
        status = leaves(self, error, agents, 1, labels, 0.1, &alpha);
    if (status || !check)
        return status;
    if (!(alpha > 0)) { /* it is never off by so much: nothing was set beside simulations, which is no pass */
        out->pass = false;
        return QSG_OK;
    }
    status = setting(self, &model, agents, 1, alpha, labels);
    if (!status) {
        predicted = error(&model, self->factor);
        status = check(self, &model, &observed, &se);
    }
    if (!status) {
        out->error = observed - predicted;
        out->statistic = out->error / se;
        out->tolerance = ALLOWANCE + QSG_VALIDATE_SIGMAS * se;
        out->tests++;
        if (!(fabs(out->error) <= out->tolerance))
            out->pass = false;
        status = law_series(self, "m = 1, N = %d, simulated", agents);
    }
    if (!status)
        status = law_point(self, alpha, fabs(predicted), fabs(observed), se);
    qsg_model_free(&model);
    return status;
}

qsg_status law_paper_rate(law_run *self)
{
    return paper_law(self, rate_error, check_rate, LABELS);
}

qsg_status law_paper_polarization(law_run *self)
{
    return paper_law(self, polarization_error, check_polarization, LABELS);
}

qsg_status law_paper_time(law_run *self)
{
    return paper_law(self, time_error, check_time, LABELS);
}

qsg_status law_paper_drift(law_run *self)
{
    return paper_law(self, drift_error, check_drift, LABELS);
}

qsg_status law_paper_gamma(law_run *self)
{
    return paper_law(self, gamma_error, check_gamma, 2);
}

qsg_status law_paper_winner(law_run *self)
{
    return paper_law(self, winner_error, check_winner, 2);
}

qsg_status law_paper_crossover(law_run *self)
{
    return paper_law(self, crossover_error, check_crossover, 2);
}

qsg_status law_paper_tempering(law_run *self)
{
    return paper_law(self, tempering_error, NULL, 2);
}
