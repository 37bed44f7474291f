/* Timings as TSV (doc/performance.md): ns per interaction of the simulation, beside what its random numbers cost alone
 * and beside the best public simulation of this model.  Populations are kept out of consensus by restarting them every
 * N^2/alpha^2 interactions.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/bench.h"
#include "base/rng.h"
#include "qsg/qsg.h"
#include "sim/population.h"

/* A case runs for this long in each of its rounds; the fastest round counts. */
#define SECONDS 0.02
#define ROUNDS 9
#define CONSENSUS 0.95

static volatile uint64_t sink; /* keeps what is timed from being optimized away */

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Processor time, so that other users of the machine count little. */
static double now(void)
{
    return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

/* The shorter time; NaN once a call has failed. */
static double faster(double best, double time)
{
    return isnan(best) || isnan(time) ? NAN : fmin(best, time);
}

/* ns for two raw draws of one xoshiro256++, one after another */
static double time_scalar_draws(void)
{
    rng_stream stream = rng_stream_of(1, 2);
    const uint64_t n = UINT64_C(1) << 22;
    double best = INFINITY;
    for (int round = 0; round < ROUNDS; round++) {
        const double start = now();
        uint64_t sum = 0;
        for (uint64_t i = 0; i < 2 * n; i++)
            sum += rng_next(&stream);
        sink = sum;
        best = fmin(best, (now() - start) / (double)n);
    }
    return best * 1e9;
}

/* ns for one pair of agents and one uniform number, made in blocks: the floor of an interaction with m = 1 */
static double time_blocks(uint64_t agents, simd_path path)
{
    rng_block block;
    const int n = 20000;
    double best = INFINITY;
    rng_block_start(&block, 1, 2, agents, path);
    for (int round = 0; round < ROUNDS; round++) {
        const double start = now();
        for (int i = 0; i < n; i++) {
            rng_block_fill_pairs(&block);
            block.next_uniform = block.uniforms;
            rng_block_fill_uniforms(&block);
        }
        best = fmin(best, (now() - start) / n / RNG_BLOCK);
    }
    sink = block.speaker[0] + (uint64_t)block.uniform[0];
    return best * 1e9;
}

/* ns per interaction; threshold 0: without the consensus test */
static double time_population(population *p, uint64_t restart, double threshold)
{
    double best = INFINITY;
    uint64_t run = 0;
    for (int round = 0; round < ROUNDS; round++) {
        const double start = now();
        double spent = 0;
        uint64_t made = 0;
        while (spent < SECONDS) {
            /* looks at the clock are far apart: they cost as much as a hundred interactions */
            for (uint64_t slice = 20000 + 4 * p->agents; slice > 0;) {
                if (run == 0 || p->time >= restart)
                    population_start(p, 1, run++);
                const uint64_t from = p->time, left = restart - from, until = from + (left < slice ? left : slice);
                if (!(threshold > 0) || population_advance_until(p, threshold, until))
                    population_advance(p, until);
                slice -= until - from;
                made += until - from;
            }
            spent = now() - start;
        }
        best = fmin(best, spent / (double)made);
    }
    return best * 1e9;
}

typedef struct {
    double plain, tested;
    qsg_model model;
} timing;

static timing time_model(const char *text, simd_path path)
{
    timing t = {NAN, NAN, {0}};
    qsg_error error;
    population p = {0};
    if (qsg_model_parse(&t.model, text, &error) ||
        population_init_as(&p, &t.model, (population_choice){.path = path}, &error)) {
        fprintf(stderr, "qsg-bench: %s\n", error.message);
        exit(EXIT_FAILURE);
    }
    const double n = (double)t.model.agents;
    const uint64_t restart = (uint64_t)(n * n / (t.model.alpha * t.model.alpha));
    t.plain = time_population(&p, restart, 0);
    t.tested = time_population(&p, restart, CONSENSUS);
    population_free(&p);
    qsg_model_free(&t.model);
    return t;
}

/* The cases with a public baseline: ns in consensus, ns kept out of it; and the aim with the consensus test. */
static void bench_baselines(double scalar)
{
    static const struct { int labels, agents; double aim, baseline, kept_out; } cases[] = {
        {2, 24, 2.5, 11.4, 15.9}, {2, 1024, 2.5, 12.3, 13.7}, {3, 24, 3.5, 11.7, 18.5}, {8, 1024, 6, 22.4, 22.8},
        {10, 24, 6, 15.9, 25.5}};
    printf("# 1. hard messages beside the best public kernel (ratio: baseline kept out of consensus / tested_ns)\n"
           "# K\tN\tns\ttested_ns\taim_ns\tfloor_ns\ttested/floor\tscalar_draws_ns\tbaseline_ns\tkept_out_ns\tratio\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[64];
        snprintf(text, sizeof text, "agents=%d labels=%d alpha=0.5", cases[i].agents, cases[i].labels);
        const double floor = time_blocks((uint64_t)cases[i].agents, simd_best());
        const timing t = time_model(text, simd_best());
        printf("%d\t%d\t%.2f\t%.2f\t%.1f\t%.2f\t%.1f\t%.2f\t%.1f\t%.1f\t%.1f\n", cases[i].labels, cases[i].agents, t.plain,
               t.tested, cases[i].aim, floor, t.tested / floor, scalar, cases[i].baseline, cases[i].kept_out,
               cases[i].kept_out / t.tested);
        fflush(stdout);
    }
}

static void bench_options(void)
{
    static const char *const options[] = {"bandwidth=3", "bandwidth=1000", "bandwidth=inf", "self=0.2", "innovation=0.1",
                                          "exchange=mutual", "exchange=broadcast", "temper=0.5", "field=0.1"};
    printf("\n\n# 2. other options, N = 24, ns with K = 2 and K = 10 (floor: one pair, one uniform number)\n"
           "# option\tK=2\tK=10\tfloor_ns\n");
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        char two[96], ten[96];
        const bool field = options[i][0] == 'f';
        snprintf(two, sizeof two, "agents=24 labels=2 alpha=0.5 %s", options[i]);
        snprintf(ten, sizeof ten, "agents=24 labels=10 alpha=0.5 %s%s", options[i], field ? ",0,0,0,0,0,0,0,0,0" : "");
        const double floor = time_blocks(24, simd_best());
        printf("%s\t%.2f\t%.2f\t%.2f\n", options[i], time_model(two, simd_best()).plain,
               time_model(ten, simd_best()).plain, floor);
        fflush(stdout);
    }
}

