/* Transcripts: who said what to whom (doc/theory/transcripts.md).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/transcript.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "infer/name_table.h"
#include "infer/transcript_labels.h"

enum { MAX_COLUMNS = 4096, MAX_LINE = 1 << 20 };

typedef enum { COLUMN_RUN, COLUMN_T, COLUMN_SPEAKER, COLUMN_LISTENER, COLUMN_LABEL, N_COLUMNS } column;
static const char *const column_names[N_COLUMNS] = {"run_id", "t", "speaker", "listener", "label"};

typedef struct {
    const char *path;
    size_t line, first_line; /* now; of the first row */
    size_t n_fields;         /* of the header */
    size_t place[N_COLUMNS]; /* field index of each column */
    char *text, **fields;    /* the line now, and where its fields begin */
    name_table runs, names, labels;
    qsg_utterance *rows;
    size_t n_rows, capacity;
    uint32_t *seen; /* per agent name: 1 + the last run in which it was seen */
    size_t seen_capacity;
    uint64_t agents_now, agents;
    qsg_error *error;
} reader;

__attribute__((format(printf, 2, 3))) static qsg_status bad(const reader *self, const char *format, ...)
{
    char what[400];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return qsg_fail(self->error, QSG_EINPUT, "%.100s:%zu: %s", self->path, self->line, what);
}

static qsg_status no_memory(const reader *self)
{
    return qsg_fail(self->error, QSG_ENOMEM, "no memory for the transcript %.200s (line %zu)", self->path, self->line);
}

/* Cut the line at its tabs; returns how many fields there are, of which at most `room` are stored. */
static size_t split(char *line, char **fields, size_t room)
{
    size_t n = 0;
    for (char *at = line;; at++) {
        char *tab = strchr(at, '\t');
        if (n < room)
            fields[n] = at;
        n++;
        if (!tab)
            return n;
        *tab = 0;
        at = tab;
    }
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

static qsg_status check_utf8(const reader *self, const char *line)
{
    const unsigned char *start = (const unsigned char *)line, *at = start;
    while (*at) {
        const size_t n = utf8_length(at);
        if (!n)
            return bad(self, "the text is not UTF-8 (byte %zu of the line is 0x%02X); expected UTF-8",
                       (size_t)(at - start) + 1, *at);
        at += n;
    }
    return QSG_OK;
}

/* A column that may be there. */
static bool is_known(const char *name)
{
    for (int c = 0; c < N_COLUMNS; c++)
        if (strcmp(name, column_names[c]) == 0)
            return true;
    return strncmp(name, "belief_", 7) == 0 && name[7] && !name[7 + strspn(name + 7, "0123456789")];
}

static qsg_status read_header(reader *self, char **fields, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is_known(fields[i]))
            return bad(self, "column %.60s is unknown (field %zu); expected run_id, t, speaker, listener, label and columns of "
                             "beliefs, belief_1, belief_2, .., which are not read", *fields[i] ? fields[i] : "without a name", i + 1);
    for (int c = 0; c < N_COLUMNS; c++) {
        size_t found = 0;
        for (size_t i = 0; i < n; i++)
            if (strcmp(fields[i], column_names[c]) == 0) {
                self->place[c] = i;
                found++;
            }
        if (found != 1)
            return bad(self, "column %s is %s (%zu columns); expected a header with run_id, t, speaker, listener and "
                             "label, separated by tabs", column_names[c], found ? "given twice" : "missing", n);
    }
    self->n_fields = n;
    self->first_line = self->line + 1;
    return QSG_OK;
}

static qsg_status read_time(const reader *self, const char *text, uint64_t *t)
{
    size_t length = strspn(text, "0123456789");
    errno = 0;
    unsigned long long value = strtoull(text, NULL, 10);
    if (!length || text[length] || errno || value > (uint64_t)1 << 53)
        return bad(self, "t is not a time (%.60s); expected a whole number from 0 to 2^53", text);
    *t = value;
    return QSG_OK;
}

/* Count an agent of the present run once. */
static bool count_agent(reader *self, uint32_t agent, uint32_t run)
{
    if (agent >= self->seen_capacity) {
        size_t capacity = self->seen_capacity ? 2 * self->seen_capacity : 64;
        while (capacity <= agent)
            capacity *= 2;
        uint32_t *grown = realloc(self->seen, capacity * sizeof *grown);
        if (!grown)
            return false;
        memset(grown + self->seen_capacity, 0, (capacity - self->seen_capacity) * sizeof *grown);
        self->seen = grown;
        self->seen_capacity = capacity;
    }
    if (self->seen[agent] != run + 1) {
        self->seen[agent] = run + 1;
        self->agents_now++;
    }
    if (self->agents_now > self->agents)
        self->agents = self->agents_now;
    return true;
}

