/* Wright-Fisher diffusion of two labels in Jacobi polynomials (doc/theory/density.md).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/spectral.h"

#include <gsl/gsl_integration.h>
#include <gsl/gsl_sf_gamma.h>
#include <lapacke.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A mode that has decayed by e^-45 cannot change a double. */
#define DECADES 45.0
#define MAX_DIAGONAL 100000
#define MAX_DENSE 700
/* exp(14) 1e-15: nine digits are left of the densities */
#define MAX_TILT 14.0
/* Degree of x(1-x)(r^2 + r')/2 + m r, and room for it. */
#define BAND (2 * QSG_DRIFT_TERMS)

double qsg_polynomial_drift_at(double x, void *context)
{
    const qsg_polynomial_drift *d = context;
    double r = 0;
    for (int i = QSG_DRIFT_TERMS; i-- > 0;)
        r = r * x + d->selection[i];
    return (d->inflow[0] * (1 - x) - d->inflow[1] * x) / 2 + x * (1 - x) * r;
}

/* R(x) = int_0^x r */
static double tilt(const qsg_polynomial_drift *d, double x)
{
    double sum = 0;
    for (int i = QSG_DRIFT_TERMS; i-- > 0;)
        sum = (sum + d->selection[i] / (i + 1)) * x;
    return sum;
}

/* max R - min R over [0, 1], on a grid fine enough for a quartic */
static double tilt_range(const qsg_polynomial_drift *d)
{
    double low = 0, high = 0;
    for (int i = 1; i <= 64; i++) {
        const double value = tilt(d, i / 64.0);
        low = fmin(low, value);
        high = fmax(high, value);
    }
    return high - low;
}

static bool has_selection(const qsg_polynomial_drift *d)
{
    for (int i = 0; i < QSG_DRIFT_TERMS; i++)
        if (d->selection[i] != 0)
            return true;
    return false;
}

/* Multiplication by x in the orthonormal basis of the weight x^{A-1} (1-x)^{B-1} (eq. 4). */
static void jacobi_matrix(const double shape[2], size_t n, double *diagonal, double *off)
{
    const double be = shape[0] - 1, al = shape[1] - 1, sum = al + be;
    for (size_t i = 0; i < n; i++) {
        const double k = (double)i, two = 2 * k + sum;
        const double mean = i == 0 ? (be - al) / (sum + 2) : (be - al) * sum / (two * (two + 2));
        diagonal[i] = (1 + mean) / 2;
        double square = 0; /* couples i - 1 and i */
        if (i == 1)
            square = 4 * (1 + al) * (1 + be) / ((2 + sum) * (2 + sum) * (3 + sum));
        else if (i > 1)
            square = 4 * k * (k + al) * (k + be) * (k + sum) / (two * two * (two + 1) * (two - 1));
        off[i] = sqrt(square) / 2;
    }
}

/* Coefficients of Q(x) = x(1-x)(r^2 + r')/2 + m r + kappa (eq. 5). */
static void potential(const qsg_polynomial_drift *d, const double shape[2], double q[static BAND + 1])
{
    double inner[2 * QSG_DRIFT_TERMS] = {0};
    memset(q, 0, (BAND + 1) * sizeof *q);
    for (int i = 0; i < QSG_DRIFT_TERMS; i++) {
        for (int j = 0; j < QSG_DRIFT_TERMS; j++)
            inner[i + j] += d->selection[i] * d->selection[j];
        if (i)
            inner[i - 1] += i * d->selection[i];
        q[i] += d->inflow[0] / 2 * d->selection[i];
        q[i + 1] -= (d->inflow[0] + d->inflow[1]) / 2 * d->selection[i];
    }
    for (int i = 0; i < 2 * QSG_DRIFT_TERMS - 1; i++) {
        q[i + 1] += inner[i] / 2;
        q[i + 2] -= inner[i] / 2;
    }
    q[0] += (shape[0] * shape[1] - d->inflow[0] * d->inflow[1]) / 4;
}

/* Row j of Q(J) right of the diagonal, by Horner on the unit vector j: J reaches one further a multiplication, so a
 * window of BAND either way holds everything. */
