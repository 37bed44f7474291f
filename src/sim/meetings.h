/* Who meets whom when not all pairs are equally likely (doc/theory/simulation.md, section 6).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_MEETINGS_H
#define QSG_MEETINGS_H

#include "base/rng_block.h"
#include "qsg/model.h"

typedef struct meetings meetings;

/* Whether the model's pairs are the uniform ones, so that no meetings are needed. */
bool meetings_are_uniform(const qsg_model *model);
/* Whether an interaction may have nobody to speak to: speaker and listener are then the same agent. */
bool meetings_may_idle(const qsg_model *model);

/* Tables for the model, which must outlive them; NULL without memory.  In a broadcast the speaker is drawn uniformly and
 * the tables list its listeners. */
meetings *meetings_new(const qsg_model *model);
void meetings_free(meetings *self);
/* Doubles that the tables take. */
double meetings_size(const qsg_model *model);

/* Begin the streams of a run; `self` NULL: uniform pairs of `agents`. */
void meetings_start(const meetings *self, rng_block *random, uint64_t seed, uint64_t run, uint64_t agents,
                    simd_path path);

/* Who hears a broadcast of agent i; NULL when it is everybody else. */
const uint32_t *meetings_listeners(const meetings *self, uint64_t i, uint64_t *n);

#endif
