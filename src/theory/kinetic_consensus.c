/* Consensus by amplified sampling noise (doc/theory/kinetic.md, eq. 6-9).  SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "theory/kinetic_path.h"

#define WHO "consensus by amplification"
#define SEED_AMPLITUDE 1e-3 /* where the path leaves the growing mode: odd symmetry makes the error its square */
#define SLOWEST 0.003 /* keeps the path below some thousand rounds */
#define UNEVEN 2.0          /* starts further out than so many standard deviations follow the path from themselves */
#define PATIENCE 1e4        /* relaxation times to wait for the threshold */

/* All of degree 0 .. n: the growing observable phi with E_pi[phi] = 0, its source g, and the growing law e. */
typedef struct {
    double *phi, *source, *mode, *stationary, *start, *integral;
    double rate, scale; /* scale: <phi, mode> */
} growing;

static double sum_of(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t k = 0; k <= n; k++)
        sum += a[k] * b[k];
    return sum;
}

/* Solve (1 + rate - P) x = y for the function y (upper), or the transpose for moments; k = 0 is treated apart, as P
 * leaves constants alone: `rate` > 0 is its pivot. */
static void solve_function(belief_law *law, double rate, double *x)
{
    const size_t n = law->n;
    belief_kernel(law);
    for (size_t k = n + 1; k-- > 0;) {
        const double *column = law->kernel + (k ? packed(k - 1) : 0);
        x[k] /= k ? 1 + rate + column[k] : rate;
        for (size_t i = 0; i < k; i++)
            x[i] -= column[i] * x[k];
    }
}

static void solve_moments(belief_law *law, double rate, double *x)
{
    const size_t n = law->n;
    belief_kernel(law);
    x[0] = 0;
    for (size_t k = 1; k <= n; k++) {
        const double *column = law->kernel + packed(k - 1);
        double sum = x[k];
        for (size_t i = 0; i < k; i++)
            sum -= column[i] * x[i];
        x[k] = sum / (1 + rate + column[k]);
    }
}

/* phi = (1 + Lambda - P)^{-1} r, shifted to mean 0 under pi; mode = (1 + Lambda - P*)^{-1} D pi (eq. 6) */
static void grow(closure *c, growing *g)
{
    belief_law *law = &c->law;
    const size_t n = law->n, bytes = (n + 1) * sizeof(double);
    memcpy(g->stationary, law->moments, bytes);
    memcpy(g->source, law->speech, bytes);
    g->source[0] -= sum_of(law->speech, law->moments, n);
    memcpy(g->phi, g->source, bytes);
    solve_function(law, g->rate, g->phi);
    memcpy(g->mode, law->response, bytes);
    solve_moments(law, g->rate, g->mode);
    g->scale = sum_of(g->phi, g->mode, n);
}

/* Coefficients of the product of two functions, cut at degree n. */
static qsg_status multiply(const double *a, const double *b, size_t n, double *product, qsg_error *error)
{
    const size_t fine = 2 * n;
    double *values = malloc((fine + 1) * sizeof *values);
    if (!values)
        return qsg_fail(error, QSG_ENOMEM, "no memory for a product of degree %zu", fine);
    for (size_t j = 0; j <= fine; j++) {
        const double z = 2 * cos(M_PI * (double)j / (double)fine);
        double a1 = 0, a2 = 0, b1 = 0, b2 = 0;
        for (size_t k = n; k > 0; k--) {
            const double next_a = a[k] + z * a1 - a2, next_b = b[k] + z * b1 - b2;
            a2 = a1;
            a1 = next_a;
            b2 = b1;
            b1 = next_b;
        }
        values[j] = (a[0] + z / 2 * a1 - a2) * (b[0] + z / 2 * b1 - b2);
    }
    qsg_status status = belief_coefficients(values, fine, error);
    if (!status)
        memcpy(product, values, (n + 1) * sizeof *product);
    free(values);
    return status;
}

/* N times the variance of the amplitude that grows out of the start (eq. 7). */
static qsg_status noise_of(closure *c, growing *g, bool independent, double *variance, qsg_error *error)
{
    const size_t n = c->law.n;
    qsg_status status = multiply(g->phi, g->source, n, g->integral, error);
    if (status)
        return status;
    solve_function(&c->law, 2 * g->rate, g->integral);
    double sum = 2 * sum_of(g->integral, g->start, n);
    if (independent) { /* the beliefs at t = 0 are drawn: their own variance comes on top of -E[phi^2] */
        const double mean = sum_of(g->phi, g->start, n);
        sum -= mean * mean;
    } else {
        status = multiply(g->phi, g->phi, n, g->integral, error);
        sum -= sum_of(g->integral, g->start, n);
    }
    if (!status && !(sum > 0))
        status = qsg_fail(error, QSG_ENUMERIC, "the noise of the growing mode is lost in rounding (%g)", sum);
    if (!status)
        *variance = sum;
    return status;
}

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
static qsg_status travel_from_mode(closure *c, const growing *g, double threshold, double *rounds, qsg_error *error)
{
    double *mu = g->integral;
    for (size_t k = 0; k <= c->law.n; k++)
        mu[k] = g->stationary[k] + SEED_AMPLITUDE / g->scale * g->mode[k];
    qsg_status status = travel(c, g->rate, mu, threshold, rounds, error);
    if (!status)
        *rounds += log(SEED_AMPLITUDE) / g->rate;
    return status;
}

