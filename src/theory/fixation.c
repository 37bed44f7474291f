/* Winning probabilities with a field, and the crossover from drift to selection (doc/theory/fixation.md).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/fixation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/channel.h"
#include "theory/fixation_camps.h"

#define WEAK_FIELD 0.5    /* strongest h for the diffusion form: its relative error in Gamma is of the order h^2 */
#define WEAK_GAMMA 1.0    /* strongest Gamma for an expansion to second order: the third is at most Gamma^3/48 */
#define LATTICE_GAMMA 20.0 /* beyond, 64 quanta do not resolve the path */
#define SURE 1e-9         /* a limit counts as reached when this much is missing */

/* Change of the mean belief a unit of mean(r - x), and the two gains of eq. 4 for a real number of agents. */
typedef struct {
    double drift, point, committed;
} gains;

static gains gains_of(const qsg_model *model, double n)
{
    const double a = model->alpha, b = model->self, m = model->bandwidth, both = a + b;
    switch (model->exchange) {
    case QSG_MUTUAL: return (gains){2 * both / n, m * n / both, m * n / both};
    case QSG_BROADCAST: {
        const double moved = (a * (n - 1) + b) / n;
        const double below = a * ((n - 1) * a * a + b * b) / n + 2 * (1 - a) * moved * moved;
        return (gains){moved, m * moved * (2 - a) / below, 2 * m * moved * (1 - a) / below};
    }
    default: {
        const double below = a * (a * a + b * b) + (1 - a) * both * both;
        return (gains){both / n, m * both * (n * (1 - a) + a) / below, m * both * n * (1 - a) / below};
    }
    }
}

static qsg_status check(const qsg_model *model, bool noisy, qsg_error *error)
{
    qsg_status status = qsg_model_require(model, QSG_USES_FIELD, "the fixation laws", error);
    if (!status && noisy && isinf(model->bandwidth))
        status = qsg_fail(error, QSG_ENOEXIST, "Gamma is infinite (bandwidth inf); expected a finite bandwidth");
    if (!status && noisy && model->exchange == QSG_MUTUAL && model->alpha == 1)
        status = qsg_fail(error, QSG_ENOEXIST, "mutual exchange at alpha 1 swaps beliefs and has no winner; expected "
                                               "alpha < 1");
    return status;
}

qsg_status qsg_fixation_gain(const qsg_model *model, double *point, double *committed, qsg_error *error)
{
    qsg_status status = check(model, true, error);
    if (status)
        return status;
    const gains g = gains_of(model, (double)model->agents);
    *point = g.point;
    *committed = g.committed;
    return QSG_OK;
}

static double average(const double *weights, const double *values, size_t n)
{
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += weights[k] * values[k];
    return sum;
}

/* Contractions of the start with the field (eq. 3): (F h)_k into within and (V h)_k/N into between, so that
 * response = point * within + committed * between. */
static void contract(const qsg_model *model, double *within, double *between)
{
    const double n = (double)model->agents, *h = model->field, *p = model->start.p;
    const size_t labels = model->labels;
    const double mean = average(p, h, labels);
    memset(within, 0, labels * sizeof *within);
    memset(between, 0, labels * sizeof *between);
    switch (model->start.kind) {
    case QSG_START_POINT:
        for (size_t k = 0; k < labels; k++)
            within[k] = p[k] * (h[k] - mean);
        break;
    case QSG_START_ONEHOT:
        for (size_t k = 0; k < labels; k++)
            between[k] = p[k] * (h[k] - mean);
        break;
    case QSG_START_DIRICHLET: {
        const double c = model->start.concentration, total = c * (double)labels;
        for (size_t k = 0; k < labels; k++) {
            within[k] = c / (total + 1) * (h[k] - mean);
            between[k] = (n - 1) / n * (h[k] - mean) / ((double)labels * (total + 1));
        }
        break;
    }
    case QSG_START_BELIEFS:
        for (uint64_t i = 0; i < model->agents; i++) {
            const double *x = model->start.beliefs + i * labels, own = average(x, h, labels);
            for (size_t k = 0; k < labels; k++) {
                within[k] += x[k] * (h[k] - own) / n;
                between[k] += (x[k] - p[k]) * (own - mean) / n;
            }
        }
        break;
    }
}

