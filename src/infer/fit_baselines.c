/* Predictors without a theory, fitted without the fold that they predict (doc/theory/inference.md, section 4).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "infer/fit_private.h"

enum { DEPTH = 10, MOST = 2 * DEPTH, MAX_FOLDS = 10, N_LENGTHS = 6, N_WINDOWS = 2 * N_LENGTHS };
static const size_t lengths[N_LENGTHS] = {1, 2, 3, 5, 7, 10};

/* Utterances whose window had the same number of labels seen 0, 1, 2, .. times, and whose label was seen equally often. */
typedef struct {
    uint64_t key;
    uint32_t histogram[MOST + 1], said;
    double n[MAX_FOLDS];
} pattern;

typedef struct {
    pattern *patterns; /* open addressing by key; n all 0: empty */
    size_t used, room;
} pattern_table;

/* The last labels of one agent, newest at next - 1. */
typedef struct {
    uint32_t heard[DEPTH], said[DEPTH]; /* NOTHING: none in that interaction */
    uint32_t only_heard[DEPTH];
    size_t moves, hearings;
} memory;

typedef struct {
    const qsg_likelihood *data;
    size_t folds;
    double *counts; /* folds x 3 x labels: said first, after hearing the same label last, after another */
    pattern_table windows[N_WINDOWS]; /* N_LENGTHS of labels heard, then with own ones */
    memory *memories;
    uint32_t *seen; /* labels: times in the window */
    bool full;      /* no memory was left */
} census;

static bool is_empty(const pattern *p)
{
    return !p->key;
}

static bool grow(pattern_table *self)
{
    const size_t room = self->room ? 2 * self->room : 256;
    pattern *wider = calloc(room, sizeof *wider);
    if (!wider)
        return false;
    for (size_t i = 0; i < self->room; i++) {
        const pattern *old = &self->patterns[i];
        size_t at = old->key & (room - 1);
        if (is_empty(old))
            continue;
        while (!is_empty(&wider[at]))
            at = (at + 1) & (room - 1);
        wider[at] = *old;
    }
    free(self->patterns);
    self->patterns = wider;
    self->room = room;
    return true;
}

/* Count one utterance; false without memory. */
static bool count(pattern_table *self, const uint32_t *histogram, uint32_t said, size_t fold)
{
    uint64_t key = 14695981039346656037u ^ said;
    if (2 * self->used >= self->room && !grow(self))
        return false;
    for (int i = 0; i <= MOST; i++)
        key = (key ^ histogram[i]) * 1099511628211u;
    key ^= key >> 31;
    key |= UINT64_C(1) << 63; /* never 0; the low bits choose the place */
    size_t at = key & (self->room - 1);
    for (; !is_empty(&self->patterns[at]); at = (at + 1) & (self->room - 1)) {
        const pattern *p = &self->patterns[at];
        if (p->key == key && p->said == said && memcmp(p->histogram, histogram, sizeof p->histogram) == 0)
            break;
    }
    pattern *p = &self->patterns[at];
    if (is_empty(p)) {
        p->key = key;
        p->said = said;
        memcpy(p->histogram, histogram, sizeof p->histogram);
        self->used++;
    }
    p->n[fold]++;
    return true;
}

static void see(uint32_t *seen, uint32_t *histogram, uint32_t label)
{
    if (label == NOTHING)
        return;
    histogram[seen[label]++]--;
    histogram[seen[label]]++;
}

/* Count the utterance `label` after the agent's windows of all lengths. */
static void count_windows(census *self, const memory *m, uint32_t label, size_t fold)
{
    for (int own = 0; own < 2; own++) {
        const size_t n = own ? m->moves : m->hearings;
        uint32_t histogram[MOST + 1] = {(uint32_t)self->data->labels};
        memset(self->seen, 0, self->data->labels * sizeof *self->seen);
        for (size_t back = 1, i = 0; i < N_LENGTHS; back++) {
            if (back <= n && back <= DEPTH) {
                const size_t at = (n - back) % DEPTH;
                see(self->seen, histogram, own ? m->heard[at] : m->only_heard[at]);
                if (own)
                    see(self->seen, histogram, m->said[at]);
            }
            if (back == lengths[i])
                self->full |= !count(&self->windows[own * N_LENGTHS + i++], histogram, self->seen[label], fold);
        }
    }
}

