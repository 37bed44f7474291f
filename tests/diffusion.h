/* Solutions of the two-label diffusion, for several test programs.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_TEST_DIFFUSION_H
#define QSG_TEST_DIFFUSION_H

#include "harness.h"

static const qsg_polynomial_drift neutral = {{0}, {0}};

static inline qsg_spectral spectral_of(const qsg_polynomial_drift *drift, double start, double tau_min)
{
    qsg_spectral s = {0};
    qsg_error error = {""};
    ck_assert_msg(qsg_spectral_init(&s, drift, start, tau_min, &error) == QSG_OK, "%s", error.message);
    return s;
}

static inline qsg_fokker_planck volumes_of(size_t cells, const qsg_polynomial_drift *drift, double start)
{
    qsg_fokker_planck fp = {0};
    qsg_polynomial_drift copy = *drift;
    qsg_error error = {""};
    ck_assert_msg(qsg_fokker_planck_init(&fp, cells, qsg_polynomial_drift_at, &copy, &error) == QSG_OK, "%s",
                  error.message);
    ck_assert_int_eq(qsg_fokker_planck_start_point(&fp, start, NULL), QSG_OK);
    return fp;
}

static inline void advance(qsg_fokker_planck *fp, double tau)
{
    qsg_error error = {""};
    ck_assert_msg(qsg_fokker_planck_advance(fp, tau, &error) == QSG_OK, "%s", error.message);
}

#endif
