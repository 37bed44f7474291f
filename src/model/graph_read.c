/* Edge lists (doc/theory/graphs.md, section 1).  SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/graph_private.h"

enum { FIRST, SECOND, WEIGHT, COLUMNS, MOST_COLUMNS = 3 };

/* One file: what stands in which column, and where the reader is. */
typedef struct {
    const char *path;
    size_t line, nodes;
    int columns;            /* 0: not known yet */
    int role[MOST_COLUMNS]; /* of each column: FIRST (or the speaker), SECOND (or the listener), WEIGHT */
    edge_list *edges;
} edge_file;

static const char *const blanks = " \t,\r\n";

/* The length of the word at `text`, at most what a message shows. */
static int shown(const char *text)
{
    const size_t n = strcspn(text, blanks);
    return n < 40 ? (int)n : 40;
}

/* The next word of the line; NULL at its end. */
static char *word_after(char *at)
{
    at += strcspn(at, blanks);
    at += strspn(at, blanks);
    return *at ? at : NULL;
}

static qsg_status read_header(edge_file *self, char *line, qsg_error *error)
{
    static const struct { const char *name; int role; bool directed; } names[] = {
        {"a", FIRST, false}, {"b", SECOND, false}, {"speaker", FIRST, true}, {"listener", SECOND, true}, {"weight", WEIGHT, false}};
    static const char *const wanted = "a and b, or speaker and listener, and perhaps weight";
    bool seen[COLUMNS] = {false}, directed[COLUMNS] = {false};
    for (char *at = line; at; at = word_after(at)) {
        const size_t length = strcspn(at, blanks), n = sizeof names / sizeof *names;
        size_t i = 0;
        while (i < n && (strlen(names[i].name) != length || strncasecmp(at, names[i].name, length) != 0))
            i++;
        if (i == n)
            return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: unknown column (%.*s); expected %s", self->path, self->line,
                            shown(at), at, wanted);
        if (seen[names[i].role])
            return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: column given twice (%s); expected %s", self->path,
                            self->line, names[i].name, wanted);
        seen[names[i].role] = true;
        directed[names[i].role] = names[i].directed;
        self->role[self->columns++] = names[i].role;
    }
    if (!seen[FIRST] || !seen[SECOND] || directed[FIRST] != directed[SECOND])
        return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: missing column (%.*s ..); expected %s", self->path, self->line,
                        shown(line), line, wanted);
    self->edges->directed = directed[FIRST];
    self->edges->weighted = seen[WEIGHT];
    return QSG_OK;
}

/* Without a header: two numbers a line, or three, as the first line has. */
static void guess_columns(edge_file *self, char *line)
{
    for (char *at = line; at && self->columns < MOST_COLUMNS; at = word_after(at))
        self->columns++;
    for (int i = 0; i < MOST_COLUMNS; i++)
        self->role[i] = i;
    self->edges->weighted = self->columns == 3;
}

static qsg_status read_agent(const edge_file *self, const char *at, uint32_t *agent, qsg_error *error)
{
    uint64_t value = 0;
    const char *end = at;
    for (; isdigit((unsigned char)*end) && value <= UINT32_MAX; end++)
        value = 10 * value + (uint64_t)(*end - '0');
    if (end == at || (!isdigit((unsigned char)*end) && *end && !strchr(blanks, *end)))
        return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: not an agent (%.*s); expected a whole number from 1 to %zu",
                        self->path, self->line, shown(at), at, self->nodes);
    if (value < 1 || value > self->nodes)
        return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: agent is out of range (%.*s); expected 1 to %zu", self->path,
                        self->line, shown(at), at, self->nodes);
    *agent = (uint32_t)value - 1;
    return QSG_OK;
}

static qsg_status read_weight(const edge_file *self, const char *at, double *weight, qsg_error *error)
{
    char *end;
    const double value = strtod(at, &end);
    if (end == at || (*end && !strchr(blanks, *end)) || !(value > 0) || isinf(value))
        return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: weight is out of range (%.*s); expected a number > 0",
                        self->path, self->line, shown(at), at);
    *weight = value;
    return QSG_OK;
}

static qsg_status read_edge(edge_file *self, char *line, qsg_error *error)
{
    uint32_t ends[2] = {0, 0};
    double weight = 1;
    int column = 0;
    qsg_status status = QSG_OK;
    for (char *at = line; at && !status; at = word_after(at), column++) {
        if (column == self->columns)
            return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: the line goes on after its columns (%.*s); expected %d",
                            self->path, self->line, shown(at), at, self->columns);
        if (self->role[column] == WEIGHT)
            status = read_weight(self, at, &weight, error);
        else
            status = read_agent(self, at, &ends[self->role[column]], error);
    }
    if (status)
        return status;
    if (column < self->columns || column < 2)
        return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: missing column (the line has %d); expected %d", self->path,
                        self->line, column, self->columns < 2 ? 2 : self->columns);
    if (ends[0] == ends[1])
        return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: agent %llu is joined to itself; expected two different agents",
                        self->path, self->line, (unsigned long long)ends[0] + 1);
    return edge_list_add(self->edges, ends[0], ends[1], weight, self->line, error);
}

static qsg_status read_line(edge_file *self, char *line, size_t length, qsg_error *error)
{
    char *at = line + (self->line == 1 && strncmp(line, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0); /* a byte order mark */
    if (strlen(line) != length)
        return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: a zero byte; expected text", self->path, self->line);
    at += strspn(at, blanks);
    if (!*at || *at == '#')
        return QSG_OK;
    if (self->columns == 0 && isalpha((unsigned char)*at))
        return read_header(self, at, error);
    if (self->columns == 0)
        guess_columns(self, at);
    return read_edge(self, at, error);
}

qsg_status qsg_graph_read(qsg_graph *self, const char *path, size_t nodes, qsg_error *error)
{
    edge_list edges = {.numbered = true};
    edge_file source = {.path = path, .nodes = nodes, .edges = &edges};
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    qsg_status status = QSG_OK;
    FILE *file = fopen(path, "r");
    if (!file)
        return qsg_fail(error, QSG_EINPUT, "graph is neither a known name nor a readable file (%.200s: %s); expected "
                        "complete, ring, star, torus:LxW, er:P:SEED, ba:M:SEED or an edge list", path, strerror(errno));
    while (!status && (length = getline(&line, &room, file)) > 0) {
        source.line++;
        status = read_line(&source, line, (size_t)length, error);
    }
    if (!status && ferror(file))
        status = qsg_fail(error, QSG_EIO, "reading the graph failed (%.200s: %s)", path, strerror(errno));
    if (!status && edges.n == 0)
        status = qsg_fail(error, QSG_EINPUT, "%.200s:%zu: the file ends without an edge; expected a line 'a b' or more",
                          path, source.line + 1);
    if (!status)
        status = graph_assemble(self, &edges, nodes, path, error);
    free(line);
    fclose(file);
    edge_list_free(&edges);
    return status;
}
