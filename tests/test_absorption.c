/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

#include <gsl/gsl_integration.h>

/* Genic selection: M = lambda Gamma p (1 - p). */
typedef struct {
    double gamma, lambda;
} genic;

static double genic_drift(double p, void *context)
{
    const genic *g = context;
    return g->lambda * g->gamma * p * (1 - p);
}

static double no_drift(double p, void *context)
{
    (void)p, (void)context;
    return 0;
}

/* An unstable middle: M = lambda k p (1 - p)(2p - 1). */
static double bistable(double p, void *context)
{
    const genic *g = context;
    return g->lambda * g->gamma * p * (1 - p) * (2 * p - 1);
}

static qsg_absorption solve(qsg_drift *drift, genic g, double p)
{
    qsg_absorption out;
    qsg_error error = {""};
    ck_assert_msg(qsg_absorption_solve(drift, &g, g.lambda, p, &out, &error) == QSG_OK, "%s", error.message);
    return out;
}

/* Neutral: u = p, mean -2 [p ln p + (1-p) ln(1-p)], conditional mean -2 (1-p)/p ln(1-p) (Kimura & Ohta 1969). */
START_TEST(neutral)
{
    const double starts[] = {0.5, 0.2385, 0.97, 1e-6, 1e-15};
    for (int i = 0; i < 5; i++) {
        const double p = starts[i], q = 1 - p;
        const qsg_absorption a = solve(no_drift, (genic){0, 0.004}, p);
        ck_close(a.probability[0], p, 1e-12);
        ck_close(a.probability[1], q, 1e-12);
        ck_close(a.mean, -2 * (p * log(p) + q * log1p(-p)) / 0.004, 1e-11);
        ck_close(a.mean_given[0], -2 * q / p * log1p(-p) / 0.004, 1e-11);
        ck_close(a.mean_given[1], -2 * p / q * log(p) / 0.004, 1e-11);
        ck_close(a.probability[0] * a.mean_given[0] + a.probability[1] * a.mean_given[1], a.mean, 1e-11);
        const double second = p * (pow(a.mean_given[0], 2) + pow(a.sd_given[0], 2)) +
                              q * (pow(a.mean_given[1], 2) + pow(a.sd_given[1], 2));
        ck_close(second, pow(a.mean, 2) + pow(a.sd, 2), 1e-9);
    }
}
END_TEST

typedef struct {
    double gamma, p;
    int part;
} ewens;

/* Sojourn time at y from p under genic selection (Ewens 2004, eq. 5.49-5.50), in coalescent units. */
static double sojourn(double y, void *context)
{
    const ewens *e = context;
    const double g = 2 * e->gamma;
    const double u = expm1(-g * e->p) / expm1(-g), other = expm1(g * (1 - e->p)) / expm1(g);
    if (e->part == 0) /* y < p */
        return other * expm1(g * y) / e->gamma / (y * (1 - y));
    return u * -expm1(-g * (1 - y)) / e->gamma / (y * (1 - y));
}

START_TEST(genic_selection)
{
    gsl_integration_workspace *w = gsl_integration_workspace_alloc(1000);
    const double gammas[] = {0.5, 3, -3, 40, 300, -20, 5000}, p = 0.3;
    for (int i = 0; i < 7; i++) {
        const genic g = {gammas[i], 0.01};
        const qsg_absorption a = solve(genic_drift, g, p);
        ck_close(a.probability[0], qsg_fixation_diffusion(gammas[i], p), 2e-10);
        ck_close(a.probability[1], qsg_fixation_diffusion(-gammas[i], 1 - p), 2e-10);
        if (fabs(gammas[i]) > 100) /* the plain formula overflows */
            continue;
        double low, high, error;
        ewens e = {gammas[i], p, 0};
        gsl_function f = {sojourn, &e};
        gsl_integration_qag(&f, 0, p, 0, 1e-10, 1000, 6, w, &low, &error);
        e.part = 1;
        gsl_integration_qag(&f, p, 1, 0, 1e-10, 1000, 6, w, &high, &error);
        ck_close(a.mean, (low + high) / 0.01, 1e-9);
        /* relabelling */
        const qsg_absorption b = solve(genic_drift, (genic){-gammas[i], 0.01}, 1 - p);
        ck_close(b.mean, a.mean, 1e-10);
        ck_close(b.sd_given[1], a.sd_given[0], 1e-9);
    }
    /* a favoured and a disfavoured mutant take equally long when they win (Maruyama & Kimura 1974) */
    const qsg_absorption up = solve(genic_drift, (genic){20, 1}, 1e-9);
    const qsg_absorption down = solve(genic_drift, (genic){-20, 1}, 1e-9);
    ck_close(up.mean_given[0], down.mean_given[0], 1e-8);
    gsl_integration_workspace_free(w);
}
END_TEST

