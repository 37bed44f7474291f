/* Exact likelihood of a transcript by replay (doc/theory/inference.md).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "infer/likelihood.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#define TINY 1e-300 /* beliefs stay above it: its logarithm and reciprocal are finite */
enum { MAX_CHUNKS = 64 };

void qsg_likelihood_free(qsg_likelihood *self)
{
    if (!self)
        return;
    free(self->start);
    free(self->prior);
    free(self->said);
    free(self->moves);
    free(self->groups);
    free(self->run_group);
    free(self->run_agents);
    free(self->names_start);
    free(self->names);
    free(self);
}

size_t qsg_likelihood_parameters(const qsg_likelihood *self)
{
    return QSG_PAR_FIELD + self->labels;
}

size_t qsg_likelihood_labels(const qsg_likelihood *self)
{
    return self->labels;
}

size_t qsg_likelihood_runs(const qsg_likelihood *self)
{
    return self->runs;
}

size_t qsg_likelihood_observations(const qsg_likelihood *self)
{
    return self->groups[self->n_groups].said;
}

size_t qsg_likelihood_run_observations(const qsg_likelihood *self, size_t run)
{
    return self->groups[self->run_group[run + 1]].said - self->groups[self->run_group[run]].said;
}

static qsg_status check_theta(const qsg_likelihood *self, const double *theta, qsg_error *error)
{
    const double alpha = theta[QSG_PAR_ALPHA], beta = theta[QSG_PAR_SELF], eps = theta[QSG_PAR_INNOVATION];
    if (!(alpha >= 0 && beta >= 0 && alpha + beta <= 1 + 4e-16))
        return qsg_fail(error, QSG_EDOMAIN, "alpha, self are out of range (%g, %g); expected >= 0, sum <= 1", alpha, beta);
    if (!(theta[QSG_PAR_SHARPNESS] >= 0 && theta[QSG_PAR_SHARPNESS] < INFINITY))
        return qsg_fail(error, QSG_EDOMAIN, "1/temper is out of range (%g); expected a number >= 0",
                        theta[QSG_PAR_SHARPNESS]);
    if (!(eps >= 0 && eps <= 1))
        return qsg_fail(error, QSG_EDOMAIN, "innovation is out of range (%g); expected a number in [0, 1]", eps);
    for (size_t k = 0; k < self->labels; k++)
        if (!(fabs(theta[QSG_PAR_FIELD + k]) < INFINITY))
            return qsg_fail(error, QSG_EDOMAIN, "field is out of range (%g for label %zu); expected a finite number",
                            theta[QSG_PAR_FIELD + k], k + 1);
    return QSG_OK;
}

/* What the replay of one run needs; memory of one thread. */
typedef struct {
    const qsg_likelihood *data;
    const double *theta;
    unsigned groups;     /* derivatives wanted */
    bool curved;         /* information wanted */
    size_t n_active;     /* rows of `slopes` in use, */
    size_t active[QSG_PAR_FIELD]; /* and the parameters of the first of them; the field's follow */
    double *beliefs;     /* per agent: x, dx/dalpha, dx/dself, K each */
    double *logs, *g, *r;
    double *slopes;      /* n_active x K: dr_k/dtheta, then over sqrt r_k */
    double *score;       /* n_active: slopes of log r at the label that was said */
    double loglik, *gradient, *information; /* sums over the run, active parameters only */
} replay;

/* r(x) and the tilted belief g that it mixes; the logarithm of r at `label`, also where r itself is too small for a double. */
static double speak(replay *self, const double *x, size_t label)
{
    const qsg_likelihood *data = self->data;
    const size_t n = data->labels;
    const double s = self->theta[QSG_PAR_SHARPNESS], eps = self->theta[QSG_PAR_INNOVATION];
    const double *h = self->theta + QSG_PAR_FIELD;
    double *g = self->g, *r = self->r, *logs = self->logs, top = -INFINITY, sum = 0;
    for (size_t k = 0; k < n; k++) {
        logs[k] = log(x[k]);
        g[k] = x[k] > 0 ? s * logs[k] + h[k] : -INFINITY;
        top = g[k] > top ? g[k] : top;
    }
    const double said = g[label] - top;
    for (size_t k = 0; k < n; k++)
        sum += g[k] = exp(g[k] - top);
    for (size_t k = 0; k < n; k++) {
        g[k] /= sum;
        r[k] = (1 - eps) * g[k] + eps * data->prior[k];
    }
    return r[label] < TINY ? log1p(-eps) + said - log(sum) : log(r[label]);
}

