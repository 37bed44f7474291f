/* Transcripts whose runs are too alike for a covariance.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <unistd.h>

#include "harness.h"

/* Compare `runs` runs of two agents, `rounds` interactions each, in which the two match at the first `matches`
 * interactions of run 0 and never else. */
static qsg_result *compare(int runs, int rounds, int matches, double alpha)
{
    char path[] = "qsg-alike-XXXXXX";
    FILE *stream = fdopen(mkstemp(path), "w");
    qsg_transcript data = {0};
    qsg_error error = {""};
    qsg_result *result = qsg_result_new();
    ck_assert_ptr_nonnull(stream);
    fputs("run_id\tt\tspeaker\tlistener\tlabel\n", stream);
    for (int r = 0; r < runs; r++)
        for (int t = 0; t < rounds; t++) {
            const int match = r == 0 && t < matches;
            fprintf(stream, "%d\t%d\ta\tb\tx\n%d\t%d\tb\ta\t%s\n", r, t, r, t, match ? "x" : "y");
        }
    fclose(stream);
    ck_assert_msg(qsg_transcript_read(&data, path, &error) == QSG_OK, "%s", error.message);
    unlink(path);
    qsg_model model = model_of("agents=2 labels=2 alpha=0.5 exchange=mutual");
    ck_assert_msg(qsg_compare_data(&model, &data, &(qsg_compare_data_options){.alpha = alpha}, result, &error) == QSG_OK,
                  "%s", error.message);
    qsg_model_free(&model);
    qsg_transcript_free(&data);
    return result;
}

/* At the given alpha = 1 two agents swap labels: E[S] = 1/2 for ever, and (12) is 2 B 2^-R. */
START_TEST(never_a_match)
{
    for (int runs = 5; runs <= 27; runs += 11) {
        qsg_result *result = compare(runs, 12, 0, 1);
        ck_close(qsg_result_get(result, "given.p_value"), fmin(1, 2 * 6 * pow(2, -runs)), 1e-9); /* six bins */
        ck_assert(isnan(qsg_result_get(result, "statistic")) && isnan(qsg_result_get(result, "df1")));
        ck_assert(qsg_result_get(result, "p_value") >= 0);
        ck_assert_double_lt(qsg_result_get(result, "estimates.alpha.low"), qsg_result_get(result, "estimates.alpha.high"));
        if (runs == 27) {
            ck_assert_double_eq(qsg_result_get(result, "agree"), 0);
            ck_assert_double_lt(qsg_result_get(result, "p_value"), 1e-6);
            ck_assert_ptr_nonnull(strstr(qsg_result_get_text(result, "verdict"), "does not describe"));
        } else if (runs == 5) {
            ck_assert_double_gt(qsg_result_get(result, "p_value"), 0.01); /* five runs cannot tell */
        }
        qsg_result_free(result);
    }
}
END_TEST

/* One match in one run leaves a covariance of one direction, in which nothing is wrong. */
START_TEST(hardly_ever_a_match)
{
    qsg_result *result = compare(40, 12, 1, 0);
    ck_assert_double_lt(qsg_result_get(result, "p_value"), 1e-6);
    ck_assert_double_eq(qsg_result_get(result, "agree"), 0);
    qsg_result_free(result);
}
END_TEST

START_TEST(three_runs_are_not_tested)
{
    qsg_result *result = compare(3, 12, 0, 0);
    ck_assert(isnan(qsg_result_get(result, "p_value")) && isnan(qsg_result_get(result, "agree")));
    ck_assert_ptr_nonnull(strstr(qsg_result_get_text(result, "verdict"), "needs four independent runs"));
    qsg_result_free(result);
}
END_TEST

RUN_TESTS("neutral_bound", never_a_match, hardly_ever_a_match, three_runs_are_not_tested)
