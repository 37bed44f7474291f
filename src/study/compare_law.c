/* Laws of the diffusion limit against simulation: how the mean belief and the consensus time are distributed, how far
 * theory is off, and how that falls with N (doc/theory/density.md, "Agreement").
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/compare.h"
#include "qsg/density.h"
#include "study/compare_private.h"
#include "study/diffusion_laws.h"
#include "study/sizes.h"

/* Expected runs in a class of the test, and how many classes there are between the ends at most. */
#define FEWEST_EXPECTED 20
#define MOST_CLASSES 20
#define MOST_NUMBERS 1e8

enum { LEVELS = 5 };
static const double levels[LEVELS] = {0.1, 0.25, 0.5, 0.75, 0.9};

/* One population size: what theory needs, and what its runs did. */
typedef struct {
    const qsg_model *model, *theory;
    qsg_diffusion diffusion;
    qsg_mean_drift drift;  /* neutral for more labels */
    bool neutral, fixes;   /* no drift at all; one label is left in the end */
    size_t n, runs, seen;  /* times, runs, runs taken so far */
    double *times, *tau;   /* n times, in interactions and in coalescent units */
    double end;            /* shares up to this are one place: one message's worth */
    double fading;         /* interactions from there to NEAR_FIXATION once nobody says the label */
    double *share;         /* n x runs: label 1's share of the mean belief, sorted for each time */
    double *time;          /* runs: consensus times, sorted; NaN last */
    double *below;         /* room for a distribution function at every run */
    uint64_t unresolved;
} study;

/* What a size comes to. */
enum { AGENTS, KS, KS_STEP, TIME_KS, TIME_KS_FADED, COLUMNS };

/* What a time comes to. */
enum { TIME, TAU, AT_0, AT_0_MEAN, AT_1, AT_1_MEAN, CHI2, DF, P_VALUE, GAP, GAP_STEP, TIME_COLUMNS };

static double low_end(void)
{
    return (1 - NEAR_FIXATION) / (1 + sqrt(2 * NEAR_FIXATION - 1)); /* share of the minority */
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return isnan(x) || isnan(y) ? isnan(x) - isnan(y) : (x > y) - (x < y);
}

static qsg_status take(void *context, const qsg_outcome *outcome)
{
    study *s = context;
    for (size_t i = 0; i < s->n; i++)
        s->share[i * s->runs + s->seen] = outcome->shares[i * s->model->labels];
    s->unresolved += !outcome->resolved;
    s->time[s->seen++] = outcome->consensus_time;
    return QSG_OK;
}

static void study_free(study *s)
{
    free(s->times);
    *s = (study){0};
}

/* How far one message moves the mean belief: nothing smaller is spread out as in the diffusion. */
static double step_of(const qsg_model *model)
{
    const double n = (double)model->agents, heard = (model->alpha + model->self) / n;
    return (model->exchange == QSG_BROADCAST ? model->alpha : heard) / model->bandwidth;
}

/* How long a label that nobody says any more takes to fade from one message's worth to `end`: a belief shrinks by the
 * factor 1 - alpha when its agent listens, 1 - self when it speaks, 1 - alpha - self in a mutual exchange. */
static double fading(const qsg_model *model, double end)
{
    const double n = (double)model->agents, alpha = model->alpha, self = model->self;
    const double lost = model->exchange == QSG_MUTUAL      ? -2 * log1p(-(alpha + self)) / n
                        : model->exchange == QSG_BROADCAST ? -log1p(-alpha)
                                                           : -(log1p(-alpha) + log1p(-self)) / n;
    return lost < INFINITY ? fmax(log(step_of(model) / end), 0) / lost : 0;
}

