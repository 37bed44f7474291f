/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "diffusion.h"

static const double none[3] = {0};

static qsg_simplex simplex_of(size_t n, const double inflow[3], const double selection[3], const double p[3])
{
    qsg_simplex s = {0};
    ck_assert_int_eq(qsg_simplex_init(&s, n, inflow, selection, NULL), QSG_OK);
    ck_assert_int_eq(qsg_simplex_start_point(&s, p, NULL), QSG_OK);
    return s;
}

/* The lattice chain of two labels, solved by itself: the neutral label marginals of three labels are the same chain. */
static void two_label_chain(size_t n, double start, double tau, double *mass)
{
    double *next = calloc(n + 1, sizeof *next), *sum = calloc(n + 1, sizeof *sum);
    const double rate = (double)(n * n) / 4, jumps = rate * tau, at = start * (double)n;
    memset(mass, 0, (n + 1) * sizeof *mass);
    mass[(size_t)at] = 1 - (at - floor(at));
    if (at > floor(at))
        mass[(size_t)at + 1] = at - floor(at);
    double weight = exp(-jumps);
    for (double k = 0; k < jumps + 12 * sqrt(jumps) + 40; k++) {
        for (size_t i = 0; i <= n; i++)
            sum[i] += weight * mass[i];
        memcpy(next, mass, (n + 1) * sizeof *next);
        for (size_t i = 1; i < n; i++) {
            const double moves = mass[i] * (double)(i * (n - i)) / 2 / rate;
            next[i] -= 2 * moves;
            next[i - 1] += moves;
            next[i + 1] += moves;
        }
        memcpy(mass, next, (n + 1) * sizeof *mass);
        weight *= jumps / (k + 1);
    }
    memcpy(mass, sum, (n + 1) * sizeof *mass);
    free(next);
    free(sum);
}

START_TEST(simplex_marginals)
{
    enum { N = 30 };
    const double p[3] = {0.2385, 0.31, 0.4515};
    double got[N + 1], want[N + 1];
    qsg_simplex s = simplex_of(N, none, none, p);
    ck_assert_int_eq(qsg_simplex_advance(&s, 0.6, NULL), QSG_OK);
    for (size_t k = 0; k < 3; k++) {
        double mean = 0, spread = 0;
        qsg_simplex_marginal(&s, k, got);
        two_label_chain(N, p[k], 0.6, want);
        for (size_t i = 0; i <= N; i++) {
            const double x = (double)i / N;
            ck_close_abs(got[i], want[i], 1e-13);
            mean += got[i] * x;
            spread += got[i] * x * (1 - x);
        }
        ck_close(mean, p[k], 1e-13);
        const double low = floor(p[k] * N) / N, high = low + 1.0 / N; /* x(1-x) of the split start */
        const double start = ((p[k] - low) * high * (1 - high) + (high - p[k]) * low * (1 - low)) * N;
        ck_close(spread, start * exp(-0.6), 1e-12);
    }
    qsg_simplex_free(&s);
}
END_TEST

/* Corners and edges against the spectral solution of each label, at second order: 0.5/n^2 or less. */
START_TEST(simplex_atoms)
{
    const double p[3] = {0.2, 0.3, 0.5};
    for (size_t n = 40; n <= 80; n *= 2) {
        double corners[3], edges[3], absorbed[2], sum = 0;
        qsg_simplex s = simplex_of(n, none, none, p);
        ck_assert_int_eq(qsg_simplex_advance(&s, 0.9, NULL), QSG_OK);
        qsg_simplex_atoms(&s, corners, edges);
        for (int k = 0; k < 3; k++) {
            qsg_spectral q = spectral_of(&neutral, p[k], 0.9);
            ck_assert_int_eq(qsg_spectral_absorbed(&q, 0.9, absorbed, NULL), QSG_OK);
            ck_close_abs(corners[k], absorbed[0], 0.5 / (double)(n * n));
            ck_close_abs(edges[k] + corners[(k + 1) % 3] + corners[(k + 2) % 3], absorbed[1], 0.5 / (double)(n * n));
            qsg_spectral_free(&q);
        }
        for (size_t i = 0; i < s.states; i++) {
            ck_assert(s.mass[i] >= 0);
            sum += s.mass[i];
        }
        ck_close_abs(sum, 1, 1e-13);
        qsg_simplex_free(&s);
    }
}
END_TEST

