/* A worker of a sweep over ranks: points, and the runs of long points in pieces.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <mpi.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sweep_mpi.h"

#define ALONE 0.05                      /* seconds of an ensemble before others are asked to help */
#define PIECE_TIME 0.1                  /* seconds of a piece, but no less than a run a thread */
#define BLOCK_DOUBLES ((size_t)1 << 23) /* 64 MB of outcomes wait for their turn */

enum { RESOLVED, TIME, LEADER, INTERACTIONS, N_HEAD }; /* numbers of an outcome, before its arrays */

/* Outcomes of the runs from `base` on, `stride` numbers each. */
typedef struct {
    size_t n, labels, stride;
    bool want_shares;
    uint64_t base;
    double *doubles;
} outcomes;

/* An ensemble as helpers get it: this, the times, and the model's options. */
typedef struct {
    double consensus, horizon;
    uint64_t n, seed, diffusion, want_shares;
} description;

typedef struct {
    sweep plan;
    unsigned threads;
    char *options; /* of `model`, which belongs to the last piece */
    qsg_model model;
    char *mail;    /* on its way to an owner */
    MPI_Request sending;
} worker;

static outcomes outcomes_of(const qsg_ensemble_request *request, size_t labels, uint64_t base, double *doubles)
{
    return (outcomes){request->n, labels,
                      N_HEAD + 4 * request->n + labels + (request->want_shares ? request->n * labels : 0),
                      request->want_shares, base, doubles};
}

/* The outcome's arrays, within a slot. */
static qsg_outcome slot_of(const outcomes *self, uint64_t run)
{
    double *const u = self->doubles + (run - self->base) * self->stride + N_HEAD, *const mean = u + 4 * self->n;
    return (qsg_outcome){.run = run, .polarization = u, .heterogeneity = u + self->n, .disagreement = u + 2 * self->n,
                         .coordination = u + 3 * self->n, .mean_belief = mean,
                         .shares = self->want_shares ? mean + self->labels : NULL};
}

static qsg_status pack(void *context, const qsg_outcome *outcome)
{
    const outcomes *self = context;
    const size_t size = self->n * sizeof(double);
    const qsg_outcome slot = slot_of(self, outcome->run);
    double *head = slot.polarization - N_HEAD;
    head[RESOLVED] = outcome->resolved;
    head[TIME] = outcome->consensus_time;
    head[LEADER] = (double)outcome->leader;
    head[INTERACTIONS] = outcome->interactions;
    memcpy(slot.polarization, outcome->polarization, size);
    memcpy(slot.heterogeneity, outcome->heterogeneity, size);
    memcpy(slot.disagreement, outcome->disagreement, size);
    memcpy(slot.coordination, outcome->coordination, size);
    memcpy(slot.mean_belief, outcome->mean_belief, self->labels * sizeof(double));
    if (slot.shares)
        memcpy(slot.shares, outcome->shares, self->labels * size);
    return QSG_OK;
}

static qsg_outcome unpack(const outcomes *self, uint64_t run)
{
    qsg_outcome outcome = slot_of(self, run);
    const double *head = outcome.polarization - N_HEAD;
    outcome.resolved = head[RESOLVED] != 0;
    outcome.consensus_time = head[TIME];
    outcome.leader = (size_t)head[LEADER];
    outcome.interactions = head[INTERACTIONS];
    return outcome;
}

static char *describe(const qsg_model *model, const qsg_ensemble_request *request, bool diffusion, size_t *size)
{
    const description d = {request->consensus, request->horizon, request->n, request->seed, diffusion,
                           request->want_shares};
    char *made = NULL;
    FILE *stream = open_memstream(&made, size);
    if (!stream)
        return NULL;
    fwrite(&d, sizeof d, 1, stream);
    if (request->n > 0) /* without times there is nothing to point at */
        fwrite(request->times, sizeof *request->times, request->n, stream);
    for (int i = 0; i < QSG_MODEL_OPTIONS; i++)
        fprintf(stream, "%s=%s\n", qsg_model_options[i].name, model->texts[i]);
    if (fclose(stream) == 0)
        return made;
    free(made);
    return NULL;
}

