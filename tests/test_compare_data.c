/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <unistd.h>

#include "harness.h"

/* splitmix64: the test's own stream */
static double uniform(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

enum { MAX_N = 24, MAX_K = 4 };

/* A plain population, written from the update rule. */
typedef struct {
    int n, k, bandwidth, runs, interactions;
    double alpha, self, sharpness; /* 1/T */
    qsg_exchange exchange;
    bool paired;
    int idle_from, idle_to; /* nobody learns in between */
    uint64_t seed;
} game;

static int draw(const game *g, const double *x, uint64_t *state)
{
    double r[MAX_K], sum = 0;
    for (int k = 0; k < g->k; k++)
        sum += r[k] = g->sharpness == 1 ? x[k] : pow(x[k], g->sharpness);
    double u = uniform(state) * sum;
    for (int k = 0; k < g->k - 1; k++)
        if ((u -= r[k]) < 0)
            return k;
    return g->k - 1;
}

static void learn(const game *g, double *x, double rate, const double *y)
{
    for (int k = 0; k < g->k; k++)
        x[k] += rate * (y[k] - x[k]);
}

/* The message of an agent; returns the label on record, one of its draws. */
static int speak(const game *g, const double *x, double *y, uint64_t *state)
{
    int first = 0;
    for (int k = 0; k < g->k; k++)
        y[k] = 0;
    for (int j = 0; j < g->bandwidth; j++) {
        int label = draw(g, x, state);
        if (j == 0)
            first = label;
        y[label] += 1.0 / g->bandwidth;
    }
    return first;
}

static void play(const game *g, qsg_transcript *data)
{
    char path[] = "qsg-compare-XXXXXX";
    FILE *stream = fdopen(mkstemp(path), "w");
    uint64_t state = g->seed;
    qsg_error error = {""};
    fputs("run_id\tt\tspeaker\tlistener\tlabel\n", stream);
    for (int r = 0; r < g->runs; r++) {
        double x[MAX_N][MAX_K];
        for (int i = 0; i < g->n; i++)
            for (int k = 0; k < g->k; k++)
                x[i][k] = 1.0 / g->k;
        for (int t = 1; t <= g->interactions; t++) {
            const int a = (int)(uniform(&state) * g->n);
            const int b = (a + 1 + (int)(uniform(&state) * (g->n - 1))) % g->n;
            double ya[MAX_K], yb[MAX_K];
            const int la = speak(g, x[a], ya, &state), lb = speak(g, x[b], yb, &state);
            fprintf(stream, "%d\t%d\t%d\t%d\t%d\n", r, t, a, b, la);
            if (g->paired)
                fprintf(stream, "%d\t%d\t%d\t%d\t%d\n", r, t, b, a, lb);
            if (t > g->idle_from && t <= g->idle_to)
                continue;
            if (g->exchange == QSG_MUTUAL) {
                for (int k = 0; k < g->k; k++) {
                    const double xa = x[a][k], xb = x[b][k];
                    x[a][k] = (1 - g->alpha - g->self) * xa + g->alpha * yb[k] + g->self * ya[k];
                    x[b][k] = (1 - g->alpha - g->self) * xb + g->alpha * ya[k] + g->self * yb[k];
                }
                continue;
            }
            for (int i = 0; i < g->n; i++)
                if (i != a && (i == b || g->exchange == QSG_BROADCAST))
                    learn(g, x[i], g->alpha, ya);
            learn(g, x[a], g->self, ya);
        }
    }
    fclose(stream);
    qsg_status status = qsg_transcript_read(data, path, &error);
    unlink(path);
    ck_assert_msg(status == QSG_OK, "%s", error.message);
}

static qsg_model model_for(const game *g, const char *more)
{
    char text[256];
    snprintf(text, sizeof text, "agents=%d labels=%d bandwidth=%d alpha=%g self=%g exchange=%s %s", g->n, g->k,
             g->bandwidth, g->alpha, g->self,
             g->exchange == QSG_MUTUAL ? "mutual" : g->exchange == QSG_BROADCAST ? "broadcast" : "oneway", more);
    return model_of(text);
}

/* Eq. 6 against the plain mean of E[S_t] over the bin, term by term. */
START_TEST(bin_mean_is_exact)
{
    static const char *const texts[] = {
        "agents=7 labels=3 alpha=0.37 bandwidth=2 exchange=mutual", "agents=2 labels=2 alpha=1",
        "agents=5 labels=4 alpha=0.83 self=0.1 exchange=mutual init=onehot:2,1,1,1"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        qsg_model model = model_of(texts[i]);
        double law[4];
        qsg_coordination bins = {.bins = 4, .width = 11, .paired = true};
        ck_assert_int_eq(qsg_neutral_coordination(&model, model.alpha, &bins, law, NULL), QSG_OK);
        for (int b = 0; b < 4; b++) {
            double sum = 0;
            for (int j = 0; j < 11; j++) {
                qsg_moments at;
                ck_assert_int_eq(qsg_moments_start(&model, &at, NULL), QSG_OK);
                ck_assert_int_eq(qsg_moments_evolve(&model, &at, b * 11 + j, &at, NULL), QSG_OK);
                sum += qsg_moments_coordination(&model, &at);
            }
            ck_close(law[b], sum / 11, 1e-12); /* rounding of some ten products */
        }
        double before = law[0];
        ck_assert_int_eq(qsg_neutral_coordination(&model, 1.01, &bins, law, NULL), QSG_EDOMAIN);
        ck_assert_int_eq(qsg_neutral_coordination(&model, NAN, &bins, law, NULL), QSG_EDOMAIN);
        ck_close_abs(law[0], before, 0);
        qsg_model_free(&model);
    }
}
END_TEST

/* alpha + self = 1 up to the rounding of decimals is a model, and the law takes it at that alpha. */
START_TEST(all_that_is_heard_and_said)
{
    ck_assert(0.6 + 0.4000000000000002 > 1);
    qsg_model model = model_of("agents=5 alpha=0.6 self=0.4000000000000002");
    qsg_coordination bins = {.bins = 1, .width = 5, .paired = false};
    double law;
    ck_assert(model.alpha + model.self <= 1);
    ck_assert_int_eq(qsg_neutral_coordination(&model, model.alpha, &bins, &law, NULL), QSG_OK);
    qsg_model_free(&model);
}
END_TEST

/* Eq. 7 against the plain sum over pairs of utterances, one-way without own output, where e = q and
 * N G = q + (N-1) S + alpha (1 - S); the smallest alpha would show a decay that is not kept to its digits. */
START_TEST(pair_mean_is_exact)
{
    static const char *const texts[] = {"agents=5 labels=3 alpha=0.6", "agents=2 labels=2 alpha=0.9",
                                        "agents=9 labels=4 alpha=1e-4 init=onehot:4,3,1,1"};
    enum { W = 23 };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        qsg_model model = model_of(texts[i]);
        const double n = (double)model.agents, rho = 1 - model.alpha / (n - 1);
        qsg_coordination bins = {.bins = 2, .width = W, .paired = false};
        double law[2];
        ck_assert_int_eq(qsg_neutral_coordination(&model, model.alpha, &bins, law, NULL), QSG_OK);
        for (int b = 0; b < 2; b++) {
            double sum = 0;
            for (int j = 0; j < W - 1; j++) {
                qsg_moments at;
                ck_assert_int_eq(qsg_moments_start(&model, &at, NULL), QSG_OK);
                ck_assert_int_eq(qsg_moments_evolve(&model, &at, b * W + j, &at, NULL), QSG_OK);
                const double q = 1 - at.uncertainty, s = qsg_moments_coordination(&model, &at);
                const double g = (q + (n - 1) * s + model.alpha * (1 - s)) / n;
                for (int d = 1; j + d < W; d++)
                    sum += g - pow(rho, d - 1) * (q - g) / (n - 1);
            }
            ck_close(law[b], sum / (W * (W - 1) / 2), 1e-12); /* rounding of some ten products */
        }
        qsg_model_free(&model);
    }
}
END_TEST

