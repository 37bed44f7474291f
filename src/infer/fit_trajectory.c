/* Least squares on trajectories (doc/theory/transcripts.md, section 6).  SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/fit_neutral.h"
#include "qsg/moments.h"
#include "qsg/trajectory.h"

#define Z95 1.959963984540054
#define REJECTED 0.01

/* What one group tells. */
typedef struct {
    uint64_t agents;
    qsg_coordination series;
    qsg_neutral_fit exact, paper; /* paper: of U only */
    bool has_paper, sharp;        /* sharp: both ends of the interval inside, and no second range */
    double *law, *law_paper;
    double rate, rate_low, rate_high;
} group_fit;

static void group_free(group_fit *self)
{
    qsg_coordination_free(&self->series);
    free(self->law);
    free(self->law_paper);
}

static bool allocate(qsg_coordination *out)
{
    double **const columns[] = {&out->time, &out->n, &out->present, &out->carried, &out->unresolved,
                                &out->value, &out->se_binomial, &out->se};
    bool ok = true;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        ok &= (*columns[i] = calloc(out->bins, sizeof(double))) != NULL;
    out->deviation = calloc(out->bins * out->runs, sizeof(double));
    return ok && out->deviation;
}

/* Means over runs, and the runs' deviations with Cov = D^T D (eq. 4 with equal weights). */
static qsg_status make_series(qsg_coordination *out, const qsg_trajectory_group *group, qsg_series_kind kind, qsg_error *error)
{
    const double runs = (double)group->runs;
    *out = (qsg_coordination){.bins = group->times, .runs = group->runs, .width = 1, .paired = true, .kind = kind};
    if (!allocate(out))
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu runs at %zu times", out->runs, out->bins);
    for (size_t b = 0; b < out->bins; b++) {
        double sum = 0, square = 0;
        for (size_t r = 0; r < out->runs; r++) {
            sum += group->value[r * out->bins + b];
            out->unresolved[b] += group->value[r * out->bins + b] < 1 - 1e-9;
        }
        out->time[b] = group->time[b];
        out->present[b] = runs;
        out->value[b] = sum / runs;
        for (size_t r = 0; r < out->runs; r++) {
            const double d = (group->value[r * out->bins + b] - out->value[b]) / sqrt(runs * (runs - 1));
            out->deviation[r * out->bins + b] = d;
            square += d * d;
        }
        out->se[b] = sqrt(square) > 1e-12 ? sqrt(square) : 0; /* one start for all: nothing to learn there */
    }
    return QSG_OK;
}

/* The slow rate at an alpha. */
static double rate_at(const qsg_model *model, double alpha)
{
    qsg_model at = *model;
    double rate;
    at.alpha = fmin(alpha, 1 - at.self);
    return qsg_moments_slow_rate(&at, &rate, NULL) == QSG_OK && rate > 0 ? rate : NAN;
}

static qsg_status fit_group(group_fit *out, const qsg_model *model, const qsg_trajectory_group *group, qsg_series_kind kind,
                            qsg_error *error)
{
    qsg_model at = *model;
    if (group->agents)
        at.agents = at.free_agents = group->agents;
    *out = (group_fit){.agents = at.agents};
    if (group->runs < 4)
        return qsg_fail(error, QSG_EINPUT, "there are too few runs of %llu agents (%zu); expected four or more",
                        (unsigned long long)at.agents, group->runs);
    qsg_status status = make_series(&out->series, group, kind, error);
    out->law = malloc(group->times * sizeof(double));
    out->law_paper = malloc(group->times * sizeof(double));
    if (!status && !(out->law && out->law_paper))
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", group->times);
    if (!status && kind == QSG_SERIES_U) {
        out->series.kind = QSG_SERIES_U_MEANFIELD;
        status = qsg_neutral_fit_run(&out->paper, &at, &out->series, error);
        out->has_paper = !status;
        if (!status)
            status = qsg_neutral_coordination(&at, out->paper.alpha, &out->series, out->law_paper, error);
        out->series.kind = kind;
    }
    if (!status)
        status = qsg_neutral_fit_run(&out->exact, &at, &out->series, error);
    if (!status)
        status = qsg_neutral_coordination(&at, out->exact.alpha, &out->series, out->law, error);
    if (status)
        return status;
    const qsg_neutral_range *range = &out->exact.range;
    const double a = rate_at(&at, range->low), b = rate_at(&at, range->high);
    out->sharp = !range->low_bound && !range->high_bound && !(out->exact.other > 0) && range->low < range->high;
    out->rate = rate_at(&at, out->exact.alpha);
    out->rate_low = fmin(a, b);
    out->rate_high = fmax(a, b);
    return QSG_OK;
}

static double spread_of(double low, double high)
{
    return log(high / low) / (2 * Z95);
}

