/* A transcript beside the neutral law (doc/theory/transcripts.md).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/compare_data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/fit_neutral.h"

#define SIGNIFICANCE 0.01

static const char *const interactions = "interactions";

static qsg_status check(const qsg_model *model, const qsg_transcript *data, const qsg_compare_data_options *options,
                        qsg_error *error)
{
    qsg_status status = qsg_model_require(model, 0, "compare --data", error);
    if (status)
        return status;
    if (model->labels < data->n_labels)
        return qsg_fail(error, QSG_EINPUT, "the transcript has more labels than the model (%zu); expected at least %zu",
                        model->labels, data->n_labels);
    if (data->paired && model->exchange != QSG_MUTUAL)
        return qsg_fail(error, QSG_EMODEL, "both agents of each interaction speak in the transcript (exchange %s); "
                                           "expected mutual", model->texts[QSG_EXCHANGE]);
    if (!(options->alpha >= 0 && options->alpha + model->self <= 1))
        return qsg_fail(error, QSG_EDOMAIN, "alpha is out of range (%g); expected a number in (0, %g]", options->alpha,
                        1 - model->self);
    if (!(options->significance >= 0 && options->significance < 1))
        return qsg_fail(error, QSG_EDOMAIN, "significance is out of range (%g); expected a number in (0, 1)",
                        options->significance);
    return QSG_OK;
}

static void put_data(const qsg_transcript *data, const qsg_coordination *seen, qsg_result *result)
{
    qsg_result_integer(result, "data.runs", (int64_t)data->n_runs, "", QSG_OBSERVED, "independent runs");
    qsg_result_integer(result, "data.rows", (int64_t)data->n_rows, "", QSG_OBSERVED, "rows of the transcript");
    qsg_result_integer(result, "data.agents", (int64_t)data->agents, "", QSG_OBSERVED, "distinct agents in a run");
    qsg_result_integer(result, "data.labels", (int64_t)data->n_labels, "", QSG_OBSERVED, "distinct labels");
    qsg_result_flag(result, "data.paired", data->paired, "both agents of an interaction speak");
    qsg_result_integer(result, "data.bin_width", (int64_t)seen->width, interactions, QSG_INPUT, "");
    qsg_result_integer(result, "data.ended_in_agreement", (int64_t)seen->n_agreed, "runs", QSG_OBSERVED,
                       "last N interactions all matched; counted as matching in later bins");
    qsg_result_integer(result, "data.ended_otherwise", (int64_t)(seen->runs - seen->n_agreed), "runs", QSG_OBSERVED,
                       "absent after their end");
}

static void put_test(qsg_result *result, const char *prefix, const qsg_neutral_test *test, const char *whose)
{
    static const struct { const char *name, *meaning; } keys[] = {
        {"statistic", "Hotelling's T^2 on the run-to-run covariance"}, {"df1", "components tested"},
        {"df2", "runs less components"}, {"p_value", "F law, asymptotic in the interactions a bin"}};
    const double values[] = {test->statistic, test->df1, test->df2, test->p_value};
    char path[64], meaning[128];
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s%s", prefix, keys[i].name);
        snprintf(meaning, sizeof meaning, "%s, %s", whose,
                 i == 3 && test->bound ? "at most this: runs too alike for T^2" : keys[i].meaning);
        qsg_result_number(result, path, values[i], "", QSG_OBSERVED, meaning);
    }
}

static void put_range(qsg_result *result, const char *prefix, const qsg_neutral_range *range)
{
    char path[64];
    snprintf(path, sizeof path, "%s.low", prefix);
    qsg_result_number(result, path, range->low, "", QSG_OBSERVED,
                      range->low_bound ? "95% if the law holds; the end of the search, not of the interval"
                                       : "95% if the law holds");
    snprintf(path, sizeof path, "%s.high", prefix);
    qsg_result_number(result, path, range->high, "", QSG_OBSERVED,
                      range->high_bound ? "95% if the law holds; the largest alpha possible" : "95% if the law holds");
}

static void put_fit(const qsg_neutral_fit *fit, double highest, qsg_result *result)
{
    qsg_result_number(result, "estimates.alpha.value", fit->alpha, "", QSG_OBSERVED,
                      fit->alpha <= QSG_NEUTRAL_ALPHA_MIN  ? "least squares on the exact E[S]; at the lower bound of the search"
                      : fit->alpha >= highest              ? "least squares on the exact E[S]; at the upper bound of the search"
                                                           : "least squares on the exact E[S]");
    put_range(result, "estimates.alpha", &fit->range);
    if (fit->other > 0) {
        qsg_result_number(result, "estimates.alpha_other.value", fit->other, "", QSG_OBSERVED,
                          "a second range of alpha fits as well: the interval is both ranges together");
        put_range(result, "estimates.alpha_other", &fit->other_range);
    }
    qsg_result_integer(result, "bins_fitted", (int64_t)fit->fitted, "", QSG_OBSERVED,
                       "bins with half of the runs and enough that still disagree");
    qsg_result_number(result, "speed.level", fit->level, "", QSG_OBSERVED, "coordination at which times are compared");
    qsg_result_number(result, "speed.data_time", fit->data_time, interactions, QSG_OBSERVED,
                      "the data reach the level");
    qsg_result_number(result, "speed.fastest_time", fit->fastest_time, interactions, QSG_EXACT,
                      "the fastest neutral E[S] reaches the level");
    qsg_result_number(result, "speed.fastest_alpha", fit->fastest_alpha, "", QSG_NUMERICAL, "alpha of the fastest law");
    qsg_result_number(result, "speedup", fit->speedup, "", QSG_OBSERVED, "fastest_time / data_time");
    qsg_result_flag(result, "too_fast", fit->too_fast, "the data lie above every neutral law");
}

/* What the exit status follows: no test rejects.  Absent when there was none. */
static void put_agreement(const qsg_neutral_fit *fit, const qsg_neutral_test *given, double significance,
                          qsg_result *result)
{
    const bool tested = fit->too_fast || fit->test.p_value >= 0 || given->p_value >= 0;
    const bool rejected = fit->too_fast || fit->test.p_value < significance || given->p_value < significance;
    char meaning[128];
    snprintf(meaning, sizeof meaning, "not too fast, and each p_value (fit, given alpha) at least %g", significance);
    if (tested)
        qsg_result_flag(result, "agree", !rejected, meaning);
}