qsg_status qsg_fixation_response(const qsg_model *model, double *response, qsg_error *error)
{
    const size_t labels = model->labels;
    qsg_status status = check(model, true, error);
    if (status)
        return status;
    if (!model->field) {
        memset(response, 0, labels * sizeof *response);
        return QSG_OK;
    }
    double *work = malloc(2 * labels * sizeof *work);
    if (!work)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu labels", labels);
    const gains g = gains_of(model, (double)model->agents);
    contract(model, work, work + labels);
    for (size_t k = 0; k < labels; k++)
        response[k] = g.point * work[k] + g.committed * work[labels + k];
    free(work);
    return QSG_OK;
}

/* h_1 - h_2 for two labels, max - min for more. */
static double span_of(const qsg_model *model)
{
    if (!model->field)
        return 0;
    if (model->labels == 2)
        return model->field[0] - model->field[1];
    double low = model->field[0], high = low;
    for (size_t k = 1; k < model->labels; k++) {
        low = fmin(low, model->field[k]);
        high = fmax(high, model->field[k]);
    }
    return high - low;
}

/* A field with two values makes two camps: share of the camp with the larger value. */
typedef struct {
    bool two;      /* false: three or more values */
    double top, p, rest; /* the larger h; initial mean belief in its camp and in the other */
} camps;

static camps camps_of(const qsg_model *model)
{
    const double *h = model->field;
    double low = h[0], high = h[0];
    camps c = {.two = true};
    for (size_t k = 1; k < model->labels; k++) {
        low = fmin(low, h[k]);
        high = fmax(high, h[k]);
    }
    c.top = high;
    for (size_t k = 0; k < model->labels; k++) {
        c.two = c.two && (h[k] == low || h[k] == high);
        *(h[k] == high ? &c.p : &c.rest) += model->start.p[k];
    }
    return c;
}

/* Gamma >= 0 of the camp with the larger h (eq. 5), from the response of the smaller camp, which keeps its digits. */
static double gamma_of_camp(const qsg_model *model, const camps *c, const double *response)
{
    double gain = 0;
    for (size_t k = 0; k < model->labels; k++)
        if ((model->field[k] == c->top) == (c->p < c->rest))
            gain += fabs(response[k]);
    if (c->p > 0 && c->rest > 0)
        return gain / (c->p * c->rest);
    return fabs(span_of(model)) * gains_of(model, (double)model->agents).point;
}

qsg_status qsg_fixation_gamma(const qsg_model *model, double *gamma, qsg_error *error)
{
    qsg_status status = check(model, true, error);
    if (status)
        return status;
    if (!model->field) {
        *gamma = 0;
        return QSG_OK;
    }
    const camps c = camps_of(model);
    if (!c.two) { /* no single share to divide the response by: the gain of the nearer kind of start */
        const gains g = gains_of(model, (double)model->agents);
        const bool apart = model->start.kind == QSG_START_ONEHOT;
        *gamma = span_of(model) * (apart ? g.committed : g.point);
        return QSG_OK;
    }
    double *response = malloc(model->labels * sizeof *response);
    if (!response)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu labels", model->labels);
    status = qsg_fixation_response(model, response, error);
    if (!status)
        *gamma = copysign(gamma_of_camp(model, &c, response), span_of(model));
    free(response);
    return status;
}

qsg_status qsg_fixation_gamma_meanfield(const qsg_model *model, double *gamma, qsg_error *error)
{
    qsg_status status = qsg_model_require(model, QSG_USES_FIELD, "the fixation laws", error);
    if (status)
        return status;
    if (isinf(model->bandwidth))
        return qsg_fail(error, QSG_ENOEXIST, "Gamma is infinite (bandwidth inf); expected a finite bandwidth");
    *gamma = model->bandwidth * (double)model->agents * span_of(model) / model->alpha;
    return QSG_OK;
}