static void count_utterance(census *self, const memory *m, uint32_t label, size_t fold)
{
    const size_t K = self->data->labels;
    const uint32_t last = m->hearings ? m->only_heard[(m->hearings - 1) % DEPTH] : NOTHING;
    const size_t kind = last == NOTHING ? 0 : last == label ? 1 : 2;
    self->counts[(fold * 3 + kind) * K + label]++;
    count_windows(self, m, label, fold);
}

static void remember(memory *m, const move_record *move)
{
    m->heard[m->moves % DEPTH] = move->heard;
    m->said[m->moves++ % DEPTH] = move->said;
    if (move->heard != NOTHING)
        m->only_heard[m->hearings++ % DEPTH] = move->heard;
}

static void count_run(census *self, size_t run)
{
    const qsg_likelihood *data = self->data;
    memset(self->memories, 0, data->run_agents[run] * sizeof *self->memories);
    for (size_t i = data->run_group[run]; i < data->run_group[run + 1]; i++) {
        const group_record *at = &data->groups[i];
        for (size_t j = at->said; j < at[1].said; j++)
            count_utterance(self, &self->memories[data->said[j].agent], data->said[j].label, run % self->folds);
        for (size_t j = at->moves; j < at[1].moves; j++)
            remember(&self->memories[data->moves[j].agent], &data->moves[j]);
    }
}

/* Counts of kind `kind` of label k outside fold f (NO_FOLD: of all), or in fold f. */
static double outside(const census *self, size_t f, size_t kind, size_t k)
{
    double sum = 0;
    for (size_t g = 0; g < self->folds; g++)
        sum += g != f ? self->counts[(g * 3 + kind) * self->data->labels + k] : 0;
    return sum;
}

/* Log-likelihood of mixing the label heard last with the frequencies, weight `lambda` on these. */
static double mixed(const double *same, const double *other, const double *share, size_t K, double lambda)
{
    double sum = 0;
    for (size_t k = 0; k < K; k++)
        sum += same[k] * log(1 - lambda + lambda * share[k]) + (other[k] > 0 ? other[k] * log(lambda * share[k]) : 0);
    return sum;
}

/* The weight that is best for the training counts: the likelihood is concave, so a golden section finds it. */
static double best_weight(const double *same, const double *other, const double *share, size_t K)
{
    const double ratio = (sqrt(5) - 1) / 2;
    double low = 1e-6, high = 1 - 1e-9;
    for (int i = 0; i < 60; i++) {
        const double a = high - ratio * (high - low), b = low + ratio * (high - low);
        if (mixed(same, other, share, K, a) > mixed(same, other, share, K, b))
            high = b;
        else
            low = a;
    }
    return (low + high) / 2;
}

/* Held-out log-likelihood of fold f by frequencies and by the label heard last. */
static void predict_simple(const census *self, size_t f, double *frequency, double *last_heard, double *room)
{
    const size_t K = self->data->labels;
    double *share = room, *same = room + K, *other = same + K, total = 0;
    for (size_t k = 0; k < K; k++) {
        same[k] = outside(self, f, 1, k);
        other[k] = outside(self, f, 2, k);
        total += share[k] = 0.5 + same[k] + other[k] + outside(self, f, 0, k);
    }
    for (size_t k = 0; k < K; k++)
        share[k] /= total;
    const double lambda = best_weight(same, other, share, K);
    for (size_t k = 0; k < K; k++) {
        const double *n = self->counts + f * 3 * K + k; /* kinds are K apart */
        *frequency += (n[0] + n[K] + n[2 * K]) * log(share[k]);
        *last_heard += n[0] * log(share[k]) + n[K] * log(1 - lambda + lambda * share[k]) +
                       (n[2 * K] > 0 ? n[2 * K] * log(lambda * share[k]) : 0);
    }
}

/* The window predictor: log-likelihood in fold f, or outside it, for p_k ~ (n_k + kappa)^gamma. */
typedef struct {
    const pattern_table *table;
    size_t fold, folds;
} window_fit;

