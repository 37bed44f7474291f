/* Theory against simulation on one model.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/compare.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "base/covariance.h"
#include "qsg/moments.h"
#include "qsg/predict.h"

/* Where the mean over runs is not normal, there is no test: fewer runs than this expected short of consensus, or one
 * run that carries more than this share of the variance. */
#define FEWEST_RUNS 50
#define LARGEST_SHARE 0.1
/* Variance that is rounding error. */
#define NEGLIGIBLE 1e-20
#define MOST_TIMES 500
/* Labels expected to win fewer runs than this are tested together. */
#define FEWEST_WINS 10

/* What the runs add up to: 1 - U (small late) and V at every time stacked, and the mean belief at the end. */
typedef struct {
    size_t times, labels;
    covariance moments;
    double *share, *share_square; /* sums over runs of the mean belief at the end and of its squares, per label */
    double *observation;
    uint64_t unresolved;
    double interactions;
    uint64_t *wins;
} tally;

static void tally_free(tally *self)
{
    covariance_free(&self->moments);
    free(self->share);
    free(self->share_square);
    free(self->observation);
    free(self->wins);
    *self = (tally){0};
}

static qsg_status tally_init(tally *self, size_t times, size_t labels, qsg_error *error)
{
    *self = (tally){.times = times, .labels = labels};
    self->observation = malloc((2 * times + 1) * sizeof *self->observation);
    self->wins = calloc(labels, sizeof *self->wins);
    self->share = calloc(labels, sizeof *self->share);
    self->share_square = calloc(labels, sizeof *self->share_square);
    qsg_status status = covariance_init(&self->moments, 2 * times, error);
    if (!status && (!self->observation || !self->wins || !self->share || !self->share_square))
        status = qsg_fail(error, QSG_ENOMEM, "no memory for a comparison at %zu times", times);
    if (status)
        tally_free(self);
    return status;
}

static qsg_status tally_add(void *context, const qsg_outcome *outcome)
{
    tally *self = context;
    for (size_t i = 0; i < self->times; i++) {
        self->observation[i] = outcome->heterogeneity[i];
        self->observation[self->times + i] = outcome->disagreement[i];
    }
    covariance_add(&self->moments, self->observation);
    for (size_t k = 0; k < self->labels; k++) {
        self->share[k] += outcome->mean_belief[k];
        self->share_square[k] += outcome->mean_belief[k] * outcome->mean_belief[k];
    }
    if (outcome->resolved)
        self->wins[outcome->leader]++;
    else
        self->unresolved++;
    self->interactions += outcome->interactions;
    return QSG_OK;
}

/* Columns of the table, and which times the test uses. */
static void report_moments(const tally *t, const double *H, const double *V, const double *U_meanfield, double agents,
                           const bool *use, const double *times, qsg_result *result, double *buffer)
{
    const size_t n = t->times;
    const double c = 1 / (agents * (agents - 1)); /* S = U - c V */
    double *columns[10], largest = 0;
    for (int j = 0; j < 10; j++)
        columns[j] = buffer + (size_t)j * n;
    for (size_t i = 0; i < n; i++) {
        const double u_var = covariance_of_mean(&t->moments, i, i), v_var = covariance_of_mean(&t->moments, n + i, n + i);
        const double s_var = u_var + c * c * v_var + 2 * c * covariance_of_mean(&t->moments, i, n + i);
        const double u_se = sqrt(u_var), v_se = sqrt(v_var);
        columns[0][i] = 1 - t->moments.mean[i];
        columns[1][i] = u_se;
        columns[2][i] = use[i] && u_se > 0 ? (H[i] - t->moments.mean[i]) / u_se : NAN;
        columns[3][i] = t->moments.mean[n + i];
        columns[4][i] = v_se;
        columns[5][i] = use[n + i] && v_se > 0 ? (t->moments.mean[n + i] - V[i]) / v_se : NAN;
        columns[6][i] = 1 - H[i] - c * V[i];
        columns[7][i] = columns[0][i] - c * t->moments.mean[n + i];
        columns[9][i] = 1 - H[i];
        columns[8][i] = sqrt(s_var > 0 ? s_var : 0);
        if (fabs(columns[2][i]) > largest)
            largest = fabs(columns[2][i]);
    }
    qsg_result_column(result, "time", "times", n, times, "interactions", QSG_INPUT, "");
    qsg_result_column(result, "U", "U", n, columns[9], "", QSG_EXACT, "E[U], polarization of the mean belief");
    qsg_result_column(result, "U_meanfield", "U_meanfield", n, U_meanfield, "", QSG_MEANFIELD, "the paper's law");
    qsg_result_column(result, "U_mean", "U_mean", n, columns[0], "", QSG_SIMULATED, "mean over runs");
    qsg_result_column(result, "U_se", "U_se", n, columns[1], "", QSG_SIMULATED, "standard error of U_mean");
    qsg_result_column(result, "z", "z", n, columns[2], "standard errors", QSG_SIMULATED,
                      "(U_mean - U)/U_se; - where it is not tested");
    qsg_result_column(result, "V", "V", n, V, "", QSG_EXACT, "E[V], disagreement");
    qsg_result_column(result, "V_mean", "V_mean", n, columns[3], "", QSG_SIMULATED, "mean over runs");
    qsg_result_column(result, "V_se", "V_se", n, columns[4], "", QSG_SIMULATED, "standard error of V_mean");
    qsg_result_column(result, "V_z", "V_z", n, columns[5], "standard errors", QSG_SIMULATED, "(V_mean - V)/V_se");
    qsg_result_column(result, "S", "S", n, columns[6], "", QSG_EXACT, "E[S], coordination");
    qsg_result_column(result, "S_mean", "S_mean", n, columns[7], "", QSG_SIMULATED, "mean over runs");
    qsg_result_column(result, "S_se", "S_se", n, columns[8], "", QSG_SIMULATED, "standard error of S_mean");
    qsg_result_number(result, "max_abs_z", largest, "standard errors", QSG_SIMULATED, "largest |z| of U");
}

