/* Fits of trajectories as a result (doc/theory/transcripts.md, eq. 14-15).  SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "infer/fit_trajectory.h"

#define REJECTED 0.01

enum { MOST_INDEX = 4096 }; /* agents up to which series.N is element N of an array in JSON; a member named N beyond */

static double spread_of(double low, double high)
{
    return log(high / low) / (2 * Z95);
}

/* A weighted mean of ln alpha over the sizes with a sharp interval. */
typedef struct {
    double weight, mean, q; /* q: Cochran's */
    size_t used;
} pooled;

static pooled pool(const trajectory_fit *fits, size_t n)
{
    pooled out = {0};
    for (size_t g = 0; g < n; g++) {
        if (!fits[g].sharp)
            continue;
        const double s = spread_of(fits[g].exact.range.low, fits[g].exact.range.high);
        out.weight += 1 / (s * s);
        out.mean += log(fits[g].exact.alpha) / (s * s);
        out.used++;
    }
    out.mean /= out.weight;
    for (size_t g = 0; g < n; g++)
        if (fits[g].sharp) {
            const double s = spread_of(fits[g].exact.range.low, fits[g].exact.range.high);
            out.q += pow((log(fits[g].exact.alpha) - out.mean) / s, 2);
        }
    return out;
}

/* What the bounds of the search say about an estimate and its interval; NULL when both are inside. */
static const char *note_of(search_place place, const qsg_neutral_range *range, double highest, size_t room, char *text)
{
    const bool none = !(range->low > 0);
    char at[64] = "";
    if (place != PLACE_INSIDE)
        snprintf(at, sizeof at, "at the %s bound of the search (%g), ", place == PLACE_LOWEST ? "lower" : "upper",
                 place == PLACE_LOWEST ? QSG_NEUTRAL_ALPHA_MIN : highest);
    if (place == PLACE_INSIDE && !none && !range->low_bound && !range->high_bound)
        return NULL;
    snprintf(text, room, "%s%s", at,
             none && place == PLACE_INSIDE          ? "no interval: no alpha near it makes such means usual"
             : none                                 ? "no interval"
             : range->low_bound && range->high_bound ? "interval open: every alpha searched fits"
             : range->low_bound                     ? "interval open below"
                                                    : "interval up to the largest alpha possible");
    return text;
}

static void put_alpha(qsg_result *result, const char *name, double value, const qsg_neutral_range *range, const char *note,
                      const char *what)
{
    char path[3][64], meaning[192];
    static const char *const ends[] = {"value", "low", "high"};
    for (int i = 0; i < 3; i++)
        snprintf(path[i], sizeof path[i], "estimates.%s.%s", name, ends[i]);
    snprintf(meaning, sizeof meaning, "%s%s%s", what, note ? "; " : "", note ? note : "");
    qsg_result_number(result, path[0], value, "", QSG_OBSERVED, meaning);
    qsg_result_number(result, path[1], range->low, "", QSG_OBSERVED, range->low_bound ? "95%; the end of the search, not of the interval" : "95%");
    qsg_result_number(result, path[2], range->high, "", QSG_OBSERVED, range->high_bound ? "95%; the largest alpha possible" : "95%");
}

/* One alpha for all: the mean of ln alpha in inverse variances, and whether they differ (eq. 14). */
static void put_joint(const trajectory_fit *fits, size_t n, qsg_result *result)
{
    const qsg_neutral_fit *first = &fits[0].exact;
    char text[128];
    if (n == 1) {
        const char *note = note_of(fits->place, &first->range, fits->highest, sizeof text, text);
        put_alpha(result, "alpha", first->alpha, &first->range, note, "least squares on the exact law");
        if (note)
            qsg_result_text(result, "estimates.alpha.note", note, "");
        if (first->other > 0)
            put_alpha(result, "alpha_other", first->other, &first->other_range, NULL, "fits as well");
        return;
    }
    const pooled all = pool(fits, n);
    if (all.used < n)
        snprintf(text, sizeof text, "of %zu sizes %zu have an interval inside the search: %s", n, all.used,
                 all.used < 2 ? "no common alpha" : "the others take no part");
    if (all.used < n)
        qsg_result_text(result, "estimates.alpha.note", text, "");
    if (all.used < 2)
        return;
    const double half = Z95 / sqrt(all.weight);
    const qsg_neutral_range range = {exp(all.mean - half), exp(all.mean + half), false, false};
    put_alpha(result, "alpha", exp(all.mean), &range, NULL, "one alpha for all sizes: mean of ln alpha, inverse variances");
    qsg_result_number(result, "same_alpha.p_value", gsl_cdf_chisq_Q(all.q, (double)all.used - 1), "", QSG_OBSERVED,
                      "that all sizes have one alpha; Cochran's Q, asymptotic");
}

