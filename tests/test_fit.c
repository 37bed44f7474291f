/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <omp.h>

#include "harness.h"

static qsg_likelihood *likelihood_of(const qsg_model *model, const qsg_transcript *data)
{
    qsg_likelihood *out = NULL;
    qsg_error error = {""};
    const qsg_status status = qsg_likelihood_new(model, data, &out, &error);
    ck_assert_msg(status == QSG_OK, "%s", error.message);
    return out;
}

static double loglik_at(const qsg_likelihood *likelihood, const double *theta)
{
    double out = NAN;
    ck_assert_int_eq(qsg_likelihood_evaluate(likelihood, &(qsg_likelihood_request){.theta = theta}, &out, NULL), QSG_OK);
    return out;
}

static qsg_transcript played(const qsg_model *model, const double *theta, int runs, int interactions, uint64_t seed)
{
    qsg_transcript out = {0};
    ck_assert_int_eq(qsg_fit_play(model, theta, (uint64_t)runs, (uint64_t)interactions, 0, seed, &out, NULL), QSG_OK);
    return out;
}

static const char *const exchanges[] = {"oneway", "mutual", "broadcast"};
static qsg_model model_with(const char *rest, int exchange)
{
    char text[256];
    snprintf(text, sizeof text, "%s alpha=0.1 exchange=%s", rest, exchanges[exchange]);
    return model_of(text);
}

/* The log-likelihood by the rule, with plain arrays: what is said first, then who moves. */
static double by_hand(const qsg_transcript *data, const double *theta, int K, const double *start, const double *prior)
{
    double x[8][4], moved[8][4], total = 0;
    for (size_t i = 0, j; i < data->n_rows; i = j) {
        const qsg_utterance *rows = data->rows;
        if (i == 0 || rows[i].run != rows[i - 1].run)
            for (int a = 0; a < 8; a++)
                memcpy(x[a], start, (size_t)K * sizeof(double));
        for (j = i; j < data->n_rows && rows[j].run == rows[i].run && rows[j].t == rows[i].t; j++) {
            double r[4], sum = 0;
            bool said = false;
            for (size_t l = i; l < j; l++)
                said |= rows[l].speaker == rows[j].speaker; /* one message to many listeners */
            for (int k = 0; k < K; k++)
                sum += r[k] = pow(x[rows[j].speaker][k], theta[2]) * exp(theta[4 + k]);
            const uint32_t l = rows[j].label;
            if (!said)
                total += log((1 - theta[3]) * r[l] / sum + theta[3] * prior[l]);
        }
        memcpy(moved, x, sizeof x);
        for (size_t l = i; l < j; l++)
            for (int k = 0; k < K; k++) {
                bool first = true;
                for (size_t m = i; m < l; m++)
                    first &= rows[m].speaker != rows[l].speaker;
                const double y = (uint32_t)k == rows[l].label, *s = x[rows[l].speaker], *h = x[rows[l].listener];
                moved[rows[l].listener][k] += theta[0] * (y - h[k]);
                moved[rows[l].speaker][k] += first ? theta[1] * (y - s[k]) : 0;
            }
        memcpy(x, moved, sizeof x);
    }
    return total;
}

START_TEST(likelihood_is_the_rule)
{
    const double theta[] = {0.31, 0.17, 1.9, 0.08, 0.4, -0.3, -0.1}, start[] = {0.2, 0.5, 0.3}, prior[] = {0.5, 0.2, 0.3};
    qsg_model model = model_with("agents=5 labels=3 init=0.2,0.5,0.3 prior=0.5,0.2,0.3", _i);
    qsg_transcript data = played(&model, theta, 7, 40, 11);
    qsg_likelihood *likelihood = likelihood_of(&model, &data);
    ck_close(loglik_at(likelihood, theta), by_hand(&data, theta, 3, start, prior), 1e-12);
    ck_assert_uint_eq(qsg_likelihood_observations(likelihood), _i == 1 ? 560 : 280);
    ck_assert_uint_eq(qsg_likelihood_run_observations(likelihood, 3), _i == 1 ? 80 : 40);
    qsg_likelihood_free(likelihood);
    qsg_transcript_free(&data);
    qsg_model_free(&model);
}
END_TEST

