/* A bound on the p-value where runs are too alike for a covariance (doc/theory/transcripts.md, eq. 12).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "infer/neutral_bound.h"

#include <math.h>

#define MIN_RUNS 4          /* as for the test on the covariance */
#define BEYOND_DOUBT 1e-6   /* taking the smaller of two p-values below it costs no more false alarms than this */

/* Relative entropy of a coin with mean v against one with mean e, both in [0, 1]. */
static double divergence(double v, double e)
{
    return (v > 0 ? v * log(v / e) : 0) + (v < 1 ? (1 - v) * log((1 - v) / (1 - e)) : 0);
}

/* Whether the bin's value is a plain mean over its runs: they weigh alike, or have one value in common. */
static bool is_plain_mean(const qsg_coordination *data, size_t b)
{
    for (size_t r = 0; r < data->runs && !data->paired; r++)
        if (data->deviation[r * data->bins + b] != 0)
            return false;
    return true;
}

void neutral_bound(qsg_neutral_test *test, const qsg_coordination *data, const double *law)
{
    double most = 0, bins = 0;
    if (data->runs < MIN_RUNS)
        return;
    for (size_t b = 0; b < data->bins; b++) {
        if (!qsg_neutral_bin_fitted(data, b) || !is_plain_mean(data, b))
            continue;
        const double v = fmin(fmax(data->value[b], 0), 1), e = fmin(fmax(law[b], 0), 1);
        most = fmax(most, data->present[b] * divergence(v, e));
        bins++;
    }
    const double p = fmin(1, 2 * bins * exp(-most));
    if (bins > 0 && (!(test->p_value >= 0) || (p < BEYOND_DOUBT && test->p_value >= BEYOND_DOUBT)))
        *test = (qsg_neutral_test){NAN, NAN, NAN, p, true};
}
