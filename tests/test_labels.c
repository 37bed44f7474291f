/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

enum { MOST = 24 };

static void uniform(double *p, size_t labels)
{
    for (size_t k = 0; k < labels; k++)
        p[k] = 1 / (double)labels;
}

static double mean_time(const double *p, size_t labels, size_t j)
{
    double tau[MOST];
    qsg_error error = {""};
    ck_assert_msg(qsg_labels_mean_times(p, labels, j, tau, &error) == QSG_OK, "%s", error.message);
    for (size_t l = 1; l < j; l++)
        ck_assert(tau[l] <= tau[l - 1]);
    return tau[j - 1];
}

/* data/classic/reference_values.tsv, ten decimals. */
START_TEST(reference_mean_times)
{
    static const struct { size_t labels, j; double tau; } values[] = {
        {2, 1, 1.3862943611},  {3, 1, 1.6218604324},  {3, 2, 0.5753641449},  {5, 1, 1.7851484105},
        {5, 4, 0.2333090446},  {10, 1, 1.8964892818}, {10, 9, 0.0810631998}, {24, 1, 1.9577422633},
        {24, 23, 0.0244561480}, {5, 2, 0.7744622537}, {5, 3, 0.4259561162},  {10, 2, 0.8944214399},
        {10, 3, 0.5587406109}, {10, 4, 0.3893635028}, {10, 5, 0.2861626986}, {10, 6, 0.2155947353},
        {10, 7, 0.1629871933}, {10, 8, 0.1203475236}};
    double p[MOST];
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        uniform(p, values[i].labels);
        ck_close_abs(mean_time(p, values[i].labels, values[i].j), values[i].tau, 5.1e-11);
    }
}
END_TEST

/* Inclusion-exclusion over subsets (Littler 1975), for uneven shares of few labels, where it loses little. */
static double by_subsets(const double *p, size_t labels, size_t j)
{
    double sum = 0;
    for (unsigned set = 1; set < 1u << labels; set++) {
        const size_t s = (size_t)__builtin_popcount(set);
        double share = 0, binomial = 1;
        if (s > j)
            continue;
        for (size_t k = 0; k < labels; k++)
            share += set >> k & 1 ? p[k] : 0;
        for (size_t i = 0; i < j - s; i++)
            binomial *= (double)(labels - 1 - s - i) / (double)(i + 1);
        sum += ((j - s) % 2 ? -1 : 1) * binomial * (1 - share) * log(1 - share);
    }
    return -2 * sum;
}

START_TEST(mean_times_by_subsets)
{
    const double p[6] = {0.31, 0.05, 0.2385, 0.1115, 0.09, 0.2};
    for (size_t j = 1; j < 6; j++)
        ck_close(mean_time(p, 6, j), by_subsets(p, 6, j), 1e-12);
    /* a minority of 1e-9: relative accuracy is kept */
    const double q = 1e-9, pair[2] = {1 - q, q};
    ck_close(mean_time(pair, 2, 1), -2 * (q * log(q) + (1 - q) * log1p(-q)), 1e-7); /* 1 - (1-q) has 7 digits of q */
    const double lost[3] = {0.4, 0, 0.6};
    ck_close(mean_time(lost, 3, 1), mean_time((double[]){0.4, 0.6}, 2, 1), 1e-14);
    ck_assert(mean_time(lost, 3, 2) == 0);
}
END_TEST

