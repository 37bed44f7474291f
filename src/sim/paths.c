/* Ensembles of paths of the diffusion.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/paths.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/shares.h"
#include "qsg/density.h"
#include "qsg/moments.h"
#include "sim/outcomes.h"
#include "sim/paths.h"

#define WHO "simulate --method diffusion"
#define MAX_TIME 1e300
#define MAX_RATE 0.05

/* A thread owns labels shares and its work. */
typedef struct {
    const qsg_model *model;
    const qsg_ensemble_request *request;
    path_plan plan;
    qsg_moments start;
    double slaved; /* (V/N)/H of the slow mode; NaN where there is none */
    unsigned threads;
    double *work;
    uint64_t *counts;
    size_t work_stride;
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

static void paths_free(paths *self)
{
    path_plan_free(&self->plan);
    free(self->work);
    free(self->counts);
}

static qsg_status allocate(paths *self, qsg_error *error)
{
    const size_t labels = self->model->labels;
    self->threads = outcomes_threads(self->request);
    self->work_stride = 2 * labels + 1;
    self->work = malloc(self->threads * self->work_stride * sizeof *self->work);
    self->counts = malloc(self->threads * labels * sizeof *self->counts);
    return self->work && self->counts
               ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for %u threads", self->threads);
}

static size_t largest(const double *shares, size_t labels)
{
    size_t best = 0;
    for (size_t k = 1; k < labels; k++)
        if (shares[k] > shares[best])
            best = k;
    return best;
}

/* One path from its start to the last time. */
static void run_one(void *context, size_t thread, qsg_outcome *out)
{
    const paths *self = context;
    const qsg_ensemble_request *request = self->request;
    const size_t labels = self->model->labels;
    const double agents = (double)self->model->agents;
    double *const work = self->work + thread * self->work_stride, *const mean = out->mean_belief;
    rng_stream stream = rng_stream_of(request->seed, out->run);
    gsl_rng rng = rng_gsl(&stream);
    memcpy(mean, self->plan.start, labels * sizeof *mean);
    for (size_t i = 0; i < request->n; i++) {
        path_plan_advance(&self->plan, &self->plan.gaps[self->plan.gap_of[i]], &rng, mean, work,
                          self->counts + thread * labels);
        const double h = shares_heterogeneity(mean, labels);
        const double v = request->times[i] > 0 ? agents * self->slaved * h : self->start.disagreement;
        out->heterogeneity[i] = h;
        out->polarization[i] = 1 - h;
        out->disagreement[i] = v;
        out->coordination[i] = 1 - h - v / agents / (agents - 1);
        if (out->shares)
            memcpy(out->shares + i * labels, mean, labels * sizeof *mean);
        if (!out->resolved && 1 - h >= request->consensus) {
            out->resolved = true;
            out->leader = largest(mean, labels);
        }
    }
}

qsg_status qsg_paths_run(const qsg_model *model, const qsg_ensemble_request *request, qsg_outcome_consumer *consumer,
                         void *context, qsg_error *error)
{
    paths self = {.model = model, .request = request, .slaved = NAN};
    qsg_diffusion diffusion;
    qsg_status status = check_model(model, &diffusion, error);
    if (!status)
        status = outcomes_check(request, MAX_TIME, error);
    if (!status && request->share)
        return request->share(request->share_context, qsg_paths_run, model, request, consumer, context, error);
    if (!status)
        status = model->exchange == QSG_BROADCAST ? QSG_OK : qsg_moments_slaved(model, &self.slaved, error);
    if (!status)
        status = qsg_moments_start(model, &self.start, error);
    if (!status)
        status = path_plan_init(&self.plan, model, &diffusion, request->n, request->times, PATH_STEP, error);
    if (!status)
        status = allocate(&self, error);
    if (!status)
        status = outcomes_run(request, model->labels, self.threads, run_one, &self, consumer, context, error);
    paths_free(&self);
    return status;
}
