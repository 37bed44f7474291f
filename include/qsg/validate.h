/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_VALIDATE_H
#define QSG_VALIDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <qsg/result.h>
#include <qsg/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The law suite: what theory says against simulated populations (doc/theory/validate.md). */

/** How a law is tested. */
typedef enum {
    QSG_LAW_EXACT,      /* by p values; Holm's correction over the exact laws */
    QSG_LAW_ASYMPTOTIC, /* by the size of the deviation, its fall with N and its limit */
    QSG_LAW_MEANFIELD   /* the paper's: where it leaves a band is computed, and must be where simulations do */
} qsg_law_kind;

/** One row of the table of laws. */
typedef struct {
    const char *name;
    qsg_law_kind kind;
    const char *statement; /* in one line */
    const char *page;      /* in doc/theory, with the equation */
    const char *mutation;  /* what --mutate changes in the theory, and by how much */
    double factor;         /* by which it is multiplied then */
    const char *falsified; /* what would make the law fail */
    const char *x, *y;     /* axes of its figure */
} qsg_law_info;

/** How many laws there are, and the i-th; NULL beyond the last.  `qsg_law_find`: its place, or the number of laws. */
size_t qsg_law_count(void);
const qsg_law_info *qsg_law_at(size_t i);
size_t qsg_law_find(const char *name);

/** "exact", "asymptotic", "mean field". */
const char *qsg_law_kind_name(qsg_law_kind kind);

/** False alarms of the exact laws together when theory is right. */
#define QSG_VALIDATE_LEVEL 1e-4
/** Standard errors beyond which an asymptotic or mean-field law fails: 6e-7 a comparison. */
#define QSG_VALIDATE_SIGMAS 5

typedef enum { QSG_VALIDATE_QUICK, QSG_VALIDATE_DEFAULT, QSG_VALIDATE_THOROUGH } qsg_validate_effort;

typedef struct {
    qsg_validate_effort effort;
    uint64_t seed;
    unsigned threads;    /* 0: all */
    const bool *chosen;  /* qsg_law_count(): the laws to test; NULL: all.  Each has its own random streams */
    const char *mutate;  /* name of the law whose theory is perturbed, or NULL */
    /** Called when a law is done; may be NULL. */
    void (*progress)(void *context, uint64_t done, uint64_t laws);
    void *progress_context;
} qsg_validate_request;

/** Standard errors below this are rounding. */
#define QSG_LAW_ROUNDING 1e-12

/** One point of a law's figure: what theory says, what the populations did. */
typedef struct {
    size_t series;   /* index of its name in the outcome */
    double x, theory, observed, se;
} qsg_law_point;

/** What became of a law; numbers that its kind does not have are NaN. */
typedef struct {
    const qsg_law_info *law;
    bool pass, mutated;
    size_t tests;       /* p values or deviations that were judged */
    double statistic;   /* of the most extreme of them, in standard errors or as chi-squared */
    double p_value;     /* exact: of the law, Bonferroni over its tests */
    double error;       /* otherwise: the deviation that was judged, at the largest population */
    double tolerance;   /* exact: smallest p value that passes (Holm); otherwise the largest |error| */
    double exponent, exponent_se; /* asymptotic: the deviation falls as N to this power; where it is seen at all */
    double limit, limit_se;       /* asymptotic: what is left of it at N = infinity */
    size_t n_points, n_series;
    qsg_law_point *points;
    char **series;
} qsg_law_outcome;

/** Where a mean-field law stops holding. */
typedef struct {
    const char *law;
    double bandwidth, agents;   /* agents: INFINITY for the limit */
    double alpha[2];            /* smallest alpha at which it is off by 1%, 10%; NaN: never */
} qsg_validity;

typedef struct {
    qsg_validate_effort effort;
    uint64_t seed;
    size_t n, passed;
    qsg_law_outcome *laws;
    size_t n_validity;
    qsg_validity *validity;
} qsg_validation;

/** Test the laws.  Deterministic in effort, seed, choice and mutation, whatever the threads.  Cost on two cores: quick
 *  below a minute, default below ten, thorough about an hour.  QSG_EDOMAIN (an unknown mutation), QSG_ENUMERIC, QSG_ENOMEM;
 *  *self is unchanged on failure. */
qsg_status qsg_validate(qsg_validation *self, const qsg_validate_request *request, qsg_error *error);
/** Release; safe twice. */
void qsg_validation_free(qsg_validation *self);

/** Into a result: "laws[]", "passed", "failed", "validity[]" (keys: doc/manual.md); one law's points as a table. */
void qsg_validation_report(const qsg_validation *self, qsg_result *result);
void qsg_law_report(const qsg_law_outcome *self, qsg_result *result);

#ifdef __cplusplus
}
#endif
#endif
