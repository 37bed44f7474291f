/* Rank 0 of a sweep over MPI ranks.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <mpi.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "cli/sweep_mpi.h"

/* Nanoseconds between looks at the mail, so that who waits leaves its core to who computes. */
#define FIRST_PAUSE 10000
#define LAST_PAUSE 500000

/* What rank 0 knows of a worker. */
typedef struct {
    bool idle, has_point;
    uint64_t next, to, grain; /* runs that it offers; none when next = to */
    char *body;               /* their ensemble */
    size_t n;
} worker;

typedef struct {
    sweep_work *work; /* NULL when there is none */
    worker *workers;
    int ranks, left;
    unsigned threads;
} server;

static unsigned inner_threads(const sweep *plan)
{
    return plan->threads ? plan->threads : 1; /* a rank a core, unless told otherwise */
}

void mpi_give_up(void)
{
    MPI_Abort(MPI_COMM_WORLD, fail(QSG_ENOMEM, NULL));
}

void mpi_post(int rank, int tag, letter head, const void *body, size_t n)
{
    char *mail = malloc(sizeof head + n);
    if (!mail) {
        mpi_give_up();
        return;
    }
    memcpy(mail, &head, sizeof head);
    if (n)
        memcpy(mail + sizeof head, body, n);
    MPI_Send(mail, (int)(sizeof head + n), MPI_BYTE, rank, tag, MPI_COMM_WORLD);
    free(mail);
}

char *mpi_receive(int rank, int tag, bool wait, letter *head, size_t *n, int *from)
{
    MPI_Status status;
    MPI_Message message;
    int here = 0, size;
    for (long pause = FIRST_PAUSE;; pause = pause < LAST_PAUSE ? 2 * pause : pause) {
        MPI_Improbe(rank, tag, MPI_COMM_WORLD, &here, &message, &status);
        if (here || !wait)
            break;
        nanosleep(&(struct timespec){0, pause}, NULL);
    }
    if (!here)
        return NULL;
    MPI_Get_count(&status, MPI_BYTE, &size);
    char *mail = malloc((size_t)size + 1);
    if (!mail) {
        mpi_give_up();
        return NULL;
    }
    MPI_Mrecv(mail, size, MPI_BYTE, &message, MPI_STATUS_IGNORE);
    *n = (size_t)size - sizeof *head;
    memcpy(head, mail, sizeof *head);
    memmove(mail, mail + sizeof *head, *n);
    mail[*n] = 0;
    if (from)
        *from = status.MPI_SOURCE;
    return mail;
}

/* The next runs of a worker's offer, for itself or for a helper: fewer when few are left. */
static void send_piece(server *self, int owner, int to)
{
    worker *w = &self->workers[owner];
    const uint64_t left = w->to - w->next, part = left / (2 * (uint64_t)self->ranks);
    uint64_t runs = part < w->grain ? part : w->grain;
    runs = runs > self->threads ? runs : self->threads;
    runs = runs < left ? runs : left;
    const letter piece = {.kind = PIECE, .owner = owner, .from = w->next, .to = w->next + runs};
    mpi_post(to, TO_WORKER, piece, w->body, to == owner ? 0 : w->n);
    w->next += runs;
}

/* A finished point, or a failure. */
static void take_row(server *self, int rank, const letter *head, char **row)
{
    self->workers[rank].has_point = false;
    if (!self->work)
        return;
    if (head->status) {
        qsg_error error = {""};
        qsg_fail(&error, (qsg_status)head->status, "rank %d: %s", rank, *row);
        sweep_fail(self->work, (qsg_status)head->status, &error);
    } else {
        sweep_keep(self->work, (size_t)head->point, *row);
        *row = NULL;
    }
}

/* Read a letter. */
static void take(server *self, int rank, const letter *head, char **body, size_t n)
{
    worker *w = &self->workers[rank];
    switch (head->kind) {
    case ROW:
        take_row(self, rank, head, body);
        w->idle = true;
        break;
    case READY: w->idle = true; break;
    case OFFER:
        free(w->body);
        w->body = *body;
        *body = NULL;
        w->n = n;
        w->next = head->from;
        w->to = head->to;
        w->grain = head->grain;
        break;
    default:
        if (head->kind == CLOSE)
            w->to = w->next;
    }
    if (head->kind == OFFER || head->kind == NEXT || head->kind == CLOSE)
        send_piece(self, rank, rank);
}

