/* Likelihoods that can be counted by hand, and fits of simulated transcripts (doc/recovery.md: the whole study).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

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

/* The rows of a simulated ensemble as a transcript in memory. */
typedef struct {
    qsg_utterance *rows;
    size_t *run_start, n;
} recorder;

static void record(void *context, uint64_t run, uint64_t t, uint64_t speaker, uint64_t listener, size_t label)
{
    recorder *self = context;
    self->rows[self->n++] = (qsg_utterance){t, (uint32_t)run, (uint32_t)speaker, (uint32_t)listener, (uint32_t)label};
    self->run_start[run + 1] = self->n;
}

static qsg_status ignore(void *context, const qsg_outcome *outcome)
{
    (void)context, (void)outcome;
    return QSG_OK;
}

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
        qsg_maximum held = {0};
        qsg_fit_interval interval;
        bool moved = false;
        double start[6];
        const size_t i = checked[c];
        if (with_interval[c]) {
            ck_assert_int_eq(qsg_fit_interval_of(&best, likelihood, i, 0.95, &interval, &moved, NULL), QSG_OK);
            out->holds[c] += interval.low <= truth[i] && truth[i] <= interval.high;
        }
        out->mean[c] += best.theta[i];
        memcpy(start, best.theta, sizeof start);
        start[i] = truth[i];
        ck_assert_int_eq(qsg_fit_maximize(&held, likelihood, groups & ~(1u << i), start, NULL, false, NULL), QSG_OK);
        out->rejects[c] += 2 * (best.loglik - held.loglik) > 3.841458820694124;
        qsg_maximum_free(&held);
    }
    qsg_maximum_free(&best);
}

/* The truth is rejected within what 16 binomial draws of 5% allow at 10^-6 (7 at most), and the interval is the test turned
 * round.  Means within five standard errors; the spread of one estimate is twice that of four times the rows. */
START_TEST(recovers)
{
    enum { REPLICATES = 16, RUNS = 10, TIME = 120 };
    const double truth[] = {0.25, 0, 1 / 0.8, 0.1, 0.3, 0}, spread[N_CHECKED] = {0.07, 0.36, 0.1, 0.12}, end = TIME;
    qsg_model model = model_of("agents=8 alpha=0.25 field=0.3 temper=0.8 innovation=0.1");
    recorder rows = {.rows = malloc(RUNS * TIME * sizeof *rows.rows), .run_start = calloc(RUNS + 1, sizeof(size_t))};
    scores all = {0};
    for (uint64_t seed = 1; seed <= REPLICATES; seed++) {
        const qsg_ensemble_request request = {.times = &end, .n = 1, .runs = RUNS, .seed = seed, .consensus = 0.95,
                                              .hearing = record, .hearing_context = &rows};
        qsg_likelihood *likelihood = NULL;
        rows.n = 0;
        ck_assert_int_eq(qsg_ensemble_run(&model, &request, ignore, NULL, NULL), QSG_OK);
        const qsg_transcript data = {.n_rows = rows.n, .n_runs = RUNS, .n_labels = 2, .n_names = 8, .agents = 8, .first_t = 1,
                                     .single = true, .rows = rows.rows, .run_start = rows.run_start, .first_line = 2};
        ck_assert_int_eq(qsg_likelihood_new(&model, &data, &likelihood, NULL), QSG_OK);
        score(likelihood, truth, &all);
        qsg_likelihood_free(likelihood);
    }
    for (int c = 0; c < N_CHECKED; c++) {
        ck_assert_msg(all.rejects[c] <= 7, "truth %d is rejected %d times", c, all.rejects[c]);
        if (with_interval[c])
            ck_assert_int_le(abs(REPLICATES - all.holds[c] - all.rejects[c]), 1);
        ck_close_abs(all.mean[c] / REPLICATES, truth[checked[c]], 5 * spread[c] / sqrt(REPLICATES));
    }
    free(rows.rows);
    free(rows.run_start);
    qsg_model_free(&model);
}
END_TEST

RUN_TESTS("recovery", counted_by_hand, recovers)
