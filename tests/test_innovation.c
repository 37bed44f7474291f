/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

static qsg_innovation_moments stationary_of(const char *text)
{
    qsg_model model = model_of(text);
    qsg_innovation_moments out;
    ck_assert_int_eq(qsg_innovation_stationary(&model, &out, NULL), QSG_OK);
    qsg_model_free(&model);
    return out;
}

/* doc/theory/innovation.md: exact values rounded to six digits. */
START_TEST(reference_values)
{
    const qsg_innovation_moments a = stationary_of("agents=16 labels=3 alpha=0.5 innovation=0.02");
    ck_close_abs(1 - a.heterogeneity, 0.680266, 5e-7);
    ck_close_abs(1 - a.heterogeneity + a.disagreement / 16, 0.777963, 5e-7);
    const qsg_innovation_moments b = stationary_of("agents=16 labels=3 alpha=0.3 bandwidth=4 innovation=0.05");
    ck_close_abs(1 - b.heterogeneity, 0.372234, 5e-7);
    ck_close_abs(1 - b.heterogeneity + b.disagreement / 16, 0.399673, 5e-7);
}
END_TEST

/* Rational arithmetic on eq. 1-3 as they stand, for models whose terms all but cancel: no noise without innovation, own
 * output far above alpha, rates that coincide; and the power of the map at 200 digits, from V = 1/4, H = 7/16 and
 * offset 1/8.  The promise is 1e-12 of the larger of start and stationary state. */
START_TEST(rational_arithmetic)
{
    static const struct { const char *text; double h, v, slow, t, h_t, v_t, offset_t; } cases[] = {
        {"agents=20 exchange=mutual alpha=1 self=0 innovation=1e-12 bandwidth=1",
         0.47499999999999998, 9.5, 1.9999999999999473e-13, 5000000000000,
         0.51006674723471512, 10.201334944694301, 0.075816332464077277},
        {"agents=20 exchange=mutual alpha=1 self=0 innovation=1e-30 bandwidth=1",
         0.47499999999999998, 9.5, 2.0000000000000002e-31, 4.9999999999999998e+30,
         0.51006674723471068, 10.201334944694214, 0.075816332464079178},
        {"agents=20 exchange=mutual alpha=0.999999 self=0 innovation=1e-06 bandwidth=1",
         0.45125011459298775, 9.0249832918749284, 2.1052606842141625e-07, 4800000,
         0.49325135491264016, 9.8650063297977937, 0.077347959246432577},
        {"agents=1000000000 exchange=mutual alpha=0.999999 self=0 innovation=1e-30 bandwidth=2",
         5.0000199898762076e-16, 4.999999989856217e-07, 3.9999800041790053e-24, 2.5e+23,
         0.16094805992169836, 160947416.13138938, 0.12499999999999993},
        {"agents=2 exchange=oneway alpha=1e-09 self=0.5 innovation=1e-20 bandwidth=1",
         1.2500000224937497e-12, 2.4999999849874997e-12, 9.9999999600499998e-10, 1000000000,
         0.10346609424972322, 0.20693218518853146, 0.1249999999996875},
        {"agents=1000000 exchange=oneway alpha=1e-06 self=0.25 innovation=1e-09 bandwidth=3",
         0.49800765074474018, 497959.83560157492, 5.0200182601439638e-16, 2000000000000000,
         0.53539044655410728, 535339.04133939871, 0.075816180831565869},
        {"agents=3 exchange=mutual alpha=1e-09 self=0.5 innovation=1e-15 bandwidth=1",
         3.3333300400032777e-07, 9.999989970009955e-07, 6.6666733000000034e-10, 1500000000,
         0.11751719076620303, 0.35255156806798649, 0.12499993750001551},
        {"agents=1000000000 exchange=broadcast alpha=1 self=0 innovation=1e-09 bandwidth=1",
         9.9999999900000004e-19, 9.9999999900000012e-10, 0.99999999900000003, 1,
         8.749999994375e-10, 0.43749999968749997, 0.124999999875},
        {"agents=3 exchange=broadcast alpha=1e-09 self=0.5 innovation=1e-20 bandwidth=1",
         1.6666667024916662e-12, 4.9999999574749998e-12, 6.6666666167000005e-10, 1500000000,
         0.11751704583805692, 0.35255112905294356, 0.1249999999996875},
        {"agents=1000000 exchange=mutual alpha=0.5 self=0.5 innovation=0.5 bandwidth=1",
         0.49999949999993748, 249999.53124997264, 1.9999997499997502e-06, 500000,
         0.53667001215236321, 202231.66443789579, 0.0758163135099858}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qsg_model model = model_of(cases[i].text);
        qsg_innovation_moments rest, at = {0.4375, 0.25, 0.125};
        qsg_innovation_rates rates;
        ck_assert_int_eq(qsg_innovation_stationary(&model, &rest, NULL), QSG_OK);
        ck_close(rest.heterogeneity, cases[i].h, 1e-14);
        ck_close(rest.disagreement, cases[i].v, 1e-14);
        ck_assert_int_eq(qsg_innovation_relaxation(&model, &rates, NULL), QSG_OK);
        ck_close(rates.moments, cases[i].slow, 1e-12);
        ck_assert_int_eq(qsg_innovation_evolve(&model, &at, cases[i].t, &at, NULL), QSG_OK);
        ck_close_abs(at.heterogeneity, cases[i].h_t, 1e-13);
        ck_close_abs(at.disagreement, cases[i].v_t, 1e-12 * fmax(0.25, cases[i].v_t));
        ck_close_abs(at.offset, cases[i].offset_t, 1e-13);
        qsg_model_free(&model);
    }
}
END_TEST

