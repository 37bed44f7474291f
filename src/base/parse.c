/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/parse.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* strtod of a decimal number that starts at once; like strtod, *end is `text` when there is none. */
static double read_decimal(const char *text, char **end)
{
    const double value = isspace((unsigned char)*text) ? NAN : strtod(text, end);
    if (isspace((unsigned char)*text) || !isfinite(value) || memchr(text, 'x', (size_t)(*end - text)) ||
        memchr(text, 'X', (size_t)(*end - text)))
        *end = (char *)text;
    return value;
}

qsg_status parse_number(const char *text, const char *what, const char *expected, double *out, qsg_error *error)
{
    char *end;
    const double value = read_decimal(text, &end);
    if (end == text || *end)
        return qsg_fail(error, QSG_EINPUT, "%s is not a finite number (%.200s); expected %s", what, text, expected);
    *out = value;
    return QSG_OK;
}

qsg_status parse_whole(const char *text, const char *what, uint64_t low, uint64_t high, uint64_t *out,
                       qsg_error *error)
{
    char *end;
    const double value = read_decimal(text, &end);
    if (end == text || *end || value != floor(value))
        return qsg_fail(error, QSG_EDOMAIN, "%s is not a whole number (%.200s); expected one from %llu to %llu", what, text,
                        (unsigned long long)low, (unsigned long long)high);
    int bad = value < (double)low || value > (double)high;
    uint64_t whole = 0;
    if (!bad) {
        whole = (uint64_t)value;
        if (strspn(text, "0123456789") == strlen(text)) /* keep every digit beyond 2^53 */
            whole = strtoull(text, NULL, 10);
        bad = whole < low || whole > high;
    }
    if (bad)
        return qsg_fail(error, QSG_EDOMAIN, "%s is out of range (%.200s); expected a whole number from %llu to %llu",
                        what, text, (unsigned long long)low, (unsigned long long)high);
    *out = whole;
    return QSG_OK;
}

qsg_status parse_list(const char *text, const char *what, double **out, size_t *n, qsg_error *error)
{
    size_t count = 1;
    for (const char *c = text; *c; c++)
        count += *c == ',';
    double *values = malloc(count * sizeof *values);
    if (!values)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the %zu numbers of %s", count, what);
    const char *at = text;
    for (size_t i = 0; i < count; i++) {
        char *end;
        double value = read_decimal(at, &end);
        if (end == at || (*end && *end != ',')) {
            free(values);
            return qsg_fail(error, QSG_EINPUT,
                            "%s has an entry that is not a finite number (entry %zu of %.200s); expected numbers "
                            "separated by commas",
                            what, i + 1, text);
        }
        values[i] = value;
        at = end + 1;
    }
    *out = values;
    *n = count;
    return QSG_OK;
}
