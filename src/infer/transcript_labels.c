/* The order of a transcript's labels (doc/theory/transcripts.md, section 1).  SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "infer/transcript_labels.h"

#define NO_NUMBER UINT64_MAX

/* Labels in an order that does not depend on who spoke first: as numbers where all are, else as bytes. */
typedef struct {
    char *text;
    uint64_t number;
    uint32_t id;
} label_order;

static int compare_labels(const void *a, const void *b)
{
    const label_order *x = a, *y = b;
    return x->number != y->number ? (x->number > y->number) - (x->number < y->number) : strcmp(x->text, y->text);
}

/* The whole number that a label is, NO_NUMBER for none; "01" is a text. */
static uint64_t number_of(const char *text)
{
    const size_t n = strspn(text, "0123456789");
    return text[n] || n > 18 || (n > 1 && *text == '0') ? NO_NUMBER : strtoull(text, NULL, 10);
}

/* Give label i of the present order the place to[i]. */
static void renumber(qsg_transcript *self, const uint32_t *to)
{
    for (size_t i = 0; i < self->n_rows; i++)
        self->rows[i].label = to[self->rows[i].label];
}

/* Sort `order`, one entry a label, and put the labels into it; `to` is room for as many. */
static void put_in_order(qsg_transcript *self, label_order *order, uint32_t *to)
{
    const size_t n = self->n_labels;
    bool numbers = true;
    for (size_t i = 0; i < n; i++) {
        order[i] = (label_order){self->labels[i], number_of(self->labels[i]), (uint32_t)i};
        numbers &= order[i].number != NO_NUMBER;
    }
    for (size_t i = 0; !numbers && i < n; i++)
        order[i].number = 0;
    qsort(order, n, sizeof *order, compare_labels);
    for (size_t i = 0; i < n; i++) {
        to[order[i].id] = (uint32_t)i;
        self->labels[i] = order[i].text;
    }
    renumber(self, to);
}

bool transcript_sort_labels(qsg_transcript *self)
{
    label_order *order = malloc(self->n_labels * sizeof *order);
    uint32_t *to = malloc(self->n_labels * sizeof *to);
    const bool ok = order && to;
    if (ok)
        put_in_order(self, order, to);
    free(order);
    free(to);
    return ok;
}

/* All labels by their number, with texts for those that nobody says; false without memory. */
static bool spread(qsg_transcript *self, size_t labels, char **texts, uint32_t *to)
{
    for (size_t i = 0; i < self->n_labels; i++) {
        to[i] = (uint32_t)number_of(self->labels[i]) - 1;
        texts[to[i]] = self->labels[i];
    }
    for (size_t k = 0; k < labels; k++) {
        char text[24];
        snprintf(text, sizeof text, "%zu", k + 1);
        if (!texts[k] && !(texts[k] = strdup(text)))
            return false;
    }
    return true;
}

qsg_status qsg_transcript_number_labels(qsg_transcript *self, size_t labels, qsg_error *error)
{
    for (size_t i = 0; i < self->n_labels; i++) {
        const uint64_t number = number_of(self->labels[i]);
        if (number < 1 || number > labels)
            return QSG_OK;
    }
    char **texts = calloc(labels, sizeof *texts);
    uint32_t *to = malloc(self->n_labels * sizeof *to);
    if (!texts || !to || !spread(self, labels, texts, to)) {
        for (size_t i = 0; texts && to && i < self->n_labels; i++)
            texts[to[i]] = NULL; /* the transcript keeps its own */
        for (size_t k = 0; texts && k < labels; k++)
            free(texts[k]);
        free(texts);
        free(to);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu labels", labels);
    }
    renumber(self, to);
    free(to);
    free(self->labels);
    self->labels = texts;
    self->n_labels = labels;
    return QSG_OK;
}
