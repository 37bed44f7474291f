/* From a model to its diffusion limit (doc/theory/density.md, eq. 17-18).  SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "qsg/density.h"
#include "qsg/moments.h"

/* Beyond, the drift is no longer that of weak selection. */
#define STRONG_FIELD 0.5

/* Total adaptation of the mean belief in one interaction, as share of the population. */
static double moved_share(const qsg_model *model)
{
    const double n = (double)model->agents, both = model->alpha + model->self;
    switch (model->exchange) {
    case QSG_MUTUAL: return 2 * both / n;
    case QSG_BROADCAST: return ((n - 1) * model->alpha + model->self) / n;
    default: return both / n;
    }
}

qsg_status qsg_diffusion_of(const qsg_model *model, qsg_diffusion *diffusion, qsg_error *error)
{
    qsg_diffusion d = {0};
    double fuel;
    qsg_status status = qsg_model_require(model, QSG_USES_FIELD | QSG_USES_INNOVATION, "density", error);
    if (status)
        return status;
    qsg_model neutral = *model; /* borrows the arrays */
    neutral.field = NULL;
    neutral.innovation = 0;
    status = qsg_moments_slow_rate(&neutral, &d.rate, error);
    if (status)
        return status;
    if (!(d.rate > 0))
        return qsg_fail(error, QSG_EMODEL, "density needs a mean belief that goes on moving (slow rate %g); expected a "
                        "finite bandwidth, and alpha below 1 in mutual exchange", d.rate);
    status = qsg_moments_diffusive_rate(&neutral, &d.rate, error);
    if (status)
        return status;
    double low = 0, high = 0;
    for (size_t k = 0; model->field && k < model->labels; k++) {
        low = k == 0 ? model->field[k] : fmin(low, model->field[k]);
        high = k == 0 ? model->field[k] : fmax(high, model->field[k]);
    }
    if (high - low > STRONG_FIELD)
        return qsg_fail(error, QSG_EMODEL, "density is a limit of weak selection (--field spans %g); expected at most %g",
                        high - low, STRONG_FIELD);
    /* a field h moves the mean by moved_share h E[x(1-x)]; summed from f = 2x(1-x) = 1/2 on */
    const qsg_moments half = {.uncertainty = 0.5, .disagreement = 0};
    status = qsg_moments_total_uncertainty(&neutral, &half, &fuel, error);
    if (status)
        return status;
    d.gain = 2 * moved_share(model) * fuel;
    d.theta = 2 * moved_share(model) * model->innovation / d.rate;
    *diffusion = d;
    return QSG_OK;
}

void qsg_diffusion_rates(const qsg_diffusion *self, const qsg_model *model, double *inflow, double *selection)
{
    for (size_t k = 0; k < model->labels; k++) {
        inflow[k] = model->innovation > 0 ? self->theta * model->prior[k] : 0;
        selection[k] = model->field ? self->gain * model->field[k] : 0;
    }
}

void qsg_diffusion_drift(const qsg_diffusion *self, const qsg_model *model, qsg_polynomial_drift *drift)
{
    double inflow[2], selection[2];
    qsg_diffusion_rates(self, model, inflow, selection);
    *drift = (qsg_polynomial_drift){{inflow[0], inflow[1]}, {selection[0] - selection[1]}};
}