static void bench_networks(void)
{
    static const char *const options[] = {"graph=ring", "graph=er:0.05:1", "graph=star pairs=edge", "graph=ba:5:1",
                                          "pairs=with-replacement", "zealots=10,10", "adoption=0.3",
                                          "graph=ba:5:1 zealots=10,10", "graph=ring exchange=broadcast"};
    printf("\n\n# 2b. graphs and agents who differ, ns with N = 1024: K = 2 and K = 10, without the consensus test\n"
           "# option\tK=2\tK=10\tfloor_ns\n");
    const double floor = time_blocks(1024, simd_best());
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        char two[96], ten[128];
        const char *zealots = strstr(options[i], "zealots");
        snprintf(two, sizeof two, "agents=1024 labels=2 alpha=0.5 %s", options[i]);
        snprintf(ten, sizeof ten, "agents=1024 labels=10 alpha=0.5 %s%s", options[i], zealots ? ",0,0,0,0,0,0,0,0" : "");
        printf("%s\t%.2f\t", options[i], time_model(two, simd_best()).plain);
        if (strstr(options[i], "adoption")) /* two labels only */
            printf("-\t%.2f\n", floor);
        else
            printf("%.2f\t%.2f\n", time_model(ten, simd_best()).plain, floor);
        fflush(stdout);
    }
}

