/* Growth rate of the symmetric state for any number of labels (doc/theory/kinetic.md, section "More than two labels").
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/kinetic.h"
#include "theory/label_pool.h"

#define WHO "the growth rate of many labels"
#define BATCHES 32
#define MOST_WORDS 64
#define BURN 8           /* runs before the first batch */
#define FORGOTTEN 1e-4   /* what is left of a message at the last look */
#define STRIDE 0.1       /* of a message forgotten between two looks */
#define LEAST_AGENTS 256 /* in the pool */
#define MOST_AGENTS 1024 /* twice that with own output, which is noise too */
#define WORK 4e7         /* logarithms with their exponential: about 1 s */
#define MOST_WORK 4e8    /* with LEAST_AGENTS; a quarter of it for more looks at own output */
#define LATE 0.03        /* share of the second half of looks; the rest forgets like them and is about its square */
#define LATE_ERROR 0.03
#define HELD 0.02        /* of a belief of long ago; noise is below 0.006 */
#define CHECK_DEGREE 3   /* of the polynomials against which those of LABEL_DEGREE are held */
#define DEPENDENT 1e-9    /* a polynomial is left out when less than this is new */
#define SCAN 64           /* rates below 0 among which the root is looked for */
#define MATRIX (LABEL_FEATURES * LABEL_FEATURES)

/* What eq. 12-13 sum over looks, and the basis in which eigenvalues are taken. */
typedef struct {
    size_t features, rank, looks, stride;
    size_t check_rank;      /* of the polynomials up to CHECK_DEGREE */
    bool settled;           /* the effect after the last look falls as keep; otherwise it is left out */
    double events, listens; /* a round */
    double memory;          /* correlation of an agent's beliefs before and after all looks */
    double keep;            /* of a message an event, on average */
    double *correlation;    /* BATCHES + 1 (the mean) x looks x features x features */
    double *gram;           /* BATCHES + 1 x features x features */
    double *weight;         /* looks */
    double basis[MATRIX];   /* rank x features, orthonormal in the mean of gram */
} dispersion;

static qsg_status check(const qsg_model *model, qsg_error *error)
{
    qsg_status status = qsg_model_require(model, QSG_USES_TEMPER | QSG_USES_INNOVATION, WHO, error);
    if (status)
        return status;
    if (model->exchange == QSG_BROADCAST)
        return qsg_fail(error, QSG_EMODEL, WHO " does not support --exchange broadcast: all hear the same message; "
                        "expected oneway or mutual");
    if (isfinite(model->bandwidth) ? model->bandwidth > MOST_WORDS : model->self > 0)
        return qsg_fail(error, QSG_EMODEL, WHO " does not support --bandwidth %g%s; expected at most %d%s", model->bandwidth,
                        model->self > 0 ? " with --self" : "", MOST_WORDS, model->self > 0 ? "" : ", or inf");
    for (size_t k = 1; k < model->labels; k++)
        if (model->innovation > 0 && model->prior[k] != model->prior[0])
            return qsg_fail(error, QSG_EMODEL, WHO " does not support an uneven --prior; expected uniform");
    return QSG_OK;
}

/* Sum over events n of the weight of age (eq. 12), for what is looked at every `stride` events: between two looks the
 * effect divided by keep^n is taken as linear in n, after the last as constant. */
static void fill_weights(dispersion *self, double rate)
{
    const double damp = 1 / (1 + rate / self->events), ratio = self->keep * damp, s = (double)self->stride;
    double before = 0, after = 0, scale = self->listens / self->events * damp;
    for (size_t t = 1; t < self->stride; t++) {
        before += pow(ratio, -(double)t) * (1 - (double)t / s);
        after += pow(ratio, (double)t) * (1 - (double)t / s);
    }
    for (size_t i = 0; i < self->looks; i++, scale *= pow(damp, s))
        self->weight[i] = scale * (1 + (i ? before : 0) + (i + 1 < self->looks ? after : self->settled ? ratio / (1 - ratio) : 0));
}

