/* What the tests of asymptotic laws share.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_VALIDATE_LIMITS_H
#define QSG_VALIDATE_LIMITS_H

#include "study/validate_private.h"

/* Four sizes, each twice the one before: 6, 12, 24, 48 agents at --quick, twice and four times these in the longer suites. */
enum { LAW_SIZES = 4, LAW_EDGES = 5 };
uint64_t law_size(const law_run *self, int i);

typedef struct {
    double agents, off, se;
} law_deviation;

/* Judge deviations at the four sizes: at the largest within `size`, extrapolated to N = infinity within `truncation` (both at
 * --quick, falling as 1/N in the longer suites, each and five standard errors).  The worst one is kept for the outcome. */
qsg_status law_judge_limit(law_run *self, const law_deviation *deviations, double size, double truncation);

/* What is looked at in a run: time of consensus (less `less`), whether label 1 won, its share or U at the only time. */
typedef enum { LAW_TIME, LAW_WINS, LAW_SHARE, LAW_POLARIZATION } law_quantity;
typedef struct {
    law_quantity what;
    double less, origin; /* sums are kept about the origin */
    size_t edges;
    double edge[LAW_EDGES];
    bool waits;
    double runs, sum, square, below[LAW_EDGES], mean, se;
    uint64_t unresolved;
} law_values;
qsg_status law_take_values(law_run *self, const qsg_model *model, qsg_ensemble_request request, law_values *values);

/* Standard error of a share of runs of probability p. */
double law_share_error(double p, double runs);

#endif
