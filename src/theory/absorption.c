/* Who wins and when, by scale function and Green's function (doc/theory/absorption.md).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/absorption.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "theory/panels.h"

#define MAX_PANELS 60000
#define NEAREST 1e-290 /* a start nearer to 0 is there */
#define CHANGE 5.0 /* of G in a panel: e^G is then a polynomial of degree 15 to 1e-11 */

static double add_logs(double a, double b)
{
    if (a < b) {
        const double c = a;
        a = b;
        b = c;
    }
    return b == -INFINITY ? a : a + log1p(exp(b - a));
}

/* Logarithm of the integral of e^f from 0 to every node (or, backward, from the node to 1), and its value at the start.
 * `out` may be `f`. */
static double accumulate(const panels *mesh, const double *f, bool backward, double *out)
{
    double sum = -INFINITY, at_start = -INFINITY;
    for (size_t step = 0; step < mesh->n; step++) {
        const size_t k = backward ? mesh->n - 1 - step : step;
        const edge *a = &mesh->edges[k], *b = a + 1;
        const double *in = f + k * PANEL_NODES;
        double top = in[0], scaled[PANEL_NODES], total = 0;
        for (size_t i = 1; i < PANEL_NODES; i++)
            top = fmax(top, in[i]);
        for (size_t i = 0; i < PANEL_NODES; i++) {
            scaled[i] = exp(in[i] - top);
            total += mesh->total[i] * scaled[i];
        }
        top += log(a->x < 0.5 ? b->x - a->x : a->y - b->y);
        if (k + backward == mesh->start)
            at_start = sum;
        for (size_t i = 0; i < PANEL_NODES; i++) {
            double part = 0; /* the rule is symmetric, so the backward matrix is the mirrored one */
            for (size_t j = 0; j < PANEL_NODES; j++)
                part += backward ? mesh->left[PANEL_NODES - 1 - i][PANEL_NODES - 1 - j] * scaled[j]
                                 : mesh->left[i][j] * scaled[j];
            out[k * PANEL_NODES + i] = add_logs(sum, top + log(part));
        }
        sum = add_logs(sum, top + log(total));
    }
    return at_start;
}

/* ln u and ln(1 - u) at the nodes and at the start, u the probability that label 1 wins (eq. 2), and
 * ln(S(1) 2 e^G/(x (1-x))), the speed density that belongs to u as scale. */
typedef struct {
    double *up, *down, *speed, *work;
    double start_up, start_down;
} scale;

static void set_scale(const panels *mesh, scale *s)
{
    const size_t n = mesh->n * PANEL_NODES;
    for (size_t i = 0; i < n; i++)
        s->work[i] = -mesh->potential[i];
    const double left = accumulate(mesh, s->work, false, s->up);
    const double right = accumulate(mesh, s->work, true, s->down);
    const double all = add_logs(left, right);
    for (size_t i = 0; i < n; i++) {
        s->up[i] -= all;
        s->down[i] -= all;
        s->speed[i] = mesh->weight[i] + mesh->potential[i] + all;
    }
    s->start_up = left - all;
    s->start_down = right - all;
}

/* Solve L w = -e^source with w = 0 at both ends (eq. 3): ln w at the nodes into `out`, ln w at the start returned. */
static double green(const panels *mesh, const scale *s, const double *source, double *out)
{
    const size_t n = mesh->n * PANEL_NODES;
    for (size_t i = 0; i < n; i++)
        s->work[i] = source[i] + s->up[i] + s->speed[i];
    const double left = accumulate(mesh, s->work, false, s->work);
    for (size_t i = 0; i < n; i++) {
        const double back = source[i] + s->down[i] + s->speed[i];
        out[i] = s->work[i] + s->down[i];
        s->work[i] = back;
    }
    const double right = accumulate(mesh, s->work, true, s->work);
    for (size_t i = 0; i < n; i++)
        out[i] = add_logs(out[i], s->work[i] + s->up[i]);
    return add_logs(left + s->start_down, right + s->start_up);
}

/* Mean and standard deviation of the time on the event whose ln probability is `event` at the nodes. */
static void moments_on(const panels *mesh, const scale *s, const double *event, double at_start, double *w,
                       double lambda, double *mean, double *sd)
{
    const double first = green(mesh, s, event, w) - at_start;
    for (size_t i = 0; i < mesh->n * PANEL_NODES; i++)
        w[i] += M_LN2;
    const double second = green(mesh, s, w, w) - at_start;
    *mean = exp(first) / lambda;
    *sd = *mean * sqrt(fmax(expm1(second - 2 * first), 0));
}

qsg_status qsg_absorption_solve(qsg_drift *drift, void *context, double lambda, double p, qsg_absorption *out,
                                qsg_error *error)
{
    const selection sel = {drift, context, lambda};
    panels mesh = {0};
    qsg_absorption found = {.probability = {p, 1 - p}};
    qsg_status status = selection_check(&sel, p, error);
    if (status)
        return status;
    if (p < NEAREST || p == 1) {
        found.mean_given[p == 1] = found.sd_given[p == 1] = NAN; /* the other label never wins */
        *out = found;
        return QSG_OK;
    }
    status = panels_init(&mesh, &sel, p, CHANGE, MAX_PANELS, error);
    if (status)
        return status;
    const size_t n = mesh.n * PANEL_NODES;
    double *memory = calloc(6 * n, sizeof *memory);
    if (!memory) {
        panels_free(&mesh);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu nodes", n);
    }
    scale s = {memory, memory + n, memory + 2 * n, memory + 3 * n, 0, 0};
    double *none = memory + 4 * n, *w = memory + 5 * n;
    set_scale(&mesh, &s);
    found.probability[0] = exp(s.start_up);
    found.probability[1] = exp(s.start_down);
    moments_on(&mesh, &s, none, 0, w, lambda, &found.mean, &found.sd);
    moments_on(&mesh, &s, s.up, s.start_up, w, lambda, &found.mean_given[0], &found.sd_given[0]);
    moments_on(&mesh, &s, s.down, s.start_down, w, lambda, &found.mean_given[1], &found.sd_given[1]);
    free(memory);
    panels_free(&mesh);
    if (!(found.mean < 1e300 && found.sd < 1e300 && found.mean_given[0] < 1e300 && found.mean_given[1] < 1e300 &&
          found.sd_given[0] < 1e300 && found.sd_given[1] < 1e300))
        return qsg_fail(error, QSG_ENUMERIC, "the mean time to consensus is beyond 1e300 interactions");
    *out = found;
    return QSG_OK;
}
