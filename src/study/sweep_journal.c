/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "study/sweep_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define CONFIRM_EVERY 0.1 /* seconds: a disk takes milliseconds, a point may take less */
#define CHECKSUM_DIGITS 16

/* FNV-1a, 64 bits: guards against torn and damaged lines, not against malice. */
static uint64_t checksum(const char *text, size_t n)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
    return hash;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

char *sweep_journal_line(size_t index, const char *row)
{
    char *line;
    const int n = asprintf(&line, "%zu\t%s\t%0*d\n", index, row, CHECKSUM_DIGITS, 0);
    if (n < 0)
        return NULL;
    char *digits = line + n - 1 - CHECKSUM_DIGITS;
    snprintf(digits, CHECKSUM_DIGITS + 1, "%0*" PRIx64, CHECKSUM_DIGITS, checksum(line, (size_t)(digits - line)));
    line[n - 1] = '\n';
    return line;
}

/* Whether the n bytes of a line, without its end, are whole. */
static bool is_sound(const char *line, size_t n)
{
    char digits[CHECKSUM_DIGITS + 1];
    if (n <= CHECKSUM_DIGITS)
        return false;
    const size_t body = n - CHECKSUM_DIGITS;
    snprintf(digits, sizeof digits, "%0*" PRIx64, CHECKSUM_DIGITS, checksum(line, body));
    return memcmp(digits, line + body, CHECKSUM_DIGITS) == 0;
}

static qsg_status read_all(const char *path, char **text, size_t *n, qsg_error *error)
{
    FILE *file = fopen(path, "r");
    size_t room = 0, got;
    char *all = NULL;
    *n = 0;
    do {
        if (*n + 65537 > room) {
            room = 2 * room + 65537;
            char *grown = realloc(all, room);
            if (!grown) {
                free(all);
                if (file)
                    fclose(file);
                return qsg_fail(error, QSG_ENOMEM, "no memory to read %.200s", path);
            }
            all = grown;
        }
        got = file ? fread(all + *n, 1, 65536, file) : 0;
        *n += got;
    } while (got);
    all[*n] = 0;
    const bool bad = !file || ferror(file);
    const int reason = errno;
    if (file)
        fclose(file);
    if (bad) {
        free(all);
        return qsg_fail(error, QSG_EIO, "cannot read %.200s: %s", path, strerror(reason));
    }
    *text = all;
    return QSG_OK;
}

/* One sound line into its row. */
static qsg_status take_line(const char *path, const char *line, size_t n, char **rows, size_t points, qsg_error *error)
{
    char *row;
    const size_t index = strtoull(line, &row, 10), body = n - CHECKSUM_DIGITS - 1;
    if (*row++ != '\t' || index >= points || rows[index] || row > line + body)
        return qsg_fail(error, QSG_EINPUT, "%.200s has a point twice or out of range (point %zu); expected each of %zu "
                        "points once", path, index, points);
    rows[index] = strndup(row, (size_t)(line + body - row));
    return rows[index] ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for the rows of %.200s", path);
}

qsg_status sweep_journal_read(const char *path, char **header, char **rows, size_t points, size_t *length,
                              qsg_error *error)
{
    char *text;
    size_t n, at = 0;
    qsg_status status = read_all(path, &text, &n, error);
    if (status)
        return status;
    for (char *end; at < n && !(text[at] >= '0' && text[at] <= '9') && (end = strchr(text + at, '\n'));)
        at = (size_t)(end + 1 - text);
    char *head = strndup(text, at);
    if (!head)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for the header of %.200s", path);
    while (!status && points && at < n) {
        const char *end = memchr(text + at, '\n', n - at);
        const size_t width = end ? (size_t)(end - text) - at : 0;
        if (!end)
            break;
        if (is_sound(text + at, width))
            status = take_line(path, text + at, width, rows, points, error);
        else if ((size_t)(end + 1 - text) < n)
            status = qsg_fail(error, QSG_EINPUT, "%.200s is damaged (byte %zu); expected a journal as qsg wrote it: "
                              "remove it to start anew", path, at);
        else
            break;
        at += width + 1;
    }
    free(text);
    if (status) {
        free(head);
        return status;
    }
    *header = head;
    *length = at;
    return QSG_OK;
}

