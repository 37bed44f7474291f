/* Trajectories of populations (doc/theory/transcripts.md, section 6).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/trajectory.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "infer/name_table.h"

enum { MAX_FIELDS = 1024 };

typedef struct {
    uint32_t run;
    uint64_t agents;
    double t, value;
} row;

typedef struct {
    const char *path;
    size_t line, n_fields, run, t, agents, value, labels; /* fields; value: of U or S, or the first share */
    bool has_agents;
    qsg_series_kind kind;
    name_table runs;
    row *rows;
    size_t n, room;
    qsg_error *error;
} reader;

__attribute__((format(printf, 2, 3))) static qsg_status bad(const reader *self, const char *format, ...)
{
    char what[300];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return qsg_fail(self->error, QSG_EINPUT, "%.100s:%zu: %s", self->path, self->line, what);
}

static qsg_status no_memory(const reader *self)
{
    return qsg_fail(self->error, QSG_ENOMEM, "no memory for the trajectories %.200s", self->path);
}

/* Cut the line at its tabs, its end off; how many fields. */
static size_t split(char *line, char **fields)
{
    size_t n = 0;
    line[strcspn(line, "\r\n")] = 0;
    for (char *at = line; at && n < MAX_FIELDS; n++) {
        fields[n] = at;
        at = strchr(at, '\t');
        if (at)
            *at++ = 0;
    }
    return n;
}

static bool find(char **fields, size_t n, const char *name, size_t *where)
{
    for (*where = 0; *where < n; ++*where)
        if (strcmp(fields[*where], name) == 0)
            return true;
    return false;
}

/* How many columns share_1, share_2, .. follow the first one at *first. */
static size_t count_shares(char **fields, size_t n, size_t *first)
{
    char name[32];
    size_t labels = 0;
    if (!find(fields, n, "share_1", first))
        return 0;
    do
        snprintf(name, sizeof name, "share_%zu", ++labels + 1);
    while (*first + labels < n && strcmp(fields[*first + labels], name) == 0);
    return labels;
}

static qsg_status take_header(reader *self, char **fields, size_t n)
{
    const bool base = find(fields, n, "run_id", &self->run) && find(fields, n, "t", &self->t);
    size_t u, s, first;
    const bool has_u = find(fields, n, "U", &u), has_s = find(fields, n, "S", &s);
    self->labels = count_shares(fields, n, &first);
    self->has_agents = find(fields, n, "agents", &self->agents);
    self->n_fields = n;
    self->kind = has_s ? QSG_SERIES_S : QSG_SERIES_U;
    self->value = has_u ? u : has_s ? s : first;
    if (!base || has_u + has_s + (self->labels > 0) != 1 || self->labels == 1)
        return bad(self, "the columns are not those of trajectories (%zu columns); expected run_id, t, and one of U, S, or share_1, "
                         "share_2, ..", n);
    return QSG_OK;
}

static qsg_status number(const reader *self, const char *text, const char *name, double low, double high, double *out)
{
    char *end;
    *out = strtod(text, &end);
    if (!*text || *end || !(*out >= low && *out <= high))
        return bad(self, "%s is not right (%.60s); expected a number from %g to %g", name, text, low, high);
    return QSG_OK;
}

static qsg_status take_row(reader *self, char **fields, size_t n)
{
    double agents = 0, share, sum = 0, square = 0;
    row now;
    if (n != self->n_fields)
        return bad(self, "wrong number of fields (%zu); expected %zu as in the header", n, self->n_fields);
    const size_t known = self->runs.n;
    now.run = *fields[self->run] ? name_table_id(&self->runs, fields[self->run]) : NO_ID;
    if (now.run == NO_ID)
        return *fields[self->run] ? no_memory(self) : bad(self, "run_id is empty (field %zu); expected a text", self->run + 1);
    qsg_status status = number(self, fields[self->t], "t", 0, 1e18, &now.t);
    if (!status && now.t != floor(now.t))
        status = bad(self, "t is not right (%.60s); expected a whole number of interactions", fields[self->t]);
    if (!status && self->has_agents)
        status = number(self, fields[self->agents], "agents", 2, 4294967295.0, &agents);
    for (size_t k = 0; k < (self->labels ? self->labels : 1) && !status; k++) {
        status = number(self, fields[self->value + k], self->labels ? "a share" : "the value", 0, 1 + 1e-9, &share);
        sum += share;
        square += share * share;
    }
    if (!status && self->labels && fabs(sum - 1) > 1e-6)
        status = bad(self, "the shares do not add up to 1 (%g); expected 1", sum);
    if (status)
        return status;
    now.value = fmin(self->labels ? square : sum, 1);
    now.agents = (uint64_t)agents;
    const row *last = self->n ? &self->rows[self->n - 1] : NULL;
    if (last && last->run == now.run && (now.t <= last->t || now.agents != last->agents))
        return bad(self, "a run's time does not go on, or its agents change (t = %g); expected ascending t, one size a run", now.t);
    if (last && last->run != now.run && now.run < known)
        return bad(self, "a run goes on after another began (%.60s); expected the rows of a run together", fields[self->run]);
    if (self->n == self->room) {
        const size_t room = self->room ? 2 * self->room : 1024;
        row *grown = realloc(self->rows, room * sizeof *grown);
        if (!grown)
            return no_memory(self);
        self->rows = grown;
        self->room = room;
    }
    self->rows[self->n++] = now;
    return QSG_OK;
}

