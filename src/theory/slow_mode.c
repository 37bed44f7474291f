/* The slow deviation from the law of beliefs and its noise (doc/theory/kinetic.md, eq. 6 and 14-16).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/slow_mode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

qsg_status slow_mode_init(slow_mode *self, const closure *c, qsg_error *error)
{
    const size_t size = c->law.n + 1, m = c->law.m;
    double *room = calloc(3 * size + 2 * m, sizeof *room);
    if (!room)
        return qsg_fail(error, QSG_ENOMEM, "no memory for a mode of degree %zu", c->law.n);
    *self = (slow_mode){.n = c->law.n, .phi = room, .source = room + size, .shape = room + 2 * size,
                        .left = room + 3 * size, .right = room + 3 * size + m};
    return QSG_OK;
}

void slow_mode_free(slow_mode *self)
{
    free(self->phi);
    *self = (slow_mode){0};
}

/* Leading eigenvector of the feedback matrix M or its transpose, summing to m; M is not negative. */
static qsg_status leading(const double *matrix, size_t m, bool transpose, double *vector, qsg_error *error)
{
    double next[BELIEF_MAX_BANDWIDTH];
    for (size_t b = 0; b < m; b++)
        vector[b] = 1;
    for (int step = 0; step < 10000 && m > 1; step++) {
        double sum = 0, change = 0;
        for (size_t b = 0; b < m; b++) {
            next[b] = 0;
            for (size_t c = 0; c < m; c++)
                next[b] += matrix[transpose ? c * m + b : b * m + c] * vector[c];
            sum += next[b];
        }
        for (size_t b = 0; b < m; b++) {
            next[b] *= (double)m / sum;
            change = fmax(change, fabs(next[b] - vector[b]));
            vector[b] = next[b];
        }
        if (change < 1e-14 * (double)m)
            return QSG_OK;
    }
    return m == 1 ? QSG_OK : qsg_fail(error, QSG_ENUMERIC, "the slow mode of %zu labels a message does not converge", m);
}

static void combine(const double *rows, const double *weights, size_t m, size_t size, double *out)
{
    memset(out, 0, size * sizeof *out);
    for (size_t b = 0; b < m; b++)
        for (size_t k = 0; k < size; k++)
            out[k] += weights[b] * rows[b * size + k];
}

qsg_status slow_mode_find(slow_mode *self, closure *c, double rate, qsg_error *error)
{
    belief_law *law = &c->law;
    const size_t size = self->n + 1;
    self->rate = rate;
    belief_kernel(law);
    belief_respond(law);
    qsg_status status = belief_feedback_matrix(law, rate, error); /* leaves the kernel shifted */
    if (!status)
        status = leading(law->matrix, law->m, true, self->left, error);
    if (!status)
        status = leading(law->matrix, law->m, false, self->right, error);
    if (status)
        return status;
    combine(law->work, self->left, law->m, size, self->phi);
    combine(law->speech, self->left, law->m, size, self->source);
    combine(law->response, self->right, law->m, size, self->shape);
    self->phi[0] -= belief_dot(self->phi, law->moments, size);
    self->source[0] -= belief_dot(self->source, law->moments, size);
    self->shape[0] = 0;
    status = belief_solve(law, 'T', self->shape, 1, error);
    const double moved = self->shape[1] / 2;
    for (size_t k = 0; k < size && !status; k++)
        self->shape[k] /= moved;
    self->scale = belief_dot(self->phi, self->shape, size);
    if (!status && !(isfinite(self->scale) && self->scale > 0))
        status = qsg_fail(error, QSG_ENUMERIC, "the slow mode is lost in rounding (%g)", self->scale);
    return status;
}