qsg_status qsg_fixation_crossover(const qsg_model *model, double *agents, qsg_error *error)
{
    const double h = fabs(span_of(model)), a = model->alpha;
    qsg_status status = check(model, true, error);
    if (status)
        return status;
    if (h == 0)
        return qsg_fail(error, QSG_ENOEXIST, "there is no crossover without a field");
    if (model->exchange == QSG_BROADCAST || (a == 1 && model->exchange == QSG_ONEWAY))
        return qsg_fail(error, QSG_ENOEXIST, "there is no crossover: %s, selection does not grow with N",
                        a == 1 ? "at alpha 1" : "in a broadcast");
    /* Gamma is linear in N: two values give the line */
    const double zero = gains_of(model, 0).point, slope = gains_of(model, 1).point - zero;
    const double n = (1 / h - zero) / slope;
    if (!(n >= 2 && isfinite(n)))
        return qsg_fail(error, QSG_ENOEXIST, "there is no crossover: |Gamma| is above 1 in every population");
    *agents = n;
    return QSG_OK;
}

double qsg_fixation_diffusion(double gamma, double p)
{
    const double g = 2 * fabs(gamma);
    if (g < 1e-290 || p <= 0 || p >= 1)
        return p;
    const double ratio = expm1(-g * p) / expm1(-g);
    return gamma > 0 ? ratio : ratio * exp(-g * (1 - p));
}

/* alpha = 1 copies labels whole when a message is one label, or when there are only sure agents: the winner's label was
 * once drawn from the start of a uniformly chosen agent (eq. 9). */
static bool copies_labels(const qsg_model *model)
{
    return model->alpha == 1 && model->exchange != QSG_MUTUAL &&
           (model->start.kind == QSG_START_ONEHOT ||
            (model->bandwidth == 1 && model->start.kind != QSG_START_DIRICHLET));
}

static void copy_labels(const qsg_model *model, double *probability, double *work)
{
    const qsg_channel channel = qsg_channel_of(model);
    const size_t labels = model->labels;
    if (model->start.kind == QSG_START_ONEHOT) {
        memcpy(probability, model->start.p, labels * sizeof *probability);
    } else if (model->start.kind == QSG_START_POINT) {
        qsg_channel_apply(&channel, model->start.p, probability);
    } else {
        memset(probability, 0, labels * sizeof *probability);
        for (uint64_t i = 0; i < model->agents; i++) {
            qsg_channel_apply(&channel, model->start.beliefs + i * labels, work);
            for (size_t k = 0; k < labels; k++)
                probability[k] += work[k] / (double)model->agents;
        }
    }
}

/* The label with the largest h among those with x_k > 0; `labels` when two of them tie. */
static size_t strongest(const double *x, const double *h, size_t labels)
{
    size_t best = labels;
    bool tie = false;
    for (size_t k = 0; k < labels; k++)
        if (x[k] > 0 && (best == labels || h[k] >= h[best])) {
            tie = best < labels && h[k] == h[best];
            best = k;
        }
    return tie ? labels : best;
}

/* Infinite bandwidth (section 4): beliefs rise to the label with the largest h that anybody thinks possible; at
 * alpha = 1 beliefs are copied whole and each carries its own strongest label. */
static qsg_status without_noise(const qsg_model *model, double *probability, qsg_error *error)
{
    const size_t labels = model->labels;
    const qsg_start_kind kind = model->start.kind;
    const bool apart = kind == QSG_START_ONEHOT || kind == QSG_START_BELIEFS;
    memset(probability, 0, labels * sizeof *probability);
    if (model->alpha < 1 || !apart) {
        const size_t best = strongest(model->start.p, model->field, labels);
        if (best == labels)
            return qsg_fail(error, QSG_ENOEXIST, "two labels share the largest field; no noise decides between them");
        probability[best] = 1;
        return QSG_OK;
    }
    if (model->exchange == QSG_MUTUAL)
        return qsg_fail(error, QSG_ENOEXIST, "mutual exchange at alpha 1 swaps beliefs and has no winner; expected "
                                             "alpha < 1");
    if (kind == QSG_START_ONEHOT) {
        memcpy(probability, model->start.p, labels * sizeof *probability);
        return QSG_OK;
    }
    for (uint64_t i = 0; i < model->agents; i++) {
        const size_t best = strongest(model->start.beliefs + i * labels, model->field, labels);
        if (best == labels)
            return qsg_fail(error, QSG_ENOEXIST, "two labels share the largest field; no noise decides between them");
        probability[best] += 1 / (double)model->agents;
    }
    return QSG_OK;
}

