/* Producers of the figures flag-phases and critical-mass.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_FIGURES_CHAIN_H
#define QSG_FIGURES_CHAIN_H

#include "qsg/result.h"
#include "qsg/status.h"

qsg_status produce_flag_phases(const char *data_dir, qsg_result *result, qsg_error *error);
qsg_status produce_critical_mass(const char *data_dir, qsg_result *result, qsg_error *error);

#endif
