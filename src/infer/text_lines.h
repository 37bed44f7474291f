/* The lines of a table with a header: what every reader of tables of data does.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_TEXT_LINES_H
#define QSG_TEXT_LINES_H

#include <stdbool.h>
#include <stdio.h>

#include "qsg/status.h"

typedef struct {
    const char *path;
    FILE *stream;
    size_t line;        /* now, from 1 */
    size_t n_columns;   /* fields of the header, 0 before it */
    size_t n_fields;    /* of the line now */
    char *text, **fields;
    size_t rows;        /* lines after the header */
    qsg_error *error;
} text_lines;

/* Open `path`, which must live as long as *self.  QSG_EIO, QSG_ENOMEM; close is safe after a failure. */
qsg_status text_lines_open(text_lines *self, const char *path, qsg_error *error);
void text_lines_close(text_lines *self);

/* The next line with something to read into self->fields: LF or CRLF, UTF-8, at most 1 MB, cut at tabs.  A byte order mark, lines
 * that start with # before the header and empty lines at the end are skipped; the first line is the header, every other one has
 * as many fields.  *more is false at the end; a table without rows is an error.  `what` names the table in messages.
 * QSG_EINPUT ("FILE:LINE: WHAT (VALUE); expected WHAT"), QSG_EIO. */
qsg_status text_lines_next(text_lines *self, const char *what, bool *more);

/* QSG_EINPUT with file and line before the message. */
__attribute__((format(printf, 2, 3))) qsg_status text_lines_fail(const text_lines *self, const char *format, ...);

#endif
