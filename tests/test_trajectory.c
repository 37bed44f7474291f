/* Fits of trajectories (doc/recovery.md: the whole study).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "trajectories.h"

static const double times[] = {0, 8, 16, 32, 64, 128};
enum { N_TIMES = sizeof times / sizeof *times, MOST_GROUPS = 3 };

static void forget(qsg_trajectories *data)
{
    for (size_t g = 0; g < data->n_groups; g++) {
        free(data->groups[g].time);
        free(data->groups[g].value);
    }
    data->n_groups = 0;
}

static qsg_result *fit(const qsg_model *model, const qsg_trajectories *data, uint64_t seed, unsigned threads)
{
    qsg_result *result = qsg_result_new();
    qsg_error error = {""};
    const qsg_trajectory_options options = {.seed = seed, .threads = threads};
    ck_assert_msg(qsg_fit_trajectories(model, data, &options, result, &error) == QSG_OK, "%s", error.message);
    return result;
}

static double first(const qsg_result *result, const char *path)
{
    size_t n;
    const double *values = qsg_result_get_vector(result, path, &n);
    ck_assert_msg(values && n > 0, "no %s", path);
    return values[0];
}

static const struct { const char *model; double alpha; qsg_series_kind kind; size_t runs; } cases[] = {
    {"agents=8 labels=3 alpha=0.3", 0.3, QSG_SERIES_U, 1},
    {"agents=8 labels=3 alpha=0.15", 0.15, QSG_SERIES_S, 8},
    {"agents=8 labels=3 alpha=0.3 exchange=mutual", 0.3, QSG_SERIES_U, 3},
    {"agents=6 alpha=0.1 self=0.1 exchange=broadcast", 0.1, QSG_SERIES_U, 3},
};
enum { N_CASES = sizeof cases / sizeof *cases, SETS = 8 };

/* Fit one set of case c; counts. */
static void look(int c, uint64_t seed, int *missed, int *refused, double *off)
{
    qsg_trajectory_group groups[1];
    qsg_trajectories data = {.kind = cases[c].kind, .groups = groups};
    qsg_model model = model_of(cases[c].model);
    const double alpha = cases[c].alpha;
    add_simulated(&data, &model, cases[c].runs, times, N_TIMES, seed);
    qsg_result *result = fit(&model, &data, 100 + seed, 0);
    *missed += !((qsg_result_get(result, "estimates.alpha.low") <= alpha && alpha <= qsg_result_get(result, "estimates.alpha.high")) ||
                 (qsg_result_get(result, "estimates.alpha_other.low") <= alpha &&
                  alpha <= qsg_result_get(result, "estimates.alpha_other.high")));
    *refused += qsg_result_get(result, "fit.p_value") < 0.01;
    *off += log(qsg_result_get(result, "estimates.alpha.value") / alpha);
    qsg_result_free(result);
    forget(&data);
    qsg_model_free(&model);
}

/* Of 32 sets at most 10 intervals miss the truth (11 at 5%: 2 10^-7), and at most 5 laws are refused at 1% (6: 8 10^-7). */
START_TEST(intervals_hold)
{
    int missed = 0, refused = 0;
    for (int c = 0; c < N_CASES; c++) {
        double sum = 0;
        for (uint64_t seed = 1; seed <= SETS; seed++)
            look(c, seed, &missed, &refused, &sum);
        ck_close_abs(sum / SETS, 0, 0.75); /* five standard errors of the widest */
    }
    ck_assert_int_le(missed, 10);
    ck_assert_int_le(refused, 5);
}
END_TEST

typedef struct {
    double seen;
    int above, below;
} count;

static qsg_status compare_end(void *context, const qsg_outcome *outcome)
{
    count *self = context;
    self->above += outcome->polarization[0] >= self->seen;
    self->below += outcome->polarization[0] <= self->seen;
    return QSG_OK;
}