/* Values at the nodes of u_c, what is said above its mean, and d_c, what hearing one label more does to phi. */
static qsg_status rank_values(const slow_mode *self, const belief_law *law, size_t c, size_t fine, double *said,
                              double *moved, double *room, qsg_error *error)
{
    const size_t size = self->n + 1;
    memcpy(room, law->speech + c * size, size * sizeof *room);
    room[0] -= belief_dot(room, law->moments, size);
    qsg_status status = belief_values(room, self->n, fine, said, error);
    if (status)
        return status;
    memset(room, 0, size * sizeof *room);
    const double *low = law->maps + c * belief_map_size(law), *high = low + belief_map_size(law);
    for (size_t k = 0; k < size; k++) {
        const size_t at = k ? packed(k - 1) : 0;
        for (size_t i = 0; i <= k; i++)
            room[i] += self->phi[k] * (high[at + i] - low[at + i]);
    }
    return belief_values(room, self->n, fine, moved, error);
}

/* What the two sides of a mutual exchange have in common: E[(what phi of one gains)(what phi of the other gains)]. */
static qsg_status shared_noise(const slow_mode *self, closure *c, const double *weights, const double *phi,
                               const double *source, size_t fine, double *shared, qsg_error *error)
{
    const belief_law *law = &c->law;
    const size_t m = law->m, row = fine + 1;
    double *said = malloc((2 * m * row + self->n + 1 + m * m) * sizeof *said), *moved = said + m * row;
    if (!said)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the noise of %zu labels a message", m);
    double *room = moved + m * row, *both = room + self->n + 1, sum = 0;
    qsg_status status = QSG_OK;
    for (size_t b = 0; b < m && !status; b++)
        status = rank_values(self, law, b, fine, said + b * row, moved + b * row, room, error);
    for (size_t b = 0; b < m && !status; b++) {
        double gain = 0, with = 0;
        for (size_t j = 0; j < row; j++) {
            gain += weights[j] * moved[b * row + j];
            with += weights[j] * said[b * row + j] * (self->rate * phi[j] - source[j]);
        }
        sum += 2 * gain * with;
        for (size_t a = 0; a < m; a++) {
            both[b * m + a] = 0;
            for (size_t j = 0; j < row; j++)
                both[b * m + a] += weights[j] * said[b * row + j] * moved[a * row + j];
        }
    }
    for (size_t b = 0; b < m && !status; b++)
        for (size_t a = 0; a < m; a++)
            sum += both[b * m + a] * both[a * m + b];
    free(said);
    if (!status)
        *shared = sum;
    return status;
}

qsg_status slow_mode_noise(const slow_mode *self, closure *c, double *variance, qsg_error *error)
{
    const size_t fine = 2 * self->n, row = fine + 1;
    double *weights = malloc(3 * row * sizeof *weights), *phi = weights + row, *source = phi + row;
    double own = 0, shared = 0;
    if (!weights)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the noise of a mode of degree %zu", self->n);
    qsg_status status = belief_weights(c->law.moments, self->n, fine, weights, error);
    if (!status)
        status = belief_values(self->phi, self->n, fine, phi, error);
    if (!status)
        status = belief_values(self->source, self->n, fine, source, error);
    for (size_t j = 0; j < row && !status; j++)
        own += weights[j] * 2 * phi[j] * (source[j] - self->rate * phi[j]);
    if (!status && c->pace == 2)
        status = shared_noise(self, c, weights, phi, source, fine, &shared, error);
    free(weights);
    if (!status)
        *variance = (c->pace * own + 2 * shared) / (self->scale * self->scale);
    return status;
}

qsg_status slow_mode_arrive(slow_mode *self, closure *c, double rate, const double *start, double *p, qsg_error *error)
{
    double at = *p, heard;
    for (int step = 0; step < 200; step++) {
        qsg_status status = closure_map(c, at, step > 0, &heard, error);
        if (!status)
            status = slow_mode_find(self, c, rate, error);
        if (status)
            return status;
        const double move = belief_dot(self->phi, start, self->n + 1) / self->scale;
        const double next = fmin(fmax(at + move, at / 2), (1 + at) / 2);
        if (fabs(next - at) < 1e-12 + 1e-10 * fmin(at, 1 - at)) {
            *p = next;
            return QSG_OK;
        }
        at = next;
    }
    return qsg_fail(error, QSG_ENUMERIC, "the mean belief to which the start comes is not found");
}
