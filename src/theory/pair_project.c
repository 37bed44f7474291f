/* (1-A)^t h = V (1-T)^t V'h, nearly, with T = V'AV and V spanned by the slowest mode and by what (A + s) x = h still lacks at
 * a few s > 0, chosen where the vectors so far are worst: a rational Krylov space, whose length grows with the logarithm of
 * the range of rates.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/pair_project.h"

#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "theory/pair_basis.h"
#include "theory/pair_cycle.h"
#include "theory/pair_series.h"

#define MOST PAIR_BASIS_MOST
#define MEMORY 2.4e9     /* bytes for the vectors */
#define TOLERANCE 1e-8
#define WORST 1e-7       /* still answered */
#define SAFETY 10.0      /* error over the last changes: 8 to 11 was the worst met, for V */
#define STABLE 3         /* so many additions in a row must change no more than that */
#define SOLVED 1e-5      /* error of a new direction that is left, relative, in the norm of A + s */
#define MOST_CYCLES 20   /* for it */
#define NOTHING 1e-14    /* new in a direction, relative to the answer so far: the start has no more modes */
#define DEAD 60.0        /* largest s, times t: twice what decays by 1e-13 */
#define CANDIDATES 100   /* values of s looked at */
#define CYCLES 150.0     /* that an answer takes, roughly: 20 directions of 7 or 8 */
#define CYCLE_WORK 12.0  /* applications that a cycle takes */

typedef struct {
    double *room, *left, *answer, *way, *image, *sum, *work;
} directions;

struct pair_project {
    const pair_graph *graph;
    pair_tower tower;
    pair_basis basis;
    double rate, rounding; /* absolute error of a rate */
    double application, work, max_work; /* operations: of the map, done, allowed */
    double matrix[MOST * MOST];      /* T, a column each */
    double start[MOST], f[MOST], v[MOST]; /* V'h; f and V of each vector */
    double shift[MOST];
    size_t shifts, idle; /* values of s used; the last ones, at which nothing was lacking */
    double earliest;      /* time asked for: what lacks nothing for later ones may lack something here */
    directions directions;
};

/* Modes of T: the moments are sums of f e^{-..} and v e^{-..}. */
typedef struct {
    size_t n;
    double rate[MOST], f[MOST], v[MOST];
} modes;

static const pair_level *first_level(const pair_project *self)
{
    return &self->tower.at[0].level;
}

void pair_project_free(pair_project *self)
{
    if (!self)
        return;
    pair_tower_free(&self->tower);
    pair_basis_free(&self->basis);
    free(self->directions.room);
    free(self);
}

static double application(const pair_level *l)
{
    const double n = (double)l->n;
    return n * (3 * (double)l->arcs + 12 * n);
}

double pair_project_work(const pair_graph *graph)
{
    return CYCLES * CYCLE_WORK * application(&graph->level);
}

/* Rounding of a rate: each is a sum of terms of the size of the largest. */
static double rounding(const pair_level *l)
{
    double largest = 0;
    for (size_t a = 0; a < l->n; a++)
        largest = fmax(largest, fmax(2 * l->out[a], l->own_out[a]));
    return 8 * DBL_EPSILON * largest;
}

static qsg_status take_directions(pair_project *self, qsg_error *error)
{
    const size_t n = pair_level_size(first_level(self));
    directions *d = &self->directions;
    d->room = malloc(6 * n * sizeof *d->room);
    if (!d->room)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu pairs", n);
    d->left = d->room;
    d->answer = d->left + n;
    d->way = d->answer + n;
    d->image = d->way + n;
    d->sum = d->image + n;
    d->work = d->sum + n;
    return QSG_OK;
}

/* Add a direction, and what T and the functionals make of it; false when the square of what is new in it is not above
 * `least`, or there is no room. */
