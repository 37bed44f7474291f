/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_FLAG_H
#define QSG_FLAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <qsg/model.h>
#include <qsg/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The flag game as a chain of copiers (doc/theory/flag.md): every agent is committed to label 1, the truth, with
 *  probability a1 and to label 2, the rival, with a2, independently; the others copy.  What holds in the long run,
 *  averaged exactly over who is committed. */
typedef struct {
    uint64_t agents;   /* N, 2 .. 2000 */
    double adoption;   /* h0, at most 500 in size; 0: every label heard is adopted */
    double start;      /* belief in label 1 of every free agent at the start; enters when nobody is committed */
    double consensus;  /* share of the N agents, in (1/2, 1], from which on it is a consensus (0.85) */
    double camp;       /* both shares at least this, in (0, 1/2): polarized (0.25) */
} qsg_flag_game;

/** Probabilities of what is seen at a late time; they sum to 1 with `undecided`. */
typedef struct {
    double correct, wrong; /* share of label 1, of label 2 at least `consensus` */
    double polarized;      /* both shares at least `camp` (and no consensus) */
    double undecided;      /* none of these */
    double share;          /* expected share of label 1 */
} qsg_flag_outcome;

/** Outcomes for n pairs of chances (evidence[2 i], evidence[2 i + 1]) = a1, a2, each >= 0 with sum <= 1 (eq. 1-4).  Exact:
 *  absolute error 1e-12.  The laws of the compositions are shared by all pairs: cost O(N^3/2 + n N^2/2), 1 ms at N = 32 and
 *  15 ms at N = 128; compositions that are less likely than 1e-20 for every pair are left out.
 *  QSG_EDOMAIN, QSG_ENOMEM. */
qsg_status qsg_flag_outcomes(const qsg_flag_game *game, size_t n, const double *evidence, qsg_flag_outcome *outcomes,
                             qsg_error *error);

/** The game of a model with --evidence: copiers (as qsg_chain_init, no innovation) that start at a common belief.
 *  QSG_EMODEL, QSG_EDOMAIN, QSG_ENOMEM. */
qsg_status qsg_flag_predict(const qsg_model *model, double consensus, double camp, qsg_flag_outcome *outcome,
                            qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
