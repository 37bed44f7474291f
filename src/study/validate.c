/* The law suite: runs the table of laws and judges them (doc/theory/validate.md).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/validate.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "study/validate_private.h"

/* Rounding, of numbers whose natural unit is 1. */
#define NEGLIGIBLE 1e-13

size_t qsg_law_count(void)
{
    return law_table_size;
}

const qsg_law_info *qsg_law_at(size_t i)
{
    return i < law_table_size ? &law_table[i].info : NULL;
}

size_t qsg_law_find(const char *name)
{
    size_t i = 0;
    while (i < law_table_size && strcmp(law_table[i].info.name, name) != 0)
        i++;
    return i;
}

const char *qsg_law_kind_name(qsg_law_kind kind)
{
    static const char *const names[] = {"exact", "asymptotic", "mean field"};
    return names[kind];
}

uint64_t law_runs(const law_run *self, uint64_t quick)
{
    static const uint64_t factor[] = {1, 8, 64};
    return quick * factor[self->request->effort];
}

uint64_t law_limit_runs(const law_run *self, uint64_t quick)
{
    static const uint64_t factor[] = {1, 2, 8};
    return quick * factor[self->request->effort];
}

unsigned law_doublings(const law_run *self)
{
    return (unsigned)self->request->effort;
}

/* Room for one more of `n`, which grows by doubling. */
static qsg_status grow(void *array, size_t n, size_t size, qsg_error *error)
{
    void **at = array;
    if (n & (n - 1))
        return QSG_OK;
    void *larger = realloc(*at, (n ? 2 * n : 1) * size);
    if (!larger)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the points of a law");
    *at = larger;
    return QSG_OK;
}

qsg_status law_series(law_run *self, const char *format, ...)
{
    char text[160];
    qsg_law_outcome *out = self->outcome;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    qsg_status status = grow(&out->series, out->n_series, sizeof *out->series, self->error);
    if (status)
        return status;
    out->series[out->n_series] = strdup(text);
    if (!out->series[out->n_series])
        return qsg_fail(self->error, QSG_ENOMEM, "no memory for the points of a law");
    self->series = out->n_series++;
    return QSG_OK;
}

qsg_status law_point(law_run *self, double x, double theory, double observed, double se)
{
    qsg_law_outcome *out = self->outcome;
    qsg_status status = grow(&out->points, out->n_points, sizeof *out->points, self->error);
    if (!status)
        out->points[out->n_points++] = (qsg_law_point){self->series, x, theory, observed, se};
    return status;
}

void law_judge(law_run *self, double statistic, double p_value)
{
    qsg_law_outcome *out = self->outcome;
    out->tests++;
    if (isnan(out->statistic) || p_value < self->least_p || !(p_value >= 0)) {
        self->least_p = p_value >= 0 ? p_value : 0;
        out->statistic = statistic;
    }
}

qsg_status law_score(law_run *self, double x, double theory, double observed, double se)
{
    const double off = observed - theory, rounding = NEGLIGIBLE * (1 + fabs(theory) + fabs(observed));
    const double z = se > rounding ? off / se : fabs(off) <= 10 * rounding ? 0 : INFINITY;
    law_judge(self, isfinite(z) ? z : 1e9, isfinite(z) ? 2 * gsl_cdf_ugaussian_Q(fabs(z)) : 0);
    return law_point(self, x, theory, observed, se);
}

