/* The replay of one run, and what one utterance adds to the likelihood.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_INFER_REPLAY_H
#define QSG_INFER_REPLAY_H

#include "infer/likelihood.h"

#define TINY 1e-300 /* beliefs stay above it: its logarithm and reciprocal are finite */
#define LOG_TINY -690.7755278982137
enum { BELIEF_ROWS = 4 }; /* per agent: x, dx/dalpha, dx/dself, log x */

/* What the replay of one run needs; memory of one thread. */
typedef struct {
    const qsg_likelihood *data;
    const double *theta;
    unsigned groups;     /* derivatives wanted */
    bool curved;         /* information wanted */
    size_t n_active;     /* numbers that are differentiated in: */
    size_t active[QSG_PAR_FIELD]; /* these parameters first; the field's follow */
    double *beliefs;     /* agents x BELIEF_ROWS x K */
    double fade[2][2];   /* change of log x of a label neither heard nor said, by whether something was heard, said */
    double *tilt, top;   /* exp(h - top), top the largest h */
    double *g, *r;
    double *slopes;      /* dr_k/dtheta of the active parameters but the field, K each */
    double *room;        /* 2 K */
    double loglik, *gradient, *information; /* sums over the run, active parameters only; lower triangle */
} replay;

/* r(x) and the tilted belief g that it mixes, into self->r and g; the logarithm of r at `label`, also where r itself is too
 * small for a double.  x: the agent's rows. */
double replay_speak(replay *self, const double *x, size_t label);

/* Add the slopes of log r at `label` to self->gradient and, when curved, the expected information of the utterance to
 * self->information (eq. 6), after replay_speak.  O(K (active parameters without the field)^2 + K^2). */
void replay_score(replay *self, const double *x, size_t label);

#endif
