/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A device or pipe (say /dev/stdout) cannot be replaced by a rename: write to it directly. */
static int is_special(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode);
}

qsg_status qsg_file_create(qsg_file *self, const char *path, qsg_error *error)
{
    qsg_file file = {.path = strdup(path), .temporary = malloc(strlen(path) + 8)};
    if (!file.path || !file.temporary) {
        free(file.path);
        free(file.temporary);
        return qsg_fail(error, QSG_ENOMEM, "no memory for a file name");
    }
    if (is_special(path)) {
        free(file.temporary);
        file.temporary = NULL;
        file.stream = fopen(path, "w");
    } else {
        strcpy(stpcpy(file.temporary, path), ".XXXXXX");
        int fd = mkstemp(file.temporary);
        mode_t mask = umask(0);
        umask(mask);
        if (fd >= 0 && fchmod(fd, 0666 & ~mask) == 0)
            file.stream = fdopen(fd, "w");
    }
    if (!file.stream) {
        qsg_fail(error, QSG_EIO, "cannot write %.200s: %s", path, strerror(errno));
        free(file.path);
        free(file.temporary);
        return QSG_EIO;
    }
    *self = file;
    return QSG_OK;
}

qsg_status qsg_file_commit(qsg_file *self, qsg_status status, qsg_error *error)
{
    int bad = fflush(self->stream) != 0 || ferror(self->stream);
    if (!bad && self->temporary)
        bad = fsync(fileno(self->stream)) != 0;
    bad |= fclose(self->stream) != 0;
    if (!status && bad)
        status = qsg_fail(error, QSG_EIO, "writing %.200s failed: %s", self->path, strerror(errno));
    if (self->temporary) {
        if (!status && rename(self->temporary, self->path) != 0)
            status = qsg_fail(error, QSG_EIO, "cannot rename to %.200s: %s", self->path, strerror(errno));
        if (status)
            unlink(self->temporary);
    }
    free(self->path);
    free(self->temporary);
    *self = (qsg_file){0};
    return status;
}
