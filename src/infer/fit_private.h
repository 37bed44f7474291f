/* A fit of a transcript on its way to a result.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_INFER_FIT_PRIVATE_H
#define QSG_INFER_FIT_PRIVATE_H

#include "infer/likelihood.h"
#include "qsg/coordination.h"
#include "qsg/fit.h"
#include "qsg/fit_neutral.h"

enum { FIT_DECILES = 10, FIT_FOLDS = 10 };

/* A model in which only some of the optional groups do anything. */
typedef struct {
    unsigned kept;
    size_t n_free;
    double loglik; /* -INFINITY: something that was said has no chance */
} nested_model;

/* Whether group g does anything (eq. 10-12). */
typedef struct {
    size_t group;
    double statistic, df, p_value, holm;
    double p_runs, p_bootstrap; /* NaN where there is none */
} group_test;

/* Log-likelihood an utterance in runs that did not take part in the fit (NaN with one run), and of simple predictors. */
typedef struct {
    size_t folds;
    double model, uniform, frequency, last_heard, window;
    double model_fold[FIT_FOLDS], window_fold[FIT_FOLDS]; /* log-likelihoods of whole folds */
    double lead, lead_se; /* of the window over the model; the error from the folds */
    size_t window_length; /* most often chosen */
    bool window_own;      /* and whether with what the agent said itself */
} held_out;

/* How well the forecasts of the fitted model hold, utterance by utterance (eq. 14-15). */
typedef struct {
    double ks, ks_p; /* randomized quantile residuals against uniform */
    double forecast[FIT_DECILES], observed[FIT_DECILES], se[FIT_DECILES], n[FIT_DECILES]; /* NaN where n = 0 */
    double max_z, p_value; /* of the deciles, Bonferroni; NaN where none has chance enough */
} calibration;

/* Games played from the estimates beside the data (section 5). */
typedef struct {
    uint64_t games, streak, longest;
    double *played;  /* labels: games that the label won */
    double *seen;    /* labels: runs of the data that it won */
    double played_open, seen_open; /* without a winner */
    double winners_p;
    qsg_coordination coordination; /* of the data; no bins when there is none */
    double *law;     /* the same of the games */
    double *law_se;
    qsg_neutral_test test;
} replayed;

/* What would happen in a fresh run (section 6). */
typedef struct {
    double *wins;     /* labels: share of fresh games */
    double open;      /* share of games without consensus */
    uint64_t games;
    double gamma, gamma_low, gamma_high; /* NaN where there is none */
    double crossover; /* N_c, NaN where there is none */
    bool crossover_played;
    const char *crossover_method;
} fresh_runs;

/* Profiles of all parameters, one point a row; no rows unless asked for. */
typedef struct {
    size_t n;
    size_t *parameter;
    double *value, *deviance; /* of T, not 1/T */
} profile_curves;

typedef struct {
    const qsg_model *model;
    const qsg_transcript *data;
    const qsg_fit_options *options;
    qsg_likelihood *likelihood;
    qsg_maximum best;
    qsg_fit_interval *intervals; /* one a parameter; of 1/T for the temper */
    profile_curves profiles;
    qsg_fit_interval *resampled; /* the same from the bootstrap, or NULL */
    double condition, correlation; /* of the information as a correlation matrix; the largest pair */
    size_t pair[2];
    nested_model models[1 << QSG_PAR_FIELD];
    size_t n_models, n_tests;
    group_test tests[QSG_PAR_FIELD + 1];
    held_out held;
    calibration fitted;
    replayed games;
    fresh_runs fresh;
} transcript_fit;

void transcript_fit_free(transcript_fit *self);

/* Text of the label with number k, from 0. */
const char *fit_label(const transcript_fit *self, size_t k);
/* Name of a parameter: "alpha", .., "field.3". */
void fit_parameter_name(const transcript_fit *self, size_t parameter, char *text, size_t room);
/* The test of group g, or NULL when it was not fitted. */
const group_test *fit_test_of(const transcript_fit *self, size_t g);

/* The profile of every number that was estimated; *moved as for the intervals, which must be there. */
qsg_status fit_trace_profiles(transcript_fit *self, bool *moved, qsg_error *error);
void profile_curves_free(profile_curves *self);
qsg_status fit_identify(transcript_fit *self, qsg_error *error);
/* All nested models; *moved when one of them led to a higher top, which is then fit->best. */
qsg_status fit_compare_models(transcript_fit *self, bool *moved, qsg_error *error);
qsg_status fit_run_tests(transcript_fit *self, qsg_error *error);
/* With the window's lead over the model, which is told where it is beyond chance (eq. 13). */
qsg_status fit_hold_out(transcript_fit *self, qsg_error *error);
/* Baselines in the folds r mod folds of the runs, from the laid out rows alone. */
qsg_status fit_baselines(const qsg_likelihood *likelihood, held_out *held, qsg_error *error);
qsg_status fit_calibrate(transcript_fit *self, qsg_error *error);
qsg_status fit_replay_games(transcript_fit *self, qsg_error *error);
qsg_status fit_look_ahead(transcript_fit *self, qsg_error *error);

void fit_put_estimates(const transcript_fit *self, qsg_result *result);
void fit_put_tests(const transcript_fit *self, qsg_result *result);
void fit_put_models(const transcript_fit *self, qsg_result *result);
void fit_put_predictive(const transcript_fit *self, qsg_result *result);
void fit_put_games(const transcript_fit *self, qsg_result *result);
void fit_put_games_table(const transcript_fit *self, qsg_result *result);
void fit_put_winners_table(const transcript_fit *self, qsg_result *result);
void fit_put_profiles_table(const transcript_fit *self, qsg_result *result);
void fit_put_calibration_table(const transcript_fit *self, qsg_result *result);
void fit_put_verdict(const transcript_fit *self, qsg_result *result);

#endif
