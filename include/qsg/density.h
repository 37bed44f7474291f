/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_DENSITY_H
#define QSG_DENSITY_H

#include <stdbool.h>
#include <stddef.h>

#include <qsg/drift.h>
#include <qsg/model.h>
#include <qsg/result.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A model's diffusion limit in coalescent units tau = rate t (doc/theory/density.md, eq. 17-18): the mean belief p
 *  spreads with covariance p_k (delta_kl - p_l) and drifts by p_k (s_k - sum_l s_l p_l) + (theta/2)(rho_k - p_k). */
typedef struct {
    double rate;  /* exact slow rate of the neutral part, per interaction */
    double gain;  /* s_k = gain h_k */
    double theta; /* strength of innovation */
} qsg_diffusion;

/** Valid as N goes to infinity with N h and N innovation kept.  QSG_EMODEL: the model uses more than field and
 *  innovation, its mean belief stops moving (rate 0), or it moves too fast for a diffusion (rate above 0.05). */
qsg_status qsg_diffusion_of(const qsg_model *model, qsg_diffusion *diffusion, qsg_error *error);

/** Drift of label 1 for K = 2; inflow and selection per label for any K (arrays of `labels` numbers). */
void qsg_diffusion_drift(const qsg_diffusion *self, const qsg_model *model, qsg_polynomial_drift *drift);
void qsg_diffusion_rates(const qsg_diffusion *self, const qsg_model *model, double *inflow, double *selection);

/** The drift of label 1's share for K = 2 and any channel, in coalescent units (eq. 17-19): a polynomial for field and
 *  innovation; with tempering the adiabatic closure (qsg/adiabatic.h) as a Chebyshev series. */
enum { QSG_MEAN_DRIFT_TERMS = 129 };
typedef struct {
    qsg_diffusion diffusion;         /* gain is NaN with the closure */
    bool closure;
    qsg_polynomial_drift polynomial; /* without the closure */
    double strain;                   /* with it: largest speed of the mean against that of an agent, innovation added */
    double start;                    /* with it, no innovation: where the model's start comes to while its agents relax */
    double speed;                    /* what is heard less the mean belief, times this, is the drift */
    double inflow[2];                /* 2 M(0), -2 M(1) */
    double pull[QSG_MEAN_DRIFT_TERMS]; /* rest of the drift over x(1-x), in T_k(2x - 1) */
} qsg_mean_drift;

/** Valid as qsg_diffusion_of; with tempering asymptotic in strain -> 0 as well, for one-way or mutual exchange without own
 *  output.  Relative accuracy of the closure's drift 1e-4 or better (1e-9 without innovation, T < 1).
 *  QSG_EMODEL (also: strain above 0.3; a population so small that the closure misses a tenth of the drift),
 *  QSG_ENUMERIC, QSG_ENOMEM; *self unchanged on failure. */
qsg_status qsg_mean_drift_init(qsg_mean_drift *self, const qsg_model *model, qsg_error *error);

/** M(x), as a qsg_drift_function. */
double qsg_mean_drift_at(double x, void *drift);

typedef enum { QSG_DENSITY_AUTO, QSG_DENSITY_SPECTRAL, QSG_DENSITY_FINITE_VOLUME } qsg_density_method;

/** What to compute beside the model. */
typedef struct {
    const double *times; /* n numbers of interactions >= 0, not decreasing */
    size_t n;
    size_t cells;        /* 0: 1000 for K = 2, 100 a side for K = 3 */
    qsg_density_method method; /* for K = 2; auto is finite-volume */
    const double *start; /* `labels` shares; NULL: the mean belief of the model's start */
    const double *start_x, *start_density; /* or a density of label 1's share at n_start points, K = 2 */
    size_t n_start;
    bool stationary;     /* also the stationary law */
} qsg_density_request;

/** Put the density of the mean belief into `result` (keys: doc/manual.md), in the diffusion limit, for K = 2 or 3.
 *  Two labels: any channel (qsg_mean_drift); three: field and innovation.
 *  QSG_EMODEL (as qsg_mean_drift_init or qsg_diffusion_of, and K > 3), QSG_EDOMAIN, QSG_ENOEXIST (stationary law without innovation towards
 *  every label), QSG_ENUMERIC, QSG_ENOMEM. */
qsg_status qsg_density(const qsg_model *model, const qsg_density_request *request, qsg_result *result,
                       qsg_error *error);

/** The law of one agent's belief instead, for K = 2.  Without times: its stationary law while the mean belief stands
 *  still at start[0] (NULL: the mean of the model's start), by qsg_adiabatic_density; with times (interactions):
 *  the kinetic law from the model's start, by qsg_kinetic_density.  `cells` is even, at most 65536, 0: 1000; method and
 *  stationary are ignored.  One-way or mutual exchange without own output, any field, temper and innovation.
 *  Errors of those two, QSG_EMODEL (K > 2), QSG_EDOMAIN (cells; a start that cannot be used); on failure the result is
 *  incomplete. */
qsg_status qsg_density_beliefs(const qsg_model *model, const qsg_density_request *request, qsg_result *result,
                               qsg_error *error);

/** Read a density: a TSV file of rows x, density ('#' lines and empty lines skipped), x increasing in [0, 1], density
 *  >= 0 and integrating to 1 within 0.001 (trapezoids).  The caller frees *x, which holds both arrays.
 *  QSG_EIO, QSG_EINPUT with file and line, QSG_ENOMEM. */
qsg_status qsg_density_read(const char *path, double **x, double **density, size_t *n, qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
