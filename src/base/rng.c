/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rng.h"

#include <Random123/philox.h>

rng_stream rng_stream_of(uint64_t seed, uint64_t run)
{
    const philox4x64_key_t key = {{seed, 0}};
    const philox4x64_ctr_t counter = {{run, 0, 0, 0}};
    const philox4x64_ctr_t out = philox4x64(counter, key);
    rng_stream self = {{out.v[0], out.v[1], out.v[2], out.v[3]}};
    if (!(self.s[0] | self.s[1] | self.s[2] | self.s[3])) /* the one state that xoshiro never leaves */
        self.s[0] = 1;
    return self;
}

/* GSL wants to seed a generator too: key 0 of the same construction. */
static void gsl_view_set(void *state, unsigned long seed)
{
    *(rng_stream *)state = rng_stream_of(seed, 0);
}

static unsigned long gsl_view_get(void *state)
{
    return (unsigned long)(rng_next(state) >> (64 - 8 * (int)sizeof(unsigned long)));
}

static double gsl_view_uniform(void *state)
{
    return rng_uniform(state);
}

static const gsl_rng_type gsl_view = {
    "xoshiro256++", ~0UL, 0, sizeof(rng_stream), gsl_view_set, gsl_view_get, gsl_view_uniform};

gsl_rng rng_gsl(rng_stream *self)
{
    return (gsl_rng){&gsl_view, self};
}