static qsg_status read_row(reader *self, char **fields)
{
    const qsg_utterance *last = self->n_rows ? &self->rows[self->n_rows - 1] : NULL;
    qsg_utterance row;
    for (int c = 0; c < N_COLUMNS; c++)
        if (!*fields[self->place[c]])
            return bad(self, "%s is empty (field %zu); expected a text", column_names[c], self->place[c] + 1);
    qsg_status status = read_time(self, fields[self->place[COLUMN_T]], &row.t);
    if (status)
        return status;
    const size_t runs_before = self->runs.n;
    row.run = name_table_id(&self->runs, fields[self->place[COLUMN_RUN]]);
    row.speaker = name_table_id(&self->names, fields[self->place[COLUMN_SPEAKER]]);
    row.listener = name_table_id(&self->names, fields[self->place[COLUMN_LISTENER]]);
    row.label = name_table_id(&self->labels, fields[self->place[COLUMN_LABEL]]);
    if (row.run == NO_ID || row.speaker == NO_ID || row.listener == NO_ID || row.label == NO_ID)
        return no_memory(self);
    if (row.speaker == row.listener)
        return bad(self, "an agent talks to itself (%.60s); expected two agents", fields[self->place[COLUMN_SPEAKER]]);
    if (last && row.run == last->run && row.t < last->t)
        return bad(self, "time goes back within run %.60s (%llu after %llu); expected rows ordered by t",
                   self->runs.texts[row.run], (unsigned long long)row.t, (unsigned long long)last->t);
    if (last && row.run != last->run && row.run < runs_before)
        return bad(self, "a run goes on after another began (%.60s); expected the rows of a run together",
                   self->runs.texts[row.run]);
    if (!last || row.run != last->run)
        self->agents_now = 0;
    if (!count_agent(self, row.speaker, row.run) || !count_agent(self, row.listener, row.run))
        return no_memory(self);
    if (self->n_rows == self->capacity) {
        size_t capacity = self->capacity ? 2 * self->capacity : 1024;
        qsg_utterance *grown = realloc(self->rows, capacity * sizeof *grown);
        if (!grown)
            return no_memory(self);
        self->rows = grown;
        self->capacity = capacity;
    }
    self->rows[self->n_rows++] = row;
    return QSG_OK;
}

/* The next line into self->text, without its end, as a text: LF or CRLF, and a byte order mark is no part of it.  *more: there
 * was one. */
static qsg_status next_line(reader *self, FILE *stream, bool *more)
{
    size_t n = 0;
    bool nul = false;
    int c;
    self->line++;
    while ((c = getc_unlocked(stream)) != EOF && c != '\n') {
        if (n == MAX_LINE)
            return bad(self, "the line is too long (more than %d bytes); expected a header and rows", MAX_LINE);
        nul |= !c;
        self->text[n++] = (char)c;
    }
    *more = c != EOF || n > 0;
    if (ferror(stream))
        return qsg_fail(self->error, QSG_EIO, "reading %.200s failed: %s", self->path, strerror(errno));
    if (nul)
        return bad(self, "the line has a NUL character (byte %zu); expected text", strnlen(self->text, n) + 1);
    n -= n && self->text[n - 1] == '\r';
    self->text[n] = 0;
    if (self->line == 1 && strncmp(self->text, "\xEF\xBB\xBF", 3) == 0)
        memmove(self->text, self->text + 3, n - 2);
    return QSG_OK;
}

/* The line in self->text: the header, or a row. */
static qsg_status take_line(reader *self)
{
    qsg_status status = check_utf8(self, self->text);
    if (status)
        return status;
    const size_t n = split(self->text, self->fields, MAX_COLUMNS);
    if (n > MAX_COLUMNS)
        return bad(self, "too many fields (%zu); expected at most %d", n, MAX_COLUMNS);
    if (!self->n_fields)
        return read_header(self, self->fields, n);
    if (n != self->n_fields)
        return bad(self, "wrong number of fields (%zu); expected %zu as in the header", n, self->n_fields);
    return read_row(self, self->fields);
}

