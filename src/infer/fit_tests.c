/* Likelihood-ratio tests, nested models, bootstrap over runs (doc/theory/inference.md, eq. 10-12).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <lapacke.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "infer/fit_climb.h"
#include "infer/fit_private.h"

#define WELL_INSIDE 9 /* three standard errors from its bound */

/* Put group g of theta where it does nothing. */
static void set_null(double *theta, size_t g, size_t labels)
{
    if (g < QSG_PAR_FIELD)
        theta[g] = g == QSG_PAR_SHARPNESS;
    for (size_t k = 0; g == QSG_PAR_FIELD && k < labels; k++)
        theta[QSG_PAR_FIELD + k] = 0;
}

static bool on_boundary(size_t g)
{
    return g == QSG_PAR_SELF || g == QSG_PAR_INNOVATION;
}

/* Take the top of the model m from `start`, if it is higher than what is known. */
static qsg_status climb_model(const transcript_fit *fit, nested_model *m, const double *start, bool global, double *theta,
                              qsg_error *error)
{
    qsg_maximum top = {0};
    qsg_status status = qsg_fit_maximize(&top, fit->likelihood, fit->best.free & (m->kept | QSG_FIT_ALPHA), start, NULL,
                                         global, error);
    if (status == QSG_ENOEXIST) /* without what was dropped something that was said has no chance */
        return QSG_OK;
    if (!status && top.loglik > m->loglik) {
        m->loglik = top.loglik;
        memcpy(theta, top.theta, qsg_likelihood_parameters(fit->likelihood) * sizeof *theta);
    }
    if (!status)
        m->n_free = top.n_free;
    qsg_maximum_free(&top);
    return status;
}

/* The models, small ones first, each from the estimates and from every model with one group less; thetas has a row a
 * model. */
static qsg_status climb_models(transcript_fit *fit, double *thetas, double *start, qsg_error *error)
{
    const size_t full = qsg_likelihood_parameters(fit->likelihood), K = fit->model->labels;
    const unsigned optional = fit->best.free & ~(unsigned)QSG_FIT_ALPHA;
    qsg_status status = QSG_OK;
    fit->n_models = 0;
    for (unsigned kept = 0; !status; kept = (kept - optional) & optional) { /* subsets in ascending order */
        const size_t i = fit->n_models++;
        nested_model *m = &fit->models[i];
        *m = (nested_model){kept, 0, -INFINITY};
        memcpy(start, fit->best.theta, full * sizeof *start);
        for (size_t g = 0; g <= QSG_PAR_FIELD; g++)
            if (optional >> g & 1 && !(kept >> g & 1))
                set_null(start, g, K);
        memcpy(thetas + i * full, start, full * sizeof *start);
        status = climb_model(fit, m, start, !kept, thetas + i * full, error);
        for (size_t j = 0; j < i && !status; j++) {
            const unsigned less = fit->models[j].kept;
            if ((kept & less) == less && __builtin_popcount(kept) == __builtin_popcount(less) + 1 &&
                fit->models[j].loglik > -INFINITY)
                status = climb_model(fit, m, thetas + j * full, false, thetas + i * full, error);
        }
        if (kept == optional)
            break;
    }
    return status;
}

qsg_status fit_compare_models(transcript_fit *fit, bool *moved, qsg_error *error)
{
    const size_t full = qsg_likelihood_parameters(fit->likelihood);
    double *thetas = malloc(((1 << QSG_PAR_FIELD) + 1) * full * sizeof *thetas);
    if (!thetas)
        return qsg_fail(error, QSG_ENOMEM, "no memory to fit %zu parameters", full);
    *moved = false;
    qsg_status status = climb_models(fit, thetas, thetas + (full << QSG_PAR_FIELD), error);
    const nested_model *last = &fit->models[fit->n_models - 1];
    if (!status && last->loglik > fit->best.loglik + 1e-3) {
        qsg_maximum top = {0};
        status = qsg_fit_maximize(&top, fit->likelihood, fit->best.free, thetas + (fit->n_models - 1) * full, NULL, false,
                                  error);
        if (!status) {
            top.starts = fit->best.starts;
            top.agreeing = 1; /* none of the starts of the search came here */
            qsg_maximum_free(&fit->best);
            fit->best = top;
            *moved = true;
        }
    }
    free(thetas);
    return status;
}

