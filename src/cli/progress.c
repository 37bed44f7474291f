/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define BAR 30

double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

progress progress_start(const char *what, bool quiet)
{
    const double now = seconds_now();
    return (progress){.shown = !quiet && isatty(STDERR_FILENO), .what = what, .start = now, .last = now};
}

void progress_update(void *context, uint64_t done, uint64_t total)
{
    progress *self = context;
    if (!self->shown)
        return;
    const double now = seconds_now(), spent = now - self->start;
    if (now - self->last < 0.1)
        return;
    self->last = now;
    self->drawn = true;
    char bar[BAR + 1];
    const double rate = spent > 0 ? (double)done / spent : 0, part = total ? (double)done / (double)total : 1;
    for (int i = 0; i < BAR; i++)
        bar[i] = i < (int)(part * BAR) ? '#' : '.';
    bar[BAR] = 0;
    fprintf(stderr, "\r[%s] %llu/%llu %s, %.3g/s, %.0f s left\033[K", bar, (unsigned long long)done,
            (unsigned long long)total, self->what, rate, rate > 0 ? (double)(total - done) / rate : 0);
    fflush(stderr);
}

void progress_end(progress *self)
{
    if (self->drawn)
        fprintf(stderr, "\r\033[K");
    self->drawn = false;
}
