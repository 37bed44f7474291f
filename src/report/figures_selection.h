/* Producers of the figures crossover and protocols.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_FIGURES_SELECTION_H
#define QSG_FIGURES_SELECTION_H

#include "qsg/result.h"
#include "qsg/status.h"

qsg_status produce_crossover(const char *data_dir, qsg_result *result, qsg_error *error);
qsg_status produce_protocols(const char *data_dir, qsg_result *result, qsg_error *error);

#endif
