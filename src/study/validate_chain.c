/* Laws of exact finite chains: voters, committed agents, adoption bias, influence.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/chain.h"
#include "qsg/influence.h"
#include "qsg/pairs.h"
#include "study/validate_private.h"

/* Classes with fewer expected runs are joined to a neighbour. */
#define FEWEST_EXPECTED 20
enum { MOST_STATES = 64, CLASSES = 10 };

/* Pearson's test of counts against probabilities. */
static void judge_counts(law_run *self, size_t n, const double *p, const double *counts, double runs)
{
    double chi2 = 0, expected = 0, observed = 0, last_expected = 0, last_observed = 0;
    size_t classes = 0;
    for (size_t i = 0; i <= n; i++) {
        if (i == n || expected >= FEWEST_EXPECTED) { /* a class is full: the one before it is final */
            if (i == n && expected < FEWEST_EXPECTED) {
                last_expected += expected;
                last_observed += observed;
                expected = observed = 0;
            }
            if (last_expected > 0) {
                chi2 += (last_observed - last_expected) * (last_observed - last_expected) / last_expected;
                classes++;
            }
            last_expected = expected;
            last_observed = observed;
            expected = observed = 0;
        }
        if (i < n) {
            expected += p[i] * runs;
            observed += counts[i];
        }
    }
    if (last_expected > 0) {
        chi2 += (last_observed - last_expected) * (last_observed - last_expected) / last_expected;
        classes++;
    }
    law_judge(self, chi2, classes > 1 ? gsl_cdf_chisq_Q(chi2, (double)classes - 1) : 1);
}

/* Times to consensus: their mean, and how many lie between quantiles of the exact law. */
typedef struct {
    double sum, square, counts[CLASSES], edges[CLASSES - 1];
    bool classes;
    uint64_t unresolved;
} time_tally;

static qsg_status add_time(void *context, const qsg_outcome *outcome)
{
    time_tally *s = context;
    const double t = outcome->consensus_time;
    size_t i = 0;
    if (!outcome->resolved) {
        s->unresolved++;
        return QSG_OK;
    }
    while (i < CLASSES - 1 && s->classes && t > s->edges[i])
        i++;
    s->counts[i]++;
    s->sum += t;
    s->square += t * t;
    return QSG_OK;
}

/* The exact law of the time: probabilities of the classes between its rounded quantiles. */
static qsg_status time_classes(const qsg_model *model, double factor, time_tally *s, double *p, qsg_error *error)
{
    qsg_chain chain = {0};
    qsg_chain_law *law = NULL;
    size_t start;
    double above = 1;
    qsg_status status = qsg_chain_init(&chain, model, error);
    if (!status)
        status = qsg_chain_start(&chain, model, &start, error);
    if (!status)
        status = qsg_chain_law_new(&chain, start, &law, error);
    for (int i = 0; i < CLASSES - 1 && !status; i++) {
        status = qsg_chain_law_quantile(law, 0, (i + 1.0) / CLASSES, &s->edges[i], error);
        double left = 0;
        if (!status)
            status = qsg_chain_law_survival(law, 0, floor(s->edges[i] / factor), &left, error);
        p[i] = above - left;
        above = left;
    }
    p[CLASSES - 1] = above;
    s->classes = true;
    qsg_chain_law_free(law);
    qsg_chain_free(&chain);
    return status;
}

