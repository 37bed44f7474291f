/* The loops over interactions on cumulative sums c_k = x_1 + .. + x_k (doc/theory/simulation.md, section 3).
 *
 * A label drawn with the uniform number u adds the step [u < c_k of the speaker] to the listener's c_k: no label is
 * looked up, no component needs another, and all of it is the same few vector instructions.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/kernel.h"

#include <math.h>
#include <string.h>

#define WIDE 4          /* numbers in a vector */
#define MOST_COMPARED 64 /* m K/4 up to this: a message of m labels is m comparisons of its vectors */
#define LEAST_RATE 1e-6 /* at slower rates 1 - c_k, kept to 2^-53, would stop short of 0 */

typedef double vector __attribute__((vector_size(8 * WIDE)));
typedef double vector_in_memory __attribute__((vector_size(8 * WIDE), aligned(8), may_alias));
typedef int64_t mask __attribute__((vector_size(8 * WIDE)));

/* `value` where u < c, 0 elsewhere, without a branch */
SIMD_INLINE double step_1(double u, double c, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits &= -(uint64_t)(u < c);
    memcpy(&value, &bits, sizeof bits);
    return value;
}

/* the same for vectors; a macro, since vectors as parameters belong to one instruction set */
#define STEP(u, c, value) ((vector)((mask)((u) < (c)) & (mask)(value)))

/* How many interactions the numbers that are ready suffice for, at most n, with `wanted` uniform numbers each. */
SIMD_INLINE uint64_t ready(rng_block *random, uint64_t n, uint32_t wanted)
{
    const uint32_t pairs = rng_block_pairs(random);
    n = n < pairs ? n : pairs;
    if (wanted > 0) {
        const uint64_t uniforms = rng_block_uniforms(random, wanted) / wanted;
        n = n < uniforms ? n : uniforms;
    }
    return n;
}

SIMD_INLINE void used(rng_block *random, uint64_t n, uint32_t wanted)
{
    random->next_pair += (uint32_t)n;
    random->next_uniform += (uint32_t)n * wanted;
}

/* Single labels, neutral, one-way, no own output, one or two numbers an agent (K = 2, 3). */
SIMD_INLINE void hard_few(population *self, uint64_t n, size_t width, bool tracked)
{
    rng_block *const random = &self->random;
    double *const numbers = self->numbers;
    const double keep = self->listener_keep, gain = self->listener_gain;
    double sums[2] = {self->sums[0], width > 1 ? self->sums[1] : 0};
    while (n > 0) {
        const uint64_t now = ready(random, n, 1);
        const uint32_t *const speaker = random->speaker + random->next_pair;
        const uint32_t *const listener = random->listener + random->next_pair;
        const double *const uniform = random->uniform + random->next_uniform;
        for (uint64_t i = 0; i < now; i++) {
            const double *const from = numbers + (size_t)speaker[i] * width, u = uniform[i];
            double *const to = numbers + (size_t)listener[i] * width;
#pragma GCC unroll 2
            for (size_t k = 0; k < width; k++) {
                const double old = to[k], moved = keep * old + step_1(u, from[k], gain);
                to[k] = moved;
                if (tracked)
                    sums[k] += moved - old;
            }
        }
        used(random, now, 1);
        n -= now;
    }
    if (tracked)
        memcpy(self->sums, sums, width * sizeof *sums);
}

/* The same for `vectors` vectors an agent; the sums stay in registers when their number is a constant. */
SIMD_INLINE void hard_some(population *self, uint64_t n, size_t vectors, bool tracked)
{
    rng_block *const random = &self->random;
    double *const numbers = self->numbers;
    const size_t stride = WIDE * vectors;
    const double keep = self->listener_keep, g = self->listener_gain;
    const vector gain = {g, g, g, g};
    vector sums[4];
    memcpy(sums, self->sums, vectors * sizeof *sums);
    while (n > 0) {
        const uint64_t now = ready(random, n, 1);
        const uint32_t *const speaker = random->speaker + random->next_pair;
        const uint32_t *const listener = random->listener + random->next_pair;
        const double *const uniform = random->uniform + random->next_uniform;
        for (uint64_t i = 0; i < now; i++) {
            const double *const from = numbers + speaker[i] * stride, u = uniform[i];
            double *const to = numbers + listener[i] * stride;
#pragma GCC unroll 4
            for (size_t k = 0; k < vectors; k++) {
                vector_in_memory *const place = (vector_in_memory *)(to + WIDE * k);
                const vector old = *place, c = *(const vector_in_memory *)(from + WIDE * k);
                const vector moved = keep * old + STEP(u, c, gain);
                *place = moved;
                if (tracked)
                    sums[k] += moved - old;
            }
        }
        used(random, now, 1);
        n -= now;
    }
    if (tracked)
        memcpy(self->sums, sums, vectors * sizeof *sums);
}

/* Any number of numbers an agent, without gaps or with them. */
SIMD_INLINE void hard_many(population *self, uint64_t n, bool tracked)
{
    rng_block *const random = &self->random;
    const size_t stride = self->stride;
    const double keep = self->listener_keep, gain = self->listener_gain;
    for (; n > 0; n--) {
        ready(random, 1, 1);
        const double *restrict from = self->numbers + random->speaker[random->next_pair] * stride;
        double *restrict to = self->numbers + random->listener[random->next_pair] * stride, *restrict sums = self->sums;
        const double u = random->uniform[random->next_uniform];
        for (size_t k = 0; k < stride; k++) {
            const double old = to[k], moved = keep * old + (u < from[k] ? gain : 0);
            to[k] = moved;
            if (tracked)
                sums[k] += moved - old;
        }
        used(random, 1, 1);
    }
}

