/* Exact expectations against simulation: one test of all times together.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/compare.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/covariance.h"
#include "qsg/influence.h"
#include "qsg/moments.h"
#include "qsg/predict.h"
#include "study/compare_limits.h"
#include "study/compare_private.h"

/* Where the mean over runs is not normal, there is no test: fewer runs than this expected short of consensus, or one
 * run that carries more than this share of the variance. */
#define FEWEST_RUNS 50
#define LARGEST_SHARE 0.5
/* A standard error that is rounding. */
#define NEGLIGIBLE 1e-10
#define MOST_TIMES 500
/* Labels expected to win fewer runs than this are tested together. */
#define FEWEST_WINS 10
/* Labels whose covariance is measured where its form is not known. */
#define MOST_MEASURED 16

/* What the runs add up to: 1 - U (small late) and V at every time stacked, and the mean belief at the end. */
typedef struct {
    size_t times, labels;
    covariance moments, shares;
    double *share, *share_square; /* sums over runs of the mean belief at the end and of its squares, per label */
    double *observation;
    uint64_t unresolved;
    double interactions, time; /* time: until the threshold, of all resolved runs together */
    uint64_t *wins;
} tally;

/* What theory expects, and which of it can be tested. */
typedef struct {
    const qsg_model *theory;
    const qsg_ensemble_request *request;
    const double *moments;     /* E[1 - U], then E[V] at the times */
    const double *U_meanfield; /* NULL when the paper has no law for the model */
    const double *p;           /* expected mean belief at the end, weighed as the request says; NULL: it is no martingale */
    bool alike;                /* its covariance has the form of identical well-mixed agents */
    compare_exit exit;         /* of an exact chain */
    bool *use;
} expectation;

static void tally_free(tally *self)
{
    covariance_free(&self->moments);
    covariance_free(&self->shares);
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
    if (!status)
        status = covariance_init(&self->shares, labels - 1 < MOST_MEASURED ? labels - 1 : MOST_MEASURED, error);
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
    covariance_add(&self->shares, outcome->mean_belief);
    for (size_t k = 0; k < self->labels; k++) {
        self->share[k] += outcome->mean_belief[k];
        self->share_square[k] += outcome->mean_belief[k] * outcome->mean_belief[k];
    }
    if (outcome->resolved) {
        self->wins[outcome->leader]++;
        self->time += outcome->consensus_time;
    } else {
        self->unresolved++;
    }
    self->interactions += outcome->interactions;
    return QSG_OK;
}

/* A mean over the runs that is as good as normal, or that does not vary at all. */
static bool testable(const tally *t, size_t i)
{
    return !(covariance_of_mean(&t->moments, i, i) > NEGLIGIBLE * NEGLIGIBLE) ||
           covariance_dominance(&t->moments, i) <= LARGEST_SHARE;
}

/* Whether `expected` of a quantity, whose value in a run far from settled is `typical`, comes from enough runs: by theory,
 * or by so many more of them than theory has that chance cannot explain it (ten standard deviations of a count). */
static bool enough(double expected, double observed, double typical, uint64_t runs)
{
    const double due = expected * (double)runs / typical, seen = observed * (double)runs / typical;
    return due >= FEWEST_RUNS || seen > due + 10 * sqrt(due) + 20;
}

static void choose(const tally *t, expectation *e)
{
    const size_t n = t->times;
    const double most = 1 - 1 / (double)t->labels;
    qsg_moments start;
    qsg_moments_start(e->theory, &start, NULL);
    double top = start.disagreement; /* the V of a run that has not settled is of this order */
    for (size_t i = 0; i < n; i++)
        top = fmax(top, e->moments[n + i]);
    for (size_t i = 0; i < n; i++) {
        const double *mean = t->moments.mean;
        const bool moving = enough(e->moments[i], mean[i], most, e->request->runs);
        e->use[i] = moving && testable(t, i);
        e->use[n + i] = moving && enough(e->moments[n + i], mean[n + i], top, e->request->runs) && testable(t, n + i);
    }
}

