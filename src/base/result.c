/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/result_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *qsg_basis_name(qsg_basis basis)
{
    static const char *const names[] = {"input",     "exact",     "numerical", "asymptotic",
                                        "mean field", "simulated", "observed"};
    return (size_t)basis < sizeof names / sizeof *names ? names[basis] : "unknown";
}

qsg_result *qsg_result_new(void)
{
    return calloc(1, sizeof(qsg_result));
}

static void entry_free(entry *e)
{
    for (size_t i = 0; e->texts && i < e->n; i++)
        free(e->texts[i]);
    free(e->texts);
    free(e->values);
    free(e->path);
    free(e->name);
    free(e->unit);
    free(e->meaning);
    free(e->text);
}

void qsg_result_free(qsg_result *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->n; i++)
        entry_free(&self->entries[i]);
    free(self->entries);
    free(self);
}

qsg_status qsg_result_status(const qsg_result *self)
{
    return self ? self->status : QSG_ENOMEM;
}

void qsg_result_fail(qsg_result *self, qsg_status status)
{
    if (self && !self->status)
        self->status = status;
}

static char *copy(qsg_result *self, const char *text)
{
    char *out = strdup(text ? text : "");
    if (!out)
        self->status = QSG_ENOMEM;
    return out;
}

/* A new entry at the end, or NULL once the result has failed. */
static entry *add(qsg_result *self, entry_kind kind, const char *path, const char *unit, qsg_basis basis,
                  const char *meaning)
{
    if (!self || self->status)
        return NULL;
    if (self->n == self->capacity) {
        size_t capacity = self->capacity ? 2 * self->capacity : 32;
        entry *grown = realloc(self->entries, capacity * sizeof *grown);
        if (!grown) {
            self->status = QSG_ENOMEM;
            return NULL;
        }
        self->entries = grown;
        self->capacity = capacity;
    }
    entry *e = &self->entries[self->n++];
    *e = (entry){.kind = kind, .basis = basis};
    e->path = copy(self, path);
    e->unit = copy(self, unit);
    e->meaning = copy(self, meaning);
    return self->status ? NULL : e;
}

void qsg_result_number(qsg_result *self, const char *path, double value, const char *unit, qsg_basis basis,
                       const char *meaning)
{
    entry *e = add(self, ENTRY_NUMBER, path, unit, basis, meaning);
    if (e)
        e->number = value;
}

void qsg_result_integer(qsg_result *self, const char *path, int64_t value, const char *unit, qsg_basis basis,
                        const char *meaning)
{
    entry *e = add(self, ENTRY_INTEGER, path, unit, basis, meaning);
    if (e)
        e->integer = value;
}

void qsg_result_flag(qsg_result *self, const char *path, bool value, const char *meaning)
{
    entry *e = add(self, ENTRY_FLAG, path, "", QSG_INPUT, meaning);
    if (e)
        e->integer = value;
}

void qsg_result_text(qsg_result *self, const char *path, const char *value, const char *meaning)
{
    entry *e = add(self, ENTRY_TEXT, path, "", QSG_INPUT, meaning);
    if (e)
        e->text = copy(self, value);
}

static void set_values(qsg_result *self, entry *e, size_t n, const double *values)
{
    e->values = malloc((n ? n : 1) * sizeof *values);
    if (!e->values) {
        self->status = QSG_ENOMEM;
        return;
    }
    if (n)
        memcpy(e->values, values, n * sizeof *values);
    e->n = n;
}

void qsg_result_vector(qsg_result *self, const char *path, size_t n, const double *values, const char *unit,
                       qsg_basis basis, const char *meaning)
{
    entry *e = add(self, ENTRY_VECTOR, path, unit, basis, meaning);
    if (e)
        set_values(self, e, n, values);
}

static entry *add_column(qsg_result *self, entry_kind kind, const char *name, const char *path, size_t n,
                         const char *unit, qsg_basis basis, const char *meaning)
{
    for (size_t i = 0; self && i < self->n; i++)
        if (entry_is_column(&self->entries[i]) && self->entries[i].table == self->table && self->entries[i].n != n &&
            !self->status)
            self->status = QSG_EDOMAIN;
    entry *e = add(self, kind, path, unit, basis, meaning);
    if (e) {
        e->name = copy(self, name);
        e->table = self->table;
    }
    return e && !self->status ? e : NULL;
}

void qsg_result_column(qsg_result *self, const char *name, const char *path, size_t n, const double *values,
                       const char *unit, qsg_basis basis, const char *meaning)
{
    entry *e = add_column(self, ENTRY_COLUMN, name, path, n, unit, basis, meaning);
    if (e)
        set_values(self, e, n, values);
}

void qsg_result_text_column(qsg_result *self, const char *name, const char *path, size_t n,
                            const char *const *values, const char *meaning)
{
    entry *e = add_column(self, ENTRY_TEXT_COLUMN, name, path, n, "", QSG_INPUT, meaning);
    if (!e)
        return;
    e->texts = calloc(n ? n : 1, sizeof *e->texts);
    if (!e->texts) {
        self->status = QSG_ENOMEM;
        return;
    }
    e->n = n;
    for (size_t i = 0; i < n; i++)
        e->texts[i] = copy(self, values[i]);
}

void qsg_result_flag_column(qsg_result *self, const char *name, const char *path, size_t n, const double *values,
                            const char *meaning)
{
    entry *e = add_column(self, ENTRY_FLAG_COLUMN, name, path, n, "", QSG_INPUT, meaning);
    if (e)
        set_values(self, e, n, values);
}

void qsg_result_next_table(qsg_result *self)
{
    if (self)
        self->table++;
}

void qsg_result_table_only(qsg_result *self)
{
    if (self && !self->status && self->n)
        self->entries[self->n - 1].table_only = true;
}

void qsg_result_whole_numbers(qsg_result *self)
{
    if (self && !self->status && self->n)
        self->entries[self->n - 1].whole = true;
}

static const entry *find(const qsg_result *self, const char *path)
{
    for (size_t i = 0; self && i < self->n; i++)
        if (self->entries[i].path && strcmp(self->entries[i].path, path) == 0)
            return &self->entries[i];
    return NULL;
}

double qsg_result_get(const qsg_result *self, const char *path)
{
    const entry *e = find(self, path);
    if (!e)
        return NAN;
    return e->kind == ENTRY_NUMBER ? e->number
           : e->kind == ENTRY_INTEGER || e->kind == ENTRY_FLAG ? (double)e->integer : NAN;
}

const double *qsg_result_get_vector(const qsg_result *self, const char *path, size_t *n)
{
    const entry *e = find(self, path);
    if (!e || !e->values)
        return NULL;
    if (n)
        *n = e->n;
    return e->values;
}

const char *qsg_result_get_text(const qsg_result *self, const char *path)
{
    const entry *e = find(self, path);
    return e && e->kind == ENTRY_TEXT ? e->text : NULL;
}

qsg_status qsg_result_get_basis(const qsg_result *self, const char *path, qsg_basis *basis)
{
    const entry *e = find(self, path);
    if (!e)
        return QSG_ENOEXIST;
    *basis = e->basis;
    return QSG_OK;
}
