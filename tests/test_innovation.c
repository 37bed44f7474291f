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

RUN_TESTS("innovation", reference_values, one_step_by_enumeration, evolution, neutral_limit, pure_innovation,
          dirichlet_limit, boundary, relaxation, errors)
