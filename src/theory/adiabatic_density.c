/* The density of one agent's belief (doc/theory/adiabatic.md, eq. 14-15).  SPDX-License-Identifier: GPL-3.0-or-later */
#include <complex.h>
#include <fftw3.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "theory/closure.h"

#define FINER 16 /* fine cells a cell; the smoothing is two of them */
#define MAX_CELLS 65536

/* Cumulants, over j!, of one message's share, divided by 1 - (1-alpha)^j: those of the sum of all that is left of it, in
 * units of the latest step. */
enum { CUMULANTS = 16 };

static void cumulants_left(const double *message, size_t m, double alpha, double left[CUMULANTS])
{
    double moment[CUMULANTS + 1] = {0}, cumulant[CUMULANTS + 1] = {0}; /* over j! */
    for (size_t b = 0; b <= m; b++) {
        double term = message[b];
        for (int j = 0; j <= CUMULANTS; j++) {
            moment[j] += term;
            term *= (double)b / (double)m / (j + 1);
        }
    }
    for (int j = 1; j <= CUMULANTS; j++) {
        double sum = j * moment[j];
        for (int k = 1; k < j; k++)
            sum -= k * cumulant[k] * moment[j - k];
        cumulant[j] = sum / j;
        left[j - 1] = cumulant[j] / -expm1(j * log1p(-alpha));
    }
}

/* E e^{i w x} for the law with messages W: product of the messages' transforms at w alpha (1-alpha)^j/m (eq. 14), whose
 * logarithms are power series with radius above pi: below a turn of 0.3 all the rest is summed at once. */
static double complex characteristic(const double *message, size_t m, double alpha, const double left[CUMULANTS],
                                     double w)
{
    double complex product = 1, rest = 0;
    double turn = w * alpha;
    for (; fabs(turn) > 0.3; turn *= 1 - alpha) {
        const double complex unit = cexp(I * turn / (double)m);
        double complex factor = message[m];
        for (size_t b = m; b-- > 0;)
            factor = factor * unit + message[b];
        product *= factor;
        if (cabs(product) < 1e-30)
            return 0;
    }
    for (int j = CUMULANTS; j-- > 0;)
        rest = (rest + left[j]) * (I * turn);
    return product * cexp(rest);
}

/* Mass of 2 x FINER x cells fine cells of [-1/2, 3/2) by inverse FFT,
 * times the Gaussian's and the cell's transforms. */
static qsg_status invert(const double *message, size_t m, double alpha, size_t cells, double *mass, qsg_error *error)
{
    const size_t n = 2 * FINER * cells;
    const double period = 2, fine = period / (double)n;
    fftw_complex *spectrum = fftw_alloc_complex(n / 2 + 1);
    double *space = fftw_alloc_real(n);
    fftw_plan plan = NULL;
    double left[CUMULANTS];
    cumulants_left(message, m, alpha, left);
#pragma omp critical(qsg_fftw_planner)
    if (spectrum && space)
        plan = fftw_plan_dft_c2r_1d((int)n, spectrum, space, FFTW_ESTIMATE);
    if (plan) {
        for (size_t k = 0; k <= n / 2; k++) {
            const double w = 2 * M_PI * (double)k / period, phase = w * fine / 2, s = 2 * w * fine;
            const double cell = phase > 0 ? sin(phase) / phase : 1, damp = cell * exp(-s * s / 2);
            /* the conjugate inverts; the shift puts -1/2 at the left edge of fine cell 0 */
            const double complex at = damp * conj(characteristic(message, m, alpha, left, w)) * cexp(-I * w * 0.5) *
                                      cexp(I * phase) / (double)n;
            spectrum[k] = at;
        }
        fftw_execute(plan);
        memset(mass, 0, cells * sizeof *mass);
        for (size_t j = 0; j < n; j++) { /* what the smoothing spilled over an end goes back into the end cell */
            const double x = ((double)j + 0.5) * fine - 0.5;
            const size_t cell = x <= 0 ? 0 : x >= 1 ? cells - 1 : (size_t)(x * (double)cells);
            mass[cell] += space[j];
        }
        for (size_t i = 0; i < cells; i++)
            mass[i] = fmax(0, mass[i]); /* rounding */
    }
#pragma omp critical(qsg_fftw_planner)
    if (plan)
        fftw_destroy_plan(plan);
    fftw_free(spectrum);
    fftw_free(space);
    return plan ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for a transform of %zu numbers", n);
}

/* P(belief <= x) where the images of [0, 1] under the messages do not overlap (alpha > m/(m+1)): x lies in one of them
 * or in a gap, and so on inwards.  Rounding of x costs 1e-16 to the power of the dimension. */
static double cantor(const double *message, size_t m, double alpha, double x)
{
    double sum = 0, weight = 1;
    while (x > 0 && x < 1 && weight > 1e-18) {
        const double place = floor(x * (double)m / alpha);
        const size_t b = place >= (double)m ? m : (size_t)place;
        for (size_t i = 0; i < b; i++)
            sum += weight * message[i];
        weight *= message[b];
        x = (x - alpha * (double)b / (double)m) / (1 - alpha);
    }
    return x >= 1 ? sum + weight : sum;
}

static void cantor_cells(const double *message, size_t m, double alpha, size_t cells, double *mass)
{
    double before = 0;
    for (size_t i = 1; i <= cells; i++) {
        const double now = i == cells ? 1 : cantor(message, m, alpha, (double)i / (double)cells);
        mass[i - 1] = now - before;
        before = now;
    }
}

