/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reference.h"

static qsg_consensus_law law_of(const double *p, size_t labels)
{
    qsg_consensus_law law = {0};
    qsg_error error = {""};
    ck_assert_msg(qsg_consensus_law_init(&law, p, labels, &error) == QSG_OK, "%s", error.message);
    return law;
}

static qsg_consensus_law uniform(size_t labels)
{
    double *p = malloc(labels * sizeof *p);
    for (size_t k = 0; k < labels; k++)
        p[k] = 1 / (double)labels;
    qsg_consensus_law law = law_of(p, labels);
    free(p);
    return law;
}

static double survival(qsg_consensus_law *law, double tau)
{
    double probability = NAN;
    qsg_error error = {""};
    ck_assert_msg(qsg_consensus_law_survival(law, tau, &probability, &error) == QSG_OK, "%s", error.message);
    return probability;
}

static double quantile(qsg_consensus_law *law, double level)
{
    double tau = NAN;
    qsg_error error = {""};
    ck_assert_msg(qsg_consensus_law_quantile(law, level, &tau, &error) == QSG_OK, "%s", error.message);
    return tau;
}

static void reference_mean(const char *parameters, const char *value)
{
    qsg_consensus_law law = uniform((size_t)parameter(parameters, "K"));
    ck_close_abs(qsg_consensus_law_mean(&law), strtod(value, NULL), last_digit(value));
    qsg_consensus_law_free(&law);
}

static void reference_quantile(const char *parameters, const char *value)
{
    qsg_consensus_law law = uniform((size_t)parameter(parameters, "K"));
    ck_close_abs(quantile(&law, parameter(parameters, "q")), strtod(value, NULL), 1e-5); /* the table has 6 digits */
    qsg_consensus_law_free(&law);
}

static void reference_probability(const char *parameters, const char *value)
{
    qsg_consensus_law law = uniform((size_t)parameter(parameters, "K"));
    ck_close_abs(1 - survival(&law, parameter(parameters, "t")), strtod(value, NULL), 5.1e-7);
    qsg_consensus_law_free(&law);
}

/* The classical values that were computed elsewhere (data/classic/README.md). */
START_TEST(reference_values)
{
    ck_assert_int_eq(for_reference("E_T_consensus", reference_mean), 5);
    ck_assert_int_eq(for_reference("quantile_T_consensus", reference_quantile), 9);
    ck_assert_int_eq(for_reference("P_consensus_by_t", reference_probability), 8);
}
END_TEST

/* Tavare (1984): P(T <= tau) = sum_j g_j(tau) sum_k p_k^j.  Alternating; in long double 30 ancestors do for tau >= 0.5
 * with an error below 1e-13 (largest term about 1e4 times the sum at tau = 0.5). */
static long double tavare(const double *p, size_t labels, double tau)
{
    long double total = 0;
    for (int j = 1; j <= 30; j++) {
        long double g = 0, power = 0;
        for (int k = j; k <= 60; k++) {
            /* j(j+1)..(j+k-2)/(j!(k-j)!) in logarithms */
            long double log_size = lgammal(j + k - 1.0L) - lgammal((long double)j) - lgammal(j + 1.0L) -
                                   lgammal(k - j + 1.0L) - k * (k - 1) * (long double)tau / 2;
            long double term = (2 * k - 1) * expl(log_size);
            g += (k - j) % 2 ? -term : term;
        }
        for (size_t i = 0; i < labels; i++)
            power += powl(p[i], j);
        total += g * power;
    }
    return total;
}

START_TEST(ancestor_numbers)
{
    const double starts[][4] = {{0.2385, 0.7615}, {0.5, 0.3, 0.2}, {0.25, 0.25, 0.25, 0.25}, {0.01, 0.02, 0.03, 0.94},
                                {0.999, 0.001}};
    const size_t labels[] = {2, 3, 4, 4, 2};
    const double taus[] = {0.5, 0.8, 1.3, 2, 5, 12};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        qsg_consensus_law law = law_of(starts[i], labels[i]);
        for (size_t j = 0; j < sizeof taus / sizeof *taus; j++)
            ck_close_abs(1 - survival(&law, taus[j]), (double)tavare(starts[i], labels[i], taus[j]), 1e-12);
        qsg_consensus_law_free(&law);
    }
}
END_TEST

