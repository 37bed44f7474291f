/* Asymptotic laws against simulation: how far off they are, and how that falls with N.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/compare_limits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/broadcast.h"
#include "qsg/compare.h"
#include "qsg/kinetic.h"
#include "qsg/predict.h"
#include "study/compare_path.h"
#include "study/compare_private.h"
#include "study/sizes.h"

/* The linear stage of amplification: the mean moves by e from the first time to the second, ends below this distance from
 * 1/2, and starts when its noise has grown e-fold. */
#define LINEAR_END 0.1

enum { AGENTS, P, P_SIM, P_SE, P_OFF, T, T_SIM, T_SE, T_OFF, COLUMNS,
       P_BASIS = COLUMNS, T_BASIS, T_ERROR, CELLS }; /* of a row of the table, and what its theory is */

typedef struct {
    size_t labels;
    uint64_t runs, unresolved, *wins;
    double time_mean, time_square; /* Welford */
} winners;

static qsg_status count_winner(void *context, const qsg_outcome *outcome)
{
    winners *w = context;
    w->runs++;
    if (!outcome->resolved) {
        w->unresolved++;
        return QSG_OK;
    }
    w->wins[outcome->leader]++;
    const double off = outcome->consensus_time - w->time_mean;
    w->time_mean += off / (double)w->runs;
    w->time_square += off * (outcome->consensus_time - w->time_mean);
    return QSG_OK;
}

/* Which mean time theory has: to fixation, to the threshold (of a broadcast), of amplification. */
static const char *const time_paths[] = {"fixation.mean_time", "fixation.threshold_time", "amplification.mean_time"};
enum { TO_FIXATION, TO_THRESHOLD, OF_AMPLIFICATION, TIME_PATHS };

static int time_kind(const qsg_result *prediction)
{
    int kind = 0;
    while (kind < TIME_PATHS - 1 && isnan(qsg_result_get(prediction, time_paths[kind])))
        kind++;
    return kind;
}

static double time_of(const qsg_result *prediction)
{
    return qsg_result_get(prediction, time_paths[time_kind(prediction)]);
}

/* Why sizes have no time in theory. */
static void say_no_time(double rows[SIZES][CELLS], size_t n, qsg_result *result)
{
    char text[160] = "";
    size_t used = 0;
    double error = NAN;
    for (size_t i = 0; i < n; i++)
        if (isnan(rows[i][T])) {
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%.0f", used ? ", " : "no T at N = ", rows[i][AGENTS]);
            error = fmax(error, rows[i][T_ERROR]); /* ignores NaN */
        }
    if (error > 0)
        snprintf(text + used, sizeof text - used, ": theory may be off by %.0f%%, too much to be shown", 100 * error);
    else
        snprintf(text + used, sizeof text - used, ": theory has no mean time there");
    if (used)
        qsg_result_text(result, "sizes.time_note", text, "");
}

static double basis_of(const qsg_result *prediction, const char *path)
{
    qsg_basis basis;
    return qsg_result_get_basis(prediction, path, &basis) ? NAN : basis;
}

/* Winners and times of one ensemble into an emptied w. */
static qsg_status count_winners(const qsg_model *model, const qsg_ensemble_request *ask, winners *w, qsg_error *error)
{
    memset(w->wins, 0, w->labels * sizeof *w->wins);
    *w = (winners){.labels = w->labels, .wins = w->wins};
    return qsg_ensemble_run(model, ask, count_winner, w, error);
}

static void take_time(const winners *w, double row[CELLS])
{
    const double runs = (double)w->runs;
    row[T_SIM] = w->time_mean;
    row[T_SE] = sqrt(w->time_square / (runs * (runs - 1)));
    row[T_OFF] = w->time_mean / row[T] - 1;
}

/* What is asked of every size alike. */
typedef struct {
    size_t label;
    int kind;        /* of time */
    double winning;  /* U at which a winner is known */
} question;