/* A second way for one run seen once: at the ends of the interval 2.5% of populations are as far off.  Populations with other
 * seeds; the standard error of both together is .5 points, the bound five of them. */
START_TEST(ends_are_where_few_populations_get)
{
    enum { RUNS = 4000 };
    qsg_trajectory_group groups[1];
    qsg_trajectories data = {.kind = QSG_SERIES_U, .groups = groups};
    double value = 0.62, end = 100;
    groups[0] = (qsg_trajectory_group){.agents = 8, .runs = 1, .times = 1, .time = &end, .value = &value};
    data.n_groups = 1;
    qsg_model model = model_of("agents=8 labels=3 alpha=0.3");
    qsg_result *result = fit(&model, &data, 1, 0);
    const char *const ends[] = {"estimates.alpha.low", "estimates.alpha.high"};
    for (int i = 0; i < 2; i++) {
        qsg_model at = model;
        count got = {.seen = value};
        at.alpha = qsg_result_get(result, ends[i]);
        ck_assert(at.alpha > 1e-3 && at.alpha < 0.999);
        const qsg_ensemble_request request = {.times = &end, .n = 1, .runs = RUNS, .seed = 99, .consensus = 0.95};
        ck_assert_int_eq(qsg_ensemble_run(&at, &request, compare_end, &got, NULL), QSG_OK);
        ck_close_abs((i ? got.below : got.above) / (double)RUNS, 0.025, 0.025);
        ck_assert_int_gt(i ? got.below : got.above, RUNS / 400);
    }
    ck_assert(!(qsg_result_get(result, "fit.p_value") >= 0)); /* one time, one parameter: nothing left to test */
    qsg_result_free(result);
    qsg_model_free(&model);
}
END_TEST

/* Least squares weighed by the law's variance: the contrast of the residuals along the law's slope is 0. */
START_TEST(residuals_are_level)
{
    qsg_trajectory_group groups[1];
    qsg_trajectories data = {.kind = QSG_SERIES_U, .groups = groups};
    qsg_model model = model_of("agents=8 labels=3 alpha=0.3");
    add_simulated(&data, &model, 25, times, N_TIMES, 5);
    qsg_result *result = fit(&model, &data, 2, 0), *again = fit(&model, &data, 2, 1);
    size_t n;
    const double *mean = qsg_result_get_vector(result, "series.8.value", &n), *se = qsg_result_get_vector(result, "series.8.se", &n);
    const double *law = qsg_result_get_vector(result, "series.8.fit", &n);
    double sum = 0, size = 0;
    ck_assert_uint_eq(n, N_TIMES);
    ck_assert(!(se[0] >= 0)); /* the start is known */
    for (size_t b = 1; b < n; b++) {
        qsg_model near = model;
        qsg_moments start, now, then;
        near.alpha = 1.001 * first(result, "groups[].alpha");
        ck_assert_int_eq(qsg_moments_start(&near, &start, NULL), QSG_OK);
        ck_assert_int_eq(qsg_moments_evolve(&near, &start, times[b], &then, NULL), QSG_OK);
        near.alpha /= 1.001;
        ck_assert_int_eq(qsg_moments_evolve(&near, &start, times[b], &now, NULL), QSG_OK);
        ck_close(qsg_moments_polarization(&near, &now), law[b], 1e-9);
        const double slope = qsg_moments_polarization(&near, &then) - law[b], part = slope * (mean[b] - law[b]) / (se[b] * se[b]);
        sum += part;
        size += fabs(part);
    }
    ck_close_abs(sum, 0, 0.01 * size); /* the slope is a difference over 0.1% */
    ck_close(qsg_result_get(again, "estimates.alpha.high"), qsg_result_get(result, "estimates.alpha.high"), 1e-15); /* any threads */
    qsg_result_free(result);
    qsg_result_free(again);
    forget(&data);
    qsg_model_free(&model);
}
END_TEST

