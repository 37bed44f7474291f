/* Exact neutral moments (doc/theory/moments.md).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/moments.h"

#include <math.h>

#include "base/shares.h"

/* One interaction changes E by dU = A V + B f/m and N dq = -C V + E f/m, which for the pair (V, f) is
 *     V' = (1 - a) V + b f,     f' = c V + (1 - d) f,
 *     a = C + N A,  b = (E - N B)/m,  c = C/N,  d = E/(N m)   (eq. 3, coefficients in eq. 4).
 * b and det = a d - b c = (A E + B C)/m are written without cancellation. */
typedef struct {
    double a, b, c, d, det;
} generator;

static generator generator_of(const qsg_model *model)
{
    const double n = (double)model->agents, x = model->alpha, y = model->self;
    const double per_m = isinf(model->bandwidth) ? 0 : 1 / model->bandwidth;
    const double both = (x + y) * (x + y), apart = (x - y) * (x - y);
    double A, B, C, E, rest; /* rest = E - N B */
    switch (model->exchange) {
    case QSG_MUTUAL:
        A = 0;
        B = 2 * both / (n * n);
        C = 4 * x * (1 - x) / (n - 1);
        E = 2 * (x * x + y * y);
        rest = apart + (1 - 2 / n) * both;
        break;
    case QSG_BROADCAST: {
        const double moved = x * (n - 1) + y;
        A = x * x / n;
        B = moved / n * (moved / n);
        C = 2 * x * (1 - x);
        E = (n - 1) * x * x + y * y;
        rest = (n - 1) / n * apart;
        break;
    }
    default:
        A = 2 * x * x / (n * n * (n - 1));
        B = both / (n * n);
        C = 2 * x * (1 - x) / (n - 1);
        E = x * x + y * y;
        rest = (apart + (1 - 2 / n) * both) / 2;
    }
    return (generator){C + n * A, rest * per_m, C / n, E * per_m / n, (A * E + B * C) * per_m};
}

/* Decay rates of the two modes, fast >= slow, and their distance, all free of cancellation. */
typedef struct {
    double fast, slow, gap;
} modes;

static modes modes_of(const generator *g)
{
    modes m;
    m.gap = hypot(g->a - g->d, 2 * sqrt(g->b * g->c));
    m.fast = (g->a + g->d + m.gap) / 2;
    m.slow = m.fast > 0 ? g->det / m.fast : 0;
    return m;
}

/* (1 - rate)^t, also for a rate above 1, where the sign alternates. */
static double power(double rate, double t)
{
    if (t == 0)
        return 1;
    if (rate < 1)
        return exp(t * log1p(-rate));
    double size = pow(rate - 1, t);
    return fmod(t, 2) == 1 ? -size : size;
}

/* The coefficients of M^t: V_t = stay_v V + b s f, f_t = c s V + stay_f f (eq. 5). */
static void propagator(const generator *g, double t, double *stay_v, double *stay_f, double *s)
{
    const modes m = modes_of(g);
    const double slow = power(m.slow, t), fast = power(m.fast, t);
    double w = 0.5; /* weight of the slow mode in V */
    if (m.gap > 0) {
        /* the two factors multiply to b c; take the larger directly and the other from the product */
        double half = (fabs(g->a - g->d) + m.gap) / 2, other = half > 0 ? g->b * g->c / half : 0;
        w = (g->a >= g->d ? other : half) / m.gap;
    }
    *stay_v = w * slow + (1 - w) * fast;
    *stay_f = (1 - w) * slow + w * fast;
    if (m.gap > 0 && m.fast < 1) /* fast/slow = 1 - gap/(1 - slow) */
        *s = -slow * expm1(t * log1p(-m.gap / (1 - m.slow))) / m.gap;
    else if (m.gap > 0)
        *s = (slow - fast) / m.gap;
    else
        *s = t > 0 ? t * power(m.slow, t - 1) : 0;
}

static qsg_status check(const qsg_model *model, const qsg_moments *start, qsg_error *error)
{
    qsg_status status = qsg_model_require(model, 0, "the neutral moments", error);
    if (!status && start && !(start->uncertainty >= 0 && start->uncertainty <= 1 && start->disagreement >= 0 &&
                              start->disagreement <= (double)model->agents))
        status = qsg_fail(error, QSG_EDOMAIN,
                          "moments are out of range (f %g, V %g); expected f in [0, 1], V in [0, N]",
                          start->uncertainty, start->disagreement);
    return status;
}

