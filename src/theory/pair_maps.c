/* The maps of doc/theory/pairs.md, eq. 3-6, for groups in which everybody meets everybody, and for a chain.
 *  SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/pair_maps.h"

#include <math.h>
#include <stdlib.h>

void pair_context_free(pair_context *self)
{
    free(self->weight);
    *self = (pair_context){0};
}

static inline double lost(double bandwidth)
{
    return isinf(bandwidth) ? 0 : 1 / bandwidth;
}

/* 1 - E|y|^2 of what an agent says. */
static inline double message(const pair_law *law, size_t i, double s, double z, double one)
{
    const double e = law->innovation;
    return (1 - lost(law->bandwidth[i])) * ((1 - e) * (1 - e) * s + 2 * e * (1 - e) * z + e * e * law->spread * one);
}

/* Least, largest and mean decay rate over pairs, and over the agents themselves. */
typedef struct {
    double least, largest, above, below;
} rate_range;

static void see_rate(rate_range *range, double h, double change, double weight)
{
    if (h <= 0)
        return;
    const double rate = -change / h;
    range->least = fmin(range->least, rate);
    range->largest = fmax(range->largest, rate);
    range->above -= weight * h * change;
    range->below += weight * h * h;
}

static void groups_rates(const void *context, const double *h, const double *change, double *least, double *largest,
                         double *mean)
{
    const pair_context *c = context;
    const size_t n = c->law->n;
    const double *size = c->law->size, *w = c->weight;
    rate_range range = {INFINITY, -INFINITY, 0, 0};
    for (size_t j = 0; j < n; j++) {
        for (size_t i = 0; i <= j; i++) {
            const double pairs = i == j ? size[j] * (size[j] - 1) : 2 * size[i] * size[j];
            see_rate(&range, h[j * n + i], change[j * n + i], pairs * w[i] * w[j]);
        }
        see_rate(&range, h[n * n + j], change[n * n + j], size[j] * w[j] * w[j]);
    }
    *least = range.least;
    *largest = range.largest;
    *mean = range.above / range.below;
}

/* Groups that meet as a whole: the sum over all speakers is one for each class. */
static void groups_apply(const void *context, const double *h, double a, double b, double k, double *out)
{
    const pair_context *c = context;
    const pair_law *law = c->law;
    const size_t n = law->n;
    const bool mutual = law->exchange == QSG_MUTUAL;
    const double e = law->innovation, others = law->agents - 1, p = law->uniform * (mutual ? 2 : 1);
    const double *s = h + n * n, *z = s + n, one = e > 0 ? z[n] : 0, *x = law->alpha, *y = law->self;
    double *sum = c->row, messages = 0, singles = 0;
    for (size_t i = 0; i < n; i++) {
        sum[i] = 0;
        for (size_t j = 0; j < n; j++)
            sum[i] += law->size[j] * h[i * n + j];
        messages += law->size[i] * message(law, i, s[i], e > 0 ? z[i] : 0, one);
        singles += e > 0 ? law->size[i] * z[i] : 0;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            const double own = h[i * n + j], mi = lost(law->bandwidth[i]), mj = lost(law->bandwidth[j]);
            double change = x[i] * ((1 - e) * (sum[j] - own - h[j * n + j] + s[j]) - others * own) +
                            x[j] * ((1 - e) * (sum[i] - own - h[i * n + i] + s[i]) - others * own) -
                            x[i] * y[j] * s[j] * mj - x[j] * y[i] * s[i] * mi;
            if (e > 0)
                change += e * others * (x[i] * z[j] + x[j] * z[i]);
            if (mutual)
                change += x[i] * x[j] * (2 * own - s[i] - s[j]);
            if (i == j && law->size[i] < 2)
                change = 0;
            double *to = &out[i * n + j];
            *to = a * p * change + b * own + (k == 0 ? 0 : k * *to);
            out[j * n + i] = *to;
        }
    for (size_t i = 0; i < n; i++) {
        const double heard = messages - message(law, i, s[i], e > 0 ? z[i] : 0, one);
        double *to = &out[n * n + i];
        double change = 2 * x[i] * (1 - x[i]) * ((1 - e) * (sum[i] - h[i * n + i]) + (e > 0 ? e * others * z[i] : 0)) +
                        x[i] * x[i] * heard -
                        others * (x[i] * (2 - x[i]) + y[i] * y[i] * lost(law->bandwidth[i])) * s[i];
        *to = a * p * change + b * s[i] + (k == 0 ? 0 : k * *to);
        if (e > 0) {
            change = x[i] * ((1 - e) * (singles - z[i]) + others * (e * law->spread * one - z[i]));
            to += n;
            *to = a * p * change + b * z[i] + (k == 0 ? 0 : k * *to);
        }
    }
    if (e > 0)
        out[n * n + 2 * n] = b * one + (k == 0 ? 0 : k * out[n * n + 2 * n]);
}

