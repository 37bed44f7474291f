/* Law of the absorption time: backward equation in space, Laplace inversion in time (doc/theory/absorption.md,
 * section 3).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/absorption.h"

#include <complex.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "theory/panels.h"

#define MAX_PANELS 2000
#define CHANGE 2.0  /* of G in a panel, so by 1/6 in a cell of the coarse mesh */
#define CELLS 12    /* a panel on the coarse mesh; twice as many on the fine one */
#define CONTOUR 32  /* nodes on the upper half of the parabola */
#define SPAN 10.0   /* one contour serves s0 .. SPAN s0, to e^{-2 pi CONTOUR/9} = 2e-10 */
#define WINDOWS 8   /* contours to either side of the typical time */
#define SHARP 3.5   /* nothing is absorbed earlier than this many standard deviations before the mean */
#define LINE 256    /* nodes on a vertical line, for the early part of a sharp law */
#define EARLY 1.0   /* of the scale, that is until the mean */
#define PERIOD 25.0 /* of the trapezoidal rule there, in standard deviations; it aliases by e^{-25} */
#define RARE 1e-4   /* a rarer winner has no quantiles: an absolute accuracy of 1e-6 would leave them two digits */
#define HOPELESS 1e-12 /* a winner rarer than this does not enter */

/* Chain that stands for the diffusion on a mesh (eq. 6): interior points only, in coalescent units. */
typedef struct {
    size_t n, start;
    double *left, *right, *mass; /* conductances to the neighbours and mass, each times e^{-G} at the point */
} chain;

/* The law on the event that one label wins.  A sharp law has a `shift` before which nothing happens; on its early part
 * the parabola would have to cancel huge exponentials, and a vertical line, where the transform of a sharp law falls
 * fast, takes over. */
typedef struct {
    double weight, shift, scale; /* probability of the event; coalescent units */
    struct {
        bool ready;
        double _Complex values[CONTOUR]; /* E[e^{-zT}; event]/z times the factor of dz */
    } windows[2 * WINDOWS];
    size_t n_line;
    double _Complex line[LINE];
} branch;

