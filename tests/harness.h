/* One Check program a module: list the tests, run them.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_TEST_HARNESS_H
#define QSG_TEST_HARNESS_H

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/qsg.h"

/* Under sanitizers, which slow a program several fold, what is asked for is clean memory: some of the cases of a large
 * table show it, while the normal build runs all. */
#ifdef __SANITIZE_ADDRESS__
#define CASES(all, sanitized) (sanitized)
#else
#define CASES(all, sanitized) (all)
#endif

/* Fails unless |got - want| <= tolerance * |want| (a relative error), or with `_abs` an absolute one. */
#define ck_close(got, want, tolerance)                                                                       \
    do {                                                                                                     \
        double got_ = (got), want_ = (want), tolerance_ = (tolerance);                                       \
        ck_assert_msg(fabs(got_ - want_) <= tolerance_ * fabs(want_), "%s = %.17g, expected %.17g within %g relative", \
                      #got, got_, want_, tolerance_);                                                        \
    } while (0)
#define ck_close_abs(got, want, tolerance)                                                                   \
    do {                                                                                                     \
        double got_ = (got), want_ = (want), tolerance_ = (tolerance);                                       \
        ck_assert_msg(fabs(got_ - want_) <= tolerance_, "%s = %.17g, expected %.17g within %g", #got, got_,   \
                      want_, tolerance_);                                                                    \
    } while (0)

/* A model from "agents=24 alpha=0.5"; the test fails with the message when the text is wrong. */
static inline qsg_model model_of(const char *text)
{
    qsg_model model = {0};
    qsg_error error = {""};
    qsg_status status = qsg_model_parse(&model, text, &error);
    ck_assert_msg(status == QSG_OK, "model \"%s\": %s", text, error.message);
    return model;
}

/* A test and how often it runs, with _i from 0. */
typedef struct {
    const TTest *test;
    int times;
} loop_test;

/* Run the tests as suite `name`; the exit status for main. */
static inline int run_tests(const char *name, const loop_test *tests, size_t n)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 600);
    for (size_t i = 0; i < n; i++)
        tcase_add_loop_test(tcase, tests[i].test, 0, tests[i].times);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* main of a study, a test that prints: NAME [REPLICATES [SETTING]]. */
static inline int run_study(const char *name, const TTest *study, int argc, char **argv, int *replicates, const char **wanted)
{
    const loop_test tests[] = {{study, 1}};
    *replicates = argc > 1 ? atoi(argv[1]) : *replicates;
    *wanted = argc > 2 ? argv[2] : *wanted;
    if (*replicates < 2 || argc > 3) {
        fprintf(stderr, "%s: number of replicates is wrong (%s); expected 2 or more\n", name, argc > 1 ? argv[1] : "");
        return 2;
    }
    setenv("CK_FORK", "no", 1);
    setenv("CK_VERBOSITY", "silent", 0);
    return run_tests(name, tests, 1);
}

/* main of a program of tests; with RUN_LOOPS each is {test, times}. */
#define RUN_LOOPS(name, ...)                                                          \
    int main(void)                                                                    \
    {                                                                                 \
        const loop_test tests[] = {__VA_ARGS__};                                      \
        return run_tests(name, tests, sizeof tests / sizeof *tests);                  \
    }
#define RUN_TESTS(name, ...)                                                          \
    int main(void)                                                                    \
    {                                                                                 \
        const TTest *const once[] = {__VA_ARGS__};                                    \
        loop_test tests[sizeof once / sizeof *once];                                  \
        for (size_t i = 0; i < sizeof once / sizeof *once; i++)                       \
            tests[i] = (loop_test){once[i], 1};                                       \
        return run_tests(name, tests, sizeof once / sizeof *once);                    \
    }

#endif
