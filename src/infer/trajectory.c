/* Trajectories of populations (doc/theory/transcripts.md, section 6).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/trajectory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "infer/name_table.h"
#include "infer/text_lines.h"

typedef struct {
    uint32_t run;
    uint64_t agents;
    double t, value;
} row;

typedef struct {
    text_lines lines;
    size_t run, t, agents, value, labels; /* fields; value: of U or S, or the first share */
    bool has_agents;
    qsg_series_kind kind;
    name_table runs;
    row *rows;
    size_t n, room;
    qsg_error *error;
} reader;

static qsg_status no_memory(const reader *self)
{
    return qsg_fail(self->error, QSG_ENOMEM, "no memory for the trajectories %.200s", self->lines.path);
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

/* A column that nobody reads is a mistake: a name misspelt, or another kind of table. */
static qsg_status check_columns(const reader *self)
{
    for (size_t i = 0; i < self->lines.n_fields; i++) {
        const bool value = i == self->value || (self->labels && i > self->value && i < self->value + self->labels);
        if (!value && i != self->run && i != self->t && !(self->has_agents && i == self->agents))
            return text_lines_fail(&self->lines, "unknown column (%.60s); expected run_id, t, agents, and one of U, S, or share_1, "
                                   "share_2, .., each once", self->lines.fields[i]);
    }
    return QSG_OK;
}

static qsg_status take_header(reader *self)
{
    char **fields = self->lines.fields;
    const size_t n = self->lines.n_fields;
    const bool base = find(fields, n, "run_id", &self->run) && find(fields, n, "t", &self->t);
    size_t u, s, first;
    const bool has_u = find(fields, n, "U", &u), has_s = find(fields, n, "S", &s);
    self->labels = count_shares(fields, n, &first);
    self->has_agents = find(fields, n, "agents", &self->agents);
    self->kind = has_s ? QSG_SERIES_S : QSG_SERIES_U;
    self->value = has_u ? u : has_s ? s : first;
    if (!base || has_u + has_s + (self->labels > 0) != 1 || self->labels == 1)
        return text_lines_fail(&self->lines, "the columns are not those of trajectories (%zu columns); expected run_id, t, and one of U, S, or share_1, "
                         "share_2, ..", n);
    return check_columns(self);
}

static qsg_status number(const reader *self, const char *text, const char *name, double low, double high, double *out)
{
    if (parse_number(text, "", "", out, NULL) || !(*out >= low && *out <= high))
        return text_lines_fail(&self->lines, "%s is not right (%.60s); expected a number from %g to %g", name, text, low, high);
    return QSG_OK;
}

/* The row's value: U or S as they stand, or U from the shares. */
static qsg_status take_value(const reader *self, double *out)
{
    double share, sum = 0, square = 0;
    for (size_t k = 0; k < (self->labels ? self->labels : 1); k++) {
        qsg_status status = number(self, self->lines.fields[self->value + k], self->labels ? "a share" : "the value", 0, 1 + 1e-9, &share);
        if (status)
            return status;
        sum += share;
        square += share * share;
    }
    if (self->labels && fabs(sum - 1) > 1e-6)
        return text_lines_fail(&self->lines, "the shares do not add up to 1 (%g); expected 1", sum);
    *out = fmin(self->labels ? square : sum, 1);
    return QSG_OK;
}

static bool keep(reader *self, const row *now)
{
    if (self->n == self->room) {
        const size_t room = self->room ? 2 * self->room : 1024;
        row *grown = realloc(self->rows, room * sizeof *grown);
        if (!grown)
            return false;
        self->rows = grown;
        self->room = room;
    }
    self->rows[self->n++] = *now;
    return true;
}

static qsg_status take_row(reader *self)
{
    char **fields = self->lines.fields;
    double agents = 0;
    row now;
    const size_t known = self->runs.n;
    if (!*fields[self->run])
        return text_lines_fail(&self->lines, "run_id is empty (field %zu); expected a text", self->run + 1);
    now.run = name_table_id(&self->runs, fields[self->run]);
    if (now.run == NO_ID)
        return no_memory(self);
    qsg_status status = number(self, fields[self->t], "t", 0, 1e18, &now.t);
    if (!status && now.t != floor(now.t))
        status = text_lines_fail(&self->lines, "t is not right (%.60s); expected a whole number of interactions", fields[self->t]);
    if (!status && self->has_agents)
        status = number(self, fields[self->agents], "agents", 2, 4294967295.0, &agents);
    if (!status)
        status = take_value(self, &now.value);
    if (status)
        return status;
    now.agents = (uint64_t)agents;
    const row *last = self->n ? &self->rows[self->n - 1] : NULL;
    if (last && last->run == now.run && (now.t <= last->t || now.agents != last->agents))
        return text_lines_fail(&self->lines, "a run's time does not go on, or its agents change (t = %g); expected ascending t, one size a run",
                               now.t);
    if (last && last->run != now.run && now.run < known)
        return text_lines_fail(&self->lines, "a run goes on after another began (%.60s); expected the rows of a run together",
                               fields[self->run]);
    return keep(self, &now) ? QSG_OK : no_memory(self);
}

static qsg_status read_lines(reader *self)
{
    bool more = true;
    qsg_status status = text_lines_next(&self->lines, "file of trajectories", &more);
    if (!status)
        status = take_header(self);
    while (!status && !(status = text_lines_next(&self->lines, "file of trajectories", &more)) && more)
        status = take_row(self);
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
                        "the same in all runs of one size", self->lines.path, self->runs.texts[self->rows[from].run], times);
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
    reader r = {.error = error};
    qsg_trajectories out = {.path = strdup(path)};
    qsg_status status = text_lines_open(&r.lines, path, error);
    if (!status)
        status = out.path ? read_lines(&r) : no_memory(&r);
    out.kind = r.kind;
    out.labels = r.labels;
    for (size_t from = 0, to; from < r.n && !status; from = to) {
        for (to = from + 1; to < r.n && r.rows[to].run == r.rows[from].run; to++)
            ;
        status = add_run(&r, &out, from, to);
    }
    text_lines_close(&r.lines);
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
    text_lines lines;
    size_t where;
    bool more, found = false;
    if (!text_lines_open(&lines, path, NULL) && !text_lines_next(&lines, "file", &more)) {
        char **fields = lines.fields;
        const size_t n = lines.n_fields;
        found = find(fields, n, "run_id", &where) && find(fields, n, "t", &where) && !find(fields, n, "speaker", &where) &&
                !find(fields, n, "label", &where);
    }
    text_lines_close(&lines);
    return found;
}
