/* Anderson acceleration of a fixed-point map.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_ANDERSON_H
#define QSG_ANDERSON_H

#include <stddef.h>

#define ANDERSON_SIZE 65
#define ANDERSON_DEPTH 8

/* The last points and their images; linear constraints that all images obey are kept, as mixtures sum to 1. */
typedef struct {
    size_t size, known; /* numbers in a point; pairs kept */
    double image[ANDERSON_DEPTH + 1][ANDERSON_SIZE], residual[ANDERSON_DEPTH + 1][ANDERSON_SIZE];
} anderson;

/* Take point x and its image g; replace x by the mixture of images whose residuals nearly cancel, or by g where that has a
 * negative member. */
void anderson_next(anderson *self, double *x, const double *g);

#endif