static bool add(pair_project *self, double *full, double least, double *work)
{
    pair_basis *b = &self->basis;
    const size_t k = b->count;
    double moments[2];
    if (!pair_basis_admit(b, full, least, work))
        return false;
    pair_graph_measure(self->graph, full, moments);
    self->f[k] = moments[0];
    self->v[k] = moments[1];
    self->start[k] = pair_basis_product(b, b->start, full);
    pair_level_apply(first_level(self), full, work);
    for (size_t j = 0; j <= k; j++)
        self->matrix[j * MOST + k] = self->matrix[k * MOST + j] =
            pair_basis_product(b, b->v[j], work) - (j == k ? self->tower.shift : 0);
    return true;
}

/* The start, and the slowest mode as the first vector; full and work: room for a full vector each. */
static qsg_status set_start(pair_project *self, const pair_population *population, const double *mode, double *full,
                            double *work, qsg_error *error)
{
    const pair_level *l = first_level(self);
    const size_t n = l->n, size = pair_level_size(l);
    pair_graph_start(self->graph, population, full);
    pair_basis_set_start(&self->basis, full);
    for (size_t a = 0; a < n; a++) /* voters' own pairs feed the others and get nothing back */
        if (l->apart && full[n * n + a] > 0)
            return qsg_fail(error, QSG_ENOEXIST, "the map of this graph's pairs is not symmetric");
    memcpy(full, mode, size * sizeof *full);
    return add(self, full, 0, work) ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for %zu pairs", size);
}

/* Rates of T, of its first n vectors, and the part of the start in each mode. */
static bool find_modes(const pair_project *self, size_t n, modes *m)
{
    double a[MOST * MOST];
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            a[i * n + j] = self->matrix[i * MOST + j];
    m->n = n;
    if (n == 0 || LAPACKE_dsyev(LAPACK_ROW_MAJOR, 'V', 'U', (lapack_int)n, a, (lapack_int)n, m->rate))
        return false;
    for (size_t k = 0; k < n; k++) {
        double start = 0, f = 0, v = 0;
        for (size_t i = 0; i < n; i++) {
            start += a[i * n + k] * self->start[i];
            f += a[i * n + k] * self->f[i];
            v += a[i * n + k] * self->v[i];
        }
        m->f[k] = f * start;
        m->v[k] = v * start;
    }
    return true;
}

static qsg_moments moments_at(const modes *m, double t)
{
    qsg_moments at = {0, 0};
    for (size_t k = 0; k < m->n; k++) {
        const double left = pair_series_power(m->rate[k], t);
        at.uncertainty += m->f[k] * left;
        at.disagreement += m->v[k] * left;
    }
    return at;
}

static double heterogeneity(const pair_project *self, const qsg_moments *at)
{
    return at->uncertainty + at->disagreement / self->graph->law->agents;
}

/* The next s: where the residual of the vectors, by their rates and shifts, is largest. */
static double next_shift(const pair_project *self, double largest)
{
    const double low = log(self->rate), high = log(fmax(largest, 10 * self->rate));
    modes m;
    double best = -INFINITY, shift = exp((low + high) / 2);
    if (self->idle) /* nothing is lacking: look all over the range before that is believed */
        return exp(low + (high - low) * (double)(self->idle - 1) / STABLE);
    if (!find_modes(self, self->basis.count, &m))
        return shift;
    for (int i = 0; i <= CANDIDATES && self->shifts; i++) {
        const double s = exp(low + (high - low) * i / CANDIDATES);
        double size = 0;
        for (size_t k = 0; k < self->shifts; k++)
            size += log(fabs(s - self->shift[k]));
        for (size_t k = 1; k < m.n; k++)
            size -= log(s + m.rate[k]);
        if (size > best) {
            best = size;
            shift = s;
        }
    }
    return shift;
}

