/* Laws of exact moments at several times: Hotelling's test of E[U] and E[V] together (study/compare.c).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "qsg/compare.h"
#include "qsg/innovation.h"
#include "qsg/moments.h"
#include "qsg/predict.h"
#include "study/validate_private.h"

/* Relaxation times after which a population has settled. */
#define RELAXED 10
enum { TIMES = 4 };

/* The points of one quantity of a comparison. */
static qsg_status add_points(law_run *self, const qsg_result *result, const char *name, const char *label, double scale,
                             double unit)
{
    char mean_name[16], se_name[16];
    snprintf(mean_name, sizeof mean_name, "%s_mean", name);
    snprintf(se_name, sizeof se_name, "%s_se", name);
    const double *times = qsg_result_get_vector(result, "times", NULL);
    const double *theory = qsg_result_get_vector(result, name, NULL);
    const double *mean = qsg_result_get_vector(result, mean_name, NULL),
        *se = qsg_result_get_vector(result, se_name, NULL);
    qsg_status status = law_series(self, "%s: %s", label, name);
    for (size_t i = 0; i < TIMES && !status; i++)
        status = law_point(self, times[i] * unit, theory[i] * scale, mean[i] * scale, se[i] * scale);
    return status;
}

/* One model at times spread over its approach to consensus; the mutation scales alpha in the theory. */
static qsg_status compare_case(law_run *self, const char *text, uint64_t runs)
{
    static const double parts[TIMES] = {0.02, 0.1, 0.3, 0.7};
    double times[TIMES];
    qsg_model model = {0}, theory = {0};
    qsg_result *result = qsg_result_new();
    qsg_status status = result ? law_model(self, &model, "%s", text) : QSG_ENOMEM;
    if (!status)
        status = law_model(self, &theory, "%s alpha=%.17g", text, model.alpha * self->factor);
    if (!status) {
        const double span = qsg_predict_span(&model, 0.95);
        for (int i = 0; i < TIMES; i++)
            times[i] = ceil(span * parts[i]);
        const qsg_ensemble_request request = law_request(self, runs, times, TIMES);
        status = qsg_compare(&model, &theory, &request, result, self->error);
        const double scale = 1 / (double)model.agents, unit = 1 / span;
        if (!status)
            status = add_points(self, result, "U", text, 1, unit);
        if (!status)
            status = add_points(self, result, "V", text, scale, unit);
        if (!status)
            status = add_points(self, result, "S", text, 1, unit);
    }
    if (!status)
        law_judge(self, qsg_result_get(result, "statistic"), qsg_result_get(result, "p_value_moments"));
    qsg_result_free(result);
    qsg_model_free(&model);
    qsg_model_free(&theory);
    return status;
}

static qsg_status compare_cases(law_run *self, const char *const *cases, size_t n, uint64_t runs)
{
    qsg_status status = QSG_OK;
    for (size_t i = 0; i < n && !status; i++)
        status = compare_case(self, cases[i], law_runs(self, runs));
    return status;
}

qsg_status law_oneway(law_run *self)
{
    static const char *const cases[] = {
        "agents=24 labels=10 alpha=0.5",
        "agents=9 labels=2 alpha=0.9 bandwidth=4 init=0.7,0.3",
        "agents=16 labels=3 alpha=0.3 self=0.2 init=onehot:8,5,3",
        "agents=6 labels=4 alpha=0.95 init=dirichlet:0.5",
    };
    return compare_cases(self, cases, 4, 20000);
}

qsg_status law_mutual(law_run *self)
{
    static const char *const cases[] = {
        "agents=24 labels=10 alpha=0.5 exchange=mutual",
        "agents=9 labels=2 alpha=0.8 bandwidth=3 exchange=mutual init=0.7,0.3",
        "agents=16 labels=3 alpha=0.4 self=0.3 exchange=mutual init=onehot:8,5,3",
    };
    return compare_cases(self, cases, 3, 20000);
}

