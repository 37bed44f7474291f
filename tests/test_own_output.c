/* Own output in the closure and the kinetic mean field, and the lowest temperature by a second method.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const exchanges[] = {"oneway", "mutual"};

/* Neutral: the second moment closes, f = H 2ma(1-a)/(2ma(1-a) + a^2 + b^2) (moments.md, N to infinity). */
START_TEST(neutral_spread)
{
    for (int mutual = 0; mutual < 2; mutual++)
        for (int m = 1; m <= 3; m += 2) {
            char text[120];
            double mu[3];
            qsg_error error = {""};
            snprintf(text, sizeof text, "agents=100 alpha=0.3 self=0.2 bandwidth=%d exchange=%s", m, exchanges[mutual]);
            qsg_model model = model_of(text);
            ck_assert_msg(qsg_adiabatic_moments(&model, 0.2385, 2, mu, &error) == QSG_OK, "%s", error.message);
            const double mean = (1 + mu[1]) / 2, square = (1 + 2 * mu[1] + (1 + mu[2]) / 2) / 4;
            const double fresh = 2 * m * 0.3 * 0.7;
            ck_close_abs(mean, 0.2385, 1e-12);
            ck_close_abs(mean - square, 0.2385 * 0.7615 * fresh / (fresh + 0.09 + 0.04), 1e-12);
            qsg_model_free(&model);
        }
}
END_TEST

/* A weak field: Gamma of the closure is the exact response at large N; 1e-6 is the field's next order. */
START_TEST(weak_field)
{
    for (int mutual = 0; mutual < 2; mutual++) {
        char text[120];
        double exact;
        qsg_error error = {""};
        qsg_adiabatic_winner winner;
        snprintf(text, sizeof text, "agents=1e8 alpha=0.3 self=0.2 bandwidth=2 field=1e-7 exchange=%s", exchanges[mutual]);
        qsg_model model = model_of(text);
        ck_assert_msg(qsg_adiabatic_fixation(&model, &winner, NULL, &error) == QSG_OK, "%s", error.message);
        ck_assert_int_eq(qsg_fixation_gamma(&model, &exact, NULL), QSG_OK);
        ck_close_abs(winner.gamma / exact, 1, 1e-6);
        qsg_model_free(&model);
    }
}
END_TEST

/* All eigenvalues against the path in time: a small deviation from 1/2 grows at the leading rate. */
START_TEST(growth_in_time)
{
    for (int mutual = 0; mutual < 2; mutual++) {
        char text[160];
        const double rounds[] = {25, 30};
        double mean[2];
        qsg_growth growth;
        qsg_error error = {""};
        snprintf(text, sizeof text, "agents=100 alpha=0.3 self=0.2 temper=0.5 init=0.500001,0.499999 exchange=%s",
                 exchanges[mutual]);
        qsg_model model = model_of(text);
        ck_assert_msg(qsg_kinetic_growth(&model, &growth, &error) == QSG_OK, "%s", error.message);
        ck_assert_msg(qsg_kinetic_evolve(&model, 2, rounds, mean, NULL, &error) == QSG_OK, "%s", error.message);
        /* other modes have died out by e^-8, the cubic term is below 1e-4 */
        ck_close_abs(log((mean[1] - 0.5) / (mean[0] - 0.5)) / 5, growth.rate, 2e-4);
        qsg_model_free(&model);
    }
}
END_TEST

typedef struct {
    double mean, square, runs;
} tally;
static qsg_status add(void *context, const qsg_outcome *outcome)
{
    tally *t = context;
    t->mean += outcome->shares[0];
    t->square += outcome->shares[0] * outcome->shares[0];
    t->runs++;
    return QSG_OK;
}

/* 40 populations of 5000 after 6 rounds: five standard errors are about 0.002, and leaving out own output is 0.03 off. */
START_TEST(path_against_simulation)
{
    for (int mutual = 0; mutual < 2; mutual++) {
        char text[160];
        const double rounds = 6, times = 30000;
        double mean;
        tally t = {0};
        snprintf(text, sizeof text, "agents=5000 alpha=0.3 self=0.2 temper=0.5 init=0.6,0.4 exchange=%s", exchanges[mutual]);
        qsg_model model = model_of(text);
        const qsg_ensemble_request request = {.times = &times, .n = 1, .runs = 40, .seed = 11, .consensus = 0.99, .threads = 1, .want_shares = true};
        ck_assert_int_eq(qsg_kinetic_evolve(&model, 1, &rounds, &mean, NULL, NULL), QSG_OK);
        ck_assert_int_eq(qsg_ensemble_run(&model, &request, add, &t, NULL), QSG_OK);
        const double simulated = t.mean / t.runs, se = sqrt((t.square / t.runs - simulated * simulated) / t.runs);
        ck_close_abs(simulated, mean, 5 * se + 1e-3); /* 1e-3: a finite population */
        qsg_model_free(&model);
    }
}
END_TEST

