/* Exact likelihood of a transcript by replay (doc/theory/inference.md).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "infer/replay.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

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

/* x <- (1 - rates) x + alpha heard + beta said, and the same for its derivatives (eq. 2, 5). */
static void move(replay *self, const move_record *m)
{
    const size_t n = self->data->labels;
    const double alpha = m->heard != NOTHING ? self->theta[QSG_PAR_ALPHA] : 0;
    const double beta = m->said != NOTHING ? self->theta[QSG_PAR_SELF] : 0, keep = fmax(1 - alpha - beta, 0);
    double *restrict x = self->beliefs + BELIEF_ROWS * n * m->agent, *restrict da = x + n, *restrict db = da + n;
    double *restrict logs = db + n;
    const double fade = keep > 0 ? self->fade[m->heard != NOTHING][m->said != NOTHING] : -INFINITY;
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
        const bool held = keep * x[k] < TINY && keep * x[k] > 0;
        x[k] = held ? TINY : keep * x[k];
        logs[k] = held ? LOG_TINY : logs[k] + fade;
    }
    if (m->heard != NOTHING)
        logs[m->heard] = log(x[m->heard] += alpha);
    if (m->said != NOTHING)
        logs[m->said] = log(x[m->said] += beta);
}

static void begin(replay *self, size_t run)
{
    const qsg_likelihood *data = self->data;
    const size_t n = data->labels;
    for (size_t i = 0; i < data->run_agents[run]; i++) {
        double *x = self->beliefs + BELIEF_ROWS * n * i;
        const size_t row = data->named ? data->names[data->names_start[run] + i] : 0;
        memcpy(x, data->start + row * n, n * sizeof *x);
        memset(x + n, 0, 2 * n * sizeof *x);
        for (size_t k = 0; k < n; k++)
            x[3 * n + k] = log(x[k]);
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
            const double *x = self->beliefs + BELIEF_ROWS * n * data->said[j].agent;
            const size_t label = data->said[j].label;
            self->loglik += replay_speak(self, x, label);
            if (consumer)
                consumer(context, run, self->r, label);
            else if (!(self->loglik > -INFINITY))
                return;
            if (self->n_active)
                replay_score(self, x, label);
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
    self->beliefs = malloc((BELIEF_ROWS * n * data->agents + 5 * n + QSG_PAR_FIELD * n + p + p * p) * sizeof(double));
    if (!self->beliefs)
        return false;
    self->tilt = self->beliefs + BELIEF_ROWS * n * data->agents;
    self->g = self->tilt + n;
    self->r = self->g + n;
    self->room = self->r + n;
    self->slopes = self->room + 2 * n;
    self->gradient = self->slopes + QSG_PAR_FIELD * n;
    self->information = self->gradient + p;
    self->top = theta[QSG_PAR_FIELD];
    for (size_t k = 1; k < n; k++)
        self->top = fmax(self->top, theta[QSG_PAR_FIELD + k]);
    for (size_t k = 0; k < n; k++)
        self->tilt[k] = exp(theta[QSG_PAR_FIELD + k] - self->top);
    for (int heard = 0; heard < 2; heard++)
        for (int said = 0; said < 2; said++)
            self->fade[heard][said] = log1p(-heard * theta[QSG_PAR_ALPHA] - said * theta[QSG_PAR_SELF]);
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