/* One alpha for all: the mean of ln alpha in inverse variances, and whether they differ (eq. 14). */
static void put_joint(const group_fit *fits, size_t n, qsg_result *result)
{
    double weight = 0, mean = 0, q = 0;
    size_t used = 0;
    for (size_t g = 0; g < n; g++) {
        if (!fits[g].sharp)
            continue;
        const double s = spread_of(fits[g].exact.range.low, fits[g].exact.range.high);
        weight += 1 / (s * s);
        mean += log(fits[g].exact.alpha) / (s * s);
        used++;
    }
    mean /= weight;
    for (size_t g = 0; g < n; g++)
        if (fits[g].sharp) {
            const double s = spread_of(fits[g].exact.range.low, fits[g].exact.range.high), z = (log(fits[g].exact.alpha) - mean) / s;
            q += z * z;
        }
    const bool one = n == 1, some = used > 1;
    const qsg_neutral_fit *first = &fits[0].exact;
    const char *what = one ? "least squares on the exact law" : "one alpha for all sizes: mean of ln alpha, inverse variances";
    qsg_result_number(result, "estimates.alpha.value", one ? first->alpha : some ? exp(mean) : NAN, "", QSG_OBSERVED, what);
    qsg_result_number(result, "estimates.alpha.low", one ? first->range.low : some ? exp(mean - Z95 / sqrt(weight)) : NAN, "",
                      QSG_OBSERVED, one && first->range.low_bound ? "95%; the end of the search" : "95%");
    qsg_result_number(result, "estimates.alpha.high", one ? first->range.high : some ? exp(mean + Z95 / sqrt(weight)) : NAN, "",
                      QSG_OBSERVED, one && first->range.high_bound ? "95%; the largest alpha possible" : "95%");
    if (one && first->other > 0) {
        qsg_result_number(result, "estimates.alpha_other.value", first->other, "", QSG_OBSERVED, "fits as well");
        qsg_result_number(result, "estimates.alpha_other.low", first->other_range.low, "", QSG_OBSERVED, "95%");
        qsg_result_number(result, "estimates.alpha_other.high", first->other_range.high, "", QSG_OBSERVED, "95%");
    }
    if (!one && some)
        qsg_result_number(result, "same_alpha.p_value", gsl_cdf_chisq_Q(q, (double)used - 1), "", QSG_OBSERVED,
                          "that all sizes have one alpha; Cochran's Q, asymptotic");
}

/* The power of N with which the slow rate falls: weighted least squares in logarithms (eq. 15). */
static void put_scaling(const group_fit *fits, size_t n, qsg_result *result)
{
    double w = 0, x = 0, y = 0, xx = 0, xy = 0;
    size_t used = 0;
    for (size_t g = 0; g < n; g++) {
        if (!fits[g].sharp || !(fits[g].rate_low > 0 && fits[g].rate_high > fits[g].rate_low))
            continue;
        const double s = spread_of(fits[g].rate_low, fits[g].rate_high), v = 1 / (s * s);
        const double u = log((double)fits[g].agents), z = log(fits[g].rate);
        w += v;
        x += v * u;
        y += v * z;
        xx += v * u * u;
        xy += v * u * z;
        used++;
    }
    if (used < 2)
        return;
    const double room = xx - x * x / w, slope = (xy - x * y / w) / room, half = Z95 / sqrt(room);
    qsg_result_number(result, "scaling.exponent.value", slope, "", QSG_OBSERVED, "slow rate ~ N^exponent, from each size's alpha; -2 for one alpha in large N");
    qsg_result_number(result, "scaling.exponent.low", slope - half, "", QSG_OBSERVED, "95%, normal");
    qsg_result_number(result, "scaling.exponent.high", slope + half, "", QSG_OBSERVED, "95%, normal");
    qsg_result_integer(result, "scaling.sizes", (int64_t)used, "", QSG_OBSERVED, "sizes with an interval of alpha inside its range");
}

/* A column of one number a group. */
static void put_column(const group_fit *fits, size_t n, double (*get)(const group_fit *), const char *name, const char *unit,
                       const char *meaning, qsg_result *result)
{
    char path[64];
    double *values = malloc(n * sizeof *values);
    for (size_t g = 0; values && g < n; g++)
        values[g] = get(&fits[g]);
    snprintf(path, sizeof path, "groups[].%s", name);
    if (values)
        qsg_result_column(result, name, path, n, values, unit, QSG_OBSERVED, meaning);
    free(values);
}

static double get_agents(const group_fit *f) { return (double)f->agents; }
static double get_runs(const group_fit *f) { return (double)f->series.runs; }
static double get_alpha(const group_fit *f) { return f->exact.alpha; }
static double get_low(const group_fit *f) { return f->exact.range.low; }
static double get_high(const group_fit *f) { return f->exact.range.high; }
static double get_other(const group_fit *f) { return f->exact.other; }
static double get_p(const group_fit *f) { return f->exact.test.p_value; }
static double get_paper(const group_fit *f) { return f->has_paper ? f->paper.alpha : NAN; }
static double get_paper_low(const group_fit *f) { return f->has_paper ? f->paper.range.low : NAN; }
static double get_paper_high(const group_fit *f) { return f->has_paper ? f->paper.range.high : NAN; }
static double get_paper_p(const group_fit *f) { return f->has_paper ? f->paper.test.p_value : NAN; }
static double get_rate(const group_fit *f) { return f->rate; }
static double get_rate_low(const group_fit *f) { return f->rate_low; }
static double get_rate_high(const group_fit *f) { return f->rate_high; }