qsg_status law_broadcast(law_run *self)
{
    static const char *const cases[] = {
        "agents=24 labels=10 alpha=0.2 exchange=broadcast",
        "agents=9 labels=2 alpha=0.4 bandwidth=3 exchange=broadcast init=0.7,0.3",
        "agents=16 labels=3 alpha=0.3 self=0.2 exchange=broadcast init=onehot:8,5,3",
    };
    return compare_cases(self, cases, 3, 20000);
}

qsg_status law_graphs(law_run *self)
{
    static const char *const cases[] = {
        "agents=12 labels=2 alpha=0.5 graph=ring init=onehot:6,6",
        "agents=9 labels=3 alpha=0.4 bandwidth=2 graph=star init=onehot:4,3,2",
        "agents=12 labels=2 alpha=0.6 graph=torus:3x4 exchange=mutual init=onehot:6,6",
        "agents=14 labels=2 alpha=0.5 graph=er:0.4:7 init=onehot:5,9",
    };
    return compare_cases(self, cases, 4, 10000);
}

static qsg_status add_moments(void *context, const qsg_outcome *outcome)
{
    const double x[2] = {outcome->heterogeneity[0], outcome->disagreement[0]};
    covariance_add(context, x);
    return QSG_OK;
}

/* 1 - U and V after ten relaxation times, where exact evolution has e^-10 of the start left of the stationary
 * moments; the mutation scales innovation in the theory. */
static qsg_status score_stationary(law_run *self, const char *text, covariance *seen)
{
    qsg_model model = {0}, theory = {0};
    qsg_innovation_rates rates;
    qsg_innovation_moments start, m = {0};
    double statistic, p_value, time;
    size_t rank;
    qsg_status status = law_model(self, &model, "%s", text);
    if (!status)
        status = law_model(self, &theory, "%s innovation=%.17g", text, model.innovation * self->factor);
    if (!status)
        status = qsg_innovation_relaxation(&model, &rates, self->error);
    if (!status)
        status = qsg_innovation_start(&theory, &start, self->error);
    if (!status) {
        time = ceil(RELAXED / fmin(rates.mean, rates.moments));
        status = qsg_innovation_evolve(&theory, &start, time, &m, self->error);
    }
    if (!status) {
        const qsg_ensemble_request request = law_request(self, law_runs(self, 20000), &time, 1);
        status = qsg_ensemble_run(&model, &request, add_moments, seen, self->error);
    }
    const double expected[2] = {m.heterogeneity, m.disagreement}, n = (double)model.agents;
    if (!status)
        status = covariance_test(seen, expected, (bool[2]){true, true}, &statistic, &rank, &p_value, self->error);
    if (!status) {
        law_judge(self, statistic, p_value);
        status = law_point(self, model.innovation, 1 - m.heterogeneity, 1 - seen->mean[0],
                           sqrt(covariance_of_mean(seen, 0, 0)));
    }
    if (!status) {
        const double q = 1 - qsg_innovation_uncertainty(&theory, &m), variance = covariance_of_mean(seen, 0, 0) +
            covariance_of_mean(seen, 1, 1) / (n * n) - 2 * covariance_of_mean(seen, 0, 1) / n;
        status = law_point(self, model.innovation, q, 1 - seen->mean[0] + seen->mean[1] / n, sqrt(fmax(variance, 0)));
    }
    qsg_model_free(&model);
    qsg_model_free(&theory);
    return status;
}

qsg_status law_innovation(law_run *self)
{
    static const char *const cases[] = {
        "agents=8 labels=3 alpha=0.5 innovation=0.05",
        "agents=6 labels=2 alpha=0.4 bandwidth=4 innovation=0.08 prior=0.7,0.3",
        "agents=10 labels=4 alpha=0.4 exchange=mutual innovation=0.1",
        "agents=10 labels=2 alpha=0.2 self=0.1 exchange=broadcast innovation=0.2",
    };
    qsg_status status = QSG_OK;
    for (size_t i = 0; i < sizeof cases / sizeof *cases && !status; i++) {
        covariance seen = {0};
        status = law_series(self, "%s", cases[i]);
        if (!status)
            status = covariance_init(&seen, 2, self->error);
        if (!status)
            status = score_stationary(self, cases[i], &seen);
        covariance_free(&seen);
    }
    return status;
}