/* Take what helpers sent, waiting until `all` runs are there; the first failure among them into *error. */
static qsg_status collect(const outcomes *self, uint64_t *taken, uint64_t all, bool wait, qsg_error *error)
{
    qsg_status status = QSG_OK;
    letter head;
    size_t n;
    int from;
    for (char *body; *taken < all && (body = mpi_receive(MPI_ANY_SOURCE, TO_OWNER, wait, &head, &n, &from));) {
        if (!head.status)
            memcpy(self->doubles + (head.from - self->base) * self->stride, body, n);
        else if (!status)
            status = qsg_fail(error, (qsg_status)head.status, "rank %d: %s", from, body);
        *taken += head.to - head.from;
        free(body);
    }
    return status;
}

/* The runs self->base .. end - 1, with the help of who is idle. */
static qsg_status share_block(const outcomes *self, uint64_t end, uint64_t grain, qsg_ensemble *ensemble,
                              const qsg_model *model, const qsg_ensemble_request *request, qsg_error *error)
{
    qsg_ensemble_request part = *request;
    qsg_status status = QSG_OK, helped;
    uint64_t taken = 0;
    size_t n;
    char *body = describe(model, request, ensemble == qsg_paths_run, &n);
    if (!body)
        return qsg_fail(error, QSG_ENOMEM, "no memory to share runs");
    letter head = {.kind = OFFER, .from = self->base, .to = end, .grain = grain};
    for (mpi_post(0, TO_FIRST, head, body, n);; mpi_post(0, TO_FIRST, head, NULL, 0)) {
        free(body);
        body = NULL;
        free(mpi_receive(0, TO_WORKER, true, &head, &n, NULL));
        if (head.from == head.to)
            break;
        part.first_run = head.from;
        part.runs = head.to - head.from;
        status = ensemble(model, &part, pack, (void *)self, error);
        taken += part.runs;
        if (!status)
            status = collect(self, &taken, UINT64_MAX, false, error);
        head.kind = status ? CLOSE : NEXT;
    }
    helped = collect(self, &taken, head.to - self->base, true, status ? NULL : error);
    return status ? status : helped;
}

/* In place of the ensemble: the same outcomes in the same order, whoever did the runs. */
static qsg_status share_runs(void *share_context, qsg_ensemble *ensemble, const qsg_model *model,
                             const qsg_ensemble_request *request, qsg_outcome_consumer *consumer, void *context,
                             qsg_error *error)
{
    const worker *self = share_context;
    const double start = seconds_now();
    const uint64_t end = request->first_run + request->runs;
    qsg_ensemble_request part = *request;
    qsg_status status = QSG_OK;
    double spent = 0;
    part.share = NULL;
    part.threads = self->threads;
    for (uint64_t runs = self->threads; !status && part.first_run < end && spent < ALONE; runs *= 2) {
        part.runs = runs < end - part.first_run ? runs : end - part.first_run;
        status = ensemble(model, &part, consumer, context, error);
        part.first_run += part.runs;
        spent = seconds_now() - start;
    }
    if (status || part.first_run == end)
        return status;
    const double rate = (double)(part.first_run - request->first_run) / spent;
    const uint64_t grain = (uint64_t)(rate * PIECE_TIME) + self->threads;
    outcomes block = outcomes_of(request, model->labels, part.first_run, NULL);
    const uint64_t most = block.stride < BLOCK_DOUBLES ? BLOCK_DOUBLES / block.stride : 1;
    const uint64_t left = end - part.first_run, runs = left < most ? left : most;
    block.doubles = malloc(runs * block.stride * sizeof *block.doubles);
    if (!block.doubles)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the outcomes of %llu runs", (unsigned long long)runs);
    while (!status && block.base < end) {
        const uint64_t last = end - block.base < runs ? end : block.base + runs;
        status = share_block(&block, last, grain, ensemble, model, &part, error);
        for (uint64_t run = block.base; !status && run < last; run++) {
            const qsg_outcome outcome = unpack(&block, run);
            status = consumer(context, &outcome);
        }
        block.base = last;
    }
    free(block.doubles);
    return status;
}

