/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/covariance.h"

#include <gsl/gsl_cdf.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>

/* Directions with a smaller share of the total variance are left out of the test. */
#define SMALLEST_SHARE 1e-3

qsg_status covariance_init(covariance *self, size_t n, qsg_error *error)
{
    covariance c = {.n = n,
                    .mean = calloc(n + 1, sizeof(double)),
                    .comoment = calloc(n * n + 1, sizeof(double)),
                    .low = calloc(n + 1, sizeof(double)),
                    .high = calloc(n + 1, sizeof(double)),
                    .delta = calloc(n + 1, sizeof(double))};
    if (!c.mean || !c.comoment || !c.low || !c.high || !c.delta) {
        covariance_free(&c);
        return qsg_fail(error, QSG_ENOMEM, "no memory for a covariance of %zu components", n);
    }
    *self = c;
    return QSG_OK;
}

void covariance_free(covariance *self)
{
    free(self->mean);
    free(self->comoment);
    free(self->low);
    free(self->high);
    free(self->delta);
    *self = (covariance){0};
}

void covariance_add(covariance *self, const double *x)
{
    const size_t n = self->n;
    const double count = (double)++self->count, weight = (count - 1) / count;
    for (size_t i = 0; i < n; i++) {
        self->delta[i] = x[i] - self->mean[i];
        self->mean[i] += self->delta[i] / count;
        self->low[i] = self->count == 1 ? x[i] : fmin(self->low[i], x[i]);
        self->high[i] = self->count == 1 ? x[i] : fmax(self->high[i], x[i]);
    }
    for (size_t i = 0; i < n; i++) {
        const double scaled = weight * self->delta[i];
        for (size_t j = 0; j <= i; j++)
            self->comoment[i * n + j] += scaled * self->delta[j];
    }
}

double covariance_of_mean(const covariance *self, size_t i, size_t j)
{
    const double count = (double)self->count;
    if (self->count < 2)
        return NAN;
    return self->comoment[i >= j ? i * self->n + j : j * self->n + i] / (count * (count - 1));
}

double covariance_dominance(const covariance *self, size_t i)
{
    const double furthest = fmax(self->mean[i] - self->low[i], self->high[i] - self->mean[i]);
    return furthest > 0 ? furthest * furthest / self->comoment[i * self->n + i] : NAN;
}

/* The chosen components in standard errors, and their correlation matrix; m of them vary.  False when one that never
 * varied is off. */
static bool standardize(const covariance *self, const double *expected, const bool *use, double *z,
                        double *correlation, size_t *chosen, size_t *m)
{
    bool sound = true;
    *m = 0;
    for (size_t i = 0; i < self->n; i++) {
        if (!use[i])
            continue;
        const double se = sqrt(covariance_of_mean(self, i, i)), off = self->mean[i] - expected[i];
        if (se > 1e-10 * (1 + fabs(expected[i]))) {
            z[*m] = off / se;
            chosen[(*m)++] = i;
        } else if (!(fabs(off) <= 1e-9 * (1 + fabs(expected[i])))) {
            sound = false;
        }
    }
    for (size_t a = 0; a < *m; a++)
        for (size_t b = 0; b < *m; b++)
            correlation[a * *m + b] =
                covariance_of_mean(self, chosen[a], chosen[b]) /
                sqrt(covariance_of_mean(self, chosen[a], chosen[a]) * covariance_of_mean(self, chosen[b], chosen[b]));
    return sound;
}

qsg_status hotelling_test(hotelling *out, double *matrix, const double *off, size_t n, uint64_t count,
                          qsg_error *error)
{
    double trace = 0, sum = 0;
    size_t rank = 0;
    for (size_t i = 0; i < n; i++)
        trace += matrix[i * n + i];
    if (isnan(trace))
        return qsg_fail(error, QSG_ENUMERIC, "the covariance of %zu components is not a number", n);
    if (!(trace > 0)) {
        *out = (hotelling){0, 1, 0};
        return QSG_OK;
    }
    double *values = malloc(n * sizeof *values);
    if (!values)
        return qsg_fail(error, QSG_ENOMEM, "no memory for a test of %zu components", n);
    const int code = LAPACKE_dsyev(LAPACK_ROW_MAJOR, 'V', 'L', (lapack_int)n, matrix, (lapack_int)n, values);
    for (size_t e = 0; !code && e < n; e++) {
        double along = 0;
        if (values[e] < SMALLEST_SHARE * trace)
            continue;
        for (size_t i = 0; i < n; i++)
            along += matrix[i * n + e] * off[i];
        sum += along * along / values[e];
        rank++;
    }
    free(values);
    if (code)
        return qsg_fail(error, QSG_ENUMERIC, "the covariance of %zu components has no eigenvalues", n);
    if (count < rank + 2)
        return qsg_fail(error, QSG_EDOMAIN, "a test of %zu directions needs more runs (%llu); expected %zu or more",
                        rank, (unsigned long long)count, rank + 2);
    const double dims = (double)rank, rest = (double)(count - rank);
    *out = (hotelling){sum, gsl_cdf_fdist_Q(sum * rest / (dims * (double)(count - 1)), dims, rest), rank};
    return QSG_OK;
}

qsg_status covariance_test(const covariance *self, const double *expected, const bool *use, double *statistic,
                           size_t *rank, double *p_value, qsg_error *error)
{
    const size_t n = self->n;
    hotelling test;
    double *z = calloc(n + 1, sizeof *z), *matrix = malloc((n * n + 1) * sizeof *matrix);
    size_t *chosen = malloc((n + 1) * sizeof *chosen), m = 0;
    qsg_status status;
    if (!z || !matrix || !chosen) {
        status = qsg_fail(error, QSG_ENOMEM, "no memory for a test of %zu components", n);
        goto out;
    }
    const bool sound = standardize(self, expected, use, z, matrix, chosen, &m);
    status = hotelling_test(&test, matrix, z, m, self->count, error);
    if (status)
        goto out;
    *statistic = test.statistic;
    *rank = test.rank;
    *p_value = sound ? test.p_value : 0;
out:
    free(z);
    free(matrix);
    free(chosen);
    return status;
}