static double window_loglik(const window_fit *self, double log_kappa, double gamma, bool inside)
{
    double weight[MOST + 1], logs[MOST + 1], sum = 0;
    for (int i = 0; i <= MOST; i++) {
        logs[i] = gamma * log(i + exp(log_kappa));
        weight[i] = exp(logs[i]);
    }
    for (size_t i = 0; i < self->table->room; i++) {
        const pattern *p = &self->table->patterns[i];
        double n = 0, norm = 0;
        if (is_empty(p))
            continue;
        for (size_t g = 0; g < self->folds; g++)
            n += (g == self->fold) == inside ? p->n[g] : 0;
        if (n == 0)
            continue;
        for (int j = 0; j <= MOST; j++)
            norm += p->histogram[j] * weight[j];
        sum += n * (logs[p->said] - log(norm));
    }
    return sum;
}

static double window_misfit(const gsl_vector *x, void *context)
{
    const double log_kappa = gsl_vector_get(x, 0), gamma = exp(gsl_vector_get(x, 1));
    if (!(fabs(log_kappa) < 30 && gamma < 30))
        return 1e300; /* finite: the simplex cannot do with infinity */
    return -window_loglik(context, log_kappa, gamma, false);
}

/* Fit kappa and gamma outside the fold; the training log-likelihood, or NaN without memory. */
static double fit_window(window_fit *self, double *log_kappa, double *gamma)
{
    double x[2] = {0, 0}, step[2] = {1, 0.5};
    gsl_vector_view start = gsl_vector_view_array(x, 2), size = gsl_vector_view_array(step, 2);
    gsl_multimin_function f = {window_misfit, 2, self};
    gsl_multimin_fminimizer *minimizer = gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, 2);
    if (!minimizer)
        return NAN;
    gsl_multimin_fminimizer_set(minimizer, &f, &start.vector, &size.vector);
    for (int i = 0; i < 150 && gsl_multimin_fminimizer_size(minimizer) > 1e-3; i++)
        if (gsl_multimin_fminimizer_iterate(minimizer) != GSL_SUCCESS)
            break;
    *log_kappa = gsl_vector_get(minimizer->x, 0);
    *gamma = exp(gsl_vector_get(minimizer->x, 1));
    const double loglik = -minimizer->fval;
    gsl_multimin_fminimizer_free(minimizer);
    return loglik;
}

/* Held-out log-likelihood of fold f by the window that is best outside it. */
static double predict_window(const census *self, size_t f, size_t *chosen)
{
    double best = -INFINITY, held = NAN;
    for (size_t w = 0; w < N_WINDOWS; w++) {
        window_fit fit = {&self->windows[w], f, self->folds};
        double log_kappa, gamma;
        const double loglik = fit_window(&fit, &log_kappa, &gamma);
        if (loglik > best) {
            best = loglik;
            held = window_loglik(&fit, log_kappa, gamma, true);
            *chosen = w;
        }
    }
    return held;
}

static void predict_all(const census *self, double *room, held_out *out)
{
    const double n = (double)qsg_likelihood_observations(self->data);
    double frequency = 0, last_heard = 0, window = 0;
    size_t votes[N_WINDOWS] = {0}, chosen = 0, winner = 0;
    for (size_t f = 0; f < self->folds; f++) {
        predict_simple(self, f, &frequency, &last_heard, room);
        window += out->window_fold[f] = predict_window(self, f, &chosen);
        votes[chosen]++;
    }
    for (size_t w = 0; w < N_WINDOWS; w++)
        winner = votes[w] > votes[winner] ? w : winner;
    out->frequency = frequency / n;
    out->last_heard = last_heard / n;
    out->window = window / n;
    out->window_length = lengths[winner % N_LENGTHS];
    out->window_own = winner >= N_LENGTHS;
}

qsg_status fit_baselines(const qsg_likelihood *likelihood, held_out *held, qsg_error *error)
{
    const size_t K = likelihood->labels;
    census all = {.data = likelihood, .folds = held->folds};
    all.counts = calloc(held->folds * 3 * K + 3 * K, sizeof *all.counts);
    all.memories = malloc(likelihood->agents * sizeof *all.memories);
    all.seen = malloc(K * sizeof *all.seen);
    all.full = !all.counts || !all.memories || !all.seen;
    for (size_t r = 0; r < likelihood->runs && !all.full; r++)
        count_run(&all, r);
    if (!all.full)
        predict_all(&all, all.counts + held->folds * 3 * K, held);
    for (size_t w = 0; w < N_WINDOWS; w++)
        free(all.windows[w].patterns);
    free(all.counts);
    free(all.memories);
    free(all.seen);
    return all.full ? qsg_fail(error, QSG_ENOMEM, "no memory for the baselines") : QSG_OK;
}
