/* What theory says about copiers as a birth-death chain: who wins, when, or how labels are spread for ever.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "qsg/chain.h"
#include "theory/predict_laws.h"

#define CONSENSUS 0.85 /* shares as in the flag game (doc/theory/flag.md) */
#define CAMP 0.25
#define ROUNDING 1e-12 /* a share that equals one counts */
#define MAX_LISTED 10001 /* states of a distribution that is put out */
#define MAX_SPECTRUM 4000
#define MAX_LABEL_AGENTS 2000 /* for times to more than one label left */
#define MAX_RATE 100000 /* free agents for the unit c of times with adoption bias */
#define MAX_LAW 2000000  /* free agents for the law of the time: 10 s */

static const char *const interactions = "interactions";
static const char *const until = "until every free agent has one label";
static const char *const per_interaction = "per interaction";

static const struct { double level; const char *path; } quantiles[] = {
    {0.1, "fixation.quantiles.0\\.1"}, {0.5, "fixation.quantiles.0\\.5"}, {0.9, "fixation.quantiles.0\\.9"}};

bool predict_is_chain(const qsg_model *model)
{
    const unsigned uses = qsg_model_uses(model), own = QSG_USES_ZEALOTS | QSG_USES_ADOPTION | QSG_USES_PAIRS;
    return uses & own && !(uses & ~(own | QSG_USES_INNOVATION)) && model->labels == 2 && model->alpha == 1 &&
           model->bandwidth == 1 && model->exchange == QSG_ONEWAY;
}

/* Work of the size of the chain and the start, if it is a state. */
typedef struct {
    const qsg_chain *chain;
    const qsg_model *model;
    bool started;
    size_t start;
    double *values; /* 2 (free + 1) */
} setting;

static double share_of(const qsg_chain *chain, double n)
{
    return ((double)chain->spec.zealots[0] + n) / (double)chain->spec.agents;
}

/* Mean, spread and central part of a law of n, as shares of all agents. */
static void put_share(const qsg_chain *chain, const double *law, const char *mean_path, const char *sd_path,
                      qsg_basis basis, const char *what, qsg_result *result)
{
    long double mean = 0, square = 0; /* a million terms with roundings alike */
    for (size_t i = 0; i <= chain->free; i++)
        mean += (long double)law[i] * share_of(chain, (double)i);
    for (size_t i = 0; i <= chain->free; i++)
        square += law[i] * (share_of(chain, (double)i) - mean) * (share_of(chain, (double)i) - mean);
    qsg_result_number(result, mean_path, (double)mean, "", basis, what);
    qsg_result_number(result, sd_path, sqrt((double)square), "", basis, "its standard deviation");
}

/* The law of n as a table of its own, below that of the times. */
static qsg_status put_law(const qsg_chain *chain, const double *law, const char *path, qsg_basis basis, bool times,
                          const char *meaning, qsg_result *result, qsg_error *error)
{
    const size_t n = chain->free + 1;
    double *number = malloc(2 * n * sizeof *number), *share = number + n;
    if (!number)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu states", n);
    for (size_t i = 0; i < n; i++) {
        number[i] = (double)i;
        share[i] = share_of(chain, (double)i);
    }
    if (times)
        qsg_result_next_table(result);
    qsg_result_column(result, "n", "states.n", n, number, "agents", QSG_INPUT, "free agents with label 1");
    qsg_result_column(result, "x", "states.share", n, share, "", QSG_INPUT, "share of label 1 among all agents");
    qsg_result_column(result, "probability", path, n, law, "", basis, meaning);
    free(number);
    return QSG_OK;
}