static void polynomial_column(const qsg_spectral *self, size_t j, const double q[static BAND + 1],
                              double out[static BAND + 1])
{
    double v[2 * BAND + 3] = {0}, next[2 * BAND + 3] = {0};
    const ptrdiff_t first = (ptrdiff_t)j - BAND - 1;
    for (int power = BAND; power >= 0; power--) {
        for (ptrdiff_t w = 1; w < 2 * BAND + 2; w++) {
            const ptrdiff_t i = first + w;
            next[w] = i < 0 ? 0
                            : self->diagonal[i] * v[w] + (i > 0 ? self->off[i] * v[w - 1] : 0) +
                                  self->off[i + 1] * v[w + 1];
        }
        next[BAND + 1] += q[power];
        memcpy(v, next, sizeof v);
    }
    memcpy(out, v + BAND + 1, (BAND + 1) * sizeof *out);
}

/* Eigenvalues and vectors of the generator's banded matrix (eq. 5). */
static qsg_status solve(qsg_spectral *self, qsg_error *error)
{
    const size_t n = self->n;
    double q[BAND + 1];
    double *band = calloc(n * (BAND + 1), sizeof *band);
    self->vectors = malloc(n * n * sizeof *self->vectors);
    if (!band || !self->vectors) {
        free(band);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu eigenfunctions", n);
    }
    potential(&self->drift, self->shape, q);
    for (size_t j = 0; j < n; j++) {
        double *column = band + j * (BAND + 1);
        polynomial_column(self, j, q, column);
        column[0] += (double)j * ((double)j - 1 + self->shape[0] + self->shape[1]) / 2;
        for (size_t i = n - j; i <= BAND; i++)
            column[i] = 0;
    }
    lapack_int info = LAPACKE_dsbevd(LAPACK_COL_MAJOR, 'V', 'L', (lapack_int)n, BAND, band, BAND + 1, self->values,
                                     self->vectors, (lapack_int)n);
    free(band);
    if (info)
        return qsg_fail(error, QSG_ENUMERIC, "the eigenvalues of the generator did not converge (LAPACK code %d)",
                        (int)info);
    return QSG_OK;
}

/* All basis functions at x. */
static void evaluate(const qsg_spectral *self, double x, double *out)
{
    double previous = 0, value = self->first;
    for (size_t i = 0; i < self->n; i++) {
        out[i] = value;
        const double next = ((x - self->diagonal[i]) * value - self->off[i] * previous) / self->off[i + 1];
        previous = value;
        value = next;
    }
}

/* sum_i c_i P_i(x) */
static double series(const qsg_spectral *self, const double *c, double x)
{
    double previous = 0, value = self->first, sum = 0;
    for (size_t i = 0; i < self->n; i++) {
        sum += c[i] * value;
        const double next = ((x - self->diagonal[i]) * value - self->off[i] * previous) / self->off[i + 1];
        previous = value;
        value = next;
    }
    return sum;
}

static double inverse_scale(double x, void *drift)
{
    return exp(-2 * tilt(drift, x));
}

/* Probability to end at label 1, by the scale function where both ends absorb (eq. 6). */
static qsg_status end_at_one(qsg_spectral *self, qsg_error *error)
{
    const double *inflow = self->drift.inflow;
    if (inflow[0] > 0 || inflow[1] > 0) {
        self->fixation = inflow[0] > 0 && inflow[1] == 0;
        return QSG_OK;
    }
    if (!has_selection(&self->drift)) {
        self->fixation = self->start;
        return QSG_OK;
    }
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(128);
    if (!table)
        return qsg_fail(error, QSG_ENOMEM, "no memory for a quadrature");
    gsl_function f = {inverse_scale, &self->drift};
    const double below = gsl_integration_glfixed(&f, 0, self->start, table);
    const double above = gsl_integration_glfixed(&f, self->start, 1, table);
    gsl_integration_glfixed_table_free(table);
    self->fixation = below / (below + above);
    return QSG_OK;
}

static qsg_status check(const qsg_polynomial_drift *d, double start, double tau_min, qsg_error *error)
{
    if (!(start >= 0 && start <= 1))
        return qsg_fail(error, QSG_EDOMAIN, "start of the density is out of range (%g); expected a share in [0, 1]",
                        start);
    if (!(tau_min > 0 && tau_min < INFINITY))
        return qsg_fail(error, QSG_EDOMAIN, "time of the spectral solution is out of range (%g); expected tau > 0",
                        tau_min);
    for (int i = 0; i < 2; i++)
        if (!(d->inflow[i] >= 0 && d->inflow[i] <= 1e4))
            return qsg_fail(error, QSG_EDOMAIN, "inflow of the drift is out of range (%g); expected [0, 10000]",
                            d->inflow[i]);
    const double range = tilt_range(d);
    if (!(range <= MAX_TILT))
        return qsg_fail(error, QSG_ENUMERIC,
                        "selection is too strong for the spectral solution (%g); expected at most %g, or method "
                        "finite-volume", range, MAX_TILT);
    return QSG_OK;
}

