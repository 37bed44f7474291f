/* Populations played at one alpha, and the interval that they give (doc/theory/transcripts.md, eq. 16-17).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "infer/trajectory_law.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/normal.h"
#include "base/rng.h"
#include "qsg/paths.h"

#define DRAWS 4000     /* means of played runs */

enum { MOST_RUNS = 2000, FEWEST_RUNS = 400, LARGE_SAMPLE = 1000 };
static const double AIM = 2e7, LIMIT = 1e8; /* interactions of one play: below a second */
static const double MOST_NUMBERS = 2e7;

typedef struct {
    played *out;
    qsg_series_kind kind;
} collector;

static qsg_status collect(void *context, const qsg_outcome *outcome)
{
    const collector *self = context;
    memcpy(self->out->value + outcome->run * self->out->times,
           self->kind == QSG_SERIES_S ? outcome->coordination : outcome->polarization, self->out->times * sizeof(double));
    return QSG_OK;
}

void played_free(played *self)
{
    free(self->value);
    *self = (played){0};
}

/* How many runs, and whether populations can be played at all. */
static qsg_status plan(played *out, const play_request *request, qsg_error *error)
{
    const qsg_model *model = request->model;
    const double agents = (double)model->agents, labels = (double)model->labels;
    const double heard = request->time[request->times - 1] * (model->exchange == QSG_BROADCAST ? agents : 1);
    const double cost = heard * (1 + labels / 16) + agents * labels; /* a population has to be set up, too */
    out->times = request->times;
    out->diffusion = FEWEST_RUNS * cost > LIMIT;
    out->runs = out->diffusion ? MOST_RUNS : (size_t)fmin(fmax(AIM / cost, FEWEST_RUNS), MOST_RUNS);
    if ((double)out->runs * (double)out->times > MOST_NUMBERS)
        return qsg_fail(error, QSG_EDOMAIN, "there are too many times to play populations (%zu); expected at most %g", out->times,
                        MOST_NUMBERS / MOST_RUNS);
    return QSG_OK;
}

qsg_status played_new(played *self, const play_request *request, double alpha, qsg_error *error)
{
    qsg_model at = *request->model; /* borrows the arrays */
    played out = {0};
    collector into = {&out, request->kind};
    qsg_status status = plan(&out, request, error);
    if (status)
        return status;
    at.alpha = fmin(alpha, 1 - at.self);
    out.value = malloc(out.runs * out.times * sizeof *out.value);
    if (!out.value)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu played runs at %zu times", out.runs, out.times);
    const qsg_ensemble_request ensemble = {.times = request->time, .n = out.times, .runs = out.runs, .seed = request->seed,
                                         .consensus = 0.95, .threads = request->threads};
    status = (out.diffusion ? qsg_paths_run : qsg_ensemble_run)(&at, &ensemble, collect, &into, error);
    for (size_t b = 0; b < out.times && !status; b++) {
        double sum = 0;
        for (size_t r = 0; r < out.runs; r++)
            sum += out.value[r * out.times + b];
        if (!(fabs(sum) < INFINITY))
            status = qsg_fail(error, QSG_EMODEL, "coordination of broadcasts has no diffusion limit (time %g)", request->time[b]);
        for (size_t r = 0; r < out.runs; r++)
            out.value[r * out.times + b] -= sum / (double)out.runs;
    }
    if (status)
        free(out.value);
    else
        *self = out;
    return status;
}

void played_deviations(const played *self, const double *law, double *out)
{
    double least = LAW_SETTLED;
    bool any = false;
    for (size_t b = 0; b < self->times; b++) {
        double sum = 0;
        for (size_t r = 0; r < self->runs; r++)
            sum += self->value[r * self->times + b] * self->value[r * self->times + b];
        const double sd = sqrt(sum / (double)(self->runs - 1));
        if (sd > 1e-12 && !any) /* the first may be late already: it is what there is */
            least = fmin(least, 1 - law[b]);
        any |= sd > 1e-12;
        out[b] = sd > 1e-12 && 1 - law[b] >= least ? sd : 0;
    }
}

