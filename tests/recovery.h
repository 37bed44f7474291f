/* Fits of simulated transcripts: what the small test and the whole study share.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_TEST_RECOVERY_H
#define QSG_TEST_RECOVERY_H

#include "harness.h"

/* The rows of a simulated ensemble as a transcript in memory. */
typedef struct {
    qsg_utterance *rows;
    size_t *run_start, n, room;
} recorder;

static void record(void *context, uint64_t run, uint64_t t, uint64_t speaker, uint64_t listener, size_t label)
{
    recorder *self = context;
    ck_assert_uint_lt(self->n, self->room);
    self->rows[self->n++] = (qsg_utterance){t, (uint32_t)run, (uint32_t)speaker, (uint32_t)listener, (uint32_t)label};
    self->run_start[run + 1] = self->n;
}

static qsg_status ignore(void *context, const qsg_outcome *outcome)
{
    (void)context, (void)outcome;
    return QSG_OK;
}

/* The likelihood of `runs` runs of `end` interactions from seed `seed`. */
static qsg_likelihood *simulated(const qsg_model *model, uint64_t runs, double end, uint64_t seed)
{
    const size_t heard = model->exchange == QSG_BROADCAST ? model->agents - 1 : 1 + (model->exchange == QSG_MUTUAL);
    recorder rows = {.room = runs * (size_t)end * heard};
    rows.rows = malloc(rows.room * sizeof *rows.rows);
    rows.run_start = calloc(runs + 1, sizeof *rows.run_start);
    const qsg_ensemble_request request = {.times = &end, .n = 1, .runs = runs, .seed = seed, .consensus = 0.95,
                                          .hearing = record, .hearing_context = &rows};
    qsg_likelihood *likelihood = NULL;
    ck_assert_int_eq(qsg_ensemble_run(model, &request, ignore, NULL, NULL), QSG_OK);
    const qsg_transcript data = {.n_rows = rows.n, .n_runs = runs, .n_labels = model->labels, .n_names = model->agents,
                                 .agents = model->agents, .first_t = 1, .paired = model->exchange == QSG_MUTUAL,
                                 .single = model->exchange != QSG_MUTUAL, .rows = rows.rows, .run_start = rows.run_start,
                                 .first_line = 2};
    ck_assert_int_eq(qsg_likelihood_new(model, &data, &likelihood, NULL), QSG_OK);
    free(rows.rows);
    free(rows.run_start);
    return likelihood;
}

/* Twice the drop of the log-likelihood when group g is put to the truth and the rest is fitted again. */
static double drop_at_truth(const qsg_likelihood *likelihood, const qsg_maximum *best, const double *truth, size_t g)
{
    const size_t full = qsg_likelihood_parameters(likelihood);
    double start[QSG_PAR_FIELD + 8];
    qsg_maximum held = {0};
    memcpy(start, best->theta, full * sizeof *start);
    memcpy(start + g, truth + g, (g < QSG_PAR_FIELD ? 1 : full - g) * sizeof *start);
    ck_assert_int_eq(qsg_fit_maximize(&held, likelihood, best->free & ~(1u << g), start, NULL, false, NULL), QSG_OK);
    const double drop = 2 * (best->loglik - held.loglik);
    qsg_maximum_free(&held);
    return drop;
}

#endif
