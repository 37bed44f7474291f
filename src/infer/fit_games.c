/* Games played from the estimates beside the data: winners and coordination (doc/theory/inference.md, section 5).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "infer/fit_private.h"

#define MOST_ROWS 4e6
enum { PERMUTATIONS = 4000, LEAST_GAMES = 100 }; /* of fewer games S(t) is no law to test against */

/* How a run ended. */
typedef struct {
    uint64_t interactions, streak; /* interactions in all; how many last ones matched (single: last equal labels) */
    uint32_t label;
} ending;

static ending ending_of(const qsg_transcript *data, size_t run)
{
    const qsg_utterance *rows = data->rows;
    const size_t begin = data->run_start[run], end = data->run_start[run + 1];
    ending out = {.label = rows[end - 1].label};
    bool going_on = true;
    for (size_t i = end, j; i > begin; i = j) {
        bool match = true;
        for (j = i; j > begin && rows[j - 1].t == rows[i - 1].t; j--)
            match &= rows[j - 1].label == out.label;
        going_on &= match;
        out.streak += going_on;
        out.interactions++;
    }
    return out;
}

/* Whether no streak of one label in the run was as long before its end: it went on then, so such a streak ends no game. */
static bool ends_at_first(const qsg_transcript *data, size_t run, uint64_t streak)
{
    const qsg_utterance *rows = data->rows;
    const size_t end = data->run_start[run + 1];
    uint64_t now = 0;
    for (size_t i = data->run_start[run], j; i < end; i = j) {
        bool one = true;
        for (j = i; j < end && rows[j].t == rows[i].t; j++)
            one &= rows[j].label == rows[i].label;
        now = !one ? 0 : now && rows[i].label == rows[i - 1].label ? now + 1 : 1;
        if (now >= streak && j < end)
            return false;
    }
    return true;
}

/* The streak of agreement that ended the games: that of all runs which ended in agreement, if they share one and no run went
 * on after it; else 0. */
static uint64_t streak_of(const qsg_transcript *data, uint64_t agents, uint64_t *longest)
{
    uint64_t streak = 0;
    bool same = true;
    *longest = 0;
    for (size_t r = 0; r < data->n_runs; r++) {
        const ending end = ending_of(data, r);
        *longest = end.interactions > *longest ? end.interactions : *longest;
        if (end.streak < agents)
            continue;
        same &= !streak || end.streak == streak;
        streak = end.streak;
    }
    for (size_t r = 0; r < data->n_runs && same && streak; r++)
        same = ends_at_first(data, r, streak);
    return same ? streak : 0;
}

/* Who won in each run: a label, or none; counts by label. */
static void count_winners(const qsg_transcript *data, uint64_t agents, double *wins, double *open)
{
    *open = 0;
    for (size_t r = 0; r < data->n_runs; r++) {
        const ending end = ending_of(data, r);
        if (end.streak >= agents)
            wins[end.label]++;
        else
            ++*open;
    }
}

/* Whether runs and games have the same winners: chi-squared of the runs against all, its law by permutation; into *p. */
static qsg_status compare_winners(const replayed *games, size_t labels, uint64_t seed, double *p, qsg_error *error)
{
    const size_t cells = labels + 1;
    size_t runs = 0, all = 0;
    double *expected = malloc(2 * cells * sizeof *expected), *drawn = expected ? expected + cells : NULL;
    if (!expected)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu labels", labels);
    for (size_t k = 0; k < cells; k++) {
        const double seen = k < labels ? games->seen[k] : games->seen_open;
        expected[k] = seen + (k < labels ? games->played[k] : games->played_open);
        runs += (size_t)seen;
        all += (size_t)expected[k];
    }
    uint32_t *ends = malloc(all * sizeof *ends);
    double statistic = 0, beyond = 0;
    for (size_t k = 0, i = 0; ends && k < cells; k++)
        for (double n = expected[k]; n > 0; n--)
            ends[i++] = (uint32_t)k;
    for (size_t k = 0; k < cells; k++) {
        const double seen = k < labels ? games->seen[k] : games->seen_open;
        expected[k] *= (double)runs / (double)all;
        statistic += expected[k] > 0 ? (seen - expected[k]) * (seen - expected[k]) / expected[k] : 0;
    }
    rng_stream stream = rng_stream_of(seed, UINT64_C(1) << 41);
    for (int draw = 0; ends && draw < PERMUTATIONS; draw++) {
        double value = 0;
        memset(drawn, 0, cells * sizeof *drawn);
        for (size_t i = 0; i < runs; i++) {
            const size_t j = i + rng_below(&stream, all - i);
            const uint32_t swap = ends[i];
            ends[i] = ends[j];
            ends[j] = swap;
            drawn[ends[i]]++;
        }
        for (size_t k = 0; k < cells; k++)
            value += expected[k] > 0 ? (drawn[k] - expected[k]) * (drawn[k] - expected[k]) / expected[k] : 0;
        beyond += value >= statistic - 1e-9;
    }
    if (ends)
        *p = (1 + beyond) / (1 + PERMUTATIONS);
    free(expected);
    if (!ends)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the ends of %zu games", all);
    free(ends);
    return QSG_OK;
}

