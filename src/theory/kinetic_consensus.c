/* Consensus by amplified sampling noise (doc/theory/kinetic.md, eq. 6-9).  SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "theory/growing_mode.h"

#define WHO "consensus by amplification"
#define SEED_AMPLITUDE 1e-3 /* where the path leaves the growing mode: odd symmetry makes the error its square */
#define UNEVEN 2.0   /* starts further out than so many standard deviations follow the path from themselves */
#define FAR 100.0      /* starts further out have a spread of 1/z, to 1e-4 */
#define PATIENCE 1e4 /* relaxation times to wait for the threshold */

/* Rounds until the law mu, whose mean is above 1/2, reaches the threshold; mu is used up. */
static qsg_status travel(closure *c, double rate, double *mu, double threshold, double *rounds, qsg_error *error)
{
    const double goal = sqrt(2 * threshold - 1), step = fmin(1, 0.1 / rate);
    kinetic_path path = {0};
    double before = 0, now = 0, after = mu[1], t = 0;
    qsg_status status = path_init(&path, c, error);
    if (!status && after >= goal) {
        path_free(&path);
        *rounds = 0;
        return QSG_OK;
    }
    while (!status && after < goal) {
        if (t * c->alpha > PATIENCE || (t * rate > 50 && after - now < 1e-13)) {
            status = qsg_fail(error, QSG_ENOEXIST, "U stays below the consensus threshold (%g): the mean belief stops "
                              "at %g", threshold, (1 + after) / 2);
            break;
        }
        status = path_advance(&path, mu, step, error);
        before = now;
        now = after;
        after = mu[1];
        t += step;
    }
    if (!status) {
        /* quadratic inverse interpolation through the last three steps, in -ln(1 - z) where the end is exponential */
        const double x0 = -log1p(-before), x1 = -log1p(-now), x2 = -log1p(-after), x = -log1p(-goal);
        double back = (x2 - x) / (x2 - x1);
        if (t > 2.5 * step)
            back = step * (x - x2) *
                   (2 * (x - x1) / ((x0 - x2) * (x0 - x1)) + (x - x0) / ((x1 - x2) * (x1 - x0)));
        else
            back *= step;
        *rounds = t - back;
    }
    path_free(&path);
    return status;
}

/* The same from amplitude a of the growing mode, less ln(1/a)/Lambda: a constant of the path (eq. 8). */
static qsg_status travel_from_mode(growing_mode *g, double threshold, double *rounds, qsg_error *error)
{
    for (size_t k = 0; k <= g->c.law.n; k++)
        g->room[k] = g->stationary[k] + SEED_AMPLITUDE / g->scale * g->mode[k];
    qsg_status status = travel(&g->c, g->rate, g->room, threshold, rounds, error);
    if (!status)
        *rounds += log(SEED_AMPLITUDE) / g->rate;
    return status;
}

/* From the start itself, mirrored where its mean is below 1/2. */
static qsg_status travel_from_start(growing_mode *g, double threshold, double *rounds, qsg_error *error)
{
    for (size_t k = 0; k <= g->c.law.n; k++)
        g->room[k] = k % 2 && g->start[1] < 0 ? -g->start[k] : g->start[k];
    return travel(&g->c, g->rate, g->room, threshold, rounds, error);
}

/* E ln|xi + z| for a standard normal xi: a Poisson mixture of digammas. */
static double mean_log(double z)
{
    const double half = z * z / 2;
    if (half > 300) /* ln z - 1/(2 z^2) - .. */
        return log(fabs(z)) - 1 / (4 * half) - 3 / (16 * half * half);
    double weight = exp(-half), sum = 0;
    for (int j = 0; j < 2000; j++) {
        sum += weight * gsl_sf_psi(j + 0.5);
        weight *= half / (j + 1);
        if (j > half && weight < 1e-18)
            break;
    }
    return (M_LN2 + sum) / 2;
}

/* Standard deviation of ln|xi + z|, a sum over u = ln|xi + z|, where the law is smooth. */
static double sd_log(double z)
{
    const double top = log(fabs(z) + 9), step = 0.05 / (1 + fabs(z)), mean = mean_log(z);
    double total = 0, square = 0;
    for (double u = top; u > top - 45 && (u > 0 || fabs(z) < 9); u -= step) {
        const double size = exp(u), weight = size * (exp(-(size - z) * (size - z) / 2) + exp(-(size + z) * (size + z) / 2));
        total += weight;
        square += weight * (u - mean) * (u - mean);
    }
    return sqrt(square / total);
}

/* Standard deviation of the rounds; a start far from the mixed state has only the noise that comes in on its way. */
static double spread_of(const growing_mode *g, double z, double rounds)
{
    const double part = fabs(z) > UNEVEN ? sqrt(-expm1(-2 * g->rate * rounds)) : 1;
    return rounds > 0 ? part * (fabs(z) < FAR ? sd_log(z) : 1 / fabs(z)) / g->rate : 0;
}

qsg_status qsg_kinetic_consensus(const qsg_model *model, double threshold, qsg_amplification *amplification,
                                 qsg_error *error)
{
    const double agents = (double)model->agents;
    growing_mode g = {0};
    double path = 0, rounds = 0;
    if (!(threshold > 0.5 && threshold < 1))
        return qsg_fail(error, QSG_EDOMAIN, "consensus threshold is out of range (%g); expected a number in (0.5, 1)",
                        threshold);
    qsg_status status = growing_init(&g, model, WHO, error);
    if (status)
        return status;
    const double sigma = sqrt(g.variance), z = sqrt(agents) * g.lift / sigma;
    status = travel_from_mode(&g, threshold, &path, error);
    if (!status && fabs(z) > UNEVEN) { /* the path from the start leaves out only the noise */
        status = travel_from_start(&g, threshold, &rounds, error);
        rounds = rounds > 0 ? fmax(0, rounds + (log(fabs(z)) - mean_log(z)) / g.rate) : 0;
    } else if (!status) {
        rounds = path + (log(agents) / 2 - log(sigma) - mean_log(z)) / g.rate;
    }
    if (!status)
        *amplification = (qsg_amplification){
            .rate = g.rate,
            .slope = 0.5 / g.rate,
            .constant = path - (log(sigma) + mean_log(0)) / g.rate,
            .rounds = rounds,
            .spread = spread_of(&g, z, rounds),
            .noise = sigma * g.mode[1] / (2 * g.scale), /* the mode moves the mean by half its first moment */
            .probability = erfc(-z / M_SQRT2) / 2,
        };
    growing_free(&g);
    return status;
}