/* The probabilities of all transcripts of two interactions sum to 1: eight of them for two labels, one-way. */
START_TEST(probabilities_sum_to_one)
{
    const double theta[] = {0.4, 0.2, 0.7, 0.1, 0.6, 0};
    qsg_model model = model_with("agents=3", 0);
    double sum = 0;
    for (uint32_t code = 0; code < 8; code++) {
        qsg_utterance rows[3] = {{1, 0, 0, 1, code & 1}, {2, 0, 1, 2, code >> 1 & 1}, {3, 0, 1, 0, code >> 2}};
        size_t run_start[] = {0, 3};
        const qsg_transcript data = {.n_rows = 3, .n_runs = 1, .n_labels = 2, .n_names = 3, .agents = 3, .first_t = 1,
                                     .single = true, .rows = rows, .run_start = run_start, .first_line = 2};
        qsg_likelihood *likelihood = likelihood_of(&model, &data);
        sum += exp(loglik_at(likelihood, theta));
        qsg_likelihood_free(likelihood);
    }
    ck_close(sum, 1, 1e-14);
    qsg_model_free(&model);
}
END_TEST

/* Forecasts of all utterances, to difference. */
typedef struct {
    double *r;
    size_t n;
} forecasts;

static void keep(void *context, size_t run, const double *r, size_t label)
{
    forecasts *all = context;
    (void)run, (void)label;
    memcpy(all->r + 3 * all->n++, r, 3 * sizeof *r);
}

static void forecast_all(const qsg_likelihood *likelihood, const double *theta, forecasts *all)
{
    all->n = 0;
    for (size_t r = 0; r < qsg_likelihood_runs(likelihood); r++)
        ck_assert_int_eq(qsg_likelihood_forecast(likelihood, theta, r, keep, all, NULL), QSG_OK);
}

/* Gradient and information against central differences of step h: their error is of order h^2 = 1e-10 times a third
 * derivative of the order of the sum (1e3), and rounding 1e-16/1e-5 of it. */
START_TEST(derivatives)
{
    enum { P = 7 };
    const double h = 1e-5;
    double theta[P] = {0.31, 0.17, 1.9, 0.08, 0.4, -0.3, -0.1}, gradient[P], information[P * P], run_gradient[6 * P];
    double weights[] = {1, 2, 0, 1, 0.5, 3}, loglik, sides[2];
    qsg_model model = model_with("agents=5 labels=3 init=0.2,0.5,0.3 prior=0.5,0.2,0.3", _i);
    qsg_transcript data = played(&model, theta, 6, 50, 5);
    qsg_likelihood *likelihood = likelihood_of(&model, &data);
    const size_t n = qsg_likelihood_observations(likelihood);
    qsg_likelihood_request request = {.theta = theta, .weights = weights, .groups = QSG_FIT_ALL, .gradient = gradient,
                                      .run_gradient = run_gradient};
    ck_assert_int_eq(qsg_likelihood_evaluate(likelihood, &request, &loglik, NULL), QSG_OK);
    forecasts all[P + 1];
    for (int i = 0; i <= P; i++)
        all[i].r = malloc(3 * n * sizeof(double));
    double *slope = malloc(3 * n * P * sizeof *slope);
    forecast_all(likelihood, theta, &all[P]);
    for (int i = 0; i < P; i++) {
        const double at = theta[i];
        for (int side = 0; side < 2; side++) {
            theta[i] = at + (side ? h : -h);
            const qsg_likelihood_request value = {.theta = theta, .weights = weights};
            ck_assert_int_eq(qsg_likelihood_evaluate(likelihood, &value, &sides[side], NULL), QSG_OK);
            forecast_all(likelihood, theta, &all[side]);
        }
        theta[i] = at;
        ck_close_abs(gradient[i], (sides[1] - sides[0]) / (2 * h), 1e-5);
        double sum = 0;
        for (int r = 0; r < 6; r++)
            sum += weights[r] * run_gradient[r * P + i];
        ck_close_abs(gradient[i], sum, 1e-10);
        for (size_t j = 0; j < 3 * n; j++)
            slope[3 * n * i + j] = (all[1].r[j] - all[0].r[j]) / (2 * h);
    }
    request = (qsg_likelihood_request){.theta = theta, .groups = QSG_FIT_ALL, .gradient = gradient,
                                       .information = information};
    ck_assert_int_eq(qsg_likelihood_evaluate(likelihood, &request, &loglik, NULL), QSG_OK);
    for (int a = 0; a < P; a++)
        for (int b = 0; b < P; b++) {
            double sum = 0;
            for (size_t j = 0; j < 3 * n; j++)
                sum += slope[3 * n * a + j] * slope[3 * n * b + j] / all[P].r[j];
            ck_close_abs(information[a * P + b], sum, 1e-5);
        }
    request.groups = QSG_FIT_ALPHA | QSG_FIT_FIELD; /* the others are zero, these the same */
    double part[P], whole[P];
    memcpy(whole, gradient, sizeof whole);
    request.gradient = part;
    request.information = NULL;
    ck_assert_int_eq(qsg_likelihood_evaluate(likelihood, &request, &loglik, NULL), QSG_OK);
    for (int i = 0; i < P; i++)
        ck_close_abs(part[i], i == 0 || i >= 4 ? whole[i] : 0, 1e-12);
    for (int i = 0; i <= P; i++)
        free(all[i].r);
    free(slope);
    qsg_likelihood_free(likelihood);
    qsg_transcript_free(&data);
    qsg_model_free(&model);
}
END_TEST

