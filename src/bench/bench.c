/* Timings as TSV: ns per interaction of the simulation, beside what its random numbers cost; time of a prediction.
 * One thread.  Populations are kept out of consensus by restarting them every N^2/alpha^2 interactions.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/rng.h"
#include "qsg/qsg.h"
#include "sim/population.h"

/* A case runs for this long in each of its rounds; the fastest round counts. */
#define SECONDS 0.15
#define ROUNDS 5

static volatile uint64_t sink; /* keeps what is timed from being optimized away */

/* Processor time, so that other users of the machine count little. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ns for two raw draws */
static double time_draws(void)
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
    sink = (uint64_t)(p->numbers[0] * 1e9);
    return best * 1e9;
}

static int bench_simulation(const char *name, const char *text, double two_draws)
{
    qsg_model model = {0};
    qsg_error error;
    population p = {0};
    if (qsg_model_parse(&model, text, &error) || population_init(&p, &model, &error)) {
        fprintf(stderr, "qsg-bench: %s\n", error.message);
        qsg_model_free(&model);
        return EXIT_FAILURE;
    }
    const double n = (double)model.agents;
    const uint64_t restart = (uint64_t)(n * n / (model.alpha * model.alpha));
    const double tracking = time_population(&p, restart, 0.95), plain = time_population(&p, restart, 0);
    printf("%s\t%zu\t%llu\t%.2f\t%.2f\t%.2f\t%.2f\n", name, model.labels, (unsigned long long)model.agents, plain,
           tracking, two_draws, plain / two_draws);
    fflush(stdout);
    population_free(&p);
    qsg_model_free(&model);
    return EXIT_SUCCESS;
}

static void bench_prediction(void)
{
    const double times[] = {0, 500, 1500, 1e12};
    qsg_model model = {0};
    qsg_predict_request request = {times, 4, 0.95};
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
    printf("# predict N=24 K=10, 4 times: %.1f us a call\n", (now() - start) / calls * 1e6);
    qsg_model_free(&model);
}

int main(void)
{
    static const struct { const char *name, *model; } cases[] = {
        {"oneway", "agents=24 labels=2 alpha=0.5"},
        {"oneway", "agents=1024 labels=2 alpha=0.5"},
        {"oneway", "agents=24 labels=3 alpha=0.5"},
        {"oneway", "agents=1024 labels=8 alpha=0.5"},
        {"oneway", "agents=24 labels=10 alpha=0.5"},
        {"oneway", "agents=24 labels=1000 alpha=0.5"},
        {"oneway", "agents=1048576 labels=2 alpha=0.5"},
        {"oneway m=inf", "agents=24 labels=10 alpha=0.5 bandwidth=inf"},
        {"oneway m=3", "agents=24 labels=10 alpha=0.5 bandwidth=3"},
        {"oneway m=1000", "agents=24 labels=10 alpha=0.5 bandwidth=1000"},
        {"oneway self=0.2", "agents=24 labels=10 alpha=0.5 self=0.2"},
        {"mutual", "agents=24 labels=10 alpha=0.5 exchange=mutual"},
        {"broadcast", "agents=24 labels=10 alpha=0.5 exchange=broadcast"},
        {"temper 0.5", "agents=24 labels=10 alpha=0.5 temper=0.5"},
        {"temper 0.5", "agents=24 labels=2 alpha=0.5 temper=0.5"},
    };
    const double two_draws = time_draws();
    int code = EXIT_SUCCESS;
    printf("# ns per interaction on one thread, alpha 0.5, m 1 unless said, restarted every N^2/alpha^2 interactions\n"
           "# ns: beliefs only; tracked_ns: with the consensus test after every interaction; two_draws_ns: two raw\n"
           "# 64-bit draws of the stream; ratio: ns / two_draws_ns\n");
    bench_prediction();
    printf("# case\tK\tN\tns\ttracked_ns\ttwo_draws_ns\tratio\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        code |= bench_simulation(cases[i].name, cases[i].model, two_draws);
    return code;
}
