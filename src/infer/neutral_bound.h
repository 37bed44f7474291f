/* A bound where runs are too alike for a covariance.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_NEUTRAL_BOUND_H
#define QSG_NEUTRAL_BOUND_H

#include "qsg/fit_neutral.h"

/* Replace the test of `law` by the bound (doc/theory/transcripts.md, eq. 12) when there is none, though there are runs
 * enough, or when the bound rejects beyond doubt what the test on the covariance lets pass. */
void neutral_bound(qsg_neutral_test *test, const qsg_coordination *data, const double *law);

#endif
