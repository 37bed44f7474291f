/* One random stream, a value at a time; the simulation makes its numbers in blocks (rng_block.h).
 *
 * A xoshiro256++ generator (Blackman & Vigna 2021) whose 256-bit state is the output of Philox4x64-10 (Random123) with key
 * (seed, 0) and counter (run, 0, 0, 0), so that streams of different seeds or runs start at independent places of the
 * period 2^256 - 1.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_RNG_H
#define QSG_RNG_H

#include <stdint.h>
#include <string.h>

#include <gsl/gsl_rng.h>

__extension__ typedef unsigned __int128 rng_wide;

typedef struct {
    uint64_t s[4];
} rng_stream;

/* The stream of run `run` under `seed`, at its beginning. */
rng_stream rng_stream_of(uint64_t seed, uint64_t run);

/* A GSL view of the stream: draws made through it advance the stream.  Valid while *self is. */
gsl_rng rng_gsl(rng_stream *self);

static inline uint64_t rng_rotate(uint64_t x, int by)
{
    return (x << by) | (x >> (64 - by));
}

/* The next 64 random bits. */
static inline uint64_t rng_next(rng_stream *self)
{
    uint64_t *s = self->s;
    const uint64_t out = rng_rotate(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rng_rotate(s[3], 45);
    return out;
}

/* Uniform on the multiples of 2^-52 in [0, 1): the top 52 bits, without an integer conversion. */
static inline double rng_uniform(rng_stream *self)
{
    const uint64_t bits = (rng_next(self) >> 12) | UINT64_C(0x3ff0000000000000);
    double x;
    memcpy(&x, &bits, sizeof x);
    return x - 1;
}

/* Whole number below n, n >= 1, exactly uniform: the high word of draw * n.  The low word tells the draws that
 * would make some results more likely; they are drawn again, which happens with probability below n/2^64. */
static inline uint64_t rng_below(rng_stream *self, uint64_t n)
{
    rng_wide product = (rng_wide)rng_next(self) * n;
    while ((uint64_t)product < n && (uint64_t)product < -n % n)
        product = (rng_wide)rng_next(self) * n;
    return (uint64_t)(product >> 64);
}

/* Ordered pair of distinct agents out of n, n in [2, 2^32 - 1], exactly uniform, from one draw: the high word of
 * draw * n is the speaker, the high word of (low word) * (n - 1) the listener among the others (batched multiply-shift,
 * Brackett-Rozinsky & Lemire 2024).  Drawn again with probability below n^2/2^64. */
static inline void rng_pair(rng_stream *self, uint64_t n, uint64_t *speaker, uint64_t *listener)
{
    rng_wide first, second;
    const uint64_t pairs = n * (n - 1);
    do {
        first = (rng_wide)rng_next(self) * n;
        second = (rng_wide)(uint64_t)first * (n - 1);
    } while (__builtin_expect((uint64_t)second < pairs, 0) && (uint64_t)second < -pairs % pairs);
    const uint64_t s = (uint64_t)(first >> 64), l = (uint64_t)(second >> 64);
    *speaker = s;
    *listener = l + (l >= s);
}

#endif
