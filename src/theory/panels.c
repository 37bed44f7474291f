/* Adaptive panels for diffusions on [0, 1] (doc/theory/absorption.md, section 2).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/panels.h"

#include <gsl/gsl_integration.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define FINEST 40      /* grading: the end panels are 2^-40 wide, or 2^-10 of a start that is nearer */
#define MAX_DEPTH 40
#define ROUGHNESS 1e-11 /* accepted error of the change of G in a panel */

double selection_slope(const selection *self, double x, double y)
{
    return 2 * self->drift(x, self->context) / (self->lambda * x * y);
}

qsg_status selection_check(const selection *self, double p, qsg_error *error)
{
    if (!(p >= 0 && p <= 1))
        return qsg_fail(error, QSG_EDOMAIN, "start is out of range (%g); expected a number in [0, 1]", p);
    if (!(self->lambda > 0 && isfinite(self->lambda)))
        return qsg_fail(error, QSG_EDOMAIN, "variance rate is out of range (%g); expected a number > 0", self->lambda);
    for (int end = 0; end < 2; end++) {
        const double drift = self->drift(end, self->context);
        if (!(fabs(drift) <= 1e-9 * self->lambda))
            return qsg_fail(error, QSG_EMODEL, "drift at p = %d is %g, so that end does not absorb; expected 0", end,
                            drift);
    }
    return QSG_OK;
}

/* Nodes, weights and the matrix of partial integrals: the Lagrange polynomial of a node is
 * w_j sum_n (2n+1)/2 P_n(x_j) P_n(x), and (2n+1) int_{-1}^x P_n = P_{n+1} - P_{n-1}. */
static qsg_status set_rule(panels *self)
{
    enum { N = PANEL_NODES };
    double x[N], legendre[N][N + 1];
    gsl_integration_glfixed_table *rule = gsl_integration_glfixed_table_alloc(N);
    if (!rule)
        return QSG_ENOMEM;
    for (size_t i = 0; i < N; i++) {
        gsl_integration_glfixed_point(-1, 1, i, &x[i], &self->total[i], rule);
        legendre[i][0] = 1;
        legendre[i][1] = x[i];
        for (int n = 1; n < N; n++)
            legendre[i][n + 1] = ((2 * n + 1) * x[i] * legendre[i][n] - n * legendre[i][n - 1]) / (n + 1);
    }
    gsl_integration_glfixed_table_free(rule);
    for (size_t i = 0; i < N; i++) {
        self->inside[i] = (1 + x[i]) / 2;
        for (size_t j = 0; j < N; j++) {
            double sum = 1 + x[i];
            for (int n = 1; n < N; n++)
                sum += legendre[j][n] * (legendre[i][n + 1] - legendre[i][n - 1]);
            self->left[i][j] = self->total[j] * sum / 4;
        }
    }
    for (size_t j = 0; j < N; j++)
        self->total[j] /= 2;
    return QSG_OK;
}

static edge between(const edge *a, const edge *b, double at)
{
    return (edge){a->x + at * (b->x - a->x), a->y + at * (b->y - a->y)};
}

/* Distance that keeps its accuracy at either end. */
static double width(const edge *a, const edge *b)
{
    return a->x < 0.5 ? b->x - a->x : a->y - b->y;
}

/* Change of G over [a, b] and the integral of |phi|. */
static double change_over(const panels *self, const selection *s, const edge *a, const edge *b, double *size)
{
    double sum = 0;
    *size = 0;
    for (size_t i = 0; i < PANEL_NODES; i++) {
        const edge at = between(a, b, self->inside[i]);
        const double phi = selection_slope(s, at.x, at.y) * width(a, b) * self->total[i];
        sum += phi;
        *size += fabs(phi);
    }
    return sum;
}

static qsg_status add_panel(panels *self, size_t *room, size_t limit, edge end, qsg_error *error)
{
    if (self->n == limit)
        return qsg_fail(error, QSG_ENUMERIC, "the drift is too steep or too rough for %zu panels", limit);
    if (self->n + 2 > *room) {
        edge *grown = realloc(self->edges, 2 * *room * sizeof *grown);
        if (!grown)
            return qsg_fail(error, QSG_ENOMEM, "no memory for %zu panels", *room);
        self->edges = grown;
        *room *= 2;
    }
    self->edges[++self->n] = end;
    return QSG_OK;
}

