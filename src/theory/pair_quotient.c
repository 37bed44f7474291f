/* The pairs of a graph many of whose agents are alike, as pairs of classes.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/pair_quotient.h"

#include <math.h>
#include <stdlib.h>

#define MERGED 0.8 /* classes, by agents, from which it pays to know of them */

void pair_quotient_free(pair_quotient *self)
{
    pair_level_free(&self->level);
    pair_basis_free(&self->basis);
    free(self->work);
    *self = (pair_quotient){0};
}

static void quotient_apply(const void *context, const double *h, double a, double b, double c, double *out)
{
    const pair_quotient *self = context;
    const size_t n = pair_level_size(&self->level);
    pair_level_apply(&self->level, h, self->work);
    for (size_t i = 0; i < n; i++)
        out[i] = b * h[i] - a * self->work[i] + (c == 0 ? 0 : c * out[i]);
}

static void quotient_measure(const void *context, const double *h, double moments[2])
{
    pair_basis_measure(&((const pair_quotient *)context)->basis, h, moments);
}

static void quotient_rates(const void *context, const double *h, const double *change, double *least, double *largest,
                           double *mean)
{
    const pair_quotient *self = context;
    double above = 0, below = 0;
    *least = INFINITY;
    *largest = -INFINITY;
    for (size_t i = 0; i < pair_level_size(&self->level); i++) {
        if (h[i] <= 0)
            continue;
        *least = fmin(*least, -change[i] / h[i]);
        *largest = fmax(*largest, -change[i] / h[i]);
        above -= h[i] * change[i];
        below += h[i] * h[i];
    }
    *mean = above / below;
}

/* Diagonal of A at pairs of one agent's, what stays within the class included. */
static double largest_rate(const pair_level *l, size_t a)
{
    double two = l->kill[a], own = l->own_kill[a];
    for (uint64_t e = l->first[a]; e < l->first[a + 1]; e++) {
        two += l->rate[e].hear;
        own += l->rate[e].turn + l->rate[e].pass;
    }
    return fmax(2 * two, own);
}

qsg_status pair_quotient_init(pair_quotient *self, const pair_law *law, pair_map *map, qsg_error *error)
{
    double bound = 0;
    if (!pair_law_graph(law) || law->innovation > 0)
        return QSG_OK;
    double *weight = malloc(law->n * sizeof *weight); /* any will do: who is alike has the same rates */
    for (size_t i = 0; i < law->n && weight; i++)
        weight[i] = 1;
    qsg_status status = weight ? pair_level_of_law(&self->level, law, weight, error)
                               : qsg_fail(error, QSG_ENOMEM, "no memory for the classes of %zu agents", law->n);
    free(weight);
    const pair_level *l = &self->level;
    if (!status && (double)l->n > MERGED * (double)law->n) {
        pair_level_free(&self->level);
        return QSG_OK;
    }
    if (!status)
        status = pair_basis_init(&self->basis, l, law->n, 0, error);
    self->work = status ? NULL : malloc(pair_level_size(l) * sizeof *self->work);
    if (!status && !self->work)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu pairs", pair_level_size(l));
    for (size_t a = 0; a < l->n && !status; a++)
        bound = fmax(bound, largest_rate(l, a));
    if (status)
        pair_quotient_free(self);
    else
        *map = (pair_map){.context = self, .n = pair_level_size(l), .bound = fmin(bound, 1), .symmetric = map->symmetric,
                          .work = 3 * (double)l->n * ((double)l->arcs + 3 * (double)l->n), .apply = quotient_apply,
                          .measure = quotient_measure, .rates = quotient_rates};
    return status;
}

void pair_quotient_start_mode(const pair_quotient *self, double *full)
{
    const pair_level *l = &self->level;
    for (size_t a = 0; a < l->n; a++) {
        double *s = full + l->n * l->n;
        s[a] = !l->fixed[a];
        for (size_t b = 0; b < l->n; b++)
            full[a * l->n + b] = !l->fixed[a] || !l->fixed[b];
        if (pair_level_single(l, a))
            full[a * l->n + a] = s[a];
    }
}
