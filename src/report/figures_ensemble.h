/* Simulated points of the figures.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_FIGURES_ENSEMBLE_H
#define QSG_FIGURES_ENSEMBLE_H

#include "qsg/model.h"

/* What an ensemble says at one point of a figure: with each estimate the ends of its 95% interval. */
typedef struct {
    double share, share_low, share_high; /* runs that label 1 led when U reached the threshold; Wilson's interval */
    double time, time_low, time_high;    /* mean of the first interaction with U at the threshold; normal interval */
} figure_point;

/* Wait for `threshold` in each of `runs` >= 2 populations, which must get there.  QSG_ENUMERIC when one has not within
 * 10^12 interactions. */
qsg_status figure_simulate(const qsg_model *model, double threshold, uint64_t runs, uint64_t seed, figure_point *point,
                           qsg_error *error);

/* The same for a model given by its settings, "agents=16 alpha=0.5" and so on. */
qsg_status figure_simulate_settings(const char *settings, double threshold, uint64_t runs, uint64_t seed,
                                    figure_point *point, qsg_error *error);

#endif