/* A tiny population, two labels: belief in label 1 of every agent. */
enum { AGENTS = 3 };
typedef struct {
    double h, v, offset;
} sums;

static sums measure(const double *x, const double *rho)
{
    sums s = {0};
    double mean = 0;
    for (int i = 0; i < AGENTS; i++)
        mean += x[i] / AGENTS;
    for (int i = 0; i < AGENTS; i++)
        s.v += 2 * (x[i] - mean) * (x[i] - mean);
    s.h = 2 * mean * (1 - mean);
    s.offset = rho[0] * (rho[0] - mean) + rho[1] * (rho[1] - 1 + mean);
    return s;
}

/* Probability of hearing label 1 b times in m. */
static double binomial(int m, int b, double r)
{
    return tgamma(m + 1) / (tgamma(b + 1) * tgamma(m - b + 1)) * pow(r, b) * pow(1 - r, m - b);
}

/* E of the moments after one interaction, by enumerating speakers, listeners and messages. */
static sums enumerate(const qsg_model *model, const double *x)
{
    const int m = (int)model->bandwidth;
    const double a = model->alpha, b = model->self, e = model->innovation;
    sums total = {0};
    for (int s = 0; s < AGENTS; s++)
        for (int l = 0; l < AGENTS; l++)
            for (int bs = 0; bs <= m && l != s; bs++)
                for (int bl = 0; bl <= m; bl++) { /* the listener's message counts in mutual exchange only */
                    const double ys = (double)bs / m, yl = (double)bl / m;
                    const double weight = binomial(m, bs, (1 - e) * x[s] + e * model->prior[0]) *
                                          binomial(m, bl, (1 - e) * x[l] + e * model->prior[0]) /
                                          (AGENTS * (AGENTS - 1));
                    double next[AGENTS];
                    memcpy(next, x, sizeof next);
                    next[s] += b * (ys - x[s]);
                    next[l] += a * (ys - x[l]);
                    if (model->exchange == QSG_MUTUAL) {
                        next[s] += a * (yl - x[s]);
                        next[l] += b * (yl - x[l]);
                    }
                    for (int i = 0; i < AGENTS && model->exchange == QSG_BROADCAST; i++)
                        if (i != s && i != l)
                            next[i] += a * (ys - x[i]);
                    const sums after = measure(next, model->prior);
                    total.h += weight * after.h;
                    total.v += weight * after.v;
                    total.offset += weight * after.offset;
                }
    return total;
}

