/* Texts and their numbers.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_INFER_NAME_TABLE_H
#define QSG_INFER_NAME_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define NO_ID UINT32_MAX

/* Texts in order of first appearance.  All zero to begin with. */
typedef struct {
    size_t n, capacity, room;
    char **texts;
    uint32_t *slots; /* `room` ids, a power of two, at most half used */
} name_table;

/* The id of `text`, new or known; NO_ID without memory.  O(length). */
uint32_t name_table_id(name_table *self, const char *text);
void name_table_free(name_table *self);

#endif
