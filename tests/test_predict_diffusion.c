/* predict's E[U] and stationary moments of two labels in the diffusion limit.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

static qsg_result *predicted(const qsg_model *model, size_t n, const double *times)
{
    const qsg_predict_request request = {.times = times, .n = n, .consensus = 0.95};
    qsg_result *result = qsg_result_new();
    qsg_error error = {""};
    ck_assert_msg(qsg_predict(model, &request, result, &error) == QSG_OK, "%s", error.message);
    return result;
}

/* With a field that does nothing the laws without it, which are exact, up to 1/N: innovation's moments, and the neutral ones. */
START_TEST(without_a_field)
{
    static const char *const texts[][2] = {
        {"agents=500 alpha=0.3 field=1e-9 innovation=2e-4 prior=0.4,0.6 init=0.2,0.8",
         "agents=500 alpha=0.3 innovation=2e-4 prior=0.4,0.6 init=0.2,0.8"},
        {"agents=500 alpha=0.3 bandwidth=3 field=1e-9 exchange=mutual init=0.2,0.8", "agents=500 alpha=0.3 bandwidth=3 exchange=mutual init=0.2,0.8"},
        {"agents=500 alpha=0.3 self=0.2 field=1e-9 innovation=2e-4", "agents=500 alpha=0.3 self=0.2 innovation=2e-4"}};
    static const char *const keys[] = {"stationary.U", "stationary.H", "stationary.V", "stationary.S", "stationary.q"};
    const double times[] = {0, 1e5, 5e5, 2e6};
    qsg_model model = model_of(texts[_i][0]), plain = model_of(texts[_i][1]);
    qsg_result *result = predicted(&model, 4, times), *exact = predicted(&plain, 4, times);
    const double *u = qsg_result_get_vector(result, "U", NULL), *want = qsg_result_get_vector(exact, "U", NULL);
    ck_assert(u && want);
    ck_close(u[0], want[0], 1e-14);
    for (int i = 1; i < 4; i++)
        ck_close_abs(u[i], want[i], 2.0 / 500);
    for (int k = 0; k < 5 && model.innovation > 0; k++)
        ck_close(qsg_result_get(result, keys[k]), qsg_result_get(exact, keys[k]), 4.0 / 500);
    qsg_result_free(result);
    qsg_result_free(exact);
    qsg_model_free(&model);
    qsg_model_free(&plain);
}
END_TEST

typedef struct {
    double runs, u[3], square[3];
} tally;

static qsg_status add(void *context, const qsg_outcome *outcome)
{
    tally *t = context;
    t->runs++;
    for (int i = 0; i < 3; i++) {
        t->u[i] += outcome->polarization[i];
        t->square[i] += outcome->polarization[i] * outcome->polarization[i];
    }
    return QSG_OK;
}

/* Against populations: fixed seed, five standard errors of 600 runs and 1/N, while the path of an infinite population is off by
 * .1 and more. */
START_TEST(populations)
{
    static const char *const texts[] = {"agents=30 alpha=0.4 field=0.004 innovation=0.001", "agents=30 alpha=0.4 field=0.02 init=0.3,0.7",
                                        "agents=30 alpha=0.4 temper=0.98 field=0.004 innovation=0.001"};
    const double times[] = {1000, 4000, 8000};
    const qsg_ensemble_request request = {.times = times, .n = 3, .runs = 600, .seed = 3, .consensus = 0.95, .threads = 1,
                                          .horizon = 8000};
    qsg_model model = model_of(texts[_i]);
    qsg_result *result = predicted(&model, 3, times);
    const double *u = qsg_result_get_vector(result, "U", NULL), *path = qsg_result_get_vector(result, "U_meanfield", NULL);
    tally t = {0};
    ck_assert_int_eq(qsg_ensemble_run(&model, &request, add, &t, NULL), QSG_OK);
    double off = 0;
    for (int i = 0; i < 3; i++) {
        const double mean = t.u[i] / t.runs, se = sqrt((t.square[i] / t.runs - mean * mean) / t.runs);
        ck_close_abs(u[i], mean, 5 * se + 0.2 / 30);
        off = fmax(off, fabs(path[i] - mean));
    }
    ck_assert(off > 0.1);
    qsg_result_free(result);
    qsg_model_free(&model);
}
END_TEST

/* The stationary moments are where the path goes, two different solutions; with a reason where they are not known. */
START_TEST(settled)
{
    static const char *const fine[] = {"agents=50 alpha=0.2 field=0.002 innovation=0.0005", "agents=80 alpha=0.3 temper=0.99 innovation=0.004 prior=0.3,0.7",
                                       "agents=80 alpha=0.3 temper=1.01 field=0.001 innovation=0.002"};
    static const char *const unknown[] = {"agents=100 alpha=0.2 field=0.1 innovation=0.01", "agents=100 alpha=0.2 field=0.1,0,0 innovation=0.01 labels=3",
                                          "agents=100 alpha=0.2 temper=0.5 innovation=0.01"};
    const double late = 5e6;
    for (int i = 0; i < 3; i++) {
        qsg_model model = model_of(fine[i]);
        qsg_result *result = predicted(&model, 1, &late);
        ck_close(qsg_result_get(result, "stationary.H"), 1 - qsg_result_get_vector(result, "U", NULL)[0], 1e-3); /* cells */
        ck_close(qsg_result_get(result, "stationary.mean"), qsg_result_get_vector(result, "shares.0", NULL)[0], 1e-3);
        qsg_result_free(result);
        qsg_model_free(&model);
        model = model_of(unknown[i]);
        result = predicted(&model, 1, &late);
        ck_assert(isnan(qsg_result_get(result, "stationary.U")) && isnan(qsg_result_get(result, "stationary.V")));
        qsg_result_free(result);
        qsg_model_free(&model);
    }
}
END_TEST

RUN_LOOPS("predict_diffusion", {without_a_field, 3}, {populations, CASES(3, 1)}, {settled, 1})