/* Message of an agent with the numbers c: m labels, or r(x) itself; the part of each label spoken, cumulative. */
SIMD_INLINE void speak(population *self, const double *restrict c, const double *uniform, double *restrict said)
{
    const size_t stride = self->stride;
    const uint64_t m = self->bandwidth;
    const double *restrict r = c;
    if (!self->channel.neutral) {
        const double copied = 1 - self->channel.innovation, *restrict prior = self->prior;
        double *restrict weights = self->weights;
        for (size_t k = 0; k < stride; k++)
            weights[k] = copied * c[k] + prior[k];
        r = weights;
    }
    if (m == 0) {
        memcpy(said, r, stride * sizeof *said);
        return;
    }
    for (size_t k = 0; k < stride; k++)
        said[k] = uniform[0] < r[k] ? 1 : 0;
    for (uint64_t i = 1; i < m; i++)
        for (size_t k = 0; k < stride; k++)
            said[k] += uniform[i] < r[k] ? 1 : 0;
    if (m > 1)
        for (size_t k = 0; k < stride; k++)
            said[k] /= (double)m;
}

/* x <- keep x + gain y + other z; z NULL: none */
SIMD_INLINE void move(population *self, double *restrict x, double keep, double gain, const double *restrict y,
                      double other, const double *restrict z, bool tracked)
{
    const size_t stride = self->stride;
    double *restrict sums = self->sums;
    for (size_t k = 0; k < stride; k++) {
        const double old = x[k];
        double now = keep * old + gain * y[k];
        if (z)
            now += other * z[k];
        x[k] = now;
        if (tracked)
            sums[k] += now - old;
    }
}

SIMD_INLINE void any(population *self, uint64_t n, bool tracked)
{
    rng_block *const random = &self->random;
    const bool mutual = self->model->exchange == QSG_MUTUAL;
    const uint32_t m = (uint32_t)self->bandwidth, wanted = mutual ? 2 * m : m;
    for (; n > 0; n--) {
        ready(random, 1, wanted);
        double *const x = self->numbers + random->speaker[random->next_pair] * self->stride;
        double *const z = self->numbers + random->listener[random->next_pair] * self->stride;
        const double *const uniform = random->uniform + random->next_uniform;
        speak(self, x, uniform, self->said);
        if (mutual) {
            speak(self, z, uniform + m, self->answer);
            move(self, x, self->mutual_keep, self->mutual_gain, self->answer, self->mutual_self, self->said, tracked);
            move(self, z, self->mutual_keep, self->mutual_gain, self->said, self->mutual_self, self->answer, tracked);
        } else {
            move(self, z, self->listener_keep, self->listener_gain, self->said, 0, NULL, tracked);
            if (self->speaker_gain > 0)
                move(self, x, self->speaker_keep, self->speaker_gain, self->said, 0, NULL, tracked);
        }
        used(random, 1, wanted);
    }
}

#define KERNELS(name, call, ...)                                                                             \
    SIMD_CLONES(name##_plain, (population * self, uint64_t n), call(self, n, __VA_ARGS__ __VA_OPT__(,) false)) \
    SIMD_CLONES(name##_tracking, (population * self, uint64_t n), call(self, n, __VA_ARGS__ __VA_OPT__(,) true))
KERNELS(few_1, hard_few, 1)
KERNELS(few_2, hard_few, 2)
KERNELS(some_1, hard_some, 1)
KERNELS(some_2, hard_some, 2)
KERNELS(some_3, hard_some, 3)
KERNELS(some_4, hard_some, 4)
KERNELS(many, hard_many)
KERNELS(any_message, any)

bool kernel_is_cumulative(const qsg_model *model)
{
    const qsg_channel channel = qsg_channel_of(model);
    const double vectors = ceil((double)(model->labels - 1) / WIDE);
    return model->exchange != QSG_BROADCAST && channel.sharpness == 1 && !channel.field && model->alpha >= LEAST_RATE &&
           (model->self == 0 || model->self >= LEAST_RATE) &&
           (isinf(model->bandwidth) || model->bandwidth == 1 ||
            (model->bandwidth * vectors <= MOST_COMPARED && 2 * model->bandwidth <= RNG_MOST_WANTED));
}

void kernel_choose_cumulative(population *self)
{
    static const struct { size_t stride; population_kernel *const *plain, *const *tracking; } hard[] = {
        {1, few_1_plain, few_1_tracking},       {2, few_2_plain, few_2_tracking},
        {WIDE, some_1_plain, some_1_tracking},  {2 * WIDE, some_2_plain, some_2_tracking},
        {3 * WIDE, some_3_plain, some_3_tracking}, {4 * WIDE, some_4_plain, some_4_tracking},
    };
    population_kernel *const *plain = many_plain, *const *tracking = many_tracking;
    if (self->model->exchange != QSG_ONEWAY || self->bandwidth != 1 || !self->channel.neutral ||
        self->speaker_gain > 0) {
        plain = any_message_plain;
        tracking = any_message_tracking;
    } else {
        for (size_t i = 0; i < sizeof hard / sizeof *hard; i++)
            if (hard[i].stride == self->stride) {
                plain = hard[i].plain;
                tracking = hard[i].tracking;
            }
    }
    self->plain = plain[self->path];
    self->tracking = tracking[self->path];
}
