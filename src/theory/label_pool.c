/* Beliefs over K labels in the state in which all labels are alike (doc/theory/kinetic.md).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/label_pool.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

qsg_status label_pool_init(label_pool *self, uint64_t seed, qsg_error *error)
{
    const size_t n = self->labels, all = self->size * n;
    self->features = label_pool_features(self->words);
    self->belief = malloc((all * (5 + self->features) + n * (4 + self->features)) * sizeof *self->belief);
    self->order = malloc(n * sizeof *self->order);
    if (!self->belief || !self->order) {
        label_pool_free(self);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu beliefs over %zu labels", self->size, n);
    }
    self->twin = self->belief + all;
    self->said = self->twin + all;
    self->twin_said = self->said + all;
    self->before = self->twin_said + all;
    self->tagged = self->before + all;
    self->counts = self->tagged + all * self->features;
    self->heard = self->counts + n;
    self->own = self->heard + n;
    self->twin_own = self->own + n;
    self->rise = self->twin_own + n;
    for (size_t i = 0; i < 4 * all; i++)
        self->belief[i] = 1 / (double)n;
    for (size_t k = 0; k < n; k++)
        self->order[k] = k;
    self->rng = rng_stream_of(seed, 0);
    return QSG_OK;
}

void label_pool_free(label_pool *self)
{
    free(self->belief);
    free(self->order);
    self->belief = NULL;
    self->order = NULL;
}

/* A label of the law p, whose sum is `sum`. */
static size_t draw(rng_stream *rng, const double *p, size_t n, double sum)
{
    double u = sum * rng_uniform(rng);
    size_t k = 0;
    for (; k + 1 < n; k++) {
        u -= p[k];
        if (u < 0)
            break;
    }
    return k;
}

/* A message of anybody, its labels renamed at random: fractions into heard. */
static void hear(label_pool *self)
{
    const size_t n = self->labels;
    const double *r = self->said + n * rng_below(&self->rng, self->size), word = 1 / (double)self->words;
    memset(self->counts, 0, n * sizeof *self->counts);
    memset(self->heard, 0, n * sizeof *self->heard);
    for (size_t w = 0; w < self->words; w++)
        self->counts[draw(&self->rng, r, n, 1)]++;
    for (size_t k = 0, met = 0; k < n; k++)
        if (self->counts[k] > 0) {
            const size_t other = met + rng_below(&self->rng, n - met), name = self->order[other];
            self->order[other] = self->order[met];
            self->order[met++] = name;
            self->heard[name] = self->counts[k] * word;
        }
}

/* What agent i says, and its twin: the same word as often as both laws allow. */
static void speak(label_pool *self, size_t i)
{
    const size_t n = self->labels;
    const double *r = self->said + i * n, *s = self->twin_said + i * n, word = 1 / (double)self->words;
    double apart = 0, *rest = self->counts;
    for (size_t k = 0; k < n; k++) {
        self->own[k] = self->twin_own[k] = 0;
        rest[k] = fmax(s[k] - r[k], 0);
        apart += rest[k];
    }
    for (size_t w = 0; w < self->words; w++) {
        const size_t k = draw(&self->rng, r, n, 1);
        self->own[k] += word;
        const bool same = s[k] >= r[k] || apart == 0 || rng_uniform(&self->rng) * r[k] < s[k];
        self->twin_own[same ? k : draw(&self->rng, rest, n, apart)] += word;
    }
}

/* r_k^power, times the sums over labels of r^first and of r^second where these are not 0; by degree. */
static const struct {
    int power, first, second;
} polynomials[LABEL_FEATURES] = {{1, 0, 0}, {2, 0, 0}, {3, 0, 0}, {1, 2, 0}, {4, 0, 0}, {2, 2, 0}, {1, 3, 0},
                                 {5, 0, 0}, {3, 2, 0}, {2, 3, 0}, {1, 4, 0}, {1, 2, 2}};

size_t label_pool_features(size_t degree)
{
    static const size_t count[] = {0, 1, 2, 4, 7, LABEL_FEATURES};
    return count[degree < LABEL_DEGREE ? degree : LABEL_DEGREE];
}

/* c (c-1) .. (c-n+1), n = 0 .. LABEL_DEGREE. */
static void falling(double c, double *out)
{
    out[0] = 1;
    for (int n = 0; n < LABEL_DEGREE; n++)
        out[n + 1] = out[n] * (c - n);
}

/* Polynomials of a message whose means, given the speaker, are those of what is said: words that are counted twice in a
 * product of sums are told apart, so that powers become falling factorials.  Less their mean over labels. */
