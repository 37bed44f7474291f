/* The random numbers of one simulated run, made in blocks (doc/theory/simulation.md, section 1).
 *
 * A run has two streams: one of meetings (who speaks to whom), one of uniform numbers (what is said, and the draws of
 * a random start); on a graph a third of choices among the neighbours.  Each is eight xoshiro256++ generators (Blackman & Vigna 2021) that take turns, which is what a
 * vector unit computes at once: value 8 i + l of a stream is value i of its generator l.  The generator's 256-bit state
 * at the start is Philox4x64-10 (Random123) of key (seed, 0) and counter (run, 1 + stream, l, 0), so that runs, seeds
 * and generators start at independent places of the period 2^256 - 1 and a run can be repeated alone.  The streams
 * depend on seed and run only, not on the thread, the instruction set or the size of a block.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_RNG_BLOCK_H
#define QSG_RNG_BLOCK_H

#include <stdint.h>

#include <gsl/gsl_rng.h>

#include "base/simd.h"

#define RNG_LANES 8
#define RNG_BLOCK 256     /* values made at once, a multiple of the lanes */
#define RNG_MOST_WANTED 64 /* uniform numbers that rng_block_uniforms can promise */

typedef struct {
    uint64_t lanes[4][RNG_LANES]; /* word w of the state of generator l */
} rng_lanes;

/* Turns the pairs of a block, whose speakers are uniform below `agents`, into those of another law by one 64-bit value a
 * pair, in place. */
typedef void rng_chooser(const void *context, uint32_t pairs, uint32_t *speaker, uint32_t *listener,
                         const uint64_t *values);

typedef struct {
    rng_lanes meetings, labels, choices;
    rng_chooser *choose; /* NULL: distinct pairs, all equally likely */
    const void *context; /* of choose */
    uint64_t agents;
    simd_path path;
    uint32_t next_pair, pairs, next_uniform, uniforms; /* the first not yet used, and how many there are */
    uint32_t speaker[RNG_BLOCK], listener[RNG_BLOCK];  /* distinct, below `agents`, all ordered pairs equally likely; or as chosen */
    double uniform[RNG_BLOCK + RNG_MOST_WANTED];       /* multiples of 2^-52 in [0, 1) */
} rng_block;

/* The streams of run `run` under `seed` at their beginning, for 2 <= agents < 2^32. */
void rng_block_start(rng_block *self, uint64_t seed, uint64_t run, uint64_t agents, simd_path path);

/* After rng_block_start, before the first pair: what `choose` makes of them. */
void rng_block_choose(rng_block *self, uint64_t seed, uint64_t run, rng_chooser *choose, const void *context);

void rng_block_fill_pairs(rng_block *self);
void rng_block_fill_uniforms(rng_block *self);

/* At least one pair is ready; how many. */
static inline uint32_t rng_block_pairs(rng_block *self)
{
    if (__builtin_expect(self->next_pair == self->pairs, 0))
        rng_block_fill_pairs(self);
    return self->pairs - self->next_pair;
}

/* At least `wanted` uniform numbers are ready, wanted <= RNG_MOST_WANTED; how many. */
static inline uint32_t rng_block_uniforms(rng_block *self, uint32_t wanted)
{
    if (__builtin_expect(self->uniforms - self->next_uniform < wanted, 0))
        rng_block_fill_uniforms(self);
    return self->uniforms - self->next_uniform;
}

static inline double rng_block_uniform(rng_block *self)
{
    rng_block_uniforms(self, 1);
    return self->uniform[self->next_uniform++];
}

/* A GSL view of the uniform stream: draws made through it advance the stream.  Valid while *self is. */
gsl_rng rng_block_gsl(rng_block *self);

#endif
