/* The phase map of the flag game (doc/theory/flag.md) and the critical mass of committed agents (doc/theory/chain.md,
 * section 8).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/figures.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "qsg/critical_mass.h"
#include "qsg/flag.h"
#include "report/figures_ensemble.h"

enum { MAP_SIZES = 127, MAP_SHARES = 65 };

qsg_status produce_flag_phases(const char *data_dir, qsg_result *result, qsg_error *error)
{
    static const figure_column columns[] = {
        {"agents", "", QSG_INPUT, "N"}, {"rival", "", QSG_INPUT, "a2/(a1 + a2)"},
        {"correct", "", QSG_EXACT, "share of label 1 at least 0.85"}, {"wrong", "", QSG_EXACT, "share of label 2 at least 0.85"},
        {"polarized", "", QSG_EXACT, "both shares at least 0.25"}, {"undecided", "", QSG_EXACT, "none of these"}};
    const double committed = 0.45;
    double evidence[2 * MAP_SHARES];
    qsg_flag_outcome outcomes[MAP_SHARES];
    figure_table table = {.columns = 6};
    qsg_status status = QSG_OK;
    (void)data_dir;
    for (int i = 0; i < MAP_SHARES; i++) {
        const double rival = (double)i / (MAP_SHARES - 1);
        evidence[2 * i] = committed * (1 - rival);
        evidence[2 * i + 1] = committed * rival;
    }
    for (uint64_t n = 2; n < 2 + MAP_SIZES && !status; n++) {
        const qsg_flag_game game = {.agents = n, .adoption = 0.3, .start = 0.5, .consensus = 0.85, .camp = 0.25};
        status = qsg_flag_outcomes(&game, MAP_SHARES, evidence, outcomes, error);
        for (int i = 0; i < MAP_SHARES && !status; i++)
            figure_table_add(&table, (double[]){(double)n, (double)i / (MAP_SHARES - 1), outcomes[i].correct,
                                                outcomes[i].wrong, outcomes[i].polarized, outcomes[i].undecided});
    }
    qsg_result_text(result, "setting", "a1 + a2 = 0.45, h0 = 0.3, start 1/2, consensus 0.85, camps 0.25", "");
    return figure_table_put(&table, "", columns, status, result, error);
}

/* Committed-minority runs of language models: those of one model, N and z together. */
#define AGENTS 24
#define HORIZON 1600.0 /* one-way interactions: 800 paired ones, the length of most runs that did not flip */
#define CONFIRM (3 * AGENTS) /* paired interactions at the end of a run over which it counts as flipped */
#define THRESHOLD 0.95

static const char *const models[] = {"Claude-3.5-Sonnet", "Llama-3.1-70B-Instruct"};
enum { MODELS = 2, GROUPS = MODELS * AGENTS };

typedef struct {
    double runs, flipped, time; /* flipped by the horizon, and the interactions of these until then */
    double shortest;            /* length of the shortest run that did not flip */
} group;

static qsg_status read_runs(const char *data_dir, group *groups, qsg_error *error)
{
    char path[4096], line[1024], model[64];
    snprintf(path, sizeof path, "%s/data/ainorms/runs_zealots.tsv", data_dir);
    FILE *file = fopen(path, "r");
    if (!file)
        return qsg_fail(error, QSG_EIO, "cannot read %.300s", path);
    while (fgets(line, sizeof line, file)) {
        unsigned agents, committed, memory, length, flipped;
        if (sscanf(line, "%*s %63s %u %u %u %*s %*s %*u %u %*f %u", model, &agents, &committed, &memory, &length,
                   &flipped) != 6 || agents != AGENTS || memory != 5 || committed < 1 || committed >= AGENTS)
            continue;
        for (int m = 0; m < MODELS; m++)
            if (strcmp(model, models[m]) == 0) {
                group *g = &groups[m * AGENTS + (int)committed];
                const double until = fmax((double)length - CONFIRM, 0);
                const bool in_time = flipped && 2 * until <= HORIZON;
                g->runs++;
                g->flipped += in_time;
                g->time += in_time ? until : 0;
                g->shortest = flipped ? g->shortest : g->shortest > 0 ? fmin(g->shortest, length) : length;
            }
    }
    fclose(file);
    return QSG_OK;
}

