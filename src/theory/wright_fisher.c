/* The haploid Wright-Fisher chain (doc/theory/chain.md, section 9).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/wright_fisher.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/channel.h"

#define MAX_GENES 20000
#define MAX_DENSE 4000
#define NEGLIGIBLE 1e-20     /* jumps left out generation by generation */
#define FEW_GENES 1000       /* whose rare ends are found however rare */
#define CUT_FEW 1e-300       /* jumps left out of absorption, of few genes and of more */
#define CUT_MANY 1e-40
#define CUT_TOLERANCE 1e-10  /* relative error that those may make */
#define MAX_WORK 1e10
#define MAX_KEPT ((size_t)1 << 24) /* numbers of a matrix that is kept from generation to generation */

/* P(i -> j) for all j into row; *low .. *high is where it is above `cut` of the largest.  From the mode outwards by ratios. */
static void fill_row(const qsg_wright_fisher *self, size_t i, double cut, double *row, size_t *low, size_t *high)
{
    const size_t n = self->genes;
    const double p = self->chance[i], q = self->other[i];
    memset(row, 0, (n + 1) * sizeof *row);
    if (p == 0 || q == 0) {
        *low = *high = p == 0 ? 0 : n;
        row[*low] = 1;
        return;
    }
    const double place = floor((double)(n + 1) * p);
    size_t mode = place > (double)n ? n : (size_t)place, j;
    double sum = 1;
    row[mode] = 1;
    for (j = mode; j < n && row[j] > cut; j++)
        sum += row[j + 1] = row[j] * (double)(n - j) / (double)(j + 1) * (p / q);
    *high = j;
    for (j = mode; j > 0 && row[j] > cut; j--)
        sum += row[j - 1] = row[j] * (double)j / (double)(n - j + 1) * (q / p);
    *low = j;
    for (j = *low; j <= *high; j++)
        row[j] /= sum;
}

/* The farthest jump that is not cut. */
static size_t widest(const qsg_wright_fisher *self, double cut, double *row)
{
    size_t width = 0;
    for (size_t i = 0, low, high; i <= self->genes; i++) {
        fill_row(self, i, cut, row, &low, &high);
        const size_t below = i > low ? i - low : 0, above = high > i ? high - i : 0;
        width = width > below ? width : below;
        width = width > above ? width : above;
    }
    return width;
}

/* `other` holds 1 - chance, which near 0 would lose its digits; NULL: take the difference. */
static qsg_status init(qsg_wright_fisher *self, size_t genes, const double *chance, const double *other, qsg_error *error)
{
    qsg_wright_fisher made = {.genes = genes};
    double *row = malloc((genes + 1) * sizeof *row);
    made.chance = malloc(2 * (genes + 1) * sizeof *made.chance);
    if (!row || !made.chance) {
        free(row);
        free(made.chance);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu genes", genes);
    }
    made.other = made.chance + genes + 1;
    for (size_t i = 0; i <= genes; i++) {
        made.chance[i] = chance[i];
        made.other[i] = other ? other[i] : 1 - chance[i];
    }
    made.absorbing[0] = made.other[genes] == 0;
    made.absorbing[1] = made.chance[0] == 0;
    made.width = widest(&made, NEGLIGIBLE, row);
    free(row);
    *self = made;
    return QSG_OK;
}

qsg_status qsg_wright_fisher_init_chances(qsg_wright_fisher *self, size_t genes, const double *chance,
                                          qsg_error *error)
{
    if (genes < 2 || genes > MAX_GENES)
        return qsg_fail(error, QSG_EDOMAIN, "the Wright-Fisher chain of %zu genes is out of range; expected 2 to %d", genes,
                        MAX_GENES);
    for (size_t i = 0; i <= genes; i++)
        if (!(chance[i] >= 0 && chance[i] <= 1))
            return qsg_fail(error, QSG_EDOMAIN, "chance %zu is %g; expected a number in [0, 1]", i, chance[i]);
    return init(self, genes, chance, NULL, error);
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
    const size_t n = (size_t)model->agents;
    double *chance = malloc(2 * (n + 1) * sizeof *chance), *other = chance + n + 1;
    if (!chance)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu genes", n);
    const double field[2] = {model->field ? model->field[1] : 0, model->field ? model->field[0] : 0};
    const double prior[2] = {model->prior[1], model->prior[0]};
    const qsg_channel channel = qsg_channel_of(model);
    qsg_channel swapped = channel; /* what is 2 called 1 */
    swapped.field = field;
    swapped.prior = prior;
    for (size_t i = 0; i <= n; i++) {
        chance[i] = fmin(fmax(qsg_channel_binary(&channel, (double)i / (double)n), 0), 1);
        other[i] = fmin(fmax(qsg_channel_binary(&swapped, (double)(n - i) / (double)n), 0), 1);
    }
    status = init(self, n, chance, other, error);
    free(chance);
    return status;
}

