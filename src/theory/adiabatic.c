/* The adiabatic closure (doc/theory/adiabatic.md).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/adiabatic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/moments.h"
#include "theory/closure.h"

#define WHO "the adiabatic closure"
#define MANY 100 /* mean beliefs from which on the map is interpolated */

qsg_status qsg_adiabatic_map(const qsg_model *model, size_t n, const double *p, double *map, qsg_error *error)
{
    closure c = {0};
    double *values = malloc((n ? n : 1) * sizeof *values);
    if (!values)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu mean beliefs", n);
    closure_series series;
    qsg_status status = closure_init(&c, model, WHO, error);
    const bool sampled = !status && n >= MANY && !c.soft && closure_sample(&c, &series, NULL) == QSG_OK;
    for (size_t i = 0; i < n && !status; i++) {
        if (!(p[i] >= 0 && p[i] <= 1))
            status = qsg_fail(error, QSG_EDOMAIN, "mean belief is out of range (%g); expected a number in [0, 1]",
                              p[i]);
        else if (sampled)
            values[i] = closure_series_at(&series, p[i]);
        else
            status = closure_map(&c, p[i], i > 0, &values[i], error);
        if (!status && !c.soft && !sampled)
            status = belief_resolved(&c.law, p[i], error);
    }
    if (!status && n)
        memcpy(map, values, n * sizeof *values);
    closure_free(&c);
    free(values);
    return status;
}

qsg_status qsg_adiabatic_moments(const qsg_model *model, double p, size_t n, double *moments, qsg_error *error)
{
    closure c = {0};
    double heard;
    if (!(p >= 0 && p <= 1))
        return qsg_fail(error, QSG_EDOMAIN, "mean belief is out of range (%g); expected a number in [0, 1]", p);
    qsg_status status = belief_check(model, WHO, error);
    if (status)
        return status;
    if (isinf(model->bandwidth)) {
        for (size_t k = 0; k <= n; k++)
            moments[k] = cos((double)k * acos(2 * p - 1));
        return QSG_OK;
    }
    status = closure_init_degree(&c, model, (belief_degree){n > 8 ? n : 8, n > 1024 ? n : 1024, 1e-15}, WHO, error);
    if (!status && c.law.n < n)
        status = qsg_fail(error, QSG_EDOMAIN, "%zu moments are too many; expected at most %zu", n, c.law.n);
    if (!status)
        status = closure_map(&c, p, false, &heard, error);
    if (!status)
        memcpy(moments, c.law.moments, (n + 1) * sizeof *moments);
    closure_free(&c);
    return status;
}

qsg_status qsg_adiabatic_fixed_points(const qsg_model *model, size_t capacity, qsg_fixed_point *points, size_t *n,
                                      qsg_error *error)
{
    closure c = {0};
    qsg_status status = closure_init(&c, model, WHO, error);
    if (!status)
        status = closure_fixed_points(&c, capacity, points, n, error);
    closure_free(&c);
    return status;
}

/* The model with the control at `value`; borrows the model's arrays and the two numbers of `field`. */
static qsg_status controlled(const qsg_model *model, qsg_control control, double value, double *field, qsg_model *out,
                             qsg_error *error)
{
    qsg_model changed = *model;
    switch (control) {
    case QSG_BY_TEMPER:
        if (!(value > 0 && isfinite(value)))
            return qsg_fail(error, QSG_EDOMAIN, "temper is out of range (%g); expected a number > 0", value);
        changed.temper = value;
        break;
    case QSG_BY_INNOVATION:
        if (!(value >= 0 && value <= 1))
            return qsg_fail(error, QSG_EDOMAIN, "innovation is out of range (%g); expected a number in [0, 1]", value);
        changed.innovation = value;
        break;
    case QSG_BY_FIELD:
        if (!isfinite(value))
            return qsg_fail(error, QSG_EDOMAIN, "field is out of range (%g); expected a finite number", value);
        field[0] = value;
        field[1] = 0;
        changed.field = value != 0 ? field : NULL;
        break;
    default:
        return qsg_fail(error, QSG_EDOMAIN, "control %d is unknown; expected temper, innovation or field",
                        (int)control);
    }
    *out = changed;
    return QSG_OK;
}

typedef struct {
    const qsg_model *model;
    qsg_control control;
} control_context;