/* sum = weighted correlation of a batch. */
static void sum_looks(const dispersion *self, size_t batch, double *sum)
{
    const size_t size = self->features * self->features;
    const double *c = self->correlation + batch * self->looks * size;
    memset(sum, 0, size * sizeof *sum);
    for (size_t i = 0; i < self->looks; i++)
        for (size_t j = 0; j < size; j++)
            sum[j] += self->weight[i] * c[i * size + j];
}

static double form(const double *matrix, size_t n, const double *left, const double *right)
{
    double sum = 0;
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++)
            sum += left[a] * matrix[a * n + b] * right[b];
    return sum;
}

/* Gram-Schmidt in the mean of gram; polynomials that the others express (few labels, small m) are left out. */
static void fill_basis(dispersion *self)
{
    const size_t n = self->features;
    const double *gram = self->gram + BATCHES * n * n;
    self->rank = 0;
    for (size_t a = 0; a < n; a++) {
        double *next = self->basis + self->rank * n;
        memset(next, 0, n * sizeof *next);
        next[a] = 1;
        for (int twice = 0; twice < 2; twice++)
            for (size_t b = 0; b < self->rank; b++) {
                const double *other = self->basis + b * n, part = form(gram, n, other, next);
                for (size_t i = 0; i < n; i++)
                    next[i] -= part * other[i];
            }
        const double left = form(gram, n, next, next);
        if (!(left > DEPENDENT * gram[a * n + a]))
            continue;
        for (size_t i = 0; i < n; i++)
            next[i] /= sqrt(left);
        self->rank++;
        if (a < label_pool_features(CHECK_DEGREE))
            self->check_rank = self->rank;
    }
}

/* Leading eigenvalue of the mean matrix at `rate`; its eigenvectors as coefficients of the polynomials, NULL if not
 * wanted.  NaN when LAPACK fails. */
static double leading(dispersion *self, double rate, double *left, double *right)
{
    const size_t n = self->features;
    const int r = (int)self->rank;
    double sum[MATRIX], reduced[MATRIX], re[LABEL_FEATURES], im[LABEL_FEATURES], u[MATRIX], v[MATRIX];
    int best = 0;
    fill_weights(self, rate);
    sum_looks(self, BATCHES, sum);
    for (int i = 0; i < r; i++)
        for (int j = 0; j < r; j++)
            reduced[i * r + j] = form(sum, n, self->basis + (size_t)i * n, self->basis + (size_t)j * n);
    if (r == 0 || LAPACKE_dgeev(LAPACK_ROW_MAJOR, 'V', 'V', r, reduced, r, re, im, u, r, v, r))
        return NAN;
    for (int i = 1; i < r; i++)
        best = re[i] > re[best] ? i : best;
    for (size_t a = 0; left && a < n; a++) {
        left[a] = right[a] = 0;
        for (int i = 0; i < r; i++) {
            left[a] += self->basis[(size_t)i * n + a] * u[i * r + best];
            right[a] += self->basis[(size_t)i * n + a] * v[i * r + best];
        }
    }
    return re[best];
}

/* Where the leading eigenvalue, which falls with the rate, is 1; -HUGE_VAL when it is smaller down to `lowest`. */
static double root(dispersion *self, double lowest)
{
    double low = 0, high = 0;
    if (leading(self, 0, NULL, NULL) > 1) {
        for (high = -lowest; leading(self, high, NULL, NULL) > 1 && high < 1e6;)
            high *= 2;
    } else {
        for (int i = 1; !(leading(self, low, NULL, NULL) > 1); i++) {
            if (i > SCAN)
                return -HUGE_VAL;
            high = low;
            low = lowest * i / SCAN;
        }
    }
    for (int i = 0; i < 100 && high - low > 1e-14; i++) {
        const double middle = (low + high) / 2;
        *(leading(self, middle, NULL, NULL) > 1 ? &low : &high) = middle;
    }
    return (low + high) / 2;
}