/* The widest bins, of 2^26 interactions: a hundred laws, which term by term take a minute. */
START_TEST(wide_bins_are_quick)
{
    qsg_model model = model_of("agents=4 alpha=0.5");
    double law[2] = {0, 0};
    for (int i = 0; i < 100; i++) {
        qsg_coordination bins = {.bins = 2, .width = UINT64_C(1) << 26, .paired = i % 2};
        ck_assert_int_eq(qsg_neutral_coordination(&model, model.alpha, &bins, law, NULL), QSG_OK);
        ck_assert(law[0] > 1 - 1e-5 && law[0] < 1);
        ck_close(law[1], 1, 1e-12); /* everybody agrees after some hundred interactions */
    }
    qsg_model_free(&model);
}
END_TEST

/* Eq. 5-7 against played games: mean over runs within 5.5 standard errors in each of 6 bins of 7 games (false alarm
 * 42 * 4e-8).  Taking E[S] for the match of unpaired rows, without what the other has learned in between, misses by
 * more than 10 standard errors in several. */
START_TEST(law_of_games)
{
    static const game games[] = {
        {6, 2, 1, 3000, 36, 0.7, 0, 1, QSG_MUTUAL, true, 0, 0, 11},
        {5, 3, 2, 3000, 36, 0.45, 0.2, 1, QSG_MUTUAL, true, 0, 0, 12},
        {5, 3, 1, 3000, 36, 0.6, 0, 1, QSG_ONEWAY, false, 0, 0, 13},
        {4, 2, 1, 3000, 36, 0.5, 0.3, 1, QSG_ONEWAY, false, 0, 0, 14},
        {4, 3, 2, 3000, 36, 0.8, 0.1, 1, QSG_MUTUAL, false, 0, 0, 15},
        {6, 2, 3, 3000, 36, 0.3, 0.2, 1, QSG_BROADCAST, false, 0, 0, 16},
        {3, 4, 1, 3000, 36, 0.25, 0, 1, QSG_BROADCAST, false, 0, 0, 17},
    };
    for (size_t i = 0; i < sizeof games / sizeof *games; i++) {
        qsg_transcript data = {0};
        qsg_coordination seen = {0};
        qsg_error error = {""};
        double law[6], largest = 0;
        qsg_model model = model_for(&games[i], "");
        play(&games[i], &data);
        /* runs of whole bins and equal length: nothing is carried forward */
        qsg_status status = qsg_coordination_init(&seen, &data, (uint64_t)games[i].n, 6, &error);
        ck_assert_msg(status == QSG_OK, "%s", error.message);
        ck_assert_uint_eq(seen.bins, 6);
        ck_assert_int_eq(qsg_neutral_coordination(&model, games[i].alpha, &seen, law, NULL), QSG_OK);
        for (int b = 0; b < 6; b++)
            largest = fmax(largest, fabs(seen.value[b] - law[b]) / seen.se[b]);
        ck_assert_msg(largest < 5.5, "game %zu: %g standard errors", i, largest);
        qsg_coordination_free(&seen);
        qsg_transcript_free(&data);
        qsg_model_free(&model);
    }
}
END_TEST

