/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

static void apply(const char *text, const double *x, double *r)
{
    qsg_model model = model_of(text);
    qsg_channel channel = qsg_channel_of(&model);
    qsg_channel_apply(&channel, x, r);
    qsg_model_free(&model);
}

START_TEST(neutral_is_the_identity)
{
    const double x[] = {0.2385, 0.7, 0.0615};
    double r[3];
    apply("agents=5 labels=3 alpha=0.3", x, r);
    ck_assert_mem_eq(x, r, sizeof x);
}
END_TEST

/* Closed forms: T = 1/2 squares, h multiplies by e^h, eps mixes; tolerance: a few roundings of logarithms of size 3. */
START_TEST(closed_forms)
{
    const double x[] = {0.2385, 0.7, 0.0615}, rho[] = {0.5, 0.2, 0.3};
    double r[3], want[3], sum = 0;
    apply("agents=5 labels=3 alpha=0.3 temper=0.5 field=0.3,-0.4,1.7 innovation=0.11 prior=0.5,0.2,0.3", x, r);
    const double h[] = {0.3, -0.4, 1.7};
    for (int k = 0; k < 3; k++)
        sum += want[k] = x[k] * x[k] * exp(h[k]);
    for (int k = 0; k < 3; k++)
        ck_close(r[k], 0.89 * want[k] / sum + 0.11 * rho[k], 5e-15);
    apply("agents=5 labels=3 alpha=0.3 innovation=0.11 prior=0.5,0.2,0.3", x, r);
    for (int k = 0; k < 3; k++)
        ck_close(r[k], 0.89 * x[k] + 0.11 * rho[k], 5e-15);
}
END_TEST

/* A distribution at every limit of the options, with zeros, and with nothing below 0. */
START_TEST(sums_to_one)
{
    const char *const models[] = {
        "agents=5 labels=3 alpha=0.3 field=700,0,-700",         "agents=5 labels=3 alpha=0.3 field=1e300,-1e300,0",
        "agents=5 labels=3 alpha=0.3 temper=1e-6",
        "agents=5 labels=3 alpha=0.3 temper=1e-300 field=1e300,0,0",
        "agents=5 labels=3 alpha=0.3 temper=1e300",             "agents=5 labels=3 alpha=0.3 innovation=1",
        "agents=5 labels=3 alpha=0.3 innovation=0.3 temper=1e-6"};
    const double beliefs[][3] = {
        {1, 0, 0}, {0, 0, 1}, {1. / 3, 1. / 3, 1. / 3}, {1e-300, 1 - 1e-10, 1e-10}, {0.5, 0.5, 0}};
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        for (size_t j = 0; j < sizeof beliefs / sizeof *beliefs; j++) {
            double r[3];
            apply(models[i], beliefs[j], r);
            ck_close_abs(r[0] + r[1] + r[2], 1, 1e-15 * 4);
            for (int k = 0; k < 3; k++)
                ck_assert_msg(r[k] >= 0 && r[k] <= 1, "%s: r[%d] = %g", models[i], k, r[k]);
        }
}
END_TEST

/* A label with share 0 is never said without innovation, whatever its field; with it, by the prior alone. */
START_TEST(absent_labels_stay_absent)
{
    const double x[] = {0, 1};
    double r[2];
    apply("agents=5 alpha=0.3 field=700", x, r);
    ck_assert_double_eq(r[0], 0);
    ck_assert_double_eq(r[1], 1);
    apply("agents=5 alpha=0.3 field=700 innovation=0.2 prior=0.25,0.75", x, r);
    ck_close(r[0], 0.2 * 0.25, 1e-15);
    apply("agents=5 alpha=0.3 temper=1e-6", (double[]){0.5 + 1e-3, 0.5 - 1e-3}, r);
    ck_assert_double_eq(r[0], 1); /* e^{-4000}: the cold channel says the majority */
    apply("agents=5 alpha=0.3 temper=1e-6", (double[]){0.5, 0.5}, r);
    ck_assert_double_eq(r[0], 0.5);
}
END_TEST

static const char *const binary_models[] = {
    "agents=5 alpha=0.3",
    "agents=5 alpha=0.3 field=0.7",
    "agents=5 alpha=0.3 field=-0.3,0.9",
    "agents=5 alpha=0.3 temper=0.37",
    "agents=5 alpha=0.3 temper=2.5 field=-1.1 innovation=0.07 prior=0.9,0.1",
    "agents=5 alpha=0.3 innovation=1",
};

/* The two-label short cut against the general form. */
START_TEST(binary_agrees)
{
    const double points[] = {0, 1e-12, 0.2385, 0.5, 0.913, 1};
    for (size_t i = 0; i < sizeof binary_models / sizeof *binary_models; i++) {
        qsg_model model = model_of(binary_models[i]);
        qsg_channel channel = qsg_channel_of(&model);
        for (size_t j = 0; j < sizeof points / sizeof *points; j++) {
            const double x[] = {points[j], 1 - points[j]};
            double r[2];
            qsg_channel_apply(&channel, x, r);
            ck_close(qsg_channel_binary(&channel, x[0]), r[0], 2e-14);
        }
        qsg_model_free(&model);
    }
}
END_TEST

/* The slope against a central difference of fourth order: error h^4 f'''''/30 ~ 1e-10 at h = 1e-3, rounding 1e-13/h. */
START_TEST(slope_is_the_derivative)
{
    const double points[] = {0.05, 0.2385, 0.5, 0.913}, h = 1e-3;
    for (size_t i = 0; i < sizeof binary_models / sizeof *binary_models; i++) {
        qsg_model model = model_of(binary_models[i]);
        qsg_channel channel = qsg_channel_of(&model);
        for (size_t j = 0; j < sizeof points / sizeof *points; j++) {
            const double x = points[j];
            const double near = qsg_channel_binary(&channel, x + h) - qsg_channel_binary(&channel, x - h);
            const double far = qsg_channel_binary(&channel, x + 2 * h) - qsg_channel_binary(&channel, x - 2 * h);
            const double want = (8 * near - far) / (12 * h);
            /* fifth derivatives reach about 1e6 at x = .05 */
            ck_close_abs(qsg_channel_binary_slope(&channel, x), want, 1e-7);
        }
        qsg_model_free(&model);
    }
}
END_TEST

/* Where g is within rounding of 1 its slope is still known: h = 40, x = 1/2 has g' = 4 e^{-40}/(1+e^{-40})^2. */
START_TEST(slope_of_a_sure_channel)
{
    qsg_model model = model_of("agents=5 alpha=0.3 field=40");
    qsg_channel channel = qsg_channel_of(&model);
    ck_close(qsg_channel_binary_slope(&channel, 0.5), 4 * exp(-40), 1e-13);
    qsg_model_free(&model);
    model = model_of("agents=5 alpha=0.3 field=-700");
    channel = qsg_channel_of(&model);
    ck_close(qsg_channel_binary_slope(&channel, 0.5), 4 * exp(-700), 1e-12);
    ck_assert_double_eq(qsg_channel_binary(&channel, 0), 0);
    ck_assert_double_eq(qsg_channel_binary(&channel, 1), 1);
    qsg_model_free(&model);
}
END_TEST

RUN_TESTS("channel", neutral_is_the_identity, closed_forms, sums_to_one, absent_labels_stay_absent, binary_agrees,
          slope_is_the_derivative, slope_of_a_sure_channel)
