/* A bar on stderr for people who wait.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PROGRESS_H
#define QSG_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    bool shown;       /* stderr is a terminal and nobody asked for quiet */
    bool drawn;       /* there is a bar to wipe */
    const char *what; /* plural of what is counted, say "runs" */
    double start, last; /* seconds */
} progress;

/* Seconds on a clock that only goes forward. */
double seconds_now(void);

progress progress_start(const char *what, bool quiet);
/* done of total; context is the progress.  Draws at most ten times a second. */
void progress_update(void *context, uint64_t done, uint64_t total);
void progress_end(progress *self);

#endif