/* Sharp channels and fast forgetting stay finite; what cannot be said has no likelihood. */
START_TEST(extremes)
{
    qsg_model model = model_with("agents=3 init=1,0", 0);
    qsg_utterance rows[400];
    size_t run_start[] = {0, 400};
    for (uint32_t i = 0; i < 400; i++)
        rows[i] = (qsg_utterance){i + 1, 0, i % 2, (i + 1) % 2, i >= 399};
    qsg_transcript data = {.n_rows = 400, .n_runs = 1, .n_labels = 2, .n_names = 3, .agents = 3, .first_t = 1, .single = true,
                           .rows = rows, .run_start = run_start, .first_line = 2};
    qsg_likelihood *sure = likelihood_of(&model, &data);
    ck_assert_double_eq(loglik_at(sure, (double[]){0.5, 0, 1, 0, 0, 0}), -INFINITY);
    ck_close(loglik_at(sure, (double[]){0.5, 0, 1, 0.01, 0, 0}), 399 * log(0.995) + log(0.005), 1e-12);
    qsg_model_free(&model);
    qsg_likelihood_free(sure);
    model = model_with("agents=3", 0);
    qsg_likelihood *open = likelihood_of(&model, &data);
    ck_assert_double_eq(loglik_at(open, (double[]){1, 0, 1, 0, 0, 0}), -INFINITY);
    const double sharp = loglik_at(open, (double[]){0.99, 0, 100, 0, 0, 0});
    ck_close(sharp, log(0.5) + 100 * log(1e-300), 1e-6); /* 1e-300: the smallest belief */
    const double narrow[] = {0.2, 0, 100, 0, 0.5, 0}; /* r is below 1e-308; its slopes by differences to h^2 = 1e-12 relative */
    double gradient[6], loglik;
    const qsg_likelihood_request request = {.theta = narrow, .groups = QSG_FIT_ALL, .gradient = gradient};
    ck_assert_int_eq(qsg_likelihood_evaluate(open, &request, &loglik, NULL), QSG_OK);
    ck_assert(loglik < -800);
    for (int i = 0; i < 6; i++) {
        double near[6], step = 1e-6;
        memcpy(near, narrow, sizeof near);
        near[i] += step;
        const double high = loglik_at(open, near);
        near[i] -= i == 1 || i == 3 ? step : 2 * step;
        if (i != 1 && i != 3) /* self and innovation begin at 0 */
            ck_close(gradient[i], (high - loglik_at(open, near)) / (2 * step), 1e-5);
    }
    ck_close(loglik_at(open, (double[]){0.3, 0, 0, 0, 0, 0}), 400 * log(0.5), 1e-13);
    qsg_likelihood_free(open);
    qsg_model_free(&model);
}
END_TEST

