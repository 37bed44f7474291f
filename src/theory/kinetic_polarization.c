/* Polarization while noise is amplified (doc/theory/kinetic.md, eq. 17-18).  SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_spline.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "theory/growing_mode.h"

#define WHO "polarization by amplification"
#define SEED_AMPLITUDE 1e-3 /* where the path leaves the growing mode */
#define UNEVEN 2.0          /* starts further out than so many standard deviations follow the path from themselves */
#define WIDTH 8.0           /* of the normal law in standard deviations: e^{-32} is missing */
#define STEP 0.05           /* of its sum, in standard deviations */
#define FINENESS 0.02       /* of its sum over the logarithm of the amplitude, for this many factors of e */
#define DEPTH 40.0
#define EVEN 1e-12           /* mean deviations that are rounding */
#define MOST_STEPS 100000

/* Mean deviation D = 2p - 1 and variance among agents along a path, at equal steps in rounds; D > 0. */
enum { DEVIATION, VARIANCE };
typedef struct {
    size_t n, room;
    double step, amplitude; /* of the growing mode where it begins */
    double *rounds, *deviation, *variance;
    gsl_spline *curves[2];
} route;

static double variance_of(const double *mu)
{
    return fmax(0, ((1 + mu[2]) / 2 - mu[1] * mu[1]) / 4);
}

static void route_free(route *self)
{
    for (int i = 0; i < 2; i++)
        if (self->curves[i])
            gsl_spline_free(self->curves[i]);
    free(self->rounds);
    free(self->deviation);
    free(self->variance);
}

static qsg_status route_add(route *self, const double *mu, qsg_error *error)
{
    if (self->n == self->room) {
        double **const arrays[] = {&self->rounds, &self->deviation, &self->variance};
        self->room = self->room ? 2 * self->room : 256;
        for (int i = 0; i < 3; i++) {
            double *grown = realloc(*arrays[i], self->room * sizeof *grown);
            if (!grown)
                return qsg_fail(error, QSG_ENOMEM, "no memory for the kinetic path");
            *arrays[i] = grown;
        }
    }
    self->rounds[self->n] = (double)self->n * self->step;
    self->deviation[self->n] = mu[1];
    self->variance[self->n++] = variance_of(mu);
    return QSG_OK;
}

/* Follow mu, which is used up, until it rests. */
static qsg_status route_make(route *self, growing_mode *g, double *mu, qsg_error *error)
{
    kinetic_path path = {0};
    self->step = fmin(1, 0.1 / g->rate);
    qsg_status status = path_init(&path, &g->c, error);
    if (!status)
        status = route_add(self, mu, error);
    while (!status && (self->n < 4 || self->deviation[self->n - 1] < SEED_AMPLITUDE ||
                       fabs(self->deviation[self->n - 1] - self->deviation[self->n - 2]) > 1e-11)) {
        status = self->n > MOST_STEPS ? qsg_fail(error, QSG_ENUMERIC, "%s: the path does not come to rest", WHO)
                                      : path_advance(&path, mu, self->step, error);
        if (!status)
            status = route_add(self, mu, error);
    }
    path_free(&path);
    for (int i = 0; i < 2 && !status; i++) {
        self->curves[i] = gsl_spline_alloc(gsl_interp_cspline, self->n);
        if (!self->curves[i] || gsl_spline_init(self->curves[i], self->rounds, i == VARIANCE ? self->variance : self->deviation, self->n))
            status = qsg_fail(error, QSG_ENOMEM, "no memory for the kinetic path");
    }
    return status;
}

/* Rounds along the path at which its amplitude is |a|, and the curve there. */
static double route_time(const route *self, double rate, double a)
{
    return a != 0 ? log(fabs(a) / self->amplitude) / rate : -INFINITY;
}

static double route_at(const route *self, int curve, double rounds)
{
    return gsl_spline_eval(self->curves[curve], fmax(0, fmin(rounds, self->rounds[self->n - 1])), NULL);
}

/* The paths that D and the variance follow, the second that of the growing mode, and the sums of eq. 18 over them. */
typedef struct {
    const route *deviation, *variance;
    double rate, total, square, inside;
} average;

static void average_add(average *self, double a, double weight)
{
    const double rounds = route_time(self->deviation, self->rate, a);
    double d = route_at(self->deviation, DEVIATION, rounds);
    if (!(rounds > 0)) /* linear before the path begins */
        d *= fabs(a) / self->deviation->amplitude;
    self->total += weight;
    self->square += weight * d * d;
    self->inside += weight * route_at(self->variance, VARIANCE, route_time(self->variance, self->rate, a));
}

