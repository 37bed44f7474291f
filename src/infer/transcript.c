/* Transcripts: who said what to whom (doc/theory/transcripts.md).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/transcript.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_ID UINT32_MAX
#define MAX_COLUMNS 4096

/* Texts in order of first appearance, found again by open addressing. */
typedef struct {
    size_t n, capacity, room;
    char **texts;
    uint32_t *slots; /* `room` ids, a power of two, at most half used */
} name_table;

typedef enum { COLUMN_RUN, COLUMN_T, COLUMN_SPEAKER, COLUMN_LISTENER, COLUMN_LABEL, N_COLUMNS } column;
static const char *const column_names[N_COLUMNS] = {"run_id", "t", "speaker", "listener", "label"};

typedef struct {
    const char *path;
    size_t line, first_line; /* now; of the first row */
    size_t n_fields;         /* of the header */
    size_t place[N_COLUMNS]; /* field index of each column */
    name_table runs, names, labels;
    qsg_utterance *rows;
    size_t n_rows, capacity;
    uint32_t *seen; /* per agent name: 1 + the last run in which it was seen */
    size_t seen_capacity;
    uint64_t agents_now, agents;
    qsg_error *error;
} reader;

static uint64_t hash_of(const char *text)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a */
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 1099511628211u;
    return h ^ h >> 29;
}

static void table_free(name_table *self)
{
    for (size_t i = 0; i < self->n; i++)
        free(self->texts[i]);
    free(self->texts);
    free(self->slots);
    *self = (name_table){0};
}

static bool table_grow(name_table *self)
{
    size_t room = self->room ? 2 * self->room : 64;
    uint32_t *slots = malloc(room * sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < room; i++)
        slots[i] = NO_ID;
    for (size_t id = 0; id < self->n; id++) {
        size_t at = hash_of(self->texts[id]) & (room - 1);
        while (slots[at] != NO_ID)
            at = (at + 1) & (room - 1);
        slots[at] = (uint32_t)id;
    }
    free(self->slots);
    self->slots = slots;
    self->room = room;
    return true;
}

/* The id of `text`, new or known; NO_ID without memory. */
static uint32_t table_id(name_table *self, const char *text)
{
    if (2 * self->n >= self->room && !table_grow(self))
        return NO_ID;
    size_t at = hash_of(text) & (self->room - 1);
    for (; self->slots[at] != NO_ID; at = (at + 1) & (self->room - 1))
        if (strcmp(self->texts[self->slots[at]], text) == 0)
            return self->slots[at];
    if (self->n == self->capacity) {
        size_t capacity = self->capacity ? 2 * self->capacity : 32;
        char **grown = realloc(self->texts, capacity * sizeof *grown);
        if (!grown)
            return NO_ID;
        self->texts = grown;
        self->capacity = capacity;
    }
    if (self->n >= NO_ID - 1 || !(self->texts[self->n] = strdup(text)))
        return NO_ID;
    self->slots[at] = (uint32_t)self->n;
    return (uint32_t)self->n++;
}

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

static qsg_status read_header(reader *self, char **fields, size_t n)
{
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
    row.run = table_id(&self->runs, fields[self->place[COLUMN_RUN]]);
    row.speaker = table_id(&self->names, fields[self->place[COLUMN_SPEAKER]]);
    row.listener = table_id(&self->names, fields[self->place[COLUMN_LISTENER]]);
    row.label = table_id(&self->labels, fields[self->place[COLUMN_LABEL]]);
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

static qsg_status read_lines(reader *self, FILE *stream)
{
    char *line = NULL, **fields = malloc(MAX_COLUMNS * sizeof *fields);
    size_t room = 0, blank = 0; /* the first of the blank lines just read: none may stand between rows */
    ssize_t length;
    qsg_status status = fields ? QSG_OK : no_memory(self);
    while (!status && (length = getline(&line, &room, stream)) >= 0) {
        self->line++;
        if (self->line == 1 && length >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0) /* a byte order mark */
            memmove(line, line + 3, (size_t)(length -= 3) + 1);
        if (strlen(line) != (size_t)length) {
            status = bad(self, "the line has a NUL character (byte %zu); expected text", strlen(line) + 1);
            break;
        }
        if (length && line[length - 1] == '\n')
            line[--length] = 0;
        if (length && line[length - 1] == '\r')
            line[--length] = 0;
        if (!self->n_fields && line[0] == '#')
            continue;
        if (!length) {
            blank = blank ? blank : self->line;
            continue;
        }
        if (blank) {
            self->line = blank;
            status = bad(self, "the line is empty (and others follow); expected %s",
                         self->n_fields ? "a row" : "the header");
            break;
        }
        if ((status = check_utf8(self, line)))
            break;
        size_t n = split(line, fields, MAX_COLUMNS);
        if (n > MAX_COLUMNS)
            status = bad(self, "too many fields (%zu); expected at most %d", n, MAX_COLUMNS);
        else if (!self->n_fields)
            status = read_header(self, fields, n);
        else if (n != self->n_fields)
            status = bad(self, "wrong number of fields (%zu); expected %zu as in the header", n, self->n_fields);
        else
            status = read_row(self, fields);
    }
    if (!status && ferror(stream))
        status = qsg_fail(self->error, QSG_EIO, "reading %.200s failed: %s", self->path, strerror(errno));
    if (!status && !self->n_rows) {
        self->line += !self->line;
        status = bad(self, "the transcript has no rows (%s); expected a header and rows",
                     self->n_fields ? "only a header" : "no header either");
    }
    free(fields);
    free(line);
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

qsg_status qsg_transcript_read(qsg_transcript *self, const char *path, qsg_error *error)
{
    reader r = {.path = path, .error = error};
    FILE *stream = fopen(path, "r");
    if (!stream)
        return qsg_fail(error, QSG_EIO, "cannot read %.200s: %s", path, strerror(errno));
    qsg_status status = read_lines(&r, stream);
    fclose(stream);
    free(r.seen);
    qsg_transcript out = {.n_rows = r.n_rows, .n_runs = r.runs.n, .n_labels = r.labels.n, .n_names = r.names.n,
                          .agents = r.agents, .rows = r.rows, .first_line = r.first_line};
    if (!status && (!(out.path = strdup(path)) || !describe(&out)))
        status = no_memory(&r);
    if (status) {
        free(out.path);
        free(r.rows);
        table_free(&r.runs);
        table_free(&r.names);
        table_free(&r.labels);
        return status;
    }
    out.runs = r.runs.texts;
    out.names = r.names.texts;
    out.labels = r.labels.texts;
    free(r.runs.slots);
    free(r.names.slots);
    free(r.labels.slots);
    *self = out;
    return QSG_OK;
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
