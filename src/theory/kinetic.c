/* Growth rates and phases of the kinetic mean field (doc/theory/kinetic.md).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/kinetic.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/moments.h"
#include "theory/closure.h"

#define WHO "the kinetic mean field"
#define MOST 32
#define PICTURE ((belief_degree){8, 320, 1e-9}) /* six digits of a growth rate are enough for a map */

static qsg_status growth_at(closure *c, double p, qsg_fixed_point *point, qsg_error *error)
{
    double heard;
    qsg_status status = closure_map(c, p, false, &heard, error);
    if (!status && !c->soft)
        status = belief_resolved(&c->law, p, error);
    return status ? status : closure_stability(c, p, point, error);
}

qsg_status qsg_kinetic_growth(const qsg_model *model, qsg_growth *growth, qsg_error *error)
{
    closure c = {0};
    qsg_fixed_point points[MOST];
    size_t n = 0;
    qsg_status status = closure_init(&c, model, WHO, error);
    const bool symmetric = !status && closure_symmetric(&c.channel);
    if (!status && !symmetric)
        status = closure_fixed_points(&c, MOST, points, &n, error);
    if (symmetric || status == QSG_ENOEXIST) { /* a continuum: the start says where */
        n = 1;
        status = growth_at(&c, symmetric ? 0.5 : model->start.p[0], points, error);
    }
    closure_free(&c);
    if (status)
        return status;
    size_t best = n;
    for (size_t i = 0; i < n; i++)
        if ((n == 1 || (points[i].p > 0 && points[i].p < 1)) && (best == n || points[i].growth > points[best].growth))
            best = i;
    if (best == n || isnan(points[best].growth))
        return qsg_fail(error, QSG_ENOEXIST, "no mean belief inside (0, 1) is self-consistent: one label takes over");
    *growth = (qsg_growth){points[best].p, points[best].growth};
    return QSG_OK;
}

typedef struct {
    double re, im;
} eigenvalue;

static int descending(const void *a, const void *b)
{
    const double x = ((const eigenvalue *)a)->re, y = ((const eigenvalue *)b)->re;
    return (x < y) - (x > y);
}

qsg_status qsg_kinetic_spectrum(const qsg_model *model, double p, size_t capacity, double *re, double *im, size_t *n,
                                qsg_error *error)
{
    closure c = {0};
    double *matrix = NULL, heard;
    eigenvalue *values = NULL;
    if (!(p >= 0 && p <= 1))
        return qsg_fail(error, QSG_EDOMAIN, "mean belief is out of range (%g); expected a number in [0, 1]", p);
    qsg_status status = closure_init(&c, model, WHO, error);
    if (!status && c.soft)
        status = qsg_fail(error, QSG_EMODEL, "the spectrum does not support --bandwidth inf; expected a number");
    if (!status && c.law.n > capacity)
        status = qsg_fail(error, QSG_EDOMAIN, "room for %zu growth rates; expected at least %zu", capacity, c.law.n);
    if (!status)
        status = closure_map(&c, p, false, &heard, error);
    if (status)
        goto out;
    const size_t size = c.law.n;
    matrix = malloc((size * size + 2 * size) * sizeof *matrix);
    values = malloc(size * sizeof *values);
    if (!matrix || !values) {
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu growth rates", size);
        goto out;
    }
    belief_generator(&c.law, matrix);
    for (size_t i = 0; i < size * size; i++)
        matrix[i] *= c.pace;
    double *wr = matrix + size * size, *wi = wr + size;
    if (LAPACKE_dgeev(LAPACK_ROW_MAJOR, 'N', 'N', (int)size, matrix, (int)size, wr, wi, NULL, (int)size, NULL,
                      (int)size)) {
        status = qsg_fail(error, QSG_ENUMERIC, "the growth rates do not converge");
        goto out;
    }
    for (size_t i = 0; i < size; i++)
        values[i] = (eigenvalue){wr[i], wi[i]};
    qsort(values, size, sizeof *values, descending);
    for (size_t i = 0; i < size; i++) {
        re[i] = values[i].re;
        im[i] = values[i].im;
    }
    *n = size;
out:
    free(matrix);
    free(values);
    closure_free(&c);
    return status;
}

