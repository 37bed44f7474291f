/* The growing mode of the mixed state (doc/theory/kinetic.md, eq. 6): one label a message, one-way, labels alike.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_GROWING_MODE_H
#define QSG_GROWING_MODE_H

#include "theory/kinetic_path.h"

/* Functions of the belief as coefficients and laws as moments, 0 .. law.n. */
typedef struct {
    closure c;
    double *phi;        /* the growing observable, E_pi[phi] = 0 */
    double *source;     /* r - E_pi[r] */
    double *mode;       /* the growing law e */
    double *stationary; /* pi */
    double *start;      /* of the model */
    double *square;     /* phi^2 */
    double *future;     /* N times the variance that a law adds to e^{-Lambda tau} a from now on is its mean (eq. 6) */
    double *room;
    double rate;     /* Lambda */
    double scale;    /* <phi, e> */
    double lift;     /* a_0 = <phi, start> */
    double variance; /* sigma^2 of eq. 6 */
} growing_mode;

/* QSG_ENOEXIST when nothing grows; QSG_ENUMERIC when it grows too slowly for a path (below 0.003 a round); QSG_EMODEL for
 * another model. */
qsg_status growing_init(growing_mode *self, const qsg_model *model, const char *who, qsg_error *error);
void growing_free(growing_mode *self);

double growing_sum(const double *a, const double *b, size_t n);

#endif