static const nested_model *model_without(const transcript_fit *fit, size_t g)
{
    const unsigned kept = fit->best.free & ~(unsigned)QSG_FIT_ALPHA & ~(1u << g);
    for (size_t i = 0; i < fit->n_models; i++)
        if (fit->models[i].kept == kept)
            return &fit->models[i];
    return NULL;
}

/* Holm's correction, in place of test.holm. */
static void correct(group_test *tests, size_t n)
{
    size_t order[QSG_PAR_FIELD + 1];
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            if (tests[order[j]].p_value < tests[order[i]].p_value) {
                const size_t swap = order[i];
                order[i] = order[j];
                order[j] = swap;
            }
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        most = fmax(most, fmin(1, (double)(n - i) * tests[order[i]].p_value));
        tests[order[i]].holm = most;
    }
}

/* The likelihood's curvature at the estimates, in the directions that `groups` leaves free. */
typedef struct {
    climb at;
    direction inside[QSG_PAR_FIELD + MAX_FIELD_LABELS];
    size_t p, full;
    double *run_scores; /* runs x full, or NULL */
} curvature;

static void curvature_free(curvature *self)
{
    free(self->run_scores);
    climb_free(&self->at);
}

/* self->at.matrix is the information then.  False when it cannot be had; free it in any case. */
static bool curvature_init(curvature *self, const transcript_fit *fit, unsigned groups, bool want_scores, qsg_error *error)
{
    double loglik;
    *self = (curvature){0};
    if (climb_init(&self->at, fit->likelihood, groups, NULL, error))
        return false;
    self->p = climb_directions(&self->at, self->inside);
    self->full = self->at.full;
    if (want_scores && !(self->run_scores = malloc(qsg_likelihood_runs(fit->likelihood) * self->full * sizeof(double))))
        return false;
    const qsg_likelihood_request request = {.theta = fit->best.theta, .groups = groups, .gradient = self->at.gradient,
                                            .information = self->at.information, .run_gradient = self->run_scores};
    if (qsg_likelihood_evaluate(fit->likelihood, &request, &loglik, error))
        return false;
    climb_reduce(&self->at, self->at.information, self->inside, self->p, self->at.matrix);
    return true;
}

static size_t group_of(const direction *d)
{
    return d->plus < QSG_PAR_FIELD ? d->plus : QSG_PAR_FIELD;
}

/* The first direction of group g and how many there are. */
static size_t directions_of(const curvature *self, size_t g, size_t *first)
{
    size_t q = 0;
    for (size_t a = 0; a < self->p; a++)
        if (group_of(&self->inside[a]) == g)
            *first = q++ ? *first : a;
    return q;
}

/* Columns of A^-1 that belong to the q directions from `first`, into rows (p x q); uses up the matrix. */
static bool solve_columns(curvature *self, size_t first, size_t q, double *rows)
{
    memset(rows, 0, self->p * q * sizeof *rows);
    for (size_t j = 0; j < q; j++)
        rows[(first + j) * q + j] = 1;
    return LAPACKE_dposv(LAPACK_ROW_MAJOR, 'L', (lapack_int)self->p, (lapack_int)q, self->at.matrix, (lapack_int)self->p, rows,
                         (lapack_int)q) == 0;
}

/* Covariance between runs of the q estimates whose columns of A^-1 are `rows` (eq. 11), into cov; moved is room for runs x q. */
static void covary(const curvature *self, const double *rows, size_t q, size_t runs, double *moved, double *cov)
{
    for (size_t r = 0; r < runs; r++)
        for (size_t j = 0; j < q; j++) {
            const double *s = self->run_scores + r * self->full;
            double sum = 0;
            for (size_t a = 0; a < self->p; a++) {
                const direction *d = &self->inside[a];
                sum += rows[a * q + j] * (s[d->plus] - (d->minus != NO_PARAMETER ? s[d->minus] : 0));
            }
            moved[r * q + j] = sum;
        }
    for (size_t i = 0; i < q * q; i++)
        cov[i] = 0;
    for (size_t r = 0; r < runs; r++)
        for (size_t j = 0; j < q; j++)
            for (size_t l = 0; l < q; l++)
                cov[j * q + l] += moved[r * q + j] * moved[r * q + l] * (double)runs / ((double)runs - 1);
}

