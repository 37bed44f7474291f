/* Finite volumes for the Wright-Fisher diffusion: the spatial chain and its starts (doc/theory/density.md).  Time
 * stepping is in fokker_planck_step.c.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/fokker_planck_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MIN_CELLS 4
#define MAX_CELLS 1000000
/* States of the chain in a cell: what narrow densities and strong drift need to be right to 1e-6 on 4,000 cells, fewer
 * where so many states would be made of ever stiffer steps. */
#define PARTS 6
#define ENOUGH_PARTS 60000
/* An end with less inflow than this, relative to the largest drift, is rounding of a drift that vanishes there. */
#define NO_INFLOW 1e-14

/* ln((e^z - 1)/z) */
static double log_growth(double z)
{
    if (fabs(z) < 1e-8)
        return z / 2;
    return z > 30 ? z - log(z) : log(expm1(z) / z);
}

/* The drift split into inflows and int r = R at every cell's centre of weight (eq. 8). */
typedef struct {
    qsg_drift_function *drift;
    void *context;
    double m0, m1;
    double inflow[2]; /* at x = 0 and x = 1 */
    double *place;    /* centre of weight of each cell, as distance from the nearer end: see `mirrored` */
    double *tilt;     /* R there */
    double tilt_end;  /* R(1) */
} split;

static double selection_at(const split *s, double x)
{
    return (s->drift(x, s->context) - s->m0 * (1 - x) - s->m1 * x) / (x * (1 - x));
}

/* int r from x to y, two Gauss points: exact for cubic r. */
static double tilt_between(const split *s, double x, double y)
{
    const double middle = (x + y) / 2, offset = (y - x) / 2 / sqrt(3);
    return (y - x) / 2 * (selection_at(s, middle - offset) + selection_at(s, middle + offset));
}

/* ln int y^{a-1} over the cell at distance [d, e] from its end, and the centre of that weight; for an absorbing end
 * (a = 0), where the integral diverges, the cell's width over its middle (eq. 9). */
static double cell_weight(double a, double d, double e, double *centre)
{
    if (a == 0) {
        *centre = (d + e) / 2;
        return log(e - d) - log(*centre);
    }
    if (d == 0) {
        *centre = e * a / (a + 1);
        return a * log(e) - log(a);
    }
    const double l = log1p((e - d) / d);
    *centre = d * exp(log_growth((a + 1) * l) - log_growth(a * l));
    return a * log(d) + log(l) + log_growth(a * l);
}

/* ln of int s' from distance d to e > d of an end: 2 int y^{-a} times the logarithmic mean of the rest of the scale
 * density, whose logarithms at the two points are given (eq. 10). */
static double log_distance(double a, double d, double e, double rest_d, double rest_e)
{
    double power;
    if (a == 0) {
        power = log(e - d);
    } else {
        const double l = log1p((e - d) / d);
        power = (1 - a) * log(d) + log(l) + log_growth((1 - a) * l);
    }
    return M_LN2 + power + rest_d + log_growth(rest_e - rest_d);
}

/* Edge j of n cells that are equally wide in the angle 2 asin sqrt x, in which the diffusion has constant strength;
 * for j <= n/2 + 1. */
static double edge(size_t n, double j)
{
    const double root = sin(M_PI / 2 * j / (double)n);
    return root * root;
}

/* Edge i of the parts, precise at both ends. */
static double part_edge(const qsg_fokker_planck *self, size_t i)
{
    const size_t n = self->parts;
    return 2 * i <= n ? edge(n, (double)i) : 1 - edge(n, (double)(n - i));
}

static bool mirrored(const qsg_fokker_planck *self, size_t i)
{
    return i >= self->parts / 2;
}

/* Logarithm of the scale density without the factor 2 and without the power of the near end. */
static double rest(const split *s, bool mirror, double distance, double tilt)
{
    const double other = s->inflow[mirror ? 0 : 1];
    return -(other > 0 ? other * log1p(-distance) : 0) - 2 * tilt;
}

