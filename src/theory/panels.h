/* Panels of Gauss-Legendre nodes that resolve a drift on [0, 1].  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PANELS_H
#define QSG_PANELS_H

#include <stddef.h>

#include "qsg/absorption.h"

#define PANEL_NODES 16

/* An edge of a panel keeps x and 1 - x, so that both ends of [0, 1] are resolved. */
typedef struct {
    double x, y;
} edge;

typedef struct {
    size_t n, start;                  /* panels; edge that is the start p */
    double change;                    /* largest change of G in a panel */
    edge *edges;                      /* n + 1 */
    double *potential;                /* G at the nodes, n * PANEL_NODES */
    double *weight;                   /* ln(2/(x(1-x))) at the nodes */
    double inside[PANEL_NODES];       /* nodes on [0, 1] */
    double left[PANEL_NODES][PANEL_NODES]; /* integral of the interpolant from 0 to a node */
    double total[PANEL_NODES];        /* and over the panel */
} panels;

/* phi(x) = 2 M/(lambda x (1-x)), the slope of the potential G. */
typedef struct {
    qsg_drift *drift;
    void *context;
    double lambda;
} selection;

double selection_slope(const selection *self, double x, double y);

/* Geometric towards both ends, p an edge, and fine enough that G changes by at most `change` in a panel.  At most
 * `limit` panels, otherwise QSG_ENUMERIC. */
qsg_status panels_init(panels *self, const selection *s, double p, double change, size_t limit,
                       qsg_error *error);
void panels_free(panels *self);

/* Arguments of both entry points. */
qsg_status selection_check(const selection *self, double p, qsg_error *error);

#endif
