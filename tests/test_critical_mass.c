/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chains.h"

#include <gsl/gsl_rng.h>
#include <gsl/gsl_sf_psi.h>

/* Copiers: the cut chain; limit: psi(theta), the closed mean of the diffusion; no noise: a logarithm. */
START_TEST(critical_mass)
{
    qsg_critical_mass_setting s = {.agents = 24, .committed = 3, .alpha = 1, .bandwidth = 1, .threshold = 1};
    qsg_critical_mass c;
    double p, mean[25];
    size_t start;
    qsg_chain chain = chain_of("agents=24 alpha=1 zealots=3,0 init=0,1", &start);
    ck_assert_int_eq(qsg_chain_times(&chain, 0, mean, NULL, NULL), QSG_OK);
    ck_assert_int_eq(qsg_critical_mass_time(&s, &c, NULL), QSG_OK);
    ck_close(c.mean, mean[0], 1e-13);
    ck_assert_int_eq(c.basis, QSG_EXACT);
    qsg_chain_free(&chain);
    s.alpha = 0.4; /* theta = 3 (2 0.6 + 0.4)/0.4 = 12; lambda = 2 alpha^2/(pairs 1.6) */
    ck_assert_int_eq(qsg_critical_mass_time(&s, &c, NULL), QSG_OK);
    ck_close(c.effective, 12, 1e-14);
    ck_close(c.mean, 2.0 / 11 * (gsl_sf_psi(12) + 0.57721566490153286) * 24 * 23 * 1.6 / (2 * 0.16), 2e-3); /* 2,000 states */
    ck_assert_int_eq(c.basis, QSG_ASYMPTOTIC);
    ck_assert_int_eq(qsg_critical_mass_probability(&s, c.mean, &p, NULL), QSG_OK);
    ck_assert(p > 0.5 && p < 0.7);
    s.threshold = 0.8;
    s.bandwidth = INFINITY;
    ck_assert_int_eq(qsg_critical_mass_time(&s, &c, NULL), QSG_OK);
    ck_close(c.mean, log(0.2) / log1p(-0.4 * 3 / (24 * 23.0)), 1e-12);
    s.bandwidth = 1000000; /* nearly none */
    const double t = c.mean;
    ck_assert_int_eq(qsg_critical_mass_time(&s, &c, NULL), QSG_OK);
    ck_close(c.mean, t, 2e-3); /* 200,000 states for 9 million effective zealots */
    uint64_t z;
    s.bandwidth = 1;
    s.alpha = 1;
    ck_assert_int_eq(qsg_critical_mass_size(&s, 400, 0.9, &z, NULL), QSG_OK);
    s.committed = z;
    ck_assert_int_eq(qsg_critical_mass_probability(&s, 400, &p, NULL), QSG_OK);
    ck_assert_double_ge(p, 0.9);
    s.committed = z - 1;
    ck_assert_int_eq(qsg_critical_mass_probability(&s, 400, &p, NULL), QSG_OK);
    ck_assert_double_lt(p, 0.9);
    s.committed = 24;
    ck_assert_int_eq(qsg_critical_mass_time(&s, &c, NULL), QSG_EDOMAIN);
    s.committed = 0;
    ck_assert_int_eq(qsg_critical_mass_time(&s, &c, NULL), QSG_EDOMAIN);
}
END_TEST

/* A population of slow learners, simulated here: 400 flips of N = 60, z = 2, alpha 0.5.  4.9 standard errors plus 6% for the
 * limit (1/N and zealots/N); without the effective zealots theory would be 1.6 times as long. */
START_TEST(critical_mass_simulated)
{
    enum { N = 60, Z = 2, RUNS = 400 };
    const qsg_critical_mass_setting s = {.agents = N, .committed = Z, .alpha = 0.5, .bandwidth = 1, .threshold = 0.9};
    qsg_critical_mass c;
    double sum = 0, square = 0;
    ck_assert_int_eq(qsg_critical_mass_time(&s, &c, NULL), QSG_OK);
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);
    gsl_rng_set(rng, 5);
    for (int run = 0; run < RUNS; run++) {
        double x[N] = {1, 1}, mean = 0, t = 0;
        while (mean < 0.9 * (N - Z)) {
            const size_t a = gsl_rng_uniform_int(rng, N), l = (a + 1 + gsl_rng_uniform_int(rng, N - 1)) % N;
            t++;
            if (l < Z)
                continue;
            const double step = 0.5 * ((gsl_rng_uniform(rng) < x[a]) - x[l]);
            x[l] += step;
            mean += step;
        }
        sum += t / RUNS;
        square += t * t / RUNS;
    }
    gsl_rng_free(rng);
    const double se = sqrt((square - sum * sum) / RUNS);
    ck_close_abs(sum, c.mean, 4.9 * se + 0.06 * c.mean);
}
END_TEST

