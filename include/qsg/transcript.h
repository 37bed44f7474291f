/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_TRANSCRIPT_H
#define QSG_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <qsg/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One row: `speaker` said `label` to `listener` in run `run` at time `t`.  Indices count from 0: runs and agents in order
 *  of first appearance in the file, labels in their own order, as numbers where all are whole numbers, else as bytes. */
typedef struct {
    uint64_t t;
    uint32_t run, speaker, listener, label;
} qsg_utterance;

/** Who said what to whom (doc/theory/transcripts.md, section 1).  Rows of a run stand together and are ordered by t;
 *  rows that share a run and a t are simultaneous.  Owns its arrays. */
typedef struct {
    size_t n_rows, n_runs, n_labels, n_names;
    uint64_t agents;           /* largest number of distinct agents (speakers or listeners) in one run */
    uint64_t first_t;          /* smallest t of the file */
    bool paired;               /* every (run, t) has exactly two rows, one for each direction of one pair */
    bool single;               /* every (run, t) has one speaker saying one label (a broadcast may have many rows) */
    size_t odd_row;            /* neither: the first row of the (run, t) that is unlike those before it */
    char *path;                /* the file; */
    size_t first_line;         /* row i is its line first_line + i */
    qsg_utterance *rows;       /* n_rows */
    size_t *run_start;         /* n_runs + 1: rows of run r are run_start[r] .. run_start[r + 1] - 1 */
    char **runs, **labels, **names; /* texts of run_id, label and agent */
} qsg_transcript;

/** Takes the rows one by one; a status other than QSG_OK ends the reading, which returns it. */
typedef qsg_status qsg_row_consumer(void *context, const qsg_utterance *row);

/** Read the TSV file `path` row by row: a header line, then a row a line; columns run_id, t, speaker, listener and label in any
 *  order, among columns belief_1, belief_2, .. which are not read; LF or CRLF; UTF-8, lines of at most 1 MB.  A byte order mark,
 *  lines that start with # before the header and empty lines at the end are skipped.  Rows are given to the consumer and not
 *  kept: one pass, O(bytes), and memory for one line, the texts of runs, agents and labels once, and 8 bytes a run.  *self has no
 *  rows then (NULL, though n_rows counts them), and its labels are in order of first appearance, as in the rows.
 *  QSG_EIO (cannot be read), QSG_EINPUT (message "FILE:LINE: WHAT (VALUE); expected WHAT"; rows before that line were
 *  given), QSG_ENOMEM.  On failure *self is left as it was. */
qsg_status qsg_transcript_scan(qsg_transcript *self, const char *path, qsg_row_consumer *consumer, void *context, qsg_error *error);

/** The same with the rows, 24 bytes each, and the labels in their own order: what a likelihood needs, which goes through the rows
 *  hundreds of times.  Errors of qsg_transcript_scan. */
qsg_status qsg_transcript_read(qsg_transcript *self, const char *path, qsg_error *error);

/** Where all labels are whole numbers from 1 to `labels`, give label k the index k - 1, also when others were never said:
 *  n_labels is then `labels`.  Otherwise nothing happens.  O(rows).  QSG_ENOMEM; *self unchanged on failure. */
qsg_status qsg_transcript_number_labels(qsg_transcript *self, size_t labels, qsg_error *error);

/** The header line of a transcript; ferror(stream) tells whether it could be written. */
void qsg_transcript_write_header(FILE *stream);
/** One row: a qsg_hearing (qsg/simulate.h) with the stream for context.  Runs and agents are named by their numbers from 0,
 *  labels from 1, t from 1; what qsg_transcript_read reads. */
void qsg_transcript_write_row(void *stream, uint64_t run, uint64_t t, uint64_t speaker, uint64_t listener, size_t label);

/** Release the arrays; safe twice and on a zeroed transcript. */
void qsg_transcript_free(qsg_transcript *self);

#ifdef __cplusplus
}
#endif
#endif