/* value' cov^-1 value; NaN when cov is singular.  Uses up cov. */
static double square_in(double *cov, const double *value, double *room, size_t q)
{
    double sum = 0;
    memcpy(room, value, q * sizeof *room);
    if (LAPACKE_dposv(LAPACK_ROW_MAJOR, 'L', (lapack_int)q, 1, cov, (lapack_int)q, room, 1) != 0)
        return NAN;
    for (size_t j = 0; j < q; j++)
        sum += value[j] * room[j];
    return sum;
}

/* The statistic of the null of group g with the covariance between runs, R/(R-1) A^-1 (sum s s') A^-1 (eq. 11): of one parameter
 * the likelihood ratio, scaled by the two variances, since its law is closer to the limit than Wald's; of the field Wald's.
 * NaN where the group is at a bound or the runs are too few. */
static double statistic_of_runs(const transcript_fit *fit, size_t g, double ratio, double *df, qsg_error *error)
{
    curvature top;
    const size_t runs = qsg_likelihood_runs(fit->likelihood);
    double statistic = NAN, *room = NULL;
    unsigned groups = fit->best.free;
    size_t first = 0;
    for (size_t i = 0; i <= QSG_PAR_FIELD; i++)
        if (fit->best.at_bound[i])
            groups &= ~(1u << i);
    if (!(groups >> g & 1))
        return NAN;
    const bool known = curvature_init(&top, fit, groups, true, error);
    const size_t q = known ? directions_of(&top, g, &first) : 0;
    if (q && runs > q + 1)
        room = malloc((top.p * q + runs * q + q * q + 2 * q) * sizeof *room);
    if (room && solve_columns(&top, first, q, room)) {
        double *moved = room + top.p * q, *cov = moved + runs * q, *value = cov + q * q;
        covary(&top, room, q, runs, moved, cov);
        for (size_t j = 0; j < q; j++)
            value[j] = fit->best.theta[top.inside[first + j].plus]; /* field: h_k itself, a coordinate along its direction */
        statistic = q == 1 && g < QSG_PAR_FIELD ? ratio * room[first] / cov[0] : square_in(cov, value, value + q, q);
    }
    *df = (double)q;
    free(room);
    curvature_free(&top);
    return statistic;
}

/* Correlation of the estimates of two single parameters; 0 when it cannot be had. */
static double correlation_between(const transcript_fit *fit, size_t g, size_t h, qsg_error *error)
{
    curvature top;
    size_t first[2] = {0, 0};
    double correlation = 0, *rows = NULL;
    if (curvature_init(&top, fit, fit->best.free, false, error) && directions_of(&top, g, &first[0]) == 1 &&
        directions_of(&top, h, &first[1]) == 1)
        rows = malloc(2 * top.p * sizeof *rows);
    if (rows) {
        double *other = rows + top.p;
        memcpy(top.at.information, top.at.matrix, top.p * top.p * sizeof *rows);
        bool solved = solve_columns(&top, first[0], 1, rows);
        memcpy(top.at.matrix, top.at.information, top.p * top.p * sizeof *rows);
        solved = solved && solve_columns(&top, first[1], 1, other);
        if (solved)
            correlation = rows[first[1]] / sqrt(rows[first[0]] * other[first[1]]);
    }
    free(rows);
    curvature_free(&top);
    return fabs(correlation) <= 1 ? correlation : 0;
}

/* The p value on the boundary.  Half of the time the estimate sits there.  With the other bounded parameter there, too, and
 * estimates that go together, the statistic is larger (eq. 17). */
static double boundary_p(const transcript_fit *fit, size_t g, double statistic, qsg_error *error)
{
    const size_t other = g == QSG_PAR_SELF ? QSG_PAR_INNOVATION : QSG_PAR_SELF;
    const double half = gsl_cdf_chisq_Q(statistic, 1) / 2;
    if (!(statistic > 1e-6))
        return 1;
    if (!(fit->best.free >> other & 1) || 2 * (fit->best.loglik - model_without(fit, other)->loglik) > WELL_INSIDE)
        return half;
    const double correlation = fmax(correlation_between(fit, g, other, error), 0);
    return half + asin(correlation) / (2 * M_PI) * exp(-statistic / 2);
}

