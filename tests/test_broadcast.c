/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

#include <math.h>

/* The neutral chain is a martingale: label 1 wins with probability p; at alpha = 1, m = 1 the first word decides. */
START_TEST(closed_forms)
{
    const struct { const char *text; double probability; } cases[] = {
        {"agents=50 alpha=0.3 exchange=broadcast init=0.2385,0.7615", 0.2385},
        {"agents=50 alpha=0.2 self=0.2 bandwidth=3 exchange=broadcast init=0.9,0.1", 0.9},
        {"agents=50 alpha=1 temper=0.5 exchange=broadcast init=0.6,0.4", 0.36 / 0.52},
        {"agents=50 alpha=0.3 temper=0.5 exchange=broadcast", 0.5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qsg_error error = {""};
        double probability, accuracy;
        qsg_model model = model_of(cases[i].text);
        ck_assert_msg(qsg_broadcast_fixation(&model, &probability, &accuracy, &error) == QSG_OK, "%s", error.message);
        ck_close_abs(probability, cases[i].probability, 1e-9); /* rounding of a matrix of 321 rows */
        qsg_model_free(&model);
    }
}
END_TEST

/* A second method: all message histories of `depth`, cut where a belief is within 1e-5 of an end. */
static double by_histories(const qsg_channel *channel, double alpha, double x, int depth)
{
    if (depth == 0 || x < 1e-5 || x > 1 - 1e-5)
        return x > 0.5;
    const double r = qsg_channel_binary(channel, x);
    return r * by_histories(channel, alpha, x + alpha * (1 - x), depth - 1) +
           (1 - r) * by_histories(channel, alpha, (1 - alpha) * x, depth - 1);
}

START_TEST(all_histories)
{
    qsg_model model = model_of("agents=50 alpha=0.6 temper=0.5 field=0.2 exchange=broadcast init=0.4,0.6");
    const qsg_channel channel = qsg_channel_of(&model);
    double probability, accuracy;
    ck_assert_int_eq(qsg_broadcast_fixation(&model, &probability, &accuracy, NULL), QSG_OK);
    /* after 20 messages all but 1e-5 of the histories are decided */
    ck_close_abs(probability, by_histories(&channel, 0.6, 0.4, 20), 2e-5);
    qsg_model_free(&model);
}
END_TEST

/* With beta = alpha the law is exact at N = 5: simulated winners and times within five standard errors (false alarm 1e-6);
 * a chain without the field would be 20 of them off. */
typedef struct {
    double wins, time, square, runs;
} tally;
static qsg_status add(void *context, const qsg_outcome *outcome)
{
    tally *t = context;
    t->wins += outcome->leader == 0;
    t->time += outcome->consensus_time;
    t->square += outcome->consensus_time * outcome->consensus_time;
    t->runs++;
    return QSG_OK;
}

START_TEST(exact_when_the_speaker_listens)
{
    qsg_model model = model_of("agents=5 alpha=0.3 self=0.3 temper=0.8 field=0.5 exchange=broadcast init=0.3,0.7");
    const qsg_ensemble_request request = {.runs = 20000, .seed = 5, .consensus = 0.9999, .threads = 1, .horizon = 1e6};
    tally t = {0};
    double probability, accuracy, median;
    qsg_broadcast_wait wait;
    ck_assert_int_eq(qsg_ensemble_run(&model, &request, add, &t, NULL), QSG_OK);
    ck_assert_int_eq(qsg_broadcast_fixation(&model, &probability, &accuracy, NULL), QSG_OK);
    ck_assert_int_eq(qsg_broadcast_time(&model, 0.9999, 1, (double[]){0.5}, &median, &wait, NULL), QSG_OK);
    ck_close_abs(t.wins / t.runs, probability, 5 * sqrt(0.25 / t.runs));
    const double mean = t.time / t.runs, se = sqrt((t.square / t.runs - mean * mean) / t.runs);
    ck_close_abs(mean, wait.mean, 5 * se + 2e-3 * wait.mean); /* and the grid of beliefs */
    ck_close_abs(sqrt(t.square / t.runs - mean * mean), wait.sd, 0.1 * wait.sd);
    ck_assert(median > 0 && median < 2 * wait.mean);
    qsg_model_free(&model);
}
END_TEST

/* Innovation alone: x' = (1-a)x + a B/m has mean p = (1-e)p + e rho, and E x^2 from its own linear equation. */
START_TEST(stationary_second_moment)
{
    qsg_model model = model_of("agents=50 alpha=0.3 bandwidth=2 innovation=0.1 prior=0.7,0.3 exchange=broadcast");
    const double a = 0.3, m = 2, e = 0.1, rho = 0.7, c = 1 - e, d = e * rho, x1 = rho;
    double u, mean;
    ck_assert_int_eq(qsg_broadcast_stationary(&model, &u, &mean, NULL), QSG_OK);
    /* E x^2 = (1-a)^2 E x^2 + 2a(1-a) E x r + a^2 [ (1-1/m) E r^2 + E r/m ], r = c x + d */
    const double below = 1 - (1 - a) * (1 - a) - 2 * a * (1 - a) * c - a * a * (1 - 1 / m) * c * c;
    const double above = 2 * a * (1 - a) * d * x1 + a * a * ((1 - 1 / m) * (2 * c * d * x1 + d * d) + (c * x1 + d) / m);
    const double x2 = above / below;
    ck_close_abs(mean, rho, 1e-12);
    ck_close_abs(u, 2 * x2 - 2 * x1 + 1, 1e-12);
    qsg_model_free(&model);
}
END_TEST

/* E[f] over all histories of `depth` messages. */
static double after_histories(const qsg_channel *channel, double alpha, double x, int depth, bool square)
{
    if (depth == 0)
        return square ? x * x + (1 - x) * (1 - x) : x;
    const double r = qsg_channel_binary(channel, x);
    return r * after_histories(channel, alpha, x + alpha * (1 - x), depth - 1, square) +
           (1 - r) * after_histories(channel, alpha, (1 - alpha) * x, depth - 1, square);
}

/* Early times against all histories, the end against the laws of the winner and of the stationary state. */
START_TEST(path)
{
    qsg_model model = model_of("agents=50 alpha=0.6 temper=0.5 field=0.2 exchange=broadcast init=0.4,0.6");
    const qsg_channel channel = qsg_channel_of(&model);
    const double times[] = {0, 1, 2, 11, 1e18};
    double u[5], mean[5], accuracy, winner, unused;
    ck_assert_int_eq(qsg_broadcast_evolve(&model, 5, times, u, mean, &accuracy, NULL), QSG_OK);
    for (int i = 0; i < 4; i++) {
        ck_close_abs(u[i], after_histories(&channel, 0.6, 0.4, (int)times[i], true), accuracy);
        ck_close_abs(mean[i], after_histories(&channel, 0.6, 0.4, (int)times[i], false), accuracy);
    }
    ck_assert(accuracy < 1e-8);
    ck_assert_int_eq(qsg_broadcast_fixation(&model, &winner, &unused, NULL), QSG_OK);
    ck_close_abs(mean[4], winner, 1e-8); /* both are solved to their accuracy */
    ck_close_abs(u[4], 1, 1e-8);
    qsg_model_free(&model);
    model = model_of("agents=50 alpha=0.3 bandwidth=2 innovation=0.1 temper=0.8 prior=0.7,0.3 exchange=broadcast init=0.2,0.8");
    double end, average;
    ck_assert_int_eq(qsg_broadcast_evolve(&model, 5, times, u, mean, &accuracy, NULL), QSG_OK);
    ck_assert_int_eq(qsg_broadcast_stationary(&model, &end, &average, NULL), QSG_OK);
    ck_close_abs(u[4], end, 1e-9); /* what is left to change when it settles, 1e-12 a message over some 100 messages */
    ck_close_abs(mean[4], average, 1e-9);
    qsg_model_free(&model);
}
END_TEST

START_TEST(refusals)
{
    const struct { const char *text; qsg_status status; } cases[] = {
        {"agents=50 alpha=0.3 temper=0.5", QSG_EMODEL},
        {"agents=50 labels=3 alpha=0.3 temper=0.5 exchange=broadcast", QSG_EMODEL},
        {"agents=50 alpha=0.3 temper=0.5 exchange=broadcast bandwidth=inf", QSG_EMODEL},
        {"agents=50 alpha=0.3 temper=0.5 exchange=broadcast bandwidth=65", QSG_EMODEL},
        {"agents=50 alpha=0.3 temper=0.04 exchange=broadcast", QSG_EMODEL},
        {"agents=50 alpha=0.3 temper=0.5 exchange=broadcast init=onehot:25,25", QSG_EMODEL},
        {"agents=50 alpha=0.3 temper=0.5 exchange=broadcast innovation=0.1", QSG_ENOEXIST},
        {"agents=50 alpha=0.3 temper=0.5 exchange=broadcast field=200", QSG_ENUMERIC},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qsg_model model = model_of(cases[i].text);
        qsg_error error = {""};
        double probability = -1, accuracy = -2;
        ck_assert_int_eq(qsg_broadcast_fixation(&model, &probability, &accuracy, &error), cases[i].status);
        ck_assert(error.message[0] && probability == -1 && accuracy == -2);
        qsg_model_free(&model);
    }
    qsg_model model = model_of("agents=50 alpha=0.3 temper=0.5 exchange=broadcast");
    qsg_broadcast_wait wait = {-1, -2};
    double u = -1, quantile = -3;
    ck_assert_int_eq(qsg_broadcast_stationary(&model, &u, &u, NULL), QSG_ENOEXIST);
    ck_assert_int_eq(qsg_broadcast_time(&model, NAN, 0, NULL, NULL, &wait, NULL), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_broadcast_time(&model, 0.9, 1, (double[]){1}, &quantile, &wait, NULL), QSG_EDOMAIN);
    ck_assert(u == -1 && wait.mean == -1 && quantile == -3);
    qsg_model_free(&model);
}
END_TEST

RUN_TESTS("broadcast", closed_forms, path, all_histories, exact_when_the_speaker_listens, stationary_second_moment, refusals)
