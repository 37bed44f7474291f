/* Three labels on a triangular lattice (doc/theory/density.md, eq. 13-16).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/simplex.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MIN_QUANTA 3
#define MAX_QUANTA 1000
#define MAX_RATE 1e4
/* Jumps on average in one stretch of uniformization: e^-500 is far from underflow. */
#define STRETCH 500.0
/* More jumps than this leap. */
#define FEW_JUMPS 2000.0
#define MOST_JUMPS 1e8
/* L1 error that the alternating terms of a leap may leave. */
#define ROUNDING 1e-12
/* Less L1 change than this while it is watched, and nothing moves any more. */
#define AT_REST 1e-11
/* Half a minute on 100 cells a side. */
#define MOST_PRODUCTS 1e6

/* The six ways a quantum can pass, as changes of (i, j), and the labels it goes to and comes from. */
static const struct { int i, j, to, from; } moves[6] = {{1, -1, 0, 1}, {-1, 1, 1, 0}, {1, 0, 0, 2},
                                                        {-1, 0, 2, 0}, {0, 1, 1, 2},  {0, -1, 2, 1}};

size_t qsg_simplex_index(const qsg_simplex *self, size_t i, size_t j)
{
    return i * (2 * self->n + 3 - i) / 2 + j;
}

/* z/(e^z - 1) */
static double bernoulli(double z)
{
    return fabs(z) < 1e-8 ? 1 - z / 2 : z / expm1(z);
}

/* Rate at which label a gains a quantum from label b (eq. 14). */
static double pass_rate(const qsg_simplex *self, const double q[3], int a, int b)
{
    const double n = (double)self->n, pairs = q[a] * q[b];
    const double drift = (q[b] * self->inflow[a] - q[a] * self->inflow[b]) / 2 +
                         pairs * (self->selection[a] - self->selection[b]) / n;
    if (pairs == 0)
        return drift > 0 ? drift : 0;
    return pairs / 2 * bernoulli(-2 * drift / pairs);
}

static void set_rates(qsg_simplex *self)
{
    const size_t n = self->n;
    self->rate = 0;
    for (size_t i = 0; i <= n; i++)
        for (size_t j = 0; j + i <= n; j++) {
            const double q[3] = {(double)i, (double)j, (double)(n - i - j)};
            double total = 0;
            for (int m = 0; m < 6; m++) {
                const double rate = q[moves[m].from] > 0 ? pass_rate(self, q, moves[m].to, moves[m].from) : 0;
                self->rates[(size_t)m * self->states + qsg_simplex_index(self, i, j)] = rate;
                total += rate;
            }
            self->rate = fmax(self->rate, total);
        }
    for (size_t i = 0; i < 6 * self->states; i++)
        self->rates[i] /= self->rate;
}

static qsg_status check(size_t n, const double inflow[3], const double selection[3], qsg_error *error)
{
    if (!(n >= MIN_QUANTA && n <= MAX_QUANTA))
        return qsg_fail(error, QSG_EDOMAIN, "lattice of the simplex is out of range (%zu); expected %d to %d cells a "
                        "side", n, MIN_QUANTA, MAX_QUANTA);
    for (int k = 0; k < 3; k++) {
        if (!(inflow[k] >= 0 && inflow[k] <= MAX_RATE))
            return qsg_fail(error, QSG_EDOMAIN, "inflow of label %d is out of range (%g); expected [0, %g]", k + 1,
                            inflow[k], MAX_RATE);
        if (!(fabs(selection[k]) <= MAX_RATE))
            return qsg_fail(error, QSG_EDOMAIN, "selection of label %d is out of range (%g); expected at most %g in "
                            "size", k + 1, selection[k], MAX_RATE);
    }
    return QSG_OK;
}