/* The law against three others: consensus alone, the mean time as its integral, and sums. */
START_TEST(law_of_labels_left)
{
    const double p[5] = {0.1, 0.15, 0.2385, 0.2115, 0.3};
    double law[5], accuracy;
    qsg_consensus_law one = {0};
    ck_assert_int_eq(qsg_consensus_law_init(&one, p, 5, NULL), QSG_OK);
    for (double tau = 0.035; tau < 10; tau *= 1.7) {
        double survival, sum = 0;
        ck_assert_int_eq(qsg_labels_left(p, 5, tau, law, &accuracy, NULL), QSG_OK);
        ck_assert_int_eq(qsg_consensus_law_survival(&one, tau, &survival, NULL), QSG_OK);
        ck_close_abs(law[0], 1 - survival, 1e-13);
        for (int l = 0; l < 5; l++) {
            ck_assert(law[l] >= 0);
            sum += law[l];
        }
        ck_close_abs(sum, 1, 1e-12);
        ck_assert(accuracy < 1e-10);
    }
    qsg_consensus_law_free(&one);
    /* int_0^inf P(more than 3 left) dtau by Simpson from 0.05 on, before which it is 1 less P < 2e-3 of a loss */
    double integral = 0;
    const double from = 0.035, step = 0.01;
    for (int i = 0; i <= 1000; i++) {
        ck_assert_int_eq(qsg_labels_left(p, 5, from + step * i, law, NULL, NULL), QSG_OK);
        integral += (i == 0 || i == 1000 ? 1 : i % 2 ? 4 : 2) * step / 3 * (law[3] + law[4]);
    }
    ck_close_abs(integral + from, mean_time(p, 5, 3), 2e-4);
}
END_TEST

/* Equal shares take another route than unequal ones: they meet when shares are equal but for rounding. */
START_TEST(equal_shares_two_ways)
{
    double p[7], q[7], first[7], second[7];
    uniform(p, 7);
    memcpy(q, p, sizeof q);
    q[0] += 1e-13;
    q[3] -= 1e-13;
    ck_assert_int_eq(qsg_labels_left(p, 7, 0.21, first, NULL, NULL), QSG_OK);
    ck_assert_int_eq(qsg_labels_left(q, 7, 0.21, second, NULL, NULL), QSG_OK);
    for (int l = 0; l < 7; l++)
        ck_close_abs(first[l], second[l], 1e-11);
    ck_assert_int_eq(qsg_labels_left(p, 7, 0, first, NULL, NULL), QSG_OK);
    ck_assert(first[6] == 1 && first[0] == 0);
}
END_TEST

/* Exit times: at threshold 1 the consensus time; and the two-cell problem of the finite-volume chain's Green function,
 * (1/2)p(1-p) T'' = -1, by its own tridiagonal solve. */
START_TEST(exit_times)
{
    enum { N = 2000 };
    double tau, diagonal, t[N + 1] = {0}, slope[N + 1] = {0};
    ck_assert_int_eq(qsg_labels_exit_time(0.2385, 1, &tau, NULL), QSG_OK);
    ck_close(tau, mean_time((double[]){0.2385, 0.7615}, 2, 1), 1e-13);
    const double threshold = 0.8, edge = (1 - sqrt(2 * threshold - 1)) / 2, h = (1 - 2 * edge) / N;
    for (size_t i = 1; i < N; i++) { /* T(edge) = T(1 - edge) = 0, Thomas */
        const double x = edge + h * (double)i, source = 2 * h * h / (x * (1 - x));
        diagonal = 2 - slope[i - 1];
        slope[i] = 1 / diagonal;
        t[i] = (source + t[i - 1]) / diagonal;
    }
    for (size_t i = N - 1; i > 0; i--)
        t[i] += slope[i] * t[i + 1];
    ck_assert_int_eq(qsg_labels_exit_time(edge + h * 700, threshold, &tau, NULL), QSG_OK);
    ck_close(tau, t[700], 1e-6); /* h^2 */
    ck_assert_int_eq(qsg_labels_exit_time(0.99, threshold, &tau, NULL), QSG_OK);
    ck_assert(tau == 0);
}
END_TEST

