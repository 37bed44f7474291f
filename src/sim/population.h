/* One finite population of a run: its beliefs, its stream and its clock (doc/theory/simulation.md).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_POPULATION_H
#define QSG_POPULATION_H

#include "base/rng_block.h"
#include "qsg/channel.h"
#include "qsg/model.h"
#include "qsg/simulate.h"
#include "sim/kernel_ages.h"
#include "sim/meetings.h"
#include "sim/tilt.h"

/* Numbers below this are set to 0 now and then: they would decay into denormals, which slow the loop tenfold. */
#define POPULATION_SNAP 1e-200
#define POPULATION_MAX_AGENTS UINT64_C(4294967295)

typedef struct population population;
typedef void population_kernel(population *self, uint64_t interactions);

/* How an agent's belief x is kept. */
typedef enum {
    POPULATION_PLAIN,      /* the K numbers x_k: every model */
    POPULATION_CUMULATIVE, /* the K - 1 sums c_k = x_1 + .. + x_k, each of which moves on its own */
    POPULATION_AGES        /* the labels heard last (kernel_ages.c); its tracking kernel keeps no sums */
} population_layout;

struct population {
    const qsg_model *model;
    qsg_channel channel;
    uint64_t agents;
    size_t labels;
    population_layout layout;
    simd_path path;
    size_t width;          /* numbers of an agent that count: K or K - 1 */
    size_t stride;         /* doubles from agent to agent; what lies between is 0 */
    rng_block random;
    uint64_t time;         /* interactions since the start */
    double *numbers;       /* agents x stride */
    double *sums;          /* stride: sum over agents, kept up to date by the tracking kernel */
    double *mean;          /* labels: mean belief at the last observation */
    double *said, *answer; /* stride: messages of one interaction */
    double *weights;       /* stride: r(x), cumulative or suffix sums of it */
    double *prior;         /* stride: innovation's part of r(x), cumulative */
    double listener_keep, listener_gain, speaker_keep, speaker_gain; /* each pair adds up to 1 exactly */
    double mutual_keep, mutual_gain, mutual_self;
    uint32_t *epochs, epoch; /* lazy broadcasts (kernel_broadcast.c): agents; NULL for none */
    double *offset, scale, scale_before;
    uint64_t bandwidth;    /* m, 0 for inf */
    meetings *meetings;    /* NULL: uniform pairs */
    double *keep;          /* agents: 1 - alpha, 1 when committed; NULL unless they differ */
    double adopt[2];       /* chance that a heard label is adopted */
    uint64_t fixed;        /* agents who never move in this run: committed, or without a neighbour */
    double slowest;        /* rate at which a belief moves, committed agents aside */
    double step;           /* bound on how far a mean share rises in one interaction */
    ages *ages;            /* for POPULATION_AGES */
    tilt *tilt;            /* for single labels of a tempered or biased channel; NULL for none */
    double reach;          /* U at the threshold needs |c_k summed - agents / 2| >= reach for every k */
    uint64_t made;         /* interactions that the watching kernel made before it saw consensus come near */
    population_kernel *plain, *tracking, *watching; /* watching: NULL for none */
    uint64_t run;          /* number of the run */
    qsg_hearing *hearing;  /* told of all that is heard (kernel_hearing.c), NULL for none; */
    void *hearing_context;
    population_kernel *unheard; /* the kernel below it */
};

/* What the tests choose: the layout that covers every model, and the instruction set; and who is told what is heard, which
 * needs that layout. */
typedef struct {
    bool plain_layout, no_ages, exact_channel;
    simd_path path;
    qsg_hearing *hearing;
    void *hearing_context;
} population_choice;

typedef struct {
    double polarization, heterogeneity, disagreement, coordination; /* U, 1 - U, V, S */
} population_moments;

/* Doubles that a population of the model holds, for memory limits. */
double population_size(const qsg_model *model);

/* Take the memory and choose the fastest kernels; the model must outlive it.  QSG_ENOMEM. */
qsg_status population_init(population *self, const qsg_model *model, qsg_error *error);
qsg_status population_init_as(population *self, const qsg_model *model, population_choice choice, qsg_error *error);
void population_free(population *self);

/* Put the model's start into the population, at time 0 of run `run`. */
void population_start(population *self, uint64_t seed, uint64_t run);

/* Whether agent i is committed in this run, or has nobody to hear on its graph and does not learn from its own words. */
bool population_never_moves(const population *self, uint64_t i);

/* Go on to time `end` >= time. */
void population_advance(population *self, uint64_t end);

/* Go on to the first time <= end with U >= threshold, true; or to `end`, false.  Looks at the present time first.  Jumps to
 * the end once nothing can change any more, as it does when the parts of a graph have agreed each for itself. */
bool population_advance_until(population *self, double threshold, uint64_t end);

/* Whether the agents who never move leave room for U >= threshold. */
bool population_can_agree(population *self, double threshold);

/* Moments of the present state, re-summed from the beliefs; leaves the mean belief in self->mean. */
population_moments population_observe(population *self);

/* Recompute self->sums. */
void population_sum(population *self);

/* Belief of agent i, K numbers; and change it. */
void population_belief(population *self, uint64_t i, double *x);
void population_set_belief(population *self, uint64_t i, const double *x);

/* The mean belief by self->sums, times the agents; and its largest label. */
void population_summed_beliefs(const population *self, double *x);
size_t population_leader(population *self);

#endif