/* u(p, tau) = P(T > tau | p), K = 2: u_tau = (p(1-p)/2) u_pp, u = 0 at both ends, u(., 0) = 1; Crank-Nicolson after
 * a few implicit Euler steps (the start does not meet the boundary), on n cells.  First order in the cell for the same
 * reason: it is a Moran population of n. */
static double by_differences(double tau, int n)
{
    static double u[1601], c[1601], d[1601];
    const int steps = 4 * n;
    const double dx = 1.0 / n, dt = tau / steps;
    for (int i = 0; i <= n; i++)
        u[i] = i > 0 && i < n;
    for (int s = 0; s < steps + 4; s++) {
        const double part = s < 8 ? 1 : 0.5, h = s < 8 ? dt / 2 : dt; /* 8 half steps of Euler first */
        c[0] = d[0] = 0;
        for (int i = 1; i < n; i++) {
            const double x = i * dx, r = h * x * (1 - x) / (2 * dx * dx);
            const double right = u[i] + (1 - part) * r * (u[i - 1] - 2 * u[i] + u[i + 1]);
            const double pivot = 1 + 2 * part * r + part * r * c[i - 1];
            c[i] = -part * r / pivot;
            d[i] = (right + part * r * d[i - 1]) / pivot;
        }
        for (int i = n - 1; i > 0; i--)
            u[i] = d[i] - c[i] * (i + 1 < n ? u[i + 1] : 0);
    }
    return u[n / 4];
}

/* Two Richardson steps from 400, 800 and 1600 cells. */
START_TEST(backward_equation)
{
    const double taus[] = {0.2, 0.7, 2.3};
    qsg_consensus_law law = law_of((double[]){0.25, 0.75}, 2);
    for (size_t j = 0; j < sizeof taus / sizeof *taus; j++) {
        const double coarse = by_differences(taus[j], 400), middle = by_differences(taus[j], 800);
        const double fine = by_differences(taus[j], 1600), once = 2 * middle - coarse, twice = 2 * fine - middle;
        ck_close_abs(survival(&law, taus[j]), (4 * twice - once) / 3, 1e-6);
    }
    qsg_consensus_law_free(&law);
}
END_TEST

/* Mean = integral of the survival: Simpson on tau = s^2, which tames the essential singularity at 0. */
START_TEST(mean_is_the_integral)
{
    const double starts[][3] = {{0.2385, 0.7615, 0}, {0.5, 0.3, 0.2}, {0.98, 0.01, 0.01}};
    for (size_t i = 0; i < 3; i++) {
        qsg_consensus_law law = law_of(starts[i], 3);
        const int n = 2000;
        const double h = sqrt(40) / n;
        double sum = 0;
        for (int j = 1; j <= n; j++) { /* s = 0 contributes 0 */
            const double s = j * h;
            sum += (j == n ? 1 : j % 2 ? 4 : 2) * 2 * s * survival(&law, s * s);
        }
        ck_close_abs(sum * h / 3, qsg_consensus_law_mean(&law), 1e-8);
        qsg_consensus_law_free(&law);
    }
}
END_TEST

/* Falls from 1 to 0; the order of labels and labels of share 0 do not matter. */
START_TEST(properties)
{
    qsg_consensus_law one = law_of((double[]){0.5, 0.3, 0.2}, 3), two = law_of((double[]){0, 0.2, 0.5, 0, 0.3}, 5);
    double last = 1;
    ck_assert_double_eq(survival(&one, 0), 1);
    for (double tau = 1e-4; tau < 60; tau *= 1.3) {
        const double now = survival(&one, tau);
        ck_assert_msg(now <= last + 1e-13 && now >= 0, "survival rises at %g", tau);
        ck_close_abs(survival(&two, tau), now, 1e-14);
        last = now;
    }
    for (double level = 1e-6; level < 1; level += 0.0999)
        ck_close_abs(1 - survival(&one, quantile(&one, level)), level, 1e-12);
    /* the two ways to sum short times: equal halves take both labels, unequal ones only the larger */
    qsg_consensus_law halves = law_of((double[]){0.5, 0.5}, 2), nearly = law_of((double[]){0.5 + 1e-13, 0.5 - 1e-13},
                                                                                2);
    for (double tau = 0.001; tau < 0.03; tau *= 1.2)
        ck_close_abs(survival(&halves, tau), survival(&nearly, tau), 1e-12);
    qsg_consensus_law_free(&halves);
    qsg_consensus_law_free(&nearly);
    /* far tail: one mode, 3 sum p(1-p) e^{-tau} = 1.86 e^{-30} */
    ck_close(survival(&one, 30), 3 * (0.25 + 0.21 + 0.16) * exp(-30), 1e-12);
    qsg_consensus_law_free(&one);
    qsg_consensus_law_free(&two);
}
END_TEST

