/* Interactions one at a time, so that all that is heard can be told: on top of any kernel of the plain layout, which leaves
 * the messages in said and answer.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/kernel.h"

/* The one label of a message. */
static size_t label_of(const population *self, const double *message)
{
    size_t k = 0;
    while (k + 1 < self->labels && message[k] == 0)
        k++;
    return k;
}

static void tell(const population *self, uint64_t t, uint64_t speaker, uint64_t listener, const double *message)
{
    self->hearing(self->hearing_context, self->run, t, speaker, listener, label_of(self, message));
}

static void tell_all(const population *self, uint64_t t, uint64_t speaker)
{
    uint64_t n = self->agents;
    const uint32_t *listeners = meetings_listeners(self->meetings, speaker, &n);
    for (uint64_t i = 0; i < n; i++)
        if (listeners)
            tell(self, t, speaker, listeners[i], self->said);
        else if (i != speaker)
            tell(self, t, speaker, i, self->said);
}

static void advance(population *self, uint64_t n)
{
    const qsg_exchange exchange = self->model->exchange;
    for (uint64_t t = self->time + 1; n > 0; n--, t++) {
        rng_block_pairs(&self->random);
        const uint64_t speaker = self->random.speaker[self->random.next_pair];
        const uint64_t listener = self->random.listener[self->random.next_pair];
        self->unheard(self, 1);
        if (exchange == QSG_BROADCAST) {
            tell_all(self, t, speaker);
        } else if (speaker != listener) { /* with replacement an agent may draw itself: nobody hears anything */
            tell(self, t, speaker, listener, self->said);
            if (exchange == QSG_MUTUAL)
                tell(self, t, listener, speaker, self->answer);
        }
    }
}

void kernel_choose_hearing(population *self)
{
    self->unheard = self->tracking;
    self->plain = self->tracking = advance;
}
