/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

#include <lapacke.h>

#include "pair_reference.h"
#include "theory/pair_graph.h"
#include "theory/pair_power.h"
#include "theory/pair_start.h"

static qsg_pair_moments *pairs_of(const qsg_model *model)
{
    qsg_pair_moments *pairs = NULL;
    qsg_error error = {""};
    ck_assert_msg(qsg_pair_moments_new(&pairs, model, &error) == QSG_OK, "%s", error.message);
    return pairs;
}

static qsg_moments moments_at(qsg_pair_moments *pairs, double t)
{
    qsg_moments at = {-1, -1};
    qsg_error error = {""};
    ck_assert_msg(qsg_pair_moments_evolve(pairs, t, &at, &error) == QSG_OK, "t = %g: %s", t, error.message);
    return at;
}

static double rate_of(qsg_pair_moments *pairs)
{
    double rate = -1, accuracy;
    qsg_error error = {""};
    ck_assert_msg(qsg_pair_moments_slow_rate(pairs, &rate, &accuracy, &error) == QSG_OK, "%s", error.message);
    return rate;
}

/* Whether every entry of the pair moments is that of moments.h, whose map is another one. */
static void same_as_well_mixed(const char *network, const char *mixed, double tolerance)
{
    qsg_model model = model_of(network), well_mixed = model_of(mixed);
    qsg_pair_moments *pairs = pairs_of(&model);
    qsg_moments start;
    double rate, t, same;
    ck_assert_int_eq(qsg_moments_start(&well_mixed, &start, NULL), QSG_OK);
    ck_assert_int_eq(qsg_moments_slow_rate(&well_mixed, &rate, NULL), QSG_OK);
    ck_close(rate_of(pairs), rate, tolerance);
    for (double time = 0; time < 30 / rate; time = ceil(1.7 * time + 1)) {
        qsg_moments want;
        const qsg_moments got = moments_at(pairs, time);
        ck_assert_int_eq(qsg_moments_evolve(&well_mixed, &start, time, &want, NULL), QSG_OK);
        ck_close(got.uncertainty, want.uncertainty, tolerance);
        ck_close(got.disagreement, want.disagreement, tolerance);
    }
    ck_assert_int_eq(qsg_pair_moments_consensus_time(pairs, 0.95, &t, NULL), QSG_OK);
    ck_assert_int_eq(qsg_moments_consensus_time(&well_mixed, &start, 0.95, &same, NULL), QSG_OK);
    ck_close(t, same, 1e-9);
    qsg_pair_moments_free(pairs);
    qsg_model_free(&model);
    qsg_model_free(&well_mixed);
}

/* The complete graph in every guise is the well-mixed population (theory: all of moments.md). */
START_TEST(complete_graph)
{
    same_as_well_mixed("agents=24 labels=10 alpha=0.5 graph=er:1:1", "agents=24 labels=10 alpha=0.5", 1e-12);
    same_as_well_mixed("agents=24 alpha=0.3 bandwidth=3 graph=er:1:1 pairs=edge exchange=mutual self=0.2",
                       "agents=24 alpha=0.3 bandwidth=3 exchange=mutual self=0.2", 1e-12);
    same_as_well_mixed("agents=3 alpha=0.7 graph=ring self=0.2", "agents=3 alpha=0.7 self=0.2", 1e-12);
    same_as_well_mixed("agents=2 alpha=0.7 graph=star", "agents=2 alpha=0.7", 1e-12);
    same_as_well_mixed("agents=20 labels=3 alpha=0.9 graph=er:1:1 init=onehot:5,6,9",
                       "agents=20 labels=3 alpha=0.9 init=onehot:5,6,9", 1e-12);
}
END_TEST

