/* The number of agents with label 1 as a birth-death chain (doc/theory/chain.md): rates, start, stationary law.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/chain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "theory/chain_private.h"

#define MAX_AGENTS 20000000
#define MAX_ADOPTION 500.0 /* beyond, rates would leave the range of a double */

static qsg_status check_spec(const qsg_chain_spec *s, qsg_error *error)
{
    if (s->agents < 2 || s->agents > MAX_AGENTS)
        return qsg_fail(error, QSG_EDOMAIN, "the exact chain has as many states as agents (%llu); expected 2 to %d agents",
                        (unsigned long long)s->agents, MAX_AGENTS);
    if (s->zealots[0] > s->agents || s->zealots[1] > s->agents - s->zealots[0])
        return qsg_fail(error, QSG_EDOMAIN, "zealots are more than the agents (%llu and %llu of %llu); expected at most all",
                        (unsigned long long)s->zealots[0], (unsigned long long)s->zealots[1],
                        (unsigned long long)s->agents);
    if (s->zealots[0] + s->zealots[1] == s->agents)
        return qsg_fail(error, QSG_EMODEL, "every agent is committed (%llu and %llu zealots): nothing ever moves; expected "
                        "a free agent", (unsigned long long)s->zealots[0], (unsigned long long)s->zealots[1]);
    if (!(fabs(s->adoption) <= MAX_ADOPTION))
        return qsg_fail(error, QSG_EDOMAIN, "adoption is too strong for the exact chain (%g); expected at most %g in size",
                        s->adoption, MAX_ADOPTION);
    if (!(s->innovation >= 0 && s->innovation <= 1) || !(s->prior >= 0 && s->prior <= 1))
        return qsg_fail(error, QSG_EDOMAIN, "innovation is %g with prior %g; expected numbers in [0, 1]", s->innovation,
                        s->prior);
    return QSG_OK;
}

/* (eq. 1-2) A free listener with the other label hears the label and adopts it.  Without innovation the numerators are
 * whole numbers below 2^53, so that neutral rates up and down are equal to the last bit: over a million states roundings
 * would add up. */
static void set_rates(qsg_chain *self)
{
    const qsg_chain_spec *s = &self->spec;
    const double n = (double)s->agents, others = s->replacement ? n : n - 1, e = s->innovation, ways = n * others;
    const double odds = exp(-s->adoption), adopt[2] = {s->adoption == 0 ? 1 : 1 / (1 + odds),
                                                       s->adoption == 0 ? 1 : odds / (1 + odds)};
    for (size_t i = 0; i <= self->free; i++) {
        const double ones = (double)i, twos = (double)(self->free - i);
        const double one = (1 - e) * ((double)s->zealots[0] + ones) + e * s->prior * others;
        const double two = (1 - e) * ((double)s->zealots[1] + twos) + e * (1 - s->prior) * others;
        self->up[i] = adopt[0] * (twos * one / ways);
        self->down[i] = adopt[1] * (ones * two / ways);
    }
}

qsg_status qsg_chain_init_spec(qsg_chain *self, const qsg_chain_spec *spec, qsg_error *error)
{
    qsg_status status = check_spec(spec, error);
    if (status)
        return status;
    qsg_chain made = {.spec = *spec, .free = (size_t)(spec->agents - spec->zealots[0] - spec->zealots[1])};
    made.up = malloc(2 * (made.free + 1) * sizeof *made.up);
    if (!made.up)
        return qsg_fail(error, QSG_ENOMEM, "no memory for a chain of %zu states", made.free + 1);
    made.down = made.up + made.free + 1;
    set_rates(&made);
    made.absorbing[0] = made.down[made.free] == 0;
    made.absorbing[1] = made.up[0] == 0;
    *self = made;
    return QSG_OK;
}

