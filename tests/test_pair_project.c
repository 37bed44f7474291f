/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pair_reference.h"

#include "theory/pair_project.h"
#include "theory/pair_slowest.h"

/* The same pairs in both ways; the series knows nothing of levels, modes or shifts. */
typedef struct {
    pair_reference reference;
    pair_graph graph;
    pair_map map;
    pair_series *series;
    pair_project *project;
    double rate, weight[120];
} both_ways;

/* A path, or a clique with a path, or a ring with chords, of n agents into "project.txt". */
static void write_edges(const char *kind, int n)
{
    FILE *file = fopen("project.txt", "w");
    const int half = strcmp(kind, "lollipop") == 0 ? n / 2 : 1;
    ck_assert_ptr_nonnull(file);
    for (int i = 1; i <= half; i++)
        for (int j = 1; j < i; j++)
            fprintf(file, "%d %d\n", i, j);
    for (int i = half; i < n; i++)
        fprintf(file, "%d %d\n", i, i + 1);
    if (strcmp(kind, "world") == 0)
        fprintf(file, "1 %d\n3 %d\n10 %d\n", n, n / 2, n - 7);
    ck_assert_int_eq(fclose(file), 0);
}

/* Weights of a reversible walk: strengths over alphas when listeners choose. */
static void set_weights(both_ways *b)
{
    const pair_law *law = &b->reference.population.law;
    double sum = 0;
    for (size_t j = 0; j < law->n; j++) {
        const uint64_t speakers = law->contacts.first[j + 1] - law->contacts.first[j];
        b->weight[j] = (b->reference.model.pairs == QSG_PAIRS_EDGE || law->exchange == QSG_MUTUAL ? 1 : (double)speakers) / law->alpha[j];
        sum += b->weight[j];
    }
    for (size_t j = 0; j < law->n; j++)
        b->weight[j] /= sum;
}

static void start_both(both_ways *b, const char *settings, qsg_status expected)
{
    double low, high, next, *mode = NULL, none;
    qsg_error error = {""};
    reference_init(&b->reference, settings);
    const pair_population *p = &b->reference.population;
    set_weights(b);
    ck_assert_int_eq(pair_graph_init(&b->graph, &b->map, &p->law, b->weight, NULL), QSG_OK);
    ck_assert_int_eq(pair_slowest_rate(&p->law, b->weight, true, 1e12, &b->rate, &low, &high, &next, &mode, &error), QSG_OK);
    ck_assert_int_eq(pair_series_new(&b->series, &b->reference.map, b->reference.start, true, false, 1e12, NULL), QSG_OK);
    ck_assert(expected == QSG_OK ? mode != NULL : true);
    ck_assert_int_eq(pair_project_new(&b->project, &b->graph, p, b->weight, b->rate, mode ? mode : &none, 1e12, &error),
                     expected);
    free(mode);
}

static void end_both(both_ways *b)
{
    pair_project_free(b->project);
    pair_series_free(b->series);
    pair_graph_free(&b->graph);
    reference_free(&b->reference);
}

/* Within what is stated, and that is little: f + V/N and V/N to 1e-7 of f + V/N from .03 to 20 times the slowest mode's. */
START_TEST(projection_and_series)
{
    static const struct {
        const char *kind, *settings;
    } cases[] = {{"path", "agents=90 alpha=0.2385 init=0.3,0.7"}, {"path", "agents=90 alpha=1 init=onehot:30,60"},
                 {"lollipop", "agents=60 alpha=0.5 init=onehot:40,20"}, {"world", "agents=90 alpha=0.7 init=onehot:12,78"},
                 {"path", "agents=60 alpha=0.4 pairs=edge bandwidth=3 labels=3 init=dirichlet:0.5"}};
    char text[160];
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        both_ways b = {0};
        snprintf(text, sizeof text, "%s graph=project.txt", cases[k].settings);
        const double agents = atof(cases[k].settings + strlen("agents="));
        write_edges(cases[k].kind, (int)agents);
        start_both(&b, text, QSG_OK);
        for (double t = floor(20 / b.rate); t > 0.03 / b.rate; t = floor(t / 2.7)) {
            qsg_moments got, want;
            double accuracy = -1;
            ck_assert_int_eq(pair_project_at(b.project, t, &got, &accuracy, NULL), QSG_OK);
            ck_assert_int_eq(pair_series_at(b.series, t, &want, NULL), QSG_OK);
            const double h = want.uncertainty + want.disagreement / agents;
            ck_assert_msg(fabs(got.uncertainty + got.disagreement / agents - h) <= (accuracy + 1e-9) * h &&
                              fabs(got.disagreement - want.disagreement) / agents <= (accuracy + 1e-9) * h,
                          "%s, t %g: f %.15g, V %.15g; series %.15g, %.15g; stated %g", text, t, got.uncertainty,
                          got.disagreement, want.uncertainty, want.disagreement, accuracy);
            ck_assert_msg(accuracy > 0 && accuracy < 1e-6, "%s, t %g of %g: %g", text, t, 1 / b.rate, accuracy);
        }
        end_both(&b);
    }
    remove("project.txt");
}
END_TEST