qsg_status qsg_spectral_init(qsg_spectral *self, const qsg_polynomial_drift *drift, double start, double tau_min,
                             qsg_error *error)
{
    qsg_status status = check(drift, start, tau_min, error);
    if (status)
        return status;
    const bool dense = has_selection(drift);
    const double need = ceil(sqrt(2 * DECADES / tau_min)) + 24 + 2 * tilt_range(drift);
    if (!(need <= (dense ? MAX_DENSE : MAX_DIAGONAL)))
        return qsg_fail(error, QSG_ENUMERIC,
                        "time is too short for the spectral solution (tau %g needs %.0f basis functions); expected at "
                        "most %d of them, or method finite-volume", tau_min, need, dense ? MAX_DENSE : MAX_DIAGONAL);
    qsg_spectral s = {.drift = *drift, .n = (size_t)need, .tau_min = tau_min, .start = start};
    for (int i = 0; i < 2; i++)
        s.shape[i] = drift->inflow[i] > 0 ? drift->inflow[i] : 2;
    const size_t n = s.n, room = n + BAND + 2;
    s.diagonal = calloc(room, sizeof(double));
    s.off = calloc(room, sizeof(double));
    s.values = calloc(n, sizeof(double));
    s.amplitudes = calloc(n, sizeof(double));
    s.work = calloc(2 * n, sizeof(double));
    if (!s.diagonal || !s.off || !s.values || !s.amplitudes || !s.work) {
        qsg_spectral_free(&s);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu basis functions", n);
    }
    jacobi_matrix(s.shape, room, s.diagonal, s.off);
    s.first = exp((gsl_sf_lngamma(s.shape[0] + s.shape[1]) - gsl_sf_lngamma(s.shape[0]) -
                   gsl_sf_lngamma(s.shape[1])) / 2);
    s.log_weight = tilt(drift, start);
    if (dense)
        status = solve(&s, error);
    else
        for (size_t i = 0; i < n; i++)
            s.values[i] = (double)i * ((double)i - 1 + s.shape[0] + s.shape[1]) / 2 +
                          (s.shape[0] * s.shape[1] - drift->inflow[0] * drift->inflow[1]) / 4;
    if (!status)
        status = end_at_one(&s, error);
    if (status) {
        qsg_spectral_free(&s);
        return status;
    }
    double *at = dense ? s.work : s.amplitudes;
    evaluate(&s, start, at);
    for (size_t k = 0; dense && k < n; k++)
        for (size_t i = 0; i < n; i++)
            s.amplitudes[k] += s.vectors[k * n + i] * at[i];
    *self = s;
    return QSG_OK;
}

void qsg_spectral_free(qsg_spectral *self)
{
    free(self->diagonal);
    free(self->off);
    free(self->values);
    free(self->vectors);
    free(self->work);
    free(self->amplitudes);
    *self = (qsg_spectral){0};
}

/* Coefficients, in the basis, of the sum of decayed modes; divided by their rates when `integrated`. */
static const double *coefficients(qsg_spectral *self, double tau, bool integrated)
{
    const size_t n = self->n;
    double *mode = self->work, *c = self->work + n;
    for (size_t k = 0; k < n; k++)
        mode[k] = self->amplitudes[k] * exp(-self->values[k] * tau) / (integrated ? self->values[k] : 1);
    if (!self->vectors)
        return mode;
    memset(c, 0, n * sizeof *c);
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < n; i++)
            c[i] += self->vectors[k * n + i] * mode[k];
    return c;
}

/* The factor that makes basis functions vanish at absorbing ends, at the start. */
static double start_factor(const qsg_spectral *self)
{
    return (self->drift.inflow[0] > 0 ? 1 : self->start) * (self->drift.inflow[1] > 0 ? 1 : 1 - self->start);
}

/* The density without the powers of x and 1-x that an inflow brings. */
static double regular(const qsg_spectral *self, const double *c, double x)
{
    return start_factor(self) * exp(tilt(&self->drift, x) - self->log_weight) * series(self, c, x);
}

static qsg_status check_time(const qsg_spectral *self, double tau, qsg_error *error)
{
    if (!(tau >= self->tau_min && tau < INFINITY))
        return qsg_fail(error, QSG_EDOMAIN, "time is out of range (tau %g); expected at least %g", tau, self->tau_min);
    return QSG_OK;
}

