/* From the rows of a transcript to interactions that can be replayed (doc/theory/inference.md, section 1).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "infer/likelihood.h"

/* Where an agent name stands in the present run and group; indexed by name. */
typedef struct {
    uint32_t run, number;     /* 1 + the last run it was seen in, and its number there */
    size_t said, moved;       /* 1 + index of its last record of each kind */
} place;

typedef struct {
    qsg_likelihood *out;
    const qsg_transcript *data;
    place *places;
    size_t n_said, n_moves, n_names;
    qsg_error *error;
} layout;

static qsg_status refuse(const layout *self, size_t row, const char *what, const char *name, const char *expected)
{
    return qsg_fail(self->error, QSG_EINPUT, "%.100s:%zu: %s (%.60s); expected %s", self->data->path,
                    self->data->first_line + row, what, name, expected);
}

/* The number of an agent within its run. */
static uint32_t number_of(layout *self, uint32_t name, uint32_t run)
{
    place *at = &self->places[name];
    if (at->run != run + 1) {
        at->run = run + 1;
        at->number = (uint32_t)self->out->run_agents[run]++;
        if (self->out->named)
            self->out->names[self->n_names] = name;
        self->n_names++;
    }
    return at->number;
}

/* The move of an agent in the group whose moves begin at `first`. */
static move_record *move_of(layout *self, uint32_t name, uint32_t run, size_t first)
{
    place *at = &self->places[name];
    const uint32_t number = number_of(self, name, run);
    if (at->moved <= first) {
        self->out->moves[self->n_moves] = (move_record){number, NOTHING, NOTHING};
        at->moved = ++self->n_moves;
    }
    return &self->out->moves[at->moved - 1];
}

static qsg_status add_row(layout *self, size_t i, const group_record *group)
{
    const qsg_utterance *row = &self->data->rows[i];
    move_record *speaker = move_of(self, row->speaker, row->run, group->moves);
    if (speaker->said == NOTHING) {
        speaker->said = row->label;
        self->out->said[self->n_said++] = (said_record){speaker->agent, row->label};
    } else if (speaker->said != row->label) {
        return refuse(self, i, "an agent says two labels at one time", self->data->names[row->speaker],
                      "one label an agent and t");
    }
    move_record *listener = move_of(self, row->listener, row->run, group->moves);
    if (listener->heard != NOTHING)
        return refuse(self, i, "an agent hears twice at one time", self->data->names[row->listener],
                      "at most one speaker for each listener and t");
    listener->heard = row->label;
    return QSG_OK;
}

static qsg_status lay_out(layout *self)
{
    qsg_likelihood *out = self->out;
    const qsg_transcript *data = self->data;
    for (size_t i = 0; i < data->n_rows; i++) {
        const qsg_utterance *row = &data->rows[i];
        if (!i || row->run != row[-1].run || row->t != row[-1].t)
            out->groups[out->n_groups++] = (group_record){self->n_said, self->n_moves};
        if (!i || row->run != row[-1].run) {
            out->run_group[row->run] = out->n_groups - 1;
            out->names_start[row->run] = self->n_names;
        }
        qsg_status status = add_row(self, i, &out->groups[out->n_groups - 1]);
        if (status)
            return status;
        if (out->run_agents[row->run] > out->agents)
            out->agents = out->run_agents[row->run];
    }
    out->groups[out->n_groups] = (group_record){self->n_said, self->n_moves};
    out->run_group[data->n_runs] = out->n_groups;
    return QSG_OK;
}

/* Agents that stand for rows of a file of beliefs must be named by the row. */
static qsg_status number_names(layout *self, const qsg_model *model)
{
    for (size_t i = 0; i < self->n_names; i++) {
        const char *name = self->data->names[self->out->names[i]];
        char *end;
        const unsigned long long row = strtoull(name, &end, 10);
        if (!*name || *end || strspn(name, "0123456789") != strlen(name) || row >= model->agents)
            return qsg_fail(self->error, QSG_EINPUT,
                            "an agent of the transcript is not a row of the file of start beliefs (%.60s); expected agents "
                            "named 0 to %llu", name, (unsigned long long)model->agents - 1);
        self->out->names[i] = (uint32_t)row;
    }
    return QSG_OK;
}

