/* What the ranks of a sweep say to each other.
 *
 * Rank 0 serves: it hands out points, and keeps rows.  Every rank works (rank 0 with a second thread): it says READY or
 * sends a ROW and gets a POINT, a PIECE of somebody's point, or STOP.  Who has a point whose ensemble takes long makes
 * an OFFER of its runs to rank 0, asks for the NEXT piece of them as helpers do, and gets from these what became of
 * their runs.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_CLI_SWEEP_MPI_H
#define QSG_CLI_SWEEP_MPI_H

#include "cli/sweep.h"

enum { TO_FIRST = 1, TO_WORKER, TO_OWNER }; /* tags */
enum { READY, ROW, OFFER, NEXT, CLOSE, POINT, PIECE, STOP };

typedef struct {
    int64_t kind;
    int64_t status;    /* ROW and what goes to owners: then the body is a message */
    int64_t owner;     /* PIECE */
    uint64_t point;    /* POINT, ROW */
    uint64_t from, to; /* runs; none left: from = to, the end of those that were handed out */
    uint64_t grain;    /* OFFER: runs of a piece at most */
} letter;

/* Send a letter and its body. */
void mpi_post(int rank, int tag, letter head, const void *body, size_t n);
/* Wait for a letter (`wait`), or look whether there is one; its body (caller frees, ended by a 0), or NULL. */
char *mpi_receive(int rank, int tag, bool wait, letter *head, size_t *n, int *from);
/* End the job for want of memory. */
void mpi_give_up(void);

/* The part of a worker: compute points and pieces until STOP. */
void mpi_work(const sweep *plan, unsigned threads);

#endif
