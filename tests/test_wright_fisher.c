/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

/* Documented reference values: exact neutral chain, 2N genes, start 1/2 (issue tracker's table). */
START_TEST(neutral_times)
{
    static const struct { const char *model; double mean, sd; } cases[] = {
        {"agents=100 alpha=1", 136.602278382, NAN}, {"agents=1000 alpha=1", 1383.50097719, 1016.59351247}};
    qsg_model model = model_of(cases[_i].model);
    qsg_wright_fisher wf = {0};
    const size_t n = model.agents + 1;
    double *u = malloc(4 * n * sizeof *u), *lost = u + n, *mean = lost + n, *sd = mean + n;
    ck_assert_int_eq(qsg_wright_fisher_init(&wf, &model, NULL), QSG_OK);
    for (int solver = QSG_WF_AUTO; solver <= QSG_WF_BANDED; solver++) {
        ck_assert_int_eq(qsg_wright_fisher_absorption(&wf, (qsg_wf_solver)solver, u, lost, mean, sd, NULL), QSG_OK);
        ck_close(mean[n / 2], cases[_i].mean, 4e-12); /* the references have 12 digits */
        if (!isnan(cases[_i].sd))
            ck_close(sd[n / 2], cases[_i].sd, 1e-10);
        for (size_t i = 0; i < n; i++) { /* a martingale */
            ck_close(u[i], (double)i / (double)(n - 1), 1e-11);
            ck_close(lost[i], (double)(n - 1 - i) / (double)(n - 1), 1e-11);
        }
    }
    free(u);
    qsg_wright_fisher_free(&wf);
    qsg_model_free(&model);
}
END_TEST

/* Buri's flies after 19 generations: heterozygosity (1 - 1/2N)^19 / 2; 107 populations, lost = fixed. */
START_TEST(buri)
{
    static const struct { const char *model; double ends, H; } cases[] = {
        {"agents=18 alpha=1", 28.4, 0.1688}, {"agents=32 alpha=1", 12.5, 0.2735}};
    qsg_model model = model_of(cases[_i].model);
    qsg_wright_fisher wf = {0};
    double law[33], H = 0;
    ck_assert_int_eq(qsg_wright_fisher_init(&wf, &model, NULL), QSG_OK);
    const double n = (double)wf.genes;
    ck_assert_int_eq(qsg_wright_fisher_evolve(&wf, wf.genes / 2, 19, law, NULL), QSG_OK);
    for (size_t i = 0; i <= wf.genes; i++)
        H += 2 * law[i] * (double)i / n * (1 - (double)i / n);
    ck_close(H, 0.5 * pow(1 - 1 / n, 19), 1e-13);
    ck_close_abs(H, cases[_i].H, 5e-5);
    ck_close_abs(107 * law[0], cases[_i].ends, 0.05);
    ck_close(law[0], law[wf.genes], 1e-12);
    qsg_wright_fisher_free(&wf);
    qsg_model_free(&model);
}
END_TEST

/* Selection 1 + s = e^h: the law of large N is Kimura's (1 - e^{-2 N s p})/(1 - e^{-2 N s}) up to O(s). */
START_TEST(selection)
{
    qsg_model model = model_of("agents=400 alpha=1 field=0.01 init=0.05,0.95");
    qsg_wright_fisher wf = {0};
    double u[401];
    ck_assert_int_eq(qsg_wright_fisher_init(&wf, &model, NULL), QSG_OK);
    ck_assert_int_eq(qsg_wright_fisher_absorption(&wf, QSG_WF_AUTO, u, NULL, NULL, NULL, NULL), QSG_OK);
    ck_close(u[20], -expm1(-2 * 400 * 0.01 * 0.05) / -expm1(-2 * 400 * 0.01), 0.01);
    ck_close(wf.chance[100], 0.25 * exp(0.01) / (0.25 * exp(0.01) + 0.75), 1e-14);
    qsg_wright_fisher_free(&wf);
    qsg_model_free(&model);
}
END_TEST

/* Rare ends to full relative accuracy: against the same chain in long double, log-binomial rows and plain iteration of the
 * martingale equation u = P u from below (all terms >= 0), which converges at the rate 1/N or faster.  Mirror images agree. */
