/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rng_block.h"

#include <string.h>

#include <Random123/philox.h>

#include "base/rng.h"

#define ROTATE(x, by) (((x) << (by)) | ((x) >> (64 - (by))))

/* The next RNG_BLOCK values of a stream, `count` generators at a time: as many as a register holds. */
#define DRAW(count)                                                                                    \
    typedef uint64_t vector_##count __attribute__((vector_size(8 * (count))));                         \
    SIMD_INLINE void draw_##count(rng_lanes *self, uint64_t *out)                                      \
    {                                                                                                  \
        for (int from = 0; from < RNG_LANES; from += (count)) {                                        \
            vector_##count s[4];                                                                       \
            for (int w = 0; w < 4; w++)                                                                \
                memcpy(&s[w], self->lanes[w] + from, sizeof s[w]);                                     \
            for (int i = from; i < RNG_BLOCK; i += RNG_LANES) {                                        \
                const vector_##count sum = s[0] + s[3], value = ROTATE(sum, 23) + s[0], t = s[1] << 17; \
                s[2] ^= s[0];                                                                          \
                s[3] ^= s[1];                                                                          \
                s[1] ^= s[2];                                                                          \
                s[0] ^= s[3];                                                                          \
                s[2] ^= t;                                                                             \
                s[3] = ROTATE(s[3], 45);                                                               \
                memcpy(out + i, &value, sizeof value);                                                 \
            }                                                                                          \
            for (int w = 0; w < 4; w++)                                                                \
                memcpy(self->lanes[w] + from, &s[w], sizeof s[w]);                                     \
        }                                                                                              \
    }
DRAW(2)
DRAW(4)
DRAW(8)

SIMD_INLINE void draw(rng_lanes *self, uint64_t *out, int path)
{
    switch (path) {
    case SIMD_AVX512: draw_8(self, out); break;
    case SIMD_AVX2: draw_4(self, out); break;
    default: draw_2(self, out); break;
    }
}

/* Speaker and listener of every value: the high words of value * n and of (low word) * (n - 1), by 32-bit halves.
 * *doubtful: some low word is so small that the value may have to be rejected. */
SIMD_INLINE void pairs_of(rng_block *self, uint64_t *values, bool *doubtful, int path)
{
    const uint32_t n = (uint32_t)self->agents, others = n - 1;
    const uint64_t pairs = (uint64_t)n * others;
    uint64_t doubt = 0;
    draw(&self->meetings, values, path);
    for (int i = 0; i < RNG_BLOCK; i++) {
        const uint64_t a = (values[i] & UINT32_MAX) * n, b = (values[i] >> 32) * n + (a >> 32);
        const uint64_t c = (a & UINT32_MAX) * others, d = (b & UINT32_MAX) * others + (c >> 32);
        const uint32_t s = (uint32_t)(b >> 32), l = (uint32_t)(d >> 32);
        doubt |= (d << 32 | (c & UINT32_MAX)) < pairs;
        self->speaker[i] = s;
        self->listener[i] = l + (l >= s);
    }
    *doubtful = doubt != 0;
}
SIMD_CLONES(fill_pairs, (rng_block * self, uint64_t *values, bool *doubtful), pairs_of(self, values, doubtful, PATH))

SIMD_INLINE void uniforms_of(rng_block *self, double *out, int path)
{
    uint64_t values[RNG_BLOCK];
    draw(&self->labels, values, path);
    for (int i = 0; i < RNG_BLOCK; i++) {
        const uint64_t bits = (values[i] >> 12) | UINT64_C(0x3ff0000000000000);
        double x;
        memcpy(&x, &bits, sizeof x);
        out[i] = x - 1;
    }
}
SIMD_CLONES(fill_values, (rng_lanes * lanes, uint64_t *out), draw(lanes, out, PATH))
SIMD_CLONES(fill_uniforms, (rng_block * self, double *out), uniforms_of(self, out, PATH))

static void start_lanes(rng_lanes *self, uint64_t seed, uint64_t run, uint64_t stream)
{
    const philox4x64_key_t key = {{seed, 0}};
    for (uint64_t l = 0; l < RNG_LANES; l++) {
        const philox4x64_ctr_t counter = {{run, stream, l, 0}};
        const philox4x64_ctr_t state = philox4x64(counter, key);
        uint64_t any = 0;
        for (int w = 0; w < 4; w++)
            any |= self->lanes[w][l] = state.v[w];
        if (!any) /* the one state that xoshiro never leaves */
            self->lanes[0][l] = 1;
    }
}

void rng_block_start(rng_block *self, uint64_t seed, uint64_t run, uint64_t agents, simd_path path)
{
    start_lanes(&self->meetings, seed, run, 1);
    start_lanes(&self->labels, seed, run, 2);
    self->choose = NULL;
    self->agents = agents;
    self->path = path;
    self->next_pair = self->pairs = self->next_uniform = self->uniforms = 0;
}

void rng_block_choose(rng_block *self, uint64_t seed, uint64_t run, rng_chooser *choose, const void *context)
{
    start_lanes(&self->choices, seed, run, 3);
    self->choose = choose;
    self->context = context;
}

/* Drop the values that would make some pairs more likely (rng_pair). */
static uint32_t reject(rng_block *self, const uint64_t *values)
{
    const uint64_t n = self->agents, pairs = n * (n - 1), bad = -pairs % pairs;
    uint32_t kept = 0;
    for (int i = 0; i < RNG_BLOCK; i++) {
        const uint64_t rest = values[i] * n * (n - 1); /* the low word of the second product */
        if (rest < bad)
            continue;
        self->speaker[kept] = self->speaker[i];
        self->listener[kept++] = self->listener[i];
    }
    return kept;
}

void rng_block_fill_pairs(rng_block *self)
{
    uint64_t values[RNG_BLOCK];
    bool doubtful;
    self->next_pair = self->pairs = 0;
    while (self->pairs == 0) {
        fill_pairs[self->path](self, values, &doubtful);
        self->pairs = doubtful ? reject(self, values) : RNG_BLOCK;
    }
    if (self->choose) {
        fill_values[self->path](&self->choices, values);
        self->choose(self->context, self->pairs, self->speaker, self->listener, values);
    }
}

void rng_block_fill_uniforms(rng_block *self)
{
    const uint32_t left = self->uniforms - self->next_uniform;
    memmove(self->uniform, self->uniform + self->next_uniform, left * sizeof *self->uniform);
    fill_uniforms[self->path](self, self->uniform + left);
    self->next_uniform = 0;
    self->uniforms = left + RNG_BLOCK;
}

/* GSL wants to seed a generator too; nobody does. */
static void view_set(void *state, unsigned long seed)
{
    rng_block *self = state;
    rng_block_start(self, seed, 0, self->agents, self->path);
}

static double view_uniform(void *state)
{
    return rng_block_uniform(state);
}

static unsigned long view_get(void *state)
{
    return (unsigned long)(rng_block_uniform(state) * 0x1p32);
}

static const gsl_rng_type view = {"xoshiro256++ x 8", 0xffffffffUL, 0, sizeof(rng_block), view_set, view_get,
                                  view_uniform};

gsl_rng rng_block_gsl(rng_block *self)
{
    return (gsl_rng){&view, self};
}
