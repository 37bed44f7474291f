/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pair_reference.h"

#include "theory/pair_levels.h"
#include "theory/pair_slowest.h"

static double rate_of(const char *settings, double *accuracy)
{
    qsg_model model = model_of(settings);
    qsg_pair_moments *pairs = NULL;
    qsg_error error = {""};
    double rate = -1;
    ck_assert_msg(qsg_pair_moments_new(&pairs, &model, &error) == QSG_OK, "%s", error.message);
    ck_assert_msg(qsg_pair_moments_slow_rate(pairs, &rate, accuracy, &error) == QSG_OK, "%s: %s", settings, error.message);
    qsg_pair_moments_free(pairs);
    qsg_model_free(&model);
    return rate;
}

/* Edges of a named graph into the file "levels.txt". */
static void write_graph(const char *kind, int n)
{
    FILE *file = fopen("levels.txt", "w");
    const int half = n / 2;
    ck_assert_ptr_nonnull(file);
    if (strcmp(kind, "cycle") == 0)
        fprintf(file, "speaker listener\n");
    for (int i = 1; i < n && strcmp(kind, "lollipop") != 0; i++)
        fprintf(file, "%d %d\n", strcmp(kind, "star") == 0 ? 1 : i, i + 1);
    if (strcmp(kind, "ring") == 0 || strcmp(kind, "cycle") == 0)
        fprintf(file, "%d 1\n", n);
    for (int i = 1; i <= half && strcmp(kind, "lollipop") == 0; i++)
        for (int j = 1; j < i; j++)
            fprintf(file, "%d %d\n", i, j);
    for (int i = half; i < n && strcmp(kind, "lollipop") == 0; i++)
        fprintf(file, "%d %d\n", i, i + 1);
    ck_assert_int_eq(fclose(file), 0);
}

/* The first level's map is the chain's, on symmetric states: every rule of the rates, with own output, in mutual exchange, with
 * innovation.  The graphs have no agents who are alike. */
START_TEST(map_of_the_first_level)
{
    static const char *const texts[] = {
        "agents=15 alpha=0.45 bandwidth=3 graph=er:0.5:9", "agents=15 alpha=0.3 bandwidth=2 self=0.4 graph=er:0.5:9",
        "agents=15 alpha=0.3 bandwidth=2 self=0.4 exchange=mutual graph=er:0.5:9 pairs=edge",
        "agents=15 alpha=1 graph=er:0.5:9", "agents=15 alpha=0.45 bandwidth=3 innovation=0.17 graph=er:0.5:9"};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        pair_reference r;
        pair_level level;
        double weight[15], h[15 * 16], got[15 * 16], state[151] = {0}, want[151] = {0}, x = 0.2385;
        reference_init(&r, texts[k]);
        const pair_law *law = &r.population.law;
        for (int i = 0; i < 15; i++)
            weight[i] = 1 + 0.1 * i;
        ck_assert_int_eq(pair_level_of_law(&level, law, weight, NULL), QSG_OK);
        ck_assert_uint_eq(level.n, 15);
        for (size_t i = 0; i < 15; i++)
            for (size_t j = 0; j <= i; j++) {
                x = fmod(3.7 * x + 0.21, 1);
                h[15 * i + j] = h[15 * j + i] = h[225 + i] = x;
                state[i == j ? pair_state_self(law, i) : pair_state_pair(law, i, j)] = x;
            }
        r.map.apply(&r.context, state, -1, 0, 0, want); /* with innovation z = 0 and the source 0 */
        pair_level_apply(&level, h, got);
        for (size_t i = 0; i < 15; i++) {
            for (size_t j = 0; j < i; j++)
                ck_close_abs(got[15 * i + j], want[pair_state_pair(law, i, j)], 1e-15);
            ck_close_abs(got[225 + i], want[pair_state_self(law, i)], 1e-15);
            ck_assert_double_eq(got[16 * i], got[225 + i]);
        }
        pair_level_free(&level);
        reference_free(&r);
    }
}
END_TEST

/* A ring as a file has no symmetry that the levels know of, its chain of displacements is exact; a star and a lollipop
 * have agents who are alike.  Voters on rings and stars in closed form (test_pairs.c). */
START_TEST(rings_and_stars)
{
    static const char *const texts[] = {"alpha=1", "alpha=0.5", "alpha=0.3 bandwidth=4 self=0.2",
                                        "alpha=0.6 exchange=mutual"};
    char file[120], known[120];
    for (int n = 65; n <= 195; n *= 3)
        for (size_t k = 0; k < (n == 65 ? 4 : 2); k++) {
            double accuracy, none;
            write_graph("ring", n);
            snprintf(file, sizeof file, "agents=%d graph=levels.txt %s", n, texts[k]);
            snprintf(known, sizeof known, "agents=%d graph=ring %s", n, texts[k]);
            const double rate = rate_of(file, &accuracy), want = rate_of(known, &none);
            ck_close(rate, want, n < 67 ? 1e-11 : 1e-9);
            ck_assert(fabs(rate - want) <= (accuracy + none) * want && accuracy < 1e-8);
            write_graph("star", n);
            if (k > 1) /* a star of identical agents is two classes, in any exchange */
                continue;
            snprintf(known, sizeof known, "agents=%d graph=star %s", n, texts[k]);
            ck_close(rate_of(file, &accuracy), rate_of(known, &none), 1e-12);
        }
    remove("levels.txt");
}
END_TEST

