/* The start of a run: beliefs, rates and who never moves.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/population.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "sim/kernel.h"

/* Dirichlet parameters above this draw the same beliefs to rounding, and gamma variates that cannot overflow. */
#define LARGE_CONCENTRATION 1e40

/* Agents `from` and later, below `to`, at belief x. */
static void start_equal(population *self, uint64_t from, uint64_t to, const double *x)
{
    if (from == to)
        return;
    population_set_belief(self, from, x);
    const double *first = self->numbers + from * self->stride;
    for (uint64_t i = from + 1; i < to; i++)
        memcpy(self->numbers + i * self->stride, first, self->stride * sizeof *first);
}

/* counts[k] agents sure of label k, one label after the other, from agent `from` on. */
static void start_onehot(population *self, uint64_t from, const uint64_t *counts)
{
    for (size_t k = 0; k < self->labels; k++) {
        memset(self->mean, 0, self->labels * sizeof *self->mean);
        self->mean[k] = 1;
        start_equal(self, from, from + counts[k], self->mean);
        from += counts[k];
    }
}

static void start_dirichlet(population *self, uint64_t from)
{
    gsl_rng rng = rng_block_gsl(&self->random);
    for (size_t k = 0; k < self->labels; k++)
        self->weights[k] = fmin(self->model->start.concentration, LARGE_CONCENTRATION);
    for (uint64_t i = from; i < self->agents; i++) {
        gsl_ran_dirichlet(&rng, self->labels, self->weights, self->said);
        population_set_belief(self, i, self->said);
    }
}

/* Who moves how fast; and, drawn anew in every run, whom the evidence has committed to which of two labels. */
static void start_rates(population *self)
{
    const double *a = self->model->evidence;
    const bool drawn = a[0] > 0 || a[1] > 0;
    for (uint64_t i = 0; i < self->agents; i++) {
        const double u = drawn ? rng_block_uniform(&self->random) : 1;
        self->keep[i] = 1 - qsg_model_agent(self->model, i).alpha;
        if (drawn && u < a[0] + a[1]) {
            const double belief[2] = {u < a[0], u >= a[0]};
            population_set_belief(self, i, belief);
            self->keep[i] = 1;
        }
    }
}

bool population_never_moves(const population *self, uint64_t i)
{
    return (self->keep && self->keep[i] == 1) || qsg_model_is_fixed(self->model, i);
}

void population_start(population *self, uint64_t seed, uint64_t run)
{
    const qsg_model *model = self->model;
    const uint64_t zealots = model->agents - model->free_agents;
    meetings_start(self->meetings, &self->random, seed, run, self->agents, self->path);
    self->time = 0;
    self->run = run;
    kernel_start_broadcast(self);
    if (self->ages) {
        ages_start(self->ages);
        return;
    }
    if (zealots > 0)
        start_onehot(self, 0, model->zealots);
    switch (model->start.kind) {
    case QSG_START_POINT: start_equal(self, zealots, self->agents, model->start.p); break;
    case QSG_START_ONEHOT: start_onehot(self, zealots, model->start.counts); break;
    case QSG_START_DIRICHLET: start_dirichlet(self, zealots); break;
    case QSG_START_BELIEFS:
        for (uint64_t i = zealots; i < self->agents; i++)
            population_set_belief(self, i, model->start.beliefs + (i - zealots) * self->labels);
        break;
    }
    if (self->keep)
        start_rates(self);
    self->fixed = 0;
    for (uint64_t i = 0; (self->keep || model->graph) && i < self->agents; i++)
        self->fixed += population_never_moves(self, i);
}