/* Voters: at alpha 1 everybody repeats the last label, which only alpha = 1 says surely. */
START_TEST(voters_are_found)
{
    qsg_model model = model_with("agents=6", 0);
    const double theta[] = {1, 0, 1, 0, 0, 0}, from[] = {0.3, 0, 1, 0, 0, 0};
    qsg_transcript data = played(&model, theta, 30, 60, 3);
    qsg_likelihood *likelihood = likelihood_of(&model, &data);
    qsg_maximum top = {0};
    ck_assert_int_eq(qsg_fit_maximize(&top, likelihood, QSG_FIT_ALPHA, from, NULL, true, NULL), QSG_OK);
    ck_close(top.theta[0], 1, 1e-6);
    ck_assert(top.at_bound[QSG_PAR_ALPHA]);
    qsg_maximum_free(&top);
    qsg_likelihood_free(likelihood);
    qsg_transcript_free(&data);
    qsg_model_free(&model);
}
END_TEST

static const struct { const char *model; int exchange; double theta[7]; } settings[] = {
    {"agents=12", 1, {0.3, 0.1, 1 / 0.8, 0.05, 0.2, 0, 0}},
    {"agents=10 labels=3", 0, {0.4, 0.15, 1.5, 0.03, 0.3, -0.2, -0.1}},
    {"agents=8 labels=3", 2, {0.2, 0.1, 1, 0.1, 0, 0, 0}},
};

/* Twice the gain over the truth is below chi-squared's 1 - 1e-7 quantile with all parameters free (K = 3: 6, 43.8; also for
 * those on a bound): an error of a third of the standard error times sqrt(runs) would show.  The top is the same from other
 * starts, a top (no neighbour is higher), and the intervals' ends lie 1.92 below it. */
START_TEST(truth_is_recovered)
{
    qsg_model model = model_with(settings[_i].model, settings[_i].exchange);
    const double *theta = settings[_i].theta;
    const size_t K = model.labels;
    qsg_transcript data = played(&model, theta, 30, 150, 21);
    qsg_likelihood *likelihood = likelihood_of(&model, &data);
    qsg_maximum top = {0}, again = {0};
    double start[7] = {0.05, 0, 1, 0.2, 0, 0, 0};
    ck_assert_int_eq(qsg_fit_maximize(&top, likelihood, QSG_FIT_ALL, start, NULL, true, NULL), QSG_OK);
    ck_assert_uint_eq(top.n_free, 4 + K - 1);
    const double gain = 2 * (top.loglik - loglik_at(likelihood, theta));
    ck_assert_msg(gain > 0 && gain < 43.8, "gain %g", gain);
    ck_assert_int_eq(qsg_fit_maximize(&again, likelihood, QSG_FIT_ALL, theta, NULL, false, NULL), QSG_OK);
    ck_close_abs(again.loglik, top.loglik, 1e-6);
    for (size_t i = 0; i < 4 + K; i++) {
        double near[7];
        ck_close_abs(again.theta[i], top.theta[i], 2e-3);
        for (double side = -0.01; side < 0.02; side += 0.02) {
            memcpy(near, top.theta, (4 + K) * sizeof *near);
            near[i] = fmax(near[i] + side, 0);
            ck_assert(i == 4 || loglik_at(likelihood, near) < top.loglik + 1e-9 || near[i] == top.theta[i]);
        }
    }
    for (size_t i = 0; i < 4; i++) {
        qsg_fit_interval interval;
        bool moved;
        ck_assert_int_eq(qsg_fit_interval_of(&top, likelihood, i, 0.95, &interval, &moved, NULL), QSG_OK);
        ck_assert(!moved && interval.low < top.theta[i] && top.theta[i] < interval.high);
        if (interval.high_bound)
            continue;
        double held[7];
        memcpy(held, top.theta, (4 + K) * sizeof *held);
        held[i] = interval.high;
        qsg_maximum profile = {0};
        ck_assert_int_eq(qsg_fit_maximize(&profile, likelihood, QSG_FIT_ALL & ~(1u << i), held, NULL, false, NULL), QSG_OK);
        ck_close(2 * (top.loglik - profile.loglik), 3.841, 5e-3);
        double at[] = {top.theta[i], interval.high}, deviance[2];
        ck_assert(qsg_fit_profile(&top, likelihood, i, 2, at, deviance, &moved, NULL) == QSG_OK && !moved);
        ck_close_abs(deviance[0], 0, 1e-4); /* searches end within 1e-9, at a kink 1e-3 */
        ck_close_abs(deviance[1], 2 * (top.loglik - profile.loglik), 1e-4);
        qsg_maximum_free(&profile);
    }
    qsg_maximum_free(&top);
    qsg_maximum_free(&again);
    qsg_likelihood_free(likelihood);
    qsg_transcript_free(&data);
    qsg_model_free(&model);
}
END_TEST

