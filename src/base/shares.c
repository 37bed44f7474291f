/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/shares.h"

double shares_heterogeneity(const double *p, size_t n)
{
    size_t top = 0;
    long double rest = 0, sum = 0; /* 10^6 equal shares add up to 1 within 1e-16 */
    for (size_t k = 1; k < n; k++)
        if (p[k] > p[top])
            top = k;
    for (size_t k = 0; k < n; k++)
        if (k != top) {
            rest += p[k];
            sum += p[k] * (1 - (long double)p[k]);
        }
    return (double)(sum + p[top] * rest);
}