/* Without `whole` only what predict_network does not know. */
static qsg_status put_stationary(const setting *s, bool whole, qsg_result *result, qsg_error *error)
{
    const qsg_chain *c = s->chain;
    double rate;
    long double U = 0, wanted[3] = {0}; /* as in put_share */
    qsg_status status = qsg_chain_stationary(c, s->values, error);
    if (status)
        return status;
    for (size_t i = 0; i <= c->free; i++) {
        const double x = share_of(c, (double)i), p = s->values[i];
        U += p * (x * x + (1 - x) * (1 - x));
        wanted[0] += x >= CONSENSUS - ROUNDING ? p : 0;
        wanted[1] += 1 - x >= CONSENSUS - ROUNDING ? p : 0;
        wanted[2] += x >= CAMP - ROUNDING && 1 - x >= CAMP - ROUNDING ? p : 0;
    }
    put_share(c, s->values, "stationary.share", "stationary.share_sd", QSG_EXACT, "E[share of label 1 among all agents]",
              result);
    qsg_result_number(result, "stationary.consensus_1", (double)wanted[0], "", QSG_EXACT, "share of label 1 at least 0.85");
    qsg_result_number(result, "stationary.consensus_2", (double)wanted[1], "", QSG_EXACT, "share of label 2 at least 0.85");
    qsg_result_number(result, "stationary.polarized", (double)wanted[2], "", QSG_EXACT, "both shares at least 0.25");
    qsg_result_text(result, "stationary.method", "exact chain", "");
    if (!whole)
        return QSG_OK;
    qsg_result_number(result, "stationary.U", (double)U, "", QSG_EXACT, "E[U], polarization of the mean belief");
    qsg_result_text(result, "regime",
                    wanted[2] > 0.5 ? "polarization" : wanted[0] + wanted[1] > 0.5 ? "drift" : "crossover",
                    "polarization when both shares are at least 0.25 for most of the time, drift when one is 0.85");
    const bool closed = qsg_chain_neutral_rate(c, &rate, NULL) == QSG_OK;
    if (!closed && c->free <= MAX_SPECTRUM)
        status = qsg_chain_rates(c, 1, &rate, error);
    if (!status && (closed || c->free <= MAX_SPECTRUM))
        qsg_result_number(result, "slow_rate", rate, per_interaction, closed ? QSG_EXACT : QSG_NUMERICAL,
                          "slowest decay rate towards the stationary law: the spectral gap");
    return status;
}

/* Who wins from a start that is no state: exact when nobody is committed. */
static qsg_status put_unsure(const setting *s, qsg_result *result, qsg_error *error)
{
    const qsg_chain *c = s->chain;
    const qsg_model *m = s->model;
    const size_t n = (size_t)m->agents;
    double probability[2], *x = NULL;
    if (c->absorbing[0] != c->absorbing[1]) {
        probability[0] = c->absorbing[0];
        probability[1] = c->absorbing[1];
    } else if (m->start.kind == QSG_START_DIRICHLET) {
        qsg_result_text(result, "fixation.method", "none", "the winner of a Dirichlet start with adoption bias is not known");
        return QSG_OK;
    } else {
        x = malloc(n * sizeof *x);
        if (!x)
            return qsg_fail(error, QSG_ENOMEM, "no memory for %zu beliefs", n);
        for (int k = 0; k < 2; k++) {
            for (size_t i = 0; i < n; i++)
                x[i] = fmin(m->start.kind == QSG_START_BELIEFS ? m->start.beliefs[2 * i + (size_t)k] : m->start.p[k], 1);
            qsg_status status = qsg_chain_fixation_beliefs(k ? -c->spec.adoption : c->spec.adoption, n, x, &probability[k], error);
            if (status) {
                free(x);
                return status;
            }
        }
        free(x);
    }
    qsg_result_vector(result, "fixation.probability", 2, probability, "", QSG_EXACT, "that the label wins");
    qsg_result_text(result, "fixation.method", "exact chain", "times need a start at which agents are sure");
    return QSG_OK;
}

static qsg_status put_given(const setting *s, qsg_result *result, qsg_error *error)
{
    const size_t n = s->chain->free + 1;
    double mean[2], sd[2];
    for (int w = 0; w < 2; w++) {
        qsg_status status = qsg_chain_times(s->chain, w + 1, s->values, s->values + n, error);
        if (status)
            return status;
        mean[w] = s->values[s->start];
        sd[w] = s->values[n + s->start];
    }
    qsg_result_vector(result, "fixation.mean_time_given", 2, mean, interactions, QSG_EXACT, "when this label wins");
    qsg_result_vector(result, "fixation.sd_time_given", 2, sd, interactions, QSG_EXACT, "when this label wins");
    return QSG_OK;
}

