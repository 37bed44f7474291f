/* The loops over interactions on the K numbers of a belief, for every model (doc/theory/simulation.md, section 2).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/kernel.h"

#include <string.h>

#include <gsl/gsl_randist.h>

/* Up to this many labels a branch-free scan beats skipping blocks. */
#define SHORT_SCAN 16
/* Up to this many labels of one message are scanned for.  A longer one of up to SINGLE_DRAWS + SINGLE_DRAWS_PER_LABEL K
 * labels takes bisections; beyond that it is split binomially, at a cost that does not depend on m. */
#define FEW_DRAWS 4
#define SINGLE_DRAWS 32
#define SINGLE_DRAWS_PER_LABEL 4

#define INLINE static inline __attribute__((always_inline))

/* The label whose share of the distribution r covers u: label k with c_{k-1} <= u < c_k, c the cumulative sums.
 * Rounding can leave c_K below u < 1: then the last label of positive probability. */
INLINE size_t label_at(const double *r, size_t labels, double u)
{
    size_t label = 0;
    double sum = 0;
    if (labels <= SHORT_SCAN) {
        for (size_t k = 0; k + 1 < labels; k++) {
            sum += r[k];
            label += u >= sum;
        }
    } else {
        for (; label + 8 <= labels; label += 8) {
            const double *b = r + label;
            const double block = ((b[0] + b[1]) + (b[2] + b[3])) + ((b[4] + b[5]) + (b[6] + b[7]));
            if (u < sum + block)
                break;
            sum += block;
        }
        label -= label == labels;
        for (; label + 1 < labels; label++) {
            sum += r[label];
            if (u < sum)
                break;
        }
    }
    while (__builtin_expect(r[label] == 0, 0) && label > 0)
        label--;
    return label;
}

/* x <- keep x + gain y + other z, snapped; the change goes into `sums` when it is tracked.  z NULL: none. */
INLINE void move(double *restrict x, size_t labels, double keep, double gain, const double *restrict y, double other,
                 const double *restrict z, double *restrict sums, bool tracked)
{
    for (size_t k = 0; k < labels; k++) {
        const double old = x[k];
        double now = keep * old + gain * y[k];
        if (z)
            now += other * z[k];
        now = now < POPULATION_SNAP ? 0 : now;
        x[k] = now;
        if (tracked)
            sums[k] += now - old;
    }
}

/* A few labels, each by a scan: cheaper than cumulative sums; counts into y. */
static void draw_few(population *self, const double *r, double *y)
{
    memset(y, 0, self->labels * sizeof *y);
    for (uint64_t i = 0; i < self->bandwidth; i++)
        y[label_at(r, self->labels, rng_block_uniform(&self->random))]++;
}

/* m labels one by one, by bisection of the cumulative sums; counts into y. */
static void draw_singly(population *self, const double *r, double *y)
{
    const size_t labels = self->labels;
    double *sums = self->weights, sum = 0;
    size_t last = 0;
    for (size_t k = 0; k < labels; k++) {
        last = r[k] > 0 ? k : last;
        y[k] = 0;
        sums[k] = sum += r[k];
    }
    for (uint64_t i = 0; i < self->bandwidth; i++) {
        const double u = rng_block_uniform(&self->random);
        size_t low = 0, high = last;
        while (low < high) {
            const size_t middle = low + (high - low) / 2;
            if (u < sums[middle])
                high = middle;
            else
                low = middle + 1;
        }
        y[low]++;
    }
}

/* The same law by conditional binomials: of the labels not yet spent, label k takes Bin(left, r_k/(r_k + .. + r_K)).
 * The suffix sums keep every ratio in [0, 1] and give the last possible label exactly what is left. */
static void draw_splitting(population *self, const double *r, double *y)
{
    const size_t labels = self->labels;
    double *suffix = self->weights, sum = 0;
    gsl_rng rng = rng_block_gsl(&self->random);
    unsigned left = (unsigned)self->bandwidth;
    for (size_t k = labels; k-- > 0;) {
        y[k] = r[k];
        suffix[k] = sum += r[k];
    }
    for (size_t k = 0; k < labels; k++) {
        const double p = suffix[k] > 0 ? y[k] / suffix[k] : 0;
        const unsigned taken = left == 0 || p == 0 ? 0 : p == 1 ? left : gsl_ran_binomial(&rng, p, left);
        y[k] = taken;
        left -= taken;
    }
}

