/* The law of one agent's belief (doc/theory/adiabatic.md).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/belief_law.h"

#include <fftw3.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "theory/anderson.h"

/* Below, the resolvent near -alpha loses the growth rate (0 comes out as -alpha at T = 0.02, alpha = 0.7) without the
 * error estimate noticing; from here on the two agree with the histories of kinetic_labels.c. */
#define LOWEST_TEMPER 0.05
#define FINE 8192            /* Gauss-Lobatto intervals on which channels are sampled */
#define ALGEBRAIC 512
#define MAX_STORE ((size_t)1 << 24) /* numbers in the maps: 128 MB */
#define MOST_DENSE 192              /* own output: a law costs n^3 */
#define TOO_ROUGH 1e-5
#define PATIENCE 20 /* steps of the message law without progress */

qsg_status belief_check(const qsg_model *model, const char *who, qsg_error *error)
{
    qsg_status status =
        qsg_model_require(model, QSG_USES_FIELD | QSG_USES_TEMPER | QSG_USES_INNOVATION, who, error);
    if (status)
        return status;
    if (model->labels != 2)
        return qsg_fail(error, QSG_EMODEL, "%s does not support --labels (%zu); expected 2", who, model->labels);
    if (model->temper < LOWEST_TEMPER)
        return qsg_fail(error, QSG_EMODEL, "%s does not support --temper that low (%g); expected %g or more", who,
                        model->temper, LOWEST_TEMPER);
    if (model->self > 0 && isinf(model->bandwidth))
        return qsg_fail(error, QSG_EMODEL, "%s does not support --self with --bandwidth inf (%g); expected 0", who,
                        model->self);
    if (model->exchange == QSG_BROADCAST)
        return qsg_fail(error, QSG_EMODEL, "%s does not support --exchange broadcast, whose mean belief moves as fast "
                        "as an agent's; expected oneway or mutual", who);
    if (isfinite(model->bandwidth) && model->bandwidth > BELIEF_MAX_BANDWIDTH)
        return qsg_fail(error, QSG_EMODEL, "%s does not support --bandwidth (%g); expected at most %d, or inf", who,
                        model->bandwidth, BELIEF_MAX_BANDWIDTH);
    return QSG_OK;
}

/* T_k(d z + e), k = 0 .. n, by the three-term recurrence in coefficients: |d z + e| <= 1, so all stay at most 2. */
void belief_map_triangle(double *map, size_t n, double d, double e)
{
    map[0] = 1;
    if (n == 0)
        return;
    map[1] = e;
    map[2] = d;
    for (size_t k = 1; k < n; k++) {
        const double *now = map + packed(k - 1), *before = k > 1 ? map + packed(k - 2) : map;
        double *next = map + packed(k);
        for (size_t i = 0; i <= k + 1; i++) {
            double up = i >= 2 && i - 1 <= k ? now[i - 1] : 0;
            if (i == 1)
                up = 2 * now[0];
            const double down = i + 1 <= k ? now[i + 1] : 0;
            next[i] = d * (up + down) + (i <= k ? 2 * e * now[i] : 0) - (i < k ? before[i] : 0);
        }
    }
}

/* x_0 + (-1)^j x_fine + 2 sum_k x_k cos(pi j k/fine), in place. */
static qsg_status cosine_sums(double *x, size_t fine, qsg_error *error)
{
    double *out = fftw_alloc_real(fine + 1);
    fftw_plan plan = NULL;
    /* FFTW's planner is the one part of it that is not thread-safe */
#pragma omp critical(qsg_fftw_planner)
    if (out)
        plan = fftw_plan_r2r_1d((int)fine + 1, x, out, FFTW_REDFT00, FFTW_ESTIMATE | FFTW_UNALIGNED);
    if (plan) {
        fftw_execute(plan);
        memcpy(x, out, (fine + 1) * sizeof *x);
    }
#pragma omp critical(qsg_fftw_planner)
    if (plan)
        fftw_destroy_plan(plan);
    fftw_free(out);
    return plan ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for a transform of %zu numbers", fine + 1);
}

