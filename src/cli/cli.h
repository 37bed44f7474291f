/* What the verbs share.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_CLI_H
#define QSG_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "config.h"

#include "qsg/qsg.h"

enum { EXIT_DONE = 0, EXIT_DISAGREE = 1, EXIT_USAGE = 2, EXIT_NUMERIC = 3, EXIT_IO = 4 };

/* Verb options; model options come before them in the parser's numbering. */
typedef enum {
    OPT_AT, OPT_UNTIL, OPT_POINTS, OPT_CONSENSUS, OPT_HORIZON, OPT_RUNS, OPT_SEED, OPT_THREADS, OPT_ASSUME, OPT_DATA, OPT_LAW,
    OPT_CELLS, OPT_OF, OPT_METHOD, OPT_START, OPT_STATIONARY, OPT_CHAIN, OPT_TOP,
    OPT_VARY, OPT_DO, OPT_COLUMNS, OPT_TARGET_SE, OPT_MAX_RUNS, OPT_SHARD, OPT_MERGE,
    OPT_FIT, OPT_BOOTSTRAP, OPT_TRANSCRIPT,
    OPT_LAWS, OPT_QUICK, OPT_THOROUGH, OPT_MUTATE, OPT_REPORT,
    OPT_JSON, OPT_OUTPUT, OPT_PLOT, OPT_STYLE, OPT_QUIET, OPT_HELP, VERB_OPTIONS
} verb_option;
#define BIT(option) (UINT64_C(1) << (option))
/* Options of every verb that writes a result. */
#define OUTPUT_BITS (BIT(OPT_JSON) | BIT(OPT_OUTPUT) | BIT(OPT_QUIET) | BIT(OPT_HELP))

/* A parsed command line: texts are borrowed from argv. */
typedef struct {
    const char *verb;
    qsg_settings settings;
    const char *texts[VERB_OPTIONS]; /* NULL when not given; flags are "" */
    const char **vary;               /* every --vary in order; options_free releases the array */
    size_t n_vary;
    char **argv;
    char **rest;                     /* words that are not options */
    int n_rest;
    char *command;                   /* the command as given, less the options that cannot change a result */
} options;

typedef struct {
    const char *name, *summary, *example;
    bool takes_model, takes_words;
    bool asks_data; /* what others need to be told of the model is in the data, or fitted */
    uint64_t supported; /* bits of verb_option */
    int (*run)(options *opts);
} verb_info;
extern const verb_info verbs[];
extern const size_t n_verbs;

/* Parse argv (verb at [1]).  Returns EXIT_DONE, or EXIT_USAGE with the line already on stderr. */
int options_parse(options *self, const verb_info *verb, int argc, char **argv);
/* Refuse empty values (EXIT_USAGE); --output - is standard output. */
int options_settle(options *self);
void options_free(options *self);
void options_help(FILE *stream, const verb_info *verb);

/* The long name of a verb option. */
const char *option_name(verb_option which);

/* Typed access with the documented default; message and EXIT_USAGE on a bad value. */
int options_whole(const options *self, verb_option which, uint64_t standard, uint64_t low, uint64_t high,
                  uint64_t *out);
int options_real(const options *self, verb_option which, double standard, double low, double high, double *out);

/* Times in interactions.  `rate` is 1/(the unit c) or 0 when there is none, `standard_until` the end of the default
 * grid.  The caller frees *times. */
int options_times(const options *self, const qsg_model *model, double rate, double standard_until, double **times,
                  size_t *n);
/* One time with the suffixes r and c. */
int options_time(const options *self, verb_option which, const qsg_model *model, double rate, double standard,
                 double *out);

/* Print `qsg: message` and return the exit code that belongs to the status. */
int fail(qsg_status status, const qsg_error *error);

/* What `fail` tells on this thread goes into *heard instead of stderr; NULL ends it. */
typedef struct {
    qsg_status status;
    qsg_error error;
} failure;
void listen_to_failures(failure *heard);

/* A result with version, command and model filled in. */
qsg_result *new_result(const options *opts, const qsg_model *model);
/* Write to stdout or --output, as TSV or JSON, through a temporary name; frees the result. */
int write_result(const options *opts, qsg_result *result);

/* Refuse (EXIT_USAGE) before any work when a file to write is one that is read, or two to write are one.  The table
 * beside a figure may be the --output when both are TSV, since they are the same. */
int check_files(const options *opts);

/* Draw the result with plots/SCRIPT.gp into `path`; into --plot, if given; in the --style. */
qsg_status draw(const options *opts, const char *path, const qsg_result *result, const char *script, qsg_error *error);
int draw_result(const options *opts, const qsg_result *result, const char *script);
/* Draw with `script` where --plot asks for it, and write; or tell the error.  The result is used up; an exit status. */
int finish_result(const options *opts, qsg_result *result, const char *script, qsg_status status, const qsg_error *error);

/* Directory that holds plots/ and data/: $QSG_DATADIR, what a build tree's datadir.path names, ../share/qsg beside the
 * program, or the configured place.  Not for threads. */
const char *data_directory(void);

/* What every verb on a model starts with. */
typedef struct {
    const options *opts;
    qsg_model model;
    double rate; /* exact slow rate, 0 when there is none */
    double *times;
    size_t n;
    double consensus;
} job;

/* Model, times and threshold from the options; refuses what the verb does not support (QSG_USES_* bits). */
int job_init(job *self, const options *opts, unsigned supported);
void job_free(job *self);
/* --prior weighs the labels of --innovation.  QSG_EINPUT without it. */
qsg_status job_check_prior(const options *opts, qsg_error *error);

/* The ensemble request of the options: runs, seed, threads, horizon (by default the last time when times were given,
 * otherwise long enough for every population to agree). */
int job_ensemble(const job *self, qsg_ensemble_request *request);

/* The model options with N and K of the transcript where the user gave none, and any alpha, for it is fitted; `exchange` (or
 * NULL) where none is given. */
qsg_status model_of_data(const options *opts, const qsg_transcript *data, const char *exchange, qsg_model *out,
                         qsg_error *error);

/* --method of a simulation: whether paths of the diffusion are drawn; and that no option of the other is given. */
int job_method(const options *opts, bool *diffusion);

int cmd_predict(options *opts);
int cmd_simulate(options *opts);
int cmd_compare(options *opts);
int cmd_density(options *opts);
int cmd_figure(options *opts);
int cmd_sweep(options *opts);
int cmd_fit(options *opts);
int cmd_validate(options *opts);

#endif
