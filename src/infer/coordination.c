/* Observed coordination of a transcript (doc/theory/transcripts.md).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/coordination.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_BINS = 200, MAX_BINS = 2000 };
#define MAX_WIDTH ((uint64_t)1 << 26) /* its square, a count of pairs, is exact in a double */

/* What one run does in one interaction. */
typedef struct {
    uint64_t index; /* interactions before it */
    uint32_t speaker, label;
    bool match; /* paired rows only */
} event;

/* Matching and all pairs of one run in one bin; in paired data a pair is an interaction. */
typedef struct {
    double matches, pairs, observed;
} cell;

static size_t events_of(const qsg_transcript *data, size_t run, uint64_t origin, event *events)
{
    size_t n = 0;
    for (size_t i = data->run_start[run]; i < data->run_start[run + 1]; i++) {
        const qsg_utterance *row = &data->rows[i];
        if (n && events[n - 1].index == row->t - origin) {
            events[n - 1].match = data->paired && events[n - 1].label == row->label;
            continue;
        }
        events[n++] = (event){row->t - origin, row->speaker, row->label, false};
    }
    return n;
}

static bool has_agreed(const event *events, size_t n, uint64_t agents, bool paired)
{
    if (n < agents)
        return false;
    for (size_t i = n - (size_t)agents; i < n; i++)
        if (paired ? !events[i].match : events[i].label != events[n - 1].label)
            return false;
    return true;
}

/* Utterances of one speaker with one label: repeats of a run that has agreed are counted, not listed. */
typedef struct {
    uint64_t key; /* speaker in the upper half, label in the lower one */
    double count;
} said;

static said said_of(const event *e, uint64_t count)
{
    return (said){(uint64_t)e->speaker << 32 | e->label, (double)count};
}

static int compare_keys(const void *a, const void *b)
{
    const uint64_t x = ((const said *)a)->key, y = ((const said *)b)->key;
    return (x > y) - (x < y);
}

/* Sum of squared multiplicities of key >> shift in a sorted array. */
static double squares(const said *list, size_t n, int shift)
{
    double sum = 0;
    for (size_t i = 0, j; i < n; i = j) {
        double count = list[i].count;
        for (j = i + 1; j < n && list[j].key >> shift == list[i].key >> shift; j++)
            count += list[j].count;
        sum += count * count;
    }
    return sum;
}

/* Pairs of utterances with different speakers, and those that carry the same label (eq. 2). */
static cell count_pairs(said *list, size_t n)
{
    cell c = {0};
    double all = 0;
    qsort(list, n, sizeof *list, compare_keys); /* speaker, then label */
    const double same_speaker = squares(list, n, 32), same_both = squares(list, n, 0);
    for (size_t i = 0; i < n; i++) {
        all += list[i].count;
        list[i].key = list[i].key << 32 | list[i].key >> 32;
    }
    qsort(list, n, sizeof *list, compare_keys);
    c.pairs = (all * all - same_speaker) / 2;
    c.matches = (squares(list, n, 32) - same_both) / 2;
    return c;
}

typedef struct {
    const event *events;
    size_t n, next; /* events of the run, the first not yet used */
    size_t cycle;   /* 0, or how many last events are repeated after the end */
} cursor;

/* Fill the bin that begins at `begin`; a run that has agreed repeats its last `cycle` interactions. */
static cell fill(cursor *at, uint64_t begin, uint64_t width, bool paired, said *list)
{
    cell c = {0};
    size_t n = 0;
    const uint64_t last = at->events[at->n - 1].index;
    for (; at->next < at->n && at->events[at->next].index < begin + width; at->next++) {
        const event *e = &at->events[at->next];
        c.observed++;
        c.matches += e->match;
        if (!paired)
            list[n++] = said_of(e, 1);
    }
    if (last + 1 < begin + width) {
        if (!at->cycle) /* an unfinished bin would weigh early times more than the law does */
            return (cell){0};
        const uint64_t missing = last >= begin ? begin + width - last - 1 : width;
        c.matches += (double)missing;
        for (size_t i = 0; !paired && i < at->cycle && i < missing; i++)
            list[n++] = said_of(&at->events[at->n - at->cycle + i],
                                missing / at->cycle + (i < missing % at->cycle));
        c.pairs = (double)missing;
    }
    if (paired) {
        c.pairs += c.observed;
        return c;
    }
    cell counted = count_pairs(list, n);
    counted.observed = c.observed;
    return counted;
}

