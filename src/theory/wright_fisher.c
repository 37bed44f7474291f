/* The haploid Wright-Fisher chain (doc/theory/chain.md, section 9).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/wright_fisher.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/channel.h"

#define MAX_GENES 20000
#define MAX_DENSE 4000
#define NEGLIGIBLE 1e-20
#define MAX_WORK 1e10
#define MAX_KEPT ((size_t)1 << 24) /* numbers of a matrix that is kept from generation to generation */

/* P(i -> j) for all j into row; *low .. *high is where it is not negligible.  From the mode outwards by ratios. */
static void fill_row(const qsg_wright_fisher *self, size_t i, double *row, size_t *low, size_t *high)
{
    const size_t n = self->genes;
    const double p = self->chance[i], q = 1 - p;
    memset(row, 0, (n + 1) * sizeof *row);
    if (p == 0 || p == 1) {
        *low = *high = p == 0 ? 0 : n;
        row[*low] = 1;
        return;
    }
    const double place = floor((double)(n + 1) * p);
    size_t mode = place > (double)n ? n : (size_t)place, j;
    double sum = 1;
    row[mode] = 1;
    for (j = mode; j < n && row[j] > NEGLIGIBLE; j++)
        sum += row[j + 1] = row[j] * (double)(n - j) / (double)(j + 1) * (p / q);
    *high = j;
    for (j = mode; j > 0 && row[j] > NEGLIGIBLE; j--)
        sum += row[j - 1] = row[j] * (double)j / (double)(n - j + 1) * (q / p);
    *low = j;
    for (j = *low; j <= *high; j++)
        row[j] /= sum;
}

qsg_status qsg_wright_fisher_init_chances(qsg_wright_fisher *self, size_t genes, const double *chance,
                                          qsg_error *error)
{
    qsg_wright_fisher made = {.genes = genes};
    if (genes < 2 || genes > MAX_GENES)
        return qsg_fail(error, QSG_EDOMAIN, "the Wright-Fisher chain of %zu genes is out of range; expected 2 to %d", genes,
                        MAX_GENES);
    for (size_t i = 0; i <= genes; i++)
        if (!(chance[i] >= 0 && chance[i] <= 1))
            return qsg_fail(error, QSG_EDOMAIN, "chance %zu is %g; expected a number in [0, 1]", i, chance[i]);
    double *row = malloc((genes + 1) * sizeof *row);
    made.chance = malloc((genes + 1) * sizeof *made.chance);
    if (!row || !made.chance) {
        free(row);
        free(made.chance);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu genes", genes);
    }
    memcpy(made.chance, chance, (genes + 1) * sizeof *chance);
    made.absorbing[0] = chance[genes] == 1;
    made.absorbing[1] = chance[0] == 0;
    for (size_t i = 0, low, high; i <= genes; i++) {
        fill_row(&made, i, row, &low, &high);
        const size_t below = i > low ? i - low : 0, above = high > i ? high - i : 0;
        made.width = made.width > below ? made.width : below;
        made.width = made.width > above ? made.width : above;
    }
    free(row);
    *self = made;
    return QSG_OK;
}

void qsg_wright_fisher_free(qsg_wright_fisher *self)
{
    free(self->chance);
    *self = (qsg_wright_fisher){0};
}

qsg_status qsg_wright_fisher_init(qsg_wright_fisher *self, const qsg_model *model, qsg_error *error)
{
    qsg_status status = qsg_model_require(model, QSG_USES_FIELD | QSG_USES_TEMPER | QSG_USES_INNOVATION,
                                          "the Wright-Fisher chain", error);
    if (status)
        return status;
    if (model->labels != 2 || model->alpha != 1 || model->bandwidth != 1 || model->exchange != QSG_ONEWAY)
        return qsg_fail(error, QSG_EMODEL, "in the Wright-Fisher chain a gene copies one gene (K = %zu, alpha = %g, m = %g%s); "
                        "expected K = 2, --alpha 1, --bandwidth 1 and no --exchange", model->labels, model->alpha,
                        model->bandwidth, model->exchange == QSG_ONEWAY ? "" : ", another exchange");
    if (model->agents > MAX_GENES)
        return qsg_fail(error, QSG_EDOMAIN, "the Wright-Fisher chain of %llu genes is out of range; expected 2 to %d",
                        (unsigned long long)model->agents, MAX_GENES);
    const qsg_channel channel = qsg_channel_of(model);
    const size_t n = (size_t)model->agents;
    double *chance = malloc((n + 1) * sizeof *chance);
    if (!chance)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu genes", n);
    for (size_t i = 0; i <= n; i++)
        chance[i] = fmin(fmax(qsg_channel_binary(&channel, (double)i / (double)n), 0), 1);
    status = qsg_wright_fisher_init_chances(self, n, chance, error);
    free(chance);
    return status;
}

