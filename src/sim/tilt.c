/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/tilt.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPONENTS 1024 /* of doubles up to 1, biased; 0 is that of 0 */
#define CELLS 256      /* of the mantissa */
#define COARSE 0.01    /* a larger relative error leaves too much to the exact channel */
#define LEAST_TOTAL 1e-250 /* below this, powers that underflowed could matter */

struct tilt {
    size_t labels;
    double copied; /* 1 - eps */
    double error; /* bound on the error of a cumulative probability */
    double power[EXPONENTS]; /* 2^(e/T) */
    struct { double value, slope; } cell[CELLS]; /* (1 + j/CELLS)^(1/T) and its rise to the next */
    double factors[]; /* K: exp(h_k - max h); K: eps times cumulative rho */
};

tilt *tilt_new(const qsg_channel *channel)
{
    const double s = channel->sharpness, h = 1.0 / CELLS;
    /* linear interpolation: h^2/8 times the largest second derivative, s |s - 1| x^(s-2), against the least x^s */
    const double error = s * fabs(s - 1) * pow(1 + h, s) * h * h / 8 + 1e-13;
    const size_t labels = channel->labels;
    tilt *self = error < COARSE ? malloc(sizeof *self + 2 * labels * sizeof *self->factors) : NULL;
    double top = -INFINITY, sum = 0;
    if (!self)
        return NULL;
    self->labels = labels;
    self->copied = 1 - channel->innovation;
    self->error = 2.1 * error + 1e-12; /* that of a quotient, and rounding of the exact channel */
    self->power[0] = 0;
    for (int e = 1; e < EXPONENTS; e++)
        self->power[e] = exp2((e - (EXPONENTS - 1)) * s);
    for (int j = 0; j < CELLS; j++) {
        self->cell[j].value = pow(1 + j * h, s);
        self->cell[j].slope = pow(1 + (j + 1) * h, s) - self->cell[j].value;
    }
    for (size_t k = 0; k < labels; k++)
        top = fmax(top, channel->field ? channel->field[k] : 0);
    for (size_t k = 0; k < labels; k++) {
        sum += channel->innovation > 0 ? channel->innovation * channel->prior[k] : 0;
        self->factors[k] = channel->field ? exp(channel->field[k] - top) : 1;
        self->factors[labels + k] = sum;
    }
    return self;
}

void tilt_free(tilt *self)
{
    free(self);
}

size_t tilt_label(const tilt *self, const double *x, double u, double *work)
{
    const size_t labels = self->labels;
    const double *innovated = self->factors + labels;
    double sum = 0;
    for (size_t k = 0; k < labels; k++) {
        uint64_t bits;
        memcpy(&bits, &x[k], sizeof bits);
        const size_t exponent = bits >> 52 & (EXPONENTS - 1), j = bits >> 44 & (CELLS - 1);
        const double part = (double)(int64_t)(bits & ((UINT64_C(1) << 44) - 1)) * 0x1p-44;
        sum += self->factors[k] * self->power[exponent] * (self->cell[j].value + self->cell[j].slope * part);
        work[k] = sum;
    }
    if (!(sum > LEAST_TOTAL))
        return SIZE_MAX;
    const double scale = self->copied / sum, error = self->error;
    size_t label = 0, doubts = 0;
    for (size_t k = 0; k + 1 < labels; k++) {
        const double above = u - (scale * work[k] + innovated[k]);
        label += above >= 0;
        doubts += fabs(above) <= error;
    }
    /* u beyond the last sum, which rounding may leave short of 1 */
    return doubts > 0 || 1 - u <= error ? SIZE_MAX : label;
}