/* Over a normal law of the amplitude.  Where it reaches 0, at which D turns sharply, the sum is over ln|a|. */
static void average_over(average *self, double mean, double spread)
{
    if (fabs(mean) < WIDTH * spread) {
        const double top = log(fabs(mean) + WIDTH * spread);
        for (int i = 0; i * FINENESS < DEPTH; i++) {
            const double size = exp(top - i * FINENESS), up = (size - mean) / spread, down = (size + mean) / spread;
            average_add(self, size, size * (exp(-up * up / 2) + exp(-down * down / 2)));
        }
    } else {
        for (double xi = -WIDTH; xi <= WIDTH; xi += STEP)
            average_add(self, mean + spread * xi, exp(-xi * xi / 2));
    }
}

/* The start without what tells the labels apart, at n times: N times the variance of e^{-Lambda tau} a so far, and the variance
 * among agents. */
static qsg_status follow_mixed(growing_mode *g, size_t n, const double *rounds, double *noise, double *variance,
                               qsg_error *error)
{
    double *mu = g->room, now = 0;
    kinetic_path path = {0};
    qsg_status status = path_init(&path, &g->c, error);
    for (size_t k = 0; k <= g->c.law.n; k++)
        mu[k] = k % 2 ? 0 : g->start[k];
    for (size_t i = 0; i < n && !status; now = rounds[i], i++) {
        status = path_advance(&path, mu, rounds[i] - now, error);
        for (size_t k = 1; k <= g->c.law.n; k += 2)
            mu[k] = 0; /* rounding, which would grow */
        noise[i] = fmax(0, g->variance - exp(-2 * g->rate * rounds[i]) * growing_sum(g->future, mu, g->c.law.n));
        variance[i] = variance_of(mu);
    }
    path_free(&path);
    return status;
}

static qsg_status route_of_mode(growing_mode *g, route *self, qsg_error *error)
{
    self->amplitude = SEED_AMPLITUDE;
    for (size_t k = 0; k <= g->c.law.n; k++)
        g->room[k] = g->stationary[k] + SEED_AMPLITUDE / g->scale * g->mode[k];
    return route_make(self, g, g->room, error);
}

/* From the start itself, mirrored to D > 0. */
static qsg_status route_of_start(growing_mode *g, route *self, qsg_error *error)
{
    self->amplitude = fabs(g->lift);
    for (size_t k = 0; k <= g->c.law.n; k++)
        g->room[k] = k % 2 && g->start[1] < 0 ? -g->start[k] : g->start[k];
    return route_make(self, g, g->room, error);
}

qsg_status qsg_kinetic_polarization(const qsg_model *model, size_t n, const double *rounds, double *polarization,
                                    double *variance, qsg_error *error)
{
    const double agents = (double)model->agents;
    growing_mode g = {0};
    route mode = {0}, start = {0};
    for (size_t i = 0; i < n; i++)
        if (!(rounds[i] >= (i ? rounds[i - 1] : 0)))
            return qsg_fail(error, QSG_EDOMAIN, "time is %g rounds; expected an increasing number >= 0", rounds[i]);
    double *values = malloc((3 * n + 1) * sizeof *values), *noise = values + n, *mixed = noise + n;
    if (!values)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", n);
    qsg_status status = growing_init(&g, model, WHO, error);
    const bool far = !status && fabs(g.lift) > UNEVEN * sqrt(g.variance / agents);
    if (!status)
        status = follow_mixed(&g, n, rounds, noise, mixed, error);
    if (!status)
        status = route_of_mode(&g, &mode, error);
    const bool uneven = !status && fabs(g.start[1]) > EVEN;
    if (!status && uneven)
        status = route_of_start(&g, &start, error);
    for (size_t i = 0; i < n && !status; i++) {
        const double growth = exp(fmin(g.rate * rounds[i], 600)); /* long at rest */
        average sum = {.deviation = far ? &start : &mode, .variance = &mode, .rate = g.rate};
        average_over(&sum, growth * g.lift, growth * sqrt(noise[i] / agents));
        double square = sum.square / sum.total;
        values[i] = sum.inside / sum.total;
        if (uneven) { /* to the path without noise comes what noise makes of it */
            average still = {.deviation = far ? &start : &mode, .variance = &mode, .rate = g.rate};
            average_add(&still, growth * g.lift, 1);
            square += pow(route_at(&start, DEVIATION, rounds[i]), 2) - still.square;
            values[i] += route_at(&start, VARIANCE, rounds[i]) - still.inside;
        } else {
            values[i] += mixed[i] - mode.variance[0];
        }
        polarization[i] = (1 + fmax(0, fmin(1, square))) / 2;
    }
    for (size_t i = 0; i < n && !status; i++)
        variance[i] = fmax(0, values[i]);
    growing_free(&g);
    route_free(&mode);
    route_free(&start);
    free(values);
    return status;
}
