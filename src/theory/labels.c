/* Loss of labels in the neutral diffusion (doc/theory/density.md, eq. 21-25).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/labels.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The trapezoidal rule on the logarithm of time: its error is e^{-pi^2/STEP}. */
#define STEP 0.2
#define MAX_WORK 1e8
/* Ancestors with less probability than this are left out. */
#define NEGLIGIBLE 1e-18
#define MAX_ANCESTORS 4000

/* 113 bits of fraction wherever the compiler has them. */
__extension__ typedef _Float128 quad;

static qsg_status check_shares(const double *p, size_t labels, qsg_error *error)
{
    double sum = 0;
    for (size_t k = 0; k < labels; k++) {
        if (!(p[k] >= 0))
            return qsg_fail(error, QSG_EDOMAIN, "share of label %zu is %g; expected a number >= 0", k + 1, p[k]);
        sum += p[k];
    }
    if (!(fabs(sum - 1) < 1e-6))
        return qsg_fail(error, QSG_EDOMAIN, "shares sum to %g; expected 1", sum);
    return QSG_OK;
}

/* Law of how many labels occur when label k does with probability 1 - e^{-p_k t}: count[l], l = 0 .. j, and more in
 * count[j + 1].  Every step adds positive numbers. */
static void occurring(const double *p, size_t labels, size_t j, double t, double *count)
{
    size_t top = 0;
    double share = 0, occurs = 0, stays = 1;
    memset(count, 0, (j + 2) * sizeof *count);
    count[0] = 1;
    for (size_t k = 0; k < labels; k++) {
        if (p[k] == 0)
            continue;
        if (p[k] != share) { /* shares are often equal, and exponentials dear */
            share = p[k];
            occurs = -expm1(-share * t);
            stays = exp(-share * t);
        }
        if (top <= j)
            top++;
        if (top == j + 1)
            count[j + 1] += count[j] * occurs;
        for (size_t l = top <= j ? top : j; l > 0; l--)
            count[l] = count[l] * stays + count[l - 1] * occurs;
        count[0] *= stays;
    }
}

qsg_status qsg_labels_mean_times(const double *p, size_t labels, size_t j, double *tau, qsg_error *error)
{
    qsg_status status = check_shares(p, labels, error);
    if (status)
        return status;
    if (j < 1)
        return qsg_fail(error, QSG_EDOMAIN, "number of labels left is 0; expected 1 or more");
    if ((double)labels * (double)j > MAX_WORK)
        return qsg_fail(error, QSG_ENUMERIC,
                        "the mean time to %zu of %zu labels takes too long; expected a product of at "
                        "most %g", j, labels, MAX_WORK);
    double *count = calloc(2 * j + 3, sizeof *count), *sum = count + j + 2, smallest = 1;
    size_t present = 0;
    if (!count)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu labels", j);
    for (size_t k = 0; k < labels; k++)
        if (p[k] > 0) {
            present++;
            smallest = fmin(smallest, p[k]);
        }
    /* E T_l = 2 int t^-2 P(more than l labels among Poisson(t) draws) dt (eq. 22), in u = ln t */
    for (double u = -44, last = 44 - log(smallest); u <= last && present > 1; u += STEP) {
        occurring(p, labels, j, exp(u), count);
        double more = count[j + 1];
        const double weight = exp(-u);
        for (size_t l = j; l > 0; l--) {
            sum[l] += weight * more;
            more += count[l];
        }
    }
    for (size_t l = 1; l <= j; l++)
        tau[l - 1] = present <= l ? 0 : 2 * STEP * sum[l];
    free(count);
    return QSG_OK;
}

/* e^{-x} for 0 <= x by halving the argument, Taylor, and squaring. */
static quad quad_exp_minus(double x)
{
    int halvings = 0;
    quad y = x, term = 1, sum = 1;
    for (; y > 0.01; halvings++)
        y /= 2;
    for (int i = 1; i < 20; i++) {
        term *= -y / i;
        sum += term;
    }
    while (halvings--)
        sum *= sum;
    return sum;
}

