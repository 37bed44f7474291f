/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "qsg/influence.h"
#include "qsg/pairs.h"

static int slow_rate(const qsg_model *model)
{
    qsg_pair_moments *pairs = NULL;
    double rate, accuracy;
    const int failed = qsg_pair_moments_new(&pairs, model, NULL) || qsg_pair_moments_slow_rate(pairs, &rate, &accuracy, NULL);
    qsg_pair_moments_free(pairs);
    return failed;
}

static int consensus_time(const qsg_model *model)
{
    qsg_pair_moments *pairs = NULL;
    double rate, accuracy, t;
    const int failed = qsg_pair_moments_new(&pairs, model, NULL) || qsg_pair_moments_slow_rate(pairs, &rate, &accuracy, NULL) ||
                       qsg_pair_moments_consensus_time(pairs, 0.95, &t, NULL);
    qsg_pair_moments_free(pairs);
    return failed;
}

static int influence(const qsg_model *model)
{
    qsg_influence made = {0};
    const int failed = qsg_influence_init(&made, model, NULL) != QSG_OK;
    qsg_influence_free(&made);
    return failed;
}

/* Processor time and largest memory of a process of its own, the making of the graph included. */
static void time_process(const char *what, const char *settings, int (*work)(const qsg_model *))
{
    struct rusage used = {0};
    int status = 1;
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        qsg_model model = {0};
        _exit(qsg_model_parse(&model, settings, NULL) || work(&model));
    }
    if (child < 0 || wait4(child, &status, 0, &used) != child)
        status = 1;
    const double seconds = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                           1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
    printf("%s\t%s\t%.3f\t%.1f%s\n", what, settings, seconds, (double)used.ru_maxrss / 1024, status ? "\tfailed" : "");
}

void bench_graphs(void)
{
    char settings[96];
    printf("\n\n# graphs: processor seconds and MB of a process, all threads together\n# what\tmodel\tseconds\tMB\n");
    static const int sizes[] = {50, 200, 500, 1000, 2000, 5000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const int n = sizes[i];
        snprintf(settings, sizeof settings, "agents=%d alpha=0.5 graph=ring", n);
        time_process("slow rate", settings, slow_rate);
        snprintf(settings, sizeof settings, "agents=%d alpha=0.5 graph=star", n);
        time_process("slow rate", settings, slow_rate);
        snprintf(settings, sizeof settings, "agents=%d alpha=0.5 graph=er:%g:1", n, 15.0 / n);
        time_process("slow rate", settings, slow_rate);
        snprintf(settings, sizeof settings, "agents=%d alpha=0.5 graph=ba:1:1", n);
        time_process("slow rate", settings, slow_rate);
    }
    for (int n = 500; n <= 2000; n *= 2) { /* a dense graph, where the series does it, and a tree, where it would be long */
        snprintf(settings, sizeof settings, "agents=%d alpha=0.5 graph=er:%g:1", n, 15.0 / n);
        time_process("consensus time", settings, consensus_time);
        snprintf(settings, sizeof settings, "agents=%d alpha=0.5 graph=ba:1:1", n);
        time_process("consensus time", settings, consensus_time);
    }
    for (int n = 1000; n <= 1000000; n *= 10) {
        snprintf(settings, sizeof settings, "agents=%d alpha=0.5 graph=ba:5:1", n);
        time_process("influence", settings, influence);
    }
}