static qsg_status put_times(const setting *s, qsg_result *result, qsg_error *error)
{
    const size_t n = s->chain->free + 1;
    double probability[2];
    for (int w = 0; w < 2; w++) {
        qsg_status status = qsg_chain_fixation(s->chain, w + 1, s->values, error);
        if (status)
            return status;
        probability[w] = s->values[s->start];
    }
    qsg_result_vector(result, "fixation.probability", 2, probability, "", QSG_EXACT, "that the label wins");
    qsg_result_text(result, "fixation.method", "exact chain", "");
    qsg_status status = qsg_chain_times(s->chain, 0, s->values, s->values + n, error);
    if (status == QSG_ENUMERIC) {
        qsg_result_text(result, "fixation.time_method", "none", error->message);
        return QSG_OK;
    }
    if (status)
        return status;
    qsg_result_number(result, "fixation.mean_time", s->values[s->start], interactions, QSG_EXACT,
                      until);
    qsg_result_number(result, "fixation.sd_time", s->values[n + s->start], interactions, QSG_EXACT, "its standard deviation");
    return s->chain->absorbing[0] && s->chain->absorbing[1] ? put_given(s, result, error) : QSG_OK;
}

static qsg_status put_quantiles(qsg_chain_law *law, qsg_result *result, qsg_error *error)
{
    double t;
    qsg_status status = QSG_OK;
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles && !status; i++) {
        status = qsg_chain_law_quantile(law, 0, quantiles[i].level, &t, error);
        if (!status)
            qsg_result_number(result, quantiles[i].path, t, interactions, QSG_NUMERICAL, until);
    }
    return status;
}

/* When U first reaches the threshold, on either side. */
static qsg_status put_exit(const setting *s, double threshold, qsg_result *result, qsg_error *error)
{
    qsg_chain_exit exit;
    qsg_status status = qsg_chain_exit_time(s->chain, s->start, threshold, &exit, error);
    if (status)
        return status == QSG_ENOEXIST || status == QSG_ENUMERIC ? QSG_OK : status;
    qsg_result_number(result, "fixation.exit_time", exit.mean, interactions, QSG_EXACT,
                      "mean time until U first reaches the threshold");
    qsg_result_number(result, "fixation.exit_sd_time", exit.sd, interactions, QSG_EXACT, "its standard deviation");
    qsg_result_vector(result, "fixation.exit_probability", 2, exit.probability, "", QSG_EXACT, "that the label leads then");
    return QSG_OK;
}

bool predict_has_copying_law(const qsg_model *model)
{
    return predict_is_copying(model) && model->labels == 2 && model->agents <= MAX_LAW;
}

bool predict_is_copying(const qsg_model *model)
{
    return model->alpha == 1 && model->bandwidth == 1 && model->exchange == QSG_ONEWAY && qsg_model_uses(model) == 0 &&
           model->start.kind == QSG_START_ONEHOT;
}

/* Quantiles, and P(T > t) into `unresolved`. */
static qsg_status put_time_law(const setting *s, const qsg_predict_request *request, double *unresolved,
                               qsg_result *result, qsg_error *error)
{
    qsg_chain_law *law = NULL;
    qsg_status status = qsg_chain_law_new(s->chain, s->start, &law, error);
    if (status == QSG_ENOEXIST) { /* the start is a consensus */
        for (size_t i = 0; i < request->n; i++)
            unresolved[i] = 0;
        return QSG_OK;
    }
    if (status == QSG_ENUMERIC) {
        for (size_t i = 0; i < request->n; i++)
            unresolved[i] = NAN;
        return QSG_OK;
    }
    status = put_quantiles(law, result, error);
    for (size_t i = 0; i < request->n && !status; i++)
        status = qsg_chain_law_survival(law, 0, request->times[i], &unresolved[i], error);
    qsg_chain_law_free(law);
    return status;
}

/* Two labels: spread and law of the time. */
static qsg_status put_copying_law(const setting *s, const qsg_predict_request *request, qsg_result *result,
                                  qsg_error *error)
{
    const size_t n = s->chain->free + 1;
    qsg_status status = qsg_chain_times(s->chain, 0, s->values, s->values + n, error);
    if (status)
        return status;
    qsg_result_number(result, "fixation.sd_time", s->values[n + s->start], interactions, QSG_EXACT, "its standard deviation");
    status = put_given(s, result, error);
    if (!status)
        status = put_exit(s, request->consensus, result, error);
    double *unresolved = status ? NULL : malloc((request->n + 1) * sizeof *unresolved);
    if (!status && !unresolved)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", request->n);
    if (!status)
        status = put_time_law(s, request, unresolved, result, error);
    if (!status && request->n > 0)
        qsg_result_column(result, "unresolved", "unresolved", request->n, unresolved, "", QSG_NUMERICAL,
                          "nobody has won yet");
    free(unresolved);
    return status;
}