static qsg_status put_runs(const char *data_dir, qsg_result *result, qsg_error *error)
{
    static const figure_column columns[] = {
        {"model", "", QSG_OBSERVED, "0 Claude 3.5 Sonnet, 1 Llama 3.1 70B"}, {"committed", "", QSG_OBSERVED, "of 24 agents"},
        {"runs", "", QSG_OBSERVED, "both label orders together"}, {"flipped", "", QSG_OBSERVED, "share of the runs that flipped by the horizon"},
        {"low", "", QSG_OBSERVED, "Wilson's 95% interval"}, {"high", "", QSG_OBSERVED, "Wilson's 95% interval"},
        {"listens", "", QSG_OBSERVED, "mean time of these flips, two listens an interaction, less the 3N interactions that confirm"},
        {"shortest", "", QSG_OBSERVED, "length of the shortest run that did not flip, two listens an interaction"}};
    figure_table table = {.columns = 8};
    group groups[GROUPS] = {{0}};
    qsg_status status = read_runs(data_dir, groups, error);
    for (int i = 0; i < GROUPS && !status; i++) {
        const group *g = &groups[i];
        double low, high;
        if (g->runs < 2)
            continue;
        figure_wilson(g->flipped / g->runs, g->runs, &low, &high);
        figure_table_add(&table, (double[]){i / AGENTS, i % AGENTS, g->runs, g->flipped / g->runs, low, high,
                                            g->flipped > 0 ? 2 * g->time / g->flipped : NAN,
                                            g->shortest > 0 ? 2 * g->shortest : NAN});
    }
    qsg_result_next_table(result);
    return figure_table_put(&table, "data.", columns, status, result, error);
}

qsg_status produce_critical_mass(const char *data_dir, qsg_result *result, qsg_error *error)
{
    static const figure_column columns[] = {
        {"alpha", "", QSG_INPUT, "adaptation rate"}, {"committed", "agents", QSG_INPUT, "z"},
        {"probability", "", QSG_ASYMPTOTIC, "flipped within the horizon; exact at alpha 1"},
        {"mean_time", "interactions", QSG_ASYMPTOTIC, "mean flip time; exact at alpha 1"},
        {"sd_time", "interactions", QSG_ASYMPTOTIC, "its standard deviation; exact at alpha 1"}};
    static const double alphas[] = {1, 0.5, 0.2};
    enum { MOST = AGENTS - 4 };
    figure_table table = {.columns = 5};
    qsg_status status = QSG_OK;
    for (int i = 0; i < 3 * MOST && !status; i++) {
        const qsg_critical_mass_setting s = {.agents = AGENTS, .committed = 1 + (uint64_t)(i % MOST),
                                             .alpha = alphas[i / MOST], .bandwidth = 1, .threshold = THRESHOLD};
        qsg_critical_mass c;
        double flips;
        status = qsg_critical_mass_time(&s, &c, error);
        if (!status)
            status = qsg_critical_mass_probability(&s, HORIZON, &flips, error);
        if (!status)
            figure_table_add(&table, (double[]){s.alpha, (double)s.committed, flips, c.mean, c.sd});
    }
    qsg_result_text(result, "setting", "N = 24, m = 1, all others agreed on the other label; flipped: 95% of the free agents",
                    "theory is one-way and without rewards; the runs are paired, with payoffs and a memory of 5 rounds");
    qsg_result_number(result, "horizon", HORIZON, "listens", QSG_INPUT, "of the flip probability");
    status = figure_table_put(&table, "", columns, status, result, error);
    return status ? status : put_runs(data_dir, result, error);
}