/* 1 - P on the states first .. last, factored. */
typedef struct {
    size_t first, n, width;
    bool banded;
    lapack_int lead, *pivots;
    double *matrix;
} factored;

static void factored_free(factored *self)
{
    free(self->matrix);
    free(self->pivots);
    *self = (factored){0};
}

/* Column-major places of (i, j), LAPACK's band storage with room for the pivoting. */
static double *place(factored *f, size_t i, size_t j)
{
    const size_t lead = (size_t)f->lead;
    return f->banded ? &f->matrix[j * lead + 2 * f->width + i - j] : &f->matrix[j * lead + i];
}

static qsg_status factor(const qsg_wright_fisher *self, qsg_wf_solver solver, factored *out, double *to_one,
                         qsg_error *error)
{
    const size_t first = self->absorbing[1] ? 1 : 0, last = self->genes - (self->absorbing[0] ? 1 : 0);
    factored f = {.first = first, .n = last + 1 - first};
    f.width = self->width < f.n ? self->width : f.n - 1;
    f.banded = solver == QSG_WF_BANDED || (solver == QSG_WF_AUTO && 4 * f.width < f.n) ;
    if (!f.banded && f.n > MAX_DENSE) {
        if (solver == QSG_WF_DENSE)
            return qsg_fail(error, QSG_EDOMAIN, "a dense solve of %zu genes takes too long; expected at most %d",
                            self->genes, MAX_DENSE);
        f.banded = true;
    }
    f.lead = (lapack_int)(f.banded ? 3 * f.width + 1 : f.n);
    f.matrix = calloc((size_t)f.lead * f.n, sizeof *f.matrix);
    f.pivots = malloc(f.n * sizeof *f.pivots);
    double *row = malloc((self->genes + 1) * sizeof *row);
    qsg_status status = f.matrix && f.pivots && row ? QSG_OK
                                                    : qsg_fail(error, QSG_ENOMEM, "no memory for %zu genes", self->genes);
    for (size_t i = 0, low, high; i < f.n && !status; i++) {
        double leaves = 0; /* 1 - P(i -> i) without cancellation */
        fill_row(self, first + i, row, &low, &high);
        for (size_t j = low; j <= high; j++) {
            leaves += j == first + i ? 0 : row[j];
            if (j >= first && j <= last && j != first + i)
                *place(&f, i, j - first) = -row[j];
        }
        *place(&f, i, i) = leaves;
        to_one[i] = self->absorbing[0] ? row[self->genes] : 0;
    }
    free(row);
    if (!status) {
        const lapack_int n = (lapack_int)f.n, w = (lapack_int)f.width;
        const lapack_int info = f.banded ? LAPACKE_dgbtrf(LAPACK_COL_MAJOR, n, n, w, w, f.matrix, f.lead, f.pivots)
                                         : LAPACKE_dgetrf(LAPACK_COL_MAJOR, n, n, f.matrix, f.lead, f.pivots);
        if (info)
            status = qsg_fail(error, QSG_ENUMERIC, "the Wright-Fisher chain is singular in double precision (LAPACK code %d): "
                              "no absorption in sight", (int)info);
    }
    if (status)
        factored_free(&f);
    else
        *out = f;
    return status;
}

static qsg_status solve(factored *f, double *x, qsg_error *error)
{
    const lapack_int n = (lapack_int)f->n, w = (lapack_int)f->width;
    const lapack_int info = f->banded
                                ? LAPACKE_dgbtrs(LAPACK_COL_MAJOR, 'N', n, w, w, 1, f->matrix, f->lead, f->pivots, x, n)
                                : LAPACKE_dgetrs(LAPACK_COL_MAJOR, 'N', n, 1, f->matrix, f->lead, f->pivots, x, n);
    return info ? qsg_fail(error, QSG_ENUMERIC, "the Wright-Fisher chain has no solution (LAPACK code %d)", (int)info)
                : QSG_OK;
}