/* Bound on the probability that a weaker camp is ever said before consensus, from a common belief (eq. 10). */
static double contradiction(const qsg_model *model, const camps *c)
{
    double second = -INFINITY;
    if (model->start.kind != QSG_START_POINT || !(c->p > 0))
        return INFINITY;
    for (size_t k = 0; k < model->labels; k++)
        if (model->field[k] < c->top)
            second = fmax(second, model->field[k]);
    if (c->top - second <= WEAK_FIELD) /* selection is weak: its law says more than a bound */
        return INFINITY;
    const double messages = model->exchange == QSG_MUTUAL ? 2 : 1;
    return messages * model->bandwidth * c->rest / (c->p * gains_of(model, (double)model->agents).drift) *
           exp(second - c->top);
}

/* Inside a camp labels are neutral and keep their initial proportions. */
static void divide(const qsg_model *model, const camps *c, double top, double rest, double *probability)
{
    for (size_t k = 0; k < model->labels; k++) {
        const bool strong = model->field[k] == c->top;
        const double share = strong ? c->p : c->rest;
        probability[k] = share > 0 ? model->start.p[k] / share * (strong ? top : rest) : 0;
    }
}

static qsg_status diffuse(const qsg_model *model, const camps *c, const double *response, double *probability,
                          qsg_fixation_method *method, qsg_error *error)
{
    const double h = fabs(span_of(model)), weak = h > WEAK_FIELD ? WEAK_FIELD / h : 1;
    const double gamma = weak * gamma_of_camp(model, c, response);
    const double top = qsg_fixation_diffusion(gamma, c->p), rest = qsg_fixation_diffusion(-gamma, c->rest);
    /* the winning probability grows with h (a monotone coupling exists), so a limit reached at 0.5 holds beyond */
    if (weak < 1 && !(rest < SURE))
        return qsg_fail(error, QSG_ENOEXIST, "the field is too strong for weak selection (span %g); expected at most "
                        "%g", h, WEAK_FIELD);
    divide(model, c, top, rest, probability);
    *method = (qsg_fixation_method){"diffusion", QSG_ASYMPTOTIC,
                                    weak < 1 ? rest : fabs(qsg_fixation_diffusion(gamma * (1 + h / 2), c->p) - top)};
    return QSG_OK;
}

/* Three values of h: camps whose shares are a diffusion on a triangle; inside a camp labels keep their proportions. */
static qsg_status three_camps(const qsg_model *model, double gamma, double *probability, qsg_fixation_method *method,
                              qsg_error *error)
{
    const double *h = model->field, *p = model->start.p, span = span_of(model);
    double values[3], share[3] = {0}, selection[3], wins[3], stronger[3], accuracy;
    size_t n = 0;
    for (size_t k = 0; k < model->labels; k++) {
        size_t c = 0;
        while (c < n && h[k] != values[c])
            c++;
        if (c == 3)
            return qsg_fail(error, QSG_ENOEXIST, "the field is too strong for the expansion in it (Gamma %g with four or more "
                            "values of h, where no lattice is fine enough); expected Gamma <= %g", gamma, WEAK_GAMMA);
        if (c == n)
            values[n++] = h[k];
        share[c] += p[k];
    }
    if (!(span <= WEAK_FIELD && gamma <= LATTICE_GAMMA))
        return qsg_fail(error, QSG_ENOEXIST, "the field is too strong for the diffusion of three camps (span %g, Gamma %g); "
                        "expected at most %g and %g", span, gamma, WEAK_FIELD, LATTICE_GAMMA);
    for (size_t c = 0; c < 3; c++)
        selection[c] = gamma / span * values[c];
    qsg_status status = fixation_three_camps(selection, share, wins, &accuracy, error);
    for (size_t c = 0; c < 3; c++) /* the channel's second order is as if Gamma grew by h/2 */
        selection[c] *= 1 + span / 2;
    if (!status)
        status = fixation_three_camps(selection, share, stronger, &accuracy, error);
    if (status)
        return status;
    for (size_t c = 0; c < 3; c++)
        accuracy = fmax(accuracy, fabs(stronger[c] - wins[c]));
    for (size_t k = 0; k < model->labels; k++)
        for (size_t c = 0; c < 3; c++)
            if (h[k] == values[c])
                probability[k] = share[c] > 0 ? p[k] / share[c] * wins[c] : 0;
    *method = (qsg_fixation_method){"diffusion", QSG_ASYMPTOTIC, accuracy};
    return QSG_OK;
}

