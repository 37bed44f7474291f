/* Time in one population: when it agrees, and when nothing can change any more.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/population.h"

#include <math.h>
#include <string.h>

#include "sim/kernel.h"

/* Interactions between two re-summations of the tracked sums: at least this, or twice the agents. */
#define SUM_PERIOD 4096
/* Closer than this to the threshold the polarization is re-summed before it decides; far above a period's drift. */
#define CLOSE 1e-10
/* Times the agents: interactions between two looks whether a population that nobody tracks is frozen. */
#define FROZEN_PERIOD 16
#define MOST_BETWEEN (UINT64_C(1) << 31) /* epochs of lazy broadcasts are told apart that long */
/* Interactions that are surely far from consensus: fewer, and it is cheaper to watch the sums. */
#define WORTH_WATCHING 128

/* Cumulative sums of agents who hear one label only stop short of 1 by about 2^-53 / rate, because 1 is kept to 2^-53: so
 * near they count as there. */
static double nearness(const population *self)
{
    return 0x1p-49 / self->slowest;
}

/* The label that agent i is sure of, SIZE_MAX for none. */
static size_t vertex_of(const population *self, uint64_t i)
{
    const double *x = self->numbers + i * self->stride, near = nearness(self);
    size_t label = self->layout == POPULATION_CUMULATIVE ? self->width : SIZE_MAX;
    for (size_t k = 0; k < self->width; k++) {
        if (self->layout == POPULATION_CUMULATIVE) {
            if (x[k] > near && x[k] < 1 - near)
                return SIZE_MAX;
            label = label == self->width && x[k] >= 1 - near ? k : label;
        } else if (x[k] > 0) {
            if (label != SIZE_MAX)
                return SIZE_MAX;
            label = k;
        }
    }
    return label;
}

static void settle_at(population *self, uint64_t i, size_t label)
{
    memset(self->mean, 0, self->labels * sizeof *self->mean);
    self->mean[label] = 1;
    population_set_belief(self, i, self->mean);
}

/* Every agent who may still move is sure of a label, and hears it from all whom it hears: so it is when the parts of a
 * graph have agreed each for itself.  Where all that is heard counts, nothing is. */
static bool is_stuck(population *self)
{
    const qsg_graph *graph = self->model->graph;
    if (self->model->innovation > 0 || self->ages || self->hearing)
        return false;
    if (self->fixed == self->agents)
        return true;
    if (!graph)
        return false;
    for (uint64_t i = 0; i < self->agents; i++) {
        if (population_never_moves(self, i))
            continue;
        const size_t label = vertex_of(self, i);
        if (label == SIZE_MAX)
            return false;
        for (uint64_t a = graph->first[i]; a < graph->first[i + 1]; a++)
            if (vertex_of(self, graph->speakers[a]) != label)
                return false;
    }
    for (uint64_t i = 0; i < self->agents; i++)
        if (!population_never_moves(self, i))
            settle_at(self, i, vertex_of(self, i));
    population_sum(self);
    return true;
}

/* Everybody sure of one label and no innovation, or stuck: nothing can change any more. */
static bool is_frozen(population *self)
{
    size_t present = 0;
    if (self->model->innovation > 0 || self->hearing)
        return false;
    population_sum(self);
    if (self->layout != POPULATION_CUMULATIVE) {
        for (size_t k = 0; k < self->labels; k++)
            present += self->sums[k] > 0;
        return present == 1 || is_stuck(self);
    }
    const double near = nearness(self), agents = (double)self->agents;
    for (size_t k = 0; k < self->width; k++)
        if (self->sums[k] > near * agents && agents - self->sums[k] > near * agents)
            return is_stuck(self);
    for (uint64_t i = 0; i < self->agents; i++) {
        double *x = self->numbers + i * self->stride;
        for (size_t k = 0; k < self->width; k++)
            x[k] = self->sums[k] > agents / 2;
    }
    population_sum(self);
    return true;
}