/* Several sizes: one alpha, the power of N; and a law that does not hold is refused. */
START_TEST(sizes_and_other_laws)
{
    qsg_trajectory_group groups[MOST_GROUPS];
    qsg_trajectories data = {.kind = QSG_SERIES_U, .groups = groups};
    const char *const texts[] = {"agents=6 labels=3 alpha=0.3", "agents=12 labels=3 alpha=0.3", "agents=24 labels=3 alpha=0.3"};
    for (int g = 0; g < MOST_GROUPS; g++) {
        qsg_model model = model_of(texts[g]);
        add_simulated(&data, &model, 12, times, N_TIMES, 40 + (uint64_t)g);
        qsg_model_free(&model);
    }
    qsg_model model = model_of(texts[0]);
    qsg_result *result = fit(&model, &data, 3, 0);
    ck_assert(qsg_result_get(result, "estimates.alpha.low") < 0.3 && qsg_result_get(result, "estimates.alpha.high") > 0.3);
    ck_assert(qsg_result_get(result, "scaling.exponent.low") < -2 && qsg_result_get(result, "scaling.exponent.high") > -2);
    ck_assert(qsg_result_get(result, "same_alpha.p_value") > 1e-6);
    qsg_result_free(result);
    data.n_groups = 1; /* of six agents: a rise that is lost again is no drift */
    for (size_t r = 0; r < groups[0].runs; r++)
        for (size_t b = 4; b < N_TIMES; b++)
            groups[0].value[r * N_TIMES + b] = 1 / 3. + 1e-3;
    result = fit(&model, &data, 3, 0);
    ck_assert(qsg_result_get(result, "fit.p_value") < 0.01);
    qsg_result_free(result);
    data.n_groups = MOST_GROUPS;
    forget(&data);
    qsg_model_free(&model);
}
END_TEST

/* What cannot be played: 10^9 agents over a few interactions; four runs are needed then. */
START_TEST(falls_back_and_refuses)
{
    static double few[] = {0, 10, 20}, values[] = {.5, .51, .52, .5, .52, .53, .5, .505, .52, .5, .51, .53};
    qsg_trajectory_group groups[1] = {{.agents = 1000000000, .runs = 4, .times = 3, .time = few, .value = values}};
    qsg_trajectories data = {.kind = QSG_SERIES_U, .groups = groups, .n_groups = 1};
    qsg_model model = model_of("agents=1000000000 alpha=0.3");
    qsg_result *result = qsg_result_new();
    qsg_error error = {""};
    const qsg_trajectory_options options = {.seed = 1};
    ck_assert_int_eq(qsg_fit_trajectories(&model, &data, &options, result, &error), QSG_OK);
    const char *scatter = qsg_result_get_text(result, "scatter");
    ck_assert_msg(strstr(scatter, "spread between runs") != NULL, "%s", scatter);
    qsg_result_free(result);
    result = qsg_result_new();
    groups[0].runs = 3;
    ck_assert_int_eq(qsg_fit_trajectories(&model, &data, &options, result, &error), QSG_EDOMAIN);
    ck_assert_msg(strstr(error.message, "too few to show their scatter (3)") != NULL, "%s", error.message);
    qsg_result_free(result);
    qsg_model_free(&model);
    model = model_of("agents=8 alpha=0.3 field=0.1");
    result = qsg_result_new();
    ck_assert_int_eq(qsg_fit_trajectories(&model, &data, &options, result, &error), QSG_EMODEL);
    qsg_result_free(result);
    qsg_model_free(&model);
}
END_TEST

