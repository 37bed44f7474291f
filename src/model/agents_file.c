/* --agents-file: a row an agent (doc/manual.md).  SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "model/model_private.h"

#define SUM_TOLERANCE 1e-6

enum { AGENT, ALPHA, BANDWIDTH, BELIEF }; /* BELIEF + k: belief in label k + 1 */

typedef struct {
    qsg_model *model;
    const char *path;
    size_t line, columns;
    size_t *role;  /* of each column */
    bool *seen;    /* of each agent */
    uint64_t rows;
} agents_file;

static const char *const blanks = " \t\r\n";

/* Cut the line into words; how many, at most `most` of which are in words[]. */
static size_t split(char *line, char **words, size_t most)
{
    char *rest = NULL;
    size_t n = 0;
    for (char *word = strtok_r(line, blanks, &rest); word; word = strtok_r(NULL, blanks, &rest), n++)
        if (n < most)
            words[n] = word;
    return n;
}

/* What a column is, SIZE_MAX for none of the known. */
static size_t role_of(const char *name, size_t labels)
{
    uint64_t k;
    if (strcmp(name, "agent") == 0)
        return AGENT;
    if (strcmp(name, "alpha") == 0)
        return ALPHA;
    if (strcmp(name, "bandwidth") == 0)
        return BANDWIDTH;
    if (strncmp(name, "belief_", 7) == 0 && parse_whole(name + 7, "", 1, labels, &k, NULL) == QSG_OK)
        return BELIEF + (size_t)k - 1;
    return SIZE_MAX;
}

static double *new_column(size_t n, qsg_error *error)
{
    double *column = calloc(n, sizeof *column);
    if (!column)
        qsg_fail(error, QSG_ENOMEM, "no memory for %zu numbers of agents-file", n);
    return column;
}

/* The arrays that the columns fill. */
static qsg_status take_memory(agents_file *self, bool alpha, bool bandwidth, bool beliefs, qsg_error *error)
{
    qsg_model *model = self->model;
    const size_t n = (size_t)model->agents;
    if (alpha && !(model->agent_alpha = new_column(n, error)))
        return QSG_ENOMEM;
    if (bandwidth && !(model->agent_bandwidth = new_column(n, error)))
        return QSG_ENOMEM;
    if (beliefs && (double)n * (double)model->labels > MODEL_MAX_BELIEFS)
        return qsg_fail(error, QSG_EDOMAIN, "agents-file is too large (%g beliefs); expected at most %g",
                        (double)n * (double)model->labels, MODEL_MAX_BELIEFS);
    if (beliefs && !(model->start.beliefs = new_column(n * model->labels, error)))
        return QSG_ENOMEM;
    return QSG_OK;
}

static qsg_status read_header(agents_file *self, char **words, size_t n, qsg_error *error)
{
    const size_t labels = self->model->labels;
    size_t beliefs = 0;
    if (n > BELIEF + labels)
        return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: too many columns (%zu); expected agent, alpha, bandwidth, belief_1 "
                        ".. belief_%zu", self->path, self->line, n, labels);
    bool *seen = calloc(BELIEF + labels, sizeof *seen);
    if (!seen)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu columns", n);
    qsg_status status = QSG_OK;
    for (size_t i = 0; i < n && !status; i++) {
        const size_t role = role_of(words[i], labels);
        if (role == SIZE_MAX && strchr(words[i], ',')) {
            status = qsg_fail(error, QSG_EINPUT, "%.200s:%zu: columns are apart by commas (%.40s); expected tabs or blanks", self->path,
                              self->line, words[i]);
            break;
        }
        if (role == SIZE_MAX || seen[role]) {
            status = qsg_fail(error, QSG_EINPUT, "%.200s:%zu: %s column (%.40s); expected agent, alpha, bandwidth, "
                              "belief_1 .. belief_%zu", self->path, self->line, role == SIZE_MAX ? "unknown" : "repeated",
                              words[i], labels);
            break;
        }
        self->role[i] = role;
        seen[role] = true;
        beliefs += role >= BELIEF;
    }
    self->columns = n;
    if (!status && !seen[AGENT])
        status = qsg_fail(error, QSG_EINPUT, "%.200s:%zu: missing column (agent); expected a header with agent",
                          self->path, self->line);
    if (!status && beliefs > 0 && beliefs < labels)
        status = qsg_fail(error, QSG_EINPUT, "%.200s:%zu: missing column (%zu of the beliefs); expected belief_1 .. "
                          "belief_%zu, or none", self->path, self->line, labels - beliefs, labels);
    if (!status)
        status = take_memory(self, seen[ALPHA], seen[BANDWIDTH], beliefs > 0, error);
    free(seen);
    return status;
}

static qsg_status read_value(const agents_file *self, size_t role, const char *word, double *value, qsg_error *error)
{
    static const char *const names[] = {"agent", "alpha", "bandwidth", "belief"};
    const char *const name = names[role < BELIEF ? role : BELIEF];
    const qsg_model *model = self->model;
    const bool number = parse_number(word, "", "", value, NULL) == QSG_OK;
    const double v = number ? *value : NAN;
    bool good;
    switch (role) {
    case AGENT: good = v >= 1 && v <= (double)model->agents && v == floor(v); break;
    case ALPHA: good = v == 0 || (v >= MODEL_MIN_ALPHA && v <= 1); break;
    case BANDWIDTH:
        good = strcmp(word, "inf") == 0 || (v >= 1 && v <= MODEL_MAX_BANDWIDTH && v == floor(v));
        *value = number ? v : INFINITY;
        break;
    default: good = v >= 0 && v <= 1 + 1e-9; break;
    }
    if (good)
        return QSG_OK;
    char expected[80];
    switch (role) {
    case AGENT: snprintf(expected, sizeof expected, "a whole number from 1 to %llu", (unsigned long long)model->agents); break;
    case ALPHA: strcpy(expected, "0 (committed) or a number in (0, 1]"); break;
    case BANDWIDTH: strcpy(expected, "a whole number from 1 on, or inf"); break;
    default: strcpy(expected, "a number in [0, 1]"); break;
    }
    return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: %s is out of range (%.40s); expected %s", self->path, self->line, name,
                    word, expected);
}