qsg_status predict_copying(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                           qsg_error *error)
{
    enum { LISTED = 32, LAST = 20 };
    const size_t labels = model->labels < LAST && model->agents <= MAX_LABEL_AGENTS ? model->labels - 1 : 1;
    double times[LISTED];
    qsg_status status = qsg_chain_label_times(model->labels, model->start.counts, false, labels, times, error);
    if (status)
        return status;
    qsg_result_number(result, "fixation.mean_time", times[0], interactions, QSG_EXACT, until);
    qsg_result_vector(result, "labels.mean_time_exact", labels, times, interactions, QSG_EXACT,
                      "until at most 1, 2, .. labels are left");
    if (!predict_has_copying_law(model))
        return QSG_OK;
    qsg_chain chain = {0};
    setting s = {.chain = &chain, .model = model, .started = true, .start = (size_t)model->start.counts[0]};
    status = qsg_chain_init(&chain, model, error);
    if (!status && !(s.values = malloc(2 * (chain.free + 1) * sizeof *s.values)))
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu states", chain.free + 1);
    if (!status)
        status = put_copying_law(&s, request, result, error);
    free(s.values);
    qsg_chain_free(&chain);
    return status;
}

/* The law of n given that nobody has won. */
static qsg_status put_quasistationary(const setting *s, qsg_result *result, qsg_error *error)
{
    double rate, rates[2];
    qsg_status status = qsg_chain_quasistationary(s->chain, s->values, &rate, error);
    if (status == QSG_ENUMERIC) {
        qsg_result_text(result, "quasistationary.method", "none", error->message);
        return QSG_OK;
    }
    if (status)
        return status;
    qsg_result_number(result, "slow_rate", rate, per_interaction, QSG_NUMERICAL,
                      "decay rate of the probability that nobody has won: the spectral gap");
    put_share(s->chain, s->values, "quasistationary.share", "quasistationary.share_sd", QSG_NUMERICAL,
              "E[share of label 1] long after the start, as long as nobody has won", result);
    if (s->chain->free > 2 && s->chain->free <= MAX_SPECTRUM && qsg_chain_rates(s->chain, 2, rates, NULL) == QSG_OK)
        qsg_result_number(result, "quasistationary.settling_rate", rates[1] - rates[0], per_interaction, QSG_NUMERICAL,
                          "decay rate towards the quasi-stationary law");
    return QSG_OK;
}

/* E[share], E[U], .. of the start at the times, without adoption bias (doc/theory/chain.md, eq. 6). */
static qsg_status put_moments(const setting *s, const qsg_predict_request *request, const double *unresolved,
                              qsg_result *result, qsg_error *error)
{
    enum { SHARE, U, V, S, H, UNRESOLVED, COLUMNS };
    static const predict_column columns[COLUMNS] = {
        {"share", "share", "E[share of label 1 among all agents]", QSG_EXACT},
        {"U", "U", "E[U], polarization of the mean belief", QSG_EXACT},
        {"V", "V", "E[V], disagreement", QSG_EXACT},
        {"S", "S", "E[S], coordination: two distinct agents agree", QSG_EXACT},
        {"H", "H", "E[1-U], heterogeneity", QSG_EXACT},
        {"unresolved", "unresolved", "nobody has won yet", QSG_NUMERICAL}};
    const size_t n = request->n;
    const double agents = (double)s->chain->spec.agents;
    double *values = calloc((n ? n : 1) * COLUMNS, sizeof *values);
    if (!values)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", n);
    qsg_status status = qsg_chain_moments(s->chain, s->start, n, request->times, values + SHARE * n, values + H * n, error);
    const bool wins = s->chain->absorbing[0] || s->chain->absorbing[1];
    for (size_t i = 0; i < n; i++) {
        const double h = values[H * n + i];
        values[UNRESOLVED * n + i] = unresolved[i];
        values[U * n + i] = 1 - h;
        values[V * n + i] = agents * h;
        values[S * n + i] = 1 - h * agents / (agents - 1);
    }
    if (status == QSG_ENUMERIC) {
        qsg_result_text(result, "moments", "none", error->message);
        predict_table(request, columns + UNRESOLVED, wins, values + UNRESOLVED * n, result);
        status = QSG_OK;
    } else if (!status) {
        predict_table(request, columns, wins ? COLUMNS : UNRESOLVED, values, result);
    }
    free(values);
    return status;
}