/* From the start itself, mirrored where its mean is below 1/2. */
static qsg_status travel_from_start(closure *c, const growing *g, double threshold, double *rounds, qsg_error *error)
{
    double *mu = g->integral;
    for (size_t k = 0; k <= c->law.n; k++)
        mu[k] = k % 2 && g->start[1] < 0 ? -g->start[k] : g->start[k];
    return travel(c, g->rate, mu, threshold, rounds, error);
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

static qsg_status check(const qsg_model *model, double threshold, qsg_error *error)
{
    const qsg_channel channel = qsg_channel_of(model);
    qsg_status status = belief_check(model, WHO, error);
    if (status)
        return status;
    if (!(threshold > 0.5 && threshold < 1))
        return qsg_fail(error, QSG_EDOMAIN, "consensus threshold is out of range (%g); expected a number in (0.5, 1)",
                        threshold);
    if (model->bandwidth != 1 || model->exchange != QSG_ONEWAY || model->self > 0)
        return qsg_fail(error, QSG_EMODEL, "%s does not support --%s; expected --bandwidth 1 --exchange oneway "
                        "--self 0", WHO, model->bandwidth != 1 ? "bandwidth > 1" : model->self > 0 ? "self > 0"
                                                                                 : "exchange mutual");
    if (!closure_symmetric(&channel))
        return qsg_fail(error, QSG_EMODEL, "%s does not support a channel that prefers a label; expected no --field "
                        "and an even --prior", WHO);
    return QSG_OK;
}

static qsg_status amplify(const qsg_model *model, closure *c, growing *g, double threshold, qsg_amplification *out,
                          qsg_error *error)
{
    const double agents = (double)model->agents;
    double heard, variance, path;
    qsg_status status = closure_map(c, 0.5, false, &heard, error);
    if (!status)
        status = belief_growth(&c->law, &g->rate, error);
    if (!status && !(g->rate > 1e-9))
        status = qsg_fail(error, QSG_ENOEXIST, "noise is not amplified: the growth rate is %g per round", g->rate);
    if (!status && g->rate < SLOWEST)
        status = qsg_fail(error, QSG_ENUMERIC, "growth at %g per round is too slow to follow; expected more than %g "
                          "(the adiabatic closure covers slower)", g->rate, SLOWEST);
    if (status)
        return status;
    path_start(model, c->law.n, g->start);
    grow(c, g);
    status = noise_of(c, g, model->start.kind == QSG_START_DIRICHLET, &variance, error);
    if (status)
        return status;
    const double sigma = sqrt(variance), z = sqrt(agents) * sum_of(g->phi, g->start, c->law.n) / sigma;
    status = travel_from_mode(c, g, threshold, &path, error);
    double rounds = path + (log(agents) / 2 - log(sigma) - mean_log(z)) / g->rate;
    if (!status && fabs(z) > UNEVEN) { /* the path from the start leaves out only the noise */
        status = travel_from_start(c, g, threshold, &rounds, error);
        rounds = fmax(0, rounds + (log(fabs(z)) - mean_log(z)) / g->rate);
    }
    if (!status)
        *out = (qsg_amplification){
            .rate = g->rate,
            .slope = 0.5 / g->rate,
            .constant = path - (log(sigma) + mean_log(0)) / g->rate,
            .rounds = rounds,
            .spread = M_PI / (sqrt(8) * g->rate),
            .noise = sigma * g->mode[1] / (2 * g->scale), /* the mode moves the mean by half its first moment */
            .probability = erfc(-z / M_SQRT2) / 2,
        };
    return status;
}

qsg_status qsg_kinetic_consensus(const qsg_model *model, double threshold, qsg_amplification *amplification,
                                 qsg_error *error)
{
    closure c = {0};
    growing g = {0};
    double *room = NULL;
    qsg_status status = check(model, threshold, error);
    if (!status)
        status = path_closure(&c, model, 0, WHO, error);
    if (!status) {
        const size_t size = c.law.n + 1;
        room = calloc(6 * size, sizeof *room);
        if (!room)
            status = qsg_fail(error, QSG_ENOMEM, "no memory for the growing mode");
        else
            g = (growing){room, room + size, room + 2 * size, room + 3 * size, room + 4 * size, room + 5 * size, 0, 0};
    }
    if (!status)
        status = amplify(model, &c, &g, threshold, amplification, error);
    free(room);
    closure_free(&c);
    return status;
}
