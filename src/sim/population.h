/* One finite population of a run: its beliefs, its stream and its clock (doc/theory/simulation.md).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_POPULATION_H
#define QSG_POPULATION_H

#include "base/rng.h"
#include "qsg/channel.h"
#include "qsg/model.h"

/* Beliefs below this are set to 0: they would decay into denormals, which slow the loop tenfold. */
#define POPULATION_SNAP 1e-200
#define POPULATION_MAX_AGENTS UINT64_C(4294967295)

typedef struct population population;
typedef void population_kernel(population *self, uint64_t interactions);

struct population {
    const qsg_model *model;
    qsg_channel channel;
    uint64_t agents;
    size_t labels;
    rng_stream stream;
    uint64_t time;         /* interactions since the start */
    double *beliefs;       /* agents x labels */
    double *sums;          /* labels: sum over agents, kept up to date by the tracking kernel */
    double *mean;          /* labels: mean belief at the last observation */
    double *window;        /* 2 labels - 1 zeros around one listener's gain: its part from label - 1 back is alpha y */
    double *said, *answer; /* labels: messages of one interaction */
    double *weights;       /* labels: r(x), cumulative or suffix sums of it */
    double listener_keep, listener_gain, speaker_keep, speaker_gain; /* each pair adds up to 1 exactly */
    double mutual_keep, mutual_gain, mutual_self;
    uint64_t bandwidth;    /* m, 0 for inf */
    double stride;         /* bound on how far the length of the mean belief moves in one interaction */
    population_kernel *plain, *tracking;
};

typedef struct {
    double polarization, heterogeneity, disagreement, coordination; /* U, 1 - U, V, S */
} population_moments;

/* Doubles that a population of the model holds, for memory limits. */
double population_size(const qsg_model *model);

/* Take the memory; the model must outlive it.  QSG_ENOMEM. */
qsg_status population_init(population *self, const qsg_model *model, qsg_error *error);
void population_free(population *self);

/* Put the model's start into the population, at time 0 of run `run`. */
void population_start(population *self, uint64_t seed, uint64_t run);

/* Go on to time `end` >= time. */
void population_advance(population *self, uint64_t end);

/* Go on to the first time <= end with U >= threshold, true; or to `end`, false.  Looks at the present time first. */
bool population_advance_until(population *self, double threshold, uint64_t end);

/* Moments of the present state, re-summed from the beliefs; leaves the mean belief in self->mean. */
population_moments population_observe(population *self);

/* Recompute self->sums from the beliefs. */
void population_sum(population *self);

/* Use the kernel that covers every model even where a faster one exists (the tests compare the two). */
void population_use_general_kernel(population *self);

#endif
