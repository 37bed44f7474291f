/* The memory of one population, its beliefs and their sums.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/population.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/shares.h"
#include "sim/kernel.h"

/* Agents summed before the partial sum is added to the total: keeps the rounding of 10^9 agents small. */
#define SUM_BLOCK 1024
/* An agent's numbers are filled up to whole vectors while the population is smaller than this many doubles. */
#define MOST_FILLED ((double)(UINT64_C(1) << 22))
#define FILLED_TO 4
/* Numbers that are summed as columns at a time. */
#define MOST_COLUMNS 32

static const size_t n_vectors = 7; /* sums, mean, said, answer, weights, prior, offset */

static population_layout layout_of(const qsg_model *model, population_choice choice)
{
    if (choice.plain_layout || choice.hearing)
        return POPULATION_PLAIN;
    if (kernel_is_network(model))
        return kernel_is_binary(model) ? POPULATION_CUMULATIVE : POPULATION_PLAIN;
    return !choice.no_ages && !model->graph && ages_cover(model) ? POPULATION_AGES
           : kernel_is_cumulative(model) ? POPULATION_CUMULATIVE : POPULATION_PLAIN;
}

static size_t stride_of(const qsg_model *model, bool cumulative)
{
    const size_t width = model->labels - cumulative, filled = (width + FILLED_TO - 1) / FILLED_TO * FILLED_TO;
    return cumulative && width > 2 && (double)model->agents * (double)filled <= MOST_FILLED ? filled : width;
}

double population_size(const qsg_model *model)
{
    const population_layout layout = layout_of(model, (population_choice){.path = SIMD_PORTABLE});
    const size_t stride = stride_of(model, layout == POPULATION_CUMULATIVE) + kernel_is_network(model);
    const double vectors = (double)n_vectors * ((double)model->labels + MOST_COLUMNS) + meetings_size(model);
    return (layout == POPULATION_AGES ? ages_size(model) : (double)model->agents * (double)stride) + vectors;
}

static void set_rates(population *self)
{
    const qsg_model *model = self->model;
    const double alpha = model->alpha, own = model->self, agents = (double)model->agents;
    double fastest = alpha;
    for (uint64_t i = 0; model->agent_alpha && i < model->agents; i++)
        fastest = i ? fmax(fastest, model->agent_alpha[i]) : model->agent_alpha[i];
    /* 1 - keep is exact up to alpha = 1/2, so a belief keeps its sum however small alpha is */
    self->listener_keep = 1 - alpha;
    self->listener_gain = 1 - self->listener_keep;
    self->speaker_keep = 1 - own;
    self->speaker_gain = 1 - self->speaker_keep;
    self->mutual_keep = fmax(0, 1 - (alpha + own));
    self->mutual_self = own;
    self->mutual_gain = (1 - self->mutual_keep) - own;
    const double moved = model->exchange == QSG_BROADCAST ? fastest * (agents - 1) + own
                         : model->exchange == QSG_MUTUAL ? 2 * (fastest + own) : fastest + own;
    self->slowest = kernel_slowest_rate(model);
    self->step = moved / agents; /* a share of one agent rises by at most 1 */
}

static void set_prior(population *self)
{
    double sum = 0;
    for (size_t k = 0; k < self->width; k++) {
        sum += self->model->prior[k];
        self->prior[k] = self->channel.innovation * sum;
    }
}

