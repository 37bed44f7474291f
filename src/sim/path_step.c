/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/paths.h"

#define MAX_SELECTION 1000
#define MAX_STEPS 1e7  /* a gap */
#define SAME_GAP 1e-12 /* relative: gaps of large times differ by rounding */

/* Multinomial counts, label by label; rest[k] is the sum of the shares from k on. */
static void draw_counts(const path_plan *plan, gsl_rng *rng, uint64_t left, const double *shares, double *rest,
                        uint64_t *counts)
{
    const size_t labels = plan->labels;
    rest[labels] = 0;
    for (size_t k = labels; k-- > 0;)
        rest[k] = rest[k + 1] + shares[k];
    for (size_t k = 0; k < labels; k++) {
        if (left == 0 || shares[k] == 0)
            counts[k] = 0;
        else
            counts[k] = rest[k + 1] > 0 ? gsl_ran_binomial(rng, shares[k] / rest[k], (unsigned)left) : left;
        left -= counts[k];
    }
}

/* Logarithm of a gamma variate of shape a > 0, also where the variate underflows: G(a) = G(a + 1) u^{1/a}. */
static double log_gamma_variate(gsl_rng *rng, double a)
{
    const double g = gsl_ran_gamma(rng, a + 1, 1);
    return log(g) + log(1 - gsl_rng_uniform(rng)) / a;
}

/* Without ancestors the shares are Dirichlet(theta rho), whose variates may all underflow. */
static void draw_founders(const path_plan *plan, gsl_rng *rng, double *shares)
{
    double top = -INFINITY;
    for (size_t k = 0; k < plan->labels; k++) {
        shares[k] = plan->inflow[k] > 0 ? log_gamma_variate(rng, plan->inflow[k]) : -INFINITY;
        top = fmax(top, shares[k]);
    }
    for (size_t k = 0; k < plan->labels; k++)
        shares[k] = exp(shares[k] - top);
}

static void normalize(double *shares, size_t labels)
{
    double sum = 0;
    for (size_t k = 0; k < labels; k++)
        sum += shares[k];
    for (size_t k = 0; k < labels; k++)
        shares[k] /= sum;
}

/* The exact transition without field (eq. 1): ancestors, their labels, and what has become of their families. */
static void drift_apart(const path_plan *plan, const lineages *ancestors, gsl_rng *rng, double *shares, double *rest,
                        uint64_t *counts)
{
    const uint64_t n = lineages_at(ancestors, gsl_rng_uniform(rng));
    if (n == 0) {
        draw_founders(plan, rng, shares);
    } else {
        draw_counts(plan, rng, n, shares, rest, counts);
        for (size_t k = 0; k < plan->labels; k++) {
            const double shape = (double)counts[k] + (plan->inflow ? plan->inflow[k] : 0);
            shares[k] = shape > 0 ? gsl_ran_gamma(rng, shape, 1) : 0;
        }
    }
    normalize(shares, plan->labels);
}

/* The flow of the field over half a step: p_k e^{s_k step/2}, normalized. */
static void tilt(const path_plan *plan, const path_gap *gap, double *shares)
{
    for (size_t k = 0; k < plan->labels; k++)
        shares[k] *= gap->tilt[k];
    normalize(shares, plan->labels);
}

static bool alone(const double *shares, size_t labels)
{
    size_t left = 0;
    for (size_t k = 0; k < labels && left < 2; k++)
        left += shares[k] > 0;
    return left == 1;
}

void path_plan_advance(const path_plan *plan, const path_gap *gap, gsl_rng *rng, double *shares, double *work,
                  uint64_t *counts)
{
    for (uint64_t i = 0; i < gap->steps; i++) {
        if (!plan->inflow && alone(shares, plan->labels))
            return;
        if (gap->tilt)
            tilt(plan, gap, shares);
        drift_apart(plan, &gap->ancestors, rng, shares, work, counts);
        if (gap->tilt)
            tilt(plan, gap, shares);
    }
}

