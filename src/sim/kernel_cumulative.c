/* The loops over interactions on cumulative sums c_k = x_1 + .. + x_k (doc/theory/simulation.md, eq. 6).
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
typedef int64_t vector_mask __attribute__((vector_size(8 * WIDE)));
typedef double pair __attribute__((vector_size(16)));
typedef double pair_in_memory __attribute__((vector_size(16), aligned(8), may_alias));
typedef int64_t pair_mask __attribute__((vector_size(16)));

/* `value` where u < c, 0 elsewhere; a macro, since wide vectors as parameters belong to one instruction set */
#define STEP(type, u, c, value) ((type)((type##_mask)((u) < (c)) & (type##_mask)(value)))

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

/* What a loop over interactions does besides: nothing, keep the sums, or keep them and stop when consensus is near. */
enum { BELIEFS, SUMS, WATCH };

/* Consensus needs every cumulative sum away from half the agents by reach; after WATCH_EVERY interactions each has moved
 * by at most that times the rate.  While one is deeper inside, consensus cannot come before the next look. */
#define WATCH_EVERY 4
SIMD_INLINE double depth(const population *self)
{
    return self->reach - WATCH_EVERY * self->listener_gain;
}

#define MAGNITUDE(type, x) ((type)((type##_mask)(x) & INT64_MAX))

/* Single labels, neutral, one-way, no own output, one or two numbers an agent (K = 2, 3).  One number is half a
 * vector: comparing in vectors keeps it out of the integer units. */
SIMD_INLINE void hard_few(population *self, uint64_t n, size_t width, int task)
{
    rng_block *const random = &self->random;
    double *const numbers = self->numbers;
    const double keep = self->listener_keep, half = (double)self->agents / 2, deep = depth(self);
    const pair gain = {self->listener_gain, self->listener_gain};
    pair sums = {self->sums[0], width > 1 ? self->sums[1] : 0};
    bool far = true;
    self->made = 0;
    while (n > 0 && far) {
        uint64_t now = ready(random, n, 1), i = 0;
        const uint32_t *const speaker = random->speaker + random->next_pair;
        const uint32_t *const listener = random->listener + random->next_pair;
        const double *const uniform = random->uniform + random->next_uniform;
        while (i < now && far) {
            const uint64_t to_look = task == WATCH && now - i > WATCH_EVERY ? i + WATCH_EVERY : now;
            for (; i < to_look; i++) {
                const double *const from = numbers + (size_t)speaker[i] * width;
                double *const to = numbers + (size_t)listener[i] * width;
                pair old = {to[0], 0}, c = {from[0], 0};
                if (width > 1) {
                    old = *(pair_in_memory *)to;
                    c = *(const pair_in_memory *)from;
                }
                const pair moved = keep * old + STEP(pair, uniform[i], c, gain);
                if (width > 1)
                    *(pair_in_memory *)to = moved;
                else
                    to[0] = moved[0];
                if (task != BELIEFS)
                    sums += moved - old;
            }
            if (task == WATCH) {
                const pair_mask inside = MAGNITUDE(pair, sums - half) < deep;
                far = (inside[0] | inside[1]) != 0;
            }
        }
        used(random, i, 1);
        n -= i;
        self->made += i;
    }
    if (task != BELIEFS)
        memcpy(self->sums, &sums, width * sizeof *self->sums);
}

/* The same for `vectors` vectors an agent; the sums stay in registers when their number is a constant. */
SIMD_INLINE void hard_some(population *self, uint64_t n, size_t vectors, int task)
{
    rng_block *const random = &self->random;
    double *const numbers = self->numbers;
    const size_t stride = WIDE * vectors;
    const double keep = self->listener_keep, g = self->listener_gain, half = (double)self->agents / 2;
    const double deep = depth(self);
    const vector gain = {g, g, g, g};
    vector sums[4];
    bool far = true;
    memcpy(sums, self->sums, vectors * sizeof *sums);
    self->made = 0;
    while (n > 0 && far) {
        uint64_t now = ready(random, n, 1), i = 0;
        const uint32_t *const speaker = random->speaker + random->next_pair;
        const uint32_t *const listener = random->listener + random->next_pair;
        const double *const uniform = random->uniform + random->next_uniform;
        while (i < now && far) {
            const uint64_t to_look = task == WATCH && now - i > WATCH_EVERY ? i + WATCH_EVERY : now;
            for (; i < to_look; i++) {
                const double *const from = numbers + speaker[i] * stride, u = uniform[i];
                double *const to = numbers + listener[i] * stride;
#pragma GCC unroll 4
                for (size_t k = 0; k < vectors; k++) {
                    vector_in_memory *const place = (vector_in_memory *)(to + WIDE * k);
                    const vector old = *place, c = *(const vector_in_memory *)(from + WIDE * k);
                    const vector moved = keep * old + STEP(vector, u, c, gain);
                    *place = moved;
                    if (task != BELIEFS)
                        sums[k] += moved - old;
                }
            }
            if (task == WATCH) {
                vector_mask inside = MAGNITUDE(vector, sums[0] - half) < deep;
#pragma GCC unroll 4
                for (size_t k = 1; k < vectors; k++)
                    inside |= MAGNITUDE(vector, sums[k] - half) < deep;
                far = ((inside[0] | inside[1]) | (inside[2] | inside[3])) != 0;
            }
        }
        used(random, i, 1);
        n -= i;
        self->made += i;
    }
    if (task != BELIEFS)
        memcpy(self->sums, sums, vectors * sizeof *sums);
}

