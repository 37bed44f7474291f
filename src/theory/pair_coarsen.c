/* Classes of agents and their mean rates (doc/theory/pairs.md, section 5).  SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "theory/pair_levels.h"

#define NONE UINT32_MAX
#define NEARLY 0.25
#define EVEN 1e-11

static inline double lost(double bandwidth)
{
    return isinf(bandwidth) ? 0 : 1 / bandwidth;
}

static qsg_status level_init(pair_level *self, size_t n, size_t arcs, qsg_error *error)
{
    *self = (pair_level){.n = n};
    self->first = calloc(n + 1, sizeof *self->first);
    self->to = malloc((arcs + 1) * sizeof *self->to);
    self->rate = malloc((arcs + 1) * sizeof *self->rate);
    self->weight = calloc(7 * n, sizeof *self->weight);
    self->fixed = calloc(n, sizeof *self->fixed);
    if (!self->first || !self->to || !self->rate || !self->weight || !self->fixed) {
        pair_level_free(self);
        return qsg_fail(error, QSG_ENOMEM, "no memory for the classes of %zu agents", n);
    }
    self->square = self->weight + n;
    self->own = self->square + n;
    self->out = self->own + n;
    self->kill = self->out + n;
    self->own_kill = self->kill + n;
    self->own_out = self->own_kill + n;
    return QSG_OK;
}

/* Diagonals from the rates. */
static void close_level(pair_level *self)
{
    self->apart = true;
    for (size_t a = 0; a < self->n; a++) {
        self->out[a] = self->kill[a];
        self->own_out[a] = self->own_kill[a];
        for (uint64_t e = self->first[a]; e < self->first[a + 1]; e++) {
            const pair_rates *r = &self->rate[e];
            self->apart = self->apart && r->turn == 0;
            self->own_out[a] += r->turn + (self->to[e] == a ? 0 : r->pass);
            self->out[a] += self->to[e] == a ? 0 : r->hear;
        }
    }
}