/* Steep drift: a logistic path until the last minority, of size 1/Gamma, which dies like a subcritical branching
 * process with Gumbel fluctuations. */
START_TEST(steep_drift)
{
    /* T Gamma = ln Gamma + const + O(ln Gamma/Gamma): from Gamma to 4 Gamma it grows by ln 4 */
    const qsg_absorption a = solve(genic_drift, (genic){5000, 1}, 0.5), b = solve(genic_drift, (genic){20000, 1}, 0.5);
    ck_close_abs(20000 * b.mean - 5000 * a.mean, log(4), 1e-3);
    /* Gumbel fluctuations of the last minority: sd Gamma -> pi/sqrt 6 */
    ck_close(20000 * b.sd, M_PI / sqrt(6), 2e-3);
    /* leaving an unstable middle: symmetric, both winners alike */
    const qsg_absorption c = solve(bistable, (genic){3000, 1}, 0.5);
    ck_close(c.probability[0], 0.5, 1e-10);
    ck_close(c.mean_given[0], c.mean, 1e-9);
}
END_TEST

static qsg_absorption_law *law_of(qsg_drift *drift, genic *g, double p)
{
    qsg_absorption_law *law = NULL;
    qsg_error error = {""};
    ck_assert_msg(qsg_absorption_law_new(drift, g, g->lambda, p, &law, &error) == QSG_OK, "%s", error.message);
    return law;
}

/* Neutral, against the Legendre series. */
START_TEST(neutral_law)
{
    const double starts[] = {0.5, 0.2385, 0.99}, times[] = {0.05, 0.2, 1, 3, 9};
    for (int i = 0; i < 3; i++) {
        const double p[2] = {starts[i], 1 - starts[i]};
        genic g = {0, 0.01};
        qsg_consensus_law series = {0};
        qsg_absorption_law *law = law_of(no_drift, &g, p[0]);
        ck_assert_int_eq(qsg_consensus_law_init(&series, p, 2, NULL), QSG_OK);
        for (int j = 0; j < 5; j++) {
            double any, label1, want;
            ck_assert_int_eq(qsg_absorption_law_survival(law, times[j] / 0.01, &any, &label1, NULL), QSG_OK);
            ck_assert_int_eq(qsg_consensus_law_survival(&series, times[j], &want, NULL), QSG_OK);
            ck_close_abs(any, want, 1e-6);
            if (p[0] == 0.5)
                ck_close_abs(label1, any / 2, 1e-9);
        }
        double got, want;
        ck_assert_int_eq(qsg_absorption_law_quantile(law, 0.9, 0, &got, NULL), QSG_OK);
        ck_assert_int_eq(qsg_consensus_law_quantile(&series, 0.9, &want, NULL), QSG_OK);
        ck_close(got * 0.01, want, 1e-5);
        qsg_consensus_law_free(&series);
        qsg_absorption_law_free(law);
    }
}
END_TEST

