/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/lineages.h"

#include <complex.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define MAX_THETA 1e3
#define LATE 60           /* e^-60 is nothing: of tau, or of the logarithm of P(any ancestor is left) */
#define NOTHING 1e-18     /* of a transform */
#define DAMPING 36        /* e^-36: weight of the first alias */
#define SPREADS 12        /* standard deviations that count */
#define MAX_POINTS 30000000
#define TAIL_FROM 60      /* Euler-Maclaurin from here on */
#define TAIL_TERMS 30     /* of a series in 1/4 */

typedef double complex number;

static double rate(double j, double theta)
{
    return j * (j - 1 + theta) / 2;
}

/* sum over i >= 0 of ln(1 + c/(y + i + 1/2)^2), |c| <= y^2/4, by the midpoint Euler-Maclaurin formula (eq. 4). */
static number tail(number c, double y)
{
    const number z = c / (y * y);
    number power = 1, sum = 0;
    for (int n = 1; n <= TAIL_TERMS; n++) {
        const double a = 2.0 * n, b = 1 / (y * y);
        power *= -z;
        /* integral, f'/24, -7 f'''/5760, 31 f^(5)/967680 of y^-2n, times y^2n */
        const double d1 = -a / y, d3 = d1 * (a + 1) * (a + 2) * b, d5 = d3 * (a + 3) * (a + 4) * b;
        sum -= power / n * (y / (a - 1) + d1 / 24 - 7 * d3 / 5760 + 31 * d5 / 967680);
        if (cabs(power) < 1e-18)
            break;
    }
    return sum;
}

/* Transform of the time that all states from `j` on take: product over i >= j of rate_i/(rate_i + s). */
static number transform(double j, double theta, number s)
{
    const double b = theta - 1, wanted = fmax(TAIL_FROM, 2 * sqrt(2 * cabs(s)) + fabs(b)) - b / 2;
    number product = 1;
    for (; j < wanted; j++) {
        product /= 1 + s / rate(j, theta);
        if (cabs(product) < NOTHING * NOTHING)
            return 0;
    }
    /* i(i + b) = (i + b/2)^2 - b^2/4 */
    const double y = j - 0.5 + b / 2;
    return product * cexp(tail(-b * b / 4, y) - tail(2 * s - b * b / 4, y));
}

/* Add to p[0 .. n-1], the states from `first` on, one ordinate of the inverse transforms.  Returns how large the
 * largest is: the transforms fall with every further state in them, so that of the last state. */
static double add_ordinate(double *p, double first, size_t n, double theta, double tau, number s, double weight)
{
    number product = transform(first + (double)n, theta, s);
    const double size = cabs(product);
    product *= weight * cexp(s * tau);
    for (size_t i = n; i-- > 0;) {
        const double r = rate(first + (double)i, theta);
        const number state = product / (r + s);
        p[i] += creal(state);
        product = state * r;
    }
    return size;
}

/* P(j ancestors) = 1/(2 pi) times the integral of e^{s tau}/(rate_j + s) prod_{i > j} rate_i/(rate_i + s) along
 * s = c + i w, by the trapezoidal rule (eq. 3).  Its only error is aliases a period later, damped by e^{-c period};
 * with c > 0 rounding is e^{3.6} times larger. */
static qsg_status invert(double *p, double first, size_t n, double theta, double tau, double mean, qsg_error *error)
{
    const double spread = 2 / sqrt(3) * pow(fmax(mean, 1), -1.5);
    const bool narrow = 40 * spread < tau;
    const double period = narrow ? 40 * spread : 10 * tau, c = narrow ? 0 : DAMPING / period, step = 2 * M_PI / period;
    double size = 1;
    for (uint64_t k = 0; size > NOTHING; k++) {
        if (k > MAX_POINTS / n)
            return qsg_fail(error, QSG_ENUMERIC, "the number of ancestors needs too many terms (tau %g, theta %g); "
                            "expected another time or less innovation", tau, theta);
        size = add_ordinate(p, first, n, theta, tau, c + I * ((double)k * step), k ? step / M_PI : step / M_PI / 2);
    }
    return QSG_OK;
}

static qsg_status fill(double *p, double first, size_t n, double lowest, double theta, double tau, double mean,
                       qsg_error *error)
{
    const bool whole = first == lowest; /* the lowest state is never left: it has the rest */
    qsg_status status = invert(p + whole, first + whole, n - whole, theta, tau, mean, error);
    double sum = 0;
    for (size_t i = whole; i < n; i++) {
        p[i] = fmax(p[i], 0);
        sum += p[i];
    }
    if (whole)
        p[0] = fmax(1 - sum, 0);
    if (!status && !(fabs(sum + (whole ? p[0] : 0) - 1) < 1e-9))
        status = qsg_fail(error, QSG_ENUMERIC, "the law of the number of ancestors sums to %.12g (tau %g, theta %g)",
                          sum + (whole ? p[0] : 0), tau, theta);
    return status;
}

qsg_status lineages_init(lineages *self, double theta, double tau, qsg_error *error)
{
    if (!(tau >= LINEAGES_MIN_TAU && tau < INFINITY))
        return qsg_fail(error, QSG_EDOMAIN, "time step is out of range (tau %g); expected at least %g", tau,
                        LINEAGES_MIN_TAU);
    if (!(theta >= 0 && theta <= MAX_THETA))
        return qsg_fail(error, QSG_EDOMAIN, "innovation is too strong for paths (theta %g); expected at most %g", theta,
                        MAX_THETA);
    const double b = theta - 1, lowest = theta > 0 ? 0 : 1, x = b * tau / 2;
    const double mean = fmax(fabs(x) < 1e-12 ? 2 / tau : b / expm1(x), lowest); /* of dj/dtau = -j(j + b)/2 */
    const double reach = SPREADS * (sqrt(mean / 3) + 1), first = fmax(lowest, floor(mean - reach));
    const bool late = tau >= LATE || theta * tau / 2 - log1p(theta) >= LATE;
    const size_t n = late ? 2 : (size_t)(ceil(mean + reach) - first) + 1;
    double *p = calloc(n, sizeof *p);
    if (!p)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu numbers of ancestors", n);
    qsg_status status = QSG_OK;
    if (late) {
        p[1] = theta > 0 ? fmin((1 + theta) * exp(-theta * tau / 2), 1) : 0;
        p[0] = 1 - p[1];
    } else {
        status = fill(p, first, n, lowest, theta, tau, mean, error);
    }
    if (status) {
        free(p);
        return status;
    }
    for (size_t i = 1; i < n; i++)
        p[i] += p[i - 1];
    for (size_t i = 0; i < n; i++)
        p[i] /= p[n - 1];
    *self = (lineages){(uint64_t)(late ? lowest : first), n, p};
    return QSG_OK;
}

void lineages_free(lineages *self)
{
    free(self->cumulative);
    *self = (lineages){0};
}

uint64_t lineages_at(const lineages *self, double u)
{
    size_t low = 0, high = self->n - 1; /* the first i with cumulative > u */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (self->cumulative[middle] > u)
            high = middle;
        else
            low = middle + 1;
    }
    return self->first + low;
}
