/* predict --chain wright-fisher.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/wright_fisher.h"
#include "theory/predict_laws.h"

static const char *const generations = "generations";

static qsg_status start_of(const qsg_model *model, size_t *start, qsg_error *error)
{
    const double n = (double)model->agents, genes = n * model->start.p[0];
    if (model->start.kind == QSG_START_ONEHOT) {
        *start = (size_t)model->start.counts[0];
        return QSG_OK;
    }
    if (model->start.kind != QSG_START_POINT || fabs(genes - nearbyint(genes)) > 1e-9 * n)
        return qsg_fail(error, QSG_EMODEL, "the Wright-Fisher chain starts with whole numbers of genes (--init %.100s of %g); "
                        "expected onehot:n1,n2, or shares that make whole numbers", model->texts[QSG_INIT], n);
    *start = (size_t)nearbyint(genes);
    return QSG_OK;
}

static qsg_status put_absorption(const qsg_wright_fisher *wf, size_t start, double *work, qsg_result *result,
                                 qsg_error *error)
{
    const size_t n = wf->genes + 1;
    double *fixation = work, *loss = fixation + n, *mean = loss + n, *sd = mean + n;
    qsg_status status = qsg_wright_fisher_absorption(wf, QSG_WF_AUTO, fixation, loss, mean, sd, error);
    if (status)
        return status == QSG_ENOEXIST ? QSG_OK : status;
    const double probability[2] = {fixation[start], loss[start]};
    qsg_result_vector(result, "fixation.probability", 2, probability, "", QSG_EXACT,
                      isnan(probability[0] + probability[1])
                          ? "that the kind is fixed; -: so rare that jumps left out of the chain would add to it"
                          : "that the kind is fixed");
    qsg_result_text(result, "fixation.method", "exact chain", "");
    qsg_result_number(result, "fixation.mean_time", mean[start], generations, QSG_EXACT, "until one kind is fixed");
    qsg_result_number(result, "fixation.sd_time", sd[start], generations, QSG_EXACT, "its standard deviation");
    return QSG_OK;
}

/* Its moments; `law` is kept for put_distribution, and *known whether there is one. */
static qsg_status put_stationary(const qsg_wright_fisher *wf, double *law, bool *known, qsg_result *result, qsg_error *error)
{
    double mean = 0, H = 0;
    qsg_error reason = {""};
    const qsg_status status = qsg_wright_fisher_stationary(wf, law, &reason);
    *known = !status;
    if (status == QSG_EDOMAIN)
        qsg_result_number(result, "stationary.U", NAN, "", QSG_EXACT, reason.message);
    if (status)
        return status == QSG_ENOEXIST || status == QSG_EDOMAIN ? QSG_OK : qsg_fail(error, status, "%s", reason.message);
    for (size_t i = 0; i <= wf->genes; i++) {
        const double x = (double)i / (double)wf->genes;
        mean += law[i] * x;
        H += law[i] * 2 * x * (1 - x);
    }
    qsg_result_number(result, "stationary.share", mean, "", QSG_EXACT, "E[share of kind 1]");
    qsg_result_number(result, "stationary.U", 1 - H, "", QSG_EXACT, "E[U]: two genes drawn with replacement are alike");
    return QSG_OK;
}

/* As a table of its own, below that of the times. */
static void put_distribution(const qsg_wright_fisher *wf, bool times, const double *law, double *room, qsg_result *result)
{
    const size_t n = wf->genes + 1;
    double *number = room, *share = number + n;
    for (size_t i = 0; i < n; i++) {
        number[i] = (double)i;
        share[i] = (double)i / (double)wf->genes;
    }
    if (times)
        qsg_result_next_table(result);
    qsg_result_column(result, "n", "states.n", n, number, "genes", QSG_INPUT, "genes of kind 1");
    qsg_result_column(result, "x", "states.share", n, share, "", QSG_INPUT, "their share");
    qsg_result_column(result, "probability", "stationary.distribution", n, law, "", QSG_EXACT, "in the long run");
}

static qsg_status put_table(const qsg_wright_fisher *wf, size_t start, const qsg_predict_request *request, double *law,
                            qsg_result *result, qsg_error *error)
{
    enum { SHARE, U, H, ONE, TWO, COLUMNS };
    static const predict_column columns[COLUMNS] = {
        {"share", "share", "E[share of kind 1]", QSG_EXACT},
        {"U", "U", "E[U]", QSG_EXACT},
        {"H", "H", "E[1-U], heterozygosity 2x(1-x)", QSG_EXACT},
        {"fixed", "absorbed.fixed", "all genes are of kind 1", QSG_EXACT},
        {"lost", "absorbed.lost", "all genes are of kind 2", QSG_EXACT}};
    const size_t n = request->n;
    double *values = calloc((n ? n : 1) * COLUMNS, sizeof *values);
    if (!values)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu times", n);
    qsg_status status = QSG_OK;
    memset(law, 0, (wf->genes + 1) * sizeof *law);
    law[start] = 1;
    for (size_t k = 0; k < n && !status; k++) {
        status = qsg_wright_fisher_evolve_law(wf, law, request->times[k] - (k ? request->times[k - 1] : 0), law, error);
        for (size_t i = 0; i <= wf->genes && !status; i++) {
            const double x = (double)i / (double)wf->genes;
            values[SHARE * n + k] += law[i] * x;
            values[H * n + k] += law[i] * 2 * x * (1 - x);
        }
        values[U * n + k] = 1 - values[H * n + k];
        values[ONE * n + k] = law[wf->genes];
        values[TWO * n + k] = law[0];
    }
    if (!status) {
        qsg_result_column(result, "time", "times", n, request->times, generations, QSG_INPUT, "");
        for (size_t c = 0; c < COLUMNS; c++)
            qsg_result_column(result, columns[c].name, columns[c].path, n, values + c * n, "", columns[c].basis,
                              columns[c].meaning);
    }
    free(values);
    return status;
}

qsg_status qsg_wright_fisher_predict(const qsg_model *model, const qsg_predict_request *request, qsg_result *result,
                                     qsg_error *error)
{
    qsg_wright_fisher wf = {0};
    size_t start = 0;
    double rate;
    bool known = false;
    qsg_status status = qsg_wright_fisher_init(&wf, model, error);
    if (status)
        return status;
    double *work = malloc(4 * (wf.genes + 1) * sizeof *work);
    if (!work)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu genes", wf.genes);
    if (!status)
        status = start_of(model, &start, error);
    if (!status && qsg_wright_fisher_rate(model, &rate, NULL) == QSG_OK)
        qsg_result_number(result, "slow_rate", rate, "per generation", QSG_EXACT,
                          model->innovation > 0 ? "slowest decay rate" : "decay rate of H");
    if (!status)
        status = put_absorption(&wf, start, work, result, error);
    if (!status)
        status = put_stationary(&wf, work, &known, result, error);
    if (!status)
        status = put_table(&wf, start, request, work + wf.genes + 1, result, error);
    if (!status && known)
        put_distribution(&wf, request->n > 0, work, work + wf.genes + 1, result);
    if (!status)
        qsg_result_text(result, "chain", "wright-fisher", "times are generations");
    free(work);
    qsg_wright_fisher_free(&wf);
    return status;
}
