/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/kernel_ages.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/population.h"

#define LEAST_LABELS 48    /* fewer cost less as cumulative sums */
#define LEAST_ALPHA 0.05   /* rings stay short, and a cell of the guide has at most one limit of ages */
#define FINEST 0x1p-53     /* weights below this are dropped */
#define CELL_BITS 6        /* of the mantissa, in the guide */
#define GUIDE (54 << CELL_BITS)
#define SUM_PERIOD 4096

struct ages {
    const qsg_model *model;
    uint64_t agents;
    size_t labels;
    uint32_t kept, mask;     /* ages that count; ring size - 1 */
    size_t stride;           /* of an agent: labels heard before, label at the start, ring */
    uint32_t *agent;
    double *share;           /* agents: belief in the watched label */
    double *start;           /* labels: cumulative belief at the start, where it is everybody's */
    double *power;           /* kept + 2: (1-alpha)^a */
    double alpha, keep;
    uint16_t guide[GUIDE];   /* age of the largest number of a cell */
};
enum { HEARD, START, RING };

static uint32_t kept_of(double alpha)
{
    return alpha < 1 ? (uint32_t)ceil(log(FINEST) / log1p(-alpha)) : 1;
}

static uint32_t ring_of(double alpha)
{
    uint32_t size = 1;
    while (size < kept_of(alpha))
        size *= 2;
    return size;
}

bool ages_cover(const qsg_model *model)
{
    const qsg_channel channel = qsg_channel_of(model);
    return channel.neutral && model->exchange == QSG_ONEWAY && model->bandwidth == 1 && model->self == 0 &&
           model->labels >= LEAST_LABELS && model->alpha >= LEAST_ALPHA &&
           (model->start.kind == QSG_START_POINT || model->start.kind == QSG_START_ONEHOT) &&
           (double)ring_of(model->alpha) <= 2 * (double)model->labels;
}

double ages_size(const qsg_model *model)
{
    return (double)model->agents * (1 + (RING + (double)ring_of(model->alpha)) / 2) + (double)model->labels;
}

/* The cell of a number in [2^-54, 1). */
static inline uint32_t cell_of(double u)
{
    uint64_t bits;
    memcpy(&bits, &u, sizeof bits);
    return (uint32_t)((bits >> (52 - CELL_BITS)) - ((uint64_t)(1023 - 54) << CELL_BITS));
}

ages *ages_new(const qsg_model *model)
{
    ages *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->model = model;
    self->agents = model->agents;
    self->labels = model->labels;
    self->alpha = model->alpha;
    self->keep = 1 - model->alpha;
    self->kept = kept_of(model->alpha);
    self->mask = ring_of(model->alpha) - 1;
    self->stride = RING + (size_t)self->mask + 1;
    self->agent = malloc((size_t)self->agents * self->stride * sizeof *self->agent);
    self->share = malloc((size_t)self->agents * sizeof *self->share);
    self->start = calloc(self->labels, sizeof *self->start);
    self->power = malloc((self->kept + 2) * sizeof *self->power);
    if (!self->agent || !self->share || !self->start || !self->power) {
        ages_free(self);
        return NULL;
    }
    for (uint32_t a = 0; a < self->kept + 2; a++)
        self->power[a] = pow(self->keep, a);
    double sum = 0;
    for (size_t k = 0; k < self->labels; k++)
        self->start[k] = sum += model->start.p[k];
    for (uint32_t c = 0, a = self->kept; c < GUIDE; c++) { /* upwards in u, downwards in age */
        const double top = ldexp(1 + (double)((c & ((1 << CELL_BITS) - 1)) + 1) / (1 << CELL_BITS),
                                 (int)(c >> CELL_BITS) - 54);
        while (a > 0 && self->power[a] < top)
            a--;
        self->guide[c] = (uint16_t)a;
    }
    return self;
}

void ages_free(ages *self)
{
    if (!self)
        return;
    free(self->agent);
    free(self->share);
    free(self->start);
    free(self->power);
    free(self);
}

