/* The finished points of a sweep on disk, as they come.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_SWEEP_JOURNAL_H
#define QSG_SWEEP_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "qsg/status.h"

/* A file that starts with a header (lines that do not begin with a digit) and goes on with one line a finished point:
 * "INDEX<tab>ROW<tab>CHECKSUM". */
typedef struct {
    int fd;
    const char *path;
    double synced; /* when the disk last confirmed, in seconds */
} sweep_journal;

/* Read the file at `path`: its header (caller frees) and the rows into rows[0 .. points - 1] (new texts; those there
 * already stay).  A last line that is torn is left out; *length is where the sound part ends.  QSG_EIO, QSG_ENOMEM, and
 * QSG_EINPUT for a line that is damaged elsewhere, an index out of range, or a point twice.  With points = 0 only the
 * header is read. */
qsg_status sweep_journal_read(const char *path, char **header, char **rows, size_t points, size_t *length,
                              qsg_error *error);

/* Open the journal for `header`, or begin it.  QSG_EINPUT when it belongs to another header or another process has it,
 * and the codes of sweep_journal_read. */
qsg_status sweep_journal_open(sweep_journal *self, const char *path, const char *header, char **rows, size_t points,
                              qsg_error *error);

/* One finished point, in one write.  The disk is asked to confirm at least every 0.1 s of appending.  QSG_EIO. */
qsg_status sweep_journal_append(sweep_journal *self, size_t index, const char *row, qsg_error *error);

/* Confirm and close; `remove` deletes the file.  Returns QSG_EIO when the disk does not confirm. */
qsg_status sweep_journal_close(sweep_journal *self, bool remove, qsg_error *error);

/* One line as the journal has it (caller frees), or NULL without memory. */
char *sweep_journal_line(size_t index, const char *row);

#endif