qsg_status qsg_moments_start(const qsg_model *model, qsg_moments *start, qsg_error *error)
{
    const double n = (double)model->agents, labels = (double)model->labels;
    const size_t k = model->labels;
    double f = 0, v = 0;
    (void)error;
    switch (model->start.kind) {
    case QSG_START_POINT: f = shares_heterogeneity(model->start.p, k); break;
    case QSG_START_ONEHOT: v = n * shares_heterogeneity(model->start.p, k); break;
    case QSG_START_DIRICHLET: {
        const double c = model->start.concentration;
        f = (labels - 1) / (labels + 1 / c); /* not (K - 1) c/(K c + 1): K c may overflow */
        v = (n - 1) * (labels - 1) / labels / (labels * c + 1);
        break;
    }
    case QSG_START_BELIEFS:
        for (uint64_t i = 0; i < model->agents; i++) {
            const double *x = model->start.beliefs + i * k;
            f += shares_heterogeneity(x, k) / n;
            for (size_t j = 0; j < k; j++)
                v += (x[j] - model->start.p[j]) * (x[j] - model->start.p[j]);
        }
        break;
    }
    *start = (qsg_moments){f, v};
    return QSG_OK;
}

double qsg_moments_heterogeneity(const qsg_model *model, const qsg_moments *self)
{
    return self->uncertainty + self->disagreement / (double)model->agents;
}

double qsg_moments_polarization(const qsg_model *model, const qsg_moments *self)
{
    return 1 - qsg_moments_heterogeneity(model, self);
}

double qsg_moments_coordination(const qsg_model *model, const qsg_moments *self)
{
    /* 1 - S = f + V/N + V/(N(N-1)) = f + V/(N-1) */
    return 1 - (self->uncertainty + self->disagreement / ((double)model->agents - 1));
}

static qsg_moments evolve(const generator *g, const qsg_moments *start, double t)
{
    double stay_v, stay_f, s;
    propagator(g, t, &stay_v, &stay_f, &s);
    return (qsg_moments){
        .uncertainty = g->c * s * start->disagreement + stay_f * start->uncertainty,
        .disagreement = stay_v * start->disagreement + g->b * s * start->uncertainty,
    };
}

qsg_status qsg_moments_evolve(const qsg_model *model, const qsg_moments *start, double t, qsg_moments *end,
                              qsg_error *error)
{
    qsg_status status = check(model, start, error);
    if (status)
        return status;
    if (!(t >= 0 && isfinite(t) && t == floor(t)))
        return qsg_fail(error, QSG_EDOMAIN, "time is out of range (%g); expected a whole number >= 0", t);
    const generator g = generator_of(model);
    *end = evolve(&g, start, t);
    return QSG_OK;
}

qsg_status qsg_moments_slow_rate(const qsg_model *model, double *rate, qsg_error *error)
{
    qsg_status status = check(model, NULL, error);
    if (status)
        return status;
    const generator g = generator_of(model);
    *rate = modes_of(&g).slow;
    return QSG_OK;
}

qsg_status qsg_moments_fast_rate(const qsg_model *model, double *rate, qsg_error *error)
{
    qsg_status status = check(model, NULL, error);
    if (status)
        return status;
    const generator g = generator_of(model);
    *rate = modes_of(&g).fast;
    return QSG_OK;
}

/* Limits of the diffusion picture: interactions in a unit of its clock, and room between its two rates. */
#define MAX_DIFFUSIVE_RATE 0.05
#define MAX_RATE_RATIO 0.25
/* What the start may lose before the slow mode rules. */
#define LEAST_LEFT 0.9
#define SETTLED 20 /* e-foldings of the fast mode */

qsg_status qsg_moments_diffusive_rate(const qsg_model *model, double *rate, qsg_error *error)
{
    qsg_moments start;
    qsg_status status = check(model, NULL, error);
    if (status)
        return status;
    const generator g = generator_of(model);
    const modes m = modes_of(&g);
    if (!(m.slow > 0))
        return qsg_fail(error, QSG_ENOEXIST, "the mean belief stops moving (slow rate 0)");
    if (m.slow > MAX_DIFFUSIVE_RATE || m.slow > MAX_RATE_RATIO * m.fast)
        return qsg_fail(error, QSG_EMODEL, "the mean belief is no slow diffusion (slow rate %g, fast rate %g per "
                        "interaction); expected at most %g and a quarter of the fast rate: more agents", m.slow, m.fast,
                        MAX_DIFFUSIVE_RATE);
    qsg_moments_start(model, &start, NULL);
    const double before = qsg_moments_heterogeneity(model, &start), t = ceil(SETTLED / m.fast);
    const qsg_moments settled = evolve(&g, &start, t);
    const double left = qsg_moments_heterogeneity(model, &settled) / power(m.slow, t);
    if (!(left >= LEAST_LEFT * before))
        return qsg_fail(error, QSG_EMODEL, "much of the start is decided before the mean belief becomes a slow diffusion "
                        "(%.2g of its heterogeneity is left); expected a start whose agents disagree less, or more agents",
                        left / before);
    *rate = m.slow;
    return QSG_OK;
}

/* Smallest t with f + V/size <= target, the unsettled part that U (size N) or S (size N-1) lacks to 1.  It does
 * not increase, but for the alternating mode of alpha near 1 in S, so doubling brackets the crossing and halving finds
 * the interaction. */
