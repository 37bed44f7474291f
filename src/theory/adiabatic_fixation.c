/* Who wins, by the adiabatic closure (doc/theory/adiabatic.md, eq. 11-13).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_integration.h>
#include <math.h>
#include <string.h>

#include "qsg/moments.h"
#include "theory/closure.h"

#define NODES 128
#define PANEL 16
#define MAX_ANCHORS 64

/* S(p) = 2 M(p)/(lambda p (1-p)) and its integral G from 0, as Chebyshev series in 2p - 1 (eq. 12). */
typedef struct {
    double pressure[NODES + 1];
    double height[NODES + 2];
} landscape;

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

/* scale = 2 alpha pace/(N lambda); the drift per unit p(1-p) at the ends is the slope minus 1 (eq. 11) */
static qsg_status build(closure *c, double scale, landscape *out, double *strain, qsg_error *error)
{
    double pull[NODES + 1];
    closure_series series;
    const bool sampled = closure_sample(c, &series, NULL) == QSG_OK;
    *strain = 0;
    for (size_t j = 0; j <= NODES; j++) {
        const double s = sin(M_PI * (double)j / (2 * NODES)), q = s * s, p = j == NODES ? 0 : 1 - q;
        const bool at_end = j == 0 || j == NODES;
        double heard = sampled ? closure_series_at(&series, p) : 0;
        qsg_fixed_point end;
        qsg_status status = QSG_OK;
        if (!sampled || at_end)
            status = closure_map(c, p, j > 1, &heard, error);
        if (!status && (!sampled || at_end))
            status = belief_resolved(&c->law, p, error);
        if (!status && at_end)
            status = closure_stability(c, p, &end, error);
        if (status)
            return status;
        pull[j] = j == 0 ? 1 - end.slope : j == NODES ? end.slope - 1 : (heard - p) / (p * q);
        *strain = fmax(*strain, fabs(pull[j]));
    }
    qsg_status status = belief_coefficients(pull, NODES, error);
    if (status)
        return status;
    for (size_t k = 0; k <= NODES; k++)
        out->pressure[k] = scale * pull[k];
    /* integral of T_k dz = (T_{k+1}/(k+1) - T_{k-1}/(k-1))/2, and dp = dz/2 */
    memset(out->height, 0, sizeof out->height);
    for (size_t k = 1; k <= NODES + 1; k++) {
        const double below = (k == 1 ? 2 : 1) * out->pressure[k - 1];
        const double above = k + 1 <= NODES ? out->pressure[k + 1] : 0;
        out->height[k] = (below - above) / (4 * (double)k);
    }
    out->height[0] = -clenshaw(out->height, NODES + 1, -1);
    return QSG_OK;
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
            anchors[n++] = x - now / (now - before) / 1024;
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

static qsg_status odds(const landscape *land, double p0, double *probability, qsg_error *error)
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
    *probability = below / (below + above);
    return QSG_OK;
}

/* The landscape of the model, its noise and its strain. */
static qsg_status survey(const qsg_model *model, landscape *land, double *rate, double *strain, qsg_error *error)
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
        status = build(&c, 2 * model->alpha * c.pace / ((double)model->agents * *rate), land, strain, error);
    closure_free(&c);
    return status;
}

qsg_status qsg_adiabatic_fixation(const qsg_model *model, qsg_adiabatic_winner *winner, qsg_error *error)
{
    landscape land;
    qsg_adiabatic_winner found = {0};
    double rate;
    qsg_status status = survey(model, &land, &rate, &found.strain, error);
    if (!status)
        status = odds(&land, model->start.p[0], &found.probability, error);
    if (!status) {
        found.gamma = clenshaw(land.height, NODES + 1, 1) / 2;
        *winner = found;
    }
    return status;
}

qsg_status qsg_adiabatic_drift_init(qsg_adiabatic_drift *self, const qsg_model *model, qsg_error *error)
{
    landscape land;
    qsg_adiabatic_drift found = {0};
    qsg_status status = survey(model, &land, &found.rate, &found.strain, error);
    if (!status) {
        _Static_assert(sizeof found.pressure == sizeof land.pressure, "one series");
        memcpy(found.pressure, land.pressure, sizeof found.pressure);
        *self = found;
    }
    return status;
}

double qsg_adiabatic_drift_at(double p, void *drift)
{
    const qsg_adiabatic_drift *self = drift;
    return self->rate / 2 * p * (1 - p) * clenshaw(self->pressure, NODES, 2 * p - 1);
}
