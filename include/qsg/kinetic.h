/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_KINETIC_H
#define QSG_KINETIC_H

#include <qsg/model.h>
#include <qsg/result.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Kinetic mean field for K = 2 (doc/theory/kinetic.md): the law of beliefs of an infinite population, in rounds tau of
 *  N interactions, for any temper from 0.05, field and innovation.  One-way or mutual exchange without own output,
 *  bandwidth 1 .. 64.  Common errors: QSG_EMODEL (another model), QSG_ENUMERIC (channel too steep, T below about 0.01;
 *  no convergence), QSG_EDOMAIN, QSG_ENOMEM.  Outputs are untouched on failure.  Basis of all: mean field, exact for
 *  N = infinity, numerical to about 1e-10 (T <= 1). */

/** Leading growth rate per round (eq. 4) at the mixed state: 1/2 for a symmetric channel, otherwise the least stable
 *  self-consistent mean belief inside (0, 1); at the start's mean when every mean is one (rate 0).  inf bandwidth: of a
 *  population that agrees.
 *  QSG_ENOEXIST when no mean inside (0, 1) is self-consistent: one label takes over. */
typedef struct {
    double p;    /* the self-consistent mean belief */
    double rate; /* Lambda, per round; amplification where > 0 */
} qsg_growth;
qsg_status qsg_kinetic_growth(const qsg_model *model, qsg_growth *growth, qsg_error *error);

/** Growth rate per round of a deviation of the mean belief from the state in which all K labels are alike, any K >= 2,
 *  with its standard error: Monte Carlo from the streams of `seed`, so reproducible, over a pool of agents and what one
 *  message changes in what they say later (eq. 12-13).  One-way or mutual, own output, m = 1 .. 64 (inf without own
 *  output: of a population that agrees, exact, error 0), temper, innovation with a uniform prior.  Exact within the
 *  error for m <= 5; for more words projected on messages' polynomials of degree 5, whose change from degree 3 is part of
 *  the error.  Error 0.5 to 2% of the rate at T = 0.5, K <= 10; about 0.5 s, up to 10 s for small alpha or many labels.
 *  QSG_EMODEL for another model, and where it would take longer (K beyond about 900 at alpha = 0.3, own output at low T,
 *  which keeps a belief for ever). */
qsg_status qsg_kinetic_growth_labels(const qsg_model *model, uint64_t seed, double *rate, double *se, qsg_error *error);

/** All growth rates of Chebyshev degree 1 .. n about the self-consistent law at mean p, largest real part first, by
 *  dgeev (O(n^3)): the check of the above.  As many as the channel needs, their number into *n; re and im have
 *  `capacity` members (QSG_EDOMAIN when too few). */
qsg_status qsg_kinetic_spectrum(const qsg_model *model, double p, size_t capacity, double *re, double *im, size_t *n,
                                qsg_error *error);

/** Evolve the law from the model's start to n increasing times (rounds >= 0): mean belief and variance among agents, n
 *  members each (variance may be NULL).  Eighth-order Runge-Kutta whose steps are found by their error: below 1e-9 in all.
 *  Times below 1e7 rounds. */
qsg_status qsg_kinetic_evolve(const qsg_model *model, size_t n, const double *rounds, double *mean, double *variance,
                              qsg_error *error);

/** The same for any number of labels and any channel, by particles: the finite population itself, with 512 to 8192 agents
 *  in place of the model's N and the shares of its start, eight times.  Out, at n increasing times (rounds >= 0): U of the
 *  mean belief with its standard error, the variance among agents E|x_i - mean|^2, and the mean belief (n x labels).  All are
 *  NaN at times that take more than about 2 s, or at which the standard error of a share is above 0.01, as where the noise of
 *  the particles has been amplified.  The streams of `seed`: the same result on any number of threads.  Basis: simulated;
 *  the bias is of order 1/512 to 1/8192.  QSG_EMODEL for broadcasts and populations that are not well mixed. */
qsg_status qsg_kinetic_particles(const qsg_model *model, size_t n, const double *rounds, uint64_t seed, double *polarization,
                                 double *se, double *variance, double *shares, qsg_error *error);

/** The law at one time as masses of `cells` equal cells (Jackson-smoothed at the resolution pi/128 in the angle
 *  arccos(2x-1), never negative; sums to 1). */
qsg_status qsg_kinetic_density(const qsg_model *model, double rounds, size_t cells, double *mass, qsg_error *error);

/** Consensus by amplification from a symmetric state (eq. 6-9): sampling noise grows as e^{rate tau}.  For m = 1,
 *  one-way exchange and a symmetric channel; asymptotic in N, for starts whose mean is 1/2 within O(N^{-1/2}). */
typedef struct {
    double rate;        /* Lambda */
    double slope;       /* 1/(2 Lambda): rounds per unit of ln N */
    double constant;    /* c: mean rounds = slope ln N + c from beliefs as spread as the start's about an even mean */
    double rounds;      /* mean rounds until U reaches the threshold, for the model's N and start */
    double spread;      /* standard deviation of the rounds; for an even start pi/(sqrt(8) Lambda) */
    double noise;       /* the mean belief leaves 1/2 with standard deviation noise N^{-1/2} e^{Lambda tau} */
    double probability; /* that label 1 wins: Phi(sqrt(N) a_0/sigma) */
} qsg_amplification;

/** QSG_ENOEXIST when Lambda <= 0 or the mean never reaches the threshold (innovation too strong); QSG_ENUMERIC when
 *  Lambda < 0.003, where the path is too long and the adiabatic closure holds. */
qsg_status qsg_kinetic_consensus(const qsg_model *model, double threshold, qsg_amplification *amplification,
                                 qsg_error *error);

/** E[U] and the variance among agents E|x_i - mean|^2/2 of one label (E[V]/(2N)) at n increasing times (rounds >= 0), while noise is
 *  amplified (eq. 17-18): models and errors of qsg_kinetic_consensus.  Asymptotic: N to infinity, at growth rates far above N lambda. */
qsg_status qsg_kinetic_polarization(const qsg_model *model, size_t n, const double *rounds, double *polarization,
                                    double *variance, qsg_error *error);

/** What decides the fate of a population (eq. 10). */
typedef enum {
    QSG_REGIME_DRIFT,         /* sampling noise alone */
    QSG_REGIME_AMPLIFICATION, /* noise is amplified: rate > N lambda max(1, |Gamma_eff|) */
    QSG_REGIME_PLURAL,        /* innovation or T > 1 restores the mixture: -rate exceeds the same */
    QSG_REGIME_BIASED         /* the field decides: otherwise, |Gamma_eff| > 1 */
} qsg_regime;
const char *qsg_regime_name(qsg_regime regime);

/** growth and drift = N lambda per round, gamma = Gamma_eff of the field. */
qsg_regime qsg_regime_of(double growth, double drift, double gamma);

/** Regime and growth rate over a grid, row-major n_tempers x n_innovations; growth NaN where no mean inside (0, 1) is
 *  self-consistent.  A symmetric channel takes
 *  about 0.5 ms a point at m = 1 and 5 ms at m = 4; a field or uneven prior about 50 ms.  Rows run in parallel. */
qsg_status qsg_kinetic_phases(const qsg_model *model, size_t n_tempers, const double *tempers, size_t n_innovations,
                              const double *innovations, qsg_regime *regimes, double *growth, qsg_error *error);

/** The same as a result: columns temper, innovation, regime (code), growth. */
qsg_status qsg_kinetic_phase_table(const qsg_model *model, size_t n_tempers, const double *tempers,
                                   size_t n_innovations, const double *innovations, qsg_result *result,
                                   qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
