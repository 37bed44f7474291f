/* Evidence sampling against simulation: how often the flag game ends in each of its phases (doc/theory/flag.md).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/compare_private.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#include "qsg/compare.h"
#include "qsg/flag.h"

#define CONSENSUS 0.85
#define CAMP 0.25
#define ROUNDING 1e-9
/* Phases that are expected in fewer runs are tested together. */
#define FEWEST 10

enum { CORRECT, WRONG, POLARIZED, UNDECIDED, PHASES };

typedef struct {
    uint64_t count[PHASES], runs;
} tally;

static qsg_status count_phase(void *context, const qsg_outcome *outcome)
{
    tally *t = context;
    const double x = outcome->shares[0], y = 1 - x;
    const bool camps = fmin(x, y) >= CAMP - ROUNDING;
    t->count[x >= CONSENSUS - ROUNDING ? CORRECT : y >= CONSENSUS - ROUNDING ? WRONG : camps ? POLARIZED : UNDECIDED]++;
    t->runs++;
    return QSG_OK;
}

/* Pearson's test of the counts; NaN with a single group. */
static double test(const tally *t, const double *p)
{
    const double n = (double)t->runs;
    double sum = 0, rest_p = 0, rest = 0;
    int groups = 0;
    for (int k = 0; k < PHASES; k++) {
        const double seen = (double)t->count[k], due = n * p[k];
        if (due < FEWEST) {
            rest += seen;
            rest_p += due;
        } else {
            sum += (seen - due) * (seen - due) / due;
            groups++;
        }
    }
    if (rest_p < 1e-9 && rest > 0)
        return 0; /* what cannot happen */
    if (rest_p > 0.5 || rest > 0) { /* few: the normal law is no guide, so that at most Poisson's tail counts */
        const double tail = rest > rest_p ? gsl_cdf_poisson_Q((unsigned)fmax(rest - 1, 0), rest_p) : 1;
        const double p_rest = rest_p < FEWEST ? fmin(2 * tail, 1) : gsl_cdf_chisq_Q((rest - rest_p) * (rest - rest_p) / rest_p, 1);
        return groups > 1 ? fmin(2 * fmin(p_rest, gsl_cdf_chisq_Q(sum, groups - 1)), 1) : p_rest;
    }
    return groups > 1 ? gsl_cdf_chisq_Q(sum, groups - 1) : NAN;
}

qsg_status compare_evidence(const qsg_model *model, const qsg_model *theory, const qsg_ensemble_request *request,
                            qsg_result *result, qsg_error *error)
{
    static const char *const names[PHASES] = {"correct", "wrong", "polarized", "undecided"};
    qsg_flag_outcome o;
    tally t = {{0}, 0};
    qsg_ensemble_request ask = *request;
    qsg_status status = qsg_flag_predict(theory, CONSENSUS, CAMP, &o, error);
    ask.times = request->times + request->n - 1;
    ask.n = 1;
    ask.horizon = 0;
    ask.want_shares = true;
    if (!status)
        status = qsg_ensemble_run(model, &ask, count_phase, &t, error);
    if (status)
        return status;
    const double p[PHASES] = {o.correct, o.wrong, o.polarized, o.undecided}, n = (double)t.runs;
    double seen[PHASES], se[PHASES], z[PHASES];
    for (int k = 0; k < PHASES; k++) {
        seen[k] = (double)t.count[k] / n;
        se[k] = sqrt(fmax(p[k] * (1 - p[k]), 0) / n);
        z[k] = n * p[k] * (1 - p[k]) > 1 ? (seen[k] - p[k]) / se[k] : NAN;
    }
    const double p_value = test(&t, p);
    qsg_result_integer(result, "runs", (int64_t)t.runs, "", QSG_INPUT, "independent populations");
    qsg_result_integer(result, "seed", (int64_t)request->seed, "", QSG_INPUT, "");
    qsg_result_number(result, "time", ask.times[0], "interactions", QSG_INPUT,
                      "when the phases are seen; theory is that of the long run");
    qsg_result_number(result, "p_value", p_value, "", QSG_SIMULATED, "of the four counts");
    if (!isnan(p_value))
        qsg_result_flag(result, "agree", p_value >= QSG_COMPARE_LEVEL,
                        COMPARE_RULE "; a time that is too early disagrees as well");
    qsg_result_text_column(result, "phase", "phases.name", PHASES, names, "");
    qsg_result_column(result, "theory", "phases.theory", PHASES, p, "", QSG_EXACT, "probability in the long run");
    qsg_result_column(result, "simulation", "phases.simulation", PHASES, seen, "", QSG_SIMULATED, "share of the runs");
    qsg_result_column(result, "se", "phases.se", PHASES, se, "", QSG_EXACT, "standard error if theory holds");
    qsg_result_column(result, "z", "phases.z", PHASES, z, "standard errors", QSG_SIMULATED, "(simulation - theory)/se");
    return qsg_result_status(result);
}
