/* Drift of the mean belief of two labels: polynomial for field and innovation, by the adiabatic closure with tempering
 * (doc/theory/density.md, eq. 17-19).  SPDX-License-Identifier: GPL-3.0-or-later */
#include <fftw3.h>
#include <math.h>

#include "qsg/adiabatic.h"
#include "qsg/density.h"
#include "theory/predict_laws.h"

enum { NODES = QSG_MEAN_DRIFT_TERMS };
_Static_assert(sizeof((qsg_mean_drift *)0)->pull == sizeof((qsg_adiabatic_drift *)0)->pressure, "one series");

/* sum_k c_k T_k(z) */
static double clenshaw(const double *c, double z)
{
    double next = 0, after = 0;
    for (size_t k = NODES - 1; k > 0; k--) {
        const double now = c[k] + 2 * z * next - after;
        after = next;
        next = now;
    }
    return c[0] + z * next - after;
}

/* Chebyshev coefficients from the values at 2x - 1 = cos(pi (2j+1)/(2n)), j = 0 .. n-1, in place. */
static qsg_status coefficients(double *values, size_t n, qsg_error *error)
{
    double *out = fftw_alloc_real(n);
    fftw_plan plan = NULL;
    /* FFTW's planner is the one part of it that is not thread-safe */
#pragma omp critical(qsg_fftw_planner)
    if (out)
        plan = fftw_plan_r2r_1d((int)n, values, out, FFTW_REDFT10, FFTW_ESTIMATE | FFTW_UNALIGNED);
    if (plan) {
        fftw_execute(plan);
        for (size_t k = 0; k < n; k++)
            values[k] = out[k] / (double)n * (k == 0 ? 0.5 : 1);
    }
#pragma omp critical(qsg_fftw_planner)
    if (plan)
        fftw_destroy_plan(plan);
    fftw_free(out);
    return plan ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for a transform of %zu numbers", n);
}

/* With innovation what is heard at the ends leads back: F(p) - p = e rho_1 (1-p) - e rho_2 p + p(1-p) R(p).
 * R is sampled inside only, where the quotient keeps its digits, and not so densely that the outer nodes would lose them. */
static qsg_status sample_closure(const qsg_model *model, qsg_mean_drift *self, qsg_error *error)
{
    enum { INSIDE = 48 };
    double p[INSIDE], heard[INSIDE];
    const double from_0 = model->innovation * model->prior[0], from_1 = model->innovation * model->prior[1];
    for (size_t j = 0; j < INSIDE; j++) {
        const double c = cos(M_PI * (2 * (double)j + 1) / (4 * INSIDE));
        p[j] = c * c;
    }
    qsg_status status = qsg_adiabatic_map(model, INSIDE, p, heard, error);
    if (status)
        return status;
    self->strain = 0;
    for (size_t j = 0; j < INSIDE; j++) {
        const double q = 1 - p[j];
        self->pull[j] = (heard[j] - p[j] - from_0 * q + from_1 * p[j]) / (p[j] * q);
        self->strain = fmax(self->strain, fabs(self->pull[j]));
    }
    self->strain += from_0 + from_1;
    status = coefficients(self->pull, INSIDE, error);
    for (size_t k = 0; k < NODES; k++)
        self->pull[k] = k < INSIDE ? self->speed * self->pull[k] : 0;
    self->inflow[0] = 2 * self->speed * from_0;
    self->inflow[1] = 2 * self->speed * from_1;
    return status;
}

static qsg_status init_closure(qsg_mean_drift *self, const qsg_model *model, qsg_error *error)
{
    qsg_adiabatic_drift drift;
    const double neutral = self->diffusion.rate;
    double grain;
    const double pace = model->exchange == QSG_MUTUAL ? 2 : 1;
    self->speed = model->alpha * pace / ((double)model->agents * self->diffusion.rate);
    self->diffusion.gain = NAN;
    qsg_status status;
    if (model->innovation > 0) {
        status = sample_closure(model, self, error);
    } else {
        status = qsg_adiabatic_drift_init(&drift, model, error);
        for (size_t k = 0; k < NODES && !status; k++)
            self->pull[k] = drift.pressure[k] / 2;
        if (!status) {
            self->strain = drift.strain;
            self->diffusion.rate = drift.rate;
            self->start = drift.start;
        }
    }
    if (!status && !(self->strain <= MAX_STRAIN_PLAIN))
        return qsg_fail(error, QSG_EMODEL, "density needs a mean belief that moves slowly (strain %.3g); expected at most "
                        "%g: a temperature nearer to 1, less field or innovation", self->strain, MAX_STRAIN_PLAIN);
    if (!status && model->innovation == 0 && !(drift.time_error <= MAX_TIME_ERROR))
        return qsg_fail(error, QSG_EMODEL, "density needs a noise that hardly depends on the mean belief (it differs by %.3g); "
                        "expected at most %g: a temperature nearer to 1", drift.time_error, MAX_TIME_ERROR);
    if (!status)
        status = predict_grain(model, neutral, &grain, error);
    if (!status && !(grain <= MAX_GRAIN))
        return qsg_fail(error, QSG_EMODEL, "density needs a larger population at this alpha (the closure misses %.2g of "
                        "the drift); expected at most %g", grain, MAX_GRAIN);
    return status;
}

qsg_status qsg_mean_drift_init(qsg_mean_drift *self, const qsg_model *model, qsg_error *error)
{
    qsg_mean_drift made = {.closure = model->temper != 1, .start = model->start.p ? model->start.p[0] : NAN};
    qsg_model known = *model; /* borrows the arrays */
    qsg_status status = qsg_model_require(model, QSG_USES_FIELD | QSG_USES_TEMPER | QSG_USES_INNOVATION, "density", error);
    if (status)
        return status;
    if (model->labels != 2)
        return qsg_fail(error, QSG_EMODEL, "the drift of one share is for two labels (K = %zu); expected K = 2",
                        model->labels);
    if (made.closure) {
        known.temper = 1;
        known.field = NULL;
    }
    status = qsg_diffusion_of(&known, &made.diffusion, error);
    if (!status && made.closure)
        status = init_closure(&made, model, error);
    else if (!status)
        qsg_diffusion_drift(&made.diffusion, model, &made.polynomial);
    if (!status)
        *self = made;
    return status;
}

double qsg_mean_drift_at(double x, void *drift)
{
    const qsg_mean_drift *self = drift;
    if (!self->closure)
        return qsg_polynomial_drift_at(x, (void *)&self->polynomial);
    return (self->inflow[0] * (1 - x) - self->inflow[1] * x) / 2 + x * (1 - x) * clenshaw(self->pull, 2 * x - 1);
}
