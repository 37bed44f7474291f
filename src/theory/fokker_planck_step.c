/* Time steps of the finite-volume chain (doc/theory/density.md, eq. 12).  SPDX-License-Identifier: GPL-3.0-or-later */
#include <complex.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "theory/fokker_planck_private.h"

/* L1 error and negative mass that a step may have; what rounding of k A adds, relative to its largest rate, is allowed
 * up to ROUNDING_MOST. */
#define STEP_ERROR 1e-11
#define ROUNDING 2e-16
#define ROUNDING_MOST 1e-9
/* Accepted steps before a longer one is tried again. */
#define PATIENCE 3

enum { POLES = 2, SLOTS = 3 };

/* e^z ~ 2 Re sum residue/(z - pole): the [3/4] Pade approximant, order 7 and L-stable. */
static const double pole[POLES][2] = {{4.7871931031284660171, 1.5674764168952081241},
                                      {3.2128068968715339829, 4.7730874332766424998}};
static const double residue[POLES][2] = {{13.301539995971487047, -60.071732737047443329},
                                         {-11.301539995971487047, 12.471675850250231306}};

typedef double _Complex complex_double;

/* A row of the factors of k A - pole for all poles: below the diagonal of L; above that of U; one over that of U. */
typedef struct {
    double lower[2][POLES], upper[2][POLES], inverse[2][POLES]; /* real and imaginary parts */
} factor_row;

/* k A - pole, factorized, for one step length k; `used` orders the slots by their last use. */
typedef struct {
    double k;
    unsigned long used;
    factor_row *rows;
} slot;

struct qsg_fokker_planck_factors {
    slot slots[SLOTS];
    unsigned long uses;
    double (*solution)[2][POLES];
    complex_double *lower, *diagonal, *upper, *second;
    lapack_int *pivots;
};

struct qsg_fokker_planck_factors *fokker_planck_factors_new(size_t states)
{
    struct qsg_fokker_planck_factors *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    for (int i = 0; i < SLOTS; i++)
        self->slots[i].rows = calloc(states, sizeof *self->slots[i].rows);
    self->solution = calloc(states, sizeof *self->solution);
    self->lower = calloc(4 * states, sizeof *self->lower);
    self->pivots = calloc(states, sizeof *self->pivots);
    bool rows = true;
    for (int i = 0; i < SLOTS; i++)
        rows = rows && self->slots[i].rows;
    if (!rows || !self->solution || !self->lower || !self->pivots) {
        fokker_planck_factors_free(self);
        return NULL;
    }
    self->diagonal = self->lower + states;
    self->upper = self->lower + 2 * states;
    self->second = self->lower + 3 * states;
    return self;
}

void fokker_planck_factors_free(struct qsg_fokker_planck_factors *self)
{
    if (!self)
        return;
    for (int i = 0; i < SLOTS; i++)
        free(self->slots[i].rows);
    free(self->solution);
    free(self->lower);
    free(self->pivots);
    free(self);
}

/* 1/z for finite z, without the other cases that the language's division looks for. */
static complex_double reciprocal(complex_double z)
{
    const double unit = 1 / fmax(fabs(creal(z)), fabs(cimag(z))), a = creal(z) * unit, b = cimag(z) * unit;
    const double part = unit / (a * a + b * b);
    return a * part - b * part * I;
}

/* No rows are exchanged: column i has k(up + down) + |pole| or more on the diagonal and k up below it, and elimination
 * keeps that.  Nonzero info when one is (a matrix that is not finite). */