static qsg_result *compare(const game *g, const char *more, const qsg_compare_data_options *options)
{
    qsg_transcript data = {0};
    qsg_error error = {""};
    qsg_model model = model_for(g, more);
    qsg_result *result = qsg_result_new();
    play(g, &data);
    qsg_status status = qsg_compare_data(&model, &data, options, result, &error);
    ck_assert_msg(status == QSG_OK, "%s", error.message);
    ck_assert_int_eq(qsg_result_status(result), QSG_OK);
    qsg_transcript_free(&data);
    qsg_model_free(&model);
    return result;
}

/* alpha comes back: within three times the half-width of its 95% interval (5.9 s.e., false alarm 4e-9 a game were the
 * estimate normal), and the residual test does not reject at 1e-6.  A law 30% off in alpha is rejected. */
START_TEST(recovers_alpha)
{
    static const game games[] = {
        {12, 3, 1, 150, 12 * 20, 0.3, 0, 1, QSG_MUTUAL, true, 0, 0, 21},
        {10, 4, 2, 100, 10 * 25, 0.55, 0, 1, QSG_ONEWAY, false, 0, 0, 22},
        {8, 2, 1, 40, 8 * 12, 0.2, 0.1, 1, QSG_BROADCAST, false, 0, 0, 23},
    };
    for (size_t i = 0; i < sizeof games / sizeof *games; i++) {
        qsg_result *result = compare(&games[i], "", &(qsg_compare_data_options){.alpha = games[i].alpha});
        const double value = qsg_result_get(result, "estimates.alpha.value");
        const double low = qsg_result_get(result, "estimates.alpha.low");
        const double high = qsg_result_get(result, "estimates.alpha.high");
        ck_assert_msg(value - 3 * (value - low) < games[i].alpha && games[i].alpha < value + 3 * (high - value),
                      "game %zu: alpha %g in %g..%g", i, value, low, high);
        ck_assert_msg(low < value && value < high && high - low < 0.5 * value, "game %zu: %g in %g..%g", i, value, low,
                      high);
        ck_assert_double_gt(qsg_result_get(result, "p_value"), 1e-6);
        ck_assert_double_gt(qsg_result_get(result, "given.p_value"), 1e-6);
        ck_assert_double_eq(qsg_result_get(result, "too_fast"), 0);
        ck_assert(qsg_result_get(result, "agree") == (qsg_result_get(result, "p_value") >= 0.01 &&
                                                      qsg_result_get(result, "given.p_value") >= 0.01));
        qsg_result_free(result);
    }
    qsg_result *result = compare(&games[0], "", &(qsg_compare_data_options){.alpha = 1.3 * games[0].alpha});
    ck_assert_double_lt(qsg_result_get(result, "given.p_value"), 1e-3);
    /* some neutral law fits, but not the one that was asked about */
    ck_assert_double_gt(qsg_result_get(result, "p_value"), 0.01);
    ck_assert_double_eq(qsg_result_get(result, "agree"), 0);
    ck_assert_ptr_nonnull(strstr(qsg_result_get_text(result, "verdict"), "given alpha = 0.39 is rejected"));
    qsg_result_free(result);
}
END_TEST

