/* Transcripts: who said what to whom (doc/theory/transcripts.md).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/transcript.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "infer/name_table.h"
#include "infer/text_lines.h"
#include "infer/transcript_labels.h"

typedef enum { COLUMN_RUN, COLUMN_T, COLUMN_SPEAKER, COLUMN_LISTENER, COLUMN_LABEL, N_COLUMNS } column;
static const char *const column_names[N_COLUMNS] = {"run_id", "t", "speaker", "listener", "label"};

/* The rows of one time, and what all times before had in common. */
typedef struct {
    qsg_utterance first;
    size_t n, begin;        /* rows so far; number of the first one */
    bool mirrored, same;    /* the second is the first the other way round; all have one speaker and label */
    bool paired, single;    /* as in qsg_transcript */
    size_t unpaired, unlike; /* where these ended */
} grouping;

typedef struct {
    text_lines lines;
    size_t first_line;       /* of the first row */
    size_t place[N_COLUMNS]; /* field index of each column */
    name_table runs, names, labels;
    size_t n_rows;
    qsg_utterance last;
    uint32_t *seen; /* per agent name: 1 + the last run in which it was seen */
    size_t seen_capacity;
    uint64_t agents_now, agents, first_t;
    size_t *run_start, run_capacity; /* one place more than there are runs */
    grouping group;
    qsg_error *error;
} reader;

static qsg_status no_memory(const reader *self)
{
    return qsg_fail(self->error, QSG_ENOMEM, "no memory for the transcript %.200s (line %zu)", self->lines.path, self->lines.line);
}

/* A column that may be there. */
static bool is_known(const char *name)
{
    for (int c = 0; c < N_COLUMNS; c++)
        if (strcmp(name, column_names[c]) == 0)
            return true;
    return strncmp(name, "belief_", 7) == 0 && name[7] && !name[7 + strspn(name + 7, "0123456789")];
}

static qsg_status read_header(reader *self)
{
    char **fields = self->lines.fields;
    const size_t n = self->lines.n_fields;
    if (n == 1 && strchr(fields[0], ','))
        return text_lines_fail(&self->lines, "columns are apart by commas (%.60s); expected tabs", fields[0]);
    for (size_t i = 0; i < n; i++)
        if (!is_known(fields[i]))
            return text_lines_fail(&self->lines, "column %.60s is unknown (field %zu); expected run_id, t, speaker, listener, label and columns of "
                             "beliefs, belief_1, belief_2, .., which are not read", *fields[i] ? fields[i] : "without a name", i + 1);
    for (int c = 0; c < N_COLUMNS; c++) {
        size_t found = 0;
        for (size_t i = 0; i < n; i++)
            if (strcmp(fields[i], column_names[c]) == 0) {
                self->place[c] = i;
                found++;
            }
        if (found != 1)
            return text_lines_fail(&self->lines, "column %s is %s (%zu columns); expected a header with run_id, t, speaker, listener and "
                             "label, separated by tabs", column_names[c], found ? "given twice" : "missing", n);
    }
    self->first_line = self->lines.line + 1;
    return QSG_OK;
}

