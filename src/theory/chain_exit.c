/* When copiers first agree up to a threshold: a birth-death chain cut on both sides (doc/theory/chain.md, section 3).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/chain.h"

#define ROUNDING 1e-9 /* of an agent: a share that equals the threshold has reached it */

/* The states first .. last: those below the threshold and, where there are such, the nearest that have reached it. */
typedef struct {
    size_t first, last;
    bool low, high; /* whether first, last have reached it */
} stretch;

static stretch below(const qsg_chain *chain, double threshold)
{
    const double n = (double)chain->spec.agents, share = (1 + sqrt(fmax(2 * threshold - 1, 0))) / 2;
    const double top = ceil(n * share - (double)chain->spec.zealots[0] - ROUNDING);
    const double bottom = floor(n * (1 - share) - (double)chain->spec.zealots[0] + ROUNDING);
    stretch s = {.last = chain->free, .low = bottom >= 0, .high = top <= (double)chain->free};
    if (s.low)
        s.first = (size_t)fmin(bottom, (double)chain->free);
    if (s.high)
        s.last = (size_t)fmax(top, 0);
    return s;
}

static qsg_status cut(const qsg_chain *chain, const stretch *s, qsg_chain *part, qsg_error *error)
{
    const size_t n = s->last - s->first + 1;
    double *up = malloc(2 * n * sizeof *up), *down = up + n;
    if (!up)
        return qsg_fail(error, QSG_ENOMEM, "no memory for a chain of %zu states", n);
    memcpy(up, chain->up + s->first, n * sizeof *up);
    memcpy(down, chain->down + s->first, n * sizeof *down);
    down[0] = up[n - 1] = 0;
    if (s->low)
        up[0] = 0;
    if (s->high)
        down[n - 1] = 0;
    qsg_status status = qsg_chain_init_rates(part, n - 1, up, down, error);
    free(up);
    return status;
}

qsg_status qsg_chain_exit_time(const qsg_chain *self, size_t start, double threshold, qsg_chain_exit *out,
                               qsg_error *error)
{
    qsg_chain part = {0};
    qsg_chain_exit made = {{0, 0}, 0, 0};
    if (start > self->free || !(threshold > 0 && threshold < 1))
        return qsg_fail(error, QSG_EDOMAIN, "start is %zu of %zu free agents, the threshold %g; expected at most all, and (0, 1)",
                        start, self->free, threshold);
    if (self->spec.agents == 0)
        return qsg_fail(error, QSG_EMODEL, "a chain of given rates has no agents to take shares of");
    const stretch s = below(self, threshold);
    if (!s.low && !s.high)
        return qsg_fail(error, QSG_ENOEXIST, "the committed agents of both labels keep U below %g", threshold);
    if ((s.low && start <= s.first) || (s.high && start >= s.last)) {
        const double ones = (double)self->spec.zealots[0] + (double)start;
        made.probability[2 * ones < (double)self->spec.agents] = 1;
        *out = made;
        return QSG_OK;
    }
    const size_t n = s.last - s.first + 1;
    double *values = malloc(2 * n * sizeof *values);
    qsg_status status = values ? cut(self, &s, &part, error)
                               : qsg_fail(error, QSG_ENOMEM, "no memory for a chain of %zu states", n);
    if (!status)
        status = qsg_chain_times(&part, 0, values, values + n, error);
    if (!status) {
        made.mean = values[start - s.first];
        made.sd = values[n + start - s.first];
    }
    for (int w = 0; w < 2 && !status; w++) {
        status = qsg_chain_fixation(&part, w + 1, values, error);
        made.probability[w] = values[start - s.first];
    }
    if (!status)
        *out = made;
    free(values);
    qsg_chain_free(&part);
    return status;
}
