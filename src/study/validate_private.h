/* The law suite: what the tests of its laws share.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_VALIDATE_PRIVATE_H
#define QSG_VALIDATE_PRIVATE_H

#include "base/covariance.h"
#include "qsg/model.h"
#include "qsg/simulate.h"
#include "qsg/validate.h"

/* A law under test.  `factor` is 1, or the mutation's: the test multiplies by it what the table names. */
typedef struct {
    const qsg_validate_request *request;
    const qsg_law_info *info;
    qsg_law_outcome *outcome;
    qsg_validation *suite;   /* takes the table of validity */
    double factor;
    uint64_t ensembles; /* run so far: each has its own seed */
    size_t series;
    double least_p, worst; /* so far */
    qsg_error *error;
} law_run;

typedef qsg_status law_test(law_run *self);

/* The table's row and the test behind it. */
typedef struct {
    qsg_law_info info;
    law_test *test;
} law_entry;
extern const law_entry law_table[];
extern const size_t law_table_size;

/* Runs that the effort allows: quick, 8 times as many, 64 times. */
uint64_t law_runs(const law_run *self, uint64_t quick);
/* The same for ensembles at several sizes: twice, 8 times as many. */
uint64_t law_limit_runs(const law_run *self, uint64_t quick);
/* Population sizes are doubled once, twice in the longer suites. */
unsigned law_doublings(const law_run *self);

/* Begin a series of points, named printf-like. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
qsg_status law_series(law_run *self, const char *format, ...);
/* A point of the figure. */
qsg_status law_point(law_run *self, double x, double theory, double observed, double se);
/* Judge by a p value; `statistic` is kept of the smallest. */
void law_judge(law_run *self, double statistic, double p_value);
/* A point, judged by its z score. */
qsg_status law_score(law_run *self, double x, double theory, double observed, double se);

/* A request for an ensemble of its own: runs, seed, threads, and a consensus that stops at once. */
qsg_ensemble_request law_request(law_run *self, uint64_t runs, const double *times, size_t n);
/* The same until consensus at U >= threshold, waited for e^-60 of the runs. */
qsg_ensemble_request law_request_consensus(law_run *self, uint64_t runs, double threshold, double rate);

/* A model from a printf-like text. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
qsg_status law_model(law_run *self, qsg_model *model, const char *format, ...);

/* Runs are watched until U reaches this: what is left can change the winner in one of 20,000. */
#define LAW_CONSENSUS 0.9999
/* How many runs each label won. */
enum { LAW_LABELS = 12 };
typedef struct {
    double runs, wins[LAW_LABELS];
    uint64_t unresolved;
} law_wins;
/* Run until consensus; `rate` is the slowest of the model. */
qsg_status law_count_wins(law_run *self, const qsg_model *model, uint64_t runs, double rate, law_wins *wins);
/* Likelihood-ratio test of the wins against probabilities p; a point a label. */
qsg_status law_score_wins(law_run *self, size_t labels, const double *p, const law_wins *wins);
/* The first share times `factor`, the others' sum made up for it. */
void law_favour(double *p, size_t labels, double factor);

/* The tests of the table. */
law_test law_injection, law_martingale, law_contraction, law_oneway, law_mutual, law_broadcast, law_winner, law_slope,
    law_innovation, law_voter, law_zealots, law_adoption, law_influence, law_graphs, law_early_drift, law_consensus_time,
    law_logistic, law_consensus_law, law_dirichlet, law_tempering, law_fokker_planck, law_paper_rate,
    law_paper_polarization, law_paper_time, law_paper_drift, law_paper_gamma, law_paper_winner, law_paper_crossover,
    law_paper_tempering;

#endif
