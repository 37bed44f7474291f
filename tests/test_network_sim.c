/* Populations of agents who differ, and graphs, against exact chains and the well-mixed kernels.  Statistical tests compare
 * at 6 standard errors: 2e-9 a comparison, below 1e-6 for all of this file.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <unistd.h>

#include "harness.h"
#include "sim/population.h"

#define SIGMAS 6
enum { MOST_STATES = 64 };

static population population_as(const qsg_model *model, population_choice choice)
{
    population p;
    qsg_error error = {""};
    ck_assert_msg(population_init_as(&p, model, choice, &error) == QSG_OK, "%s", error.message);
    return p;
}

/* Chance that a listener who hears label k of two adopts it. */
static double adopted(const qsg_model *model, int k)
{
    return model->adoption == 0 ? 1 : 1 / (1 + exp(k == 0 ? -model->adoption : model->adoption));
}

/* Exact law of hard two-label agents at alpha = 1 after `t` interactions, by the contact law: state bit i set: agent i has
 * label 1.  law[] begins with the start. */
static void evolve_chain(const qsg_model *model, int t, double *law)
{
    const size_t n = (size_t)model->agents, states = (size_t)1 << n;
    qsg_contacts c;
    double next[MOST_STATES];
    ck_assert_uint_le(states, MOST_STATES);
    ck_assert_int_eq(qsg_contacts_init(&c, model, NULL), QSG_OK);
    for (; t > 0; t--) {
        for (size_t s = 0; s < states; s++)
            next[s] = law[s] * c.idle;
        for (size_t j = 0; j < n; j++)
            for (uint64_t a = c.first[j]; a < c.first[j + 1]; a++)
                for (size_t s = 0; s < states; s++) {
                    const size_t said = s >> c.speakers[a] & 1, moved = (s & ~((size_t)1 << j)) | said << j;
                    const double q = qsg_model_agent(model, j).alpha == 0 ? 0 : adopted(model, !said);
                    next[moved] += c.chance[a] * law[s] * q;
                    next[s] += c.chance[a] * law[s] * (1 - q);
                }
        memcpy(law, next, states * sizeof *law);
    }
    qsg_contacts_free(&c);
}

static const char *edges_of(const char *content)
{
    static char path[64];
    strcpy(path, "qsg-edges-XXXXXX");
    const int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    FILE *file = fdopen(fd, "w");
    fputs(content, file);
    fclose(file);
    return path;
}

/* The simulated share of every state after t interactions against the exact one; alpha = 1 - 1e-13 would be seen as a
 * wrong state.  40,000 runs: a chance that is off by .015 fails. */
static void check_chain(const char *text, int t, population_choice choice)
{
    enum { RUNS = 40000 };
    qsg_model model = model_of(text);
    population p = population_as(&model, choice);
    double law[MOST_STATES] = {0}, counts[MOST_STATES] = {0}, x[2];
    const size_t states = (size_t)1 << model.agents;
    size_t start = 0;
    bool sure = true; /* an assertion in the loops below would take most of the time */
    for (uint64_t i = 0; i < model.agents; i++) {
        qsg_model_start_belief(&model, i, x);
        start |= (size_t)(x[0] == 1) << i;
    }
    law[start] = 1;
    evolve_chain(&model, t, law);
    for (uint64_t run = 0; run < RUNS; run++) {
        size_t state = 0;
        population_start(&p, 5, run);
        population_advance(&p, (uint64_t)t);
        for (uint64_t i = 0; i < model.agents; i++) {
            population_belief(&p, i, x);
            sure = sure && (x[0] == 0 || x[0] == 1);
            state |= (size_t)(x[0] == 1) << i;
        }
        counts[state]++;
    }
    ck_assert_msg(sure, "%s: a belief between the labels", text);
    for (size_t s = 0; s < states; s++)
        ck_assert_msg(fabs(counts[s] / RUNS - law[s]) <= SIGMAS * sqrt(law[s] * (1 - law[s]) / RUNS) + 1e-15,
                      "%s: state %zu: %g, exact %g", text, s, counts[s] / RUNS, law[s]);
    population_free(&p);
    qsg_model_free(&model);
}

