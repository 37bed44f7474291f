/* What a fresh run would do, and the verdict (doc/theory/inference.md, section 6).  SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <lapacke.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/normal.h"
#include "infer/fit_climb.h"
#include "infer/fit_private.h"
#include "qsg/fixation.h"
#include "qsg/simulate.h"

#define LEVEL 0.05       /* of tests of parameters */
#define MISFIT 0.01      /* of all tests of the model together */
#define CONSENSUS 0.95
#define LEAD 1e-4        /* nats per utterance: less than is printed */
#define DECIDED 0.95
#define FAVOURED 0.7310585786300049 /* 1/(1 + 1/e): Gamma = 1 */
#define BUDGET 2e7       /* interactions of all fresh games of one size */
enum { DOUBLINGS = 6, SIZE_GAMES = 300 };

/* The model at the estimates; borrows from fit. */
static qsg_model fitted_model(const transcript_fit *fit)
{
    qsg_model out = *fit->model;
    const double *theta = fit->best.theta;
    bool flat = true;
    out.alpha = theta[QSG_PAR_ALPHA];
    out.self = theta[QSG_PAR_SELF];
    out.temper = 1 / theta[QSG_PAR_SHARPNESS];
    out.innovation = theta[QSG_PAR_INNOVATION];
    out.field = fit->best.theta + QSG_PAR_FIELD;
    for (size_t k = 1; k < out.labels; k++)
        flat &= out.field[k] == out.field[0];
    if (flat)
        out.field = NULL;
    if (out.alpha + out.self > 1)
        out.self = 1 - out.alpha;
    return out;
}

typedef struct {
    double *wins, open, games;
} win_count;

static qsg_status count_win(void *context, const qsg_outcome *outcome)
{
    win_count *self = context;
    self->games++;
    if (outcome->resolved)
        self->wins[outcome->leader]++;
    else
        self->open++;
    return QSG_OK;
}

/* Play `games` fresh games of the model to consensus; counts into *count, whose wins must be 0. */
static qsg_status play_fresh(const transcript_fit *fit, const qsg_model *model, uint64_t games, win_count *count,
                             qsg_error *error)
{
    const double rounds = 1000 * (double)model->agents, longest = 20 * (double)fit->games.longest;
    const double horizon = floor(fmin(fmax(rounds, longest), fmax(BUDGET / (double)games, 1000)));
    const qsg_ensemble_request request = {.runs = games, .seed = fit->options->seed, .consensus = CONSENSUS,
                                          .horizon = horizon, .threads = fit->options->threads};
    return qsg_ensemble_run(model, &request, count_win, count, error);
}

/* Gamma at theta: the selection strength of the field alone (fixation.md, eq. 5); NaN where there is none. */
static double gamma_at(const transcript_fit *fit, const double *theta)
{
    qsg_model neutral = *fit->model;
    const double *h = theta + QSG_PAR_FIELD;
    double point, committed, low = h[0], high = h[0];
    neutral.alpha = theta[QSG_PAR_ALPHA];
    neutral.self = fmin(theta[QSG_PAR_SELF], 1 - neutral.alpha);
    neutral.temper = 1;
    neutral.innovation = 0;
    neutral.field = NULL;
    if (qsg_fixation_gain(&neutral, &point, &committed, NULL))
        return NAN;
    for (size_t k = 0; k < neutral.labels; k++) {
        low = fmin(low, h[k]);
        high = fmax(high, h[k]);
    }
    return point * (neutral.labels == 2 ? h[0] - h[1] : high - low);
}

