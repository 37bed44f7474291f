/* Laws that predict puts together, one a kind of model.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PREDICT_LAWS_H
#define QSG_PREDICT_LAWS_H

#include <stdbool.h>

#include "qsg/absorption.h"
#include "qsg/predict.h"

/* The model with a neutral channel; borrows the arrays. */
qsg_model predict_neutral_part(const qsg_model *model);

typedef qsg_status predict_law(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                               qsg_error *error);
predict_law predict_selection, predict_innovation, predict_channel, predict_network, predict_broadcast, predict_chain,
    predict_evidence;

/* Whether predict_network covers the model: agents who differ, a graph, committed agents, other ways to draw pairs. */
bool predict_is_network(const qsg_model *model);
/* Their slow rate, 0 when there is none or, unless `patient`, it takes long; and 1.5 consensus times, NaN likewise. */
double predict_network_rate(const qsg_model *model, bool patient);
double predict_network_span(const qsg_model *model, double consensus);

/* Whether predict_chain is at home: well-mixed copiers of two labels with zealots, adoption bias or pairs with
 * replacement. */
bool predict_is_chain(const qsg_model *model);
/* Slowest rate of that chain, 0 when it is not known. */
double predict_chain_rate(const qsg_model *model);

/* Neutral copiers (alpha = m = 1, one-way) that start sure of a label, and their exact times to consensus. */
bool predict_is_copying(const qsg_model *model);
/* Whether these are two labels and few enough agents for the law of the time. */
bool predict_has_copying_law(const qsg_model *model);
predict_law predict_copying;
/* Well-mixed committed agents: the limits of doc/theory/chain.md, section 8; nothing for other models. */
predict_law predict_committed;
/* Flip time of a population that starts agreed against one kind of zealots; nothing for other models. */
predict_law predict_flip;

/* Who wins and when by the adiabatic closure (K = 2), for any field and temper; QSG_ENOEXIST or QSG_EMODEL with the
 * reason when it does not hold, with nothing added.  Times are left out where they do not converge. */
predict_law predict_adiabatic;

/* E[U], the shares and the stationary moments of two labels by the diffusion, where it is nearer than the path of an infinite
 * population; stationary keys with the reason otherwise.  Nothing else is added where the law does not hold. */
predict_law predict_diffusion;

/* The table of the kinetic mean field, for any channel: U, V and the mean belief of an infinite population, by Chebyshev
 * moments or, where these do not cover the model, by particles.  A broadcast has its common belief in place of it.  Nothing without times. */
predict_law predict_kinetic;
/* E[U] and the shares of a broadcast from a common belief (K = 2); nothing where the law does not cover the model. */
predict_law predict_broadcast_path;

/* When a broadcast from a common belief (K = 2) gets to the threshold; nothing where the law does not cover the model. */
void predict_broadcast_times(const qsg_model *model, double consensus, qsg_result *result);

/* Who wins a broadcast from a common belief (K = 2); with nothing added on failure. */
predict_law predict_broadcast_winner;

/* The winner in a field so strong that the weaker label is hardly ever said (K = 2, any temper); false, with nothing added, where
 * the bound on that is above 1e-9. */
bool predict_strong_field(const qsg_model *model, const qsg_predict_request *request, qsg_result *result);

/* Mean, spread, quantiles and survival of the time to consensus of the diffusion with drift `drift` and noise `rate`
 * from mean belief p; `limit` says what it is asymptotic in. */
qsg_status predict_absorption(const qsg_model *model, qsg_drift *drift, void *context, double rate, double p, bool with_law,
                              const char *limit, const qsg_predict_request *request, qsg_result *result,
                              qsg_error *error);

/* Growth outruns drift by this before the laws of amplified noise are given. */
#define CLEAR_GROWTH 4.0

/* The law of the time to consensus resolves the path in panels of 2/Gamma. */
#define MAX_LAW_GAMMA 1500.0

/* The closure wants agents to forget faster than the mean moves.  Its winning probabilities were within 0.06 of simulation at every
 * strain tried, which is up to 17 (doc/theory/adiabatic.md); the second limit holds where the noise is taken from the neutral model:
 * own output, densities with innovation. */
#define MAX_STRAIN 17.0
#define MAX_STRAIN_PLAIN 0.3
/* Times and densities want a noise and a speed that hardly vary with the mean belief. */
#define MAX_TIME_ERROR 0.35
/* It also wants each agent to hear a crowd: at weak fields it gives this part of Gamma less than the exact response,
 * about alpha/(N (1-alpha)). */
#define MAX_GRAIN 0.1

/* 1 - (Gamma of the closure)/(exact Gamma) for a weak field: the size of what a finite population adds.  `rate` is the
 * exact neutral slow rate. */
qsg_status predict_grain(const qsg_model *model, double rate, double *grain, qsg_error *error);

/* A column of the table that is filled time by time. */
typedef struct {
    const char *name, *path, *meaning;
    qsg_basis basis;
} predict_column;

/* Put the times, unless they are there, and `n_columns` columns, stored one after the other in `values`, into the result. */
void predict_table(const qsg_predict_request *request, const predict_column *columns, size_t n_columns,
                   const double *values, qsg_result *result);

/* Meaning of what the paper's law says: it is of one listener at a time. */
static inline const char *predict_paper(const qsg_model *model, const char *meaning)
{
    return model->exchange == QSG_BROADCAST ? "the paper's law, of one listener at a time: none of a broadcast" : meaning;
}

#endif
