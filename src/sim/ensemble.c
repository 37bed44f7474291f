/* Independent runs over threads, delivered in run order.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/simulate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "sim/population.h"

#define MAX_TIME 1e18
#define MAX_BELIEFS 2e9                /* doubles: 16 GB over all threads */
#define BLOCK_DOUBLES ((size_t)1 << 23) /* 64 MB of outcomes wait for their turn */
#define BLOCK_RUNS_PER_THREAD 1024

/* Runs of one block: outcome r of the block owns doubles + r * stride. */
typedef struct {
    const qsg_model *model;
    const qsg_ensemble_request *request;
    population *populations; /* one a thread */
    unsigned threads;
    qsg_outcome *outcomes;
    double *doubles;
    size_t stride, runs;
    uint64_t done;
} ensemble;

static unsigned all_threads(void)
{
#ifdef _OPENMP
    return (unsigned)omp_get_max_threads();
#else
    return 1;
#endif
}

static size_t thread_index(void)
{
#ifdef _OPENMP
    return (size_t)omp_get_thread_num();
#else
    return 0;
#endif
}

static bool is_time(double t)
{
    return t >= 0 && t <= MAX_TIME && t == floor(t);
}

static qsg_status check(const qsg_model *model, const qsg_ensemble_request *request, qsg_error *error)
{
    if (model->agents > POPULATION_MAX_AGENTS)
        return qsg_fail(error, QSG_EDOMAIN, "too many agents to simulate one by one (%llu); expected at most "
                        "%llu, or --method diffusion",
                        (unsigned long long)model->agents, (unsigned long long)POPULATION_MAX_AGENTS);
    if (!(population_size(model) <= MAX_BELIEFS))
        return qsg_fail(error, QSG_EDOMAIN, "the population is too large to simulate (%llu agents x %zu labels, "
                        "%.3g GB); expected at most %.0f GB", (unsigned long long)model->agents, model->labels,
                        population_size(model) * 8 / 1e9, MAX_BELIEFS * 8 / 1e9);
    if (!(request->runs >= 1 && request->runs <= QSG_MAX_RUNS))
        return qsg_fail(error, QSG_EDOMAIN, "number of runs is out of range (%llu); expected 1 to %llu",
                        (unsigned long long)request->runs, (unsigned long long)QSG_MAX_RUNS);
    if (!(request->consensus > 0 && request->consensus < 1))
        return qsg_fail(error, QSG_EDOMAIN, "consensus threshold is out of range (%g); expected a number in (0, 1)",
                        request->consensus);
    if (!is_time(request->horizon))
        return qsg_fail(error, QSG_EDOMAIN, "horizon is out of range (%g); expected a whole number of interactions "
                        "from 0 to %g", request->horizon, MAX_TIME);
    for (size_t i = 0; i < request->n; i++) {
        if (!is_time(request->times[i]))
            return qsg_fail(error, QSG_EDOMAIN, "time is out of range for a simulation (%g); expected a whole number "
                            "of interactions from 0 to %g", request->times[i], MAX_TIME);
        if (i && request->times[i] < request->times[i - 1])
            return qsg_fail(error, QSG_EDOMAIN, "times decrease (%g after %g); expected increasing order",
                            request->times[i], request->times[i - 1]);
    }
    return QSG_OK;
}

static qsg_status choose_threads(const qsg_model *model, const qsg_ensemble_request *request, unsigned *threads,
                                 qsg_error *error)
{
    const double size = population_size(model);
    double n = request->threads ? request->threads : all_threads();
    n = fmin(n, (double)request->runs);
    if (!request->threads)
        n = fmax(1, fmin(n, floor(MAX_BELIEFS / size)));
    if (!(n * size <= MAX_BELIEFS))
        return qsg_fail(error, QSG_EDOMAIN, "the populations are too large (%llu agents x %zu labels x %.0f threads, "
                        "%.3g GB); expected at most %.0f GB", (unsigned long long)model->agents, model->labels, n,
                        n * size * 8 / 1e9, MAX_BELIEFS * 8 / 1e9);
    *threads = (unsigned)n;
    return QSG_OK;
}

static void ensemble_free(ensemble *self)
{
    for (unsigned i = 0; self->populations && i < self->threads; i++)
        population_free(&self->populations[i]);
    free(self->populations);
    free(self->outcomes);
    free(self->doubles);
}

