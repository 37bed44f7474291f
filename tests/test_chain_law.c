/* Laws of times of exact chains.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "chains.h"

/* The law by inversion against powers of P, its quantiles, and its sum against the mean. */
START_TEST(law_of_time)
{
    size_t start;
    qsg_chain c = chain_of(absorbing[_i], &start);
    double f[64], survival, label1, label2, t, mean[64], sum = 0;
    qsg_chain_law *law = NULL;
    const double times[] = {1, 37, 499, 501, 700, 1200, 2500};
    double expected[7];
    for (size_t i = 0; i <= c.free; i++)
        f[i] = !(i == 0 && c.absorbing[1]) && !(i == c.free && c.absorbing[0]);
    ck_assert_int_eq(qsg_chain_expect(&c, start, f, 7, times, expected, NULL), QSG_OK);
    ck_assert_int_eq(qsg_chain_law_new(&c, start, &law, NULL), QSG_OK);
    for (int k = 0; k < 7; k++) {
        ck_assert_int_eq(qsg_chain_law_survival(law, 0, times[k], &survival, NULL), QSG_OK);
        ck_assert_int_eq(qsg_chain_law_survival(law, 1, times[k], &label1, NULL), QSG_OK);
        ck_assert_int_eq(qsg_chain_law_survival(law, 2, times[k], &label2, NULL), QSG_OK);
        ck_close_abs(survival, expected[k], 1e-8); /* as documented */
        ck_close_abs(survival, label1 + label2, 1e-12);
    }
    for (int q = 1; q < 4; q++) {
        ck_assert_int_eq(qsg_chain_law_quantile(law, 0, 0.25 * q, &t, NULL), QSG_OK);
        ck_assert_int_eq(qsg_chain_law_survival(law, 0, t, &survival, NULL), QSG_OK);
        ck_assert_double_le(survival, 1 - 0.25 * q);
        ck_assert_int_eq(qsg_chain_law_survival(law, 0, t - 1, &survival, NULL), QSG_OK);
        ck_assert_double_gt(survival, 1 - 0.25 * q);
    }
    ck_assert_int_eq(qsg_chain_times(&c, 0, mean, NULL, NULL), QSG_OK);
    ck_assert_double_lt(mean[start], 4000);
    for (t = 0; t < 30 * mean[start]; t++) /* a check a step would take longer than the step */
        sum += qsg_chain_law_survival(law, 0, t, &survival, NULL) ? NAN : survival;
    ck_close(sum, mean[start], 1e-6);
    qsg_chain_law_free(law);
    qsg_chain_free(&c);
}
END_TEST

/* A sharp law (mean over sd = 9): both contours and the early steps against powers of P. */
START_TEST(sharp_law)
{
    size_t start;
    qsg_chain c = chain_of("agents=400 alpha=1 adoption=6 init=onehot:200,200", &start);
    double f[401], expected[9], times[9], mean[401], sd[401], survival;
    qsg_chain_law *law = NULL;
    ck_assert_int_eq(qsg_chain_times(&c, 0, mean, sd, NULL), QSG_OK);
    for (int k = 0; k < 9; k++)
        times[k] = floor(mean[start] + (k - 4) * sd[start]);
    for (size_t i = 0; i <= c.free; i++)
        f[i] = i > 0 && i < c.free;
    ck_assert_int_eq(qsg_chain_expect(&c, start, f, 9, times, expected, NULL), QSG_OK);
    ck_assert_int_eq(qsg_chain_law_new(&c, start, &law, NULL), QSG_OK);
    for (int k = 0; k < 9; k++) {
        ck_assert_int_eq(qsg_chain_law_survival(law, 0, times[k], &survival, NULL), QSG_OK);
        ck_close_abs(survival, expected[k], 1e-8);
    }
    qsg_chain_law_free(law);
    qsg_chain_free(&c);
}
END_TEST

/* Until U reaches a threshold: by iterating t = 1 + P t and p = P p over the states below it. */
START_TEST(exit_by_iteration)
{
    static const struct { const char *text; double threshold; } cases[] = {
        {"agents=24 alpha=1 adoption=0.3 init=onehot:9,15", 0.95},
        {"agents=30 alpha=1 zealots=2,1 adoption=-0.2 init=onehot:13,14", 0.8},
        {"agents=20 alpha=1 zealots=2,2 pairs=with-replacement init=onehot:9,7", 0.6},
        {"agents=20 alpha=1 zealots=3,0 init=0,1", 0.9},
        {"agents=20 alpha=1 zealots=1,1 init=onehot:9,9", 0.9}, /* reached by the last states only */
        {"agents=12 alpha=1 init=onehot:6,6", 0.5139}}; /* just above U of 7 against 5: two steps of a fair walk */
    size_t start;
    qsg_chain c = chain_of(cases[_i].text, &start);
    double t[32] = {0}, square[32] = {0}, p[32] = {0};
    const double n = (double)c.spec.agents;
    bool out[32];
    for (size_t i = 0; i <= c.free; i++) {
        const double x = ((double)c.spec.zealots[0] + (double)i) / n;
        out[i] = x * x + (1 - x) * (1 - x) >= cases[_i].threshold - 1e-12;
        p[i] = out[i] && x > 0.5;
    }
    for (int round = 0; round < 60000; round++) /* Gauss-Seidel, both ways */
        for (size_t k = 0; k <= c.free; k++) {
            const size_t i = round % 2 ? k : c.free - k, above = i < c.free ? i + 1 : i, below = i > 0 ? i - 1 : i;
            if (out[i])
                continue;
            const double u = c.up[i], d = c.down[i];
            t[i] = (1 + u * t[above] + d * t[below]) / (u + d);
            square[i] = (2 * t[i] - 1 + u * square[above] + d * square[below]) / (u + d);
            p[i] = (u * p[above] + d * p[below]) / (u + d);
        }
    qsg_chain_exit exit;
    ck_assert_int_eq(qsg_chain_exit_time(&c, start, cases[_i].threshold, &exit, NULL), QSG_OK);
    ck_close(exit.mean, t[start], 1e-9);
    ck_close(exit.sd, sqrt(square[start] - t[start] * t[start]), 1e-8);
    ck_close_abs(exit.probability[0], p[start], 1e-10);
    ck_close_abs(exit.probability[0] + exit.probability[1], 1, 1e-12);
    qsg_chain_free(&c);
}
END_TEST

START_TEST(exit_refusals)
{
    qsg_chain c = chain_of("agents=10 alpha=1 zealots=3,3 init=onehot:2,2", NULL);
    qsg_chain_exit exit = {.mean = 77};
    ck_assert_int_eq(qsg_chain_exit_time(&c, 2, 0.9, &exit, NULL), QSG_ENOEXIST);
    ck_assert_int_eq(qsg_chain_exit_time(&c, 5, 0.55, &exit, NULL), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_chain_exit_time(&c, 2, 1, &exit, NULL), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_chain_exit_time(&c, 2, NAN, &exit, NULL), QSG_EDOMAIN);
    ck_assert_double_eq(exit.mean, 77);
    ck_assert_int_eq(qsg_chain_exit_time(&c, 4, 0.55, &exit, NULL), QSG_OK); /* 7 of 10 have passed it */
    ck_assert_double_eq(exit.mean, 0);
    ck_assert_double_eq(exit.probability[0], 1);
    qsg_chain_free(&c);
}
END_TEST

RUN_LOOPS("chain_law", {law_of_time, 5}, {sharp_law, 1}, {exit_by_iteration, 6}, {exit_refusals, 1})