/* Spread the numbers of the transient states over all states. */
static void put(const qsg_wright_fisher *self, const factored *f, const double *inside, double at_0, double at_n,
                double *out)
{
    if (!out)
        return;
    out[0] = at_0;
    out[self->genes] = at_n;
    memcpy(out + f->first, inside, f->n * sizeof *inside);
}

qsg_status qsg_wright_fisher_absorption(const qsg_wright_fisher *self, qsg_wf_solver solver, double *fixation,
                                        double *mean, double *sd, qsg_error *error)
{
    factored f = {0};
    if (!self->absorbing[0] && !self->absorbing[1])
        return qsg_fail(error, QSG_ENOEXIST, "nothing is fixed for good: mutation brings both kinds back");
    double *work = malloc(3 * (self->genes + 1) * sizeof *work);
    if (!work)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu genes", self->genes);
    double *u = work, *first = u + self->genes + 1, *second = first + self->genes + 1;
    qsg_status status = factor(self, solver, &f, u, error);
    for (size_t i = 0; i < f.n && !status; i++)
        first[i] = 1;
    if (!status)
        status = solve(&f, u, error);
    if (!status)
        status = solve(&f, first, error);
    if (!status) {
        for (size_t i = 0; i < f.n; i++) {
            second[i] = 2 * first[i] - 1;
            if (!(first[i] > 0 && first[i] < 1e14))
                status = qsg_fail(error, QSG_ENUMERIC, "the mean time (%g generations) is beyond double precision", first[i]);
        }
    }
    if (!status)
        status = solve(&f, second, error);
    if (!status) {
        for (size_t i = 0; i < f.n; i++)
            second[i] = sqrt(fmax(second[i] - first[i] * first[i], 0));
        put(self, &f, u, 0, 1, fixation);
        put(self, &f, first, 0, 0, mean);
        put(self, &f, second, 0, 0, sd);
        if (fixation && (!self->absorbing[0] || !self->absorbing[1])) /* the only end is reached surely */
            for (size_t i = 0; i <= self->genes; i++)
                fixation[i] = self->absorbing[0];
    }
    factored_free(&f);
    free(work);
    return status;
}

/* Rows of P, kept when they are not too many numbers, else made again in every generation. */
typedef struct {
    double *rows;         /* (genes + 1) rows of `lead` numbers, from column low[i] on; NULL: not kept */
    size_t lead, *low, *high;
    double *row;
} band;

static void band_free(band *self)
{
    free(self->rows);
    free(self->low);
    free(self->row);
    *self = (band){0};
}

static qsg_status band_init(band *self, const qsg_wright_fisher *wf, bool keep, qsg_error *error)
{
    const size_t n = wf->genes + 1, wide = 2 * wf->width + 1;
    band made = {.lead = wide < n ? wide : n};
    made.low = malloc(2 * n * sizeof *made.low);
    made.row = malloc(n * sizeof *made.row);
    if (keep && n * made.lead <= MAX_KEPT)
        made.rows = malloc(n * made.lead * sizeof *made.rows);
    if (!made.low || !made.row) {
        band_free(&made);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu genes", wf->genes);
    }
    made.high = made.low + n;
    for (size_t i = 0; i < n && made.rows; i++) {
        fill_row(wf, i, made.row, &made.low[i], &made.high[i]);
        memcpy(made.rows + i * made.lead, made.row + made.low[i],
               (made.high[i] - made.low[i] + 1) * sizeof *made.rows);
    }
    *self = made;
    return QSG_OK;
}

/* Row i from its column *low to *high. */
static const double *band_row(band *self, const qsg_wright_fisher *wf, size_t i, size_t *low, size_t *high)
{
    if (self->rows) {
        *low = self->low[i];
        *high = self->high[i];
        return self->rows + i * self->lead;
    }
    fill_row(wf, i, self->row, low, high);
    return self->row + *low;
}