/* The map is exact: every protocol, own output, several labels a message, a prior with a zero, alpha = 1, eps = 1. */
START_TEST(one_step_by_enumeration)
{
    static const char *const exchanges[] = {"oneway", "mutual", "broadcast"};
    static const char *const parameters[] = {
        "alpha=0.37 self=0.21 bandwidth=2 innovation=0.13 prior=0.3,0.7", "alpha=0.37 innovation=0.4 prior=0.85,0.15",
        "alpha=1 bandwidth=3 innovation=0.27 prior=1,0", "alpha=0.6 self=0.4 innovation=1 prior=0,1"};
    const double beliefs[][AGENTS] = {{0.1, 0.7, 0.35}, {0, 1, 1}, {0.2385, 0.2385, 0.2385}};
    for (int p = 0; p < 4; p++)
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++) {
                char text[200];
                snprintf(text, sizeof text, "agents=3 exchange=%s %s", exchanges[i], parameters[p]);
                qsg_model model = model_of(text);
                const sums s = measure(beliefs[j], model.prior), want = enumerate(&model, beliefs[j]);
                qsg_innovation_moments at = {s.h, s.v, s.offset};
                ck_assert_int_eq(qsg_innovation_evolve(&model, &at, 1, &at, NULL), QSG_OK);
                ck_close_abs(at.heterogeneity, want.h, 1e-14);
                ck_close_abs(at.disagreement, want.v, 1e-14);
                ck_close_abs(at.offset, want.offset, 1e-14);
                qsg_model_free(&model);
            }
}
END_TEST

/* The power against single steps, and the composition t1 + t2 far out. */
START_TEST(evolution)
{
    static const char *const texts[] = {
        "agents=16 labels=3 alpha=0.3 innovation=0.01 prior=0.2,0.3,0.5 init=0.7,0.1,0.2",
        "agents=7 labels=2 alpha=0.9 self=0.1 innovation=0.3 exchange=mutual init=onehot:2,5",
        "agents=9 labels=4 alpha=0.2 innovation=1e-6 exchange=broadcast"};
    for (int i = 0; i < 3; i++) {
        qsg_model model = model_of(texts[i]);
        qsg_innovation_moments start, steps, jump, rest;
        ck_assert_int_eq(qsg_innovation_start(&model, &start, NULL), QSG_OK);
        steps = start;
        for (int t = 0; t < 1000; t++)
            ck_assert_int_eq(qsg_innovation_evolve(&model, &steps, 1, &steps, NULL), QSG_OK);
        ck_assert_int_eq(qsg_innovation_evolve(&model, &start, 1000, &jump, NULL), QSG_OK);
        ck_close(jump.heterogeneity, steps.heterogeneity, 1e-12);
        ck_close_abs(jump.disagreement, steps.disagreement, 1e-12);
        ck_close_abs(jump.offset, steps.offset, 1e-13);
        ck_assert_int_eq(qsg_innovation_evolve(&model, &start, 1e18, &jump, NULL), QSG_OK);
        ck_assert_int_eq(qsg_innovation_stationary(&model, &rest, NULL), QSG_OK);
        ck_close(jump.heterogeneity, rest.heterogeneity, 1e-12);
        ck_close_abs(jump.disagreement, rest.disagreement, 1e-12);
        qsg_model_free(&model);
    }
}
END_TEST