/* Against the series, which knows nothing of levels: all pairs of these graphs in time until one mode is left. */
START_TEST(levels_and_series)
{
    static const struct {
        const char *kind, *settings;
    } cases[] = {{"path", "alpha=0.5"}, {"path", "alpha=1 bandwidth=3"}, {"lollipop", "alpha=0.5 bandwidth=2"},
                 {"lollipop", "alpha=0.4 self=0.3 exchange=mutual pairs=edge"}, {"cycle", "alpha=0.7"},
                 {"path", "alpha=0.5 innovation=0.001"}};
    char text[120];
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        double accuracy, rate, low, high;
        write_graph(cases[k].kind, 24);
        snprintf(text, sizeof text, "agents=24 graph=levels.txt %s", cases[k].settings);
        const double got = rate_of(text, &accuracy);
        pair_reference r;
        pair_series *series;
        reference_init(&r, text);
        const size_t pairs = r.chain.n - (r.model.innovation > 0 ? 25 : 0);
        for (size_t i = 0; i < r.chain.n; i++)
            r.start[i] = i < pairs && r.chain.first[i + 1] > r.chain.first[i]; /* two of one agent are no state */
        ck_assert_int_eq(pair_series_new(&series, &r.map, r.start, true, true, 1e10, NULL), QSG_OK);
        ck_assert_int_eq(pair_series_rate(series, &rate, &low, &high, NULL), QSG_OK);
        ck_assert_msg(low * (1 - accuracy) <= got && got <= high * (1 + accuracy), "%s: %.15g, in [%.15g, %.15g]", text,
                      got, low, high);
        ck_assert_double_lt((high - low) / rate, 1e-6);
        ck_assert_double_lt(accuracy, 1e-6);
        pair_series_free(series);
        reference_free(&r);
    }
    remove("levels.txt");
}
END_TEST

/* With the rate known the series goes in one step to where the slowest mode is alone, without it in many short ones: the
 * same moments, to the 1e-9 that qsg/pairs.h promises. */
START_TEST(one_step_or_many)
{
    qsg_model model = model_of("agents=40 alpha=0.4 graph=er:0.2:1 init=onehot:13,27");
    qsg_pair_moments *at_once = NULL, *in_steps = NULL;
    qsg_moments a, b;
    double rate, accuracy;
    ck_assert_int_eq(qsg_pair_moments_new(&at_once, &model, NULL), QSG_OK);
    ck_assert_int_eq(qsg_pair_moments_new(&in_steps, &model, NULL), QSG_OK);
    ck_assert(!qsg_pair_moments_small(at_once));
    ck_assert_int_eq(qsg_pair_moments_slow_rate(at_once, &rate, &accuracy, NULL), QSG_OK);
    for (double t = 1; t < 40 / rate; t = ceil(2.3 * t)) {
        ck_assert_int_eq(qsg_pair_moments_evolve(at_once, t, &a, NULL), QSG_OK);
        ck_assert_int_eq(qsg_pair_moments_evolve(in_steps, t, &b, NULL), QSG_OK);
        ck_close(a.uncertainty, b.uncertainty, 1e-9);
        ck_close(a.disagreement, b.disagreement, 1e-9);
    }
    qsg_pair_moments_free(at_once);
    qsg_pair_moments_free(in_steps);
    qsg_model_free(&model);
}
END_TEST

/* More than the work allowed is told at once, and nothing is answered. */
START_TEST(too_long)
{
    qsg_model model = model_of("agents=40 alpha=0.5 graph=er:0.2:1");
    pair_population p;
    double weight[40], rate = -1, low, high, next = -1;
    qsg_error error = {""};
    for (int i = 0; i < 40; i++)
        weight[i] = 1;
    ck_assert_int_eq(pair_population_init(&p, &model, NULL), QSG_OK);
    ck_assert_int_eq(pair_slowest_rate(&p.law, weight, true, 1e6, &rate, &low, &high, &next, NULL, &error), QSG_ENUMERIC);
    ck_assert_ptr_nonnull(strstr(error.message, "takes too long (40 agents"));
    ck_assert_double_eq(rate, -1);
    ck_assert_double_eq(next, -1);
    ck_assert_int_eq(pair_slowest_rate(&p.law, weight, true, 1e8, &rate, &low, &high, &next, NULL, &error), QSG_OK);
    ck_assert_double_ge(next, 1.02 * rate);
    pair_population_free(&p);
    qsg_model_free(&model);
}
END_TEST

RUN_TESTS("pair levels", map_of_the_first_level, rings_and_stars, levels_and_series, one_step_or_many, too_long)
