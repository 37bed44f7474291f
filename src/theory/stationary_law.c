/* Wright's stationary law by quadrature, which knows nothing of the chain of cells (doc/theory/density.md, eq. 20).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/stationary_law.h"

#include <gsl/gsl_integration.h>
#include <math.h>
#include <stdlib.h>

#define RULE 16 /* nodes in a cell */

/* 2 times the integral from 0 to x of the drift over x(1-x), the inflow left out: a polynomial, or a Chebyshev series. */
static double tilt(const qsg_mean_drift *drift, double x)
{
    if (!drift->closure) {
        double sum = 0;
        for (int i = QSG_DRIFT_TERMS; i-- > 0;)
            sum = x * (sum + 2 * drift->polynomial.selection[i] / (i + 1));
        return sum;
    }
    /* z = 2x - 1 = cos a: the integral of T_k is T_{k+1}/(2(k+1)) - T_{k-1}/(2(k-1)), k > 1; dx = dz/2 */
    const double a = acos(fmax(-1, fmin(1, 2 * x - 1))), *c = drift->pull;
    double sum = c[0] * (cos(a) + 1) + c[1] * (cos(2 * a) - 1) / 4;
    for (int k = 2; k < QSG_MEAN_DRIFT_TERMS; k++) {
        const double sign = k % 2 ? 1 : -1; /* T_{k+-1}(-1) */
        sum += c[k] * ((cos((k + 1) * a) - sign) / (2 * (k + 1)) - (cos((k - 1) * a) - sign) / (2 * (k - 1)));
    }
    return sum;
}

typedef struct {
    const qsg_mean_drift *drift;
    const double *inflow;
    double node[RULE], weight[RULE]; /* on [0, 1] */
    double top;                      /* logarithm that is taken out */
    double sum, mean, within;
} integral;

/* A node: share x with 1 - x = y, of weight w times e^log. */
static double add(integral *self, double x, double y, double log_weight)
{
    const double here = exp(log_weight + tilt(self->drift, x) - self->top);
    self->sum += here;
    self->mean += here * x;
    self->within += here * x * y;
    return here;
}

/* The cell from `a` to `b`; beside an end, where the density has a power a of the distance, that power is the variable. */
static double add_cell(integral *self, double a, double b)
{
    const double to_0 = self->inflow[0], to_1 = self->inflow[1];
    double sum = 0;
    for (int i = 0; i < RULE; i++) {
        const double v = self->node[i], w = log(self->weight[i]);
        double x, y;
        if (a == 0) {
            x = b * pow(v, 1 / to_0);
            sum += add(self, x, 1 - x, w + to_0 * log(b) - log(to_0) + (to_1 - 1) * log1p(-x));
        } else if (b == 1) {
            y = (1 - a) * pow(v, 1 / to_1);
            sum += add(self, 1 - y, y, w + to_1 * log1p(-a) - log(to_1) + (to_0 - 1) * log1p(-y));
        } else {
            x = a + (b - a) * v;
            sum += add(self, x, 1 - x, w + log(b - a) + (to_0 - 1) * log(x) + (to_1 - 1) * log1p(-x));
        }
    }
    return sum;
}

qsg_status stationary_integrate(const qsg_mean_drift *drift, size_t cells, const double *edges, double *mass,
                                stationary_moments *out, qsg_error *error)
{
    integral s = {.drift = drift, .inflow = drift->closure ? drift->inflow : drift->polynomial.inflow};
    if (!(s.inflow[0] > 0 && s.inflow[1] > 0))
        return qsg_fail(error, QSG_ENOEXIST, "a label that is lost does not come back, so there is no stationary law; expected "
                        "--innovation above 0 with a --prior above 0 for both labels");
    gsl_integration_glfixed_table *rule = gsl_integration_glfixed_table_alloc(RULE);
    if (!rule)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the quadrature");
    for (size_t i = 0; i < RULE; i++)
        gsl_integration_glfixed_point(0, 1, i, &s.node[i], &s.weight[i], rule);
    gsl_integration_glfixed_table_free(rule);
    s.top = -INFINITY;
    for (size_t i = 1; i < cells; i++)
        s.top = fmax(s.top, (s.inflow[0] - 0.5) * log(edges[i]) + (s.inflow[1] - 0.5) * log1p(-edges[i]) + tilt(drift, edges[i]));
    for (size_t i = 0; i < cells; i++)
        mass[i] = add_cell(&s, edges[i], edges[i + 1]);
    for (size_t i = 0; i < cells; i++)
        mass[i] /= s.sum;
    *out = (stationary_moments){s.mean / s.sum, s.within / s.sum};
    return QSG_OK;
}
