/* Many labels in the kinetic mean field: growth rates, and the path by particles.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

/* Many labels: two labels are the dispersion relation of the transfer operator, with every option that the rate
 * depends on; at 0.05 the steepest channels that are offered, where the operator has to be resolved.  The largest error of
 * a rate that a wrong factor would hide in is given.  Six standard errors each: false alarms below 1e-7 together. */
START_TEST(growth_of_two_labels_among_many)
{
    static const struct { const char *text; double se; } cases[] = {
        {"alpha=0.3 temper=0.5", .002}, {"alpha=0.6 temper=0.3 bandwidth=4 exchange=mutual", .02},
        {"alpha=0.3 temper=0.5 self=0.2 bandwidth=3 exchange=mutual", .006},
        {"alpha=0.4 temper=0.3 bandwidth=16", .005}, {"alpha=0.3 temper=0.5 self=0.2", .004},
        {"alpha=0.3 temper=0.2", .005}, {"alpha=0.3 temper=1.3", .001}, {"alpha=0.08 temper=0.5", .0003},
        {"alpha=0.34 temper=0.05", .005}, {"alpha=0.94 temper=0.05", .01},
        {"alpha=0.3 temper=0.5 exchange=mutual", .003}, {"alpha=0.3 temper=0.5 innovation=0.3", .001},
        {"alpha=0.3 temper=0.5 bandwidth=2", .002},
    };
    for (size_t i = 0; i < CASES(sizeof cases / sizeof *cases, 4); i++) {
        char text[100];
        double rate, se;
        qsg_growth growth;
        qsg_error error = {""};
        snprintf(text, sizeof text, "agents=100 %s", cases[i].text);
        qsg_model model = model_of(text);
        ck_assert_int_eq(qsg_kinetic_growth(&model, &growth, &error), QSG_OK);
        ck_assert_msg(!qsg_kinetic_growth_labels(&model, 7, &rate, &se, &error), "%s: %s", text, error.message);
        ck_assert_msg(se < cases[i].se, "%s: error %g", text, se);
        ck_assert_msg(fabs(rate - growth.rate) < 6 * se + 1e-6, "%s: %g(%g) %g", text, rate, se, growth.rate);
        qsg_model_free(&model);
    }
    qsg_growth unchanged = {7, 7};
    qsg_model cold = model_of("agents=100 alpha=0.7 temper=0.02");
    ck_assert_int_eq(qsg_kinetic_growth(&cold, &unchanged, NULL), QSG_EMODEL);
    ck_assert(unchanged.p == 7 && unchanged.rate == 7);
    qsg_model_free(&cold);
}
END_TEST

/* Neutral labels neither grow nor fall, and innovation takes -a (alpha + self) eps, whatever K and m: without own output
 * there is no noise.  No noise either of a population that agrees, which many words come near to at small alpha. */