qsg_status qsg_spectral_density(qsg_spectral *self, double tau, size_t n, const double *x, double *density,
                                qsg_error *error)
{
    const double a = self->drift.inflow[0], b = self->drift.inflow[1];
    qsg_status status = check_time(self, tau, error);
    if (status)
        return status;
    for (size_t i = 0; i < n; i++)
        if (!(x[i] >= 0 && x[i] <= 1) || (x[i] == 0 && a > 0 && a < 1) || (x[i] == 1 && b > 0 && b < 1))
            return qsg_fail(error, QSG_EDOMAIN, "share is out of range (%g); expected [0, 1], without the ends at "
                            "which the density is infinite", x[i]);
    const double *c = coefficients(self, tau, false);
    for (size_t i = 0; i < n; i++) {
        const double weight = (a > 0 ? pow(x[i], a - 1) : 1) * (b > 0 ? pow(1 - x[i], b - 1) : 1);
        const double value = weight * regular(self, c, x[i]);
        density[i] = value > 0 ? value : 0; /* rounding of a tail */
    }
    return QSG_OK;
}

/* Average over the cell at distance [from, to] from an end (x = 1 if `mirror`), in a variable without the end's
 * singularity: the logarithm of the distance, or next to the end its power. */
static double average(const qsg_spectral *self, const double *c, bool mirror, double from, double to,
                      const gsl_integration_glfixed_table *rule)
{
    const double inflow = self->drift.inflow[mirror], other = self->drift.inflow[!mirror];
    const double power = inflow > 0 ? inflow : 1, ratio = from > 0 ? log(to / from) : 0;
    double sum = 0;
    for (size_t i = 0; i < rule->n; i++) {
        double at, weight;
        gsl_integration_glfixed_point(0, 1, i, &at, &weight, rule);
        const double d = from > 0 ? from * exp(ratio * at) : to * pow(at, 1 / power);
        const double measure = from > 0 ? ratio * pow(d, power) : pow(to, power) / power;
        sum += weight * measure * (other > 0 ? pow(1 - d, other - 1) : 1) * regular(self, c, mirror ? 1 - d : d);
    }
    return sum > 0 ? sum / (to - from) : 0;
}

qsg_status qsg_spectral_averages(qsg_spectral *self, double tau, size_t cells, const double *edges, double *averages,
                                 qsg_error *error)
{
    qsg_status status = check_time(self, tau, error);
    if (status)
        return status;
    for (size_t i = 0; i < cells; i++)
        if (!(edges[i] >= 0 && edges[i + 1] <= 1 && edges[i] < edges[i + 1]))
            return qsg_fail(error, QSG_EDOMAIN, "edges of cells are out of order (%g, %g); expected them to increase "
                            "within [0, 1]", edges[i], edges[i + 1]);
    gsl_integration_glfixed_table *rule = gsl_integration_glfixed_table_alloc(6 + self->n / (cells + 1));
    if (!rule)
        return qsg_fail(error, QSG_ENOMEM, "no memory for a quadrature");
    const double *c = coefficients(self, tau, false);
    for (size_t i = 0; i < cells; i++) {
        const bool mirror = edges[i] + edges[i + 1] > 1;
        averages[i] = average(self, c, mirror, mirror ? 1 - edges[i + 1] : edges[i],
                              mirror ? 1 - edges[i] : edges[i + 1], rule);
    }
    gsl_integration_glfixed_table_free(rule);
    return QSG_OK;
}

qsg_status qsg_spectral_absorbed(qsg_spectral *self, double tau, double absorbed[2], qsg_error *error)
{
    const double *inflow = self->drift.inflow;
    qsg_status status = check_time(self, tau, error);
    if (status)
        return status;
    if (inflow[0] > 0 && inflow[1] > 0) {
        absorbed[0] = absorbed[1] = 0;
        return QSG_OK;
    }
    const double *c = coefficients(self, tau, true);
    const double out[2] = {self->fixation, 1 - self->fixation};
    for (int i = 0; i < 2; i++) {
        const double end = i == 0 ? 1 : 0;
        const double later = start_factor(self) * exp(tilt(&self->drift, end) - self->log_weight) / 2 *
                             series(self, c, end);
        absorbed[i] = inflow[1 - i] > 0 ? 0 : fmin(1, fmax(0, out[i] - later));
    }
    return QSG_OK;
}
