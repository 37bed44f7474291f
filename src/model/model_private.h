/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_MODEL_PRIVATE_H
#define QSG_MODEL_PRIVATE_H

#include "qsg/model.h"

/* Read --init into self->start; agents and labels are set already (model_start.c). */
qsg_status model_read_start(qsg_model *self, const char *text, qsg_error *error);

/* Check that the K numbers are a distribution within the rounding of six decimals and make their sum exact. */
qsg_status model_check_distribution(double *p, size_t n, size_t labels, const char *what, qsg_error *error);

/* Who is in the population and who meets whom (model_population.c, agents_file.c). */
qsg_status model_read_zealots(qsg_model *self, const char *text, qsg_error *error);
qsg_status model_read_evidence(qsg_model *self, const char *text, qsg_error *error);
qsg_status model_read_graph(qsg_model *self, const char *text, qsg_error *error);
qsg_status model_read_pairs(qsg_model *self, const char *text, qsg_error *error);
qsg_status model_read_agents_file(qsg_model *self, const char *text, qsg_error *error);

/* Without --alpha: the slowest rate of the column of agents-file, 1 where nobody moves; QSG_EINPUT without such a column. */
qsg_status model_take_alpha(qsg_model *self, qsg_error *error);

/* Refuse options that have no meaning together. */
qsg_status model_check_population(const qsg_model *self, qsg_error *error);

/* Beyond these the squares of rates would leave the range of a double; so many labels may one message carry. */
#define MODEL_MIN_ALPHA 1e-60
#define MODEL_MAX_BANDWIDTH 1000000000
/* Beliefs from a file are held in full: refuse what would not fit a workstation. */
#define MODEL_MAX_BELIEFS 1000000000.0

#endif