/* Append [last edge, end], halved until G is resolved. */
static qsg_status append(panels *self, const selection *s, size_t *room, size_t limit, edge end, qsg_error *error)
{
    edge pending[MAX_DEPTH + 1];
    size_t depth = 0;
    qsg_status status = QSG_OK;
    pending[0] = end;
    while (!status) {
        const edge from = self->edges[self->n], to = pending[depth], half = between(&from, &to, 0.5);
        double size, low, high;
        const double whole = change_over(self, s, &from, &to, &size);
        const double parts = change_over(self, s, &from, &half, &low) + change_over(self, s, &half, &to, &high);
        if (!isfinite(whole) || !isfinite(parts))
            return qsg_fail(error, QSG_ENUMERIC, "the drift is not finite near p = %g", half.x);
        if (low + high <= self->change && fabs(whole - parts) <= ROUGHNESS) {
            status = add_panel(self, room, limit, to, error);
            if (depth-- == 0)
                break;
        } else if (depth == MAX_DEPTH) {
            return qsg_fail(error, QSG_ENUMERIC, "the drift is too steep or too rough near p = %g", half.x);
        } else {
            pending[++depth] = half;
        }
    }
    return status;
}

/* Fill G and the logarithmic speed factor at the nodes. */
static void set_nodes(panels *self, const selection *s)
{
    double before = 0;
    for (size_t k = 0; k < self->n; k++) {
        const edge *a = &self->edges[k], *b = a + 1;
        const double h = width(a, b);
        double phi[PANEL_NODES], sum = 0;
        for (size_t i = 0; i < PANEL_NODES; i++) {
            const edge at = between(a, b, self->inside[i]);
            phi[i] = h * selection_slope(s, at.x, at.y);
            sum += phi[i] * self->total[i];
            self->weight[k * PANEL_NODES + i] = log(2 / (at.x * at.y));
        }
        for (size_t i = 0; i < PANEL_NODES; i++) {
            double g = before;
            for (size_t j = 0; j < PANEL_NODES; j++)
                g += self->left[i][j] * phi[j];
            self->potential[k * PANEL_NODES + i] = g;
        }
        before += sum;
    }
}

/* The edges from `from` to `to` (both powers of 1/2, or a start nearer to the end) on the left half, then mirrored. */
static qsg_status grade(panels *self, const selection *s, double p, size_t limit, size_t *room, qsg_error *error)
{
    const double nearest = fmin(p, 1 - p);
    const int finest = nearest * 0x1p-10 < 0x1p-40 ? (int)ceil(10 - log2(nearest)) : FINEST;
    const edge start = {p, 1 - p};
    qsg_status status = QSG_OK;
    bool placed = false;
    for (int side = 0; side < 2 && !status; side++)
        for (int i = 0; i <= finest && !status; i++) {
            const int power = side == 0 ? finest - i : i + 2;
            const double small = power > finest ? 0 : ldexp(1, -power);
            const edge next = side == 0 ? (edge){small, 1 - small} : (edge){1 - small, small};
            if (side == 0 && power == 0)
                break;
            const edge *last = &self->edges[self->n];
            if (!placed && (p < next.x || (p == next.x && start.y >= next.y))) {
                placed = true;
                if (width(last, &start) > 0)
                    status = append(self, s, room, limit, start, error);
                self->start = self->n;
                if (p == next.x)
                    continue;
            }
            if (!status)
                status = append(self, s, room, limit, next, error);
            if (small == 0)
                break;
        }
    return status;
}

qsg_status panels_init(panels *self, const selection *s, double p, double change, size_t limit,
                       qsg_error *error)
{
    panels made = {.change = change};
    size_t room = 256;
    qsg_status status = set_rule(&made);
    made.edges = malloc(room * sizeof *made.edges);
    if (status || !made.edges) {
        status = qsg_fail(error, QSG_ENOMEM, "no memory for the panels");
        goto out;
    }
    made.edges[0] = (edge){0, 1};
    status = grade(&made, s, p, limit, &room, error);
    if (status)
        goto out;
    made.potential = malloc(2 * made.n * PANEL_NODES * sizeof *made.potential);
    if (!made.potential) {
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu panels", made.n);
        goto out;
    }
    made.weight = made.potential + made.n * PANEL_NODES;
    set_nodes(&made, s);
    *self = made;
    return QSG_OK;
out:
    panels_free(&made);
    return status;
}

void panels_free(panels *self)
{
    free(self->edges);
    free(self->potential);
    *self = (panels){0};
}