const char *qsg_regime_name(qsg_regime regime)
{
    static const char *const names[] = {"drift", "amplification", "pluralism", "selection"};
    return (size_t)regime < sizeof names / sizeof *names ? names[regime] : "unknown";
}

qsg_regime qsg_regime_of(double growth, double drift, double gamma)
{
    if (fabs(growth) > drift * fmax(1, fabs(gamma))) /* false for NaN */
        return growth > 0 ? QSG_REGIME_AMPLIFICATION : QSG_REGIME_PLURAL;
    return fabs(gamma) > 1 ? QSG_REGIME_BIASED : QSG_REGIME_DRIFT;
}

/* N lambda, and Gamma_eff of the weak field: the ratio of drift to noise (eq. 10); 0 where there is no field. */
static qsg_status scales(const qsg_model *model, double *drift, double *gamma, qsg_error *error)
{
    qsg_model neutral = *model;
    double rate;
    neutral.field = NULL;
    neutral.temper = 1;
    neutral.innovation = 0;
    qsg_status status = qsg_moments_slow_rate(&neutral, &rate, error);
    if (status)
        return status;
    const double pace = model->exchange == QSG_MUTUAL ? 2 : 1, spread = closure_spread(model);
    const double h = model->field ? model->field[0] - model->field[1] : 0;
    *drift = (double)model->agents * rate;
    *gamma = h == 0 || spread == 0 ? 0 : *drift > 0 ? pace * (model->alpha + model->self) * h * spread / *drift : h > 0 ? INFINITY : -INFINITY;
    return QSG_OK;
}

/* (1 - innovation) G(rate) - 1, where G is the feedback without innovation */
typedef struct {
    belief_law *law;
    double share;
} diluted;

static qsg_status diluted_excess(double rate, void *context, double *value, qsg_error *error)
{
    const diluted *self = context;
    double multiplier;
    qsg_status status = belief_feedback(self->law, rate, &multiplier, error);
    if (!status)
        *value = self->share * multiplier - 1;
    return status;
}

/* One row of the map at m = 1 and p = 1/2: the law does not depend on the channel, and the channel is linear in eps. */
static qsg_status symmetric_row(const qsg_model *model, size_t n, const double *innovations, double *growth,
                                qsg_error *error)
{
    closure c = {0};
    qsg_model still = *model;
    double heard, top, excess;
    still.innovation = 0;
    const belief_degree degrees[] = {PICTURE, BELIEF_FULL};
    qsg_status status = QSG_ENUMERIC;
    for (size_t i = 0; i < 2 && status == QSG_ENUMERIC; i++) {
        closure_free(&c);
        status = closure_init_degree(&c, &still, degrees[i], WHO, error);
        if (!status)
            status = closure_map(&c, 0.5, false, &heard, error);
        if (!status)
            status = belief_resolved(&c.law, 0.5, error);
    }
    if (!status)
        status = belief_growth(&c.law, &top, error);
    const double low = -model->alpha * (1 - 1e-10);
    for (size_t j = 0; j < n && !status; j++) {
        diluted context = {&c.law, 1 - innovations[j]};
        status = diluted_excess(low, &context, &excess, error);
        if (!status && (excess <= 0 || top <= low))
            growth[j] = -model->alpha;
        else if (!status && innovations[j] == 0)
            growth[j] = top;
        else if (!status)
            status = belief_root(diluted_excess, &context, low, top, 1e-9, &growth[j], error);
        if (!status)
            growth[j] *= c.pace;
    }
    closure_free(&c);
    return status;
}

static qsg_status any_row(const qsg_model *model, size_t n, const double *innovations, double *growth,
                          qsg_error *error)
{
    qsg_status status = QSG_OK;
    for (size_t j = 0; j < n && !status; j++) {
        qsg_model at = *model;
        qsg_growth found;
        at.innovation = innovations[j];
        status = qsg_kinetic_growth(&at, &found, error);
        growth[j] = status ? NAN : found.rate;
        if (status == QSG_ENOEXIST)
            status = QSG_OK;
    }
    return status;
}

