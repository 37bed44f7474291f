/* Least squares on trajectories (doc/theory/transcripts.md, section 6).  SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "infer/fit_trajectory.h"
#include "infer/trajectory_law.h"
#include "qsg/moments.h"

#define UNUSUAL 0.05

enum { FEWEST_SPREAD = 4 }; /* runs from which their own spread is used, where no population can be played */

/* One size on its way. */
typedef struct {
    trajectory_fit *out;
    const qsg_model *model; /* with the size's agents */
    const qsg_trajectory_group *group;
    qsg_series_kind kind;
    const qsg_trajectory_options *options;
    double *spread, *slope; /* standard deviation of one run, derivative of the law by ln alpha */
    qsg_coordination series;
    qsg_error *error;
} work;

static void group_free(trajectory_fit *self)
{
    free(self->mean);
    free(self->se);
    free(self->law);
    free(self->law_paper);
}

/* A series of means whose deviations are the rows x (runs x times), scaled so that Cov of the means = D^T D. */
static qsg_status make_series(work *self, size_t runs, const double *x, double scale)
{
    const size_t times = self->group->times;
    qsg_coordination out = {.bins = times, .runs = runs, .width = 1, .paired = true, .kind = self->kind};
    double **const columns[] = {&out.time, &out.n, &out.present, &out.carried, &out.unresolved, &out.value, &out.se_binomial, &out.se};
    bool ok = true;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        ok &= (*columns[i] = calloc(times, sizeof(double))) != NULL;
    ok &= (out.deviation = calloc(times * runs, sizeof(double))) != NULL;
    qsg_coordination_free(&self->series);
    self->series = out;
    if (!ok)
        return qsg_fail(self->error, QSG_ENOMEM, "no memory for %zu runs at %zu times", runs, times);
    for (size_t b = 0; b < times; b++) {
        out.time[b] = self->group->time[b];
        out.present[b] = out.unresolved[b] = (double)runs;
        out.value[b] = self->out->mean[b];
        out.se[b] = self->out->se[b];
    }
    for (size_t i = 0; x && i < runs * times; i++)
        out.deviation[i] = scale * x[i];
    return QSG_OK;
}

static void take_means(work *self)
{
    const size_t runs = self->group->runs, times = self->group->times;
    for (size_t b = 0; b < times; b++) {
        double sum = 0;
        for (size_t r = 0; r < runs; r++)
            sum += self->group->value[r * times + b];
        self->out->mean[b] = sum / (double)runs;
        self->out->se[b] = 1; /* the first fit weighs all times alike */
    }
}

/* Fit the series with the errors self->out->se; `fit` unchanged on failure. */
static qsg_status fit_series(work *self, qsg_series_kind kind, qsg_neutral_fit *fit)
{
    memcpy(self->series.se, self->out->se, self->series.bins * sizeof *self->series.se);
    self->series.kind = kind;
    return qsg_neutral_fit_run(fit, self->model, &self->series, self->error);
}

/* Play at `alpha`, take the errors of the means from there, and fit again with them: by least squares that weigh by the law's
 * own variance (eq. 16). */
static qsg_status refit(work *self, double alpha, const play_request *request, played *runs)
{
    qsg_series_kind kind = self->kind;
    qsg_status status = played_new(runs, request, alpha, self->error);
    if (!status)
        status = qsg_neutral_coordination(self->model, alpha, &self->series, self->out->law, self->error);
    if (status)
        return status;
    bool any = false;
    played_deviations(runs, self->out->law, self->spread);
    for (size_t b = 0; b < request->times; b++) {
        self->out->se[b] = self->spread[b] / sqrt((double)self->group->runs);
        any |= self->spread[b] > 0;
    }
    if (!any)
        return qsg_fail(self->error, QSG_ENOEXIST, "all populations have agreed before the first time (alpha = %g); expected earlier times",
                        alpha);
    status = make_series(self, runs->runs, runs->value, 1 / sqrt((double)self->group->runs * ((double)runs->runs - 1)));
    if (!status)
        status = fit_series(self, kind, &self->out->exact);
    if (!status)
        status = qsg_neutral_coordination(self->model, self->out->exact.alpha, &self->series, self->out->law, self->error);
    return status;
}

