/* Files that appear complete or not at all.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_FILE_H
#define QSG_FILE_H

#include <stdio.h>

#include "qsg/status.h"

typedef struct {
    FILE *stream;
    char *path, *temporary;
} qsg_file;

/* Open a temporary file beside `path` for writing. */
qsg_status qsg_file_create(qsg_file *self, const char *path, qsg_error *error);

/* Close; rename to the final path when `status` is QSG_OK, else remove.  Returns `status`, or QSG_EIO. */
qsg_status qsg_file_commit(qsg_file *self, qsg_status status, qsg_error *error);

#endif
