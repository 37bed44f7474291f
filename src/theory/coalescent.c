/* Law of the consensus time in the neutral diffusion limit (doc/theory/diffusion.md).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/coalescent.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TERMS 2000000

/* Before this time no label that starts at 1/2 or below can have won: P < exp(-(pi/2)^2/(2 tau)) < 1e-17. */
#define TOP_ONLY_UNTIL 0.03

static int descending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

qsg_status qsg_consensus_law_init(qsg_consensus_law *self, const double *p, size_t labels, qsg_error *error)
{
    qsg_consensus_law law = {0};
    double sum = 0;
    for (size_t k = 0; k < labels; k++) {
        if (!(p[k] >= 0))
            return qsg_fail(error, QSG_EDOMAIN, "share of label %zu is %g; expected a number >= 0", k + 1, p[k]);
        sum += p[k];
    }
    if (!(fabs(sum - 1) < 1e-6))
        return qsg_fail(error, QSG_EDOMAIN, "shares sum to %g; expected 1", sum);
    law.shares = malloc((labels + 1) * sizeof *law.shares);
    law.copies = malloc((labels + 1) * sizeof *law.copies);
    if (!law.shares || !law.copies) {
        qsg_consensus_law_free(&law);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu shares", labels);
    }
    memcpy(law.shares, p, labels * sizeof *p);
    qsort(law.shares, labels, sizeof *p, descending);
    for (size_t k = labels; k-- > 1;)
        law.minority += law.shares[k];
    for (size_t k = 0; k < labels && law.shares[k] > 0; k++)
        if (law.n_shares && law.shares[law.n_shares - 1] == law.shares[k]) {
            law.copies[law.n_shares - 1]++;
        } else {
            law.shares[law.n_shares] = law.shares[k];
            law.copies[law.n_shares++] = 1;
        }
    *self = law;
    return QSG_OK;
}

void qsg_consensus_law_free(qsg_consensus_law *self)
{
    free(self->terms);
    free(self->shares);
    free(self->copies);
    *self = (qsg_consensus_law){0};
}

/* 1 - share of the j-th distinct share: the largest takes the sum of the others, which keeps a small minority. */
static double complement(const qsg_consensus_law *self, size_t j)
{
    return j == 0 && self->copies[0] == 1 ? self->minority : 1 - self->shares[j];
}

/* Extend the table of coefficients (eq. 4)
 *     (-1)^i 2(2i+3)/((i+1)(i+2)) sum_k p_k (1-p_k) C_i^{3/2}(1-2p_k)
 * of the first `n_shares` shares to n terms.  The recurrence runs over the ratio R_i = C_i(z)/C_i(1), at most 1 in
 * size, and its step R_{i+1} - R_i, so that 1 - z = 2 min(p, 1-p) counts and not z, which would lose a small
 * minority. */
static qsg_status extend(qsg_consensus_law *self, size_t n, size_t n_shares, qsg_error *error)
{
    if (n <= self->n && n_shares == self->n_used)
        return QSG_OK;
    if (n > MAX_TERMS)
        return qsg_fail(error, QSG_ENUMERIC, "the consensus-time series needs %zu terms; expected at most %d", n,
                        MAX_TERMS);
    double *terms = calloc(n, sizeof *terms);
    if (!terms)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu terms", n);
    for (size_t j = 0; j < n_shares; j++) {
        const double p = self->shares[j], q = complement(self, j), weight = self->copies[j] * p * q;
        /* (-1)^i C_i(z) = C_i(-z): take the sign of z = q - p that is positive */
        const double away = 2 * (p < q ? p : q);
        double ratio = 1, step = 0, sign = weight;
        for (size_t i = 0; i < n; i++) {
            terms[i] += sign * (2 * (double)i + 3) * ratio;
            /* (i+1) C_{i+1} = (2i+3) z C_i - (i+2) C_{i-1} and C_i(1) = (i+1)(i+2)/2 */
            step = ((double)i * step - (2 * (double)i + 3) * away * ratio) / ((double)i + 3);
            ratio += step;
            sign = p < q ? -sign : sign;
        }
    }
    free(self->terms);
    self->terms = terms;
    self->n = n;
    self->n_used = n_shares;
    return QSG_OK;
}