/* Mean time of the kind asked; that of a broadcast to the threshold is worked out where predict has the diffusion's instead, which
 * is a limit of small alpha and so no nearer at larger N. */
static double theory_time(const qsg_model *theory, const qsg_result *prediction, int kind, double consensus)
{
    static const double level = 0.5;
    double median;
    qsg_broadcast_wait wait;
    const double known = qsg_result_get(prediction, time_paths[kind]);
    if (kind != TO_THRESHOLD || !isnan(known))
        return known;
    return qsg_broadcast_time(theory, consensus, 1, &level, &median, &wait, NULL) ? NAN : wait.mean;
}

static question question_of(const qsg_model *theory, const qsg_result *prediction, size_t label, double consensus)
{
    const bool broadcast = theory->exchange == QSG_BROADCAST && !isnan(theory_time(theory, prediction, TO_THRESHOLD, consensus));
    const int kind = broadcast ? TO_THRESHOLD : time_kind(prediction);
    const bool crowd = kind == OF_AMPLIFICATION && !isnan(time_of(prediction));
    return (question){label, kind, crowd ? consensus : fmax(consensus, NEAR_FIXATION)};
}

/* One size: theory, ensemble, and their difference.  w keeps the counts of this size. */
static qsg_status compare_size(const qsg_model *model, const qsg_model *theory, const qsg_ensemble_request *request,
                               const qsg_result *prediction, const question *asked, winners *w, double row[CELLS],
                               qsg_error *error)
{
    const double rate = qsg_result_get(prediction, "slow_rate");
    const double *p = qsg_result_get_vector(prediction, "fixation.probability", NULL);
    const size_t label = asked->label;
    qsg_ensemble_request ask = *request;
    ask.n = 0;
    ask.times = NULL;
    ask.horizon = fmax(ask.horizon, rate > 0 ? fmin(ceil(PATIENCE / rate), 1e18) : 0);
    for (int c = 0; c < CELLS; c++)
        row[c] = NAN;
    row[AGENTS] = (double)model->agents;
    row[P] = p ? p[label] : NAN;
    row[T] = theory_time(theory, prediction, asked->kind, request->consensus);
    row[T_ERROR] = qsg_result_get(prediction, "fixation.time_error");
    row[P_BASIS] = p ? basis_of(prediction, "fixation.probability") : NAN;
    row[T_BASIS] = isnan(row[T]) ? NAN : asked->kind == TO_THRESHOLD ? QSG_ASYMPTOTIC : basis_of(prediction, time_paths[asked->kind]);
    if (asked->kind == TO_THRESHOLD) { /* the same runs twice: the time ends at the threshold, the winner is known later */
        const qsg_status status = count_winners(model, &ask, w, error);
        if (status)
            return status;
        if (!w->unresolved)
            take_time(w, row);
    }
    ask.consensus = asked->winning;
    const qsg_status status = count_winners(model, &ask, w, error);
    if (status || w->unresolved)
        return status; /* what the others did is not the law */
    const double runs = (double)w->runs, share = (double)w->wins[label] / runs;
    row[P_SIM] = share;
    row[P_SE] = sqrt(fmax(share * (1 - share), 1 / runs) / runs); /* all or none: as if one had been otherwise */
    row[P_OFF] = share - row[P];
    if (asked->kind != TO_THRESHOLD)
        take_time(w, row);
    return QSG_OK;
}

/* The mean belief at two times of the linear stage. */
typedef struct {
    double sum[2];
    uint64_t runs;
} linear_stage;

static qsg_status add_stage(void *context, const qsg_outcome *outcome)
{
    linear_stage *stage = context;
    for (int i = 0; i < 2; i++)
        stage->sum[i] += (outcome->shares[2 * i] - 0.5) * (outcome->shares[2 * i] - 0.5);
    stage->runs++;
    return QSG_OK;
}

/* Growth rate of the mean's variance in the linear stage of amplification, where the population is large enough for one.
 * The variance grows as e^{2 rate tau} - 1 times sigma^2/N (doc/theory/kinetic.md). */