static void report_winners(const tally *t, const double *p, uint64_t runs, qsg_result *result, double *buffer)
{
    const size_t labels = t->labels;
    const double count = (double)runs;
    double *mean = buffer, *se = buffer + labels, *z = buffer + 2 * labels, *wins = buffer + 3 * labels;
    for (size_t k = 0; k < labels; k++) {
        mean[k] = t->share[k] / count;
        const double variance = t->share_square[k] / count - mean[k] * mean[k];
        se[k] = sqrt(fmax(variance, 0) / (count - 1));
        z[k] = se[k] > 0 ? (mean[k] - p[k]) / se[k] : NAN;
        wins[k] = (double)t->wins[k];
    }
    qsg_result_vector(result, "fixation.theory", labels, p, "", QSG_EXACT, "winning probability: initial mean belief");
    qsg_result_vector(result, "fixation.simulation", labels, mean, "", QSG_SIMULATED,
                      "mean belief where the runs stopped, whose expectation is the winning probability");
    qsg_result_vector(result, "fixation.se", labels, se, "", QSG_SIMULATED, "standard errors");
    qsg_result_vector(result, "fixation.z", labels, z, "standard errors", QSG_SIMULATED, "");
    qsg_result_vector(result, "wins", labels, wins, "runs", QSG_SIMULATED, "leading label at the consensus threshold");
    qsg_result_integer(result, "unresolved", (int64_t)t->unresolved, "runs", QSG_SIMULATED,
                       "short of the consensus threshold when they stopped");
}

/* Pearson's test that the mean belief at the end is p on average.  From every start the covariance of the mean belief
 * keeps the form c (diag p - p p'), with c = 1 when all runs ended in consensus (doc/theory/moments.md): c comes from the
 * total variance, which fluctuates far less than that of a rare label.  1 when nothing moved. */
static double test_winners(const tally *t, const double *p, uint64_t runs)
{
    const double count = (double)runs;
    double rest_mean = 0, rest_p = 0, sum = 0, observed = 0, full = 0;
    size_t groups = 0;
    for (size_t k = 0; k < t->labels; k++) {
        const double mean = t->share[k] / count;
        observed += (t->share_square[k] - count * mean * mean) / (count - 1);
        full += p[k] * (1 - p[k]);
        if (p[k] * count < FEWEST_WINS) {
            rest_mean += mean;
            rest_p += p[k];
        } else {
            sum += (mean - p[k]) * (mean - p[k]) / p[k];
            groups++;
        }
    }
    if (rest_p * count >= FEWEST_WINS) {
        sum += (rest_mean - rest_p) * (rest_mean - rest_p) / rest_p;
        groups++;
    }
    if (groups < 2 || !(observed > NEGLIGIBLE))
        return 1;
    return gsl_cdf_chisq_Q(count * sum / (observed / full), (double)groups - 1);
}

/* One p value from the moments at the tested times and from the winners. */
static qsg_status report_verdict(const tally *t, const double *expected, const bool *use, const double *p,
                                 uint64_t runs, qsg_result *result, qsg_error *error)
{
    double statistic, p_moments;
    size_t rank;
    qsg_status status = covariance_test(&t->moments, expected, use, &statistic, &rank, &p_moments, error);
    if (status)
        return status;
    const double p_winners = test_winners(t, p, runs);
    const double p_value = fmin(2 * fmin(p_moments, p_winners), 1);
    qsg_result_number(result, "statistic", statistic, "", QSG_SIMULATED, "Hotelling T^2 of U and V at the tested times");
    qsg_result_integer(result, "rank", (int64_t)rank, "", QSG_SIMULATED, "directions in which it was tested");
    qsg_result_number(result, "p_value_moments", p_moments, "", QSG_SIMULATED, "of U and V");
    qsg_result_number(result, "p_value_winners", p_winners, "", QSG_SIMULATED, "of the mean belief at the end");
    qsg_result_number(result, "p_value", p_value, "", QSG_SIMULATED, "both, by Bonferroni");
    qsg_result_flag(result, "agree", p_value >= QSG_COMPARE_LEVEL,
                    "p_value >= 0.0001: one false alarm in 10,000 comparisons");
    return QSG_OK;
}