/* The slopes of r whose tilted belief changes at the relative rates u: (1 - eps) g (u - mean), in place of u.  Returns the
 * slope of log r at `label`. */
static double tilt_slopes(const replay *self, double *u, size_t label)
{
    const size_t n = self->data->labels;
    const double eps = self->theta[QSG_PAR_INNOVATION], at_label = u[label], *g = self->g;
    double mean = 0;
    for (size_t k = 0; k < n; k++)
        mean += u[k] * g[k];
    for (size_t k = 0; k < n; k++)
        u[k] = (1 - eps) * g[k] * (u[k] - mean);
    return self->r[label] < TINY ? at_label - mean : u[label] / self->r[label];
}

/* All derivatives of r at the belief x of an agent (x, dx/dalpha, dx/dself in a row), and those of log r at `label`
 * (eq. 6). */
static void differentiate(replay *self, const double *x, size_t label)
{
    const qsg_likelihood *data = self->data;
    const size_t n = data->labels;
    const double s = self->theta[QSG_PAR_SHARPNESS], eps = self->theta[QSG_PAR_INNOVATION], *g = self->g;
    double *out = self->slopes, *score = self->score;
    for (size_t rate = 0; rate < 2; rate++) {
        const double *dx = x + (rate + 1) * n;
        if (!(self->groups >> rate & 1))
            continue;
        for (size_t k = 0; k < n; k++)
            out[k] = x[k] > 0 ? s * dx[k] / x[k] : 0;
        *score++ = tilt_slopes(self, out, label);
        out += n;
    }
    if (self->groups & QSG_FIT_TEMPER) {
        for (size_t k = 0; k < n; k++)
            out[k] = x[k] > 0 ? self->logs[k] : 0;
        *score++ = tilt_slopes(self, out, label);
        out += n;
    }
    if (self->groups & QSG_FIT_INNOVATION) {
        for (size_t k = 0; k < n; k++)
            out[k] = data->prior[k] - g[k];
        *score++ = self->r[label] < TINY ? -1 / (1 - eps) : out[label] / self->r[label];
        out += n;
    }
    for (size_t j = 0; self->groups & QSG_FIT_FIELD && j < n; j++, out += n) {
        for (size_t k = 0; k < n; k++)
            out[k] = k == j;
        *score++ = tilt_slopes(self, out, label);
    }
}

/* Add the score and the expected information of one utterance. */
static void accumulate(replay *self)
{
    const size_t n = self->data->labels, p = self->n_active;
    const double *r = self->r;
    for (size_t a = 0; a < p; a++)
        self->gradient[a] += self->score[a];
    if (!self->curved)
        return;
    double *scale = self->logs; /* no longer needed */
    for (size_t k = 0; k < n; k++)
        scale[k] = r[k] > TINY ? 1 / sqrt(r[k]) : 0;
    for (size_t a = 0; a < p; a++)
        for (size_t k = 0; k < n; k++)
            self->slopes[a * n + k] *= scale[k];
    for (size_t a = 0; a < p; a++)
        for (size_t b = 0; b <= a; b++) {
            double sum = 0;
            for (size_t k = 0; k < n; k++)
                sum += self->slopes[a * n + k] * self->slopes[b * n + k];
            self->information[a * p + b] += sum;
        }
}

