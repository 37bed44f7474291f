/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_RESULT_PRIVATE_H
#define QSG_RESULT_PRIVATE_H

#include "qsg/result.h"

typedef enum { ENTRY_NUMBER, ENTRY_INTEGER, ENTRY_FLAG, ENTRY_TEXT, ENTRY_VECTOR, ENTRY_COLUMN,
               ENTRY_TEXT_COLUMN, ENTRY_FLAG_COLUMN } entry_kind;

typedef struct {
    entry_kind kind;
    qsg_basis basis;
    bool table_only, whole; /* the latter: numbers that JSON has as integers */
    size_t table; /* which table a column is in */
    char *path, *name, *unit, *meaning, *text;
    double number;
    int64_t integer;
    size_t n;
    double *values; /* n numbers of a vector or column; 1 and 0 of a column of flags */
    char **texts;   /* n texts of a text column */
} entry;

struct qsg_result {
    qsg_status status;
    size_t n, capacity;
    size_t table; /* that new columns go to */
    entry *entries;
};

static inline bool entry_is_column(const entry *e)
{
    return e->kind == ENTRY_COLUMN || e->kind == ENTRY_TEXT_COLUMN || e->kind == ENTRY_FLAG_COLUMN;
}

#endif
