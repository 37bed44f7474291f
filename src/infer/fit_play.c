/* Games played from a point of parameter space, as the data were (doc/theory/inference.md, section 5).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "qsg/fit.h"

/* One population and the rows it leaves. */
typedef struct {
    const qsg_model *model;
    const double *theta;
    size_t n, labels;
    double *beliefs, *weights;
    rng_stream stream;
    qsg_transcript *out;
    size_t capacity;
} player;

static uint32_t say(player *self, size_t agent)
{
    const double *x = self->beliefs + agent * self->labels, *theta = self->theta;
    const double s = theta[QSG_PAR_SHARPNESS];
    double top = -INFINITY, sum = 0;
    if (rng_uniform(&self->stream) < theta[QSG_PAR_INNOVATION]) {
        double u = rng_uniform(&self->stream);
        size_t k = 0;
        while (k + 1 < self->labels && (u -= self->model->prior[k]) >= 0)
            k++;
        return (uint32_t)k;
    }
    for (size_t k = 0; k < self->labels; k++) {
        self->weights[k] = x[k] > 0 ? s * log(x[k]) + theta[QSG_PAR_FIELD + k] : -INFINITY;
        top = fmax(top, self->weights[k]);
    }
    for (size_t k = 0; k < self->labels; k++)
        sum += self->weights[k] = exp(self->weights[k] - top);
    double u = rng_uniform(&self->stream) * sum;
    size_t k = 0, last = 0; /* last: with a chance, should rounding leave u >= 0 at the end */
    for (; k < self->labels; k++) {
        if (self->weights[k] > 0) {
            last = k;
            if ((u -= self->weights[k]) < 0)
                break;
        }
    }
    return (uint32_t)last;
}

static void learn(player *self, size_t agent, bool hears, uint32_t heard, bool spoke, uint32_t said)
{
    double *x = self->beliefs + agent * self->labels;
    const double alpha = hears ? self->theta[QSG_PAR_ALPHA] : 0, beta = spoke ? self->theta[QSG_PAR_SELF] : 0;
    const double keep = fmax(1 - alpha - beta, 0);
    for (size_t k = 0; k < self->labels; k++) {
        x[k] *= keep;
        x[k] = x[k] < 1e-200 ? 0 : x[k];
    }
    if (hears)
        x[heard] += alpha;
    if (spoke)
        x[said] += beta;
}

static bool put_row(player *self, size_t run, uint64_t t, size_t speaker, size_t listener, uint32_t label)
{
    qsg_transcript *out = self->out;
    if (out->n_rows == self->capacity) {
        const size_t capacity = self->capacity ? 2 * self->capacity : 4096;
        qsg_utterance *grown = realloc(out->rows, capacity * sizeof *grown);
        if (!grown)
            return false;
        out->rows = grown;
        self->capacity = capacity;
    }
    out->rows[out->n_rows++] = (qsg_utterance){t, (uint32_t)run, (uint32_t)speaker, (uint32_t)listener, label};
    return true;
}

/* One interaction; the labels of both in mutual exchange, the speaker's twice otherwise. */
static bool interact(player *self, size_t run, uint64_t t, uint32_t said[2])
{
    uint64_t a, b;
    rng_pair(&self->stream, self->n, &a, &b);
    said[0] = said[1] = say(self, a);
    if (self->model->exchange == QSG_BROADCAST) {
        for (size_t i = 0; i < self->n; i++) {
            if (i != a && !put_row(self, run, t, a, i, said[0]))
                return false;
            learn(self, i, i != a, said[0], i == a, said[0]);
        }
        return true;
    }
    const bool mutual = self->model->exchange == QSG_MUTUAL;
    if (mutual)
        said[1] = say(self, b);
    learn(self, a, mutual, said[1], true, said[0]);
    learn(self, b, true, said[0], mutual, said[1]);
    return put_row(self, run, t, a, b, said[0]) && (!mutual || put_row(self, run, t, b, a, said[1]));
}

static bool play_run(player *self, size_t run, uint64_t interactions, uint64_t streak)
{
    uint64_t agreed = 0;
    uint32_t said[2], before = UINT32_MAX;
    for (size_t i = 0; i < self->n; i++)
        memcpy(self->beliefs + i * self->labels,
               self->model->start.kind == QSG_START_BELIEFS ? self->model->start.beliefs + i * self->labels
                                                            : self->model->start.p, self->labels * sizeof(double));
    self->out->run_start[run] = self->out->n_rows;
    for (uint64_t t = 1; t <= interactions && !(streak && agreed >= streak); t++) {
        if (!interact(self, run, t, said))
            return false;
        const bool match = self->out->paired ? said[0] == said[1] : said[0] == before;
        agreed = match ? agreed + 1 : !self->out->paired;
        before = said[0];
    }
    return true;
}

/* The texts `first`, first + 1, ..; NULL without memory. */
static char **number_texts(size_t n, size_t first)
{
    char **texts = calloc(n, sizeof *texts), number[24];
    for (size_t i = 0; texts && i < n; i++) {
        snprintf(number, sizeof number, "%zu", first + i);
        if ((texts[i] = strdup(number)))
            continue;
        while (i)
            free(texts[--i]);
        free(texts);
        texts = NULL;
    }
    return texts;
}

qsg_status qsg_fit_play(const qsg_model *model, const double *theta, uint64_t runs, uint64_t interactions, uint64_t streak,
                        uint64_t seed, qsg_transcript *out, qsg_error *error)
{
    if (model->agents > UINT32_MAX || runs < 1 || interactions < 1 || model->bandwidth != 1 ||
        (model->start.kind != QSG_START_POINT && model->start.kind != QSG_START_BELIEFS))
        return qsg_fail(error, QSG_EMODEL, "games cannot be played for this model (%llu agents); expected at most 2^32 - 1, "
                                           "bandwidth 1 and one start belief an agent", (unsigned long long)model->agents);
    qsg_transcript games = {.n_runs = runs, .n_labels = model->labels, .n_names = model->agents, .agents = model->agents,
                            .first_t = 1, .paired = model->exchange == QSG_MUTUAL,
                            .single = model->exchange != QSG_MUTUAL, .path = strdup("(played)"), .first_line = 1};
    player work = {.model = model, .theta = theta, .n = model->agents, .labels = model->labels, .out = &games};
    work.beliefs = malloc((work.n + 1) * work.labels * sizeof(double));
    games.run_start = malloc((runs + 1) * sizeof *games.run_start);
    games.runs = number_texts(runs, 0);
    games.names = number_texts(model->agents, 0);
    games.labels = number_texts(model->labels, 1);
    bool ok = games.path && work.beliefs && games.run_start && games.runs && games.names && games.labels;
    work.weights = ok ? work.beliefs + work.n * work.labels : NULL;
    for (size_t r = 0; r < runs && ok; r++) {
        work.stream = rng_stream_of(seed, r);
        ok = play_run(&work, r, interactions, streak);
    }
    free(work.beliefs);
    if (!ok) {
        qsg_transcript_free(&games);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %llu played games", (unsigned long long)runs);
    }
    games.run_start[runs] = games.n_rows;
    *out = games;
    return QSG_OK;
}