static qsg_status ensemble_init(ensemble *self, const qsg_model *model, const qsg_ensemble_request *request,
                                qsg_error *error)
{
    ensemble e = {.model = model, .request = request};
    const size_t labels = model->labels, n = request->n;
    qsg_status status = choose_threads(model, request, &e.threads, error);
    if (status)
        return status;
    const double wanted = (double)n * (4 + (request->want_shares ? (double)labels : 0)) + (double)labels;
    if (!(wanted * e.threads <= MAX_BELIEFS))
        return qsg_fail(error, QSG_EDOMAIN, "the outcomes of the runs are too large (%zu times, %zu labels); expected "
                        "at most %.0f GB", n, labels, MAX_BELIEFS * 8 / 1e9);
    e.stride = (size_t)wanted;
    e.runs = BLOCK_DOUBLES / e.stride;
    e.runs = e.runs < (size_t)BLOCK_RUNS_PER_THREAD * e.threads ? e.runs : (size_t)BLOCK_RUNS_PER_THREAD * e.threads;
    e.runs = e.runs > e.threads ? e.runs : e.threads;
    e.runs = e.runs < request->runs ? e.runs : (size_t)request->runs;
    e.populations = calloc(e.threads, sizeof *e.populations);
    e.outcomes = calloc(e.runs, sizeof *e.outcomes);
    e.doubles = malloc(e.runs * e.stride * sizeof *e.doubles);
    if (!e.populations || !e.outcomes || !e.doubles)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for the outcomes of %zu runs", e.runs);
    for (unsigned i = 0; !status && i < e.threads; i++)
        status = population_init(&e.populations[i], model, error);
    if (status)
        ensemble_free(&e);
    else
        *self = e;
    return status;
}

/* sum of weights[i] x_i; p->mean is work space. */
static void weigh(population *p, const double *weights, double *sum)
{
    memset(sum, 0, p->labels * sizeof *sum);
    for (uint64_t i = 0; i < p->agents; i++)
        if (weights[i] > 0) {
            population_belief(p, i, p->mean);
            for (size_t k = 0; k < p->labels; k++)
                sum[k] += weights[i] * p->mean[k];
        }
}

/* One run from its start to its end, into slot `slot` of the block. */
static void run_one(const ensemble *self, population *p, uint64_t run, size_t slot)
{
    const qsg_ensemble_request *request = self->request;
    const size_t n = request->n, labels = self->model->labels;
    double *const u = self->doubles + slot * self->stride, *h = u + n, *v = h + n, *s = v + n, *mean = s + n;
    double *const shares = request->want_shares ? mean + labels : NULL;
    qsg_outcome out = {run, u, h, v, s, shares, mean, false, NAN, 0, 0};
    size_t i = 0;
    population_start(p, request->seed, run);
    const uint64_t horizon = population_can_agree(p, request->consensus) ? (uint64_t)request->horizon : 0;
    out.resolved = population_advance_until(p, request->consensus, 0);
    if (out.resolved) {
        out.consensus_time = 0;
        out.leader = population_leader(p);
    }
    while (i < n || (!out.resolved && p->time < horizon)) {
        const uint64_t next = i < n ? (uint64_t)request->times[i] : horizon;
        if (i < n && p->time == next) {
            const population_moments now = population_observe(p);
            u[i] = now.polarization;
            h[i] = now.heterogeneity;
            v[i] = now.disagreement;
            s[i] = now.coordination;
            if (shares)
                memcpy(shares + i * labels, p->mean, labels * sizeof *shares);
            i++;
        } else if (!out.resolved && p->time < horizon) {
            out.resolved = population_advance_until(p, request->consensus, next < horizon ? next : horizon);
            if (out.resolved) {
                out.consensus_time = (double)p->time;
                out.leader = population_leader(p);
            }
        } else {
            population_advance(p, next);
        }
    }
    population_observe(p);
    if (request->weights)
        weigh(p, request->weights, mean);
    else
        memcpy(mean, p->mean, labels * sizeof *mean);
    out.interactions = (double)p->time;
    self->outcomes[slot] = out;
}

static void run_block(ensemble *self, uint64_t from, size_t runs)
{
    const qsg_ensemble_request *request = self->request;
#pragma omp parallel for schedule(dynamic, 1) num_threads(self->threads)
    for (size_t i = 0; i < runs; i++) {
        run_one(self, &self->populations[thread_index()], from + i, i);
        if (request->progress) {
#pragma omp critical(qsg_ensemble_progress)
            request->progress(request->progress_context, ++self->done, request->runs);
        }
    }
}

qsg_status qsg_ensemble_run(const qsg_model *model, const qsg_ensemble_request *request,
                            qsg_outcome_consumer *consumer, void *context, qsg_error *error)
{
    ensemble self;
    qsg_status status = check(model, request, error);
    if (!status)
        status = ensemble_init(&self, model, request, error);
    if (status)
        return status;
    for (uint64_t from = 0; !status && from < request->runs; from += self.runs) {
        const uint64_t left = request->runs - from;
        const size_t runs = left < self.runs ? (size_t)left : self.runs;
        run_block(&self, from, runs);
        for (size_t i = 0; !status && i < runs; i++)
            status = consumer(context, &self.outcomes[i]);
    }
    ensemble_free(&self);
    return status;
}