/* The mutation scales the times in the theory. */
qsg_status law_voter(law_run *self)
{
    static const struct { const char *text; bool replacement; } cases[] = {
        {"agents=8 alpha=1 init=onehot:4,4", false},
        {"agents=24 alpha=1 init=onehot:6,18", false},
        {"agents=12 alpha=1 pairs=with-replacement init=onehot:6,6", true},
        {"agents=10 labels=10 alpha=1 init=onehot:1,1,1,1,1,1,1,1,1,1", false},
        {"agents=9 labels=3 alpha=1 init=onehot:4,3,2", false},
    };
    const uint64_t runs = law_runs(self, 20000);
    qsg_status status = QSG_OK;
    for (size_t i = 0; i < sizeof cases / sizeof *cases && !status; i++) {
        qsg_model model = {0};
        time_tally s = {0};
        double time = 1, p[CLASSES];
        status = law_series(self, "%s", cases[i].text);
        if (!status)
            status = law_model(self, &model, "%s", cases[i].text);
        if (!status)
            status = qsg_chain_label_times(model.labels, model.start.counts, cases[i].replacement, 1, &time,
                                           self->error);
        if (!status && model.labels == 2)
            status = time_classes(&model, self->factor, &s, p, self->error);
        const qsg_ensemble_request request = law_request_consensus(self, runs, LAW_CONSENSUS, 1 / time);
        if (!status)
            status = qsg_ensemble_run(&model, &request, add_time, &s, self->error);
        const double n = (double)runs, mean = s.sum / n, agents = (double)model.agents;
        if (!status && s.unresolved)
            law_judge(self, (double)s.unresolved, 0);
        if (!status)
            status = law_score(self, agents, time * self->factor, mean, sqrt((s.square / n - mean * mean) / n));
        if (!status && s.classes)
            judge_counts(self, CLASSES, p, s.counts, n);
        qsg_model_free(&model);
    }
    return status;
}

/* Free agents with label 1 at a late time. */
typedef struct {
    const qsg_model *model;
    double counts[MOST_STATES];
} state_tally;

static qsg_status add_state(void *context, const qsg_outcome *outcome)
{
    state_tally *s = context;
    const double n = outcome->shares[0] * (double)s->model->agents - (double)s->model->zealots[0];
    s->counts[(size_t)(n + 0.5)]++;
    return QSG_OK;
}

/* The chain of the theory: adoption bias h0 more by factor - 1. */
static qsg_status mutated_chain(const qsg_model *model, double factor, qsg_chain *chain, qsg_error *error)
{
    qsg_chain whole = {0};
    qsg_status status = qsg_chain_init(&whole, model, error);
    if (status)
        return status;
    qsg_chain_spec spec = whole.spec;
    qsg_chain_free(&whole);
    spec.adoption += factor - 1;
    return qsg_chain_init_spec(chain, &spec, error);
}

static qsg_status score_states(law_run *self, const qsg_model *model)
{
    qsg_chain chain = {0};
    double p[MOST_STATES], rate;
    state_tally s = {.model = model};
    const uint64_t runs = law_runs(self, 20000);
    qsg_status status = mutated_chain(model, self->factor, &chain, self->error);
    if (!status)
        status = qsg_chain_stationary(&chain, p, self->error);
    if (!status)
        status = qsg_chain_rates(&chain, 1, &rate, self->error);
    const double time = status ? 0 : ceil(14 / rate);
    qsg_ensemble_request request = law_request(self, runs, &time, 1);
    request.want_shares = true;
    if (!status)
        status = qsg_ensemble_run(model, &request, add_state, &s, self->error);
    for (size_t i = 0; i <= chain.free && !status; i++)
        status = law_point(self, (double)i, p[i], s.counts[i] / (double)runs,
                           sqrt(p[i] * (1 - p[i]) / (double)runs));
    if (!status)
        judge_counts(self, chain.free + 1, p, s.counts, (double)runs);
    qsg_chain_free(&chain);
    return status;
}

qsg_status law_zealots(law_run *self)
{
    static const char *const cases[] = {
        "agents=20 alpha=1 zealots=3,2 pairs=with-replacement init=onehot:8,7",
        "agents=16 alpha=1 zealots=1,1 init=onehot:7,7",
        "agents=20 alpha=1 zealots=1,4 adoption=0.3 pairs=with-replacement init=onehot:8,7",
    };
    qsg_status status = QSG_OK;
    for (size_t i = 0; i < sizeof cases / sizeof *cases && !status; i++) {
        qsg_model model = {0};
        status = law_series(self, "%s", cases[i]);
        if (!status)
            status = law_model(self, &model, "%s", cases[i]);
        if (!status)
            status = score_states(self, &model);
        qsg_model_free(&model);
    }
    return status;
}

