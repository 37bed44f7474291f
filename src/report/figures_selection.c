/* Figures of who wins with a field (doc/theory/fixation.md).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/figures_selection.h"

#include <math.h>
#include <stdio.h>

#include "qsg/fixation.h"
#include "report/figures_ensemble.h"

#define AGREED 0.999 /* U at which the leader counts as the winner */
#define SEED 1 /* another one for each point: errors that go together would look like a law */

static const char *const won = "label 1 led when U reached 0.999; 95% intervals of Wilson";

static void put_interval(qsg_result *result, size_t n, const double *share, const double *low, const double *high)
{
    qsg_result_column(result, "probability", "probability", n, share, "", QSG_SIMULATED, won);
    qsg_result_column(result, "low", "low", n, low, "", QSG_SIMULATED, "lower end of the 95% interval");
    qsg_result_column(result, "high", "high", n, high, "", QSG_SIMULATED, "upper end of the 95% interval");
}

/* One ensemble of the crossover at the given Gamma. */
typedef struct {
    double alpha, agents, field, meanfield, gamma, runs;
    uint64_t seed;
    figure_point point;
} crossing;

static qsg_status cross(crossing *self, qsg_error *error)
{
    char settings[128];
    double unit, committed;
    qsg_model model = {0};
    snprintf(settings, sizeof settings, "agents=%.0f alpha=%g", self->agents, self->alpha);
    qsg_status status = qsg_model_parse(&model, settings, error);
    if (!status)
        status = qsg_fixation_gain(&model, &unit, &committed, error);
    qsg_model_free(&model);
    if (status)
        return status;
    self->field = self->gamma / unit;
    snprintf(settings, sizeof settings, "agents=%.0f alpha=%g field=%.17g", self->agents, self->alpha, self->field);
    status = qsg_model_parse(&model, settings, error);
    if (!status)
        status = qsg_fixation_gamma_meanfield(&model, &self->meanfield, error);
    if (!status)
        status = figure_simulate(&model, AGREED, (uint64_t)self->runs, self->seed, &self->point, error);
    qsg_model_free(&model);
    return status;
}

static void put_logistic(qsg_result *result)
{
    enum { CURVE = 101 };
    double gamma[CURVE], probability[CURVE];
    for (int i = 0; i < CURVE; i++) {
        gamma[i] = 0.165 * i;
        probability[i] = qsg_fixation_diffusion(gamma[i], 0.5);
    }
    qsg_result_next_table(result);
    qsg_result_column(result, "strength", "law.gamma", CURVE, gamma, "", QSG_INPUT, "Gamma");
    qsg_result_column(result, "logistic", "law.probability", CURVE, probability, "", QSG_ASYMPTOTIC,
                      "1/(1 + exp(-Gamma))");
}

/* The slow populations (time goes as N^2/alpha^2) have fewer runs. */
qsg_status produce_crossover(const char *data_dir, qsg_result *result, qsg_error *error)
{
    static const struct { double alpha, agents, runs; } series[] = {
        {0.1, 16, 500}, {0.3, 16, 1500}, {0.3, 32, 600}, {0.5, 16, 2000}, {0.5, 32, 1000}, {0.8, 16, 4000}, {0.8, 32, 2000}};
    static const double gamma[] = {0.4, 0.9, 1.6, 2.4, 3.4};
    enum { SERIES = sizeof series / sizeof *series, GAMMAS = sizeof gamma / sizeof *gamma, N = SERIES * GAMMAS };
    double columns[9][N];
    (void)data_dir;
    for (size_t i = 0; i < N; i++) {
        /* the sizes stand beside each other, not on top */
        const double aside = series[i / GAMMAS].agents > 16 ? 0.2 : 0;
        crossing c = {.alpha = series[i / GAMMAS].alpha, .agents = series[i / GAMMAS].agents,
                      .runs = series[i / GAMMAS].runs, .gamma = gamma[i % GAMMAS] + aside, .seed = SEED + i};
        qsg_status status = cross(&c, error);
        if (status)
            return status;
        const double row[] = {c.alpha, c.agents, c.field, c.meanfield, c.gamma, c.point.share, c.point.share_low,
                              c.point.share_high, c.runs};
        for (size_t j = 0; j < 9; j++)
            columns[j][i] = row[j];
    }
    qsg_result_text(result, "setting", "K = 2, m = 1, one-way exchange, all agents at 1/2", "");
    qsg_result_integer(result, "seed", SEED, "", QSG_INPUT, "of the first row; the next rows have the next numbers");
    qsg_result_column(result, "alpha", "alpha", N, columns[0], "", QSG_INPUT, "");
    qsg_result_column(result, "agents", "agents", N, columns[1], "agents", QSG_INPUT, "N");
    qsg_result_column(result, "field", "field", N, columns[2], "", QSG_INPUT, "h");
    qsg_result_column(result, "gamma_meanfield", "gamma_meanfield", N, columns[3], "", QSG_MEANFIELD, "m N h/alpha");
    qsg_result_column(result, "gamma", "gamma", N, columns[4], "", QSG_EXACT,
                      "Gamma_eff, exact weak-selection response");
    put_interval(result, N, columns[5], columns[6], columns[7]);
    qsg_result_column(result, "runs", "runs", N, columns[8], "runs", QSG_INPUT, "populations simulated");
    put_logistic(result);
    return QSG_OK;
}