/* What the data do not have (bins, or bins that tell) is not compared; all else went wrong. */
static qsg_status unless_absent(qsg_status status, const qsg_error *local, qsg_error *error)
{
    const bool absent = status == QSG_OK || status == QSG_EINPUT || status == QSG_EMODEL;
    return absent ? QSG_OK : qsg_fail(error, status, "%s", local->message);
}

/* The coordination of the games in the data's bins, and the test of the data against it. */
static qsg_status compare_coordination(replayed *games, const transcript_fit *fit, const qsg_transcript *played,
                                       qsg_error *error)
{
    qsg_coordination *seen = &games->coordination, law = {0};
    qsg_error local;
    qsg_status status = qsg_coordination_init(seen, fit->data, fit->model->agents, 0, &local);
    if (status) /* rows or times that have no bins: nothing to compare */
        return unless_absent(status, &local, error);
    status = qsg_coordination_init(&law, played, fit->model->agents, seen->width, &local);
    if (status) { /* all games end within a bin */
        qsg_coordination_free(seen);
        return unless_absent(status, &local, error);
    }
    games->law = malloc(2 * seen->bins * sizeof *games->law);
    if (!games->law) {
        qsg_coordination_free(&law);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu bins", seen->bins);
    }
    games->law_se = games->law + seen->bins;
    for (size_t b = 0; b < seen->bins; b++) { /* beyond the last game, all have agreed */
        const size_t at = b < law.bins ? b : law.bins - 1;
        games->law[b] = law.value[at];
        games->law_se[b] = law.se[at];
    }
    games->test = (qsg_neutral_test){NAN, NAN, NAN, NAN, false};
    status = qsg_neutral_test_law(&games->test, seen, games->law, &local);
    qsg_neutral_test *t = &games->test;
    if (!status && !t->bound && t->p_value >= 0) { /* the law is an average over games and has an error of its own */
        t->statistic /= 1 + (double)seen->runs / (double)games->games;
        const double R = (double)seen->runs;
        t->p_value = gsl_cdf_fdist_Q(t->statistic * (R - t->df1) / (t->df1 * (R - 1)), t->df1, t->df2);
    }
    qsg_coordination_free(&law);
    return unless_absent(status, &local, error);
}

qsg_status fit_replay_games(transcript_fit *fit, qsg_error *error)
{
    replayed *games = &fit->games;
    const size_t K = fit->model->labels;
    const uint64_t agents = fit->model->agents;
    qsg_transcript played = {0};
    games->streak = streak_of(fit->data, agents, &games->longest);
    const double heard = fit->model->exchange == QSG_BROADCAST ? (double)(agents - 1) : fit->data->paired ? 2 : 1;
    const double most = fmax(floor(MOST_ROWS / ((double)games->longest * heard)), 1), asked = fit->options->forecasts ? (double)fit->options->forecasts : 1000;
    games->games = (uint64_t)fmin(asked, most);
    games->played = calloc(2 * K, sizeof *games->played);
    if (!games->played)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the winners");
    games->seen = games->played + K;
    games->test = (qsg_neutral_test){NAN, NAN, NAN, NAN, false};
    count_winners(fit->data, agents, games->seen, &games->seen_open);
    qsg_status status = qsg_fit_play(fit->model, fit->best.theta, games->games, games->longest, games->streak,
                                     fit->options->seed, &played, error);
    if (status)
        return status;
    count_winners(&played, agents, games->played, &games->played_open);
    games->winners_p = NAN;
    if (fit->data->n_runs > 1)
        status = compare_winners(games, K, fit->options->seed, &games->winners_p, error);
    if (!status && (fit->data->paired || fit->data->single) && games->games >= LEAST_GAMES)
        status = compare_coordination(games, fit, &played, error);
    qsg_transcript_free(&played);
    return status;
}