qsg_status qsg_chain_init_rates(qsg_chain *self, size_t free, const double *up, const double *down, qsg_error *error)
{
    qsg_chain made = {.free = free};
    if (free < 1 || free > MAX_AGENTS || up[free] != 0 || down[0] != 0)
        return qsg_fail(error, QSG_EDOMAIN, "a chain of %zu states leaves them at its ends; expected 2 or more, closed",
                        free + 1);
    for (size_t i = 0; i <= free; i++)
        if (!(up[i] >= 0 && down[i] >= 0 && up[i] + down[i] <= 1) || (i > 0 && i < free && up[i] * down[i] == 0))
            return qsg_fail(error, QSG_EDOMAIN, "state %zu has the rates %g and %g; expected probabilities, positive inside",
                            i, up[i], down[i]);
    made.up = malloc(2 * (free + 1) * sizeof *made.up);
    if (!made.up)
        return qsg_fail(error, QSG_ENOMEM, "no memory for a chain of %zu states", free + 1);
    made.down = made.up + free + 1;
    memcpy(made.up, up, (free + 1) * sizeof *up);
    memcpy(made.down, down, (free + 1) * sizeof *down);
    made.absorbing[0] = down[free] == 0;
    made.absorbing[1] = up[0] == 0;
    *self = made;
    return QSG_OK;
}

void qsg_chain_free(qsg_chain *self)
{
    free(self->up);
    *self = (qsg_chain){0};
}

qsg_status qsg_chain_init(qsg_chain *self, const qsg_model *model, qsg_error *error)
{
    const unsigned covered = QSG_USES_ZEALOTS | QSG_USES_ADOPTION | QSG_USES_PAIRS | QSG_USES_INNOVATION;
    qsg_status status = qsg_model_require(model, covered, "the exact chain", error);
    if (status)
        return status;
    if (model->labels != 2 || model->alpha != 1 || model->bandwidth != 1 || model->exchange != QSG_ONEWAY)
        return qsg_fail(error, QSG_EMODEL, "the exact chain is for copiers (K = %zu, alpha = %g, m = %g%s); expected K = 2, "
                        "--alpha 1, --bandwidth 1 and one-way exchange", model->labels, model->alpha, model->bandwidth,
                        model->exchange == QSG_ONEWAY ? "" : ", another exchange");
    if (model->pairs == QSG_PAIRS_EDGE)
        return qsg_fail(error, QSG_EMODEL, "--pairs edge is for graphs; expected distinct or with-replacement");
    const qsg_chain_spec spec = {.agents = model->agents,
                                 .zealots = {model->zealots ? model->zealots[0] : 0,
                                             model->zealots ? model->zealots[1] : 0},
                                 .adoption = model->adoption, .innovation = model->innovation,
                                 .prior = model->prior[0], .replacement = model->pairs == QSG_PAIRS_REPLACEMENT};
    return qsg_chain_init_spec(self, &spec, error);
}

qsg_status qsg_chain_start(const qsg_chain *self, const qsg_model *model, size_t *n, qsg_error *error)
{
    const double p = model->start.p[0];
    if (model->start.kind == QSG_START_POINT && (p == 0 || p == 1)) {
        *n = p == 0 ? 0 : self->free;
        return QSG_OK;
    }
    if (model->start.kind != QSG_START_ONEHOT)
        return qsg_fail(error, QSG_EMODEL, "the exact chain starts with agents that are sure (--init %.100s); expected "
                        "onehot:n1,n2, or 1,0 or 0,1", model->texts[QSG_INIT]);
    if (model->start.counts[0] + model->start.counts[1] != self->free)
        return qsg_fail(error, QSG_EMODEL, "--init counts %llu agents; expected the %zu free ones",
                        (unsigned long long)(model->start.counts[0] + model->start.counts[1]), self->free);
    *n = (size_t)model->start.counts[0];
    return QSG_OK;
}