bool population_can_agree(population *self, double threshold)
{
    const double agents = (double)self->agents;
    double *fixed = self->mean, square = 0, top = 0;
    if (self->fixed == 0)
        return true;
    memset(fixed, 0, self->labels * sizeof *fixed);
    for (uint64_t i = 0; i < self->agents; i++)
        if (population_never_moves(self, i)) {
            population_belief(self, i, self->said);
            for (size_t k = 0; k < self->labels; k++)
                fixed[k] += self->said[k];
        }
    for (size_t k = 0; k < self->labels; k++) {
        square += fixed[k] * fixed[k];
        top = fixed[k] > top ? fixed[k] : top;
    }
    /* U is convex in the free beliefs: it is largest when all of them are sure of the label with the largest fixed part */
    const double free = agents - (double)self->fixed;
    return square + free * (2 * top + free) >= (threshold - CLOSE) * agents * agents;
}

void population_advance(population *self, uint64_t end)
{
    const uint64_t looks = FROZEN_PERIOD * (self->agents > SUM_PERIOD ? self->agents : SUM_PERIOD);
    const uint64_t period = looks < MOST_BETWEEN ? looks : MOST_BETWEEN;
    while (self->time < end) {
        const uint64_t left = end - self->time, n = left < period ? left : period;
        self->plain(self, n);
        self->time += n;
        if (self->time < end && is_frozen(self))
            self->time = end;
    }
}

/* U by the sums. */
static double polarization_of_sums(population *self)
{
    const double agents = (double)self->agents;
    double square = 0;
    population_summed_beliefs(self, self->mean);
    for (size_t k = 0; k < self->labels; k++)
        square += self->mean[k] * self->mean[k];
    return square / (agents * agents);
}

/* The largest share of the mean belief by the sums, times the agents. */
static double largest_sum(const population *self)
{
    const double *sums = self->sums;
    const size_t width = self->width;
    double top = sums[0];
    if (self->layout == POPULATION_PLAIN) {
        for (size_t k = 1; k < width; k++)
            top = sums[k] > top ? sums[k] : top;
        return top;
    }
    for (size_t k = 1; k < width; k++)
        top = sums[k] - sums[k - 1] > top ? sums[k] - sums[k - 1] : top;
    return fmax(top, (double)self->agents - sums[width - 1]);
}

/* U >= threshold needs a largest share p of at least this: U <= p^2 + (1-p)^2 when p >= 1/2, and always U <= p. */
static double least_share(double threshold)
{
    return threshold < 0.5 ? threshold : (1 + sqrt(2 * threshold - 1)) / 2;
}

bool population_advance_until(population *self, double threshold, uint64_t end)
{
    const uint64_t period = 2 * self->agents > SUM_PERIOD ? 2 * self->agents : SUM_PERIOD;
    const double agents = (double)self->agents, goal = agents * (least_share(threshold) - CLOSE);
    const double hurry = 1 / (agents * self->step);
    uint64_t since = 0, sums = 0;
    if (self->ages)
        return ages_advance_until(self, threshold, least_share(threshold), end);
    self->reach = goal - agents / 2;
    population_sum(self);
    for (;;) {
        if (since >= period) {
            population_sum(self);
            since = 0;
            if (++sums % FROZEN_PERIOD == 0 && is_stuck(self))
                self->time = end;
        }
        const double away = goal - largest_sum(self);
        if (away <= 0) {
            double u = polarization_of_sums(self);
            if (since > 0 && fabs(u - threshold) < CLOSE) {
                population_sum(self);
                since = 0;
                u = polarization_of_sums(self);
            }
            if (u >= threshold)
                return true;
        }
        if (self->time >= end)
            return false;
        /* the largest share cannot reach the goal before this many interactions */
        const double safe = away * hurry;
        uint64_t n = safe > 0 ? (safe < (double)period ? (uint64_t)safe : period) + 1 : 1;
        n = n < end - self->time ? n : end - self->time;
        if (n < WORTH_WATCHING && kernel_may_watch(self)) {
            n = end - self->time < period - since ? end - self->time : period - since;
            self->watching(self, n);
            n = self->made;
        } else {
            n = n < period - since ? n : period - since;
            self->tracking(self, n);
        }
        self->time += n;
        since += n;
    }
}