/* What was sent to an owner has arrived; the next may go. */
static void finish_sending(worker *self)
{
    MPI_Wait(&self->sending, MPI_STATUS_IGNORE);
    free(self->mail);
    self->mail = NULL;
}

static qsg_status set_model(worker *self, const char *text, qsg_error *error)
{
    qsg_settings settings = {0};
    if (self->options && strcmp(text, self->options) == 0)
        return QSG_OK;
    qsg_model_free(&self->model);
    free(self->options);
    self->options = NULL;
    qsg_status status = qsg_settings_parse(&settings, text, "\n", error);
    if (!status)
        status = qsg_model_init(&self->model, &settings, error);
    qsg_settings_free(&settings);
    if (!status && !(self->options = strdup(text)))
        status = qsg_fail(error, QSG_ENOMEM, "no memory for a model");
    return status;
}

/* A piece of somebody else's ensemble. */
static void help(worker *self, const letter *piece, const char *body)
{
    description d;
    letter head = *piece;
    qsg_error error = {""};
    memcpy(&d, body, sizeof d);
    const double *times = (const double *)(const void *)(body + sizeof d);
    qsg_ensemble_request request = {.times = times, .n = (size_t)d.n, .seed = d.seed, .consensus = d.consensus,
                                    .horizon = d.horizon, .threads = self->threads, .want_shares = d.want_shares != 0,
                                    .first_run = piece->from, .runs = piece->to - piece->from};
    qsg_status status = set_model(self, (const char *)(times + d.n), &error);
    outcomes made = outcomes_of(&request, status ? 0 : self->model.labels, piece->from, NULL);
    const size_t size = status ? 0 : request.runs * made.stride * sizeof(double);
    char *mail = malloc(sizeof head + size + sizeof error);
    if (!mail) {
        mpi_give_up();
        return;
    }
    made.doubles = (double *)(void *)(mail + sizeof head);
    if (!status)
        status = (d.diffusion ? qsg_paths_run : qsg_ensemble_run)(&self->model, &request, pack, &made, &error);
    head.status = status;
    memcpy(mail, &head, sizeof head);
    if (status)
        memcpy(mail + sizeof head, &error, sizeof error);
    const size_t n = sizeof head + (status ? strlen(error.message) : size);
    finish_sending(self);
    self->mail = mail;
    MPI_Isend(mail, (int)n, MPI_BYTE, (int)piece->owner, TO_OWNER, MPI_COMM_WORLD, &self->sending);
}

void mpi_work(const sweep *plan, unsigned threads)
{
    worker self = {.plan = *plan, .threads = threads, .sending = MPI_REQUEST_NULL};
    letter answer = {.kind = READY}, order;
    char *row = NULL;
    int owner = -1;
    self.plan.share = share_runs;
    self.plan.share_context = &self;
    for (;;) {
        size_t n;
        mpi_post(0, TO_FIRST, answer, row, row ? strlen(row) : 0);
        free(row);
        row = NULL;
        char *body = mpi_receive(0, TO_WORKER, true, &order, &n, NULL);
        if (order.kind != PIECE || order.owner != owner)
            finish_sending(&self); /* its owner may wait for it */
        answer = (letter){.kind = READY};
        if (order.kind == POINT) {
            qsg_error error = {""};
            answer = (letter){.kind = ROW, .point = order.point};
            answer.status = sweep_point(&self.plan, (size_t)order.point, threads, &row, &error);
            if (answer.status)
                row = strdup(*error.message ? error.message : qsg_strerror((qsg_status)answer.status));
        } else if (order.kind == PIECE) {
            owner = (int)order.owner;
            help(&self, &order, body);
        }
        free(body);
        if (order.kind == STOP)
            break;
    }
    qsg_model_free(&self.model);
    free(self.options);
}