static qsg_status write_text(sweep_journal *self, const char *text, qsg_error *error)
{
    size_t n = strlen(text);
    while (n) {
        const ssize_t put = write(self->fd, text, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return qsg_fail(error, QSG_EIO, "writing %.200s failed: %s; the points so far are safe", self->path,
                            strerror(errno));
        text += put;
        n -= (size_t)put;
    }
    return QSG_OK;
}

static qsg_status confirm(sweep_journal *self, qsg_error *error)
{
    if (fdatasync(self->fd) != 0 && errno != EINVAL)
        return qsg_fail(error, QSG_EIO, "writing %.200s failed: %s", self->path, strerror(errno));
    self->synced = now();
    return QSG_OK;
}

/* The value of a header's line "NAME VALUE", up to its end, for a message. */
static int value_width(const char *header, const char *name, const char **value)
{
    const char *line = strstr(header, name);
    *value = line ? line + strlen(name) : "";
    return (int)strcspn(*value, "\n");
}

static qsg_status refuse_other(const char *path, const char *found, qsg_error *error)
{
    const char *version, *command;
    const int n = value_width(found, "\nversion ", &version), m = value_width(found, "\ncommand ", &command);
    if (!n || !m)
        return qsg_fail(error, QSG_EINPUT, "%.150s is no journal of a sweep (%.20s); expected another --output", path,
                        found);
    return qsg_fail(error, QSG_EINPUT, "%.150s belongs to another sweep (qsg %.*s: %.*s); expected the same command "
                    "and version, another --output, or none of it", path, n, version, m < 200 ? m : 200, command);
}

qsg_status sweep_journal_open(sweep_journal *self, const char *path, const char *header, char **rows, size_t points,
                              qsg_error *error)
{
    size_t length = 0;
    char *found = NULL;
    *self = (sweep_journal){open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666), path, now()};
    if (self->fd < 0)
        return qsg_fail(error, QSG_EIO, "cannot write %.200s: %s", path, strerror(errno));
    qsg_status status = QSG_OK;
    if (flock(self->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        status = qsg_fail(error, QSG_EINPUT, "another process writes %.200s (locked); expected one sweep a file", path);
    if (!status)
        status = sweep_journal_read(path, &found, rows, 0, &length, error);
    if (!status && strcmp(found, header) == 0) {
        free(found);
        found = NULL;
        status = sweep_journal_read(path, &found, rows, points, &length, error);
    } else if (!status) { /* a journal that was cut within its header has no points yet */
        char *text = NULL;
        status = read_all(path, &text, &length, error);
        if (!status && (length >= strlen(header) || memcmp(text, header, length) != 0))
            status = refuse_other(path, found, error);
        free(text);
        length = 0;
    }
    free(found);
    if (!status && (ftruncate(self->fd, (off_t)length) != 0 || lseek(self->fd, 0, SEEK_END) < 0))
        status = qsg_fail(error, QSG_EIO, "cannot write %.200s: %s", path, strerror(errno));
    if (!status && !length)
        status = write_text(self, header, error);
    if (!status)
        status = confirm(self, error);
    if (status)
        close(self->fd);
    return status;
}

qsg_status sweep_journal_append(sweep_journal *self, size_t index, const char *row, qsg_error *error)
{
    char *line = sweep_journal_line(index, row);
    qsg_status status = line ? write_text(self, line, error) : qsg_fail(error, QSG_ENOMEM, "no memory for a row");
    free(line);
    return status || now() - self->synced < CONFIRM_EVERY ? status : confirm(self, error);
}

qsg_status sweep_journal_close(sweep_journal *self, bool remove, qsg_error *error)
{
    qsg_status status = remove ? QSG_OK : confirm(self, error);
    if (remove)
        unlink(self->path);
    close(self->fd);
    return status;
}
