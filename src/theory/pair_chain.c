/* Everything that can happen to two agents in one interaction, as rates between few states (doc/theory/pairs.md, section
 * 2).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/pair_chain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

void pair_law_free(pair_law *self)
{
    free(self->size);
    free(self->block);
    qsg_contacts_free(&self->contacts);
    *self = (pair_law){0};
}

void pair_chain_free(pair_chain *self)
{
    free(self->first);
    free(self->to);
    free(self->rate);
    free(self->f);
    *self = (pair_chain){0};
}

static qsg_status chain_init(pair_chain *self, size_t n, size_t room, qsg_error *error)
{
    *self = (pair_chain){.n = n, .room = room};
    self->first = calloc(n + 1, sizeof *self->first);
    self->to = malloc((room + 2 * n) * sizeof *self->to);
    self->rate = malloc((room + n) * sizeof *self->rate);
    self->f = calloc(2 * n, sizeof *self->f);
    if (!self->first || !self->to || !self->rate || !self->f) {
        pair_chain_free(self);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu pairs", n);
    }
    self->v = self->f + n;
    self->kill = self->rate + room;
    self->one = self->to + room;
    self->other = self->one + n;
    for (size_t i = 0; i < n; i++) {
        self->kill[i] = 0;
        self->one[i] = self->other[i] = (uint32_t)i;
    }
    return QSG_OK;
}

/* States of a law of groups. */
size_t pair_states(const pair_law *law)
{
    return law->n + law->n * (law->n + 1) / 2 + (law->innovation > 0 ? law->n + 1 : 0);
}

size_t pair_state_self(const pair_law *law, size_t a)
{
    (void)law;
    return a;
}

size_t pair_state_pair(const pair_law *law, size_t a, size_t b)
{
    const size_t low = a < b ? a : b, high = a < b ? b : a;
    return a == b && law->size[a] < 2 ? SIZE_MAX : law->n + high * (high + 1) / 2 + low;
}

size_t pair_state_single(const pair_law *law, size_t a)
{
    return law->n + law->n * (law->n + 1) / 2 + a;
}

/* The row in work: rates to the states, summed in an array that is emptied into the chain. */
typedef struct {
    const pair_law *law;
    double *rate;
    double kill;
} row;

static void move(row *self, size_t to, double rate)
{
    self->rate[to] += rate;
}

/* 1 - <r_i, x_k>, i and k of classes a and b; `same`: i is k. */
static void channel_belief(row *self, size_t a, size_t b, bool same, double rate)
{
    const double e = self->law->innovation;
    if (rate == 0)
        return;
    move(self, same ? pair_state_self(self->law, a) : pair_state_pair(self->law, a, b), (1 - e) * rate);
    if (e > 0)
        move(self, pair_state_single(self->law, b), e * rate);
}

/* 1 - <r_i, r_k>, or 1 - |r_i|^2. */
static void channel_channel(row *self, size_t a, size_t b, bool same, double rate)
{
    const pair_law *law = self->law;
    const double e = law->innovation;
    if (rate == 0)
        return;
    move(self, same ? pair_state_self(law, a) : pair_state_pair(law, a, b), (1 - e) * (1 - e) * rate);
    if (e > 0) {
        move(self, pair_state_single(law, a), e * (1 - e) * rate);
        move(self, pair_state_single(law, b), e * (1 - e) * rate);
        move(self, pair_states(law) - 1, e * e * law->spread * rate);
        self->kill += e * e * (1 - law->spread) * rate;
    }
}

/* 1 - |y_i|^2. */
static void message(row *self, size_t a, double rate)
{
    const double m = self->law->bandwidth[a], lost = isinf(m) ? 0 : 1 / m;
    channel_channel(self, a, a, true, (isinf(m) ? 1 : (m - 1) / m) * rate);
    self->kill += lost * rate;
}

/* 1 - <rho, r_i>. */
static void prior_channel(row *self, size_t a, double rate)
{
    const double e = self->law->innovation;
    move(self, pair_state_single(self->law, a), (1 - e) * rate);
    move(self, pair_states(self->law) - 1, e * self->law->spread * rate);
    self->kill += e * (1 - self->law->spread) * rate;
}

/* One speaks to the other: j of class a to k of class b. */
static void pair_tells(row *self, size_t a, size_t b, double p)
{
    const double x = self->law->alpha[b], y = self->law->self[a];
    channel_belief(self, a, a, true, p * (1 - y) * x);
    channel_belief(self, a, b, false, p * y * (1 - x));
    message(self, a, p * x * y);
}

