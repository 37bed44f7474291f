/* Who wins, by the adiabatic closure (doc/theory/adiabatic.md, eq. 11-13).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_integration.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/moments.h"
#include "theory/kinetic_path.h"
#include "theory/slow_mode.h"

#define NODES 128
#define PANEL 16
#define MAX_ANCHORS 64
#define INSIDE 3        /* mixed states */
#define COARSE 32       /* intervals on which the noise is sampled: it varies as slowly as the channel */
#define NEAR_END 1e-5   /* the noise over p(1-p) has a limit at the ends */
#define ROUNDING 1e-12  /* of the pull at 1/2, which is 0 by symmetry */
#define STANDSTILL 1e-7 /* slopes this near to 1 have no rate to compare */

/* S(p) = 2 M(p)/(lambda p (1-p)) and its integral G from 0, as Chebyshev series in 2p - 1 (eq. 12). */
typedef struct {
    double pressure[NODES + 1];
    double height[NODES + 2];
} landscape;

/* The law, and what shows how good it is: without the speed of eq. 12; with the noise that agents who have not settled add,
 * which is some rate/alpha of it. */
enum { LAW, PLAIN, UNSETTLED, VARIANTS };

static double clenshaw(const double *c, size_t n, double z)
{
    double next = 0, after = 0;
    for (size_t k = n; k > 0; k--) {
        const double now = c[k] + 2 * z * next - after;
        after = next;
        next = now;
    }
    return c[0] + z * next - after;
}

/* The exact neutral slow rate of the model without field, temper and innovation. */
static qsg_status slow_rate(const qsg_model *model, double *rate, qsg_error *error)
{
    qsg_model neutral = *model;
    neutral.field = NULL;
    neutral.temper = 1;
    neutral.innovation = 0;
    qsg_status status = qsg_moments_slow_rate(&neutral, rate, error);
    if (!status && !(*rate > 0))
        return qsg_fail(error, QSG_ENOEXIST, "nobody wins: the mean belief has no noise (slow rate 0)");
    return status;
}

/* Values at the Lobatto nodes p = 1 .. 0, their number NODES + 1. */
static double node(size_t j)
{
    const double s = sin(M_PI * (double)j / (2 * NODES));
    return j == NODES ? 0 : 1 - s * s;
}

/* (F(p) - p)/(p(1-p)); at the ends the slope of F minus 1, with its sign (eq. 11). */
static qsg_status sample_pull(closure *c, double *pull, qsg_fixed_point ends[2], double *strain, qsg_error *error)
{
    closure_series series;
    const bool sampled = closure_sample(c, &series, NULL) == QSG_OK;
    *strain = 0;
    for (size_t j = 0; j <= NODES; j++) {
        const double p = node(j), s = sin(M_PI * (double)j / (2 * NODES));
        const bool at_end = j == 0 || j == NODES;
        double heard = sampled ? closure_series_at(&series, p) : 0;
        qsg_fixed_point *end = &ends[j == 0];
        qsg_status status = QSG_OK;
        if (!sampled || at_end)
            status = closure_map(c, p, j > 1, &heard, error);
        if (!status && (!sampled || at_end))
            status = belief_resolved(&c->law, p, error);
        if (!status && at_end)
            status = closure_stability(c, p, end, error);
        if (status)
            return status;
        pull[j] = j == 0 ? 1 - end->slope : j == NODES ? end->slope - 1 : (heard - p) / (p * s * s);
        *strain = fmax(*strain, fabs(pull[j]));
    }
    return QSG_OK;
}

static qsg_status pull_of(double p, void *context, double *value, qsg_error *error)
{
    double heard;
    qsg_status status = closure_map(context, p, true, &heard, error);
    *value = heard - p;
    return status;
}

