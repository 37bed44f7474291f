/* Powers and slowest rate of a small chain of pairs, in 113-bit arithmetic (doc/theory/pairs.md, section 3).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PAIR_POWER_H
#define QSG_PAIR_POWER_H

#include "qsg/moments.h"
#include "theory/pair_chain.h"

/* A power of a chain of 66 states takes 10 ms, so that 10^18 interactions take .6 s. */
#define PAIR_POWER_STATES 66

typedef struct pair_power pair_power;

/* Takes the rates of `chain`, which must live on.  QSG_ENOMEM. */
qsg_status pair_power_new(pair_power **self, const pair_chain *chain, qsg_error *error);
void pair_power_free(pair_power *self);

/* f and V of the state `start` after t interactions (whole, t >= 0); keeps the powers of two that it made. */
qsg_status pair_power_evolve(pair_power *self, const double *start, double t, qsg_moments *end, qsg_error *error);

/* Slowest decay rate among the states first .. end - 1, 0 when some pair never decays; QSG_ENOEXIST when none of them
 * moves, QSG_ENUMERIC. */
qsg_status pair_power_slow_rate(const pair_power *self, size_t first, size_t end, double *rate, qsg_error *error);

/* The end of all times from `start`; QSG_ENOEXIST when the slowest rate is 0. */
qsg_status pair_power_stationary(const pair_power *self, const double *start, qsg_moments *end, qsg_error *error);

/* Which states never move, into frozen[n]; true when each of the others leads to one of these or is killed. */
bool pair_chain_decays(const pair_chain *chain, bool *frozen);

#endif
