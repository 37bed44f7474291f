/* All laws that cover a model, in one result.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/predict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "qsg/coalescent.h"
#include "qsg/innovation.h"
#include "qsg/labels.h"
#include "qsg/kinetic.h"
#include "qsg/moments.h"
#include "theory/predict_laws.h"

/* Times to so many labels are listed. */
#define MAX_LISTED_LABELS 199
/* The law of the number of labels left is listed for so many labels and times (uneven shares: 2 ms a time). */
#define MAX_LEFT_LABELS 200
#define MAX_LEFT_TIMES 1000

static const char *const per_interaction = "per interaction";
static const char *const interactions = "interactions";

double qsg_predict_rate(const qsg_model *model)
{
    const qsg_model neutral = predict_neutral_part(model);
    qsg_innovation_rates rates;
    double rate;
    if (predict_is_chain(model))
        return predict_chain_rate(model);
    if (predict_is_network(model))
        return predict_network_rate(model, false);
    if (qsg_innovation_relaxation(model, &rates, NULL) == QSG_OK)
        return rates.moments;
    return qsg_moments_slow_rate(&neutral, &rate, NULL) == QSG_OK ? rate : 0;
}

double qsg_predict_rate_patiently(const qsg_model *model)
{
    return !predict_is_chain(model) && predict_is_network(model) ? predict_network_rate(model, true) : qsg_predict_rate(model);
}

/* The neutral well-mixed population of identical agents that sets the scale of time. */
static qsg_model well_mixed_part(const qsg_model *model)
{
    static char none[] = "none";
    qsg_model part = predict_neutral_part(model);
    double slowest = 1;
    for (uint64_t i = 0; part.agent_alpha && i < part.agents; i++)
        if (part.agent_alpha[i] > 0)
            slowest = fmin(slowest, part.agent_alpha[i]);
    if (part.agent_alpha)
        part.alpha = slowest;
    part.agent_alpha = part.agent_bandwidth = NULL;
    part.zealots = NULL;
    if (part.free_agents != part.agents) /* the start is told for fewer agents */
        part.start.kind = QSG_START_POINT;
    part.free_agents = part.agents;
    part.evidence[0] = part.evidence[1] = 0;
    part.adoption = 0;
    part.graph_kind = QSG_GRAPH_COMPLETE;
    if (part.graph && part.exchange == QSG_BROADCAST) /* of which few hear */
        part.exchange = QSG_ONEWAY;
    part.graph = NULL;
    part.pairs = QSG_PAIRS_DISTINCT;
    part.texts[QSG_AGENTS_FILE] = none;
    return part;
}

double qsg_predict_scale(const qsg_model *model)
{
    const qsg_model part = well_mixed_part(model);
    double rate;
    return qsg_moments_slow_rate(&part, &rate, NULL) == QSG_OK ? rate : 0;
}

/* Where deviations grow: until noise has become consensus, with room for both ends of the path; otherwise infinite. */
static double amplified_span(const qsg_model *model)
{
    static double even[2] = {0.5, 0.5};
    const double n = (double)model->agents, many = model->labels > 2 ? 2 : 1;
    qsg_growth growth;
    qsg_model two = *model; /* of more labels a deviation grows as fast or somewhat slower */
    if (model->labels > 2) {
        two.labels = 2;
        two.field = NULL;
        two.prior = even;
    }
    if (!(model->temper < 1) || qsg_kinetic_growth(&two, &growth, NULL) != QSG_OK || !(growth.rate > 0))
        return INFINITY;
    return n * many * ((log(n) / 2 + 5) / growth.rate + 5 / model->alpha);
}

double qsg_predict_span(const qsg_model *model, double consensus)
{
    const qsg_model neutral = well_mixed_part(model);
    qsg_innovation_rates rates;
    qsg_moments start;
    double t, rate;
    if (predict_is_chain(model)) {
        rate = predict_chain_rate(model);
        return rate > 1e-290 ? ceil(3 / rate) : 10 * (double)model->agents;
    }
    if (predict_is_network(model)) {
        t = predict_network_span(model, consensus);
        return t > 0 ? t : 10 * (double)model->agents;
    }
    if (qsg_innovation_relaxation(model, &rates, NULL) == QSG_OK)
        return rates.moments > 1e-290 ? ceil(3 / rates.moments) : 10 * (double)model->agents;
    if (qsg_moments_start(&neutral, &start, NULL) == QSG_OK &&
        qsg_moments_consensus_time(&neutral, &start, consensus, &t, NULL) == QSG_OK && t > 0)
        return ceil(1.5 * fmin(t, amplified_span(model)));
    return 10 * (double)model->agents;
}

