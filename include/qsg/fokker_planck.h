/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_FOKKER_PLANCK_H
#define QSG_FOKKER_PLANCK_H

#include <stdbool.h>
#include <stddef.h>

#include <qsg/drift.h>
#include <qsg/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Conservative finite-volume solution of the Wright-Fisher diffusion of two labels with any drift
 *  (doc/theory/density.md, eq. 7-12).  Cells equally wide in the angle 2 asin sqrt x; an end without inflow absorbs into an atom, an end with
 *  inflow reflects.  At every time: masses and atoms are >= 0 and sum to 1 within 1e-13.  Second order in 1/cells
 *  (cell averages, absorbed mass), 1e-6 at 4,000 cells for tau >= 0.1 and selection up to 10; the error of a time step is below 1e-9.  Memory O(cells). */
typedef struct {
    size_t cells;
    size_t parts;         /* states of the chain */
    size_t split;         /* parts in a cell: 6 up to 10,000 cells, 1 from 60,000 */
    double time;          /* tau since the start */
    double clock, lead;   /* time of the chain, which leads by so much: its start is not quite a point */
    double *edges;        /* cells+1 edges of the cells: sin^2(pi i/(2 cells)), finest at the ends */
    double *mass;         /* probability in cell i = [edges[i], edges[i+1]] */
    double *part;         /* probability of each part */
    double *place;        /* the share that a part stands for */
    double absorbed[2];   /* atoms at label 1 (x = 1) and label 2 (x = 0) */
    bool absorbing[2];    /* whether x = 1 and x = 0 absorb */
    double *up, *down;    /* rates between the states: atom, parts, atom */
    double *log_weight;   /* logarithm of the stationary weight of each part */
    double trusted;       /* longest step that was checked */
    size_t hold;          /* steps until a longer one is tried */
    double *real;         /* workspaces of the time steps */
    struct qsg_fokker_planck_factors *factors;
} qsg_fokker_planck;

/** Discretize drift M on 4 .. 10^6 cells; M is called O(cells) times, in [0, 1], M(0) >= 0, M(1) <= 0.
 *  QSG_EDOMAIN (cells; a drift that is not finite, leaves [0, 1] or overflows), QSG_ENOMEM. */
qsg_status qsg_fokker_planck_init(qsg_fokker_planck *self, size_t cells, qsg_drift_function *drift, void *context,
                                  qsg_error *error);
void qsg_fokker_planck_free(qsg_fokker_planck *self);

/** Start at time 0 with all mass at the share p in [0, 1]: on the two parts (or the atom) beside p so that the mean is
 *  p, with the clock set to make up for the split (eq. 11a); within half a cell of a reflecting end, in its cell.  QSG_EDOMAIN. */
qsg_status qsg_fokker_planck_start_point(qsg_fokker_planck *self, double p, qsg_error *error);

/** Start at time 0 with the density that is linear between n >= 2 points x (increasing, from [0, 1]) and 0 outside
 *  them; it must be >= 0 and integrate to 1 within 1e-3, and is scaled to do so exactly.  Cell masses are exact
 *  integrals.  QSG_EDOMAIN. */
qsg_status qsg_fokker_planck_start_density(qsg_fokker_planck *self, size_t n, const double *x, const double *density,
                                           qsg_error *error);

/** Advance to time tau >= self->time.  Cost O(cells) a step, about 8 steps a factor 2 of time and one an output.
 *  QSG_EDOMAIN (tau), QSG_ENUMERIC (no step is accurate); the state is then that of the last good step. */
qsg_status qsg_fokker_planck_advance(qsg_fokker_planck *self, double tau, qsg_error *error);

/** Stationary cell masses of the chain of parts where both ends reflect, by detailed balance.
 *  QSG_ENOEXIST when an end absorbs, QSG_ENUMERIC. */
qsg_status qsg_fokker_planck_stationary(const qsg_fokker_planck *self, double *mass, qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