/* Groups of 10^9 - 2 and 2 agents who are all alike are one population, by a law of two groups. */
START_TEST(a_billion_agents)
{
    static const qsg_exchange exchanges[] = {QSG_ONEWAY, QSG_MUTUAL, QSG_BROADCAST};
    static const char *const texts[] = {"agents=1e9 alpha=0.2385 bandwidth=3 self=0.1",
                                        "agents=1e9 alpha=0.2385 bandwidth=3 self=0.1 exchange=mutual",
                                        "agents=1e9 alpha=0.2385 bandwidth=3 self=0.1 exchange=broadcast"};
    for (int e = 0; e < 3; e++) {
        qsg_model model = model_of(texts[e]);
        double numbers[8] = {999999998, 2, 0.2385, 0.2385, 0.1, 0.1, 3, 3}, start[5] = {0.3, 0.3, 0.4, 0.4, 0.4};
        const double n = 1e9;
        const pair_law law = {.n = 2, .agents = n, .size = numbers, .alpha = numbers + 2, .self = numbers + 4,
                              .bandwidth = numbers + 6, .uniform = 1 / (n * (n - 1)), .exchange = exchanges[e]};
        pair_chain chain;
        pair_power *power;
        double rate, want;
        ck_assert_int_eq(pair_chain_of_groups(&chain, &law, NULL), QSG_OK);
        ck_assert_int_eq(pair_power_new(&power, &chain, NULL), QSG_OK);
        ck_assert_int_eq(pair_power_slow_rate(power, 0, chain.n, &rate, NULL), QSG_OK);
        ck_assert_int_eq(qsg_moments_slow_rate(&model, &want, NULL), QSG_OK);
        ck_close(rate, want, 1e-13);
        for (double t = 1; t < 40 / want; t = ceil(10 * t)) {
            qsg_moments got, expected;
            const qsg_moments first = {0.3, 0.1 * (n - 1)};
            ck_assert_int_eq(pair_power_evolve(power, start, t, &got, NULL), QSG_OK);
            ck_assert_int_eq(qsg_moments_evolve(&model, &first, t, &expected, NULL), QSG_OK);
            ck_close(got.uncertainty, expected.uncertainty, 2e-12);
            /* alpha and 1 - alpha of a broadcast are rounded to 1e-16, of which V is the 1e-9th part */
            ck_close_abs(got.disagreement, expected.disagreement,
                         2e-12 * expected.disagreement + (e == 2 ? 1e-15 * n * expected.uncertainty : 0));
        }
        pair_power_free(power);
        pair_chain_free(&chain);
        qsg_model_free(&model);
    }
}
END_TEST

/* Everything that can happen to three agents in `steps` interactions, from the rules alone. */
typedef struct {
    double alpha[3], self[3];
    int bandwidth[3];
    double chance[3][3]; /* speaker, listener; in a mutual exchange of the pair, in both places half */
    bool mutual;
    double innovation, prior;
} small_world;

static size_t small_messages(const small_world *w, int i, double x, double y[4], double p[4])
{
    const double r = (1 - w->innovation) * x + w->innovation * w->prior;
    const int m = w->bandwidth[i];
    for (int b = 0; b <= m; b++) {
        double ways = 1;
        for (int k = 0; k < b; k++)
            ways = ways * (m - k) / (k + 1);
        y[b] = (double)b / m;
        p[b] = ways * pow(r, b) * pow(1 - r, m - b);
    }
    return (size_t)m + 1;
}

static void unfold(const small_world *w, const double x[3], int steps, double weight, double *u, double *v, double *mean)
{
    if (steps == 0) {
        const double bar = (x[0] + x[1] + x[2]) / 3;
        *u += weight * (bar * bar + (1 - bar) * (1 - bar));
        for (int i = 0; i < 3; i++) {
            *v += weight * 2 * (x[i] - bar) * (x[i] - bar);
            mean[i] += weight * x[i];
        }
        return;
    }
    double idle = 1;
    for (int s = 0; s < 3; s++)
        for (int l = 0; l < 3; l++) {
            double y[4], z[4], py[4], pz[4], next[3];
            if (w->chance[s][l] == 0)
                continue;
            idle -= w->chance[s][l];
            const size_t ny = small_messages(w, s, x[s], y, py);
            const size_t nz = w->mutual ? small_messages(w, l, x[l], z, pz) : 1;
            for (size_t a = 0; a < ny; a++)
                for (size_t b = 0; b < nz; b++) {
                    memcpy(next, x, sizeof next);
                    next[l] += w->alpha[l] * (y[a] - x[l]);
                    next[s] += w->self[s] * (y[a] - x[s]);
                    if (w->mutual) {
                        next[s] += w->alpha[s] * (z[b] - x[s]);
                        next[l] += w->self[l] * (z[b] - x[l]);
                    }
                    unfold(w, next, steps - 1, weight * w->chance[s][l] * py[a] * (w->mutual ? pz[b] : 1), u, v, mean);
                }
        }
    if (idle > 1e-15)
        unfold(w, x, steps - 1, weight * idle, u, v, mean);
}