static qsg_status predict_rates(const qsg_model *model, const qsg_predict_request *request, const qsg_moments *start,
                                qsg_result *result, qsg_error *error)
{
    double rate, t;
    qsg_status status = qsg_moments_slow_rate(model, &rate, error);
    if (status)
        return status;
    qsg_result_number(result, "slow_rate", rate, per_interaction, QSG_EXACT, "slowest decay rate of E[1-U]");
    qsg_result_number(result, "slow_rate_meanfield", qsg_meanfield_slow_rate(model), per_interaction, QSG_MEANFIELD,
                      predict_paper(model, "alpha^2/(m N^2), the paper's"));
    qsg_result_number(result, "consensus_threshold", request->consensus, "", QSG_INPUT, "U that counts as consensus");
    status = qsg_moments_consensus_time(model, start, request->consensus, &t, error);
    if (status && status != QSG_ENOEXIST)
        return status;
    qsg_result_number(result, "consensus_time", status ? NAN : t, interactions, QSG_EXACT,
                      status ? "E[U] never reaches the threshold" : "E[U] reaches the threshold");
    status = qsg_meanfield_consensus_time(model, start, request->consensus, &t);
    qsg_result_number(result, "consensus_time_meanfield", status ? NAN : t, interactions, QSG_MEANFIELD,
                      predict_paper(model, "the paper's law reaches the threshold"));
    return QSG_OK;
}

/* Who wins is exact (the mean belief is a martingale); how long it takes is the diffusion limit's. */
static qsg_status predict_fixation(const qsg_model *model, qsg_result *result, qsg_error *error)
{
    static const struct { double level; const char *path; } quantiles[] = {
        {0.1, "fixation.quantiles.0\\.1"}, {0.5, "fixation.quantiles.0\\.5"}, {0.9, "fixation.quantiles.0\\.9"}};
    const char *meaning = "until one label is left, diffusion limit: N to infinity at fixed alpha and m";
    qsg_consensus_law law;
    double rate, tau;
    qsg_status status = qsg_moments_slow_rate(model, &rate, error);
    if (status || rate == 0)
        return status;
    qsg_result_vector(result, "fixation.probability", model->labels, model->start.p, "", QSG_EXACT,
                      "that the label wins: its initial mean belief");
    qsg_result_text(result, "fixation.method", "martingale", "");
    if (model->exchange == QSG_BROADCAST)
        meaning = "until one label is left, diffusion limit: alpha to 0";
    if (predict_is_copying(model) || qsg_moments_diffusive_rate(model, &rate, NULL))
        return QSG_OK;
    status = qsg_consensus_law_init(&law, model->start.p, model->labels, error);
    if (status)
        return status;
    qsg_result_number(result, "fixation.mean_time", qsg_consensus_law_mean(&law) / rate, interactions, QSG_ASYMPTOTIC,
                      meaning);
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles && !status; i++) {
        status = qsg_consensus_law_quantile(&law, quantiles[i].level, &tau, error);
        if (status == QSG_ENOEXIST)
            status = QSG_OK, tau = 0;
        if (!status)
            qsg_result_number(result, quantiles[i].path, tau / rate, interactions, QSG_ASYMPTOTIC, meaning);
    }
    qsg_consensus_law_free(&law);
    return status;
}

/* Two labels: mean time until U first reaches the threshold; U is 1/2 or more from the start. */
static qsg_status predict_exit(const qsg_model *model, double threshold, double rate, qsg_result *result,
                               qsg_error *error)
{
    double tau = 0;
    qsg_status status = QSG_OK;
    if (model->labels != 2 || predict_has_copying_law(model))
        return QSG_OK;
    if (threshold > 0.5)
        status = qsg_labels_exit_time(model->start.p[0], threshold, &tau, error);
    if (!status)
        qsg_result_number(result, "fixation.exit_time", tau / rate, interactions, QSG_ASYMPTOTIC,
                          "mean time until U first reaches the threshold, diffusion limit: N to infinity");
    return status;
}

/* Law of the number of labels left at the times; NaN so early that its sum would lose digits. */
static qsg_status predict_left(const qsg_model *model, const qsg_predict_request *request, double rate,
                               qsg_result *result, qsg_error *error)
{
    const size_t n = request->n, labels = model->labels;
    double law[MAX_LEFT_LABELS], accuracy, worst = 1e-14; /* of sums of probabilities in double precision */
    if (labels > MAX_LEFT_LABELS || n < 1 || n > MAX_LEFT_TIMES)
        return QSG_OK;
    double *values = malloc(labels * n * sizeof *values);
    if (!values)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", n);
    qsg_status status = QSG_OK;
    for (size_t i = 0; i < n && !status; i++) {
        accuracy = 0;
        status = qsg_labels_left(model->start.p, labels, rate * request->times[i], law, &accuracy, error);
        for (size_t j = 0; j < labels; j++)
            values[j * n + i] = status ? NAN : law[j];
        if (status == QSG_ENUMERIC)
            status = QSG_OK;
        else
            worst = fmax(worst, accuracy);
    }
    if (!status) {
        qsg_result_text(result, "labels.left_method", "ancestors of a sample (Tavare), in 113-bit arithmetic", "");
        qsg_result_number(result, "labels.left_accuracy", worst, "", QSG_NUMERICAL,
                          "bound of the rounding error of the law of the labels left");
    }
    for (size_t j = 0; j < labels && !status; j++) {
        char name[32], path[32], meaning[96];
        snprintf(name, sizeof name, "left_%zu", j + 1);
        snprintf(path, sizeof path, "labels.left.%zu", j);
        snprintf(meaning, sizeof meaning, "probability that %zu label%s left, diffusion limit: N to infinity", j + 1,
                 j ? "s are" : " is");
        qsg_result_column(result, name, path, n, values + j * n, "", QSG_ASYMPTOTIC, meaning);
    }
    free(values);
    return status;
}

