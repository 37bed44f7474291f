/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_INFLUENCE_H
#define QSG_INFLUENCE_H

#include <qsg/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Who matters: the expected mean belief at the end of all times is sum_i weight_i x_i(0) (doc/theory/pairs.md, section
 *  7).  A closed class is a set of agents who all hear each other, directly or not, and nobody else (a committed agent is one
 *  by itself).  With one closed class sum_i weight_i x_i is a martingale, and its start is the probability of each label to
 *  win where one wins.  With several, no consensus is possible unless they agree from the start, and a weight is what
 *  the agent contributes to the mean over all agents and times. */
typedef struct {
    size_t agents;
    double *weight;        /* agents, sum to 1; 0 outside of the closed classes */
    size_t *closed;        /* agents: the closed class of each, from 0 in the order of their first agents; SIZE_MAX: none */
    size_t closed_classes;
    double number;         /* 1/sum weight^2: as many equal agents would have as little variance */
    bool iterative;        /* solved by sweeps, otherwise the closed form of undirected contacts */
    double residual;       /* of the solution, relative: bounds the error of the sum rule at each agent */
} qsg_influence;

/** The influence of every agent of the model, N <= 10^8.  Undirected contacts: closed form, O(N + edges), relative
 *  accuracy 1e-13.  Directed or with committed agents: Gauss-Seidel sweeps to a residual of 1e-13.
 *  QSG_EMODEL (a field, temper, adoption or evidence: no martingale; innovation, which forgets the start), QSG_EDOMAIN (too
 *  many agents), QSG_ENUMERIC (no convergence), QSG_ENOMEM; *self is unchanged on failure. */
qsg_status qsg_influence_init(qsg_influence *self, const qsg_model *model, qsg_error *error);

/** sum_i weight_i x_i at the start, per label: p[labels].  O(N K). */
qsg_status qsg_influence_mean(const qsg_influence *self, const qsg_model *model, double *p, qsg_error *error);

/** How a population without innovation ends (doc/theory/pairs.md, section 6). */
typedef enum {
    QSG_END_CONSENSUS, /* everybody sure of one label */
    QSG_END_CLASSES,   /* several closed classes that do not agree from the start: no consensus */
    QSG_END_UNSURE,    /* the only one who listens to nobody is not sure: the others fluctuate about its belief */
    QSG_END_NOISELESS, /* infinite bandwidth in the closed class: beliefs become equal, at the weighed mean */
    QSG_END_SWAPPED    /* beliefs are only swapped: mutual exchange at alpha = 1 */
} qsg_end;

/** The end of the population that `self` is the influence of, whose weighed mean is `p` (NULL: from any start that does not
 *  agree).  O(N). */
qsg_end qsg_influence_end(const qsg_influence *self, const qsg_model *model, const double *p);

/** Release the arrays; safe twice and on a zeroed object. */
void qsg_influence_free(qsg_influence *self);

#ifdef __cplusplus
}
#endif
#endif