static void bench_growth(void)
{
    printf("\n\n# 3. growth with N, ns with the consensus test\n# N\tK=2\tK=3\tK=10\tfloor_ns\n");
    for (int power = 4; power <= 22; power++) {
        printf("%llu", 1ull << power);
        for (int labels = 2; labels <= 10; labels = labels == 2 ? 3 : labels + 7) {
            char text[64];
            snprintf(text, sizeof text, "agents=%llu labels=%d alpha=0.5", 1ull << power, labels);
            printf("\t%.2f", time_model(text, simd_best()).tested);
        }
        printf("\t%.2f\n", time_blocks(UINT64_C(1) << power, simd_best()));
        fflush(stdout);
    }
    printf("\n\n# 4. growth with K, ns: without and with the consensus test\n"
           "# K\tN=24\tN=24 tested\tN=1024\tN=1024 tested\n");
    for (int labels = 2; labels <= 1024; labels *= 2) {
        char small[64], large[64];
        snprintf(small, sizeof small, "agents=24 labels=%d alpha=0.5", labels);
        snprintf(large, sizeof large, "agents=1024 labels=%d alpha=0.5", labels);
        const timing a = time_model(small, simd_best()), b = time_model(large, simd_best());
        printf("%d\t%.2f\t%.2f\t%.2f\t%.2f\n", labels, a.plain, a.tested, b.plain, b.tested);
        fflush(stdout);
    }
}

static void bench_paths(void)
{
    static const char *const names[SIMD_PATHS] = {"portable", "avx2", "avx512"};
    printf("\n\n# 5. instruction sets, ns with the consensus test\n# path\tK=2 N=24\tK=10 N=24\tfloor_ns\n");
    for (int path = 0; path < SIMD_PATHS; path++)
        if (simd_has((simd_path)path))
            printf("%s\t%.2f\t%.2f\t%.2f\n", names[path],
                   time_model("agents=24 labels=2 alpha=0.5", (simd_path)path).tested,
                   time_model("agents=24 labels=10 alpha=0.5", (simd_path)path).tested,
                   time_blocks(24, (simd_path)path));
}

static qsg_status ignore(void *context, const qsg_outcome *outcome)
{
    *(double *)context += outcome->interactions;
    return QSG_OK;
}

/* Elapsed, not processor, time; the two take turns, so that both meet the same other load. */
static void bench_threads(void)
{
    const double times[] = {2e5}; /* short rounds find both processors free more often */
    double best[2] = {INFINITY, INFINITY}, made = 0;
    qsg_model model = {0};
    if (qsg_model_parse(&model, "agents=1024 labels=2 alpha=0.5", NULL))
        return;
    for (int round = 0; round < 40 * ROUNDS; round++)
        for (unsigned threads = 1; threads <= 2; threads++) {
            qsg_ensemble_request request = {.times = times, .n = 1, .runs = 16, .seed = 1, .consensus = CONSENSUS,
                                            .threads = threads};
            const double start = seconds(CLOCK_MONOTONIC);
            made = 0;
            if (qsg_ensemble_run(&model, &request, ignore, &made, NULL)) {
                fprintf(stderr, "qsg-bench: an ensemble failed\n");
                qsg_model_free(&model);
                return;
            }
            best[threads - 1] = fmin(best[threads - 1], (seconds(CLOCK_MONOTONIC) - start) / made * 1e9);
        }
    printf("\n\n# 6. an ensemble on one and two threads, K = 2, N = 1024, elapsed ns per interaction\n"
           "# one\ttwo\tratio\n%.3f\t%.3f\t%.2f\n", best[0], best[1], best[0] / best[1]);
    qsg_model_free(&model);
}

