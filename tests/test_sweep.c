/* The grid of a sweep: order, ranges, refusals.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/sweep.h"

/* The values of one axis, apart by blanks. */
static void check_values(const char *vary, const char *expected)
{
    qsg_sweep_grid grid = {0};
    qsg_error error = {""};
    char got[1024] = "";
    ck_assert_msg(qsg_sweep_vary(&grid, vary, &error) == QSG_OK, "%s: %s", vary, error.message);
    for (size_t i = 0; i < grid.axes[0].n; i++) {
        strcat(got, i ? " " : "");
        strcat(got, grid.axes[0].texts[i]);
    }
    ck_assert_str_eq(got, expected);
    qsg_sweep_free(&grid);
    qsg_sweep_free(&grid);
}

START_TEST(ranges_and_lists)
{
    check_values("N=8:1024:*2", "8 16 32 64 128 256 512 1024");
    check_values("N=512:8:*0.5", "512 256 128 64 32 16 8");
    check_values("h=0:0.1:+0.01", "0 0.01 0.02 0.03 0.04 0.05 0.06 0.07 0.08 0.09 0.1");
    check_values("h=0.3:-0.3:-0.1", "0.3 0.2 0.1 0 -0.1 -0.2 -0.3");
    check_values("h=0.1:0.35:+0.1", "0.1 0.2 0.3");
    check_values("temper=1e-14:3e-14:+1e-14", "1e-14 2e-14 3e-14");
    check_values("alpha=0.3:0.3:*2", "0.3");
    check_values("N=8,20:40:+10,100", "8 20 30 40 100");
    check_values("init=0.3,0.7;onehot:4,4;", "0.3,0.7 onehot:4,4");
    check_values("graph=torus:4x4,er:0.5:1", "torus:4x4 er:0.5:1");
}
END_TEST

START_TEST(first_axis_is_slowest)
{
    qsg_sweep_grid grid = {0};
    qsg_settings fixed = {0}, made = {0};
    ck_assert_int_eq(qsg_sweep_points(&grid), 1);
    ck_assert_int_eq(qsg_sweep_vary(&grid, "N=8,9", NULL), QSG_OK);
    ck_assert_int_eq(qsg_sweep_vary(&grid, "alpha=0.1,0.2,0.3", NULL), QSG_OK);
    ck_assert_int_eq(qsg_sweep_vary(&grid, "K=2,3", NULL), QSG_OK);
    ck_assert_int_eq(qsg_sweep_points(&grid), 12);
    ck_assert_str_eq(qsg_sweep_text(&grid, 7, 0), "9"); /* 7 = (1 * 3 + 0) * 2 + 1 */
    ck_assert_str_eq(qsg_sweep_text(&grid, 7, 1), "0.1");
    ck_assert_str_eq(qsg_sweep_text(&grid, 7, 2), "3");
    ck_assert_int_eq(qsg_settings_set(&fixed, "self", "0.05", NULL), QSG_OK);
    ck_assert_int_eq(qsg_sweep_settings(&grid, &fixed, 7, &made), QSG_OK);
    ck_assert_str_eq(made.texts[QSG_AGENTS], "9");
    ck_assert_str_eq(made.texts[QSG_ALPHA], "0.1");
    ck_assert_str_eq(made.texts[QSG_LABELS], "3");
    ck_assert_str_eq(made.texts[QSG_SELF], "0.05");
    qsg_settings_free(&fixed);
    qsg_settings_free(&made);
    qsg_sweep_free(&grid);
}
END_TEST

START_TEST(refusals_leave_the_grid)
{
    static const struct { const char *text; qsg_status status; } bad[] = {
        {"N", QSG_EINPUT},         {"=8", QSG_EINPUT},          {"M=8", QSG_EINPUT},       {"N=8,,9", QSG_EINPUT},
        {"N=", QSG_EINPUT},        {"alpha=0.4", QSG_EINPUT},   {"a=0.4", QSG_EINPUT},     {"N=8:4:*2", QSG_EDOMAIN},
        {"N=4:8:*1", QSG_EDOMAIN}, {"N=4:8:*-2", QSG_EDOMAIN},  {"N=0:8:*2", QSG_EDOMAIN}, {"N=4:8:+0", QSG_EDOMAIN},
        {"N=4:8:-1", QSG_EDOMAIN}, {"N=1:9e9:+1", QSG_EDOMAIN}, {"N=1:6000000:+1", QSG_EDOMAIN},
    };
    qsg_sweep_grid grid = {0};
    ck_assert_int_eq(qsg_sweep_vary(&grid, "alpha=0.1,0.2", NULL), QSG_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        qsg_error error = {""};
        ck_assert_msg(qsg_sweep_vary(&grid, bad[i].text, &error) == bad[i].status, "%s: %s", bad[i].text, error.message);
        ck_assert_int_gt(strlen(error.message), 0);
        ck_assert_int_eq(grid.n, 1);
        ck_assert_int_eq(qsg_sweep_points(&grid), 2);
    }
    qsg_sweep_free(&grid);
}
END_TEST

RUN_TESTS("sweep", ranges_and_lists, first_axis_is_slowest, refusals_leave_the_grid)
