/* A sweep over MPI ranks: rank 0 hands out points, keeps the journal, and computes as well.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <mpi.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "cli/sweep.h"

#define POLL 200000 /* nanoseconds between looks at the mail, so that rank 0 has its core for points */

enum { TO_FIRST = 1, TO_WORKER = 2 };

/* What a worker sends: the point it did (-1: none yet), the status, then the row or the message. */
typedef struct {
    int64_t point, status;
} report;

/* Take one report, if there is any, and answer with the next point or -1; true when the worker is dismissed. */
static bool answer(sweep_work *work, bool *any)
{
    MPI_Status from;
    int here = 0, size, code;
    report head;
    MPI_Iprobe(MPI_ANY_SOURCE, TO_FIRST, MPI_COMM_WORLD, &here, &from);
    *any = here;
    if (!here)
        return false;
    MPI_Get_count(&from, MPI_BYTE, &size);
    char *mail = calloc(1, (size_t)size + 1);
    if (!mail) {
        code = fail(QSG_ENOMEM, NULL);
        MPI_Abort(MPI_COMM_WORLD, code);
        return true;
    }
    MPI_Recv(mail, size, MPI_BYTE, from.MPI_SOURCE, TO_FIRST, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    memcpy(&head, mail, sizeof head);
    if (work && head.status) {
        qsg_error error = {""};
        qsg_fail(&error, (qsg_status)head.status, "rank %d: %s", from.MPI_SOURCE, mail + sizeof head);
        sweep_fail(work, (qsg_status)head.status, &error);
    } else if (work && head.point >= 0) {
        char *row = strdup(mail + sizeof head);
        if (row)
            sweep_keep(work, (size_t)head.point, row);
        else
            sweep_fail(work, QSG_ENOMEM, &(qsg_error){"no memory for a row"});
    }
    free(mail);
    const size_t next = work ? sweep_take(work) : SIZE_MAX;
    const int64_t point = next == SIZE_MAX ? -1 : (int64_t)next;
    MPI_Send(&point, 1, MPI_INT64_T, from.MPI_SOURCE, TO_WORKER, MPI_COMM_WORLD);
    return point < 0;
}

/* Answer until every other rank is dismissed. */
static void serve(sweep_work *work)
{
    int ranks;
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    for (int left = ranks - 1; left > 0;) {
        bool any;
        left -= answer(work, &any);
        if (!any)
            nanosleep(&(struct timespec){0, POLL}, NULL);
    }
}

static unsigned inner_threads(const sweep *plan)
{
    return plan->threads ? plan->threads : 1; /* a rank a core, unless told otherwise */
}

/* In place of sweep_run on rank 0: the first thread answers, the second computes. */
static void run_first(sweep_work *work)
{
#ifdef _OPENMP
    omp_set_max_active_levels(2);
#pragma omp parallel num_threads(2)
    {
        if (omp_get_thread_num() == 0)
            serve(work);
        if (omp_get_thread_num() == 1 || omp_get_num_threads() == 1)
            sweep_loop(work, inner_threads(work->plan));
    }
#else
    serve(work);
    sweep_loop(work, inner_threads(work->plan));
#endif
}

static void send_report(report head, const char *text)
{
    const size_t n = strlen(text), size = sizeof head + n;
    char *mail = malloc(size);
    if (!mail) {
        MPI_Abort(MPI_COMM_WORLD, fail(QSG_ENOMEM, NULL));
        return;
    }
    memcpy(mail, &head, sizeof head);
    memcpy(mail + sizeof head, text, n);
    MPI_Send(mail, (int)size, MPI_BYTE, 0, TO_FIRST, MPI_COMM_WORLD);
    free(mail);
}

static void work_for_first(const sweep *plan)
{
    report head = {-1, QSG_OK};
    char *row = NULL;
    for (;;) {
        qsg_error error = {""};
        send_report(head, row ? row : "");
        free(row);
        row = NULL;
        MPI_Recv(&head.point, 1, MPI_INT64_T, 0, TO_WORKER, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        if (head.point < 0)
            return;
        head.status = sweep_point(plan, (size_t)head.point, inner_threads(plan), &row, &error);
        if (head.status)
            row = strdup(*error.message ? error.message : qsg_strerror((qsg_status)head.status));
    }
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
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS || level < MPI_THREAD_FUNNELED) {
        fprintf(stderr, "qsg: MPI does not start (thread level %d); expected one that knows threads\n", level);
        return EXIT_NUMERIC;
    }
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (rank == 0) {
        code = lead(plan, run_and_note);
        if (!served)
            serve(NULL);
    } else {
        work_for_first(plan);
    }
    MPI_Finalize();
    return code;
}