static void message_polynomials(const double *fraction, size_t n, size_t words, size_t features, double *out)
{
    double c[LABEL_DEGREE + 1], scale[LABEL_DEGREE + 1], sum[LABEL_DEGREE + 1] = {0}, squares = 0;
    falling((double)words, scale);
    for (size_t k = 0; k < n; k++) {
        falling(round((double)words * fraction[k]), c);
        for (int i = 0; i <= LABEL_DEGREE; i++)
            sum[i] += c[i];
        squares += c[2] * c[2];
    }
    for (size_t k = 0; k < n; k++) {
        falling(round((double)words * fraction[k]), c);
        for (size_t a = 0; a < features; a++) {
            const int p = polynomials[a].power, i = polynomials[a].first, j = polynomials[a].second;
            double value = c[p + i + j];
            if (i)
                value += c[p + j] * (sum[i] - c[i]);
            if (j) /* both are 2 */
                value += c[p + i] * (sum[j] - c[j]) + c[p] * (sum[i + j] - c[i + j]) +
                         c[p] * ((sum[i] - c[i]) * (sum[j] - c[j]) - (squares - c[2] * c[2]));
            out[a * n + k] = value / scale[p + i + j];
        }
    }
    for (size_t a = 0; a < features; a++) {
        double mean = 0;
        for (size_t k = 0; k < n; k++)
            mean += out[a * n + k] / (double)n;
        for (size_t k = 0; k < n; k++)
            out[a * n + k] -= mean;
    }
}

/* Add `sign` times the polynomials of what is said. */
static void add_polynomials(const double *r, size_t n, size_t features, double sign, double *out)
{
    double sum[LABEL_DEGREE + 1] = {0}, power[LABEL_DEGREE + 1] = {1};
    for (size_t k = 0; k < n; k++)
        for (int i = 1; i <= LABEL_DEGREE; i++) {
            power[i] = power[i - 1] * r[k];
            sum[i] += power[i];
        }
    sum[0] = 1;
    for (size_t k = 0; k < n; k++) {
        for (int i = 1; i <= LABEL_DEGREE; i++)
            power[i] = power[i - 1] * r[k];
        for (size_t a = 0; a < features; a++)
            out[a * n + k] += sign * power[polynomials[a].power] * sum[polynomials[a].first] * sum[polynomials[a].second];
    }
}

static void add_products(const double *left, const double *right, size_t n, size_t features, double *sum)
{
    for (size_t a = 0; a < features; a++)
        for (size_t b = 0; b < features; b++) {
            double product = 0;
            for (size_t k = 0; k < n; k++)
                product += left[a * n + k] * right[b * n + k];
            sum[a * features + b] += product;
        }
}

/* One event of agent i; in the first one everybody hears, and the twin hears all labels alike. */
static void move(label_pool *self, size_t i, bool first)
{
    const size_t n = self->labels;
    const bool owns = self->self > 0, hears = first || !owns || self->mutual || (rng_next(&self->rng) >> 63),
               speaks = owns && (self->mutual || !hears);
    const double alpha = hears ? self->alpha : 0, beta = speaks ? self->self : 0, keep = 1 - alpha - beta;
    double *x = self->belief + i * n, *y = self->twin + i * n;
    if (hears)
        hear(self);
    if (first) {
        message_polynomials(self->heard, n, self->words, self->features, self->tagged + i * self->features * n);
        memcpy(y, x, n * sizeof *y);
        memcpy(self->twin_said + i * n, self->said + i * n, n * sizeof *y);
    }
    if (speaks)
        speak(self, i);
    for (size_t k = 0; k < n; k++) {
        const double heard = hears ? alpha * self->heard[k] : 0;
        x[k] = keep * x[k] + heard + (speaks ? beta * self->own[k] : 0);
        y[k] = keep * y[k] + (first ? alpha / (double)n : heard) + (speaks ? beta * self->twin_own[k] : 0);
    }
}

/* What is said now; its change by the tagged message into the sums. */
static void look(label_pool *self, double *correlation)
{
    const size_t n = self->labels, features = self->features;
    for (size_t i = 0; i < self->size; i++) {
        double *r = self->said + i * n, *s = self->twin_said + i * n;
        qsg_channel_apply(&self->channel, self->belief + i * n, r);
        if (!correlation)
            continue;
        qsg_channel_apply(&self->channel, self->twin + i * n, s);
        memset(self->rise, 0, features * n * sizeof *self->rise);
        add_polynomials(r, n, features, 1, self->rise);
        add_polynomials(s, n, features, -1, self->rise);
        add_products(self->rise, self->tagged + i * features * n, n, features, correlation);
    }
}

/* Correlation of all beliefs with those at the beginning of the run. */
static double memory(const label_pool *self)
{
    const double even = 1 / (double)self->labels;
    double product = 0, square = 0;
    for (size_t i = 0; i < self->size * self->labels; i++) {
        product += (self->before[i] - even) * (self->belief[i] - even);
        square += (self->before[i] - even) * (self->before[i] - even);
    }
    return square > 0 ? product / square : 0;
}

double label_pool_run(label_pool *self, size_t looks, double *correlation, double *gram)
{
    const size_t n = self->labels, features = self->features;
    memcpy(self->before, self->belief, self->size * n * sizeof *self->before);
    for (size_t i = 0; i < self->size; i++) {
        move(self, i, true);
        const double *tagged = self->tagged + i * features * n;
        if (gram)
            add_products(tagged, tagged, n, features, gram);
    }
    for (size_t at = 0; at < looks; at++) {
        look(self, correlation ? correlation + at * features * features : NULL);
        for (size_t t = 0; t < self->stride && at + 1 < looks; t++)
            for (size_t i = 0; i < self->size; i++)
                move(self, i, false);
    }
    return memory(self);
}
