/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A device or pipe cannot be replaced by a rename: write to it directly.  /dev/stdout may lead to a plain file, but the
 * rename would replace the entry in /dev itself. */
static bool is_special(const char *path)
{
    struct stat info;
    return strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0 ||
           (stat(path, &info) == 0 && !S_ISREG(info.st_mode));
}

/* The file that `path` stands for: a link is followed, not replaced.  The caller frees; NULL without memory. */
static char *resolve(const char *path)
{
    struct stat info;
    char *target = lstat(path, &info) == 0 && S_ISLNK(info.st_mode) ? realpath(path, NULL) : NULL;
    return target ? target : strdup(path);
}

/* A new file `path`.PID-i.tmp with the permissions that the umask gives; its stream, or NULL with errno. */
static FILE *open_temporary(const char *path, char *temporary, size_t room)
{
    for (int i = 0; i < 1000; i++) {
        snprintf(temporary, room, "%s.%ld-%d.tmp", path, (long)getpid(), i);
        int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0 && errno == EEXIST)
            continue;
        FILE *stream = fd < 0 ? NULL : fdopen(fd, "w");
        if (fd >= 0 && !stream) {
            close(fd);
            unlink(temporary);
        }
        return stream;
    }
    return NULL;
}

qsg_status qsg_file_create(qsg_file *self, const char *path, qsg_error *error)
{
    qsg_file file = {.path = is_special(path) ? strdup(path) : resolve(path)};
    const size_t room = file.path ? strlen(file.path) + 40 : 1;
    file.temporary = malloc(room);
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
        file.stream = open_temporary(file.path, file.temporary, room);
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
    const int before = errno; /* of a writer that failed earlier */
    int bad = ferror(self->stream) ? (before ? before : EIO) : fflush(self->stream) != 0 ? errno : 0;
    if (!bad && self->temporary && fsync(fileno(self->stream)) != 0)
        bad = errno;
    if (fclose(self->stream) != 0 && !bad)
        bad = errno;
    if (bad && (!status || status == QSG_EIO))
        status = qsg_fail(error, QSG_EIO, "writing %.200s failed: %s", self->path, strerror(bad));
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
