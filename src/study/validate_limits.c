/* Asymptotic laws: how far off at four population sizes, how that falls, what is left at N = infinity.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/validate_limits.h"

#include <gsl/gsl_multifit.h>
#include <math.h>
#include <string.h>

/* A deviation is seen beyond so many standard errors. */
#define SEEN 3

uint64_t law_size(const law_run *self, int i)
{
    return (uint64_t)6 << ((unsigned)i + law_doublings(self));
}

/* Weighted least squares off = L + A/N + B/N^2: L and its standard error. */
static qsg_status extrapolate(const law_deviation *d, double *limit, double *se, qsg_error *error)
{
    enum { TERMS = 3 };
    gsl_matrix *x = gsl_matrix_alloc(LAW_SIZES, TERMS), *errors = gsl_matrix_alloc(TERMS, TERMS);
    gsl_vector *y = gsl_vector_alloc(LAW_SIZES), *w = gsl_vector_alloc(LAW_SIZES), *c = gsl_vector_alloc(TERMS);
    gsl_multifit_linear_workspace *work = gsl_multifit_linear_alloc(LAW_SIZES, TERMS);
    double chi2;
    qsg_status status = QSG_OK;
    if (!x || !errors || !y || !w || !c || !work) {
        status = qsg_fail(error, QSG_ENOMEM, "no memory for a fit of %d sizes", LAW_SIZES);
    } else {
        for (size_t i = 0; i < LAW_SIZES; i++) {
            for (size_t j = 0; j < TERMS; j++)
                gsl_matrix_set(x, i, j, pow(d[i].agents, -(double)j));
            gsl_vector_set(y, i, d[i].off);
            gsl_vector_set(w, i, 1 / (d[i].se * d[i].se));
        }
        if (gsl_multifit_wlinear(x, w, y, c, errors, &chi2, work))
            status = qsg_fail(error, QSG_ENUMERIC, "the fit of a deviation against N failed");
        *limit = gsl_vector_get(c, 0);
        *se = sqrt(gsl_matrix_get(errors, 0, 0));
    }
    gsl_matrix_free(x);
    gsl_matrix_free(errors);
    gsl_vector_free(y);
    gsl_vector_free(w);
    gsl_vector_free(c);
    if (work)
        gsl_multifit_linear_free(work);
    return status;
}

/* Exponent of |off| in N by least squares of logarithms over the sizes, from the smallest on, at which it is seen
 * with the same sign; NaN when they are fewer than three. */
static void fit_exponent(const law_deviation *d, double *exponent, double *se)
{
    double sx = 0, sy = 0, sxx = 0, sxy = 0, noise = 0;
    int n = 0;
    while (n < LAW_SIZES && fabs(d[n].off) > SEEN * d[n].se && d[n].off * d[0].off > 0)
        n++;
    for (int i = 0; i < n; i++) {
        sx += log(d[i].agents) / n;
        sy += log(fabs(d[i].off)) / n;
    }
    for (int i = 0; i < n; i++) {
        const double x = log(d[i].agents) - sx;
        sxx += x * x;
        sxy += x * (log(fabs(d[i].off)) - sy);
        noise += x * x * (d[i].se / d[i].off) * (d[i].se / d[i].off);
    }
    *exponent = n >= 3 ? sxy / sxx : NAN;
    *se = n >= 3 ? sqrt(noise) / sxx : NAN;
}

qsg_status law_judge_limit(law_run *self, const law_deviation *d, double size, double truncation)
{
    qsg_law_outcome *out = self->outcome;
    const law_deviation *last = &d[LAW_SIZES - 1];
    /* the size that the table's law may be off by falls as 1/N from the quick suite's largest population */
    const double scale = pow(2, -(double)law_doublings(self)),
        tolerance = size * scale + QSG_VALIDATE_SIGMAS * last->se;
    double limit = NAN, limit_se = NAN, exponent, exponent_se;
    qsg_status status = extrapolate(d, &limit, &limit_se, self->error);
    if (status)
        return status;
    const double allowed = truncation * scale + QSG_VALIDATE_SIGMAS * limit_se;
    const double worst = fmax(fabs(last->off) / tolerance, fabs(limit) / allowed);
    if (!(worst <= 1))
        out->pass = false;
    if (worst > self->worst || !(worst >= 0)) {
        self->worst = worst;
        out->statistic = fabs(limit) / limit_se;
        out->error = last->off;
        out->tolerance = tolerance;
        out->limit = limit;
        out->limit_se = limit_se;
    }
    fit_exponent(d, &exponent, &exponent_se);
    if (!isnan(exponent) && !(exponent_se >= out->exponent_se)) { /* the one that is known best */
        out->exponent = exponent;
        out->exponent_se = exponent_se;
    }
    out->tests += 2;
    return QSG_OK;
}

/* Runs of one model whose values are counted below given edges, or averaged. */
static qsg_status take_value(void *context, const qsg_outcome *outcome)
{
    law_values *v = context;
    const double x = v->what == LAW_TIME      ? outcome->consensus_time - v->less
                     : v->what == LAW_WINS    ? outcome->leader == 0
                     : v->what == LAW_SHARE   ? outcome->shares[0]
                                              : 1 - outcome->heterogeneity[0];
    if (v->waits && !outcome->resolved) {
        v->unresolved++;
        return QSG_OK;
    }
    v->sum += x - v->origin;
    v->square += (x - v->origin) * (x - v->origin);
    for (size_t i = 0; i < v->edges; i++)
        v->below[i] += x <= v->edge[i];
    return QSG_OK;
}

qsg_status law_take_values(law_run *self, const qsg_model *model, qsg_ensemble_request request, law_values *v)
{
    request.want_shares = v->what == LAW_SHARE;
    v->runs = (double)request.runs;
    v->waits = request.horizon > 0;
    qsg_status status = qsg_ensemble_run(model, &request, take_value, v, self->error);
    if (!status && v->unresolved) /* what the others did is not the law */
        self->outcome->pass = false;
    v->mean = v->origin + v->sum / v->runs;
    v->se = sqrt(fmax(v->square / v->runs - pow(v->sum / v->runs, 2), 0) / v->runs);
    return status;
}

double law_share_error(double p, double runs)
{
    return sqrt(fmax(p * (1 - p), 1 / runs) / runs);
}
