/* Producers of the figures belief, bifurcation, phases and amplification.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_FIGURES_KINETIC_H
#define QSG_FIGURES_KINETIC_H

#include "qsg/result.h"
#include "qsg/status.h"

qsg_status produce_belief(const char *data_dir, qsg_result *result, qsg_error *error);
qsg_status produce_bifurcation(const char *data_dir, qsg_result *result, qsg_error *error);
qsg_status produce_phases(const char *data_dir, qsg_result *result, qsg_error *error);
qsg_status produce_amplification(const char *data_dir, qsg_result *result, qsg_error *error);

#endif