/* Both speak and listen. */
static void pair_exchange(row *self, size_t a, size_t b, double p)
{
    const pair_law *law = self->law;
    const double xa = law->alpha[a], ya = law->self[a], xb = law->alpha[b], yb = law->self[b];
    const double stay_a = 1 - xa - ya, stay_b = 1 - xb - yb;
    channel_belief(self, a, a, true, p * stay_a * xb);
    channel_belief(self, b, b, true, p * xa * stay_b);
    channel_belief(self, b, a, false, p * stay_a * yb);
    channel_belief(self, a, b, false, p * ya * stay_b);
    channel_channel(self, a, b, false, p * (xa * xb + ya * yb));
    message(self, b, p * xa * yb);
    message(self, a, p * ya * xb);
}

/* Row of two distinct agents, j of class a and k of class b. */
static void pair_row(row *self, size_t a, size_t b)
{
    const pair_law *law = self->law;
    for (size_t c = 0; c < law->n; c++) {
        const double others = law->size[c] - (c == a) - (c == b);
        double to_a = others * pair_law_chance(law, c, a), from_a = others * pair_law_chance(law, a, c);
        double to_b = others * pair_law_chance(law, c, b), from_b = others * pair_law_chance(law, b, c);
        if (others <= 0)
            continue;
        if (law->exchange == QSG_BROADCAST) {
            const double p = others / law->agents, xa = law->alpha[a], xb = law->alpha[b];
            channel_belief(self, c, a, false, p * (1 - xa) * xb);
            channel_belief(self, c, b, false, p * xa * (1 - xb));
            message(self, c, p * xa * xb);
            continue;
        }
        if (law->exchange == QSG_MUTUAL)
            to_a = from_a += to_a, to_b = from_b += to_b;
        channel_belief(self, c, b, false, to_a * law->alpha[a]);
        channel_belief(self, c, a, false, to_b * law->alpha[b]);
        channel_belief(self, a, b, false, from_a * law->self[a]);
        channel_belief(self, b, a, false, from_b * law->self[b]);
    }
    const double there = law->exchange == QSG_BROADCAST ? 1 / law->agents : pair_law_chance(law, a, b);
    const double back = law->exchange == QSG_BROADCAST ? 1 / law->agents : pair_law_chance(law, b, a);
    if (law->exchange == QSG_MUTUAL) {
        pair_exchange(self, a, b, there + back);
    } else {
        pair_tells(self, a, b, there);
        pair_tells(self, b, a, back);
    }
}

/* An agent of class a moves towards what it says. */
static void speak(row *self, size_t a, bool single, double p)
{
    const double y = self->law->self[a];
    if (single) {
        prior_channel(self, a, p * y);
    } else {
        channel_belief(self, a, a, true, p * 2 * y * (1 - y));
        message(self, a, p * y * y);
    }
}

/* Rows of an agent by itself: 1 - |x_a|^2, and with innovation 1 - <rho, x_a>. */
static void self_row(row *self, size_t a, bool single)
{
    const pair_law *law = self->law;
    const double x = law->alpha[a], y = law->self[a];
    for (size_t c = 0; c < law->n; c++) {
        const double others = law->size[c] - (c == a);
        double hears = others * pair_law_chance(law, c, a), tells = others * pair_law_chance(law, a, c);
        if (others <= 0)
            continue;
        if (law->exchange == QSG_BROADCAST) { /* it speaks once in N interactions: below */
            hears = others / law->agents;
            tells = 0;
        }
        if (law->exchange == QSG_MUTUAL)
            hears = tells += hears;
        if (single) {
            prior_channel(self, c, hears * x);
            speak(self, a, true, tells);
        } else if (law->exchange == QSG_MUTUAL) {
            const double stay = 1 - x - y;
            channel_belief(self, c, a, false, hears * 2 * stay * x);
            channel_belief(self, a, a, true, hears * 2 * stay * y);
            channel_channel(self, a, c, false, hears * 2 * x * y);
            message(self, c, hears * x * x);
            message(self, a, hears * y * y);
        } else {
            channel_belief(self, c, a, false, hears * 2 * x * (1 - x));
            message(self, c, hears * x * x);
            speak(self, a, false, tells);
        }
    }
    if (law->exchange == QSG_BROADCAST)
        speak(self, a, single, 1 / law->agents);
}

/* Empty the row into the chain as row i; what stays in state i is no move. */
static void close_row(pair_chain *self, size_t i, row *r)
{
    for (size_t j = 0; j < self->n; j++) {
        if (j != i && r->rate[j] > 0) {
            self->to[self->arcs] = (uint32_t)j;
            self->rate[self->arcs++] = r->rate[j];
        }
        r->rate[j] = 0;
    }
    self->kill[i] = r->kill;
    self->first[i + 1] = self->arcs;
    r->kill = 0;
}

