/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pair_reference.h"

#include "theory/pair_end.h"
#include "theory/pair_walk.h"

/* A path of n agents of which number `first` comes first, in the order of their numbers otherwise, with a chord. */
static void write_path(int n, int first)
{
    FILE *file = fopen("end.txt", "w");
    ck_assert_ptr_nonnull(file);
    for (int i = 1; i <= n; i++) {
        const int j = i < n ? i + 1 : n - 3;
        fprintf(file, "%d %d\n", i == first ? 1 : i < first ? i + 1 : i, j == first ? 1 : j < first ? j + 1 : j);
    }
    ck_assert_int_eq(fclose(file), 0);
}

/* Strengths over alphas: of a reversible walk when listeners choose; equal ones otherwise. */
static void set_weights(const qsg_model *model, const pair_law *law, double *weight)
{
    for (size_t j = 0; j < law->n; j++)
        weight[j] = model->pairs == QSG_PAIRS_EDGE || model->exchange == QSG_MUTUAL
                        ? 1 : (double)(law->contacts.first[j + 1] - law->contacts.first[j]);
}

/* Committed agents who cut a path of ten, where powers of the chain of its 65 pairs know rate and end to 1e-13: of one label, of
 * two, alike and not, hearing nobody and unsure, with longer messages and own output. */
START_TEST(rate_and_end_by_powers)
{
    static const char *const texts[] = {
        "zealots=1,0", "zealots=1,1", "zealots=1,2 bandwidth=3", "zealots=1,1 pairs=edge init=onehot:3,5", "zealots=2,1 self=0.3",
        "zealots=1,1 exchange=mutual self=0.2 bandwidth=2", "zealots=1,2,1 labels=3 init=dirichlet:0.7"};
    char text[160];
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        double rate, low, high, known, none, weight[10], h[110], moments[2], accuracy;
        qsg_moments end;
        pair_reference r;
        pair_graph graph;
        pair_map map;
        qsg_pair_moments *pairs = NULL;
        write_path(10, 4);
        snprintf(text, sizeof text, "agents=10 alpha=0.45 graph=end.txt %s", texts[k]);
        reference_init(&r, text);
        set_weights(&r.model, &r.population.law, weight);
        ck_assert_int_eq(pair_graph_init(&graph, &map, &r.population.law, weight, NULL), QSG_OK);
        ck_assert_int_eq(qsg_pair_moments_new(&pairs, &r.model, NULL), QSG_OK);
        ck_assert(qsg_pair_moments_small(pairs));
        ck_assert_int_eq(qsg_pair_moments_slow_rate(pairs, &known, &none, NULL), QSG_OK);
        ck_assert_int_eq(pair_walk_rate(&graph.level, &rate, &low, &high, NULL), QSG_OK);
        ck_assert_msg(fabs(rate - known) <= 1e-12 * known, "%s: %.15g, expected %.15g", texts[k], rate, known);
        ck_assert_msg(low * (1 - 1e-13) <= known && known <= high * (1 + 1e-13) && high - low < 1e-9 * rate,
                      "%s: %.15g in [%.15g, %.15g]", texts[k], known, low, high);
        ck_assert_int_eq(qsg_pair_moments_stationary(pairs, &end, NULL), QSG_OK);
        pair_graph_start(&graph, &r.population, h);
        qsg_error error = {""};
        ck_assert_msg(pair_end_solve(&graph, weight, rate, 1e12, h, &accuracy, &error) == QSG_OK, "%s: %s", texts[k], error.message);
        ck_assert_double_lt(accuracy, 1e-11);
        pair_graph_measure(&graph, h, moments);
        ck_close_abs(moments[0], end.uncertainty, 1e-11);
        ck_close_abs(moments[1], end.disagreement, 1e-10);
        qsg_pair_moments_free(pairs);
        pair_graph_free(&graph);
        reference_free(&r);
    }
    remove("end.txt");
}
END_TEST

/* Many pairs: the library's end, by levels, is that of the chain after all times. */
START_TEST(long_path)
{
    pair_reference r;
    pair_series *series;
    qsg_pair_moments *pairs = NULL;
    qsg_moments got, want, late;
    double rate, accuracy;
    write_path(60, 17);
    reference_init(&r, "agents=60 alpha=0.7 graph=end.txt zealots=1,1 init=onehot:22,36");
    ck_assert_int_eq(qsg_pair_moments_new(&pairs, &r.model, NULL), QSG_OK);
    ck_assert_int_eq(qsg_pair_moments_stationary(pairs, &got, NULL), QSG_OK);
    ck_assert_int_eq(pair_series_new(&series, &r.map, r.start, false, false, 1e12, NULL), QSG_OK);
    ck_assert_int_eq(pair_series_stationary(series, &want, NULL), QSG_OK);
    ck_close(got.uncertainty, want.uncertainty, 1e-9);
    ck_close(got.disagreement, want.disagreement, 1e-9);
    ck_assert_int_eq(qsg_pair_moments_slow_rate(pairs, &rate, &accuracy, NULL), QSG_OK);
    ck_assert_int_eq(qsg_pair_moments_evolve(pairs, ceil(50 / rate), &late, NULL), QSG_OK);
    ck_close(late.disagreement, got.disagreement, 1e-9);
    ck_assert_int_eq(qsg_pair_moments_evolve(pairs, ceil(1 / rate), &late, NULL), QSG_OK);
    ck_assert_int_eq(pair_series_at(series, ceil(1 / rate), &want, NULL), QSG_OK);
    ck_close(late.disagreement, want.disagreement, 1e-9);
    pair_series_free(series);
    qsg_pair_moments_free(pairs);
    reference_free(&r);
    remove("end.txt");
}
END_TEST

/* Without committed agents, or with one-way edges among the others, there is no such answer. */
START_TEST(refusals)
{
    double weight[10], rate, low, high;
    pair_level level;
    pair_population p;
    FILE *file = fopen("end.txt", "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "speaker listener\n");
    for (int i = 1; i <= 10; i++)
        fprintf(file, "%d %d\n", i, i % 10 + 1);
    ck_assert_int_eq(fclose(file), 0);
    for (int k = 0; k < 2; k++) {
        qsg_model model = model_of(k ? "agents=10 alpha=0.5 graph=end.txt zealots=1,0" : "agents=10 alpha=0.5 graph=er:0.6:1");
        ck_assert_int_eq(pair_population_init(&p, &model, NULL), QSG_OK);
        set_weights(&model, &p.law, weight);
        ck_assert_int_eq(pair_level_of_law(&level, &p.law, weight, NULL), QSG_OK);
        ck_assert_int_eq(pair_walk_rate(&level, &rate, &low, &high, NULL), QSG_ENOEXIST);
        pair_level_free(&level);
        pair_population_free(&p);
        qsg_model_free(&model);
    }
    remove("end.txt");
}
END_TEST

RUN_TESTS("pair end", rate_and_end_by_powers, long_path, refusals)
