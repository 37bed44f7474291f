/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

/* Every code has a phrase of its own, and an unknown one is not NULL. */
START_TEST(phrases)
{
    for (int a = QSG_ENOEXIST; a <= QSG_OK; a++) {
        ck_assert_ptr_nonnull(qsg_strerror((qsg_status)a));
        ck_assert_str_ne(qsg_strerror((qsg_status)a), "unknown status");
        for (int b = a + 1; b <= QSG_OK; b++)
            ck_assert_str_ne(qsg_strerror((qsg_status)a), qsg_strerror((qsg_status)b));
    }
    ck_assert_str_eq(qsg_strerror((qsg_status)-1000), "unknown status");
    ck_assert_str_eq(qsg_strerror((qsg_status)1), "unknown status");
}
END_TEST

START_TEST(messages)
{
    qsg_error error = {"before"};
    ck_assert_int_eq(qsg_fail(&error, QSG_EIO, "%s %d", "disk", 7), QSG_EIO);
    ck_assert_str_eq(error.message, "disk 7");
    ck_assert_int_eq(qsg_fail(NULL, QSG_ENOMEM, "nobody listens %d", 1), QSG_ENOMEM);
    qsg_fail(&error, QSG_EINPUT, "a\nb\tc\x7f");
    ck_assert_str_eq(error.message, "a?b?c?");
}
END_TEST

/* A message that is too long is cut, and still ends. */
START_TEST(long_message)
{
    char text[2000];
    qsg_error error;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    qsg_fail(&error, QSG_EINPUT, "%s", text);
    ck_assert_uint_eq(strlen(error.message), sizeof error.message - 1);
}
END_TEST

RUN_TESTS("status", phrases, messages, long_message)
