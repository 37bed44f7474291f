/* Texts and their numbers, by open addressing.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "infer/name_table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static uint64_t hash_of(const char *text)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a */
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 1099511628211u;
    return h ^ h >> 29;
}

void name_table_free(name_table *self)
{
    for (size_t i = 0; i < self->n; i++)
        free(self->texts[i]);
    free(self->texts);
    free(self->slots);
    *self = (name_table){0};
}

static bool table_grow(name_table *self)
{
    size_t room = self->room ? 2 * self->room : 64;
    uint32_t *slots = malloc(room * sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < room; i++)
        slots[i] = NO_ID;
    for (size_t id = 0; id < self->n; id++) {
        size_t at = hash_of(self->texts[id]) & (room - 1);
        while (slots[at] != NO_ID)
            at = (at + 1) & (room - 1);
        slots[at] = (uint32_t)id;
    }
    free(self->slots);
    self->slots = slots;
    self->room = room;
    return true;
}

uint32_t name_table_id(name_table *self, const char *text)
{
    if (2 * self->n >= self->room && !table_grow(self))
        return NO_ID;
    size_t at = hash_of(text) & (self->room - 1);
    for (; self->slots[at] != NO_ID; at = (at + 1) & (self->room - 1))
        if (strcmp(self->texts[self->slots[at]], text) == 0)
            return self->slots[at];
    if (self->n == self->capacity) {
        size_t capacity = self->capacity ? 2 * self->capacity : 32;
        char **grown = realloc(self->texts, capacity * sizeof *grown);
        if (!grown)
            return NO_ID;
        self->texts = grown;
        self->capacity = capacity;
    }
    if (self->n >= NO_ID - 1 || !(self->texts[self->n] = strdup(text)))
        return NO_ID;
    self->slots[at] = (uint32_t)self->n;
    return (uint32_t)self->n++;
}