qsg_status qsg_simplex_init(qsg_simplex *self, size_t n, const double inflow[3], const double selection[3],
                            qsg_error *error)
{
    qsg_status status = check(n, inflow, selection, error);
    if (status)
        return status;
    qsg_simplex s = {.n = n, .states = (n + 1) * (n + 2) / 2};
    memcpy(s.inflow, inflow, sizeof s.inflow);
    memcpy(s.selection, selection, sizeof s.selection);
    s.mass = calloc(s.states, sizeof(double));
    s.rates = calloc(6 * s.states, sizeof(double));
    s.work = calloc(4 * s.states, sizeof(double));
    if (!s.mass || !s.rates || !s.work) {
        qsg_simplex_free(&s);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu lattice points", s.states);
    }
    set_rates(&s);
    *self = s;
    return QSG_OK;
}

void qsg_simplex_free(qsg_simplex *self)
{
    free(self->mass);
    free(self->rates);
    free(self->work);
    *self = (qsg_simplex){0};
}

qsg_status qsg_simplex_start_point(qsg_simplex *self, const double p[3], qsg_error *error)
{
    if (!(p[0] >= 0 && p[1] >= 0 && p[2] >= 0 && fabs(p[0] + p[1] + p[2] - 1) <= 1e-6))
        return qsg_fail(error, QSG_EDOMAIN, "start is not a distribution (%g, %g, %g); expected shares >= 0 that sum "
                        "to 1", p[0], p[1], p[2]);
    const size_t n = self->n;
    const double u = p[0] * (double)n, v = p[1] * (double)n;
    size_t i = (size_t)u, j = (size_t)v;
    double fi = u - (double)i, fj = v - (double)j;
    const double beyond = fi + fj;
    memset(self->mass, 0, self->states * sizeof *self->mass);
    self->time = 0;
    /* a weight that is rounding only may belong to a point outside the triangle */
    const struct { size_t i, j; double weight; } points[3] = {
        {i + (beyond > 1), j + (beyond > 1), beyond > 1 ? beyond - 1 : 1 - beyond},
        {i + 1, j, beyond > 1 ? 1 - fj : fi},
        {i, j + 1, beyond > 1 ? 1 - fi : fj}};
    double placed = 0;
    for (int c = 0; c < 3; c++)
        if (points[c].i + points[c].j <= n && points[c].weight > 0) {
            self->mass[qsg_simplex_index(self, points[c].i, points[c].j)] += points[c].weight;
            placed += points[c].weight;
        }
    for (size_t s = 0; s < self->states; s++)
        self->mass[s] /= placed;
    return QSG_OK;
}

/* One jump: out = in P.  Every move is a shift along a row or to the next one, so each runs over contiguous memory. */
static void jump(const qsg_simplex *self, const double *in, double *out)
{
    const size_t n = self->n;
    memcpy(out, in, self->states * sizeof *out);
    for (int m = 0; m < 6; m++) {
        const double *rate = self->rates + (size_t)m * self->states;
        for (size_t i = 0; i <= n; i++) {
            const size_t to_row = (size_t)((ptrdiff_t)i + moves[m].i);
            if (to_row > n) /* also below 0 */
                continue;
            /* the source j must be valid in its row and its target in the other */
            const size_t low = moves[m].j < 0 ? 1 : 0;
            const size_t high = moves[m].from == 2 ? n - i : n - i + 1; /* exclusive; label 3 must have a quantum */
            const size_t from = qsg_simplex_index(self, i, 0);
            const ptrdiff_t shift = (ptrdiff_t)qsg_simplex_index(self, to_row, 0) - (ptrdiff_t)from + moves[m].j;
            const double *source = in + from, *passing = rate + from;
            double *target = out + from + shift, *lose = out + from;
            for (size_t j = low; j < high; j++) {
                const double moved = source[j] * passing[j];
                target[j] += moved;
                lose[j] -= moved;
            }
        }
    }
}

/* Take the positive part of `sum`, which adds up to `placed`, as the state; how far that is from the last, in L1. */
static double take(qsg_simplex *self, const double *sum, double placed)
{
    double change = 0;
    for (size_t s = 0; s < self->states; s++) {
        const double mass = sum[s] > 0 ? sum[s] / placed : 0;
        change += fabs(mass - self->mass[s]);
        self->mass[s] = mass;
    }
    return change;
}