static qsg_status report_growth(const qsg_model *model, const qsg_model *theory, const qsg_ensemble_request *request,
                                qsg_result *result, qsg_error *error)
{
    const double n = (double)model->agents;
    qsg_amplification a;
    if (qsg_kinetic_consensus(theory, request->consensus, &a, NULL) != QSG_OK)
        return QSG_OK;
    const double end = log(LINEAR_END * sqrt(n) / a.noise) / a.rate, begin = end - 1 / a.rate;
    if (!(begin * a.rate >= 1))
        return QSG_OK;
    const double times[2] = {nearbyint(n * begin), nearbyint(n * end)};
    linear_stage stage = {0};
    qsg_ensemble_request ask = *request;
    ask.times = times;
    ask.n = 2;
    ask.horizon = 0;
    ask.want_shares = true;
    qsg_status status = qsg_ensemble_run(model, &ask, add_stage, &stage, error);
    if (status)
        return status;
    const double runs = (double)stage.runs, seed = a.noise * a.noise / n, rounds = (times[1] - times[0]) / n;
    const double rate = log((stage.sum[1] / runs + seed) / (stage.sum[0] / runs + seed)) / (2 * rounds);
    const double se = sqrt(4 / runs) / (2 * rounds);
    qsg_result_number(result, "growth.theory", a.rate, "per round", QSG_MEANFIELD, "growth rate of a deviation");
    qsg_result_number(result, "growth.simulation", rate, "per round", QSG_SIMULATED,
                      "half that of the variance of the mean belief in the linear stage");
    qsg_result_number(result, "growth.se", se, "per round", QSG_SIMULATED, "standard error, an upper bound");
    qsg_result_number(result, "growth.z", (rate - a.rate) / se, "standard errors", QSG_SIMULATED, "");
    return QSG_OK;
}

/* A column of theory is what the least of its rows is: bases stand from exact to mean field. */
static qsg_basis weakest(double rows[SIZES][CELLS], size_t n, int cell)
{
    double basis = NAN;
    for (size_t i = 0; i < n; i++)
        basis = fmax(basis, rows[i][cell]); /* ignores NaN */
    return isnan(basis) ? QSG_ASYMPTOTIC : (qsg_basis)basis;
}

static void report_table(double rows[SIZES][CELLS], size_t n, const question *asked, double consensus, qsg_result *result)
{
    const qsg_basis probability = weakest(rows, n, P_BASIS), time = weakest(rows, n, T_BASIS);
    const struct { const char *name, *path, *unit, *meaning; qsg_basis basis; } columns[COLUMNS] = {
        {"N", "sizes.agents", "agents", "", QSG_INPUT},
        {"P", "sizes.probability", "", "that the label wins, in theory", probability},
        {"P_mean", "sizes.probability_mean", "", "share of runs that it won", QSG_SIMULATED},
        {"P_se", "sizes.probability_se", "", "standard error", QSG_SIMULATED},
        {"P_off", "sizes.probability_deviation", "", "P_mean - P", QSG_SIMULATED},
        {"T", "sizes.time", "interactions", "mean time to sizes.threshold, in theory", time},
        {"T_mean", "sizes.time_mean", "interactions", "mean over runs", QSG_SIMULATED},
        {"T_se", "sizes.time_se", "interactions", "standard error", QSG_SIMULATED},
        {"T_off", "sizes.time_deviation", "", "T_mean/T - 1", QSG_SIMULATED},
    };
    double values[COLUMNS][SIZES], time_error[SIZES];
    for (int c = 0; c < COLUMNS; c++)
        for (size_t i = 0; i < n; i++)
            values[c][i] = rows[i][c];
    for (size_t i = 0; i < n; i++)
        time_error[i] = rows[i][T_SE] / rows[i][T];
    qsg_result_integer(result, "label", (int64_t)asked->label + 1, "", QSG_INPUT, "whose winning probability the table shows");
    qsg_result_text(result, "sizes.probability_basis", qsg_basis_name(probability), "of P, at the sizes together");
    qsg_result_text(result, "sizes.time_basis", qsg_basis_name(time), "of T");
    qsg_result_number(result, "sizes.threshold", asked->kind == TO_THRESHOLD ? consensus : asked->winning, "", QSG_INPUT,
                      "U at which T is taken");
    say_no_time(rows, n, result);
    sizes_report_exponent(values[AGENTS], values[P_OFF], values[P_SE], n, "fixation.exponent",
                          "the deviation of P goes as N to this power", result);
    sizes_report_exponent(values[AGENTS], values[T_OFF], time_error, n, "fixation.time_exponent",
                          "the relative deviation of T goes as N to this power", result);
    for (int c = 0; c < COLUMNS; c++)
        qsg_result_column(result, columns[c].name, columns[c].path, n, values[c], columns[c].unit, columns[c].basis,
                          columns[c].meaning);
}

