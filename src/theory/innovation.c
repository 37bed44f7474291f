/* Exact moments with innovation (doc/theory/innovation.md).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/innovation.h"

#include <math.h>
#include <string.h>

#include "qsg/moments.h"

/* A linear form in (V, H, offset, 1); V and H, unlike V and f, have a determinant that is a sum of positive terms. */
typedef struct {
    double c[4];
} form;

/* sum of `n` multiples of forms, given as (factor, form) pairs */
#define COMBINE(...) combine((const term[]){__VA_ARGS__}, sizeof((const term[]){__VA_ARGS__}) / sizeof(term))
typedef struct {
    double factor;
    form of;
} term;

static form combine(const term *terms, size_t n)
{
    form sum = {{0}};
    for (size_t i = 0; i < n; i++)
        for (int j = 0; j < 4; j++)
            sum.c[j] += terms[i].factor * terms[i].of.c[j];
    return sum;
}

/* One interaction: changes of V and H, and the decay rate of the offset. */
typedef struct {
    form v, h;
    double decay;
} step;

static double prior_heterogeneity(const qsg_model *model)
{
    size_t top = 0;
    long double rest = 0, sum = 0;
    for (size_t k = 1; k < model->labels; k++)
        if (model->prior[k] > model->prior[top])
            top = k;
    for (size_t k = 0; k < model->labels; k++)
        if (k != top) {
            rest += model->prior[k];
            sum += model->prior[k] * (1 - (long double)model->prior[k]);
        }
    return (double)(sum + model->prior[top] * rest);
}

/* The mean belief's adaptation an interaction, N times. */
static double moved_of(const qsg_model *model)
{
    const double n = (double)model->agents, a = model->alpha, b = model->self;
    return model->exchange == QSG_BROADCAST ? a * (n - 1) + b : model->exchange == QSG_MUTUAL ? 2 * (a + b) : a + b;
}

static step step_of(const qsg_model *model)
{
    const double n = (double)model->agents, a = model->alpha, b = model->self, e = model->innovation;
    const double g = prior_heterogeneity(model), both = a + b, moved = moved_of(model);
    const double per_m = isinf(model->bandwidth) ? 0 : 1 / model->bandwidth;
    const form V = {{1}}, H = {{0, 1}}, f = {{-1 / n, 1}}, v = {{0, 0, 1, g}}; /* v = 1 - w */
    const form own = {{1 / n, -1, 2, g}}, other = {{-1 / (n * (n - 1)), -1, 2, g}}; /* of rho - x: |.|^2, product */
    const form one = {{0, 0, 0, 1}};
    const form noise = COMBINE({(1 - e) * (1 - e) * per_m, f}, {2 * e * (1 - e) * per_m, v}, {e * e * g * per_m, one});
    const form push = COMBINE({e * e, own}, {1, noise}); /* E|y - x_S|^2 */
    const double apart = 2 * a * (1 - a + a * e) / (n - 1); /* V's own decay, a listener */
    const double slant = 2 * e * (a / (n * (n - 1)) - b / n);
    step s = {.decay = moved * e / n};
    const form pull = COMBINE({2 * s.decay, v}, {-2 * s.decay, H});
    switch (model->exchange) {
    case QSG_MUTUAL: {
        const form sum = COMBINE({1, push}, {e * e, other});
        s.h = COMBINE({1, pull}, {-2 * both * both / (n * n), sum});
        s.v = COMBINE({2 * (slant - apart + 2 * a * b * e / (n - 1)), V}, {2 * (a * a + b * b), push},
                      {4 * a * b * e * e, other}, {-2 * both * both / n, sum});
        break;
    }
    case QSG_BROADCAST: {
        const form square = COMBINE({a * (a * n - 2 * moved * e), V}, {moved * moved, push});
        s.h = COMBINE({1, pull}, {-1 / (n * n), square});
        s.v = COMBINE({2 * e * (a - b) / n - (n - 1) * apart, V}, {(n - 1) * a * a + b * b, push}, {-1 / n, square});
        break;
    }
    default: {
        const form square = COMBINE({2 * a * (a - both * e) / (n - 1), V}, {both * both, push});
        s.h = COMBINE({1, pull}, {-1 / (n * n), square});
        s.v = COMBINE({slant - apart, V}, {a * a + b * b, push}, {-1 / n, square});
    }
    }
    return s;
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

static qsg_innovation_moments stationary(const step *s)
{
    /* s.v and s.h vanish at offset 0 */
    const double det = s->v.c[0] * s->h.c[1] - s->v.c[1] * s->h.c[0];
    return (qsg_innovation_moments){
        .heterogeneity = (s->h.c[0] * s->v.c[3] - s->v.c[0] * s->h.c[3]) / det,
        .disagreement = fmax((s->v.c[1] * s->h.c[3] - s->h.c[1] * s->v.c[3]) / det, 0),
    };
}

qsg_status qsg_innovation_stationary(const qsg_model *model, qsg_innovation_moments *out, qsg_error *error)
{
    qsg_status status = check(model, error);
    if (status)
        return status;
    const step s = step_of(model);
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
 * rates exact; once every mode that z has is halved, the map itself keeps the decay exact. */
static void propagate(const step *s, double t, double z[3])
{
    double d[3][3] = {{s->v.c[0], s->v.c[1], s->v.c[2]}, {s->h.c[0], s->h.c[1], s->h.c[2]}, {0, 0, -s->decay}};
    double identity = 1;
    if (z[2] == 0) /* a mode that is not there must not hold the others back */
        d[0][2] = d[1][2] = 0, d[2][2] = -1;
    for (; t > 0; t = floor(t / 2)) {
        if (fmod(t, 2) == 1) {
            double next[3];
            for (int i = 0; i < 3; i++)
                next[i] = identity * z[i] + d[i][0] * z[0] + d[i][1] * z[1] + d[i][2] * z[2];
            memcpy(z, next, sizeof next);
        }
        if (identity == 1 && d[1][1] < -0.5 && d[2][2] < -0.5) {
            identity = 0;
            for (int i = 0; i < 3; i++)
                d[i][i] += 1;
        }
        square(d, identity);
    }
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
    const step s = step_of(model);
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
    const step s = step_of(model);
    const double trace = -(s.v.c[0] + s.h.c[1]), det = s.v.c[0] * s.h.c[1] - s.v.c[1] * s.h.c[0];
    const double gap = sqrt(fmax((s.v.c[0] - s.h.c[1]) * (s.v.c[0] - s.h.c[1]) + 4 * s.v.c[1] * s.h.c[0], 0));
    *rates = (qsg_innovation_rates){s.decay, 2 * det / (trace + gap)};
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
