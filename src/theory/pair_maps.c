/* The maps of doc/theory/pairs.md, eq. 3-6, for a graph, for groups in which everybody meets everybody, and for a chain of
 * few states.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/pair_maps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#define TILE 64
#define FEWEST_SHARED 256 /* rows, below which starting threads costs more than they save */
#define EVEN 1e-12

void pair_context_free(pair_context *self)
{
    free(self->leave);
    free(self->hear);
    *self = (pair_context){0};
}

static size_t thread(void)
{
#ifdef _OPENMP
    return (size_t)omp_get_thread_num();
#else
    return 0;
#endif
}

static size_t threads(void)
{
#ifdef _OPENMP
    return (size_t)omp_get_max_threads();
#else
    return 1;
#endif
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

/* Row j of the graph's change, columns 0 .. j. */
static void graph_row(const pair_context *c, const double *h, size_t j, double *r)
{
    const pair_law *law = c->law;
    const qsg_contacts *g = &law->contacts;
    const size_t n = law->n;
    const double e = law->innovation, *own = h + j * n, *z = h + n * n, one = e > 0 ? z[n] : 0, x = law->alpha[j];
    memset(r, 0, (j + 1) * sizeof *r);
    for (uint64_t a = g->first[j]; a < g->first[j + 1]; a++) {
        const double rate = c->hear[a], *other = h + g->speakers[a] * n;
        for (size_t k = 0; k <= j; k++)
            r[k] += rate * other[k];
    }
    double sum = r[j], messages = 0, single = 0;
    for (size_t k = 0; k < j; k++) {
        double heard = 0;
        for (uint64_t a = g->first[k]; a < g->first[k + 1]; a++)
            heard += c->hear[a] * own[g->speakers[a]];
        r[k] = (1 - e) * (r[k] + heard) - (c->leave[j] + c->leave[k]) * own[k];
        if (e > 0)
            r[k] += e * (c->leave[j] * z[k] + c->leave[k] * z[j]);
    }
    for (uint64_t a = g->first[j]; a < g->first[j + 1]; a++) {
        const size_t i = g->speakers[a];
        messages += c->hear[a] * message(law, i, h[i * n + i], e > 0 ? z[i] : 0, one);
        single += e > 0 ? c->hear[a] * z[i] : 0;
    }
    r[j] = 2 * (1 - x) * ((1 - e) * sum + (e > 0 ? e * c->leave[j] * z[j] : 0)) + x * messages -
           ((2 - x) * c->leave[j] + c->tell[j] * law->self[j] * law->self[j] * lost(law->bandwidth[j])) * own[j];
    if (e > 0)
        c->row[j] = (1 - e) * single + c->leave[j] * (e * law->spread * one - z[j]);
}

/* Place of the arc from the speaker in the row of the listener, or SIZE_MAX. */
static size_t arc_between(const qsg_contacts *g, size_t speaker, size_t listener)
{
    size_t low = g->first[listener], high = g->first[listener + 1];
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (g->speakers[middle] == speaker)
            return middle;
        if (g->speakers[middle] < speaker)
            low = middle + 1;
        else
            high = middle;
    }
    return SIZE_MAX;
}

/* What two agents who interact do at the same time, into row j. */
static void graph_together(const pair_context *c, const double *h, size_t j, double *r)
{
    const pair_law *law = c->law;
    const qsg_contacts *g = &law->contacts;
    const size_t n = law->n;
    const double *x = law->alpha, *y = law->self, sj = h[j * n + j], mj = lost(law->bandwidth[j]);
    const bool mutual = law->exchange == QSG_MUTUAL;
    for (uint64_t a = g->first[j]; a < g->first[j + 1] && g->speakers[a] < j; a++) {
        const size_t i = g->speakers[a];
        const double p = c->meet[a], si = h[i * n + i], mi = lost(law->bandwidth[i]);
        r[i] -= p * x[j] * y[i] * si * mi;
        if (mutual)
            r[i] += p * (x[i] * x[j] * (2 * h[j * n + i] - si - sj) - x[i] * y[j] * sj * mj);
    }
    for (size_t k = 0; k < j && !mutual; k++) { /* j speaks to k */
        const size_t a = arc_between(g, j, k);
        if (a != SIZE_MAX)
            r[k] -= c->meet[a] * x[k] * y[j] * sj * mj;
    }
}

