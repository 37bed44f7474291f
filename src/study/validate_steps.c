/* Laws of a single interaction, and of who wins in the end.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

#include "qsg/moments.h"
#include "study/validate_private.h"

/* E|dxbar|^2 = A V + B f/m and, without noise, E dV = -(C + N A) V (doc/theory/moments.md, eq. 2-4, own output 0). */
typedef struct {
    double A, B, C;
} step_terms;

static step_terms terms_of(const qsg_model *model)
{
    const double a = model->alpha, n = (double)model->agents;
    switch (model->exchange) {
    case QSG_MUTUAL: return (step_terms){0, 2 * a * a / (n * n), 4 * a * (1 - a) / (n - 1)};
    case QSG_BROADCAST: return (step_terms){a * a / n, pow(a * (n - 1) / n, 2), 2 * a * (1 - a)};
    default: return (step_terms){2 * a * a / (n * n * (n - 1)), a * a / (n * n), 2 * a * (1 - a) / (n - 1)};
    }
}

/* Single interactions of every run, from t to t + 1 for each even time, and what they should do on average given the
 * state before them: observed less expected is then a martingale difference. */
enum { STEPS = 3 };
typedef struct {
    const qsg_model *model;
    step_terms terms;
    bool spread;      /* the disagreement's fall instead of the mean's square step */
    double expected;  /* what the law says of observed/unit */
    double unit, off, off_square; /* sums over runs */
} step_tally;

static qsg_status add_steps(void *context, const qsg_outcome *outcome)
{
    step_tally *s = context;
    const size_t k = s->model->labels;
    double off = 0;
    for (size_t i = 0; i < STEPS; i++) {
        const double *before = outcome->shares + 2 * i * k, *after = before + k, V = outcome->disagreement[2 * i];
        const double f = outcome->heterogeneity[2 * i] - V / (double)s->model->agents;
        double square = 0;
        for (size_t j = 0; j < k; j++)
            square += (after[j] - before[j]) * (after[j] - before[j]);
        const double observed = s->spread ? V - outcome->disagreement[2 * i + 1] : square - s->terms.A * V;
        const double unit = s->spread ? V : s->terms.B * f;
        s->unit += unit;
        off += observed - s->expected * unit;
    }
    s->off += off;
    s->off_square += off * off;
    return QSG_OK;
}

/* Run one model and score its steps at x. */
static qsg_status score_steps(law_run *self, const qsg_model *model, bool spread, double expected, double x)
{
    const double n = (double)model->agents;
    const double times[2 * STEPS] = {0, 1, n, n + 1, 3 * n, 3 * n + 1};
    const uint64_t runs = law_runs(self, 20000);
    qsg_ensemble_request request = law_request(self, runs, times, 2 * STEPS);
    request.want_shares = true;
    step_tally s = {.model = model, .terms = terms_of(model), .spread = spread, .expected = expected};
    qsg_status status = qsg_ensemble_run(model, &request, add_steps, &s, self->error);
    if (status)
        return status;
    const double count = (double)runs, mean = s.off / count;
    const double se = sqrt(fmax(s.off_square / count - mean * mean, 0) / (count - 1)) * count / s.unit;
    return law_score(self, x, expected, expected + s.off / s.unit, se);
}

static const char *const exchanges[] = {"oneway", "mutual", "broadcast"};

qsg_status law_injection(law_run *self)
{
    static const char *const bandwidths[] = {"1", "2", "4", "8", "inf"};
    qsg_status status = QSG_OK;
    for (int e = 0; e < 3 && !status; e++) {
        status = law_series(self, "%s, N = 8, K = 3, alpha = 0.4", exchanges[e]);
        for (int i = 0; i < 5 && !status; i++) {
            qsg_model model = {0};
            status = law_model(self, &model, "agents=8 labels=3 alpha=0.4 bandwidth=%s exchange=%s init=dirichlet:0.6",
                               bandwidths[i], exchanges[e]);
            if (!status)
                status = score_steps(self, &model, false, self->factor / model.bandwidth, 1 / model.bandwidth);
            qsg_model_free(&model);
        }
    }
    return status;
}

qsg_status law_contraction(law_run *self)
{
    static const double alphas[] = {0.1, 0.3, 0.6, 1};
    qsg_status status = QSG_OK;
    for (int e = 0; e < 3 && !status; e++) {
        status = law_series(self, "%s, N = 8, K = 3, m = inf", exchanges[e]);
        for (int i = 0; i < 4 && !status; i++) {
            qsg_model model = {0};
            status = law_model(self, &model, "agents=8 labels=3 alpha=%g bandwidth=inf exchange=%s init=dirichlet:0.6",
                               alphas[i], exchanges[e]);
            const step_terms t = status ? (step_terms){0} : terms_of(&model);
            if (!status && !(alphas[i] == 1 && e == QSG_BROADCAST)) /* all of V is gone after the first */
                status = score_steps(self, &model, true, self->factor * (t.C + 8 * t.A), alphas[i]);
            qsg_model_free(&model);
        }
    }
    return status;
}

