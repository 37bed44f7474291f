/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <jansson.h>

#include "base/decimal.h"
#include "base/rng.h"
#include "harness.h"

/* What the writer prints; the caller frees. */
static char *written(const qsg_result *result, bool json)
{
    char *text = NULL;
    size_t size = 0;
    qsg_error error = {""};
    FILE *stream = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(stream);
    qsg_status status = json ? qsg_result_write_json(result, stream, &error) : qsg_result_write_tsv(result, stream,
                                                                                                    &error);
    fclose(stream);
    ck_assert_msg(status == QSG_OK, "%s", error.message);
    return text;
}

static json_t *json_of(const qsg_result *result)
{
    char *text = written(result, true);
    json_error_t error;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(root != NULL, "%s in %s", error.text, text);
    free(text);
    return root;
}

START_TEST(paths_become_objects_and_arrays)
{
    qsg_result *result = qsg_result_new();
    qsg_result_number(result, "rate", 0.2385, "per interaction", QSG_EXACT, "a rate");
    qsg_result_integer(result, "fixation.wins.0", 9007199254740993, "", QSG_SIMULATED, "");
    qsg_result_number(result, "fixation.quantiles.0\\.1", 1.5, "", QSG_ASYMPTOTIC, "");
    qsg_result_text(result, "tests.0.name", "drift", "");
    qsg_result_flag(result, "tests.0.pass", true, "");
    qsg_result_text(result, "tests.1.name", "field", "");
    json_t *root = json_of(result), *tests = json_object_get(root, "tests"), *fixation = json_object_get(root,
                                                                                                         "fixation");
    ck_assert_double_eq(json_real_value(json_object_get(root, "rate")), 0.2385);
    /* beyond 2^53: an integer must not pass through a double */
    ck_assert_int_eq(json_integer_value(json_array_get(json_object_get(fixation, "wins"), 0)), 9007199254740993);
    ck_assert_double_eq(json_real_value(json_object_get(json_object_get(fixation, "quantiles"), "0.1")), 1.5);
    ck_assert_uint_eq(json_array_size(tests), 2);
    ck_assert_str_eq(json_string_value(json_object_get(json_array_get(tests, 0), "name")), "drift");
    ck_assert(json_is_true(json_object_get(json_array_get(tests, 0), "pass")));
    ck_assert_str_eq(json_string_value(json_object_get(json_array_get(tests, 1), "name")), "field");
    json_t *basis = json_object_get(root, "basis");
    ck_assert_str_eq(json_string_value(json_object_get(basis, "rate")), "exact");
    ck_assert_str_eq(json_string_value(json_object_get(basis, "fixation.quantiles.0.1")), "asymptotic");
    json_decref(root);
    qsg_result_free(result);
}
END_TEST

START_TEST(missing_values)
{
    const double values[] = {1, NAN, INFINITY, 0.1};
    qsg_result *result = qsg_result_new();
    qsg_result_number(result, "gone", NAN, "", QSG_EXACT, "");
    qsg_result_number(result, "endless", -INFINITY, "", QSG_EXACT, "");
    qsg_result_number(result, "list.0", NAN, "", QSG_EXACT, "");
    qsg_result_number(result, "list.1", 2.5, "", QSG_EXACT, "");
    qsg_result_column(result, "x", "xs", 4, values, "", QSG_EXACT, "");
    json_t *root = json_of(result), *xs = json_object_get(root, "xs"), *list = json_object_get(root, "list");
    ck_assert_ptr_null(json_object_get(root, "gone"));
    ck_assert_ptr_null(json_object_get(root, "endless"));
    ck_assert_ptr_null(json_object_get(json_object_get(root, "basis"), "gone"));
    ck_assert_uint_eq(json_array_size(xs), 4);
    ck_assert(json_is_null(json_array_get(xs, 1)) && json_is_null(json_array_get(xs, 2)));
    ck_assert_double_eq(json_real_value(json_array_get(xs, 3)), 0.1); /* 17 digits read back the same double */
    ck_assert(json_is_null(json_array_get(list, 0)));
    ck_assert_double_eq(json_real_value(json_array_get(list, 1)), 2.5);
    char *text = written(result, false);
    ck_assert_ptr_nonnull(strstr(text, "# gone = -"));
    ck_assert_ptr_nonnull(strstr(text, "\n1\n-\n-\n0.1\n"));
    ck_assert_ptr_null(strstr(text, "nan"));
    ck_assert_ptr_null(strstr(text, "inf"));
    free(text);
    json_decref(root);
    qsg_result_free(result);
}
END_TEST

