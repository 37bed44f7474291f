/* The phase map of the flag game (doc/theory/flag.md) and the critical mass of committed agents (doc/theory/chain.md,
 * section 8).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/figures_chain.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/critical_mass.h"
#include "qsg/flag.h"

enum { MAP_SIZES = 127, MAP_SHARES = 65 };

qsg_status produce_flag_phases(const char *data_dir, qsg_result *result, qsg_error *error)
{
    enum { N, RIVAL, CORRECT, WRONG, POLARIZED, UNDECIDED, COLUMNS, ROWS = MAP_SIZES * MAP_SHARES };
    static const char *const names[] = {"agents", "rival", "correct", "wrong", "polarized", "undecided"};
    static const char *const meanings[] = {"N", "a2/(a1 + a2)", "share of label 1 at least 0.85",
                                           "share of label 2 at least 0.85", "both shares at least 0.25", "none of these"};
    const double committed = 0.45;
    double evidence[2 * MAP_SHARES], *values = malloc(COLUMNS * ROWS * sizeof *values);
    qsg_flag_outcome outcomes[MAP_SHARES];
    qsg_status status = QSG_OK;
    (void)data_dir;
    if (!values)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the map");
    for (int i = 0; i < MAP_SHARES; i++) {
        const double rival = (double)i / (MAP_SHARES - 1);
        evidence[2 * i] = committed * (1 - rival);
        evidence[2 * i + 1] = committed * rival;
    }
    for (size_t k = 0; k < MAP_SIZES && !status; k++) {
        const qsg_flag_game game = {.agents = k + 2, .adoption = 0.3, .start = 0.5, .consensus = 0.85, .camp = 0.25};
        status = qsg_flag_outcomes(&game, MAP_SHARES, evidence, outcomes, error);
        for (size_t i = 0; i < MAP_SHARES && !status; i++) {
            const double row[COLUMNS] = {(double)game.agents, (double)i / (MAP_SHARES - 1), outcomes[i].correct,
                                         outcomes[i].wrong, outcomes[i].polarized, outcomes[i].undecided};
            for (size_t c = 0; c < COLUMNS; c++)
                values[c * ROWS + k * MAP_SHARES + i] = row[c];
        }
    }
    if (!status)
        qsg_result_text(result, "setting", "a1 + a2 = 0.45, h0 = 0.3, start 1/2, consensus 0.85, camps 0.25", "");
    for (size_t c = 0; c < COLUMNS && !status; c++)
        qsg_result_column(result, names[c], names[c], ROWS, values + c * ROWS, "", c < CORRECT ? QSG_INPUT : QSG_EXACT,
                          meanings[c]);
    free(values);
    return status;
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

/* Wilson's 95% interval */
static void wilson(double hits, double runs, double *low, double *high)
{
    const double z = 1.959964, p = hits / runs, scale = 1 / (1 + z * z / runs);
    const double middle = (p + z * z / (2 * runs)) * scale, half = z * sqrt(p * (1 - p) / runs + z * z / (4 * runs * runs)) * scale;
    *low = fmax(middle - half, 0);
    *high = fmin(middle + half, 1);
}

static qsg_status put_runs(const char *data_dir, qsg_result *result, qsg_error *error)
{
    enum { MODEL, COMMITTED, RUNS, FLIPPED, LOW, HIGH, ROUNDS, SHORTEST, COLUMNS };
    static const char *const names[] = {"model", "committed", "runs", "flipped", "low", "high", "listens", "shortest"};
    static const char *const meanings[] = {
        "0 Claude 3.5 Sonnet, 1 Llama 3.1 70B", "of 24 agents", "both label orders together", "share of the runs that flipped by the horizon",
        "95% interval", "95% interval", "mean time of these flips, two listens an interaction; the last 3N interactions, which confirm it, are not counted",
        "length of the shortest run that did not flip, two listens an interaction"};
    group groups[GROUPS] = {{0}};
    double values[COLUMNS][GROUPS];
    size_t n = 0;
    qsg_status status = read_runs(data_dir, groups, error);
    if (status)
        return status;
    for (int i = 0; i < GROUPS; i++) {
        const group *g = &groups[i];
        double low, high;
        if (g->runs < 2)
            continue;
        wilson(g->flipped, g->runs, &low, &high);
        const double row[COLUMNS] = {i / AGENTS, i % AGENTS, g->runs, g->flipped / g->runs, low, high,
                                     g->flipped > 0 ? 2 * g->time / g->flipped : NAN,
                                     g->shortest > 0 ? 2 * g->shortest : NAN};
        for (int c = 0; c < COLUMNS; c++)
            values[c][n] = row[c];
        n++;
    }
    qsg_result_next_table(result);
    for (int c = 0; c < COLUMNS; c++) {
        char path[32];
        snprintf(path, sizeof path, "data.%s", names[c]);
        qsg_result_column(result, names[c], path, n, values[c], "", QSG_OBSERVED, meanings[c]);
    }
    return QSG_OK;
}

qsg_status produce_critical_mass(const char *data_dir, qsg_result *result, qsg_error *error)
{
    static const double alphas[] = {1, 0.5, 0.2};
    enum { ALPHAS = 3, ROWS = ALPHAS * (AGENTS - 4) };
    double columns[5][ROWS];
    size_t n = 0;
    for (int a = 0; a < ALPHAS; a++)
        for (uint64_t z = 1; z <= AGENTS - 4; z++) {
            const qsg_critical_mass_setting s = {.agents = AGENTS, .committed = z, .alpha = alphas[a], .bandwidth = 1,
                                                 .threshold = THRESHOLD};
            qsg_critical_mass c;
            double flips;
            qsg_status status = qsg_critical_mass_time(&s, &c, error);
            if (!status)
                status = qsg_critical_mass_probability(&s, HORIZON, &flips, error);
            if (status)
                return status;
            const double row[] = {alphas[a], (double)z, flips, c.mean, c.sd};
            for (size_t i = 0; i < 5; i++)
                columns[i][n] = row[i];
            n++;
        }
    qsg_result_text(result, "setting", "N = 24, m = 1, all others agreed on the other label; flipped: 95% of the free agents",
                    "theory is one-way and without rewards; the runs are paired, with payoffs and a memory of 5 rounds");
    qsg_result_number(result, "horizon", HORIZON, "listens", QSG_INPUT, "of the flip probability");
    qsg_result_column(result, "alpha", "alpha", n, columns[0], "", QSG_INPUT, "adaptation rate");
    qsg_result_column(result, "committed", "committed", n, columns[1], "agents", QSG_INPUT, "z");
    qsg_result_column(result, "probability", "probability", n, columns[2], "", QSG_ASYMPTOTIC,
                      "flipped within the horizon; exact at alpha 1");
    qsg_result_column(result, "mean_time", "mean_time", n, columns[3], "interactions", QSG_ASYMPTOTIC,
                      "mean flip time; exact at alpha 1");
    qsg_result_column(result, "sd_time", "sd_time", n, columns[4], "interactions", QSG_ASYMPTOTIC,
                      "its standard deviation; exact at alpha 1");
    return put_runs(data_dir, result, error);
}
