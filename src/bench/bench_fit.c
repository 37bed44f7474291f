/* Fits of transcripts: 10^5 utterances of simulated games (doc/theory/inference.md).  SPDX-License-Identifier: GPL-3.0-or-later */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench/bench.h"
#include "qsg/qsg.h"

enum { AGENTS = 20, RUNS = 50, TIME = 2000 };

static double processor_time(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

/* Seconds of processor time to evaluate the likelihood with slopes and information, to find the maximum, and to find it with
 * the interval of alpha. */
static void time_fit(const char *text, unsigned groups, size_t parameters)
{
    const double theta[] = {0.2, 0, 1 / 0.9, 0.1, 0.1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    double start[QSG_PAR_FIELD + 10] = {0.1, 0, 1}, gradient[QSG_PAR_FIELD + 10], loglik;
    double information[(QSG_PAR_FIELD + 10) * (QSG_PAR_FIELD + 10)];
    qsg_model model = {0};
    qsg_transcript games = {0};
    qsg_likelihood *likelihood = NULL;
    qsg_maximum best = {0};
    qsg_fit_interval interval;
    bool moved;
    int failed = qsg_model_parse(&model, text, NULL) || qsg_fit_play(&model, theta, RUNS, TIME, 0, 1, &games, NULL) ||
                 qsg_likelihood_new(&model, &games, &likelihood, NULL);
    const qsg_likelihood_request request = {.theta = theta, .groups = groups, .gradient = gradient, .information = information};
    const double begin = processor_time();
    failed = failed || qsg_likelihood_evaluate(likelihood, &request, &loglik, NULL);
    const double evaluated = processor_time();
    failed = failed || qsg_fit_maximize(&best, likelihood, groups, start, NULL, true, NULL);
    const double found = processor_time();
    failed = failed || qsg_fit_interval_of(&best, likelihood, QSG_PAR_ALPHA, 0.95, &interval, &moved, NULL);
    printf("%zu\t%zu\t%.3f\t%.2f\t%.2f%s\n", model.labels, parameters, evaluated - begin, found - evaluated,
           processor_time() - evaluated, failed ? " (failed)" : "");
    qsg_maximum_free(&best);
    qsg_likelihood_free(likelihood);
    qsg_transcript_free(&games);
    qsg_model_free(&model);
}

void bench_fit(void)
{
    const int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    printf("\n\n# fit, 10^5 utterances of %d agents, s of processor time: one evaluation, the maximum, with an interval\n"
           "# K\tparameters\tevaluation\tmaximum\tinterval\n", AGENTS);
    time_fit("agents=20 alpha=0.2", QSG_FIT_ALL & ~QSG_FIT_SELF, 4);
    time_fit("agents=20 alpha=0.2", QSG_FIT_ALL, 5);
    time_fit("agents=20 labels=10 alpha=0.2", QSG_FIT_ALL, 13);
    fflush(stdout);
    omp_set_num_threads(threads);
}