qsg_status belief_coefficients(double *values, size_t fine, qsg_error *error)
{
    qsg_status status = cosine_sums(values, fine, error);
    for (size_t k = 0; k <= fine && !status; k++)
        values[k] *= (k == 0 || k == fine ? 0.5 : 1) / (double)fine;
    return status;
}

qsg_status belief_values(const double *coefficients, size_t n, size_t fine, double *values, qsg_error *error)
{
    for (size_t k = 0; k <= fine; k++)
        values[k] = k > n ? 0 : (k == 0 || k == fine ? 1 : 0.5) * coefficients[k];
    return cosine_sums(values, fine, error);
}

qsg_status belief_weights(const double *moments, size_t n, size_t fine, double *weights, qsg_error *error)
{
    for (size_t k = 0; k <= fine; k++)
        weights[k] = k > n ? 0 : 0.5 * moments[k];
    qsg_status status = cosine_sums(weights, fine, error);
    for (size_t j = 0; j <= fine && !status; j++)
        weights[j] *= (j == 0 || j == fine ? 1.0 : 2.0) / (double)fine;
    return status;
}

void belief_tails(size_t m, double r, double *law, double *tails)
{
    memset(law, 0, (m + 1) * sizeof *law);
    law[0] = 1;
    for (size_t i = 0; i < m; i++)
        for (size_t b = i + 2; b-- > 0;)
            law[b] = law[b] * (1 - r) + (b ? law[b - 1] * r : 0);
    double sum = 0;
    for (size_t b = m; b > 0; b--) {
        sum += law[b];
        tails[b - 1] = sum;
    }
}

/* Speech functions of the channel: (FINE + 1)-long coefficient rows in `fine`, m of them. */
static qsg_status sample_speech(const qsg_channel *channel, size_t m, double *fine, qsg_error *error)
{
    double law[BELIEF_MAX_BANDWIDTH + 1], tails[BELIEF_MAX_BANDWIDTH];
    for (size_t j = 0; j <= FINE; j++) {
        const double c = cos(M_PI * (double)j / (2 * FINE)), s = sin(M_PI * (double)j / (2 * FINE));
        const double x = j == FINE ? 0 : c > s ? 1 - s * s : c * c;
        belief_tails(m, qsg_channel_binary(channel, x), law, tails);
        for (size_t b = 0; b < m; b++)
            fine[b * (FINE + 1) + j] = tails[b];
    }
    for (size_t b = 0; b < m; b++) {
        qsg_status status = belief_coefficients(fine + b * (FINE + 1), FINE, error);
        if (status)
            return status;
    }
    return QSG_OK;
}

static size_t needed_degree(const double *fine, size_t m, belief_degree degree, bool dense)
{
    size_t n = degree.least;
    if (dense)
        degree.most = degree.most < MOST_DENSE ? degree.most : MOST_DENSE;
    for (size_t b = 0; b < m; b++)
        for (size_t k = FINE; k > n; k--)
            if (fabs(fine[b * (FINE + 1) + k]) > degree.negligible) {
                n = k;
                break;
            }
    n = n < degree.most ? n : degree.most;
    if (n > ALGEBRAIC) { /* x^{1/T} at the ends decays slowly, but the moments of a law inside make up for it */
        double size = 0;
        for (size_t b = 0; b < m; b++)
            for (size_t k = ALGEBRAIC - 16; k < ALGEBRAIC; k++)
                size = fmax(size, fabs(fine[b * (FINE + 1) + k]));
        if (size < 1e-8 && degree.least <= ALGEBRAIC)
            n = ALGEBRAIC;
    }
    if (dense && n < degree.most) /* products with the channel need room beyond its own degree */
        n = 2 * n < degree.most ? 2 * n : degree.most;
    while ((m + 1) * (dense ? (n + 1) * (n + 1) : packed(n)) > MAX_STORE)
        n--;
    return n;
}