/* Gamma with a 95% interval: the information carried over to it (delta method, eq. 16). */
static qsg_status measure_gamma(transcript_fit *fit, qsg_error *error)
{
    climb at;
    fresh_runs *out = &fit->fresh;
    double loglik, variance = 0;
    out->gamma = gamma_at(fit, fit->best.theta);
    out->gamma_low = out->gamma_high = NAN;
    if (!(fit->best.free & QSG_FIT_FIELD) || isnan(out->gamma))
        return QSG_OK;
    qsg_status status = climb_init(&at, fit->likelihood, fit->best.free, NULL, error);
    if (status)
        return status;
    const size_t p = climb_directions(&at, at.directions);
    const qsg_likelihood_request request = {.theta = fit->best.theta, .groups = fit->best.free, .gradient = at.gradient,
                                            .information = at.information};
    status = qsg_likelihood_evaluate(fit->likelihood, &request, &loglik, error);
    climb_reduce(&at, at.information, at.directions, p, at.matrix);
    for (size_t a = 0; a < p && !status; a++) {
        const direction *d = &at.directions[a];
        const double h = d->plus == QSG_PAR_ALPHA && fit->best.theta[0] > 0.5 ? -1e-5 : 1e-5;
        memcpy(at.trial, fit->best.theta, at.full * sizeof(double));
        at.trial[d->plus] += h;
        if (d->minus != NO_PARAMETER)
            at.trial[d->minus] -= h;
        const double moved = at.trial[QSG_PAR_ALPHA] + at.trial[QSG_PAR_SELF] <= 1 ? gamma_at(fit, at.trial) : NAN;
        at.move[a] = at.step[a] = isnan(moved) ? 0 : (moved - out->gamma) / h;
        at.matrix[a * p + a] *= 1 + 1e-12;
    }
    if (!status && LAPACKE_dposv(LAPACK_ROW_MAJOR, 'L', (lapack_int)p, 1, at.matrix, (lapack_int)p, at.move, 1) == 0) {
        for (size_t a = 0; a < p; a++)
            variance += at.step[a] * at.move[a];
        out->gamma_low = out->gamma - Z95 * sqrt(fmax(variance, 0));
        out->gamma_high = out->gamma + Z95 * sqrt(fmax(variance, 0));
    }
    climb_free(&at);
    return status;
}

const group_test *fit_test_of(const transcript_fit *fit, size_t g)
{
    for (size_t i = 0; i < fit->n_tests; i++)
        if (fit->tests[i].group == g)
            return &fit->tests[i];
    return NULL;
}

/* Whether the group does something, at the level of utterances and, where that can be said, of runs. */
static bool matters(const transcript_fit *fit, size_t g)
{
    const group_test *test = fit_test_of(fit, g);
    return test && test->holm < LEVEL &&
           (test->p_bootstrap >= 0 ? test->p_bootstrap < LEVEL : !(test->p_runs >= LEVEL));
}

static size_t favourite_of(const double *wins, size_t labels)
{
    size_t best = 0;
    for (size_t k = 1; k < labels; k++)
        best = wins[k] > wins[best] ? k : best;
    return best;
}

/* The population in which the favourite wins with probability 1/(1 + 1/e): from theory while T = 1, else by games of
 * doubled size. */
static qsg_status find_crossover(transcript_fit *fit, qsg_error *error)
{
    fresh_runs *out = &fit->fresh;
    qsg_model model = fitted_model(fit);
    const size_t K = model.labels, favourite = favourite_of(out->wins, K);
    out->crossover = NAN;
    out->crossover_method = "none: no field that can be told from 0";
    if (!matters(fit, QSG_PAR_FIELD) || !model.field || model.start.kind != QSG_START_POINT)
        return QSG_OK;
    if (!matters(fit, QSG_PAR_SHARPNESS) && !matters(fit, QSG_PAR_INNOVATION)) {
        model.temper = 1;
        model.innovation = 0;
        out->crossover_method = "Gamma = 1 (fixation.md, eq. 7)";
        if (qsg_fixation_crossover(&model, &out->crossover, NULL))
            out->crossover_method = "none: the field's strength does not grow with N, or rules at any N";
        return QSG_OK;
    }
    double chance = out->wins[favourite];
    out->crossover_played = true;
    uint64_t agents = model.agents;
    for (int i = 0; i < DOUBLINGS && chance < FAVOURED; i++) {
        win_count count = {.wins = calloc(K, sizeof(double))};
        if (!count.wins)
            return qsg_fail(error, QSG_ENOMEM, "no memory for the winners");
        model.agents = model.free_agents = agents *= 2;
        qsg_status status = play_fresh(fit, &model, SIZE_GAMES, &count, error);
        chance = count.games > 0 ? count.wins[favourite] / count.games : 0;
        free(count.wins);
        if (status)
            return status;
    }
    out->crossover_method = chance < FAVOURED ? "none found by games of up to 64 N"
                            : agents == fit->model->agents ? "games: the data's own N is large enough"
                                                           : "games: N doubled until the favourite won 73% of 300";
    if (chance >= FAVOURED)
        out->crossover = (double)agents;
    return QSG_OK;
}

qsg_status fit_look_ahead(transcript_fit *fit, qsg_error *error)
{
    fresh_runs *out = &fit->fresh;
    const size_t K = fit->model->labels;
    const qsg_model model = fitted_model(fit);
    out->games = fit->options->forecasts ? fit->options->forecasts : 1000;
    out->wins = calloc(K, sizeof *out->wins);
    win_count count = {.wins = out->wins};
    if (!out->wins)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the winners");
    qsg_status status = play_fresh(fit, &model, out->games, &count, error);
    for (size_t k = 0; k < K && !status; k++)
        out->wins[k] /= count.games;
    out->open = status ? 0 : count.open / count.games;
    if (!status)
        status = measure_gamma(fit, error);
    return status ? status : find_crossover(fit, error);
}

