/* Stationary law of three labels: the lattice chain's zero eigenvector.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>

#include "qsg/simplex.h"

/* The banded factors take 24 n^3 bytes. */
#define MAX_STATIONARY_QUANTA 250

/* Below, the slowest mode is as slow as the shift that makes the matrix solvable. */
#define LEAST_INFLOW 1e-6

/* The transposed generator, in LAPACK's band storage with room for pivoting: column s holds the rates out of s. */
static void fill_band(const qsg_simplex *self, lapack_int width, lapack_int rows, double *band)
{
    static const struct { int i, j; } moves[6] = {{1, -1}, {-1, 1}, {1, 0}, {-1, 0}, {0, 1}, {0, -1}};
    const size_t n = self->n;
    for (size_t i = 0; i <= n; i++)
        for (size_t j = 0; i + j <= n; j++) {
            const size_t s = qsg_simplex_index(self, i, j);
            double *diagonal = band + s * (size_t)rows + 2 * width;
            for (int m = 0; m < 6; m++) {
                const double rate = self->rates[(size_t)m * self->states + s];
                if (rate == 0)
                    continue;
                const size_t to = qsg_simplex_index(self, (size_t)((ptrdiff_t)i + moves[m].i),
                                                    (size_t)((ptrdiff_t)j + moves[m].j));
                diagonal[(ptrdiff_t)to - (ptrdiff_t)s] += rate;
                diagonal[0] -= rate;
            }
            diagonal[0] -= 1e-14; /* makes the singular matrix solvable */
        }
}

qsg_status qsg_simplex_stationary(const qsg_simplex *self, double *mass, qsg_error *error)
{
    const size_t n = self->n, states = self->states;
    const lapack_int width = (lapack_int)n + 1, rows = 3 * width + 1, order = (lapack_int)states;
    if (!(self->inflow[0] > 0 && self->inflow[1] > 0 && self->inflow[2] > 0))
        return qsg_fail(error, QSG_ENOEXIST,
                        "a label without inflow can be lost for good, so there is no stationary law "
                        "inside; expected innovation towards every label");
    if (!(self->inflow[0] + self->inflow[1] + self->inflow[2] >= LEAST_INFLOW))
        return qsg_fail(error, QSG_ENUMERIC,
                        "innovation is too rare for the stationary law of three labels (theta %g); "
                        "expected theta of %g or more", self->inflow[0] + self->inflow[1] + self->inflow[2],
                        LEAST_INFLOW);
    if (n > MAX_STATIONARY_QUANTA)
        return qsg_fail(error, QSG_EDOMAIN,
                        "lattice is too large for the stationary law (%zu); expected at most %d cells a "
                        "side", n, MAX_STATIONARY_QUANTA);
    double *band = calloc(states * (size_t)rows, sizeof *band), *v = calloc(states, sizeof *v), sum = 0;
    lapack_int *pivots = calloc(states, sizeof *pivots), info;
    qsg_status status = QSG_OK;
    if (!band || !v || !pivots) {
        status = qsg_fail(error, QSG_ENOMEM, "no memory for the stationary law of %zu lattice points", states);
        goto out;
    }
    fill_band(self, width, rows, band);
    for (size_t s = 0; s < states; s++)
        v[s] = 1;
    info = LAPACKE_dgbtrf(LAPACK_COL_MAJOR, order, order, width, width, band, rows, pivots);
    for (int pass = 0; pass < 3 && info == 0; pass++) {
        info = LAPACKE_dgbtrs(LAPACK_COL_MAJOR, 'N', order, width, width, 1, band, rows, pivots, v, order);
        sum = 0;
        for (size_t s = 0; s < states; s++)
            sum += v[s];
        for (size_t s = 0; s < states; s++)
            v[s] /= sum;
    }
    if (info || !isfinite(sum) || sum == 0) {
        status = qsg_fail(error, QSG_ENUMERIC, "the stationary law did not converge (LAPACK code %d)", (int)info);
        goto out;
    }
    for (size_t s = 0; s < states; s++)
        mass[s] = v[s] > 0 ? v[s] : 0;
out:
    free(band);
    free(v);
    free(pivots);
    return status;
}