/* The power of N with which the slow rate falls: weighted least squares in logarithms (eq. 15). */
static void put_scaling(const trajectory_fit *fits, size_t n, qsg_result *result)
{
    double w = 0, x = 0, y = 0, xx = 0, xy = 0;
    size_t used = 0;
    for (size_t g = 0; g < n; g++) {
        if (!fits[g].sharp || !(fits[g].rate_low > 0 && fits[g].rate_high > fits[g].rate_low))
            continue;
        const double s = spread_of(fits[g].rate_low, fits[g].rate_high), v = 1 / (s * s);
        const double u = log((double)fits[g].agents), z = log(fits[g].rate);
        w += v;
        x += v * u;
        y += v * z;
        xx += v * u * u;
        xy += v * u * z;
        used++;
    }
    if (used < 2)
        return;
    const double room = xx - x * x / w, slope = (xy - x * y / w) / room, half = Z95 / sqrt(room);
    qsg_result_number(result, "scaling.exponent.value", slope, "", QSG_OBSERVED, "slow rate ~ N^exponent, from each size's alpha; -2 for one alpha in large N");
    qsg_result_number(result, "scaling.exponent.low", slope - half, "", QSG_OBSERVED, "95%, normal");
    qsg_result_number(result, "scaling.exponent.high", slope + half, "", QSG_OBSERVED, "95%, normal");
    qsg_result_integer(result, "scaling.sizes", (int64_t)used, "", QSG_OBSERVED, "sizes with an interval of alpha inside its range");
}

/* A column of one number a group. */
static void put_column(const trajectory_fit *fits, size_t n, double (*get)(const trajectory_fit *), const char *name, const char *unit,
                       const char *meaning, qsg_result *result)
{
    char path[64];
    double *values = malloc(n * sizeof *values);
    for (size_t g = 0; values && g < n; g++)
        values[g] = get(&fits[g]);
    snprintf(path, sizeof path, "groups[].%s", name);
    if (values)
        qsg_result_column(result, name, path, n, values, unit, QSG_OBSERVED, meaning);
    else
        qsg_result_fail(result, QSG_ENOMEM);
    free(values);
}

static double get_agents(const trajectory_fit *f) { return (double)f->agents; }
static double get_runs(const trajectory_fit *f) { return (double)f->runs; }
static double get_alpha(const trajectory_fit *f) { return f->exact.alpha; }
static double get_low(const trajectory_fit *f) { return f->exact.range.low; }
static double get_high(const trajectory_fit *f) { return f->exact.range.high; }
static double get_other(const trajectory_fit *f) { return f->exact.other; }
static double get_p(const trajectory_fit *f) { return f->exact.test.p_value; }
static double get_paper(const trajectory_fit *f) { return f->has_paper ? f->paper.alpha : NAN; }
static double get_paper_low(const trajectory_fit *f) { return f->has_paper ? f->paper.range.low : NAN; }
static double get_paper_high(const trajectory_fit *f) { return f->has_paper ? f->paper.range.high : NAN; }
static double get_paper_p(const trajectory_fit *f) { return f->has_paper ? f->paper.test.p_value : NAN; }
static double get_rate(const trajectory_fit *f) { return f->rate; }
static double get_rate_low(const trajectory_fit *f) { return f->rate_low; }
static double get_rate_high(const trajectory_fit *f) { return f->rate_high; }

/* The notes, a column of their own: numbers that are the same at a bound as inside are told apart by them alone. */
static void put_notes(const trajectory_fit *fits, size_t n, bool paper, qsg_result *result)
{
    enum { ROOM = 128 };
    char *text = malloc(n * ROOM);
    const char **notes = malloc(n * sizeof *notes);
    for (size_t g = 0; text && notes && g < n; g++) {
        notes[g] = note_of(paper ? fits[g].paper_place : fits[g].place, paper ? &fits[g].paper.range : &fits[g].exact.range,
                           fits[g].highest, ROOM, text + g * ROOM);
        notes[g] = notes[g] && (!paper || fits[g].has_paper) ? notes[g] : "inside the search";
    }
    if (text && notes)
        qsg_result_text_column(result, paper ? "meanfield_note" : "note", paper ? "groups[].meanfield_note" : "groups[].note", n, notes,
                               paper ? "on alpha_meanfield" : "on alpha: whether a bound of the search is met");
    else
        qsg_result_fail(result, QSG_ENOMEM);
    free(text);
    free(notes);
}