/* left <- h - (A + s) x, x the answer within the vectors; `size`: its square. */
static qsg_status start_residual(pair_project *self, double *size, qsg_error *error)
{
    directions *d = &self->directions;
    const size_t n = self->basis.count;
    double a[MOST * MOST], c[MOST];
    const double one = 1;
    for (size_t i = 0; i < n; i++) {
        c[i] = self->start[i];
        for (size_t j = 0; j < n; j++)
            a[i * n + j] = self->matrix[i * MOST + j] + (i == j ? self->tower.shift : 0);
    }
    if (LAPACKE_dposv(LAPACK_ROW_MAJOR, 'U', (lapack_int)n, 1, a, (lapack_int)n, c, 1))
        return qsg_fail(error, QSG_ENUMERIC, "the pair moments of this graph are lost in rounding");
    *size = 0;
    for (size_t i = 0; i < n; i++)
        *size += c[i] * c[i];
    pair_basis_combine(&self->basis, c, d->way);
    pair_basis h = self->basis; /* the start alone, in full */
    h.count = 1;
    h.v[0] = h.start;
    pair_basis_combine(&h, &one, d->image);
    pair_level_combine(first_level(self), -1, d->way, 1, d->image, 0, NULL, d->left, d->left);
    return QSG_OK;
}

/* sum ~ (A + s)^-1 left by conjugate directions, the cycle being nearly the inverse. */
static void solve(pair_project *self)
{
    directions *d = &self->directions;
    const pair_level *l = first_level(self);
    double *way = d->way, *image = d->image, norm = 0, first = 0;
    memset(d->sum, 0, pair_level_size(l) * sizeof *d->sum);
    for (int step = 0; step < MOST_CYCLES; step++) {
        double along = 0, size;
        pair_tower_solve(&self->tower, d->left, d->answer, d->work);
        self->work += CYCLE_WORK * self->application;
        pair_level_products(l, 1, &d->left, d->answer, &size);
        first = step ? first : size;
        if (!(size > SOLVED * SOLVED * first))
            break;
        if (step) {
            pair_level_products(l, 1, &image, d->answer, &along);
            pair_level_add(l, -along / norm, way, d->answer);
        }
        d->way = d->answer;
        d->answer = way;
        way = d->way;
        pair_level_apply(l, way, image);
        pair_level_products(l, 1, &way, image, &norm);
        pair_level_products(l, 1, &way, d->left, &along);
        if (!(norm > 0))
            break;
        pair_level_add(l, along / norm, way, d->sum);
        pair_level_add(l, -along / norm, image, d->left);
    }
}

/* One vector more; none where nothing is lacking but rounding, as when the start has few modes. */
static qsg_status expand(pair_project *self, double largest, qsg_error *error)
{
    double size;
    if (self->shifts == MOST || self->idle > STABLE || self->basis.count == self->basis.most || self->work > self->max_work)
        return QSG_ENUMERIC;
    const double shift = next_shift(self, largest);
    qsg_status status = pair_tower_shift(&self->tower, shift, error);
    if (!status)
        status = start_residual(self, &size, error);
    if (status)
        return status;
    solve(self);
    if (add(self, self->directions.sum, NOTHING * NOTHING * size, self->directions.work)) {
        self->shift[self->shifts++] = shift;
        self->idle = 0;
    } else {
        self->idle++;
    }
    return QSG_OK;
}

/* The moments at t, and how much the last additions have changed them, then or a while before: faster modes weigh more there,
 * and what is not settled with them may be wrong by more than it changes. */
static double settle(const pair_project *self, double t, qsg_moments *at)
{
    static const double parts[] = {1, 0.5};
    const size_t count = self->basis.count, steps = self->idle > STABLE ? 0 : STABLE;
    const double agents = self->graph->law->agents;
    double change = 0;
    modes m;
    qsg_moments last[2] = {{0, 0}};
    if (count <= steps)
        return INFINITY;
    for (size_t back = 0; back <= steps; back++) {
        if (!find_modes(self, count - back, &m))
            return INFINITY;
        for (int k = 0; k < 2; k++) {
            const qsg_moments now = moments_at(&m, parts[k] * t);
            if (back == 0)
                last[k] = now;
            else
                change = fmax(change, (fabs(heterogeneity(self, &now) - heterogeneity(self, &last[k])) +
                                       fabs(now.disagreement - last[k].disagreement) / agents) /
                                          fmax(heterogeneity(self, &last[k]), DBL_MIN));
        }
    }
    *at = last[0];
    return change;
}

