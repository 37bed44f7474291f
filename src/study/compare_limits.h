/* Asymptotic laws against simulation.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_COMPARE_LIMITS_H
#define QSG_COMPARE_LIMITS_H

#include "qsg/model.h"
#include "qsg/result.h"
#include "qsg/simulate.h"

/* Winning probability, consensus time and growth rate of `theory` (whose prediction is given) against ensembles of `model`
 * at N/4, N/2 and N.  QSG_EMODEL when the prediction has none of them. */
qsg_status compare_limits(const qsg_model *model, const qsg_model *theory, const qsg_ensemble_request *request,
                          const qsg_result *prediction, qsg_result *result, qsg_error *error);

#endif