qsg_status qsg_wright_fisher_evolve_law(const qsg_wright_fisher *self, const double *from, double generations,
                                        double *law, qsg_error *error)
{
    const size_t n = self->genes + 1;
    band kept = {0};
    if (!(generations >= 0 && generations == floor(generations)))
        return qsg_fail(error, QSG_EDOMAIN, "%g generations; expected a whole number", generations);
    if (!(generations * (double)n * (double)(self->width + 1) <= MAX_WORK))
        return qsg_fail(error, QSG_ENUMERIC, "%g generations of %zu genes take too long; expected fewer", generations,
                        self->genes);
    double *work = malloc(2 * n * sizeof *work), *now = work, *next = work + n;
    qsg_status status = work ? band_init(&kept, self, generations > 1, error)
                             : qsg_fail(error, QSG_ENOMEM, "no memory for %zu genes", self->genes);
    if (!status)
        memcpy(now, from, n * sizeof *now);
    for (double g = 0; g < generations && !status; g++) {
        memset(next, 0, n * sizeof *next);
        for (size_t i = 0, low, high; i < n; i++) {
            if (!(now[i] > 1e-30))
                continue;
            const double *row = band_row(&kept, self, i, &low, &high);
            for (size_t j = low; j <= high; j++)
                next[j] += now[i] * row[j - low];
        }
        double *swap = now;
        now = next;
        next = swap;
    }
    if (!status)
        memcpy(law, now, n * sizeof *law);
    band_free(&kept);
    free(work);
    return status;
}

qsg_status qsg_wright_fisher_evolve(const qsg_wright_fisher *self, size_t start, double generations, double *law,
                                    qsg_error *error)
{
    if (start > self->genes)
        return qsg_fail(error, QSG_EDOMAIN, "start is %zu of %zu genes; expected at most all", start, self->genes);
    double *from = calloc(self->genes + 1, sizeof *from);
    if (!from)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu genes", self->genes);
    from[start] = 1;
    qsg_status status = qsg_wright_fisher_evolve_law(self, from, generations, law, error);
    free(from);
    return status;
}

qsg_status qsg_wright_fisher_rate(const qsg_model *model, double *rate, qsg_error *error)
{
    const double keeps = 1 - model->innovation, n = (double)model->agents;
    if (qsg_model_uses(model) & ~QSG_USES_INNOVATION)
        return qsg_fail(error, QSG_ENOEXIST, "the slowest rate of the Wright-Fisher chain has a closed form only without "
                        "selection and temper");
    const double pairs = (1 - keeps * keeps) + keeps * keeps / n;
    *rate = model->innovation > 0 ? fmin(model->innovation, pairs) : pairs;
    return QSG_OK;
}

qsg_status qsg_wright_fisher_stationary(const qsg_wright_fisher *self, double *law, qsg_error *error)
{
    const size_t n = self->genes + 1;
    if (self->absorbing[0] || self->absorbing[1])
        return qsg_fail(error, QSG_ENOEXIST, "there is no stationary law: a kind is fixed for good");
    if (n > MAX_DENSE)
        return qsg_fail(error, QSG_EDOMAIN, "the stationary law of %zu genes takes too long; expected at most %d",
                        self->genes, MAX_DENSE - 1);
    double *matrix = calloc(n * n + 2 * n, sizeof *matrix), *row = matrix + n * n, *x = row + n, sum = 0;
    lapack_int *pivots = malloc(n * sizeof *pivots), info = 0;
    qsg_status status = matrix && pivots ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for %zu genes", self->genes);
    for (size_t i = 0, low, high; i < n && !status; i++) { /* column i of P^T - 1; the last equation: sum 1 */
        fill_row(self, i, row, &low, &high);
        for (size_t j = low; j <= high && j + 1 < n; j++)
            matrix[i * n + j] = row[j];
        if (i + 1 < n)
            matrix[i * n + i] -= 1;
        matrix[i * n + n - 1] = 1;
    }
    if (!status) {
        x[n - 1] = 1;
        info = LAPACKE_dgesv(LAPACK_COL_MAJOR, (lapack_int)n, 1, matrix, (lapack_int)n, pivots, x, (lapack_int)n);
        for (size_t i = 0; i < n && !info; i++)
            sum += x[i] = fmax(x[i], 0);
        if (info || !(fabs(sum - 1) < 1e-8))
            status = qsg_fail(error, QSG_ENUMERIC, "the stationary law is lost in rounding (LAPACK code %d, sum %g)",
                              (int)info, sum);
    }
    for (size_t i = 0; i < n && !status; i++)
        law[i] = x[i] / sum;
    free(pivots);
    free(matrix);
    return status;
}