/* 2.5% and 97.5% of the mean of `runs` draws from the n numbers w, whose mean is 0; normal when the draws are many. */
static void mean_quantiles(double *w, size_t n, size_t runs, uint64_t seed, double *room, double *low, double *high)
{
    if (runs > LARGE_SAMPLE) {
        double square = 0;
        for (size_t i = 0; i < n; i++)
            square += w[i] * w[i];
        *high = Z95 * sqrt(square / (double)(n - 1) / (double)runs);
        *low = -*high;
        return;
    }
    double *of = runs == 1 ? w : room;
    const size_t draws = runs == 1 ? n : DRAWS;
    rng_stream stream = rng_stream_of(seed, QSG_MAX_RUNS); /* a run that nobody plays */
    for (size_t d = 0; runs > 1 && d < draws; d++) {
        of[d] = 0;
        for (size_t r = 0; r < runs; r++)
            of[d] += w[rng_below(&stream, n)];
        of[d] /= (double)runs;
    }
    gsl_sort(of, 1, draws);
    *low = of[(size_t)(0.025 * (double)draws)];
    *high = of[draws - 1 - (size_t)(0.025 * (double)draws)];
}

qsg_status trajectory_slope(const play_request *request, qsg_series_kind kind, double alpha, bool by_time, double *slope, qsg_error *error)
{
    const double h = 1e-3, top = 1 - request->model->self, above = by_time ? alpha : fmin(alpha * (1 + h), top);
    const size_t n = request->times;
    qsg_status status = QSG_OK;
    double *left = malloc(2 * n * sizeof *left), *time = left ? left + n : NULL;
    if (!left)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", n);
    const qsg_coordination series = {.bins = n, .time = time, .kind = kind};
    for (int side = 0; side < 2 && !status; side++) {
        for (size_t b = 0; b < n; b++)
            time[b] = by_time && !side ? floor(0.9 * request->time[b]) : request->time[b];
        status = qsg_neutral_coordination(request->model, side || by_time ? above : above * (1 - h), &series, side ? slope : left, error);
    }
    for (size_t b = 0; b < n && !status; b++)
        slope[b] = (slope[b] - left[b]) / (by_time ? 1 : log(above / (above * (1 - h))));
    free(left);
    return status;
}

/* What is asked, and where: at one alpha the score's weights, the law, the deviation of one run. */
typedef struct {
    const play_request *request;
    const double *mean;
    size_t runs;
    double centre; /* ln alpha */
} question;

/* The score at alpha, of the data into *off and of the played runs, centred, into w. */
static qsg_status score(const question *self, const played *runs, double alpha, double *off, double *w, qsg_error *error)
{
    const play_request *request = self->request;
    const size_t n = request->times;
    const qsg_coordination series = {.bins = n, .time = (double *)request->time, .kind = request->kind};
    double *law = malloc(3 * n * sizeof *law), *weight = law + n, *spread = law + 2 * n;
    if (!law)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", n);
    qsg_status status = qsg_neutral_coordination(request->model, alpha, &series, law, error);
    if (!status)
        status = trajectory_slope(request, request->kind, alpha, request->model->exchange == QSG_MUTUAL, weight, error);
    if (!status)
        played_deviations(runs, law, spread);
    *off = 0;
    for (size_t b = 0; b < n && !status; b++) {
        weight[b] = spread[b] > 0 ? weight[b] / (spread[b] * spread[b]) : 0;
        *off += weight[b] * (self->mean[b] - law[b]);
    }
    for (size_t r = 0; r < runs->runs && !status; r++) {
        w[r] = 0;
        for (size_t b = 0; b < n; b++)
            w[r] += weight[b] * runs->value[r * n + b];
    }
    free(law);
    return status;
}

/* How far the data's score is inside the middle 95% at log alpha: >= 0 inside (eq. 17); *side is 1 above, -1 below, 0 inside or
 * where nothing moves. */
