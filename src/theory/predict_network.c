/* What theory says about agents who differ, committed agents and graphs: pair moments and influence.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/coalescent.h"
#include "qsg/pairs.h"
#include "theory/predict_influence.h"
#include "theory/predict_laws.h"

/* The rate alone is computed for at most so many agents of a graph: it is asked for on the way to something else. */
#define MAX_QUICK 400
/* Part of the heterogeneity of the mean belief that the slowest mode must have for the diffusion limit's times. */
#define ONE_MODE 0.9
#define MAX_DIFFUSIVE_RATE 0.05

static const char *const interactions = "interactions";

bool predict_is_network(const qsg_model *model)
{
    const unsigned uses = qsg_model_uses(model), own = QSG_USES_GRAPH | QSG_USES_AGENTS_FILE | QSG_USES_ZEALOTS |
                                                       QSG_USES_PAIRS;
    return (uses & own) && !(uses & ~(own | QSG_USES_INNOVATION));
}

double predict_network_rate(const qsg_model *model, bool patient)
{
    qsg_pair_moments *pairs = NULL;
    double rate = 0, accuracy;
    if (!patient && model->graph && model->agents > MAX_QUICK && model->graph_kind != QSG_GRAPH_RING &&
        model->graph_kind != QSG_GRAPH_STAR)
        return 0;
    if (qsg_pair_moments_new(&pairs, model, NULL) || qsg_pair_moments_slow_rate(pairs, &rate, &accuracy, NULL))
        rate = 0;
    qsg_pair_moments_free(pairs);
    return rate;
}

double predict_network_span(const qsg_model *model, double consensus)
{
    qsg_pair_moments *pairs = NULL;
    double t = NAN;
    if (predict_network_rate(model, false) > 0 && qsg_pair_moments_new(&pairs, model, NULL) == QSG_OK &&
        qsg_pair_moments_consensus_time(pairs, consensus, &t, NULL))
        t = NAN;
    qsg_pair_moments_free(pairs);
    return t > 0 ? ceil(1.5 * t) : NAN;
}

/* Mean time to one label, where one slow mode carries the population. */
static qsg_status put_time(const qsg_model *model, qsg_pair_moments *pairs, const predict_verdict *v, double rate, qsg_result *result,
                           qsg_error *error)
{
    qsg_consensus_law law;
    qsg_moments late;
    double h = 0;
    const double t = ceil(1 / rate);
    if (!(rate > 0 && rate <= MAX_DIFFUSIVE_RATE) || !v->known || v->closed_classes != 1 || v->end != QSG_END_CONSENSUS)
        return QSG_OK;
    for (size_t k = 0; k < model->labels; k++)
        h += v->mean[k] * (1 - v->mean[k]);
    qsg_status status = qsg_pair_moments_evolve(pairs, t, &late, error);
    if (status || h <= 0) /* too long: the time is left out */
        return status == QSG_ENUMERIC ? QSG_OK : status;
    const double mode = qsg_moments_heterogeneity(model, &late) / exp(t * log1p(-rate)) / h;
    if (!(mode >= ONE_MODE && mode <= 1 / ONE_MODE))
        return QSG_OK;
    status = qsg_consensus_law_init(&law, v->mean, model->labels, error);
    if (status)
        return status;
    qsg_result_number(result, "fixation.mean_time", qsg_consensus_law_mean(&law) / rate, interactions, QSG_ASYMPTOTIC,
                      "until one label is left, diffusion limit with the exact slow rate: N to infinity, one slow mode");
    qsg_consensus_law_free(&law);
    return QSG_OK;
}