static void put_groups(const group_fit *fits, size_t n, qsg_result *result)
{
    static const struct {
        double (*get)(const group_fit *);
        const char *name, *unit, *meaning;
    } columns[] = {
        {get_agents, "agents", "", "N"}, {get_runs, "runs", "", ""},
        {get_alpha, "alpha", "", "least squares on the exact law"}, {get_low, "alpha_low", "", "95%"}, {get_high, "alpha_high", "", "95%"},
        {get_other, "alpha_other", "", "another alpha that fits as well"},
        {get_p, "p_value", "", "of the exact law: Hotelling's T^2 on the run-to-run covariance"},
        {get_paper, "alpha_meanfield", "", "least squares on the paper's law"}, {get_paper_low, "meanfield_low", "", "95%"},
        {get_paper_high, "meanfield_high", "", "95%"}, {get_paper_p, "meanfield_p_value", "", "of the paper's law"},
        {get_rate, "slow_rate", "per interaction", "at alpha"}, {get_rate_low, "rate_low", "per interaction", "95%"},
        {get_rate_high, "rate_high", "per interaction", "95%"}};
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
        put_column(fits, n, columns[c].get, columns[c].name, columns[c].unit, columns[c].meaning, result);
}

static void put_series(const group_fit *f, const char *name, qsg_result *result)
{
    const qsg_coordination *s = &f->series;
    char path[5][64];
    static const char *const ends[] = {"time", "value", "se", "fit", "meanfield"};
    for (int i = 0; i < 5; i++)
        snprintf(path[i], sizeof path[i], "series.%llu.%s", (unsigned long long)f->agents, ends[i]);
    qsg_result_next_table(result);
    qsg_result_column(result, "time", path[0], s->bins, s->time, "interactions", QSG_INPUT, name);
    qsg_result_column(result, "value", path[1], s->bins, s->value, "", QSG_OBSERVED, "mean over runs");
    qsg_result_column(result, "se", path[2], s->bins, s->se, "", QSG_OBSERVED, "between runs");
    qsg_result_column(result, "fit", path[3], s->bins, f->law, "", QSG_EXACT, "at the group's alpha");
    if (f->has_paper)
        qsg_result_column(result, "meanfield", path[4], s->bins, f->law_paper, "", QSG_MEANFIELD, "at alpha_meanfield");
}

static void put_all(const group_fit *fits, size_t n, const qsg_trajectories *data, qsg_result *result)
{
    double least = 1;
    char text[64], verdict[256];
    for (size_t g = 0; g < n; g++)
        least = fmin(least, fits[g].exact.test.p_value >= 0 ? (double)n * fits[g].exact.test.p_value : 1);
    qsg_result_text(result, "data.quantity", data->kind == QSG_SERIES_S ? "S" : "U", "what the runs tell");
    put_joint(fits, n, result);
    put_scaling(fits, n, result);
    qsg_result_number(result, "fit.p_value", least, "", QSG_OBSERVED, "that the exact neutral law holds; Bonferroni over sizes");
    qsg_result_flag(result, "describes_data", least >= REJECTED, "fit.p_value is not below 0.01");
    snprintf(verdict, sizeof verdict, "Drift by copying %s the data (p = %.2g).", least >= REJECTED ? "describes" : "does not describe",
             least);
    qsg_result_text(result, "verdict", verdict, "");
    put_groups(fits, n, result);
    for (size_t g = 0; g < n; g++) {
        snprintf(text, sizeof text, "%llu agents", (unsigned long long)fits[g].agents);
        put_series(&fits[g], text, result);
    }
}

qsg_status qsg_fit_trajectories(const qsg_model *model, const qsg_trajectories *data, qsg_result *result, qsg_error *error)
{
    qsg_status status = qsg_model_require(model, 0, "fit of trajectories", error);
    if (!status && data->n_groups > 1 && model->start.kind != QSG_START_POINT)
        status = qsg_fail(error, QSG_EMODEL, "the start is that of one population (--init %s); expected uniform or p1,..,pK for several "
                          "sizes", model->texts[QSG_INIT]);
    group_fit *fits = calloc(data->n_groups, sizeof *fits);
    if (!status && !fits)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu sizes", data->n_groups);
    for (size_t g = 0; g < data->n_groups && !status; g++)
        status = fit_group(&fits[g], model, &data->groups[g], data->kind, error);
    if (!status)
        put_all(fits, data->n_groups, data, result);
    for (size_t g = 0; fits && g < data->n_groups; g++)
        group_free(&fits[g]);
    free(fits);
    return status;
}
