/* Start, advance and observe one population.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/population.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "base/shares.h"
#include "sim/kernel.h"

/* Interactions between two re-summations of the tracked sums: at least this, or twice the agents. */
#define SUM_PERIOD 4096
/* Closer than this to the threshold the polarization is re-summed before it decides; far above a period's drift. */
#define CLOSE 1e-10
/* Agents summed before the partial sum is added to the total: keeps the rounding of 10^9 agents small. */
#define SUM_BLOCK 1024
/* Dirichlet parameters above this draw the same beliefs to rounding, and gamma variates that cannot overflow. */
#define LARGE_CONCENTRATION 1e40
/* Times the agents: interactions between two looks whether a population that nobody tracks is frozen. */
#define FROZEN_PERIOD 16

static const size_t n_vectors = 7; /* labels long: sums, mean, window (2), said, answer, weights */

double population_size(const qsg_model *model)
{
    return ((double)model->agents + (double)n_vectors) * (double)model->labels;
}

static void set_rates(population *self)
{
    const qsg_model *model = self->model;
    const double alpha = model->alpha, own = model->self, agents = (double)model->agents;
    /* 1 - keep is exact up to alpha = 1/2, so a belief keeps its sum however small alpha is */
    self->listener_keep = 1 - alpha;
    self->listener_gain = 1 - self->listener_keep;
    self->speaker_keep = 1 - own;
    self->speaker_gain = 1 - self->speaker_keep;
    self->mutual_keep = fmax(0, 1 - (alpha + own));
    self->mutual_self = own;
    self->mutual_gain = (1 - self->mutual_keep) - own;
    const double moved = model->exchange == QSG_BROADCAST ? alpha * (agents - 1) + own
                         : model->exchange == QSG_MUTUAL ? 2 * (alpha + own) : alpha + own;
    self->stride = M_SQRT2 * moved / agents; /* two beliefs are at most sqrt 2 apart */
}

qsg_status population_init(population *self, const qsg_model *model, qsg_error *error)
{
    const size_t labels = model->labels;
    population p = {.model = model, .channel = qsg_channel_of(model), .agents = model->agents, .labels = labels};
    p.bandwidth = isinf(model->bandwidth) ? 0 : (uint64_t)model->bandwidth;
    if (population_size(model) < (double)(SIZE_MAX / sizeof *p.beliefs)) {
        p.beliefs = malloc((size_t)model->agents * labels * sizeof *p.beliefs);
        p.sums = calloc(n_vectors * labels, sizeof *p.sums);
    }
    if (!p.beliefs || !p.sums) {
        population_free(&p);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %llu agents with %zu labels",
                        (unsigned long long)model->agents, labels);
    }
    p.mean = p.sums + labels;
    p.window = p.mean + labels;
    p.said = p.window + 2 * labels;
    p.answer = p.said + labels;
    p.weights = p.answer + labels;
    set_rates(&p);
    p.window[labels - 1] = p.listener_gain;
    kernel_choose(&p);
    *self = p;
    return QSG_OK;
}

void population_free(population *self)
{
    free(self->beliefs);
    free(self->sums);
    *self = (population){0};
}

void population_use_general_kernel(population *self)
{
    kernel_choose_general(self);
}

static void start_dirichlet(population *self)
{
    gsl_rng rng = rng_gsl(&self->stream);
    for (size_t k = 0; k < self->labels; k++)
        self->weights[k] = fmin(self->model->start.concentration, LARGE_CONCENTRATION);
    for (uint64_t i = 0; i < self->agents; i++) {
        double *x = self->beliefs + i * self->labels;
        gsl_ran_dirichlet(&rng, self->labels, self->weights, x);
        for (size_t k = 0; k < self->labels; k++)
            x[k] = x[k] < POPULATION_SNAP ? 0 : x[k];
    }
}