static lapack_int factorize(const qsg_fokker_planck *self, slot *s, double k)
{
    const size_t n = self->parts + 2;
    struct qsg_fokker_planck_factors *f = self->factors;
    s->k = 0;
    for (int p = 0; p < POLES; p++) {
        const complex_double shift = pole[p][0] + pole[p][1] * I;
        for (size_t i = 0; i < n; i++) {
            f->diagonal[i] = -k * (self->up[i] + self->down[i]) - shift;
            f->lower[i] = k * self->up[i];
            f->upper[i] = i + 1 < n ? k * self->down[i + 1] : 0;
        }
        lapack_int info = LAPACKE_zgttrf_work((lapack_int)n, f->lower, f->diagonal, f->upper, f->second, f->pivots);
        for (size_t i = 0; i < n && !info; i++) {
            const complex_double inverse = reciprocal(f->diagonal[i]), lower = i ? f->lower[i - 1] : 0;
            info = f->pivots[i] != (lapack_int)i + 1;
            s->rows[i].lower[0][p] = creal(lower);
            s->rows[i].lower[1][p] = cimag(lower);
            s->rows[i].upper[0][p] = creal(f->upper[i]);
            s->rows[i].upper[1][p] = cimag(f->upper[i]);
            s->rows[i].inverse[0][p] = creal(inverse);
            s->rows[i].inverse[1][p] = cimag(inverse);
        }
        if (info)
            return info;
    }
    s->k = k;
    return 0;
}

/* (k A - pole) x = in for all poles, both substitutions in one pass each: half the time of zgttrs, which takes the
 * poles one by one and divides. */
static void substitute(const slot *s, size_t n, const double *in, double (*x)[2][POLES])
{
    double re[POLES] = {0}, im[POLES] = {0};
    for (size_t i = 0; i < n; i++)
        for (int p = 0; p < POLES; p++) {
            const double lr = s->rows[i].lower[0][p], li = s->rows[i].lower[1][p];
            const double r = in[i] - (lr * re[p] - li * im[p]), m = -(lr * im[p] + li * re[p]);
            re[p] = x[i][0][p] = r;
            im[p] = x[i][1][p] = m;
        }
    for (int p = 0; p < POLES; p++)
        re[p] = im[p] = 0;
    for (size_t i = n; i-- > 0;)
        for (int p = 0; p < POLES; p++) {
            const double ur = s->rows[i].upper[0][p], ui = s->rows[i].upper[1][p];
            const double vr = s->rows[i].inverse[0][p], vi = s->rows[i].inverse[1][p];
            const double r = x[i][0][p] - (ur * re[p] - ui * im[p]), m = x[i][1][p] - (ur * im[p] + ui * re[p]);
            re[p] = x[i][0][p] = r * vr - m * vi;
            im[p] = x[i][1][p] = r * vi + m * vr;
        }
}

/* Output times that are equally spaced differ in the last digits: the same step for every purpose. */
static bool same_step(double a, double b)
{
    return fabs(a - b) <= 1e-14 * b;
}

/* The slot of step length k: the one that has it, or the one that has been idle longest. */
static slot *slot_of(struct qsg_fokker_planck_factors *self, double k)
{
    slot *found = &self->slots[0];
    for (slot *s = self->slots; s < self->slots + SLOTS; s++) {
        if (same_step(s->k, k)) {
            found = s;
            break;
        }
        if (s->used < found->used)
            found = s;
    }
    found->used = ++self->uses;
    return found;
}

/* out = r(k A) in, for step length k. */
static lapack_int apply(qsg_fokker_planck *self, double k, const double *in, double *out)
{
    const size_t n = self->parts + 2;
    double (*x)[2][POLES] = self->factors->solution;
    slot *s = slot_of(self->factors, k);
    lapack_int info = 0;
    if (!same_step(s->k, k))
        info = factorize(self, s, k);
    if (info)
        return info;
    substitute(s, n, in, x);
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (int p = 0; p < POLES; p++)
            sum += residue[p][0] * x[i][0][p] - residue[p][1] * x[i][1][p];
        out[i] = 2 * sum;
    }
    return 0;
}

/* Take `p` as the new state: the negative rounding of tails is cut and the sum set to 1; neither is more than the
 * error that a step may have. */
static void accept(qsg_fokker_planck *self, const double *p, double tau)
{
    const size_t n = self->parts;
    double sum = 0;
    for (size_t i = 0; i < n + 2; i++)
        sum += p[i] > 0 ? p[i] : 0;
    for (size_t i = 0; i < n; i++)
        self->part[i] = p[i + 1] > 0 ? p[i + 1] / sum : 0;
    self->absorbed[1] = p[0] > 0 ? p[0] / sum : 0;
    self->absorbed[0] = p[n + 1] > 0 ? p[n + 1] / sum : 0;
    self->clock = tau;
}