/* Agents that sharpen (T = 0.4) agree faster than drift can: the verdict says so and by how much. */
START_TEST(too_fast_is_said)
{
    const game g = {24, 3, 1, 30, 24 * 20, 0.3, 0, 2.5, QSG_MUTUAL, true, 0, 0, 31};
    qsg_result *result = compare(&g, "", &(qsg_compare_data_options){0});
    ck_assert_double_eq(qsg_result_get(result, "too_fast"), 1);
    ck_assert_double_eq(qsg_result_get(result, "agree"), 0);
    ck_assert_double_gt(qsg_result_get(result, "speedup"), 1.5);
    ck_assert_ptr_nonnull(strstr(qsg_result_get_text(result, "verdict"), "Drift alone cannot do it"));
    qsg_result_free(result);
    /* the verdict decides even where the residuals alone would pass */
    result = compare(&g, "", &(qsg_compare_data_options){.significance = 1e-300});
    ck_assert_double_gt(qsg_result_get(result, "p_value"), 1e-300);
    ck_assert_ptr_nonnull(strstr(qsg_result_get_text(result, "verdict"), "Drift alone cannot do it"));
    ck_assert_double_eq(qsg_result_get(result, "agree"), 0);
    qsg_result_free(result);
}
END_TEST

/* One error, printed and used: where the runs of a bin are alike it is the binomial one with half a count added, of n pairs. */
START_TEST(z_is_in_printed_errors)
{
    const game g = {12, 2, 1, 4, 12 * 30, 0.6, 0, 1, QSG_MUTUAL, true, 0, 0, 31};
    qsg_result *result = compare(&g, "", &(qsg_compare_data_options){0});
    size_t n, tested = 0, alike = 0;
    const double *s = qsg_result_get_vector(result, "S", &n), *law = qsg_result_get_vector(result, "S_fit", &n);
    const double *se = qsg_result_get_vector(result, "se", &n), *z = qsg_result_get_vector(result, "z", &n);
    const double *seen = qsg_result_get_vector(result, "n", &n);
    for (size_t b = 0; b < n; b++) {
        if (isnan(z[b]))
            continue;
        const double share = (s[b] * seen[b] + 0.5) / (seen[b] + 1), least = sqrt(share * (1 - share) / (seen[b] + 1));
        tested++;
        alike += se[b] <= least * (1 + 1e-12);
        ck_assert(se[b] >= least * (1 - 1e-12));
        ck_close_abs(z[b] * se[b], s[b] - law[b], 1e-12);
    }
    ck_assert_uint_gt(tested, 3);
    ck_assert_uint_gt(alike, 0); /* else the least error is not seen at work */
    qsg_result_free(result);
}
END_TEST