/* Its own agents' weights, with V = (1/N) sum over ordered pairs. */
static void weigh_groups(pair_chain *self, const pair_law *law)
{
    for (size_t a = 0; a < law->n; a++) {
        self->f[a] = law->size[a] / law->agents;
        for (size_t b = 0; b <= a; b++) {
            const size_t i = pair_state_pair(law, a, b);
            if (i == SIZE_MAX)
                continue;
            self->v[i] = a == b ? law->size[a] * (law->size[a] - 1) / law->agents
                                : 2 * law->size[a] * law->size[b] / law->agents;
            self->one[i] = (uint32_t)a;
            self->other[i] = (uint32_t)b;
        }
    }
}

qsg_status pair_chain_of_groups(pair_chain *self, const pair_law *law, qsg_error *error)
{
    const size_t n = pair_states(law);
    pair_chain made;
    row r = {law, calloc(n, sizeof *r.rate), 0};
    qsg_status status = r.rate ? chain_init(&made, n, n * n, error) : qsg_fail(error, QSG_ENOMEM, "no memory for %zu pairs", n);
    if (status) {
        free(r.rate);
        return status;
    }
    for (size_t a = 0; a < law->n; a++) {
        self_row(&r, a, false);
        close_row(&made, a, &r);
    }
    for (size_t a = 0; a < law->n; a++)
        for (size_t b = 0; b <= a; b++) {
            if (pair_state_pair(law, a, b) != SIZE_MAX)
                pair_row(&r, a, b);
            close_row(&made, law->n + a * (a + 1) / 2 + b, &r);
        }
    for (size_t a = 0; a < law->n && law->innovation > 0; a++) {
        self_row(&r, a, true);
        close_row(&made, pair_state_single(law, a), &r);
    }
    if (law->innovation > 0)
        close_row(&made, n - 1, &r);
    weigh_groups(&made, law);
    free(r.rate);
    *self = made;
    return QSG_OK;
}

size_t pair_state_displacement(size_t rows, size_t columns, size_t row_, size_t column)
{
    return row_ % rows * columns + column % columns;
}

/* The neighbours of site 0, each once. */
static size_t neighbours(size_t rows, size_t columns, size_t found[4])
{
    const size_t all[4] = {pair_state_displacement(rows, columns, 0, 1),
                           pair_state_displacement(rows, columns, 0, columns - 1),
                           pair_state_displacement(rows, columns, 1, 0),
                           pair_state_displacement(rows, columns, rows - 1, 0)};
    size_t n = 0;
    for (size_t i = 0; i < 4; i++) {
        bool known = all[i] == 0;
        for (size_t j = 0; j < n; j++)
            known = known || found[j] == all[i];
        if (!known)
            found[n++] = all[i];
    }
    return n;
}

qsg_status pair_chain_of_torus(pair_chain *self, const pair_law *law, size_t rows, size_t columns, qsg_error *error)
{
    const size_t n = rows * columns;
    const double x = law->alpha[0], y = law->self[0], per_m = isinf(law->bandwidth[0]) ? 0 : 1 / law->bandwidth[0];
    size_t near[4];
    const size_t degree = neighbours(rows, columns, near);
    /* an agent hears each neighbour with this chance */
    const double p = (law->exchange == QSG_MUTUAL ? 2 : 1) / ((double)n * (double)degree);
    qsg_status status = chain_init(self, n, n * 4, error);
    if (status)
        return status;
    for (size_t d = 0; d < n; d++) {
        for (size_t e = 0; e < degree; e++) {
            const size_t to = pair_state_displacement(rows, columns, d / columns + near[e] / columns,
                                                      d % columns + near[e] % columns);
            double rate = 2 * p * (d == 0 ? x * (1 - x) : x);
            if (to == 0) { /* they meet: what both do at once */
                const double lost = 2 * p * x * y * per_m;
                rate -= (law->exchange == QSG_MUTUAL ? 2 * p * x * x : 0) + lost;
                self->kill[d] += lost;
            }
            self->to[self->arcs] = (uint32_t)to;
            self->rate[self->arcs++] = fmax(rate, 0);
        }
        if (d == 0)
            self->kill[0] = p * (double)degree * (x * x + y * y) * per_m;
        self->first[d + 1] = self->arcs;
        self->v[d] = d == 0 ? 0 : 1;
        self->one[d] = self->other[d] = 0;
    }
    self->f[0] = 1;
    return QSG_OK;
}