/* The law of the chain, of the map of a graph, and the listing, for three agents who differ in everything. */
static void check_small(const small_world *w, const double x[3], double tolerance)
{
    double numbers[12] = {1, 1, 1}, block[9] = {0}, chance[6];
    uint32_t speakers[6];
    uint64_t first[4] = {0, 2, 4, 6};
    for (int i = 0; i < 3; i++) {
        numbers[3 + i] = w->alpha[i];
        numbers[6 + i] = w->self[i];
        numbers[9 + i] = w->bandwidth[i];
        for (int j = 0, k = 0; j < 3; j++) {
            block[3 * i + j] = w->chance[i][j];
            if (j != i) {
                speakers[2 * i + k] = (uint32_t)j;
                chance[2 * i + k++] = w->chance[j][i];
            }
        }
    }
    const double rho[2] = {w->prior, 1 - w->prior};
    pair_law law = {.n = 3, .agents = 3, .size = numbers, .alpha = numbers + 3, .self = numbers + 6,
                    .bandwidth = numbers + 9, .block = block, .exchange = w->mutual ? QSG_MUTUAL : QSG_ONEWAY,
                    .innovation = w->innovation, .spread = 1 - rho[0] * rho[0] - rho[1] * rho[1]};
    pair_chain chain;
    pair_power *power;
    double start[16] = {0}, own[16] = {0};
    ck_assert_int_eq(pair_chain_of_groups(&chain, &law, NULL), QSG_OK);
    for (size_t a = 0; a < 3; a++)
        for (size_t b = 0; b <= a; b++) {
            const double h = x[a] * (1 - x[b]) + x[b] * (1 - x[a]);
            own[3 * a + b] = own[3 * b + a] = h;
            own[9 + a] = own[4 * a];
            start[a == b ? a : pair_state_pair(&law, a, b)] = h;
        }
    for (size_t a = 0; a < 3 && w->innovation > 0; a++)
        own[12 + a] = start[pair_state_single(&law, a)] = rho[0] * (1 - x[a]) + rho[1] * x[a];
    if (w->innovation > 0)
        own[15] = start[chain.n - 1] = 1;
    ck_assert_int_eq(pair_power_new(&power, &chain, NULL), QSG_OK);
    law.contacts = (qsg_contacts){3, 6, first, speakers, chance, 0};
    law.block = NULL;
    pair_map map;
    pair_graph graph;
    pair_series *series = NULL;
    const double weight[3] = {1, 1, 1};
    const qsg_status known = pair_graph_init(&graph, &map, &law, weight, NULL);
    if (!known)
        ck_assert_int_eq(pair_series_new(&series, &map, own, false, false, 1e9, NULL), QSG_OK);
    else
        ck_assert_int_eq(known, QSG_EMODEL);
    for (int t = 0; t <= 3; t++) {
        double u = 0, v = 0, mean[3] = {0};
        qsg_moments got, same;
        unfold(w, x, t, 1, &u, &v, mean);
        ck_assert_int_eq(pair_power_evolve(power, start, t, &got, NULL), QSG_OK);
        ck_close_abs(1 - got.uncertainty - got.disagreement / 3, u, tolerance);
        ck_close_abs(got.disagreement, v, 3 * tolerance);
        if (known)
            continue;
        ck_assert_int_eq(pair_series_at(series, t, &same, NULL), QSG_OK);
        ck_close_abs(same.uncertainty, got.uncertainty, tolerance);
        ck_close_abs(same.disagreement, got.disagreement, tolerance);
    }
    pair_series_free(series);
    if (!known)
        pair_graph_free(&graph);
    pair_power_free(power);
    pair_chain_free(&chain);
}