static void weigh_cells(qsg_fokker_planck *self, split *s)
{
    const size_t n = self->parts;
    double at = 0, tilt = 0;
    for (size_t i = 0; i < n; i++) {
        const bool mirror = mirrored(self, i);
        const double j = (double)(mirror ? n - 1 - i : i), other = s->inflow[mirror ? 0 : 1];
        self->log_weight[i] = cell_weight(s->inflow[mirror], edge(n, j), edge(n, j + 1), &s->place[i]);
        const double x = mirror ? 1 - s->place[i] : s->place[i];
        self->place[i] = x;
        tilt += tilt_between(s, at, x);
        at = x;
        s->tilt[i] = tilt;
        self->log_weight[i] += (other - 1) * log1p(-s->place[i]) + 2 * tilt;
    }
    s->tilt_end = tilt + tilt_between(s, at, 1);
}

/* Rates of the birth-death chain whose stationary weights and scale are the diffusion's (eq. 9-11). */
static void set_rates(qsg_fokker_planck *self, const split *s)
{
    const size_t n = self->parts;
    for (size_t i = 0; i + 1 < n; i++) {
        const bool mirror = mirrored(self, i);
        const bool cross = mirrored(self, i + 1) != mirror;
        const double here = s->place[i], next = cross ? 1 - s->place[i + 1] : s->place[i + 1];
        const double rest_here = rest(s, mirror, here, s->tilt[i]), rest_next = rest(s, mirror, next, s->tilt[i + 1]);
        const double l = mirror ? log_distance(s->inflow[1], next, here, rest_next, rest_here)
                                : log_distance(s->inflow[0], here, next, rest_here, rest_next);
        self->up[i + 1] = exp(-(self->log_weight[i] + l));
        self->down[i + 2] = exp(-(self->log_weight[i + 1] + l));
    }
    if (self->absorbing[1])
        self->down[1] = exp(-(self->log_weight[0] + log_distance(0, 0, s->place[0], rest(s, false, 0, 0),
                                                                 rest(s, false, s->place[0], s->tilt[0]))));
    if (self->absorbing[0])
        self->up[n] = exp(-(self->log_weight[n - 1] +
                            log_distance(0, 0, s->place[n - 1], rest(s, true, 0, s->tilt_end),
                                         rest(s, true, s->place[n - 1], s->tilt[n - 1]))));
}

static qsg_status split_drift(split *s, size_t cells, qsg_error *error)
{
    double largest = 0;
    for (size_t i = 0; i <= cells; i++) {
        const double x = (double)i / (double)cells, m = s->drift(x, s->context);
        if (!(fabs(m) <= 1e12))
            return qsg_fail(error, QSG_EDOMAIN, "drift is not finite or too strong (%g at share %g); expected at most "
                            "1e12 in coalescent units", m, x);
        largest = fmax(largest, fabs(m));
    }
    s->m0 = s->drift(0, s->context);
    s->m1 = s->drift(1, s->context);
    if (fabs(s->m0) <= NO_INFLOW * largest)
        s->m0 = 0;
    if (fabs(s->m1) <= NO_INFLOW * largest)
        s->m1 = 0;
    if (s->m0 < 0 || s->m1 > 0)
        return qsg_fail(error, QSG_EDOMAIN, "drift leaves the interval (%g at share %d); expected >= 0 at share 0 and "
                        "<= 0 at share 1", s->m0 < 0 ? s->m0 : s->m1, s->m0 < 0 ? 0 : 1);
    s->inflow[0] = 2 * s->m0;
    s->inflow[1] = -2 * s->m1;
    return QSG_OK;
}

