/* What theory says about agents who differ, committed agents and graphs: pair moments and influence.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "qsg/coalescent.h"
#include "qsg/influence.h"
#include "qsg/pairs.h"
#include "theory/predict_laws.h"

#define MAX_LISTED 1000000
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

double predict_network_rate(const qsg_model *model)
{
    qsg_pair_moments *pairs = NULL;
    double rate = 0, accuracy;
    if (model->graph && model->agents > MAX_QUICK && model->graph_kind != QSG_GRAPH_RING &&
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
    if (predict_network_rate(model) > 0 && qsg_pair_moments_new(&pairs, model, NULL) == QSG_OK &&
        qsg_pair_moments_consensus_time(pairs, consensus, &t, NULL))
        t = NAN;
    qsg_pair_moments_free(pairs);
    return t > 0 ? ceil(1.5 * t) : NAN;
}

/* What influence says about the end. */
typedef struct {
    double *mean; /* of the initial beliefs, weighed by influence */
    size_t closed_classes;
    double number;
    bool known, consensus;
    qsg_basis basis;
} verdict;

static void put_influence(const qsg_influence *influence, qsg_result *result)
{
    qsg_result_number(result, "influence_number", influence->number, "agents", influence->iterative ? QSG_NUMERICAL : QSG_EXACT,
                      "1/sum of squared influence: so many equal agents would decide as evenly");
    if (influence->iterative)
        qsg_result_number(result, "influence_residual", influence->residual, "", QSG_NUMERICAL,
                          "relative residual of the equation of the influence");
}

/* The agents by name, as a second table. */
static qsg_status put_agents(const qsg_model *model, const qsg_influence *influence, qsg_result *result,
                             qsg_error *error)
{
    const size_t n = influence->agents;
    if (n > MAX_LISTED)
        return QSG_OK;
    double *number = malloc(3 * n * sizeof *number), *alpha = number + n, *heard = alpha + n;
    if (!number)
        return qsg_fail(error, QSG_ENOMEM, "no memory for a table of %zu agents", n);
    for (size_t i = 0; i < n; i++) {
        number[i] = (double)i + 1;
        alpha[i] = qsg_model_agent(model, i).alpha;
        heard[i] = model->graph ? (double)(model->graph->first[i + 1] - model->graph->first[i]) : (double)n - 1;
    }
    qsg_result_next_table(result);
    qsg_result_column(result, "agent", "agents.agent", n, number, "", QSG_INPUT, "");
    qsg_result_column(result, "influence", "influence", n, influence->weight, "",
                      influence->iterative ? QSG_NUMERICAL : QSG_EXACT,
                      "weight of the agent's first belief in the mean belief at the end");
    qsg_result_column(result, "alpha", "agents.alpha", n, alpha, "", QSG_INPUT, "adaptation rate");
    qsg_result_column(result, "degree", "agents.degree", n, heard, "", QSG_INPUT, "speakers that the agent hears");
    free(number);
    return QSG_OK;
}

/* Whether the agents of the closed classes are all sure of one label. */
static bool one_sure_label(const double *p, size_t labels)
{
    for (size_t k = 0; k < labels; k++)
        if (p[k] >= 1 - 1e-12)
            return true;
    return false;
}

static void put_verdict(const qsg_model *model, const verdict *v, double rate, qsg_result *result)
{
    char reason[160];
    if (model->innovation > 0)
        return;
    if (v->closed_classes > 1)
        snprintf(reason, sizeof reason, "%zu closed classes of agents hear nobody outside: %s", v->closed_classes,
                 v->consensus ? "they agree from the start" : "no consensus is possible");
    if (v->closed_classes > 1 && !v->consensus) {
        qsg_result_text(result, "regime", "polarization", reason);
        qsg_result_text(result, "fixation.method", "none", reason);
        qsg_result_vector(result, "stationary.mean", model->labels, v->mean, "", v->basis,
                          "expected mean belief at the end");
        return;
    }
    if (rate == 0 && !(v->closed_classes > 1)) {
        qsg_result_text(result, "regime", isinf(qsg_model_agent(model, 0).bandwidth) ? "pluralism" : "polarization",
                        isinf(qsg_model_agent(model, 0).bandwidth)
                            ? "without noise everybody ends at the initial beliefs weighed by influence"
                            : "some agents never agree: beliefs are only swapped");
        return;
    }
    qsg_result_text(result, "regime", "drift", v->closed_classes > 1 ? reason : "chance decides, weighed by influence");
    qsg_result_vector(result, "fixation.probability", model->labels, v->mean, "", v->basis,
                      "that the label wins: initial beliefs weighed by influence");
    qsg_result_text(result, "fixation.method", "martingale", "");
}