/* (observed - expected)/error, NaN where there is no test or nothing varied. */
static double score(bool use, double observed, double expected, double error)
{
    return use && error > NEGLIGIBLE ? (observed - expected) / error : NAN;
}

static qsg_status report_moments(const tally *t, const expectation *e, qsg_result *result, qsg_error *error)
{
    enum { U, MEANFIELD, U_MEAN, U_SE, Z, V, V_MEAN, V_SE, V_Z, S, S_MEAN, S_SE, COLUMNS };
    static const struct { const char *name, *unit, *meaning; qsg_basis basis; } columns[COLUMNS] = {
        {"U", "", "E[U], polarization of the mean belief", QSG_EXACT},
        {"U_meanfield", "", "the paper's law", QSG_MEANFIELD},
        {"U_mean", "", "mean over runs", QSG_SIMULATED},
        {"U_se", "", "standard error of U_mean", QSG_SIMULATED},
        {"z", "standard errors", "(U_mean - U)/U_se; - where it is not tested", QSG_SIMULATED},
        {"V", "", "E[V], disagreement", QSG_EXACT},
        {"V_mean", "", "mean over runs", QSG_SIMULATED},
        {"V_se", "", "standard error of V_mean", QSG_SIMULATED},
        {"V_z", "standard errors", "(V_mean - V)/V_se; - where it is not tested", QSG_SIMULATED},
        {"S", "", "E[S], coordination", QSG_EXACT},
        {"S_mean", "", "mean over runs", QSG_SIMULATED},
        {"S_se", "", "standard error of S_mean", QSG_SIMULATED},
    };
    const size_t n = t->times;
    const double agents = (double)e->theory->agents, c = 1 / (agents * (agents - 1)); /* S = U - c V */
    const double *H = e->moments, *mean = t->moments.mean;
    double largest = NAN, *values = malloc(COLUMNS * n * sizeof *values);
    if (!values)
        return qsg_fail(error, QSG_ENOMEM, "no memory for a table of %zu times", n);
    for (size_t i = 0; i < n; i++) {
        const double u_var = covariance_of_mean(&t->moments, i, i);
        const double v_var = covariance_of_mean(&t->moments, n + i, n + i);
        const double s_var = u_var + c * c * v_var + 2 * c * covariance_of_mean(&t->moments, i, n + i);
        const double row[COLUMNS] = {
            [U] = 1 - H[i],
            [MEANFIELD] = e->U_meanfield ? e->U_meanfield[i] : NAN,
            [U_MEAN] = 1 - mean[i],
            [U_SE] = sqrt(u_var),
            [Z] = score(e->use[i], H[i], mean[i], sqrt(u_var)),
            [V] = H[n + i],
            [V_MEAN] = mean[n + i],
            [V_SE] = sqrt(v_var),
            [V_Z] = score(e->use[n + i], mean[n + i], H[n + i], sqrt(v_var)),
            [S] = 1 - H[i] - c * H[n + i],
            [S_MEAN] = 1 - mean[i] - c * mean[n + i],
            [S_SE] = sqrt(fmax(s_var, 0)),
        };
        for (int j = 0; j < COLUMNS; j++)
            values[(size_t)j * n + i] = row[j];
        largest = fmax(largest, fabs(row[Z])); /* fmax ignores NaN */
    }
    qsg_result_column(result, "time", "times", n, e->request->times, "interactions", QSG_INPUT, "");
    for (size_t j = 0; j < COLUMNS; j++)
        if (j != MEANFIELD || e->U_meanfield)
            qsg_result_column(result, columns[j].name, columns[j].name, n, values + j * n, columns[j].unit,
                              columns[j].basis, columns[j].meaning);
    qsg_result_number(result, "max_abs_z", largest, "standard errors", QSG_SIMULATED, "largest |z| of U");
    free(values);
    return QSG_OK;
}