/* Data faster and slower than every alpha: the estimate is at a bound, and no interval is claimed; nor for the paper's law. */
START_TEST(bounds_are_named)
{
    static const struct { double values[2]; const char *note; double alpha; } at[] = {
        {{.5, .5}, "at the lower bound of the search (0.0001), no interval", QSG_NEUTRAL_ALPHA_MIN},
        {{.99, .99}, "at the upper bound of the search (1), no interval", 1}};
    static double when[] = {10, 20};
    qsg_model model = model_of("agents=24 alpha=0.3");
    for (int i = 0; i < 2; i++) {
        qsg_trajectory_group groups[1] = {{.agents = 24, .runs = 1, .times = 2, .time = when, .value = (double *)at[i].values}};
        qsg_trajectories data = {.kind = QSG_SERIES_U, .groups = groups, .n_groups = 1};
        qsg_result *result = fit(&model, &data, 1, 0);
        ck_assert_str_eq(qsg_result_get_text(result, "estimates.alpha.note"), at[i].note);
        ck_assert(strstr(qsg_result_get_text(result, "verdict"), at[i].note));
        ck_assert_double_eq(qsg_result_get(result, "estimates.alpha.value"), at[i].alpha);
        static const char *const ends[] = {"groups[].alpha_low", "groups[].alpha_high", "groups[].meanfield_low",
                                           "groups[].meanfield_high", "groups[].rate_low", "groups[].rate_high"};
        ck_assert(isnan(qsg_result_get(result, "estimates.alpha.low")) && isnan(qsg_result_get(result, "estimates.alpha.high")));
        for (int e = 0; e < 6; e++)
            ck_assert_msg(isnan(first(result, ends[e])), "%s = %g", ends[e], first(result, ends[e]));
        qsg_result_free(result);
    }
    qsg_model_free(&model);
    /* below the start, where no law lies: least squares end at the lower bound, 10^3 standard errors off, which is to be seen */
    static double late[] = {100, 200}, fallen[] = {.66, .64, .66, .64};
    qsg_trajectory_group group = {.agents = 24, .runs = 2, .times = 2, .time = late, .value = fallen};
    const qsg_trajectories data = {.kind = QSG_SERIES_U, .groups = &group, .n_groups = 1};
    model = model_of("agents=24 alpha=0.3 init=.2,.8");
    qsg_result *result = fit(&model, &data, 1, 0);
    ck_assert(qsg_result_get(result, "estimates.alpha.low") > 0.01);
    qsg_result_free(result);
    qsg_model_free(&model);
}
END_TEST

/* One late time of one run that has hardly moved: the interval is open above.  In mutual exchange the rate has its top
 * inside such an interval, and is 0 at its end. */
START_TEST(open_intervals_and_rates)
{
    static double when[] = {100, 200}, values[] = {.512, .511};
    qsg_trajectory_group groups[1] = {{.agents = 24, .runs = 1, .times = 2, .time = when, .value = values}};
    qsg_trajectories data = {.kind = QSG_SERIES_U, .groups = groups, .n_groups = 1};
    qsg_model model = model_of("agents=24 alpha=0.3 exchange=mutual");
    qsg_result *result = fit(&model, &data, 1, 0);
    double top = 0, rate;
    ck_assert_double_eq(qsg_result_get(result, "estimates.alpha.high"), 1);
    ck_assert_str_eq(qsg_result_get_text(result, "estimates.alpha.note"), "interval up to the largest alpha possible");
    for (model.alpha = 0.01; model.alpha < 1; model.alpha += 0.01) {
        ck_assert_int_eq(qsg_moments_slow_rate(&model, &rate, NULL), QSG_OK);
        top = fmax(top, rate);
    }
    ck_close(first(result, "groups[].rate_high"), top, 1e-3); /* a parabola seen in steps of .01 */
    ck_assert(isnan(first(result, "groups[].rate_low")));
    qsg_result_free(result);
    qsg_model_free(&model);
}
END_TEST

RUN_LOOPS("trajectory", {intervals_hold, 1}, {ends_are_where_few_populations_get, 1}, {residuals_are_level, 1}, {sizes_and_other_laws, 1},
          {falls_back_and_refuses, 1},
          {bounds_are_named, 1}, {open_intervals_and_rates, 1})
