/* Time steps of the finite-volume chain (doc/theory/density.md, eq. 12).  SPDX-License-Identifier: GPL-3.0-or-later */
#include <complex.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "theory/fokker_planck_private.h"

/* L1 error and negative mass that a step may have. */
#define STEP_ERROR 1e-11
/* Accepted steps before a longer one is tried again. */
#define PATIENCE 6

enum { POLES = 2, SLOTS = 2 };

/* e^z ~ 2 Re sum residue/(z - pole): the [3/4] Pade approximant, order 7 and L-stable. */
static const double pole[POLES][2] = {{4.7871931031284660171, 1.5674764168952081241},
                                      {3.2128068968715339829, 4.7730874332766424998}};
static const double residue[POLES][2] = {{13.301539995971487047, -60.071732737047443329},
                                         {-11.301539995971487047, 12.471675850250231306}};

typedef double _Complex complex_double;

/* k A - pole, factorized, for one step length k. */
typedef struct {
    double k;
    complex_double *lower[POLES], *diagonal[POLES], *upper[POLES], *second[POLES];
    lapack_int *pivots[POLES];
} slot;

struct qsg_fokker_planck_factors {
    slot slots[SLOTS];
    complex_double *rhs;
    complex_double *pool;
    lapack_int *pivots;
};

struct qsg_fokker_planck_factors *fokker_planck_factors_new(size_t states)
{
    struct qsg_fokker_planck_factors *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->pool = calloc(states * (4 * POLES * SLOTS + 1), sizeof *self->pool);
    self->pivots = calloc(states * POLES * SLOTS, sizeof *self->pivots);
    if (!self->pool || !self->pivots) {
        fokker_planck_factors_free(self);
        return NULL;
    }
    complex_double *next = self->pool;
    for (int i = 0; i < SLOTS * POLES; i++) {
        slot *s = &self->slots[i / POLES];
        const int p = i % POLES;
        s->lower[p] = next;
        s->diagonal[p] = next + states;
        s->upper[p] = next + 2 * states;
        s->second[p] = next + 3 * states;
        s->pivots[p] = self->pivots + (size_t)i * states;
        next += 4 * states;
    }
    self->rhs = next;
    return self;
}

void fokker_planck_factors_free(struct qsg_fokker_planck_factors *self)
{
    if (!self)
        return;
    free(self->pool);
    free(self->pivots);
    free(self);
}

static lapack_int factorize(const qsg_fokker_planck *self, slot *s, double k)
{
    const size_t n = self->cells + 2;
    s->k = 0;
    for (int p = 0; p < POLES; p++) {
        const complex_double shift = pole[p][0] + pole[p][1] * I;
        for (size_t i = 0; i < n; i++) {
            s->diagonal[p][i] = -k * (self->up[i] + self->down[i]) - shift;
            s->lower[p][i] = k * self->up[i];
            s->upper[p][i] = i + 1 < n ? k * self->down[i + 1] : 0;
        }
        lapack_int info = LAPACKE_zgttrf_work((lapack_int)n, s->lower[p], s->diagonal[p], s->upper[p], s->second[p],
                                              s->pivots[p]);
        if (info)
            return info;
    }
    s->k = k;
    return 0;
}

/* out = r(k A) in, for step length k; the slot keeps the factors for the next step of that length. */
static lapack_int apply(qsg_fokker_planck *self, slot *s, double k, const double *in, double *out)
{
    const size_t n = self->cells + 2;
    complex_double *rhs = self->factors->rhs;
    lapack_int info = 0;
    /* output times that are equally spaced differ in the last digits: the same step for every purpose */
    if (!(fabs(s->k - k) <= 1e-14 * k))
        info = factorize(self, s, k);
    memset(out, 0, n * sizeof *out);
    for (int p = 0; p < POLES && !info; p++) {
        const complex_double weight = residue[p][0] + residue[p][1] * I;
        for (size_t i = 0; i < n; i++)
            rhs[i] = in[i];
        info = LAPACKE_zgttrs_work(LAPACK_COL_MAJOR, 'N', (lapack_int)n, 1, s->lower[p], s->diagonal[p], s->upper[p],
                                   s->second[p], s->pivots[p], rhs, (lapack_int)n);
        for (size_t i = 0; i < n; i++)
            out[i] += 2 * (creal(weight) * creal(rhs[i]) - cimag(weight) * cimag(rhs[i]));
    }
    return info;
}

