/* The outcome of the law suite as a result.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/validate.h"

enum { TESTS, STATISTIC, P_VALUE, TOLERANCE, ERROR, EXPONENT, EXPONENT_SE, LIMIT, LIMIT_SE, PASS, NUMBERS };

static void numbers_of(const qsg_law_outcome *o, double out[NUMBERS])
{
    const double all[NUMBERS] = {
        [TESTS] = (double)o->tests, [STATISTIC] = o->statistic,      [P_VALUE] = o->p_value,
        [ERROR] = o->error,         [TOLERANCE] = o->tolerance,      [EXPONENT] = o->exponent,
        [EXPONENT_SE] = o->exponent_se, [LIMIT] = o->limit,          [LIMIT_SE] = o->limit_se,
        [PASS] = o->pass,
    };
    for (int c = 0; c < NUMBERS; c++)
        out[c] = all[c];
}

static void report_laws(const qsg_validation *self, const char **texts, double *values, qsg_result *result)
{
    static const struct { const char *name, *path, *meaning; } columns[NUMBERS] = {
        {"tests", "laws[].tests", "p values or deviations that were judged"},
        {"statistic", "laws[].statistic", "the most extreme of them: standard errors, T^2 or chi-squared"},
        {"p_value", "laws[].p_value", "of an exact law, Bonferroni over its tests"},
        {"tolerance", "laws[].tolerance", "smallest p_value (Holm over the exact laws) or largest |error| that passes"},
        {"error", "laws[].error", "deviation of a law that is not exact, at the largest population"},
        {"exponent", "laws[].exponent", "the deviation goes as N to this power, where it stands out of the noise"},
        {"exponent_se", "laws[].exponent_se", "its standard error"},
        {"limit", "laws[].limit", "deviation extrapolated to N = infinity"},
        {"limit_se", "laws[].limit_se", "its standard error"},
        {"pass", "laws[].pass", ""},
    };
    const size_t n = self->n;
    for (size_t i = 0; i < n; i++) {
        double row[NUMBERS];
        numbers_of(&self->laws[i], row);
        texts[i] = self->laws[i].law->name;
        texts[n + i] = qsg_law_kind_name(self->laws[i].law->kind);
        texts[2 * n + i] = self->laws[i].law->statement;
        for (int c = 0; c < NUMBERS; c++)
            values[(size_t)c * n + i] = row[c];
    }
    qsg_result_text_column(result, "law", "laws[].name", n, texts, "doc/theory/validate.md");
    qsg_result_text_column(result, "kind", "laws[].kind", n, texts + n, "how it is tested");
    qsg_result_flag_column(result, "pass", "laws[].pass", n, values + PASS * n, "");
    for (size_t c = 0; c < PASS; c++) {
        qsg_result_column(result, columns[c].name, columns[c].path, n, values + c * n, "", QSG_SIMULATED,
                          columns[c].meaning);
        if (c == TESTS)
            qsg_result_whole_numbers(result);
    }
    qsg_result_text_column(result, "statement", "laws[].statement", n, texts + 2 * n, "");
}

/* Where the paper's forms fail. */
static void report_validity(const qsg_validation *self, const char **texts, double *values, qsg_result *result)
{
    const size_t n = self->n_validity;
    for (size_t i = 0; i < n; i++) {
        const qsg_validity *v = &self->validity[i];
        texts[i] = v->law;
        values[i] = v->bandwidth;
        values[n + i] = isfinite(v->agents) ? v->agents : NAN;
        values[2 * n + i] = v->alpha[0];
        values[3 * n + i] = v->alpha[1];
    }
    qsg_result_next_table(result);
    qsg_result_text_column(result, "mean_field_law", "validity[].law", n, texts, "of the paper");
    qsg_result_column(result, "m", "validity[].bandwidth", n, values, "", QSG_INPUT, "bandwidth");
    qsg_result_column(result, "N", "validity[].agents", n, values + n, "agents", QSG_INPUT, "- : N = infinity");
    qsg_result_column(result, "alpha_1", "validity[].alpha_1_percent", n, values + 2 * n, "", QSG_NUMERICAL,
                      "smallest alpha at which it is off by 1%; - : none");
    qsg_result_column(result, "alpha_10", "validity[].alpha_10_percent", n, values + 3 * n, "", QSG_NUMERICAL,
                      "by 10%");
}