/* x <- (1 - rates) x + alpha heard + beta said, and the same for its derivatives (eq. 2, 5). */
static void move(replay *self, const move_record *m)
{
    const size_t n = self->data->labels;
    const double alpha = m->heard != NOTHING ? self->theta[QSG_PAR_ALPHA] : 0;
    const double beta = m->said != NOTHING ? self->theta[QSG_PAR_SELF] : 0, keep = fmax(1 - alpha - beta, 0);
    double *x = self->beliefs + 3 * n * m->agent, *da = x + n, *db = da + n;
    if (self->groups & (QSG_FIT_ALPHA | QSG_FIT_SELF)) {
        const double in_alpha = m->heard != NOTHING, in_beta = m->said != NOTHING;
        for (size_t k = 0; k < n; k++) {
            da[k] = keep * da[k] - in_alpha * x[k];
            db[k] = keep * db[k] - in_beta * x[k];
        }
        if (m->heard != NOTHING)
            da[m->heard] += 1;
        if (m->said != NOTHING)
            db[m->said] += 1;
    }
    for (size_t k = 0; k < n; k++) {
        const double moved = keep * x[k];
        x[k] = moved < TINY && moved > 0 ? TINY : moved;
    }
    if (m->heard != NOTHING)
        x[m->heard] += alpha;
    if (m->said != NOTHING)
        x[m->said] += beta;
}

static void begin(replay *self, size_t run)
{
    const qsg_likelihood *data = self->data;
    const size_t n = data->labels;
    for (size_t i = 0; i < data->run_agents[run]; i++) {
        double *x = self->beliefs + 3 * n * i;
        const size_t row = data->named ? data->names[data->names_start[run] + i] : 0;
        memcpy(x, data->start + row * n, n * sizeof *x);
        memset(x + n, 0, 2 * n * sizeof *x);
    }
}

/* Replay run `run` into the sums; a consumer sees every forecast. */
static void play(replay *self, size_t run, qsg_forecast_consumer *consumer, void *context)
{
    const qsg_likelihood *data = self->data;
    const size_t n = data->labels;
    begin(self, run);
    self->loglik = 0;
    for (size_t i = data->run_group[run]; i < data->run_group[run + 1]; i++) {
        const group_record *at = &data->groups[i];
        for (size_t j = at->said; j < at[1].said; j++) {
            const double *x = self->beliefs + 3 * n * data->said[j].agent;
            const size_t label = data->said[j].label;
            self->loglik += speak(self, x, label);
            if (consumer)
                consumer(context, run, self->r, label);
            else if (!(self->loglik > -INFINITY))
                return;
            if (self->n_active) {
                differentiate(self, x, label);
                accumulate(self);
            }
        }
        for (size_t j = at->moves; j < at[1].moves; j++)
            move(self, &data->moves[j]);
    }
}

static void replay_free(replay *self)
{
    free(self->beliefs);
    *self = (replay){0};
}

static bool replay_init(replay *self, const qsg_likelihood *data, const double *theta, unsigned groups, bool curved)
{
    const size_t n = data->labels;
    size_t p = 0;
    *self = (replay){.data = data, .theta = theta, .groups = groups, .curved = curved};
    for (size_t a = 0; a < QSG_PAR_FIELD; a++)
        if (groups & 1u << a)
            self->active[p++] = a;
    self->n_active = p + (groups & QSG_FIT_FIELD ? n : 0);
    p = self->n_active;
    self->beliefs = malloc((3 * n * data->agents + 3 * n + p * n + 2 * p + p * p) * sizeof(double));
    if (!self->beliefs)
        return false;
    self->logs = self->beliefs + 3 * n * data->agents;
    self->g = self->logs + n;
    self->r = self->g + n;
    self->slopes = self->r + n;
    self->score = self->slopes + p * n;
    self->gradient = self->score + p;
    self->information = self->gradient + p;
    return true;
}

qsg_status qsg_likelihood_forecast(const qsg_likelihood *self, const double *theta, size_t run,
                                   qsg_forecast_consumer *consumer, void *context, qsg_error *error)
{
    replay one;
    qsg_status status = check_theta(self, theta, error);
    if (status)
        return status;
    if (run >= self->runs)
        return qsg_fail(error, QSG_EDOMAIN, "run is out of range (%zu); expected less than %zu", run, self->runs);
    if (!replay_init(&one, self, theta, 0, false))
        return qsg_fail(error, QSG_ENOMEM, "no memory for the replay");
    play(&one, run, consumer, context);
    replay_free(&one);
    return QSG_OK;
}

