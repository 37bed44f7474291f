/* What theory says about committed agents: flip times, who stays, and the phases of evidence sampling.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "qsg/critical_mass.h"
#include "qsg/flag.h"
#include "theory/predict_laws.h"

#define CONSENSUS 0.85 /* share of all agents, as in the flag game */
#define CAMP 0.25

#define MAX_MASS_AGENTS 2000 /* for the critical mass: some twenty laws */

static const char *const limit = "N to infinity at a fixed number of effective zealots, zealots/N to 0";

static double meetings(const qsg_model *m)
{
    const double n = (double)m->agents;
    return m->pairs == QSG_PAIRS_REPLACEMENT ? n * n : n * (n - 1);
}

qsg_status predict_evidence(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                            qsg_error *error)
{
    qsg_flag_outcome o;
    (void)request;
    qsg_status status = qsg_flag_predict(model, CONSENSUS, CAMP, &o, error);
    if (status)
        return status;
    qsg_result_number(result, "phases.correct", o.correct, "", QSG_EXACT, "share of label 1 at least 0.85, in the long run");
    qsg_result_number(result, "phases.wrong", o.wrong, "", QSG_EXACT, "share of label 2 at least 0.85");
    qsg_result_number(result, "phases.polarized", o.polarized, "", QSG_EXACT, "both shares at least 0.25");
    qsg_result_number(result, "phases.undecided", o.undecided, "", QSG_EXACT, "none of these");
    qsg_result_number(result, "phases.share", o.share, "", QSG_EXACT, "E[share of label 1 among all agents]");
    qsg_result_text(result, "phases.method", "exact chain", "averaged over who is committed");
    qsg_result_text(result, "regime",
                    o.polarized >= 0.5 ? "polarization" : o.correct >= 0.5 ? "wisdom of crowds"
                    : o.correct + o.wrong >= 0.5 ? "drift" : "crossover",
                    "polarization or a correct consensus half of the time; otherwise drift when any consensus is");
    return QSG_OK;
}

/* Zealots' label when there is one kind and all others start without it; otherwise the number of labels. */
static size_t flipping(const qsg_model *m, size_t *kinds)
{
    size_t label = m->labels;
    *kinds = 0;
    for (size_t k = 0; k < m->labels; k++)
        if (m->zealots[k]) {
            ++*kinds;
            label = k;
        }
    return *kinds == 1 && m->start.kind != QSG_START_DIRICHLET && m->start.p[label] == 0 ? label : m->labels;
}

/* Probability of a flip by each time, and how many committed agents make it one half by the last. */
static qsg_status put_flip_law(const qsg_critical_mass_setting *s, const predict_column *column,
                               const qsg_predict_request *request, qsg_result *result, qsg_error *error)
{
    const size_t n = request->n;
    uint64_t mass;
    double *flipped = malloc((n + 1) * sizeof *flipped);
    if (!flipped)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", n);
    qsg_status status = qsg_critical_mass_law(s, n, request->times, flipped, error);
    if (!status && n > 0)
        qsg_result_column(result, column->name, column->path, n, flipped, "", column->basis, column->meaning);
    free(flipped);
    if (status || n == 0 || s->agents > MAX_MASS_AGENTS ||
        qsg_critical_mass_size(s, request->times[n - 1], 0.5, &mass, NULL) != QSG_OK)
        return status;
    qsg_result_integer(result, "flip.critical_mass", (int64_t)mass, "agents", column->basis,
                       "so many committed agents flip the others by the last time with probability 1/2");
    return QSG_OK;
}

qsg_status predict_flip(const qsg_model *m, const qsg_predict_request *request, qsg_result *result, qsg_error *error)
{
    size_t kinds, label = flipping(m, &kinds);
    if (label == m->labels || !(request->consensus > 0.5))
        return QSG_OK;
    const double n = (double)m->agents, z = (double)m->zealots[label], share = (1 + sqrt(2 * request->consensus - 1)) / 2;
    if (z == n || n * share <= z)
        return QSG_OK;
    const qsg_critical_mass_setting s = {.agents = m->agents, .committed = m->zealots[label], .alpha = m->alpha,
                                         .bandwidth = m->bandwidth, .adoption = label ? -m->adoption : m->adoption,
                                         .replacement = m->pairs == QSG_PAIRS_REPLACEMENT,
                                         .threshold = share, .of_all = true};
    qsg_critical_mass c;
    qsg_status status = qsg_critical_mass_time(&s, &c, error);
    if (status)
        return status == QSG_ENUMERIC || status == QSG_ENOEXIST ? QSG_OK : status;
    const char *how = c.basis == QSG_EXACT ? "its standard deviation" : limit;
    const predict_column column = {"flipped", "flipped", "U has passed the threshold on the zealots' side",
                                   c.basis == QSG_EXACT ? QSG_NUMERICAL : QSG_ASYMPTOTIC};
    qsg_result_number(result, "flip.mean_time", c.mean, "interactions", c.basis,
                      "until U passes the threshold on the zealots' side");
    qsg_result_number(result, "flip.sd_time", c.sd, "interactions", c.basis, how);
    qsg_result_number(result, "flip.share", share, "", QSG_INPUT, "of the zealots' label among all agents, the threshold");
    qsg_result_number(result, "flip.effective_zealots", isinf(c.effective) ? NAN : c.effective, "agents",
                      c.basis, "so many would do the same among copiers");
    qsg_result_number(result, "flip.strain", c.strain, "", QSG_INPUT, "zealots/N, the size of the neglected terms");
    return put_flip_law(&s, &column, request, result, error);
}

/* Limits for many agents and few zealots, whatever alpha, m and K (doc/theory/chain.md, eq. 18-19). */
static qsg_status put_kinds(const qsg_model *m, qsg_result *result, qsg_error *error)
{
    const double gain = (2 * m->bandwidth * (1 - m->alpha) + m->alpha) / m->alpha;
    double all = 0, *values = malloc(m->labels * sizeof *values);
    size_t kinds = 0;
    if (!values)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu labels", m->labels);
    for (size_t k = 0; k < m->labels; k++) {
        kinds += m->zealots[k] > 0;
        all += (double)m->zealots[k];
        values[k] = gain * (double)m->zealots[k];
    }
    qsg_result_number(result, "mean_rate", m->alpha * all / meetings(m), "per interaction", QSG_EXACT,
                      "decay rate of the mean belief of the free agents towards the zealots'");
    if (kinds > 1 && isfinite(gain))
        qsg_result_vector(result, "stationary.dirichlet", m->labels, values, "", QSG_ASYMPTOTIC,
                          "parameters of the stationary law of the mean belief; N to infinity, zealots/N to 0");
    free(values);
    return QSG_OK;
}

qsg_status predict_committed(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                             qsg_error *error)
{
    const unsigned known = QSG_USES_ZEALOTS | QSG_USES_PAIRS;
    if (!model->zealots || qsg_model_uses(model) & ~known || model->exchange != QSG_ONEWAY || model->self > 0 ||
        model->free_agents == 0 || model->pairs == QSG_PAIRS_EDGE)
        return QSG_OK;
    qsg_status status = put_kinds(model, result, error);
    return status ? status : predict_flip(model, request, result, error);
}
