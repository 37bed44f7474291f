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

/* What the whole fit calls a game: a neutral one a lottery, one with a field not.  Gamma = h N/alpha = 4 for the second,
 * which it finds at 8 standard errors (30 runs x 240 utterances, error of h about .05 against .4). */
START_TEST(lotteries_are_told)
{
    const double h = _i ? 0.4 : 0, theta[] = {0.6, 0, 1, 0, h, 0};
    qsg_model model = model_of("agents=6 alpha=0.1 exchange=mutual");
    qsg_transcript data = {0};
    ck_assert_int_eq(qsg_fit_play(&model, theta, 30, 120, 0, 77, &data, NULL), QSG_OK);
    qsg_result *result = qsg_result_new();
    qsg_error error = {""};
    const qsg_fit_options options = {.seed = 1, .forecasts = 200, .bootstrap = _i ? 0 : 20};
    const qsg_status status = qsg_fit_transcript(&model, &data, &options, result, &error);
    ck_assert_msg(status == QSG_OK, "%s", error.message);
    ck_assert_msg(qsg_result_get(result, "lottery") == !_i, "%s", qsg_result_get_text(result, "verdict"));
    ck_assert_msg(qsg_result_get(result, "describes_data") == 1, "%s", qsg_result_get_text(result, "verdict"));
    ck_assert(strncmp(qsg_result_get_text(result, "verdict"), _i ? "A lottery" : "Not a lottery", 9) != 0);
    ck_assert(qsg_result_get(result, "cross_validation.model") > qsg_result_get(result, "baselines.last_heard"));
    ck_close(qsg_result_get(result, "baselines.uniform"), -log(2), 1e-15);
    ck_close(qsg_result_get(result, "aic"), 10 - 2 * qsg_result_get(result, "loglik"), 1e-12);
    ck_assert_int_eq((int)qsg_result_get(result, "n_observations"), 7200);
    ck_assert_str_eq(qsg_result_get_text(result, "tests.3.name"), "field = 0");
    ck_assert((qsg_result_get(result, "tests.3.p_holm") < 1e-6) == _i);
    ck_assert(!_i == (qsg_result_get(result, "tests.3.p_bootstrap") > 0));
    size_t n;
    const double *logliks = qsg_result_get_vector(result, "models.loglik", &n);
    ck_assert_uint_eq(n, 16);
    for (size_t i = 0; i < n; i++) /* subsets in ascending order: a model holds those whose bits it has */
        for (size_t j = 0; j < i; j++)
            ck_assert((i & j) != j || logliks[i] > logliks[j] - 1e-6);
    qsg_result_free(result);
    qsg_transcript_free(&data);
    qsg_model_free(&model);
    model = model_of("agents=6 alpha=0.1");
    data.paired = true;
    ck_assert_int_eq(qsg_fit_transcript(&model, &data, &options, NULL, &error), QSG_EMODEL);
    qsg_model_free(&model);
}
END_TEST

RUN_LOOPS("recovery", {counted_by_hand, 1}, {recovers, 1}, {lotteries_are_told, CASES(2, 1)})
