/* Broadcasts at a cost of O(K) a message (doc/theory/simulation.md, section 3).
 *
 * Every agent but the speaker moves by the same affine map, so that the cumulative sums are kept as
 *     c_i = scale b_i + offset
 * and a message changes scale, offset and the speaker's b.  Before the scale gets too small to divide by, a new epoch
 * starts at scale 1: what was written in the epoch before counts times the scale at its end, what is older has faded
 * below 2^-60 and is the offset alone.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/kernel.h"

#include <string.h>

#define LEAST_SCALE 0x1p-60

SIMD_INLINE double scale_of(const population *self, uint64_t i)
{
    const uint32_t age = self->epoch - self->epochs[i];
    return age == 0 ? self->scale : age == 1 ? self->scale * self->scale_before : 0;
}

/* The parts of the labels that the speaker says, cumulative.  Rounding of scale b + offset may leave r a little out of
 * order, so that the label is looked up. */
SIMD_INLINE void speak(population *self, const double *restrict c, double *restrict said)
{
    const size_t width = self->width;
    const uint64_t m = self->bandwidth;
    const double copied = 1 - self->channel.innovation, *restrict prior = self->prior;
    double *restrict r = self->weights;
    for (size_t k = 0; k < width; k++)
        r[k] = copied * c[k] + prior[k];
    if (m == 0) {
        memcpy(said, r, width * sizeof *said);
        return;
    }
    memset(said, 0, width * sizeof *said);
    for (uint64_t i = 0; i < m; i++) {
        const double u = rng_block_uniform(&self->random);
        size_t label = 0;
        for (size_t k = 0; k < width; k++)
            label += r[k] <= u;
        for (size_t k = 0; k < width; k++)
            said[k] += k >= label ? 1 : 0;
    }
    for (size_t k = 0; m > 1 && k < width; k++)
        said[k] /= (double)m;
}

SIMD_INLINE void broadcast(population *self, uint64_t n, bool tracked)
{
    const size_t width = self->width;
    const double keep = self->listener_keep, gain = self->listener_gain, agents = (double)self->agents;
    const double own_keep = self->speaker_keep, own_gain = self->speaker_gain;
    double *restrict offset = self->offset, *restrict said = self->said, *restrict c = self->answer;
    double *restrict sums = self->sums;
    for (; n > 0; n--) {
        rng_block_pairs(&self->random);
        const uint64_t speaker = self->random.speaker[self->random.next_pair++];
        double *restrict b = self->numbers + speaker * self->stride;
        const double scale = scale_of(self, speaker);
        for (size_t k = 0; k < width; k++)
            c[k] = scale * b[k] + offset[k];
        speak(self, c, said);
        self->scale *= keep;
        if (self->scale < LEAST_SCALE) {
            self->scale_before = self->scale;
            self->scale = 1;
            self->epoch++;
        }
        self->epochs[speaker] = self->epoch;
        const double inverse = 1 / self->scale;
        for (size_t k = 0; k < width; k++) {
            const double moved = keep * offset[k] + gain * said[k], own = own_keep * c[k] + own_gain * said[k];
            offset[k] = moved < POPULATION_SNAP ? 0 : moved;
            b[k] = (own - offset[k]) * inverse;
            if (tracked)
                sums[k] = keep * sums[k] + gain * said[k] * agents + (own - (keep * c[k] + gain * said[k]));
        }
    }
}
SIMD_CLONES(broadcast_plain, (population * self, uint64_t n), broadcast(self, n, false))
SIMD_CLONES(broadcast_tracking, (population * self, uint64_t n), broadcast(self, n, true))

void kernel_choose_broadcast(population *self)
{
    self->plain = broadcast_plain[self->path];
    self->tracking = broadcast_tracking[self->path];
}

/* Between rounding and the last epoch's wrap: within [0, 1]. */
SIMD_INLINE void settle(population *self)
{
    const size_t stride = self->stride;
    for (uint64_t i = 0; i < self->agents; i++) {
        double *restrict b = self->numbers + i * stride;
        const double scale = scale_of(self, i), *restrict offset = self->offset;
        for (size_t k = 0; k < stride; k++) {
            const double c = scale * b[k] + offset[k];
            b[k] = c < 0 ? 0 : c > 1 ? 1 : c;
        }
    }
}
SIMD_CLONES(settle_all, (population * self), settle(self))

void kernel_settle_broadcast(population *self)
{
    if (!self->epochs || (self->scale == 1 && self->epoch == 0))
        return;
    settle_all[self->path](self);
    kernel_start_broadcast(self);
}

void kernel_start_broadcast(population *self)
{
    if (!self->epochs)
        return;
    memset(self->epochs, 0, (size_t)self->agents * sizeof *self->epochs);
    memset(self->offset, 0, self->stride * sizeof *self->offset);
    self->scale = self->scale_before = 1;
    self->epoch = 0;
}