/* Mean `jumps` Poisson jumps, at most STRETCH (eq. 16).  Weights are cut where the rest is below rounding. */
static double stretch(qsg_simplex *self, double jumps)
{
    const size_t n = self->states;
    double *now = self->work, *next = now + n, *sum = next + n;
    double weight = exp(-jumps), placed = 0;
    const double last = jumps + 9 * sqrt(jumps) + 30;
    memset(sum, 0, n * sizeof *sum);
    memcpy(now, self->mass, n * sizeof *now);
    for (double k = 0; k <= last; k++) {
        for (size_t s = 0; s < self->states; s++)
            sum[s] += weight * now[s];
        weight *= jumps / (k + 1);
        jump(self, now, next);
        double *swap = now;
        now = next;
        next = swap;
    }
    for (size_t s = 0; s < self->states; s++)
        placed += sum[s] > 0 ? sum[s] : 0;
    return take(self, sum, placed);
}

/* e^{-t} I_k(t), k = 0 .. n-1, by Miller's downward recurrence; I_0 + 2 sum I_k = e^t fixes the constant. */
static void bessel_weights(double t, size_t n, double *weight)
{
    double above = 0, now = 1e-280, sum = 0;
    for (size_t k = n; k-- > 0;) {
        weight[k] = now;
        sum += k ? 2 * now : now;
        const double below = above + 2 * (double)k / t * now;
        above = now;
        now = below;
        if (now > 1e250) { /* what is lost is below rounding of the largest */
            for (size_t i = k; i < n; i++)
                weight[i] *= 1e-270;
            sum *= 1e-270;
            above *= 1e-270;
            now *= 1e-270;
        }
    }
    for (size_t k = 0; k < n; k++)
        weight[k] /= sum;
}

/* `jumps` Poisson jumps by Chebyshev polynomials of P (eq. 16a): as many products as the square root of the jumps.
 * Terms alternate, so the state is taken only when it is a distribution to ROUNDING; false, and nothing done,
 * otherwise. */
static bool leap(qsg_simplex *self, double jumps, double *weight, size_t terms, double *change)
{
    const size_t n = self->states;
    double *before = self->work, *now = before + n, *sum = now + n, *next = sum + n, placed = 0, negative = 0;
    bessel_weights(jumps, terms, weight);
    memcpy(before, self->mass, n * sizeof *before);
    jump(self, before, now);
    for (size_t s = 0; s < n; s++)
        sum[s] = weight[0] * before[s] + 2 * weight[1] * now[s];
    for (size_t k = 2; k < terms; k++) {
        jump(self, now, next);
        for (size_t s = 0; s < n; s++) {
            next[s] = 2 * next[s] - before[s];
            sum[s] += 2 * weight[k] * next[s];
        }
        double *swap = before;
        before = now;
        now = next;
        next = swap;
    }
    for (size_t s = 0; s < n; s++) {
        negative -= sum[s] < 0 ? sum[s] : 0;
        placed += sum[s] > 0 ? sum[s] : 0;
    }
    if (!(negative <= ROUNDING && fabs(placed - 1) <= ROUNDING))
        return false;
    *change = take(self, sum, placed);
    return true;
}

/* A time in which something would be seen to move if anything still does: that of the slowest inflow. */
static double watch(const qsg_simplex *self)
{
    double slowest = 1;
    for (int k = 0; k < 3; k++)
        if (self->inflow[k] > 0)
            slowest = fmin(slowest, self->inflow[k]);
    return 1 / slowest;
}

/* One leap of at most `length` jumps, shorter where rounding asks for it; 0 where even FEW_JUMPS are too many. */
static double try_leap(qsg_simplex *self, double left, double *length, double *weight, double *products, double *change)
{
    for (bool first = true; *length >= FEW_JUMPS; *length /= 2, first = false) {
        const double jumps = fmin(left, *length), terms = ceil(sqrt(2 * 45 * jumps)) + 40;
        *products += terms;
        if (leap(self, jumps, weight, (size_t)terms, change)) {
            if (first)
                *length = fmin(2 * *length, MOST_JUMPS);
            return jumps;
        }
    }
    return 0;
}

