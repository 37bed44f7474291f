/* Anderson acceleration (Walker & Ni, SIAM J. Numer. Anal. 49, 1715, 2011).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/anderson.h"

#include <math.h>
#include <string.h>

#define DEPENDENT 1e-10 /* residual differences nearer than this, relative, say nothing new */

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

void anderson_next(anderson *self, double *x, const double *g)
{
    const size_t n = self->size;
    double basis[ANDERSON_DEPTH][ANDERSON_SIZE], moved[ANDERSON_DEPTH][ANDERSON_SIZE], rest[ANDERSON_SIZE], mixed[ANDERSON_SIZE];
    const size_t kept = self->known < ANDERSON_DEPTH ? self->known : ANDERSON_DEPTH;
    /* newest first */
    memmove(self->image[1], self->image[0], ANDERSON_DEPTH * sizeof *self->image);
    memmove(self->residual[1], self->residual[0], ANDERSON_DEPTH * sizeof *self->residual);
    for (size_t i = 0; i < n; i++) {
        self->image[0][i] = mixed[i] = g[i];
        self->residual[0][i] = rest[i] = g[i] - x[i];
    }
    self->known = kept + 1;
    size_t used = 0;
    for (size_t k = 1; k <= kept; k++) { /* Gram-Schmidt on the differences, carried along by the images */
        double *q = basis[used], *d = moved[used];
        for (size_t i = 0; i < n; i++) {
            q[i] = self->residual[k][i] - self->residual[k - 1][i];
            d[i] = self->image[k][i] - self->image[k - 1][i];
        }
        const double before = dot(q, q, n);
        for (size_t j = 0; j < used; j++) {
            const double part = dot(q, basis[j], n);
            for (size_t i = 0; i < n; i++) {
                q[i] -= part * basis[j][i];
                d[i] -= part * moved[j][i];
            }
        }
        const double after = dot(q, q, n);
        if (!(after > DEPENDENT * DEPENDENT * before) || !(before > 0))
            continue;
        for (size_t i = 0; i < n; i++) {
            q[i] /= sqrt(after);
            d[i] /= sqrt(after);
        }
        const double part = dot(rest, q, n);
        for (size_t i = 0; i < n; i++) {
            rest[i] -= part * q[i];
            mixed[i] -= part * d[i];
        }
        used++;
    }
    for (size_t i = 0; i < n; i++)
        if (!(mixed[i] >= 0)) {
            memcpy(x, g, n * sizeof *x);
            return;
        }
    memcpy(x, mixed, n * sizeof *x);
}
