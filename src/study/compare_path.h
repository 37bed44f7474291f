/* A law of the polarization that is a limit, against simulation.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_COMPARE_PATH_H
#define QSG_COMPARE_PATH_H

#include <stdbool.h>

#include "qsg/model.h"
#include "qsg/result.h"
#include "qsg/simulate.h"

/* The law of U over the times that a prediction has: "U", a limit of E[U], or else the path of an infinite population
 * ("U_meanfield"); NULL when it has none. */
const char *compare_path_law(const qsg_result *prediction);

/* `law` of `theory` against ensembles of `model` at N/4, N/2 and N, at the request's times and at the same numbers of rounds (broadcasts: the same times): the
 * table of U at N as the next table of the result, the largest deviation at each size and its exponent; as the verdict, too,
 * when `only` this is compared. */
qsg_status compare_path(const qsg_model *model, const qsg_model *theory, const qsg_ensemble_request *request, const char *law,
                        bool only, qsg_result *result, qsg_error *error);

#endif
