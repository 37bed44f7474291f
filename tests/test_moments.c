/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

/* theory.md 3: the paper's setting at half speed, in exact arithmetic to the digits given. */
START_TEST(reference_values)
{
    qsg_model model = model_of("agents=24 labels=10 alpha=0.5");
    qsg_moments start, end;
    double rate;
    ck_assert_int_eq(qsg_moments_slow_rate(&model, &rate, NULL), QSG_OK);
    ck_close(rate, 5.809858216e-4, 1e-10);
    ck_assert_int_eq(qsg_moments_start(&model, &start, NULL), QSG_OK);
    ck_assert_int_eq(qsg_moments_evolve(&model, &start, 1500, &end, NULL), QSG_OK);
    ck_close_abs(qsg_moments_polarization(&model, &end), 0.621862, 5e-7);
    ck_close_abs(end.disagreement, 2.8270, 5e-5);
    qsg_model_free(&model);
}
END_TEST

RUN_TESTS("moments", reference_values)