/* Slope at the symmetric point minus 1. */
static qsg_status symmetric_excess(double value, void *context, double *excess, qsg_error *error)
{
    const control_context *self = context;
    double field[2], heard;
    qsg_model model;
    closure c = {0};
    qsg_fixed_point at;
    qsg_status status = controlled(self->model, self->control, value, field, &model, error);
    if (!status)
        status = closure_init(&c, &model, WHO, error);
    if (!status)
        status = closure_map(&c, 0.5, false, &heard, error);
    if (!status && !c.soft)
        status = belief_resolved(&c.law, 0.5, error);
    if (!status)
        status = closure_stability(&c, 0.5, &at, error);
    if (!status)
        *excess = at.slope - 1;
    closure_free(&c);
    return status;
}

static qsg_status count_at(const control_context *self, double value, size_t *count, qsg_error *error)
{
    double field[2];
    qsg_model model;
    qsg_fixed_point points[32];
    qsg_status status = controlled(self->model, self->control, value, field, &model, error);
    return status ? status : qsg_adiabatic_fixed_points(&model, 32, points, count, error);
}

static qsg_status critical_count(const control_context *self, double low, double high, double *value, qsg_error *error)
{
    size_t at_low, at_high, now;
    const double width = high - low;
    qsg_status status = count_at(self, low, &at_low, error);
    if (!status)
        status = count_at(self, high, &at_high, error);
    if (status)
        return status;
    if (at_low == at_high)
        return qsg_fail(error, QSG_ENOEXIST, "%zu fixed points at both ends (%g and %g); expected different numbers",
                        at_low, low, high);
    while (high - low > 1e-9 * width && !status) {
        const double middle = low + (high - low) / 2;
        status = count_at(self, middle, &now, error);
        if (!status)
            *(now == at_low ? &low : &high) = middle;
    }
    if (!status)
        *value = low + (high - low) / 2;
    return status;
}

qsg_status qsg_adiabatic_critical(const qsg_model *model, qsg_control control, double low, double high, double *value,
                                  qsg_error *error)
{
    control_context context = {model, control};
    const qsg_channel channel = qsg_channel_of(model);
    double at_low, at_high;
    if (!(low < high))
        return qsg_fail(error, QSG_EDOMAIN, "range is empty (%g to %g); expected low < high", low, high);
    const bool symmetric = control != QSG_BY_FIELD && closure_symmetric(&channel) &&
                           (control != QSG_BY_INNOVATION || model->prior[0] == 0.5);
    qsg_status status = belief_check(model, WHO, error);
    if (status)
        return status;
    if (!symmetric)
        return critical_count(&context, low, high, value, error);
    status = symmetric_excess(low, &context, &at_low, error);
    if (!status)
        status = symmetric_excess(high, &context, &at_high, error);
    if (status)
        return status;
    if ((at_low > 0) == (at_high > 0))
        return qsg_fail(error, QSG_ENOEXIST, "the symmetric state has slope %g at %g and %g at %g; expected 1 between",
                        1 + at_low, low, 1 + at_high, high);
    return belief_root(symmetric_excess, &context, low, high, 1e-12 * (high - low), value, error);
}

qsg_status qsg_adiabatic_bifurcation_table(const qsg_model *model, qsg_control control, size_t n,
                                           const double *values, qsg_result *result, qsg_error *error)
{
    enum { MOST = 32 };
    static const char *const names[] = {"temper", "innovation", "field"};
    double *rows = malloc((n ? n : 1) * MOST * 4 * sizeof *rows);
    qsg_fixed_point points[MOST];
    size_t used = 0, found = 0;
    qsg_status status = rows ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for the bifurcation diagram");
    double *columns[4];
    for (size_t j = 0; j < 4 && rows; j++)
        columns[j] = rows + j * n * MOST;
    for (size_t i = 0; i < n && !status; i++) {
        double field[2];
        qsg_model at;
        status = controlled(model, control, values[i], field, &at, error);
        if (!status)
            status = qsg_adiabatic_fixed_points(&at, MOST, points, &found, error);
        if (status == QSG_ENOEXIST) { /* every p is one: no row */
            status = QSG_OK;
            continue;
        }
        for (size_t k = 0; k < found && !status; k++, used++) {
            columns[0][used] = values[i];
            columns[1][used] = points[k].p;
            columns[2][used] = points[k].slope;
            columns[3][used] = points[k].stable;
        }
    }
    if (!status) {
        qsg_result_column(result, names[control], names[control], used, columns[0], "", QSG_INPUT, "control parameter");
        qsg_result_column(result, "p", "p", used, columns[1], "", QSG_NUMERICAL, "self-consistent mean belief");
        qsg_result_column(result, "slope", "slope", used, columns[2], "", QSG_NUMERICAL, "feedback at the fixed point");
        qsg_result_column(result, "stable", "stable", used, columns[3], "", QSG_NUMERICAL, "1 where slope < 1");
        status = qsg_result_status(result);
    }
    free(rows);
    return status;
}
