/* Producer of the figure sweep.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_FIGURES_SWEEP_H
#define QSG_FIGURES_SWEEP_H

#include "qsg/result.h"
#include "qsg/status.h"

qsg_status produce_sweep(const char *data_dir, qsg_result *result, qsg_error *error);

#endif