qsg_status pair_project_at(pair_project *self, double t, qsg_moments *end, double *accuracy, qsg_error *error)
{
    qsg_moments at = {0, 0};
    double change;
    qsg_status status = QSG_OK;
    if (t < self->earliest) {
        self->earliest = t;
        self->idle = 0;
    }
    while (change = settle(self, t, &at), !status && !(change <= TOLERANCE))
        status = expand(self, DEAD / t, error);
    if (!(change <= WORST))
        return status == QSG_ENOMEM ? status
               : qsg_fail(error, QSG_ENUMERIC, "the pair moments of this graph do not converge at t = %.3g (to %.1g with %zu "
                          "vectors)", t, SAFETY * change, self->basis.count);
    *end = (qsg_moments){fmax(at.uncertainty, 0), fmax(at.disagreement, 0)};
    *accuracy = SAFETY * change + t * self->rounding;
    return QSG_OK;
}

/* Where the sum of the modes falls to the target; 1 when it is there at once. */
static double time_of(const pair_project *self, double target)
{
    modes m;
    double low = 1, high = 1;
    if (!find_modes(self, self->basis.count, &m))
        return 1;
    for (;; low = high, high *= 2) {
        const qsg_moments at = moments_at(&m, high);
        if (heterogeneity(self, &at) <= target)
            break;
    }
    for (int step = 0; step < 200 && high - low > DBL_EPSILON * high; step++) {
        const double middle = low + (high - low) / 2;
        const qsg_moments at = moments_at(&m, middle);
        *(heterogeneity(self, &at) <= target ? &high : &low) = middle;
    }
    return high;
}

qsg_status pair_project_time(pair_project *self, double target, double *t, double *accuracy, qsg_error *error)
{
    double at = fmax(time_of(self, target), 1 / self->rate), before;
    qsg_moments end;
    do {
        qsg_status status = pair_project_at(self, at, &end, accuracy, error);
        if (status)
            return status;
        before = at;
        at = time_of(self, target);
    } while (fabs(at - before) > TOLERANCE * at);
    *t = at;
    *accuracy /= fmin(1, at * self->rate); /* H falls by the slowest rate at least */
    return QSG_OK;
}

qsg_status pair_project_new(pair_project **self, const pair_graph *graph, const pair_population *population,
                            const double *weight, double rate, const double *mode, double max_work, qsg_error *error)
{
    pair_project *made = calloc(1, sizeof *made);
    qsg_status status = made ? pair_tower_init(&made->tower, graph->law, weight, max_work, error)
                             : qsg_fail(error, QSG_ENOMEM, "no memory for the pairs of a graph");
    if (status) {
        pair_project_free(made);
        return status;
    }
    const pair_level *l = first_level(made);
    made->graph = graph;
    made->rate = rate;
    made->earliest = INFINITY;
    made->max_work = max_work;
    made->application = application(l);
    made->rounding = rounding(l);
    if (!pair_level_symmetric(l))
        status = qsg_fail(error, QSG_ENOEXIST, "the map of this graph's pairs is not symmetric");
    if (!status)
        status = pair_basis_init(&made->basis, l, MEMORY, error);
    if (!status)
        status = take_directions(made, error);
    if (!status)
        status = set_start(made, population, mode, made->directions.sum, made->directions.work, error);
    if (status)
        pair_project_free(made);
    else
        *self = made;
    return status;
}