/* eps -> 0: the neutral moments; N = 10^9 and 10^15 interactions. */
START_TEST(neutral_limit)
{
    static const char *const common = "agents=1000000000 labels=5 alpha=0.3 bandwidth=2";
    char text[120];
    snprintf(text, sizeof text, "%s innovation=1e-30", common);
    qsg_model model = model_of(text), neutral = model_of(common);
    qsg_innovation_moments at;
    qsg_moments want;
    ck_assert_int_eq(qsg_innovation_start(&model, &at, NULL), QSG_OK);
    ck_assert_int_eq(qsg_moments_start(&neutral, &want, NULL), QSG_OK);
    for (double t = 1; t < 2e20; t *= 1e5) {
        qsg_innovation_moments now;
        qsg_moments then;
        ck_assert_int_eq(qsg_innovation_evolve(&model, &at, t, &now, NULL), QSG_OK);
        ck_assert_int_eq(qsg_moments_evolve(&neutral, &want, t, &then, NULL), QSG_OK);
        const double h = qsg_moments_heterogeneity(&neutral, &then);
        ck_close_abs(now.heterogeneity, h, 1e-10 * h + 1e-14);
        ck_close_abs(now.disagreement, then.disagreement, 1e-10 * then.disagreement + 1e-6);
    }
    qsg_model_free(&model);
    qsg_model_free(&neutral);
}
END_TEST

/* eps = 1, one-way: listeners hear the prior, so agents are independent: V and U follow from one AR(1) agent, whose
 * variance is alpha/(2 - alpha) of the message's. */
START_TEST(pure_innovation)
{
    const double g = 1 - (0.04 + 0.64), n = 12, variance = 0.4 / (2 - 0.4) * g / 3;
    const qsg_innovation_moments s =
        stationary_of("agents=12 labels=4 alpha=0.4 bandwidth=3 innovation=1 prior=0.2,0.8,0,0 init=0.1,0.2,0.3,0.4");
    ck_close(s.heterogeneity, g - variance / n, 1e-13);
    ck_close(s.disagreement, (n - 1) * variance, 1e-13);
    /* no noise at all: everybody ends at the prior */
    const qsg_innovation_moments soft = stationary_of("agents=12 alpha=0.4 bandwidth=inf innovation=0.2 prior=0.3,0.7");
    ck_close(soft.heterogeneity, 0.42, 1e-13);
    ck_close_abs(soft.disagreement, 0, 1e-14);
    /* a prior on one label: consensus there */
    const qsg_innovation_moments sure = stationary_of("agents=12 alpha=0.4 innovation=0.2 prior=1,0");
    ck_close_abs(sure.heterogeneity, 0, 1e-15);
}
END_TEST

/* Dirichlet(theta rho): E[1-U] = theta/(1+theta) (1 - |rho|^2), approached as 1/N at fixed theta. */
START_TEST(dirichlet_limit)
{
    double last = 0;
    for (double n = 100; n < 2e6; n *= 10) {
        char text[120];
        snprintf(text, sizeof text, "agents=%.0f labels=3 alpha=0.3 bandwidth=2 innovation=%.17g prior=0.2,0.3,0.5", n,
                 1 / n);
        qsg_model model = model_of(text);
        qsg_innovation_moments s;
        double theta;
        ck_assert_int_eq(qsg_innovation_stationary(&model, &s, NULL), QSG_OK);
        ck_assert_int_eq(qsg_innovation_theta(&model, &theta, NULL), QSG_OK);
        const double error = fabs(s.heterogeneity / (theta / (1 + theta) * 0.62) - 1);
        if (last > 0)
            ck_assert_msg(error < last / 8 && error > last / 12, "error %g after %g is not of order 1/N", error, last);
        last = error;
        if (n > 1e5)
            ck_close(theta, (2 * 2 * 0.7 + 0.3) / 0.3, 1e-4);
        qsg_model_free(&model);
    }
}
END_TEST