void ages_start(ages *self)
{
    const bool onehot = self->model->start.kind == QSG_START_ONEHOT;
    uint64_t i = 0;
    for (size_t k = 0; onehot && k < self->labels; k++)
        for (uint64_t j = 0; j < self->model->start.counts[k]; j++, i++)
            self->agent[i * self->stride + START] = (uint32_t)k;
    for (i = 0; i < self->agents; i++)
        self->agent[i * self->stride + HEARD] = 0;
}

/* The label at the start of an agent, from a uniform number. */
static uint32_t start_label(const ages *self, const uint32_t *agent, double u)
{
    if (self->model->start.kind == QSG_START_ONEHOT)
        return agent[START];
    size_t low = 0, high = self->labels - 1;
    while (high > 0 && self->model->start.p[high] == 0)
        high--;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (u < self->start[middle])
            high = middle;
        else
            low = middle + 1;
    }
    return (uint32_t)low;
}

/* The label that an agent says: that heard `age` hearings ago where (1-alpha)^(age+1) <= u < (1-alpha)^age. */
static inline uint32_t say(const ages *self, const uint32_t *agent, double u)
{
    const uint32_t heard = agent[HEARD];
    u = u < FINEST ? FINEST : u;
    uint32_t age = self->guide[cell_of(u)];
    age += u < self->power[age + 1];
    if (__builtin_expect(age >= heard, 0) && heard < self->kept)
        return start_label(self, agent, u / self->power[heard]);
    age = age < self->kept ? age : self->kept - 1;
    return agent[RING + ((heard - 1 - age) & self->mask)];
}

/* Counts beyond twice the ring are equivalent to fewer. */
static inline void hear(const ages *self, uint32_t *agent, uint32_t label)
{
    const uint32_t heard = agent[HEARD];
    agent[RING + (heard & self->mask)] = label;
    agent[HEARD] = heard + 1 < UINT32_MAX ? heard + 1 : heard + 1 - (UINT32_MAX & ~self->mask) + self->mask + 1;
}

/* Add `factor` times the belief of an agent; the start where it is everybody's is left out and its weight returned. */
static double add_belief(const ages *self, const uint32_t *agent, double factor, double *x)
{
    const uint32_t heard = agent[HEARD], n = heard < self->kept ? heard : self->kept;
    for (uint32_t a = 0; a < n; a++)
        x[agent[RING + ((heard - 1 - a) & self->mask)]] += factor * self->alpha * self->power[a];
    if (heard >= self->kept)
        return 0;
    if (self->model->start.kind == QSG_START_POINT)
        return self->power[heard];
    x[agent[START]] += factor * self->power[heard];
    return 0;
}

static void add_start(const ages *self, double weight, double *x)
{
    for (size_t k = 0; weight != 0 && k < self->labels; k++)
        x[k] += weight * self->model->start.p[k];
}

void ages_belief(const ages *self, uint64_t i, double *x)
{
    memset(x, 0, self->labels * sizeof *x);
    add_start(self, add_belief(self, self->agent + i * self->stride, 1, x), x);
}

void ages_sum(const ages *self, double *sums)
{
    double weight = 0;
    memset(sums, 0, self->labels * sizeof *sums);
    for (uint64_t i = 0; i < self->agents; i++)
        weight += add_belief(self, self->agent + i * self->stride, 1, sums);
    add_start(self, weight, sums);
}

/* One interaction: who heard what. */
static inline uint32_t interact(ages *self, rng_block *random, uint64_t *listener)
{
    rng_block_pairs(random);
    const uint64_t speaker = random->speaker[random->next_pair];
    *listener = random->listener[random->next_pair];
    random->next_pair++;
    return say(self, self->agent + speaker * self->stride, rng_block_uniform(random));
}

void ages_advance(population *p, uint64_t n)
{
    ages *const self = p->ages;
    for (; n > 0; n--) {
        uint64_t listener;
        const uint32_t label = interact(self, &p->random, &listener);
        hear(self, self->agent + listener * self->stride, label);
    }
}

static double share_sum(const ages *self)
{
    double sum = 0;
    for (uint64_t i = 0; i < self->agents; i++)
        sum += self->share[i];
    return sum;
}

