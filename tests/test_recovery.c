/* Likelihoods that can be counted by hand, and fits of simulated transcripts (doc/recovery.md: the whole study).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "recovery.h"

/* a tells b 1, b tells a 1, a tells b 2; both start at 1/2, alpha = 1/2.  So b is at 3/4 when it speaks, and a too when it
 * speaks again (7/8 when it learns from its own words as well). */
START_TEST(counted_by_hand)
{
    static const struct { double self, temper, innovation, field, chance; } cases[] = {
        {0, 1, 0, 0, 1 / 2. * 3 / 4 * 1 / 4},
        {0, 0.5, 0, 0, 1 / 2. * 9 / 10 * 1 / 10},                 /* squares: 9 to 1 */
        {0, 0.5, 0.2, 0, 1 / 2. * (0.8 * 0.9 + 0.1) * (0.8 * 0.1 + 0.1)},
        {0, 1, 0, 1.0986122886681098, 3 / 4. * 9 / 10 * 1 / 10},  /* odds times e^h = 3 */
        {0.5, 1, 0, 0, 1 / 2. * 3 / 4 * 1 / 8},
        {0.5, 1, 0.5, 0, 1 / 2. * (3 / 8. + 1 / 4.) * (1 / 16. + 1 / 4.)},
        {0.5, 0.5, 0.5, 1.0986122886681098, 0.625 * (27 / 56. + 1 / 4.) * (1 / 296. + 1 / 4.)},
    };
    qsg_utterance rows[] = {{1, 0, 0, 1, 0}, {2, 0, 1, 0, 0}, {3, 0, 0, 1, 1}};
    size_t run_start[] = {0, 3};
    const qsg_transcript data = {.n_rows = 3, .n_runs = 1, .n_labels = 2, .n_names = 2, .agents = 2, .first_t = 1,
                                 .single = true, .rows = rows, .run_start = run_start, .first_line = 2};
    qsg_model model = model_of("agents=2 alpha=0.5");
    qsg_likelihood *likelihood = NULL;
    ck_assert_int_eq(qsg_likelihood_new(&model, &data, &likelihood, NULL), QSG_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const double theta[] = {0.5, cases[i].self, 1 / cases[i].temper, cases[i].innovation, cases[i].field, 0};
        double loglik;
        ck_assert_int_eq(qsg_likelihood_evaluate(likelihood, &(qsg_likelihood_request){.theta = theta}, &loglik, NULL), QSG_OK);
        ck_close(exp(loglik), cases[i].chance, 1e-14);
    }
    qsg_likelihood_free(likelihood);
    qsg_model_free(&model);
}
END_TEST

/* Fits of transcripts: how often each interval holds the truth, and the tests reject at 5%. */
enum { N_CHECKED = 4 };
typedef struct {
    int holds[N_CHECKED], rejects[N_CHECKED];
    double mean[N_CHECKED];
} scores;
static const size_t checked[N_CHECKED] = {QSG_PAR_ALPHA, QSG_PAR_SHARPNESS, QSG_PAR_INNOVATION, QSG_PAR_FIELD};
static const bool with_interval[N_CHECKED] = {true, false, false, true};

static void score(const qsg_likelihood *likelihood, const double *truth, scores *out)
{
    static const unsigned groups = QSG_FIT_ALPHA | QSG_FIT_TEMPER | QSG_FIT_INNOVATION | QSG_FIT_FIELD;
    qsg_maximum best = {0};
    ck_assert_int_eq(qsg_fit_maximize(&best, likelihood, groups, truth, NULL, false, NULL), QSG_OK);
    for (int c = 0; c < N_CHECKED; c++) {
        qsg_fit_interval interval;
        bool moved = false;
        const size_t i = checked[c];
        if (with_interval[c]) {
            ck_assert_int_eq(qsg_fit_interval_of(&best, likelihood, i, 0.95, &interval, &moved, NULL), QSG_OK);
            out->holds[c] += interval.low <= truth[i] && truth[i] <= interval.high;
        }
        out->mean[c] += best.theta[i];
        out->rejects[c] += drop_at_truth(likelihood, &best, truth, i) > 3.841458820694124;
    }
    qsg_maximum_free(&best);
}

/* The truth is rejected within what 16 binomial draws of 5% allow at 10^-6 (7 at most), and the interval is the test turned
 * round.  Means within five standard errors; the spread of one estimate is twice that of four times the rows. */
START_TEST(recovers)
{
    enum { REPLICATES = 16 };
    const double truth[] = {0.25, 0, 1 / 0.8, 0.1, 0.3, 0}, spread[N_CHECKED] = {0.07, 0.36, 0.1, 0.12};
    qsg_model model = model_of("agents=8 alpha=0.25 field=0.3 temper=0.8 innovation=0.1");
    scores all = {0};
    for (uint64_t seed = 1; seed <= REPLICATES; seed++) {
        qsg_likelihood *likelihood = simulated(&model, 10, 120, seed);
        score(likelihood, truth, &all);
        qsg_likelihood_free(likelihood);
    }
    for (int c = 0; c < N_CHECKED; c++) {
        ck_assert_msg(all.rejects[c] <= 7, "truth %d is rejected %d times", c, all.rejects[c]);
        if (with_interval[c])
            ck_assert_int_le(abs(REPLICATES - all.holds[c] - all.rejects[c]), 1);
        ck_close_abs(all.mean[c] / REPLICATES, truth[checked[c]], 5 * spread[c] / sqrt(REPLICATES));
    }
    qsg_model_free(&model);
}
END_TEST

RUN_TESTS("recovery", counted_by_hand, recovers)