/* With a field on label 1 alone, and with innovation, label 1 is a two-label problem: second order again. */
START_TEST(simplex_with_drift)
{
    static const struct { double inflow[3], selection[3]; } cases[] = {
        {{0, 0, 0}, {2, 0, 0}}, {{2, 3, 4}, {0, 0, 0}}, {{2, 0, 0}, {0, 0, 0}}, {{1.5, 2, 3}, {2, 0, 0}}};
    const double p[3] = {0.3, 0.2, 0.5};
    for (size_t c = 0; c < 4; c++) {
        const double *a = cases[c].inflow;
        const qsg_polynomial_drift drift = {{a[0], a[1] + a[2]}, {cases[c].selection[0]}};
        qsg_fokker_planck fp = volumes_of(2000, &drift, p[0]);
        advance(&fp, 0.7);
        double want[2] = {fp.absorbed[0], fp.absorbed[0]};
        for (size_t i = 0; i < fp.parts; i++) {
            want[0] += fp.part[i] * fp.place[i];
            want[1] += fp.part[i] * fp.place[i] * fp.place[i];
        }
        double error[2][3];
        for (int grid = 0; grid < 2; grid++) {
            const size_t n = grid ? 80 : 40;
            double *mass = calloc(n + 1, sizeof *mass), got[2] = {0}, corners[3], edges[3];
            qsg_simplex s = simplex_of(n, a, cases[c].selection, p);
            ck_assert_int_eq(qsg_simplex_advance(&s, 0.7, NULL), QSG_OK);
            qsg_simplex_marginal(&s, 0, mass);
            qsg_simplex_atoms(&s, corners, edges);
            for (size_t i = 0; i <= n; i++) {
                got[0] += mass[i] * (double)i / (double)n;
                got[1] += mass[i] * (double)i / (double)n * (double)i / (double)n;
            }
            for (int m = 0; m < 2; m++)
                error[grid][m] = fabs(got[m] - want[m]);
            error[grid][2] = fabs(corners[0] - fp.absorbed[0]);
            free(mass);
            qsg_simplex_free(&s);
        }
        for (int m = 0; m < 3; m++)
            ck_assert_msg(error[1][m] <= 0.3 * error[0][m] + 2e-7 && error[1][m] < 5e-4,
                          "case %zu quantity %d: error %g, then %g", c, m, error[0][m], error[1][m]);
        qsg_fokker_planck_free(&fp);
    }
}
END_TEST

START_TEST(simplex_stationary_dirichlet)
{
    const double inflow[3] = {2, 3, 4}, p[3] = {1, 0, 0};
    qsg_simplex s = simplex_of(60, inflow, none, p);
    double *mass = calloc(s.states, sizeof *mass), mean = 0, cross = 0;
    ck_assert_int_eq(qsg_simplex_stationary(&s, mass, NULL), QSG_OK);
    for (size_t i = 0; i <= 60; i++)
        for (size_t j = 0; i + j <= 60; j++) {
            mean += mass[qsg_simplex_index(&s, i, j)] * (double)i / 60;
            cross += mass[qsg_simplex_index(&s, i, j)] * (double)i * (double)j / 3600;
        }
    ck_close(mean, 2.0 / 9, 1e-10); /* linear drift: exact on the lattice */
    ck_close(cross, 2.0 * 3 / (9 * 10), 1e-3); /* second order */
    ck_assert_int_eq(qsg_simplex_advance(&s, 12, NULL), QSG_OK);
    for (size_t i = 0; i < s.states; i++)
        ck_close_abs(s.mass[i], mass[i], 1e-12);
    free(mass);
    qsg_simplex_free(&s);
}
END_TEST

/* The density itself: label 1's marginal, half rows beside the atoms aside, is the two-label density at its points, to
 * second order. */
START_TEST(simplex_marginal_density)
{
    const double p[3] = {0.25, 0.3, 0.45}; /* on both lattices */
    double worst[2] = {0};
    qsg_spectral two = spectral_of(&neutral, p[0], 0.3);
    for (int grid = 0; grid < 2; grid++) {
        const size_t n = grid ? 80 : 40;
        qsg_simplex s = simplex_of(n, none, none, p);
        double mass[81], density;
        ck_assert_int_eq(qsg_simplex_advance(&s, 0.3, NULL), QSG_OK);
        qsg_simplex_marginal(&s, 0, mass);
        for (size_t i = 1; i < n; i++) {
            const double x = (double)i / (double)n;
            ck_assert_int_eq(qsg_spectral_density(&two, 0.3, 1, &x, &density, NULL), QSG_OK);
            worst[grid] = fmax(worst[grid], fabs(mass[i] * (double)n - density));
        }
        qsg_simplex_free(&s);
    }
    ck_assert_msg(worst[1] < 0.28 * worst[0] && worst[1] < 0.01, "off by %g, then %g", worst[0], worst[1]);
    qsg_spectral_free(&two);
}
END_TEST