/* Mean times until at most j = 1 .. K-1 labels are left. */
static qsg_status predict_labels(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                                 qsg_error *error)
{
    double rate, times[MAX_LISTED_LABELS];
    const size_t n = model->labels - 1;
    qsg_moments start;
    qsg_moments_start(model, &start, NULL);
    if (qsg_moments_heterogeneity(model, &start) == 0 || qsg_moments_diffusive_rate(model, &rate, NULL))
        return QSG_OK;
    qsg_status status = predict_exit(model, request->consensus, rate, result, error);
    if (!status)
        status = predict_left(model, request, rate, result, error);
    if (status || n > MAX_LISTED_LABELS)
        return status;
    status = qsg_labels_mean_times(model->start.p, model->labels, n, times, error);
    for (size_t j = 0; j < n && !status; j++)
        times[j] /= rate;
    if (!status)
        qsg_result_vector(result, "labels.mean_time", n, times, interactions, QSG_ASYMPTOTIC,
                          "until at most 1, 2, .. labels are left, diffusion limit: N to infinity");
    return status;
}

static qsg_status predict_moments(const qsg_model *model, const qsg_predict_request *request,
                                  const qsg_moments *start, qsg_result *result, qsg_error *error)
{
    enum { U, V, S, H, MEANFIELD, N_COLUMNS };
    static const predict_column columns[N_COLUMNS] = {
        {"U", "U", "E[U], polarization of the mean belief", QSG_EXACT},
        {"V", "V", "E[V], disagreement", QSG_EXACT},
        {"S", "S", "E[S], coordination: two distinct agents agree", QSG_EXACT},
        {"H", "H", "E[1-U], heterogeneity", QSG_EXACT},
        {"U_meanfield", "U_meanfield", "the paper's law", QSG_MEANFIELD},
    };
    const size_t n = request->n;
    double *values = malloc((n ? n : 1) * N_COLUMNS * sizeof *values);
    qsg_status status = QSG_OK;
    if (!values)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", n);
    for (size_t i = 0; i < n && !status; i++) {
        qsg_moments at;
        status = qsg_moments_evolve(model, start, request->times[i], &at, error);
        if (status)
            break;
        values[U * n + i] = qsg_moments_polarization(model, &at);
        values[V * n + i] = at.disagreement;
        values[S * n + i] = qsg_moments_coordination(model, &at);
        values[H * n + i] = qsg_moments_heterogeneity(model, &at);
        values[MEANFIELD * n + i] = qsg_meanfield_polarization(model, start, request->times[i]);
    }
    if (!status)
        predict_table(request, columns, N_COLUMNS, values, result);
    free(values);
    return status;
}

static qsg_status predict_neutral(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                                  qsg_error *error)
{
    qsg_moments start;
    qsg_status status = qsg_moments_start(model, &start, error);
    if (!status)
        status = predict_rates(model, request, &start, result, error);
    if (!status)
        status = predict_fixation(model, result, error);
    if (!status)
        status = predict_moments(model, request, &start, result, error);
    if (!status)
        status = predict_labels(model, request, result, error);
    if (!status && predict_is_copying(model))
        status = predict_copying(model, request, result, error);
    return status;
}

qsg_status qsg_predict(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                       qsg_error *error)
{
    static const struct { unsigned uses; predict_law *law; } laws[] = {
        {0, predict_neutral},
        {QSG_USES_FIELD, predict_selection},
        {QSG_USES_INNOVATION, predict_innovation},
    };
    const unsigned uses = qsg_model_uses(model);
    if (uses & QSG_USES_EVIDENCE)
        return predict_evidence(model, request, result, error);
    if (predict_is_chain(model))
        return predict_chain(model, request, result, error);
    if (uses & QSG_USES_ADOPTION)
        return qsg_fail(error, QSG_EMODEL, "predict does not support --adoption among slow learners, on graphs or beside a "
                        "field (%.100s); expected 0, or copiers: --alpha 1, --bandwidth 1, K = 2, one-way",
                        model->texts[QSG_ADOPTION]);
    if (predict_is_network(model))
        return predict_network(model, request, result, error);
    qsg_status status =
        qsg_model_require(model, QSG_USES_FIELD | QSG_USES_TEMPER | QSG_USES_INNOVATION, "predict", error);
    if (status)
        return status;
    predict_law *law = predict_channel;
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++)
        if (uses == laws[i].uses)
            law = laws[i].law;
    status = law(model, request, result, error);
    if (status || uses == 0 || uses == QSG_USES_INNOVATION)
        return status;
    status = predict_diffusion(model, request, result, error);
    return status ? status : predict_kinetic(model, request, result, error);
}
