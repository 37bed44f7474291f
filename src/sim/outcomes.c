/* Independent runs over threads, delivered in run order.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/outcomes.h"

#include <math.h>
#include <stdlib.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#define MAX_DOUBLES 2e9                 /* 16 GB over all threads */
#define BLOCK_DOUBLES ((size_t)1 << 23) /* 64 MB of outcomes wait for their turn */
#define BLOCK_RUNS_PER_THREAD 1024

/* Outcome i of a block owns doubles + i * stride. */
typedef struct {
    const qsg_ensemble_request *request;
    size_t labels, stride, runs;
    unsigned threads;
    qsg_outcome *outcomes;
    double *doubles;
    uint64_t done;
} block;

qsg_status outcomes_check(const qsg_ensemble_request *request, double last, qsg_error *error)
{
    if (!(request->runs >= 1 && request->runs <= QSG_MAX_RUNS))
        return qsg_fail(error, QSG_EDOMAIN, "number of runs is out of range (%llu); expected 1 to %llu",
                        (unsigned long long)request->runs, (unsigned long long)QSG_MAX_RUNS);
    if (!(request->consensus > 0 && request->consensus < 1))
        return qsg_fail(error, QSG_EDOMAIN, "consensus threshold is out of range (%g); expected a number in (0, 1)",
                        request->consensus);
    for (size_t i = 0; i < request->n; i++) {
        const double t = request->times[i];
        if (!(t >= 0 && t <= last && t == floor(t)))
            return qsg_fail(error, QSG_EDOMAIN, "time is out of range for a simulation (%g); expected a whole number "
                            "of interactions from 0 to %g", t, last);
        if (i && t < request->times[i - 1])
            return qsg_fail(error, QSG_EDOMAIN, "times decrease (%g after %g); expected increasing order", t,
                            request->times[i - 1]);
    }
    return QSG_OK;
}

unsigned outcomes_threads(const qsg_ensemble_request *request)
{
    unsigned threads = request->threads;
#ifdef _OPENMP
    threads = threads ? threads : (unsigned)omp_get_max_threads();
#endif
    threads = threads ? threads : 1;
    return threads < request->runs ? threads : (unsigned)request->runs;
}

static qsg_status block_init(block *self, qsg_error *error)
{
    const qsg_ensemble_request *request = self->request;
    const double n = (double)request->n, labels = (double)self->labels;
    const double wanted = n * (4 + (request->want_shares ? labels : 0)) + labels;
    if (!(wanted * self->threads <= MAX_DOUBLES))
        return qsg_fail(error, QSG_EDOMAIN, "the outcomes of the runs are too large (%zu times, %zu labels); expected "
                        "at most %.0f GB", request->n, self->labels, MAX_DOUBLES * 8 / 1e9);
    const size_t most = (size_t)BLOCK_RUNS_PER_THREAD * self->threads;
    self->stride = (size_t)wanted;
    self->runs = BLOCK_DOUBLES / self->stride;
    self->runs = self->runs < most ? self->runs : most;
    self->runs = self->runs > self->threads ? self->runs : self->threads;
    self->runs = self->runs < request->runs ? self->runs : (size_t)request->runs;
    self->outcomes = calloc(self->runs, sizeof *self->outcomes);
    self->doubles = malloc(self->runs * self->stride * sizeof *self->doubles);
    return self->outcomes && self->doubles
               ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for the outcomes of %zu runs", self->runs);
}

/* The outcome of a run that has not begun. */
static qsg_outcome outcome_of(const block *self, uint64_t run, size_t slot)
{
    const size_t n = self->request->n;
    double *const u = self->doubles + slot * self->stride, *mean = u + 4 * n;
    return (qsg_outcome){.run = run, .polarization = u, .heterogeneity = u + n, .disagreement = u + 2 * n,
                         .coordination = u + 3 * n, .mean_belief = mean,
                         .shares = self->request->want_shares ? mean + self->labels : NULL,
                         .consensus_time = NAN, .interactions = NAN};
}

static void run_block(block *self, uint64_t from, size_t runs, outcomes_run_one *run_one, void *runner)
{
    const qsg_ensemble_request *request = self->request;
#pragma omp parallel for schedule(dynamic, 1) num_threads(self->threads)
    for (size_t i = 0; i < runs; i++) {
        size_t thread = 0;
#ifdef _OPENMP
        thread = (size_t)omp_get_thread_num();
#endif
        self->outcomes[i] = outcome_of(self, request->first_run + from + i, i);
        run_one(runner, thread, &self->outcomes[i]);
        if (request->progress) {
#pragma omp critical(qsg_ensemble_progress)
            request->progress(request->progress_context, ++self->done, request->runs);
        }
    }
}

qsg_status outcomes_run(const qsg_ensemble_request *request, size_t labels, unsigned threads,
                        outcomes_run_one *run_one, void *self, qsg_outcome_consumer *consumer, void *context,
                        qsg_error *error)
{
    block b = {.request = request, .labels = labels, .threads = threads};
    qsg_status status = block_init(&b, error);
    for (uint64_t from = 0; !status && from < request->runs; from += b.runs) {
        const uint64_t left = request->runs - from;
        const size_t runs = left < b.runs ? (size_t)left : b.runs;
        run_block(&b, from, runs, run_one, self);
        for (size_t i = 0; !status && i < runs; i++)
            status = consumer(context, &b.outcomes[i]);
    }
    free(b.outcomes);
    free(b.doubles);
    return status;
}