void fit_put_games(const transcript_fit *fit, qsg_result *result)
{
    const replayed *games = &fit->games;
    const size_t K = fit->model->labels;
    qsg_result_integer(result, "games.played", (int64_t)games->games, "", QSG_INPUT, "games played from the estimates");
    qsg_result_integer(result, "games.streak", (int64_t)games->streak, "interactions", QSG_OBSERVED,
                       games->streak ? "a game ends when so many in a row agreed, as in the data"
                                     : "no common end in the data: games are as long as the longest run");
    qsg_result_vector(result, "winners.data", K, games->seen, "runs", QSG_OBSERVED, "runs that ended in agreement, by label");
    qsg_result_number(result, "winners.data_open", games->seen_open, "runs", QSG_OBSERVED, "runs that ended otherwise");
    qsg_result_vector(result, "winners.forecast", K, games->played, "games", QSG_SIMULATED, "the same of the played games");
    qsg_result_number(result, "winners.forecast_open", games->played_open, "games", QSG_SIMULATED, "");
    qsg_result_number(result, "winners.p_value", games->winners_p, "", QSG_OBSERVED, "same winners; permutation test");
    qsg_result_number(result, "coordination.statistic", games->test.statistic, "", QSG_OBSERVED,
                      "Hotelling's T^2 of S(t) against the played games");
    qsg_result_number(result, "coordination.df1", games->test.df1, "", QSG_OBSERVED, "");
    qsg_result_number(result, "coordination.df2", games->test.df2, "", QSG_OBSERVED, "");
    qsg_result_number(result, "coordination.p_value", games->test.p_value, "", QSG_OBSERVED,
                      games->test.bound ? "at most this: runs too alike for T^2" : "F law");
}

void fit_put_games_table(const transcript_fit *fit, qsg_result *result)
{
    const replayed *games = &fit->games;
    const qsg_coordination *seen = &games->coordination;
    if (!seen->bins)
        return;
    qsg_result_next_table(result);
    qsg_result_column(result, "time", "times", seen->bins, seen->time, "interactions", QSG_OBSERVED, "middle of the bin");
    qsg_result_column(result, "S", "S", seen->bins, seen->value, "", QSG_OBSERVED, "coordination of the data");
    qsg_result_column(result, "se", "S_se", seen->bins, seen->se, "", QSG_OBSERVED, "between runs");
    qsg_result_column(result, "S_fit", "S_fit", seen->bins, games->law, "", QSG_SIMULATED, "coordination of played games");
    qsg_result_column(result, "S_fit_se", "S_fit_se", seen->bins, games->law_se, "", QSG_SIMULATED, "between games");
}

/* The smallest k that a binomial number of n trials stays at or below with probability `level` at least. */
static double binomial_quantile(double level, double p, unsigned n)
{
    unsigned k = 0;
    while (k < n && gsl_cdf_binomial_P(k, p, n) < level)
        k++;
    return k;
}

void fit_put_winners_table(const transcript_fit *fit, qsg_result *result)
{
    const replayed *games = &fit->games;
    const size_t K = fit->model->labels, rows = K + 1;
    const double runs = (double)fit->data->n_runs;
    const char **names = malloc(rows * sizeof *names);
    double *seen = malloc(4 * rows * sizeof *seen);
    if (names && seen) {
        double *expected = seen + rows, *low = expected + rows, *high = low + rows;
        for (size_t k = 0; k < rows; k++) {
            const double share = (k < K ? games->played[k] : games->played_open) / (double)games->games;
            names[k] = k < K ? fit_label(fit, k) : "none";
            seen[k] = k < K ? games->seen[k] : games->seen_open;
            expected[k] = runs * share;
            low[k] = binomial_quantile(0.025, share, (unsigned)runs);
            high[k] = binomial_quantile(0.975, share, (unsigned)runs);
        }
        qsg_result_next_table(result);
        qsg_result_text_column(result, "label", "winners.label", rows, names, "the last row: runs without a winner");
        qsg_result_column(result, "won", "winners.won", rows, seen, "runs", QSG_OBSERVED, "runs of the data that the label won");
        qsg_result_column(result, "expected", "winners.expected", rows, expected, "runs", QSG_SIMULATED, "of as many games");
        qsg_result_column(result, "won_low", "winners.low", rows, low, "runs", QSG_SIMULATED, "95% of such sets of games");
        qsg_result_column(result, "won_high", "winners.high", rows, high, "runs", QSG_SIMULATED, "95% of such sets of games");
    } else {
        qsg_result_fail(result, QSG_ENOMEM);
    }
    free(names);
    free(seen);
}
