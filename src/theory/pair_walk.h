/* The slowest rate of pairs where everybody hears committed agents in the end (doc/theory/pairs.md, section 5).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PAIR_WALK_H
#define QSG_PAIR_WALK_H

#include "theory/pair_levels.h"

/* Slowest rate of the first level of a law without innovation, whose closed classes are agents who never move: that of a single
 * agent against one of these.  low <= rate <= high: an enclosure by the mode's ratios, or an estimate by what is left of it.
 * QSG_ENOEXIST: nobody is fixed, the walk of a free listener is not reversible by the weights of the level, or it does not
 * converge to 1e-6; QSG_ENOMEM. */
qsg_status pair_walk_rate(const pair_level *level, double *rate, double *low, double *high, qsg_error *error);

/* The pairs of a free and a fixed class in the vector h become what they end as, by the pairs of fixed ones, which stay; to
 * rounding.  The law as above.  QSG_ENOEXIST: not reversible; QSG_ENOMEM. */
qsg_status pair_walk_settle(const pair_level *level, double *h, qsg_error *error);

#endif
