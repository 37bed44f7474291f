/* Texts to numbers, strictly: the whole text must be used, nan and inf are refused.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PARSE_H
#define QSG_PARSE_H

#include <stddef.h>
#include <stdint.h>

#include "qsg/status.h"

/* One finite number.  `what` names the option in the message, `expected` what would be right. */
qsg_status parse_number(const char *text, const char *what, const char *expected, double *out, qsg_error *error);

/* A whole number in [low, high], high <= 2^63; "1e9" is fine. */
qsg_status parse_whole(const char *text, const char *what, uint64_t low, uint64_t high, uint64_t *out,
                       qsg_error *error);

/* A comma-separated list of numbers into a new array (caller frees). */
qsg_status parse_list(const char *text, const char *what, double **out, size_t *n, qsg_error *error);

#endif