/* lottery: nobody can tell who wins; biased: one label is favoured; decided: it wins nearly always. */
typedef enum { LOTTERY, BIASED, SETTLED, OPEN } outcome_kind;
static const char *const kind_names[] = {"lottery", "biased", "decided", "open"};

static outcome_kind kind_of(const transcript_fit *fit)
{
    const double K = (double)fit->model->labels, settled = 1 - fit->fresh.open;
    const double p = settled > 0 ? fit->fresh.wins[favourite_of(fit->fresh.wins, fit->model->labels)] / settled : 0;
    if (settled < 0.5)
        return OPEN;
    if (!matters(fit, QSG_PAR_FIELD) && fit->model->start.kind == QSG_START_POINT &&
        (fit->best.free & QSG_FIT_FIELD || !fit->model->field))
        return LOTTERY;
    if (p >= DECIDED)
        return SETTLED;
    return log(p / (1 - p)) - log(1 / (K - 1)) < 1.0 / 3 ? LOTTERY : BIASED;
}

static const char *regime_of(const transcript_fit *fit, outcome_kind kind)
{
    const double gamma = matters(fit, QSG_PAR_FIELD) ? fabs(fit->fresh.gamma) : 0;
    if (kind == OPEN && fit->best.theta[QSG_PAR_INNOVATION] > 0)
        return "pluralism";
    if (matters(fit, QSG_PAR_SHARPNESS) && fit->best.theta[QSG_PAR_SHARPNESS] > 1)
        return "amplification";
    return gamma > 3 ? "selection" : gamma > 1.0 / 3 ? "crossover" : "drift";
}

/* p of all that was tested of the model's fit, Bonferroni; NaN when nothing was. */
static double misfit_p(const transcript_fit *fit, const char **worst)
{
    const struct { double p; const char *what; } tests[] = {
        {fit->fitted.ks_p, "residuals are not uniform"}, {fit->fitted.p_value, "forecasts are not calibrated"},
        {fit->games.winners_p, "other labels win than forecast"}, {fit->games.test.p_value, "S(t) runs otherwise"}};
    double least = NAN, n = 0;
    for (int i = 0; i < 4; i++) {
        if (!(tests[i].p >= 0))
            continue;
        n++;
        if (!(tests[i].p >= least)) {
            least = tests[i].p;
            *worst = tests[i].what;
        }
    }
    return n > 0 ? fmin(1, n * least) : NAN;
}

static size_t say_outcome(const transcript_fit *fit, outcome_kind kind, char *text, size_t room)
{
    const fresh_runs *fresh = &fit->fresh;
    const size_t best = favourite_of(fresh->wins, fit->model->labels);
    const char *label = fit_label(fit, best);
    const double p = 100 * fresh->wins[best];
    switch (kind) {
    case LOTTERY:
        return (size_t)snprintf(text, room, "A lottery: no label is favoured beyond chance (a fresh run ends on %.40s, the most "
                                            "frequent one, with probability %.0f%%).", label, p);
    case BIASED:
        return (size_t)snprintf(text, room, "Not a lottery: %.40s is favoured and ends %.0f%% of fresh runs, but it is not sure "
                                            "to win.", label, p);
    case SETTLED:
        return (size_t)snprintf(text, room, "Decided: a fresh run ends on %.40s with probability %.0f%%.", label, p);
    default:
        return (size_t)snprintf(text, room, "Open: %.0f%% of fresh runs reach no consensus in the time that was simulated.",
                                100 * fresh->open);
    }
}

static size_t say_gamma(const transcript_fit *fit, char *text, size_t room)
{
    const fresh_runs *fresh = &fit->fresh;
    if (isnan(fresh->gamma_low))
        return (size_t)snprintf(text, room, " Gamma of the field: %.3g.", fresh->gamma);
    return (size_t)snprintf(text, room, " Gamma of the field: %.3g (95%%: %.3g to %.3g).", fresh->gamma, fresh->gamma_low,
                            fresh->gamma_high);
}

