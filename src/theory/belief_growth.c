/* How fast a deviation from the law of one agent's belief grows (doc/theory/kinetic.md, eq. 3-4).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "theory/belief_law.h"

void belief_respond(belief_law *self)
{
    const size_t n = self->n, m = self->m;
    double *after = self->work; /* E[T_k after hearing b] */
    for (size_t b = 0; b <= m; b++)
        for (size_t k = 0; k <= n; k++)
            after[b * (n + 1) + k] =
                belief_dot(belief_column(self, self->maps + b * belief_map_size(self), k), self->moments, belief_rows(self, k));
    for (size_t c = 0; c < m; c++)
        for (size_t k = 0; k <= n; k++)
            self->response[c * (n + 1) + k] = after[(c + 1) * (n + 1) + k] - after[c * (n + 1) + k];
}

qsg_status belief_feedback_matrix(belief_law *self, double rate, qsg_error *error)
{
    const size_t n = self->n, m = self->m;
    qsg_status status = belief_shift(self, rate, error);
    memcpy(self->work, self->speech, m * (n + 1) * sizeof(double));
    if (!status)
        status = belief_solve(self, 'N', self->work, m, error);
    for (size_t b = 0; b < m && !status; b++)
        for (size_t c = 0; c < m; c++)
            self->matrix[b * m + c] = belief_dot(self->response + c * (n + 1), self->work + b * (n + 1), n + 1);
    return status;
}

qsg_status belief_feedback(belief_law *self, double rate, double *multiplier, qsg_error *error)
{
    const int m = (int)self->m;
    qsg_status status = belief_feedback_matrix(self, rate, error);
    if (status)
        return status;
    if (m == 1) {
        *multiplier = self->matrix[0];
        return QSG_OK;
    }
    double *re = self->matrix + m * m, *im = re + m, top = -INFINITY;
    if (LAPACKE_dgeev(LAPACK_ROW_MAJOR, 'N', 'N', m, self->matrix, m, re, im, NULL, m, NULL, m))
        return qsg_fail(error, QSG_ENUMERIC, "the eigenvalues of the feedback matrix do not converge");
    for (int i = 0; i < m; i++)
        top = fmax(top, re[i]);
    *multiplier = top;
    return QSG_OK;
}

static qsg_status excess_feedback(double rate, void *context, double *value, qsg_error *error)
{
    qsg_status status = belief_feedback(context, rate, value, error);
    *value -= 1;
    return status;
}

void belief_generator(belief_law *self, double *matrix)
{
    const size_t n = self->n;
    belief_kernel(self);
    belief_respond(self);
    for (size_t k = 1; k <= n; k++) {
        const double *column = belief_column(self, self->kernel, k);
        for (size_t i = 1; i <= n; i++) {
            double sum = i < belief_rows(self, k) ? -column[i] : 0;
            for (size_t c = 0; c < self->m; c++)
                sum += self->speech[c * (n + 1) + i] * self->response[c * (n + 1) + k];
            matrix[(i - 1) * n + k - 1] = sum - (i == k);
        }
    }
}

/* With own output the relaxation of an agent that hears nothing new has a spectrum of its own: take all eigenvalues. */
static qsg_status dense_growth(belief_law *self, double *rate, qsg_error *error)
{
    const size_t n = self->n;
    double *matrix = malloc((n * n + 2 * n) * sizeof *matrix), *re = matrix + n * n;
    if (!matrix)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu growth rates", n);
    belief_generator(self, matrix);
    const bool failed = LAPACKE_dgeev(LAPACK_ROW_MAJOR, 'N', 'N', (int)n, matrix, (int)n, re, re + n, NULL, (int)n, NULL,
                                      (int)n) != 0;
    double top = -INFINITY;
    for (size_t i = 0; i < n; i++)
        top = fmax(top, re[i]);
    free(matrix);
    if (failed)
        return qsg_fail(error, QSG_ENUMERIC, "the growth rates do not converge");
    *rate = top;
    return QSG_OK;
}

qsg_status belief_growth(belief_law *self, double *rate, qsg_error *error)
{
    if (self->dense)
        return dense_growth(self, rate, error);
    double low = -self->alpha * (1 - 1e-10), high = 1, excess;
    belief_kernel(self);
    belief_respond(self);
    qsg_status status = excess_feedback(low, self, &excess, error);
    if (status)
        return status;
    if (excess <= 0) { /* the mean relaxes as if nobody were heard */
        *rate = -self->alpha;
        return QSG_OK;
    }
    while (!(status = excess_feedback(high, self, &excess, error)) && excess > 0) {
        high *= 2;
        if (high > 1e12)
            return qsg_fail(error, QSG_ENUMERIC, "the growth rate is not bounded by 1e12");
    }
    if (status)
        return status;
    return belief_root(excess_feedback, self, low, high, 1e-15, rate, error);
}
