/* The bins that are fitted, and the test of a neutral law on them (doc/theory/transcripts.md, eq. 8 and 10).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "base/covariance.h"
#include "infer/neutral_bound.h"
#include "infer/neutral_fit.h"

#define MAX_GROUPS 12 /* of bins in a test */

bool qsg_neutral_bin_fitted(const qsg_coordination *data, size_t b)
{
    const double runs = (double)data->runs;
    if (data->kind != QSG_SERIES_BINS)
        return data->se[b] > 0; /* whoever made the series has chosen */
    return data->present[b] >= runs / 2 && data->unresolved[b] >= fmin(5, ceil(runs / 2)) &&
           qsg_neutral_bin_error(data, b) > 0;
}

double qsg_neutral_bin_error(const qsg_coordination *data, size_t b)
{
    if (data->kind != QSG_SERIES_BINS) /* no counts: what is between runs is all there is */
        return data->se[b];
    /* a pair of utterances is half an interaction's worth of evidence at most */
    const double n = data->paired ? data->n[b] : data->n[b] / 2, share = (data->value[b] * n + 0.5) / (n + 1);
    const double least = n > 0 ? sqrt(share * (1 - share) / (n + 1)) : NAN;
    return data->se[b] > least ? data->se[b] : least;
}

void fit_free(fit *self)
{
    free(self->bin);
    free(self->error);
    free(self->law);
    free(self->z);
    free(self->slope);
    free(self->spread);
}

qsg_status fit_init(fit *self, const qsg_model *model, const qsg_coordination *data, qsg_error *error)
{
    const size_t bins = data->bins;
    *self = (fit){.model = model, .data = data, .message = error};
    self->bin = malloc(bins * sizeof *self->bin);
    self->error = malloc(bins * sizeof *self->error);
    self->law = malloc(bins * sizeof *self->law);
    self->z = malloc(bins * sizeof *self->z);
    self->slope = malloc(bins * sizeof *self->slope);
    self->spread = malloc(bins * data->runs * sizeof *self->spread);
    if (!self->bin || !self->error || !self->law || !self->z || !self->slope || !self->spread) {
        fit_free(self);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu bins of %zu runs", bins, data->runs);
    }
    for (size_t b = 0; b < bins; b++)
        if (qsg_neutral_bin_fitted(data, b)) {
            self->error[self->n] = qsg_neutral_bin_error(data, b);
            self->bin[self->n++] = b;
        }
    for (size_t r = 0; r < data->runs; r++)
        for (size_t i = 0; i < self->n; i++)
            self->spread[r * self->n + i] = data->deviation[r * bins + self->bin[i]] / self->error[i];
    if (self->n)
        return QSG_OK;
    fit_free(self);
    return qsg_fail(error, QSG_EINPUT, "no bin can be fitted (%zu bins of %zu runs); expected bins in which several "
                                       "runs have not agreed yet", bins, data->runs);
}

double fit_residuals(fit *self, const double *law)
{
    double sum = 0;
    for (size_t i = 0; i < self->n; i++) {
        self->z[i] = (self->data->value[self->bin[i]] - law[self->bin[i]]) / self->error[i];
        sum += self->z[i] * self->z[i];
    }
    return sum;
}

/* Sums over runs of adjacent bins, in place (eq. 10): a choice of directions that does not look at the data, so that
 * Hotelling's law holds; a third of the runs as directions leaves the covariance enough of them.  Returns how many. */
static size_t group_bins(fit *self)
{
    const size_t n = self->n, runs = self->data->runs, most = (runs - 1) / 3 < MAX_GROUPS ? (runs - 1) / 3 : MAX_GROUPS;
    const size_t groups = n < most ? n : most;
    for (size_t r = 0; r <= runs; r++) { /* the last turn is that of the residuals */
        const double *from = r < runs ? self->spread + r * n : self->z;
        double *to = r < runs ? self->spread + r * groups : self->z;
        for (size_t g = 0; g < groups; g++) {
            double sum = 0;
            for (size_t i = g * n / groups; i < (g + 1) * n / groups; i++)
                sum += from[i];
            to[g] = sum;
        }
    }
    return groups;
}

qsg_status fit_test(fit *self, qsg_neutral_test *out)
{
    const size_t runs = self->data->runs;
    double matrix[MAX_GROUPS * MAX_GROUPS] = {0};
    hotelling test;
    *out = (qsg_neutral_test){NAN, NAN, NAN, NAN, false};
    if (runs < FIT_MIN_RUNS)
        return QSG_OK;
    const size_t n = group_bins(self);
    for (size_t r = 0; r < runs; r++)
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j <= i; j++)
                matrix[i * n + j] += self->spread[r * n + i] * self->spread[r * n + j];
    qsg_status status = hotelling_test(&test, matrix, self->z, n, runs, self->message);
    if (!status && test.rank)
        *out = (qsg_neutral_test){test.statistic, (double)test.rank, (double)(runs - test.rank), test.p_value,
                                  false};
    return status;
}

qsg_status qsg_neutral_test_law(qsg_neutral_test *self, const qsg_coordination *data, const double *law,
                                qsg_error *error)
{
    fit f;
    qsg_status status = fit_init(&f, NULL, data, error);
    if (status)
        return status;
    fit_residuals(&f, law);
    status = fit_test(&f, self);
    if (!status)
        neutral_bound(self, data, law);
    fit_free(&f);
    return status;
}