/* Where a mean over the runs is as good as normal, so that it can be tested. */
static bool testable(const tally *t, size_t i)
{
    const double variance = covariance_of_mean(&t->moments, i, i);
    return !(variance > NEGLIGIBLE) || covariance_dominance(&t->moments, i) <= LARGEST_SHARE;
}

/* The part that needs the ensemble: run it, test it, tell. */
static qsg_status compare_with(const qsg_model *model, const qsg_model *theory, const qsg_ensemble_request *request,
                               const double *expected, const double *U_meanfield, qsg_result *result, qsg_error *error)
{
    const size_t n = request->n;
    const double most = 1 - 1 / (double)model->labels;
    tally t;
    bool *use = calloc(2 * n + 1, sizeof *use);
    double *buffer = malloc((10 * n + 4 * model->labels + 1) * sizeof *buffer);
    qsg_status status = tally_init(&t, n, model->labels, error);
    if (!status && (!use || !buffer))
        status = qsg_fail(error, QSG_ENOMEM, "no memory for a comparison at %zu times", n);
    if (!status)
        status = qsg_ensemble_run(model, request, tally_add, &t, error);
    if (!status) {
        qsg_moments start;
        qsg_moments_start(theory, &start, NULL);
        double top = start.disagreement; /* the V of a run that has not settled is of this order */
        for (size_t i = 0; i < n; i++)
            top = fmax(top, expected[n + i]);
        for (size_t i = 0; i < n; i++) {
            const double runs = (double)request->runs, moving = expected[i] / most * runs;
            use[i] = moving >= FEWEST_RUNS && testable(&t, i);
            use[n + i] = moving >= FEWEST_RUNS && expected[n + i] * runs >= top * FEWEST_RUNS && testable(&t, n + i);
        }
        qsg_result_integer(result, "runs", (int64_t)request->runs, "", QSG_INPUT, "independent populations");
        qsg_result_integer(result, "seed", (int64_t)request->seed, "", QSG_INPUT, "");
        report_moments(&t, expected, expected + n, U_meanfield, (double)model->agents, use, request->times, result,
                       buffer);
        report_winners(&t, theory->start.p, request->runs, result, buffer);
        qsg_result_integer(result, "interactions", (int64_t)t.interactions, "", QSG_SIMULATED, "simulated in all");
        status = report_verdict(&t, expected, use, theory->start.p, request->runs, result, error);
    }
    tally_free(&t);
    free(use);
    free(buffer);
    return status;
}

qsg_status qsg_compare(const qsg_model *model, const qsg_model *theory, const qsg_ensemble_request *request,
                       qsg_result *result, qsg_error *error)
{
    const size_t n = request->n;
    qsg_status status = qsg_model_require(model, 0, "compare", error);
    if (!status)
        status = qsg_model_require(theory, 0, "compare", error);
    if (!status && (model->labels != theory->labels || model->agents != theory->agents))
        status = qsg_fail(error, QSG_EDOMAIN, "the two models differ in size (N %llu and %llu, K %zu and %zu); "
                          "expected the same agents and labels", (unsigned long long)model->agents,
                          (unsigned long long)theory->agents, model->labels, theory->labels);
    if (!status && (n < 1 || n > MOST_TIMES))
        status = qsg_fail(error, QSG_EDOMAIN, "number of times is out of range (%zu); expected 1 to %d", n, MOST_TIMES);
    if (!status && request->runs < 50)
        status = qsg_fail(error, QSG_EDOMAIN, "runs are too few for a test (%llu); expected 50 or more",
                          (unsigned long long)request->runs);
    if (status)
        return status;
    qsg_result *prediction = qsg_result_new();
    const qsg_predict_request ask = {request->times, n, request->consensus};
    double *expected = malloc(2 * n * sizeof *expected);
    status = prediction && expected ? qsg_predict(theory, &ask, prediction, error)
                                    : qsg_fail(error, QSG_ENOMEM, "no memory for the prediction");
    if (!status) {
        const double *H = qsg_result_get_vector(prediction, "H", NULL);
        const double *V = qsg_result_get_vector(prediction, "V", NULL);
        for (size_t i = 0; i < n; i++) {
            expected[i] = H[i];
            expected[n + i] = V[i];
        }
        status = compare_with(model, theory, request, expected, qsg_result_get_vector(prediction, "U_meanfield", NULL),
                              result, error);
    }
    qsg_result_free(prediction);
    free(expected);
    return status;
}
