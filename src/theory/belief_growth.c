/* How fast a deviation from the law of one agent's belief grows (doc/theory/kinetic.md, eq. 3-4).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "theory/belief_law.h"

/* Numbers in the histories of a consensus, and how small the last message of one has become. */
#define MOST_HISTORIES 4000000
#define FORGOTTEN 39.0 /* e^-39 = 1e-17 */

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

/* Largest real part of the eigenvalues of an m x m matrix, which is destroyed; room for 2m numbers behind it. */
static qsg_status leading(double *matrix, int m, double *value, qsg_error *error)
{
    double *re = matrix + m * m, *im = re + m, top = -INFINITY;
    if (LAPACKE_dgeev(LAPACK_ROW_MAJOR, 'N', 'N', m, matrix, m, re, im, NULL, m, NULL, m))
        return qsg_fail(error, QSG_ENUMERIC, "the eigenvalues of the feedback matrix do not converge");
    for (int i = 0; i < m; i++)
        top = fmax(top, re[i]);
    *value = top;
    return QSG_OK;
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
    return leading(self->matrix, m, multiplier, error);
}

static qsg_status excess_feedback(double rate, void *context, double *value, qsg_error *error)
{
    double multiplier = 0;
    qsg_status status = belief_feedback(context, rate, &multiplier, error);
    *value = multiplier - 1;
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

/* What is said at consensus on label 2 because of one message j interactions ago (adiabatic.md, eq. 10a): step[j][b][c]
 * = v_b after c of m labels 1 were heard, less v_b after c - 1. */
typedef struct {
    int m;
    size_t length;
    double keep, sharpness;
    double *step, *matrix;
} histories;

static double histories_length(const belief_law *law, const qsg_channel *channel)
{
    return ceil(FORGOTTEN / (-log1p(-law->alpha) * fmin(channel->sharpness, 1))) + 1;
}

bool belief_consensus_known(const belief_law *law, const qsg_channel *channel)
{
    return !law->dense && histories_length(law, channel) * (double)(law->m * law->m) <= MOST_HISTORIES;
}

static qsg_status histories_init(histories *self, const belief_law *law, const qsg_channel *channel, qsg_error *error)
{
    const size_t m = law->m;
    const double lasting = histories_length(law, channel);
    double tails[2][BELIEF_MAX_BANDWIDTH], room[BELIEF_MAX_BANDWIDTH + 1], weight = 1;
    if (!belief_consensus_known(law, channel))
        return qsg_fail(error, QSG_ENOEXIST, "a consensus remembers too many messages (%g)", lasting);
    *self = (histories){.m = (int)m, .length = (size_t)lasting, .keep = 1 - law->alpha, .sharpness = channel->sharpness};
    self->step = malloc((self->length * m * m + m * m + 2 * m) * sizeof(double));
    if (!self->step)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu messages", self->length);
    self->matrix = self->step + self->length * m * m;
    for (size_t j = 0; j < self->length; j++, weight *= self->keep)
        for (size_t c = 0; c <= m; c++) {
            const double x = law->alpha * weight * (double)c / (double)m;
            belief_tails(m, qsg_channel_binary(channel, x), room, tails[c % 2]);
            for (size_t b = 0; b < m && c > 0; b++)
                self->step[(j * m + b) * m + c - 1] = tails[c % 2][b] - tails[(c + 1) % 2][b];
        }
    return QSG_OK;
}

/* The leading multiplier at growth rate `rate`; beyond the last history terms fall by a constant factor. */
static qsg_status histories_excess(double rate, void *context, double *value, qsg_error *error)
{
    const histories *self = context;
    const size_t entries = (size_t)(self->m * self->m), last = self->length - 1;
    const double discount = 1 / (1 + rate), ratio = discount * pow(self->keep, self->sharpness);
    double weight = discount, multiplier = self->matrix[0];
    memset(self->matrix, 0, entries * sizeof(double));
    for (size_t j = 0; j <= last; j++, weight *= discount)
        for (size_t i = 0; i < entries; i++)
            self->matrix[i] += weight * self->step[j * entries + i] * (j == last ? 1 / (1 - ratio) : 1);
    qsg_status status = self->m == 1 ? QSG_OK : leading(self->matrix, self->m, &multiplier, error);
    *value = (self->m == 1 ? self->matrix[0] : multiplier) - 1;
    return status;
}

qsg_status belief_consensus(const belief_law *law, const qsg_channel *channel, bool upper, double *slope, double *rate,
                            qsg_error *error)
{
    histories self = {0};
    const double swapped[2] = {channel->field ? channel->field[1] : 0, channel->field ? channel->field[0] : 0};
    const double prior[2] = {channel->prior ? channel->prior[1] : 0, channel->prior ? channel->prior[0] : 0};
    double excess = 0, low, high = 0, at_low = 0;
    qsg_channel mirrored = *channel;
    mirrored.field = channel->field ? swapped : NULL;
    mirrored.prior = prior;
    qsg_status status = histories_init(&self, law, upper ? &mirrored : channel, error);
    if (!status)
        status = histories_excess(0, &self, &excess, error);
    if (status)
        goto out;
    *slope = excess + 1;
    /* no deviation outlives the memory, of an agent's belief or of what it says: there terms no longer fall */
    low = fmax(-law->alpha, expm1(channel->sharpness * log1p(-law->alpha))) * (1 - 1e-10);
    if (excess > 0)
        for (low = 0, high = 1; !status && excess > 0; high *= 2)
            status = histories_excess(high, &self, &excess, error);
    else
        status = histories_excess(low, &self, &at_low, error);
    if (!status && high == 0 && at_low <= 0)
        *rate = -law->alpha;
    else if (!status)
        status = belief_root(histories_excess, &self, low, high, 1e-15, rate, error);
out:
    free(self.step);
    return status;
}
