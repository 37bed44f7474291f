/* Own output: an agent also moves towards what it says (doc/theory/adiabatic.md, eq. 6).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "theory/belief_law.h"

/* All nodes x all own messages c: probability of saying c, and T_k and T_{k-1} of where the belief goes. */
typedef struct {
    size_t fine, m;
    double *chance, *z, *now, *before;
} sayings;

/* Node j of fine + 1: a belief, and the law of what is said from it. */
static void fill_chances(sayings *self, const qsg_channel *channel)
{
    const size_t m = self->m;
    for (size_t j = 0; j <= self->fine; j++) {
        const double s = sin(M_PI * (double)j / (2 * (double)self->fine));
        const double x = j == self->fine ? 0 : 1 - s * s, r = qsg_channel_binary(channel, x);
        double *law = self->chance + j * (m + 1);
        memset(law, 0, (m + 1) * sizeof *law);
        law[0] = 1;
        for (size_t i = 0; i < m; i++)
            for (size_t b = i + 2; b-- > 0;)
                law[b] = law[b] * (1 - r) + (b ? law[b - 1] * r : 0);
    }
}

/* Coefficients of x -> sum_c P(c | x) T_k(keep z + shift + own (2c/m - 1)), column k of a square matrix. */
static qsg_status fill_map(sayings *self, size_t n, double keep, double shift, double own, double *map, double *values,
                           qsg_error *error)
{
    const size_t m = self->m, rows = self->fine + 1, size = rows * (m + 1);
    for (size_t j = 0; j < rows; j++)
        for (size_t c = 0; c <= m; c++)
            self->z[j * (m + 1) + c] = keep * cos(M_PI * (double)j / (double)self->fine) + shift +
                                       own * (2 * (double)c / (double)m - 1);
    for (size_t i = 0; i < size; i++) {
        self->now[i] = 1;
        self->before[i] = self->z[i]; /* T_{-1} = T_1 */
    }
    for (size_t k = 0; k <= n; k++) {
        for (size_t j = 0; j < rows; j++) {
            double sum = 0;
            for (size_t c = 0; c <= m; c++)
                sum += self->chance[j * (m + 1) + c] * self->now[j * (m + 1) + c];
            values[j] = sum;
        }
        qsg_status status = belief_coefficients(values, self->fine, error);
        if (status)
            return status;
        memcpy(map + k * (n + 1), values, (n + 1) * sizeof *values);
        for (size_t i = 0; i < size; i++) {
            const double next = 2 * self->z[i] * self->now[i] - self->before[i];
            self->before[i] = self->now[i];
            self->now[i] = next;
        }
    }
    memset(map, 0, (n + 1) * sizeof *map);
    map[0] = 1; /* constants stay, without the rounding of the transform */
    return QSG_OK;
}

/* One-way: listening and speaking are different interactions, each once a round: A_b + (Q - 1). */
static qsg_status one_way(belief_law *law, const belief_agent *agent, sayings *s, double *values, qsg_error *error)
{
    const size_t n = law->n, size = belief_map_size(law);
    double *triangle = malloc(packed(n) * sizeof *triangle), *own = law->factor;
    qsg_status status = triangle ? fill_map(s, n, 1 - agent->self, 0, agent->self, own, values, error)
                                 : qsg_fail(error, QSG_ENOMEM, "no memory for belief laws of degree %zu", n);
    for (size_t b = 0; b <= law->m && !status; b++) {
        double *map = law->maps + b * size;
        belief_map_triangle(triangle, n, 1 - agent->alpha, agent->alpha * (2 * (double)b / (double)law->m - 1));
        memcpy(map, own, size * sizeof *map);
        for (size_t k = 0; k <= n; k++) {
            map[k * (n + 2)] -= 1;
            for (size_t i = 0; i <= k; i++)
                map[k * (n + 1) + i] += triangle[(k ? packed(k - 1) : 0) + i];
        }
    }
    free(triangle);
    return status;
}

static qsg_status sayings_init(sayings *self, size_t n, size_t m, const qsg_channel *channel, double **values,
                               qsg_error *error)
{
    const size_t fine = 2 * n + 16, size = (fine + 1) * (m + 1);
    double *room = malloc((4 * size + fine + 1) * sizeof *room);
    if (!room)
        return qsg_fail(error, QSG_ENOMEM, "no memory for belief laws of degree %zu", n);
    *self = (sayings){fine, m, room, room + size, room + 2 * size, room + 3 * size};
    *values = room + 4 * size;
    fill_chances(self, channel);
    return QSG_OK;
}

qsg_status belief_own_maps(belief_law *law, const belief_agent *agent, const qsg_channel *channel, qsg_error *error)
{
    sayings s;
    double *values;
    qsg_status status = sayings_init(&s, law->n, law->m, channel, &values, error);
    if (status)
        return status;
    if (!agent->mutual)
        status = one_way(law, agent, &s, values, error);
    for (size_t b = 0; b <= law->m && agent->mutual && !status; b++)
        status = fill_map(&s, law->n, 1 - agent->alpha - agent->self, agent->alpha * (2 * (double)b / (double)law->m - 1),
                          agent->self, law->maps + b * belief_map_size(law), values, error);
    free(s.chance);
    return status;
}

qsg_status belief_own_chain(double *map, size_t n, double alpha, size_t m, const qsg_channel *channel, qsg_error *error)
{
    sayings s;
    double *values;
    qsg_status status = sayings_init(&s, n, m, channel, &values, error);
    if (status)
        return status;
    status = fill_map(&s, n, 1 - alpha, 0, alpha, map, values, error);
    free(s.chance);
    return status;
}