static qsg_status report_winners(const tally *t, const expectation *e, qsg_result *result, qsg_error *error)
{
    const size_t labels = t->labels;
    const double count = (double)e->request->runs, *p = e->p;
    double *mean = malloc(4 * labels * sizeof *mean);
    if (!mean)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu labels", labels);
    double *se = mean + labels, *z = se + labels, *wins = z + labels;
    for (size_t k = 0; k < labels; k++) {
        mean[k] = t->share[k] / count;
        se[k] = sqrt(fmax(t->share_square[k] / count - mean[k] * mean[k], 0) / (count - 1));
        z[k] = p ? score(true, mean[k], p[k], se[k]) : NAN;
        wins[k] = (double)t->wins[k];
    }
    if (p) {
        qsg_result_vector(result, "fixation.theory", labels, p, "", QSG_EXACT,
                          e->alike ? "winning probability: initial mean belief"
                                   : "winning probability: initial beliefs weighed by influence");
        qsg_result_vector(result, "fixation.simulation", labels, mean, "", QSG_SIMULATED,
                          "mean belief (by influence) where the runs stopped, whose expectation is the winning probability");
        qsg_result_vector(result, "fixation.se", labels, se, "", QSG_SIMULATED, "standard errors");
        qsg_result_vector(result, "fixation.z", labels, z, "standard errors", QSG_SIMULATED, "");
    }
    if (e->exit.known && !t->unresolved)
        compare_exit_report(&e->exit, t->wins[0], t->time, e->request->runs, !p, result);
    qsg_result_vector(result, "wins", labels, wins, "runs", QSG_SIMULATED, "leading label at the consensus threshold");
    qsg_result_integer(result, "unresolved", (int64_t)t->unresolved, "runs", QSG_SIMULATED,
                       "short of the consensus threshold when they stopped");
    qsg_result_number(result, "interactions", t->interactions, "", QSG_SIMULATED, "all runs together");
    free(mean);
    return QSG_OK;
}

/* Pearson's test that the mean belief at the end is p on average, for starts from which its covariance keeps the form
 * c (diag p - p p') (doc/theory/moments.md): c comes from the total variance, which fluctuates far less than that of a
 * rare label.  NaN when nothing moved. */