qsg_status population_init_as(population *self, const qsg_model *model, population_choice choice, qsg_error *error)
{
    const size_t labels = model->labels, room = labels + MOST_COLUMNS;
    const population_layout layout = layout_of(model, choice);
    const bool cumulative = layout == POPULATION_CUMULATIVE, lazy = cumulative && model->exchange == QSG_BROADCAST &&
                                                                              !kernel_is_network(model);
    const bool network = kernel_is_network(model), paired = !meetings_are_uniform(model);
    population p = {.model = model, .channel = qsg_channel_of(model), .agents = model->agents, .labels = labels,
                    .layout = layout, .path = choice.path,
                    .width = labels - cumulative, .stride = stride_of(model, cumulative),
                    .hearing = choice.hearing, .hearing_context = choice.hearing_context};
    p.bandwidth = isinf(model->bandwidth) ? 0 : (uint64_t)model->bandwidth;
    const size_t kept = layout == POPULATION_AGES ? 1 : (size_t)model->agents * p.stride;
    if (population_size(model) < (double)(SIZE_MAX / sizeof *p.numbers)) {
        p.numbers = malloc(kept * sizeof *p.numbers);
        p.sums = calloc(n_vectors * room, sizeof *p.sums);
        p.epochs = lazy ? calloc((size_t)model->agents, sizeof *p.epochs) : NULL;
        p.ages = layout == POPULATION_AGES ? ages_new(model) : NULL;
        p.meetings = paired ? meetings_new(model) : NULL;
        p.keep = network ? malloc((size_t)model->agents * sizeof *p.keep) : NULL;
    }
    if (!p.numbers || !p.sums || (lazy && !p.epochs) || (paired && !p.meetings) || (network && !p.keep) || (layout == POPULATION_AGES && !p.ages)) {
        population_free(&p);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %llu agents with %zu labels",
                        (unsigned long long)model->agents, labels);
    }
    p.mean = p.sums + room;
    p.said = p.mean + room;
    p.answer = p.said + room;
    p.weights = p.answer + room;
    p.prior = p.weights + room;
    p.offset = p.prior + room;
    set_rates(&p);
    if (cumulative)
        set_prior(&p);
    if (p.ages)
        p.plain = p.tracking = ages_advance;
    else if (network)
        kernel_choose_network(&p);
    else if (lazy)
        kernel_choose_broadcast(&p);
    else if (cumulative)
        kernel_choose_cumulative(&p);
    else
        kernel_choose_plain(&p);
    if (p.hearing)
        kernel_choose_hearing(&p);
    if (p.bandwidth == 1 && !model->agent_bandwidth && !choice.exact_channel && (p.channel.sharpness != 1 || p.channel.field))
        p.tilt = tilt_new(&p.channel);
    *self = p;
    return QSG_OK;
}

qsg_status population_init(population *self, const qsg_model *model, qsg_error *error)
{
    return population_init_as(self, model, (population_choice){.path = simd_best()}, error);
}

void population_free(population *self)
{
    free(self->numbers);
    free(self->sums);
    free(self->epochs);
    free(self->keep);
    meetings_free(self->meetings);
    tilt_free(self->tilt);
    ages_free(self->ages);
    *self = (population){0};
}

void population_belief(population *self, uint64_t i, double *x)
{
    kernel_settle_broadcast(self);
    const double *numbers = self->numbers + i * self->stride;
    double before = 0;
    if (self->ages) {
        ages_belief(self->ages, i, x);
        return;
    }
    if (self->layout == POPULATION_PLAIN) {
        memcpy(x, numbers, self->labels * sizeof *x);
        return;
    }
    for (size_t k = 0; k < self->width; k++) {
        x[k] = numbers[k] - before;
        before = numbers[k];
    }
    x[self->width] = 1 - before;
}

void population_set_belief(population *self, uint64_t i, const double *x)
{
    double *numbers = self->numbers + i * self->stride, sum = 0, rest = 0;
    memset(numbers, 0, self->stride * sizeof *numbers);
    if (self->layout == POPULATION_PLAIN) {
        for (size_t k = 0; k < self->width; k++)
            numbers[k] = x[k] < POPULATION_SNAP ? 0 : x[k];
        return;
    }
    for (size_t k = 0; k < self->width; k++) {
        sum += x[k];
        numbers[k] = fmin(sum, 1);
    }
    for (size_t k = self->width; k > 0; k--) { /* labels without belief at the end must keep none */
        rest += x[k];
        if (rest > 0)
            break;
        numbers[k - 1] = 1;
    }
}

/* Sums over agents into self->sums, of numbers that are snapped on the way: columns of `row` numbers, a multiple of the
 * stride, so that a few additions are under way at a time. */