static const char *const exchanges[] = {"oneway", "mutual", "broadcast"};
enum { EXCHANGES = 3 };
#define PROTOCOL "alpha=0.5 field=0.05"

/* Winning probabilities of label 1 by theory, on a smooth axis of N. */
static qsg_status put_protocol_laws(qsg_result *result, qsg_error *error)
{
    enum { CURVE = 61 };
    static const char *const names[] = {"law_oneway", "law_mutual", "law_broadcast"};
    double agents[CURVE], law[EXCHANGES][CURVE], size[CURVE];
    char settings[128];
    size_t n = 0;
    for (int i = 0; i < CURVE; i++) { /* whole numbers of agents, each once */
        const double whole = round(4 * pow(64, i / (CURVE - 1.0)));
        if (n == 0 || whole > agents[n - 1])
            agents[n++] = whole;
    }
    for (size_t i = 0; i < n; i++) {
        size[i] = agents[i];
        for (int e = 0; e < EXCHANGES; e++) {
            qsg_model model = {0};
            double gamma;
            snprintf(settings, sizeof settings, "agents=%.0f exchange=%s " PROTOCOL, agents[i], exchanges[e]);
            qsg_status status = qsg_model_parse(&model, settings, error);
            if (!status)
                status = qsg_fixation_gamma(&model, &gamma, error);
            qsg_model_free(&model);
            if (status)
                return status;
            law[e][i] = qsg_fixation_diffusion(gamma, 0.5);
        }
    }
    qsg_result_next_table(result);
    qsg_result_column(result, "size", "law.agents", n, size, "agents", QSG_INPUT, "N");
    for (int e = 0; e < EXCHANGES; e++) {
        char path[48];
        snprintf(path, sizeof path, "law.%s", exchanges[e]);
        qsg_result_column(result, names[e], path, n, law[e], "", QSG_ASYMPTOTIC, "logistic law of the exact Gamma_eff");
    }
    return QSG_OK;
}

qsg_status produce_protocols(const char *data_dir, qsg_result *result, qsg_error *error)
{
    static const double agents[] = {4, 8, 16, 32, 64, 128, 256};
    static const double runs[EXCHANGES][7] = {{4000, 4000, 2000, 1000, 400, 100, 0},
                                              {4000, 4000, 2000, 1000, 400, 100, 0},
                                              {4000, 4000, 4000, 4000, 4000, 4000, 2000}};
    enum { ROOM = 7 * EXCHANGES };
    double columns[6][ROOM];
    size_t n = 0;
    (void)data_dir;
    for (int e = 0; e < EXCHANGES; e++)
        for (int i = 0; i < 7; i++) {
            char settings[128];
            figure_point point;
            if (runs[e][i] == 0)
                continue;
            snprintf(settings, sizeof settings, "agents=%.0f exchange=%s " PROTOCOL, agents[i], exchanges[e]);
            qsg_status status = figure_simulate_settings(settings, AGREED, (uint64_t)runs[e][i], SEED + n, &point,
                                                         error);
            if (status)
                return status;
            const double row[] = {e, agents[i], point.share, point.share_low, point.share_high, runs[e][i]};
            for (size_t j = 0; j < 6; j++)
                columns[j][n] = row[j];
            n++;
        }
    qsg_result_text(result, "setting", "K = 2, alpha = 0.5, m = 1, h = 0.05, all agents at 1/2", "");
    qsg_result_integer(result, "seed", SEED, "", QSG_INPUT, "of the first row; the next rows have the next numbers");
    qsg_result_column(result, "exchange", "exchange", n, columns[0], "", QSG_INPUT, "0 one-way, 1 mutual, 2 broadcast");
    qsg_result_column(result, "agents", "agents", n, columns[1], "agents", QSG_INPUT, "N");
    put_interval(result, n, columns[2], columns[3], columns[4]);
    qsg_result_column(result, "runs", "runs", n, columns[5], "runs", QSG_INPUT, "populations simulated");
    return put_protocol_laws(result, error);
}
