/* The channel r(x).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/channel.h"

#include <math.h>
#include <string.h>

qsg_channel qsg_channel_of(const qsg_model *model)
{
    const bool neutral = !model->field && model->temper == 1 && model->innovation == 0;
    return (qsg_channel){model->labels, 1 / model->temper, model->field, model->innovation, model->prior, neutral};
}

void qsg_channel_apply(const qsg_channel *self, const double *x, double *r)
{
    const size_t n = self->labels;
    if (self->neutral) {
        memcpy(r, x, n * sizeof *r);
        return;
    }
    if (self->field || self->sharpness != 1) {
        double top = -INFINITY, sum = 0;
        for (size_t k = 0; k < n; k++) {
            r[k] = self->sharpness * log(x[k]) + (self->field ? self->field[k] : 0);
            if (r[k] > top)
                top = r[k];
        }
        for (size_t k = 0; k < n; k++) {
            r[k] = exp(r[k] - top);
            sum += r[k];
        }
        for (size_t k = 0; k < n; k++)
            r[k] /= sum;
    } else {
        memcpy(r, x, n * sizeof *r);
    }
    if (self->innovation > 0)
        for (size_t k = 0; k < n; k++)
            r[k] = (1 - self->innovation) * r[k] + self->innovation * self->prior[k];
}

/* The log odds of g(x) in label 1. */
static double log_odds(const qsg_channel *self, double x)
{
    const double h = self->field ? self->field[0] - self->field[1] : 0;
    return self->sharpness * (log(x) - log1p(-x)) + h;
}

/* The tilted belief g(x) in label 1. */
static double tilt(const qsg_channel *self, double x)
{
    const double h = self->field ? self->field[0] - self->field[1] : 0;
    if (h == 0 && self->sharpness == 1)
        return x;
    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    return 1 / (1 + exp(-log_odds(self, x)));
}

double qsg_channel_binary(const qsg_channel *self, double x)
{
    const double g = tilt(self, x);
    return self->innovation > 0 ? (1 - self->innovation) * g + self->innovation * self->prior[0] : g;
}

double qsg_channel_binary_slope(const qsg_channel *self, double x)
{
    if (!self->field && self->sharpness == 1)
        return 1 - self->innovation;
    /* g (1 - g) from the log odds, which keep the smaller of the two; logarithms, because each factor may underflow */
    const double odds = fabs(log_odds(self, x)), spread = -odds - 2 * log1p(exp(-odds)) - log(x) - log1p(-x);
    return (1 - self->innovation) * self->sharpness * exp(spread);
}
