/* Exact mean times until so many labels are left among copiers (doc/theory/chain.md, section 5).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/chain.h"

#define MAX_AGENTS UINT64_C(1000000000000)
#define MAX_LABELS 40 /* of the sum over subsets */
#define MAX_WORK 1e9

/* 113 bits of fraction wherever the compiler has them. */
__extension__ typedef _Float128 quad;

/* 1/(from + 1) + .. + 1/to */
static double harmonic(double from, double to)
{
    const double enough = 1e4; /* beyond, three terms of the asymptotic series */
    double sum = 0;
    while (from < to && from < enough)
        sum += 1 / ++from;
    if (from < to) {
        const double a = from + 0.5, b = to + 0.5;
        sum += log1p((to - from) / a) + (1 / (b * b) - 1 / (a * a)) / 24;
    }
    return sum;
}

/* Sum over t of what is still missing of the final probability that a label with n of N agents has won (eq. 14). */
static double missing(double n, double agents)
{
    return n < agents ? (agents - 1) * (agents - n) * harmonic(agents - n, agents) : 0;
}

/* sum over subsets of s = 1 .. left labels, in 113 bits: the number of subsets of each size and number of agents */
static qsg_status subsets(size_t present, const uint64_t *counts, size_t agents, size_t left, double *time,
                          qsg_error *error)
{
    const size_t width = agents + 1;
    double *ways = calloc((left + 1) * width, sizeof *ways); /* whole numbers below C(40, 20) < 2^53 */
    quad *sum = calloc(left + 1, sizeof *sum), tail = 0;
    if (!ways || !sum) {
        free(ways);
        free(sum);
        return qsg_fail(error, QSG_ENOMEM, "no memory for the subsets of %zu labels of %zu agents", present, agents);
    }
    ways[0] = 1;
    for (size_t k = 0; k < present; k++)
        for (size_t s = (k + 1 < left ? k + 1 : left); s > 0; s--)
            for (size_t n = agents + 1; n-- > counts[k];)
                ways[s * width + n] += ways[(s - 1) * width + n - counts[k]];
    for (size_t n = 1; n < agents; n++) {
        tail += 1 / (quad)(agents - n + 1);
        const quad g = (quad)(agents - 1) * (quad)(agents - n) * tail;
        for (size_t s = 1; s <= left; s++)
            sum[s] += (quad)ways[s * width + n] * g;
    }
    for (size_t l = 1; l <= left; l++) {
        quad total = 0;
        for (size_t s = 1; s <= l; s++) {
            quad choose = (l - s) % 2 ? -1 : 1; /* (-1)^(l-s) C(present - 1 - s, l - s) */
            for (size_t i = 1; i <= l - s; i++)
                choose *= (quad)(present - 1 - s - (l - s) + i) / (quad)i;
            total += choose * sum[s];
        }
        time[l - 1] = (double)total;
    }
    free(ways);
    free(sum);
    return QSG_OK;
}

qsg_status qsg_chain_label_times(size_t labels, const uint64_t *counts, bool replacement, size_t left, double *time,
                                 qsg_error *error)
{
    uint64_t agents = 0, some[MAX_LABELS];
    size_t present = 0;
    double sum = 0;
    for (size_t k = 0; k < labels; k++) {
        if (counts[k] > MAX_AGENTS || (agents += counts[k]) > MAX_AGENTS)
            return qsg_fail(error, QSG_EDOMAIN, "label %zu makes the agents more than 10^12", k + 1);
        if (counts[k] && present++ < MAX_LABELS)
            some[present - 1] = counts[k];
    }
    if (agents < 2 || left < 1)
        return qsg_fail(error, QSG_EDOMAIN, "%llu agents until %zu labels are left; expected 2 agents and 1 label or more",
                        (unsigned long long)agents, left);
    const double n = (double)agents, pace = replacement ? n / (n - 1) : 1;
    const size_t real = left < present ? left : present - 1; /* later ones are 0 */
    if (real > 1 && (present > MAX_LABELS || (double)present * (double)real * n > MAX_WORK))
        return qsg_fail(error, QSG_EDOMAIN, "times until %zu of %zu labels are left among %g agents take too long; expected "
                        "at most %d labels and a product of at most %g", real, present, n, MAX_LABELS, MAX_WORK);
    if (real > 1) {
        qsg_status status = subsets(present, some, (size_t)agents, real, time, error);
        if (status)
            return status;
    }
    for (size_t k = 0; k < labels; k++)
        sum += counts[k] ? missing((double)counts[k], n) : 0;
    for (size_t l = real; l < left; l++)
        time[l] = 0;
    if (real >= 1)
        time[0] = sum;
    for (size_t l = 0; l < real; l++)
        time[l] *= pace;
    return QSG_OK;
}
