/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

/* A file of the test, rewritten by each user. */
static const char *write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
    return name;
}

/* Twelve agents of whom six are stubborn; sizes of groups and of single agents. */
START_TEST(influence_closed_forms)
{
    char text[600] = "agent\talpha\tbelief_1\tbelief_2\n";
    for (int i = 1; i <= 12; i++)
        sprintf(text + strlen(text), "%d\t%g\t%d\t%d\n", i, i <= 6 ? 0.1 : 0.7, i <= 6, i > 6);
    write_file("influence-agents.tsv", text);
    qsg_model model = model_of("agents=12 alpha=0.5 agents-file=influence-agents.tsv");
    qsg_influence influence = {0};
    double p[2];
    ck_assert_int_eq(qsg_influence_init(&influence, &model, NULL), QSG_OK);
    ck_assert_int_eq(qsg_influence_mean(&influence, &model, p, NULL), QSG_OK);
    ck_close(p[0], 0.875, 1e-14); /* 6/.1 against 6/.7 */
    ck_close(influence.weight[0], 7 * influence.weight[11], 1e-14);
    ck_assert_uint_eq(influence.closed_classes, 1);
    qsg_influence_free(&influence);
    qsg_influence_free(&influence);
    qsg_model_free(&model);
    model = model_of("agents=9 alpha=0.5 graph=star");
    ck_assert_int_eq(qsg_influence_init(&influence, &model, NULL), QSG_OK);
    ck_close(influence.weight[0], 0.5, 1e-14);
    ck_close(influence.number, 1 / (0.25 + 8 / 256.0), 1e-14);
    ck_assert(!influence.iterative);
    qsg_influence_free(&influence);
    qsg_model_free(&model);
    model = model_of("agents=9 alpha=0.5 graph=star pairs=edge");
    ck_assert_int_eq(qsg_influence_init(&influence, &model, NULL), QSG_OK);
    ck_close(influence.weight[0], 1 / 9.0, 1e-14);
    qsg_influence_free(&influence);
    qsg_model_free(&model);
    remove("influence-agents.tsv");
}
END_TEST

/* A directed graph in which 4 and 5 hear only each other, 1-3 hear each other and them: the first moment conserves
 * sum v_i x_i; with a second closed class the hitting probabilities share the weight. */
START_TEST(influence_directed)
{
    write_file("influence-graph.txt", "speaker listener weight\n1 2 1\n2 3 1\n3 1 2\n4 1 1\n4 5 1\n5 4 3\n");
    qsg_model model = model_of("agents=5 alpha=0.3 graph=influence-graph.txt");
    qsg_influence influence = {0};
    qsg_contacts contacts = {0};
    ck_assert_int_eq(qsg_influence_init(&influence, &model, NULL), QSG_OK);
    ck_assert_uint_eq(influence.closed_classes, 1);
    ck_close(influence.weight[3], 0.5, 1e-12);
    ck_assert(influence.weight[0] == 0 && influence.closed[0] == SIZE_MAX && influence.closed[4] == 0);
    qsg_influence_free(&influence);
    qsg_model_free(&model);
    /* without 4 -> 1 there are two classes, {1, 2, 3} and {4, 5}, with the shares of their sizes */
    write_file("influence-graph.txt", "speaker listener weight\n1 2 1\n2 3 1\n3 1 2\n4 5 1\n5 4 3\n");
    model = model_of("agents=5 alpha=0.3 graph=influence-graph.txt");
    ck_assert_int_eq(qsg_influence_init(&influence, &model, NULL), QSG_OK);
    ck_assert_uint_eq(influence.closed_classes, 2);
    ck_close(influence.weight[0] + influence.weight[1] + influence.weight[2], 0.6, 1e-12);
    qsg_influence_free(&influence);
    qsg_pair_moments *pairs = NULL;
    double t = -1, rate = -1, accuracy;
    ck_assert_int_eq(qsg_pair_moments_new(&pairs, &model, NULL), QSG_OK);
    ck_assert_int_eq(qsg_pair_moments_slow_rate(pairs, &rate, &accuracy, NULL), QSG_OK);
    ck_assert_double_eq(rate, 0);
    ck_assert_int_eq(qsg_pair_moments_consensus_time(pairs, 0.95, &t, NULL), QSG_ENOEXIST);
    ck_assert_double_eq(t, -1);
    qsg_pair_moments_free(pairs);
    qsg_model_free(&model);
    /* a strongly connected one: the equation itself */
    write_file("influence-graph.txt", "speaker listener weight\n1 2 1\n2 3 1\n3 4 2\n4 5 1\n5 1 3\n1 4 2.5\n3 1 0.5\n");
    model = model_of("agents=5 alpha=0.3 graph=influence-graph.txt");
    ck_assert_int_eq(qsg_influence_init(&influence, &model, NULL), QSG_OK);
    ck_assert_int_eq(qsg_contacts_init(&contacts, &model, NULL), QSG_OK);
    double in[5] = {0}, out[5] = {0};
    for (size_t j = 0; j < 5; j++)
        for (uint64_t a = contacts.first[j]; a < contacts.first[j + 1]; a++) {
            in[contacts.speakers[a]] += influence.weight[j] * contacts.chance[a];
            out[j] += influence.weight[j] * contacts.chance[a];
        }
    for (int i = 0; i < 5; i++)
        ck_close(in[i], out[i], 1e-11);
    qsg_contacts_free(&contacts);
    qsg_influence_free(&influence);
    qsg_model_free(&model);
    remove("influence-graph.txt");
}
END_TEST

