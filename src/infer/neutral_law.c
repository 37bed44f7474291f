/* The exact law of binned coordination (doc/theory/transcripts.md, eq. 5-7).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "qsg/fit_neutral.h"
#include "qsg/moments.h"

/* A linear map of the pair (f, V), row-major. */
typedef struct {
    double ff, fv, vf, vv;
} map;

static map times(map a, map b)
{
    return (map){a.ff * b.ff + a.fv * b.vf, a.ff * b.fv + a.fv * b.vv, a.vf * b.ff + a.vv * b.vf,
                 a.vf * b.fv + a.vv * b.vv};
}

static map plus(map a, double weight, map b)
{
    return (map){a.ff + weight * b.ff, a.fv + weight * b.fv, a.vf + weight * b.vf, a.vv + weight * b.vv};
}

static qsg_moments apply(map a, qsg_moments x)
{
    return (qsg_moments){a.ff * x.uncertainty + a.fv * x.disagreement, a.vf * x.uncertainty + a.vv * x.disagreement};
}

/* `steps` interactions as a map: the moments evolve linearly, so two starts tell it. */
static qsg_status map_of(const qsg_model *model, double steps, map *out, qsg_error *error)
{
    qsg_moments f = {1, 0}, v = {0, 1};
    qsg_status status = qsg_moments_evolve(model, &f, steps, &f, error);
    if (!status)
        status = qsg_moments_evolve(model, &v, steps, &v, error);
    if (!status)
        *out = (map){f.uncertainty, v.uncertainty, f.disagreement, v.disagreement};
    return status;
}

/* One speaker a time (eq. 7): mean of the match over pairs of utterances in a bin, as
 *     constant + map of the moments at its beginning.
 * After the utterance at place j: sum over all agents of <label, x> is N G, the speaker's own part e, and a lag d later
 * another agent says the label with probability G - rho^{d-1} (e - G)/(N-1). */
typedef struct {
    double constant, f, v; /* match = constant + f E[f] + v E[V] at the beginning of the bin */
} pair_law;

static pair_law pair_law_of(const qsg_model *model, uint64_t width, map step)
{
    const double n = (double)model->agents, a = model->alpha, b = model->self, w = (double)width;
    const double per_m = isinf(model->bandwidth) ? 0 : 1 / model->bandwidth;
    const double both = model->exchange == QSG_MUTUAL, listeners = model->exchange == QSG_BROADCAST ? n - 1 : 1;
    const double c = model->exchange == QSG_BROADCAST ? a : (1 + both) * a / (n - 1);
    /* With q = 1 - f, S = 1 - f - V/(N-1), own = 1/m + (1 - 1/m) q = 1 - (1 - 1/m) f:
     * 1 - e and N (1 - G) are linear in f and V. */
    const double own_f = 1 - per_m;
    const double e_f = (1 - b - both * a) + b * own_f + both * a, e_v = both * a / (n - 1);
    const double others_f = (n - 1 - listeners * a) + listeners * a * own_f;
    const double others_v = (n - 1 - listeners * a) / (n - 1);
    const double g_f = (e_f + others_f) / n, g_v = (e_v + others_v) / n;
    map level = {0, 0, 0, 0}, own = {0, 0, 0, 0}, power = {1, 0, 0, 1};
    for (uint64_t j = 0; j + 1 < width; j++) {
        const double lags = (double)(width - 1 - j);
        level = plus(level, lags, power);
        own = plus(own, c < 0.5 ? -expm1(lags * log1p(-c)) / c : (1 - pow(1 - c, lags)) / c, power);
        power = times(step, power);
    }
    /* 1 - match = sum over j of lags (1 - G) + [(1 - e) - (1 - G)] (..)/(N-1) with the sign of eq. 7 */
    const double d_f = (e_f - g_f) / (n - 1), d_v = (e_v - g_v) / (n - 1), pairs = w * (w - 1) / 2;
    return (pair_law){1,
                      -(g_f * level.ff + g_v * level.vf - d_f * own.ff - d_v * own.vf) / pairs,
                      -(g_f * level.fv + g_v * level.vv - d_f * own.fv - d_v * own.vv) / pairs};
}

/* Mean of M^j over the w interactions of a bin (eq. 6), by doubling from the top bit of w. */
static map mean_map(map step, uint64_t w)
{
    map sum = {0, 0, 0, 0}, power = {1, 0, 0, 1};
    for (int bit = 63; bit >= 0; bit--) {
        sum = plus(sum, 1, times(power, sum));
        power = times(power, power);
        if (w >> bit & 1) {
            sum = plus(sum, 1, power);
            power = times(power, step);
        }
    }
    return plus((map){0, 0, 0, 0}, 1 / (double)w, sum);
}

qsg_status qsg_neutral_coordination(const qsg_model *model, double alpha, const qsg_coordination *data, double *law,
                                    qsg_error *error)
{
    qsg_model at = *model; /* borrows the arrays */
    qsg_moments now;
    map step, stride;
    if (!(alpha > 0 && alpha + model->self <= 1))
        return qsg_fail(error, QSG_EDOMAIN, "alpha is out of range (%g); expected a number in (0, %g]", alpha,
                        1 - model->self);
    at.alpha = alpha;
    qsg_status status = qsg_moments_start(&at, &now, error);
    if (!status)
        status = map_of(&at, 1, &step, error);
    if (!status)
        status = map_of(&at, (double)data->width, &stride, error);
    if (status)
        return status;
    pair_law match = {1, -1, -1 / ((double)at.agents - 1)}; /* S = 1 - f - V/(N-1) */
    if (data->paired) {
        const map mean = mean_map(step, data->width);
        match = (pair_law){1, match.f * mean.ff + match.v * mean.vf, match.f * mean.fv + match.v * mean.vv};
    } else if (data->width > 1) {
        match = pair_law_of(&at, data->width, step);
    }
    for (size_t b = 0; b < data->bins; b++) {
        law[b] = match.constant + match.f * now.uncertainty + match.v * now.disagreement;
        now = apply(stride, now);
    }
    return QSG_OK;
}