static search_place place_of(double alpha, double highest)
{
    return alpha <= QSG_NEUTRAL_ALPHA_MIN * (1 + 1e-9) ? PLACE_LOWEST : alpha >= highest * (1 - 1e-9) ? PLACE_HIGHEST : PLACE_INSIDE;
}

/* The test of the law at the estimate.  Nothing has been fitted when it is `given`, nor at a bound of the search, where the
 * residuals need not be level along the slope. */
static qsg_status test_law(work *self, const play_request *request, const played *runs, bool given, qsg_neutral_test *out)
{
    const bool fitted = !given && place_of(self->out->exact.alpha, self->out->highest) == PLACE_INSIDE;
    qsg_status status = trajectory_slope(request, self->kind, self->out->exact.alpha, false, self->slope, self->error);
    return status ? status : played_test(runs, self->out->mean, self->out->law, fitted ? self->slope : NULL,
                                         self->spread, self->group->runs, self->options->seed, out, self->error);
}

/* Play at `alpha` and test the law there, if there is anything to see; *best is what was tested best so far. */
static qsg_status try_alpha(work *self, const play_request *request, double alpha, played *runs, qsg_neutral_fit *best)
{
    trajectory_fit *out = self->out;
    played_free(runs);
    qsg_status status = refit(self, alpha, request, runs);
    if (status == QSG_ENOEXIST || status == QSG_EDOMAIN) /* all have agreed, or nothing moves that could be resolved */
        return QSG_OK;
    out->exact.alpha = alpha;
    if (!status)
        status = qsg_neutral_coordination(self->model, alpha, &self->series, out->law, self->error);
    if (!status)
        status = test_law(self, request, runs, true, &out->exact.test);
    if (!status && out->exact.test.p_value > best->test.p_value)
        *best = out->exact;
    return status;
}

/* Means of few runs may lie where only a small alpha puts the law, at which runs do not scatter as these do.  Then the alpha at
 * which means as far off as these are most usual takes the place of the least squares, when there is such a one. */
static qsg_status find_usual(work *self, const play_request *request, played *runs)
{
    enum { SCAN = 24, FINE = 4 };
    const double top = log(1 - self->model->self), step = (top - log(QSG_NEUTRAL_ALPHA_MIN)) / (SCAN - 1);
    qsg_neutral_fit best = self->out->exact;
    qsg_status status = QSG_OK;
    for (int i = 0; i < SCAN && !status; i++)
        status = try_alpha(self, request, exp(top - i * step), runs, &best);
    const double middle = log(best.alpha);
    for (int i = -FINE; i <= FINE && !status; i++)
        status = try_alpha(self, request, exp(fmin(middle + i * step / (FINE + 1), top)), runs, &best);
    if (status)
        return status;
    played_free(runs); /* what was played at the best stays behind */
    status = refit(self, best.alpha, request, runs);
    self->out->exact = best;
    return status ? status : qsg_neutral_coordination(self->model, best.alpha, &self->series, self->out->law, self->error);
}

static double log_error(const qsg_neutral_range *range)
{
    return log(range->high / range->low) / (2 * Z95);
}

/* The interval by what populations show, in place of the one by the curvature. */
static qsg_status find_interval(work *self, const play_request *request, qsg_neutral_fit *fit)
{
    const size_t runs = self->group->runs;
    qsg_status status = score_interval(request, self->out->mean, runs, fit->alpha, log_error(&fit->range), &fit->range, self->error);
    if (!status && fit->other >= fit->range.low && fit->other <= fit->range.high)
        fit->other = NAN; /* one range after all */
    if (!status && fit->other > 0)
        status = score_interval(request, self->out->mean, runs, fit->other, log_error(&fit->other_range), &fit->other_range,
                                self->error);
    if (!(fit->other_range.low > 0)) /* does not fit after all */
        fit->other = NAN;
    return status;
}

/* The paper's law, with the same errors; its test by the same played runs. */
static qsg_status fit_paper(work *self, const play_request *request, const played *runs)
{
    trajectory_fit *out = self->out;
    if (self->kind != QSG_SERIES_U)
        return QSG_OK;
    qsg_status status = fit_series(self, QSG_SERIES_U_MEANFIELD, &out->paper);
    out->paper_place = status ? PLACE_INSIDE : place_of(out->paper.alpha, out->highest);
    if (!status)
        status = qsg_neutral_coordination(self->model, out->paper.alpha, &self->series, out->law_paper, self->error);
    if (!status && runs)
        status = trajectory_slope(request, QSG_SERIES_U_MEANFIELD, out->paper.alpha, false, self->slope, self->error);
    if (!status && runs)
        status = played_test(runs, out->mean, out->law_paper, out->paper_place == PLACE_INSIDE ? self->slope : NULL, self->spread,
                             self->group->runs, self->options->seed, &out->paper.test, self->error);
    out->has_paper = !status;
    return status;
}