START_TEST(boundary)
{
    qsg_model model = model_of("agents=1000 labels=2 alpha=0.3 innovation=0.0001 prior=0.2,0.8");
    qsg_innovation_phase phase;
    double epsilon, theta;
    ck_assert_int_eq(qsg_innovation_boundary(&model, &phase, &epsilon, NULL), QSG_OK);
    ck_assert_int_eq(phase, QSG_TAKES_SIDES);
    model.innovation = epsilon * 1.000001;
    ck_assert_int_eq(qsg_innovation_theta(&model, &theta, NULL), QSG_OK);
    ck_close(theta * 0.2, 1, 2e-6);
    ck_assert_int_eq(qsg_innovation_boundary(&model, &phase, &epsilon, NULL), QSG_OK);
    ck_assert_int_eq(phase, QSG_PLURAL);
    model.innovation = epsilon / 2;
    ck_assert_int_eq(qsg_innovation_boundary(&model, &phase, &epsilon, NULL), QSG_OK);
    ck_assert_int_eq(phase, QSG_BETWEEN);
    qsg_model_free(&model);
}
END_TEST

/* The slow rate is what the moments do late; the offset decays with the mean's. */
START_TEST(relaxation)
{
    qsg_model model = model_of("agents=30 labels=3 alpha=0.4 innovation=0.003 init=0.9,0.05,0.05 prior=0.2,0.3,0.5");
    qsg_innovation_rates rates;
    qsg_innovation_moments rest, a, b, start;
    ck_assert_int_eq(qsg_innovation_relaxation(&model, &rates, NULL), QSG_OK);
    ck_assert_int_eq(qsg_innovation_stationary(&model, &rest, NULL), QSG_OK);
    ck_close(rates.mean, 0.4 * 0.003 / 30, 1e-14);
    start = (qsg_innovation_moments){0.1, 0.2, 0};
    ck_assert_int_eq(qsg_innovation_evolve(&model, &start, 3000, &a, NULL), QSG_OK);
    ck_assert_int_eq(qsg_innovation_evolve(&model, &start, 3001, &b, NULL), QSG_OK);
    ck_close(1 - (b.heterogeneity - rest.heterogeneity) / (a.heterogeneity - rest.heterogeneity), rates.moments, 1e-8);
    qsg_model_free(&model);
}
END_TEST

START_TEST(errors)
{
    qsg_model neutral = model_of("agents=10 alpha=0.5");
    qsg_model field = model_of("agents=10 alpha=0.5 field=0.1 innovation=0.1");
    qsg_model model = model_of("agents=10 alpha=0.5 innovation=0.1");
    qsg_model soft = model_of("agents=10 alpha=0.5 innovation=0.1 m=inf");
    qsg_innovation_moments out = {7, 7, 7}, start = {0.5, 0, 0};
    double theta = 7;
    ck_assert_int_eq(qsg_innovation_stationary(&neutral, &out, NULL), QSG_EMODEL);
    ck_assert_int_eq(qsg_innovation_stationary(&field, &out, NULL), QSG_EMODEL);
    ck_assert_int_eq(qsg_innovation_evolve(&model, &start, 0.5, &out, NULL), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_innovation_evolve(&model, &start, NAN, &out, NULL), QSG_EDOMAIN);
    start.heterogeneity = NAN;
    ck_assert_int_eq(qsg_innovation_evolve(&model, &start, 1, &out, NULL), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_innovation_theta(&soft, &theta, NULL), QSG_ENOEXIST);
    qsg_model one = model_of("agents=10 alpha=0.5 innovation=0.1 prior=0,1");
    qsg_innovation_phase phase;
    ck_assert_int_eq(qsg_innovation_boundary(&one, &phase, &theta, NULL), QSG_ENOEXIST);
    qsg_model_free(&one);
    ck_assert(out.heterogeneity == 7 && out.disagreement == 7 && out.offset == 7 && theta == 7);
    qsg_model_free(&neutral);
    qsg_model_free(&field);
    qsg_model_free(&model);
    qsg_model_free(&soft);
}
END_TEST

RUN_TESTS("innovation", reference_values, rational_arithmetic, one_step_by_enumeration, evolution, neutral_limit, pure_innovation,
          dirichlet_limit, boundary, relaxation, errors)
