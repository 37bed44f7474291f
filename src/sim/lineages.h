/* How many ancestors the infinitely many lineages of a diffusion's present have a time earlier
 * (doc/theory/paths.md, eq. 2-4).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_LINEAGES_H
#define QSG_LINEAGES_H

#include <stddef.h>
#include <stdint.h>

#include "qsg/status.h"

/* Shorter times have more ancestors than a binomial generator takes, and lose digits. */
#define LINEAGES_MIN_TAU 1e-7

/* The law at one time: P(at most first + i ancestors) = cumulative[i]. */
typedef struct {
    uint64_t first;
    size_t n;
    double *cumulative;
} lineages;

/* Rates j(j - 1 + theta)/2 down, theta in [0, 1000], tau >= LINEAGES_MIN_TAU.  Error of the probabilities together
 * below 1e-10 (1e-12 from tau = 10^-4 on).  QSG_EDOMAIN, QSG_ENUMERIC, QSG_ENOMEM; *self unchanged on failure. */
qsg_status lineages_init(lineages *self, double theta, double tau, qsg_error *error);
void lineages_free(lineages *self);

/* The number that belongs to u, uniform in [0, 1). */
uint64_t lineages_at(const lineages *self, double u);

#endif