qsg_status qsg_simplex_advance(qsg_simplex *self, double tau, qsg_error *error)
{
    if (!(tau >= self->time && tau < 1e300))
        return qsg_fail(error, QSG_EDOMAIN, "time decreases or is out of range (tau %g after %g); expected a later one",
                        tau, self->time);
    const double patience = watch(self) * self->rate, jumps = self->rate * (tau - self->time);
    double left = jumps, length = jumps > FEW_JUMPS ? FEW_JUMPS : 0, products = 0, moved = 0, watched = 0;
    double *weight = calloc((size_t)sqrt(2 * 45 * MOST_JUMPS) + 64, sizeof *weight);
    if (!weight)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu lattice points", self->states);
    while (left > 0 && products <= MOST_PRODUCTS) {
        double change, now = length > 0 ? try_leap(self, left, &length, weight, &products, &change) : 0;
        if (now == 0) {
            length = 0;
            now = fmin(left, STRETCH);
            products += now;
            change = stretch(self, now);
        }
        left -= now;
        watched += now;
        moved += change;
        if (watched >= patience) {
            if (moved <= AT_REST)
                left = 0;
            moved = watched = 0;
        }
    }
    free(weight);
    if (left > 0) {
        self->time = tau - left / self->rate;
        return qsg_fail(error, QSG_EDOMAIN,
                        "three labels take too long to tau %g on %zu cells a side; expected an earlier "
                        "time or fewer cells", tau, self->n);
    }
    self->time = tau;
    return QSG_OK;
}

void qsg_simplex_marginal(const qsg_simplex *self, size_t k, double *mass)
{
    const size_t n = self->n;
    memset(mass, 0, (n + 1) * sizeof *mass);
    for (size_t i = 0; i <= n; i++)
        for (size_t j = 0; i + j <= n; j++)
            mass[k == 0 ? i : k == 1 ? j : n - i - j] += self->mass[qsg_simplex_index(self, i, j)];
}

/* Lattice points beside an atom stand for a cell each, and half a cell more belongs to the interior than the lattice
 * point on the edge leaves it: half the mass of the neighbouring row (eq. 15). */
void qsg_simplex_atoms(const qsg_simplex *self, double corners[3], double edges[3])
{
    const size_t n = self->n;
    double ends[3][4] = {{0}}; /* a label at 0, 1, n-1, n quanta */
    for (size_t i = 0; i <= n; i++)
        for (size_t j = 0; i + j <= n; j++) {
            const size_t q[3] = {i, j, n - i - j};
            const double mass = self->mass[qsg_simplex_index(self, i, j)];
            for (int k = 0; k < 3; k++)
                if (q[k] <= 1 || q[k] >= n - 1)
                    ends[k][q[k] <= 1 ? q[k] : q[k] + 3 - n] += mass;
        }
    for (int k = 0; k < 3; k++) {
        const bool atom = self->inflow[(k + 1) % 3] == 0 && self->inflow[(k + 2) % 3] == 0;
        corners[k] = atom ? fmax(0, ends[k][3] - ends[k][2] / 2) : 0;
    }
    for (int k = 0; k < 3; k++) {
        const double lost = ends[k][0] - ends[k][1] / 2 - corners[(k + 1) % 3] - corners[(k + 2) % 3];
        edges[k] = self->inflow[k] == 0 ? fmax(0, lost) : 0;
    }
}

void qsg_simplex_density(const qsg_simplex *self, const double *mass, double *density)
{
    const size_t n = self->n;
    for (size_t i = 0; i <= n; i++)
        for (size_t j = 0; i + j <= n; j++) {
            const size_t q[3] = {i, j, n - i - j}, at = qsg_simplex_index(self, i, j);
            double area = 1 / ((double)n * (double)n);
            int zeros = 0;
            bool atom = false;
            for (int k = 0; k < 3; k++)
                if (q[k] == 0) {
                    zeros++;
                    atom = atom || self->inflow[k] == 0;
                }
            area /= zeros == 2 ? 6 : zeros == 1 ? 2 : 1;
            density[at] = atom ? NAN : mass[at] / area;
        }
}