static void graph_apply(const void *context, const double *h, double a, double b, double k, double *out)
{
    const pair_context *c = context;
    const size_t n = c->law->n;
    const bool together = c->law->exchange == QSG_MUTUAL || c->law->self[0] > 0 || c->law->self[n - 1] > 0;
#pragma omp parallel for schedule(dynamic, 8) if (n > FEWEST_SHARED)
    for (size_t back = 0; back < n; back++) {
        const size_t j = n - 1 - back; /* long rows first */
        double *r = c->rows + n * thread(), *to = out + j * n;
        const double *own = h + j * n;
        graph_row(c, h, j, r);
        if (together)
            graph_together(c, h, j, r);
        for (size_t i = 0; i <= j; i++)
            to[i] = a * r[i] + b * own[i] + (k == 0 ? 0 : k * to[i]);
    }
    for (size_t top = 0; top < n; top += TILE) /* the upper triangle is the lower one */
        for (size_t left = 0; left <= top; left += TILE)
            for (size_t j = top; j < n && j < top + TILE; j++)
                for (size_t i = left; i < j && i < left + TILE; i++)
                    out[i * n + j] = out[j * n + i];
    if (c->law->innovation > 0) {
        const double *z = h + n * n;
        double *to = out + n * n;
        for (size_t i = 0; i <= n; i++)
            to[i] = a * (i < n ? c->row[i] : 0) + b * z[i] + (k == 0 ? 0 : k * to[i]);
    }
}

static void graph_measure(const void *context, const double *h, double moments[2])
{
    const pair_context *c = context;
    const size_t n = c->law->n;
    double f = 0, v = 0;
    for (size_t j = 0; j < n; j++) {
        const double own = h[j * n + j];
        double sum = 0;
        for (size_t i = 0; i < j; i++)
            sum += h[j * n + i] - (own + h[i * n + i]) / 2;
        f += own;
        v += sum;
    }
    moments[0] = f / (double)n;
    moments[1] = 2 * v / (double)n;
}

/* Least, largest and mean decay rate over the lower triangle, for groups also over the agents themselves. */
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