START_TEST(three_agents_enumerated)
{
    const double x[3] = {0.2385, 0.9, 0.45};
    small_world w = {.alpha = {0.3, 0.85, 0.5}, .bandwidth = {1, 3, 2}, .prior = 0.3,
                     .chance = {{0, 0.1, 0.25}, {0.05, 0, 0.2}, {0.3, 0.06, 0}}};
    check_small(&w, x, 2e-14);
    w.self[0] = 0.4, w.self[1] = 0.1, w.self[2] = 0.25;
    check_small(&w, x, 2e-14);
    w.innovation = 0.17;
    check_small(&w, x, 2e-14);
    w.self[0] = w.self[1] = w.self[2] = 0;
    check_small(&w, x, 2e-14);
    w.alpha[1] = 0; /* committed */
    check_small(&w, x, 2e-14);
    w.innovation = 0;
    w.alpha[1] = 0.85;
    w.self[0] = 0.4, w.self[1] = 0.1, w.self[2] = 0.25;
    w.mutual = true;
    for (int i = 0; i < 3; i++) /* a mutual law is of pairs */
        for (int j = 0; j < i; j++)
            w.chance[i][j] = w.chance[j][i] = 0.08 * (i + j);
    check_small(&w, x, 2e-14);
    w.innovation = 0.17;
    check_small(&w, x, 2e-14);
}
END_TEST

/* Voters (alpha = m = 1): two coalescing walks.  On a ring they are a walk of their distance, absorbed at 0; on a star
 * the pairs hub-leaf and leaf-leaf make a 2 x 2 map. */
START_TEST(voters)
{
    for (int n = 3; n <= 400; n = 2 * n + 1) {
        char text[80];
        snprintf(text, sizeof text, "agents=%d alpha=1 graph=ring", n);
        qsg_model model = model_of(text);
        qsg_pair_moments *pairs = pairs_of(&model);
        ck_close(rate_of(pairs), 4 / (double)n * pow(sin(M_PI / 2 / n), 2), n < 67 ? 1e-13 : 1e-9);
        qsg_pair_moments_free(pairs);
        qsg_model_free(&model);
        snprintf(text, sizeof text, "agents=%d alpha=1 graph=star", n);
        model = model_of(text);
        pairs = pairs_of(&model);
        ck_close(rate_of(pairs), (2 - sqrt(2 * (n - 2.0) / (n - 1))) / n, 1e-13);
        qsg_pair_moments_free(pairs);
        qsg_model_free(&model);
    }
}
END_TEST

/* The slowest rate of graphs against LAPACK's eigenvalues of the whole map. */
START_TEST(rates_by_lapack)
{
    static const char *const texts[] = {
        "agents=14 alpha=0.5 graph=er:0.6:1", "agents=14 alpha=0.5 bandwidth=4 graph=ba:2:5",
        "agents=14 alpha=1 bandwidth=2 graph=ba:1:5", "agents=14 alpha=0.8 graph=er:0.6:1 pairs=edge",
        "agents=14 alpha=0.6 self=0.3 bandwidth=2 graph=ba:2:1 exchange=mutual",
        "agents=14 alpha=0.5 bandwidth=2 graph=er:0.5:7 zealots=2,1"};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        pair_reference r;
        reference_init(&r, texts[k]);
        const size_t n = r.map.n;
        double *unit = calloc(n, sizeof *unit), *matrix = malloc(n * n * sizeof *matrix), *real = malloc(2 * n * sizeof *real);
        for (size_t j = 0; j < n; j++) { /* column j: the change that H_j makes */
            double *column = calloc(n, sizeof *column);
            unit[j] = 1;
            r.map.apply(&r.context, unit, -1, 0, 0, column);
            unit[j] = 0;
            for (size_t i = 0; i < n; i++)
                matrix[i * n + j] = column[i];
            free(column);
        }
        ck_assert_int_eq(LAPACKE_dgeev(LAPACK_ROW_MAJOR, 'N', 'N', (int)n, matrix, (int)n, real, real + n, NULL, (int)n,
                                       NULL, (int)n), 0);
        double least = INFINITY;
        for (size_t i = 0; i < n; i++)
            if (real[i] > 1e-12)
                least = fmin(least, real[i]);
        qsg_pair_moments *pairs = pairs_of(&r.model);
        ck_close(rate_of(pairs), least, 1e-8);
        qsg_pair_moments_free(pairs);
        free(unit);
        free(matrix);
        free(real);
        reference_free(&r);
    }
}
END_TEST

