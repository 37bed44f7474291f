/* Law of the absorption time of a birth-death chain (doc/theory/chain.md, section 4): step by step at first, then by
 * inverting E[e^{-zT}].  SPDX-License-Identifier: GPL-3.0-or-later */
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "theory/chain_private.h"

#define STEPS 500      /* interactions made one by one */
#define CONTOUR 32     /* nodes on the upper half of the parabola */
#define SPAN 10.0      /* one contour serves s0 .. SPAN s0, to e^{-2 pi CONTOUR/9} = 2e-10 */
#define WINDOWS 12     /* contours to either side of the typical time */
#define SHARP 3.5      /* nothing is absorbed earlier than this many standard deviations before the mean */
#define LINE 256       /* nodes on a vertical line, for the early part of a sharp law */
#define PERIOD 25.0    /* of the trapezoidal rule there, in standard deviations; it aliases by e^{-25} */
#define RARE 1e-4      /* a rarer winner has no quantiles */
#define HOPELESS 1e-12 /* a winner rarer than this does not enter */
#define MAX_WORK 3e9

/* The law on the event that one label wins, as in absorption_law.c: a sharp law has a `shift` before which nothing
 * happens, and a vertical line for its early part. */
typedef struct {
    double weight, shift, scale;
    struct {
        bool ready;
        double _Complex logs[CONTOUR]; /* ln E[e^{-zT}; event] */
    } windows[2 * WINDOWS];
    size_t n_line;
    double _Complex line[LINE];
    double early[STEPS + 1]; /* P(T <= t; event) */
} branch;

struct qsg_chain_law {
    const qsg_chain *chain;
    size_t start;
    double mean;
    branch branches[2];
};

/* e^z - 1 without cancellation */
static double _Complex minus_one(double _Complex z)
{
    const double a = creal(z), b = cimag(z), half = sin(b / 2);
    return expm1(a) * cos(b) - 2 * half * half + I * exp(a) * sin(b);
}

/* ln E[e^{-zT}; label `winner` + 1 wins] from the start (eq. 12): sums only, as chain_factor_init with s = e^z - 1. */
static double _Complex transform(const qsg_chain_law *self, double _Complex z, int winner)
{
    const qsg_chain *c = self->chain;
    const chain_inside inside = chain_transient(c);
    const double *back = winner == 0 ? c->down : c->up, *forth = winner == 0 ? c->up : c->down;
    const size_t states = inside.last + 1 - inside.first;
    const size_t steps = winner == 0 ? self->start - inside.first : inside.last - self->start;
    const double _Complex s = minus_one(z);
    const double sr = creal(s), si = cimag(s);
    double ar = 1, ai = 0, pr = 1, pi = 0, exponent = 0; /* what does not come forth again; the product */
    for (size_t k = 0; k < states; k++) {
        const size_t i = winner == 0 ? inside.first + k : inside.last - k;
        const double er = sr + back[i] * ar, ei = si + back[i] * ai, dr = er + forth[i];
        const double norm = 1 / (dr * dr + ei * ei), wr = dr * norm, wi = -ei * norm;
        ar = er * wr - ei * wi;
        ai = er * wi + ei * wr;
        if (k >= steps) {
            const double fr = forth[i] * wr, fi = forth[i] * wi, r = pr * fr - pi * fi;
            pi = pr * fi + pi * fr;
            pr = r;
            const double size = fabs(pr) + fabs(pi);
            if (size < 1e-100 || size > 1e100) {
                exponent += log(size);
                pr /= size;
                pi /= size;
            }
        }
    }
    return clog(pr + I * pi) + exponent;
}

/* P(T <= t; event) for t up to STEPS, on the states within reach. */
static qsg_status set_early(qsg_chain_law *self, qsg_error *error)
{
    const qsg_chain *c = self->chain;
    const size_t low = self->start > STEPS + 1 ? self->start - STEPS - 1 : 0;
    const size_t high = self->start + STEPS + 1 < c->free ? self->start + STEPS + 1 : c->free, n = high - low + 1;
    double *memory = malloc(2 * n * sizeof *memory);
    if (!memory)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu states", n);
    for (int w = 0; w < 2; w++) {
        double *now = memory, *next = memory + n;
        memset(memory, 0, 2 * n * sizeof *memory);
        if (c->absorbing[w] && (w == 0 ? high == c->free : low == 0))
            now[w == 0 ? n - 1 : 0] = next[w == 0 ? n - 1 : 0] = 1;
        for (int t = 0; t <= STEPS; t++) {
            self->branches[w].early[t] = now[self->start - low];
            for (size_t k = 0; k < n; k++) { /* values beyond the window cannot arrive in time */
                const size_t i = low + k;
                const double above = k + 1 < n ? now[k + 1] : 0, below = k > 0 ? now[k - 1] : 0;
                next[k] = now[k] + c->up[i] * (above - now[k]) + c->down[i] * (below - now[k]);
            }
            double *swap = now;
            now = next;
            next = swap;
        }
    }
    free(memory);
    return QSG_OK;
}