static double test_winners(const tally *t, const double *p, uint64_t runs)
{
    const double count = (double)runs;
    double rest_mean = 0, rest_p = 0, sum = 0, observed = 0, full = 0;
    size_t groups = 0;
    for (size_t k = 0; k < t->labels; k++) {
        const double mean = t->share[k] / count;
        observed += (t->share_square[k] - count * mean * mean) / (count - 1);
        if (p[k] == 0 && mean > NEGLIGIBLE)
            return 0; /* a label that nobody knew */
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
        return NAN;
    return gsl_cdf_chisq_Q(count * sum / (observed / full), (double)groups - 1);
}

/* The p value of the winners; NaN when they cannot be tested. */
static qsg_status winners_p(const tally *t, const expectation *e, double *p_value, qsg_error *error)
{
    bool use[MOST_MEASURED];
    double statistic;
    size_t rank;
    *p_value = NAN;
    if (!e->p)
        return QSG_OK;
    if (e->alike && e->theory->start.kind != QSG_START_BELIEFS) {
        *p_value = test_winners(t, e->p, e->request->runs);
        return QSG_OK;
    }
    for (size_t k = 0; k < t->shares.n; k++)
        use[k] = covariance_dominance(&t->shares, k) <= LARGEST_SHARE;
    qsg_status status = covariance_test(&t->shares, e->p, use, &statistic, &rank, p_value, error);
    if (!status && rank == 0)
        *p_value = NAN;
    return status;
}

/* One p value from the moments at the tested times and from the winners. */
static qsg_status report_verdict(const tally *t, const expectation *e, qsg_result *result, qsg_error *error)
{
    double statistic, p_moments, p_winners, p_time = NAN, least = 1;
    size_t rank, tested = 0, tests = 0;
    qsg_status status = covariance_test(&t->moments, e->moments, e->use, &statistic, &rank, &p_moments, error);
    if (!status)
        status = winners_p(t, e, &p_winners, error);
    if (status)
        return status;
    if (e->exit.known && !t->unresolved) {
        p_time = compare_exit_duration(&e->exit, t->time, e->request->runs);
        p_winners = e->p ? p_winners : compare_exit_winners(&e->exit, t->wins[0], e->request->runs);
    }
    for (size_t i = 0; i < t->times; i++)
        tested += (e->use[i] || e->use[t->times + i]) && e->request->times[i] > 0;
    qsg_result_integer(result, "tested_times", (int64_t)tested, "", QSG_SIMULATED,
                       "after 0, with enough runs short of consensus");
    if (!tested) {
        qsg_result_text(result, "verdict", "not tested: too few runs are short of consensus at these times",
                        "take more runs or earlier times");
        return QSG_OK;
    }
    const double p[] = {p_moments, p_winners, p_time};
    for (size_t i = 0; i < sizeof p / sizeof *p; i++) {
        tests += !isnan(p[i]);
        least = fmin(least, p[i]); /* ignores NaN */
    }
    const double p_value = fmin((double)tests * least, 1);
    qsg_result_number(result, "statistic", statistic, "", QSG_SIMULATED, "Hotelling T^2 of U and V at the tested times");
    qsg_result_integer(result, "rank", (int64_t)rank, "", QSG_SIMULATED, "directions in which it was tested");
    qsg_result_number(result, "p_value_moments", p_moments, "", QSG_SIMULATED, "of U and V");
    qsg_result_number(result, "p_value_winners", p_winners, "", QSG_SIMULATED,
                      e->p ? "of the mean belief at the end" : "of the label that led at the threshold");
    if (e->exit.known)
        qsg_result_number(result, "p_value_time", p_time, "", QSG_SIMULATED, "of the mean time to the threshold");
    qsg_result_number(result, "p_value", p_value, "", QSG_SIMULATED, "all of these, by Bonferroni");
    qsg_result_flag(result, "agree", p_value >= QSG_COMPARE_LEVEL,
                    COMPARE_RULE ": one false alarm in 10,000 comparisons");
    return QSG_OK;
}

/* Run the ensemble of `model` and set it against the expectation. */
static qsg_status compare_moments(const qsg_model *model, expectation *e, qsg_result *result, qsg_error *error)
{
    const size_t n = e->request->n;
    tally t = {0};
    e->use = calloc(2 * n, sizeof *e->use);
    qsg_status status = e->use ? tally_init(&t, n, model->labels, error)
                               : qsg_fail(error, QSG_ENOMEM, "no memory for a comparison at %zu times", n);
    if (!status)
        status = qsg_ensemble_run(model, e->request, tally_add, &t, error);
    if (!status) {
        choose(&t, e);
        qsg_result_integer(result, "runs", (int64_t)e->request->runs, "", QSG_INPUT, "independent populations");
        qsg_result_integer(result, "seed", (int64_t)e->request->seed, "", QSG_INPUT, "");
        status = report_verdict(&t, e, result, error);
    }
    if (!status)
        status = report_winners(&t, e, result, error);
    if (!status)
        status = report_moments(&t, e, result, error);
    tally_free(&t);
    free(e->use);
    return status;
}

qsg_status compare_check(const qsg_model *model, const qsg_model *theory, const qsg_ensemble_request *request,
                         qsg_error *error)
{
    const unsigned supported = QSG_USES_FIELD | QSG_USES_TEMPER | QSG_USES_INNOVATION | QSG_USES_ZEALOTS | QSG_USES_GRAPH |
                               QSG_USES_AGENTS_FILE | QSG_USES_PAIRS | QSG_USES_ADOPTION | QSG_USES_EVIDENCE;
    qsg_status status = qsg_model_require(model, supported, "compare", error);
    if (!status)
        status = qsg_model_require(theory, supported, "compare", error);
    if (status)
        return status;
    if (model->labels != theory->labels || model->agents != theory->agents)
        return qsg_fail(error, QSG_EDOMAIN, "the two models differ in size (N %llu and %llu, K %zu and %zu); "
                        "expected the same agents and labels", (unsigned long long)model->agents,
                        (unsigned long long)theory->agents, model->labels, theory->labels);
    if (request->n < 1 || request->n > MOST_TIMES)
        return qsg_fail(error, QSG_EDOMAIN, "number of times is out of range (%zu); expected 1 to %d", request->n,
                        MOST_TIMES);
    if (request->runs < 2 * FEWEST_RUNS)
        return qsg_fail(error, QSG_EDOMAIN, "runs are too few for a test (%llu); expected %d or more",
                        (unsigned long long)request->runs, 2 * FEWEST_RUNS);
    return QSG_OK;
}

qsg_status qsg_compare(const qsg_model *model, const qsg_model *theory, const qsg_ensemble_request *request,
                       qsg_result *result, qsg_error *error)
{
    const size_t n = request->n;
    const unsigned differ = QSG_USES_ZEALOTS | QSG_USES_GRAPH | QSG_USES_AGENTS_FILE | QSG_USES_PAIRS;
    qsg_influence influence = {0};
    qsg_status status = compare_check(model, theory, request, error);
    if (!status && qsg_model_uses(model) & QSG_USES_EVIDENCE)
        return compare_evidence(model, theory, request, result, error);
    if (!status && qsg_model_uses(theory) & QSG_USES_EVIDENCE)
        status = qsg_fail(error, QSG_EMODEL, "only theory has --evidence; expected it in the simulated model");
    if (status)
        return status;
    qsg_result *prediction = qsg_result_new();
    double *expected = malloc((2 * n + theory->labels) * sizeof *expected), *p = NULL;
    qsg_ensemble_request asked = *request;
    if (!prediction || !expected)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for the prediction");
    else
        status = qsg_predict(theory, &(qsg_predict_request){.times = request->times, .n = n, .consensus = request->consensus}, prediction, error);
    const bool alike = !((qsg_model_uses(theory) | qsg_model_uses(model)) & differ);
    if (!status && !alike && !(qsg_model_uses(theory) & (QSG_USES_INNOVATION | QSG_USES_ADOPTION)) &&
        qsg_result_get_vector(prediction, "fixation.probability", NULL)) {
        status = qsg_influence_init(&influence, theory, error);
        asked.weights = influence.weight;
        p = status ? NULL : expected + 2 * n;
        if (!status)
            status = qsg_influence_mean(&influence, theory, p, error);
    } else if (!status && qsg_model_uses(theory) == 0) {
        p = memcpy(expected + 2 * n, theory->start.p, theory->labels * sizeof *p);
    }
    if (!status) {
        const double *H = qsg_result_get_vector(prediction, "H", NULL);
        const double *V = qsg_result_get_vector(prediction, "V", NULL);
        for (size_t i = 0; H && i < n; i++) {
            expected[i] = H[i];
            expected[n + i] = V[i];
        }
        expectation e = {.theory = theory, .request = &asked, .moments = expected,
                         .U_meanfield = qsg_result_get_vector(prediction, "U_meanfield", NULL),
                         .p = p, .alike = alike};
        compare_exit_init(&e.exit, prediction);
        status = H ? compare_moments(model, &e, result, error)
                   : compare_limits(model, theory, request, prediction, result, error);
    }
    qsg_influence_free(&influence);
    qsg_result_free(prediction);
    free(expected);
    return status ? status : qsg_result_status(result);
}