static void groups_measure(const void *context, const double *h, double moments[2])
{
    const pair_law *law = ((const pair_context *)context)->law;
    const size_t n = law->n;
    const double *s = h + n * n;
    double f = 0, v = 0;
    for (size_t i = 0; i < n; i++) {
        f += law->size[i] * s[i];
        v += law->size[i] * (law->size[i] - 1) * (h[i * n + i] - s[i]);
        for (size_t j = 0; j < i; j++)
            v += 2 * law->size[i] * law->size[j] * (h[i * n + j] - (s[i] + s[j]) / 2);
    }
    moments[0] = f / law->agents;
    moments[1] = v / law->agents;
}

static void chain_apply(const void *context, const double *h, double a, double b, double c, double *out)
{
    const pair_chain *chain = ((const pair_context *)context)->chain;
    for (size_t i = 0; i < chain->n; i++) {
        double change = -chain->kill[i] * h[i];
        for (uint64_t k = chain->first[i]; k < chain->first[i + 1]; k++)
            change += chain->rate[k] * (h[chain->to[k]] - h[i]);
        out[i] = a * change + b * h[i] + (c == 0 ? 0 : c * out[i]);
    }
}

static void chain_measure(const void *context, const double *h, double moments[2])
{
    const pair_chain *chain = ((const pair_context *)context)->chain;
    double f = 0, v = 0;
    for (size_t i = 0; i < chain->n; i++) {
        f += chain->f[i] * h[i];
        v += chain->v[i] * (h[i] - (h[chain->one[i]] + h[chain->other[i]]) / 2);
    }
    moments[0] = f;
    moments[1] = v;
}

static void chain_rates(const void *context, const double *h, const double *change, double *least, double *largest,
                        double *mean)
{
    const pair_chain *chain = ((const pair_context *)context)->chain;
    rate_range range = {INFINITY, -INFINITY, 0, 0};
    for (size_t i = 0; i < chain->n; i++)
        see_rate(&range, h[i], change[i], chain->v[i] + chain->f[i]);
    *least = range.least;
    *largest = range.largest;
    *mean = range.above / range.below;
}

qsg_status pair_map_of_chain(pair_map *self, pair_context *context, const pair_chain *chain, qsg_error *error)
{
    double bound = 0;
    (void)error;
    *context = (pair_context){.chain = chain};
    for (size_t i = 0; i < chain->n; i++) {
        double leave = chain->kill[i];
        for (uint64_t a = chain->first[i]; a < chain->first[i + 1]; a++)
            leave += chain->rate[a];
        bound = fmax(bound, leave);
    }
    *self = (pair_map){.context = context, .n = chain->n, .bound = bound, .symmetric = true,
                       .work = 3 * ((double)chain->arcs + 4 * (double)chain->n), .apply = chain_apply,
                       .measure = chain_measure, .rates = chain_rates};
    return QSG_OK;
}

qsg_status pair_map_of_groups(pair_map *self, pair_context *context, const pair_law *law, qsg_error *error)
{
    const size_t n = law->n;
    double largest = 0;
    if (law->exchange == QSG_BROADCAST || law->block)
        return qsg_fail(error, QSG_EMODEL, "the pair moments of a broadcast are derived for at most 10 groups of agents "
                        "(this population has %zu)", n);
    for (size_t i = 0; i < n && law->innovation > 0; i++)
        if (law->exchange == QSG_MUTUAL || law->self[i] > 0)
            return qsg_fail(error, QSG_EMODEL, "the pair moments with innovation are derived for one-way exchange without "
                            "own output, or at most 9 kinds of agents (this population has %zu)", n);
    *context = (pair_context){.law = law};
    context->weight = malloc(2 * n * sizeof *context->weight);
    if (!context->weight)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the pairs of %zu kinds of agents", n);
    context->row = context->weight + n;
    for (size_t i = 0; i < n; i++) {
        context->weight[i] = law->alpha[i] > 0 ? 1 / law->alpha[i] : 1;
        largest = fmax(largest, law->uniform * (law->exchange == QSG_MUTUAL ? 2 : 1) * (law->agents - 1) *
                       (2 * law->alpha[i] + law->self[i] * law->self[i]));
    }
    *self = (pair_map){.context = context, .n = n * n + n + (law->innovation > 0 ? n + 1 : 0), .bound = fmin(largest, 1),
                       .work = 12 * (double)n * (double)n, .apply = groups_apply, .measure = groups_measure,
                       .rates = groups_rates};
    return QSG_OK;
}