/* Other numbers for the labels and another order of the runs: the same top, permuted. */
START_TEST(invariances)
{
    enum { P = 7, R = 20 };
    static const uint32_t to[] = {2, 0, 1};
    qsg_model model = model_with("agents=8 labels=3", 1);
    const double theta[P] = {0.3, 0.1, 1.3, 0.05, 0.4, -0.1, -0.3};
    qsg_transcript data = played(&model, theta, R, 80, 8);
    qsg_likelihood *likelihood = likelihood_of(&model, &data);
    qsg_maximum top = {0}, other = {0};
    ck_assert_int_eq(qsg_fit_maximize(&top, likelihood, QSG_FIT_ALL, theta, NULL, false, NULL), QSG_OK);
    qsg_utterance *rows = malloc(data.n_rows * sizeof *rows);
    size_t run_start[R + 1], n = 0;
    for (uint32_t r = 0; r < R; r++) {
        const size_t from = R - 1 - r;
        run_start[r] = n;
        for (size_t i = data.run_start[from]; i < data.run_start[from + 1]; i++) {
            rows[n] = data.rows[i];
            rows[n].run = r;
            rows[n].label = to[rows[n].label];
            n++;
        }
    }
    run_start[R] = n;
    qsg_transcript turned = data;
    turned.rows = rows;
    turned.run_start = run_start;
    qsg_likelihood *permuted = likelihood_of(&model, &turned);
    ck_assert_int_eq(qsg_fit_maximize(&other, permuted, QSG_FIT_ALL, theta, NULL, false, NULL), QSG_OK);
    ck_close(other.loglik, top.loglik, 1e-9);
    double sum = 0;
    for (int i = 0; i < 4; i++)
        ck_close_abs(other.theta[i], top.theta[i], 1e-4);
    for (int k = 0; k < 3; k++) {
        ck_close_abs(other.theta[4 + to[k]], top.theta[4 + k], 1e-4);
        sum += top.theta[4 + k];
    }
    ck_close_abs(sum, 0, 1e-12);
    double *run_loglik = malloc(2 * R * sizeof *run_loglik), total, sum_of_runs = 0, again;
    qsg_likelihood_request request = {.theta = theta, .run_loglik = run_loglik};
    ck_assert_int_eq(qsg_likelihood_evaluate(likelihood, &request, &total, NULL), QSG_OK);
    for (size_t r = 0; r < R; r++)
        sum_of_runs += run_loglik[r];
    ck_close(sum_of_runs, total, 1e-13); /* the order of some 20 terms */
    request.run_loglik = run_loglik + R;
    omp_set_num_threads(1); /* the same bits on one thread, run by run */
    ck_assert_int_eq(qsg_likelihood_evaluate(likelihood, &request, &again, NULL), QSG_OK);
    omp_set_num_threads(omp_get_num_procs());
    ck_assert(again == total && memcmp(run_loglik, run_loglik + R, R * sizeof *run_loglik) == 0);
    ck_assert_int_eq(qsg_likelihood_evaluate(permuted, &request, &again, NULL), QSG_OK);
    ck_assert(run_loglik[0] != run_loglik[R]); /* other labels, other data */
    free(run_loglik);
    free(rows);
    qsg_maximum_free(&top);
    qsg_maximum_free(&other);
    qsg_likelihood_free(likelihood);
    qsg_likelihood_free(permuted);
    qsg_transcript_free(&data);
    qsg_model_free(&model);
}
END_TEST

