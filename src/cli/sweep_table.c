/* The table of a sweep from its rows.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "cli/sweep.h"

/* All rows side by side. */
typedef struct {
    double *values; /* points */
    const char **texts;
    size_t n; /* points of the table */
} columns;

static void put_axis(const sweep *self, size_t axis, columns *room, qsg_result *result)
{
    const char *name = qsg_model_options[self->grid.axes[axis].option].name;
    char path[64];
    bool numbers = true;
    for (size_t i = 0; i < room->n; i++) {
        room->texts[i] = qsg_sweep_text(&self->grid, i, axis);
        numbers = numbers && parse_number(room->texts[i], "", "", &room->values[i], NULL) == QSG_OK;
    }
    snprintf(path, sizeof path, "parameters.%s", name);
    if (numbers)
        qsg_result_column(result, name, path, room->n, room->values, "", QSG_INPUT, "varied");
    else
        qsg_result_text_column(result, name, path, room->n, room->texts, "varied");
}

/* Cell `index` of a row: the number, its basis and unit; false where there is none. */
static bool read_cell(const char *row, size_t index, double *value, qsg_basis *basis, char unit[static 40])
{
    char *end;
    for (; index; index--)
        row = strchr(row, '\t') + 1;
    if (*row == '-' && row[1] == '\t')
        return false;
    *value = strtod(row, &end);
    *basis = (qsg_basis)strtol(end + 1, &end, 10);
    snprintf(unit, 40, "%.*s", (int)strcspn(end + 1, "\t"), end + 1);
    return true;
}

static void put_values(const sweep *self, char *const *rows, size_t c, columns *room, qsg_result *result)
{
    const sweep_column *column = &self->columns[c];
    char unit[40] = "", found[40];
    qsg_basis weakest = QSG_INPUT, basis;
    bool mixed = false, any = false;
    for (size_t i = 0; i < room->n; i++) {
        room->values[i] = NAN;
        if (!read_cell(rows[i], c, &room->values[i], &basis, found))
            continue;
        if (!any)
            strcpy(unit, found);
        mixed |= any && basis != weakest;
        weakest = !any || basis > weakest ? basis : weakest;
        any = true;
    }
    if (!any && self->opts->texts[OPT_COLUMNS])
        fprintf(stderr, "qsg: no point has the key of a column (%s); see the keys of %s in the manual\n", column->path,
                sweep_verb_names[self->verb]);
    char meaning[64];
    snprintf(meaning, sizeof meaning, "%s %s%s", mixed ? "weakest of the rows;" : "key of",
             sweep_verb_names[self->verb], column->element == SIZE_MAX ? ", at the last time" : "");
    qsg_result_column(result, column->name, column->name, room->n, room->values, unit, weakest,
                      any ? meaning : "at no point");
}

size_t sweep_disagreeing(const sweep *self, char *const *rows)
{
    size_t c = 0, n = 0;
    double agree;
    qsg_basis basis;
    char unit[40];
    while (c < self->n_columns && !(strcmp(self->columns[c].path, "agree") == 0 && self->columns[c].element == 0))
        c++;
    for (size_t i = 0; self->verb == DO_COMPARE && c < self->n_columns && i < self->points; i++)
        n += rows[i] && read_cell(rows[i], c, &agree, &basis, unit) && agree == 0;
    return n;
}

/* What every row shares. */
static void put_fixed(const sweep *self, char *const *rows, qsg_result *result)
{
    char path[64];
    qsg_result_text(result, "do", sweep_verb_names[self->verb], "");
    qsg_result_integer(result, "points", (int64_t)self->points, "", QSG_INPUT, "");
    if (self->verb == DO_COMPARE)
        qsg_result_integer(result, "disagreeing", (int64_t)sweep_disagreeing(self, rows), "points", QSG_SIMULATED,
                           "agree is 0 there");
    for (int i = 0; i < QSG_MODEL_OPTIONS; i++) {
        const char *given = self->opts->settings.texts[i];
        bool varied = false;
        for (size_t a = 0; a < self->grid.n; a++)
            varied |= (int)self->grid.axes[a].option == i;
        snprintf(path, sizeof path, "fixed.%s", qsg_model_options[i].name);
        if (!varied)
            qsg_result_text(result, path, given ? given : qsg_model_options[i].standard, "");
    }
}

qsg_result *sweep_table(const sweep *self, char *const *rows)
{
    columns room = {.n = self->points};
    room.values = malloc(room.n * sizeof *room.values);
    room.texts = malloc(room.n * sizeof *room.texts);
    qsg_result *result = room.values && room.texts ? new_result(self->opts, NULL) : NULL;
    if (result) {
        put_fixed(self, rows, result);
        for (size_t a = 0; a < self->grid.n; a++)
            put_axis(self, a, &room, result);
        for (size_t c = 0; c < self->n_columns; c++)
            if (!self->columns[c].hidden)
                put_values(self, rows, c, &room, result);
        for (size_t i = 0; i < room.n; i++)
            room.texts[i] = strrchr(rows[i], '\t') + 1;
        qsg_result_text_column(result, "status", "status", room.n, room.texts, "ok, or why there is no result");
    }
    free(room.values);
    free(room.texts);
    return result;
}