static double fastest(const qsg_fokker_planck *self)
{
    double rate = 0;
    for (size_t i = 0; i < self->parts + 2; i++)
        rate = self->up[i] + self->down[i] > rate ? self->up[i] + self->down[i] : rate;
    return rate;
}

static double tolerance(double k, double rate)
{
    return STEP_ERROR + fmin(ROUNDING * k * rate, ROUNDING_MOST);
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

typedef enum { STEP_REFUSED, STEP_HALVED, STEP_WHOLE } step_taken;

/* One step of length k against two of k/2: where they agree steps of k are to be trusted; where they do not the two
 * halves are taken all the same if steps so short are trusted already. */
static step_taken checked_step(qsg_fokker_planck *self, double k, double rate, double tau, lapack_int *info)
{
    const size_t n = self->parts + 2;
    double *now = self->real, *once = now + n, *half = once + n, *twice = half + n, distance = 0;
    *info = apply(self, k / 2, now, half);
    if (!*info)
        *info = apply(self, k / 2, half, twice);
    if (!*info)
        *info = apply(self, k, now, once);
    if (*info)
        return STEP_REFUSED;
    for (size_t i = 0; i < n; i++)
        distance += fabs(once[i] - twice[i]);
    const double wrong = defect(twice, n), most = tolerance(k, rate);
    const bool whole = distance <= most && wrong <= most;
    if (!whole && !(k / 2 <= self->trusted && wrong <= tolerance(k / 2, rate)))
        return STEP_REFUSED;
    accept(self, twice, tau);
    return whole ? STEP_WHOLE : STEP_HALVED;
}

/* A step no longer than one that was checked: the chain contracts, so the error of a step of given length only falls
 * as time goes on.  Positivity is looked at all the same. */
static step_taken trusted_step(qsg_fokker_planck *self, double k, double rate, double tau, lapack_int *info)
{
    const size_t n = self->parts + 2;
    double *now = self->real, *next = now + n;
    *info = apply(self, k, now, next);
    if (*info || !(defect(next, n) <= tolerance(k, rate)))
        return STEP_REFUSED;
    accept(self, next, tau);
    return STEP_WHOLE;
}

static void load(qsg_fokker_planck *self)
{
    double *now = self->real;
    now[0] = self->absorbed[1];
    now[self->parts + 1] = self->absorbed[0];
    memcpy(now + 1, self->part, self->parts * sizeof *now);
}

qsg_status qsg_fokker_planck_advance(qsg_fokker_planck *self, double tau, qsg_error *error)
{
    if (!(tau >= self->time && tau < 1e300))
        return qsg_fail(error, QSG_EDOMAIN, "time decreases or is out of range (tau %g after %g); expected a later one",
                        tau, self->time);
    const double end = fmax(self->clock, tau + self->lead);
    const double rate = fastest(self);
    /* the fastest state changes by a tenth */
    double trial = self->trusted > 0 ? 2 * self->trusted : rate > 0 ? 0.1 / rate : INFINITY;
    const double shortest = 1e-9 * fmin(trial, end - self->clock);
    while (self->clock < end) {
        const double left = end - self->clock;
        const bool grow = self->trusted == 0 || (left > self->trusted && self->hold == 0);
        const double k = fmin(left, grow ? trial : self->trusted);
        lapack_int info;
        load(self);
        const double next = k < left ? self->clock + k : end;
        const step_taken taken = (grow ? checked_step : trusted_step)(self, k, rate, next, &info);
        if (taken != STEP_REFUSED) {
            if (taken == STEP_HALVED) {
                self->hold = PATIENCE;
            } else if (grow && k > self->trusted) {
                self->trusted = k;
                trial = 2 * k;
            } else if (self->hold) {
                self->hold--;
            }
            continue;
        }
        if (info || k < shortest) {
            self->time = fmax(self->time, self->clock - self->lead);
            fokker_planck_sum_cells(self);
            return qsg_fail(error, QSG_ENUMERIC, "no time step of the density is accurate (step %g at tau %g)", k,
                            self->time);
        }
        if (grow && self->trusted > 0) {
            self->hold = PATIENCE;
        } else { /* nothing is trusted yet, or no longer */
            trial = k / 2;
            self->trusted = 0;
        }
    }
    self->time = tau;
    fokker_planck_sum_cells(self);
    return QSG_OK;
}