/* A leap against the same time in many stretches of uniformization, which has positive terms only; and long times end in
 * the fixation probabilities (martingale) or the stationary law, without walking there. */
START_TEST(leaps)
{
    static const struct { double inflow[3], selection[3]; } cases[] = {
        {{0, 0, 0}, {0, 0, 0}}, {{2, 3, 4}, {2, -1, 5}}, {{0.3, 0.2, 0.5}, {30, -10, 0}}, {{1e-3, 0, 2e-3}, {3, 0, -2}}};
    const double p[3] = {0.2385, 0.31, 0.4515};
    for (size_t c = 0; c < 4; c++) {
        qsg_simplex leap = simplex_of(30, cases[c].inflow, cases[c].selection, p),
                    walk = simplex_of(30, cases[c].inflow, cases[c].selection, p);
        ck_assert_int_eq(qsg_simplex_advance(&leap, 12, NULL), QSG_OK);
        for (double tau = 0; tau < 12; tau = fmin(12, tau + 1000 / walk.rate), qsg_simplex_advance(&walk, tau, NULL))
            ;
        double l1 = 0, sum = 0;
        for (size_t i = 0; i < leap.states; i++) {
            ck_assert(leap.mass[i] >= 0);
            l1 += fabs(leap.mass[i] - walk.mass[i]);
            sum += leap.mass[i];
        }
        ck_assert_msg(l1 < 2e-12, "case %zu: L1 distance %g", c, l1);
        ck_close_abs(sum, 1, 1e-13);
        qsg_simplex_free(&walk);
        if (c == 0) {
            double corners[3], edges[3];
            ck_assert_int_eq(qsg_simplex_advance(&leap, 1e12, NULL), QSG_OK);
            qsg_simplex_atoms(&leap, corners, edges);
            for (int k = 0; k < 3; k++)
                ck_close(corners[k], p[k], 1e-11);
        } else if (c == 1) {
            double *mass = calloc(leap.states, sizeof *mass);
            ck_assert_int_eq(qsg_simplex_advance(&leap, 1e12, NULL), QSG_OK);
            ck_assert_int_eq(qsg_simplex_stationary(&leap, mass, NULL), QSG_OK);
            for (size_t i = 0; i < leap.states; i++)
                ck_close_abs(leap.mass[i], mass[i], 1e-12);
            free(mass);
        }
        qsg_simplex_free(&leap);
    }
}
END_TEST

/* So slow an inflow that a leap grows to the most jumps it may have: 1e8, which is no power of 2 times the first. */
START_TEST(longest_leap)
{
    const double inflow[3] = {1e-8, 1e-8, 1e-8}, p[3] = {1.0 / 3, 1.0 / 3, 1.0 / 3};
    qsg_simplex s = simplex_of(10, inflow, none, p);
    double corners[3], edges[3], sum = 0;
    ck_assert_int_eq(qsg_simplex_advance(&s, 4e8 / s.rate, NULL), QSG_OK);
    for (size_t i = 0; i < s.states; i++)
        sum += s.mass[i];
    ck_close_abs(sum, 1, 1e-12);
    qsg_simplex_atoms(&s, corners, edges);
    ck_assert(corners[0] == 0 && edges[0] == 0); /* nothing is absorbed */
    qsg_simplex_free(&s);
}
END_TEST

START_TEST(errors)
{
    double out[2] = {7, 7};
    qsg_error e;
    qsg_simplex t = {0}, blank = {0};
    const double strong[3] = {1e5, 0, 0}, negative[3] = {-1, 0, 0}, off[3] = {0.5, 0.2, 0.2}, p[3] = {0.5, 0.25, 0.25};
    ck_assert_int_eq(qsg_simplex_init(&t, 2, none, none, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_simplex_init(&t, 10, negative, none, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_simplex_init(&t, 10, none, strong, &e), QSG_EDOMAIN);
    ck_assert_mem_eq(&t, &blank, sizeof t);
    t = simplex_of(10, none, none, p);
    ck_assert_int_eq(qsg_simplex_start_point(&t, off, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_simplex_advance(&t, -1, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_simplex_stationary(&t, out, &e), QSG_ENOEXIST);
    qsg_simplex_free(&t);
    ck_assert(out[0] == 7 && out[1] == 7);
}
END_TEST

RUN_TESTS("simplex", simplex_marginals, simplex_atoms, simplex_with_drift, simplex_stationary_dirichlet,
          simplex_marginal_density, leaps, longest_leap, errors)