static void say_too_fast(const qsg_neutral_fit *fit, const qsg_coordination *seen, size_t room, char *text)
{
    char factor[160] = "";
    if (fit->speedup > 0)
        snprintf(factor, sizeof factor,
                 " (S = %.2g after %.3g interactions, %.3g times sooner than its fastest case: %.3g at alpha = %.2g)",
                 fit->level, fit->data_time, fit->speedup, fit->fastest_time, fit->fastest_alpha);
    snprintf(text, room,
             "Drift alone cannot do it: the data agree faster than the neutral law allows at any alpha%s; at t = %g "
             "they have S = %.3f +- %.3f where it allows at most %.3f. Amplification (agents that favour what is "
             "already common, temper T < 1), a shared bias towards labels (--field) or rewards could.",
             factor, seen->time[fit->beyond], seen->value[fit->beyond], qsg_neutral_bin_error(seen, fit->beyond),
             fit->ceiling);
}

static void say_untested(const qsg_neutral_fit *fit, const qsg_coordination *seen, size_t room, char *text)
{
    char factor[160] = "";
    if (fit->speedup > 1)
        snprintf(factor, sizeof factor,
                 "; the data reach S = %.2g %.3g times sooner than the fastest neutral law, so drift alone is doubtful",
                 fit->level, fit->speedup);
    snprintf(text, room,
             "No test is possible with %zu run%s: the best neutral law has alpha = %.4g, but whether it holds needs "
             "four independent runs or more%s.", seen->runs, seen->runs == 1 ? "" : "s", fit->alpha, factor);
}

static void say_compatible(const qsg_neutral_fit *fit, size_t room, char *text)
{
    char other[96] = "";
    if (fit->other > 0)
        snprintf(other, sizeof other, ", or as well about %.4g (%.4g to %.4g)", fit->other, fit->other_range.low,
                 fit->other_range.high);
    snprintf(text, room,
             "The data are compatible with drift alone: the neutral law with alpha = %.4g (95%% %.4g to %.4g%s) leaves "
             "residuals with p = %.3g.", fit->alpha, fit->range.low, fit->range.high, other, fit->test.p_value);
}

static void put_verdict(const qsg_neutral_fit *fit, const qsg_neutral_test *given, double alpha,
                        const qsg_coordination *seen, double significance, qsg_result *result)
{
    char text[768];
    const double p = fit->test.p_value;
    if (fit->too_fast)
        say_too_fast(fit, seen, sizeof text, text);
    else if (!(p >= 0))
        say_untested(fit, seen, sizeof text, text);
    else if (p >= significance)
        say_compatible(fit, sizeof text, text);
    else
        snprintf(text, sizeof text,
                 "The neutral law does not describe the data at any alpha: the best one, alpha = %.4g, is rejected "
                 "with p = %.2g, though the data are not faster than drift can be.", fit->alpha, p);
    if (given->p_value >= 0) {
        const size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, " The given alpha = %.4g is %s with p = %.2g.", alpha,
                 given->p_value >= significance ? "not rejected by itself" : "rejected", given->p_value);
    }
    qsg_result_text(result, "verdict", text, "");
}