/* The self-consistent means between the ends, at most INSIDE, with their growth rates. */
static qsg_status fixed_inside(closure *c, const double *pull, qsg_fixed_point *points, size_t *n, qsg_error *error)
{
    qsg_status status = QSG_OK;
    *n = 0;
    for (size_t j = 2; j < NODES && !status; j++) {
        const double before = pull[j - 1], now = pull[j];
        double root = node(j), heard;
        const bool at = 2 * j == NODES && fabs(now) < ROUNDING;
        if (!at && !(before * now < 0 && fmax(fabs(before), fabs(now)) > ROUNDING))
            continue;
        if (*n == INSIDE)
            return qsg_fail(error, QSG_ENOEXIST, "more than %d mixed states", INSIDE);
        if (!at)
            status = belief_root(pull_of, c, node(j), node(j - 1), 1e-13, &root, error);
        if (!status)
            status = closure_map(c, root, false, &heard, error);
        if (!status)
            status = closure_stability(c, root, &points[(*n)++], error);
        j += at;
    }
    return status;
}

/* How much faster the mean moves than alpha (F(p) - p): known at the self-consistent means, where it grows or falls at its
 * kinetic rate, and interpolated between (eq. 12). */
static double speed_at(const closure *c, const qsg_fixed_point *points, size_t n, double p)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const double slow = c->pace * c->alpha * (points[i].slope - 1);
        double term = fabs(points[i].slope - 1) < STANDSTILL ? 1 : points[i].growth / slow;
        for (size_t k = 0; k < n; k++)
            if (k != i)
                term *= (p - points[k].p) / (points[i].p - points[k].p);
        sum += term;
    }
    return sum;
}

/* The variance of the mean against that of the neutral model, N = infinity (kinetic.md, eq. 15), at the Lobatto nodes. */
static qsg_status sample_noise(closure *c, slow_mode *mode, double rate, const qsg_model *model, double *noise,
                               qsg_error *error)
{
    const double m = model->bandwidth, a = model->alpha;
    const double neutral = 2 * a * a * (c->pace == 2 ? 2 * (1 - a) : 1) / (2 * m * (1 - a) + a);
    double values[NODES + 1] = {0};
    for (size_t j = 0; j <= COARSE; j++) {
        const double p = fmin(fmax(node(j * (NODES / COARSE)), NEAR_END), 1 - NEAR_END);
        double heard, variance;
        qsg_status status = closure_map(c, p, j > 1, &heard, error);
        if (!status)
            status = slow_mode_find(mode, c, rate, error);
        if (!status)
            status = slow_mode_noise(mode, c, &variance, error);
        if (status)
            return status;
        values[j] = variance / (p * (1 - p)) / neutral;
        if (!(values[j] > 0))
            return qsg_fail(error, QSG_ENUMERIC, "the noise of the mean belief is lost in rounding (%g)", values[j]);
    }
    qsg_status status = belief_coefficients(values, COARSE, error);
    for (size_t j = 0; j <= NODES && !status; j++)
        noise[j] = clenshaw(values, COARSE, 2 * node(j) - 1);
    return status;
}

static size_t nearest(double p)
{
    return (size_t)lround(2 * NODES / M_PI * asin(sqrt(fmin(fmax(1 - p, 0), 1))));
}

/* Integral of the series from p = 0: integral of T_k dz = (T_{k+1}/(k+1) - T_{k-1}/(k-1))/2, and dp = dz/2. */
static void integrate(landscape *land)
{
    memset(land->height, 0, sizeof land->height);
    for (size_t k = 1; k <= NODES + 1; k++) {
        const double below = (k == 1 ? 2 : 1) * land->pressure[k - 1];
        const double above = k + 1 <= NODES ? land->pressure[k + 1] : 0;
        land->height[k] = (below - above) / (4 * (double)k);
    }
    land->height[0] = -clenshaw(land->height, NODES + 1, -1);
}