/* The law g_n of the number of ancestors at tau (eq. 23), n = 1 .. *n_max, into a new array; rounding error of the
 * whole law into *accuracy. */
static qsg_status ancestors(double tau, double **law, size_t *n_max, double *accuracy, qsg_error *error)
{
    const quad decay = quad_exp_minus(tau), epsilon = 1 / (quad)(1ull << 56) / (1ull << 56);
    double *g = malloc((MAX_ANCESTORS + 1) * sizeof *g), seen = 0, defect = 0;
    quad first = 1, power = 1; /* leading term for n; decay^n */
    size_t n = 0;
    if (!g)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the number of ancestors");
    while (n < MAX_ANCESTORS) {
        n++;
        power *= decay;
        quad term = first, sum = 0, largest = 0, across = power; /* across = decay^k */
        for (size_t k = n; k < n + 100000; k++) {
            const quad size = term < 0 ? -term : term;
            sum += term;
            largest = size > largest ? size : largest;
            if (size < epsilon * largest || size < 1e-40)
                break;
            term *= -across * (quad)(2.0 * (double)k + 1) / (quad)(2.0 * (double)k - 1) *
                    (quad)((double)n + (double)k - 1) / (quad)((double)k + 1 - (double)n);
            across *= decay;
        }
        g[n] = sum > 0 ? (double)sum : 0;
        defect += (double)(4 * (double)n * largest * epsilon);
        seen += g[n];
        if (!(defect < 1e-10)) {
            free(g);
            return qsg_fail(error, QSG_ENUMERIC,
                            "time is too short for the law of the labels left (tau %g); expected about "
                            "0.03 or more", tau);
        }
        if (1 - seen < 0.5 && g[n] < NEGLIGIBLE)
            break;
        first *= power * 2 * (quad)(2.0 * (double)n + 1) / (quad)((double)n + 1);
    }
    *law = g;
    *n_max = n;
    *accuracy = defect + fabs(1 - seen);
    return QSG_OK;
}

/* Equal shares: throw the balls one by one.  occupied[l] after n balls, added up with weights g_n. */
static void occupy_equal(size_t present, size_t n_max, const double *g, double *occupied, double *law)
{
    const double labels = (double)present;
    occupied[0] = 1;
    for (size_t n = 1; n <= n_max; n++) {
        for (size_t l = n < present ? n : present; l > 0; l--) {
            occupied[l] = occupied[l] * (double)l / labels + occupied[l - 1] * (labels - (double)l + 1) / labels;
            law[l - 1] += g[n] * occupied[l];
        }
        occupied[0] = 0;
    }
}

/* Any shares: occupied[l][n] = P(l labels | n balls among the first k labels), a label at a time (eq. 24).  All terms
 * are probabilities.  `pmf` has room for n_max+1, `log_factorial` holds ln n!. */
static void occupy(const double *p, size_t labels, size_t l_max, size_t n_max, double *occupied, double *pmf,
                   const double *log_factorial)
{
    const size_t row = n_max + 1;
    double before = 0;
    size_t used = 0;
    for (size_t k = 0; k < labels; k++) {
        if (p[k] == 0)
            continue;
        const double all = before + p[k], log_in = log(p[k] / all), log_out = used ? log(before / all) : -INFINITY;
        before = all;
        if (used++ == 0) {
            occupied[0] = 1;
            for (size_t n = 1; n <= n_max; n++)
                occupied[row + n] = 1;
            continue;
        }
        for (size_t n = n_max; n > 0; n--) {
            for (size_t m = 0; m <= n; m++)
                pmf[m] = exp(log_factorial[n] - log_factorial[m] - log_factorial[n - m] + (double)m * log_in +
                             (double)(n - m) * log_out);
            for (size_t l = used < l_max ? used : l_max; l > 0; l--) {
                double sum = pmf[0] * occupied[l * row + n];
                for (size_t m = 1; m <= n; m++)
                    sum += pmf[m] * occupied[(l - 1) * row + n - m];
                occupied[l * row + n] = sum;
            }
        }
    }
}

