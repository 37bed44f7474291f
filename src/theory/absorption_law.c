/* Law of the absorption time: backward equation in space, Laplace inversion in time (doc/theory/absorption.md,
 * section 3).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/absorption.h"

#include <complex.h>
#include <lapacke.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "theory/panels.h"

#define MAX_PANELS 2000
#define CELLS 12           /* a panel on the coarse mesh; twice as many on the fine one */
#define CONTOUR 32         /* nodes on the upper half of the parabola */
#define SPAN 10.0          /* one contour serves times t0 .. SPAN t0, to e^{-2 pi CONTOUR/9} = 2e-10 */
#define RARE 1e-4 /* a rarer winner has no quantiles: an absolute accuracy of 1e-6 would leave them two digits */
#define WINDOWS 8          /* contours to either side of the mean */

/* Chain that stands for the diffusion on a mesh (eq. 6): interior points only, in coalescent units. */
typedef struct {
    size_t n, start;
    double *left, *right, *mass; /* conductances to the neighbours and mass, each times e^{-G} at the point */
    double *win;                 /* probability that label 1 wins */
} chain;

typedef struct {
    bool ready;
    double _Complex any[CONTOUR], label1[CONTOUR]; /* transforms of P(T > t) and P(T > t, 1 wins) at the start */
} window;

struct qsg_absorption_law {
    double lambda, mean, win; /* mean in coalescent units */
    chain coarse, fine;
    double _Complex *memory;  /* three diagonals and two right sides of the fine chain */
    window windows[2 * WINDOWS];
};

static void chain_free(chain *self)
{
    free(self->left);
    *self = (chain){0};
}

/* 1/int_0^h e^{-phi s} ds: the conductance of a cell seen from its left end; from its right end with -phi. */
static double conductance(double h, double phi)
{
    const double z = phi * h;
    return (fabs(z) < 1e-8 ? 1 + z / 2 : z / -expm1(-z)) / h;
}

static double length(const edge *a, const edge *b)
{
    return a->x < 0.5 ? b->x - a->x : a->y - b->y;
}

/* u on the chain: sums of the resistances e^{-G}, relative to the largest. */
static void set_winner(chain *self, const double *drop, const double *resistance)
{
    double top = 0, g = 0, sum = 0;
    for (size_t i = 0; i <= self->n; i++) {
        top = fmax(top, -g);
        g += drop[i];
    }
    g = 0;
    for (size_t i = 0; i <= self->n; i++) {
        sum += exp(-g - top) * resistance[i];
        if (i < self->n)
            self->win[i] = sum;
        g += drop[i];
    }
    for (size_t i = 0; i < self->n; i++)
        self->win[i] /= sum;
}

static qsg_status chain_init(chain *self, const panels *mesh, const selection *s, size_t cells, qsg_error *error)
{
    chain made = {.n = mesh->n * cells - 1, .start = mesh->start * cells - 1};
    const size_t n = made.n;
    made.left = malloc((6 * n + 2) * sizeof *made.left);
    if (!made.left)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu points", n);
    made.right = made.left + n;
    made.mass = made.right + n;
    made.win = made.mass + n;
    double *drop = made.win + n, *resistance = drop + n + 1;
    for (size_t i = 0; i <= n; i++) {
        const edge *a = &mesh->edges[i / cells], *b = a + 1;
        const double at = ((double)(i % cells) + 0.5) / (double)cells, h = length(a, b) / (double)cells;
        const double phi = selection_slope(s, a->x + at * (b->x - a->x), a->y + at * (b->y - a->y));
        if (i < n)
            made.left[i] = conductance(h, -phi);
        if (i > 0)
            made.right[i - 1] = conductance(h, phi);
        drop[i] = phi * h;
        resistance[i] = 1 / conductance(h, phi);
    }
    for (size_t i = 0; i < n; i++) {
        const size_t k = (i + 1) / cells, r = (i + 1) % cells;
        const edge *a = &mesh->edges[k], *b = r ? a + 1 : a;
        const double at = (double)r / (double)cells, x = a->x + at * (b->x - a->x), y = a->y + at * (b->y - a->y);
        const double after = length(&mesh->edges[k], &mesh->edges[k + 1]) / (double)cells;
        const double before = r ? after : length(&mesh->edges[k - 1], &mesh->edges[k]) / (double)cells;
        made.mass[i] = (before + after) / (x * y);
    }
    set_winner(&made, drop, resistance);
    *self = made;
    return QSG_OK;
}