/* scale = 2 alpha pace/(N lambda). */
static qsg_status build(closure *c, const qsg_model *model, double scale, landscape land[VARIANTS], qsg_adiabatic_winner *out,
                        qsg_error *error)
{
    double pull[NODES + 1], noise[NODES + 1];
    qsg_fixed_point points[INSIDE + 2];
    slow_mode mode = {0};
    size_t inside = 0;
    double *start = NULL, rate = 0;
    qsg_status status = sample_pull(c, pull, points, &out->strain, error);
    if (!status)
        status = fixed_inside(c, pull, points + 2, &inside, error);
    if (!status && inside == 1)
        rate = fmax(points[2].growth / c->pace, -0.5 * c->alpha);
    if (!status)
        status = slow_mode_init(&mode, c, error);
    if (!status && !(start = malloc((mode.n + 1) * sizeof *start)))
        status = qsg_fail(error, QSG_ENOMEM, "no memory for the start");
    for (size_t j = 0; j <= NODES; j++)
        noise[j] = 1;
    if (!status && model->self == 0)
        status = sample_noise(c, &mode, rate, model, noise, error);
    out->start = model->start.p[0];
    if (!status) {
        path_start(model, mode.n, start);
        status = slow_mode_arrive(&mode, c, rate, start, &out->start, error);
    }
    out->clock = noise[nearest(inside == 1 ? points[2].p : out->start)];
    for (size_t j = 0; j <= NODES && !status; j++)
        out->time_error = fmax(out->time_error, fmax(fabs(noise[j] / out->clock - 1),
                                                     fabs(speed_at(c, points, inside + 2, node(j)) - 1)));
    for (int variant = 0; variant < VARIANTS && !status; variant++) {
        double *pressure = land[variant].pressure;
        for (size_t j = 0; j <= NODES; j++)
            pressure[j] = scale * pull[j] / noise[j] * (variant == PLAIN ? 1 : speed_at(c, points, inside + 2, node(j))) /
                          (variant == UNSETTLED ? 1 + fabs(rate) / (2 * c->alpha) : 1);
        status = belief_coefficients(pressure, NODES, error);
        integrate(&land[variant]);
    }
    free(start);
    slow_mode_free(&mode);
    return status;
}

/* Integral of e^{lowest - G} from a to b in panels that double away from both ends. */
static double integral(const landscape *land, double lowest, double a, double b,
                       const gsl_integration_glfixed_table *rule)
{
    double sum = 0;
    for (int side = 0; side < 2; side++) {
        double near = 0;
        for (double far = 1e-12; near < 0.5; near = far, far = fmin(0.5, 2 * far))
            for (size_t i = 0; i < PANEL; i++) {
                double u, w;
                gsl_integration_glfixed_point(near, far, i, &u, &w, rule);
                const double x = side ? b - u * (b - a) : a + u * (b - a);
                sum += (b - a) * w * exp(lowest - clenshaw(land->height, NODES + 1, 2 * x - 1));
            }
    }
    return sum;
}

/* To the last bit: where G is in the millions, anything less misses its minimum by more than exp can bear. */
static double zero_between(const double *pressure, double low, double high)
{
    const bool rises = clenshaw(pressure, NODES, 2 * high - 1) > 0;
    for (int step = 0; step < 60; step++) {
        const double middle = (low + high) / 2;
        *((clenshaw(pressure, NODES, 2 * middle - 1) > 0) == rises ? &high : &low) = middle;
    }
    return (low + high) / 2;
}

/* Where e^{-G} can peak: the ends and the zeros of the drift; p0 splits the integral. */
static size_t anchors_of(const landscape *land, double p0, double *anchors, double *lowest)
{
    size_t n = 0;
    double before = 0;
    anchors[n++] = 0;
    *lowest = fmin(0, clenshaw(land->height, NODES + 1, 1));
    for (int i = 0; i <= 1024; i++) {
        const double x = (double)i / 1024, now = clenshaw(land->pressure, NODES, 2 * x - 1);
        if (before * now < 0 && n + 2 < MAX_ANCHORS)
            anchors[n++] = zero_between(land->pressure, x - 1.0 / 1024, x);
        before = now;
    }
    for (size_t i = 0; i < n; i++)
        *lowest = fmin(*lowest, clenshaw(land->height, NODES + 1, 2 * anchors[i] - 1));
    size_t at = n;
    for (; at > 0 && anchors[at - 1] > p0; at--)
        anchors[at] = anchors[at - 1];
    anchors[at] = p0;
    anchors[n + 1] = 1;
    return n + 2;
}

