/* Figure of the law of the consensus time.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "qsg/qsg.h"
#include "report/figures.h"

#define AGREED 0.9999 /* U: at most 1/20,000 of the belief is elsewhere, .001 coalescent units before the end */
#define LAST 6.0
/* sup |F_n - F| exceeds this over sqrt(n) in one of 20 ensembles (Dvoretzky, Kiefer, Wolfowitz; Massart) */
#define BAND 1.3581

enum { RUNS = 400, POINTS = 241, SERIES = 3 };
static const size_t labels[SERIES] = {2, 3, 10};

typedef struct {
    double *time;
    size_t n;
    qsg_error *error;
} sample;

static qsg_status take(void *context, const qsg_outcome *outcome)
{
    sample *self = context;
    if (!outcome->resolved)
        return qsg_fail(self->error, QSG_ENUMERIC, "a population of the figure has not agreed after %g interactions",
                        outcome->interactions);
    self->time[self->n++] = outcome->consensus_time;
    return QSG_OK;
}

/* Sorted times of RUNS populations in coalescent units, and the law at the points of the curve. */
static qsg_status produce_one(size_t n_labels, double *time, double *curve, qsg_error *error)
{
    char settings[64];
    qsg_model model = {0};
    qsg_consensus_law law = {0};
    sample s = {.time = time, .error = error};
    double rate = 0;
    const qsg_ensemble_request request = {.runs = RUNS, .seed = n_labels, .consensus = AGREED, .horizon = 1e12};
    snprintf(settings, sizeof settings, "agents=64 alpha=0.3 labels=%zu", n_labels);
    qsg_status status = qsg_model_parse(&model, settings, error);
    if (!status)
        status = qsg_moments_slow_rate(&model, &rate, error);
    if (!status)
        status = qsg_ensemble_run(&model, &request, take, &s, error);
    if (!status)
        status = qsg_consensus_law_init(&law, model.start.p, n_labels, error);
    for (size_t i = 0; i < POINTS && !status; i++) {
        double survival = 1;
        if (i) /* nobody agrees at once */
            status = qsg_consensus_law_survival(&law, LAST * (double)i / (POINTS - 1), &survival, error);
        curve[i] = 1 - survival;
    }
    for (size_t i = 0; i < RUNS && !status; i++)
        time[i] *= rate;
    if (!status)
        gsl_sort(time, 1, RUNS);
    qsg_consensus_law_free(&law);
    qsg_model_free(&model);
    return status;
}

static void put_steps(const double *time, double *work, qsg_result *result)
{
    static const char *const names[] = {"labels", "step_tau", "share", "low", "high"};
    static const char *const meanings[] = {
        "number of labels", "when U reached 0.9999, in units of 1/slow rate", "share of runs until then",
        "share less the 95% band of the whole function (Massart)", "share plus the band"};
    const double half = BAND / sqrt(RUNS);
    qsg_result_next_table(result);
    for (size_t c = 0; c < 5; c++) {
        for (size_t i = 0; i < (size_t)SERIES * RUNS; i++) {
            const double share = (double)(i % RUNS + 1) / RUNS;
            const double row[] = {(double)labels[i / RUNS], time[i], share, fmax(share - half, 0), fmin(share + half, 1)};
            work[i] = row[c];
        }
        qsg_result_column(result, names[c], names[c], (size_t)SERIES * RUNS, work, "", c ? QSG_SIMULATED : QSG_INPUT,
                          meanings[c]);
    }
}

qsg_status produce_consensus_law(const char *data_dir, qsg_result *result, qsg_error *error)
{
    double tau[POINTS], *room = malloc(((size_t)SERIES * (POINTS + 2 * RUNS)) * sizeof *room);
    double *time = room + SERIES * POINTS;
    qsg_status status = room ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for %d runs", RUNS);
    (void)data_dir;
    for (size_t i = 0; i < SERIES && !status; i++)
        status = produce_one(labels[i], time + i * RUNS, room + i * POINTS, error);
    if (!status) {
        qsg_result_integer(result, "agents", 64, "", QSG_INPUT, "alpha 0.3, everyone starts undecided");
        qsg_result_integer(result, "runs", RUNS, "", QSG_INPUT, "for each number of labels");
        for (size_t i = 0; i < POINTS; i++)
            tau[i] = LAST * (double)i / (POINTS - 1);
        qsg_result_column(result, "tau", "tau", POINTS, tau, "", QSG_INPUT, "slow rate times time");
        for (size_t i = 0; i < SERIES; i++) {
            char name[32];
            snprintf(name, sizeof name, "law_%zu", labels[i]);
            qsg_result_column(result, name, name, POINTS, room + i * POINTS, "", QSG_ASYMPTOTIC,
                              "probability that one label is left, coalescent law");
        }
        put_steps(time, time + SERIES * RUNS, result);
    }
    free(room);
    return status;
}
