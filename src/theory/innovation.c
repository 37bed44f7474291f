/* Exact moments with innovation (doc/theory/innovation.md).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/innovation.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/shares.h"
#include "qsg/moments.h"

/* The generator of one interaction (eq. 3-4), every coefficient free of cancellation where that can be:
 *     dV = -v_own V + v_mix f + g v_rest + v_offset w,   dH = -h_own V - h_mix f + g h_rest + h_offset w,
 * with w the offset and f = H - V/N.  Extended precision for the distance of two rates that nearly coincide. */
typedef struct {
    long double n, e, per_m, g; /* N, eps, 1/m, 1 - |rho|^2 */
    long double noise, spread, bias; /* G, A, Y: what the message's noise adds to dH and dV, and innovation to dV */
    long double v_own, v_mix, v_rest, v_offset, h_own, h_mix, h_rest, h_offset;
    long double pull, cross; /* h_mix without noise; v_own/N - h_own, how V feeds f */
    long double decay;
} generator;

/* The mean belief's adaptation an interaction, N times. */
static double moved_of(const qsg_model *model)
{
    const double n = (double)model->agents, a = model->alpha, b = model->self;
    return model->exchange == QSG_BROADCAST ? a * (n - 1) + b : model->exchange == QSG_MUTUAL ? 2 * (a + b) : a + b;
}

/* What the protocols do not share (eq. 4): A, Y, h_own and cross. */
static void set_protocol(generator *s, const qsg_model *model)
{
    const long double n = s->n, e = s->e, a = model->alpha, b = model->self, both = a + b, apart = (a - b) * (a - b);
    const long double alone = (apart + both * both * (1 - 2 / n)) / 2, others = n * (n - 1);
    switch (model->exchange) {
    case QSG_MUTUAL:
        s->spread = 2 * alone;
        s->bias = 2 * both * both * (1 - 2 / n);
        s->h_own = 4 * both * e / (n * n) * (1 - both * e / (2 * (n - 1)));
        s->cross = 4 * a * (1 - e) * (1 - a - b + b * (1 - e)) / others;
        break;
    case QSG_BROADCAST:
        s->spread = s->bias = (n - 1) / n * apart;
        s->h_own = (2 * (a * (n - 1) + b) / n * e * (1 - a) + a * a) / n;
        s->cross = 2 * a * (1 - a) * (1 - e) / n;
        break;
    default:
        s->spread = s->bias = alone;
        s->h_own = 2 / (n * n) * (both * e * (1 - a / (n - 1)) + a * a / (n - 1));
        s->cross = 2 * a * (1 - a) * (1 - e) / others;
    }
    s->v_own = n * (s->h_own + s->cross);
}

static generator generator_of(const qsg_model *model)
{
    const long double n = (long double)model->agents, a = model->alpha, b = model->self, e = model->innovation;
    const long double per_m = isinf(model->bandwidth) ? 0 : 1 / (long double)model->bandwidth;
    const int speakers = model->exchange == QSG_MUTUAL ? 2 : 1;
    /* u, the mean belief's adaptation to a message, and 1 - u */
    const bool broadcast = model->exchange == QSG_BROADCAST;
    const long double u = (broadcast ? a * (n - 1) + b : a + b) / n, left = broadcast ? 1 - a + (a - b) / n : 1 - u;
    const long double sure = 1 - per_m + per_m * left, stay = 1 - speakers * u; /* 1 - u/m, 1 - u speakers */
    generator s = {.n = n, .e = e, .per_m = per_m, .g = shares_heterogeneity(model->prior, model->labels)};
    set_protocol(&s, model);
    const long double kept = s.spread * per_m * (1 - e), rate = speakers * u * e;
    s.noise = speakers * u * u;
    s.decay = rate;
    s.pull = rate * (2 - rate);
    s.v_mix = kept * (1 - e) - e * e * s.bias;
    s.v_rest = s.spread * per_m * e * (2 - e) + e * e * s.bias;
    s.v_offset = 2 * e * (kept + e * s.bias);
    s.h_mix = s.pull + s.noise * per_m * (1 - e) * (1 - e);
    s.h_rest = rate * ((2 - e) * sure + e * (speakers == 2 ? stay : left));
    s.h_offset = 2 * rate * ((1 - e) * sure + e * (speakers == 2 ? stay : left));
    return s;
}