/* Of label 1 and of label 2, each from its own integral so that the rare one keeps its digits; NaN where exp underflows. */
static qsg_status odds(const landscape *land, double p0, double probability[2], qsg_error *error)
{
    double anchors[MAX_ANCHORS + 2], lowest, below = 0, above = 0;
    gsl_integration_glfixed_table *rule = gsl_integration_glfixed_table_alloc(PANEL);
    if (!rule)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the quadrature");
    const size_t n = anchors_of(land, p0, anchors, &lowest);
    for (size_t i = 0; i + 1 < n; i++)
        if (anchors[i + 1] > anchors[i])
            *(anchors[i] < p0 ? &below : &above) += integral(land, lowest, anchors[i], anchors[i + 1], rule);
    gsl_integration_glfixed_table_free(rule);
    if (!isfinite(below + above) || !(below + above > 0))
        return qsg_fail(error, QSG_ENUMERIC, "the winning probability is lost in rounding (%g and %g)", below, above);
    const double tiny = 1e-290 * (below + above);
    probability[0] = p0 > 0 && below < tiny ? NAN : below / (below + above);
    probability[1] = p0 < 1 && above < tiny ? NAN : above / (below + above);
    return QSG_OK;
}

/* The landscape of the model, its noise and its strain. */
static qsg_status survey(const qsg_model *model, landscape land[VARIANTS], double *rate, qsg_adiabatic_winner *out,
                         qsg_error *error)
{
    closure c = {0};
    qsg_status status = belief_check(model, "the adiabatic winning probability", error);
    if (!status && model->innovation > 0)
        status = qsg_fail(error, QSG_ENOEXIST, "nobody wins for good with --innovation %g; expected 0",
                          model->innovation);
    if (!status)
        status = slow_rate(model, rate, error);
    if (!status)
        status = closure_init(&c, model, "the adiabatic winning probability", error);
    if (!status)
        status = build(&c, model, 2 * model->alpha * c.pace / ((double)model->agents * *rate), land, out, error);
    closure_free(&c);
    return status;
}

/* The drift that goes with a surveyed landscape. */
static void keep_drift(const landscape *land, double rate, const qsg_adiabatic_winner *winner, qsg_adiabatic_drift *drift)
{
    _Static_assert(sizeof drift->pressure == sizeof land->pressure, "one series");
    drift->rate = rate * winner->clock;
    drift->start = winner->start;
    drift->strain = winner->strain;
    drift->time_error = winner->time_error;
    memcpy(drift->pressure, land->pressure, sizeof drift->pressure);
}

qsg_status qsg_adiabatic_fixation(const qsg_model *model, qsg_adiabatic_winner *winner, qsg_adiabatic_drift *drift,
                                  qsg_error *error)
{
    landscape land[VARIANTS];
    qsg_adiabatic_winner found = {0};
    double rate, odd[VARIANTS][2];
    qsg_status status = survey(model, land, &rate, &found, error);
    for (int variant = 0; variant < VARIANTS && !status; variant++)
        status = odds(&land[variant], found.start, odd[variant], error);
    if (!status) {
        /* of the likely label, whose probability is always known */
        const int likely = odd[LAW][0] > 0.5 ? 0 : 1;
        memcpy(found.probability, odd[LAW], sizeof found.probability);
        found.gamma = clenshaw(land[LAW].height, NODES + 1, 1) / 2;
        found.neglected = fabs(odd[LAW][likely] - odd[PLAIN][likely]) + fabs(odd[LAW][likely] - odd[UNSETTLED][likely]);
        *winner = found;
        if (drift)
            keep_drift(&land[LAW], rate, &found, drift);
    }
    return status;
}

qsg_status qsg_adiabatic_drift_init(qsg_adiabatic_drift *self, const qsg_model *model, qsg_error *error)
{
    landscape land[VARIANTS];
    qsg_adiabatic_winner winner = {0};
    double rate;
    qsg_status status = survey(model, land, &rate, &winner, error);
    if (!status)
        keep_drift(&land[LAW], rate, &winner, self);
    return status;
}

double qsg_adiabatic_drift_at(double p, void *drift)
{
    const qsg_adiabatic_drift *self = drift;
    return self->rate / 2 * p * (1 - p) * clenshaw(self->pressure, NODES, 2 * p - 1);
}