qsg_status qsg_fokker_planck_init(qsg_fokker_planck *self, size_t cells, qsg_drift_function *drift, void *context,
                                  qsg_error *error)
{
    if (!(cells >= MIN_CELLS && cells <= MAX_CELLS))
        return qsg_fail(error, QSG_EDOMAIN, "number of cells is out of range (%zu); expected %d to %d", cells,
                        MIN_CELLS,
                        MAX_CELLS);
    split s = {.drift = drift, .context = context};
    qsg_status status = split_drift(&s, cells, error);
    if (status)
        return status;
    const size_t split_in = cells * PARTS <= ENOUGH_PARTS ? PARTS : (ENOUGH_PARTS + cells - 1) / cells;
    const size_t parts = split_in * cells, states = parts + 2;
    qsg_fokker_planck fp = {.cells = cells, .parts = parts, .split = split_in,
                            .absorbing = {s.inflow[1] == 0, s.inflow[0] == 0}};
    fp.mass = calloc(cells, sizeof(double));
    fp.edges = calloc(cells + 1, sizeof(double));
    fp.part = calloc(parts, sizeof(double));
    fp.place = calloc(parts, sizeof(double));
    fp.up = calloc(states, sizeof(double));
    fp.down = calloc(states, sizeof(double));
    fp.log_weight = calloc(parts, sizeof(double));
    fp.real = calloc(4 * states, sizeof(double));
    fp.factors = fokker_planck_factors_new(states);
    s.place = calloc(2 * parts, sizeof(double));
    if (!fp.mass || !fp.edges || !fp.part || !fp.place || !fp.up || !fp.down || !fp.log_weight || !fp.real ||
        !fp.factors || !s.place) {
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu cells", cells);
        goto out;
    }
    s.tilt = s.place + parts;
    for (size_t i = 0; i <= cells; i++)
        fp.edges[i] = part_edge(&fp, split_in * i);
    weigh_cells(&fp, &s);
    set_rates(&fp, &s);
    for (size_t i = 0; i < states; i++)
        if (!(fp.up[i] < 1e300 && fp.down[i] < 1e300)) {
            status = qsg_fail(error, QSG_EDOMAIN, "drift overflows near share %g; expected a weaker or smoother one",
                              part_edge(&fp, i > parts ? parts : i));
            break;
        }
out:
    free(s.place);
    if (status)
        qsg_fokker_planck_free(&fp);
    else
        *self = fp;
    return status;
}

void qsg_fokker_planck_free(qsg_fokker_planck *self)
{
    free(self->mass);
    free(self->edges);
    free(self->part);
    free(self->place);
    free(self->up);
    free(self->down);
    free(self->log_weight);
    free(self->real);
    fokker_planck_factors_free(self->factors);
    *self = (qsg_fokker_planck){0};
}

static void restart(qsg_fokker_planck *self)
{
    memset(self->part, 0, self->parts * sizeof *self->part);
    self->absorbed[0] = self->absorbed[1] = self->time = self->clock = self->lead = self->trusted = 0;
    self->hold = 0;
}

void fokker_planck_sum_cells(qsg_fokker_planck *self)
{
    for (size_t i = 0; i < self->cells; i++) {
        self->mass[i] = 0;
        for (size_t j = 0; j < self->split; j++)
            self->mass[i] += self->part[self->split * i + j];
    }
}