/* The large-degree estimate: the slow mode's noise is that of the well-mixed population, weighed by influence. */
static void put_sizes(const qsg_model *model, const predict_verdict *v, double rate, bool small, qsg_result *result)
{
    double size;
    if ((v->known && v->end != QSG_END_CONSENSUS) || qsg_pair_moments_effective_size(model, rate, &size, NULL))
        return;
    qsg_result_number(result, "effective_size", size, "agents", small ? QSG_EXACT : QSG_NUMERICAL,
                      "well-mixed population, large N, with this slow rate");
    if (model->graph && !model->graph->directed && v->known && v->closed_classes == 1)
        qsg_result_number(result, "effective_size_degrees", sqrt((double)model->agents * v->number), "agents",
                          QSG_ASYMPTOTIC, model->pairs == QSG_PAIRS_EDGE
                              ? "the same from the degrees alone, N when edges are drawn: large degrees, no communities"
                              : "the same from the degrees alone, N <d>/sqrt<d^2>: large degrees, no communities");
}

static qsg_status put_rates(const qsg_model *model, qsg_pair_moments *pairs, const predict_verdict *v,
                            const qsg_predict_request *request, qsg_result *result, qsg_error *error)
{
    const bool small = qsg_pair_moments_small(pairs), alike = !model->agent_alpha && !model->agent_bandwidth && !model->zealots;
    double rate, accuracy = NAN, t;
    qsg_moments start;
    qsg_error reason = {""};
    qsg_status status = qsg_pair_moments_slow_rate(pairs, &rate, &accuracy, error);
    if (status && status != QSG_ENOEXIST)
        return status;
    if (status)
        rate = 0;
    qsg_result_number(result, "slow_rate", rate, "per interaction", small ? QSG_EXACT : QSG_NUMERICAL,
                      "slowest decay rate of E[1-U]");
    if (!small)
        qsg_result_number(result, "slow_rate_accuracy", accuracy, "", QSG_NUMERICAL,
                          "relative: width of its enclosure, or (symmetric maps) an estimate of the error by Temple's formula");
    put_sizes(model, v, rate, small, result);
    if (alike && model->innovation == 0)
        qsg_result_number(result, "slow_rate_meanfield", qsg_meanfield_slow_rate(model), "per interaction",
                          QSG_MEANFIELD, "alpha^2/(m N^2), the paper's, well mixed");
    qsg_result_number(result, "consensus_threshold", request->consensus, "", QSG_INPUT, "U that counts as consensus");
    status = qsg_pair_moments_consensus_time(pairs, request->consensus, &t, &reason);
    if (status && status != QSG_ENOEXIST && status != QSG_ENUMERIC)
        return qsg_fail(error, status, "%s", reason.message);
    qsg_result_number(result, "consensus_time", status ? NAN : t, interactions, small ? QSG_EXACT : QSG_NUMERICAL,
                      status == QSG_ENUMERIC ? "takes too long to compute" : status ? "E[U] never reaches the threshold" : "E[U] reaches the threshold");
    predict_put_end(v, model, rate, result);
    if (alike && model->innovation == 0 && qsg_moments_start(model, &start, NULL) == QSG_OK)
        qsg_result_number(result, "consensus_time_meanfield",
                          qsg_meanfield_consensus_time(model, &start, request->consensus, &t) ? NAN : t, interactions,
                          QSG_MEANFIELD, "the paper's law reaches the threshold");
    return put_time(model, pairs, v, rate, result, error);
}

static qsg_status put_stationary(const qsg_model *model, qsg_pair_moments *pairs, const predict_verdict *v, qsg_result *result,
                                 qsg_error *error)
{
    qsg_basis basis = qsg_pair_moments_small(pairs) ? QSG_EXACT : QSG_NUMERICAL;
    qsg_error reason = {""};
    qsg_moments end;
    if (model->innovation == 0 && (!v->known || v->end == QSG_END_CONSENSUS))
        return QSG_OK;
    const bool apart = model->innovation == 0 && predict_classes_end(v, model, &end);
    const qsg_status status = apart ? QSG_OK : qsg_pair_moments_stationary(pairs, &end, &reason);
    if (status == QSG_ENOEXIST || status == QSG_ENUMERIC)
        qsg_result_number(result, "stationary.U", NAN, "", basis, reason.message);
    if (status)
        return status == QSG_ENOEXIST || status == QSG_ENUMERIC ? QSG_OK : qsg_fail(error, status, "%s", reason.message);
    if (apart)
        basis = v->basis;
    const double h = qsg_moments_heterogeneity(model, &end);
    qsg_result_number(result, "stationary.U", 1 - h, "", basis, "E[U], polarization of the mean belief");
    qsg_result_number(result, "stationary.H", h, "", basis, "E[1-U], heterogeneity");
    qsg_result_number(result, "stationary.q", 1 - end.uncertainty, "", basis, "mean |x_i|^2 of an agent");
    qsg_result_number(result, "stationary.V", end.disagreement, "", basis, "E[V], disagreement");
    qsg_result_number(result, "stationary.S", qsg_moments_coordination(model, &end), "", basis,
                      "E[S], coordination: two distinct agents agree");
    return QSG_OK;
}

