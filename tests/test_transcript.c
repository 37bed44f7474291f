/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <unistd.h>

#include "harness.h"

static char path[64];

static void write_file(const char *text)
{
    strcpy(path, "qsg-transcript-XXXXXX");
    int fd = mkstemp(path);
    FILE *stream = fdopen(fd, "w");
    ck_assert_ptr_nonnull(stream);
    fputs(text, stream);
    fclose(stream);
}

#define HEADER "run_id\tt\tspeaker\tlistener\tlabel\n"

START_TEST(reads_any_order)
{
    qsg_transcript data = {0};
    qsg_error error = {""};
    write_file("\xEF\xBB\xBF# a comment\nlabel\tbelief_12\tlistener\tspeaker\tt\trun_id\r\n"
               "sí sí\t-\tbob\tann\t1\tgame 1\r\nno\t\tann\tbob\t1\tgame 1\r\n"
               "no\t7\tann\tcid\t3\tgame 1\r\nno\t\tcid\tann\t3\tgame 1\r\n"
               "no\t\tann\tzoe\t1\tgame 2\r\nno\t\tzoe\tann\t1\tgame 2\r\n\r\n\n");
    ck_assert_msg(qsg_transcript_read(&data, path, &error) == QSG_OK, "%s", error.message);
    unlink(path);
    ck_assert_uint_eq(data.n_rows, 6);
    ck_assert_uint_eq(data.n_runs, 2);
    ck_assert_uint_eq(data.n_labels, 2);
    ck_assert_uint_eq(data.n_names, 4);
    ck_assert_uint_eq(data.agents, 3); /* ann, bob, cid in game 1 */
    ck_assert_uint_eq(data.first_t, 1);
    ck_assert(data.paired);
    ck_assert(!data.single);
    ck_assert_uint_eq(data.run_start[1], 4);
    ck_assert_uint_eq(data.run_start[2], 6);
    ck_assert_str_eq(data.labels[data.rows[0].label], "sí sí");
    ck_assert_str_eq(data.names[data.rows[2].speaker], "cid");
    ck_assert_str_eq(data.names[data.rows[2].listener], "ann");
    ck_assert_uint_eq(data.rows[2].t, 3);
    ck_assert_str_eq(data.runs[data.rows[5].run], "game 2");
    qsg_transcript_free(&data);
    qsg_transcript_free(&data);
}
END_TEST

START_TEST(tells_pairs_from_single_speakers)
{
    static const struct { const char *rows; bool paired, single; size_t odd; } cases[] = {
        {"r\t1\ta\tb\tx\nr\t2\tb\ta\ty\n", false, true, 0},
        {"r\t1\ta\tb\tx\nr\t1\ta\tc\tx\nr\t2\tb\ta\ty\n", false, true, 0},  /* a broadcast */
        {"r\t1\ta\tb\tx\nr\t1\ta\tc\ty\n", false, false, 0},              /* one speaker, two labels */
        {"r\t1\ta\tb\tx\nr\t1\tb\tc\tx\n", false, false, 0},              /* not both directions of one pair */
        {"r\t1\ta\tb\tx\nr\t1\tb\ta\tx\nr\t2\ta\tb\tx\n", false, false, 2}, /* a direction is missing */
        {"r\t1\ta\tb\tx\nr\t1\tb\ta\tx\ns\t1\ta\tb\tx\ns\t1\tb\ta\tx\n", true, false, 0},
        {"r\t1\ta\tb\tx\nr\t2\ta\tc\tx\ns\t1\ta\tb\tx\ns\t1\tb\ta\tx\n", false, false, 2}, /* a pair, late */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        qsg_transcript data = {0};
        snprintf(text, sizeof text, HEADER "%s", cases[i].rows);
        write_file(text);
        ck_assert_int_eq(qsg_transcript_read(&data, path, NULL), QSG_OK);
        unlink(path);
        ck_assert_msg(data.paired == cases[i].paired && data.single == cases[i].single, "case %zu: %d %d", i,
                      data.paired, data.single);
        if (!data.paired && !data.single)
            ck_assert_uint_eq(data.odd_row, cases[i].odd);
        ck_assert_uint_eq(data.first_line, 2);
        ck_assert_str_eq(data.path, path);
        qsg_transcript_free(&data);
    }
}
END_TEST