/* ln pi(i + 1)/pi(i): by the rates (eq. 3), or with one rounding from whole numbers (eq. 4) */
static double log_odds(const qsg_chain *self, size_t i)
{
    const qsg_chain_spec *s = &self->spec;
    if (s->agents == 0 || s->innovation != 0)
        return log(self->up[i] / self->down[i + 1]);
    const double left = (double)(self->free - i), ones = (double)s->zealots[0] + (double)i;
    const double next = (double)(i + 1), twos = (double)s->zealots[1] + left - 1;
    return s->adoption + log(left * ones / (next * twos));
}

qsg_status qsg_chain_stationary(const qsg_chain *self, double *probability, qsg_error *error)
{
    if (self->absorbing[0] || self->absorbing[1])
        return qsg_fail(error, QSG_ENOEXIST, "there is no stationary law: label %d can win for good",
                        self->absorbing[0] ? 1 : 2);
    double *weight = malloc((self->free + 1) * sizeof *weight), top = 0, sum = 0, log_weight = 0, lost = 0;
    if (!weight)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu states", self->free + 1);
    weight[0] = 0;
    for (size_t i = 0; i < self->free; i++) { /* compensated sum: a million logarithms */
        const double step = log_odds(self, i) - lost, next = log_weight + step;
        lost = (next - log_weight) - step;
        log_weight = weight[i + 1] = next;
        top = fmax(top, next);
    }
    for (size_t i = 0; i <= self->free; i++)
        sum += weight[i] = exp(weight[i] - top);
    for (size_t i = 0; i <= self->free; i++)
        probability[i] = weight[i] / sum;
    free(weight);
    return QSG_OK;
}

/* ln(1 + x (e^h - 1)), right for every h */
static double log_factor(double h, double x)
{
    if (h <= 0)
        return log1p(x * expm1(h));
    return x == 0 ? 0 : h + log1p((1 - x) * expm1(-h)); /* 1 + x(e^h-1) = e^h (1 + (1-x)(e^-h - 1)) */
}

qsg_status qsg_chain_fixation_beliefs(double adoption, size_t n, const double *x, double *probability,
                                      qsg_error *error)
{
    double sum = 0;
    if (!(fabs(adoption) <= MAX_ADOPTION) || n < 1)
        return qsg_fail(error, QSG_EDOMAIN, "adoption is %g of %zu agents; expected at most %g in size, and agents",
                        adoption, n, MAX_ADOPTION);
    for (size_t i = 0; i < n; i++) {
        if (!(x[i] >= 0 && x[i] <= 1))
            return qsg_fail(error, QSG_EDOMAIN, "belief %zu is %g; expected a number in [0, 1]", i + 1, x[i]);
        sum += adoption == 0 ? x[i] : log_factor(adoption, x[i]);
    }
    const double all = adoption * (double)n;
    if (adoption == 0)
        *probability = sum / (double)n;
    else if (adoption > 0)
        *probability = expm1(-sum) / expm1(-all);
    else /* (e^{-sum} - 1)/(e^{-all} - 1) with 0 >= sum >= all */
        *probability = exp(all - sum) * expm1(sum) / expm1(all);
    return QSG_OK;
}

/* Of the free agents with the counted label, without adoption bias (eq. 6). */
typedef struct {
    double a, c;   /* chance to hear the label, or the other, from zealots and innovation */
    double b;      /* from one free agent */
    double g1, g2; /* decay rates of E j and E j^2 */
} linear_rates;

static linear_rates linear_of(const qsg_chain *self, bool swapped)
{
    const qsg_chain_spec *s = &self->spec;
    const double n = (double)s->agents, prior = swapped ? 1 - s->prior : s->prior;
    linear_rates r = {.b = (1 - s->innovation) / (s->replacement ? n : n - 1)};
    r.a = (double)s->zealots[swapped] * r.b + s->innovation * prior;
    r.c = (double)s->zealots[!swapped] * r.b + s->innovation * (1 - prior);
    r.g1 = (r.a + r.c) / n;
    r.g2 = 2 * (r.a + r.c + r.b) / n;
    return r;
}