static bool allocate(qsg_coordination *self)
{
    double **const columns[] = {&self->time, &self->n, &self->present, &self->carried, &self->unresolved,
                                &self->value, &self->se_binomial, &self->se};
    bool ok = true;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        ok &= (*columns[i] = calloc(self->bins, sizeof(double))) != NULL;
    self->deviation = calloc(self->bins * self->runs, sizeof(double));
    return ok && self->deviation;
}

void qsg_coordination_free(qsg_coordination *self)
{
    free(self->time);
    free(self->n);
    free(self->present);
    free(self->carried);
    free(self->unresolved);
    free(self->value);
    free(self->se_binomial);
    free(self->se);
    free(self->deviation);
    *self = (qsg_coordination){0};
}

/* Pool the runs of bin b: value, its errors, and the runs' deviations (eq. 3-4). */
static void pool(qsg_coordination *self, const cell *cells, const size_t *settled, size_t b)
{
    double matches = 0, pairs = 0, seen_matches = 0, seen = 0, present = 0, sum = 0;
    for (size_t r = 0; r < self->runs; r++) {
        const cell *c = &cells[r * self->bins + b];
        matches += c->matches;
        pairs += c->pairs;
        seen += c->observed;
        seen_matches += c->matches - (c->pairs - c->observed); /* paired: what is carried matches */
        present += c->pairs > 0;
        self->carried[b] += c->pairs > 0 && c->observed == 0;
        self->unresolved[b] += c->pairs > 0 && b < settled[r];
    }
    self->time[b] = (double)b * (double)self->width + ((double)self->width - 1) / 2;
    self->n[b] = seen;
    self->present[b] = present;
    const double value = pairs > 0 ? matches / pairs : NAN, share = seen > 0 ? seen_matches / seen : 1;
    self->value[b] = value;
    self->se_binomial[b] = self->paired && pairs > 0 ? sqrt(fmax(share * (1 - share) * seen, 0)) / pairs : NAN;
    for (size_t r = 0; r < self->runs && present > 1; r++) {
        const cell *c = &cells[r * self->bins + b];
        double d = sqrt(present / (present - 1)) * (c->matches - value * c->pairs) / pairs;
        self->deviation[r * self->bins + b] = d;
        sum += d * d;
    }
    self->se[b] = present > 1 ? sqrt(sum) : NAN;
}

/* Name the row from which on the transcript is no list of interactions of one kind. */
static qsg_status refuse_rows(const qsg_transcript *data, qsg_error *error)
{
    const qsg_utterance *row = &data->rows[data->odd_row];
    size_t n = 1;
    while (data->odd_row + n < data->n_rows && row[n].run == row->run && row[n].t == row->t)
        n++;
    return qsg_fail(error, QSG_EMODEL,
                    "%.100s:%zu: rows with one run_id and t are not one interaction (run %.60s, t = %llu: %zu row%s); "
                    "expected everywhere both directions of one pair, or one speaker's label",
                    data->path, data->first_line + data->odd_row, data->runs[row->run], (unsigned long long)row->t, n,
                    n == 1 ? "" : "s");
}

static qsg_status choose_bins(qsg_coordination *self, const qsg_transcript *data, uint64_t agents, uint64_t width,
                              qsg_error *error)
{
    if (agents < data->agents || agents < 2)
        return qsg_fail(error, QSG_EINPUT, "a run of the transcript has more agents than the population (%llu); "
                                           "expected at least %llu", (unsigned long long)agents,
                        (unsigned long long)(data->agents > 2 ? data->agents : 2));
    if (!data->paired && !data->single)
        return refuse_rows(data, error);
    if (data->first_t > 1)
        return qsg_fail(error, QSG_EINPUT, "the transcript begins late (t = %llu); expected t from 0 or 1, where the "
                                           "law starts", (unsigned long long)data->first_t);
    uint64_t end = 0;
    for (size_t i = 0; i < data->n_rows; i++)
        if (data->rows[i].t - data->first_t + 1 > end)
            end = data->rows[i].t - data->first_t + 1;
    const uint64_t rounds = end / agents;
    self->width = width ? width : agents * (rounds > DEFAULT_BINS ? (rounds + DEFAULT_BINS - 1) / DEFAULT_BINS : 1);
    self->paired = data->paired;
    self->runs = data->n_runs;
    if (end / self->width >= MAX_BINS || self->width > MAX_WIDTH)
        return qsg_fail(error, QSG_EINPUT, "the bins do not suit the transcript (%llu interactions each, %llu in all); "
                                           "expected at most %d bins of at most 2^26 interactions",
                        (unsigned long long)self->width, (unsigned long long)end, MAX_BINS);
    for (size_t r = 0; r < data->n_runs; r++) {
        const uint64_t first = data->rows[data->run_start[r]].t;
        if (first - data->first_t >= self->width)
            return qsg_fail(error, QSG_EINPUT, "run %.100s of the transcript begins late (t = %llu); expected its "
                                               "first t within the first bin of %llu interactions",
                            data->runs[r], (unsigned long long)first, (unsigned long long)self->width);
    }
    self->bins = (size_t)((end + self->width - 1) / self->width);
    return QSG_OK;
}