/* Take `p` as the new state: the negative rounding of tails is cut and the sum set to 1; neither is more than the
 * error that a step may have. */
static void accept(qsg_fokker_planck *self, const double *p, double tau)
{
    const size_t n = self->cells;
    double sum = 0;
    for (size_t i = 0; i < n + 2; i++)
        sum += p[i] > 0 ? p[i] : 0;
    for (size_t i = 0; i < n; i++)
        self->mass[i] = p[i + 1] > 0 ? p[i + 1] / sum : 0;
    self->absorbed[1] = p[0] > 0 ? p[0] / sum : 0;
    self->absorbed[0] = p[n + 1] > 0 ? p[n + 1] / sum : 0;
    self->time = tau;
}

/* Negative mass plus the defect of the sum: what `accept` would correct. */
static double defect(const double *p, size_t n)
{
    double sum = 0, negative = 0;
    for (size_t i = 0; i < n; i++) {
        sum += p[i];
        negative -= p[i] < 0 ? p[i] : 0;
    }
    return negative + fabs(sum - 1);
}

/* One step of length k against two of k/2; true when they agree, and the state is then advanced. */
static bool checked_step(qsg_fokker_planck *self, double k, double tau, lapack_int *info)
{
    const size_t n = self->cells + 2;
    slot *slots = self->factors->slots;
    double *now = self->real, *once = now + n, *half = once + n, *twice = half + n, distance = 0;
    *info = apply(self, &slots[0], k, now, once);
    if (!*info)
        *info = apply(self, &slots[1], k / 2, now, half);
    if (!*info)
        *info = apply(self, &slots[1], k / 2, half, twice);
    if (*info)
        return false;
    for (size_t i = 0; i < n; i++)
        distance += fabs(once[i] - twice[i]);
    if (!(distance <= STEP_ERROR && defect(twice, n) <= STEP_ERROR))
        return false;
    accept(self, twice, tau);
    return true;
}

/* A step no longer than one that was checked: the chain contracts, so the error of a step of given length only falls
 * as time goes on.  Positivity is looked at all the same. */
static bool trusted_step(qsg_fokker_planck *self, double k, double tau, lapack_int *info)
{
    const size_t n = self->cells + 2;
    double *now = self->real, *next = now + n;
    *info = apply(self, &self->factors->slots[0], k, now, next);
    if (*info || !(defect(next, n) <= STEP_ERROR))
        return false;
    accept(self, next, tau);
    return true;
}

static void load(qsg_fokker_planck *self)
{
    double *now = self->real;
    now[0] = self->absorbed[1];
    now[self->cells + 1] = self->absorbed[0];
    memcpy(now + 1, self->mass, self->cells * sizeof *now);
}

/* The first step to try: the fastest cell changes by about a tenth. */
static double first_step(const qsg_fokker_planck *self)
{
    double fastest = 0;
    for (size_t i = 0; i < self->cells + 2; i++)
        fastest = fmax(fastest, self->up[i] + self->down[i]);
    return fastest > 0 ? 0.1 / fastest : INFINITY;
}

qsg_status qsg_fokker_planck_advance(qsg_fokker_planck *self, double tau, qsg_error *error)
{
    if (!(tau >= self->time && tau < 1e300))
        return qsg_fail(error, QSG_EDOMAIN, "time decreases or is out of range (tau %g after %g); expected a later one",
                        tau, self->time);
    double trial = self->trusted > 0 ? 2 * self->trusted : first_step(self);
    const double shortest = 1e-9 * fmin(trial, tau - self->time);
    while (self->time < tau) {
        const double left = tau - self->time;
        const bool grow = self->trusted == 0 || (left > self->trusted && self->hold == 0);
        const double k = fmin(left, grow ? trial : self->trusted);
        lapack_int info;
        load(self);
        const double next = k < left ? self->time + k : tau;
        if (grow ? checked_step(self, k, next, &info) : trusted_step(self, k, next, &info)) {
            if (grow && k > self->trusted) {
                self->trusted = k;
                trial = 2 * k;
            } else if (self->hold) {
                self->hold--;
            }
            continue;
        }
        if (info || k < shortest)
            return qsg_fail(error, QSG_ENUMERIC, "no time step of the density is accurate (step %g at tau %g)", k,
                            self->time);
        if (grow && self->trusted > 0) {
            self->hold = PATIENCE;
        } else { /* nothing is trusted yet, or no longer */
            trial = k / 2;
            self->trusted = 0;
        }
    }
    return QSG_OK;
}