/* 10,000 labels: nearly the law from infinitely many, whose mean is 2 (first order in 1/K: 2 - 1/K). */
START_TEST(many_labels)
{
    qsg_consensus_law law = uniform(10000);
    ck_close_abs(qsg_consensus_law_mean(&law), 2 - 1e-4, 1e-7);
    ck_close_abs(1 - survival(&law, quantile(&law, 0.5)), 0.5, 1e-12);
    qsg_consensus_law_free(&law);
}
END_TEST

/* A small minority dies like critical branching, P(T <= tau) = exp(-2 q/tau) up to O(tau); the two ways of computing
 * the quantile meet, and 1 - p is not lost in p. */
START_TEST(near_the_vertex)
{
    const double minorities[] = {1e-5, 1e-8, 1e-9 * (1 + 1e-6), 1e-9 * (1 - 1e-6), 1e-12, 1e-15};
    for (size_t i = 0; i < sizeof minorities / sizeof *minorities; i++) {
        const double q = minorities[i];
        qsg_consensus_law law = law_of((double[]){1 - q, q}, 2);
        const double levels[] = {0.1, 0.5, 0.9};
        for (int j = 0; j < 3; j++) {
            const double branching = -2 * q / log(levels[j]);
            ck_close(quantile(&law, levels[j]), branching, 10 * branching + 1e-9);
        }
        ck_close(qsg_consensus_law_mean(&law), 2 * q * (1 - log(q)), 2 * q + 1e-14);
        /* the far tail is not branching: P(T > tau) -> 6 p q e^{-tau}; at 20 the next mode is e^{-40} smaller */
        ck_close(survival(&law, 20), 6 * q * (1 - q) * exp(-20), 1e-12);
        if (q > 1e-10) /* 1 - 1e-3 q must differ from 1 */
            ck_close(survival(&law, quantile(&law, 1 - 1e-3 * q)), 1e-3 * q,
        3e-13 / q); /* 1 - level is known to 1e-16 */ qsg_consensus_law_free(&law);
    }
}
END_TEST

START_TEST(consensus_start)
{
    qsg_consensus_law law = law_of((double[]){0, 1, 0}, 3);
    double tau = 77;
    ck_assert_double_eq(survival(&law, 0), 0);
    ck_assert_double_eq(survival(&law, 3), 0);
    ck_assert_double_eq(qsg_consensus_law_mean(&law), 0);
    ck_assert_int_eq(qsg_consensus_law_quantile(&law, 0.5, &tau, NULL), QSG_ENOEXIST);
    ck_assert_double_eq(tau, 77);
    qsg_consensus_law_free(&law);
    qsg_consensus_law_free(&law);
}
END_TEST

START_TEST(errors)
{
    static const double bad[][2] = {{0.5, 0.6}, {1.5, -0.5}, {NAN, 0.5}, {0, 0}};
    qsg_error error = {""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        qsg_consensus_law law, before;
        memset(&law, 0x5a, sizeof law);
        memcpy(&before, &law, sizeof law);
        ck_assert_int_eq(qsg_consensus_law_init(&law, bad[i], 2, &error), QSG_EDOMAIN);
        ck_assert_mem_eq(&law, &before, sizeof law);
    }
    qsg_consensus_law law = law_of((double[]){0.4, 0.6}, 2);
    double out = 77;
    const double bad_times[] = {-1, NAN}, bad_levels[] = {0, 1, -0.5, 1.5, NAN};
    for (size_t i = 0; i < 2; i++)
        ck_assert_int_eq(qsg_consensus_law_survival(&law, bad_times[i], &out, &error), QSG_EDOMAIN);
    for (size_t i = 0; i < 5; i++)
        ck_assert_int_eq(qsg_consensus_law_quantile(&law, bad_levels[i], &out, &error), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_consensus_law_survival(&law, 1e-30, &out, &error), QSG_ENUMERIC);
    ck_assert_double_eq(out, 77);
    qsg_consensus_law_free(&law);
}
END_TEST

RUN_TESTS("coalescent", reference_values, ancestor_numbers, backward_equation, mean_is_the_integral, properties,
          many_labels, near_the_vertex, consensus_start, errors)