/* The smallest z against trying them all: thresholds among free agents, where more zealots may do worse, and among all. */
START_TEST(smallest)
{
    static const double thresholds[] = {0.51, 0.7, 0.9, 0.95, 1}, horizons[] = {60, 200, 900}, levels[] = {0.1, 0.5, 0.9};
    enum { N = 24 };
    int searched = 0, drops = 0;
    for (int c = 0; c < 180; c++) {
        qsg_critical_mass_setting s = {.agents = N, .alpha = c / 90 ? 0.6 : 1, .bandwidth = 1, .of_all = c / 45 % 2,
                                       .threshold = thresholds[c % 5]};
        const double horizon = horizons[c / 5 % 3], level = levels[c / 15 % 3];
        if (s.alpha < 1 && c % 4) /* the limit's chains are long */
            continue;
        uint64_t found = 77, want = 0;
        double before = 0;
        for (uint64_t z = 1; z < N; z++) {
            double p;
            s.committed = z;
            ck_assert_int_eq(qsg_critical_mass_probability(&s, horizon, &p, NULL), QSG_OK);
            drops += p < before - 1e-6;
            before = p;
            if (p >= level && !want)
                want = z;
        }
        const qsg_status status = qsg_critical_mass_size(&s, horizon, level, &found, NULL);
        ck_assert_int_eq(status, want ? QSG_OK : QSG_ENOEXIST);
        ck_assert_uint_eq(found, want ? want : 77);
        searched += want > 1;
    }
    ck_assert_int_gt(searched, 30);
    ck_assert_int_gt(drops, 10); /* the search has something to get wrong */
}
END_TEST

/* At alpha = 1 all stay sure, so the bandwidth does not enter; the threshold of all agents is one of the free ones. */
START_TEST(variants)
{
    qsg_critical_mass_setting s = {.agents = 30, .committed = 4, .alpha = 1, .bandwidth = 1, .threshold = 0.9, .of_all = true};
    qsg_critical_mass c, other;
    const double horizons[] = {500, 0, 200};
    double p[3], one;
    ck_assert_int_eq(qsg_critical_mass_time(&s, &c, NULL), QSG_OK);
    s.bandwidth = INFINITY;
    ck_assert_int_eq(qsg_critical_mass_time(&s, &other, NULL), QSG_OK);
    ck_assert_double_eq(c.mean, other.mean);
    ck_assert_double_eq(other.effective, 4);
    ck_assert_int_eq(other.basis, QSG_EXACT);
    s.of_all = false;
    s.threshold = 23.0 / 26; /* 27 of 30 */
    ck_assert_int_eq(qsg_critical_mass_time(&s, &other, NULL), QSG_OK);
    ck_close(c.mean, other.mean, 1e-14);
    ck_assert_int_eq(qsg_critical_mass_law(&s, 3, horizons, p, NULL), QSG_OK);
    ck_assert_double_eq(p[1], 0);
    ck_assert(p[0] > p[2] && p[2] > 0);
    ck_assert_int_eq(qsg_critical_mass_probability(&s, 200, &one, NULL), QSG_OK);
    ck_assert_double_eq(one, p[2]);
    s.of_all = true; /* 4 of 30 are a share of 0.1 from the start */
    s.threshold = 0.1;
    ck_assert_int_eq(qsg_critical_mass_time(&s, &other, NULL), QSG_OK);
    ck_assert_double_eq(other.mean, 0);
    ck_assert_int_eq(qsg_critical_mass_probability(&s, 0, &one, NULL), QSG_OK);
    ck_assert_double_eq(one, 1);
    ck_assert_int_eq(qsg_critical_mass_law(&s, 1, (double[]){NAN}, p, NULL), QSG_EDOMAIN);
}
END_TEST

RUN_LOOPS("critical_mass", {critical_mass, 1}, {critical_mass_simulated, 1}, {smallest, 1}, {variants, 1})