/* The series against the powers of the same map, for a ring of 65 sites and up to times when one mode is left; tolerance
 * absolute, as documented, until then. */
START_TEST(series_and_powers)
{
    static const char *const texts[] = {"agents=65 alpha=0.4 bandwidth=2 graph=ring init=onehot:20,45",
                                        "agents=65 alpha=1 graph=ring init=onehot:20,45",
                                        "agents=60 alpha=0.4 self=0.3 graph=torus:6x10 exchange=mutual init=onehot:20,40"};
    for (size_t k = 0; k < 3; k++) {
        qsg_model model = model_of(texts[k]);
        pair_population p;
        pair_chain chain;
        pair_map map;
        pair_context context;
        pair_series *series;
        qsg_pair_moments *pairs = pairs_of(&model);
        ck_assert(qsg_pair_moments_small(pairs));
        ck_assert_int_eq(pair_population_init(&p, &model, NULL), QSG_OK);
        ck_assert_int_eq(pair_chain_of_torus(&chain, &p.law, p.rows, p.columns, NULL), QSG_OK);
        ck_assert_int_eq(pair_map_of_chain(&map, &context, &chain, NULL), QSG_OK);
        double start[65] = {0}, rate, low, high;
        for (size_t d = 0; d < chain.n; d++)
            for (size_t i = 0; i < chain.n; i++) {
                const size_t j = pair_state_displacement(p.rows, p.columns, i / p.columns + d / p.columns,
                                                         i % p.columns + d % p.columns);
                start[d] += (d ? pair_start_pair(&p, i, j) : 0) / (double)chain.n;
            }
        ck_assert_int_eq(pair_series_new(&series, &map, start, true, false, 1e10, NULL), QSG_OK);
        const double slow = rate_of(pairs);
        for (double t = 0; t < 25 / slow; t = ceil(2.3 * t + 1)) {
            const qsg_moments want = moments_at(pairs, t);
            qsg_moments got;
            ck_assert_int_eq(pair_series_at(series, t, &got, NULL), QSG_OK);
            ck_close_abs(got.uncertainty, want.uncertainty, 1e-12 + 1e-9 * want.uncertainty);
            ck_close_abs(got.disagreement, want.disagreement, 1e-11 + 1e-9 * want.disagreement);
        }
        ck_assert_int_eq(pair_series_rate(series, &rate, &low, &high, NULL), QSG_OK);
        ck_close(rate, slow, 1e-9);
        ck_assert(low <= slow * (1 + 1e-11) && slow <= high * (1 + 1e-11));
        pair_series_free(series);
        pair_context_free(&context);
        pair_chain_free(&chain);
        pair_population_free(&p);
        qsg_pair_moments_free(pairs);
        qsg_model_free(&model);
    }
}
END_TEST

/* One-way edges: the eigenvalues leave the real line and the vectors of the series grow.  Ten agents, powers against the
 * series, to 20 relaxation times: a cycle 1 -> 2 -> .. with a short cut, where the growth is largest. */