/* Winners of the largest size for every label, and the verdict. */
static void report_winners(const winners *w, const qsg_result *prediction, size_t label, const double *row,
                           double *buffer, qsg_result *result)
{
    const double runs = (double)w->runs, *p = qsg_result_get_vector(prediction, "fixation.probability", NULL);
    qsg_basis basis = QSG_ASYMPTOTIC;
    double *share = buffer, *se = share + w->labels, *z = se + w->labels;
    const char *method = qsg_result_get_text(prediction, "fixation.method");
    for (size_t k = 0; k < w->labels; k++) {
        share[k] = (double)w->wins[k] / runs;
        se[k] = sqrt(fmax(share[k] * (1 - share[k]), 1 / runs) / runs);
        z[k] = p ? (share[k] - p[k]) / se[k] : NAN;
    }
    qsg_result_text(result, "fixation.method", method ? method : "none", "");
    if (p) {
        qsg_result_get_basis(prediction, "fixation.probability", &basis);
        qsg_result_vector(result, "fixation.theory", w->labels, p, "", basis, "winning probability");
        if (!w->unresolved) {
            qsg_result_vector(result, "fixation.simulation", w->labels, share, "", QSG_SIMULATED, "share of runs won");
            qsg_result_vector(result, "fixation.se", w->labels, se, "", QSG_SIMULATED, "standard errors");
            qsg_result_vector(result, "fixation.z", w->labels, z, "standard errors", QSG_SIMULATED, "");
        }
    }
    qsg_result_integer(result, "unresolved", (int64_t)w->unresolved, "runs", QSG_SIMULATED,
                       "short of consensus when they stopped");
    if (p && basis == QSG_EXACT && !w->unresolved) {
        double others = 0;
        for (size_t k = 0; k < w->labels; k++)
            others += k == label ? 0 : p[k];
        const double p_value = compare_binomial(p[label], others, w->wins[label], w->runs);
        qsg_result_number(result, "p_value", p_value, "", QSG_SIMULATED, "of the label's wins, binomial");
        qsg_result_flag(result, "agree", p_value >= QSG_COMPARE_LEVEL, COMPARE_RULE "; the law is exact");
        return;
    }
    char text[200] = "theory has neither winners nor times here";
    if (w->unresolved)
        snprintf(text, sizeof text, "%llu of %llu runs were short of consensus when they stopped; expected a longer --horizon",
                 (unsigned long long)w->unresolved, (unsigned long long)w->runs);
    if (!isnan(row[P_OFF]))
        snprintf(text, sizeof text, "a limit, so no pass: at N = %.0f the winning probability is off by %+.4f +- %.4f",
                 row[AGENTS], row[P_OFF], row[P_SE]);
    else if (!isnan(row[T_OFF]))
        snprintf(text, sizeof text, "a limit, so no pass: at N = %.0f the consensus time is off by %+.1f%%", row[AGENTS],
                 100 * row[T_OFF]);
    qsg_result_text(result, "verdict", text, "");
}