static void law_rates(const void *context, const double *h, const double *change, double *least, double *largest,
                      double *mean)
{
    const pair_context *c = context;
    const size_t n = c->law->n;
    const double *size = c->law->size, *w = c->weight;
    rate_range range = {INFINITY, -INFINITY, 0, 0};
    for (size_t j = 0; j < n; j++) {
        for (size_t i = 0; i <= j; i++) {
            const double pairs = i == j ? (pair_law_graph(c->law) ? 1 : size[j] * (size[j] - 1)) : 2 * size[i] * size[j];
            see_rate(&range, h[j * n + i], change[j * n + i], pairs * w[i] * w[j]);
        }
        if (!pair_law_graph(c->law))
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

static bool even(double x, double y)
{
    return fabs(x - y) <= EVEN * fmax(fabs(x), fabs(y));
}

/* Rates of the graph, the weights that make its walk reversible when there are such, and whether the whole map is then
 * symmetric (doc/theory/pairs.md, section 5). */
static void graph_rates(pair_context *c, pair_map *map)
{
    const pair_law *law = c->law;
    const qsg_contacts *g = &law->contacts;
    const size_t n = law->n;
    const bool mutual = law->exchange == QSG_MUTUAL;
    bool symmetric = law->innovation == 0;
    double largest = 0;
    for (size_t j = 0; j < n; j++) {
        double heard = 0;
        for (uint64_t a = g->first[j]; a < g->first[j + 1]; a++) {
            const size_t back = mutual ? arc_between(g, j, g->speakers[a]) : SIZE_MAX;
            c->meet[a] = g->chance[a] + (back != SIZE_MAX ? g->chance[back] : 0);
            c->hear[a] = law->alpha[j] * c->meet[a];
            c->tell[g->speakers[a]] += c->meet[a];
            heard += c->meet[a];
        }
        c->leave[j] = law->alpha[j] * heard;
        c->weight[j] = 1;
    }
    for (size_t j = 0; j < n; j++)
        largest = fmax(largest, fmax(2 * c->leave[j], (2 - law->alpha[j]) * c->leave[j] +
                                     c->tell[j] * law->self[j] * law->self[j] * lost(law->bandwidth[j])));
    for (size_t j = 0; j < n; j++)
        for (uint64_t a = g->first[j]; a < g->first[j + 1] && symmetric; a++) {
            const size_t i = g->speakers[a], back = arc_between(g, j, i);
            const double w = law->alpha[j] < 1 && law->alpha[i] < 1 ? 1 : NAN;
            symmetric = back != SIZE_MAX && w == 1 && law->self[j] == 0 && !mutual &&
                        ((law->bandwidth[i] == 1 && law->bandwidth[j] == 1) ||
                         (even(c->hear[a], c->hear[back]) && even(law->alpha[i], law->alpha[j]) &&
                          even(law->bandwidth[i], law->bandwidth[j])));
        }
    map->bound = fmin(largest, 1); /* the map has no negative entries */
    map->symmetric = symmetric;
}

qsg_status pair_map_of_law(pair_map *self, pair_context *context, const pair_law *law, qsg_error *error)
{
    const size_t n = law->n, arcs = law->contacts.entries, extra = law->innovation > 0 ? n + 1 : 0;
    double largest = 0;
    if (law->exchange == QSG_BROADCAST || law->block)
        return qsg_fail(error, QSG_EMODEL, "the pair moments of a broadcast are derived for at most 10 groups of agents "
                        "(this population has %zu)", n);
    if (law->innovation > 0)
        for (size_t i = 0; i < n; i++)
            if (law->exchange == QSG_MUTUAL || law->self[i] > 0)
                return qsg_fail(error, QSG_EMODEL, "the pair moments with innovation are derived for one-way exchange without "
                                "own output, or at most 10 groups of agents (this population has %zu)", n);
    *context = (pair_context){.law = law};
    context->leave = calloc(5 * n + 1, sizeof *context->leave);
    context->hear = calloc(2 * arcs + (pair_law_graph(law) ? n * threads() : 0) + 1, sizeof *context->hear);
    if (!context->leave || !context->hear) {
        pair_context_free(context);
        return qsg_fail(error, QSG_ENOMEM, "no memory for the pairs of %zu agents", n);
    }
    context->tell = context->leave + n;
    context->weight = context->tell + n;
    context->row = context->weight + n;
    context->meet = context->hear + arcs;
    context->rows = context->meet + arcs;
    *self = (pair_map){.context = context};
    if (pair_law_graph(law)) {
        graph_rates(context, self);
        self->n = n * n + extra;
        self->work = 2 * (double)n * ((double)arcs + (double)n);
        self->apply = graph_apply;
        self->measure = graph_measure;
    } else {
        for (size_t i = 0; i < n; i++) {
            context->weight[i] = law->alpha[i] > 0 ? 1 / law->alpha[i] : 1;
            largest = fmax(largest, law->uniform * (law->exchange == QSG_MUTUAL ? 2 : 1) * (law->agents - 1) *
                           (2 * law->alpha[i] + law->self[i] * law->self[i]));
        }
        self->n = n * n + n + extra;
        self->bound = fmin(largest, 1);
        self->work = 12 * (double)n * (double)n;
        self->apply = groups_apply;
        self->measure = groups_measure;
    }
    self->rates = law_rates;
    return QSG_OK;
}