/* Mean time to one label, where one slow mode carries the population. */
static qsg_status put_time(const qsg_model *model, qsg_pair_moments *pairs, const verdict *v, double rate, qsg_result *result,
                           qsg_error *error)
{
    qsg_consensus_law law;
    qsg_moments late;
    double h = 0;
    const double t = ceil(1 / rate);
    if (!(rate > 0 && rate <= MAX_DIFFUSIVE_RATE) || !v->known || v->closed_classes != 1)
        return QSG_OK;
    for (size_t k = 0; k < model->labels; k++)
        h += v->mean[k] * (1 - v->mean[k]);
    qsg_status status = qsg_pair_moments_evolve(pairs, t, &late, error);
    if (status || h <= 0)
        return status;
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
static void put_sizes(const qsg_model *model, const verdict *v, double rate, bool small, qsg_result *result)
{
    double size;
    if (qsg_pair_moments_effective_size(model, rate, &size, NULL))
        return;
    qsg_result_number(result, "effective_size", size, "agents", small ? QSG_EXACT : QSG_NUMERICAL,
                      "well-mixed population, large N, with this slow rate");
    if (model->graph && !model->graph->directed && v->known && v->closed_classes == 1 && model->pairs != QSG_PAIRS_EDGE)
        qsg_result_number(result, "effective_size_degrees", sqrt((double)model->agents * v->number), "agents",
                          QSG_ASYMPTOTIC, "the same from the degrees alone, N <d>/sqrt<d^2>: large degrees, no communities");
}

static qsg_status put_rates(const qsg_model *model, qsg_pair_moments *pairs, const verdict *v,
                            const qsg_predict_request *request, qsg_result *result, qsg_error *error)
{
    const bool small = qsg_pair_moments_small(pairs), alike = !model->agent_alpha && !model->agent_bandwidth && !model->zealots;
    double rate, accuracy, t;
    qsg_moments start;
    qsg_status status = qsg_pair_moments_slow_rate(pairs, &rate, &accuracy, error);
    if (status && status != QSG_ENOEXIST)
        return status;
    if (status)
        rate = 0;
    qsg_result_number(result, "slow_rate", rate, "per interaction", small ? QSG_EXACT : QSG_NUMERICAL,
                      "slowest decay rate of E[1-U]");
    if (!small)
        qsg_result_number(result, "slow_rate_accuracy", accuracy, "", QSG_NUMERICAL,
                          "width of its enclosure, relative");
    put_sizes(model, v, rate, small, result);
    if (alike && model->innovation == 0)
        qsg_result_number(result, "slow_rate_meanfield", qsg_meanfield_slow_rate(model), "per interaction",
                          QSG_MEANFIELD, "alpha^2/(m N^2), the paper's, well mixed");
    qsg_result_number(result, "consensus_threshold", request->consensus, "", QSG_INPUT, "U that counts as consensus");
    status = qsg_pair_moments_consensus_time(pairs, request->consensus, &t, error);
    if (status && status != QSG_ENOEXIST)
        return status;
    qsg_result_number(result, "consensus_time", status ? NAN : t, interactions, small ? QSG_EXACT : QSG_NUMERICAL,
                      status ? "E[U] never reaches the threshold" : "E[U] reaches the threshold");
    put_verdict(model, v, rate, result);
    if (alike && model->innovation == 0 && qsg_moments_start(model, &start, NULL) == QSG_OK)
        qsg_result_number(result, "consensus_time_meanfield",
                          qsg_meanfield_consensus_time(model, &start, request->consensus, &t) ? NAN : t, interactions,
                          QSG_MEANFIELD, "the paper's law reaches the threshold");
    return put_time(model, pairs, v, rate, result, error);
}

static qsg_status put_stationary(const qsg_model *model, qsg_pair_moments *pairs, const verdict *v, qsg_result *result,
                                 qsg_error *error)
{
    const qsg_basis basis = qsg_pair_moments_small(pairs) ? QSG_EXACT : QSG_NUMERICAL;
    qsg_moments end;
    if (model->innovation == 0 && (!v->known || v->consensus))
        return QSG_OK;
    qsg_status status = qsg_pair_moments_stationary(pairs, &end, error);
    if (status)
        return status == QSG_ENOEXIST || status == QSG_ENUMERIC ? QSG_OK : status;
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
    double *values = malloc((n ? n : 1) * N_COLUMNS * sizeof *values);
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
        predict_table(request, columns, N_COLUMNS, values, result);
    free(values);
    return status;
}

/* Who wins and whether anybody can, from the influence. */
static qsg_status judge(const qsg_model *model, qsg_influence *influence, verdict *v, qsg_result *result,
                        qsg_error *error)
{
    v->mean = malloc(model->labels * sizeof *v->mean);
    if (!v->mean)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu labels", model->labels);
    qsg_status status = qsg_influence_init(influence, model, error);
    if (status == QSG_EDOMAIN || status == QSG_EMODEL)
        return QSG_OK;
    if (!status)
        status = qsg_influence_mean(influence, model, v->mean, error);
    if (status)
        return status;
    v->known = true;
    v->closed_classes = influence->closed_classes;
    v->number = influence->number;
    v->basis = influence->iterative ? QSG_NUMERICAL : QSG_EXACT;
    v->consensus = v->closed_classes == 1 || one_sure_label(v->mean, model->labels);
    qsg_result_integer(result, "closed_classes", (int64_t)v->closed_classes, "", QSG_EXACT,
                       "sets of agents who hear each other and nobody else; consensus needs one");
    put_influence(influence, result);
    return QSG_OK;
}

qsg_status predict_network(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                           qsg_error *error)
{
    qsg_influence influence = {0};
    qsg_pair_moments *pairs = NULL;
    qsg_error reason = {""};
    verdict v = {0};
    qsg_status status = judge(model, &influence, &v, result, error);
    if (!status)
        status = qsg_pair_moments_new(&pairs, model, &reason);
    if (status == QSG_EMODEL && v.known) { /* who wins is known without them */
        put_verdict(model, &v, NAN, result);
        qsg_result_text(result, "moments", "none", reason.message);
        status = QSG_OK;
    } else if (status && reason.message[0]) {
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
    if (!status && v.known && model->innovation == 0)
        status = put_agents(model, &influence, result, error);
    qsg_pair_moments_free(pairs);
    qsg_influence_free(&influence);
    free(v.mean);
    return status;
}