/* T = .05 by a second method: laws and functions on a grid, linear between its points (second order: its spacing is a
 * thousandth of the width T of the channel's step).  pi by pushing masses, phi = (1 + rate - P)^-1 r by iteration, rate from
 * E_pi[phi(up) - phi(down)] = 1. */
enum { CELLS = 20000 };
static double between(const double *f, double x)
{
    const double at = x * CELLS;
    const size_t i = at >= CELLS ? CELLS - 1 : (size_t)at;
    return f[i] + (at - (double)i) * (f[i + 1] - f[i]);
}

static double feedback(double alpha, double rate, const double *law, const double *r, double *phi, double *next)
{
    for (size_t i = 0; i <= CELLS; i++)
        phi[i] = r[i] / (1 + rate);
    for (int step = 0; step < 150; step++) {
        for (size_t i = 0; i <= CELLS; i++) {
            const double x = (double)i / CELLS;
            next[i] = (r[i] + (between(phi, (1 - alpha) * x) + between(phi, (1 - alpha) * x + alpha)) / 2) / (1 + rate);
        }
        memcpy(phi, next, (CELLS + 1) * sizeof *phi);
    }
    double sum = 0;
    for (size_t i = 0; i <= CELLS; i++) {
        const double x = (double)i / CELLS;
        sum += law[i] * (between(phi, (1 - alpha) * x + alpha) - between(phi, (1 - alpha) * x));
    }
    return sum;
}

START_TEST(lowest_temperature)
{
    const double alpha = 0.3;
    qsg_model model = model_of("agents=100 alpha=0.3 temper=0.05");
    const qsg_channel channel = qsg_channel_of(&model);
    qsg_growth growth;
    double *law = calloc(4 * (CELLS + 1), sizeof *law), *r = law + CELLS + 1, *phi = r + CELLS + 1, *next = phi + CELLS + 1;
    ck_assert_int_eq(qsg_kinetic_growth(&model, &growth, NULL), QSG_OK);
    for (size_t i = 0; i <= CELLS; i++)
        r[i] = qsg_channel_binary(&channel, (double)i / CELLS);
    law[CELLS / 2] = 1;
    for (int step = 0; step < 60; step++) { /* the start is forgotten by .7^60 */
        memset(next, 0, (CELLS + 1) * sizeof *next);
        for (size_t i = 0; i <= CELLS; i++)
            for (int b = 0; b < 2; b++) {
                const double at = (1 - alpha) * (double)i + alpha * b * CELLS;
                const size_t j = at >= CELLS ? CELLS - 1 : (size_t)at;
                next[j] += law[i] / 2 * (1 - (at - (double)j));
                next[j + 1] += law[i] / 2 * (at - (double)j);
            }
        memcpy(law, next, (CELLS + 1) * sizeof *law);
    }
    ck_close_abs(feedback(alpha, growth.rate, law, r, phi, next), 1, 1e-4);
    ck_assert(fabs(feedback(alpha, growth.rate + 1e-3, law, r, phi, next) - 1) > 5e-4); /* what this would catch */
    free(law);
    qsg_model_free(&model);
}
END_TEST

START_TEST(refusals)
{
    const char *const texts[] = {"agents=50 alpha=0.3 self=0.2 temper=0.5 bandwidth=inf",
                                 "agents=50 alpha=0.3 self=0.2 temper=0.5 exchange=broadcast",
                                 "agents=50 alpha=0.3 self=0.2 temper=0.049"};
    for (size_t i = 0; i < 3; i++) {
        qsg_model model = model_of(texts[i]);
        qsg_growth growth = {-1, -2};
        ck_assert_int_eq(qsg_kinetic_growth(&model, &growth, NULL), QSG_EMODEL);
        ck_assert(growth.p == -1 && growth.rate == -2);
        qsg_model_free(&model);
    }
    qsg_model model = model_of("agents=50 alpha=0.3 self=0.2 temper=0.5");
    double mass[2] = {-1, -1};
    qsg_belief_shape shape;
    ck_assert_int_eq(qsg_adiabatic_density(&model, 0.5, 2, mass, &shape, NULL), QSG_EMODEL);
    ck_assert(mass[0] == -1);
    qsg_model_free(&model);
}
END_TEST

RUN_TESTS("own_output", neutral_spread, weak_field, growth_in_time, path_against_simulation, lowest_temperature, refusals)