/* The values of a row into the arrays of its agent; values[] by role. */
static qsg_status keep_row(agents_file *self, const double *values, qsg_error *error)
{
    qsg_model *model = self->model;
    const size_t agent = (size_t)values[AGENT] - 1;
    double sum = 0;
    if (self->seen[agent])
        return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: agent is there already (%zu); expected each agent once", self->path,
                        self->line, agent + 1);
    self->seen[agent] = true;
    self->rows++;
    if (model->agent_alpha) {
        if (!(values[ALPHA] + model->self <= 1 + 4e-16))
            return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: alpha is out of range (%g with self %g); expected alpha + self "
                            "<= 1", self->path, self->line, values[ALPHA], model->self);
        model->agent_alpha[agent] = values[ALPHA];
    }
    if (model->agent_bandwidth)
        model->agent_bandwidth[agent] = values[BANDWIDTH];
    if (!model->start.beliefs)
        return QSG_OK;
    for (size_t k = 0; k < model->labels; k++)
        sum += values[BELIEF + k];
    if (!(fabs(sum - 1) <= SUM_TOLERANCE))
        return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: beliefs sum to %.9g; expected 1", self->path, self->line, sum);
    for (size_t k = 0; k < model->labels; k++)
        model->start.beliefs[agent * model->labels + k] = values[BELIEF + k] / sum;
    return QSG_OK;
}

static qsg_status read_row(agents_file *self, char *line, size_t length, char **words, double *values, qsg_error *error)
{
    const size_t most = BELIEF + self->model->labels + 1;
    qsg_status status = QSG_OK;
    if (strlen(line) != length)
        return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: a zero byte; expected text", self->path, self->line);
    line += self->line == 1 && strncmp(line, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; /* a byte order mark */
    line += strspn(line, blanks);
    if (!*line || *line == '#')
        return QSG_OK;
    const size_t n = split(line, words, most);
    if (self->columns == 0)
        return read_header(self, words, n, error);
    if (n != self->columns)
        return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: %s column (the row has %zu); expected %zu, as the header has",
                        self->path, self->line, n < self->columns ? "missing" : "surplus", n, self->columns);
    for (size_t i = 0; i < n && !status; i++)
        status = read_value(self, self->role[i], words[i], &values[self->role[i]], error);
    return status ? status : keep_row(self, values, error);
}

static qsg_status read_rows(agents_file *self, FILE *file, qsg_error *error)
{
    const size_t columns = BELIEF + self->model->labels;
    char *line = NULL, **words = calloc(columns + 1, sizeof *words);
    double *values = calloc(columns, sizeof *values);
    size_t room = 0;
    ssize_t length;
    qsg_status status = QSG_OK;
    self->role = calloc(columns, sizeof *self->role);
    self->seen = calloc((size_t)self->model->agents, sizeof *self->seen);
    if (!words || !values || !self->role || !self->seen)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for agents-file");
    while (!status && (length = getline(&line, &room, file)) > 0) {
        self->line++;
        status = read_row(self, line, (size_t)length, words, values, error);
    }
    if (!status && ferror(file))
        status = qsg_fail(error, QSG_EIO, "reading agents-file failed (%.200s: %s)", self->path, strerror(errno));
    if (!status && self->columns == 0)
        status = qsg_fail(error, QSG_EINPUT, "%.200s:%zu: the file ends without a header; expected columns agent, alpha, "
                          "bandwidth, belief_1 ..", self->path, self->line + 1);
    if (!status && self->rows < self->model->agents) {
        size_t missing = 0;
        while (self->seen[missing])
            missing++;
        status = qsg_fail(error, QSG_EINPUT, "%.200s:%zu: the file ends without agent %zu (%llu rows); expected %llu, one "
                          "an agent", self->path, self->line + 1, missing + 1, (unsigned long long)self->rows,
                          (unsigned long long)self->model->agents);
    }
    free(line);
    free(words);
    free(values);
    free(self->role);
    free(self->seen);
    return status;
}

qsg_status model_read_agents_file(qsg_model *self, const char *text, qsg_error *error)
{
    agents_file source = {.model = self, .path = text};
    if (strcmp(text, "none") == 0)
        return QSG_OK;
    if (self->agents > UINT32_MAX)
        return qsg_fail(error, QSG_EDOMAIN, "agents-file is for fewer agents (%llu); expected at most %llu",
                        (unsigned long long)self->agents, (unsigned long long)UINT32_MAX);
    FILE *file = fopen(text, "r");
    if (!file)
        return qsg_fail(error, QSG_EINPUT, "agents-file cannot be read (%.200s: %s); expected a TSV file with an agent a "
                        "row", text, strerror(errno));
    qsg_status status = read_rows(&source, file, error);
    fclose(file);
    return status;
}

qsg_status model_take_alpha(qsg_model *self, qsg_error *error)
{
    if (!self->agent_alpha)
        return qsg_fail(error, QSG_EINPUT, "--alpha is missing, and so is a column alpha (agents-file %.200s); expected one of "
                        "the two", self->texts[QSG_AGENTS_FILE]);
    self->alpha = 1;
    for (uint64_t i = 0; i < self->agents; i++)
        if (self->agent_alpha[i] > 0)
            self->alpha = fmin(self->alpha, self->agent_alpha[i]);
    return QSG_OK;
}
