/* Who wins in a birth-death chain and how long it takes, by elimination that only adds (doc/theory/chain.md, section 3).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "theory/chain_private.h"

chain_inside chain_transient(const qsg_chain *self)
{
    return (chain_inside){self->absorbing[1] ? 1 : 0, self->absorbing[0] ? self->free - 1 : self->free};
}

qsg_status chain_check(const qsg_chain *self, int winner, qsg_error *error)
{
    if (winner < 0 || winner > 2)
        return qsg_fail(error, QSG_EDOMAIN, "winner is %d; expected 0, 1 or 2", winner);
    if (!self->absorbing[0] && !self->absorbing[1])
        return qsg_fail(error, QSG_ENOEXIST, "nobody wins for good: both labels always come back");
    return QSG_OK;
}

qsg_status chain_factor_init(chain_factor *self, const qsg_chain *chain, qsg_error *error)
{
    const size_t n = chain->free + 1;
    const chain_inside inside = chain_transient(chain);
    chain_factor made = {.memory = calloc(3 * n, sizeof *made.memory)};
    if (!made.memory)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu states", n);
    made.rise = made.memory;
    made.fall = made.memory + n;
    made.pivot = made.memory + 2 * n;
    double below = 1; /* 1 - rise of the state below */
    for (size_t i = inside.first; i <= inside.last && i < n; i++) {
        const double falls = chain->down[i] * below;
        made.pivot[i] = chain->up[i] + falls;
        made.rise[i] = chain->up[i] / made.pivot[i];
        below = made.fall[i] = falls / made.pivot[i];
    }
    *self = made;
    return QSG_OK;
}

void chain_factor_free(chain_factor *self)
{
    free(self->memory);
    *self = (chain_factor){0};
}

/* (eq. 9) */
void chain_solve(const qsg_chain *chain, const chain_factor *factor, const double *in, double *out)
{
    const chain_inside inside = chain_transient(chain);
    double below = 0;
    for (size_t i = inside.first; i < inside.last + 1; i++)
        below = out[i] = (in[i] + chain->down[i] * below) / factor->pivot[i];
    for (size_t i = inside.last; i-- > inside.first;)
        out[i] += factor->rise[i] * out[i + 1];
}

void chain_solve_transposed(const qsg_chain *chain, const chain_factor *factor, const double *in, double *out)
{
    const chain_inside inside = chain_transient(chain);
    double before = 0;
    for (size_t i = inside.first; i < inside.last + 1; i++) {
        before = out[i] = in[i] + before;
        before *= factor->rise[i];
    }
    for (size_t i = inside.last + 1; i-- > inside.first;) {
        if (i < inside.last)
            out[i] += chain->down[i + 1] * out[i + 1];
        out[i] /= factor->pivot[i];
    }
}

/* (1 - e^{-hn})/(1 - e^{-hN}), n of N agents having the label with the log odds h (eq. 7) */
static double gambler(double h, double n, double agents)
{
    if (h == 0)
        return n / agents;
    return h > 0 ? expm1(-h * n) / expm1(-h * agents) : exp(h * (agents - n)) * expm1(h * n) / expm1(h * agents);
}

/* Probability of each winner from every state; with one absorbing end that label wins surely.  The closed form, where
 * there is one, does not add up the roundings of a million states. */
static void set_fixation(const qsg_chain *self, const chain_factor *factor, int winner, double *out)
{
    const chain_inside inside = chain_transient(self);
    const double sure = !self->absorbing[2 - winner] ? 1 : !self->absorbing[winner - 1] ? 0 : NAN;
    if (!isnan(sure)) {
        for (size_t i = 0; i <= self->free; i++)
            out[i] = sure;
        return;
    }
    const double agents = (double)self->free, h = self->spec.adoption;
    for (size_t i = 0; i <= self->free && self->spec.agents > 0; i++)
        out[i] = winner == 1 ? gambler(h, (double)i, agents) : gambler(-h, agents - (double)i, agents);
    if (self->spec.agents > 0)
        return;
    out[0] = winner == 2;
    out[self->free] = winner == 1;
    for (size_t i = inside.last + 1; i-- > inside.first;)
        out[i] = (winner == 1 ? 0 : factor->fall[i]) + factor->rise[i] * out[i + 1];
}

qsg_status qsg_chain_fixation(const qsg_chain *self, int winner, double *probability, qsg_error *error)
{
    chain_factor factor;
    qsg_status status = chain_check(self, winner, error);
    if (!status && winner == 0)
        status = qsg_fail(error, QSG_EDOMAIN, "winner is 0; expected 1 or 2");
    if (!status)
        status = chain_factor_init(&factor, self, error);
    if (status)
        return status;
    set_fixation(self, &factor, winner, probability);
    chain_factor_free(&factor);
    return QSG_OK;
}

/* With u the probability of the event: (1 - P) w1 = u, (1 - P) w2 = 2 w1 - u; E[T; event] = w1, E[T^2; event] = w2
 * (eq. 10).  `second` is E[T^2; event]/scale, scale the longest mean, so that squares stay finite. */
static qsg_status moments(const qsg_chain *self, int winner, const chain_factor *factor, double *event, double *first,
                          double *second, double *scale, qsg_error *error)
{
    const chain_inside inside = chain_transient(self);
    double longest = 1;
    for (size_t i = 0; i <= self->free; i++)
        event[i] = 1;
    if (winner)
        set_fixation(self, factor, winner, event);
    chain_solve(self, factor, event, first);
    for (size_t i = inside.first; i < inside.last + 1; i++) {
        if (!(first[i] < 1e300))
            return qsg_fail(error, QSG_ENUMERIC, "the mean time to absorption is beyond 1e300 interactions");
        if (event[i] > 0)
            longest = fmax(longest, first[i] / event[i]);
    }
    for (size_t i = inside.first; i < inside.last + 1; i++)
        second[i] = (2 * first[i] - event[i]) / longest; /* T >= 1 here, so first >= event */
    chain_solve(self, factor, second, second);
    *scale = longest;
    return QSG_OK;
}

qsg_status qsg_chain_times(const qsg_chain *self, int winner, double *mean, double *sd, qsg_error *error)
{
    const size_t n = self->free + 1;
    const chain_inside inside = chain_transient(self);
    chain_factor factor = {0};
    double *work = NULL, scale = 1;
    qsg_status status = chain_check(self, winner, error);
    if (!status)
        status = chain_factor_init(&factor, self, error);
    if (!status && !(work = calloc(3 * n, sizeof *work)))
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu states", n);
    if (!status)
        status = moments(self, winner, &factor, work, work + n, work + 2 * n, &scale, error);
    for (size_t i = 0; i < n && !status; i++) {
        const double event = work[i];
        const bool moves = i >= inside.first && i < inside.last + 1;
        const double m = !(event > 0) ? NAN : moves ? work[n + i] / event : 0;
        if (mean)
            mean[i] = m;
        if (sd && moves)
            sd[i] = isnan(m) ? m : sqrt(fmax(work[2 * n + i] / event / scale - m / scale * (m / scale), 0)) * scale;
        else if (sd)
            sd[i] = m;
    }
    free(work);
    chain_factor_free(&factor);
    return status;
}