static qsg_status set_branches(qsg_chain_law *self, qsg_error *error)
{
    const qsg_chain *c = self->chain;
    double *mean = malloc(2 * (c->free + 1) * sizeof *mean), *sd = mean + c->free + 1;
    if (!mean)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu states", c->free + 1);
    qsg_status status = qsg_chain_times(c, 0, mean, NULL, error);
    self->mean = status ? 0 : mean[self->start];
    for (int w = 0; w < 2 && !status; w++) {
        branch *b = &self->branches[w];
        status = qsg_chain_fixation(c, w + 1, mean, error);
        b->weight = mean[self->start];
        if (!status && b->weight >= HOPELESS)
            status = qsg_chain_times(c, w + 1, mean, sd, error);
        if (status || b->weight < HOPELESS)
            continue;
        b->shift = fmax(mean[self->start] - SHARP * sd[self->start], 0);
        b->scale = mean[self->start] - b->shift;
    }
    free(mean);
    return status;
}

qsg_status qsg_chain_law_new(const qsg_chain *chain, size_t n, qsg_chain_law **self, qsg_error *error)
{
    const chain_inside inside = chain_transient(chain);
    qsg_status status = chain_check(chain, 0, error);
    if (!status && n > chain->free)
        status = qsg_fail(error, QSG_EDOMAIN, "start is %zu of %zu free agents; expected at most all", n, chain->free);
    if (!status && (n < inside.first || n > inside.last))
        status = qsg_fail(error, QSG_ENOEXIST, "the start is a consensus");
    if (status)
        return status;
    qsg_chain_law *made = calloc(1, sizeof *made);
    if (!made)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the law");
    made->chain = chain;
    made->start = n;
    status = set_branches(made, error);
    if (!status)
        status = set_early(made, error);
    if (status)
        qsg_chain_law_free(made);
    else
        *self = made;
    return status;
}

void qsg_chain_law_free(qsg_chain_law *self)
{
    free(self);
}

/* Node k of the parabola of window w, and the factor of dz (eq. 11). */
static double _Complex contour(const branch *b, int w, int k, double _Complex *slope)
{
    const double s0 = b->scale / 3 * pow(SPAN, w - WINDOWS), root = sqrt(8 * SPAN + 1);
    const double step = root / CONTOUR, mu = M_PI / 4 * CONTOUR / (root * SPAN * s0), u = (k + 0.5) * step;
    const double _Complex base = 1 + I * u;
    *slope = step / M_PI * 2 * I * mu * base;
    return mu * base * base;
}

/* P(T <= t; event) by the trapezoidal rule on the line, in the clock that starts at the shift. */
static double absorbed_early(qsg_chain_law *self, int winner, double t)
{
    branch *b = &self->branches[winner];
    const double period = PERIOD * b->scale / SHARP, abscissa = PERIOD / period, step = 2 * M_PI / period;
    double sum = 0;
    while (b->n_line < LINE && (double)b->n_line * step < M_PI &&
           (b->n_line == 0 || cabs(b->line[b->n_line - 1]) > 1e-12 * cabs(b->line[0]))) {
        const double _Complex z = abscissa + I * (double)b->n_line * step;
        b->line[b->n_line++] = cexp(z * b->shift + transform(self, z, winner)) / -minus_one(-z);
    }
    for (size_t k = b->n_line; k-- > 0;)
        sum += (k ? 1 : 0.5) * creal(b->line[k] * cexp(I * (double)k * step * (t - b->shift)));
    return exp(abscissa * (t - b->shift)) * step / M_PI * sum;
}

static double absorbed(qsg_chain_law *self, int winner, double t)
{
    branch *b = &self->branches[winner];
    const double place = log(3 * (t - b->shift) / b->scale) / log(SPAN) + WINDOWS;
    if (t <= b->shift || place < 0)
        return 0;
    if (b->shift > 0 && t - b->shift < b->scale)
        return absorbed_early(self, winner, t);
    if (place >= 2 * WINDOWS)
        return b->weight;
    const int w = (int)place;
    double sum = 0;
    for (int k = 0; k < CONTOUR; k++) {
        double _Complex slope;
        const double _Complex z = contour(b, w, k, &slope);
        if (!b->windows[w].ready)
            b->windows[w].logs[k] = transform(self, z, winner);
        sum += cimag(cexp(z * t + b->windows[w].logs[k]) * slope / -minus_one(-z));
    }
    b->windows[w].ready = true;
    return sum;
}

