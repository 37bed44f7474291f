/* What the comparisons share.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_COMPARE_PRIVATE_H
#define QSG_COMPARE_PRIVATE_H

#include "qsg/model.h"
#include "qsg/simulate.h"

/* Two models of one size that comparisons cover, 1 to 500 times, 100 runs or more.  QSG_EMODEL, QSG_EDOMAIN. */
qsg_status compare_check(const qsg_model *model, const qsg_model *theory, const qsg_ensemble_request *request,
                         qsg_error *error);

#endif
