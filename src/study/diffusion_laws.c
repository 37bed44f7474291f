/* Distribution functions of the diffusion limit, for comparisons.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/diffusion_laws.h"

#include <math.h>
#include <stdlib.h>

#include "qsg/fokker_planck.h"

#define CELLS 1000
#define STEPS 2000

qsg_status share_law_init(share_law *self, qsg_drift_function *drift, void *context, double p, size_t n,
                          const double *tau, qsg_error *error)
{
    qsg_fokker_planck fp = {0};
    share_law law = {CELLS, malloc(n * (CELLS + 1) * sizeof(double))};
    qsg_status status = law.below ? qsg_fokker_planck_init(&fp, CELLS, drift, context, error)
                                  : qsg_fail(error, QSG_ENOMEM, "no memory for the law at %zu times", n);
    if (!status)
        status = qsg_fokker_planck_start_point(&fp, p, error);
    for (size_t i = 0; i < n && !status; i++) {
        double *below = law.below + i * (CELLS + 1);
        status = qsg_fokker_planck_advance(&fp, tau[i], error);
        below[0] = fp.absorbed[1];
        for (size_t j = 0; j < CELLS; j++)
            below[j + 1] = below[j] + fp.mass[j];
    }
    qsg_fokker_planck_free(&fp);
    if (status)
        share_law_free(&law);
    else
        *self = law;
    return status;
}

void share_law_free(share_law *self)
{
    free(self->below);
    *self = (share_law){0};
}

/* Edge i of qsg_fokker_planck. */
static double edge(const share_law *self, size_t i)
{
    const double s = sin(M_PI * (double)i / (2 * (double)self->cells));
    return s * s;
}

double share_law_below(const share_law *self, size_t i, double at)
{
    const double *below = self->below + i * (self->cells + 1);
    const double place = asin(sqrt(at)) * 2 / M_PI * (double)self->cells;
    const size_t cell = place < (double)self->cells - 1 ? (size_t)place : self->cells - 1;
    const double left = edge(self, cell), part = (at - left) / (edge(self, cell + 1) - left);
    return below[cell] + fmin(fmax(part, 0), 1) * (below[cell + 1] - below[cell]);
}

/* Mass of both atoms at STEPS+1 times. */
static qsg_status absorb(time_law *self, qsg_drift_function *drift, void *context, double p, qsg_error *error)
{
    qsg_fokker_planck fp = {0};
    qsg_status status = qsg_fokker_planck_init(&fp, CELLS, drift, context, error);
    if (!status)
        status = qsg_fokker_planck_start_point(&fp, p, error);
    for (size_t i = 0; i <= STEPS && !status; i++) {
        status = qsg_fokker_planck_advance(&fp, self->step * (double)i, error);
        self->absorbed[i] = fp.absorbed[0] + fp.absorbed[1];
    }
    qsg_fokker_planck_free(&fp);
    return status;
}

qsg_status time_law_init(time_law *self, qsg_drift_function *drift, void *context, const double *p, size_t labels,
                         double last, qsg_error *error)
{
    time_law law = {.series = !drift, .steps = STEPS, .step = last / STEPS};
    qsg_status status = QSG_OK;
    if (law.series) {
        status = qsg_consensus_law_init(&law.law, p, labels, error);
    } else {
        law.absorbed = malloc((STEPS + 1) * sizeof *law.absorbed);
        status = law.absorbed ? absorb(&law, drift, context, p[0], error)
                              : qsg_fail(error, QSG_ENOMEM, "no memory for the law of the consensus time");
    }
    if (status)
        time_law_free(&law);
    else
        *self = law;
    return status;
}

void time_law_free(time_law *self)
{
    if (self->series)
        qsg_consensus_law_free(&self->law);
    free(self->absorbed);
    *self = (time_law){0};
}

qsg_status time_law_below(time_law *self, double tau, double *probability, qsg_error *error)
{
    if (self->series) {
        double above;
        qsg_status status = qsg_consensus_law_survival(&self->law, tau, &above, error);
        if (!status)
            *probability = 1 - above;
        return status;
    }
    const double place = self->step > 0 ? fmin(tau / self->step, (double)self->steps) : 0;
    const size_t i = place < (double)self->steps ? (size_t)place : self->steps - 1;
    *probability = self->absorbed[i] + (place - (double)i) * (self->absorbed[i + 1] - self->absorbed[i]);
    return QSG_OK;
}

qsg_status time_law_quantile(time_law *self, double level, double *tau, qsg_error *error)
{
    size_t i = 1;
    if (self->series)
        return qsg_consensus_law_quantile(&self->law, level, tau, error);
    while (i <= self->steps && self->absorbed[i] < level)
        i++;
    *tau = NAN;
    if (i <= self->steps)
        *tau = self->step * ((double)i - (self->absorbed[i] - level) / (self->absorbed[i] - self->absorbed[i - 1]));
    return QSG_OK;
}