static qsg_status level_time(const generator *g, const qsg_moments *start, double size, double target, double *t)
{
    double low = 0, high = 1, before = start->uncertainty + start->disagreement / size, after;
    if (before <= target) {
        *t = 0;
        return QSG_OK;
    }
    for (;; low = high, before = after, high *= 2) {
        const qsg_moments at = evolve(g, start, high);
        after = at.uncertainty + at.disagreement / size;
        if (after <= target)
            break;
        if (high > 1e300)
            return QSG_ENOEXIST;
    }
    while (high - low > 1) {
        const double middle = floor(low + (high - low) / 2);
        if (!(middle > low && middle < high))
            break;
        const qsg_moments at = evolve(g, start, middle);
        const double rest = at.uncertainty + at.disagreement / size;
        if (rest > target)
            low = middle, before = rest;
        else
            high = middle, after = rest;
    }
    *t = after > 0 && before > after ? low + (high - low) * log(before / target) / log(before / after) : high;
    return QSG_OK;
}

qsg_status qsg_moments_consensus_time(const qsg_model *model, const qsg_moments *start, double threshold, double *t,
                                      qsg_error *error)
{
    qsg_status status = check(model, start, error);
    if (status)
        return status;
    if (!(threshold > 0 && threshold < 1))
        return qsg_fail(error, QSG_EDOMAIN, "consensus threshold is out of range (%g); expected a number in (0, 1)",
                        threshold);
    const generator g = generator_of(model);
    if (level_time(&g, start, (double)model->agents, 1 - threshold, t))
        return qsg_fail(error, QSG_ENOEXIST, "E[U] stays below the consensus threshold (%g)", threshold);
    return QSG_OK;
}

qsg_status qsg_moments_coordination_time(const qsg_model *model, const qsg_moments *start, double level, double *t,
                                         qsg_error *error)
{
    qsg_status status = check(model, start, error);
    if (status)
        return status;
    if (!(level > 0 && level < 1))
        return qsg_fail(error, QSG_EDOMAIN, "coordination level is out of range (%g); expected a number in (0, 1)",
                        level);
    const generator g = generator_of(model);
    if (level_time(&g, start, (double)model->agents - 1, 1 - level, t))
        return qsg_fail(error, QSG_ENOEXIST, "E[S] stays below the level (%g)", level);
    return QSG_OK;
}

qsg_status qsg_moments_total_uncertainty(const qsg_model *model, const qsg_moments *start, double *sum,
                                         qsg_error *error)
{
    qsg_status status = check(model, start, error);
    if (status)
        return status;
    /* (1 - M)^{-1}: the f row is (c, a)/det */
    const generator g = generator_of(model);
    if (qsg_moments_heterogeneity(model, start) == 0) /* a consensus stays one */
        *sum = 0;
    else if (g.c == 0 && g.d > 0) /* alpha = 1: f decays by itself, and det may vanish with a */
        *sum = start->uncertainty / g.d;
    else if (g.det > 0)
        *sum = (g.c * start->disagreement + g.a * start->uncertainty) / g.det;
    else
        return qsg_fail(error, QSG_ENOEXIST, "the summed uncertainty diverges: the mean belief stops moving");
    return QSG_OK;
}

qsg_status qsg_moments_slaved(const qsg_model *model, double *ratio, qsg_error *error)
{
    const double n = (double)model->agents;
    qsg_model neutral = *model; /* borrows the arrays */
    qsg_moments m = {.uncertainty = 0.5, .disagreement = 0};
    double rate;
    neutral.field = NULL;
    neutral.innovation = 0;
    neutral.temper = 1;
    if (model->exchange == QSG_BROADCAST)
        return qsg_fail(error, QSG_ENOEXIST, "a broadcast has no mode that is slow against the others; expected another exchange");
    qsg_status status = qsg_moments_slow_rate(&neutral, &rate, error);
    if (!status && !(rate > 0))
        status = qsg_fail(error, QSG_ENOEXIST, "the mean belief stops moving (slow rate 0)");
    if (!status) /* H falls to e^-40, the fast mode to nothing */
        status = qsg_moments_evolve(&neutral, &m, ceil(40 / rate), &m, error);
    if (!status)
        *ratio = m.disagreement / n / (m.uncertainty + m.disagreement / n);
    return status;
}

double qsg_meanfield_slow_rate(const qsg_model *model)
{
    const double n = (double)model->agents;
    return isinf(model->bandwidth) ? 0 : model->alpha * model->alpha / (model->bandwidth * n * n);
}

double qsg_meanfield_polarization(const qsg_model *model, const qsg_moments *start, double t)
{
    return 1 - qsg_moments_heterogeneity(model, start) * exp(-t * qsg_meanfield_slow_rate(model));
}

qsg_status qsg_meanfield_consensus_time(const qsg_model *model, const qsg_moments *start, double threshold, double *t)
{
    const double h = qsg_moments_heterogeneity(model, start), rate = qsg_meanfield_slow_rate(model);
    if (!(threshold > 0 && threshold < 1))
        return QSG_EDOMAIN;
    if (h <= 1 - threshold)
        *t = 0;
    else if (rate > 0)
        *t = log(h / (1 - threshold)) / rate;
    else
        return QSG_ENOEXIST;
    return QSG_OK;
}
