/* Ensembles of finite populations.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/simulate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/outcomes.h"
#include "sim/population.h"

#define MAX_TIME 1e18
#define MAX_BELIEFS 2e9 /* doubles: 16 GB over all threads */

typedef struct {
    const qsg_model *model;
    const qsg_ensemble_request *request;
    population *populations; /* one a thread */
    unsigned threads;
} ensemble;

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
    if (!(request->horizon >= 0 && request->horizon <= MAX_TIME && request->horizon == floor(request->horizon)))
        return qsg_fail(error, QSG_EDOMAIN, "horizon is out of range (%g); expected a whole number of interactions "
                        "from 0 to %g", request->horizon, MAX_TIME);
    if (request->hearing && (model->bandwidth != 1 || model->agent_bandwidth))
        return qsg_fail(error, QSG_EMODEL, "messages are not single labels (%s %s); expected bandwidth 1 where what is heard "
                        "is recorded", model->agent_bandwidth ? "agents-file" : "bandwidth",
                        model->texts[model->agent_bandwidth ? QSG_AGENTS_FILE : QSG_BANDWIDTH]);
    return outcomes_check(request, MAX_TIME, error);
}

static qsg_status choose_threads(const qsg_model *model, const qsg_ensemble_request *request, unsigned *threads,
                                 qsg_error *error)
{
    const double size = population_size(model);
    double n = request->hearing ? 1 : outcomes_threads(request);
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
}

static qsg_status ensemble_init(ensemble *self, const qsg_model *model, const qsg_ensemble_request *request,
                                qsg_error *error)
{
    ensemble e = {.model = model, .request = request};
    const population_choice choice = {.path = simd_best(), .hearing = request->hearing,
                                      .hearing_context = request->hearing_context};
    qsg_status status = choose_threads(model, request, &e.threads, error);
    if (status)
        return status;
    e.populations = calloc(e.threads, sizeof *e.populations);
    if (!e.populations)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %u populations", e.threads);
    for (unsigned i = 0; !status && i < e.threads; i++)
        status = population_init_as(&e.populations[i], model, choice, error);
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

/* One run from its start to its end. */
static void run_one(void *context, size_t thread, qsg_outcome *out)
{
    const ensemble *self = context;
    const qsg_ensemble_request *request = self->request;
    const size_t n = request->n, labels = self->model->labels;
    population *p = &self->populations[thread];
    size_t i = 0;
    population_start(p, request->seed, out->run);
    const uint64_t horizon = population_can_agree(p, request->consensus) ? (uint64_t)request->horizon : 0;
    out->resolved = population_advance_until(p, request->consensus, 0);
    if (out->resolved) {
        out->consensus_time = 0;
        out->leader = population_leader(p);
    }
    while (i < n || (!out->resolved && p->time < horizon)) {
        const uint64_t next = i < n ? (uint64_t)request->times[i] : horizon;
        if (i < n && p->time == next) {
            const population_moments now = population_observe(p);
            out->polarization[i] = now.polarization;
            out->heterogeneity[i] = now.heterogeneity;
            out->disagreement[i] = now.disagreement;
            out->coordination[i] = now.coordination;
            if (out->shares)
                memcpy(out->shares + i * labels, p->mean, labels * sizeof *p->mean);
            i++;
        } else if (!out->resolved && p->time < horizon) {
            out->resolved = population_advance_until(p, request->consensus, next < horizon ? next : horizon);
            if (out->resolved) {
                out->consensus_time = (double)p->time;
                out->leader = population_leader(p);
            }
        } else {
            population_advance(p, next);
        }
    }
    population_observe(p);
    if (request->weights)
        weigh(p, request->weights, out->mean_belief);
    else
        memcpy(out->mean_belief, p->mean, labels * sizeof *p->mean);
    out->interactions = (double)p->time;
}

qsg_status qsg_ensemble_run(const qsg_model *model, const qsg_ensemble_request *request,
                            qsg_outcome_consumer *consumer, void *context, qsg_error *error)
{
    ensemble self;
    qsg_status status = check(model, request, error);
    if (!status && request->share)
        return request->share(request->share_context, qsg_ensemble_run, model, request, consumer, context, error);
    if (!status)
        status = ensemble_init(&self, model, request, error);
    if (status)
        return status;
    status = outcomes_run(request, model->labels, self.threads, run_one, &self, consumer, context, error);
    ensemble_free(&self);
    return status;
}