/* Any number of numbers an agent, without gaps or with them. */
SIMD_INLINE void hard_many(population *self, uint64_t n, int task)
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
            if (task != BELIEFS)
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
                      double other, const double *restrict z, int task)
{
    const size_t stride = self->stride;
    double *restrict sums = self->sums;
    for (size_t k = 0; k < stride; k++) {
        const double old = x[k];
        double now = keep * old + gain * y[k];
        if (z)
            now += other * z[k];
        x[k] = now;
        if (task != BELIEFS)
            sums[k] += now - old;
    }
}

SIMD_INLINE void any(population *self, uint64_t n, int task)
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
            move(self, x, self->mutual_keep, self->mutual_gain, self->answer, self->mutual_self, self->said, task);
            move(self, z, self->mutual_keep, self->mutual_gain, self->said, self->mutual_self, self->answer, task);
        } else {
            move(self, z, self->listener_keep, self->listener_gain, self->said, 0, NULL, task);
            if (self->speaker_gain > 0)
                move(self, x, self->speaker_keep, self->speaker_gain, self->said, 0, NULL, task);
        }
        used(random, 1, wanted);
    }
}

/* What an agent with the numbers c says of one vector of labels: m labels by m uniform numbers, or r(x) itself. */
SIMD_INLINE void say(const population *self, const double *c, const double *prior, const double *uniform, vector *said)
{
    static const vector one = {1, 1, 1, 1};
    const uint64_t m = self->bandwidth;
    const vector r = (1 - self->channel.innovation) * *(const vector_in_memory *)c + *(const vector_in_memory *)prior;
    vector y = r;
    if (m > 0)
        y = STEP(vector, uniform[0], r, one);
    for (uint64_t i = 1; i < m; i++)
        y += STEP(vector, uniform[i], r, one);
    if (m > 1)
        y /= (double)m;
    *said = y;
}

/* Any message and exchange for `vectors` vectors an agent. */
SIMD_INLINE void any_some(population *self, uint64_t n, size_t vectors, int task)
{
    rng_block *const random = &self->random;
    const size_t stride = WIDE * vectors;
    const bool mutual = self->model->exchange == QSG_MUTUAL, own = self->speaker_gain > 0;
    const uint32_t m = (uint32_t)self->bandwidth, wanted = mutual ? 2 * m : m;
    const double *const prior = self->prior;
    vector sums[4];
    memcpy(sums, self->sums, vectors * sizeof *sums);
    while (n > 0) {
        const uint64_t now = ready(random, n, wanted);
        const double *uniform = random->uniform + random->next_uniform;
        for (uint64_t i = 0; i < now; i++, uniform += wanted) {
            double *const x = self->numbers + random->speaker[random->next_pair + i] * stride;
            double *const z = self->numbers + random->listener[random->next_pair + i] * stride;
#pragma GCC unroll 4
            for (size_t k = 0; k < vectors; k++) {
                vector_in_memory *const at_x = (vector_in_memory *)(x + WIDE * k);
                vector_in_memory *const at_z = (vector_in_memory *)(z + WIDE * k);
                const vector old_x = *at_x, old_z = *at_z;
                vector said, answer, new_x = old_x, new_z;
                say(self, x + WIDE * k, prior + WIDE * k, uniform, &said);
                if (mutual) {
                    say(self, z + WIDE * k, prior + WIDE * k, uniform + m, &answer);
                    new_x = self->mutual_keep * old_x + self->mutual_gain * answer + self->mutual_self * said;
                    new_z = self->mutual_keep * old_z + self->mutual_gain * said + self->mutual_self * answer;
                } else {
                    new_z = self->listener_keep * old_z + self->listener_gain * said;
                    if (own)
                        new_x = self->speaker_keep * old_x + self->speaker_gain * said;
                }
                *at_z = new_z;
                if (mutual || own)
                    *at_x = new_x;
                if (task != BELIEFS)
                    sums[k] += (new_z - old_z) + (new_x - old_x);
            }
        }
        used(random, now, wanted);
        n -= now;
    }
    if (task != BELIEFS)
        memcpy(self->sums, sums, vectors * sizeof *sums);
}

