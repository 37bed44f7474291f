/* Three camps in a field.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_FIXATION_CAMPS_H
#define QSG_FIXATION_CAMPS_H

#include "qsg/status.h"

/* Winning probabilities of three camps with shares p (sum 1) in the diffusion dx_k = x_k (s_k - sum_l s_l x_l) dtau: lattices of
 * 32 and 64 quanta, extrapolated; *accuracy estimates the error.  About 0.1 s. */
qsg_status fixation_three_camps(const double selection[3], const double p[3], double wins[3], double *accuracy,
                                qsg_error *error);

#endif
