/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_RESULT_H
#define QSG_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <qsg/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where a number comes from; printed beside it in every output. */
typedef enum {
    QSG_INPUT,      /* repeats what the user gave */
    QSG_EXACT,      /* exact for the finite model, to rounding */
    QSG_NUMERICAL,  /* a converged numerical solution of an exact equation */
    QSG_ASYMPTOTIC, /* a limit (large N, weak selection, ...): the meaning says which */
    QSG_MEANFIELD,  /* the paper's mean-field law */
    QSG_SIMULATED,  /* Monte Carlo; carries a standard error */
    QSG_OBSERVED    /* computed from the user's data */
} qsg_basis;

/** "exact", "asymptotic", ...; never NULL. */
const char *qsg_basis_name(qsg_basis basis);

/** The answer of a verb: named entries (scalars, texts, vectors) and one table of equally long columns.
 *
 *  Entries are addressed by a dotted path, which is their place in the JSON object: "fixation.mean_time" is member
 *  mean_time of object fixation, "tests.0.name" is member name of the first element of array tests.
 *  A value that does not exist is NaN: absent from JSON (null inside an array), "-" in TSV.
 *  An array element that is absent is null (its later neighbours keep their places).  Every path names one place: one
 *  that runs through a number or text makes the JSON writer fail with QSG_EDOMAIN.
 *  A column whose path has "[]", as "laws[].name", is spread over an array of objects, one a row: its cell in row i is
 *  member name of the i-th; a cell that does not exist is absent.
 *  Strings are copied.  The first failure (no memory) sticks: later calls do nothing, and qsg_result_status tells. */
typedef struct qsg_result qsg_result;

/** A new empty result, to be released with qsg_result_free; NULL when there is no memory. */
qsg_result *qsg_result_new(void);
void qsg_result_free(qsg_result *self); /* NULL is fine */
qsg_status qsg_result_status(const qsg_result *self);
/** Make the result fail with `status` (not QSG_OK), unless it has failed: something that was to be added is missing. */
void qsg_result_fail(qsg_result *self, qsg_status status);

/** Add entries.  `unit` is what a reader puts behind the number ("interactions", "per interaction", "" if none);
 *  `meaning` is a short phrase. */
void qsg_result_number(qsg_result *self, const char *path, double value, const char *unit, qsg_basis basis,
                       const char *meaning);
void qsg_result_integer(qsg_result *self, const char *path, int64_t value, const char *unit, qsg_basis basis,
                        const char *meaning);
/** A yes or no: "yes"/"no" in TSV, true/false in JSON; qsg_result_get reads 1 or 0. */
void qsg_result_flag(qsg_result *self, const char *path, bool value, const char *meaning);
/** A text, which is copied; NULL is the empty text. */
void qsg_result_text(qsg_result *self, const char *path, const char *value, const char *meaning);
/** A vector that is not a column of the table (say one value per label); `values` has n numbers. */
void qsg_result_vector(qsg_result *self, const char *path, size_t n, const double *values, const char *unit,
                       qsg_basis basis, const char *meaning);
/** A column of the table: `name` heads it in TSV, `path` is its place in JSON.  All columns must have the same n;
 *  a different n is a programming error and makes the result fail with QSG_EDOMAIN. */
void qsg_result_column(qsg_result *self, const char *name, const char *path, size_t n, const double *values,
                       const char *unit, qsg_basis basis, const char *meaning);
/** A column of texts (names of laws, labels). */
void qsg_result_text_column(qsg_result *self, const char *name, const char *path, size_t n,
                            const char *const *values, const char *meaning);
/** A column of yes (not 0), no (0) and cells that do not exist (NaN); true and false in JSON. */
void qsg_result_flag_column(qsg_result *self, const char *name, const char *path, size_t n, const double *values,
                            const char *meaning);
/** Columns added from now on make another table, of another length: in TSV below the first, after two empty lines
 *  (gnuplot: index 1); in JSON nothing changes. */
void qsg_result_next_table(qsg_result *self);
/** A column for the TSV only: JSON readers find the same numbers elsewhere. */
void qsg_result_table_only(qsg_result *self);
/** The column or vector added last counts something: its numbers, whole and below 2^53, are integers in JSON. */
void qsg_result_whole_numbers(qsg_result *self);

/** Read back: the number at `path`, or NaN; the vector or column of numbers at `path` with its length, or NULL; the
 *  text, or NULL.  Arrays and texts belong to the result: they live until qsg_result_free, and the caller copies what
 *  it needs longer. */
double qsg_result_get(const qsg_result *self, const char *path);
const double *qsg_result_get_vector(const qsg_result *self, const char *path, size_t *n);
const char *qsg_result_get_text(const qsg_result *self, const char *path);

/** Basis of the entry at `path`; QSG_ENOEXIST when there is none. */
qsg_status qsg_result_get_basis(const qsg_result *self, const char *path, qsg_basis *basis);

/** Write as TSV: '#' lines (entries, then unit and meaning of every column, then the names), then the rows with 15
 *  significant digits.  Returns QSG_EIO when the stream fails. */
qsg_status qsg_result_write_tsv(const qsg_result *self, FILE *stream, qsg_error *error);
/** Write as one JSON object with 17 significant digits. */
qsg_status qsg_result_write_json(const qsg_result *self, FILE *stream, qsg_error *error);

#ifdef __cplusplus
}
#endif
#endif