/* P on the states first .. last that absorb nothing, eliminated from the first on (doc/theory/chain.md, section 9): the rates
 * out of a state are added up, never subtracted from 1, so that small chances and long times keep their digits. */
typedef struct {
    size_t first, n, width, lead;
    bool banded;
    double *matrix;             /* P without its diagonal; then shares of earlier states left of it */
    double *one, *two, *leaves; /* chance to get to all of kind 1, of kind 2, and to leave the state, earlier states passed over */
} eliminated;

static void eliminated_free(eliminated *self)
{
    free(self->matrix);
    free(self->one);
    *self = (eliminated){0};
}

/* P(i -> i) of the states; (i, i + d) is d numbers on. */
static double *diagonal(const eliminated *e, size_t i)
{
    return e->matrix + (e->banded ? i * e->lead + e->width : i * e->lead + i);
}

/* Rows of P without jumps of chance below `cut`. */
static void fill_matrix(const qsg_wright_fisher *self, double cut, double *row, eliminated *e)
{
    const size_t last = e->first + e->n - 1;
    for (size_t i = 0, low, high; i < e->n; i++) {
        const size_t state = e->first + i;
        double *to = diagonal(e, i);
        fill_row(self, state, cut, row, &low, &high);
        for (size_t j = low; j <= high; j++)
            if (j >= e->first && j <= last && j != state)
                to[(ptrdiff_t)j - (ptrdiff_t)state] = row[j];
        e->one[i] = self->absorbing[0] ? row[self->genes] : 0;
        e->two[i] = self->absorbing[1] ? row[0] : 0;
    }
}

/* Pass over the states one after the other: whoever would go there goes on from there. */
static void pass_over(eliminated *e)
{
    for (size_t k = 0; k < e->n; k++) {
        const size_t end = k + e->width < e->n ? k + e->width : e->n - 1, ahead = end - k;
        const double *from = diagonal(e, k);
        double leaves = e->one[k] + e->two[k];
        for (size_t d = 1; d <= ahead; d++)
            leaves += from[d];
        e->leaves[k] = leaves;
        for (size_t i = k + 1; i <= end; i++) {
            double *row = diagonal(e, i) - (i - k);
            const double share = row[0] / leaves;
            row[0] = share;
            if (share == 0)
                continue;
            for (size_t d = 1; d <= ahead; d++)
                row[d] += share * from[d];
            e->one[i] += share * e->one[k];
            e->two[i] += share * e->two[k];
        }
    }
}

static qsg_status eliminate(const qsg_wright_fisher *self, qsg_wf_solver solver, double cut, eliminated *out, qsg_error *error)
{
    const size_t first = self->absorbing[1] ? 1 : 0, last = self->genes - (self->absorbing[0] ? 1 : 0);
    double *row = malloc((self->genes + 1) * sizeof *row);
    eliminated e = {.first = first, .n = last + 1 - first};
    if (row)
        e.width = widest(self, cut, row);
    e.width = e.width < e.n ? e.width : e.n - 1;
    e.banded = solver == QSG_WF_BANDED || (solver == QSG_WF_AUTO && 2 * e.width + 1 < e.n);
    e.lead = e.banded ? 2 * e.width + 1 : e.n;
    if (!e.banded)
        e.width = e.n - 1;
    e.matrix = calloc(e.lead * e.n, sizeof *e.matrix);
    e.one = malloc(3 * e.n * sizeof *e.one);
    if (!row || !e.matrix || !e.one) {
        free(row);
        eliminated_free(&e);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu genes", self->genes);
    }
    e.two = e.one + e.n;
    e.leaves = e.two + e.n;
    fill_matrix(self, cut, row, &e);
    pass_over(&e);
    free(row);
    *out = e;
    return QSG_OK;
}