void qsg_validation_report(const qsg_validation *self, qsg_result *result)
{
    static const char *const efforts[] = {"quick", "default", "thorough"};
    const size_t most = self->n > self->n_validity ? self->n : self->n_validity;
    const char **texts = malloc((3 * most + 1) * sizeof *texts);
    double *values = malloc((NUMBERS * most + 1) * sizeof *values);
    qsg_result_text(result, "effort", efforts[self->effort], "");
    qsg_result_integer(result, "seed", (int64_t)self->seed, "", QSG_INPUT, "");
    for (size_t i = 0; i < self->n; i++)
        if (self->laws[i].mutated)
            qsg_result_text(result, "mutated", self->laws[i].law->name, self->laws[i].law->mutation);
    qsg_result_integer(result, "passed", (int64_t)self->passed, "laws", QSG_SIMULATED, "");
    qsg_result_integer(result, "failed", (int64_t)(self->n - self->passed), "laws", QSG_SIMULATED,
                       "false alarms of all exact laws together: 1e-4");
    if (texts && values) {
        report_laws(self, texts, values, result);
        if (self->n_validity)
            report_validity(self, texts, values, result);
    } else {
        qsg_result_fail(result, QSG_ENOMEM);
    }
    free(texts);
    free(values);
}

void qsg_law_report(const qsg_law_outcome *self, qsg_result *result)
{
    enum { SERIES, X, THEORY, OBSERVED, SE, Z, COLUMNS };
    static const char *const names[COLUMNS] = {"series", "x", "theory", "observed", "se", "z"};
    static const qsg_basis theories[] = {[QSG_LAW_EXACT] = QSG_EXACT, [QSG_LAW_ASYMPTOTIC] = QSG_ASYMPTOTIC,
                                         [QSG_LAW_MEANFIELD] = QSG_MEANFIELD};
    const qsg_basis bases[COLUMNS] = {QSG_INPUT, QSG_INPUT, theories[self->law->kind], QSG_SIMULATED, QSG_SIMULATED,
                                      QSG_SIMULATED};
    const size_t n = self->n_points;
    double *values = malloc((COLUMNS * n + 1) * sizeof *values);
    const char **texts = malloc((n + 1) * sizeof *texts);
    for (size_t i = 0; values && texts && i < n; i++) {
        const qsg_law_point *p = &self->points[i];
        const double row[COLUMNS] = {(double)p->series, p->x, p->theory, p->observed, p->se,
                                     p->se > QSG_LAW_ROUNDING ? (p->observed - p->theory) / p->se : NAN};
        for (int c = 0; c < COLUMNS; c++)
            values[(size_t)c * n + i] = row[c];
        texts[i] = self->series[p->series];
    }
    qsg_result_text(result, "law", self->law->name, self->law->statement);
    qsg_result_text(result, "kind", qsg_law_kind_name(self->law->kind), "");
    if (n) { /* for the figure */
        qsg_result_integer(result, "points", (int64_t)n, "", QSG_INPUT, "");
        qsg_result_integer(result, "relative", strncmp(self->law->y, "P", 1) != 0, "", QSG_INPUT,
                           "the figure shows ratios");
        qsg_result_number(result, "first_n", self->points[0].x, "", QSG_INPUT, "");
        qsg_result_number(result, "last_n", self->points[n - 1].x, "", QSG_INPUT, "");
    }
    qsg_result_text(result, "xlabel", self->law->x, "");
    qsg_result_text(result, "ylabel", self->law->y, "");
    qsg_result_integer(result, "series_count", (int64_t)self->n_series, "", QSG_INPUT, "");
    for (size_t i = 0; i < self->n_series; i++) {
        char path[32];
        snprintf(path, sizeof path, "series_%zu", i);
        qsg_result_text(result, path, self->series[i], "");
    }
    if (values && texts) {
        for (size_t c = 0; c < COLUMNS; c++)
            qsg_result_column(result, names[c], names[c], n, values + c * n, "", bases[c], "");
        qsg_result_text_column(result, "setting", "setting", n, texts, "");
    } else {
        qsg_result_fail(result, QSG_ENOMEM);
    }
    free(values);
    free(texts);
}