qsg_status law_adoption(law_run *self)
{
    static const char *const cases[] = {
        "agents=10 alpha=1 adoption=0.1 init=onehot:4,6",
        "agents=16 alpha=1 adoption=0.2 pairs=with-replacement init=onehot:3,13",
        "agents=24 alpha=1 adoption=-0.05 init=onehot:12,12",
    };
    qsg_status status = QSG_OK;
    for (size_t i = 0; i < sizeof cases / sizeof *cases && !status; i++) {
        qsg_model model = {0};
        qsg_chain chain = {0};
        double p[MOST_STATES], rate = 0;
        size_t start = 0;
        law_wins w;
        status = law_series(self, "%s", cases[i]);
        if (!status)
            status = law_model(self, &model, "%s", cases[i]);
        if (!status)
            status = mutated_chain(&model, self->factor, &chain, self->error);
        if (!status)
            status = qsg_chain_start(&chain, &model, &start, self->error);
        if (!status)
            status = qsg_chain_fixation(&chain, 1, p, self->error);
        if (!status)
            status = qsg_chain_rates(&chain, 1, &rate, self->error);
        if (!status)
            status = law_count_wins(self, &model, law_runs(self, 20000), rate, &w);
        if (!status)
            status = law_score_wins(self, 2, (double[2]){p[start], 1 - p[start]}, &w);
        qsg_chain_free(&chain);
        qsg_model_free(&model);
    }
    return status;
}

/* Agents that differ: an alpha each, as --agents-file gives them. */
static qsg_status differ(qsg_model *model, double first, double last, qsg_error *error)
{
    model->agent_alpha = malloc(model->agents * sizeof *model->agent_alpha);
    if (!model->agent_alpha)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %llu agents", (unsigned long long)model->agents);
    for (uint64_t i = 0; i < model->agents; i++)
        model->agent_alpha[i] = first + (last - first) * (double)i / (double)(model->agents - 1);
    return QSG_OK;
}

/* Wins of a population whose agents are not alike; the mutation moves the influence towards equal weights. */
static qsg_status score_influence(law_run *self, const qsg_model *model)
{
    qsg_influence influence = {0};
    qsg_pair_moments *pairs = NULL;
    double p[LAW_LABELS], rate = 0, accuracy;
    law_wins w;
    qsg_status status = qsg_influence_init(&influence, model, self->error);
    if (!status)
        status = qsg_influence_mean(&influence, model, p, self->error);
    if (!status)
        status = qsg_pair_moments_new(&pairs, model, self->error);
    if (!status)
        status = qsg_pair_moments_slow_rate(pairs, &rate, &accuracy, self->error);
    if (!status)
        status = law_count_wins(self, model, law_runs(self, 20000), rate, &w);
    for (size_t k = 0; k < model->labels && !status; k++)
        p[k] = self->factor * p[k] + (1 - self->factor) * model->start.p[k];
    if (!status)
        status = law_score_wins(self, model->labels, p, &w);
    qsg_influence_free(&influence);
    qsg_pair_moments_free(pairs);
    return status;
}

qsg_status law_influence(law_run *self)
{
    static const struct { const char *text; double first, last; } cases[] = {
        {"agents=12 alpha=0.5 init=onehot:6,6", 0.1, 0.7},
        {"agents=8 labels=3 alpha=0.5 exchange=mutual init=onehot:2,3,3", 0.9, 0.2},
        {"agents=8 alpha=0.5 graph=star init=onehot:1,7", 0, 0},
        {"agents=10 labels=3 alpha=0.4 bandwidth=2 graph=er:0.4:3 init=onehot:2,3,5", 0.2, 0.9},
    };
    qsg_status status = QSG_OK;
    for (size_t i = 0; i < sizeof cases / sizeof *cases && !status; i++) {
        qsg_model model = {0};
        status = cases[i].last > 0 ? law_series(self, "%s, alpha %g .. %g", cases[i].text, cases[i].first,
                                                cases[i].last)
                                   : law_series(self, "%s", cases[i].text);
        if (!status)
            status = law_model(self, &model, "%s", cases[i].text);
        if (!status && cases[i].last > 0)
            status = differ(&model, cases[i].first, cases[i].last, self->error);
        if (!status)
            status = score_influence(self, &model);
        qsg_model_free(&model);
    }
    return status;
}