/* The times worth playing: up to the first at which nearly all have agreed at every alpha in question. */
static size_t last_time(const work *self)
{
    size_t n = self->group->times;
    while (n > 1 && 1 - self->out->law[n - 1] < LAW_SETTLED)
        n--;
    return n;
}

/* Everything from populations played at the estimates. */
static qsg_status fit_by_play(work *self)
{
    trajectory_fit *out = self->out;
    played runs = {0};
    play_request request = {self->model, self->group->time, self->group->times, self->kind, self->options->seed,
                            self->options->threads};
    qsg_status status = qsg_neutral_coordination(self->model, out->exact.alpha, &self->series, out->law, self->error);
    if (status)
        return status;
    request.times = last_time(self);
    memset(self->spread, 0, self->group->times * sizeof *self->spread);
    memset(out->se, 0, self->group->times * sizeof *out->se);
    for (int i = 0; i < 2 && !status; i++) {
        played_free(&runs);
        status = refit(self, out->exact.alpha, &request, &runs);
    }
    if (!status)
        status = test_law(self, &request, &runs, false, &out->exact.test);
    if (status == QSG_ENOEXIST || (status == QSG_EDOMAIN && self->group->runs < FEWEST_SPREAD)) { /* the first fit ended far off */
        status = QSG_OK;
        out->exact.test.p_value = 0;
    }
    if (!status && out->exact.test.p_value < UNUSUAL)
        status = find_usual(self, &request, &runs);
    if (!status)
        status = fit_paper(self, &request, &runs);
    if (!status)
        status = find_interval(self, &request, &out->exact);
    out->scatter = runs.diffusion ? QSG_SCATTER_DIFFUSION : QSG_SCATTER_PLAYED;
    played_free(&runs);
    return status;
}

/* From the spread between the runs themselves, where nothing can be played. */
static qsg_status fit_by_spread(work *self)
{
    const size_t runs = self->group->runs, times = self->group->times;
    trajectory_fit *out = self->out;
    double *x = malloc(runs * times * sizeof *x);
    if (!x)
        return qsg_fail(self->error, QSG_ENOMEM, "no memory for %zu runs at %zu times", runs, times);
    for (size_t b = 0; b < times; b++) {
        double square = 0;
        for (size_t r = 0; r < runs; r++) {
            x[r * times + b] = self->group->value[r * times + b] - out->mean[b];
            square += x[r * times + b] * x[r * times + b];
        }
        out->se[b] = sqrt(square / ((double)runs * (double)(runs - 1)));
        out->se[b] = out->se[b] > 1e-12 ? out->se[b] : 0; /* one start for all: nothing to learn there */
    }
    out->scatter = QSG_SCATTER_SPREAD;
    qsg_status status = make_series(self, runs, x, 1 / sqrt((double)runs * (double)(runs - 1)));
    if (!status)
        status = fit_series(self, self->kind, &out->exact);
    if (!status)
        status = qsg_neutral_coordination(self->model, out->exact.alpha, &self->series, out->law, self->error);
    if (!status)
        status = fit_paper(self, NULL, NULL);
    free(x);
    return status;
}

/* The slow rate at an alpha. */
static double rate_at(const qsg_model *model, double alpha)
{
    qsg_model at = *model;
    double rate;
    at.alpha = fmin(alpha, 1 - at.self);
    return alpha > 0 && qsg_moments_slow_rate(&at, &rate, NULL) == QSG_OK && rate > 0 ? rate : NAN;
}

/* The largest rate between two alphas: in mutual exchange the rate has one top in alpha, else it grows. */
static double largest_rate(const qsg_model *model, double low, double high)
{
    for (int i = 0; i < 60; i++) { /* thirds */
        const double left = low + (high - low) / 3, right = high - (high - low) / 3;
        if (rate_at(model, left) < rate_at(model, right))
            low = left;
        else
            high = right;
    }
    return rate_at(model, (low + high) / 2);
}