static qsg_status check_axes(size_t nt, const double *tempers, size_t ne, const double *innovations, qsg_error *error)
{
    for (size_t i = 0; i < nt; i++)
        if (!(tempers[i] > 0 && isfinite(tempers[i])))
            return qsg_fail(error, QSG_EDOMAIN, "temper is out of range (%g); expected a number > 0", tempers[i]);
    for (size_t j = 0; j < ne; j++)
        if (!(innovations[j] >= 0 && innovations[j] <= 1))
            return qsg_fail(error, QSG_EDOMAIN, "innovation is out of range (%g); expected a number in [0, 1]",
                            innovations[j]);
    return QSG_OK;
}

qsg_status qsg_kinetic_phases(const qsg_model *model, size_t n_tempers, const double *tempers, size_t n_innovations,
                              const double *innovations, qsg_regime *regimes, double *growth, qsg_error *error)
{
    const size_t size = n_tempers * n_innovations;
    double drift = 0, gamma = 0, *values = malloc((size ? size : 1) * sizeof *values);
    qsg_status status = values ? belief_check(model, WHO, error) : qsg_fail(error, QSG_ENOMEM, "no memory for phases");
    if (!status)
        status = check_axes(n_tempers, tempers, n_innovations, innovations, error);
    if (!status)
        status = scales(model, &drift, &gamma, error);
    if (status)
        goto out;
    qsg_channel channel = qsg_channel_of(model);
    channel.innovation = 1;
    const bool fast = closure_symmetric(&channel) && model->bandwidth == 1 && model->self == 0;
    size_t worst = n_tempers; /* the first row that failed tells, whatever the number of threads */
#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < n_tempers; i++) {
        qsg_error own = {""};
        qsg_model at = *model;
        at.temper = tempers[i];
        qsg_status here = (fast ? symmetric_row : any_row)(&at, n_innovations, innovations,
                                                           values + i * n_innovations, &own);
#pragma omp critical(qsg_kinetic_row)
        if (here && i < worst) {
            worst = i;
            status = here;
            if (error)
                *error = own;
        }
    }
    for (size_t i = 0; i < size && !status; i++) {
        regimes[i] = qsg_regime_of(values[i], drift, gamma);
        growth[i] = values[i];
    }
out:
    free(values);
    return status;
}

qsg_status qsg_kinetic_phase_table(const qsg_model *model, size_t n_tempers, const double *tempers,
                                   size_t n_innovations, const double *innovations, qsg_result *result,
                                   qsg_error *error)
{
    const size_t size = n_tempers * n_innovations, room = size ? size : 1;
    double *rows = malloc(4 * room * sizeof *rows);
    qsg_regime *regimes = malloc(room * sizeof *regimes);
    qsg_status status = rows && regimes ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for the phase map");
    if (!status)
        status = qsg_kinetic_phases(model, n_tempers, tempers, n_innovations, innovations, regimes, rows, error);
    for (size_t i = 0; i < size && !status; i++) {
        rows[room + i] = tempers[i / n_innovations];
        rows[2 * room + i] = innovations[i % n_innovations];
        rows[3 * room + i] = regimes[i];
    }
    if (!status) {
        qsg_result_column(result, "temper", "temper", size, rows + room, "", QSG_INPUT, "T");
        qsg_result_column(result, "innovation", "innovation", size, rows + 2 * room, "", QSG_INPUT, "epsilon");
        qsg_result_column(result, "regime", "regime", size, rows + 3 * room, "", QSG_MEANFIELD,
                          "0 drift, 1 amplification, 2 pluralism, 3 selection");
        qsg_result_column(result, "growth", "growth", size, rows, "per round", QSG_MEANFIELD,
                          "growth rate of a deviation from the mixed state");
        status = qsg_result_status(result);
    }
    free(rows);
    free(regimes);
    return status;
}