qsg_status qsg_chain_neutral_rate(const qsg_chain *self, double *rate, qsg_error *error)
{
    if (self->spec.agents == 0 || self->spec.adoption != 0)
        return qsg_fail(error, QSG_ENOEXIST, "the rate has a closed form only without adoption bias");
    const linear_rates r = linear_of(self, false);
    *rate = r.g1 > 0 ? r.g1 : r.g2;
    return QSG_OK;
}

/* t whole */
static double remaining(double rate, double t)
{
    return rate < 0.5 ? exp(t * log1p(-rate)) : pow(1 - rate, t);
}

/* E j and E[1 - U] as constant + two decays, j counting the free agents of the label that can die out (of either
 * label when both or none can), so that the constant of an absorbing chain is exactly 0. */
static void neutral_moments(const qsg_chain *self, size_t start, size_t count, const double *times, double *share,
                            double *heterogeneity)
{
    const qsg_chain_spec *s = &self->spec;
    const bool swapped = self->absorbing[0] && !self->absorbing[1], absorbs = self->absorbing[0] || self->absorbing[1];
    const double n = (double)s->agents, free = (double)self->free;
    const double own = (double)s->zealots[swapped], rival = (double)s->zealots[!swapped];
    const linear_rates r = linear_of(self, swapped);
    const double j0 = swapped ? free - (double)start : (double)start;
    const double rest = r.g1 > 0 ? free * r.a / (r.a + r.c) : j0, away = j0 - rest;
    const double slope = (2 * free * r.a - r.a + r.c + 2 * r.b * free) / n; /* of the growth of E j^2 in E j */
    const double k1 = slope * away / (r.g2 - r.g1), limit = (free * r.a / n + slope * rest) / r.g2;
    const double k2 = j0 * j0 - limit - k1, scale = 2 / (n * n);
    const double constant = absorbs ? 0 : own * (rival + free) + (rival + free - own) * rest - limit;
    for (size_t i = 0; i < count; i++) {
        const double d1 = remaining(r.g1, times[i]), d2 = remaining(r.g2, times[i]), j = rest + away * d1;
        share[i] = ((double)s->zealots[0] + (swapped ? free - j : j)) / n;
        heterogeneity[i] = scale * (constant + ((rival + free - own) * away - k1) * d1 - k2 * d2);
    }
}

qsg_status qsg_chain_moments(const qsg_chain *self, size_t start, size_t count, const double *times, double *share,
                             double *heterogeneity, qsg_error *error)
{
    if (start > self->free)
        return qsg_fail(error, QSG_EDOMAIN, "start is %zu of %zu free agents; expected at most all", start, self->free);
    for (size_t i = 0; i < count; i++)
        if (!(times[i] >= (i ? times[i - 1] : 0)) || times[i] != floor(times[i]))
            return qsg_fail(error, QSG_EDOMAIN, "time %zu is %g; expected whole increasing times", i + 1, times[i]);
    if (self->spec.agents == 0)
        return qsg_fail(error, QSG_EMODEL, "a chain of given rates has no agents to take shares of");
    if (self->spec.adoption == 0) {
        neutral_moments(self, start, count, times, share, heterogeneity);
        return QSG_OK;
    }
    const double n = (double)self->spec.agents;
    double *f = malloc((2 * (self->free + 1) + count) * sizeof *f), *first = f + 2 * (self->free + 1);
    if (!f)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu states", self->free + 1);
    for (size_t i = 0; i <= self->free; i++) {
        f[i] = ((double)self->spec.zealots[0] + (double)i) / n;
        f[self->free + 1 + i] = 2 * f[i] * ((double)self->spec.zealots[1] + (double)(self->free - i)) / n;
    }
    qsg_status status = qsg_chain_expect(self, start, f, count, times, first, error);
    if (!status)
        status = qsg_chain_expect(self, start, f + self->free + 1, count, times, heterogeneity, error);
    for (size_t i = 0; i < count && !status; i++)
        share[i] = first[i];
    free(f);
    return status;
}