/* Agents that hear nobody are classes alone: the weights sum to 1, each has its own 1/N, the rest go with the degree within the
 * part of a size.  The mean belief at the end is then the mean at the start. */
START_TEST(influence_isolated)
{
    write_file("influence-graph.txt", "a b\n1 2\n2 3\n2 4\n");
    qsg_model model = model_of("agents=6 alpha=0.3 graph=influence-graph.txt init=0.2385,0.7615");
    qsg_influence influence = {0};
    double p[2];
    const double want[6] = {4. / 6 / 6, 4. / 6 / 2, 4. / 6 / 6, 4. / 6 / 6, 1. / 6, 1. / 6};
    ck_assert_int_eq(qsg_influence_init(&influence, &model, NULL), QSG_OK);
    ck_assert_int_eq(qsg_influence_mean(&influence, &model, p, NULL), QSG_OK);
    ck_assert_uint_eq(influence.closed_classes, 3);
    for (int i = 0; i < 6; i++)
        ck_close(influence.weight[i], want[i], 1e-14);
    ck_close(p[0], 0.2385, 1e-14);
    ck_close(p[1], 0.7615, 1e-14);
    qsg_influence_free(&influence);
    qsg_model_free(&model);
    remove("influence-graph.txt");
}
END_TEST

START_TEST(no_agreement)
{
    /* beliefs that are only swapped; no noise */
    static const char *const texts[] = {"agents=12 alpha=1 graph=ring exchange=mutual", "agents=12 alpha=0.5 bandwidth=inf "
                                        "graph=ba:2:1", "agents=80 alpha=1 graph=ring exchange=mutual",
                                        "agents=12 alpha=1 graph=ba:2:1 exchange=mutual"};
    for (int k = 0; k < 4; k++) {
        qsg_model model = model_of(texts[k]);
        qsg_pair_moments *pairs = NULL;
        double rate = -1, accuracy;
        ck_assert_int_eq(qsg_pair_moments_new(&pairs, &model, NULL), QSG_OK);
        ck_assert_int_eq(qsg_pair_moments_slow_rate(pairs, &rate, &accuracy, NULL), QSG_OK);
        ck_assert_double_eq(rate, 0);
        qsg_pair_moments_free(pairs);
        qsg_model_free(&model);
    }
}
END_TEST

/* How populations end, on graphs and among zealots. */
START_TEST(ends)
{
    static const struct { const char *text; qsg_end end; } rows[] = {
        {"agents=5 alpha=0.3 graph=influence-graph.txt", QSG_END_UNSURE},
        {"agents=5 alpha=0.3 graph=influence-graph.txt init=0,1", QSG_END_CONSENSUS},
        {"agents=5 alpha=0.3 graph=influence-graph.txt self=0.2", QSG_END_CONSENSUS}, /* its own words make it sure */
        {"agents=5 alpha=0.3 graph=star bandwidth=inf", QSG_END_NOISELESS},
        {"agents=5 alpha=1 graph=star exchange=mutual", QSG_END_SWAPPED},
        {"agents=5 alpha=1 graph=star", QSG_END_CONSENSUS},
        {"agents=5 alpha=0.3 zealots=1,1", QSG_END_CLASSES},
        {"agents=5 alpha=0.3 zealots=3,0", QSG_END_CONSENSUS},
        {"agents=5 alpha=0.3 zealots=0,1 graph=ring", QSG_END_CONSENSUS}};
    write_file("influence-graph.txt", "speaker listener\n1 2\n2 3\n3 2\n3 4\n4 5\n5 4\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        qsg_model model = model_of(rows[i].text);
        qsg_influence influence = {0};
        double p[2];
        ck_assert_int_eq(qsg_influence_init(&influence, &model, NULL), QSG_OK);
        ck_assert_int_eq(qsg_influence_mean(&influence, &model, p, NULL), QSG_OK);
        ck_assert_msg(qsg_influence_end(&influence, &model, p) == rows[i].end, "%s", rows[i].text);
        qsg_influence_free(&influence);
        qsg_model_free(&model);
    }
    remove("influence-graph.txt");
}
END_TEST

