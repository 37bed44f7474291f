/* Exact chains against simulation: who leads when U first reaches the threshold, and when that is.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/compare_private.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* A standard deviation that is rounding. */
#define NEGLIGIBLE 1e-10

bool compare_exit_init(compare_exit *self, const qsg_result *prediction)
{
    qsg_basis basis;
    self->p = qsg_result_get_vector(prediction, "fixation.exit_probability", NULL);
    self->mean = qsg_result_get(prediction, "fixation.exit_time");
    self->sd = qsg_result_get(prediction, "fixation.exit_sd_time");
    self->known = self->p && !qsg_result_get_basis(prediction, "fixation.exit_time", &basis) && basis == QSG_EXACT;
    return self->known;
}

static double two_sided(double below, double above)
{
    return fmin(2 * fmin(below, above), 1);
}

/* The tails as incomplete beta functions, which take any number of runs; of the rarer of the two outcomes, whose small
 * probability keeps its digits. */
double compare_binomial(double p, double q, uint64_t wins, uint64_t runs)
{
    const double n = (double)runs, k = (double)(p <= q ? wins : runs - wins), rare = fmin(p, q);
    if (rare == 0)
        return k == 0;
    return two_sided(k < n ? gsl_cdf_beta_Q(rare, k + 1, n - k) : 1, k > 0 ? gsl_cdf_beta_P(rare, k, n - k + 1) : 1);
}

double compare_exit_winners(const compare_exit *self, uint64_t wins, uint64_t runs)
{
    const double p_value = compare_binomial(self->p[0], self->p[1], wins, runs);
    const bool vain = !(fmin(self->p[0], self->p[1]) * (double)runs > 1e-3); /* nothing can be learnt from it */
    return vain && p_value > 0 ? NAN : p_value;
}

/* The sum of the times as a gamma law with its exact mean and variance: right for waiting times, and nearer than a normal
 * law for what is skewed like them. */
double compare_exit_duration(const compare_exit *self, double sum, uint64_t runs)
{
    if (!(self->sd > NEGLIGIBLE * self->mean))
        return NAN;
    const double shape = (double)runs * pow(self->mean / self->sd, 2), scale = self->sd * self->sd / self->mean;
    return two_sided(gsl_cdf_gamma_P(sum, shape, scale), gsl_cdf_gamma_Q(sum, shape, scale));
}

void compare_exit_report(const compare_exit *self, uint64_t wins, double sum, uint64_t runs, bool winners,
                         qsg_result *result)
{
    const double n = (double)runs, mean = sum / n, se = self->sd / sqrt(n), share = (double)wins / n;
    const double p_se = sqrt(self->p[0] * self->p[1] / n), z = p_se > NEGLIGIBLE ? (share - self->p[0]) / p_se : NAN;
    qsg_result_number(result, "exit_time.theory", self->mean, "interactions", QSG_EXACT,
                      "mean time until U first reaches the threshold, of the exact chain");
    qsg_result_number(result, "exit_time.simulation", mean, "interactions", QSG_SIMULATED, "");
    qsg_result_number(result, "exit_time.se", se, "interactions", QSG_EXACT, "standard error if theory holds");
    qsg_result_number(result, "exit_time.z", se > NEGLIGIBLE * mean ? (mean - self->mean) / se : NAN, "standard errors",
                      QSG_SIMULATED, "");
    if (!winners)
        return;
    qsg_result_vector(result, "fixation.theory", 2, self->p, "", QSG_EXACT,
                      "that the label leads when U first reaches the threshold, by the exact chain");
    qsg_result_vector(result, "fixation.simulation", 2, (double[]){share, 1 - share}, "", QSG_SIMULATED,
                      "share of the runs in which it did");
    qsg_result_vector(result, "fixation.se", 2, (double[]){p_se, p_se}, "", QSG_EXACT, "standard errors if theory holds");
    qsg_result_vector(result, "fixation.z", 2, (double[]){z, -z}, "standard errors", QSG_SIMULATED, "");
}