/* det of the pair (V, H) (eq. 5): what innovation takes off the second term is less than half of the first. */
static long double determinant(const generator *s)
{
    return s->v_own * s->h_mix + s->v_mix * s->h_own;
}

static qsg_status check(const qsg_model *model, qsg_error *error)
{
    qsg_status status = qsg_model_require(model, QSG_USES_INNOVATION, "the innovation moments", error);
    if (!status && !(model->innovation > 0))
        status = qsg_fail(error, QSG_EMODEL, "innovation is 0; expected innovation in (0, 1]");
    return status;
}

qsg_status qsg_innovation_start(const qsg_model *model, qsg_innovation_moments *start, qsg_error *error)
{
    qsg_moments neutral;
    qsg_status status = check(model, error);
    if (!status)
        status = qsg_moments_start(model, &neutral, error);
    if (status)
        return status;
    double offset = 0;
    for (size_t k = 0; k < model->labels; k++)
        offset += model->prior[k] * (model->prior[k] - model->start.p[k]);
    *start = (qsg_innovation_moments){qsg_moments_heterogeneity(model, &neutral), neutral.disagreement, offset};
    return QSG_OK;
}

double qsg_innovation_uncertainty(const qsg_model *model, const qsg_innovation_moments *self)
{
    return self->heterogeneity - self->disagreement / (double)model->agents;
}

double qsg_innovation_coordination(const qsg_model *model, const qsg_innovation_moments *self)
{
    const double n = (double)model->agents;
    return 1 - (self->heterogeneity + self->disagreement / (n * (n - 1)));
}

/* V is a sum of positive terms; f, where agents are sure of themselves, a small part of H only. */
static qsg_innovation_moments stationary(const generator *s)
{
    const long double e = s->e, det = determinant(s), noise = s->noise * s->per_m;
    const long double v = e * e * s->bias * noise + s->spread * s->per_m * (s->h_rest + e * (2 - e) * noise);
    const long double f = s->v_own * s->h_rest - s->h_own * s->v_rest;
    return (qsg_innovation_moments){.heterogeneity = (double)(s->g * (f + v / s->n) / det),
                                    .disagreement = (double)(s->g * v / det)};
}

qsg_status qsg_innovation_stationary(const qsg_model *model, qsg_innovation_moments *out, qsg_error *error)
{
    qsg_status status = check(model, error);
    if (status)
        return status;
    const generator s = generator_of(model);
    *out = stationary(&s);
    return QSG_OK;
}

/* Square a map: `identity` 1 when d is its distance from the identity, (1 + d)^2 - 1 = 2 d + d^2. */
static void square(double d[3][3], double identity)
{
    double product[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            product[i][j] = 2 * identity * d[i][j];
            for (int k = 0; k < 3; k++)
                product[i][j] += d[i][k] * d[k][j];
        }
    memcpy(d, product, sizeof product);
}

/* z <- map^t z for deviations z = (V, H, offset) from the stationary state.  The distance from the identity keeps slow
 * rates exact; once every mode that z has is halved, the map itself keeps the decay exact.  H gives way to W = H + c V
 * (eq. 5a), whose own decay and V's feed of it are small together with the slow rate: for c = G/A the noise, which
 * moves both V and H, leaves W alone; where A is small already f = H - V/N does. */