SIMD_INLINE void sum_and_snap(population *self, size_t stride, size_t row, double *restrict block)
{
    double *const numbers = self->numbers, *restrict sums = self->sums;
    const uint64_t count = self->agents * stride;
    uint64_t i = 0;
    memset(sums, 0, stride * sizeof *sums);
    while (i < count) {
        const uint64_t rows = (count - i) / row, to = i + (rows < SUM_BLOCK ? rows : SUM_BLOCK) * row;
        memset(block, 0, row * sizeof *block);
        for (; i < to; i += row) {
            double *restrict x = numbers + i;
            for (size_t k = 0; k < row; k++) {
                const double now = x[k] < POPULATION_SNAP ? 0 : x[k];
                x[k] = now;
                block[k] += now;
            }
        }
        for (size_t k = 0; rows == 0 && i < count; k++, i++) {
            numbers[i] = numbers[i] < POPULATION_SNAP ? 0 : numbers[i];
            block[k] += numbers[i];
        }
        for (size_t from = 0; from < row; from += stride)
            for (size_t k = 0; k < stride; k++)
                sums[k] += block[from + k];
    }
}

SIMD_INLINE void sum_by_stride(population *self)
{
    double columns[MOST_COLUMNS]; /* with constants below they stay in registers */
    switch (self->stride) {
    case 1: sum_and_snap(self, 1, 16, columns); break;
    case 2: sum_and_snap(self, 2, 16, columns); break;
    case 4: sum_and_snap(self, 4, 16, columns); break;
    case 8: sum_and_snap(self, 8, 16, columns); break;
    case 12: sum_and_snap(self, 12, 24, columns); break;
    case 16: sum_and_snap(self, 16, 16, columns); break;
    default: sum_and_snap(self, self->stride, self->stride, self->said); break;
    }
}
SIMD_CLONES(sum_numbers, (population * self), sum_by_stride(self))

void population_sum(population *self)
{
    kernel_settle_broadcast(self);
    if (self->ages)
        ages_sum(self->ages, self->sums);
    else
        sum_numbers[self->path](self);
}

void population_summed_beliefs(const population *self, double *x)
{
    double before = 0;
    memcpy(x, self->sums, self->width * sizeof *x);
    if (self->layout != POPULATION_CUMULATIVE)
        return;
    for (size_t k = 0; k < self->width; k++) {
        x[k] = self->sums[k] - before;
        before = self->sums[k];
    }
    x[self->width] = (double)self->agents - before;
}

static size_t largest(const double *x, size_t n)
{
    size_t top = 0;
    for (size_t k = 1; k < n; k++)
        top = x[k] > x[top] ? k : top;
    return top;
}

size_t population_leader(population *self)
{
    population_summed_beliefs(self, self->mean);
    return largest(self->mean, self->labels);
}

/* V: squared distances of the beliefs from self->mean. */
SIMD_INLINE void disagreement_of(population *self, double *out)
{
    const size_t width = self->width, stride = self->stride;
    const bool cumulative = self->layout == POPULATION_CUMULATIVE;
    double v = 0;
    for (uint64_t from = 0; from < self->agents; from += SUM_BLOCK) {
        const uint64_t to = from + SUM_BLOCK < self->agents ? from + SUM_BLOCK : self->agents;
        double block = 0;
        for (uint64_t i = from; i < to; i++) {
            const double *x = self->numbers + i * stride;
            double before = 0;
            for (size_t k = 0; k < width; k++) {
                const double share = x[k] - before, off = share - self->mean[k];
                before = cumulative ? x[k] : 0;
                block += off * off;
            }
            if (cumulative)
                block += (1 - before - self->mean[width]) * (1 - before - self->mean[width]);
        }
        v += block;
    }
    *out = v;
}
SIMD_CLONES(disagreement, (population * self, double *out), disagreement_of(self, out))

static double disagreement_of_ages(population *self)
{
    double v = 0;
    for (uint64_t i = 0; i < self->agents; i++) {
        ages_belief(self->ages, i, self->said);
        for (size_t k = 0; k < self->labels; k++)
            v += (self->said[k] - self->mean[k]) * (self->said[k] - self->mean[k]);
    }
    return v;
}

population_moments population_observe(population *self)
{
    const double agents = (double)self->agents;
    double v;
    population_sum(self);
    population_summed_beliefs(self, self->mean);
    for (size_t k = 0; k < self->labels; k++)
        self->mean[k] /= agents;
    if (self->ages)
        v = disagreement_of_ages(self);
    else
        disagreement[self->path](self, &v);
    const double h = shares_heterogeneity(self->mean, self->labels);
    return (population_moments){1 - h, h, v, 1 - (h + v / agents / (agents - 1))};
}