static qsg_status sum_over_ancestors(const double *p, size_t labels, size_t present, size_t n_max, const double *g,
                                     double *law, qsg_error *error)
{
    const size_t l_max = present < n_max ? present : n_max, row = n_max + 1;
    double *room = calloc((l_max + 3) * row, sizeof *room), *pmf = room + (l_max + 1) * row, *factorial = pmf + row;
    if (!room)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu labels and %zu ancestors", l_max, n_max);
    for (size_t n = 0; n <= n_max; n++)
        factorial[n] = lgamma((double)n + 1);
    occupy(p, labels, l_max, n_max, room, pmf, factorial);
    for (size_t l = 1; l <= l_max; l++)
        for (size_t n = 1; n <= n_max; n++)
            law[l - 1] += g[n] * room[l * row + n];
    free(room);
    return QSG_OK;
}

qsg_status qsg_labels_left(const double *p, size_t labels, double tau, double *law, double *accuracy,
                           qsg_error *error)
{
    qsg_status status = check_shares(p, labels, error);
    if (status)
        return status;
    if (!(tau >= 0))
        return qsg_fail(error, QSG_EDOMAIN, "time is %g coalescent units; expected a number >= 0", tau);
    tau = fmin(tau, 1000); /* by then e^-1000 are left to wait */
    size_t present = 0, n_max = 0;
    double *g = NULL, *out = NULL, *occupied = NULL, wrong = 0;
    bool equal = true;
    for (size_t k = 0, first = labels; k < labels; k++) {
        if (p[k] > 0 && present++ == 0)
            first = k;
        equal = equal && (p[k] == 0 || p[k] == p[first]);
    }
    out = calloc(labels, sizeof *out);
    occupied = calloc(present + 1, sizeof *occupied);
    if (!out || !occupied)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu labels", labels);
    if (!status && tau == 0)
        out[present - 1] = 1;
    if (!status && tau > 0)
        status = ancestors(tau, &g, &n_max, &wrong, error);
    if (!status && tau > 0) {
        const double n = (double)n_max, k = (double)present;
        if (equal)
            occupy_equal(present, n_max, g, occupied, out);
        else if (k * fmin(k, n) * n * n > 1e9)
            status = qsg_fail(error, QSG_ENUMERIC, "the law of %zu labels left takes too long at tau %g; expected "
                                                   "fewer labels or a later time", present, tau);
        else
            status = sum_over_ancestors(p, labels, present, n_max, g, out, error);
    }
    if (!status) {
        memcpy(law, out, labels * sizeof *law);
        if (accuracy)
            *accuracy = wrong;
    }
    free(g);
    free(out);
    free(occupied);
    return status;
}

/* -x ln x - (1-x) ln(1-x) */
static double entropy(double x)
{
    return x <= 0 || x >= 1 ? 0 : -x * log(x) - (1 - x) * log1p(-x);
}

qsg_status qsg_labels_exit_time(double start, double threshold, double *tau, qsg_error *error)
{
    if (!(start >= 0 && start <= 1))
        return qsg_fail(error, QSG_EDOMAIN, "start is out of range (%g); expected a share in [0, 1]", start);
    if (!(threshold > 0.5 && threshold <= 1))
        return qsg_fail(error, QSG_EDOMAIN,
                        "threshold of polarization is out of range (%g); expected a number in (1/2, 1]", threshold);
    /* U = 1 - 2p(1-p), so the minority at the threshold is (1 - sqrt(2U - 1))/2, here without cancellation */
    const double minority = (1 - threshold) / (1 + sqrt(2 * threshold - 1)), now = fmin(start, 1 - start);
    *tau = now <= minority ? 0 : 2 * (entropy(now) - entropy(minority));
    return QSG_OK;
}
