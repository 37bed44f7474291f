/* The named figures.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_FIGURES_H
#define QSG_FIGURES_H

#include "qsg/result.h"
#include "qsg/status.h"

typedef struct {
    const char *name, *description;
    const char *script; /* plots/SCRIPT.gp */
    /* Fill the result with what the script draws; `data_dir` holds data/. */
    qsg_status (*produce)(const char *data_dir, qsg_result *result, qsg_error *error);
} figure_info;

extern const figure_info figures[];
extern const size_t n_figures;

#endif
