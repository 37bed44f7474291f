/* Independent paths of the diffusion over threads, delivered in run order.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/paths.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "base/rng.h"
#include "base/shares.h"
#include "qsg/density.h"
#include "qsg/moments.h"
#include "sim/paths.h"

#define WHO "simulate --method diffusion"
#define MAX_TIME 1e300
#define MAX_RATE 0.05
#define BLOCK_DOUBLES ((size_t)1 << 23) /* 64 MB of outcomes wait for their turn */
#define BLOCK_RUNS_PER_THREAD 1024
#define MAX_DOUBLES 2e9
#define CHUNK 16 /* runs a thread takes at a time */

/* Runs of one block: outcome r of the block owns doubles + r * stride; a thread owns labels shares and its work. */
typedef struct {
    const qsg_model *model;
    const qsg_ensemble_request *request;
    path_plan plan;
    qsg_moments start;
    double slaved; /* (V/N)/H of the slow mode; NaN where there is none */
    unsigned threads;
    qsg_outcome *outcomes;
    double *doubles, *work;
    uint64_t *counts;
    size_t stride, work_stride, runs;
    uint64_t done;
} paths;

static qsg_status check_model(const qsg_model *model, qsg_diffusion *diffusion, qsg_error *error)
{
    qsg_model neutral = *model; /* borrows the arrays */
    qsg_status status = qsg_model_require(model, QSG_USES_FIELD | QSG_USES_INNOVATION, WHO, error);
    double rate = 0;
    if (status)
        return status;
    if (model->labels > QSG_PATHS_MAX_LABELS)
        return qsg_fail(error, QSG_EMODEL, WHO " has too many labels (%zu); expected at most %d", model->labels,
                        QSG_PATHS_MAX_LABELS);
    neutral.field = NULL;
    neutral.innovation = 0;
    status = qsg_moments_slow_rate(&neutral, &rate, error);
    if (status)
        return status;
    if (!(rate > 0))
        return qsg_fail(error, QSG_EMODEL, WHO " needs a mean belief that goes on moving (slow rate %g); expected a "
                        "finite bandwidth, and alpha below 1 in mutual exchange", rate);
    if (rate > MAX_RATE)
        return qsg_fail(error, QSG_EMODEL, WHO " is a limit of slow change (slow rate %g per interaction); expected at "
                        "most %g: more agents, in a broadcast a smaller alpha", rate, MAX_RATE);
    return qsg_diffusion_of(model, diffusion, error);
}

static qsg_status check(const qsg_ensemble_request *request, qsg_error *error)
{
    if (!(request->runs >= 1 && request->runs <= QSG_MAX_RUNS))
        return qsg_fail(error, QSG_EDOMAIN, "number of runs is out of range (%llu); expected 1 to %llu",
                        (unsigned long long)request->runs, (unsigned long long)QSG_MAX_RUNS);
    if (!(request->consensus > 0 && request->consensus < 1))
        return qsg_fail(error, QSG_EDOMAIN, "consensus threshold is out of range (%g); expected a number in (0, 1)",
                        request->consensus);
    for (size_t i = 0; i < request->n; i++) {
        const double t = request->times[i];
        if (!(t >= 0 && t <= MAX_TIME && t == floor(t)))
            return qsg_fail(error, QSG_EDOMAIN, "time is out of range for a simulation (%g); expected a whole number "
                            "of interactions from 0 to %g", t, MAX_TIME);
        if (i && t < request->times[i - 1])
            return qsg_fail(error, QSG_EDOMAIN, "times decrease (%g after %g); expected increasing order", t,
                            request->times[i - 1]);
    }
    return QSG_OK;
}

/* (V/N)/H where the fast mode has died out: after 40 slow times, in which H falls to e^-40 only. */
static qsg_status slow_mode(const qsg_model *model, double rate, double *slaved, qsg_error *error)
{
    const double n = (double)model->agents;
    qsg_model neutral = *model;
    qsg_moments m = {.uncertainty = 0.5, .disagreement = 0};
    neutral.field = NULL;
    neutral.innovation = 0;
    if (model->exchange == QSG_BROADCAST) {
        *slaved = NAN;
        return QSG_OK;
    }
    qsg_status status = qsg_moments_evolve(&neutral, &m, ceil(40 / rate), &m, error);
    if (!status)
        *slaved = m.disagreement / n / (m.uncertainty + m.disagreement / n);
    return status;
}

static void paths_free(paths *self)
{
    path_plan_free(&self->plan);
    free(self->outcomes);
    free(self->doubles);
    free(self->work);
    free(self->counts);
}