/* Everybody's belief in a label. */
static double watch_label(ages *self, uint32_t label)
{
    const double start = self->model->start.p[label];
    for (uint64_t i = 0; i < self->agents; i++) {
        const uint32_t *agent = self->agent + i * self->stride;
        const uint32_t heard = agent[HEARD], n = heard < self->kept ? heard : self->kept;
        double share = 0;
        for (uint32_t a = 0; a < n; a++)
            share += agent[RING + ((heard - 1 - a) & self->mask)] == label ? self->alpha * self->power[a] : 0;
        if (heard < self->kept)
            share += self->power[heard] * (self->model->start.kind == QSG_START_POINT ? start : agent[START] == label);
        self->share[i] = share;
    }
    return share_sum(self);
}

/* Go on while the watched label's sum stays between low and high, at most n interactions; its sum. */
static double follow(population *p, uint32_t watched, double sum, double low, double high, uint64_t n)
{
    ages *const self = p->ages;
    const double keep = self->keep, alpha = self->alpha;
    for (; n > 0 && sum > low && sum < high; n--) {
        uint64_t listener;
        const uint32_t label = interact(self, &p->random, &listener);
        const double old = self->share[listener], now = keep * old + (label == watched ? alpha : 0);
        hear(self, self->agent + listener * self->stride, label);
        self->share[listener] = now;
        sum += now - old;
        p->time++;
    }
    return sum;
}

/* No label is near the goal: go on while what each label gained since p->sums were taken cannot have carried it there. */
static void grow(population *p, double high, uint64_t n)
{
    ages *const self = p->ages;
    double *most = p->said;
    bool below = true;
    memcpy(most, p->sums, self->labels * sizeof *most);
    for (; n > 0 && below; n--) {
        uint64_t listener;
        const uint32_t label = interact(self, &p->random, &listener);
        hear(self, self->agent + listener * self->stride, label);
        most[label] += self->alpha;
        below = most[label] < high;
        p->time++;
    }
}

/* Go on near consensus, where p->sums are kept for every label and U is looked at; true: U >= threshold. */
static bool approach(population *p, uint32_t watched, double threshold, double high, uint64_t n)
{
    ages *const self = p->ages;
    const double alpha = self->alpha, scale = 1 / ((double)self->agents * (double)self->agents);
    ages_sum(self, p->sums);
    for (;;) {
        double square = 0;
        for (size_t k = 0; k < self->labels; k++)
            square += p->sums[k] * p->sums[k];
        if (fabs(square * scale - threshold) < 1e-10) {
            ages_sum(self, p->sums);
            square = 0;
            for (size_t k = 0; k < self->labels; k++)
                square += p->sums[k] * p->sums[k];
        }
        if (square * scale >= threshold)
            return true;
        if (n-- == 0 || p->sums[watched] < high)
            return false;
        uint64_t listener;
        const uint32_t label = interact(self, &p->random, &listener);
        uint32_t *agent = self->agent + listener * self->stride;
        add_start(self, -alpha * add_belief(self, agent, -alpha, p->sums), p->sums);
        p->sums[label] += alpha;
        hear(self, agent, label);
        self->share[listener] = self->keep * self->share[listener] + (label == watched ? alpha : 0);
        p->time++;
    }
}

bool ages_advance_until(population *p, double threshold, double least_share, uint64_t end)
{
    ages *const self = p->ages;
    const double agents = (double)self->agents, high = agents * (least_share - 1e-10), low = agents - high;
    const uint64_t period = 2 * self->agents > SUM_PERIOD ? 2 * self->agents : SUM_PERIOD;
    for (;;) {
        ages_sum(self, p->sums);
        const uint32_t top = (uint32_t)population_leader(p);
        if (approach(p, top, threshold, INFINITY, 0))
            return true;
        if (p->time >= end)
            return false;
        if (least_share <= 0.5) { /* any label may get there: all are kept up to date */
            const uint64_t left = end - p->time;
            if (approach(p, top, threshold, -INFINITY, left < period ? left : period))
                return true;
            continue;
        }
        if (p->sums[top] <= low) {
            grow(p, high, end - p->time);
            continue;
        }
        for (double sum = watch_label(self, top); sum > low && p->time < end; sum = share_sum(self)) {
            uint64_t left = end - p->time;
            sum = follow(p, top, sum, low, high, left < period ? left : period);
            left = end - p->time;
            if (sum >= high && approach(p, top, threshold, high - self->alpha, left < period ? left : period))
                return true;
        }
    }
}