/* Keep n + 1 coefficients of each row.  The sum is made exact at both ends, where consensus decides, by multiples of
 * (1-x)^n and x^n: they are as narrow as the neglected rest, so the laws away from the ends do not feel them. */
static void keep_speech(belief_law *self, const double *fine)
{
    const size_t n = self->n;
    self->tail = self->aliased = 0;
    for (size_t b = 0; b < self->m; b++) {
        const double *from = fine + b * (FINE + 1);
        double *to = self->speech + b * (n + 1), even = 0, odd = 0, tail = 0;
        memcpy(to, from, (n + 1) * sizeof *to);
        for (size_t k = n + 1; k <= FINE; k++) {
            *(k % 2 ? &odd : &even) += from[k];
            tail += fabs(from[k]);
        }
        /* e^{i k theta} of sin^{2n}(theta/2) = (1-x)^n: 2^{1-2n} C(2n, n-k) (-1)^k, halved at k = 0 */
        double bump = exp(lgamma(2 * (double)n + 1) - 2 * lgamma((double)n + 1) + (1 - 2 * (double)n) * M_LN2);
        for (size_t k = 0; k <= n; k++) {
            to[k] += bump * (k ? 1 : 0.5) * 2 * (k % 2 ? odd : even);
            bump *= ((double)n - (double)k) / ((double)n + (double)k + 1);
        }
        self->tail = fmax(self->tail, tail);
        for (size_t k = FINE - 64; k <= FINE; k++)
            self->aliased = fmax(self->aliased, fabs(from[k]));
    }
}

static qsg_status allocate(belief_law *self, qsg_error *error)
{
    const size_t m = self->m, n = self->n, size = belief_map_size(self);
    self->maps = malloc((m + 1) * size * sizeof(double));
    self->speech = malloc(m * (n + 1) * sizeof(double));
    self->message = calloc(m + 1, sizeof(double));
    self->spoken = calloc(m, sizeof(double));
    self->moments = calloc(n + 1, sizeof(double));
    self->kernel = malloc(size * sizeof(double));
    self->factor = self->dense ? malloc(size * sizeof(double)) : NULL;
    self->pivots = self->dense ? malloc((n + 1) * sizeof *self->pivots) : NULL;
    self->work = calloc((m + 2) * (n + 1), sizeof(double));
    self->response = calloc(m * (n + 1), sizeof(double));
    self->matrix = calloc(m * m + 2 * m, sizeof(double));
    if ((self->dense && (!self->factor || !self->pivots)) || !self->maps || !self->speech || !self->message || !self->spoken || !self->moments || !self->kernel ||
        !self->work || !self->response || !self->matrix) {
        belief_free(self);
        return qsg_fail(error, QSG_ENOMEM, "no memory for belief laws of degree %zu", n);
    }
    return QSG_OK;
}

qsg_status belief_init(belief_law *self, const belief_agent *agent, const qsg_channel *channel, belief_degree degree,
                       qsg_error *error)
{
    belief_law law = {.m = (size_t)agent->bandwidth, .alpha = agent->alpha, .dense = agent->self > 0};
    double *fine = malloc(law.m * (FINE + 1) * sizeof *fine);
    if (!fine)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the channel");
    qsg_status status = sample_speech(channel, law.m, fine, error);
    if (!status) {
        law.n = needed_degree(fine, law.m, degree, law.dense);
        status = allocate(&law, error);
    }
    if (!status) {
        keep_speech(&law, fine);
        for (size_t b = 0; b <= law.m && !law.dense; b++)
            belief_map_triangle(law.maps + b * packed(law.n), law.n, 1 - law.alpha,
                                law.alpha * (2 * (double)b / (double)law.m - 1));
        if (law.dense)
            status = belief_own_maps(&law, agent, channel, error);
        if (status)
            belief_free(&law);
        else
            *self = law;
    }
    free(fine);
    return status;
}

void belief_free(belief_law *self)
{
    free(self->maps);
    free(self->speech);
    free(self->message);
    free(self->spoken);
    free(self->moments);
    free(self->kernel);
    free(self->factor);
    free(self->pivots);
    free(self->work);
    free(self->response);
    free(self->matrix);
    *self = (belief_law){0};
}