static qsg_status put_moments(const qsg_model *model, qsg_pair_moments *pairs, const qsg_predict_request *request,
                              qsg_result *result, qsg_error *error)
{
    enum { U, V, S, H, N_COLUMNS };
    static const predict_column columns[N_COLUMNS] = {
        {"U", "U", "E[U], polarization of the mean belief", QSG_EXACT},
        {"V", "V", "E[V], disagreement", QSG_EXACT},
        {"S", "S", "E[S], coordination: two distinct agents agree", QSG_EXACT},
        {"H", "H", "E[1-U], heterogeneity", QSG_EXACT},
    };
    const size_t n = request->n;
    predict_column shown[N_COLUMNS];
    double *values = malloc((n ? n : 1) * N_COLUMNS * sizeof *values);
    memcpy(shown, columns, sizeof shown);
    for (int k = 0; k < N_COLUMNS && !qsg_pair_moments_small(pairs); k++)
        shown[k].basis = QSG_NUMERICAL;
    qsg_status status = values ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", n);
    for (size_t i = 0; i < n && !status; i++) {
        qsg_moments at;
        status = qsg_pair_moments_evolve(pairs, request->times[i], &at, error);
        if (status)
            break;
        values[U * n + i] = 1 - qsg_moments_heterogeneity(model, &at);
        values[V * n + i] = at.disagreement;
        values[S * n + i] = qsg_moments_coordination(model, &at);
        values[H * n + i] = qsg_moments_heterogeneity(model, &at);
    }
    if (!status)
        predict_table(request, shown, N_COLUMNS, values, result);
    if (!status && !qsg_pair_moments_small(pairs))
        qsg_result_number(result, "moments_accuracy", qsg_pair_moments_accuracy(pairs), "", QSG_NUMERICAL,
                          "of the times and moments above and below, relative to 1-U: the worst, an estimate");
    free(values);
    return status;
}

qsg_status predict_network(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                           qsg_error *error)
{
    qsg_pair_moments *pairs = NULL;
    qsg_error reason = {""};
    predict_verdict v;
    qsg_status status = predict_verdict_init(&v, model, error);
    if (!status)
        status = predict_put_shape(model, result, error);
    if (!status) {
        predict_put_influence(&v, result);
        status = qsg_pair_moments_new(&pairs, model, &reason);
        if (status && status != QSG_EMODEL)
            qsg_fail(error, status, "%s", reason.message);
    }
    if (status == QSG_EMODEL && v.known) { /* who wins is known without them */
        predict_put_end(&v, model, NAN, result);
        qsg_result_text(result, "moments", "none", reason.message);
        status = QSG_OK;
    } else if (status == QSG_EMODEL) {
        qsg_fail(error, status, "%s", reason.message);
    } else if (!status) {
        status = put_rates(model, pairs, &v, request, result, error);
        if (!status)
            status = put_stationary(model, pairs, &v, result, error);
        if (!status)
            status = put_moments(model, pairs, request, result, error);
    }
    if (!status)
        status = predict_committed(model, request, result, error);
    if (!status)
        status = predict_put_agents(&v, model, request->top, result, error);
    qsg_pair_moments_free(pairs);
    predict_verdict_free(&v);
    return status;
}