static void propagate(const generator *s, double t, double z[3])
{
    const bool noise_free = s->spread > s->n * s->noise;
    const long double c = noise_free ? s->noise / s->spread : -1 / s->n, to_f = 1 / s->n + c;
    const long double own = noise_free ? s->pull + c * s->e * s->e * s->bias : s->h_mix + s->v_mix / s->n;
    const long double feed = noise_free ? own * to_f - s->h_own - c * s->v_own : s->cross;
    double d[3][3] = {{(double)-(s->v_own + s->v_mix * to_f), (double)s->v_mix, (double)s->v_offset},
                      {(double)feed, (double)-own, (double)(s->h_offset + c * s->v_offset)},
                      {0, 0, (double)-s->decay}};
    double identity = 1;
    z[1] += (double)c * z[0];
    if (z[2] == 0) /* a mode that is not there must not hold the others back */
        d[0][2] = d[1][2] = 0, d[2][2] = -1;
    for (; t > 0; t = floor(t / 2)) {
        if (fmod(t, 2) == 1) {
            double next[3];
            for (int i = 0; i < 3; i++)
                next[i] = identity * z[i] + d[i][0] * z[0] + d[i][1] * z[1] + d[i][2] * z[2];
            memcpy(z, next, sizeof next);
        }
        if (identity == 1 && d[0][0] < -0.5 && d[1][1] < -0.5 && d[2][2] < -0.5) {
            identity = 0;
            for (int i = 0; i < 3; i++)
                d[i][i] += 1;
        }
        square(d, identity);
    }
    z[1] -= (double)c * z[0];
}

qsg_status qsg_innovation_evolve(const qsg_model *model, const qsg_innovation_moments *start, double t,
                                 qsg_innovation_moments *end, qsg_error *error)
{
    qsg_status status = check(model, error);
    if (status)
        return status;
    if (!(t >= 0 && isfinite(t) && t == floor(t)))
        return qsg_fail(error, QSG_EDOMAIN, "time is out of range (%g); expected a whole number >= 0", t);
    if (!(start->heterogeneity >= 0 && start->heterogeneity <= 1 && start->disagreement >= 0 &&
          start->disagreement <= (double)model->agents && fabs(start->offset) <= 1))
        return qsg_fail(error, QSG_EDOMAIN, "moments are out of range (H %g, V %g, offset %g); expected H in [0, 1], "
                        "V in [0, N], offset in [-1, 1]", start->heterogeneity, start->disagreement, start->offset);
    const generator s = generator_of(model);
    const qsg_innovation_moments rest = stationary(&s);
    double z[3] = {start->disagreement - rest.disagreement, start->heterogeneity - rest.heterogeneity, start->offset};
    propagate(&s, t, z);
    *end = (qsg_innovation_moments){rest.heterogeneity + z[1], fmax(rest.disagreement + z[0], 0), z[2]};
    return QSG_OK;
}

qsg_status qsg_innovation_relaxation(const qsg_model *model, qsg_innovation_rates *rates, qsg_error *error)
{
    qsg_status status = check(model, error);
    if (status)
        return status;
    const generator s = generator_of(model);
    const long double own = s.h_mix + s.v_mix / s.n, apart = s.v_own - own;
    const long double gap = sqrtl(fmaxl(apart * apart + 4 * s.cross * s.v_mix, 0));
    *rates = (qsg_innovation_rates){(double)s.decay, (double)(2 * determinant(&s) / (s.v_own + own + gap))};
    return QSG_OK;
}

qsg_status qsg_innovation_theta(const qsg_model *model, double *theta, qsg_error *error)
{
    qsg_model neutral = *model; /* borrows the arrays */
    double rate;
    qsg_status status = check(model, error);
    neutral.innovation = 0;
    if (!status)
        status = qsg_moments_slow_rate(&neutral, &rate, error);
    if (status)
        return status;
    if (!(rate > 0))
        return qsg_fail(error, QSG_ENOEXIST, "theta is infinite: without innovation the mean belief stops moving");
    *theta = 2 * model->innovation * moved_of(model) / ((double)model->agents * rate);
    return QSG_OK;
}

qsg_status qsg_innovation_boundary(const qsg_model *model, qsg_innovation_phase *phase, double *epsilon,
                                   qsg_error *error)
{
    double theta, least = 1, most = 0;
    qsg_status status = qsg_innovation_theta(model, &theta, error);
    if (status)
        return status;
    for (size_t k = 0; k < model->labels; k++)
        if (model->prior[k] > 0) {
            least = fmin(least, model->prior[k]);
            most = fmax(most, model->prior[k]);
        }
    if (most == 1)
        return qsg_fail(error, QSG_ENOEXIST, "the prior has one label; the population ends there");
    *phase = theta * least >= 1 ? QSG_PLURAL : theta * most < 1 ? QSG_TAKES_SIDES : QSG_BETWEEN;
    *epsilon = model->innovation / (theta * least);
    return QSG_OK;
}