static qsg_status gap_init(path_gap *self, const path_plan *plan, const qsg_diffusion *diffusion, double interactions,
                           double step, qsg_error *error)
{
    *self = (path_gap){.interactions = interactions, .tau = diffusion->rate * interactions, .steps = 0};
    if (interactions == 0)
        return QSG_OK;
    if (!(self->tau >= LINEAGES_MIN_TAU))
        return qsg_fail(error, QSG_EDOMAIN, "times are too close for the diffusion (%g interactions, tau %g); expected "
                        "at least %g interactions between them", interactions, self->tau,
                        ceil(LINEAGES_MIN_TAU / diffusion->rate));
    double steps = 1, range = 0;
    if (plan->selection) {
        for (size_t k = 0; k < plan->labels; k++)
            range = fmax(range, -plan->selection[k]);
        steps = fmax(1, ceil(self->tau * (1 + range) / step));
    }
    if (!(steps <= MAX_STEPS))
        return qsg_fail(error, QSG_EDOMAIN, "times are too far apart for a field (tau %g, %g steps); expected at most "
                        "%g steps between them", self->tau, steps, MAX_STEPS);
    self->steps = (uint64_t)steps;
    qsg_status status = lineages_init(&self->ancestors, plan->theta, self->tau / steps, error);
    if (!status && plan->selection) {
        self->tilt = malloc(plan->labels * sizeof *self->tilt);
        if (!self->tilt)
            return qsg_fail(error, QSG_ENOMEM, "no memory for %zu labels", plan->labels);
        for (size_t k = 0; k < plan->labels; k++)
            self->tilt[k] = exp(plan->selection[k] * self->tau / steps / 2);
    }
    return status;
}

/* The largest selection is 0 then: only differences count. */
static qsg_status set_rates(path_plan *self, const qsg_model *model, const qsg_diffusion *diffusion, qsg_error *error)
{
    double top = -INFINITY, bottom = INFINITY;
    qsg_diffusion_rates(diffusion, model, self->inflow, self->selection);
    for (size_t k = 0; k < self->labels; k++) {
        top = fmax(top, self->selection[k]);
        bottom = fmin(bottom, self->selection[k]);
    }
    for (size_t k = 0; k < self->labels; k++)
        self->selection[k] -= top;
    if (!(top - bottom <= MAX_SELECTION))
        return qsg_fail(error, QSG_EMODEL, "the field is too strong for paths of the diffusion (selection %g); "
                        "expected at most %d: a field of %g or less", top - bottom, MAX_SELECTION,
                        MAX_SELECTION / diffusion->gain);
    return QSG_OK;
}

qsg_status path_plan_init(path_plan *self, const qsg_model *model, const qsg_diffusion *diffusion, size_t n,
                          const double *times, double step, qsg_error *error)
{
    path_plan p = {.labels = model->labels, .n = n, .start = model->start.p};
    double *const inflow = calloc(2 * p.labels, sizeof *inflow);
    p.inflow = inflow;
    p.selection = inflow + p.labels;
    p.gaps = calloc(n + 1, sizeof *p.gaps);
    p.gap_of = calloc(n + 1, sizeof *p.gap_of);
    if (!inflow || !p.gaps || !p.gap_of) {
        free(inflow);
        free(p.gaps);
        free(p.gap_of);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu times of %zu labels", n, p.labels);
    }
    qsg_status status = set_rates(&p, model, diffusion, error);
    p.rates = inflow;
    p.inflow = model->innovation > 0 ? p.inflow : NULL;
    p.selection = model->field ? p.selection : NULL;
    p.theta = p.inflow ? diffusion->theta : 0;
    for (size_t i = 0; !status && i < n; i++) {
        const double gap = times[i] - (i ? times[i - 1] : 0);
        size_t g = 0;
        while (g < p.n_gaps && !(fabs(p.gaps[g].interactions - gap) <= SAME_GAP * gap))
            g++;
        if (g == p.n_gaps) {
            p.n_gaps++; /* also when it fails: it may own memory */
            status = gap_init(&p.gaps[g], &p, diffusion, gap, step, error);
        }
        p.gap_of[i] = g;
    }
    if (status)
        path_plan_free(&p);
    else
        *self = p;
    return status;
}

void path_plan_free(path_plan *self)
{
    for (size_t g = 0; g < self->n_gaps; g++) {
        lineages_free(&self->gaps[g].ancestors);
        free(self->gaps[g].tilt);
    }
    free(self->rates);
    free(self->gaps);
    free(self->gap_of);
    *self = (path_plan){0};
}
