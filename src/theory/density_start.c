/* A start density from a file.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/density.h"

#define MAX_POINTS 1000000

/* Two numbers of a row, blanks or a comma between; false for anything else. */
static bool read_pair(const char *row, double pair[2])
{
    char *end;
    for (int i = 0; i < 2; i++) {
        pair[i] = strtod(row, &end);
        if (end == row || !isfinite(pair[i]))
            return false;
        row = end + strspn(end, i ? " \t\r\n" : " \t,");
        if (i == 0 && row == end)
            return false;
    }
    return *row == 0;
}

static qsg_status check_row(const char *path, size_t line, const double pair[2], const double *previous,
                            qsg_error *error)
{
    if (!(pair[0] >= 0 && pair[0] <= 1))
        return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: share is out of range (%g); expected a number in [0, 1]", path,
                        line, pair[0]);
    if (previous && !(pair[0] > *previous))
        return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: share does not increase (%g after %g); expected a larger one",
                        path, line, pair[0], *previous);
    if (!(pair[1] >= 0))
        return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: density is negative (%g); expected a number >= 0", path, line,
                        pair[1]);
    return QSG_OK;
}

qsg_status qsg_density_read(const char *path, double **x, double **density, size_t *n, qsg_error *error)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return qsg_fail(error, QSG_EIO, "cannot read %.200s: %s", path, strerror(errno));
    char *row = NULL;
    size_t room = 0, count = 0, line = 0, capacity = 0;
    double *pairs = NULL, *out = NULL, sum = 0;
    qsg_status status = QSG_OK;
    while (!status && getline(&row, &room, file) > 0) {
        const char *at = row + strspn(row, " \t\r\n");
        double pair[2];
        line++;
        if (!*at || *at == '#')
            continue;
        if (!read_pair(at, pair))
            status = qsg_fail(error, QSG_EINPUT, "%.200s:%zu: not two numbers (%.40s); expected a share and a density",
                              path, line, strtok(row, "\r\n"));
        else
            status = check_row(path, line, pair, count ? &pairs[2 * count - 2] : NULL, error);
        if (!status && count == capacity) {
            capacity = !capacity ? 256 : 2 * capacity < MAX_POINTS ? 2 * capacity : MAX_POINTS;
            double *grown = count < MAX_POINTS ? realloc(pairs, 2 * capacity * sizeof *pairs) : NULL;
            if (grown)
                pairs = grown;
            else if (count == MAX_POINTS)
                status = qsg_fail(error, QSG_EINPUT, "%.200s:%zu: too many rows; expected at most %d", path, line,
                                  MAX_POINTS);
            else
                status = qsg_fail(error, QSG_ENOMEM, "%.200s:%zu: no memory for so many rows", path, line);
        }
        if (status)
            break;
        sum += count ? (pair[1] + pairs[2 * count - 1]) / 2 * (pair[0] - pairs[2 * count - 2]) : 0;
        memcpy(&pairs[2 * count++], pair, sizeof pair);
    }
    if (!status && ferror(file))
        status = qsg_fail(error, QSG_EIO, "reading %.200s failed: %s", path, strerror(errno));
    if (!status && count < 2)
        status = qsg_fail(error, QSG_EINPUT, "%.200s has too few rows (%zu); expected at least 2 of share, density",
                          path, count);
    if (!status && !(fabs(sum - 1) <= 1e-3))
        status = qsg_fail(error, QSG_EINPUT,
                          "density of %.200s does not integrate to 1 (%g); expected 1 within 0.001", path, sum);
    out = status ? NULL : malloc(2 * count * sizeof *out);
    if (!status && !out)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu rows", count);
    for (size_t i = 0; !status && i < count; i++) {
        out[i] = pairs[2 * i];
        out[count + i] = pairs[2 * i + 1];
    }
    if (!status) {
        *x = out;
        *density = out + count;
        *n = count;
    }
    free(pairs);
    free(row);
    fclose(file);
    return status;
}