/* The message y of an agent with belief x. */
static void speak(population *self, const double *x, double *y)
{
    const size_t labels = self->labels;
    const double *r = x;
    if (self->tilt) { /* one label */
        const double u = rng_block_uniform(&self->random);
        size_t label = tilt_label(self->tilt, x, u, self->weights);
        if (label == SIZE_MAX) {
            qsg_channel_apply(&self->channel, x, self->weights);
            label = label_at(self->weights, labels, u);
        }
        memset(y, 0, labels * sizeof *y);
        y[label] = 1;
        return;
    }
    if (!self->channel.neutral) {
        qsg_channel_apply(&self->channel, x, self->weights);
        r = self->weights;
    }
    if (self->bandwidth == 0) {
        memcpy(y, r, labels * sizeof *y);
    } else if (self->bandwidth == 1) {
        const size_t label = label_at(r, labels, rng_block_uniform(&self->random));
        memset(y, 0, labels * sizeof *y);
        y[label] = 1;
    } else {
        if (self->bandwidth <= FEW_DRAWS)
            draw_few(self, r, y);
        else if (self->bandwidth <= SINGLE_DRAWS + SINGLE_DRAWS_PER_LABEL * (uint64_t)labels)
            draw_singly(self, r, y);
        else
            draw_splitting(self, r, y);
        for (size_t k = 0; k < labels; k++)
            y[k] /= (double)self->bandwidth;
    }
}

void kernel_speak(population *self, const double *x, double *y)
{
    speak(self, x, y);
}

/* Everybody but the speaker hears the same message. */
INLINE void broadcast(population *self, bool tracked)
{
    const size_t labels = self->labels;
    rng_block_pairs(&self->random);
    const uint64_t speaker = self->random.speaker[self->random.next_pair++];
    speak(self, self->numbers + speaker * labels, self->said);
    for (uint64_t i = 0; i < self->agents; i++) {
        const bool own = i == speaker;
        move(self->numbers + i * labels, labels, own ? self->speaker_keep : self->listener_keep,
             own ? self->speaker_gain : self->listener_gain, self->said, 0, NULL, self->sums, tracked);
    }
}

INLINE void meet(population *self, bool tracked)
{
    const size_t labels = self->labels;
    rng_block *const random = &self->random;
    rng_block_pairs(random);
    const uint64_t speaker = random->speaker[random->next_pair], listener = random->listener[random->next_pair];
    random->next_pair++;
    double *x = self->numbers + speaker * labels, *z = self->numbers + listener * labels;
    speak(self, x, self->said);
    if (self->model->exchange == QSG_MUTUAL) {
        speak(self, z, self->answer);
        move(x, labels, self->mutual_keep, self->mutual_gain, self->answer, self->mutual_self, self->said, self->sums,
             tracked);
        move(z, labels, self->mutual_keep, self->mutual_gain, self->said, self->mutual_self, self->answer, self->sums,
             tracked);
        return;
    }
    move(z, labels, self->listener_keep, self->listener_gain, self->said, 0, NULL, self->sums, tracked);
    if (self->speaker_gain > 0)
        move(x, labels, self->speaker_keep, self->speaker_gain, self->said, 0, NULL, self->sums, tracked);
}

INLINE void general(population *self, uint64_t n, bool tracked)
{
    if (self->model->exchange == QSG_BROADCAST)
        for (; n; n--)
            broadcast(self, tracked);
    else
        for (; n; n--)
            meet(self, tracked);
}

SIMD_CLONES(general_plain, (population * self, uint64_t n), general(self, n, false))
SIMD_CLONES(general_tracking, (population * self, uint64_t n), general(self, n, true))

void kernel_choose_plain(population *self)
{
    self->plain = general_plain[self->path];
    self->tracking = general_tracking[self->path];
}
