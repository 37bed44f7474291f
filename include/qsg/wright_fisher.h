/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_WRIGHT_FISHER_H
#define QSG_WRIGHT_FISHER_H

#include <stdbool.h>
#include <stddef.h>

#include <qsg/model.h>
#include <qsg/predict.h>
#include <qsg/result.h>
#include <qsg/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The haploid Wright-Fisher chain of population genetics (doc/theory/chain.md, section 9): N genes of two kinds; each gene
 *  of the next generation is of kind 1 with probability r(i/N), i being how many are now.  Time in generations. */
typedef struct {
    size_t genes;
    double *chance;      /* r(i/N), i = 0 .. genes */
    double *other;       /* 1 - r(i/N), to full relative accuracy; stored behind `chance` */
    bool absorbing[2];   /* [0]: all genes of kind 1 stay so; [1]: of kind 2 */
    size_t width;        /* P(i -> j) below 1e-20 wherever |i - j| > width */
} qsg_wright_fisher;

/** How the matrix is stored: all of it, or the jumps that are not negligible. */
typedef enum { QSG_WF_AUTO, QSG_WF_DENSE, QSG_WF_BANDED } qsg_wf_solver;

/** The chain of the model's channel: r(x) of doc/theory/model.md, eq. 1, so --field h is selection with 1 + s = e^h,
 *  --innovation eps mutation to --prior, --temper frequency dependence.  2 <= N <= 20000.  QSG_EMODEL for options that
 *  have no meaning here (K > 2, alpha or bandwidth other than 1, zealots, ..).  QSG_EDOMAIN, QSG_ENOMEM. */
qsg_status qsg_wright_fisher_init(qsg_wright_fisher *self, const qsg_model *model, qsg_error *error);
/** The same for any chances r_i in [0, 1], genes + 1 of them, copied. */
qsg_status qsg_wright_fisher_init_chances(qsg_wright_fisher *self, size_t genes, const double *chance,
                                          qsg_error *error);
void qsg_wright_fisher_free(qsg_wright_fisher *self);

/** From every start (genes + 1 numbers; any may be NULL): probability that kind 1 is fixed, that it is lost, mean and standard
 *  deviation of the generations until either.  Elimination of 1 - P without subtractions, O(N width^2): every chance and mean has
 *  a relative error of about 1e-12, however rare or long.  Jumps of chance below 1e-300 (above 1000 genes, 1e-40) are left out: a
 *  chance that these might add more than 1e-10 to is NaN, and such a time QSG_ENUMERIC.  QSG_ENOEXIST when no state is
 *  absorbing, QSG_ENOMEM. */
qsg_status qsg_wright_fisher_absorption(const qsg_wright_fisher *self, qsg_wf_solver solver, double *fixation, double *loss,
                                        double *mean, double *sd, qsg_error *error);

/** Law of i after `generations` from `start`, genes + 1 numbers.  Cost O(generations N width), at most 10^10.
 *  QSG_EDOMAIN, QSG_ENUMERIC, QSG_ENOMEM. */
qsg_status qsg_wright_fisher_evolve(const qsg_wright_fisher *self, size_t start, double generations, double *law,
                                    qsg_error *error);
/** The same from a law `from` (genes + 1 probabilities; may be `law`). */
qsg_status qsg_wright_fisher_evolve_law(const qsg_wright_fisher *self, const double *from, double generations,
                                        double *law, qsg_error *error);

/** Slowest decay rate a generation without selection and temper: 1/N, with mutation the smaller of eps and
 *  1 - (1 - eps)^2 (1 - 1/N).  QSG_ENOEXIST otherwise. */
qsg_status qsg_wright_fisher_rate(const qsg_model *model, double *rate, qsg_error *error);

/** Stationary law (genes + 1 numbers), N <= 4000: null vector by LU.  QSG_ENOEXIST when a state is absorbing, QSG_EDOMAIN,
 *  QSG_ENUMERIC, QSG_ENOMEM. */
qsg_status qsg_wright_fisher_stationary(const qsg_wright_fisher *self, double *law, qsg_error *error);

/** Everything above for the model's start (onehot, or a common belief p with N p whole) into a result, as `predict --chain
 *  wright-fisher`; the request's times are generations.  Errors of the above; QSG_EMODEL for another start. */
qsg_status qsg_wright_fisher_predict(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                                     qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
