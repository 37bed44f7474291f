/* Decay rates and the quasi-stationary law of a birth-death chain (doc/theory/chain.md, section 6).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "theory/chain_private.h"

#define MAX_STATES 10000
#define MAX_WORK 2e8 /* states times iterations */
#define MIN_ITERATIONS 100.0
#define MAX_ITERATIONS 3000.0
#define SETTLED 1e-14

/* The chain of the edges of an irreducible chain (eq. 17): absorbed at both ends, with the same rates but for the 0 of
 * the stationary law. */
static qsg_status dual_of(const qsg_chain *self, qsg_chain *dual, qsg_error *error)
{
    qsg_chain made = *self;
    made.free = self->free + 1;
    made.absorbing[0] = made.absorbing[1] = true;
    made.up = calloc(2 * (made.free + 1), sizeof *made.up);
    if (!made.up)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu states", made.free + 1);
    made.down = made.up + made.free + 1;
    for (size_t i = 0; i < self->free; i++) {
        made.up[i + 1] = self->down[i + 1];
        made.down[i + 1] = self->up[i];
    }
    *dual = made;
    return QSG_OK;
}

/* Singular values of D^{1/2} L^T in 1 - P ~ L D L^T (eq. 15), whose entries have been found without subtraction. */
static qsg_status bidiagonal_rates(const qsg_chain *chain, size_t n, double *rate, qsg_error *error)
{
    const chain_inside inside = chain_transient(chain);
    const size_t states = inside.last + 1 - inside.first;
    chain_factor factor = {0};
    double *diagonal = NULL, *work = NULL, none = 0;
    lapack_int info = 0;
    qsg_status status = QSG_OK;
    if (n > states)
        return qsg_fail(error, QSG_EDOMAIN, "%zu decay rates of a chain with %zu transient states; expected at most these",
                        n, states);
    status = chain_factor_init(&factor, chain, error);
    if (status)
        return status;
    diagonal = malloc(2 * states * sizeof *diagonal);
    work = malloc(4 * states * sizeof *work);
    if (!diagonal || !work) {
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu states", states);
        goto out;
    }
    double *off = diagonal + states;
    for (size_t i = inside.first, k = 0; k < states; i++, k++) {
        diagonal[k] = sqrt(factor.pivot[i]);
        off[k] = k + 1 < states ? -sqrt(factor.rise[i] * chain->down[i + 1]) : 0;
    }
    info = LAPACKE_dbdsqr_work(LAPACK_COL_MAJOR, 'U', (lapack_int)states, 0, 0, 0, diagonal, off, &none, 1, &none, 1,
                               &none, 1, work);
    if (info) {
        status = qsg_fail(error, QSG_ENUMERIC, "the decay rates of the chain did not converge (LAPACK code %d)", (int)info);
        goto out;
    }
    for (size_t k = 0; k < n; k++)
        rate[k] = diagonal[states - 1 - k] * diagonal[states - 1 - k];
out:
    free(work);
    free(diagonal);
    chain_factor_free(&factor);
    return status;
}

qsg_status qsg_chain_rates(const qsg_chain *self, size_t n, double *rate, qsg_error *error)
{
    qsg_chain dual = {0};
    if (self->free > MAX_STATES)
        return qsg_fail(error, QSG_EDOMAIN, "the spectrum of %zu free agents takes too long; expected at most %d",
                        self->free, MAX_STATES);
    if (self->absorbing[0] || self->absorbing[1])
        return bidiagonal_rates(self, n, rate, error);
    qsg_status status = dual_of(self, &dual, error);
    if (!status)
        status = bidiagonal_rates(&dual, n, rate, error);
    qsg_chain_free(&dual);
    return status;
}

/* Power iteration of the inverse of 1 - P, from the left; *rate and the law in `law`. */
static qsg_status iterate(const qsg_chain *chain, const chain_factor *factor, double *law, double *next, double *rate,
                          qsg_error *error)
{
    const chain_inside inside = chain_transient(chain);
    const size_t states = inside.last + 1 - inside.first;
    const int iterations = (int)fmin(fmax(MAX_WORK / (double)states, MIN_ITERATIONS), MAX_ITERATIONS);
    for (size_t i = inside.first; i < inside.last + 1; i++)
        law[i] = 1 / (double)states;
    for (int k = 0; k < iterations; k++) {
        double sum = 0, change = 0;
        chain_solve_transposed(chain, factor, law, next);
        for (size_t i = inside.first; i < inside.last + 1; i++)
            sum += next[i];
        if (!(sum < 1e300))
            return qsg_fail(error, QSG_ENUMERIC, "the quasi-stationary law lasts beyond 1e300 interactions");
        for (size_t i = inside.first; i < inside.last + 1; i++) {
            const double p = next[i] / sum;
            change += fabs(p - law[i]);
            law[i] = p;
        }
        *rate = 1 / sum;
        if (change < SETTLED * sqrt((double)states))
            return QSG_OK;
    }
    return qsg_fail(error, QSG_ENUMERIC, "the quasi-stationary law did not settle in %d iterations: its two slowest rates "
                    "are too close", iterations);
}

qsg_status qsg_chain_quasistationary(const qsg_chain *self, double *probability, double *rate, qsg_error *error)
{
    const size_t n = self->free + 1;
    chain_factor factor = {0};
    double *law = NULL, found = 0;
    qsg_status status = chain_check(self, 0, error);
    if (!status)
        status = chain_factor_init(&factor, self, error);
    if (!status && !(law = calloc(2 * n, sizeof *law)))
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu states", n);
    if (!status)
        status = iterate(self, &factor, law, law + n, &found, error);
    if (!status) {
        memcpy(probability, law, n * sizeof *law);
        *rate = found;
    }
    free(law);
    chain_factor_free(&factor);
    return status;
}