/* P(T > t; event) */
static double survival_on(qsg_chain_law *self, int winner, double t)
{
    const branch *b = &self->branches[winner];
    if (b->weight < HOPELESS)
        return b->weight;
    const double done = t <= STEPS ? b->early[(size_t)t] : absorbed(self, winner, floor(t));
    return fmin(fmax(b->weight - done, 0), b->weight);
}

static double survival_of(qsg_chain_law *self, int winner, double t)
{
    return winner > 0 ? survival_on(self, winner - 1, t) : fmin(survival_on(self, 0, t) + survival_on(self, 1, t), 1);
}

qsg_status qsg_chain_law_survival(qsg_chain_law *self, int winner, double t, double *survival, qsg_error *error)
{
    if (winner < 0 || winner > 2 || !(t >= 0))
        return qsg_fail(error, QSG_EDOMAIN, "time is %g of winner %d; expected a time >= 0 and 0, 1 or 2", t, winner);
    *survival = survival_of(self, winner, t);
    return QSG_OK;
}

qsg_status qsg_chain_law_quantile(qsg_chain_law *self, int winner, double level, double *t, qsg_error *error)
{
    if (!(level >= 1e-6 && level <= 1 - 1e-6) || winner < 0 || winner > 2)
        return qsg_fail(error, QSG_EDOMAIN, "quantile level is %g of winner %d; expected [1e-6, 1 - 1e-6] and 0, 1 or 2",
                        level, winner);
    const double of = winner == 0 ? 1 : self->branches[winner - 1].weight;
    if (!(of > RARE))
        return qsg_fail(error, QSG_ENOEXIST, "label %d wins too rarely (%g) for quantiles", winner, of);
    const double target = (1 - level) * of;
    double low = 0, high = ceil(self->mean);
    while (survival_of(self, winner, high) > target) {
        low = high;
        high *= 2;
        if (!(high < 1e305))
            return qsg_fail(error, QSG_ENUMERIC, "quantile level %g is beyond 1e300 interactions", level);
    }
    while (high - low > fmax(1, 1e-13 * high)) { /* P(T > low) > target, or low = 0; P(T > high) <= target */
        const double middle = floor(low + (high - low) / 2);
        if (survival_of(self, winner, middle) > target)
            low = middle;
        else
            high = middle;
    }
    *t = high;
    return QSG_OK;
}

qsg_status qsg_chain_expect(const qsg_chain *self, size_t start, const double *f, size_t count, const double *times,
                            double *expectation, qsg_error *error)
{
    const size_t n = self->free + 1;
    double t = 0;
    if (start > self->free)
        return qsg_fail(error, QSG_EDOMAIN, "start is %zu of %zu free agents; expected at most all", start, self->free);
    for (size_t i = 0; i < count; i++)
        if (!(times[i] >= (i ? times[i - 1] : 0)) || times[i] != floor(times[i]))
            return qsg_fail(error, QSG_EDOMAIN, "time %zu is %g; expected whole increasing times", i + 1, times[i]);
    if (count && !(times[count - 1] * (double)n <= MAX_WORK))
        return qsg_fail(error, QSG_ENUMERIC, "%g interactions of %zu states take too long; expected a product of at most %g",
                        times[count - 1], n, MAX_WORK);
    double *law = calloc(2 * (n + 2), sizeof *law), *found = malloc((count + 1) * sizeof *found);
    if (!law || !found) {
        free(law);
        free(found);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu states", n);
    }
    double *now = law + 1, *flow = law + n + 3; /* flow[i]: probability that goes from i to i + 1 */
    now[start] = 1;
    for (size_t k = 0; k < count; k++) {
        for (; t < times[k]; t++) {
            for (size_t i = 0; i + 1 < n; i++)
                flow[i] = self->up[i] * now[i] - self->down[i + 1] * now[i + 1];
            for (size_t i = 0; i < n; i++)
                now[i] += (i ? flow[i - 1] : 0) - (i + 1 < n ? flow[i] : 0);
        }
        found[k] = 0;
        for (size_t i = 0; i < n; i++)
            found[k] += now[i] * f[i];
    }
    memcpy(expectation, found, count * sizeof *found);
    free(law);
    free(found);
    return QSG_OK;
}