/* The bin from which on the run always matches. */
static size_t settled_bin(const cell *cells, size_t bins)
{
    while (bins > 0 && cells[bins - 1].matches == cells[bins - 1].pairs)
        bins--;
    return bins;
}

/* The last bins may hold nothing but unfinished runs. */
static void drop_empty_bins(qsg_coordination *self, cell *cells)
{
    size_t bins = self->bins;
    for (bool empty = true; bins > 0; bins--) {
        for (size_t r = 0; r < self->runs; r++)
            empty &= cells[r * self->bins + bins - 1].pairs == 0;
        if (!empty)
            break;
    }
    for (size_t r = 0; r < self->runs; r++)
        memmove(cells + r * bins, cells + r * self->bins, bins * sizeof *cells);
    self->bins = bins;
}

/* The cells of all runs, run by run, and how many runs ended in agreement. */
static qsg_status fill_cells(qsg_coordination *self, const qsg_transcript *data, uint64_t agents, cell *cells,
                             qsg_error *error)
{
    size_t longest = 0;
    for (size_t r = 0; r < self->runs; r++)
        if (data->run_start[r + 1] - data->run_start[r] > longest)
            longest = data->run_start[r + 1] - data->run_start[r];
    event *events = malloc(longest * sizeof *events);
    said *list = malloc(2 * longest * sizeof *list); /* a bin's events and a cycle of repeats */
    qsg_status status = events && list ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for %zu rows", longest);
    for (size_t r = 0; r < self->runs && !status; r++) {
        cursor at = {.events = events, .n = events_of(data, r, data->first_t, events)};
        if (has_agreed(events, at.n, agents, self->paired)) {
            at.cycle = (size_t)agents;
            self->n_agreed++;
        }
        for (size_t b = 0; b < self->bins; b++)
            cells[r * self->bins + b] = fill(&at, b * self->width, self->width, self->paired, list);
    }
    free(events);
    free(list);
    return status;
}

qsg_status qsg_coordination_init(qsg_coordination *self, const qsg_transcript *data, uint64_t agents, uint64_t width,
                                 qsg_error *error)
{
    qsg_coordination out = {0};
    qsg_status status = choose_bins(&out, data, agents, width, error);
    if (status)
        return status;
    cell *cells = calloc(out.runs * out.bins, sizeof *cells);
    size_t *settled = calloc(out.runs, sizeof *settled);
    if (!cells || !settled)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu runs and %zu bins", out.runs, out.bins);
    if (!status)
        status = fill_cells(&out, data, agents, cells, error);
    if (status)
        goto out;
    drop_empty_bins(&out, cells);
    if (!out.bins)
        status = qsg_fail(error, QSG_EINPUT, "the transcript is shorter than one bin (%llu interactions); expected "
                                             "longer runs or narrower bins", (unsigned long long)out.width);
    if (!status && !allocate(&out))
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu runs and %zu bins", out.runs, out.bins);
    for (size_t r = 0; r < out.runs && !status; r++)
        settled[r] = settled_bin(cells + r * out.bins, out.bins);
    for (size_t b = 0; b < out.bins && !status; b++)
        pool(&out, cells, settled, b);
out:
    free(cells);
    free(settled);
    if (status)
        qsg_coordination_free(&out);
    else
        *self = out;
    return status;
}