static qsg_status inside(const question *self, double log_alpha, double *out, int *side, qsg_error *error)
{
    const double alpha = fmin(exp(log_alpha), 1 - self->request->model->self);
    double off = 0, low, high;
    played runs = {0};
    *side = 0;
    qsg_status status = played_new(&runs, self->request, alpha, error);
    if (status == QSG_EDOMAIN && log_alpha < self->centre) { /* so slow that the diffusion cannot resolve the times: nothing moves */
        *out = -1;
        return QSG_OK;
    }
    if (status)
        return status;
    double *w = malloc((runs.runs + DRAWS) * sizeof *w);
    status = w ? score(self, &runs, alpha, &off, w, error) : qsg_fail(error, QSG_ENOMEM, "no memory for %zu played runs", runs.runs);
    if (!status) {
        mean_quantiles(w, runs.runs, self->runs, self->request->seed, w + runs.runs, &low, &high);
        *out = high > low ? fmin(high - off, off - low) / (high - low) : -1;
        *side = high > low ? (off > high) - (off < low) : 0;
    }
    free(w);
    played_free(&runs);
    return status;
}

/* An alpha inside, from *at on: the score of data above the law falls as alpha grows (mutual exchange apart, where *at alone is
 * asked).  *found says whether there is one. */
static qsg_status find_inside(const question *self, double *at, double step, double from, double to, bool *found, qsg_error *error)
{
    double x = *at, last = NAN, f;
    int side, last_side = 0;
    *found = false;
    for (int i = 0; i < 40; i++) {
        qsg_status status = inside(self, x, &f, &side, error);
        if (status || (*found = f >= 0)) {
            *at = x;
            return status;
        }
        if (!side || self->request->model->exchange == QSG_MUTUAL || x == (side > 0 ? to : from))
            return QSG_OK;
        const bool passed = last_side && side != last_side;
        const double back = last;
        last = x;
        last_side = side;
        x = passed ? (x + back) / 2 : fmin(fmax(x + side * step, from), to);
        step = passed ? fabs(x - last) : 1.5 * step;
        if (step < 1e-4)
            return QSG_OK;
    }
    return QSG_OK;
}

/* One end, going from `centre`, which is inside, by steps towards `end`. */
static qsg_status find_end(const question *self, double centre, double step, double end, double *out, bool *bound,
                           qsg_error *error)
{
    double in = centre, beyond = centre, f_in = 0, f_beyond = 0;
    int side;
    *bound = false;
    while (!(f_beyond < 0)) { /* the first turn asks about the centre itself */
        qsg_status status = inside(self, beyond, &f_beyond, &side, error);
        if (status)
            return status;
        if (f_beyond >= 0) {
            in = beyond;
            f_in = f_beyond;
            if ((*bound = beyond == end))
                break;
            beyond = end > centre ? fmin(beyond + step, end) : fmax(beyond - step, end);
            step *= 1.5;
        }
    }
    for (int i = 0; i < 12 && f_beyond < 0 && fabs(beyond - in) > fmax(0.02 * fabs(in - centre), 1e-4); i++) {
        const double middle = i % 3 == 2 ? (in + beyond) / 2 : in + (beyond - in) * f_in / (f_in - f_beyond);
        double f;
        qsg_status status = inside(self, middle, &f, &side, error);
        if (status)
            return status;
        *(f >= 0 ? &in : &beyond) = middle;
        *(f >= 0 ? &f_in : &f_beyond) = f;
    }
    *out = f_beyond < 0 && f_in > 0 ? in + (beyond - in) * f_in / (f_in - f_beyond) : in;
    return QSG_OK;
}

qsg_status score_interval(const play_request *request, const double *mean, size_t runs, double centre, double step,
                          qsg_neutral_range *out, qsg_error *error)
{
    const question self = {request, mean, runs, log(centre)};
    const double most = 1 - request->model->self, from = log(QSG_NEUTRAL_ALPHA_MIN), to = log(most);
    const double stride = step > 0 ? 2 * fmin(fmax(step, 0.005), 0.5) : 1;
    double low = NAN, high = NAN, at = log(centre);
    qsg_neutral_range range = {NAN, NAN, false, false};
    bool found;
    qsg_status status = find_inside(&self, &at, stride, from, to, &found, error);
    if (!status && found)
        status = find_end(&self, at, stride, from, &low, &range.low_bound, error);
    if (!status && found)
        status = find_end(&self, at, stride, to, &high, &range.high_bound, error);
    if (status)
        return status;
    range.low = low == from ? QSG_NEUTRAL_ALPHA_MIN : exp(low);
    range.high = high == to ? most : exp(high);
    *out = range;
    return QSG_OK;
}