static qsg_status read_lines(reader *self, FILE *stream)
{
    char *line = NULL, **fields = malloc(MAX_FIELDS * sizeof *fields);
    size_t size = 0;
    ssize_t length;
    qsg_status status = fields ? QSG_OK : no_memory(self);
    while (!status && (length = getline(&line, &size, stream)) >= 0) {
        self->line++;
        if (strlen(line) != (size_t)length)
            status = bad(self, "the line has a NUL character (byte %zu); expected text", strlen(line) + 1);
        else if (*line == '#' && !self->n_fields)
            continue;
        else if (!status) {
            const size_t n = split(line, fields);
            status = self->n_fields ? take_row(self, fields, n) : take_header(self, fields, n);
        }
    }
    if (!status && ferror(stream))
        status = qsg_fail(self->error, QSG_EIO, "reading %.200s failed: %s", self->path, strerror(errno));
    if (!status && !self->n)
        status = bad(self, "the trajectories have no rows (%s); expected a header and rows", self->n_fields ? "only a header"
                                                                                                           : "no header either");
    free(line);
    free(fields);
    return status;
}

/* Put the run in rows [from, to) into the group of its size, which is made when it is new. */
static qsg_status add_run(reader *self, qsg_trajectories *out, size_t from, size_t to)
{
    const size_t times = to - from;
    size_t g = 0;
    while (g < out->n_groups && out->groups[g].agents < self->rows[from].agents)
        g++;
    if (g == out->n_groups || out->groups[g].agents != self->rows[from].agents) {
        qsg_trajectory_group *grown = realloc(out->groups, (out->n_groups + 1) * sizeof *grown);
        if (!grown)
            return no_memory(self);
        out->groups = grown;
        memmove(grown + g + 1, grown + g, (out->n_groups++ - g) * sizeof *grown);
        grown[g] = (qsg_trajectory_group){.agents = self->rows[from].agents, .times = times, .time = malloc(times * sizeof(double))};
        if (!grown[g].time)
            return no_memory(self);
        for (size_t i = 0; i < times; i++)
            grown[g].time[i] = self->rows[from + i].t;
    }
    qsg_trajectory_group *group = &out->groups[g];
    bool same = times == group->times;
    for (size_t i = 0; i < times && same; i++)
        same = self->rows[from + i].t == group->time[i];
    if (!same)
        return qsg_fail(self->error, QSG_EINPUT, "%.100s: run %.60s has other times than the runs before it (%zu times); expected "
                        "the same in all runs of one size", self->path, self->runs.texts[self->rows[from].run], times);
    double *grown = realloc(group->value, (group->runs + 1) * times * sizeof *grown);
    if (!grown)
        return no_memory(self);
    group->value = grown;
    for (size_t i = 0; i < times; i++)
        grown[group->runs * times + i] = self->rows[from + i].value;
    group->runs++;
    return QSG_OK;
}

void qsg_trajectories_free(qsg_trajectories *self)
{
    for (size_t g = 0; g < self->n_groups; g++) {
        free(self->groups[g].time);
        free(self->groups[g].value);
    }
    free(self->groups);
    free(self->path);
    *self = (qsg_trajectories){0};
}

qsg_status qsg_trajectories_read(qsg_trajectories *self, const char *path, qsg_error *error)
{
    reader r = {.path = path, .error = error};
    qsg_trajectories out = {.path = strdup(path)};
    FILE *stream = fopen(path, "r");
    qsg_status status = !stream ? qsg_fail(error, QSG_EIO, "cannot read %.200s: %s", path, strerror(errno))
                                : out.path ? read_lines(&r, stream) : no_memory(&r);
    if (stream)
        fclose(stream);
    out.kind = r.kind;
    out.labels = r.labels;
    for (size_t from = 0, to; from < r.n && !status; from = to) {
        for (to = from + 1; to < r.n && r.rows[to].run == r.rows[from].run; to++)
            ;
        status = add_run(&r, &out, from, to);
    }
    free(r.rows);
    name_table_free(&r.runs);
    if (status)
        qsg_trajectories_free(&out);
    else
        *self = out;
    return status;
}

bool qsg_trajectories_recognize(const char *path)
{
    char *line = NULL, **fields = malloc(MAX_FIELDS * sizeof *fields);
    size_t size = 0, where;
    FILE *stream = fopen(path, "r");
    bool more = false;
    while (stream && (more = getline(&line, &size, stream) >= 0) && *line == '#')
        ;
    const size_t n = more && fields ? split(line, fields) : 0;
    const bool found = n && find(fields, n, "run_id", &where) && find(fields, n, "t", &where) &&
                       !find(fields, n, "speaker", &where) && !find(fields, n, "label", &where);
    free(line);
    free(fields);
    if (stream)
        fclose(stream);
    return found;
}
