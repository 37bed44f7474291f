/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

#include <gsl/gsl_randist.h>

static const qsg_flag_game standard = {.agents = 9, .adoption = 0.3, .start = 0.5, .consensus = 0.85, .camp = 0.25};

/* Every composition by the library's chain, weighted by GSL's multinomial. */
START_TEST(against_chains)
{
    const double evidence[2] = {0.28, 0.17}, p[3] = {0.28, 0.17, 0.55};
    qsg_flag_outcome got, want = {0};
    ck_assert_int_eq(qsg_flag_outcomes(&standard, 1, evidence, &got, NULL), QSG_OK);
    for (unsigned z1 = 0; z1 <= 9; z1++)
        for (unsigned z2 = 0; z1 + z2 <= 9; z2++) {
            const unsigned z[3] = {z1, z2, 9 - z1 - z2};
            const double chance = gsl_ran_multinomial_pdf(3, p, z);
            double law[10] = {0};
            if (z1 && z2 && z[2]) {
                const qsg_chain_spec spec = {.agents = 9, .zealots = {z1, z2}, .adoption = 0.3, .prior = 0.5};
                qsg_chain chain = {0};
                double inside[10];
                ck_assert_int_eq(qsg_chain_init_spec(&chain, &spec, NULL), QSG_OK);
                ck_assert_int_eq(qsg_chain_stationary(&chain, inside, NULL), QSG_OK);
                for (size_t i = 0; i <= chain.free; i++)
                    law[z1 + i] = inside[i];
                qsg_chain_free(&chain);
            } else if (z1 + z2 == 0) {
                law[9] = -expm1(-9 * log(0.5 * (1 + exp(0.3)))) / -expm1(-9 * 0.3);
                law[0] = 1 - law[9];
            } else {
                law[z1 && z2 ? z1 : z1 ? 9 : 0] = 1;
            }
            for (int i = 0; i <= 9; i++) { /* of 9: from 8 on 0.85, from 3 on 0.25 */
                *(i >= 8 ? &want.correct : i <= 1 ? &want.wrong : i >= 3 && i <= 6 ? &want.polarized : &want.undecided) +=
                    chance * law[i];
                want.share += chance * law[i] * i / 9;
            }
        }
    ck_close(got.correct, want.correct, 1e-12);
    ck_close(got.wrong, want.wrong, 1e-12);
    ck_close(got.polarized, want.polarized, 1e-12);
    ck_close(got.undecided, want.undecided, 1e-12);
    ck_close(got.share, want.share, 1e-12);
}
END_TEST

/* Relabelling, total probability, and the ends of the axes. */
START_TEST(properties)
{
    const double both[4] = {0.3, 0.12, 0.12, 0.3}, none[2] = {0, 0}, all[2] = {1, 0}, split[2] = {0.5, 0.5};
    qsg_flag_game mirrored = standard;
    qsg_flag_outcome a, b[2];
    mirrored.adoption = -0.3;
    for (uint64_t n = 2; n <= 60; n += 29) {
        qsg_flag_game game = standard;
        game.agents = mirrored.agents = n;
        ck_assert_int_eq(qsg_flag_outcomes(&game, 1, both, &a, NULL), QSG_OK);
        ck_assert_int_eq(qsg_flag_outcomes(&mirrored, 2, both, b, NULL), QSG_OK);
        ck_close(a.correct + a.wrong + a.polarized + a.undecided, 1, 1e-12);
        ck_close(a.correct, b[1].wrong, 1e-11);
        ck_close(a.wrong, b[1].correct, 1e-11);
        ck_close(a.share, 1 - b[1].share, 1e-11);
        ck_close(a.polarized + 1, b[1].polarized + 1, 1e-12); /* 0 at N = 2 is possible */
        ck_assert_int_eq(qsg_flag_outcomes(&game, 1, none, &a, NULL), QSG_OK);
        ck_close(a.correct + a.wrong, 1, 1e-14);
        ck_assert_int_eq(qsg_flag_outcomes(&game, 1, all, &a, NULL), QSG_OK);
        ck_close(a.correct, 1, 1e-12);
        ck_assert_int_eq(qsg_flag_outcomes(&game, 1, split, &a, NULL), QSG_OK);
        ck_close(a.correct, a.wrong, 1e-11); /* nobody copies: binomial */
    }
}
END_TEST

START_TEST(refusals)
{
    qsg_flag_outcome out = {.share = 77};
    const double evidence[2] = {0.3, 0.2}, bad[2] = {0.7, 0.4}, nan[2] = {NAN, 0};
    qsg_flag_game game = standard;
    ck_assert_int_eq(qsg_flag_outcomes(&game, 1, bad, &out, NULL), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_flag_outcomes(&game, 1, nan, &out, NULL), QSG_EDOMAIN);
    game.agents = 5000;
    ck_assert_int_eq(qsg_flag_outcomes(&game, 1, evidence, &out, NULL), QSG_EDOMAIN);
    game = standard;
    game.consensus = 0.4;
    ck_assert_int_eq(qsg_flag_outcomes(&game, 1, evidence, &out, NULL), QSG_EDOMAIN);
    game = standard;
    game.adoption = NAN;
    ck_assert_int_eq(qsg_flag_outcomes(&game, 1, evidence, &out, NULL), QSG_EDOMAIN);
    qsg_model model = model_of("agents=10 alpha=0.5 evidence=0.2,0.1");
    ck_assert_int_eq(qsg_flag_predict(&model, 0.85, 0.25, &out, NULL), QSG_EMODEL);
    qsg_model_free(&model);
    model = model_of("agents=10 alpha=1 evidence=0.2,0.1 init=onehot:4,6");
    ck_assert_int_eq(qsg_flag_predict(&model, 0.85, 0.25, &out, NULL), QSG_EMODEL);
    qsg_model_free(&model);
    ck_assert_double_eq(out.share, 77);
    model = model_of("agents=9 alpha=1 evidence=0.28,0.17 adoption=0.3");
    qsg_flag_outcome same;
    const double given[2] = {0.28, 0.17};
    ck_assert_int_eq(qsg_flag_predict(&model, 0.85, 0.25, &out, NULL), QSG_OK);
    ck_assert_int_eq(qsg_flag_outcomes(&standard, 1, given, &same, NULL), QSG_OK);
    ck_assert_double_eq(out.correct, same.correct);
    qsg_model_free(&model);
}
END_TEST

RUN_TESTS("flag", against_chains, properties, refusals)