/* The parameter that active row a differentiates in. */
static size_t parameter_of(const replay *self, size_t a)
{
    const size_t before_field = self->n_active - (self->groups & QSG_FIT_FIELD ? self->data->labels : 0);
    return a < before_field ? self->active[a] : QSG_PAR_FIELD + a - before_field;
}

/* Replay the runs [from, to) on one thread and add them into sums: loglik, gradient, information (active only). */
static void play_chunk(replay *self, const qsg_likelihood_request *request, size_t from, size_t to, double *sums)
{
    const size_t p = self->n_active, full = qsg_likelihood_parameters(self->data);
    for (size_t run = from; run < to; run++) {
        const double w = request->weights ? request->weights[run] : 1;
        if (w == 0 && !request->run_loglik && !request->run_gradient)
            continue;
        memset(self->gradient, 0, (p + p * p) * sizeof(double));
        play(self, run, NULL, NULL);
        if (request->run_loglik)
            request->run_loglik[run] = self->loglik;
        for (size_t a = 0; request->run_gradient && a < p; a++)
            request->run_gradient[run * full + parameter_of(self, a)] = self->gradient[a];
        sums[0] += w > 0 ? w * self->loglik : 0;
        for (size_t a = 0; a < p; a++)
            sums[1 + a] += w * self->gradient[a];
        for (size_t a = 0; self->curved && a < p * p; a++)
            sums[1 + p + a] += w * self->information[a];
    }
}

/* The sums of the active parameters to where the caller wants those of all. */
static void deliver(const replay *one, const double *sums, const qsg_likelihood_request *request)
{
    const size_t p = one->n_active, full = qsg_likelihood_parameters(one->data);
    if (request->gradient)
        memset(request->gradient, 0, full * sizeof(double));
    if (request->information)
        memset(request->information, 0, full * full * sizeof(double));
    for (size_t a = 0; a < p; a++) {
        const size_t i = parameter_of(one, a);
        if (request->gradient)
            request->gradient[i] = sums[1 + a];
        for (size_t b = 0; request->information && b <= a; b++) {
            const size_t j = parameter_of(one, b);
            request->information[i * full + j] = request->information[j * full + i] = sums[1 + p + a * p + b];
        }
    }
}

qsg_status qsg_likelihood_evaluate(const qsg_likelihood *self, const qsg_likelihood_request *request, double *loglik,
                                   qsg_error *error)
{
    const unsigned groups = request->gradient || request->information ? request->groups & QSG_FIT_ALL : 0;
    const size_t chunks = self->runs < MAX_CHUNKS ? self->runs : MAX_CHUNKS;
    const int threads = (size_t)omp_get_max_threads() < chunks ? omp_get_max_threads() : (int)chunks;
    qsg_status status = check_theta(self, request->theta, error);
    if (status)
        return status;
    replay *each = calloc((size_t)threads, sizeof *each);
    double *sums = NULL;
    bool ok = each != NULL;
    for (int i = 0; i < threads && ok; i++)
        ok = replay_init(&each[i], self, request->theta, groups, request->information != NULL);
    const size_t p = ok ? each[0].n_active : 0, room = 1 + p + p * p;
    if (ok)
        ok = (sums = calloc(chunks * room, sizeof *sums)) != NULL;
    if (ok && request->run_gradient)
        memset(request->run_gradient, 0, self->runs * qsg_likelihood_parameters(self) * sizeof(double));
    if (ok) {
#pragma omp parallel for num_threads(threads) schedule(dynamic)
        for (size_t c = 0; c < chunks; c++)
            play_chunk(&each[omp_get_thread_num()], request, c * self->runs / chunks, (c + 1) * self->runs / chunks,
                       sums + c * room);
        for (size_t c = 1; c < chunks; c++)
            for (size_t i = 0; i < room; i++)
                sums[i] += sums[c * room + i];
        if (sums[0] > -INFINITY)
            deliver(&each[0], sums, request);
        *loglik = sums[0];
    } else {
        status = qsg_fail(error, QSG_ENOMEM, "no memory for the replay of %zu agents and %zu labels", self->agents,
                          self->labels);
    }
    for (int i = 0; each && i < threads; i++)
        replay_free(&each[i]);
    free(each);
    free(sums);
    return status;
}