/* The time at which the series has fallen to the target. */
START_TEST(time_to_target)
{
    both_ways b = {0};
    double t, accuracy;
    qsg_moments low, high;
    write_edges("lollipop", 50);
    start_both(&b, "agents=50 alpha=0.6 graph=project.txt init=onehot:20,30", QSG_OK);
    ck_assert_int_eq(pair_project_time(b.project, 0.05, &t, &accuracy, NULL), QSG_OK);
    ck_assert(accuracy > 0 && accuracy < 1.1e-7);
    ck_assert_int_eq(pair_series_at(b.series, floor(t * (1 - accuracy)), &low, NULL), QSG_OK);
    ck_assert_int_eq(pair_series_at(b.series, ceil(t * (1 + accuracy)), &high, NULL), QSG_OK);
    ck_assert_double_ge(low.uncertainty + low.disagreement / 50, 0.05);
    ck_assert_double_le(high.uncertainty + high.disagreement / 50, 0.05);
    end_both(&b);
    remove("project.txt");
}
END_TEST

/* Times to 1e-9 of the series', each the first that is asked for. */
START_TEST(times_asked_first)
{
    static const double targets[] = {0.05, 0.06, 0.03};
    for (size_t k = 0; k < sizeof targets / sizeof *targets; k++) {
        both_ways b = {0};
        qsg_moments low, high;
        double t, accuracy;
        write_edges("path", 120);
        start_both(&b, "agents=120 alpha=0.5 graph=project.txt init=onehot:60,60", QSG_OK);
        ck_assert_int_eq(pair_project_time(b.project, targets[k], &t, &accuracy, NULL), QSG_OK);
        ck_assert_int_eq(pair_series_at(b.series, floor(t * (1 - 1e-9)) - 1, &low, NULL), QSG_OK);
        ck_assert_int_eq(pair_series_at(b.series, ceil(t * (1 + 1e-9)) + 1, &high, NULL), QSG_OK);
        ck_assert_double_ge(low.uncertainty + low.disagreement / 120, targets[k]);
        ck_assert_double_le(high.uncertainty + high.disagreement / 120, targets[k]);
        end_both(&b);
    }
    remove("project.txt");
}
END_TEST

/* A complete graph is one class of agents: two modes, and the well-mixed law in closed form (moments.md). */
START_TEST(complete_graph)
{
    qsg_model model = model_of("agents=80 alpha=0.2385 bandwidth=2 init=onehot:10,70");
    qsg_model graph = model_of("agents=80 alpha=0.2385 bandwidth=2 init=onehot:10,70 graph=er:1:1");
    double room[320], weight[80], rate, low, high, next, accuracy, *mode = NULL;
    pair_population p = {.model = &graph, .form = PAIR_GRAPH,
                         .law = {.n = 80, .agents = 80, .size = room, .alpha = room + 80, .self = room + 160,
                                 .bandwidth = room + 240, .exchange = QSG_ONEWAY}};
    pair_project *project = NULL;
    pair_graph agents;
    pair_map map;
    qsg_moments start, want, got;
    for (int i = 0; i < 80; i++) {
        room[i] = 1;
        room[80 + i] = 0.2385;
        room[160 + i] = 0;
        room[240 + i] = 2;
        weight[i] = 1.0 / 80;
    }
    ck_assert_int_eq(qsg_contacts_init(&p.law.contacts, &graph, NULL), QSG_OK);
    ck_assert_int_eq(pair_slowest_rate(&p.law, weight, true, 1e12, &rate, &low, &high, &next, &mode, NULL), QSG_OK);
    ck_assert_int_eq(pair_graph_init(&agents, &map, &p.law, weight, NULL), QSG_OK);
    ck_assert_uint_eq(agents.level.n, 1);
    ck_assert_int_eq(pair_project_new(&project, &agents, &p, weight, rate, mode, 1e12, NULL), QSG_OK);
    ck_assert_int_eq(qsg_moments_start(&model, &start, NULL), QSG_OK);
    for (uint64_t t = 1; (double)t < 30 / rate; t *= 7) {
        ck_assert_int_eq(qsg_moments_evolve(&model, &start, t, &want, NULL), QSG_OK);
        ck_assert_int_eq(pair_project_at(project, (double)t, &got, &accuracy, NULL), QSG_OK);
        ck_close(got.uncertainty, want.uncertainty, 1e-10);
        ck_close(got.disagreement, want.disagreement, 1e-10);
        ck_assert_double_lt(accuracy, 1e-9);
    }
    pair_project_free(project);
    pair_graph_free(&agents);
    free(mode);
    qsg_contacts_free(&p.law.contacts);
    qsg_model_free(&graph);
    qsg_model_free(&model);
}
END_TEST

/* Where no weights make the map symmetric it is refused: longer messages and unequal degrees; voters not sure at the start. */
START_TEST(refusals)
{
    static const char *const texts[] = {"agents=40 alpha=0.5 bandwidth=2 graph=project.txt",
                                        "agents=40 alpha=1 graph=project.txt"};
    for (size_t k = 0; k < 2; k++) {
        both_ways b = {0};
        write_edges("path", 40);
        start_both(&b, texts[k], QSG_ENOEXIST);
        ck_assert_ptr_null(b.project);
        end_both(&b);
    }
    remove("project.txt");
}
END_TEST

RUN_TESTS("pair projection", projection_and_series, time_to_target, times_asked_first, complete_graph, refusals)