static qsg_status allocate(paths *self, qsg_error *error)
{
    const qsg_ensemble_request *request = self->request;
    const size_t labels = self->model->labels, n = request->n;
    const double wanted = (double)n * (4 + (request->want_shares ? (double)labels : 0)) + (double)labels;
    double threads = request->threads;
#ifdef _OPENMP
    threads = threads > 0 ? threads : omp_get_max_threads();
#endif
    threads = fmax(1, fmin(threads, (double)request->runs));
    if (!(wanted * threads <= MAX_DOUBLES))
        return qsg_fail(error, QSG_EDOMAIN, "the outcomes of the runs are too large (%zu times, %zu labels); expected "
                        "at most %.0f GB", n, labels, MAX_DOUBLES * 8 / 1e9);
    self->threads = (unsigned)threads;
    self->stride = (size_t)wanted;
    self->work_stride = 2 * labels + 1;
    const size_t most = (size_t)BLOCK_RUNS_PER_THREAD * self->threads;
    self->runs = BLOCK_DOUBLES / self->stride;
    self->runs = self->runs < most ? self->runs : most;
    self->runs = self->runs > self->threads ? self->runs : self->threads;
    self->runs = self->runs < request->runs ? self->runs : (size_t)request->runs;
    self->outcomes = calloc(self->runs, sizeof *self->outcomes);
    self->doubles = malloc(self->runs * self->stride * sizeof *self->doubles);
    self->work = malloc(self->threads * self->work_stride * sizeof *self->work);
    self->counts = malloc(self->threads * labels * sizeof *self->counts);
    if (!self->outcomes || !self->doubles || !self->work || !self->counts)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the outcomes of %zu runs", self->runs);
    return QSG_OK;
}

static size_t largest(const double *shares, size_t labels)
{
    size_t best = 0;
    for (size_t k = 1; k < labels; k++)
        if (shares[k] > shares[best])
            best = k;
    return best;
}

/* One path from its start to the last time, into slot `slot` of the block. */
static void run_one(const paths *self, size_t thread, uint64_t run, size_t slot)
{
    const qsg_ensemble_request *request = self->request;
    const size_t n = request->n, labels = self->model->labels;
    const double agents = (double)self->model->agents;
    double *const u = self->doubles + slot * self->stride, *h = u + n, *v = h + n, *s = v + n, *mean = s + n;
    double *const shares = request->want_shares ? mean + labels : NULL;
    double *const work = self->work + thread * self->work_stride;
    qsg_outcome out = {run, u, h, v, s, shares, mean, false, NAN, 0, NAN};
    rng_stream stream = rng_stream_of(request->seed, run);
    gsl_rng rng = rng_gsl(&stream);
    memcpy(mean, self->plan.start, labels * sizeof *mean);
    for (size_t i = 0; i < n; i++) {
        path_plan_advance(&self->plan, &self->plan.gaps[self->plan.gap_of[i]], &rng, mean, work,
                     self->counts + thread * labels);
        h[i] = shares_heterogeneity(mean, labels);
        u[i] = 1 - h[i];
        v[i] = request->times[i] > 0 ? agents * self->slaved * h[i] : self->start.disagreement;
        s[i] = u[i] - v[i] / agents / (agents - 1);
        if (shares)
            memcpy(shares + i * labels, mean, labels * sizeof *shares);
        if (!out.resolved && u[i] >= request->consensus) {
            out.resolved = true;
            out.leader = largest(mean, labels);
        }
    }
    self->outcomes[slot] = out;
}

static void run_block(paths *self, uint64_t from, size_t runs)
{
    const qsg_ensemble_request *request = self->request;
#pragma omp parallel for schedule(dynamic, CHUNK) num_threads(self->threads)
    for (size_t i = 0; i < runs; i++) {
#ifdef _OPENMP
        run_one(self, (size_t)omp_get_thread_num(), from + i, i);
#else
        run_one(self, 0, from + i, i);
#endif
        if (request->progress) {
#pragma omp critical(qsg_paths_progress)
            request->progress(request->progress_context, ++self->done, request->runs);
        }
    }
}

qsg_status qsg_paths_run(const qsg_model *model, const qsg_ensemble_request *request, qsg_outcome_consumer *consumer,
                         void *context, qsg_error *error)
{
    paths self = {.model = model, .request = request};
    qsg_diffusion diffusion;
    qsg_status status = check_model(model, &diffusion, error);
    if (!status)
        status = check(request, error);
    if (!status)
        status = slow_mode(model, diffusion.rate, &self.slaved, error);
    if (!status)
        status = qsg_moments_start(model, &self.start, error);
    if (!status)
        status = path_plan_init(&self.plan, model, &diffusion, request->n, request->times, PATH_STEP, error);
    if (!status)
        status = allocate(&self, error);
    for (uint64_t from = 0; !status && from < request->runs; from += self.runs) {
        const uint64_t left = request->runs - from;
        const size_t runs = left < self.runs ? (size_t)left : self.runs;
        run_block(&self, from, runs);
        for (size_t i = 0; !status && i < runs; i++)
            status = consumer(context, &self.outcomes[i]);
    }
    paths_free(&self);
    return status;
}