/* The law's integral is the mean that Green's function gives: two independent discretizations. */
START_TEST(law_against_mean)
{
    struct {
        qsg_drift *drift;
        genic g;
        double p;
    } cases[] = {{genic_drift, {4, 0.01}, 0.3}, {genic_drift, {-15, 1}, 0.6}, {genic_drift, {300, 1}, 0.2},
                 {bistable, {40, 1}, 0.45}};
    for (int i = 0; i < 4; i++) {
        const qsg_absorption a = solve(cases[i].drift, cases[i].g, cases[i].p);
        qsg_absorption_law *law = law_of(cases[i].drift, &cases[i].g, cases[i].p);
        double mean = 0, mean1 = 0, any, label1;
        /* trapezoids in ln t from where the survival is still 1 */
        const double step = 0.005;
        for (double z = log(1e-3); z < log(50); z += step) {
            ck_assert_int_eq(qsg_absorption_law_survival(law, a.mean * exp(z), &any, &label1, NULL), QSG_OK);
            mean += step * exp(z) * any * (z > log(1e-3) ? 1 : 0.5);
            mean1 += step * exp(z) * label1 * (z > log(1e-3) ? 1 : 0.5);
        }
        ck_close_abs(mean + 1e-3, 1, 5e-6);
        ck_close_abs(mean1 + 1e-3 * a.probability[0], a.probability[0] * a.mean_given[0] / a.mean, 5e-6);
        double q1, q5, q9;
        const int winner = a.probability[0] > 0.5 ? 1 : 2;
        ck_assert_int_eq(qsg_absorption_law_quantile(law, 0.1, 0, &q1, NULL), QSG_OK);
        ck_assert_int_eq(qsg_absorption_law_quantile(law, 0.5, winner, &q5, NULL), QSG_OK);
        ck_assert_int_eq(qsg_absorption_law_survival(law, q5, &any, &label1, NULL), QSG_OK);
        ck_close(winner == 1 ? label1 : any - label1, 0.5 * a.probability[winner - 1], 1e-5);
        ck_assert_int_eq(qsg_absorption_law_quantile(law, 0.9, 0, &q9, NULL), QSG_OK);
        ck_assert(q1 < a.mean && a.mean < q9);
        qsg_absorption_law_free(law);
    }
}
END_TEST

static double leaky(double p, void *context)
{
    (void)context;
    return 0.1 - p;
}

static double broken(double p, void *context)
{
    (void)context;
    return p > 0.4 && p < 0.6 ? NAN : 0;
}

START_TEST(errors)
{
    genic g = {1, 1};
    qsg_absorption out = {.mean = 7};
    qsg_absorption_law *law = NULL;
    double t = 7;
    ck_assert_int_eq(qsg_absorption_solve(genic_drift, &g, 1, NAN, &out, NULL), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_absorption_solve(genic_drift, &g, 1, 1.1, &out, NULL), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_absorption_solve(genic_drift, &g, 0, 0.5, &out, NULL), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_absorption_solve(leaky, NULL, 1, 0.5, &out, NULL), QSG_EMODEL);
    ck_assert_int_eq(qsg_absorption_solve(broken, NULL, 1, 0.5, &out, NULL), QSG_ENUMERIC);
    g.gamma = 1e9;
    ck_assert_int_eq(qsg_absorption_solve(genic_drift, &g, 1, 0.5, &out, NULL), QSG_ENUMERIC);
    ck_assert_int_eq(qsg_absorption_law_new(genic_drift, &g, 1, 0.5, &law, NULL), QSG_ENUMERIC);
    ck_assert_int_eq(qsg_absorption_law_new(no_drift, &g, 1, 1, &law, NULL), QSG_ENOEXIST);
    ck_assert(out.mean == 7 && !law);
    g.gamma = 30;
    law = law_of(genic_drift, &g, 0.5);
    ck_assert_int_eq(qsg_absorption_law_quantile(law, 1, 0, &t, NULL), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_absorption_law_quantile(law, 0.5, 3, &t, NULL), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_absorption_law_quantile(law, 0.5, 2, &t, NULL), QSG_ENOEXIST);
    ck_assert_int_eq(qsg_absorption_law_survival(law, NAN, &t, &t, NULL), QSG_EDOMAIN);
    ck_assert(t == 7);
    qsg_absorption_law_free(law);
    /* a consensus start is no error: it takes no time */
    ck_assert_int_eq(qsg_absorption_solve(genic_drift, &g, 1, 1, &out, NULL), QSG_OK);
    ck_assert(out.probability[0] == 1 && out.mean == 0 && isnan(out.mean_given[1]));
}
END_TEST

RUN_TESTS("absorption", neutral, genic_selection, steep_drift, neutral_law, law_against_mean, errors)