static void put_given(const qsg_neutral_test *test, double alpha, double significance, qsg_result *result)
{
    qsg_result_number(result, "given.alpha", alpha, "", QSG_INPUT, "");
    put_test(result, "given.", test, "the law at the given alpha");
    if (test->p_value >= 0)
        qsg_result_flag(result, "given.agree", test->p_value >= significance, "by itself");
}

static qsg_status put_table(const qsg_model *model, const qsg_coordination *seen, const qsg_neutral_fit *fit,
                            double given, double significance, qsg_neutral_test *test, qsg_result *result,
                            qsg_error *error)
{
    const size_t n = seen->bins;
    double *fitted = malloc(5 * n * sizeof *fitted);
    if (!fitted)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu bins", n);
    double *fastest = fitted + n, *law = fastest + n, *z = law + n, *se = z + n;
    const bool has_fastest = fit->fastest_alpha > 0;
    qsg_status status = qsg_neutral_coordination(model, fit->alpha, seen, fitted, error);
    if (!status && has_fastest)
        status = qsg_neutral_coordination(model, fit->fastest_alpha, seen, fastest, error);
    if (!status && given > 0) {
        status = qsg_neutral_coordination(model, given, seen, law, error);
        if (!status)
            status = qsg_neutral_test_law(test, seen, law, error);
        if (!status)
            put_given(test, given, significance, result);
    }
    for (size_t b = 0; b < n; b++) {
        se[b] = qsg_neutral_bin_error(seen, b);
        z[b] = qsg_neutral_bin_fitted(seen, b) ? (seen->value[b] - fitted[b]) / se[b] : NAN;
    }
    if (!status) {
        qsg_result_column(result, "time", "times", n, seen->time, interactions, QSG_OBSERVED, "middle of the bin");
        qsg_result_column(result, "n", "n", n, seen->n, interactions, QSG_OBSERVED, "observed in the bin");
        qsg_result_column(result, "runs_present", "runs_present", n, seen->present, "", QSG_OBSERVED, "runs that contribute");
        qsg_result_column(result, "runs_carried", "runs_carried", n, seen->carried, "", QSG_OBSERVED,
                          "of these, runs that had ended in agreement");
        qsg_result_column(result, "S", "S", n, seen->value, "", QSG_OBSERVED, "coordination");
        qsg_result_column(result, "se_binomial", "se_binomial", n, seen->se_binomial, "", QSG_OBSERVED,
                          "as if interactions were independent");
        qsg_result_column(result, "se", "se", n, se, "", QSG_OBSERVED,
                          "standard error: between runs, but not below the binomial one with half a count added");
        qsg_result_column(result, "S_fit", "S_fit", n, fitted, "", QSG_EXACT, "E[S] at the fitted alpha");
        if (has_fastest)
            qsg_result_column(result, "S_fastest", "S_fastest", n, fastest, "", QSG_EXACT,
                              "E[S] at the alpha that agrees soonest");
        if (given > 0)
            qsg_result_column(result, "S_given", "S_given", n, law, "", QSG_EXACT, "E[S] at the given alpha");
        qsg_result_column(result, "z", "z", n, z, "", QSG_OBSERVED, "(S - S_fit)/se, fitted bins only");
    }
    free(fitted);
    return status;
}

qsg_status qsg_compare_data(const qsg_model *model, const qsg_transcript *data, const qsg_compare_data_options *options,
                            qsg_result *result, qsg_error *error)
{
    const double significance = options->significance > 0 ? options->significance : SIGNIFICANCE;
    qsg_coordination seen = {0};
    qsg_neutral_fit fit;
    qsg_neutral_test given = {NAN, NAN, NAN, NAN, false};
    qsg_status status = check(model, data, options, error);
    if (!status)
        status = qsg_coordination_init(&seen, data, model->agents, options->width, error);
    if (!status)
        status = qsg_neutral_fit_run(&fit, model, &seen, error);
    if (!status) {
        put_data(data, &seen, result);
        put_fit(&fit, 1 - model->self, result);
        put_test(result, "", &fit.test, "residuals of the fit");
        status = put_table(model, &seen, &fit, options->alpha, significance, &given, result, error);
    }
    if (!status) {
        put_agreement(&fit, &given, significance, result);
        put_verdict(&fit, &given, options->alpha, &seen, significance, result);
    }
    qsg_coordination_free(&seen);
    return status;
}