/* Shares of label 1 at some times. */
enum { MARTINGALE_TIMES = 3 };
typedef struct {
    size_t labels;
    double sum[MARTINGALE_TIMES], square[MARTINGALE_TIMES];
} share_tally;

static qsg_status add_shares(void *context, const qsg_outcome *outcome)
{
    share_tally *s = context;
    for (size_t i = 0; i < MARTINGALE_TIMES; i++) {
        const double x = outcome->shares[i * s->labels];
        s->sum[i] += x;
        s->square[i] += x * x;
    }
    return QSG_OK;
}

qsg_status law_martingale(law_run *self)
{
    static const char *const bandwidths[] = {"1", "5", "inf"};
    const double times[MARTINGALE_TIMES] = {10, 40, 160};
    const uint64_t runs = law_runs(self, 20000);
    qsg_status status = QSG_OK;
    for (int e = 0; e < 3 && !status; e++)
        for (int i = 0; i < 3 && !status; i++) {
            qsg_model model = {0};
            share_tally s = {.labels = 3};
            status = law_series(self, "%s, m = %s", exchanges[e], bandwidths[i]);
            if (!status)
                status = law_model(self, &model,
                                   "agents=10 labels=3 alpha=0.5 bandwidth=%s exchange=%s init=onehot:5,3,2",
                                   bandwidths[i], exchanges[e]);
            qsg_ensemble_request request = law_request(self, runs, times, MARTINGALE_TIMES);
            request.want_shares = true;
            if (!status)
                status = qsg_ensemble_run(&model, &request, add_shares, &s, self->error);
            for (size_t j = 0; j < MARTINGALE_TIMES && !status; j++) {
                const double mean = s.sum[j] / (double)runs, variance = s.square[j] / (double)runs - mean * mean;
                status = law_score(self, times[j] / 10, 0.5 * self->factor, mean,
                                   sqrt(fmax(variance, 0) / (double)(runs - 1)));
            }
            qsg_model_free(&model);
        }
    return status;
}

/* Who led at consensus. */
static qsg_status add_winner(void *context, const qsg_outcome *outcome)
{
    law_wins *w = context;
    w->wins[outcome->leader] += outcome->resolved;
    w->unresolved += !outcome->resolved;
    return QSG_OK;
}

qsg_status law_count_wins(law_run *self, const qsg_model *model, uint64_t runs, double rate, law_wins *wins)
{
    const qsg_ensemble_request request = law_request_consensus(self, runs, LAW_CONSENSUS, rate);
    *wins = (law_wins){.runs = (double)runs};
    return qsg_ensemble_run(model, &request, add_winner, wins, self->error);
}

qsg_status law_score_wins(law_run *self, size_t labels, const double *p, const law_wins *w)
{
    double g = 0;
    qsg_status status = QSG_OK;
    for (size_t k = 0; k < labels && !status; k++) {
        const double share = w->wins[k] / w->runs;
        g += w->wins[k] > 0 ? 2 * w->wins[k] * log(share / p[k]) : 0;
        status = law_point(self, p[k], p[k], share, sqrt(p[k] * (1 - p[k]) / w->runs));
    }
    law_judge(self, fmax(g, 0), w->unresolved ? 0 : gsl_cdf_chisq_Q(fmax(g, 0), (double)labels - 1));
    return status;
}

void law_favour(double *p, size_t labels, double factor)
{
    const double first = p[0], more = first * factor;
    for (size_t k = 0; k < labels; k++)
        p[k] = k ? p[k] * (1 - more) / (1 - first) : more;
}

qsg_status law_winner(law_run *self)
{
    static const char *const cases[] = {
        "agents=8 labels=2 alpha=0.5 init=0.7,0.3",
        "agents=8 labels=3 alpha=0.6 bandwidth=3 exchange=mutual self=0.1 init=0.5,0.3,0.2",
        "agents=12 labels=3 alpha=0.3 exchange=broadcast init=onehot:6,4,2",
        "agents=10 labels=5 alpha=1 init=onehot:3,3,2,1,1",
    };
    qsg_status status = QSG_OK;
    for (size_t i = 0; i < sizeof cases / sizeof *cases && !status; i++) {
        qsg_model model = {0};
        double rate = 0, p[LAW_LABELS];
        law_wins w;
        status = law_series(self, "%s", cases[i]);
        if (!status)
            status = law_model(self, &model, "%s", cases[i]);
        if (!status)
            status = qsg_moments_slow_rate(&model, &rate, self->error);
        if (!status)
            status = law_count_wins(self, &model, law_runs(self, 40000), rate, &w);
        if (!status) {
            memcpy(p, model.start.p, model.labels * sizeof *p);
            law_favour(p, model.labels, self->factor);
            status = law_score_wins(self, model.labels, p, &w);
        }
        qsg_model_free(&model);
    }
    return status;
}