static void bench_prediction(void)
{
    const double times[] = {0, 500, 1500, 1e12};
    qsg_model model = {0};
    qsg_predict_request request = {.times = times, .n = 4, .consensus = CONSENSUS};
    if (qsg_model_parse(&model, "agents=24 labels=10 alpha=0.5", NULL))
        return;
    const int calls = 100;
    const double start = now();
    for (int i = 0; i < calls; i++) {
        qsg_result *result = qsg_result_new();
        if (qsg_predict(&model, &request, result, NULL))
            fprintf(stderr, "qsg-bench: predict failed\n");
        qsg_result_free(result);
    }
    printf("\n\n# 7. predict N=24 K=10, 4 times: us a call\n%.1f\n", (now() - start) / calls * 1e6);
    qsg_model_free(&model);
}

static double time_map(const char *text)
{
    double p[200], map[200], best = INFINITY;
    qsg_model model = {0};
    if (qsg_model_parse(&model, text, NULL))
        return NAN;
    for (int i = 0; i < 200; i++)
        p[i] = i / 199.0;
    for (int round = 0; round < 3; round++) {
        const double start = now();
        const bool failed = qsg_adiabatic_map(&model, 200, p, map, NULL) != QSG_OK;
        best = faster(best, failed ? NAN : now() - start);
    }
    qsg_model_free(&model);
    return best;
}

static double time_phases(void)
{
    enum { SIDE = 100 };
    double tempers[SIDE], innovations[SIDE];
    double *growth = malloc(SIDE * SIDE * sizeof *growth);
    qsg_regime *regimes = malloc(SIDE * SIDE * sizeof *regimes);
    qsg_model model = {0};
    double spent = NAN;
    for (int i = 0; i < SIDE; i++) {
        tempers[i] = 0.1 + 0.012 * i;
        innovations[i] = 0.002 * i;
    }
    if (growth && regimes && !qsg_model_parse(&model, "agents=100 alpha=0.3", NULL)) {
        const double start = now();
        if (!qsg_kinetic_phases(&model, SIDE, tempers, SIDE, innovations, regimes, growth, NULL))
            spent = now() - start;
        qsg_model_free(&model);
    }
    free(growth);
    free(regimes);
    return spent;
}

static double time_predict(const char *text)
{
    qsg_model model = {0};
    double best = INFINITY;
    if (qsg_model_parse(&model, text, NULL))
        return NAN;
    for (int round = 0; round < 5; round++) {
        qsg_result *result = qsg_result_new();
        const double start = now();
        const bool failed = qsg_predict(&model, &(qsg_predict_request){.consensus = CONSENSUS}, result, NULL) != QSG_OK;
        best = faster(best, failed ? NAN : now() - start);
        qsg_result_free(result);
    }
    qsg_model_free(&model);
    return best;
}

/* A growth rate of many labels, and its error over itself. */
static void bench_many_labels(void)
{
    static const char *const models[] = {"bandwidth=1", "bandwidth=4", "bandwidth=16", "self=0.1", "bandwidth=4 self=0.1 exchange=mutual"};
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        char text[100];
        qsg_model model = {0};
        double rate, se;
        snprintf(text, sizeof text, "agents=100 labels=10 alpha=0.3 temper=0.5 %s", models[i]);
        if (qsg_model_parse(&model, text, NULL))
            continue;
        const double start = now();
        if (!qsg_kinetic_growth_labels(&model, 1, &rate, &se, NULL))
            printf("growth rate to %.1f%%, %s\t%.3f\t2\n", 100 * se / fabs(rate), text, now() - start);
        qsg_model_free(&model);
    }
}