static void take_rates(const qsg_model *model, trajectory_fit *out)
{
    const qsg_neutral_range *range = &out->exact.range;
    const double a = rate_at(model, range->low), b = rate_at(model, range->high);
    out->sharp = out->place == PLACE_INSIDE && !range->low_bound && !range->high_bound && !(out->exact.other > 0) &&
                 range->low < range->high;
    out->rate = rate_at(model, out->exact.alpha);
    out->rate_low = a > 0 && b > 0 ? fmin(a, b) : NAN;
    out->rate_high = largest_rate(model, range->low, range->high);
}

/* What the bounds of the search make of the estimates: eq. 11 supposes a minimum inside, so at a bound it has no interval. */
static void heed_bounds(trajectory_fit *out)
{
    const qsg_neutral_range none = {NAN, NAN, false, false};
    out->place = place_of(out->exact.alpha, out->highest);
    if (out->place != PLACE_INSIDE && out->scatter == QSG_SCATTER_SPREAD)
        out->exact.range = none;
    if (out->paper_place != PLACE_INSIDE)
        out->paper.range = none;
}

static bool allocate(trajectory_fit *out, const qsg_trajectory_group *group)
{
    double **const columns[] = {&out->mean, &out->se, &out->law, &out->law_paper};
    bool ok = true;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        ok &= (*columns[i] = calloc(group->times, sizeof(double))) != NULL;
    return ok;
}

static qsg_status fit_group(trajectory_fit *out, const qsg_model *model, const qsg_trajectory_group *group, qsg_series_kind kind,
                            const qsg_trajectory_options *options, qsg_error *error)
{
    qsg_model at = *model;
    if (group->agents)
        at.agents = at.free_agents = group->agents;
    *out = (trajectory_fit){.agents = at.agents, .runs = group->runs, .times = group->times, .time = group->time,
                            .highest = 1 - at.self};
    work self = {.out = out, .model = &at, .group = group, .kind = kind, .options = options, .error = error};
    self.spread = calloc(2 * group->times, sizeof(double));
    self.slope = self.spread + group->times;
    if (!allocate(out, group) || !self.spread) {
        free(self.spread);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", group->times);
    }
    take_means(&self);
    qsg_status status = make_series(&self, 1, NULL, 0);
    if (!status)
        status = fit_series(&self, kind, &out->exact);
    if (!status) {
        status = fit_by_play(&self);
        const bool unplayable = status == QSG_EMODEL || status == QSG_EDOMAIN;
        if (unplayable && group->runs >= FEWEST_SPREAD)
            status = fit_by_spread(&self);
        else if (unplayable && error) {
            const qsg_error reason = *error;
            qsg_fail(error, status, "runs are too few to show their scatter (%zu), which cannot be played: %.200s; expected %d runs or more",
                     group->runs, reason.message, FEWEST_SPREAD);
        }
    }
    for (size_t b = 0; b < group->times; b++) {
        out->fitted += out->se[b] > 0;
        out->se[b] = out->se[b] > 0 ? out->se[b] : NAN;
    }
    if (!status) {
        heed_bounds(out);
        take_rates(&at, out);
    }
    qsg_coordination_free(&self.series);
    free(self.spread);
    return status;
}

qsg_status qsg_fit_trajectories(const qsg_model *model, const qsg_trajectories *data, const qsg_trajectory_options *options,
                                qsg_result *result, qsg_error *error)
{
    qsg_status status = qsg_model_require(model, 0, "fit of trajectories", error);
    if (!status && data->n_groups > 1 && model->start.kind != QSG_START_POINT)
        status = qsg_fail(error, QSG_EMODEL, "the start is that of one population (--init %s); expected uniform or p1,..,pK for several "
                          "sizes", model->texts[QSG_INIT]);
    trajectory_fit *fits = calloc(data->n_groups, sizeof *fits);
    if (!status && !fits)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu sizes", data->n_groups);
    for (size_t g = 0; g < data->n_groups && !status; g++)
        status = fit_group(&fits[g], model, &data->groups[g], data->kind, options, error);
    if (!status)
        trajectory_report(fits, data->n_groups, data->kind, result);
    for (size_t g = 0; fits && g < data->n_groups; g++)
        group_free(&fits[g]);
    free(fits);
    return status;
}