START_TEST(growth_of_many_labels)
{
    static const struct { const char *text; double rate; double tolerance; } cases[] = {
        {"labels=7 alpha=0.4", 0, 1e-12}, {"labels=7 alpha=0.4 bandwidth=3", 0, 1e-12},
        {"labels=3 alpha=0.04 bandwidth=2 exchange=mutual", 0, 1e-9}, /* looked at every other event */
        {"labels=4 alpha=1 bandwidth=2", 0, 1e-12},
        {"labels=5 alpha=0.3 bandwidth=4 innovation=0.2", -0.06, 1e-9},
        {"labels=5 alpha=0.3 bandwidth=2 innovation=0.9 exchange=mutual", -0.54, 1e-9},
        {"labels=5 alpha=0.3 bandwidth=2 innovation=0.1 self=0.2", -0.05, 0},
        {"labels=5 alpha=0.3 temper=0.5 innovation=1 self=0.2 exchange=mutual", -1, 1e-12},
        {"labels=5 alpha=0.3 temper=0.5 innovation=0.1 bandwidth=inf", 0.3 * 0.8, 1e-12},
        {"labels=3 alpha=0.2 temper=0.7 bandwidth=64", 0.2 * 3 / 7, 0.03 * 0.2 * 3 / 7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[100];
        double rate, se;
        qsg_error error = {""};
        snprintf(text, sizeof text, "agents=100 %s", cases[i].text);
        qsg_model model = model_of(text);
        ck_assert_msg(!qsg_kinetic_growth_labels(&model, 7, &rate, &se, &error), "%s: %s", text, error.message);
        ck_assert_msg(fabs(rate - cases[i].rate) <= 6 * se + cases[i].tolerance, "%s: %g(%g)", text, rate, se);
        ck_assert_msg(se < 0.006 && (cases[i].tolerance == 0 || se <= cases[i].tolerance), "%s: error %g", text, se);
        qsg_model_free(&model);
    }
}
END_TEST

/* Against ln|deviation| of simulated populations of 10^6 agents, two runs from each side of 1/K so that the terms of even
 * order cancel: K = 3, m = 3, rounds 12 to 15 and 15 to 18, .1852 and .1848; K = 5 in rounds 8 to 10, .3143, from a
 * start of the size of the noise. */
START_TEST(growth_of_many_labels_as_simulated)
{
    static const struct { const char *text; double rate, tolerance; } cases[] = {
        {"labels=3 alpha=0.3 temper=0.5 bandwidth=3", 0.1850, 0.001},
        {"labels=5 alpha=0.3 temper=0.5 bandwidth=2 self=0.2 exchange=mutual", 0.3143, 0.006},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[100];
        double rate, se;
        snprintf(text, sizeof text, "agents=100 %s", cases[i].text);
        qsg_model model = model_of(text);
        ck_assert_int_eq(qsg_kinetic_growth_labels(&model, 7, &rate, &se, NULL), QSG_OK);
        ck_assert_msg(fabs(rate - cases[i].rate) < 6 * se + cases[i].tolerance, "%s: %g(%g)", text, rate, se);
        ck_assert(se < 0.02 * rate);
        qsg_model_free(&model);
    }
}
END_TEST

/* What has no rate, and what would take too long: own output that keeps an agent at its label. */
START_TEST(growth_of_many_labels_refuses)
{
    static const char *const cases[] = {
        "labels=3 alpha=0.3 temper=0.5 exchange=broadcast", "labels=3 alpha=0.3 temper=0.5 bandwidth=65",
        "labels=3 alpha=0.3 temper=0.5 bandwidth=inf self=0.1", "labels=3 alpha=0.3 temper=0.5 field=0.1,0,0",
        "labels=3 alpha=0.3 temper=0.5 innovation=0.1 prior=0.5,0.3,0.2", "labels=2000 alpha=0.3 temper=0.5",
        "labels=3 alpha=1e-9 temper=0.5", "labels=1000000 alpha=1e-9 self=1e-9 temper=0.5",
        "labels=20 alpha=0.1 temper=0.05 self=0.9 exchange=mutual",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[100];
        double rate = -7, se = -7;
        snprintf(text, sizeof text, "agents=100 %s", cases[i]);
        qsg_model model = model_of(text);
        ck_assert_msg(qsg_kinetic_growth_labels(&model, 7, &rate, &se, NULL) == QSG_EMODEL, "%s", text);
        ck_assert(rate == -7 && se == -7);
        qsg_model_free(&model);
    }
}
END_TEST

/* Sum over runs of |xbar - 1/K|^2 at two times. */
static qsg_status add_spread(void *context, const qsg_outcome *outcome)
{
    double *sum = context;
    for (int i = 0; i < 2; i++)
        sum[i] += outcome->polarization[i] - 0.2;
    return QSG_OK;
}

START_TEST(growth_of_five_labels_by_simulation)
{
    /* the variance of the mean grows e-fold in 1/(2 rate) rounds; from 12 to 20 rounds it stays linear at N = 50,000 */
    const char *text = "agents=50000 labels=5 alpha=0.3 temper=0.5";
    qsg_model model = model_of(text);
    const double times[] = {12 * 50000.0, 20 * 50000.0};
    const qsg_ensemble_request request = {.times = times, .n = 2, .runs = 60, .seed = 3, .consensus = 0.95};
    double rate, se, sum[2] = {0, 0};
    ck_assert_int_eq(qsg_kinetic_growth_labels(&model, 7, &rate, &se, NULL), QSG_OK);
    ck_assert_int_eq(qsg_ensemble_run(&model, &request, add_spread, sum, NULL), QSG_OK);
    /* 60 runs of 4 independent directions: the log of a variance has s.e. sqrt(2/240) = .091, their difference over 16
     * rounds at most .0081; with 2% of the initial noise's remains 6 of these and .005 */
    ck_close_abs(log(sum[1] / sum[0]) / 16, rate, 6 * 0.0081 + 0.005);
    qsg_model_free(&model);
}
END_TEST

/* By particles against by moments: two labels, and three of which the third is unknown to all.  The standard error is estimated
 * from 8 runs (Student's t with 7 degrees of freedom is beyond 12 with probability 7e-6, 18 times here), and 2e-3 is more than
 * the bias of 8,192 particles; a start or channel that is off by 1% moves U by .01. */
START_TEST(particles)
{
    const char *const texts[] = {"alpha=0.3 temper=0.5 bandwidth=2 ", "alpha=0.5 temper=0.7 exchange=mutual innovation=0.05 ",
                                 "alpha=0.2 self=0.1 field=0.3,0 "};
    const char *const starts[] = {"init=0.6,0.4", "init=onehot:65,35", "init=dirichlet:2"};
    const double rounds[] = {0, 2, 8};
    for (int i = 0; i < 9; i++) {
        double u[3], se[3], spread[3], shares[9], mean[3], variance[3];
        char text[160];
        snprintf(text, sizeof text, "agents=100 %s%s", texts[i / 3], starts[i % 3]);
        qsg_model two = model_of(text);
        const bool third = i % 3 == 0 && i != 3 && i != 6;
        if (third)
            snprintf(text, sizeof text, "agents=100 labels=3 %sinit=0.6,0.4,0", texts[i / 3]);
        qsg_model model = model_of(text);
        ck_assert_int_eq(qsg_kinetic_evolve(&two, 3, rounds, mean, variance, NULL), QSG_OK);
        ck_assert_int_eq(qsg_kinetic_particles(&model, 3, rounds, 4, u, se, spread, shares, NULL), QSG_OK);
        for (int j = 0; j < 3; j++) {
            const double want = mean[j] * mean[j] + (1 - mean[j]) * (1 - mean[j]);
            ck_close_abs(u[j], want, 12 * se[j] + 2e-3);
            ck_close_abs(shares[j * (third ? 3 : 2)], mean[j], 12 * se[j] / fabs(4 * mean[j] - 2 + 1e-9) + 2e-3);
            ck_close_abs(spread[j], 2 * variance[j], 5e-3); /* .002 is five standard errors of 65,536 beliefs */
        }
        qsg_model_free(&model);
        qsg_model_free(&two);
    }
}
END_TEST

/* Amplified noise of the particles and times beyond the patience are no numbers; nothing else fails. */
START_TEST(particles_refuse)
{
    const double rounds[] = {0, 60, 1e15};
    double u[3], se[3], spread[3], shares[9];
    qsg_model model = model_of("agents=100 labels=3 alpha=0.3 temper=0.3");
    ck_assert_int_eq(qsg_kinetic_particles(&model, 3, rounds, 1, u, se, spread, shares, NULL), QSG_OK);
    ck_close_abs(u[0], 1 / 3.0, 1e-12);
    ck_assert(isnan(u[1]) && isnan(se[1]) && isnan(spread[1]) && isnan(shares[3]) && isnan(u[2]));
    ck_assert_int_eq(qsg_kinetic_particles(&model, 2, (double[]){2, 1}, 1, u, se, spread, shares, NULL), QSG_EDOMAIN);
    qsg_model_free(&model);
    model = model_of("agents=100 labels=3 alpha=0.3 exchange=broadcast");
    ck_assert_int_eq(qsg_kinetic_particles(&model, 1, rounds, 1, u, se, spread, shares, NULL), QSG_EMODEL);
    qsg_model_free(&model);
}
END_TEST

RUN_TESTS("kinetic labels", growth_of_two_labels_among_many, growth_of_many_labels, growth_of_many_labels_as_simulated,
          growth_of_many_labels_refuses, growth_of_five_labels_by_simulation, particles, particles_refuse)
