/* Pairs of classes of agents who are alike, and what innovation adds to the map of the level.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/pair_graph.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void pair_graph_free(pair_graph *self)
{
    pair_level_free(&self->level);
    free(self->members);
    free(self->one);
    *self = (pair_graph){0};
}

static inline size_t class_of(const pair_graph *self, size_t agent)
{
    return self->level.agent ? self->level.agent[agent] : agent;
}

static inline double lost(double bandwidth)
{
    return isinf(bandwidth) ? 0 : 1 / bandwidth;
}

/* What the channel's prior adds to a row of class a: z and the source (doc/theory/pairs.md, eq. 2, 3). */
static void add_innovation(const pair_graph *self, const double *h, size_t a, double scale, double *out)
{
    const pair_law *law = self->law;
    const qsg_contacts *g = &law->contacts;
    const size_t n = self->level.n, size = pair_level_size(&self->level), j = self->one[a];
    const double e = law->innovation, x = law->alpha[j], leave = self->leave[a], *z = h + size, one = z[n] * law->spread;
    double messages = 0, single = 0;
    for (uint64_t k = g->first[j]; k < g->first[j + 1]; k++) {
        const size_t i = g->speakers[k];
        const double hear = x * g->chance[k], heard = z[class_of(self, i)];
        messages += hear * (1 - lost(law->bandwidth[i])) * (2 * e * (1 - e) * heard + e * e * one);
        single += hear * heard;
    }
    for (size_t b = 0; b < n; b++)
        out[a * n + b] += scale * e * (leave * z[b] + self->leave[b] * z[a]);
    out[n * n + a] += scale * (2 * (1 - x) * e * leave * z[a] + x * messages);
    if (pair_level_single(&self->level, a))
        out[a * n + a] = out[n * n + a];
    out[size + a] += scale * ((1 - e) * single + leave * (e * one - z[a]));
}

static void graph_apply(const void *context, const double *h, double a, double b, double c, double *out)
{
    const pair_graph *self = context;
    const size_t n = self->level.n, size = pair_level_size(&self->level);
    pair_level_combine(&self->level, -a, h, b, b != 0 ? h : NULL, c, c != 0 ? out : NULL, out, self->work);
    if (self->law->innovation == 0)
        return;
    for (size_t i = size; i <= size + n; i++)
        out[i] = b * h[i] + (c != 0 ? c * out[i] : 0);
    for (size_t i = 0; i < n; i++)
        add_innovation(self, h, i, a, out);
}

void pair_graph_measure(const pair_graph *self, const double *h, double moments[2])
{
    const size_t n = self->level.n;
    const double *x = self->members, *s = h + n * n;
    double f = 0, v = 0;
    for (size_t a = 0; a < n; a++) {
        double sum = 0;
        for (size_t b = 0; b < a; b++)
            sum += x[b] * (h[a * n + b] - (s[a] + s[b]) / 2);
        f += x[a] * s[a];
        v += 2 * x[a] * sum + x[a] * (x[a] - 1) * (h[a * n + a] - s[a]);
    }
    moments[0] = f / self->law->agents;
    moments[1] = v / self->law->agents;
}

static void graph_measure(const void *context, const double *h, double moments[2])
{
    pair_graph_measure(context, h, moments);
}

static void graph_rates(const void *context, const double *h, const double *change, double *least, double *largest,
                        double *mean)
{
    const pair_graph *self = context;
    const size_t size = pair_level_size(&self->level);
    double *x = (double *)h, above, below;
    *least = INFINITY;
    *largest = -INFINITY;
    for (size_t i = 0; i < size; i++)
        if (h[i] > 0) {
            *least = fmin(*least, -change[i] / h[i]);
            *largest = fmax(*largest, -change[i] / h[i]);
        }
    pair_level_products(&self->level, 1, &x, change, &above);
    pair_level_products(&self->level, 1, &x, h, &below);
    *mean = -above / below;
}

/* Bound of the rates at which the pairs of class a change. */
static double largest_rate(const pair_level *l, size_t a)
{
    double two = l->kill[a], own = l->own_kill[a];
    for (uint64_t e = l->first[a]; e < l->first[a + 1]; e++) {
        two += l->rate[e].hear;
        own += l->rate[e].turn + l->rate[e].pass;
    }
    return fmax(2 * two, own);
}