/* Transforms at z: (z mass - L) F = mass g for g = 1 and g = win; values at the start. */
static qsg_status resolvent(const chain *c, double _Complex z, double _Complex *memory, double _Complex *any,
                            double _Complex *label1)
{
    const size_t n = c->n;
    double _Complex *lower = memory, *diagonal = memory + n, *upper = memory + 2 * n, *right = memory + 3 * n;
    for (size_t i = 0; i < n; i++) {
        diagonal[i] = z * c->mass[i] + c->left[i] + c->right[i];
        upper[i] = -c->right[i];
        if (i)
            lower[i - 1] = -c->left[i];
        right[i] = c->mass[i];
        right[n + i] = c->mass[i] * c->win[i];
    }
    if (LAPACKE_zgtsv_work(LAPACK_COL_MAJOR, (lapack_int)n, 2, lower, diagonal, upper, right, (lapack_int)n) != 0)
        return QSG_ENUMERIC;
    *any = right[c->start];
    *label1 = right[n + c->start];
    return QSG_OK;
}

/* Points of the parabola for window w and the factor of dz. */
static double _Complex contour(const qsg_absorption_law *self, int w, int k, double _Complex *slope)
{
    const double t0 = self->mean / 3 * pow(SPAN, w - WINDOWS), root = sqrt(8 * SPAN + 1);
    const double step = root / CONTOUR, mu = M_PI / 4 * CONTOUR / (root * SPAN * t0), u = (k + 0.5) * step;
    const double _Complex base = 1 + I * u;
    *slope = step / M_PI * 2 * I * mu * base;
    return mu * base * base;
}

static qsg_status open_window(qsg_absorption_law *self, int w, qsg_error *error)
{
    window made = {.ready = true};
    for (int k = 0; k < CONTOUR; k++) {
        double _Complex slope, any[2], label1[2];
        const double _Complex z = contour(self, w, k, &slope);
        if (resolvent(&self->coarse, z, self->memory, &any[0], &label1[0]) ||
            resolvent(&self->fine, z, self->memory, &any[1], &label1[1]))
            return qsg_fail(error, QSG_ENUMERIC, "the backward equation is singular");
        /* second order in the mesh: the next term goes by Richardson's rule */
        made.any[k] = slope * (any[1] + (any[1] - any[0]) / 3);
        made.label1[k] = slope * (label1[1] + (label1[1] - label1[0]) / 3);
    }
    self->windows[w] = made;
    return QSG_OK;
}

qsg_status qsg_absorption_law_new(qsg_drift *drift, void *context, double lambda, double p, qsg_absorption_law **self,
                                  qsg_error *error)
{
    const selection s = {drift, context, lambda};
    qsg_absorption whole;
    panels mesh = {0};
    qsg_absorption_law *made = NULL;
    qsg_status status = selection_check(&s, p, error);
    if (!status && (p == 0 || p == 1))
        status = qsg_fail(error, QSG_ENOEXIST, "the start is a consensus");
    if (!status)
        status = panels_init(&mesh, &s, p, MAX_PANELS, error);
    if (!status)
        status = qsg_absorption_solve(drift, context, lambda, p, &whole, error);
    if (status)
        goto out;
    made = calloc(1, sizeof *made);
    if (!made) {
        status = qsg_fail(error, QSG_ENOMEM, "no memory for the law");
        goto out;
    }
    made->lambda = lambda;
    made->mean = whole.mean * lambda;
    made->win = whole.probability[0];
    status = chain_init(&made->coarse, &mesh, &s, CELLS, error);
    if (!status)
        status = chain_init(&made->fine, &mesh, &s, 2 * CELLS, error);
    if (status)
        goto out;
    made->memory = malloc(5 * made->fine.n * sizeof *made->memory);
    if (!made->memory)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu points", made->fine.n);
out:
    panels_free(&mesh);
    if (status)
        qsg_absorption_law_free(made);
    else
        *self = made;
    return status;
}