static void put_groups(const trajectory_fit *fits, size_t n, qsg_result *result)
{
    static const struct {
        double (*get)(const trajectory_fit *);
        const char *name, *unit, *meaning;
    } columns[] = {
        {get_agents, "agents", "", "N"}, {get_runs, "runs", "", ""},
        {get_alpha, "alpha", "", "least squares on the exact law"}, {get_low, "alpha_low", "", "95%"}, {get_high, "alpha_high", "", "95%"},
        {get_other, "alpha_other", "", "another alpha that fits as well"},
        {get_p, "p_value", "", "of the exact law: T^2 beside that of played populations"},
        {get_paper, "alpha_meanfield", "", "least squares on the paper's law"}, {get_paper_low, "meanfield_low", "", "95%"},
        {get_paper_high, "meanfield_high", "", "95%"}, {get_paper_p, "meanfield_p_value", "", "of the paper's law"},
        {get_rate, "slow_rate", "per interaction", "at alpha"}, {get_rate_low, "rate_low", "per interaction", "95%"},
        {get_rate_high, "rate_high", "per interaction", "95%"}};
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
        put_column(fits, n, columns[c].get, columns[c].name, columns[c].unit, columns[c].meaning, result);
        if (c < 2)
            qsg_result_whole_numbers(result);
    }
    put_notes(fits, n, false, result);
    if (fits->has_paper)
        put_notes(fits, n, true, result);
}

static void put_series(const trajectory_fit *f, bool keys, qsg_result *result)
{
    const bool spread = f->scatter == QSG_SCATTER_SPREAD;
    char name[32], path[64];
    const struct {
        const char *end, *unit, *meaning;
        const double *values;
        qsg_basis basis;
    } columns[] = {{"time", "interactions", name, f->time, QSG_INPUT},
                   {"value", "", "mean over runs", f->mean, QSG_OBSERVED},
                   {"se", "", spread ? "of that mean, between runs; absent at times that were not fitted"
                                     : "of that mean, from the law at alpha; absent at times that were not fitted", f->se,
                    spread ? QSG_OBSERVED : QSG_SIMULATED},
                   {"fit", "", "at the group's alpha", f->law, QSG_EXACT},
                   {"meanfield", "", "at alpha_meanfield", f->law_paper, QSG_MEANFIELD}};
    snprintf(name, sizeof name, "%llu agents", (unsigned long long)f->agents);
    qsg_result_next_table(result);
    for (int i = 0; i < 4 + f->has_paper; i++) {
        snprintf(path, sizeof path, keys ? "series.\\%llu.%s" : "series.%llu.%s", (unsigned long long)f->agents, columns[i].end);
        qsg_result_column(result, columns[i].end, path, f->times, columns[i].values, columns[i].unit, columns[i].basis,
                          columns[i].meaning);
    }
}

static const char *scatter_text(const trajectory_fit *fits, size_t n)
{
    qsg_trajectory_scatter worst = QSG_SCATTER_PLAYED;
    for (size_t g = 0; g < n; g++)
        worst = fits[g].scatter > worst ? fits[g].scatter : worst;
    return worst == QSG_SCATTER_PLAYED      ? "played populations"
           : worst == QSG_SCATTER_DIFFUSION ? "paths of the diffusion limit"
                                            : "spread between runs: intervals are somewhat too short";
}

void trajectory_report(const trajectory_fit *fits, size_t n, qsg_series_kind kind, qsg_result *result)
{
    double least = 1;
    bool tested = false;
    char verdict[320];
    for (size_t g = 0; g < n; g++)
        if (fits[g].exact.test.p_value >= 0) {
            least = fmin(least, (double)n * fits[g].exact.test.p_value);
            tested = true;
        }
    qsg_result_text(result, "data.quantity", kind == QSG_SERIES_S ? "S" : "U", "what the runs tell");
    put_joint(fits, n, result);
    put_scaling(fits, n, result);
    qsg_result_text(result, "scatter", scatter_text(fits, n), "what intervals and p values rest on");
    qsg_result_number(result, "fit.p_value", tested ? least : NAN, "", QSG_OBSERVED,
                      "that the exact neutral law holds; Bonferroni over sizes");
    if (tested) {
        qsg_result_flag(result, "describes_data", least >= REJECTED, "fit.p_value is not below 0.01");
        snprintf(verdict, sizeof verdict, "Drift by copying %s the data (p = %.2g).", least >= REJECTED ? "describes" : "does not describe",
                 least);
    } else {
        snprintf(verdict, sizeof verdict, "Whether drift by copying describes the data cannot be told: too few times were observed.");
    }
    const char *note = qsg_result_get_text(result, "estimates.alpha.note");
    if (note)
        snprintf(verdict + strlen(verdict), sizeof verdict - strlen(verdict), " Alpha: %s.", note);
    qsg_result_text(result, "verdict", verdict, "");
    put_groups(fits, n, result);
    for (size_t g = 0; g < n; g++)
        put_series(&fits[g], fits[n - 1].agents > MOST_INDEX, result);
}