/* The label whose chance theory changes most. */
static size_t label_of(const qsg_model *theory, const qsg_result *prediction)
{
    const double *p = qsg_result_get_vector(prediction, "fixation.probability", NULL);
    size_t label = 0;
    for (size_t k = 1; p && k < theory->labels; k++)
        if (isnan(p[label]) || /* too rare to be known */
            fabs(p[k] - theory->start.p[k]) > fabs(p[label] - theory->start.p[label]) + 1e-12)
            label = k;
    return label;
}

/* Rows for the sizes from small to large; the last is the model's own and leaves its counts in w. */
static qsg_status compare_sizes(const qsg_model *model, const qsg_model *theory, const qsg_ensemble_request *request,
                                const qsg_result *prediction, const question *asked, winners *w, double rows[SIZES][CELLS],
                                size_t *n, qsg_error *error)
{
    qsg_status status = QSG_OK;
    *n = 0;
    for (int i = SIZES - 1; i > 0 && !status; i--) {
        const uint64_t agents = model->agents >> i;
        const qsg_ensemble_request ask = sizes_request(request, i);
        qsg_model small = {0}, small_theory = {0};
        qsg_result *small_prediction = qsg_result_new();
        if (agents < SMALLEST_SIZE || !small_prediction || sizes_resize(model, agents, &small, NULL) ||
            sizes_resize(theory, agents, &small_theory, NULL)) {
            qsg_model_free(&small);
            qsg_result_free(small_prediction);
            continue;
        }
        status = qsg_predict(&small_theory, &(qsg_predict_request){.consensus = request->consensus}, small_prediction, error);
        if (!status)
            status = compare_size(&small, &small_theory, &ask, small_prediction, asked, w, rows[(*n)++], error);
        qsg_result_free(small_prediction);
        qsg_model_free(&small);
        qsg_model_free(&small_theory);
    }
    return status ? status : compare_size(model, theory, request, prediction, asked, w, rows[(*n)++], error);
}

qsg_status compare_limits(const qsg_model *model, const qsg_model *theory, const qsg_ensemble_request *request,
                          const qsg_result *prediction, qsg_result *result, qsg_error *error)
{
    const double time = time_of(prediction);
    double rows[SIZES][CELLS];
    size_t n;
    const char *law = compare_path_law(prediction);
    const bool only = !qsg_result_get_vector(prediction, "fixation.probability", NULL) && isnan(time);
    if (only && law)
        return compare_path(model, theory, request, law, true, result, error);
    if (only)
        return qsg_fail(error, QSG_EMODEL, "theory predicts neither moments nor winners nor times of this model, so there "
                        "is nothing to compare (--temper %g, --innovation %g); expected a model that 'qsg predict' "
                        "answers with one of them", theory->temper, theory->innovation);
    winners w = {.labels = model->labels, .wins = calloc(model->labels, sizeof *w.wins)};
    double *buffer = malloc(3 * model->labels * sizeof *buffer);
    const size_t label = label_of(theory, prediction);
    const question asked = question_of(theory, prediction, label, request->consensus);
    qsg_status status = w.wins && buffer ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for the winners");
    if (!status)
        status = compare_sizes(model, theory, request, prediction, &asked, &w, rows, &n, error);
    if (!status) {
        qsg_result_integer(result, "runs", (int64_t)request->runs, "", QSG_INPUT, "independent populations a size");
        qsg_result_integer(result, "seed", (int64_t)request->seed, "", QSG_INPUT,
                           "of N; the smaller sizes have random numbers of their own");
        report_winners(&w, prediction, label, rows[n - 1], buffer, result);
        status = report_growth(model, theory, request, result, error);
        report_table(rows, n, &asked, request->consensus, result);
    }
    const char *method = qsg_result_get_text(prediction, "fixation.method");
    const bool alone = method && (!strcmp(method, "symmetry") || !strcmp(method, "none")); /* theory says little of the winners */
    if (!status && law && (alone || !strcmp(law, "U")))
        status = compare_path(model, theory, request, law, false, result, error);
    free(w.wins);
    free(buffer);
    return status;
}