/* i with place[i] <= value < place[i+1] */
static size_t interval(const double *place, size_t n, double value)
{
    size_t low = 0, high = n - 1;
    while (high - low > 1) {
        const size_t middle = (low + high) / 2;
        if (place[middle] <= value)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Split over the two places beside p, whose clock then does not start at 0 (eq. 11a): the split is as broad as the
 * density is after a while, and its mean has drifted for as long. */
static void split_start(qsg_fokker_planck *self, double p)
{
    const double *x = self->place;
    size_t i = interval(x, self->parts, p);
    const double broad = (p - x[i]) * (x[i + 1] - p), part = part_edge(self, i + 1) - part_edge(self, i);
    self->lead = (part * part / 12 - broad) / (p * (1 - p));
    if (i > 0) {
        const double drift = self->up[i + 1] * (x[i + 1] - x[i]) - self->down[i + 1] * (x[i] - x[i - 1]);
        const double moved = p - drift * self->lead;
        const size_t near = interval(x, self->parts, moved);
        if (moved > x[near] && moved < x[near + 1] && near > 0) {
            p = moved;
            i = near;
        }
    }
    self->part[i + 1] = (p - x[i]) / (x[i + 1] - x[i]);
    self->part[i] = 1 - self->part[i + 1];
}

qsg_status qsg_fokker_planck_start_point(qsg_fokker_planck *self, double p, qsg_error *error)
{
    if (!(p >= 0 && p <= 1))
        return qsg_fail(error, QSG_EDOMAIN, "start is out of range (%g); expected a share in [0, 1]", p);
    const size_t n = self->parts;
    const double *place = self->place;
    restart(self);
    if (p <= place[0]) {
        self->part[0] = self->absorbing[1] ? p / place[0] : 1;
        self->absorbed[1] = 1 - self->part[0];
    } else if (p >= place[n - 1]) {
        self->part[n - 1] = self->absorbing[0] ? (1 - p) / (1 - place[n - 1]) : 1;
        self->absorbed[0] = 1 - self->part[n - 1];
    } else {
        split_start(self, p);
    }
    fokker_planck_sum_cells(self);
    return QSG_OK;
}

static qsg_status check_density(size_t n, const double *x, const double *density, double *total, qsg_error *error)
{
    double sum = 0;
    if (n < 2)
        return qsg_fail(error, QSG_EDOMAIN, "start density has too few points (%zu); expected at least 2", n);
    for (size_t i = 0; i < n; i++) {
        if (!(x[i] >= 0 && x[i] <= 1) || (i && !(x[i] > x[i - 1])))
            return qsg_fail(error, QSG_EDOMAIN, "start density has a bad share (%g at point %zu); expected increasing "
                            "shares in [0, 1]", x[i], i + 1);
        if (!(density[i] >= 0 && density[i] < 1e300))
            return qsg_fail(error, QSG_EDOMAIN, "start density is not a density (%g at share %g); expected a number "
                            ">= 0", density[i], x[i]);
        sum += i ? (density[i] + density[i - 1]) / 2 * (x[i] - x[i - 1]) : 0;
    }
    if (!(fabs(sum - 1) <= 1e-3))
        return qsg_fail(error, QSG_EDOMAIN, "start density does not integrate to 1 (%g); expected 1 within 0.001", sum);
    *total = sum;
    return QSG_OK;
}

qsg_status qsg_fokker_planck_start_density(qsg_fokker_planck *self, size_t n, const double *x, const double *density,
                                           qsg_error *error)
{
    double total, placed = 0;
    qsg_status status = check_density(n, x, density, &total, error);
    if (status)
        return status;
    restart(self);
    for (size_t piece = 0; piece + 1 < n; piece++) {
        const double from = x[piece], to = x[piece + 1], slope = (density[piece + 1] - density[piece]) / (to - from);
        size_t i = self->split * interval(self->edges, self->cells + 1, from);
        for (double left = part_edge(self, i); i < self->parts && left < to; i++) {
            const double right = part_edge(self, i + 1), low = fmax(from, left), high = fmin(to, right);
            if (high > low)
                self->part[i] += (high - low) * (density[piece] + slope * ((low + high) / 2 - from));
            left = right;
        }
    }
    for (size_t i = 0; i < self->parts; i++)
        placed += self->part[i] = fmax(0, self->part[i]);
    for (size_t i = 0; i < self->parts; i++)
        self->part[i] /= placed;
    fokker_planck_sum_cells(self);
    return QSG_OK;
}

qsg_status qsg_fokker_planck_stationary(const qsg_fokker_planck *self, double *mass, qsg_error *error)
{
    const size_t n = self->parts;
    if (self->absorbing[0] || self->absorbing[1])
        return qsg_fail(error, QSG_ENOEXIST, "an end absorbs, so the only stationary laws are its atoms; expected "
                        "inflow at both ends");
    /* Parts are the states of a birth-death chain, so the flux between neighbours vanishes: detailed balance, summed in
     * logarithms, which holds for any barrier between two wells. */
    double top = 0, at = 0, sum = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        at += log(self->up[i + 1]) - log(self->down[i + 2]);
        top = fmax(top, at);
    }
    if (!isfinite(at) || !isfinite(top))
        return qsg_fail(error, QSG_ENUMERIC, "the stationary law is lost in rounding: the drift is too steep");
    at = 0;
    memset(mass, 0, self->cells * sizeof *mass);
    for (size_t i = 0; i < n; i++) {
        mass[i / self->split] += exp(at - top);
        sum += exp(at - top);
        if (i + 1 < n)
            at += log(self->up[i + 1]) - log(self->down[i + 2]);
    }
    for (size_t i = 0; i < self->cells; i++)
        mass[i] /= sum;
    return QSG_OK;
}
