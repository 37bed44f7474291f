/* Producers of the figures networks and influence.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_FIGURES_NETWORK_H
#define QSG_FIGURES_NETWORK_H

#include "qsg/result.h"
#include "qsg/status.h"

qsg_status produce_networks(const char *data_dir, qsg_result *result, qsg_error *error);
qsg_status produce_influence(const char *data_dir, qsg_result *result, qsg_error *error);

#endif
