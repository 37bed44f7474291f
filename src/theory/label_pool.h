/* Beliefs over K labels in the state in which all labels are alike, by Monte Carlo (doc/theory/kinetic.md, section "More
 * than two labels").  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_LABEL_POOL_H
#define QSG_LABEL_POOL_H

#include "base/rng.h"
#include "qsg/channel.h"
#include "qsg/status.h"

#define LABEL_DEGREE 5
#define LABEL_FEATURES 12 /* polynomials of degree 1 .. LABEL_DEGREE */

typedef struct {
    qsg_channel channel;
    size_t labels, size, words; /* K; agents; labels of a message, m */
    double alpha, self;
    bool mutual;
    size_t features;              /* label_pool_features(m) */
    size_t stride;                /* events between two looks at what would be said; 1 with own output */
    double *belief, *twin;        /* size x K: a twin heard, in place of one message, all labels alike */
    double *said, *twin_said;     /* size x K: r of them at the last look */
    double *before;               /* size x K: beliefs at the beginning of a run */
    double *tagged;               /* size x features x K: polynomials of the replaced message, sum over labels 0 */
    double *counts, *heard, *own, *twin_own, *rise; /* K, K, K, K; features x K */
    size_t *order;
    rng_stream rng;
} label_pool;

/* How many polynomials of degree 1 .. degree there are, at most LABEL_FEATURES. */
size_t label_pool_features(size_t degree);

/* All agents undecided; the members before `belief` but `features` are given.  Memory O(size features K). */
qsg_status label_pool_init(label_pool *self, uint64_t seed, qsg_error *error);
void label_pool_free(label_pool *self);

/* Every agent hears a message, and then stride (looks - 1) more events.  Look i adds to row i of correlation (looks x
 * features x features) the sum over agents of <polynomial a of what is said, less that of the twin; polynomial b of the
 * message>, and gram those of the messages with themselves.  NULL, NULL: only the beliefs move.  Returns
 * the correlation of an agent's beliefs before and after. */
double label_pool_run(label_pool *self, size_t looks, double *correlation, double *gram);

#endif