static qsg_status check(const qsg_model *model, const qsg_transcript *data, qsg_error *error)
{
    qsg_status status = qsg_model_require(model, QSG_USES_FIELD | QSG_USES_TEMPER | QSG_USES_INNOVATION, "fit", error);
    if (status)
        return status;
    if (model->bandwidth != 1)
        return qsg_fail(error, QSG_EMODEL, "a row of a transcript carries one label (bandwidth %s); expected 1",
                        model->texts[QSG_BANDWIDTH]);
    if (model->start.kind != QSG_START_POINT && model->start.kind != QSG_START_BELIEFS)
        return qsg_fail(error, QSG_EMODEL, "the start does not tell which agent believes what (%.100s); expected uniform, "
                                           "p1,..,pK or a file with a row an agent", model->texts[QSG_INIT]);
    if (model->labels < data->n_labels)
        return qsg_fail(error, QSG_EINPUT, "the transcript has more labels than the model (%zu); expected at least %zu",
                        model->labels, data->n_labels);
    if (model->agents < data->agents)
        return qsg_fail(error, QSG_EINPUT, "a run of the transcript has more agents than the population (%llu); expected "
                                           "at least %llu", (unsigned long long)model->agents,
                        (unsigned long long)data->agents);
    return QSG_OK;
}

static bool allocate(layout *self, const qsg_model *model)
{
    qsg_likelihood *out = self->out;
    const qsg_transcript *data = self->data;
    const size_t rows = data->n_rows, start = (out->named ? (size_t)model->agents : 1) * out->labels;
    out->start = malloc(start * sizeof(double));
    out->prior = malloc(out->labels * sizeof(double));
    out->said = malloc(rows * sizeof *out->said);
    out->moves = malloc(2 * rows * sizeof *out->moves);
    out->groups = malloc((rows + 1) * sizeof *out->groups);
    out->run_group = malloc((data->n_runs + 1) * sizeof *out->run_group);
    out->run_agents = calloc(data->n_runs, sizeof *out->run_agents);
    out->names_start = malloc(data->n_runs * sizeof *out->names_start);
    out->names = malloc((out->named ? 2 * rows : 1) * sizeof *out->names);
    self->places = calloc(data->n_names, sizeof *self->places);
    if (!out->start || !out->prior || !out->said || !out->moves || !out->groups || !out->run_group ||
        !out->run_agents || !out->names_start || !out->names || !self->places)
        return false;
    memcpy(out->start, out->named ? model->start.beliefs : model->start.p, start * sizeof(double));
    memcpy(out->prior, model->prior, out->labels * sizeof(double));
    return true;
}

qsg_status qsg_likelihood_new(const qsg_model *model, const qsg_transcript *data, qsg_likelihood **out,
                              qsg_error *error)
{
    qsg_status status = check(model, data, error);
    if (status)
        return status;
    layout work = {.out = calloc(1, sizeof *work.out), .data = data, .error = error};
    if (work.out) {
        work.out->labels = model->labels;
        work.out->runs = data->n_runs;
        work.out->named = model->start.kind == QSG_START_BELIEFS;
    }
    if (!work.out || !allocate(&work, model))
        status = qsg_fail(error, QSG_ENOMEM, "no memory for the likelihood of %zu rows", data->n_rows);
    if (!status)
        status = lay_out(&work);
    if (!status && work.out->named)
        status = number_names(&work, model);
    free(work.places);
    if (status)
        qsg_likelihood_free(work.out);
    else
        *out = work.out;
    return status;
}
