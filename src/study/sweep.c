/* The grid of a sweep.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"

#define ROOM 1e-9 /* of a step or factor: the end of a range is met in spite of rounding */

static void axis_free(qsg_sweep_axis *self)
{
    for (size_t i = 0; i < self->n; i++)
        free(self->texts[i]);
    free(self->texts);
    *self = (qsg_sweep_axis){0};
}

/* Append one value, in an array that doubles. */
static qsg_status append(qsg_sweep_axis *self, const char *text, qsg_error *error)
{
    const bool full = (self->n & (self->n - 1)) == 0;
    char **grown = full ? realloc(self->texts, (self->n ? 2 * self->n : 1) * sizeof *grown) : self->texts;
    if (self->n >= QSG_SWEEP_MAX_POINTS)
        return qsg_fail(error, QSG_EDOMAIN, "too many values of one option (more than %d); expected fewer",
                        QSG_SWEEP_MAX_POINTS);
    if (grown)
        self->texts = grown;
    char *copied = grown ? strdup(text) : NULL;
    if (!copied)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the values of --vary");
    self->texts[self->n++] = copied;
    return QSG_OK;
}

/* How many values FROM:TO:STEP has; 0 when it does not lead there. */
static double count_range(double from, double to, char kind, double step)
{
    if (kind == '*') {
        const bool leads = from > 0 && to > 0 && step > 0 && step != 1 && ((step > 1) == (to > from) || to == from);
        return leads ? floor(log(to / from) / log(step) + ROOM) + 1 : 0;
    }
    const double by = kind == '-' ? -step : step;
    return step > 0 && (to - from) / by >= 0 ? floor((to - from) / by + ROOM) + 1 : 0;
}

static qsg_status append_range(qsg_sweep_axis *self, const char *item, const double limits[2], char kind, double step,
                               qsg_error *error)
{
    const double count = count_range(limits[0], limits[1], kind, step);
    if (!(count >= 1 && count <= QSG_SWEEP_MAX_POINTS))
        return qsg_fail(error, QSG_EDOMAIN, "range of --vary does not lead to its end in 1 to %d steps (%.200s); "
                        "expected FROM:TO:*FACTOR, FROM:TO:+STEP or FROM:TO:-STEP", QSG_SWEEP_MAX_POINTS, item);
    qsg_status status = QSG_OK;
    for (size_t i = 0; i < (size_t)count && !status; i++) {
        char text[40];
        const double by = kind == '-' ? -step : step;
        const double value = kind == '*' ? limits[0] * pow(step, (double)i) : limits[0] + by * (double)i;
        const double whole = nearbyint(value); /* a step that meets zero or a whole number but for rounding */
        snprintf(text, sizeof text, "%.15g", fabs(value - whole) <= 1e-12 * (fabs(value) + step) ? whole + 0.0 : value);
        status = append(self, text, error);
    }
    return status;
}

/* A range or a value as it stands. */
static qsg_status append_item(qsg_sweep_axis *self, const char *item, qsg_error *error)
{
    char word[3][64];
    double limits[2], step;
    int used = 0;
    if (sscanf(item, "%63[^:]:%63[^:]:%63[^:]%n", word[0], word[1], word[2], &used) == 3 && !item[used] &&
        strchr("*+-", *word[2]) && !parse_number(word[0], "", "", &limits[0], NULL) &&
        !parse_number(word[1], "", "", &limits[1], NULL) && !parse_number(word[2] + 1, "", "", &step, NULL))
        return append_range(self, item, limits, *word[2], step, error);
    if (!*item || strpbrk(item, "\t\n\r"))
        return qsg_fail(error, QSG_EINPUT, "an item of --vary is empty or broken (%.200s); expected a value", item);
    return append(self, item, error);
}

static qsg_status find_option(const char *name, qsg_option *out, qsg_error *error)
{
    qsg_settings probe = {0};
    qsg_status status = qsg_settings_set(&probe, name, "", error);
    for (int i = 0; i < QSG_MODEL_OPTIONS; i++)
        if (probe.texts[i])
            *out = (qsg_option)i;
    qsg_settings_free(&probe);
    return status;
}

/* Split `list` in place at its separator; a last empty item after a semicolon is none. */
static qsg_status append_list(qsg_sweep_axis *self, char *list, qsg_error *error)
{
    const char separator = strchr(list, ';') ? ';' : ',';
    qsg_status status = QSG_OK;
    for (char *item = list, *next; item && !status; item = next) {
        next = strchr(item, separator);
        if (next)
            *next++ = 0;
        if (next && !*next && separator == ';')
            next = NULL;
        status = append_item(self, item, error);
    }
    return status;
}

qsg_status qsg_sweep_vary(qsg_sweep_grid *self, const char *text, qsg_error *error)
{
    qsg_sweep_axis axis = {0};
    char *copied = strdup(text), *equals = copied ? strchr(copied, '=') : NULL;
    qsg_status status;
    if (!copied)
        return qsg_fail(error, QSG_ENOMEM, "no memory for --vary");
    if (equals)
        *equals = 0;
    status = equals ? find_option(copied, &axis.option, error)
                    : qsg_fail(error, QSG_EINPUT, "--vary is not NAME=LIST (%.200s); expected say N=8:1024:*2", text);
    for (size_t i = 0; i < self->n && !status; i++)
        if (self->axes[i].option == axis.option)
            status = qsg_fail(error, QSG_EINPUT, "--vary names one option twice (%.60s); expected one list", copied);
    if (!status)
        status = append_list(&axis, equals + 1, error);
    if (!status && qsg_sweep_points(self) > QSG_SWEEP_MAX_POINTS / axis.n)
        status = qsg_fail(error, QSG_EDOMAIN, "the sweep has too many points (%zu times %zu); expected at most %d",
                          qsg_sweep_points(self), axis.n, QSG_SWEEP_MAX_POINTS);
    free(copied);
    if (status)
        axis_free(&axis);
    else
        self->axes[self->n++] = axis;
    return status;
}

size_t qsg_sweep_points(const qsg_sweep_grid *self)
{
    size_t points = 1;
    for (size_t i = 0; i < self->n; i++)
        points *= self->axes[i].n;
    return points;
}

const char *qsg_sweep_text(const qsg_sweep_grid *self, size_t point, size_t axis)
{
    for (size_t i = self->n; --i > axis;)
        point /= self->axes[i].n;
    return self->axes[axis].texts[point % self->axes[axis].n];
}

qsg_status qsg_sweep_settings(const qsg_sweep_grid *self, const qsg_settings *fixed, size_t point, qsg_settings *out)
{
    qsg_status status = qsg_settings_copy(out, fixed);
    for (size_t i = 0; i < self->n && !status; i++) {
        const char *name = qsg_model_options[self->axes[i].option].name;
        status = qsg_settings_set(out, name, qsg_sweep_text(self, point, i), NULL);
    }
    if (status)
        qsg_settings_free(out);
    return status;
}

void qsg_sweep_free(qsg_sweep_grid *self)
{
    for (size_t i = 0; i < self->n; i++)
        axis_free(&self->axes[i]);
    self->n = 0;
}