START_TEST(table)
{
    const double x[] = {0, 0.2385}, y[] = {1e-300, 123456789012345678.0};
    const char *const names[] = {"one", ""};
    qsg_result *result = qsg_result_new();
    qsg_result_column(result, "time", "times", 2, x, "interactions", QSG_INPUT, "");
    qsg_result_column(result, "U", "U", 2, y, "", QSG_EXACT, "polarization");
    qsg_result_text_column(result, "law", "laws", 2, names, "");
    qsg_result_column(result, "hidden", "hidden", 2, x, "", QSG_EXACT, "");
    qsg_result_table_only(result);
    char *text = written(result, false);
    ck_assert_ptr_nonnull(strstr(text, "# column 1: time interactions\n"));
    ck_assert_ptr_nonnull(strstr(text, "# column 2: U  (exact; polarization)\n"));
    ck_assert_ptr_nonnull(strstr(text, "# time\tU\tlaw\thidden\n0\t1e-300\tone\t0\n"
                                       "0.2385\t1.23456789012346e+17\t-\t0.2385\n"));
    free(text);
    json_t *root = json_of(result);
    ck_assert_ptr_null(json_object_get(root, "hidden"));
    ck_assert_uint_eq(json_array_size(json_object_get(root, "laws")), 2);
    json_decref(root);
    qsg_result_free(result);
}
END_TEST

/* Rows as an array of objects, with cells that do not exist left out; flags as words and as booleans. */
START_TEST(rows)
{
    const double p[] = {0.2385, NAN}, pass[] = {1, 0}, unknown[] = {NAN, 2};
    const char *const names[] = {"one", "two"};
    qsg_result *result = qsg_result_new();
    qsg_result_text_column(result, "law", "laws[].name", 2, names, "");
    qsg_result_column(result, "p", "laws[].p_value", 2, p, "", QSG_EXACT, "");
    qsg_result_flag_column(result, "pass", "laws[].pass", 2, pass, "");
    qsg_result_flag_column(result, "known", "known", 2, unknown, "");
    char *text = written(result, false);
    ck_assert_ptr_nonnull(strstr(text, "\none\t0.2385\tyes\t-\ntwo\t-\tno\tyes\n"));
    free(text);
    json_t *root = json_of(result), *laws = json_object_get(root, "laws"), *two = json_array_get(laws, 1);
    ck_assert_uint_eq(json_array_size(laws), 2);
    ck_assert_str_eq(json_string_value(json_object_get(two, "name")), "two");
    ck_assert_ptr_null(json_object_get(two, "p_value"));
    ck_assert(json_is_false(json_object_get(two, "pass")));
    ck_assert(json_is_true(json_object_get(json_array_get(laws, 0), "pass")));
    ck_assert_double_eq(json_real_value(json_object_get(json_array_get(laws, 0), "p_value")), 0.2385);
    ck_assert(json_is_null(json_array_get(json_object_get(root, "known"), 0)));
    json_decref(root);
    qsg_result_free(result);
}
END_TEST

START_TEST(unequal_columns_fail)
{
    const double x[] = {1, 2, 3};
    qsg_error error = {""};
    qsg_result *result = qsg_result_new();
    qsg_result_column(result, "a", "a", 3, x, "", QSG_EXACT, "");
    ck_assert_int_eq(qsg_result_status(result), QSG_OK);
    qsg_result_column(result, "b", "b", 2, x, "", QSG_EXACT, "");
    ck_assert_int_eq(qsg_result_status(result), QSG_EDOMAIN);
    qsg_result_number(result, "late", 1, "", QSG_EXACT, "");
    ck_assert(isnan(qsg_result_get(result, "late"))); /* the first failure sticks */
    ck_assert_int_eq(qsg_result_write_tsv(result, stdout, &error), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_result_write_json(result, stdout, &error), QSG_EDOMAIN);
    ck_assert_ptr_nonnull(strstr(error.message, "incomplete"));
    qsg_result_free(result);
}
END_TEST