/* Theory and room for the times of `request`; rate > 0: for the same coalescent times of a model of that slow rate. */
static qsg_status study_init(study *s, const qsg_model *model, const qsg_model *theory,
                             const qsg_ensemble_request *request, double rate, qsg_error *error)
{
    const size_t n = request->n, runs = (size_t)request->runs;
    const double near = low_end();
    study made = {.model = model, .theory = theory, .n = n, .runs = runs, .neutral = qsg_model_uses(theory) == 0,
                  .end = fmin(fmax(near, step_of(model)), 0.25), .fading = fading(model, near),
                  .fixes = !(qsg_model_uses(theory) & QSG_USES_INNOVATION)};
    qsg_status status = theory->labels == 2 ? qsg_mean_drift_init(&made.drift, theory, error)
                                            : qsg_diffusion_of(theory, &made.diffusion, error);
    if (status)
        return status;
    if (theory->labels == 2)
        made.diffusion = made.drift.diffusion;
    made.times = malloc((2 * n + (n + 2) * runs) * sizeof *made.times);
    if (!made.times)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu runs at %zu times", runs, n);
    made.tau = made.times + n;
    made.time = made.tau + n;
    made.below = made.time + runs;
    made.share = made.below + runs;
    for (size_t i = 0; i < n; i++) {
        const double t = request->times[i];
        made.times[i] = rate > 0 ? fmin(nearbyint(t * (rate / made.diffusion.rate)), 1e18) : t;
        made.tau[i] = made.times[i] * made.diffusion.rate;
    }
    *s = made;
    return QSG_OK;
}

static qsg_status study_run(study *s, const qsg_ensemble_request *request, qsg_error *error)
{
    qsg_ensemble_request ask = *request;
    ask.times = s->times;
    ask.want_shares = true;
    ask.consensus = NEAR_FIXATION;
    ask.horizon = s->fixes ? fmin(ceil(PATIENCE / s->diffusion.rate), 1e18) : 0;
    qsg_status status = qsg_ensemble_run(s->model, &ask, take, s, error);
    if (status)
        return status;
    for (size_t i = 0; i < s->n; i++)
        qsort(s->share + i * s->runs, s->runs, sizeof *s->share, by_size);
    qsort(s->time, s->runs, sizeof *s->time, by_size);
    return QSG_OK;
}

/* Largest distance of the distribution function of sorted x from a continuous one, which is below[j] at x[j]. */
static double largest_gap(const double *x, const double *below, size_t from, size_t to, size_t n)
{
    double gap = 0;
    for (size_t i = from, j; i < to; i = j) {
        for (j = i + 1; j < to && x[j] == x[i]; j++)
            ;
        gap = fmax(gap, fmax(fabs(below[i] - (double)i / (double)n), fabs(below[i] - (double)j / (double)n)));
    }
    return gap;
}