/* The aims of selection: a map of 200 points below 1 s, 100 x 100 growth rates below 20 s, predict with a field below 20 ms. */
static void bench_selection(void)
{
    static const char *const maps[] = {"agents=100 alpha=0.3 temper=0.8", "agents=100 alpha=0.3 temper=0.8 bandwidth=4",
                                       "agents=100 alpha=0.3 temper=0.05"};
    static const char *const models[] = {"agents=100 alpha=0.3 field=0.01", "agents=100 alpha=0.3 field=0.1 temper=0.9",
                                         "agents=100 alpha=0.3 field=0.1 temper=0.9 bandwidth=4",
                                         "agents=100 alpha=0.3 self=0.2 temper=0.9",
                                         "agents=100 alpha=0.3 temper=0.9 exchange=broadcast"};
    printf("\n\n# 9. selection, seconds of one thread\n# what\tseconds\taim\n");
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        printf("map of 200 points, %s\t%.4f\t1\n", maps[i], time_map(maps[i]));
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        printf("predict %s\t%.4f\t%s\n", models[i], time_predict(models[i]), i == 0 ? "0.02" : "-");
    printf("growth rates, 100 x 100 of (T, epsilon)\t%.3f\t20\n", time_phases());
    bench_many_labels();
    fflush(stdout);
}

/* The density of two labels at 200 times, and of three labels to tau = 2, at growing numbers of cells. */
static void bench_density(void)
{
    for (size_t cells = 250; cells <= 8000; cells *= 2) {
        qsg_polynomial_drift drift = {{0}, {0}};
        qsg_fokker_planck fp = {0};
        const double start = now();
        int failed = qsg_fokker_planck_init(&fp, cells, qsg_polynomial_drift_at, &drift, NULL) ||
                     qsg_fokker_planck_start_point(&fp, 0.3, NULL);
        for (int i = 1; i <= 200 && !failed; i++)
            failed = qsg_fokker_planck_advance(&fp, 0.01 * i, NULL);
        printf("# density K=2, %zu cells, 200 times to tau = 2: %.4f s%s\n", cells, now() - start,
               failed ? " (failed)" : "");
        qsg_fokker_planck_free(&fp);
    }
    for (size_t side = 25; side <= 200; side *= 2) {
        const double none[3] = {0}, p[3] = {0.2, 0.3, 0.5};
        qsg_simplex simplex = {0};
        const double start = now();
        const int failed = qsg_simplex_init(&simplex, side, none, none, NULL) ||
                           qsg_simplex_start_point(&simplex, p, NULL) || qsg_simplex_advance(&simplex, 2, NULL);
        printf("# density K=3, %zu a side, to tau = 2: %.4f s%s\n", side, now() - start, failed ? " (failed)" : "");
        qsg_simplex_free(&simplex);
    }
}

/* Paths of the diffusion limit, one thread: ns per path and time, 20 times 0.1 apart in tau, preparation included;
 * field and innovation scaled so that gamma = 1 and theta = 1. */
static double time_limit(double n, int labels, double gamma, double theta)
{
    char text[160];
    double times[20], best = INFINITY, sum = 0;
    qsg_model model = {0};
    qsg_diffusion diffusion;
    /* (density.md, eq. 17-18) gamma = h N, theta = 3 innovation N for large N */
    snprintf(text, sizeof text, "agents=%.0f labels=%d alpha=0.5 innovation=%.17g field=%.17g", n, labels,
             theta / 3 / n, gamma / n);
    if (gamma == 0)
        *strstr(text, " field") = 0;
    if (qsg_model_parse(&model, text, NULL))
        return NAN;
    if (qsg_diffusion_of(&model, &diffusion, NULL)) {
        qsg_model_free(&model);
        return NAN;
    }
    for (int i = 0; i < 20; i++)
        times[i] = nearbyint(0.1 * (i + 1) / diffusion.rate);
    const qsg_ensemble_request request = {.times = times, .n = 20, .runs = 5000, .seed = 1, .consensus = CONSENSUS,
                                          .threads = 1};
    for (int round = 0; round < ROUNDS; round++) {
        const double start = now();
        const bool failed = qsg_paths_run(&model, &request, ignore, &sum, NULL) != QSG_OK;
        best = faster(best, failed ? NAN : (now() - start) / (double)(request.runs * request.n));
    }
    qsg_model_free(&model);
    return best * 1e9;
}