START_TEST(escaping)
{
    const char *const cells[] = {"a\tb", "c\nd"};
    qsg_result *result = qsg_result_new();
    qsg_result_text(result, "quoted", "say \"no\"\\\n# next", "");
    qsg_result_text(result, "latin", "caf\xe9", "");
    qsg_result_text(result, "unicode", "\xce\xb1 = 1", "");
    qsg_result_text_column(result, "cell", "cells", 2, cells, "");
    json_t *root = json_of(result);
    ck_assert_str_eq(json_string_value(json_object_get(root, "quoted")), "say \"no\"\\\n# next");
    ck_assert_str_eq(json_string_value(json_object_get(root, "latin")), "caf?");
    ck_assert_str_eq(json_string_value(json_object_get(root, "unicode")), "\xce\xb1 = 1");
    ck_assert_str_eq(json_string_value(json_array_get(json_object_get(root, "cells"), 0)), "a\tb");
    json_decref(root);
    char *text = written(result, false);
    ck_assert_ptr_nonnull(strstr(text, "# quoted = say \"no\"\\ # next\n"));
    ck_assert_ptr_nonnull(strstr(text, "\na b\nc d\n"));
    free(text);
    qsg_result_free(result);
}
END_TEST

/* A path through a number has no place in JSON: refused, not dropped. */
START_TEST(conflicting_paths)
{
    char *text = NULL;
    size_t size;
    qsg_error error = {""};
    qsg_result *result = qsg_result_new();
    qsg_result_number(result, "a", 1, "", QSG_EXACT, "");
    qsg_result_number(result, "a.b", 2, "", QSG_EXACT, "");
    FILE *stream = open_memstream(&text, &size);
    ck_assert_int_eq(qsg_result_write_json(result, stream, &error), QSG_EDOMAIN);
    fclose(stream);
    ck_assert_ptr_nonnull(strstr(error.message, "a.b"));
    ck_assert_str_eq(text, "");
    free(text);
    qsg_result_free(result);
}
END_TEST

START_TEST(reading_back)
{
    const double x[] = {3, 1, 4};
    size_t n = 77;
    qsg_result *result = qsg_result_new();
    qsg_result_integer(result, "whole", -5, "", QSG_EXACT, "");
    qsg_result_flag(result, "yes", true, "");
    qsg_result_text(result, "word", "hello", "");
    qsg_result_vector(result, "v", 3, x, "", QSG_EXACT, "");
    qsg_result_vector(result, "empty", 0, NULL, "", QSG_EXACT, "");
    ck_assert_double_eq(qsg_result_get(result, "whole"), -5);
    ck_assert_double_eq(qsg_result_get(result, "yes"), 1);
    ck_assert(isnan(qsg_result_get(result, "word")));
    ck_assert(isnan(qsg_result_get(result, "nothing")));
    ck_assert_str_eq(qsg_result_get_text(result, "word"), "hello");
    ck_assert_ptr_null(qsg_result_get_text(result, "whole"));
    ck_assert_ptr_null(qsg_result_get_vector(result, "nothing", &n));
    ck_assert_uint_eq(n, 77);
    ck_assert_double_eq(qsg_result_get_vector(result, "v", &n)[2], 4);
    ck_assert_uint_eq(n, 3);
    qsg_result_get_vector(result, "empty", &n);
    ck_assert_uint_eq(n, 0);
    qsg_result_free(result);
}
END_TEST

