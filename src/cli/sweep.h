/* A sweep as the command line describes it.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_CLI_SWEEP_H
#define QSG_CLI_SWEEP_H

#include "cli/cli.h"
#include "cli/progress.h"
#include "qsg/sweep.h"
#include "study/sweep_journal.h"

#define SWEEP_OK "ok"
#define SWEEP_MAGIC "qsg-sweep 2" /* begins journals and shards; of another number are other cells */

typedef enum { DO_PREDICT, DO_SIMULATE, DO_COMPARE, N_DO } sweep_verb;

/** A column: an entry of the verb's result, "PATH", "PATH[i]" (from 1) or "PATH[last]" of a vector. */
typedef struct {
    char *path, *name;
    size_t element; /* from 1; 0: a number; SIZE_MAX: the last */
    bool hidden;    /* in the rows, for the verdict, and not in the table */
} sweep_column;

typedef struct {
    const options *opts;
    qsg_sweep_grid grid;
    sweep_verb verb;
    sweep_column *columns;
    size_t n_columns, points;
    size_t shard, shards;   /* points shard, shard + shards, .. */
    const char *target;     /* quantity of --target-se, or NULL */
    char target_name[24];
    double target_se;
    uint64_t max_runs;
    unsigned threads;       /* 0: not given */
    bool diffusion;         /* simulate by paths of the diffusion */
    char *header;           /* of the journal, less the line of the shard */
    qsg_status (*share)(void *share_context, qsg_ensemble *ensemble, const qsg_model *model,
                        const qsg_ensemble_request *request, qsg_outcome_consumer *consumer, void *context,
                        qsg_error *error); /* of every request, see qsg/simulate.h */
    void *share_context;
} sweep;

/* From the options; the message is on stderr when the code is not EXIT_DONE. */
int sweep_init(sweep *self, const options *opts);
void sweep_free(sweep *self);

/* Columns from a list of paths apart by commas, or the verb's own. */
qsg_status sweep_columns_init(sweep *self, const char *list, qsg_error *error);
extern const char *const sweep_verb_names[N_DO];

/* Whether --target-se may name it. */
bool sweep_is_target(const char *name);

/* Compute one point on `threads` threads: its row (caller frees).  A refusal by the model or the numerics is a row;
 * only what belongs to this machine (files, memory) is a failure. */
qsg_status sweep_point(const sweep *self, size_t point, unsigned threads, char **row, qsg_error *error);

/* The table of all rows (NULL where there is none) as a result; the caller frees. */
qsg_result *sweep_table(const sweep *self, char *const *rows);

/* How many of the rows (NULL where there is none) are comparisons that disagree. */
size_t sweep_disagreeing(const sweep *self, char *const *rows);

/* Work that threads and ranks share: points to do and rows done.  All functions may be called by any thread. */
typedef struct {
    const sweep *plan;
    char **rows;
    sweep_journal journal;
    size_t next, done, total;
    size_t before;     /* points that were done when the work began */
    qsg_status status; /* the first failure ends the work */
    qsg_error error;
    progress bar;
} sweep_work;

/* The next point to compute, or SIZE_MAX. */
size_t sweep_take(sweep_work *self);
/* Keep a finished row (taken over) in memory and in the journal. */
void sweep_keep(sweep_work *self, size_t point, char *row);
/* The work ends with this failure. */
void sweep_fail(sweep_work *self, qsg_status status, const qsg_error *error);
/* Compute points until there are none, `inner` threads each. */
void sweep_loop(sweep_work *self, unsigned inner);
/* The same on all threads of this process. */
void sweep_run(sweep_work *self);

/* How many processes mpirun or srun started, 1 when none did. */
unsigned sweep_launched_ranks(void);
bool sweep_is_first_rank(void);
/* The part of this rank in a sweep: rank 0 calls lead(plan, run) once, which calls run(work) in place of sweep_run.
 * Defined in qsg-mpi only. */
int sweep_mpi(const sweep *plan, int (*lead)(const sweep *plan, void (*run)(sweep_work *)));

#endif