void belief_kernel(belief_law *self)
{
    const size_t size = belief_map_size(self);
    for (size_t b = 0; b <= self->m; b += 2) { /* two maps a pass: memory is what takes the time */
        const bool pair = b + 1 <= self->m;
        const double w = self->message[b], v = pair ? self->message[b + 1] : 0;
        const double *restrict one = self->maps + b * size, *restrict two = pair ? one + size : one;
        double *restrict kernel = self->kernel;
        if (b == 0)
            for (size_t i = 0; i < size; i++)
                kernel[i] = -(w * one[i] + v * two[i]);
        else if (w != 0 || v != 0)
            for (size_t i = 0; i < size; i++)
                kernel[i] -= w * one[i] + v * two[i];
    }
    self->kernel[0] = 1;
}

qsg_status belief_shift(belief_law *self, double rate, qsg_error *error)
{
    const int size = (int)self->n + 1;
    if (self->dense) {
        memcpy(self->factor, self->kernel, belief_map_size(self) * sizeof *self->factor);
        for (size_t k = 1; k <= self->n; k++)
            self->factor[k * (self->n + 2)] += 1 + rate;
        const int info = LAPACKE_dgetrf_work(LAPACK_COL_MAJOR, size, size, self->factor, size, self->pivots);
        return info ? qsg_fail(error, QSG_ENUMERIC, "the belief law of degree %zu is singular (dgetrf %d)", self->n, info)
                    : QSG_OK;
    }
    double eigenvalue = 1;
    for (size_t k = 1; k <= self->n; k++) {
        eigenvalue *= 1 - self->alpha;
        self->kernel[packed(k) - 1] = 1 + rate - eigenvalue;
    }
    return QSG_OK;
}

qsg_status belief_solve(const belief_law *self, char transpose, double *x, size_t rows, qsg_error *error)
{
    const int size = (int)self->n + 1;
    const int info = self->dense
        ? LAPACKE_dgetrs_work(LAPACK_COL_MAJOR, transpose, size, (int)rows, self->factor, size, self->pivots, x, size)
        : LAPACKE_dtptrs_work(LAPACK_COL_MAJOR, 'U', transpose, 'N', size, (int)rows, self->kernel, x, size);
    return info ? qsg_fail(error, QSG_ENUMERIC, "the belief law of degree %zu has no solution (%s %d)", self->n,
                           self->dense ? "dgetrs" : "dtptrs", info)
                : QSG_OK;
}

qsg_status belief_stationary(belief_law *self, qsg_error *error)
{
    belief_kernel(self);
    qsg_status status = belief_shift(self, 0, error);
    if (status)
        return status;
    memset(self->moments, 0, (self->n + 1) * sizeof *self->moments);
    self->moments[0] = 1;
    return belief_solve(self, 'T', self->moments, 1, error);
}

double belief_dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

void belief_speak(belief_law *self, const double *moments, double *message)
{
    const size_t m = self->m;
    double above = 1;
    for (size_t b = 0; b <= m; b++) {
        double tail = b < m ? belief_dot(self->speech + b * (self->n + 1), moments, self->n + 1) : 0;
        tail = tail < 0 ? 0 : tail > above ? above : tail;
        if (b < m)
            self->spoken[b] = tail;
        message[b] = above - tail;
        above = tail;
    }
}

static double mean_of(const double *law, size_t m)
{
    double sum = 0;
    for (size_t b = 1; b <= m; b++)
        sum += (double)b * law[b];
    return sum / (double)m;
}