struct qsg_absorption_law {
    double lambda, mean;
    chain coarse, fine;
    branch branches[2];
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

static qsg_status chain_init(chain *self, const panels *mesh, const selection *s, size_t cells, qsg_error *error)
{
    chain made = {.n = mesh->n * cells - 1, .start = mesh->start * cells - 1};
    const size_t n = made.n;
    made.left = malloc(3 * n * sizeof *made.left);
    if (!made.left)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu points", n);
    made.right = made.left + n;
    made.mass = made.right + n;
    for (size_t i = 0; i <= n; i++) {
        const edge *a = &mesh->edges[i / cells], *b = a + 1;
        const double at = ((double)(i % cells) + 0.5) / (double)cells, h = length(a, b) / (double)cells;
        const double phi = selection_slope(s, a->x + at * (b->x - a->x), a->y + at * (b->y - a->y));
        if (i < n)
            made.left[i] = conductance(h, -phi);
        if (i > 0)
            made.right[i - 1] = conductance(h, phi);
    }
    for (size_t i = 0; i < n; i++) {
        const size_t k = (i + 1) / cells, r = (i + 1) % cells;
        const edge *a = &mesh->edges[k], *b = r ? a + 1 : a;
        const double at = (double)r / (double)cells, x = a->x + at * (b->x - a->x), y = a->y + at * (b->y - a->y);
        const double after = length(&mesh->edges[k], &mesh->edges[k + 1]) / (double)cells;
        const double before = r ? after : length(&mesh->edges[k - 1], &mesh->edges[k]) / (double)cells;
        made.mass[i] = (before + after) / (x * y);
    }
    *self = made;
    return QSG_OK;
}

/* E[e^{-zT}; label `winner` + 1 wins] from the start: (z mass - L) F = 0 with F = 1 at the winner's end (eq. 7).
 * Elimination from the other end leaves F_i = F_{i+1} forth_i/(e_i + forth_i) with sums only, so that a rare winner
 * keeps its digits although the cells shrink to 2^-40; a pivoting solver loses ten of them there. */
static double _Complex transform(const chain *c, double _Complex z, int winner)
{
    const double *back = winner == 0 ? c->left : c->right, *forth = winner == 0 ? c->right : c->left;
    const size_t steps = winner == 0 ? c->start : c->n - 1 - c->start;
    double _Complex absorbed = 1, product = 1; /* share of what steps back that does not come forth again */
    for (size_t k = 0; k < c->n; k++) {
        const size_t i = winner == 0 ? k : c->n - 1 - k;
        const double _Complex e = z * c->mass[i] + back[i] * absorbed, whole = 1 / (e + forth[i]);
        absorbed = e * whole;
        if (k >= steps)
            product *= forth[i] * whole;
    }
    return product;
}

/* Node k of the parabola of window w, and the factor of dz. */
static double _Complex contour(const branch *b, int w, int k, double _Complex *slope)
{
    const double s0 = b->scale / 3 * pow(SPAN, w - WINDOWS), root = sqrt(8 * SPAN + 1);
    const double step = root / CONTOUR, mu = M_PI / 4 * CONTOUR / (root * SPAN * s0), u = (k + 0.5) * step;
    const double _Complex base = 1 + I * u;
    *slope = step / M_PI * 2 * I * mu * base;
    return mu * base * base;
}

static void open_window(qsg_absorption_law *self, int winner, int w)
{
    branch *b = &self->branches[winner];
    for (int k = 0; k < CONTOUR; k++) {
        double _Complex slope;
        const double _Complex z = contour(b, w, k, &slope);
        const double _Complex rough = transform(&self->coarse, z, winner), fine = transform(&self->fine, z, winner);
        /* second order in the mesh: the next term goes by Richardson's rule */
        b->windows[w].values[k] = slope / z * (fine + (fine - rough) / 3);
    }
    b->windows[w].ready = true;
}

/* Abscissa and spacing of the vertical line. */
static double line_step(const branch *b, double *abscissa)
{
    const double period = PERIOD * b->scale / SHARP;
    *abscissa = PERIOD / period;
    return 2 * M_PI / period;
}

/* P(T <= tau and the label wins) by the trapezoidal rule on the line, in the clock that starts at the shift. */
static double absorbed_early(qsg_absorption_law *self, int winner, double tau)
{
    branch *b = &self->branches[winner];
    double abscissa, sum = 0;
    const double step = line_step(b, &abscissa);
    while (b->n_line < LINE && (b->n_line == 0 || cabs(b->line[b->n_line - 1]) > 1e-12 * cabs(b->line[0]))) {
        const double _Complex z = abscissa + I * (double)b->n_line * step;
        const double _Complex rough = transform(&self->coarse, z, winner), fine = transform(&self->fine, z, winner);
        b->line[b->n_line++] = cexp(z * b->shift) / z * (fine + (fine - rough) / 3);
    }
    for (size_t k = b->n_line; k-- > 0;)
        sum += (k ? 1 : 0.5) * creal(b->line[k] * cexp(I * (double)k * step * (tau - b->shift)));
    return exp(abscissa * (tau - b->shift)) * step / M_PI * sum;
}

static double between_limits(const branch *b, double absorbed)
{
    return fmin(fmax(b->weight - absorbed, 0), b->weight);
}

/* P(T > tau and the label wins). */
static double branch_survival(qsg_absorption_law *self, int winner, double tau)
{
    branch *b = &self->branches[winner];
    const double place = log(3 * (tau - b->shift) / b->scale) / log(SPAN) + WINDOWS;
    if (b->weight < HOPELESS || tau <= b->shift || place < 0)
        return b->weight;
    if (b->shift > 0 && tau - b->shift < EARLY * b->scale)
        return between_limits(b, absorbed_early(self, winner, tau));
    if (place >= 2 * WINDOWS)
        return 0;
    const int w = (int)place;
    if (!b->windows[w].ready)
        open_window(self, winner, w);
    double absorbed = 0;
    for (int k = 0; k < CONTOUR; k++) {
        double _Complex slope;
        absorbed += cimag(cexp(contour(b, w, k, &slope) * tau) * b->windows[w].values[k]);
    }
    return between_limits(b, absorbed);
}

qsg_status qsg_absorption_law_new(qsg_drift *drift, void *context, double lambda, double p, qsg_absorption_law **self,
                                  qsg_error *error)
{
    const selection s = {drift, context, lambda};
    qsg_absorption whole;
    panels mesh = {0};
    qsg_absorption_law *made = NULL;
    qsg_status status = selection_check(&s, p, error);
    if (!status && (p < 1e-290 || p == 1))
        status = qsg_fail(error, QSG_ENOEXIST, "the start is a consensus");
    if (!status)
        status = panels_init(&mesh, &s, p, CHANGE, MAX_PANELS, error);
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
    for (int i = 0; i < 2; i++)
        if (whole.probability[i] >= HOPELESS) {
            const double shift = fmax(whole.mean_given[i] - SHARP * whole.sd_given[i], 0) * lambda;
            made->branches[i].weight = whole.probability[i];
            made->branches[i].shift = shift;
            made->branches[i].scale = whole.mean_given[i] * lambda - shift;
        }
    status = chain_init(&made->coarse, &mesh, &s, CELLS, error);
    if (!status)
        status = chain_init(&made->fine, &mesh, &s, 2 * CELLS, error);
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
    free(self);
}

qsg_status qsg_absorption_law_survival(qsg_absorption_law *self, double t, double *any, double *label1,
                                       qsg_error *error)
{
    if (!(t >= 0))
        return qsg_fail(error, QSG_EDOMAIN, "time is %g; expected a number >= 0", t);
    *label1 = branch_survival(self, 0, t * self->lambda);
    *any = *label1 + branch_survival(self, 1, t * self->lambda);
    return QSG_OK;
}

/* P(T > tau), and the winner unless it is 0. */
static double survival_of(qsg_absorption_law *self, double tau, int winner)
{
    return winner > 0 ? branch_survival(self, winner - 1, tau)
                      : branch_survival(self, 0, tau) + branch_survival(self, 1, tau);
}

qsg_status qsg_absorption_law_quantile(qsg_absorption_law *self, double level, int winner, double *t,
                                       qsg_error *error)
{
    if (!(level > 0 && level < 1) || winner < 0 || winner > 2)
        return qsg_fail(error, QSG_EDOMAIN, "quantile level is %g of winner %d; expected (0, 1) and 0, 1 or 2", level,
                        winner);
    const double of = winner == 0 ? 1 : self->branches[winner - 1].weight;
    if (!(of > RARE))
        return qsg_fail(error, QSG_ENOEXIST, "label %d wins too rarely (%g) for quantiles", winner, of);
    const double target = (1 - level) * of;
    double low = 0, high = self->mean;
    while (survival_of(self, high, winner) > target) {
        low = high;
        high *= 2;
    }
    if (low == 0)
        for (low = high / 2; survival_of(self, low, winner) <= target; low /= 2) {
            high = low;
            if (!(low > 1e-12 * self->mean))
                return qsg_fail(error, QSG_ENUMERIC, "quantile level %g is below the accuracy of the law; expected 1e-6 or "
                                "more", level);
        }
    while (high - low > 1e-13 * high) {
        const double middle = low + (high - low) / 2;
        if (survival_of(self, middle, winner) > target)
            low = middle;
        else
            high = middle;
    }
    *t = (low + (high - low) / 2) / self->lambda;
    return QSG_OK;
}
