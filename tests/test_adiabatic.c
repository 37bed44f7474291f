/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

/* E[x(1-x)] = p(1-p) 2m(1-alpha)/(2m(1-alpha)+alpha) is exact (moments.md); a binomial law of mean p, without the
 * spread of the speakers, gives p(1-p)(1 - alpha/(m(2-alpha))), 4% more at m = 2, alpha = 0.5. */
START_TEST(closed_form)
{
    const double alphas[] = {0.003, 0.2385, 0.5, 0.85, 0.99, 1}, widths[] = {1, 2, 7, 31, 64}, means[] = {1e-6, 0.3, 0.5, 0.97};
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 5; j++)
            for (int k = 0; k < 4; k++) {
                char text[100];
                const double a = alphas[i], m = widths[j], p = means[k], d = 2 * m * (1 - a);
                double t[3];
                qsg_error error = {""};
                snprintf(text, sizeof text, "agents=100 alpha=%g bandwidth=%g", a, m);
                qsg_model model = model_of(text);
                ck_assert_msg(qsg_adiabatic_moments(&model, p, 2, t, &error) == QSG_OK, "%s: %s", text, error.message);
                ck_close_abs(t[1], 2 * p - 1, 1e-12);
                ck_close_abs((1 - t[2]) / 8, p * (1 - p) * d / (d + a), 1e-12);
                qsg_model_free(&model);
            }
}
END_TEST

RUN_TESTS("adiabatic", closed_form)