/* Tilt the law by e^{eta b} to mean R (eq. 8); Newton on the convex cumulant function, steps of at most 1. */
static bool tilt_to(double *law, size_t m, double R)
{
    for (int step = 0; step < 200; step++) {
        double sum = 0, mean = 0, square = 0;
        for (size_t b = 0; b <= m; b++) {
            sum += law[b];
            mean += law[b] * (double)b;
            square += law[b] * (double)b * (double)b;
        }
        mean /= sum;
        const double variance = square / sum - mean * mean, gap = R * (double)m - mean;
        for (size_t b = 0; b <= m; b++)
            law[b] /= sum;
        if (fabs(gap) <= 1e-15 * (double)m)
            return true;
        if (!(variance > 0))
            return false;
        const double eta = fmax(-1, fmin(1, gap / variance));
        for (size_t b = 0; b <= m; b++)
            law[b] *= exp(eta * (double)b);
        if (fabs(gap) <= 1e-13 * (double)m && step > 50)
            return true;
    }
    return false;
}

static void start_message(belief_law *self, double R)
{
    double law[BELIEF_MAX_BANDWIDTH + 1], tails[BELIEF_MAX_BANDWIDTH];
    belief_tails(self->m, R, law, tails);
    memcpy(self->message, law, (self->m + 1) * sizeof *law);
}

/* What the neglected coefficients can add: they meet moments of the size of the last kept ones, and near an end with
 * mass both alternate alike, so sizes add; near consensus only the distance of the moments from those of the law (1-R)
 * at 0 and R at 1 counts, the sums being exact at the ends. */
static double doubt_of(const belief_law *self, double R)
{
    const size_t n = self->n, first = n - n / 4;
    double far = 0, size = 0;
    for (size_t k = first; k <= n; k++) {
        const double distance = self->moments[k] - R - (k % 2 ? R - 1 : 1 - R);
        far += distance * distance;
        size += self->moments[k] * self->moments[k];
    }
    return 2 * sqrt(fmin(far, size) / (double)(n - first + 1)) * self->tail + self->aliased;
}

qsg_status belief_at(belief_law *self, double R, bool warm, double *heard, qsg_error *error)
{
    const size_t m = self->m;
    double next[BELIEF_MAX_BANDWIDTH + 1], last = INFINITY, least = INFINITY;
    int stale = 0;
    anderson mixing = {.size = m + 1};
    _Static_assert(ANDERSON_SIZE > BELIEF_MAX_BANDWIDTH, "a message law is a point");
    if (m == 1 || R <= 0 || R >= 1 || !warm || !tilt_to(self->message, m, R))
        start_message(self, R);
    /* at m = 1 the mean is the law; otherwise the map contracts by at most (1 - 1/m) alpha/(2 - alpha) when neutral */
    for (int i = 0;; i++) {
        if (i == 1000)
            return qsg_fail(error, QSG_ENUMERIC, "the message law at mean %g does not converge", R);
        qsg_status status = belief_stationary(self, error);
        if (status)
            return status;
        belief_speak(self, self->moments, next);
        *heard = mean_of(next, m);
        if (m == 1 || R <= 0 || R >= 1)
            break;
        if (!tilt_to(next, m, R))
            return qsg_fail(error, QSG_ENUMERIC, "no message law has mean %g", R);
        double change = 0;
        for (size_t b = 0; b <= m; b++)
            change = fmax(change, fabs(next[b] - self->message[b]));
        stale = change < least ? 0 : stale + 1;
        least = fmin(least, change);
        /* rounding has the last word; a tilt far from a fixed point magnifies it.  Mixing halts for a few steps before it
         * goes on, so one step without progress is no end. */
        if (change <= 1e-16 || (change >= last && change < 1e-15) || (stale >= PATIENCE && change < 1e-11)) {
            memcpy(self->message, next, (m + 1) * sizeof *next);
            break;
        }
        anderson_next(&mixing, self->message, next);
        last = change;
    }
    self->doubt = doubt_of(self, R);
    return QSG_OK;
}

qsg_status belief_resolved(const belief_law *self, double R, qsg_error *error)
{
    if (self->doubt <= TOO_ROUGH)
        return QSG_OK;
    return qsg_fail(error, QSG_ENUMERIC, "%zu Chebyshev moments do not resolve the channel (estimated error %.2g at "
                    "mean belief %g); expected --temper closer to 1 or a weaker --field", self->n + 1, self->doubt, R);
}