START_TEST(rare_ends)
{
    static const double fields[] = {0, 0.3, 2, -5};
    enum { N = 12 };
    const double h = fields[_i];
    char text[80];
    snprintf(text, sizeof text, "agents=%d alpha=1 field=%g", N, h);
    qsg_model model = model_of(text);
    snprintf(text, sizeof text, "agents=%d alpha=1 field=%g", N, -h);
    qsg_model mirrored = model_of(text);
    qsg_wright_fisher wf = {0}, other = {0};
    double u[N + 1], lost[N + 1], won[N + 1];
    ck_assert_int_eq(qsg_wright_fisher_init(&wf, &model, NULL), QSG_OK);
    ck_assert_int_eq(qsg_wright_fisher_init(&other, &mirrored, NULL), QSG_OK);
    ck_assert_int_eq(qsg_wright_fisher_absorption(&wf, QSG_WF_DENSE, u, lost, NULL, NULL, NULL), QSG_OK);
    ck_assert_int_eq(qsg_wright_fisher_absorption(&other, QSG_WF_BANDED, won, NULL, NULL, NULL, NULL), QSG_OK);
    long double P[N + 1][N + 1], x[N + 1] = {0}, y[N + 1];
    x[N] = 1;
    for (int i = 1; i < N; i++) {
        const long double odds = expl(h) * i / (N - i), p = odds / (1 + odds), q = 1 / (1 + odds);
        for (int j = 0; j <= N; j++)
            P[i][j] = expl(lgammal(N + 1) - lgammal(j + 1) - lgammal(N - j + 1) + j * logl(p) + (N - j) * logl(q));
    }
    for (int g = 0; g < 50 * N; g++) { /* what is left after 50 N generations is e^-50 */
        memcpy(y, x, sizeof x);
        for (int i = 1; i < N; i++) {
            x[i] = 0;
            for (int j = 0; j <= N; j++)
                x[i] += P[i][j] * y[j];
        }
    }
    for (int i = 0; i <= N; i++) {
        ck_close(u[i], (double)x[i], 1e-13);
        ck_close(lost[i], won[N - i], 1e-13);
        ck_close_abs(u[i] + lost[i], 1, 1e-14);
    }
    qsg_wright_fisher_free(&wf);
    qsg_wright_fisher_free(&other);
    qsg_model_free(&model);
    qsg_model_free(&mirrored);
}
END_TEST

/* Parent-independent mutation: E[1 - U] solves H' = (1 - 1/N)(..); the stationary law stays itself after a generation. */
START_TEST(mutation)
{
    qsg_model model = model_of("agents=30 alpha=1 innovation=0.02 prior=0.3,0.7");
    qsg_wright_fisher wf = {0};
    double law[31], next[31] = {0}, at[31], mean = 0;
    ck_assert_int_eq(qsg_wright_fisher_init(&wf, &model, NULL), QSG_OK);
    ck_assert_int_eq(qsg_wright_fisher_stationary(&wf, law, NULL), QSG_OK);
    for (size_t i = 0; i <= 30; i++) {
        ck_assert_int_eq(qsg_wright_fisher_evolve(&wf, i, 1, at, NULL), QSG_OK);
        for (size_t j = 0; j <= 30; j++)
            next[j] += law[i] * at[j];
        mean += law[i] * (double)i / 30;
    }
    ck_close(mean, 0.3, 1e-12); /* the prior's */
    for (size_t j = 0; j <= 30; j++)
        ck_close_abs(next[j], law[j], 1e-14);
    double u[31];
    ck_assert_int_eq(qsg_wright_fisher_absorption(&wf, QSG_WF_AUTO, u, NULL, NULL, NULL, NULL), QSG_ENOEXIST);
    qsg_wright_fisher_free(&wf);
    qsg_model_free(&model);
}
END_TEST

START_TEST(refusals)
{
    static const struct { const char *text; qsg_status status; const char *word; } cases[] = {
        {"agents=10 alpha=0.5", QSG_EMODEL, "alpha"}, {"agents=10 alpha=1 labels=3", QSG_EMODEL, "K = 3"},
        {"agents=10 alpha=1 bandwidth=2", QSG_EMODEL, "bandwidth"}, {"agents=30000 alpha=1", QSG_EDOMAIN, "30000"},
        {"agents=10 alpha=1 zealots=1,1", QSG_EMODEL, "zealots"}, {"agents=10 alpha=1 adoption=1", QSG_EMODEL, "adoption"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qsg_model model = model_of(cases[i].text);
        qsg_wright_fisher wf = {.genes = 77};
        qsg_error error = {""};
        ck_assert_int_eq(qsg_wright_fisher_init(&wf, &model, &error), cases[i].status);
        ck_assert_msg(strstr(error.message, cases[i].word) != NULL, "%s", error.message);
        ck_assert_uint_eq(wf.genes, 77);
        qsg_model_free(&model);
    }
    const double bad[] = {0, NAN, 1};
    qsg_wright_fisher wf = {0};
    double law[3];
    ck_assert_int_eq(qsg_wright_fisher_init_chances(&wf, 2, bad, NULL), QSG_EDOMAIN);
    const double good[] = {0, 0.5, 1};
    ck_assert_int_eq(qsg_wright_fisher_init_chances(&wf, 2, good, NULL), QSG_OK);
    ck_assert_int_eq(qsg_wright_fisher_evolve(&wf, 3, 1, law, NULL), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_wright_fisher_evolve(&wf, 1, 0.5, law, NULL), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_wright_fisher_evolve(&wf, 1, 1e12, law, NULL), QSG_ENUMERIC);
    ck_assert_int_eq(qsg_wright_fisher_stationary(&wf, law, NULL), QSG_ENOEXIST);
    qsg_wright_fisher_free(&wf);
    qsg_wright_fisher_free(&wf);
}
END_TEST

RUN_LOOPS("wright_fisher", {neutral_times, 2}, {buri, 2}, {selection, 1}, {rare_ends, 4}, {mutation, 1}, {refusals, 1})