/* Whose offer will take longest; -1 for none. */
static int largest_offer(const server *self)
{
    int best = -1;
    double most = 0;
    for (int i = 0; i < self->ranks; i++) {
        const worker *w = &self->workers[i];
        const double length = w->next < w->to ? (double)(w->to - w->next) / (double)w->grain : 0;
        if (length > most) {
            most = length;
            best = i;
        }
    }
    return best;
}

/* Give an idle worker something to do, or dismiss it when nothing will come. */
static void occupy(server *self, int rank)
{
    worker *w = &self->workers[rank];
    const size_t point = self->work ? sweep_take(self->work) : SIZE_MAX;
    const int owner = point == SIZE_MAX ? largest_offer(self) : -1;
    bool pending = false;
    for (int i = 0; i < self->ranks; i++)
        pending |= self->workers[i].has_point;
    if (point == SIZE_MAX && owner < 0 && pending)
        return;
    w->idle = false;
    if (owner >= 0) {
        send_piece(self, owner, rank);
        return;
    }
    w->has_point = point != SIZE_MAX;
    self->left -= !w->has_point;
    mpi_post(rank, TO_WORKER, (letter){.kind = w->has_point ? POINT : STOP, .point = point}, NULL, 0);
}

/* Serve `left` workers until all are dismissed. */
static void serve(sweep_work *work, int left, unsigned threads)
{
    server self = {.work = work, .left = left, .threads = threads};
    MPI_Comm_size(MPI_COMM_WORLD, &self.ranks);
    self.workers = calloc((size_t)self.ranks, sizeof *self.workers);
    if (!self.workers)
        mpi_give_up();
    while (self.workers && self.left > 0) {
        letter head;
        size_t n;
        int from = 0;
        char *body = mpi_receive(MPI_ANY_SOURCE, TO_FIRST, true, &head, &n, &from);
        if (body)
            take(&self, from, &head, &body, n);
        free(body);
        for (int i = 0; i < self.ranks; i++)
            if (self.workers[i].idle)
                occupy(&self, i);
    }
    for (int i = 0; self.workers && i < self.ranks; i++)
        free(self.workers[i].body);
    free(self.workers);
}

static int others(void)
{
    int ranks;
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    return ranks - 1;
}

/* In place of sweep_run on rank 0: the first thread serves, the second works, where MPI lets both speak. */
static void run_first(sweep_work *work)
{
    const unsigned threads = inner_threads(work->plan);
#ifdef _OPENMP
    int level;
    MPI_Query_thread(&level);
    omp_set_max_active_levels(2);
#pragma omp parallel num_threads(level == MPI_THREAD_MULTIPLE ? 2 : 1)
    if (omp_get_thread_num() == 1)
        mpi_work(work->plan, threads);
    else
        serve(work, others() + (omp_get_num_threads() == 2), threads);
#else
    serve(work, others(), threads);
#endif
    sweep_loop(work, threads); /* what nobody did, where there is no other rank */
}

/* Whether rank 0 came to serve; in it alone, and its process has one sweep. */
static bool served;

static void run_and_note(sweep_work *work)
{
    served = true;
    run_first(work);
}

int sweep_mpi(const sweep *plan, int (*lead)(const sweep *plan, void (*run)(sweep_work *)))
{
    int rank, level, code = EXIT_DONE;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_MULTIPLE, &level) != MPI_SUCCESS || level < MPI_THREAD_FUNNELED) {
        fprintf(stderr, "qsg: MPI does not start (thread level %d); expected one that knows threads\n", level);
        return EXIT_NUMERIC;
    }
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (rank == 0) {
        code = lead(plan, run_and_note);
        if (!served)
            serve(NULL, others(), 1);
    } else {
        mpi_work(plan, inner_threads(plan));
    }
    MPI_Finalize();
    return code;
}
