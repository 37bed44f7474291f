/* The kinetic mean field of any number of labels, by particles (doc/theory/kinetic.md, section 6).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/kinetic.h"
#include "qsg/simulate.h"

#define WHO "the kinetic mean field by particles"
#define RUNS 8
#define MOST_PARTICLES 8192.0
#define FEWEST_PARTICLES 512.0
#define WORK 6e7   /* interactions times labels, about 2 s */
#define NOISE 0.01 /* standard error of a share beyond which the noise of the particles has taken over */

typedef struct {
    size_t n, labels;
    double particles;
    double *shares;   /* RUNS x n x labels */
    double *variance; /* n */
} tally;

static qsg_status count(void *context, const qsg_outcome *outcome)
{
    tally *self = context;
    const size_t size = self->n * self->labels;
    memcpy(self->shares + outcome->run * size, outcome->shares, size * sizeof *self->shares);
    for (size_t i = 0; i < self->n; i++)
        self->variance[i] += outcome->disagreement[i] / (self->particles * RUNS);
    return QSG_OK;
}

/* A start of so many particles with the shares of the model's: agents copied, or counts rounded (largest rests first).
 * `counts` and `beliefs` are allocated. */
static qsg_status grow_start(const qsg_model *model, qsg_model *crowd, qsg_error *error)
{
    const size_t labels = model->labels;
    const uint64_t n = model->agents, particles = crowd->agents;
    if (model->start.kind == QSG_START_BELIEFS) {
        crowd->start.beliefs = malloc(particles * labels * sizeof *crowd->start.beliefs);
        if (!crowd->start.beliefs)
            return qsg_fail(error, QSG_ENOMEM, "no memory for the beliefs of %g particles", (double)particles);
        for (uint64_t i = 0; i < particles; i += n)
            memcpy(crowd->start.beliefs + i * labels, model->start.beliefs, n * labels * sizeof(double));
    } else if (model->start.kind == QSG_START_ONEHOT) {
        double before = 0;
        crowd->start.counts = malloc(labels * sizeof *crowd->start.counts);
        if (!crowd->start.counts)
            return qsg_fail(error, QSG_ENOMEM, "no memory for %zu labels", labels);
        for (size_t k = 0; k < labels; k++) {
            const double after = k + 1 < labels ? before + model->start.p[k] : 1;
            crowd->start.counts[k] = (uint64_t)(llround(after * (double)particles) - llround(before * (double)particles));
            before = after;
        }
    }
    return QSG_OK;
}

/* Mean over the runs of one share at one time, and its squared standard error. */
static double mean_of(const tally *self, size_t at, double *variance)
{
    const size_t size = self->n * self->labels;
    double sum = 0, square = 0;
    for (size_t r = 0; r < RUNS; r++)
        sum += self->shares[r * size + at];
    for (size_t r = 0; r < RUNS; r++)
        square += pow(self->shares[r * size + at] - sum / RUNS, 2);
    *variance = square / (RUNS * (RUNS - 1.0));
    return sum / RUNS;
}

/* U = sum of squared mean shares, less what their noise adds; false where the noise is too large. */
static bool put_time(const tally *self, size_t i, double *shares, double *polarization, double *se)
{
    const size_t labels = self->labels, size = self->n * labels;
    double u = 0, noise = 0, worst = 0, square = 0;
    for (size_t k = 0; k < labels; k++) {
        double variance;
        shares[k] = mean_of(self, i * labels + k, &variance);
        u += shares[k] * shares[k];
        noise += variance;
        worst = fmax(worst, variance);
    }
    for (size_t r = 0; r < RUNS; r++) {
        double along = 0;
        for (size_t k = 0; k < labels; k++)
            along += shares[k] * (self->shares[r * size + i * labels + k] - shares[k]);
        square += along * along;
    }
    *polarization = u - noise;
    *se = 2 * sqrt(square / (RUNS * (RUNS - 1.0)));
    return worst <= NOISE * NOISE;
}

static qsg_status run(const qsg_model *model, tally *self, const double *rounds, uint64_t seed, qsg_error *error)
{
    qsg_model crowd = *model; /* borrows what it does not replace */
    crowd.start.counts = NULL;
    crowd.start.beliefs = NULL;
    if (model->start.kind == QSG_START_BELIEFS)
        self->particles = (double)model->agents * ceil(self->particles / (double)model->agents);
    crowd.agents = crowd.free_agents = (uint64_t)self->particles;
    double *times = malloc((self->n + 1) * sizeof *times);
    if (!times)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", self->n);
    for (size_t i = 0; i < self->n; i++)
        times[i] = round(rounds[i] * self->particles);
    const qsg_ensemble_request request = {.times = times, .n = self->n, .runs = RUNS, .seed = seed, .consensus = 0.5,
                                          .want_shares = true};
    qsg_status status = grow_start(model, &crowd, error);
    if (!status)
        status = qsg_ensemble_run(&crowd, &request, count, self, error);
    free(crowd.start.counts);
    free(crowd.start.beliefs);
    free(times);
    return status;
}

qsg_status qsg_kinetic_particles(const qsg_model *model, size_t n, const double *rounds, uint64_t seed, double *polarization,
                                 double *se, double *variance, double *shares, qsg_error *error)
{
    const size_t labels = model->labels;
    const double most = WORK / (RUNS * ((double)labels + 2)); /* particles times rounds */
    tally self = {.labels = labels};
    qsg_status status = qsg_model_require(model, QSG_USES_FIELD | QSG_USES_TEMPER | QSG_USES_INNOVATION, WHO, error);
    if (!status && model->exchange == QSG_BROADCAST)
        status = qsg_fail(error, QSG_EMODEL, "%s does not support --exchange broadcast, where all hear the same; expected "
                          "oneway or mutual", WHO);
    for (size_t i = 0; i < n && !status; i++)
        if (!(rounds[i] >= (i ? rounds[i - 1] : 0)))
            status = qsg_fail(error, QSG_EDOMAIN, "time is %g rounds; expected an increasing number >= 0", rounds[i]);
    while (!status && self.n < n && rounds[self.n] * FEWEST_PARTICLES <= most)
        self.n++;
    if (status)
        return status;
    const size_t used = self.n ? self.n : 1;
    self.particles = floor(fmin(MOST_PARTICLES, self.n && rounds[self.n - 1] > 0 ? most / rounds[self.n - 1] : MOST_PARTICLES));
    self.shares = malloc(RUNS * used * labels * sizeof *self.shares);
    self.variance = calloc(used, sizeof *self.variance);
    if (!self.shares || !self.variance)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu labels at %zu times", labels, n);
    if (!status && self.n)
        status = run(model, &self, rounds, seed, error);
    for (size_t i = 0; i < n && !status; i++) {
        double *row = shares + i * labels;
        variance[i] = i < self.n ? self.variance[i] : NAN;
        if (i < self.n && put_time(&self, i, row, &polarization[i], &se[i]))
            continue;
        polarization[i] = se[i] = variance[i] = NAN;
        for (size_t k = 0; k < labels; k++)
            row[k] = NAN;
    }
    free(self.shares);
    free(self.variance);
    return status;
}