/* Standard error over batches of left (weighted correlation - gram) right, or without gram. */
static double batch_error(const dispersion *self, const double *left, const double *right, bool less_gram)
{
    const size_t n = self->features;
    double matrix[MATRIX], sum = 0, square = 0;
    for (size_t b = 0; b < BATCHES; b++) {
        sum_looks(self, b, matrix);
        const double one = form(matrix, n, left, right) - (less_gram ? form(self->gram + b * n * n, n, left, right) : 0);
        sum += one;
        square += one * one;
    }
    return sqrt(fmax(square - sum * sum / BATCHES, 0) / (BATCHES * (BATCHES - 1.0)));
}

/* Weighted correlation of all batches between the vectors, at `rate`. */
static double strength(dispersion *self, double rate, const double *left, const double *right)
{
    double sum[MATRIX];
    fill_weights(self, rate);
    sum_looks(self, BATCHES, sum);
    return form(sum, self->features, left, right);
}

/* Error of a rate to first order in the noise of the batches, each with the eigenvectors of all. */
static double error_of(dispersion *self, double rate, double lowest)
{
    const double h = fmin(1e-3 * -lowest, (rate - lowest) / 2);
    double left[LABEL_FEATURES], right[LABEL_FEATURES];
    leading(self, rate, left, right);
    const double slope = (strength(self, rate + h, left, right) - strength(self, rate - h, left, right)) / (2 * h);
    fill_weights(self, rate);
    return batch_error(self, left, right, true) / fabs(slope);
}

/* Whether the looks end late enough: little comes in their second half, and an agent that follows itself has left the
 * label that it held, or would do so too late to matter at this rate. */
static bool is_over(dispersion *self, double rate)
{
    const double seen = (double)(self->looks * self->stride);
    if (!(fabs(self->memory) * pow(1 + fmax(rate, 0) / self->events, -seen) < HELD))
        return false;
    double left[LABEL_FEATURES], right[LABEL_FEATURES], sum[MATRIX];
    leading(self, rate, left, right);
    memset(self->weight, 0, self->looks / 2 * sizeof *self->weight);
    sum_looks(self, BATCHES, sum);
    const double late = form(sum, self->features, left, right), error = batch_error(self, left, right, false);
    return error < LATE_ERROR && fabs(late) < LATE + error;
}

/* Looks and their distance, by how fast a message is forgotten (down to `forgotten`); agents by what a look costs. */
static qsg_status plan(dispersion *self, label_pool *pool, const qsg_model *model, double forgotten, qsg_error *error)
{
    const double labels = (double)pool->labels, words = model->bandwidth, features = (double)self->features;
    const double decay = -log(self->keep), depth = self->keep > 0 ? -log(forgotten) / decay : 0;
    const double stride = model->self > 0 || decay > STRIDE ? 1 : floor(STRIDE / decay); /* inf where 1 - alpha is 1 */
    const double looks = ceil(depth / stride) + 1,
                 look = labels * (2 + features * features / 48), event = 0.2 * labels + words * (0.4 + 0.03 * labels),
                 work = (BATCHES + BURN / 2) * looks * (look + stride * event);
    if (!(LEAST_AGENTS * work < (forgotten < FORGOTTEN ? MOST_WORK / 4 : MOST_WORK)))
        return qsg_fail(error, QSG_EMODEL, WHO " takes too long at --alpha %g, --self %g, --bandwidth %g and %zu labels%s",
                        model->alpha, model->self, words, pool->labels,
                        forgotten < FORGOTTEN ? ": an agent remembers for too long what it said itself; expected a smaller "
                                                "self, or a temper nearer to 1" : "; expected a larger alpha or fewer labels");
    self->stride = (size_t)stride;
    self->looks = (size_t)looks;
    pool->size = (size_t)fmin(fmax(WORK / work, LEAST_AGENTS), model->self > 0 ? 2 * MOST_AGENTS : MOST_AGENTS);
    pool->stride = self->stride;
    return QSG_OK;
}