#define KERNELS(name, call, ...)                                                                               \
    SIMD_CLONES(name##_plain, (population * self, uint64_t n), call(self, n, __VA_ARGS__ __VA_OPT__(,) BELIEFS)) \
    SIMD_CLONES(name##_tracking, (population * self, uint64_t n), call(self, n, __VA_ARGS__ __VA_OPT__(,) SUMS))
#define WATCHING_KERNELS(name, call, size) \
    KERNELS(name, call, size)              \
    SIMD_CLONES(name##_watching, (population * self, uint64_t n), call(self, n, size, WATCH))
WATCHING_KERNELS(few_1, hard_few, 1)
WATCHING_KERNELS(few_2, hard_few, 2)
WATCHING_KERNELS(some_1, hard_some, 1)
WATCHING_KERNELS(some_2, hard_some, 2)
WATCHING_KERNELS(some_3, hard_some, 3)
WATCHING_KERNELS(some_4, hard_some, 4)
KERNELS(many, hard_many)
KERNELS(any_message, any)
KERNELS(any_1, any_some, 1)
KERNELS(any_2, any_some, 2)
KERNELS(any_3, any_some, 3)
KERNELS(any_4, any_some, 4)

bool kernel_is_cumulative(const qsg_model *model)
{
    const qsg_channel channel = qsg_channel_of(model);
    const double vectors = ceil((double)(model->labels - 1) / WIDE);
    if (model->exchange == QSG_BROADCAST && model->alpha == 1) /* an epoch a message; b + offset would round one-hot beliefs */
        return false;
    return channel.sharpness == 1 && !channel.field && model->alpha >= LEAST_RATE &&
           (model->self == 0 || model->self >= LEAST_RATE) &&
           (isinf(model->bandwidth) || model->bandwidth == 1 ||
            (model->bandwidth * vectors <= MOST_COMPARED && 2 * model->bandwidth <= RNG_MOST_WANTED));
}

void kernel_choose_cumulative(population *self)
{
    static const struct { bool single; size_t stride; population_kernel *const *plain, *const *tracking, *const *watching; }
    table[] = {
        {true, 1, few_1_plain, few_1_tracking, few_1_watching},
        {true, 2, few_2_plain, few_2_tracking, few_2_watching},
        {true, WIDE, some_1_plain, some_1_tracking, some_1_watching},
        {true, 2 * WIDE, some_2_plain, some_2_tracking, some_2_watching},
        {true, 3 * WIDE, some_3_plain, some_3_tracking, some_3_watching},
        {true, 4 * WIDE, some_4_plain, some_4_tracking, some_4_watching},
        {true, 0, many_plain, many_tracking, NULL},
        {false, WIDE, any_1_plain, any_1_tracking, NULL},
        {false, 2 * WIDE, any_2_plain, any_2_tracking, NULL},
        {false, 3 * WIDE, any_3_plain, any_3_tracking, NULL},
        {false, 4 * WIDE, any_4_plain, any_4_tracking, NULL},
        {false, 0, any_message_plain, any_message_tracking, NULL},
    };
    const bool single = self->model->exchange == QSG_ONEWAY && self->bandwidth == 1 && self->channel.neutral &&
                        self->speaker_gain == 0;
    size_t i = 0;
    while (table[i].single != single || (table[i].stride != 0 && table[i].stride != self->stride))
        i++;
    self->plain = table[i].plain[self->path];
    self->tracking = table[i].tracking[self->path];
    self->watching = table[i].watching ? table[i].watching[self->path] : NULL;
}

bool kernel_may_watch(const population *self)
{
    const double half = (double)self->agents / 2, deep = depth(self);
    for (size_t k = 0; self->watching && k < self->width; k++)
        if (fabs(self->sums[k] - half) < deep)
            return true;
    return false;
}