/* A seed of the suite's seed, the law and the ensemble: FNV-1a, then the finish of MurmurHash3. */
static uint64_t seed_of(const law_run *self)
{
    uint64_t h = UINT64_C(14695981039346656037);
    for (const char *c = self->info->name; *c; c++)
        h = (h ^ (uint64_t)(unsigned char)*c) * UINT64_C(1099511628211);
    const uint64_t words[2] = {self->request->seed, self->ensembles};
    for (size_t i = 0; i < sizeof words; i++)
        h = (h ^ ((words[i / 8] >> (8 * (i % 8))) & 255)) * UINT64_C(1099511628211);
    h = (h ^ (h >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    return h ^ (h >> 33);
}

qsg_ensemble_request law_request(law_run *self, uint64_t runs, const double *times, size_t n)
{
    const uint64_t seed = seed_of(self);
    self->ensembles++;
    return (qsg_ensemble_request){.times = times, .n = n, .runs = runs, .seed = seed, .consensus = 0.95,
                                  .threads = self->request->threads};
}

qsg_ensemble_request law_request_consensus(law_run *self, uint64_t runs, double threshold, double rate)
{
    qsg_ensemble_request request = law_request(self, runs, NULL, 0);
    request.consensus = threshold;
    request.horizon = fmin(ceil(60 / rate), 1e18);
    return request;
}

qsg_status law_model(law_run *self, qsg_model *model, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return qsg_model_parse(model, text, self->error);
}

/* The law `entry` into the next outcome of the suite. */
static qsg_status run_law(qsg_validation *suite, const qsg_validate_request *request, const law_entry *entry,
                          qsg_error *error)
{
    qsg_law_outcome *out = &suite->laws[suite->n++];
    const bool mutated = request->mutate && strcmp(request->mutate, entry->info.name) == 0;
    law_run run = {.request = request, .info = &entry->info, .outcome = out, .suite = suite, .least_p = 1, .worst = -1,
                   .factor = mutated ? entry->info.factor : 1, .error = error};
    *out = (qsg_law_outcome){.law = &entry->info, .mutated = mutated, .pass = true, .statistic = NAN, .p_value = NAN,
                             .error = NAN, .tolerance = NAN, .exponent = NAN, .exponent_se = NAN, .limit = NAN,
                             .limit_se = NAN};
    qsg_status status = entry->test(&run);
    if (!status && entry->info.kind == QSG_LAW_EXACT)
        out->p_value = fmin(1, run.least_p * (double)out->tests);
    return status;
}

/* Holm's correction over all exact laws of the table, of which some may not have been run (taken as passed): the
 * i-th smallest p value must reach level/(laws - i), and so must all smaller ones theirs. */
static void judge_exact(qsg_validation *self)
{
    size_t exact = 0;
    bool open = false;
    for (size_t i = 0; i < law_table_size; i++)
        exact += law_table[i].info.kind == QSG_LAW_EXACT;
    for (size_t i = 0; i < self->n; i++)
        if (self->laws[i].law->kind == QSG_LAW_EXACT)
            self->laws[i].tolerance = -1;
    for (size_t rank = 0; rank < exact; rank++) {
        qsg_law_outcome *next = NULL;
        for (size_t i = 0; i < self->n; i++) {
            qsg_law_outcome *o = &self->laws[i];
            if (o->law->kind == QSG_LAW_EXACT && o->tolerance < 0 && (!next || o->p_value < next->p_value))
                next = o;
        }
        if (!next)
            return;
        next->tolerance = QSG_VALIDATE_LEVEL / (double)(exact - rank);
        open = open || next->p_value >= next->tolerance;
        next->pass = open;
    }
}

void qsg_validation_free(qsg_validation *self)
{
    for (size_t i = 0; i < self->n; i++) {
        for (size_t j = 0; j < self->laws[i].n_series; j++)
            free(self->laws[i].series[j]);
        free(self->laws[i].series);
        free(self->laws[i].points);
    }
    free(self->laws);
    free(self->validity);
    *self = (qsg_validation){0};
}

static bool is_chosen(const qsg_validate_request *request, size_t i)
{
    return !request->chosen || request->chosen[i];
}

static size_t count_chosen(const qsg_validate_request *request)
{
    size_t n = 0;
    for (size_t i = 0; i < law_table_size; i++)
        n += is_chosen(request, i);
    return n;
}

static qsg_status check(const qsg_validate_request *request, qsg_error *error)
{
    const size_t mutated = request->mutate ? qsg_law_find(request->mutate) : 0;
    if (mutated == law_table_size)
        return qsg_fail(error, QSG_EDOMAIN, "unknown law to mutate (%.100s); expected one of the table",
                        request->mutate);
    if (request->mutate && !is_chosen(request, mutated))
        return qsg_fail(error, QSG_EDOMAIN, "the mutated law is not tested (%.100s); expected one of those chosen",
                        request->mutate);
    if (count_chosen(request) == 0)
        return qsg_fail(error, QSG_EDOMAIN, "no law is chosen (0); expected one at least");
    return QSG_OK;
}

qsg_status qsg_validate(qsg_validation *self, const qsg_validate_request *request, qsg_error *error)
{
    qsg_status status = check(request, error);
    if (status)
        return status;
    const size_t n = count_chosen(request);
    qsg_validation made = {.effort = request->effort, .seed = request->seed, .laws = calloc(n, sizeof *made.laws)};
    if (!made.laws)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu laws", n);
    for (size_t i = 0; i < law_table_size && !status; i++) {
        if (!is_chosen(request, i))
            continue;
        status = run_law(&made, request, &law_table[i], error);
        if (request->progress)
            request->progress(request->progress_context, made.n, n);
    }
    if (status) {
        qsg_validation_free(&made);
        return status;
    }
    judge_exact(&made);
    for (size_t i = 0; i < made.n; i++)
        made.passed += made.laws[i].pass;
    *self = made;
    return QSG_OK;
}