static qsg_status read_lines(reader *self, FILE *stream)
{
    size_t blank = 0; /* the first of the blank lines just read: none may stand between rows */
    bool more = true;
    qsg_status status = QSG_OK;
    while (!status && !(status = next_line(self, stream, &more)) && more) {
        if (!self->n_fields && self->text[0] == '#')
            continue;
        if (!self->text[0]) {
            blank = blank ? blank : self->line;
        } else if (blank) {
            self->line = blank;
            return bad(self, "the line is empty (and others follow); expected %s", self->n_fields ? "a row" : "the header");
        } else {
            status = take_line(self);
        }
    }
    if (!status && !self->n_rows) {
        self->line -= self->line > 1; /* the last line there was */
        return bad(self, "the transcript has no rows (%s); expected a header and rows",
                   self->n_fields ? "only a header" : "no header either");
    }
    return status;
}

/* Whether the rows [from, to) of one time are both directions of one pair; one speaker with one label. */
static void classify(qsg_transcript *self, size_t from, size_t to)
{
    const qsg_utterance *a = &self->rows[from];
    self->paired &= to - from == 2 && a[0].speaker == a[1].listener && a[0].listener == a[1].speaker;
    for (size_t i = from + 1; i < to; i++)
        self->single &= self->rows[i].speaker == a->speaker && self->rows[i].label == a->label;
}

static bool describe(qsg_transcript *self)
{
    self->run_start = malloc((self->n_runs + 1) * sizeof *self->run_start);
    if (!self->run_start)
        return false;
    self->paired = self->single = true;
    self->first_t = UINT64_MAX;
    size_t group = 0, unpaired = 0, unlike = 0;
    for (size_t i = 0; i < self->n_rows; i++) {
        const qsg_utterance *row = &self->rows[i];
        if (i == 0 || row->run != row[-1].run)
            self->run_start[row->run] = i;
        if (row->t < self->first_t)
            self->first_t = row->t;
        if (i + 1 == self->n_rows || row[1].run != row->run || row[1].t != row->t) {
            const bool paired = self->paired, single = self->single;
            classify(self, group, i + 1);
            unpaired = paired && !self->paired ? group : unpaired;
            unlike = single && !self->single ? group : unlike;
            group = i + 1;
        }
    }
    self->run_start[self->n_runs] = self->n_rows;
    self->odd_row = unpaired > unlike ? unpaired : unlike;
    return true;
}

/* What was read becomes the transcript, which then owns the texts and rows. */
static qsg_status finish(reader *self, qsg_transcript *out)
{
    *out = (qsg_transcript){.n_rows = self->n_rows, .n_runs = self->runs.n, .n_labels = self->labels.n,
                            .n_names = self->names.n, .agents = self->agents, .rows = self->rows,
                            .first_line = self->first_line, .path = strdup(self->path)};
    qsg_utterance *fitting = realloc(out->rows, out->n_rows * sizeof *fitting);
    out->rows = self->rows = fitting ? fitting : out->rows;
    out->labels = self->labels.texts;
    if (!out->path || !describe(out) || !transcript_sort_labels(out)) {
        free(out->path);
        free(out->run_start);
        return no_memory(self);
    }
    out->runs = self->runs.texts;
    out->names = self->names.texts;
    self->rows = NULL;
    self->runs.texts = self->names.texts = self->labels.texts = NULL;
    self->runs.n = self->names.n = self->labels.n = 0;
    return QSG_OK;
}

qsg_status qsg_transcript_read(qsg_transcript *self, const char *path, qsg_error *error)
{
    reader r = {.path = path, .error = error, .text = malloc(MAX_LINE + 1), .fields = malloc(MAX_COLUMNS * sizeof *r.fields)};
    FILE *stream = fopen(path, "r");
    qsg_transcript out;
    qsg_status status = !stream ? qsg_fail(error, QSG_EIO, "cannot read %.200s: %s", path, strerror(errno))
                        : r.text && r.fields ? read_lines(&r, stream) : no_memory(&r);
    if (stream)
        fclose(stream);
    if (!status)
        status = finish(&r, &out);
    free(r.text);
    free(r.fields);
    free(r.seen);
    free(r.rows);
    name_table_free(&r.runs);
    name_table_free(&r.names);
    name_table_free(&r.labels);
    if (!status)
        *self = out;
    return status;
}

static void free_texts(char **texts, size_t n)
{
    for (size_t i = 0; texts && i < n; i++)
        free(texts[i]);
    free(texts);
}

void qsg_transcript_free(qsg_transcript *self)
{
    free(self->path);
    free(self->rows);
    free(self->run_start);
    free_texts(self->runs, self->n_runs);
    free_texts(self->names, self->n_names);
    free_texts(self->labels, self->n_labels);
    *self = (qsg_transcript){0};
}