static void bench_limit(void)
{
    printf("\n\n# 8. simulate --method diffusion, ns per path and time, 20 times 0.1/slow_rate apart\n"
           "# N\tK=2\tK=10\tgamma=1\ttheta=1\n");
    for (double n = 1e3; n <= 1e12; n *= 10) {
        printf("%.0e\t%.0f\t%.0f\t%.0f\t%.0f\n", n, time_limit(n, 2, 0, 0), time_limit(n, 10, 0, 0),
               time_limit(n, 2, 1, 0), time_limit(n, 2, 0, 1));
        fflush(stdout);
    }
}

/* Exact chains: a million copiers with their law, 4,000 decay rates, and the phase map of the flag game. */
static void bench_chains(void)
{
    const double times[] = {1e12};
    double evidence[2 * 65], start = now();
    qsg_flag_outcome outcomes[65];
    qsg_model model = {0};
    qsg_predict_request request = {.times = times, .n = 1, .consensus = CONSENSUS};
    qsg_chain chain = {0};
    double *rates = malloc(4000 * sizeof *rates);
    qsg_result *result = qsg_result_new();
    int failed = !rates || qsg_model_parse(&model, "agents=1000000 alpha=1 adoption=1e-6 init=onehot:500000,500000", NULL);
    if (!failed)
        failed = qsg_predict(&model, &request, result, NULL);
    printf("\n\n# chains, s\n# predict, 10^6 copiers\t%.2f%s\n", now() - start, failed ? " (failed)" : "");
    qsg_result_free(result);
    qsg_model_free(&model);
    start = now();
    const qsg_chain_spec spec = {.agents = 4000, .adoption = 0.001, .prior = 0.5};
    failed = !rates || qsg_chain_init_spec(&chain, &spec, NULL) || qsg_chain_rates(&chain, 3999, rates, NULL);
    printf("# all decay rates, 4,000 copiers\t%.2f%s\n", now() - start, failed ? " (failed)" : "");
    qsg_chain_free(&chain);
    free(rates);
    for (int i = 0; i < 65; i++) {
        evidence[2 * i] = 0.45 * (1 - i / 64.0);
        evidence[2 * i + 1] = 0.45 * i / 64.0;
    }
    start = now();
    for (uint64_t n = 2; n <= 128 && !failed; n++)
        failed = qsg_flag_outcomes(&(qsg_flag_game){n, 0.3, 0.5, 0.85, 0.25}, 65, evidence, outcomes, NULL);
    printf("# flag game, N = 2 .. 128, 65 rival shares\t%.2f%s\n", now() - start, failed ? " (failed)" : "");
}

static void bench_kernel(void)
{
    printf("# ns per interaction on one thread, alpha 0.5, m 1 unless said, restarted every N^2/alpha^2 interactions\n"
           "# ns: beliefs only; tested_ns: with the consensus test (U >= %g) after every interaction\n"
           "# floor_ns: the random numbers alone, a pair and a uniform number; scalar_draws_ns: two raw 64-bit draws\n",
           CONSENSUS);
    bench_baselines(time_scalar_draws());
    bench_options();
    bench_networks();
    bench_growth();
    bench_paths();
    bench_threads();
}

static void bench_theory(void)
{
    bench_prediction();
    bench_limit();
    bench_selection();
    bench_density();
    bench_chains();
}

static const struct {
    const char *name;
    void (*run)(void);
} parts[] = {{"kernel", bench_kernel}, {"theory", bench_theory}, {"graphs", bench_graphs}, {"fit", bench_fit}};

/* qsg-bench [PART]: all of them, or one. */
int main(int argc, char **argv)
{
    bool any = false;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (argc < 2 || strcmp(argv[1], parts[i].name) == 0) {
            parts[i].run();
            any = true;
        }
    if (!any)
        fprintf(stderr, "qsg-bench: no such part (%s); expected kernel, theory, graphs or fit\n", argv[1]);
    return any ? EXIT_SUCCESS : 2;
}