START_TEST(errors)
{
    const double p[2] = {0.4, 0.6}, bad[2] = {0.4, -0.1}, off[2] = {0.4, 0.4}, nan[2] = {NAN, 1};
    double out = 7, law[2] = {7, 7};
    qsg_error e;
    ck_assert_int_eq(qsg_labels_mean_times(p, 2, 0, &out, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_labels_mean_times(bad, 2, 1, &out, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_labels_mean_times(off, 2, 1, &out, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_labels_mean_times(nan, 2, 1, &out, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_labels_left(off, 2, 1, law, &out, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_labels_left(p, 2, -1, law, &out, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_labels_left(p, 2, NAN, law, &out, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_labels_left(p, 2, 0.005, law, &out, &e), QSG_ENUMERIC);
    ck_assert_int_eq(qsg_labels_exit_time(1.5, 0.9, &out, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_labels_exit_time(0.5, 0.4, &out, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_labels_exit_time(0.5, NAN, &out, &e), QSG_EDOMAIN);
    ck_assert(out == 7 && law[0] == 7 && law[1] == 7);
}
END_TEST

/* What predict says of labels: the law sums to one and ends in the law of the consensus time, computed by another
 * series; too early it is absent; the exit time by its closed form, 2(B(p) - B(p*))/lambda. */
START_TEST(prediction_of_labels)
{
    const double times[] = {0, 100, 20000, 77335, 1e9};
    qsg_model three = model_of("agents=64 alpha=0.3 labels=3 init=0.2,0.3,0.5"), two = model_of("agents=64 alpha=0.3"),
              many = model_of("agents=64 alpha=0.3 labels=201");
    qsg_predict_request request = {.times = times, .n = 5, .consensus = 0.95};
    qsg_result *result = qsg_result_new(), *pair = qsg_result_new(), *crowd = qsg_result_new();
    qsg_consensus_law law;
    ck_assert_int_eq(qsg_predict(&three, &request, result, NULL), QSG_OK);
    ck_assert_int_eq(qsg_consensus_law_init(&law, three.start.p, 3, NULL), QSG_OK);
    const double rate = qsg_result_get(result, "slow_rate"), *left[3];
    for (int j = 0; j < 3; j++) {
        char path[32];
        size_t n;
        snprintf(path, sizeof path, "labels.left.%d", j);
        left[j] = qsg_result_get_vector(result, path, &n);
        ck_assert_uint_eq(n, 5);
    }
    ck_assert(left[0][0] == 0 && left[1][0] == 0 && left[2][0] == 1);
    ck_assert(isnan(left[0][1]) && isnan(left[2][1]));
    for (int i = 2; i < 5; i++) {
        double above;
        ck_close_abs(left[0][i] + left[1][i] + left[2][i], 1, 1e-13);
        ck_assert_int_eq(qsg_consensus_law_survival(&law, rate * times[i], &above, NULL), QSG_OK);
        ck_close_abs(left[0][i], 1 - above, 1e-13);
    }
    ck_assert(isnan(qsg_result_get(result, "fixation.exit_time"))); /* two labels only */
    ck_assert(qsg_result_get(result, "labels.left_accuracy") < 1e-10);
    ck_assert_int_eq(qsg_predict(&two, &request, pair, NULL), QSG_OK);
    const double edge = (1 - sqrt(0.9)) / 2, wait = log(2) + edge * log(edge) + (1 - edge) * log1p(-edge);
    ck_close(qsg_result_get(pair, "fixation.exit_time"), 2 * wait / rate, 1e-12);
    ck_assert_int_eq(qsg_predict(&many, &request, crowd, NULL), QSG_OK);
    ck_assert_ptr_null(qsg_result_get_vector(crowd, "labels.left.0", NULL));
    qsg_consensus_law_free(&law);
    qsg_result_free(result);
    qsg_result_free(pair);
    qsg_result_free(crowd);
    qsg_model_free(&three);
    qsg_model_free(&two);
    qsg_model_free(&many);
}
END_TEST

RUN_TESTS("labels", reference_mean_times, mean_times_by_subsets, law_of_labels_left, equal_shares_two_ways, exit_times, prediction_of_labels,
          errors)