void qsg_absorption_law_free(qsg_absorption_law *self)
{
    if (!self)
        return;
    chain_free(&self->coarse);
    chain_free(&self->fine);
    free(self->memory);
    free(self);
}

static double clip(double value, double top)
{
    return value < 0 ? 0 : value > top ? top : value;
}

qsg_status qsg_absorption_law_survival(qsg_absorption_law *self, double t, double *any, double *label1,
                                       qsg_error *error)
{
    const double tau = t * self->lambda, place = log(3 * tau / self->mean) / log(SPAN) + WINDOWS;
    double sum = 0, sum1 = 0;
    if (!(place >= 0 && place < 2 * WINDOWS))
        return qsg_fail(error, QSG_EDOMAIN, "time is %g; expected 1e-%d to 1e%d times the mean %g", t, WINDOWS,
                        WINDOWS - 1, self->mean / self->lambda);
    const int w = (int)place;
    qsg_status status = self->windows[w].ready ? QSG_OK : open_window(self, w, error);
    if (status)
        return status;
    for (int k = 0; k < CONTOUR; k++) {
        double _Complex slope;
        const double _Complex kernel = cexp(contour(self, w, k, &slope) * tau);
        sum += cimag(kernel * self->windows[w].any[k]);
        sum1 += cimag(kernel * self->windows[w].label1[k]);
    }
    *any = clip(sum, 1);
    *label1 = clip(sum1, self->win);
    return QSG_OK;
}

/* P(T > t and the winner) into *survival. */
static qsg_status survival_of(qsg_absorption_law *self, double t, int winner, double *survival, qsg_error *error)
{
    double any, label1;
    qsg_status status = qsg_absorption_law_survival(self, t, &any, &label1, error);
    if (!status)
        *survival = winner == 0 ? any : winner == 1 ? label1 : any - label1;
    return status;
}

qsg_status qsg_absorption_law_quantile(qsg_absorption_law *self, double level, int winner, double *t,
                                       qsg_error *error)
{
    const double of = winner == 0 ? 1 : winner == 1 ? self->win : 1 - self->win;
    if (!(level > 0 && level < 1) || winner < 0 || winner > 2)
        return qsg_fail(error, QSG_EDOMAIN, "quantile level is %g of winner %d; expected (0, 1) and 0, 1 or 2", level,
                        winner);
    if (!(of > RARE))
        return qsg_fail(error, QSG_ENOEXIST, "label %d wins too rarely (%g) for quantiles", winner, of);
    const double target = (1 - level) * of;
    double low = 0, high = self->mean / self->lambda, survival;
    qsg_status status;
    while (!(status = survival_of(self, high, winner, &survival, error)) && survival > target) {
        low = high;
        high *= 2;
    }
    if (!status && low == 0)
        for (low = high / 2; !(status = survival_of(self, low, winner, &survival, error)) && survival <= target; low /= 2)
            high = low;
    while (!status && high - low > 1e-12 * high) {
        const double middle = low + (high - low) / 2;
        status = survival_of(self, middle, winner, &survival, error);
        if (survival > target)
            low = middle;
        else
            high = middle;
    }
    if (!status)
        *t = low + (high - low) / 2;
    return status;
}