static qsg_status measure(dispersion *self, label_pool *pool, uint64_t seed, qsg_error *error)
{
    const size_t size = self->features * self->features, batch = self->looks * size;
    qsg_status status = label_pool_init(pool, seed, error);
    if (status)
        return status;
    free(self->correlation);
    self->correlation = calloc((BATCHES + 1) * (batch + size) + self->looks, sizeof *self->correlation);
    if (!self->correlation) {
        label_pool_free(pool);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu looks", self->looks);
    }
    self->gram = self->correlation + (BATCHES + 1) * batch;
    self->weight = self->gram + (BATCHES + 1) * size;
    double *mean = self->correlation + BATCHES * batch, *mean_gram = self->gram + BATCHES * size;
    self->memory = 0;
    for (int b = 0; b < BURN; b++)
        label_pool_run(pool, self->looks, NULL, NULL);
    for (size_t b = 0; b < BATCHES; b++) {
        double *c = self->correlation + b * batch, *g = self->gram + b * size;
        self->memory += label_pool_run(pool, self->looks, c, g) / BATCHES;
        for (size_t i = 0; i < batch; i++)
            mean[i] += c[i] / BATCHES;
        for (size_t i = 0; i < size; i++)
            mean_gram[i] += g[i] / BATCHES;
    }
    label_pool_free(pool);
    fill_basis(self);
    return QSG_OK;
}

/* Rate and error from what was measured; with many words also what the last degrees of the polynomials change. */
static void evaluate(dispersion *self, size_t words, double lowest, double *rate, double *se)
{
    *rate = root(self, lowest);
    *se = *rate > lowest ? error_of(self, *rate, lowest) : 0;
    if (words > LABEL_DEGREE) {
        const size_t all = self->rank;
        self->rank = self->check_rank;
        const double low_degree = root(self, lowest);
        self->rank = all;
        *se = hypot(*se, fmax(low_degree, lowest) - fmax(*rate, lowest));
    }
}

static qsg_status sample(const qsg_model *model, uint64_t seed, double *rate, double *se, qsg_error *error)
{
    const bool owns = model->self > 0;
    label_pool pool = {.channel = qsg_channel_of(model), .labels = model->labels, .words = (size_t)model->bandwidth,
                       .alpha = model->alpha, .self = model->self, .mutual = model->exchange == QSG_MUTUAL};
    dispersion sums = {.features = label_pool_features(pool.words), .settled = !owns, .listens = pool.mutual ? 2 : 1,
                       .events = pool.mutual || owns ? 2 : 1};
    const double fastest = sums.listens * (model->alpha + model->self * model->innovation),
                 lowest = -fastest * (1 - 1e-9); /* below it the sum over ages diverges */
    sums.keep = fmax(1 - fastest / sums.events, 0);
    double forgotten = FORGOTTEN, found, found_se;
    qsg_status status;
    bool over = false;
    do {
        status = plan(&sums, &pool, model, forgotten, error);
        if (!status)
            status = measure(&sums, &pool, seed, error);
        if (status)
            break;
        evaluate(&sums, pool.words, lowest, &found, &found_se);
        over = !owns || (found > lowest && is_over(&sums, found));
        forgotten *= forgotten; /* own words keep a belief for longer than messages do: as long again */
    } while (!over);
    if (!status) {
        *rate = fmax(found, lowest);
        *se = found_se;
    }
    free(sums.correlation);
    return status;
}

qsg_status qsg_kinetic_growth_labels(const qsg_model *model, uint64_t seed, double *rate, double *se, qsg_error *error)
{
    qsg_status status = check(model, error);
    if (status)
        return status;
    const double listens = model->exchange == QSG_MUTUAL ? 2 : 1;
    if (model->innovation < 1 && isfinite(model->bandwidth))
        return sample(model, seed, rate, se, error);
    /* no noise: a population that agrees; or what is said does not depend on beliefs */
    *rate = listens * (model->alpha + model->self) * ((1 - model->innovation) / model->temper - 1);
    *se = 0;
    return QSG_OK;
}