START_TEST(chains)
{
    static const char *const texts[] = {
        "agents=4 alpha=1 graph=torus:1x4 init=onehot:2,2", "agents=4 alpha=1 graph=star init=onehot:1,3",
        "agents=4 alpha=1 graph=star pairs=edge init=onehot:1,3", "agents=4 alpha=1 init=onehot:1,3",
        "agents=4 alpha=1 pairs=with-replacement init=onehot:1,3", "agents=5 alpha=1 zealots=1,1 init=onehot:1,2",
        "agents=4 alpha=1 adoption=0.7 init=onehot:1,3", "agents=5 alpha=1 zealots=1,1 init=onehot:1,2 adoption=-0.4 "
        "pairs=with-replacement", "agents=5 alpha=1 zealots=0,1 init=onehot:2,2 graph=ring adoption=0.5",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (int plain = 0; plain < 2; plain++)
            check_chain(texts[i], 5, (population_choice){.plain_layout = plain != 0, .path = simd_best()});
    char text[160];
    const char *path = edges_of("a b weight\n1 2 1\n2 3 3\n3 1 0.5\n1 4 6\n2 5 0.1\n");
    for (int edge = 0; edge < 2; edge++) { /* agent 6 hears nobody */
        snprintf(text, sizeof text, "agents=6 alpha=1 init=onehot:3,3 graph=%s pairs=%s", path, edge ? "edge" : "distinct");
        check_chain(text, 4, (population_choice){.path = simd_best()});
    }
    unlink(path);
    path = edges_of("speaker listener weight\n1 2 1\n2 3 3\n3 1 0.5\n4 1 6\n2 1 0.1\n");
    for (int edge = 0; edge < 2; edge++) {
        snprintf(text, sizeof text, "agents=4 alpha=1 init=onehot:2,2 graph=%s pairs=%s", path, edge ? "edge" : "distinct");
        check_chain(text, 4, (population_choice){.path = simd_best()});
    }
    unlink(path);
}
END_TEST

typedef struct {
    double sum[2], square[2], wins[64], unresolved, interactions;
} tally;

static qsg_status take(void *context, const qsg_outcome *outcome)
{
    tally *t = context;
    const double values[2] = {outcome->polarization[0], outcome->disagreement[0]};
    for (int i = 0; i < 2; i++) {
        t->sum[i] += values[i];
        t->square[i] += values[i] * values[i];
    }
    if (outcome->resolved)
        t->wins[outcome->leader]++;
    else
        t->unresolved++;
    t->interactions += outcome->interactions;
    return QSG_OK;
}

static tally simulate(const char *text, double time, double horizon, double consensus, uint64_t runs)
{
    tally t = {0};
    qsg_error error = {""};
    qsg_model model = model_of(text);
    const qsg_ensemble_request request = {.times = &time, .n = 1, .runs = runs, .seed = 3, .consensus = consensus,
                                          .horizon = horizon};
    ck_assert_msg(qsg_ensemble_run(&model, &request, take, &t, &error) == QSG_OK, "%s: %s", text, error.message);
    qsg_model_free(&model);
    return t;
}

/* An agents file of N agents whose row i is made by `format` with i. */
static const char *agents_file(const char *header, size_t n, const char *first, size_t split, const char *second)
{
    static char path[64];
    strcpy(path, "qsg-agents-XXXXXX");
    const int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    FILE *file = fdopen(fd, "w");
    fprintf(file, "%s\n", header);
    for (size_t i = 0; i < n; i++)
        fprintf(file, "%zu %s\n", i + 1, i < split ? first : second);
    fclose(file);
    return path;
}

/* The network kernels, forced by an agents file that says the same for everybody, against the exact moments of the
 * well-mixed population: U and V for every exchange, bandwidth and own output. */
START_TEST(identical_agents)
{
    static const struct { const char *options, *row; } rows[] = {
        {"labels=2 alpha=0.4", "0.4 1"}, {"labels=3 alpha=0.4 init=dirichlet:1 bandwidth=2", "0.4 2"},
        {"labels=3 alpha=0.4 self=0.2", "0.4 1"}, {"labels=2 alpha=0.4 self=0.2 exchange=mutual", "0.4 1"},
        {"labels=3 alpha=0.3 exchange=mutual bandwidth=inf init=dirichlet:0.5", "0.3 inf"},
        {"labels=2 alpha=0.2 self=0.1 exchange=broadcast", "0.2 1"}, {"labels=4 alpha=0.2 exchange=broadcast", "0.2 1"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[256], plain[160];
        enum { RUNS = 6000 };
        const uint64_t time = strstr(rows[i].options, "broadcast") ? 15 : 120;
        const char *path = agents_file("agent alpha bandwidth", 12, rows[i].row, 12, "");
        snprintf(plain, sizeof plain, "agents=12 %s", rows[i].options);
        snprintf(text, sizeof text, "%s agents-file=%s", plain, path);
        const tally t = simulate(text, (double)time, 0, 0.95, RUNS);
        qsg_model model = model_of(plain);
        qsg_moments m;
        ck_assert_int_eq(qsg_moments_start(&model, &m, NULL), QSG_OK);
        ck_assert_int_eq(qsg_moments_evolve(&model, &m, (double)time, &m, NULL), QSG_OK);
        const double want[2] = {qsg_moments_polarization(&model, &m), m.disagreement};
        for (int c = 0; c < 2; c++) {
            const double mean = t.sum[c] / RUNS, se = sqrt((t.square[c] / RUNS - mean * mean) / RUNS);
            ck_assert_msg(fabs(mean - want[c]) <= SIGMAS * se, "%s: %d: %g, exact %g, se %g", text, c, mean, want[c], se);
        }
        qsg_model_free(&model);
        unlink(path);
    }
}
END_TEST

/* An explicit complete graph: same law through the pairs of the graph and every kernel that takes them. */
START_TEST(complete_graph_as_a_file)
{
    static const char *const options[] = {"labels=2", "labels=3", "labels=10", "labels=3 bandwidth=3 exchange=mutual",
                                          "labels=2 exchange=broadcast"};
    char edges[1024] = "", text[256], plain[160];
    for (int b = 2; b <= 10; b++)
        for (int a = 1; a < b; a++)
            sprintf(edges + strlen(edges), "%d %d\n", a, b);
    const char *path = edges_of(edges);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        enum { RUNS = 6000 };
        const double time = strstr(options[i], "broadcast") ? 12 : 90;
        snprintf(plain, sizeof plain, "agents=10 alpha=0.3 %s", options[i]);
        snprintf(text, sizeof text, "%s graph=%s", plain, path);
        const tally t = simulate(text, time, 0, 0.95, RUNS);
        qsg_model model = model_of(plain);
        qsg_moments m;
        ck_assert_int_eq(qsg_moments_start(&model, &m, NULL), QSG_OK);
        ck_assert_int_eq(qsg_moments_evolve(&model, &m, time, &m, NULL), QSG_OK);
        const double want[2] = {qsg_moments_polarization(&model, &m), m.disagreement};
        for (int c = 0; c < 2; c++) {
            const double mean = t.sum[c] / RUNS, se = sqrt((t.square[c] / RUNS - mean * mean) / RUNS);
            ck_assert_msg(fabs(mean - want[c]) <= SIGMAS * se, "%s: %d: %g, exact %g, se %g", text, c, mean, want[c], se);
        }
        qsg_model_free(&model);
    }
    unlink(path);
}
END_TEST

/* 6 agents alpha = .1 on label 1 against 6 with .7 on label 2: influence 1/alpha gives 7/8.  6 sigma of 4,000 runs are
 * .031; equal influence would give 1/2.  The threshold is high, because the leader on the way is more often that of the
 * stubborn. */
START_TEST(stubborn_decide)
{
    char text[160];
    const char *path = agents_file("agent alpha belief_1 belief_2", 12, "0.1 1 0", 6, "0.7 0 1");
    snprintf(text, sizeof text, "agents=12 alpha=0.5 agents-file=%s", path);
    const tally t = simulate(text, 0, 1e6, 0.9999, 4000);
    ck_assert_double_eq(t.unresolved, 0);
    ck_close_abs(t.wins[0] / 4000, 0.875, SIGMAS * sqrt(0.875 * 0.125 / 4000));
    unlink(path);
}
END_TEST

/* Zealots of both kinds, alpha = 1: the stationary law of the free agents' label 1, detailed balance by the
 * ratio W+(n)/W-(n+1); and consensus is not waited for.  A run a sample, 40 relaxation times after its start. */
START_TEST(zealots_stationary)
{
    enum { RUNS = 20000, FREE = 9 };
    static const struct { const char *options; double h0; } rows[] = {{"", 0}, {" adoption=0.6", 0.6}};
    for (int r = 0; r < 2; r++) {
        char text[128];
        double law[FREE + 1] = {1}, counts[FREE + 1] = {0}, sum = 1, x[2];
        bool judged = true;
        snprintf(text, sizeof text, "agents=12 alpha=1 pairs=with-replacement zealots=1,2 init=onehot:4,5%s", rows[r].options);
        qsg_model model = model_of(text);
        population p = population_as(&model, (population_choice){.path = simd_best()});
        for (int n = 0; n < FREE; n++) {
            law[n + 1] = law[n] * exp(rows[r].h0) * (FREE - n) * (1 + n) / ((n + 1.) * (2 + FREE - (n + 1)));
            sum += law[n + 1];
        }
        for (uint64_t run = 0; run < RUNS; run++) {
            int n = 0;
            population_start(&p, 2, run);
            judged = judged && !population_can_agree(&p, 0.95) && population_can_agree(&p, 0.7);
            population_advance(&p, 1500);
            for (uint64_t i = 3; i < 12; i++) {
                population_belief(&p, i, x);
                n += x[0] == 1;
            }
            counts[n]++;
        }
        ck_assert(judged);
        for (int n = 0; n <= FREE; n++)
            ck_close_abs(counts[n] / RUNS, law[n] / sum, SIGMAS * sqrt(law[n] / sum / RUNS));
        population_free(&p);
        qsg_model_free(&model);
    }
}
END_TEST

/* Evidence commits agents independently: means and variance of the numbers of committed agents. */
START_TEST(evidence_commits)
{
    enum { RUNS = 20000 };
    qsg_model model = model_of("agents=20 alpha=0.5 evidence=0.1,0.25 init=0.5,0.5");
    population p = population_as(&model, (population_choice){.path = simd_best()});
    double mean[2] = {0}, square = 0, x[2];
    bool kept = true, counted = true;
    for (uint64_t run = 0; run < RUNS; run++) {
        double n[2] = {0};
        population_start(&p, 9, run);
        for (uint64_t i = 0; i < 20; i++) {
            population_belief(&p, i, x);
            kept = kept && p.keep[i] == (x[0] == 0.5 ? 0.5 : 1);
            n[0] += x[0] == 1;
            n[1] += x[1] == 1;
        }
        counted = counted && (double)p.fixed == n[0] + n[1];
        mean[0] += n[0] / RUNS;
        mean[1] += n[1] / RUNS;
        square += n[0] * n[0] / RUNS;
    }
    ck_assert(kept && counted);
    ck_close_abs(mean[0], 2, SIGMAS * sqrt(20 * 0.1 * 0.9 / RUNS));
    ck_close_abs(mean[1], 5, SIGMAS * sqrt(20 * 0.25 * 0.75 / RUNS));
    ck_close_abs(square - mean[0] * mean[0], 1.8, SIGMAS * 1.8 * sqrt(2.4 / RUNS));
    population_free(&p);
    qsg_model_free(&model);
}
END_TEST

/* Runs that cannot agree end at once; those whose parts have agreed for themselves jump to the end. */
START_TEST(no_endless_runs)
{
    const char *path = edges_of("1 2\n2 3\n4 5\n5 6\n");
    char text[160];
    tally t = simulate("agents=9 alpha=0.5 zealots=2,2", 10, 1e18, 0.95, 50);
    ck_assert(t.unresolved == 50 && t.interactions == 500);
    t = simulate("agents=9 alpha=0.5 zealots=2,0 init=0,1", 10, 1e18, 0.95, 50);
    ck_assert(t.unresolved == 0 && t.wins[0] == 50);
    for (int c = 0; c < 4; c++) {
        static const char *const options[] = {"", " labels=3", " labels=60", " self=0.2 exchange=mutual"};
        snprintf(text, sizeof text, "agents=7 alpha=0.5 graph=%s%s", path, options[c]);
        t = simulate(text, 0, 1e18, 0.95, 20); /* agent 7 is alone, undecided */
        ck_assert_double_eq(t.unresolved, 20);
        snprintf(text, sizeof text, "agents=6 alpha=0.5 graph=%s%s", path, options[c]);
        t = simulate(text, 0, 1e18, 0.95, 40); /* two parts agree by chance in 1/K of the runs */
        ck_assert_double_gt(t.unresolved, 5);
        ck_assert_double_lt(t.unresolved, 40.5);
    }
    unlink(path);
    t = simulate("agents=4 alpha=0.5 zealots=2,2", 1e18, 1e18, 0.95, 2);
    ck_assert_double_eq(t.unresolved, 2);
}
END_TEST

/* The same bytes on every instruction set, and on one and two threads. */
START_TEST(paths_agree)
{
    static const char *const texts[] = {
        "agents=12 alpha=0.4 graph=er:0.3:1", "agents=12 labels=5 alpha=0.4 graph=ring zealots=1,1,0,0,0 temper=0.8",
        "agents=12 alpha=0.4 zealots=1,2 adoption=0.3 pairs=with-replacement innovation=0.1", "agents=12 labels=3 alpha=0.4 "
        "graph=star exchange=broadcast field=0.1,0,0", "agents=12 alpha=0.4 evidence=0.1,0.1 exchange=mutual self=0.1"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        qsg_model model = model_of(texts[i]);
        double first[64] = {0}, x[5];
        for (int path = 0; path < SIMD_PATHS; path++) {
            if (!simd_has((simd_path)path))
                continue;
            population p = population_as(&model, (population_choice){.path = (simd_path)path});
            population_start(&p, 1, 4);
            population_advance_until(&p, 0.999, 777);
            population_advance(&p, 999);
            for (uint64_t a = 0; a < model.agents; a++) {
                double sum = 0;
                population_belief(&p, a, x);
                for (size_t k = 0; k < model.labels; k++)
                    sum += x[k];
                ck_close(sum, 1, 1e-12);
                if (path == 0)
                    first[a] = x[0];
                ck_assert_double_eq(first[a], x[0]);
            }
            population_free(&p);
        }
        qsg_model_free(&model);
    }
}
END_TEST

RUN_TESTS("network_sim", chains, identical_agents, complete_graph_as_a_file, stubborn_decide, zealots_stationary,
          evidence_commits, no_endless_runs, paths_agree)
