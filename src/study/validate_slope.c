/* The weak-selection slope of the winning probability.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/fixation.h"
#include "qsg/moments.h"
#include "study/validate_private.h"

/* Gamma of the fields h and -h whose winners are set against each other: the next term of the response, Gamma^2/12 of
 * the slope, is 1/300. */
#define WEAK_GAMMA 0.2

/* Winners of two ensembles with the same streams and opposite fields.  r(x) grows with h, so most runs end alike,
 * and the difference varies little. */
typedef struct {
    unsigned char *won; /* a run: by label 1 under h */
    bool second;
    double more, less; /* runs that only h, only -h gave to label 1 */
    uint64_t unresolved;
} paired_tally;

static qsg_status add_pair(void *context, const qsg_outcome *outcome)
{
    paired_tally *s = context;
    const bool won = outcome->resolved && outcome->leader == 0;
    s->unresolved += !outcome->resolved;
    if (!s->second) {
        s->won[outcome->run] = won;
    } else {
        s->more += s->won[outcome->run] && !won;
        s->less += !s->won[outcome->run] && won;
    }
    return QSG_OK;
}

/* Runs both ensembles of a case without field; h is set so that Gamma is WEAK_GAMMA. */
static qsg_status run_pair(law_run *self, const char *text, uint64_t runs, double rate, double h, paired_tally *s)
{
    const qsg_ensemble_request request = law_request_consensus(self, runs, LAW_CONSENSUS, rate);
    qsg_status status = QSG_OK;
    for (int i = 0; i < 2 && !status; i++) {
        qsg_model model = {0};
        s->second = i == 1;
        status = law_model(self, &model, "%s field=%.17g", text, i ? -h : h);
        if (!status)
            status = qsg_ensemble_run(&model, &request, add_pair, s, self->error);
        qsg_model_free(&model);
    }
    return status;
}

static qsg_status score_slope(law_run *self, const char *text)
{
    const uint64_t runs = law_runs(self, 30000);
    qsg_model model = {0};
    double rate = 0, point, committed;
    paired_tally s = {.won = malloc(runs)};
    qsg_status status = s.won ? law_model(self, &model, "%s", text) : qsg_fail(self->error, QSG_ENOMEM,
                                                                               "no memory for the runs");
    if (!status)
        status = qsg_moments_slow_rate(&model, &rate, self->error);
    if (!status)
        status = qsg_fixation_gain(&model, &point, &committed, self->error);
    if (!status) {
        const double gain = model.start.kind == QSG_START_ONEHOT ? committed : point, h = WEAK_GAMMA / gain;
        const double p = model.start.p[0], n = (double)runs, unit = 2 * h * p * (1 - p);
        status = run_pair(self, text, runs, rate, h, &s);
        if (!status && s.unresolved)
            law_judge(self, (double)s.unresolved, 0);
        const double mean = (s.more - s.less) / n, variance = (s.more + s.less) / n - mean * mean;
        if (!status)
            status = law_score(self, gain, gain * self->factor, mean / unit, sqrt(variance / n) / unit);
    }
    free(s.won);
    qsg_model_free(&model);
    return status;
}

qsg_status law_slope(law_run *self)
{
    static const char *const cases[] = {
        "agents=6 alpha=0.6",
        "agents=5 alpha=0.7 bandwidth=3",
        "agents=6 alpha=0.8 exchange=mutual",
        "agents=6 alpha=0.5 exchange=broadcast",
        "agents=6 alpha=0.5 self=0.3",
        "agents=6 alpha=0.6 init=onehot:3,3",
    };
    qsg_status status = QSG_OK;
    for (size_t i = 0; i < sizeof cases / sizeof *cases && !status; i++) {
        status = law_series(self, "%s", cases[i]);
        if (!status)
            status = score_slope(self, cases[i]);
    }
    return status;
}