/* p + response + (1/3) p [(gamma_k - mean)^2 - var] (eq. 11): the first order exact, the second in the diffusion limit
 * with the gain of the start. */
static qsg_status expand(const qsg_model *model, const double *response, double *probability,
                         qsg_fixation_method *method, qsg_error *error)
{
    const double *p = model->start.p, *h = model->field, mean = average(p, h, model->labels);
    double gamma, var = 0, lowest = 1;
    qsg_status status = qsg_fixation_gamma(model, &gamma, error);
    if (status)
        return status;
    if (!(gamma <= WEAK_GAMMA))
        return three_camps(model, gamma, probability, method, error);
    const double gain = gamma / span_of(model);
    for (size_t k = 0; k < model->labels; k++)
        var += p[k] * (h[k] - mean) * (h[k] - mean);
    for (size_t k = 0; k < model->labels; k++) {
        const double second = gain * gain * p[k] * ((h[k] - mean) * (h[k] - mean) - var) / 3;
        probability[k] = p[k] + response[k] + second;
        lowest = fmin(lowest, probability[k]);
    }
    if (lowest < 0)
        return qsg_fail(error, QSG_ENUMERIC, "the expansion in the field gives a negative probability (%g)", lowest);
    *method = (qsg_fixation_method){"second order", QSG_ASYMPTOTIC, gamma * gamma * gamma / 48};
    return QSG_OK;
}

/* The noisy laws that need the response. */
static qsg_status select_law(const qsg_model *model, double *probability, double *response,
                             qsg_fixation_method *method, qsg_error *error)
{
    const camps c = camps_of(model);
    qsg_status status = check(model, true, error);
    if (status)
        return status;
    if (c.two && (c.p == 0 || c.rest == 0)) { /* only one camp has members, and inside it labels are neutral */
        memcpy(probability, model->start.p, model->labels * sizeof *probability);
        *method = (qsg_fixation_method){"martingale", QSG_EXACT, 0};
        return QSG_OK;
    }
    const double bound = contradiction(model, &c);
    if (bound < SURE) {
        divide(model, &c, 1, 0, probability);
        *method = (qsg_fixation_method){"strong field", QSG_ASYMPTOTIC, bound};
        return QSG_OK;
    }
    status = qsg_fixation_response(model, response, error);
    if (!status)
        status = c.two ? diffuse(model, &c, response, probability, method, error)
                       : expand(model, response, probability, method, error);
    return status;
}

qsg_status qsg_fixation_probability(const qsg_model *model, double *probability, qsg_fixation_method *method,
                                    qsg_error *error)
{
    const size_t labels = model->labels;
    qsg_fixation_method found = {"martingale", QSG_EXACT, 0};
    qsg_status status = check(model, !model->field, error);
    if (status)
        return status;
    double *work = malloc(2 * labels * sizeof *work), *p = work;
    if (!work)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu labels", labels);
    if (!model->field) {
        memcpy(p, model->start.p, labels * sizeof *p);
    } else if (isinf(model->bandwidth)) {
        found.method = "deterministic";
        status = without_noise(model, p, error);
    } else if (copies_labels(model)) {
        found.method = "exact chain";
        copy_labels(model, p, work + labels);
    } else {
        status = select_law(model, p, work + labels, &found, error);
    }
    if (!status) {
        memcpy(probability, p, labels * sizeof *p);
        *method = found;
    }
    free(work);
    return status;
}
