/* The law suite: the table, the verdicts, the power.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

/* Test one law; the outcome's numbers are copied before it is released. */
static qsg_law_outcome outcome_of(const char *name, uint64_t seed, unsigned threads, const char *mutate)
{
    qsg_validation v = {0};
    qsg_error error = {""};
    bool *chosen = calloc(qsg_law_count(), sizeof *chosen);
    ck_assert_uint_lt(qsg_law_find(name), qsg_law_count());
    chosen[qsg_law_find(name)] = true;
    const qsg_validate_request request = {.effort = QSG_VALIDATE_QUICK, .seed = seed, .threads = threads, .chosen = chosen,
                                          .mutate = mutate};
    ck_assert_msg(qsg_validate(&v, &request, &error) == QSG_OK, "%s: %s", name, error.message);
    ck_assert_uint_eq(v.n, 1);
    const qsg_law_outcome out = v.laws[0];
    ck_assert_uint_eq(v.passed, out.pass);
    ck_assert_uint_gt(out.n_points, 0);
    qsg_validation_free(&v);
    free(chosen);
    return out;
}

START_TEST(table_is_complete)
{
    ck_assert_ptr_null(qsg_law_at(qsg_law_count()));
    ck_assert_uint_eq(qsg_law_find("no such law"), qsg_law_count());
    for (size_t i = 0; i < qsg_law_count(); i++) {
        const qsg_law_info *law = qsg_law_at(i);
        ck_assert_uint_eq(qsg_law_find(law->name), i); /* names differ */
        ck_assert_msg(*law->statement && *law->page && *law->mutation && *law->falsified && *law->x && *law->y, "%s",
                      law->name);
        ck_assert_msg(law->factor != 1 && fabs(law->factor - 1) < 0.7, "%s", law->name);
        ck_assert_ptr_nonnull(strstr(law->page, ".md"));
        char path[256], page[64];
        snprintf(page, sizeof page, "%.*s", (int)strcspn(law->page, ","), law->page);
        snprintf(path, sizeof path, "%s/doc/theory/%s", getenv("QSG_DATADIR"), page);
        FILE *file = getenv("QSG_DATADIR") ? fopen(path, "r") : NULL;
        ck_assert_msg(file || !getenv("QSG_DATADIR"), "%s does not exist", path);
        if (file)
            fclose(file);
    }
}
END_TEST

/* Cheap laws, two seeds each: they pass, and fail when mutated.  Their p values must exceed 1e-4/14 at least: a false
 * alarm in 10^5 seeds, and these are fixed. */
static const char *const cheap[] = {"voter", "moments-broadcast"};

START_TEST(cheap_laws_hold_and_mutations_are_caught)
{
    const char *name = cheap[_i / 2];
    const uint64_t seed = 1 + (uint64_t)_i % 2;
    const qsg_law_outcome right = outcome_of(name, seed, 0, NULL), wrong = outcome_of(name, seed, 0, name);
    ck_assert_msg(right.pass && !right.mutated, "%s, seed %d: p = %g", name, (int)seed, right.p_value);
    ck_assert_msg(!wrong.pass && wrong.mutated, "%s, seed %d: p = %g", name, (int)seed, wrong.p_value);
    ck_assert(right.p_value >= right.tolerance && wrong.p_value < wrong.tolerance);
}
END_TEST

/* The column of theory in a law's table says what kind of law it is. */
START_TEST(tables_say_what_theory_is)
{
    static const struct { const char *law; qsg_basis basis; } cases[] = {
        {"voter", QSG_EXACT}, {"consensus-law", QSG_ASYMPTOTIC}, {"paper-rate", QSG_MEANFIELD}};
    char name[] = "one", *series[] = {name};
    qsg_law_point point = {0, 0.2385, 1.5, 1.6, 0.1};
    const qsg_law_outcome outcome = {.law = qsg_law_at(qsg_law_find(cases[_i].law)), .n_points = 1, .n_series = 1,
                                     .points = &point, .series = series};
    qsg_result *result = qsg_result_new();
    qsg_basis basis = QSG_INPUT;
    qsg_law_report(&outcome, result);
    ck_assert_int_eq(qsg_result_get_basis(result, "theory", &basis), QSG_OK);
    ck_assert_int_eq(basis, cases[_i].basis);
    ck_close(qsg_result_get_vector(result, "z", NULL)[0], 1, 1e-14);
    qsg_result_free(result);
}
END_TEST

START_TEST(threads_and_choice_change_nothing)
{
    const qsg_law_outcome one = outcome_of("voter", 3, 1, NULL), two = outcome_of("voter", 3, 2, NULL),
                          other = outcome_of("voter", 4, 1, NULL);
    ck_assert(one.statistic == two.statistic && one.p_value == two.p_value);
    ck_assert(one.statistic != other.statistic);
}
END_TEST

START_TEST(bad_requests_are_refused)
{
    qsg_validation v = {.n = 0, .seed = 77};
    qsg_error error = {""};
    bool *chosen = calloc(qsg_law_count(), sizeof *chosen);
    ck_assert_int_eq(qsg_validate(&v, &(qsg_validate_request){.mutate = "nothing"}, &error), QSG_EDOMAIN);
    ck_assert_ptr_nonnull(strstr(error.message, "nothing"));
    ck_assert_int_eq(qsg_validate(&v, &(qsg_validate_request){.chosen = chosen}, &error), QSG_EDOMAIN);
    chosen[qsg_law_find("voter")] = true;
    ck_assert_int_eq(qsg_validate(&v, &(qsg_validate_request){.chosen = chosen, .mutate = "winner"}, &error), QSG_EDOMAIN);
    ck_assert_uint_eq(v.seed, 77);
    free(chosen);
}
END_TEST

RUN_LOOPS("validate", {table_is_complete, 1}, {cheap_laws_hold_and_mutations_are_caught, 2 * sizeof cheap / sizeof *cheap},
          {tables_say_what_theory_is, 3}, {threads_and_choice_change_nothing, 1}, {bad_requests_are_refused, 1})