static void run_tests(transcript_fit *fit, qsg_error *error)
{
    const double runs = (double)qsg_likelihood_runs(fit->likelihood);
    fit->n_tests = 0;
    for (size_t g = QSG_PAR_SELF; g <= QSG_PAR_FIELD; g++) {
        if (!(fit->best.free >> g & 1))
            continue;
        const nested_model *without = model_without(fit, g);
        group_test *test = &fit->tests[fit->n_tests++];
        double df = 1;
        *test = (group_test){.group = g, .p_runs = NAN, .p_bootstrap = NAN};
        test->df = g == QSG_PAR_FIELD ? (double)fit->model->labels - 1 : 1;
        test->statistic = fmax(2 * (fit->best.loglik - without->loglik), 0);
        test->p_value = gsl_cdf_chisq_Q(test->statistic, test->df);
        if (on_boundary(g))
            test->p_value = boundary_p(fit, g, test->statistic, error);
        const double found = statistic_of_runs(fit, g, test->statistic, &df, error);
        if (found >= 0 && runs > df + 1)
            test->p_runs = gsl_cdf_fdist_Q(found * (runs - df) / (df * (runs - 1)), df, runs - df) / (on_boundary(g) ? 2 : 1);
    }
    correct(fit->tests, fit->n_tests);
}

/* Weights of one resample: how often each run is drawn. */
static void resample(uint64_t seed, uint64_t b, size_t runs, double *weights)
{
    rng_stream stream = rng_stream_of(seed, b);
    memset(weights, 0, runs * sizeof *weights);
    for (size_t r = 0; r < runs; r++)
        weights[rng_below(&stream, runs)]++;
}

/* The root of the likelihood ratio of group g at its estimate in the resample, with the side of the first parameter. */
static qsg_status root_of(const transcript_fit *fit, const qsg_maximum *top, const double *weights, size_t g, double *root,
                          qsg_error *error)
{
    const size_t full = qsg_likelihood_parameters(fit->likelihood), first = g;
    qsg_maximum held = {0};
    double *start = malloc(full * sizeof *start);
    if (!start)
        return qsg_fail(error, QSG_ENOMEM, "no memory to fit %zu parameters", full);
    memcpy(start, top->theta, full * sizeof *start);
    for (size_t i = g; i < (g < QSG_PAR_FIELD ? g + 1 : full); i++)
        start[i] = fit->best.theta[i];
    if (start[QSG_PAR_ALPHA] + start[QSG_PAR_SELF] > 1) /* the other rate gives way */
        start[g == QSG_PAR_SELF ? QSG_PAR_ALPHA : QSG_PAR_SELF] = 1 - start[g == QSG_PAR_SELF ? QSG_PAR_SELF : QSG_PAR_ALPHA];
    qsg_status status = qsg_fit_maximize(&held, fit->likelihood, fit->best.free & ~(1u << g), start, weights, false, error);
    if (!status) {
        *root = sqrt(fmax(2 * (top->loglik - held.loglik), 0)) * (top->theta[first] < fit->best.theta[first] ? -1 : 1);
        qsg_maximum_free(&held);
    }
    free(start);
    return status;
}

/* Refit resamples of the runs; percentile intervals and tests at the level of runs. */
static qsg_status bootstrap(transcript_fit *fit, qsg_error *error)
{
    const uint64_t B = fit->options->bootstrap;
    const size_t full = qsg_likelihood_parameters(fit->likelihood), runs = qsg_likelihood_runs(fit->likelihood);
    double *weights = malloc(runs * sizeof *weights), *draws = malloc(full * B * sizeof *draws), root = 0;
    double beyond[QSG_PAR_FIELD + 1] = {0};
    qsg_status status = QSG_OK;
    fit->resampled = calloc(full, sizeof *fit->resampled);
    if (!weights || !draws || !fit->resampled)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %llu resamples", (unsigned long long)B);
    for (uint64_t b = 0; b < B && !status; b++) {
        qsg_maximum top = {0};
        resample(fit->options->seed, b, runs, weights);
        status = qsg_fit_maximize(&top, fit->likelihood, fit->best.free, fit->best.theta, weights, false, error);
        for (size_t i = 0; i < fit->n_tests && !status; i++) {
            const group_test *test = &fit->tests[i];
            const bool one_sided = on_boundary(test->group);
            status = root_of(fit, &top, weights, test->group, &root, error);
            beyond[i] += !status && (one_sided ? root : fabs(root)) >= sqrt(test->statistic) - 1e-9;
        }
        for (size_t i = 0; i < full && !status; i++)
            draws[i * B + b] = top.theta[i];
        qsg_maximum_free(&top);
    }
    for (size_t i = 0; i < fit->n_tests && !status; i++)
        fit->tests[i].p_bootstrap = fit->tests[i].statistic > 1e-6 ? (1 + beyond[i]) / (1 + (double)B) : 1;
    for (size_t i = 0; i < full && !status; i++) {
        gsl_sort(draws + i * B, 1, B);
        const double at = 0.025 * ((double)B - 1);
        fit->resampled[i] = (qsg_fit_interval){.low = draws[i * B + (size_t)floor(at)],
                                               .high = draws[i * B + (size_t)ceil((double)B - 1 - at)]};
    }
    free(weights);
    free(draws);
    return status;
}