/* Chances that were passed on already: from every state, the last first. */
static void add_up_passed(const eliminated *e, double *chance)
{
    for (size_t i = e->n; i-- > 0;) {
        const size_t ahead = e->n - 1 - i < e->width ? e->n - 1 - i : e->width;
        const double *row = diagonal(e, i);
        for (size_t d = 1; d <= ahead; d++)
            chance[i] += row[d] * chance[i + d];
        chance[i] /= e->leaves[i];
    }
}

/* Expected sum of `gain` (>= 0) over the states met, from every state. */
static void add_up(const eliminated *e, double *gain)
{
    for (size_t i = 1; i < e->n; i++) {
        const size_t back = i < e->width ? i : e->width;
        const double *row = diagonal(e, i) - back;
        for (size_t d = 0; d < back; d++)
            gain[i] += row[d] * gain[i - back + d];
    }
    add_up_passed(e, gain);
}

/* Spread the numbers of the transient states over all states. */
static void put(const qsg_wright_fisher *self, const eliminated *e, const double *inside, double at_0, double at_n,
                double *out)
{
    if (!out)
        return;
    out[0] = at_0;
    out[self->genes] = at_n;
    memcpy(out + e->first, inside, e->n * sizeof *inside);
}

/* Chances that jumps left out (of chance `cut` at most out of a state; 4 for both sides, with room) may add to are not known. */
static void forget_unknown(const eliminated *e, double cut, const double *mean, double *chance)
{
    for (size_t i = 0; i < e->n; i++)
        if (!(chance[i] >= 4 * cut * mean[i] / CUT_TOLERANCE))
            chance[i] = NAN;
}

/* The only end is reached surely; an end that absorbs nothing, never. */
static void put_sure(const qsg_wright_fisher *self, double one, double *chance)
{
    for (size_t i = 0; i <= self->genes && chance; i++)
        chance[i] = one;
}

static qsg_status add_up_times(const eliminated *e, double cut, double *mean, double *square, qsg_error *error)
{
    for (size_t i = 0; i < e->n; i++)
        mean[i] = 1;
    add_up(e, mean);
    for (size_t i = 0; i < e->n; i++) {
        if (!(4 * cut * mean[i] < CUT_TOLERANCE))
            return qsg_fail(error, QSG_ENUMERIC, "the mean time (%g generations) is beyond the jumps of chance %g that are left out",
                            mean[i], cut);
        square[i] = 2 * mean[i] - 1; /* E T^2 = 1 + 2 P E T + P E T^2 */
    }
    add_up(e, square);
    for (size_t i = 0; i < e->n; i++)
        square[i] = sqrt(fmax(square[i] - mean[i] * mean[i], 0));
    return QSG_OK;
}

qsg_status qsg_wright_fisher_absorption(const qsg_wright_fisher *self, qsg_wf_solver solver, double *fixation, double *loss,
                                        double *mean, double *sd, qsg_error *error)
{
    const double cut = self->genes <= FEW_GENES ? CUT_FEW : CUT_MANY;
    eliminated e = {0};
    if (!self->absorbing[0] && !self->absorbing[1])
        return qsg_fail(error, QSG_ENOEXIST, "nothing is fixed for good: mutation brings both kinds back");
    double *first = malloc(2 * (self->genes + 1) * sizeof *first), *second = first + self->genes + 1;
    if (!first)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu genes", self->genes);
    qsg_status status = eliminate(self, solver, cut, &e, error);
    if (!status)
        status = add_up_times(&e, cut, first, second, error);
    if (!status) {
        add_up_passed(&e, e.one);
        add_up_passed(&e, e.two);
        forget_unknown(&e, cut, first, e.one);
        forget_unknown(&e, cut, first, e.two);
        put(self, &e, e.one, 0, 1, fixation);
        put(self, &e, e.two, 1, 0, loss);
        put(self, &e, first, 0, 0, mean);
        put(self, &e, second, 0, 0, sd);
        if (!self->absorbing[0] || !self->absorbing[1]) {
            put_sure(self, self->absorbing[0], fixation);
            put_sure(self, self->absorbing[1], loss);
        }
    }
    eliminated_free(&e);
    free(first);
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
        fill_row(wf, i, NEGLIGIBLE, made.row, &made.low[i], &made.high[i]);
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
    fill_row(wf, i, NEGLIGIBLE, self->row, low, high);
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
        fill_row(self, i, NEGLIGIBLE, row, &low, &high);
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
