/* The loops over interactions of agents who differ: own rates and bandwidths, committed agents, labels that are adopted
 * or not, interactions with nobody, broadcasts on a graph (doc/theory/simulation.md, section 6).  Identical agents on a
 * graph need none of this: the other kernels take the pairs that the graph gives.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/kernel.h"

#include <math.h>

/* Slower rates are kept as K numbers, as in the other kernels. */
#define LEAST_RATE 1e-6

bool kernel_is_network(const qsg_model *model)
{
    return model->agent_alpha || model->agent_bandwidth || model->zealots || model->adoption != 0 ||
           model->evidence[0] > 0 || model->evidence[1] > 0 || (model->graph && model->exchange == QSG_BROADCAST) ||
           meetings_may_idle(model);
}

double kernel_slowest_rate(const qsg_model *model)
{
    double slowest = model->agent_alpha ? 1 : model->alpha;
    for (uint64_t i = 0; model->agent_alpha && i < model->agents; i++)
        if (model->agent_alpha[i] > 0)
            slowest = fmin(slowest, model->agent_alpha[i]);
    return model->self > 0 ? fmin(slowest, model->self) : slowest;
}

bool kernel_is_binary(const qsg_model *model)
{
    const qsg_channel channel = qsg_channel_of(model);
    return model->labels == 2 && channel.sharpness == 1 && !channel.field && model->bandwidth == 1 &&
           !model->agent_bandwidth && kernel_slowest_rate(model) >= LEAST_RATE;
}

/* The message y of agent i: one number when binary, the share of label 1; otherwise K. */
SIMD_INLINE void say(population *self, uint64_t i, double *y, bool binary)
{
    const double *x = self->numbers + i * self->stride;
    if (binary) {
        const double r = (1 - self->channel.innovation) * x[0] + self->prior[0];
        y[0] = rng_block_uniform(&self->random) < r ? 1 : 0;
        return;
    }
    if (self->model->agent_bandwidth) {
        const double m = self->model->agent_bandwidth[i];
        self->bandwidth = isinf(m) ? 0 : (uint64_t)m;
    }
    kernel_speak(self, x, y);
}

/* Whether a listener takes the message up. */
SIMD_INLINE bool adopts(population *self, const double *y)
{
    return self->model->adoption == 0 || rng_block_uniform(&self->random) < self->adopt[y[0] == 1 ? 0 : 1];
}

/* x_i <- keep x_i + gain y + other z; z NULL: none. */
SIMD_INLINE void move(population *self, uint64_t i, double keep, double gain, const double *restrict y, double other,
                      const double *restrict z, bool binary, bool tracked)
{
    const size_t width = binary ? 1 : self->width;
    double *restrict x = self->numbers + i * self->stride, *restrict sums = self->sums;
    for (size_t k = 0; k < width; k++) {
        const double old = x[k];
        double now = keep * old + gain * y[k];
        if (z)
            now += other * z[k];
        now = now < POPULATION_SNAP ? 0 : now;
        x[k] = now;
        if (tracked)
            sums[k] += now - old;
    }
}

/* The listener's part of a one-way exchange or of a broadcast, and the speaker's own output. */
SIMD_INLINE void hear(population *self, uint64_t listener, bool binary, bool tracked)
{
    const double keep = self->keep[listener];
    if (keep < 1 && adopts(self, self->said))
        move(self, listener, keep, 1 - keep, self->said, 0, NULL, binary, tracked);
}

SIMD_INLINE void reread(population *self, uint64_t speaker, bool binary, bool tracked)
{
    if (self->speaker_gain > 0 && self->keep[speaker] < 1)
        move(self, speaker, self->speaker_keep, self->speaker_gain, self->said, 0, NULL, binary, tracked);
}

/* One side of a mutual exchange: agent i said `own` and hears `heard`. */
SIMD_INLINE void respond(population *self, uint64_t i, const double *heard, const double *own, bool binary, bool tracked)
{
    const double alpha = 1 - self->keep[i], beta = self->mutual_self;
    if (alpha == 0)
        return;
    const double keep = fmax(0, 1 - ((adopts(self, heard) ? alpha : 0) + beta));
    move(self, i, keep, (1 - keep) - beta, heard, beta, own, binary, tracked);
}

SIMD_INLINE void meet(population *self, uint64_t n, bool binary, bool tracked)
{
    rng_block *const random = &self->random;
    const bool mutual = self->model->exchange == QSG_MUTUAL;
    for (; n > 0; n--) {
        rng_block_pairs(random);
        const uint64_t speaker = random->speaker[random->next_pair], listener = random->listener[random->next_pair];
        random->next_pair++;
        if (speaker == listener)
            continue;
        say(self, speaker, self->said, binary);
        if (mutual) {
            say(self, listener, self->answer, binary);
            respond(self, speaker, self->answer, self->said, binary, tracked);
            respond(self, listener, self->said, self->answer, binary, tracked);
        } else {
            hear(self, listener, binary, tracked);
            reread(self, speaker, binary, tracked);
        }
    }
}

/* The speaker tells everybody who hears it the same. */
SIMD_INLINE void tell(population *self, uint64_t n, bool binary, bool tracked)
{
    for (; n > 0; n--) {
        uint64_t hearers = self->agents;
        rng_block_pairs(&self->random);
        const uint64_t speaker = self->random.speaker[self->random.next_pair++];
        const uint32_t *listeners = meetings_listeners(self->meetings, speaker, &hearers);
        say(self, speaker, self->said, binary);
        for (uint64_t i = 0; i < hearers; i++)
            if (listeners)
                hear(self, listeners[i], binary, tracked);
            else if (i != speaker)
                hear(self, i, binary, tracked);
        reread(self, speaker, binary, tracked);
    }
}

#define KERNELS(name, call, binary)                                                                       \
    SIMD_CLONES(name##_plain, (population * self, uint64_t n), call(self, n, binary, false))                   \
    SIMD_CLONES(name##_tracking, (population * self, uint64_t n), call(self, n, binary, true))
KERNELS(meet_any, meet, false)
KERNELS(meet_binary, meet, true)
KERNELS(tell_any, tell, false)
KERNELS(tell_binary, tell, true)

void kernel_choose_network(population *self)
{
    static population_kernel *const *const table[2][2][2] = {
        {{meet_any_plain, meet_any_tracking}, {meet_binary_plain, meet_binary_tracking}},
        {{tell_any_plain, tell_any_tracking}, {tell_binary_plain, tell_binary_tracking}}};
    const bool broadcast = self->model->exchange == QSG_BROADCAST, binary = self->layout == POPULATION_CUMULATIVE;
    self->plain = table[broadcast][binary][0][self->path];
    self->tracking = table[broadcast][binary][1][self->path];
    const double h0 = self->model->adoption;
    self->adopt[0] = 1 / (1 + exp(-h0));
    self->adopt[1] = 1 / (1 + exp(h0));
}