qsg_status fit_run_tests(transcript_fit *fit, qsg_error *error)
{
    run_tests(fit, error);
    return fit->options->bootstrap && qsg_likelihood_runs(fit->likelihood) > 1 ? bootstrap(fit, error) : QSG_OK;
}

static void name_model(const transcript_fit *fit, unsigned kept, char *text, size_t room)
{
    size_t used = (size_t)snprintf(text, room, "%s", fit->best.free & QSG_FIT_ALPHA ? "alpha" : "");
    for (size_t g = QSG_PAR_SELF; g <= QSG_PAR_FIELD; g++)
        if (kept >> g & 1)
            used += (size_t)snprintf(text + used, room - used, "%s%s", used ? "+" : "", qsg_fit_group_name(g));
    if (!used)
        snprintf(text, room, "(given)");
}

void fit_put_tests(const transcript_fit *fit, qsg_result *result)
{
    static const char *const nulls[] = {"", "self = 0", "temper = 1", "innovation = 0", "field = 0"};
    for (size_t i = 0; i < fit->n_tests; i++) {
        const group_test *t = &fit->tests[i];
        const struct { const char *key; double value; const char *meaning; } numbers[] = {
            {"statistic", t->statistic, "twice the gain in log-likelihood"},
            {"df", t->df, on_boundary(t->group) ? "on the boundary: half chi-squared, half 0, and what the other bound adds" : "chi-squared"},
            {"p_value", t->p_value, "asymptotic"},
            {"p_holm", t->holm, "corrected for the number of tests (Holm)"},
            {"p_runs", t->p_runs, "with the covariance of the scores of whole runs, F law"},
            {"p_bootstrap", t->p_bootstrap, "whole runs resampled"}};
        char path[48];
        snprintf(path, sizeof path, "tests.%zu.name", i);
        qsg_result_text(result, path, nulls[t->group], "");
        for (size_t j = 0; j < sizeof numbers / sizeof *numbers; j++) {
            snprintf(path, sizeof path, "tests.%zu.%s", i, numbers[j].key);
            qsg_result_number(result, path, numbers[j].value < INFINITY ? numbers[j].value : NAN, "", QSG_OBSERVED,
                              numbers[j].meaning);
        }
    }
}

void fit_put_models(const transcript_fit *fit, qsg_result *result)
{
    enum { MOST = 1 << QSG_PAR_FIELD };
    const double n = log((double)qsg_likelihood_observations(fit->likelihood));
    double numbers[4][MOST];
    char texts[MOST][64];
    const char *names[MOST];
    for (size_t i = 0; i < fit->n_models; i++) {
        const nested_model *m = &fit->models[i];
        const bool possible = m->loglik > -INFINITY;
        name_model(fit, m->kept, texts[i], sizeof texts[i]);
        names[i] = texts[i];
        numbers[0][i] = (double)m->n_free;
        numbers[1][i] = possible ? m->loglik : NAN;
        numbers[2][i] = possible ? 2 * (double)m->n_free - 2 * m->loglik : NAN;
        numbers[3][i] = possible ? n * (double)m->n_free - 2 * m->loglik : NAN;
    }
    qsg_result_text_column(result, "model", "models.name", fit->n_models, names, "what is fitted; the rest does nothing");
    qsg_result_column(result, "n_parameters", "models.n_parameters", fit->n_models, numbers[0], "", QSG_OBSERVED, "");
    qsg_result_column(result, "loglik", "models.loglik", fit->n_models, numbers[1], "nats", QSG_OBSERVED, "");
    qsg_result_column(result, "aic", "models.aic", fit->n_models, numbers[2], "nats", QSG_OBSERVED, "");
    qsg_result_column(result, "bic", "models.bic", fit->n_models, numbers[3], "nats", QSG_OBSERVED, "");
}
