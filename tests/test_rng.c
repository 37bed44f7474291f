/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rng.h"
#include "base/rng_block.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "harness.h"

/* First outputs of the authors' xoshiro256++ from state (1, 2, 3, 4), as in the test vectors of rand_xoshiro. */
START_TEST(xoshiro_reference)
{
    static const uint64_t want[] = {41943041, 58720359, 3588806011781223, 3591011842654386,
                                    UINT64_C(9228616714210784205), UINT64_C(9973669472204895162)};
    rng_stream stream = {{1, 2, 3, 4}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        ck_assert(rng_next(&stream) == want[i]);
}
END_TEST

/* Random123's known answer for philox4x64-10 with key 0 and counter 0; other keys and counters give other states. */
START_TEST(philox_state)
{
    static const uint64_t want[4] = {UINT64_C(0x16554d9eca36314c), UINT64_C(0xdb20fe9d672d0fdc),
                                     UINT64_C(0xd7e772cee186176b), UINT64_C(0x7e68b68aec7ba23b)};
    const rng_stream zero = rng_stream_of(0, 0), run = rng_stream_of(0, 1), seed = rng_stream_of(1, 0);
    for (int i = 0; i < 4; i++) {
        ck_assert(zero.s[i] == want[i]);
        ck_assert(run.s[i] != want[i] && seed.s[i] != want[i] && run.s[i] != seed.s[i]);
    }
}
END_TEST

/* Mean, variance and range; 6 standard errors: false alarm 4e-9. */
START_TEST(uniform_moments)
{
    rng_stream stream = rng_stream_of(3, 7);
    const int n = 1000000;
    double sum = 0, square = 0;
    int wrong = 0;
    for (int i = 0; i < n; i++) {
        const double u = rng_uniform(&stream);
        wrong += !(u >= 0 && u < 1 && u * 0x1p52 == floor(u * 0x1p52));
        sum += u - 0.5;
        square += (u - 0.5) * (u - 0.5);
    }
    ck_assert_int_eq(wrong, 0);
    ck_close_abs(sum / n, 0, 6 * sqrt(1.0 / 12 / n));
    ck_close_abs(square / n, 1.0 / 12, 6 * sqrt(1.0 / 180 / n));
}
END_TEST

static void pair_chi_square(uint64_t agents, int n)
{
    rng_stream stream = rng_stream_of(11, agents);
    unsigned counts[64] = {0}, wrong = 0;
    double chi = 0;
    const double expected = n / ((double)agents * ((double)agents - 1));
    for (int i = 0; i < n; i++) {
        uint64_t s, l;
        rng_pair(&stream, agents, &s, &l);
        wrong += !(s < agents && l < agents && s != l);
        counts[(s * agents + l) % 64]++;
    }
    ck_assert_uint_eq(wrong, 0);
    for (uint64_t s = 0; s < agents; s++)
        for (uint64_t l = 0; l < agents; l++)
            if (s != l)
                chi += pow(counts[s * agents + l] - expected, 2) / expected;
    ck_assert_msg(gsl_cdf_chisq_Q(chi, (double)(agents * (agents - 1) - 1)) > 1e-7, "N %d: chi square %g", (int)agents,
                  chi);
}

/* All ordered pairs equally often: false alarm 1e-7 each; a pair 1 % too frequent would show at N = 2 and 3. */
START_TEST(pairs_uniform)
{
    pair_chi_square(2, 400000);
    pair_chi_square(3, 400000);
    pair_chi_square(8, 400000);
}
END_TEST

/* Where one draw has hardly more values than there are pairs, (2) of doc/theory/simulation.md in plain 128-bit
 * arithmetic, rejection included: about a third of the draws at N = 3.5e9. */
START_TEST(pairs_of_many)
{
    static const uint64_t sizes[] = {UINT64_C(3506777000), UINT64_C(4294967295), 24};
    int again = 0;
    for (size_t c = 0; c < 3; c++) {
        const rng_wide whole = (rng_wide)1 << 64, n = sizes[c], bad = whole % (n * (n - 1));
        rng_stream stream = rng_stream_of(12, c), copy = stream;
        for (int i = 0; i < 2000; i++) {
            uint64_t s, l, speaker, j;
            rng_wide rest;
            rng_pair(&stream, sizes[c], &s, &l);
            for (;; again++) {
                const rng_wide first = rng_next(&copy) * n, second = first % whole * (n - 1);
                speaker = (uint64_t)(first / whole);
                j = (uint64_t)(second / whole);
                rest = second % whole;
                if (rest >= bad)
                    break;
            }
            ck_assert(s == speaker && l == j + (j >= speaker) && l < sizes[c] && s != l);
        }
    }
    ck_assert(again > 500);
}
END_TEST

/* n = 3/4 of 2^64: without rejection every third number would come up twice as often (chi square, false alarm 1e-7). */
START_TEST(below_uniform)
{
    rng_stream stream = rng_stream_of(13, 0);
    const uint64_t bound = UINT64_C(3) << 62;
    const int n = 100000;
    double counts[3] = {0}, chi = 0;
    int wrong = 0;
    for (int i = 0; i < n; i++) {
        const uint64_t x = rng_below(&stream, bound);
        wrong += x >= bound;
        counts[x % 3]++;
    }
    for (int i = 0; i < 3; i++)
        chi += pow(counts[i] - n / 3.0, 2) / (n / 3.0);
    ck_assert_int_eq(wrong, 0);
    ck_assert(gsl_cdf_chisq_Q(chi, 2) > 1e-7);
}
END_TEST

/* GSL's samplers run on the stream and advance it; 6 standard errors of the mean of Bin(1000, 0.2385). */
START_TEST(gsl_view)
{
    rng_stream stream = rng_stream_of(5, 0), before = stream;
    gsl_rng rng = rng_gsl(&stream);
    const int n = 20000;
    double sum = 0;
    ck_assert(gsl_rng_get(&rng) == rng_next(&before));
    ck_assert(gsl_rng_uniform(&rng) == rng_uniform(&before));
    for (int i = 0; i < n; i++)
        sum += gsl_ran_binomial(&rng, 0.2385, 1000);
    ck_close_abs(sum / n, 238.5, 6 * sqrt(1000 * 0.2385 * (1 - 0.2385) / n));
    ck_assert(memcmp(&stream, &before, sizeof stream) != 0);
}
END_TEST

/* The blocks of a run against its generators one by one: eight in turn a stream, pairs by rng_pair, the same on every
 * instruction set.  At N = 3.5e9 a third of the draws is rejected. */
START_TEST(blocks_are_generators_in_turn)
{
    static const uint64_t sizes[] = {24, UINT64_C(10000000), UINT64_C(3506777000)};
    for (int path = 0; path < SIMD_PATHS; path++)
        for (size_t c = 0; c < 3 && simd_has((simd_path)path); c++) {
            rng_block block;
            rng_stream lanes[2][RNG_LANES];
            rng_block_start(&block, 77, 5 + c, sizes[c], (simd_path)path);
            for (int l = 0; l < RNG_LANES; l++)
                for (int w = 0; w < 4; w++) {
                    lanes[0][l].s[w] = block.meetings.lanes[w][l];
                    lanes[1][l].s[w] = block.labels.lanes[w][l];
                }
            ck_assert(lanes[0][0].s[0] != lanes[1][0].s[0] && lanes[0][0].s[0] != lanes[0][1].s[0]);
            unsigned lane = 0;
            const rng_wide whole = (rng_wide)1 << 64, bad = whole % ((rng_wide)sizes[c] * (sizes[c] - 1));
            for (int i = 0; i < 3 * RNG_BLOCK + 10; i++) {
                uint64_t s, l, rest;
                rng_stream before;
                do { /* rng_pair would go on with the same generator */
                    before = lanes[0][lane % RNG_LANES];
                    rest = rng_next(&lanes[0][lane++ % RNG_LANES]) * sizes[c] * (sizes[c] - 1);
                } while (rest < bad);
                rng_pair(&before, sizes[c], &s, &l);
                ck_assert(rng_block_pairs(&block) > 0);
                ck_assert(block.speaker[block.next_pair] == s && block.listener[block.next_pair] == l);
                block.next_pair++;
            }
            for (unsigned i = 0; i < 3 * RNG_BLOCK + 10; i++) {
                if (i % 50 == 3) /* promises that straddle the end of a block keep the order */
                    ck_assert(rng_block_uniforms(&block, RNG_MOST_WANTED) >= RNG_MOST_WANTED);
                ck_assert(rng_block_uniform(&block) == rng_uniform(&lanes[1][i % RNG_LANES]));
            }
        }
}
END_TEST

RUN_TESTS("rng", xoshiro_reference, philox_state, uniform_moments, pairs_uniform, pairs_of_many, below_uniform, gsl_view,
          blocks_are_generators_in_turn)