/* The stationary law of n or, when someone wins in the end, the one until then. */
static qsg_status put_distribution(const setting *s, bool times, qsg_result *result, qsg_error *error)
{
    const bool wins = s->chain->absorbing[0] || s->chain->absorbing[1];
    double rate;
    if (s->chain->free >= MAX_LISTED)
        return QSG_OK;
    if (wins && qsg_chain_quasistationary(s->chain, s->values, &rate, NULL) == QSG_OK)
        return put_law(s->chain, s->values, "quasistationary.distribution", QSG_NUMERICAL, times,
                       "long after the start, as long as nobody has won", result, error);
    if (!wins && qsg_chain_stationary(s->chain, s->values, NULL) == QSG_OK)
        return put_law(s->chain, s->values, "stationary.distribution", QSG_EXACT, times, "in the long run", result, error);
    return QSG_OK;
}

static qsg_status put_all(const setting *s, const qsg_predict_request *request, qsg_result *result, qsg_error *error)
{
    const bool wins = s->chain->absorbing[0] || s->chain->absorbing[1];
    qsg_status status = wins ? QSG_OK : put_stationary(s, true, result, error);
    double *unresolved = NULL;
    if (!status && wins && !s->started)
        status = put_unsure(s, result, error);
    if (!status && wins && s->started)
        status = put_times(s, result, error);
    if (status)
        return status;
    if (s->started && !(unresolved = malloc((request->n + 1) * sizeof *unresolved)))
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", request->n);
    for (size_t i = 0; i < request->n && unresolved; i++)
        unresolved[i] = NAN;
    if (s->started)
        status = put_exit(s, request->consensus, result, error);
    if (!status && wins && s->started && s->chain->free <= MAX_LAW)
        status = put_time_law(s, request, unresolved, result, error);
    if (!status && wins)
        status = put_quasistationary(s, result, error);
    if (!status && s->started)
        status = put_moments(s, request, unresolved, result, error);
    if (!status && s->model->zealots)
        status = predict_flip(s->model, request, result, error);
    if (!status)
        status = put_distribution(s, s->started, result, error);
    free(unresolved);
    return status;
}

qsg_status predict_chain(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                         qsg_error *error)
{
    qsg_error local = {""};
    qsg_chain chain = {0};
    setting s = {.chain = &chain, .model = model};
    error = error ? error : &local;
    qsg_status status = qsg_chain_init(&chain, model, error);
    if (status)
        return status;
    s.started = qsg_chain_start(&chain, model, &s.start, error) == QSG_OK;
    s.values = malloc(2 * (chain.free + 1) * sizeof *s.values);
    if (!s.values) {
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu states", chain.free + 1);
    } else if (s.started || model->adoption != 0) {
        if (!s.started)
            qsg_result_text(result, "start", "not a state of the chain", error->message);
        status = put_all(&s, request, result, error);
    } else { /* agents who are not sure yet: their moments are those of any population */
        status = predict_network(model, request, result, error);
        if (!status && !chain.absorbing[0] && !chain.absorbing[1]) {
            status = put_stationary(&s, false, result, error);
            status = status ? status : put_distribution(&s, true, result, error);
        }
    }
    free(s.values);
    qsg_chain_free(&chain);
    return status;
}

double predict_chain_rate(const qsg_model *model)
{
    qsg_chain chain = {0};
    double rate = 0, *law;
    if (qsg_chain_init(&chain, model, NULL))
        return 0;
    if (qsg_chain_neutral_rate(&chain, &rate, NULL) && chain.free <= MAX_RATE) {
        if (!chain.absorbing[0] && !chain.absorbing[1]) {
            if (chain.free > MAX_SPECTRUM || qsg_chain_rates(&chain, 1, &rate, NULL))
                rate = 0;
        } else if ((law = malloc((chain.free + 1) * sizeof *law))) {
            if (qsg_chain_quasistationary(&chain, law, &rate, NULL))
                rate = 0;
            free(law);
        }
    }
    qsg_chain_free(&chain);
    return rate;
}