/* A graph in parts: the moments at the end, by influence, are where the exact moments go; lone agents keep what they believe. */
START_TEST(parts_apart)
{
    static const char *const texts[] = {"agents=8 alpha=0.3 graph=influence-parts.txt init=onehot:3,5",
                                        "agents=8 alpha=0.3 bandwidth=2 graph=influence-parts.txt init=0.2,0.8",
                                        "agents=8 alpha=0.3 exchange=mutual graph=influence-parts.txt init=onehot:2,6",
                                        "agents=8 alpha=0.3 innovation=0.01 graph=influence-parts.txt init=onehot:3,5"};
    const double late = 1e6;
    write_file("influence-parts.txt", "1 2\n2 3\n1 3\n4 5\n5 6\n");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        qsg_model model = model_of(texts[i]);
        qsg_result *result = qsg_result_new();
        ck_assert_int_eq(qsg_predict(&model, &(qsg_predict_request){.times = &late, .n = 1, .consensus = 0.95}, result, NULL), QSG_OK);
        ck_close(qsg_result_get(result, "stationary.U"), qsg_result_get_vector(result, "U", NULL)[0], 1e-12);
        ck_close(qsg_result_get(result, "stationary.V"), qsg_result_get_vector(result, "V", NULL)[0], 1e-12);
        ck_close(qsg_result_get(result, "stationary.S"), qsg_result_get_vector(result, "S", NULL)[0], 1e-12);
        qsg_result_free(result);
        qsg_model_free(&model);
    }
    remove("influence-parts.txt");
}
END_TEST

/* More agents than are listed: the same verdict from the counts alone; and the table with the most influential first. */
START_TEST(predicted)
{
    static const struct { const char *text; double p; } rows[] = {
        {"agents=2e8 alpha=0.3 zealots=6,0", 1}, {"agents=2e8 alpha=0.3 pairs=with-replacement init=onehot:5e7,1.5e8", 0.25},
        {"agents=60 alpha=0.3 zealots=6,0", 1}, {"agents=60 alpha=0.3 pairs=with-replacement init=onehot:15,45", 0.25}};
    size_t n;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        qsg_model model = model_of(rows[i].text);
        qsg_result *result = qsg_result_new();
        ck_assert_int_eq(qsg_predict(&model, &(qsg_predict_request){.consensus = 0.95}, result, NULL), QSG_OK);
        const double *p = qsg_result_get_vector(result, "fixation.probability", &n);
        ck_assert(p && n == 2);
        ck_close(p[0], rows[i].p, 1e-13);
        qsg_result_free(result);
        qsg_model_free(&model);
    }
    qsg_model model = model_of("agents=30 alpha=0.5 graph=ba:2:4");
    qsg_result *result = qsg_result_new();
    ck_assert_int_eq(qsg_predict(&model, &(qsg_predict_request){.consensus = 0.95, .top = 4}, result, NULL), QSG_OK);
    const double *v = qsg_result_get_vector(result, "influence", &n), *d = qsg_result_get_vector(result, "agents.degree", NULL);
    ck_assert_uint_eq(n, 4);
    for (size_t i = 0; i < n; i++) {
        ck_close(v[i], d[i] / (double)model.graph->arcs, 1e-13);
        ck_assert(i == 0 || v[i] <= v[i - 1]);
    }
    for (size_t i = 0, larger = 0; i < 30; i++) /* nobody who is not listed has more neighbours */
        ck_assert_uint_le(larger += (double)(model.graph->first[i + 1] - model.graph->first[i]) > d[3], 3);
    qsg_result_free(result);
    qsg_model_free(&model);
}
END_TEST

START_TEST(errors)
{
    qsg_model model = model_of("agents=12 alpha=0.5 graph=ring field=0.1");
    qsg_influence influence = {.agents = 77};
    ck_assert_int_eq(qsg_influence_init(&influence, &model, NULL), QSG_EMODEL);
    ck_assert_uint_eq(influence.agents, 77);
    qsg_model_free(&model);
}
END_TEST

RUN_TESTS("influence", influence_closed_forms, influence_directed, influence_isolated, no_agreement, ends, parts_apart, predicted, errors)