void population_start(population *self, uint64_t seed, uint64_t run)
{
    const qsg_model *model = self->model;
    const size_t labels = self->labels;
    double *x = self->beliefs;
    self->stream = rng_stream_of(seed, run);
    self->time = 0;
    switch (model->start.kind) {
    case QSG_START_POINT:
        for (uint64_t i = 0; i < self->agents; i++, x += labels)
            memcpy(x, model->start.p, labels * sizeof *x);
        break;
    case QSG_START_ONEHOT:
        memset(x, 0, (size_t)self->agents * labels * sizeof *x);
        for (size_t k = 0; k < labels; k++)
            for (uint64_t i = 0; i < model->start.counts[k]; i++, x += labels)
                x[k] = 1;
        break;
    case QSG_START_DIRICHLET: start_dirichlet(self); break;
    case QSG_START_BELIEFS: memcpy(x, model->start.beliefs, (size_t)self->agents * labels * sizeof *x); break;
    }
}

void population_sum(population *self)
{
    const size_t labels = self->labels;
    double *restrict sums = self->sums, *restrict block = self->said;
    memset(sums, 0, labels * sizeof *sums);
    for (uint64_t from = 0; from < self->agents; from += SUM_BLOCK) {
        const uint64_t to = from + SUM_BLOCK < self->agents ? from + SUM_BLOCK : self->agents;
        memset(block, 0, labels * sizeof *block);
        for (uint64_t i = from; i < to; i++) {
            const double *restrict x = self->beliefs + i * labels;
            for (size_t k = 0; k < labels; k++)
                block[k] += x[k];
        }
        for (size_t k = 0; k < labels; k++)
            sums[k] += block[k];
    }
}

/* Everybody sure of one label and no innovation: nothing can change any more. */
static bool is_frozen(population *self)
{
    size_t present = 0;
    if (self->model->innovation > 0)
        return false;
    population_sum(self);
    for (size_t k = 0; k < self->labels; k++)
        present += self->sums[k] > 0;
    return present == 1;
}

void population_advance(population *self, uint64_t end)
{
    const uint64_t period = FROZEN_PERIOD * (self->agents > SUM_PERIOD ? self->agents : SUM_PERIOD);
    while (self->time < end) {
        const uint64_t left = end - self->time, n = left < period ? left : period;
        self->plain(self, n);
        self->time += n;
        if (self->time < end && is_frozen(self))
            self->time = end;
    }
}

static double polarization_of_sums(const population *self)
{
    double square = 0;
    for (size_t k = 0; k < self->labels; k++)
        square += self->sums[k] * self->sums[k];
    return square / ((double)self->agents * (double)self->agents);
}

bool population_advance_until(population *self, double threshold, uint64_t end)
{
    const uint64_t period = 2 * self->agents > SUM_PERIOD ? 2 * self->agents : SUM_PERIOD;
    const double goal = sqrt(threshold);
    uint64_t since = 0;
    population_sum(self);
    for (;;) {
        double u = polarization_of_sums(self);
        if (since >= period || (since > 0 && fabs(u - threshold) < CLOSE)) {
            population_sum(self);
            since = 0;
            u = polarization_of_sums(self);
        }
        if (u >= threshold)
            return true;
        if (self->time >= end)
            return false;
        /* the length of the mean belief cannot reach the goal before this many interactions */
        const double safe = (goal - sqrt(u) - CLOSE) / self->stride;
        uint64_t n = safe > 0 ? (safe < (double)period ? (uint64_t)safe : period) + 1 : 1;
        n = n < end - self->time ? n : end - self->time;
        n = n < period - since ? n : period - since;
        self->tracking(self, n);
        self->time += n;
        since += n;
    }
}

population_moments population_observe(population *self)
{
    const size_t labels = self->labels;
    const double agents = (double)self->agents;
    double v = 0;
    population_sum(self);
    for (size_t k = 0; k < labels; k++)
        self->mean[k] = self->sums[k] / agents;
    for (uint64_t from = 0; from < self->agents; from += SUM_BLOCK) {
        const uint64_t to = from + SUM_BLOCK < self->agents ? from + SUM_BLOCK : self->agents;
        double block = 0;
        for (uint64_t i = from; i < to; i++) {
            const double *x = self->beliefs + i * labels;
            for (size_t k = 0; k < labels; k++)
                block += (x[k] - self->mean[k]) * (x[k] - self->mean[k]);
        }
        v += block;
    }
    const double h = shares_heterogeneity(self->mean, labels);
    return (population_moments){1 - h, h, v, 1 - (h + v / agents / (agents - 1))};
}
