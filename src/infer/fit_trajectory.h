/* Fits of the sizes of a file of trajectories, between fit and report (doc/theory/transcripts.md, section 6).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_FIT_TRAJECTORY_H
#define QSG_FIT_TRAJECTORY_H

#include "base/normal.h"
#include "qsg/fit_neutral.h"
#include "qsg/trajectory.h"

/* Where an estimate lies in the range that is searched. */
typedef enum { PLACE_INSIDE, PLACE_LOWEST, PLACE_HIGHEST } search_place;

/* What one size tells. */
typedef struct {
    uint64_t agents;
    size_t runs, times, fitted; /* fitted: times that take part */
    const double *time;         /* the group's */
    double *mean, *se;          /* over runs; of the fitted times as the law has it, else between runs */
    double *law, *law_paper;
    qsg_neutral_fit exact, paper; /* paper: of U only */
    search_place place, paper_place;
    double highest;               /* 1 - self: the largest alpha possible */
    bool has_paper, sharp;        /* sharp: estimate and both ends of the interval inside, and no second range */
    qsg_trajectory_scatter scatter;
    double rate, rate_low, rate_high;
} trajectory_fit;

/* Into the result (keys: doc/manual.md). */
void trajectory_report(const trajectory_fit *fits, size_t n, qsg_series_kind kind, qsg_result *result);

#endif