/* A population that stops learning for a while fits no alpha, but is not too fast. */
START_TEST(misfit_is_said)
{
    const game g = {10, 2, 1, 200, 10 * 40, 0.6, 0, 1, QSG_MUTUAL, true, 30, 330, 41};
    qsg_result *result = compare(&g, "", &(qsg_compare_data_options){0});
    ck_assert_double_eq(qsg_result_get(result, "too_fast"), 0);
    ck_assert_double_lt(qsg_result_get(result, "p_value"), 1e-4);
    ck_assert_ptr_nonnull(strstr(qsg_result_get_text(result, "verdict"), "does not describe"));
    qsg_result_free(result);
}
END_TEST

START_TEST(few_runs_are_not_tested)
{
    const game g = {10, 2, 1, 3, 10 * 20, 0.4, 0, 1, QSG_MUTUAL, true, 0, 0, 51};
    qsg_result *result = compare(&g, "", &(qsg_compare_data_options){0});
    ck_assert(isnan(qsg_result_get(result, "p_value")));
    ck_assert(isnan(qsg_result_get(result, "agree")));
    ck_assert_double_gt(qsg_result_get(result, "estimates.alpha.value"), 0);
    ck_assert_ptr_nonnull(strstr(qsg_result_get_text(result, "verdict"), "No test is possible"));
    qsg_result_free(result);
}
END_TEST

START_TEST(refusals)
{
    static const struct { const char *text; qsg_status status; double alpha, significance; } cases[] = {
        {"agents=10 labels=2 alpha=0.5", QSG_EMODEL, 0, 0}, /* paired rows, one-way */
        {"agents=9 labels=2 alpha=0.5 exchange=mutual", QSG_EINPUT, 0, 0},
        {"agents=10 labels=3 alpha=0.5 exchange=mutual temper=0.9", QSG_EMODEL, 0, 0},
        {"agents=10 labels=2 alpha=0.5 exchange=mutual", QSG_EDOMAIN, 1.5, 0},
        {"agents=10 labels=2 alpha=0.5 exchange=mutual", QSG_EDOMAIN, NAN, 0},
        {"agents=10 labels=2 alpha=0.5 exchange=mutual", QSG_EDOMAIN, 0, 1},
        {"agents=400 labels=2 alpha=0.5 exchange=mutual", QSG_EINPUT, 0, 0}, /* less than a round */
    };
    const game g = {10, 3, 1, 5, 10 * 20, 0.4, 0, 1, QSG_MUTUAL, true, 0, 0, 61};
    game two = g;
    two.k = 2;
    qsg_transcript data = {0}, three = {0};
    play(&two, &data);
    play(&g, &three);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qsg_model model = model_of(cases[i].text);
        qsg_result *result = qsg_result_new();
        qsg_error error = {""};
        qsg_status status = qsg_compare_data(&model, &data, &(qsg_compare_data_options){0, cases[i].alpha,
                                             cases[i].significance}, result, &error);
        ck_assert_msg(status == cases[i].status && *error.message, "case %zu: %d %s", i, status, error.message);
        qsg_result_free(result);
        qsg_model_free(&model);
    }
    qsg_model model = model_of("agents=10 labels=2 alpha=0.5 exchange=mutual");
    qsg_result *result = qsg_result_new();
    ck_assert_int_eq(qsg_compare_data(&model, &three, &(qsg_compare_data_options){0}, result, NULL), QSG_EINPUT);
    qsg_result_free(result);
    qsg_model_free(&model);
    qsg_transcript_free(&data);
    qsg_transcript_free(&three);
}
END_TEST

RUN_TESTS("compare_data", bin_mean_is_exact, pair_mean_is_exact, all_that_is_heard_and_said,
          wide_bins_are_quick, law_of_games, recovers_alpha, too_fast_is_said, misfit_is_said, z_is_in_printed_errors,
          few_runs_are_not_tested, refusals)