START_TEST(names_every_defect)
{
    static const struct { const char *text; int line; const char *says; } cases[] = {
        {"", 1, "no rows"},
        {HEADER, 1, "no rows (only a header)"},
        {"run_id\tt\tspeaker\tlistener\n0\t1\ta\tb\n", 1, "column label is missing"},
        {"run_id\tt\tspeaker\tlistener\tlabel\tnote\r\n", 1, "column note is unknown (field 6); expected run_id"},
        {"run_id\tt\tspeaker\tlistener\tlabel\tbelief_\n", 1, "column belief_ is unknown"},
        {"run_id\tt\tspeaker\tlistener\tlabel\tbelief_1a\n", 1, "column belief_1a is unknown"},
        {"run_id\t\tspeaker\tlistener\tlabel\tt\n", 1, "column without a name is unknown (field 2)"},
        {"0\t1\ta\tb\tx\n", 1, "column 0 is unknown (field 1)"},
        {"# x\nrun_id\tt\tt\tspeaker\tlistener\tlabel\n", 2, "column t is given twice"},
        {HEADER "0\t1\ta\tb\tx\n0\t2\ta\tb\n", 3, "wrong number of fields (4); expected 5"},
        {HEADER "0\t1\ta\tb\tx\tmore\n", 2, "wrong number of fields (6); expected 5"},
        {HEADER "0\t1\ta\tb\tx\n\n\r\n0\t2\ta\tb\tx\n", 3, "the line is empty"},
        {"\n" HEADER "0\t1\ta\tb\tx\n", 1, "the line is empty"},
        {HEADER "0\t1\ta\tb\t\n", 2, "label is empty"},
        {HEADER "0\t1\t\tb\tx\n", 2, "speaker is empty"},
        {HEADER "0\t1\ta\t\tx\n", 2, "listener is empty"},
        {HEADER "\t1\ta\tb\tx\n", 2, "run_id is empty"},
        {HEADER "0\t\ta\tb\tx\n", 2, "t is empty"},
        {HEADER "0\t-1\ta\tb\tx\n", 2, "t is not a time (-1)"},
        {HEADER "0\t1.5\ta\tb\tx\n", 2, "t is not a time (1.5)"},
        {HEADER "0\tnan\ta\tb\tx\n", 2, "t is not a time (nan)"},
        {HEADER "0\t99999999999999999999\ta\tb\tx\n", 2, "t is not a time"},
        {HEADER "0\t9007199254740993\ta\tb\tx\n", 2, "t is not a time"},
        {HEADER "0\t1\ta\tb\tx\r\n0\t2\tb\tb\tx\r\n", 3, "talks to itself (b)"},
        {HEADER "0\t1\ta\tb\t\xFF\n", 2, "not UTF-8 (byte 9 of the line is 0xFF)"},
        {HEADER "0\t1\ta\tb\t\xC0\xAF\n", 2, "not UTF-8"},     /* overlong */
        {HEADER "0\t1\ta\tb\t\xED\xA0\x80\n", 2, "not UTF-8"}, /* a surrogate */
        {HEADER "0\t1\ta\t\xE2\x82\tx\n", 2, "not UTF-8"},     /* cut short */
        {HEADER "0\t2\ta\tb\t\xC3\xA9\xF0\x9F\x98\x80\n0\t1\ta\tb\tx\n", 3, "time goes back"}, /* good UTF-8 passes */
        {HEADER "0\t5\ta\tb\tx\n0\t4\ta\tb\tx\n", 3, "time goes back within run 0 (4 after 5)"},
        {HEADER "0\t5\ta\tb\tx\n1\t1\ta\tb\tx\n0\t6\ta\tb\tx\n", 4, "a run goes on after another began (0)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qsg_transcript data = {.n_rows = 77};
        qsg_error error = {""};
        char place[96];
        write_file(cases[i].text);
        ck_assert_int_eq(qsg_transcript_read(&data, path, &error), QSG_EINPUT);
        unlink(path);
        snprintf(place, sizeof place, "%s:%d: ", path, cases[i].line);
        ck_assert_msg(strncmp(error.message, place, strlen(place)) == 0 && strstr(error.message, cases[i].says),
                      "case %zu: %s", i, error.message);
        ck_assert_uint_eq(data.n_rows, 77);
    }
    qsg_transcript data = {.n_rows = 77};
    qsg_error error = {""};
    ck_assert_int_eq(qsg_transcript_read(&data, "/nonexistent/x.tsv", &error), QSG_EIO);
    ck_assert_int_eq(qsg_transcript_read(&data, "/", &error), QSG_EIO);
    ck_assert_uint_eq(data.n_rows, 77);
}
END_TEST

static void write_bytes(const char *bytes, size_t n)
{
    write_file("");
    FILE *stream = fopen(path, "w");
    ck_assert_uint_eq(fwrite(bytes, 1, n, stream), n);
    fclose(stream);
}

/* Bytes that are no text, and lines without an end, are refused without reading on. */
START_TEST(no_text)
{
    static char text[3 << 20];
    qsg_transcript data = {.n_rows = 77};
    qsg_error error = {""};
    const size_t n = strlen(strcpy(text, HEADER "0\t1\ta\tb\tx"));
    write_bytes(text, n + 1); /* a NUL at the end of a last line without \n */
    ck_assert_int_eq(qsg_transcript_read(&data, path, &error), QSG_EINPUT);
    unlink(path);
    ck_assert_msg(strstr(error.message, ":2: the line has a NUL character (byte 10)"), "%s", error.message);
    memset(text + n, 'x', sizeof text - n);
    write_bytes(text, n + (1 << 20) - 9); /* a label that fills the line */
    ck_assert_msg(qsg_transcript_read(&data, path, &error) == QSG_OK, "%s", error.message);
    unlink(path);
    ck_assert_uint_eq(strlen(data.labels[0]), (1 << 20) - 8);
    qsg_transcript_free(&data);
    data.n_rows = 77;
    write_bytes(text, sizeof text);
    ck_assert_int_eq(qsg_transcript_read(&data, path, &error), QSG_EINPUT);
    unlink(path);
    ck_assert_msg(strstr(error.message, ":2: the line is too long (more than 1048576 bytes)"), "%s", error.message);
    ck_assert_uint_eq(data.n_rows, 77);
}
END_TEST

/* The order of labels does not depend on who spoke first; numbers go by their size, and by themselves when K is known. */
START_TEST(order_of_labels)
{
    static const struct { const char *said[3], *sorted; size_t labels, n; const char *numbered; } cases[] = {
        {{"no", "yes", "maybe"}, "maybe no yes ", 5, 3, "maybe no yes "},
        {{"10", "9", "2"}, "2 9 10 ", 10, 10, "1 2 3 4 5 6 7 8 9 10 "},
        {{"10", "9", "2"}, "2 9 10 ", 9, 3, "2 9 10 "},
        {{"3", "0", "2"}, "0 2 3 ", 5, 3, "0 2 3 "},
        {{"3", "01", "2"}, "01 2 3 ", 5, 3, "01 2 3 "}, /* a text among them: bytes */
        {{"3", "1", "2"}, "1 2 3 ", 3, 3, "1 2 3 "},
        {{"1234567890123456789", "3", "20"}, "1234567890123456789 20 3 ", 30, 3, "1234567890123456789 20 3 "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qsg_transcript data = {0};
        char text[512], order[128] = "";
        const char *const *said = cases[i].said;
        snprintf(text, sizeof text, HEADER "r\t1\ta\tb\t%s\nr\t2\ta\tb\t%s\nr\t3\ta\tb\t%s\nr\t4\ta\tb\t%s\n", said[0], said[1],
                 said[2], said[0]);
        write_file(text);
        ck_assert_int_eq(qsg_transcript_read(&data, path, NULL), QSG_OK);
        unlink(path);
        for (int numbered = 0; numbered < 2; numbered++) {
            *order = 0;
            for (size_t k = 0; k < data.n_labels; k++)
                strcat(strcat(order, data.labels[k]), " ");
            ck_assert_str_eq(order, numbered ? cases[i].numbered : cases[i].sorted);
            for (size_t j = 0; j < 4; j++)
                ck_assert_str_eq(data.labels[data.rows[j].label], said[j % 3]);
            ck_assert_int_eq(qsg_transcript_number_labels(&data, cases[i].labels, NULL), QSG_OK);
        }
        ck_assert_uint_eq(data.n_labels, cases[i].n);
        qsg_transcript_free(&data);
    }
}
END_TEST

/* Many names: the table grows and finds all of them again. */
START_TEST(many_names)
{
    enum { N = 20000 };
    qsg_transcript data = {0};
    write_file("");
    FILE *stream = fopen(path, "w");
    fputs(HEADER, stream);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < N; i++)
            fprintf(stream, "r\t%d\tagent %d\tagent %d\tlabel %d\n", round * N + i, i, (i + 1) % N, (i * 7) % N);
    fclose(stream);
    ck_assert_int_eq(qsg_transcript_read(&data, path, NULL), QSG_OK);
    unlink(path);
    ck_assert_uint_eq(data.agents, N);
    ck_assert_uint_eq(data.n_labels, N);
    for (size_t i = 0; i < N; i++) {
        char name[32];
        snprintf(name, sizeof name, "label %zu", (i * 7) % N);
        ck_assert_str_eq(data.labels[data.rows[N + i].label], name);
        ck_assert_uint_eq(data.rows[N + i].label, data.rows[i].label);
        ck_assert_uint_eq(data.rows[i].listener, data.rows[(i + 1) % N].speaker);
    }
    qsg_transcript_free(&data);
}
END_TEST

/* 2 agents, 2 interactions a bin.  Run a: match, match | match -, ended in agreement (last 2 matched), so carried on;
 * run b: no, match | no, no | no: its last bin is unfinished and it disagrees, so it is absent there. */
START_TEST(coordination_by_hand)
{
    qsg_transcript data = {0};
    qsg_coordination seen = {0};
    write_file(HEADER "a\t1\tp\tq\tx\na\t1\tq\tp\tx\na\t2\tp\tq\tx\na\t2\tq\tp\tx\na\t3\tp\tq\ty\na\t3\tq\tp\ty\n"
                      "b\t1\tp\tq\tx\nb\t1\tq\tp\ty\nb\t2\tp\tq\tx\nb\t2\tq\tp\tx\nb\t3\tp\tq\ty\nb\t3\tq\tp\tx\n"
                      "b\t4\tp\tq\tx\nb\t4\tq\tp\ty\nb\t5\tp\tq\ty\nb\t5\tq\tp\tx\n");
    ck_assert_int_eq(qsg_transcript_read(&data, path, NULL), QSG_OK);
    unlink(path);
    ck_assert_int_eq(qsg_coordination_init(&seen, &data, 2, 0, NULL), QSG_OK);
    ck_assert_uint_eq(seen.bins, 3);
    ck_assert_uint_eq(seen.n_agreed, 1);
    ck_close_abs(seen.time[1], 2.5, 0);
    ck_close(seen.value[0], 0.75, 1e-15);  /* 3 of 4 */
    ck_close(seen.value[1], 0.5, 1e-15);   /* 1 + 1 carried + 0 of 4 */
    ck_close(seen.value[2], 1.0, 1e-15);   /* run a alone */
    ck_close_abs(seen.n[1], 3, 0);
    ck_close_abs(seen.present[2], 1, 0);
    ck_close_abs(seen.carried[2], 1, 0);
    ck_close(seen.se[0], 0.25, 1e-14);     /* runs 1 and .5: standard deviation .3536, over sqrt 2 */
    ck_close(seen.se[1], 0.5, 1e-14);
    ck_close(seen.se_binomial[0], sqrt(0.75 * 0.25 / 4), 1e-14);
    ck_assert(isnan(seen.se[2]));
    ck_close_abs(seen.unresolved[0], 1, 0);
    qsg_coordination_free(&seen);
    qsg_coordination_free(&seen);
    qsg_error error;
    ck_assert_int_eq(qsg_coordination_init(&seen, &data, 1, 0, &error), QSG_EINPUT);
    ck_assert_int_eq(qsg_coordination_init(&seen, &data, 9, 0, &error), QSG_EINPUT); /* shorter than a round */
    ck_assert_ptr_null(seen.value);
    qsg_transcript_free(&data);
}
END_TEST

/* One bin of five utterances p:x p:x q:x q:y r:x.  Pairs of different speakers: pq 4, pr 2, qr 2; equal labels
 * 2, 2, 1. */
START_TEST(pairs_by_hand)
{
    qsg_transcript data = {0};
    qsg_coordination seen = {0};
    write_file(HEADER "a\t0\tp\tq\tx\na\t1\tp\tq\tx\na\t2\tq\tp\tx\na\t3\tq\tr\ty\na\t4\tr\tp\tx\n");
    ck_assert_int_eq(qsg_transcript_read(&data, path, NULL), QSG_OK);
    unlink(path);
    ck_assert_int_eq(qsg_coordination_init(&seen, &data, 3, 5, NULL), QSG_OK);
    ck_assert_uint_eq(seen.bins, 1);
    ck_close(seen.value[0], 5.0 / 8, 1e-15);
    ck_assert(isnan(seen.se_binomial[0]));
    qsg_coordination_free(&seen);
    qsg_transcript_free(&data);
    write_file(HEADER "a\t7\tp\tq\tx\na\t8\tp\tq\tx\na\t9\tq\tp\tx\n");
    ck_assert_int_eq(qsg_transcript_read(&data, path, NULL), QSG_OK);
    unlink(path);
    ck_assert_int_eq(qsg_coordination_init(&seen, &data, 2, 0, NULL), QSG_EINPUT); /* begins late */
    qsg_transcript_free(&data);
}
END_TEST

/* A run that begins after the first bin has no known past; one that agreed is carried on for 10^10 interactions without
 * listing them.  By hand: in a whole bin of width W carried, W/2 utterances each of two speakers, all equal. */
START_TEST(long_times)
{
    qsg_transcript data = {0};
    qsg_coordination seen = {0};
    qsg_error error = {""};
    write_file(HEADER "a\t0\tx\ty\tu\na\t1\ty\tx\tv\nb\t10000000000\tx\ty\tu\nb\t10000000001\ty\tx\tu\n");
    ck_assert_msg(qsg_transcript_read(&data, path, &error) == QSG_OK, "%s", error.message);
    unlink(path);
    ck_assert_int_eq(qsg_coordination_init(&seen, &data, 2, 0, &error), QSG_EINPUT);
    ck_assert_msg(strstr(error.message, "run b") && strstr(error.message, "10000000000"), "%s", error.message);
    qsg_transcript_free(&data);
    write_file(HEADER "a\t0\tx\ty\tu\na\t1\ty\tx\tu\nb\t0\tx\ty\tv\nb\t9999999999\ty\tx\tv\n");
    ck_assert_msg(qsg_transcript_read(&data, path, &error) == QSG_OK, "%s", error.message);
    unlink(path);
    ck_assert_msg(qsg_coordination_init(&seen, &data, 2, 0, &error) == QSG_OK, "%s", error.message);
    ck_assert_uint_eq(seen.width, 50000000);
    ck_assert_uint_eq(seen.bins, 200);
    ck_assert_double_eq(seen.value[1], 1);
    ck_assert_double_eq(seen.carried[1], 1);
    qsg_coordination_free(&seen);
    qsg_transcript_free(&data);
}
END_TEST

RUN_TESTS("transcript", reads_any_order, tells_pairs_from_single_speakers, names_every_defect, no_text, order_of_labels, many_names,
          coordination_by_hand, pairs_by_hand, long_times)