/* Beliefs from a file go by the agents' names. */
START_TEST(start_file)
{
    const char *path = "qsg-fit-start.tsv";
    FILE *stream = fopen(path, "w");
    fputs("0.9\t0.1\n0.2\t0.8\n0.5\t0.5\n", stream);
    fclose(stream);
    qsg_model model = model_with("agents=3 init=qsg-fit-start.tsv", 0);
    remove(path);
    char numbers[3][2] = {"2", "0", "7"}, path_x[] = "x", *names[] = {numbers[0], numbers[1], numbers[2]};
    qsg_utterance rows[] = {{1, 0, 0, 1, 0}, {2, 0, 1, 0, 1}};
    size_t run_start[] = {0, 2};
    qsg_transcript data = {.n_rows = 2, .n_runs = 1, .n_labels = 2, .n_names = 3, .agents = 2, .first_t = 1, .single = true,
                           .rows = rows, .run_start = run_start, .names = names, .first_line = 2, .path = path_x};
    qsg_likelihood *likelihood = likelihood_of(&model, &data);
    /* agent 2 says label 1 at .5; agent 0 heard it: .9 -> .93; says label 2 */
    ck_close(loglik_at(likelihood, (double[]){0.3, 0, 1, 0, 0, 0}), log(0.5) + log(0.07), 1e-14);
    qsg_likelihood_free(likelihood);
    qsg_error error = {""};
    rows[1].speaker = 2;
    ck_assert_int_eq(qsg_likelihood_new(&model, &data, &likelihood, &error), QSG_EINPUT);
    ck_assert_ptr_nonnull(strstr(error.message, "(7)"));
    qsg_model_free(&model);
}
END_TEST

