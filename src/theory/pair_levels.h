/* The pairs of a graph seen from further and further away: classes of agents, the mean rates between them, and the map
 * of the pairs of classes (doc/theory/pairs.md, section 5).  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PAIR_LEVELS_H
#define QSG_PAIR_LEVELS_H

#include "theory/pair_law.h"

/* Rates of a listener's class (row) by the speaker's (column), means over the agents or pairs of the classes. */
typedef struct {
    double hear;   /* one agent hears the other class */
    double meet;   /* one agent hears just the other one of the pair */
    double arrive; /* and what of that makes the two equal to the speaker's own pair */
    double less;   /* less of it when both move at once (mutual) */
    double turn;   /* from one agent's own pair to the pair with the speaker */
    double pass;   /* and to the speaker's own */
} pair_rates;

/* A vector has the n x n symmetric matrix H_ab row by row (H_aa: of two different agents; where there is only one, a copy
 * of s_a), then s_a. */
typedef struct pair_level {
    size_t n, arcs;
    uint64_t *first; /* n + 1 */
    uint32_t *to;    /* class of each arc */
    pair_rates *rate;
    /* of each class; one allocation, at `weight` */
    double *weight;  /* sum of the weights of its agents, of their squares, and of their own pairs' */
    double *square, *own;
    double *out;     /* rate at which an agent's belief moves away from its class */
    double *kill, *own_kill; /* of that, what no speaker gets; the same for s_a */
    double *own_out; /* diagonal of s_a */
    bool *fixed;     /* agents who never move: committed, or hearing nobody */
    bool apart;      /* no agent's own pair ever becomes a pair of two: voters, alpha = 1 */
    uint32_t *class_of; /* class in the next level; NULL: the last */
    uint32_t *member, *first_member; /* of the classes there; one allocation, at `class_of` */
    uint32_t *agent; /* first level: class of each agent; NULL: everybody is one */
} pair_level;

void pair_level_free(pair_level *self);
size_t pair_level_size(const pair_level *self); /* of a vector */
static inline bool pair_level_single(const pair_level *self, size_t a)
{
    return !(self->weight[a] * self->weight[a] - self->square[a] > 1e-9 * self->square[a]);
}

/* The agents of a graph, those who could change places without notice in one class: the slowest mode does not tell them
 * apart.  The law must be one-way or mutual, on a graph; `weight` > 0 of each agent.  QSG_ENOMEM. */
qsg_status pair_level_of_law(pair_level *self, const pair_law *law, const double *weight, qsg_error *error);

/* The next level: pairs of classes that hear each other most, the rest joined to them; sets class_of of *self. */
qsg_status pair_level_next(pair_level *self, pair_level *next, qsg_error *error);

/* Rates of one class by another one; all 0: it does not hear it. */
pair_rates pair_level_rates(const pair_level *self, size_t listener, size_t speaker);

/* Whether the weights of the pairs make A symmetric (doc/theory/pairs.md, section 5). */
bool pair_level_symmetric(const pair_level *self);

/* A + by in place of A: every pair is killed at one rate more. */
void pair_level_shift(pair_level *self, double by);

/* out <- a A h + b x + c y, A = 1 - M: all rates >= 0 off the diagonal, negated.  x and y: symmetric, or NULL for none, or h;
 * out differs from h and may be y; work: a vector, which may be out where out is not y.  And out <- A h. */
void pair_level_combine(const pair_level *self, double a, const double *h, double b, const double *x, double c,
                        const double *y, double *out, double *work);
void pair_level_apply(const pair_level *self, const double *h, double *out);

/* The upper triangle becomes what the lower one is. */
void pair_level_mirror(const pair_level *self, double *h);

/* h += omega D^-1 (right - A h), D the diagonal of A; where that is 0 nothing moves; and the same from h = 0, which need not
 * be set.  `right` is symmetric; work: a vector. */
void pair_level_relax(const pair_level *self, double omega, const double *right, double *h, double *work);
void pair_level_start(const pair_level *self, double omega, const double *right, double *h);

/* y += c x; x *= c. */
void pair_level_add(const pair_level *self, double c, const double *x, double *y);
void pair_level_scale(const pair_level *self, double c, double *x);

/* Weighted means over the pairs of the next level's classes; and back: h += far. */
void pair_level_restrict(const pair_level *self, const pair_level *next, const double *h, double *far);
void pair_level_prolong(const pair_level *self, const pair_level *next, const double *far, double *h);

/* Products <x_k, y> by the weights of the pairs, for k < count. */
void pair_level_products(const pair_level *self, size_t count, double *const *x, const double *y, double *product);

#endif