START_TEST(series_of_directed_graphs)
{
    char text[80];
    FILE *file = fopen("pairs-cycle.txt", "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "speaker listener weight\n");
    for (int i = 1; i <= 10; i++)
        fprintf(file, "%d %d 1\n", i, i % 10 + 1);
    fprintf(file, "3 9 0.5\n8 1 2\n");
    ck_assert_int_eq(fclose(file), 0);
    for (int m = 1; m <= 3; m += 2) {
        snprintf(text, sizeof text, "agents=10 alpha=0.%d bandwidth=%d graph=pairs-cycle.txt init=onehot:4,6", m + 1, m);
        qsg_model model = model_of(text);
        pair_population p;
        pair_map map;
        pair_graph graph;
        pair_series *series;
        qsg_pair_moments *pairs = pairs_of(&model);
        double start[110], weight[10], rate, low, high;
        for (size_t i = 0; i < 10; i++)
            weight[i] = 1;
        ck_assert(qsg_pair_moments_small(pairs));
        ck_assert_int_eq(pair_population_init(&p, &model, NULL), QSG_OK);
        ck_assert_int_eq(pair_graph_init(&graph, &map, &p.law, weight, NULL), QSG_OK);
        ck_assert(!map.symmetric);
        pair_graph_start(&graph, &p, start);
        ck_assert_int_eq(pair_series_new(&series, &map, start, true, false, 1e10, NULL), QSG_OK);
        const double slow = rate_of(pairs);
        for (double t = 0; t < 20 / slow; t = ceil(1.6 * t + 1)) {
            const qsg_moments want = moments_at(pairs, t);
            qsg_moments got;
            ck_assert_int_eq(pair_series_at(series, t, &got, NULL), QSG_OK);
            ck_close_abs(got.uncertainty, want.uncertainty, 1e-12 + 1e-9 * want.uncertainty);
            ck_close_abs(got.disagreement, want.disagreement, 1e-11 + 1e-9 * want.disagreement);
        }
        ck_assert_int_eq(pair_series_rate(series, &rate, &low, &high, NULL), QSG_OK);
        ck_close(rate, slow, 1e-9);
        pair_series_free(series);
        pair_graph_free(&graph);
        pair_population_free(&p);
        qsg_pair_moments_free(pairs);
        qsg_model_free(&model);
    }
    remove("pairs-cycle.txt");
}
END_TEST

/* Zealots of both labels, and one agent who hears nobody and is not sure: the population's end by the stationary moments is where the moments go. */
START_TEST(committed_agents)
{
    static const char *const texts[] = {"agents=24 alpha=0.5 zealots=2,3", "agents=24 alpha=0.5 bandwidth=2 graph=er:0.3:3 "
                                        "zealots=2,3", "agents=1e9 alpha=0.5 zealots=2,3",
                                        "agents=12 alpha=0.5 graph=pairs-graph.txt init=0.2385,0.7615"};
    FILE *file = fopen("pairs-graph.txt", "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "speaker listener\n1 2\n");
    for (int i = 2; i <= 12; i++)
        fprintf(file, "%d %d\n%d %d\n", i, i < 12 ? i + 1 : 2, i, (i + 3) % 11 + 2);
    ck_assert_int_eq(fclose(file), 0);
    for (int k = 0; k < 4; k++) {
        qsg_model model = model_of(texts[k]);
        qsg_pair_moments *pairs = pairs_of(&model);
        qsg_moments end;
        ck_assert_int_eq(qsg_pair_moments_stationary(pairs, &end, NULL), QSG_OK);
        const qsg_moments late = moments_at(pairs, ceil(40 / rate_of(pairs)));
        ck_assert(end.uncertainty > 0 && end.disagreement > 0);
        ck_close(late.uncertainty, end.uncertainty, 1e-10);
        ck_close(late.disagreement, end.disagreement, 1e-10);
        qsg_pair_moments_free(pairs);
        qsg_model_free(&model);
    }
    remove("pairs-graph.txt");
}
END_TEST

/* Committed agents on a complete graph are those of the well-mixed population; where all are committed nothing moves. */
START_TEST(committed_among_all)
{
    static const char *const texts[][2] = {
        {"agents=12 alpha=0.5 zealots=2,3 init=0.2,0.8 graph=er:1:1", "agents=12 alpha=0.5 zealots=2,3 init=0.2,0.8"},
        {"agents=2 alpha=0.5 zealots=1,0 graph=star", "agents=2 alpha=0.5 zealots=1,0"},
        {"agents=9 alpha=0.4 labels=3 bandwidth=2 zealots=1,2,1 init=dirichlet:0.5 graph=er:1:1",
         "agents=9 alpha=0.4 labels=3 bandwidth=2 zealots=1,2,1 init=dirichlet:0.5"}};
    for (int k = 0; k < 3; k++) {
        qsg_model model[2] = {model_of(texts[k][0]), model_of(texts[k][1])};
        qsg_pair_moments *pairs[2] = {pairs_of(&model[0]), pairs_of(&model[1])};
        for (double t = 0; t < 1e4; t = 5 * t + 1) {
            const qsg_moments got = moments_at(pairs[0], t), want = moments_at(pairs[1], t);
            ck_close_abs(got.uncertainty, want.uncertainty, 1e-13);
            ck_close_abs(got.disagreement, want.disagreement, 1e-12);
        }
        for (int i = 0; i < 2; i++) {
            qsg_pair_moments_free(pairs[i]);
            qsg_model_free(&model[i]);
        }
    }
    qsg_model model = model_of("agents=20 alpha=0.5 graph=er:0.3:3 zealots=8,12");
    qsg_pair_moments *pairs = pairs_of(&model);
    ck_assert_double_eq(rate_of(pairs), 0);
    ck_close_abs(moments_at(pairs, 10).disagreement, 20 * 2 * 0.4 * 0.6, 1e-12);
    ck_assert_double_eq(moments_at(pairs, 1e15).disagreement, moments_at(pairs, 0).disagreement);
    qsg_pair_moments_free(pairs);
    qsg_model_free(&model);
}
END_TEST

START_TEST(errors)
{
    qsg_model model = model_of("agents=12 alpha=0.5 graph=ring");
    qsg_pair_moments *pairs = pairs_of(&model), *none = (qsg_pair_moments *)&model;
    qsg_moments at = {-1, -1};
    double t = -1, size = -1;
    ck_assert_int_eq(qsg_pair_moments_evolve(pairs, -1, &at, NULL), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_pair_moments_evolve(pairs, NAN, &at, NULL), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_pair_moments_evolve(pairs, 0.5, &at, NULL), QSG_EDOMAIN);
    ck_assert_double_eq(at.uncertainty, -1);
    ck_assert_int_eq(qsg_pair_moments_consensus_time(pairs, 1, &t, NULL), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_pair_moments_consensus_time(pairs, NAN, &t, NULL), QSG_EDOMAIN);
    ck_assert_double_eq(t, -1);
    ck_assert_int_eq(qsg_pair_moments_effective_size(&model, 0, &size, NULL), QSG_ENOEXIST);
    qsg_pair_moments_free(pairs);
    qsg_pair_moments_free(NULL);
    qsg_model_free(&model);
    static const char *const refused[] = {"agents=12 alpha=0.5 field=0.1", "agents=12 alpha=0.5 temper=0.9",
                                          "agents=12 alpha=0.5 graph=ring exchange=broadcast",
                                          "agents=5001 alpha=0.5 graph=ba:2:1",
                                          "agents=40 alpha=0.5 graph=ba:2:1 innovation=0.1 self=0.1",
                                          "agents=12 alpha=0.5 zealots=1,0 adoption=0.3"};
    for (size_t k = 0; k < sizeof refused / sizeof *refused; k++) {
        model = model_of(refused[k]);
        ck_assert_int_eq(qsg_pair_moments_new(&none, &model, NULL), QSG_EMODEL);
        ck_assert_ptr_eq(none, &model);
        qsg_model_free(&model);
    }
    model = model_of("agents=12 alpha=0.5 self=0.1 graph=ring");
    ck_assert_int_eq(qsg_pair_moments_effective_size(&model, 0.1, &size, NULL), QSG_EMODEL);
    ck_assert_double_eq(size, -1);
    qsg_model_free(&model);
}
END_TEST

RUN_TESTS("pairs", complete_graph, a_billion_agents, three_agents_enumerated, voters, rates_by_lapack, series_and_powers,
          series_of_directed_graphs, committed_agents, committed_among_all, errors)