/* How many of the sorted x are at most `at`. */
static size_t count_below(const double *x, size_t n, double at)
{
    size_t low = 0, high = n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (x[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Distance of the shares at time i from the law; shares up to `end` from 0 or 1 are one place. */
static double share_gap(const study *s, const share_law *law, size_t i, double end)
{
    const double *x = s->share + i * s->runs, runs = (double)s->runs;
    const size_t first = count_below(x, s->runs, end), last = count_below(x, s->runs, 1 - end);
    for (size_t j = first; j < last; j++)
        s->below[j] = share_law_below(law, i, x[j]);
    const double ends = fmax(fabs((double)first / runs - share_law_below(law, i, end)),
                             fabs((double)last / runs - share_law_below(law, i, 1 - end)));
    return fmax(ends, largest_gap(x, s->below, first, last, s->runs));
}

/* Where the law at time i has `level` below it, between the ends, by bisection. */
static double share_quantile(const share_law *law, size_t i, double level, double end)
{
    double low = end, high = 1 - end;
    for (int k = 0; k < 60; k++) {
        const double middle = (low + high) / 2;
        *(share_law_below(law, i, middle) < level ? &low : &high) = middle;
    }
    return (low + high) / 2;
}

/* Pearson's test of the shares at time i: the two ends and classes of equal probability between them.  An end that is
 * expected in too few runs joins the class beside it. */
static void test_shares(const study *s, const share_law *law, size_t i, double row[TIME_COLUMNS])
{
    const double end = s->end, *x = s->share + i * s->runs, runs = (double)s->runs;
    const double low = share_law_below(law, i, end), high = share_law_below(law, i, 1 - end), middle = high - low;
    double expected[MOST_CLASSES + 2], observed[MOST_CLASSES + 2], edge = end, sum = 0;
    const double fit = floor(middle * runs / FEWEST_EXPECTED);
    const size_t between = fit < 1 ? 1 : fit > MOST_CLASSES ? MOST_CLASSES : (size_t)fit;
    size_t seen = count_below(x, s->runs, end), classes = 0;
    expected[classes] = low * runs;
    observed[classes++] = (double)seen;
    for (size_t j = 1; j <= between; j++) {
        const double level = low + middle * (double)j / (double)between;
        edge = j == between ? 1 - end : share_quantile(law, i, level, end);
        const size_t now = count_below(x, s->runs, edge);
        expected[classes] = middle * runs / (double)between;
        observed[classes++] = (double)(now - seen);
        seen = now;
    }
    expected[classes] = (1 - high) * runs;
    observed[classes++] = runs - (double)seen;
    row[AT_0] = low;
    row[AT_0_MEAN] = observed[0] / runs;
    row[AT_1] = 1 - high;
    row[AT_1_MEAN] = observed[classes - 1] / runs;
    for (size_t j = 0; j + 1 < classes;) { /* join what is too small to its right, the last to its left */
        const bool last = j + 2 == classes;
        if (expected[j] >= FEWEST_EXPECTED && !(last && expected[j + 1] < FEWEST_EXPECTED)) {
            j++;
            continue;
        }
        expected[j] += expected[j + 1];
        observed[j] += observed[j + 1];
        memmove(expected + j + 1, expected + j + 2, (classes - j - 2) * sizeof *expected);
        memmove(observed + j + 1, observed + j + 2, (classes - j - 2) * sizeof *observed);
        classes--;
    }
    for (size_t j = 0; j < classes; j++)
        sum += (observed[j] - expected[j]) * (observed[j] - expected[j]) / expected[j];
    if (classes < 2)
        return;
    row[CHI2] = sum;
    row[DF] = (double)classes - 1;
    row[P_VALUE] = gsl_cdf_chisq_Q(sum, row[DF]);
}

/* The mean belief at every time; rows may be NULL.  The largest distances into size[KS] and size[KS_STEP]. */
static qsg_status compare_shares(const study *s, double (*rows)[TIME_COLUMNS], double size[COLUMNS], qsg_error *error)
{
    share_law law = {0};
    qsg_drift_function *drift = qsg_mean_drift_at;
    void *context = (void *)&s->drift;
    const double p = s->theory->start.p[0];
    qsg_status status = share_law_init(&law, drift, context, p, s->n, s->tau, error);
    for (size_t i = 0; i < s->n && !status; i++) {
        double row[TIME_COLUMNS];
        for (int c = 0; c < TIME_COLUMNS; c++)
            row[c] = NAN;
        row[TIME] = s->times[i];
        row[TAU] = s->tau[i];
        if (s->tau[i] > 0) { /* at the start there is no law yet */
            test_shares(s, &law, i, row);
            row[GAP] = share_gap(s, &law, i, low_end());
            row[GAP_STEP] = share_gap(s, &law, i, s->end);
        }
        size[KS] = fmax(size[KS], row[GAP]); /* fmax ignores NaN */
        size[KS_STEP] = fmax(size[KS_STEP], row[GAP_STEP]);
        if (rows)
            memcpy(rows[i], row, sizeof row);
    }
    share_law_free(&law);
    return status;
}

/* Distance of the consensus times, less `fading`, from the law. */
static qsg_status time_gap(const study *s, time_law *law, double fading, double *gap, qsg_error *error)
{
    qsg_status status = QSG_OK;
    for (size_t j = 0; j < s->runs && !status; j++) {
        const double t = s->time[j] - fading;
        s->below[j] = 0;
        if (t > 0)
            status = time_law_below(law, t * s->diffusion.rate, &s->below[j], error);
    }
    if (!status)
        *gap = largest_gap(s->time, s->below, 0, s->runs, s->runs);
    return status;
}

/* The consensus time; quantiles (theory, then simulation, in interactions) may be NULL. */
static qsg_status compare_times(const study *s, double *quantiles, double size[COLUMNS], qsg_error *error)
{
    time_law law = {0};
    qsg_drift_function *drift = s->neutral ? NULL : qsg_mean_drift_at;
    const double last = s->time[s->runs - 1] * s->diffusion.rate;
    if (!s->fixes || s->unresolved || !(s->time[0] > 0))
        return QSG_OK;
    qsg_status status = time_law_init(&law, drift, (void *)&s->drift, s->theory->start.p, s->theory->labels, last,
                                      error);
    if (!status)
        status = time_gap(s, &law, 0, &size[TIME_KS], error);
    if (!status)
        status = time_gap(s, &law, s->fading, &size[TIME_KS_FADED], error);
    for (size_t i = 0; i < LEVELS && quantiles && !status; i++) {
        status = time_law_quantile(&law, levels[i], &quantiles[i], error);
        quantiles[i] /= s->diffusion.rate;
        quantiles[LEVELS + i] = s->time[(size_t)(levels[i] * (double)s->runs)];
    }
    time_law_free(&law);
    return status;
}

static qsg_status compare_size(study *s, const qsg_ensemble_request *request, double (*rows)[TIME_COLUMNS],
                               double *quantiles, double size[COLUMNS], qsg_error *error)
{
    for (int c = 0; c < COLUMNS; c++)
        size[c] = NAN;
    size[AGENTS] = (double)s->model->agents;
    qsg_status status = study_run(s, request, error);
    if (!status)
        status = compare_shares(s, rows, size, error);
    if (!status)
        status = compare_times(s, quantiles, size, error);
    return status;
}

/* N/4 and N/2 at the same coalescent times, where there is such a model with a diffusion limit. */
static qsg_status compare_smaller(const qsg_model *model, const qsg_model *theory, const qsg_ensemble_request *request,
                                  double rate, double sizes[SIZES][COLUMNS], size_t *n, qsg_error *error)
{
    qsg_status status = QSG_OK;
    *n = 0;
    for (int i = SIZES - 1; i > 0 && !status; i--) {
        const uint64_t agents = model->agents >> i;
        const qsg_ensemble_request ask = sizes_request(request, i);
        qsg_model small = {0}, small_theory = {0};
        study s = {0};
        if (agents >= SMALLEST_SIZE && !sizes_resize(model, agents, &small, NULL) &&
            !sizes_resize(theory, agents, &small_theory, NULL) &&
            !study_init(&s, &small, &small_theory, &ask, rate, NULL))
            status = compare_size(&s, &ask, NULL, NULL, sizes[(*n)++], error);
        study_free(&s);
        qsg_model_free(&small);
        qsg_model_free(&small_theory);
    }
    return status;
}

static void report_times(double (*rows)[TIME_COLUMNS], size_t n, double *work, qsg_result *result)
{
    static const struct { const char *name, *path, *unit, *meaning; qsg_basis basis; } columns[TIME_COLUMNS] = {
        {"law_time", "law.times", "interactions", "", QSG_INPUT},
        {"law_tau", "law.tau", "", "slow_rate times time", QSG_EXACT},
        {"at_0", "law.at_0", "", "probability that less than a message's worth of label 1 is left, diffusion limit",
         QSG_ASYMPTOTIC},
        {"at_0_mean", "law.at_0_mean", "", "share of runs", QSG_SIMULATED},
        {"at_1", "law.at_1", "", "the same for the other labels", QSG_ASYMPTOTIC},
        {"at_1_mean", "law.at_1_mean", "", "share of runs", QSG_SIMULATED},
        {"chi2", "law.chi2", "", "Pearson's statistic: both ends and classes between them", QSG_SIMULATED},
        {"df", "law.df", "", "its degrees of freedom", QSG_SIMULATED},
        {"law_p_value", "law.p_value", "", "were the limit exact", QSG_SIMULATED},
        {"gap", "law.distance", "", "largest distance of the distribution functions", QSG_SIMULATED},
        {"gap_step", "law.distance_step", "", "the same when an end is as wide as one message moves", QSG_SIMULATED},
    };
    qsg_result_next_table(result);
    for (size_t c = 0; c < TIME_COLUMNS; c++) {
        for (size_t i = 0; i < n; i++)
            work[i] = rows[i][c];
        qsg_result_column(result, columns[c].name, columns[c].path, n, work, columns[c].unit, columns[c].basis,
                          columns[c].meaning);
    }
}

static void report_sizes(double sizes[SIZES][COLUMNS], size_t n, double runs, double end, qsg_result *result)
{
    static const struct { const char *name, *path, *meaning, *exponent; } columns[COLUMNS] = {
        {"law_N", "law.agents", "agents", NULL},
        {"ks", "law.ks", "law of the mean belief: largest distance over the times", "law.exponent"},
        {"ks_step", "law.ks_step", "the same when an end is as wide as one message's step", "law.exponent_step"},
        {"time_ks", "consensus_law.ks", "law of the consensus time: largest distance", "consensus_law.exponent"},
        {"time_ks_faded", "consensus_law.ks_faded", "the same without the time in which beliefs fade",
         "consensus_law.exponent_faded"},
    };
    double agents[SIZES], values[SIZES], se[SIZES];
    qsg_result_number(result, "law.end", end, "", QSG_EXACT,
                      "how far one message moves the mean: shares within this of 0 or 1 count as the end");
    qsg_result_number(result, "law.noise", 0.5 / sqrt(runs), "", QSG_SIMULATED,
                      "largest standard error of a simulated distribution function");
    for (int pass = 0; pass < 2; pass++) { /* the exponents, then the table */
        if (pass)
            qsg_result_next_table(result);
        for (size_t c = 0; c < COLUMNS; c++) {
            for (size_t i = 0; i < n; i++) {
                agents[i] = sizes[i][AGENTS];
                values[i] = sizes[i][c];
                se[i] = 0.5 / sqrt(runs);
            }
            if (isnan(values[n - 1]))
                continue;
            if (pass)
                qsg_result_column(result, columns[c].name, columns[c].path, n, values, "",
                                  c == AGENTS ? QSG_INPUT : QSG_SIMULATED, columns[c].meaning);
            else if (columns[c].exponent)
                sizes_report_exponent(agents, values, se, n, columns[c].exponent,
                                      "the distance goes as N to this power", result);
        }
    }
}

static void report_quantiles(const double *quantiles, qsg_result *result)
{
    qsg_result_vector(result, "consensus_law.levels", LEVELS, levels, "", QSG_INPUT, "of the quantiles");
    qsg_result_vector(result, "consensus_law.quantiles.theory", LEVELS, quantiles, "interactions", QSG_ASYMPTOTIC,
                      "until one label is left, diffusion limit");
    qsg_result_vector(result, "consensus_law.quantiles.simulation", LEVELS, quantiles + LEVELS, "interactions",
                      QSG_SIMULATED, "until U >= 0.9999");
}

static void report_verdict(const double size[COLUMNS], qsg_result *result)
{
    char text[200], more[80] = "";
    if (!isnan(size[TIME_KS]))
        snprintf(more, sizeof more, ", the law of the consensus time by %.4f", size[TIME_KS]);
    snprintf(text, sizeof text, "limits, so no pass: at N = %.0f the law of the mean belief is off by %.4f%s",
             size[AGENTS], size[KS], more);
    qsg_result_text(result, "law.verdict", text, "largest distances, noise included");
}

static qsg_status check(const qsg_model *theory, const qsg_ensemble_request *request, qsg_error *error)
{
    if (theory->labels > 2 && qsg_model_uses(theory))
        return qsg_fail(error, QSG_EMODEL, "the law of the mean belief is known for two labels, or without field, "
                        "tempering and innovation (K = %zu); expected --labels 2", theory->labels);
    if ((double)request->runs * ((double)request->n + 2) > MOST_NUMBERS)
        return qsg_fail(error, QSG_EDOMAIN, "too many runs and times to keep (%llu runs, %zu times); expected a "
                        "product below %g", (unsigned long long)request->runs, request->n, MOST_NUMBERS);
    return QSG_OK;
}

qsg_status qsg_compare_law(const qsg_model *model, const qsg_model *theory, const qsg_ensemble_request *request,
                           qsg_result *result, qsg_error *error)
{
    const size_t n = request->n;
    double sizes[SIZES][COLUMNS], quantiles[2 * LEVELS], (*rows)[TIME_COLUMNS] = NULL, *work = NULL;
    size_t count = 0;
    study s = {0};
    qsg_status status = compare_check(model, theory, request, error);
    if (!status)
        status = check(theory, request, error);
    if (!status)
        status = study_init(&s, model, theory, request, 0, error);
    if (status)
        return status;
    rows = malloc((n + 1) * sizeof *rows);
    work = malloc((n + 1) * sizeof *work);
    if (!rows || !work)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", n);
    if (!status)
        status = compare_smaller(model, theory, request, s.diffusion.rate, sizes, &count, error);
    if (!status)
        status = compare_size(&s, request, rows, quantiles, sizes[count], error);
    if (!status) {
        if (!isnan(sizes[count][TIME_KS]))
            report_quantiles(quantiles, result);
        report_times(rows, n, work, result);
        report_sizes(sizes, count + 1, (double)request->runs, s.end, result);
        report_verdict(sizes[count], result);
        status = qsg_result_status(result);
    }
    free(rows);
    free(work);
    study_free(&s);
    return status;
}
