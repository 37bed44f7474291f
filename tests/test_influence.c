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

START_TEST(errors)
{
    qsg_model model = model_of("agents=12 alpha=0.5 graph=ring field=0.1");
    qsg_influence influence = {.agents = 77};
    ck_assert_int_eq(qsg_influence_init(&influence, &model, NULL), QSG_EMODEL);
    ck_assert_uint_eq(influence.agents, 77);
    qsg_model_free(&model);
}
END_TEST

RUN_TESTS("influence", influence_closed_forms, influence_directed, influence_isolated, errors)