static double chance_of(const qsg_contacts *g, size_t speaker, size_t listener)
{
    size_t low = g->first[listener], high = g->first[listener + 1];
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (g->speakers[middle] == speaker)
            return g->chance[middle];
        if (g->speakers[middle] < speaker)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

/* Rates between agent j and the speakers it hears (doc/theory/pairs.md, eq. 3, 4, 9). */
static void agent_rates(pair_level *self, const pair_law *law, size_t j, double *tell)
{
    const qsg_contacts *g = &law->contacts;
    const bool mutual = law->exchange == QSG_MUTUAL;
    const double x = law->alpha[j], e = law->innovation, keep = 1 - e;
    for (uint64_t a = g->first[j]; a < g->first[j + 1]; a++) {
        const size_t i = g->speakers[a];
        const double p = g->chance[a] + (mutual ? chance_of(g, j, i) : 0), m = lost(law->bandwidth[i]), w = x * p;
        self->to[a] = (uint32_t)i;
        self->rate[a] = (pair_rates){
            .hear = keep * w, .meet = keep * w,
            .arrive = w * (keep - (mutual ? law->alpha[i] : 0) - law->self[i] * m), .less = mutual ? w * law->alpha[i] : 0,
            .turn = keep * 2 * (1 - x) * w, .pass = keep * keep * x * w * (1 - m)};
        self->kill[j] += e * w;
        self->own_kill[j] += e * 2 * (1 - x) * w + x * w * (e * (2 - e) * (1 - m) + m);
        tell[i] += p;
    }
    self->first[j + 1] = g->first[j + 1];
}

/* Weight of an agent's own pair, by that of two: what makes the map symmetric where agents are identical, since two become
 * one at the rate `arrive` and one two at half of `turn` for each of them. */
static double own_weight(const pair_law *law, size_t j)
{
    const double x = law->alpha[j], kept = 1 - (law->exchange == QSG_MUTUAL ? x : 0) - law->self[j] * lost(law->bandwidth[j]);
    return x < 1 && kept > 1e-12 ? kept / (1 - x) : 1;
}

static qsg_status level_of_agents(pair_level *self, const pair_law *law, const double *weight, qsg_error *error)
{
    const size_t n = law->n;
    double *tell = calloc(n, sizeof *tell);
    qsg_status status = tell ? level_init(self, n, law->contacts.entries, error)
                             : qsg_fail(error, QSG_ENOMEM, "no memory for the classes of %zu agents", n);
    for (size_t j = 0; j < n && !status; j++) {
        self->weight[j] = weight[j];
        self->square[j] = weight[j] * weight[j];
        self->own[j] = self->square[j] * own_weight(law, j);
        agent_rates(self, law, j, tell);
    }
    for (size_t j = 0; j < n && !status; j++) {
        const bool hears = law->alpha[j] > 0 && self->first[j + 1] > self->first[j];
        self->fixed[j] = !hears && tell[j] * law->self[j] == 0;
        self->own_kill[j] += tell[j] * law->self[j] * law->self[j] * lost(law->bandwidth[j]);
    }
    free(tell);
    if (!status) {
        self->arcs = law->contacts.entries;
        close_level(self);
    }
    return status;
}

/* Sums of the rates of class `a` into the row of its class: one-agent rates by the weights of agents, those of two by
 * the pairs', own ones by the own. */
static void gather(const pair_level *self, size_t a, double pairs, uint32_t *place, pair_level *next)
{
    const size_t here = self->class_of[a];
    const double v = self->weight[a];
    for (uint64_t e = self->first[a]; e < self->first[a + 1]; e++) {
        const uint32_t b = self->to[e], there = self->class_of[b];
        const pair_rates *r = &self->rate[e];
        const double two = b == a ? pairs : v * self->weight[b];
        if (place[there] == NONE) {
            place[there] = (uint32_t)next->arcs;
            next->to[next->arcs] = there;
            next->rate[next->arcs++] = (pair_rates){0};
        }
        pair_rates *to = &next->rate[place[there]];
        to->hear += v * r->hear;
        to->meet += two * r->meet;
        to->arrive += two * r->arrive;
        to->less += two * r->less;
        to->turn += self->own[a] * r->turn;
        to->pass += self->own[a] * r->pass;
    }
    next->kill[here] += v * self->kill[a];
    next->own_kill[here] += self->own[a] * self->own_kill[a];
}

static double pairs_in(const pair_level *self, size_t a)
{
    return pair_level_single(self, a) ? 0 : self->weight[a] * self->weight[a] - self->square[a];
}

/* Means from the sums of row A. */
static void divide(pair_level *next, size_t a)
{
    const double v = next->weight[a], inside = pairs_in(next, a);
    for (uint64_t e = next->first[a]; e < next->first[a + 1]; e++) {
        pair_rates *r = &next->rate[e];
        const double two = next->to[e] == a ? inside : v * next->weight[next->to[e]];
        r->hear /= v;
        r->meet = two > 0 ? r->meet / two : 0;
        r->arrive = two > 0 ? r->arrive / two : 0;
        r->less = two > 0 ? r->less / two : 0;
        r->turn /= next->own[a];
        r->pass /= next->own[a];
    }
    next->kill[a] /= v;
    next->own_kill[a] /= next->own[a];
}

/* Room for the classes of the next level, of which there are n at most. */
static qsg_status take_classes(pair_level *self, qsg_error *error)
{
    const size_t n = self->n;
    self->class_of = malloc((3 * n + 1) * sizeof *self->class_of);
    if (!self->class_of)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the classes of %zu agents", n);
    self->member = self->class_of + n;
    self->first_member = self->member + n;
    return QSG_OK;
}

/* Members of the m classes of class_of, ascending. */
static void list_members(pair_level *self, size_t m)
{
    uint32_t *first = self->first_member;
    memset(first, 0, (m + 1) * sizeof *first);
    for (size_t a = 0; a < self->n; a++)
        first[self->class_of[a] + 1]++;
    for (size_t a = 0; a < m; a++)
        first[a + 1] += first[a];
    for (size_t a = self->n; a-- > 0;)
        self->member[--first[self->class_of[a] + 1]] = (uint32_t)a;
    for (size_t a = 1; a < m; a++) /* first[a + 1] is the place of the first one of a now */
        first[a] = first[a + 1];
    first[m] = (uint32_t)self->n;
}

/* The level of the classes in class_of, m of them. */
static qsg_status merge(pair_level *self, size_t m, pair_level *next, qsg_error *error)
{
    uint32_t *place = malloc((m + 1) * sizeof *place);
    qsg_status status = place ? level_init(next, m, self->arcs, error)
                              : qsg_fail(error, QSG_ENOMEM, "no memory for the classes of %zu agents", self->n);
    if (status) {
        free(place);
        return status;
    }
    for (size_t a = 0; a < m; a++) {
        place[a] = NONE;
        next->fixed[a] = true;
    }
    for (size_t a = 0; a < self->n; a++) {
        const size_t to = self->class_of[a];
        next->weight[to] += self->weight[a];
        next->square[to] += self->square[a];
        next->own[to] += self->own[a];
        next->fixed[to] = next->fixed[to] && self->fixed[a];
    }
    list_members(self, m);
    for (size_t a = 0; a < m; a++) {
        for (uint32_t k = self->first_member[a]; k < self->first_member[a + 1]; k++)
            gather(self, self->member[k], pairs_in(self, self->member[k]), place, next);
        next->first[a + 1] = next->arcs;
        divide(next, a);
        for (uint64_t e = next->first[a]; e < next->first[a + 1]; e++)
            place[next->to[e]] = NONE;
    }
    close_level(next);
    free(place);
    return QSG_OK;
}

/* --- agents who are alike --- */

static uint64_t mix(uint64_t x)
{
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdULL;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53ULL;
    return x ^ x >> 33;
}

static uint64_t bits(double x)
{
    uint64_t b;
    memcpy(&b, &x, sizeof b);
    return b;
}

/* What hearing (or being heard by) `other` adds to an agent's print. */
static uint64_t heard_print(uint64_t other, double chance, bool speaks)
{
    return mix(mix(2 * other + speaks + 1) ^ bits(chance));
}

static uint32_t root_of(uint32_t *parent, uint32_t a)
{
    while (parent[a] != a)
        a = parent[a] = parent[parent[a]];
    return a;
}

/* An agent or class in an order. */
typedef struct {
    uint64_t print;
    uint32_t agent;
} printed;

static int by_print(const void *a, const void *b)
{
    const printed *x = a, *y = b;
    return x->print != y->print ? (x->print > y->print) - (x->print < y->print) : (x->agent > y->agent) - (x->agent < y->agent);
}

/* Join the agents with equal prints (who do not hear each other), and those whose prints are equal but for each other. */
static void join_alike(const pair_law *law, printed *all, const uint64_t *print, uint32_t *parent)
{
    const qsg_contacts *g = &law->contacts;
    const size_t n = law->n;
    qsort(all, n, sizeof *all, by_print);
    for (size_t k = 1; k < n; k++)
        if (all[k].print == all[k - 1].print)
            parent[root_of(parent, all[k].agent)] = root_of(parent, all[k - 1].agent);
    for (size_t j = 0; j < n; j++)
        for (uint64_t a = g->first[j]; a < g->first[j + 1] && g->speakers[a] < j; a++) {
            const size_t i = g->speakers[a];
            const double there = g->chance[a], back = chance_of(g, j, i);
            if (there != back || print[j] - heard_print(i, there, false) - heard_print(i, there, true) !=
                                     print[i] - heard_print(j, there, false) - heard_print(j, there, true))
                continue;
            parent[root_of(parent, (uint32_t)j)] = root_of(parent, (uint32_t)i);
        }
}

/* class_of of agents who are alike; their number. */
static qsg_status find_alike(const pair_law *law, uint32_t *class_of, size_t *classes, qsg_error *error)
{
    const qsg_contacts *g = &law->contacts;
    const size_t n = law->n;
    printed *all = malloc(n * sizeof *all);
    uint64_t *print = malloc(n * sizeof *print);
    uint32_t *parent = malloc(n * sizeof *parent);
    *classes = 0;
    if (all && print && parent) {
        for (size_t j = 0; j < n; j++) {
            print[j] = mix(bits(law->alpha[j])) + mix(bits(law->bandwidth[j]) + 1) + mix(bits(law->self[j]) + 2);
            parent[j] = (uint32_t)j;
        }
        for (size_t j = 0; j < n; j++)
            for (uint64_t a = g->first[j]; a < g->first[j + 1]; a++) {
                print[j] += heard_print(g->speakers[a], g->chance[a], false);
                print[g->speakers[a]] += heard_print(j, g->chance[a], true);
            }
        for (size_t j = 0; j < n; j++)
            all[j] = (printed){print[j], (uint32_t)j};
        join_alike(law, all, print, parent);
        for (size_t j = 0; j < n; j++)
            class_of[j] = NONE;
        for (size_t j = 0; j < n; j++) {
            uint32_t *to = &class_of[root_of(parent, (uint32_t)j)];
            *to = *to == NONE ? (uint32_t)(*classes)++ : *to;
        }
        for (size_t j = 0; j < n; j++)
            class_of[j] = class_of[root_of(parent, (uint32_t)j)];
    }
    free(all);
    free(print);
    free(parent);
    return *classes ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for the classes of %zu agents", n);
}

qsg_status pair_level_of_law(pair_level *self, const pair_law *law, const double *weight, qsg_error *error)
{
    pair_level agents = {0};
    size_t classes;
    qsg_status status = level_of_agents(&agents, law, weight, error);
    if (status)
        return status;
    status = take_classes(&agents, error);
    if (!status)
        status = find_alike(law, agents.class_of, &classes, error);
    if (!status && classes < law->n) {
        status = merge(&agents, classes, self, error);
        if (!status) {
            self->agent = agents.class_of;
            agents.class_of = NULL;
        }
    } else if (!status) {
        *self = agents;
        free(self->class_of);
        self->class_of = NULL;
        return QSG_OK;
    }
    pair_level_free(&agents);
    return status;
}

pair_rates pair_level_rates(const pair_level *self, size_t listener, size_t speaker)
{
    for (uint64_t e = self->first[listener]; e < self->first[listener + 1]; e++)
        if (self->to[e] == speaker)
            return self->rate[e];
    return (pair_rates){0};
}

bool pair_level_symmetric(const pair_level *self)
{
    for (size_t a = 0; a < self->n; a++)
        for (uint64_t e = self->first[a]; e < self->first[a + 1]; e++) {
            const size_t b = self->to[e];
            const pair_rates forth = self->rate[e], back = pair_level_rates(self, b, a);
            const double v = self->weight[a], u = self->weight[b], two = a == b ? pairs_in(self, a) : v * u;
            if (fabs(v * forth.hear - u * back.hear) > EVEN * v * forth.hear ||
                (!self->apart && fabs(self->own[a] * forth.pass - self->own[b] * back.pass) > EVEN * self->own[a] * forth.pass) ||
                (!self->apart &&
                 fabs(two * forth.arrive - self->own[b] * back.turn / 2) > EVEN * two * forth.arrive))
                return false;
        }
    return true;
}

/* --- neighbours --- */

/* The class that a hears most; or of those that are still alone, if it hears one nearly as much. */
static uint32_t nearest(const pair_level *self, size_t a, bool alone)
{
    uint32_t best = NONE, found = NONE;
    double most = 0, next = 0;
    for (uint64_t e = self->first[a]; e < self->first[a + 1]; e++) {
        const uint32_t b = self->to[e];
        const double tie = self->rate[e].hear;
        if (b == a || self->fixed[b])
            continue;
        if (tie > most) {
            most = tie;
            best = b;
        }
        if (tie > next && self->class_of[b] == NONE) {
            next = tie;
            found = b;
        }
    }
    return alone ? (next >= NEARLY * most ? found : NONE) : best;
}

/* Pairs, those with the fewest contacts first; the rest joins what it is tied to most. */
static size_t pair_up(pair_level *self, const printed *order)
{
    size_t classes = 0;
    uint32_t committed = NONE;
    for (size_t a = 0; a < self->n; a++)
        self->class_of[a] = NONE;
    for (size_t k = 0; k < self->n; k++) {
        const size_t a = order[k].agent;
        if (self->fixed[a]) {
            committed = committed == NONE ? (uint32_t)classes++ : committed;
            self->class_of[a] = committed;
        }
        if (self->class_of[a] != NONE)
            continue;
        const uint32_t b = nearest(self, a, true);
        if (b != NONE)
            self->class_of[a] = self->class_of[b] = (uint32_t)classes++;
    }
    for (size_t k = 0; k < self->n; k++) {
        const size_t a = order[k].agent;
        if (self->class_of[a] != NONE)
            continue;
        const uint32_t b = nearest(self, a, false);
        self->class_of[a] = b != NONE && self->class_of[b] != NONE ? self->class_of[b] : (uint32_t)classes++;
    }
    return classes;
}

qsg_status pair_level_next(pair_level *self, pair_level *next, qsg_error *error)
{
    printed *order = malloc(self->n * sizeof *order);
    qsg_status status = order ? take_classes(self, error)
                              : qsg_fail(error, QSG_ENOMEM, "no memory for the classes of %zu agents", self->n);
    if (!status) {
        for (size_t a = 0; a < self->n; a++)
            order[a] = (printed){self->first[a + 1] - self->first[a], (uint32_t)a};
        qsort(order, self->n, sizeof *order, by_print);
        status = merge(self, pair_up(self, order), next, error);
    }
    free(order);
    return status;
}