static qsg_status read_time(const reader *self, const char *text, uint64_t *t)
{
    size_t length = strspn(text, "0123456789");
    errno = 0;
    unsigned long long value = strtoull(text, NULL, 10);
    if (!length || text[length] || errno || value > (uint64_t)1 << 53)
        return text_lines_fail(&self->lines, "t is not a time (%.60s); expected a whole number from 0 to 2^53", text);
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

/* The rows of one time are complete. */
static void end_group(grouping *self)
{
    if (!self->n)
        return;
    if (self->paired && !(self->n == 2 && self->mirrored)) {
        self->paired = false;
        self->unpaired = self->begin;
    }
    if (self->single && !self->same) {
        self->single = false;
        self->unlike = self->begin;
    }
}

static void add_to_group(grouping *self, const qsg_utterance *row, size_t i)
{
    if (!self->n || row->run != self->first.run || row->t != self->first.t) {
        end_group(self);
        self->first = *row;
        self->begin = i;
        self->n = 0;
        self->same = true;
    }
    self->n++;
    self->mirrored = self->n == 2 && row->speaker == self->first.listener && row->listener == self->first.speaker;
    self->same &= row->speaker == self->first.speaker && row->label == self->first.label;
}

static qsg_status name_row(reader *self, qsg_utterance *row)
{
    char **fields = self->lines.fields;
    for (int c = 0; c < N_COLUMNS; c++)
        if (!*fields[self->place[c]])
            return text_lines_fail(&self->lines, "%s is empty (field %zu); expected a text", column_names[c], self->place[c] + 1);
    qsg_status status = read_time(self, fields[self->place[COLUMN_T]], &row->t);
    if (status)
        return status;
    row->run = name_table_id(&self->runs, fields[self->place[COLUMN_RUN]]);
    row->speaker = name_table_id(&self->names, fields[self->place[COLUMN_SPEAKER]]);
    row->listener = name_table_id(&self->names, fields[self->place[COLUMN_LISTENER]]);
    row->label = name_table_id(&self->labels, fields[self->place[COLUMN_LABEL]]);
    return row->run == NO_ID || row->speaker == NO_ID || row->listener == NO_ID || row->label == NO_ID ? no_memory(self) : QSG_OK;
}

/* A new run begins with row i. */
static bool begin_run(reader *self, size_t i)
{
    if (self->runs.n + 1 > self->run_capacity) {
        const size_t capacity = self->run_capacity ? 2 * self->run_capacity : 64;
        size_t *grown = realloc(self->run_start, capacity * sizeof *grown);
        if (!grown)
            return false;
        self->run_start = grown;
        self->run_capacity = capacity;
    }
    self->run_start[self->runs.n - 1] = i;
    self->agents_now = 0;
    return true;
}

static qsg_status read_row(reader *self, qsg_utterance *row)
{
    const qsg_utterance *last = self->n_rows ? &self->last : NULL;
    const size_t runs_before = self->runs.n;
    qsg_status status = name_row(self, row);
    if (status)
        return status;
    if (row->speaker == row->listener)
        return text_lines_fail(&self->lines, "an agent talks to itself (%.60s); expected two agents", self->names.texts[row->speaker]);
    if (last && row->run == last->run && row->t < last->t)
        return text_lines_fail(&self->lines, "time goes back within run %.60s (%llu after %llu); expected rows ordered by t",
                               self->runs.texts[row->run], (unsigned long long)row->t, (unsigned long long)last->t);
    if (last && row->run != last->run && row->run < runs_before)
        return text_lines_fail(&self->lines, "a run goes on after another began (%.60s); expected the rows of a run together",
                               self->runs.texts[row->run]);
    if ((!last || row->run != last->run) && !begin_run(self, self->n_rows))
        return no_memory(self);
    if (!count_agent(self, row->speaker, row->run) || !count_agent(self, row->listener, row->run))
        return no_memory(self);
    self->first_t = row->t < self->first_t ? row->t : self->first_t;
    add_to_group(&self->group, row, self->n_rows);
    self->last = *row;
    self->n_rows++;
    return QSG_OK;
}

static qsg_status read_rows(reader *self, qsg_row_consumer *consumer, void *context)
{
    bool more = true;
    qsg_utterance row;
    qsg_status status = text_lines_next(&self->lines, "transcript", &more);
    if (!status)
        status = read_header(self);
    while (!status && !(status = text_lines_next(&self->lines, "transcript", &more)) && more) {
        status = read_row(self, &row);
        if (!status)
            status = consumer(context, &row);
    }
    end_group(&self->group);
    return status;
}

/* What was read becomes the transcript, which then owns the texts. */
static qsg_status finish(reader *self, qsg_transcript *out)
{
    const grouping *group = &self->group;
    *out = (qsg_transcript){.n_rows = self->n_rows, .n_runs = self->runs.n, .n_labels = self->labels.n, .n_names = self->names.n,
                            .agents = self->agents, .first_t = self->first_t, .paired = group->paired, .single = group->single,
                            .odd_row = group->unpaired > group->unlike ? group->unpaired : group->unlike,
                            .first_line = self->first_line, .path = strdup(self->lines.path), .run_start = self->run_start,
                            .labels = self->labels.texts, .runs = self->runs.texts, .names = self->names.texts};
    if (!out->path)
        return no_memory(self);
    out->run_start[out->n_runs] = out->n_rows;
    self->run_start = NULL;
    self->runs.texts = self->names.texts = self->labels.texts = NULL;
    self->runs.n = self->names.n = self->labels.n = 0;
    return QSG_OK;
}

qsg_status qsg_transcript_scan(qsg_transcript *self, const char *path, qsg_row_consumer *consumer, void *context, qsg_error *error)
{
    reader r = {.error = error, .first_t = UINT64_MAX, .group = {.paired = true, .single = true}};
    qsg_transcript out;
    qsg_status status = text_lines_open(&r.lines, path, error);
    if (!status)
        status = read_rows(&r, consumer, context);
    if (!status)
        status = finish(&r, &out);
    text_lines_close(&r.lines);
    free(r.seen);
    free(r.run_start);
    name_table_free(&r.runs);
    name_table_free(&r.names);
    name_table_free(&r.labels);
    if (!status)
        *self = out;
    return status;
}

typedef struct {
    qsg_utterance *rows;
    size_t n, capacity;
    const char *path;
    qsg_error *error;
} keeper;

static qsg_status keep_row(void *context, const qsg_utterance *row)
{
    keeper *self = context;
    if (self->n == self->capacity) {
        const size_t capacity = self->capacity ? self->capacity + self->capacity / 2 : 1024;
        qsg_utterance *grown = realloc(self->rows, capacity * sizeof *grown);
        if (!grown)
            return qsg_fail(self->error, QSG_ENOMEM, "no memory for the transcript %.200s (%zu rows)", self->path, self->n);
        self->rows = grown;
        self->capacity = capacity;
    }
    self->rows[self->n++] = *row;
    return QSG_OK;
}

qsg_status qsg_transcript_read(qsg_transcript *self, const char *path, qsg_error *error)
{
    keeper kept = {.path = path, .error = error};
    qsg_transcript out;
    qsg_status status = qsg_transcript_scan(&out, path, keep_row, &kept, error);
    if (status) {
        free(kept.rows);
        return status;
    }
    qsg_utterance *fitting = realloc(kept.rows, out.n_rows * sizeof *fitting);
    out.rows = fitting ? fitting : kept.rows;
    if (transcript_sort_labels(&out)) {
        *self = out;
        return QSG_OK;
    }
    qsg_transcript_free(&out);
    return qsg_fail(error, QSG_ENOMEM, "no memory for the labels of %.200s", path);
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
