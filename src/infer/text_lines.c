/* The lines of a table with a header.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "infer/text_lines.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_COLUMNS = 4096, MAX_LINE = 1 << 20 };

qsg_status text_lines_fail(const text_lines *self, const char *format, ...)
{
    char what[400];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return qsg_fail(self->error, QSG_EINPUT, "%.100s:%zu: %s", self->path, self->line, what);
}

qsg_status text_lines_open(text_lines *self, const char *path, qsg_error *error)
{
    *self = (text_lines){.path = path, .error = error, .stream = fopen(path, "r")};
    if (!self->stream)
        return qsg_fail(error, QSG_EIO, "cannot read %.200s: %s", path, strerror(errno));
    self->text = malloc(MAX_LINE + 1);
    self->fields = malloc(MAX_COLUMNS * sizeof *self->fields);
    return self->text && self->fields ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for the lines of %.200s", path);
}

void text_lines_close(text_lines *self)
{
    if (self->stream)
        fclose(self->stream);
    free(self->text);
    free(self->fields);
    *self = (text_lines){0};
}

/* The bytes of the character of UTF-8 (RFC 3629: no overlong form, no surrogate) at `at`; 0 where there is none. */
static size_t utf8_length(const unsigned char *at)
{
    if (*at < 0x80)
        return 1;
    const size_t n = *at >= 0xF0 ? 4 : *at >= 0xE0 ? 3 : 2;
    unsigned long code = *at & (0xFFu >> (n + 1));
    if (*at < 0xC2 || *at > 0xF4)
        return 0;
    for (size_t i = 1; i < n; i++) { /* the final 0 of a text is no continuation */
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (at[i] & 0x3Fu);
    }
    const bool overlong = (n == 3 && code < 0x800) || (n == 4 && code < 0x10000);
    return overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF) ? 0 : n;
}

static qsg_status check_utf8(const text_lines *self)
{
    const unsigned char *start = (const unsigned char *)self->text, *at = start;
    while (*at) {
        const size_t n = utf8_length(at);
        if (!n)
            return text_lines_fail(self, "the text is not UTF-8 (byte %zu of the line is 0x%02X); expected UTF-8",
                                   (size_t)(at - start) + 1, *at);
        at += n;
    }
    return QSG_OK;
}

/* The next line into self->text, without its end, as a text: a byte order mark is no part of it.  *more: there was one. */
static qsg_status read_line(text_lines *self, bool *more)
{
    size_t n = 0;
    bool nul = false;
    int c;
    self->line++;
    while ((c = getc_unlocked(self->stream)) != EOF && c != '\n') {
        if (n == MAX_LINE)
            return text_lines_fail(self, "the line is too long (more than %d bytes); expected a header and rows", MAX_LINE);
        nul |= !c;
        self->text[n++] = (char)c;
    }
    *more = c != EOF || n > 0;
    if (ferror(self->stream))
        return qsg_fail(self->error, QSG_EIO, "reading %.200s failed: %s", self->path, strerror(errno));
    if (nul)
        return text_lines_fail(self, "the line has a NUL character (byte %zu); expected text", strnlen(self->text, n) + 1);
    n -= n && self->text[n - 1] == '\r';
    self->text[n] = 0;
    if (self->line == 1 && strncmp(self->text, "\xEF\xBB\xBF", 3) == 0)
        memmove(self->text, self->text + 3, n - 2);
    return QSG_OK;
}

/* Cut the line at its tabs. */
static qsg_status split(text_lines *self)
{
    size_t n = 0;
    for (char *at = self->text; at; n++) {
        if (n < MAX_COLUMNS)
            self->fields[n] = at;
        at = strchr(at, '\t');
        if (at)
            *at++ = 0;
    }
    if (n > MAX_COLUMNS)
        return text_lines_fail(self, "too many fields (%zu); expected at most %d", n, MAX_COLUMNS);
    if (self->n_columns && n != self->n_columns)
        return text_lines_fail(self, "wrong number of fields (%zu); expected %zu as in the header", n, self->n_columns);
    self->n_fields = n;
    return QSG_OK;
}

qsg_status text_lines_next(text_lines *self, const char *what, bool *more)
{
    size_t blank = 0; /* the first of the blank lines just read: none may stand between rows */
    qsg_status status;
    while (!(status = read_line(self, more)) && *more) {
        if (!self->n_columns && self->text[0] == '#')
            continue;
        if (self->text[0])
            break;
        blank = blank ? blank : self->line;
    }
    if (status)
        return status;
    if (*more && blank) {
        self->line = blank;
        return text_lines_fail(self, "the line is empty (and others follow); expected %s", self->n_columns ? "a row" : "the header");
    }
    if (!*more && !self->rows) {
        self->line -= self->line > 1; /* the last line there was */
        return text_lines_fail(self, "the %s has no rows (%s); expected a header and rows", what,
                               self->n_columns ? "only a header" : "no header either");
    }
    if (!*more)
        return QSG_OK;
    status = check_utf8(self);
    if (!status)
        status = split(self);
    self->rows += self->n_columns > 0;
    self->n_columns = self->n_fields;
    return status;
}