qsg_status qsg_consensus_law_survival(qsg_consensus_law *self, double tau, double *probability, qsg_error *error)
{
    if (!(tau >= 0))
        return qsg_fail(error, QSG_EDOMAIN, "time is %g coalescent units; expected a number >= 0", tau);
    if (self->minority == 0 || tau == 0) {
        *probability = self->minority == 0 ? 0 : 1;
        return QSG_OK;
    }
    /* e^{-745} is the smallest double; terms beyond e^{-40} relative to the first cannot change the sum */
    const double need = ceil(sqrt(80 / tau)) + 2;
    if (!(need <= MAX_TERMS))
        return qsg_fail(error, QSG_ENUMERIC, "the consensus-time series needs %g terms; expected at most %d", need,
                        MAX_TERMS);
    /* Early, only the largest share can have won; the sums of the others are their shares then (eq. 3). */
    const bool top_only = tau < TOP_ONLY_UNTIL && self->copies[0] == 1 && self->minority <= 0.5;
    qsg_status status = extend(self, (size_t)need, top_only ? 1 : self->n_shares, error);
    if (status)
        return status;
    double sum = top_only ? self->minority : 0;
    for (size_t i = (size_t)need; i-- > 0;)
        sum += self->terms[i] * exp(-((double)i + 1) * ((double)i + 2) / 2 * tau);
    *probability = sum < 0 ? 0 : sum > 1 ? 1 : sum;
    return QSG_OK;
}

/* Narrow low < tau < high, where the survival crosses `target`, to 1e-14: halving, alternating with false position, of
 * which a dozen steps suffice because an evaluation may take 10^5 terms. */
static qsg_status refine(qsg_consensus_law *self, double target, double *low, double *high, qsg_error *error)
{
    double above, below, value;
    qsg_status status = qsg_consensus_law_survival(self, *low, &above, error);
    if (!status)
        status = qsg_consensus_law_survival(self, *high, &below, error);
    for (int i = 0; !status && *high - *low > 1e-14 * *high; i++) {
        double at = *low + (*high - *low) / 2;
        if (i % 3 != 2 && above > below) { /* a little beyond the secant, so that both ends move */
            const double secant = *low + (*high - *low) * (above - target) / (above - below);
            const double margin = 1e-3 * (*high - *low) < 4e-15 * *high ? 4e-15 * *high : 1e-3 * (*high - *low);
            at = i % 3 == 0 ? secant - margin : secant + margin;
        }
        if (!(at > *low && at < *high))
            at = *low + (*high - *low) / 2;
        if (at <= *low || at >= *high)
            break;
        status = qsg_consensus_law_survival(self, at, &value, error);
        if (!status && value > target) {
            *low = at;
            above = value;
        } else if (!status) {
            *high = at;
            below = value;
        }
    }
    return status;
}

qsg_status qsg_consensus_law_quantile(qsg_consensus_law *self, double level, double *tau, qsg_error *error)
{
    if (!(level > 0 && level < 1))
        return qsg_fail(error, QSG_EDOMAIN, "quantile level is %g; expected a number in (0, 1)", level);
    if (self->minority == 0)
        return qsg_fail(error, QSG_ENOEXIST, "the start is a consensus");
    /* A tiny minority dies as a critical branching diffusion, P(T <= tau) = exp(-2 minority/tau) (eq. 6), whose
     * relative error is of the order of tau itself. */
    if (self->minority < 1e-9 && -2 * self->minority / log(level) < 1e-7) {
        *tau = -2 * self->minority / log(level);
        return QSG_OK;
    }
    double low = 0, high = 1, survival;
    qsg_status status;
    while (!(status = qsg_consensus_law_survival(self, high, &survival, error)) && survival > 1 - level) {
        low = high;
        high *= 2;
    }
    if (!status && low == 0) /* shrink towards 0 from the top, so that the series stays short */
        for (low = high / 2; !(status = qsg_consensus_law_survival(self, low, &survival, error)) &&
                             survival <= 1 - level;
             low /= 2)
            high = low;
    status = status ? status : refine(self, 1 - level, &low, &high, error);
    if (!status)
        *tau = low + (high - low) / 2;
    return status;
}

double qsg_consensus_law_mean(const qsg_consensus_law *self)
{
    double sum = 0;
    for (size_t j = 0; j < self->n_shares; j++) {
        const double q = complement(self, j);
        /* ln(1-p) from whichever of p and q is small */
        if (q > 0)
            sum -= self->copies[j] * q * (self->shares[j] < 0.5 ? log1p(-self->shares[j]) : log(q));
    }
    return 2 * sum;
}
