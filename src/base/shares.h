/* Sums over a distribution of shares.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_SHARES_H
#define QSG_SHARES_H

#include <stddef.h>

/* sum_k p_k (1 - p_k) = 1 - |p|^2 of n >= 1 shares that sum to 1, with a small relative error also when one of them is
 * close to 1. */
double shares_heterogeneity(const double *p, size_t n);

#endif
