/* The points of a sweep over threads.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "cli/sweep.h"

/* With fewer points a thread, the last ones would leave threads idle: then the threads share each point's runs. */
#define POINTS_PER_THREAD 4

size_t sweep_take(sweep_work *self)
{
    size_t point = SIZE_MAX;
#pragma omp critical(qsg_sweep)
    {
        while (self->next < self->plan->points && self->rows[self->next])
            self->next += self->plan->shards;
        if (!self->status && self->next < self->plan->points) {
            point = self->next;
            self->next += self->plan->shards;
        }
    }
    return point;
}

void sweep_fail(sweep_work *self, qsg_status status, const qsg_error *error)
{
#pragma omp critical(qsg_sweep)
    if (!self->status) {
        self->status = status;
        self->error = *error;
    }
}

void sweep_keep(sweep_work *self, size_t point, char *row)
{
#pragma omp critical(qsg_sweep)
    {
        if (!self->status) /* after a failed write the journal's last line is torn: nothing may follow it */
            self->status = sweep_journal_append(&self->journal, point, row, &self->error);
        if (!self->status) {
            self->rows[point] = row;
            self->done++;
            progress_update(&self->bar, self->done - self->before, self->total - self->before);
        } else {
            free(row);
        }
    }
}

void sweep_loop(sweep_work *self, unsigned inner)
{
    for (size_t point; (point = sweep_take(self)) != SIZE_MAX;) {
        qsg_error error = {""};
        char *row = NULL;
        qsg_status status = sweep_point(self->plan, point, inner, &row, &error);
        if (status)
            sweep_fail(self, status, &error);
        else
            sweep_keep(self, point, row);
    }
}

void sweep_run(sweep_work *self)
{
    unsigned threads = 1;
#ifdef _OPENMP
    threads = self->plan->threads ? self->plan->threads : (unsigned)omp_get_max_threads();
    const size_t left = self->total - self->done;
    if (threads > 1 && (self->plan->verb == DO_PREDICT || left >= (size_t)POINTS_PER_THREAD * threads)) {
#pragma omp parallel num_threads(threads)
        sweep_loop(self, 1);
        return;
    }
#endif
    sweep_loop(self, threads);
}