/* Where fresh runs end, as far as that can be read. */
static size_t say_chances(const transcript_fit *fit, char *text, size_t room)
{
    const size_t K = fit->model->labels;
    size_t used = 0;
    if (K > 12)
        return 0;
    used = (size_t)snprintf(text, room, " Fresh runs end on");
    for (size_t k = 0; k < K && used < room; k++)
        used += (size_t)snprintf(text + used, room - used, "%s %.20s %.3g%%", k ? "," : "", fit_label(fit, k),
                                 100 * fit->fresh.wins[k]);
    if (used < room)
        used += (size_t)snprintf(text + used, room - used, ".");
    return used;
}

/* Whether the window predicts better beyond chance: folds are few, so by Student's law. */
static bool window_leads(const held_out *held)
{
    return held->lead > LEAD && held->lead > gsl_cdf_tdist_Qinv(LEVEL / 2, (double)held->folds - 1) * held->lead_se;
}

static void say_verdict(const transcript_fit *fit, outcome_kind kind, char *text, size_t room)
{
    const double T = 1 / fit->best.theta[QSG_PAR_SHARPNESS];
    const char *worst = "";
    const double p = misfit_p(fit, &worst);
    size_t used = say_outcome(fit, kind, text, room);
    if (used < room)
        used += say_chances(fit, text + used, room - used);
    if (used < room)
        used += (size_t)snprintf(text + used, room - used, " Regime: %s.", regime_of(fit, kind));
    if (matters(fit, QSG_PAR_SHARPNESS) && used < room)
        used += (size_t)snprintf(text + used, room - used, " Agents %s what is already common (temper %.3g).",
                                 T < 1 ? "amplify" : "play down", T);
    if (matters(fit, QSG_PAR_FIELD) && !isnan(fit->fresh.gamma) && used < room)
        used += say_gamma(fit, text + used, room - used);
    if (fit->fresh.crossover > 0 && used < room)
        used += (size_t)snprintf(text + used, room - used, " Beyond about %.0f agents the favoured label decides: it wins at "
                                 "least 73%% of runs.", fit->fresh.crossover);
    if (p < MISFIT && used < room)
        used += (size_t)snprintf(text + used, room - used, " But the model does not describe the data (%s, p = %.2g): read the "
                                 "estimates as a summary, not as causes.", worst, p);
    if (window_leads(&fit->held) && used < room)
        snprintf(text + used, room - used, " A window of the last %zu %s predicts held-out runs better (by %.4f +- %.4f nats "
                 "an utterance).", fit->held.window_length, fit->held.window_own ? "interactions" : "labels heard",
                 fit->held.lead, fit->held.lead_se);
}

void fit_put_verdict(const transcript_fit *fit, qsg_result *result)
{
    const fresh_runs *fresh = &fit->fresh;
    const size_t K = fit->model->labels;
    const outcome_kind kind = kind_of(fit);
    const char *worst = "", *gamma = K == 2 ? "of the field alone, without temper and innovation"
                                            : "of the field's span alone, without temper and innovation";
    const double p = misfit_p(fit, &worst);
    char text[2000];
    qsg_result_number(result, "gamma.value", fresh->gamma, "", QSG_OBSERVED, gamma);
    qsg_result_number(result, "gamma.low", fresh->gamma_low, "", QSG_OBSERVED, "95%, delta method");
    qsg_result_number(result, "gamma.high", fresh->gamma_high, "", QSG_OBSERVED, "95%, delta method");
    qsg_result_integer(result, "fresh.games", (int64_t)fresh->games, "", QSG_INPUT, "played to U = 0.95");
    qsg_result_vector(result, "fresh.probability", K, fresh->wins, "", QSG_SIMULATED, "that a fresh run ends on the label");
    qsg_result_number(result, "fresh.open", fresh->open, "", QSG_SIMULATED, "without consensus in the time simulated");
    qsg_result_number(result, "crossover_population", fresh->crossover, "agents",
                      fresh->crossover_played ? QSG_SIMULATED : QSG_ASYMPTOTIC, "beyond it the favoured label wins");
    qsg_result_text(result, "crossover_method", fresh->crossover_method, "");
    qsg_result_text(result, "regime", regime_of(fit, kind), "");
    qsg_result_text(result, "outcome", kind_names[kind], "");
    qsg_result_flag(result, "lottery", kind == LOTTERY, "no label is favoured beyond chance");
    qsg_result_number(result, "fit.p_value", p, "", QSG_OBSERVED, "smallest of residuals, calibration, winners, S(t); Bonferroni");
    if (!isnan(p))
        qsg_result_flag(result, "describes_data", p >= MISFIT, "fit.p_value is not below 0.01");
    say_verdict(fit, kind, text, sizeof text);
    qsg_result_text(result, "verdict", text, "");
}