/* NULL, the result of an allocation that failed, is harmless everywhere; a full device is reported. */
START_TEST(failures)
{
    qsg_error error = {""};
    qsg_result_free(NULL);
    qsg_result_number(NULL, "x", 1, "", QSG_EXACT, "");
    qsg_result_column(NULL, "x", "x", 0, NULL, "", QSG_EXACT, "");
    qsg_result_table_only(NULL);
    ck_assert_int_eq(qsg_result_status(NULL), QSG_ENOMEM);
    qsg_result *missing = qsg_result_new();
    qsg_result_fail(missing, QSG_ENUMERIC);
    qsg_result_fail(missing, QSG_ENOMEM); /* the first sticks */
    qsg_result_fail(NULL, QSG_ENOMEM);
    ck_assert_int_eq(qsg_result_status(missing), QSG_ENUMERIC);
    qsg_result_free(missing);
    ck_assert_int_eq(qsg_result_write_tsv(NULL, stdout, &error), QSG_ENOMEM);
    ck_assert_int_eq(qsg_result_write_json(NULL, stdout, &error), QSG_ENOMEM);
    FILE *full = fopen("/dev/full", "w");
    if (full) {
        qsg_result *result = qsg_result_new();
        qsg_result_number(result, "x", 1, "", QSG_EXACT, "");
        ck_assert_int_eq(qsg_result_write_tsv(result, full, &error), QSG_EIO);
        ck_assert_int_eq(qsg_result_write_json(result, full, &error), QSG_EIO);
        qsg_result_free(result);
        fclose(full);
    }
    for (int b = QSG_INPUT; b <= QSG_OBSERVED; b++)
        ck_assert_str_ne(qsg_basis_name((qsg_basis)b), "unknown");
    ck_assert_str_eq(qsg_basis_name((qsg_basis)99), "unknown");
}
END_TEST

/* Two tables of different length: two empty lines between them in TSV, one object in JSON. */
START_TEST(second_table)
{
    const double values[3] = {1, 2, 3};
    qsg_result *result = qsg_result_new();
    qsg_result_column(result, "a", "a", 3, values, "", QSG_EXACT, "");
    qsg_result_next_table(result);
    qsg_result_column(result, "b", "b", 2, values, "", QSG_EXACT, "");
    qsg_result_column(result, "c", "c", 2, values + 1, "", QSG_EXACT, "");
    ck_assert_int_eq(qsg_result_status(result), QSG_OK);
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_int_eq(qsg_result_write_tsv(result, stream, NULL), QSG_OK);
    fclose(stream);
    ck_assert_ptr_nonnull(strstr(text, "# a\n1\n2\n3\n\n\n# column 1: b"));
    ck_assert_ptr_nonnull(strstr(text, "# b\tc\n1\t2\n2\t3\n"));
    free(text);
    qsg_result_column(result, "d", "d", 3, values, "", QSG_EXACT, "");
    ck_assert_int_eq(qsg_result_status(result), QSG_EDOMAIN);
    qsg_result_next_table(NULL);
    qsg_result_free(result);
}
END_TEST

static void same_as_printf(double value)
{
    char got[32], want[32];
    const int length = snprintf(want, sizeof want, "%.15g", value);
    ck_assert_uint_eq(decimal_format(value, got), (size_t)length);
    ck_assert_msg(strcmp(got, want) == 0, "%.17g: %s, expected %s", value, got, want);
}

/* Numbers of every size, and those next to where the number of digits or the form changes. */
START_TEST(numbers_are_those_of_printf)
{
    static const double odd[] = {0.0, -0.0, 1, -1, 0.1, 1e15, 999999999999999.4, 999999999999999.5, 123456789012345.5, 0.5,
                                 9.9999999999999999e-5, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308};
    rng_stream rng = rng_stream_of(1, 1);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        same_as_printf(odd[i]);
    for (int e = -323; e <= 308; e++) {
        char text[16];
        snprintf(text, sizeof text, "1e%d", e);
        const double power = strtod(text, NULL);
        same_as_printf(power);
        same_as_printf(nextafter(power, 0));
        same_as_printf(nextafter(power, INFINITY));
    }
    for (int i = 0; i < 100000; i++) {
        const uint64_t bits = rng_next(&rng);
        double any;
        memcpy(&any, &bits, sizeof any);
        if (isfinite(any))
            same_as_printf(any);
        same_as_printf(ldexp(rng_uniform(&rng), (int)rng_below(&rng, 60) - 30));
        same_as_printf((double)rng_below(&rng, 1000000) / 1000); /* few digits */
    }
}
END_TEST

RUN_TESTS("result", second_table, paths_become_objects_and_arrays, missing_values, table, rows, unequal_columns_fail,
          escaping, conflicting_paths, reading_back, failures,
          numbers_are_those_of_printf)
