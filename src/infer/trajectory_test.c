/* Whether a law describes the means of trajectories, by played runs (doc/theory/transcripts.md, eq. 18).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "infer/trajectory_law.h"
#include "qsg/simulate.h"

#define MAX_GROUPS 12
#define SMALLEST_SHARE 1e-3 /* of the trace: directions that are noise (base/covariance.h) */

enum { RESAMPLES = 1999, LARGE_SAMPLE = 1000 };

/* The times that take part, and what is done to a vector of them. */
typedef struct {
    size_t times, used, groups;
    const double *slope, *spread;
    double norm; /* of the slope in standard deviations */
} reduction;

static void reduction_init(reduction *self, size_t times, const double *slope, const double *spread)
{
    *self = (reduction){.times = times, .slope = slope, .spread = spread};
    for (size_t b = 0; b < times; b++) {
        self->used += spread[b] > 0;
        self->norm += slope && spread[b] > 0 ? slope[b] * slope[b] / (spread[b] * spread[b]) : 0;
    }
    self->groups = self->used < MAX_GROUPS ? self->used : MAX_GROUPS;
    if (self->norm > 0 && self->used < 2) /* the fit takes all there is */
        self->groups = 0;
}

/* In standard deviations, less the direction of the fit, summed over groups of adjacent times. */
static void reduce(const reduction *self, const double *off, double *out)
{
    double along = 0;
    for (size_t b = 0; self->norm > 0 && b < self->times; b++)
        along += self->spread[b] > 0 ? off[b] * self->slope[b] / (self->spread[b] * self->spread[b]) / self->norm : 0;
    for (size_t g = 0; g < self->groups; g++)
        out[g] = 0;
    for (size_t b = 0, i = 0; b < self->times; b++)
        if (self->spread[b] > 0)
            out[i++ * self->groups / self->used] += (off[b] - (self->norm > 0 ? along * self->slope[b] : 0)) / self->spread[b];
}

/* Directions of the covariance of the rows x (n a row), each divided by its standard deviation, in place of the matrix's columns;
 * returns how many have a share of the variance, the last ones. */
static size_t directions(const double *x, size_t rows, size_t n, double *matrix, bool *failed)
{
    double values[MAX_GROUPS], trace = 0;
    for (size_t i = 0; i < n * n; i++)
        matrix[i] = 0;
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j <= i; j++)
                matrix[i * n + j] += x[r * n + i] * x[r * n + j] / (double)rows;
    for (size_t i = 0; i < n; i++)
        trace += matrix[i * n + i];
    *failed = LAPACKE_dsyev(LAPACK_ROW_MAJOR, 'V', 'L', (lapack_int)n, matrix, (lapack_int)n, values) != 0;
    size_t rank = 0;
    for (size_t e = n; !*failed && e > 0 && values[e - 1] > SMALLEST_SHARE * trace; e--, rank++)
        for (size_t i = 0; i < n; i++)
            matrix[i * n + e - 1] /= sqrt(values[e - 1]);
    return rank;
}

/* T^2 of a vector: the squares of its places along the directions. */
static double square_of(const double *x, const double *matrix, size_t n, size_t rank)
{
    double sum = 0;
    for (size_t e = n - rank; e < n; e++) {
        double along = 0;
        for (size_t i = 0; i < n; i++)
            along += matrix[i * n + e] * x[i];
        sum += along * along;
    }
    return sum;
}

/* The chance of a T^2 of `statistic` or more for means of `runs` of the played rows. */
static double chance(const double *x, size_t rows, const double *matrix, size_t n, size_t rank, size_t runs, double statistic,
                     uint64_t seed)
{
    double sum[MAX_GROUPS], beyond = 1;
    rng_stream stream = rng_stream_of(seed, QSG_MAX_RUNS + 1);
    if (runs > LARGE_SAMPLE)
        return gsl_cdf_chisq_Q(statistic, (double)rank);
    for (int d = 0; d < RESAMPLES; d++) {
        for (size_t i = 0; i < n; i++)
            sum[i] = 0;
        for (size_t r = 0; r < runs; r++) {
            const double *row = x + rng_below(&stream, rows) * n;
            for (size_t i = 0; i < n; i++)
                sum[i] += row[i];
        }
        beyond += square_of(sum, matrix, n, rank) / (double)runs >= statistic;
    }
    return beyond / (RESAMPLES + 1);
}

qsg_status played_test(const played *self, const double *mean, const double *law, const double *slope, const double *spread,
                       size_t runs, uint64_t seed, qsg_neutral_test *out, qsg_error *error)
{
    reduction by;
    double matrix[MAX_GROUPS * MAX_GROUPS], seen[MAX_GROUPS];
    bool failed = false;
    reduction_init(&by, self->times, slope, spread);
    *out = (qsg_neutral_test){NAN, NAN, NAN, NAN, false};
    const size_t n = by.groups;
    double *x = malloc((self->runs * n + self->times) * sizeof *x);
    if (!x)
        return qsg_fail(error, QSG_ENOMEM, "no memory for a test at %zu times", self->times);
    double *off = x + self->runs * n;
    for (size_t r = 0; r < self->runs; r++)
        reduce(&by, self->value + r * self->times, x + r * n);
    for (size_t b = 0; b < self->times; b++)
        off[b] = (mean[b] - law[b]) * sqrt((double)runs);
    reduce(&by, off, seen);
    const size_t rank = n ? directions(x, self->runs, n, matrix, &failed) : 0;
    if (rank)
        out->p_value = chance(x, self->runs, matrix, n, rank, runs, square_of(seen, matrix, n, rank), seed);
    free(x);
    return failed ? qsg_fail(error, QSG_ENUMERIC, "the covariance of %zu groups of times has no eigenvalues", n) : QSG_OK;
}