START_TEST(errors)
{
    qsg_error error = {""};
    qsg_likelihood *likelihood = NULL;
    qsg_model model = model_with("agents=3", 0);
    char texts3[3][4] = {"ann", "bob", "cid"}, path[] = "f.tsv", *names[] = {texts3[0], texts3[1], texts3[2]};
    qsg_utterance rows[] = {{1, 0, 0, 1, 0}, {1, 0, 2, 1, 1}};
    size_t run_start[] = {0, 2};
    qsg_transcript data = {.n_rows = 2, .n_runs = 1, .n_labels = 2, .n_names = 3, .agents = 3, .first_t = 1, .rows = rows,
                           .run_start = run_start, .names = names, .first_line = 2, .path = path};
    ck_assert_int_eq(qsg_likelihood_new(&model, &data, &likelihood, &error), QSG_EINPUT);
    ck_assert_str_eq(error.message, "f.tsv:3: an agent hears twice at one time (bob); expected at most one speaker for each "
                                    "listener and t");
    rows[1] = (qsg_utterance){1, 0, 0, 2, 1};
    ck_assert_int_eq(qsg_likelihood_new(&model, &data, &likelihood, &error), QSG_EINPUT);
    ck_assert_ptr_nonnull(strstr(error.message, "f.tsv:3: an agent says two labels at one time (ann)"));
    rows[1].t = 2;
    data.n_labels = 3;
    ck_assert_int_eq(qsg_likelihood_new(&model, &data, &likelihood, &error), QSG_EINPUT);
    data.n_labels = 2;
    data.agents = 4;
    ck_assert_int_eq(qsg_likelihood_new(&model, &data, &likelihood, &error), QSG_EINPUT);
    data.agents = 3;
    static const char *const refused[] = {"agents=3 bandwidth=2", "agents=3 init=onehot:1,2", "agents=3 init=dirichlet:1",
                                          "agents=3 adoption=0.1", "agents=3 zealots=1,0", "agents=3 graph=ring"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        qsg_model bad = model_with(refused[i], 0);
        ck_assert_int_eq(qsg_likelihood_new(&bad, &data, &likelihood, &error), QSG_EMODEL);
        qsg_model_free(&bad);
    }
    ck_assert_ptr_null(likelihood);
    likelihood = likelihood_of(&model, &data);
    static const double bad[][6] = {{-0.1, 0, 1, 0, 0, 0}, {0.6, 0.5, 1, 0, 0, 0}, {NAN, 0, 1, 0, 0, 0}, {0.5, -1, 1, 0, 0, 0},
                                    {0.5, 0, -1, 0, 0, 0}, {0.5, 0, INFINITY, 0, 0, 0}, {0.5, 0, 1, 1.1, 0, 0},
                                    {0.5, 0, 1, NAN, 0, 0}, {0.5, 0, 1, 0, NAN, 0}};
    double loglik = 77;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_int_eq(qsg_likelihood_evaluate(likelihood, &(qsg_likelihood_request){.theta = bad[i]}, &loglik, &error),
                         QSG_EDOMAIN);
    ck_assert_double_eq(loglik, 77);
    const double good[] = {0.5, 0, 1, 0, 0, 0};
    ck_assert_int_eq(qsg_likelihood_forecast(likelihood, good, 1, keep, NULL, &error), QSG_EDOMAIN);
    qsg_maximum top = {0};
    qsg_fit_interval interval = {.low = 77};
    bool moved;
    ck_assert_int_eq(qsg_fit_maximize(&top, likelihood, QSG_FIT_ALPHA, good, NULL, true, &error), QSG_OK);
    ck_assert_int_eq(qsg_fit_interval_of(&top, likelihood, QSG_PAR_SELF, 0.95, &interval, &moved, &error), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_fit_interval_of(&top, likelihood, QSG_PAR_ALPHA, 1, &interval, &moved, &error), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_fit_interval_of(&top, likelihood, 6, 0.95, &interval, &moved, &error), QSG_EDOMAIN);
    ck_assert_double_eq(interval.low, 77);
    qsg_maximum_free(&top);
    qsg_maximum_free(&top);
    unsigned groups = 9;
    static const char *const texts[] = {"", "alpha,", "alpha,beta", "alpha,self,alpha", "temper field"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_int_eq(qsg_fit_groups_parse(texts[i], &groups, &error), QSG_EINPUT);
    ck_assert_uint_eq(groups, 9);
    ck_assert_int_eq(qsg_fit_groups_parse("temper,alpha,field", &groups, &error), QSG_OK);
    ck_assert_uint_eq(groups, QSG_FIT_ALPHA | QSG_FIT_TEMPER | QSG_FIT_FIELD);
    qsg_likelihood_free(likelihood);
    qsg_likelihood_free(NULL);
    qsg_model_free(&model);
    model = model_with("agents=3 init=1,0", 0); /* the second label has no chance, and no innovation may give it one */
    likelihood = likelihood_of(&model, &data);
    ck_assert_int_eq(qsg_fit_maximize(&top, likelihood, QSG_FIT_TEMPER, (double[]){0.01, 0, 1, 0, 0, 0}, NULL, true, &error),
                     QSG_ENOEXIST);
    ck_assert_ptr_null(top.theta);
    qsg_likelihood_free(likelihood);
    qsg_model_free(&model);
}
END_TEST

RUN_LOOPS("fit", {likelihood_is_the_rule, 3}, {probabilities_sum_to_one, 1}, {derivatives, 3}, {extremes, 1},
          {voters_are_found, 1}, {truth_is_recovered, CASES(3, 1)}, {invariances, 1}, {start_file, 1}, {errors, 1})
