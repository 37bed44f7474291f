/* What influence says about a population: who decides, and whether anybody can.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PREDICT_INFLUENCE_H
#define QSG_PREDICT_INFLUENCE_H

#include "qsg/influence.h"
#include "qsg/moments.h"
#include "qsg/predict.h"

typedef struct {
    qsg_influence influence; /* agents 0: not listed, identical agents of whom there are many */
    double *mean;            /* labels: of the initial beliefs, weighed by influence */
    size_t closed_classes;
    double number;           /* influence_number */
    qsg_end end;
    bool known;              /* all of this */
    qsg_basis basis;
} predict_verdict;

/* Fill the verdict; !known where there is no law of influence (broadcast on a graph, more than 10^8 agents who differ). */
qsg_status predict_verdict_init(predict_verdict *self, const qsg_model *model, qsg_error *error);
void predict_verdict_free(predict_verdict *self);

/* The shape of the graph, and what goes before the rates: number of closed classes and of influence. */
qsg_status predict_put_shape(const qsg_model *model, qsg_result *result, qsg_error *error);
void predict_put_influence(const predict_verdict *self, qsg_result *result);

/* Regime, winning probabilities or why there are none; `rate` 0: some pair of agents never agrees, NaN: not known. */
void predict_put_end(const predict_verdict *self, const qsg_model *model, double rate, qsg_result *result);

/* Moments at the end of all times of several closed classes that hold everybody, each of which agrees in the end, independently of the
 * others (pairs.md, section 7): false where that is not so. */
bool predict_classes_end(const predict_verdict *self, const qsg_model *model, qsg_moments *end);

/* Second table: influence by agent, the `top` most influential ones first, or all by number (top = 0, up to 10^6). */
qsg_status predict_put_agents(const predict_verdict *self, const qsg_model *model, size_t top, qsg_result *result,
                              qsg_error *error);

#endif
