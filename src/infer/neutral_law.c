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

/* (1 - c)^n and the sum of (1 - c)^i over i < n, for c in [0, 2]; log1p keeps the digits of a small c. */
static double decay(double c, uint64_t n)
{
    return c < 0.5 ? exp((double)n * log1p(-c)) : pow(1 - c, (double)n);
}

static double geometric(double c, uint64_t n)
{
    return c == 0 ? (double)n : c < 0.5 ? -expm1((double)n * log1p(-c)) / c : (1 - decay(c, n)) / c;
}

/* Sum over j < n of geometric(c, n - j) M^j in O(log n) products, by doubling from the top bit of n:
 *     plain_n = sum M^j,  lags_2n = M^n lags_n + geometric(c, n) plain_n + (1 - c)^n lags_n,
 *     lags_{n+1} = plain_{n+1} + (1 - c) lags_n.
 * c = 1 weighs all alike, c = 0 by n - j.  M^n is the closed form: repeated squares would lose n roundings. */
static qsg_status lag_sum(const qsg_model *model, uint64_t n, double c, map *out, qsg_error *error)
{
    map plain = {0, 0, 0, 0}, lags = plain, power;
    for (int bit = 63; bit >= 0; bit--) {
        const uint64_t half = n >> bit >> 1;
        qsg_status status = map_of(model, (double)half, &power, error);
        if (status)
            return status;
        lags = plus(plus(times(power, lags), geometric(c, half), plain), decay(c, half), lags);
        plain = plus(plain, 1, times(power, plain));
        if (!(n >> bit & 1))
            continue;
        status = map_of(model, 2 * (double)half, &power, error);
        if (status)
            return status;
        plain = plus(plain, 1, power);
        lags = plus(plain, 1 - c, lags);
    }
    *out = lags;
    return QSG_OK;
}

/* The mean match in a bin: constant + f E[f] + v E[V] at its beginning. */
typedef struct {
    double constant, f, v;
} pair_law;

/* Both speak: the mean of E[S_t] over the interactions of the bin (eq. 6). */
static qsg_status mean_law(const qsg_model *model, uint64_t width, pair_law *out, qsg_error *error)
{
    const double w = (double)width, v = -1 / ((double)model->agents - 1); /* S = 1 - f - V/(N-1) */
    map sum;
    qsg_status status = lag_sum(model, width, 1, &sum, error);
    if (!status)
        *out = (pair_law){1, (v * sum.vf - sum.ff) / w, (v * sum.vv - sum.fv) / w};
    return status;
}

/* One speaker a time: mean of the match over the pairs of utterances of a bin (eq. 7).
 * After the utterance at place j: sum over all agents of <label, x> is N G, the speaker's own part e, and a lag d later
 * another agent says the label with probability G - rho^{d-1} (e - G)/(N-1). */
static qsg_status pairs_law(const qsg_model *model, uint64_t width, pair_law *out, qsg_error *error)
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
    map level, own;
    qsg_status status = lag_sum(model, width - 1, 0, &level, error);
    if (!status)
        status = lag_sum(model, width - 1, c, &own, error);
    if (status)
        return status;
    /* 1 - match = sum over j of lags (1 - G) + [(1 - e) - (1 - G)] (..)/(N-1) with the sign of eq. 7 */
    const double d_f = (e_f - g_f) / (n - 1), d_v = (e_v - g_v) / (n - 1), pairs = w * (w - 1) / 2;
    *out = (pair_law){1, -(g_f * level.ff + g_v * level.vf - d_f * own.ff - d_v * own.vf) / pairs,
                      -(g_f * level.fv + g_v * level.vv - d_f * own.fv - d_v * own.vv) / pairs};
    return QSG_OK;
}

/* The law at the times themselves (moments.md; eq. 13). */
static qsg_status point_law(const qsg_model *model, const qsg_coordination *data, double *law, qsg_error *error)
{
    qsg_moments start, now;
    qsg_status status = qsg_moments_start(model, &start, error);
    for (size_t b = 0; b < data->bins && !status; b++) {
        if (data->kind == QSG_SERIES_U_MEANFIELD) {
            law[b] = qsg_meanfield_polarization(model, &start, data->time[b]);
            continue;
        }
        status = qsg_moments_evolve(model, &start, data->time[b], &now, error);
        if (!status)
            law[b] = data->kind == QSG_SERIES_U ? qsg_moments_polarization(model, &now) : qsg_moments_coordination(model, &now);
    }
    return status;
}

qsg_status qsg_neutral_coordination(const qsg_model *model, double alpha, const qsg_coordination *data, double *law,
                                    qsg_error *error)
{
    qsg_model at = *model; /* borrows the arrays */
    qsg_moments now;
    map stride;
    pair_law match;
    if (!(alpha > 0 && alpha + model->self <= 1))
        return qsg_fail(error, QSG_EDOMAIN, "alpha is out of range (%g); expected a number in (0, %g]", alpha,
                        1 - model->self);
    at.alpha = alpha;
    if (data->kind != QSG_SERIES_BINS)
        return point_law(&at, data, law, error);
    qsg_status status = qsg_moments_start(&at, &now, error);
    if (!status)
        status = map_of(&at, (double)data->width, &stride, error);
    if (!status) /* a single utterance has no pair: the match that the next one would have */
        status = (data->paired || data->width == 1 ? mean_law : pairs_law)(&at, data->width, &match, error);
    if (status)
        return status;
    for (size_t b = 0; b < data->bins; b++) {
        law[b] = match.constant + match.f * now.uncertainty + match.v * now.disagreement;
        now = apply(stride, now);
    }
    return QSG_OK;
}
