/* Producers of the figures density, simplex, buri and consensus_law.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_FIGURES_DENSITY_H
#define QSG_FIGURES_DENSITY_H

#include "qsg/result.h"
#include "qsg/status.h"

qsg_status produce_density(const char *data_dir, qsg_result *result, qsg_error *error);
qsg_status produce_simplex(const char *data_dir, qsg_result *result, qsg_error *error);
qsg_status produce_buri(const char *data_dir, qsg_result *result, qsg_error *error);
qsg_status produce_consensus_law(const char *data_dir, qsg_result *result, qsg_error *error);

#endif