/* Messages for alpha = 1 or consensus, where the law is the message law itself. */
static void atoms(const double *message, size_t m, size_t cells, double *mass)
{
    memset(mass, 0, cells * sizeof *mass);
    for (size_t b = 0; b <= m; b++) {
        const double x = (double)b / (double)m * (double)cells;
        mass[x >= (double)cells ? cells - 1 : (size_t)x] += message[b];
    }
}

/* What is known (eq. 15a).  1/(1-alpha) a whole number k: the characteristic function does not vanish at infinity, unless binary
 * digits are even, which makes sums of uniform numbers.  Other algebraic 1/(1-alpha) are no doubles. */
static qsg_belief_kind kind_of(const double *message, size_t m, double alpha, double dimension)
{
    const double k = 1 / (1 - alpha);
    if (dimension < 1)
        return QSG_BELIEF_SINGULAR;
    if (alpha == 0.5 && fabs(message[0] - message[m]) < 1e-12 * message[m])
        return QSG_BELIEF_CONTINUOUS;
    return fabs(k - nearbyint(k)) < 1e-13 * k && k > 1.5 ? QSG_BELIEF_SINGULAR : QSG_BELIEF_UNKNOWN;
}

static qsg_belief_shape shape_of(const double *message, size_t m, double alpha)
{
    double entropy = 0;
    for (size_t b = 0; b <= m; b++)
        if (message[b] > 0)
            entropy -= message[b] * log(message[b]);
    const double dimension = alpha == 1 ? 0 : fmin(1, entropy / -log1p(-alpha));
    return (qsg_belief_shape){dimension, alpha > (double)m / ((double)m + 1), kind_of(message, m, alpha, dimension)};
}

qsg_status qsg_adiabatic_density(const qsg_model *model, double p, size_t cells, double *mass, qsg_belief_shape *shape,
                                 qsg_error *error)
{
    closure c = {0};
    double heard;
    if (!(p >= 0 && p <= 1))
        return qsg_fail(error, QSG_EDOMAIN, "mean belief is out of range (%g); expected a number in [0, 1]", p);
    if (!(cells >= 2 && cells <= MAX_CELLS && cells % 2 == 0))
        return qsg_fail(error, QSG_EDOMAIN, "number of cells is %zu; expected an even number from 2 to %d", cells,
                        MAX_CELLS);
    double *masses = malloc(cells * sizeof *masses);
    qsg_status status = masses ? closure_init(&c, model, "the belief density", error)
                               : qsg_fail(error, QSG_ENOMEM, "no memory for %zu cells", cells);
    if (!status && model->self > 0)
        status = qsg_fail(error, QSG_EMODEL, "the belief density does not support --self (%g), whose messages are not "
                          "independent; expected 0, or times", model->self);
    if (!status && c.soft) {
        memset(masses, 0, cells * sizeof *masses);
        masses[p >= 1 ? cells - 1 : (size_t)(p * (double)cells)] = 1;
        *shape = (qsg_belief_shape){0, false, QSG_BELIEF_SINGULAR};
    } else if (!status) {
        status = closure_map(&c, p, false, &heard, error);
        if (!status && (model->alpha == 1 || p == 0 || p == 1))
            atoms(c.law.message, c.law.m, cells, masses);
        else if (!status && model->alpha > (double)c.law.m / ((double)c.law.m + 1))
            cantor_cells(c.law.message, c.law.m, model->alpha, cells, masses);
        else if (!status)
            status = invert(c.law.message, c.law.m, model->alpha, cells, masses, error);
        if (!status)
            *shape = shape_of(c.law.message, c.law.m, model->alpha);
    }
    if (!status)
        memcpy(mass, masses, cells * sizeof *mass);
    free(masses);
    closure_free(&c);
    return status;
}

qsg_status qsg_adiabatic_density_table(const qsg_model *model, double p, size_t cells, qsg_result *result,
                                       qsg_error *error)
{
    qsg_belief_shape shape;
    if (cells > MAX_CELLS)
        return qsg_fail(error, QSG_EDOMAIN, "number of cells is %zu; expected at most %d", cells, MAX_CELLS);
    double *x = malloc((2 * cells + 1) * sizeof *x), *density = x ? x + cells : NULL;
    qsg_status status = x ? qsg_adiabatic_density(model, p, cells, density, &shape, error)
                          : qsg_fail(error, QSG_ENOMEM, "no memory for %zu cells", cells);
    for (size_t i = 0; i < cells && !status; i++) {
        x[i] = ((double)i + 0.5) / (double)cells;
        density[i] *= (double)cells;
    }
    if (!status) {
        qsg_result_number(result, "belief.dimension", shape.dimension, "", QSG_EXACT,
                          "upper bound of the dimension of the belief law: below 1 there is no density");
        qsg_result_flag(result, "belief.gaps", shape.gaps, "the belief law lives on a Cantor set");
        qsg_result_column(result, "x", "x", cells, x, "", QSG_INPUT, "belief in label 1, middle of the cell");
        qsg_result_column(result, "density", "density", cells, density, "per unit of belief", QSG_NUMERICAL,
                          "mass of the cell over its width");
        status = qsg_result_status(result);
    }
    free(x);
    return status;
}
