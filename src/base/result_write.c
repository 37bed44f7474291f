/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/result_private.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"

/* ---- TSV ---- */

static void put_number(FILE *stream, double value)
{
    char text[32] = "-";
    fwrite(text, 1, isfinite(value) ? decimal_format(value, text) : 1, stream);
}

/* A text in one cell of one line: what would end either becomes a blank. */
static void put_text(FILE *stream, const char *text)
{
    for (; *text; text++)
        fputc((unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text, stream);
}

static void put_note(FILE *stream, const entry *e, bool number)
{
    if (*e->unit)
        fprintf(stream, " %s", e->unit);
    if (number && *e->meaning)
        fprintf(stream, "  (%s; %s)", qsg_basis_name(e->basis), e->meaning);
    else if (*e->meaning)
        fprintf(stream, "  (%s)", e->meaning);
    fputc('\n', stream);
}

/* A path as people read it: "\." is a dot inside a name. */
static void plain_path(const char *path, char out[static 128])
{
    size_t n = 0;
    for (; *path && n < 127; path++)
        if (*path != '\\')
            out[n++] = *path;
    out[n] = 0;
}

static void put_entry(FILE *stream, const entry *e)
{
    char path[128];
    plain_path(e->path, path);
    fprintf(stream, "# %s = ", path);
    switch (e->kind) {
    case ENTRY_NUMBER: put_number(stream, e->number); break;
    case ENTRY_INTEGER: fprintf(stream, "%lld", (long long)e->integer); break;
    case ENTRY_FLAG: fputs(e->integer ? "yes" : "no", stream); break;
    case ENTRY_TEXT: put_text(stream, e->text); break;
    default:
        for (size_t i = 0; i < e->n; i++) {
            if (i)
                fputc(',', stream);
            put_number(stream, e->values[i]);
        }
    }
    put_note(stream, e, e->kind != ENTRY_TEXT && e->kind != ENTRY_FLAG && e->basis != QSG_INPUT);
}

/* Whether entry e is a column of that table. */
static bool belongs(const entry *e, size_t table)
{
    return entry_is_column(e) && e->table == table;
}

static void put_table(const qsg_result *self, size_t table, FILE *stream)
{
    size_t rows = 0, columns = 0;
    for (size_t i = 0; i < self->n; i++) {
        const entry *e = &self->entries[i];
        if (!belongs(e, table))
            continue;
        rows = e->n;
        fprintf(stream, "# column %zu: %s", ++columns, e->name);
        put_note(stream, e, e->kind == ENTRY_COLUMN && e->basis != QSG_INPUT);
    }
    for (size_t i = 0, c = 0; i < self->n; i++)
        if (belongs(&self->entries[i], table))
            fprintf(stream, "%s%s", c++ ? "\t" : "# ", self->entries[i].name);
    if (columns)
        fputc('\n', stream);
    for (size_t r = 0; r < rows; r++) {
        for (size_t i = 0, c = 0; i < self->n; i++) {
            const entry *e = &self->entries[i];
            if (!belongs(e, table))
                continue;
            if (c++)
                fputc('\t', stream);
            if (e->kind == ENTRY_COLUMN)
                put_number(stream, e->values[r]);
            else if (e->kind == ENTRY_FLAG_COLUMN)
                fputs(isfinite(e->values[r]) ? e->values[r] != 0 ? "yes" : "no" : "-", stream);
            else
                put_text(stream, *e->texts[r] ? e->texts[r] : "-");
        }
        fputc('\n', stream);
    }
}

qsg_status qsg_result_write_tsv(const qsg_result *self, FILE *stream, qsg_error *error)
{
    if (qsg_result_status(self))
        return qsg_fail(error, qsg_result_status(self), "the result is incomplete: %s",
                        qsg_strerror(qsg_result_status(self)));
    for (size_t i = 0; i < self->n; i++)
        if (!entry_is_column(&self->entries[i]))
            put_entry(stream, &self->entries[i]);
    for (size_t table = 0; table <= self->table; table++) {
        if (table)
            fputs("\n\n", stream);
        put_table(self, table, stream);
    }
    if (fflush(stream) || ferror(stream))
        return qsg_fail(error, QSG_EIO, "writing the table failed: %s", strerror(errno));
    return QSG_OK;
}

/* ---- JSON ---- */

/* The next component of a path into `key`, "\." being a dot inside a name; returns what follows its dot, or NULL. */
static const char *next_component(const char *path, char key[static 128])
{
    size_t n = 0;
    while (*path && *path != '.') {
        if (*path == '\\' && path[1])
            path++;
        if (n < 127)
            key[n++] = *path;
        path++;
    }
    key[n] = 0;
    return *path ? path + 1 : NULL;
}

static bool is_index(const char *path)
{
    size_t digits = strspn(path, "0123456789");
    return digits && (path[digits] == 0 || path[digits] == '.');
}

/* The container that holds the last component of `path`, which goes into `key`; makes objects and arrays on the way.
 * A component that is a whole number indexes an array. */
static json_t *descend(json_t *root, const char *path, char key[static 128])
{
    json_t *at = root;
    for (const char *rest; (rest = next_component(path, key)); path = rest) {
        if (json_is_array(at)) {
            size_t index = strtoul(key, NULL, 10);
            while (json_array_size(at) <= index)
                if (json_array_append_new(at, is_index(rest) ? json_array() : json_object()))
                    return NULL;
            at = json_array_get(at, index);
        } else {
            if (!json_object_get(at, key) &&
                json_object_set_new(at, key, is_index(rest) ? json_array() : json_object()))
                return NULL;
            at = json_object_get(at, key);
        }
    }
    return at;
}

/* Put `value` (taken over) at its place; -1 when the path runs through something that is not a container. */
static int place(json_t *root, const char *path, json_t *value)
{
    char key[128];
    json_t *parent = descend(root, path, key);
    if (json_is_object(parent))
        return json_object_set_new(parent, key, value);
    if (json_is_array(parent) && is_index(key)) {
        size_t index = strtoul(key, NULL, 10);
        while (json_array_size(parent) <= index)
            if (json_array_append_new(parent, json_null()))
                break;
        return json_array_set_new(parent, index, value);
    }
    json_decref(value);
    return -1;
}

/* JSON is UTF-8; of a text that is not (say, a file name in an old encoding) the foreign bytes become '?'. */
static json_t *text_json(const char *text)
{
    json_t *value = json_string(text);
    char *copy = value ? NULL : strdup(text);
    if (copy) {
        for (char *c = copy; *c; c++)
            if ((unsigned char)*c >= 0x80)
                *c = '?';
        value = json_string(copy);
        free(copy);
    }
    return value;
}

/* Element i of a vector or column; NULL when it does not exist. */
static json_t *cell_json(const entry *e, size_t i)
{
    if (e->kind == ENTRY_TEXT_COLUMN)
        return text_json(e->texts[i]);
    if (!isfinite(e->values[i]))
        return NULL;
    if (e->whole)
        return json_integer((json_int_t)e->values[i]);
    return e->kind == ENTRY_FLAG_COLUMN ? json_boolean(e->values[i] != 0) : json_real(e->values[i]);
}

static json_t *cell_or_null(const entry *e, size_t i)
{
    json_t *value = cell_json(e, i);
    return value ? value : json_null();
}

/* A column whose path is "laws[].name" becomes member name of the i-th object of array laws, row by row; other entries
 * become one value.  -1 when there is no place. */
static int place_rows(json_t *root, const entry *e, const char *brackets)
{
    int failed = 0;
    for (size_t i = 0; i < e->n && !failed; i++) {
        char path[192];
        json_t *value = cell_json(e, i);
        snprintf(path, sizeof path, "%.*s.%zu%.100s", (int)(brackets - e->path), e->path, i, brackets + 2);
        failed = value ? place(root, path, value) : 0;
    }
    return failed;
}

static json_t *entry_json(const entry *e)
{
    json_t *array;
    switch (e->kind) {
    case ENTRY_NUMBER: return isfinite(e->number) ? json_real(e->number) : NULL;
    case ENTRY_INTEGER: return json_integer(e->integer);
    case ENTRY_FLAG: return json_boolean(e->integer);
    case ENTRY_TEXT: return text_json(e->text);
    default: break;
    }
    array = json_array();
    for (size_t i = 0; array && i < e->n; i++)
        json_array_append_new(array, cell_or_null(e, i));
    return array;
}

qsg_status qsg_result_write_json(const qsg_result *self, FILE *stream, qsg_error *error)
{
    if (qsg_result_status(self))
        return qsg_fail(error, qsg_result_status(self), "the result is incomplete: %s",
                        qsg_strerror(qsg_result_status(self)));
    json_t *root = json_object(), *basis = json_object();
    if (!root || !basis) {
        json_decref(root);
        json_decref(basis);
        return qsg_fail(error, QSG_ENOMEM, "no memory for the JSON result");
    }
    for (size_t i = 0; i < self->n; i++) {
        const entry *e = &self->entries[i];
        if (e->table_only || (e->kind == ENTRY_NUMBER && !isfinite(e->number)))
            continue;
        const char *brackets = entry_is_column(e) ? strstr(e->path, "[].") : NULL;
        json_t *value = brackets ? NULL : entry_json(e);
        char name[128];
        plain_path(e->path, name);
        if ((brackets ? place_rows(root, e, brackets) : !value || place(root, e->path, value)) ||
            (e->basis != QSG_INPUT && json_object_set_new(basis, name, json_string(qsg_basis_name(e->basis))))) {
            json_decref(root);
            json_decref(basis);
            return qsg_fail(error, QSG_EDOMAIN, "entry %.100s has no place in the JSON result", name);
        }
    }
    json_object_set_new(root, "basis", basis);
    int failed = json_dumpf(root, stream, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    json_decref(root);
    if (failed || fputc('\n', stream) == EOF || fflush(stream))
        return qsg_fail(error, QSG_EIO, "writing JSON failed: %s", strerror(errno));
    return QSG_OK;
}