static qsg_status take_classes(pair_graph *self, qsg_error *error)
{
    const pair_level *l = &self->level;
    const qsg_contacts *g = &self->law->contacts;
    self->members = calloc(2 * l->n + pair_level_size(l), sizeof *self->members);
    self->one = malloc(l->n * sizeof *self->one);
    if (!self->members || !self->one)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu pairs", pair_level_size(l));
    self->leave = self->members + l->n;
    self->work = self->leave + l->n;
    for (size_t j = 0; j < self->law->n; j++) {
        const size_t a = class_of(self, j);
        self->members[a]++;
        self->one[a] = (uint32_t)j;
    }
    for (size_t a = 0; a < l->n; a++)
        for (uint64_t k = g->first[self->one[a]]; k < g->first[self->one[a] + 1]; k++)
            self->leave[a] += self->law->alpha[self->one[a]] * g->chance[k];
    return QSG_OK;
}

qsg_status pair_graph_init(pair_graph *self, pair_map *map, const pair_law *law, const double *weight, qsg_error *error)
{
    const bool innovation = law->innovation > 0;
    double bound = 0;
    for (size_t i = 0; i < law->n && innovation; i++)
        if (law->exchange == QSG_MUTUAL || law->self[i] > 0)
            return qsg_fail(error, QSG_EMODEL, "the pair moments with innovation are derived for one-way exchange without "
                            "own output, or at most 9 agents of a graph (this one has %zu)", law->n);
    *self = (pair_graph){.law = law};
    const pair_level *l = &self->level;
    qsg_status status = pair_level_of_law(&self->level, law, weight, error);
    if (!status)
        status = take_classes(self, error);
    for (size_t a = 0; a < l->n && !status; a++)
        bound = fmax(bound, largest_rate(l, a));
    if (status)
        pair_graph_free(self);
    else
        *map = (pair_map){.context = self, .n = pair_level_size(l) + (innovation ? l->n + 1 : 0),
                          .bound = bound > 0 ? fmin(bound, 1) : 1,
                          .symmetric = !innovation && !l->apart && pair_level_symmetric(l),
                          .work = 3 * (double)l->n * ((double)l->arcs + 3 * (double)l->n), .apply = graph_apply,
                          .measure = graph_measure, .rates = graph_rates};
    return status;
}

void pair_graph_start(const pair_graph *self, const pair_population *population, double *h)
{
    const pair_level *l = &self->level;
    const size_t n = l->n, agents = self->law->n, size = pair_level_size(l);
    const bool innovation = self->law->innovation > 0;
    double *s = h + n * n, *z = h + size;
    const double base = pair_start_pair(population, 0, 1); /* means of what is all the same are exactly that */
    memset(h, 0, (size + (innovation ? n + 1 : 0)) * sizeof *h);
    for (size_t i = 0; i < agents; i++) {
        const size_t a = class_of(self, i);
        s[a] += (pair_start_self(population, i) - base) / self->members[a];
        if (innovation)
            z[a] += pair_start_single(population, i) / self->members[a];
        for (size_t j = 0; j < i; j++) {
            const size_t b = class_of(self, j);
            h[(a > b ? a : b) * n + (a > b ? b : a)] += pair_start_pair(population, i, j) - base;
        }
    }
    for (size_t a = 0; a < n; a++) {
        const double x = self->members[a];
        s[a] += base;
        for (size_t b = 0; b < a; b++)
            h[a * n + b] = base + h[a * n + b] / (x * self->members[b]);
        h[a * n + a] = pair_level_single(l, a) ? s[a] : base + h[a * n + a] / (x * (x - 1) / 2);
    }
    pair_level_mirror(l, h);
    if (innovation)
        z[n] = 1;
}

void pair_graph_start_mode(const pair_graph *self, double *h)
{
    const pair_level *l = &self->level;
    const size_t n = l->n;
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b < n; b++)
            h[a * n + b] = !l->fixed[a] || !l->fixed[b];
        h[n * n + a] = !l->fixed[a];
        if (pair_level_single(l, a))
            h[a * n + a] = h[n * n + a];
    }
}
