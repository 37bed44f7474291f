/* What one utterance adds to the likelihood, its slopes and its information (doc/theory/inference.md, eq. 3-6).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "infer/replay.h"

#include <math.h>

/* Weights of the labels relative to the largest, into g; the logarithm of that of `label` before the division by the sum. */
static double weigh(const replay *self, const double *x, size_t label, double *restrict g, double *sum)
{
    const size_t n = self->data->labels;
    const double s = self->theta[QSG_PAR_SHARPNESS], *h = self->theta + QSG_PAR_FIELD, *logs = x + 3 * n;
    double top = -INFINITY;
    *sum = 0;
    if (s == 1) { /* no powers: most of the time of the nested models */
        for (size_t k = 0; k < n; k++)
            *sum += g[k] = self->tilt[k] * x[k];
        return logs[label] + h[label] - self->top;
    }
    for (size_t k = 0; k < n; k++) {
        g[k] = x[k] > 0 ? s * logs[k] + h[k] : -INFINITY;
        top = g[k] > top ? g[k] : top;
    }
    const double said = g[label] - top;
    for (size_t k = 0; k < n; k++)
        *sum += g[k] = exp(g[k] - top);
    return said;
}

double replay_speak(replay *self, const double *x, size_t label)
{
    const size_t n = self->data->labels;
    const double eps = self->theta[QSG_PAR_INNOVATION], *prior = self->data->prior;
    double *restrict g = self->g, *restrict r = self->r, sum;
    const double said = weigh(self, x, label, g, &sum), scale = 1 / sum;
    for (size_t k = 0; k < n; k++) {
        g[k] *= scale;
        r[k] = (1 - eps) * g[k] + eps * prior[k];
    }
    return r[label] < TINY ? log1p(-eps) + said - log(sum) : log(r[label]);
}

/* The slopes of r whose tilted belief changes at the relative rates u: (1 - eps) g (u - mean), in place of u.  Returns the
 * slope of log r at `label`. */
static double tilt_slopes(const replay *self, double *restrict u, size_t label)
{
    const size_t n = self->data->labels;
    const double eps = self->theta[QSG_PAR_INNOVATION], at_label = u[label], *g = self->g;
    double mean = 0;
    for (size_t k = 0; k < n; k++)
        mean += u[k] * g[k];
    for (size_t k = 0; k < n; k++)
        u[k] = (1 - eps) * g[k] * (u[k] - mean);
    return self->r[label] < TINY ? at_label - mean : u[label] / self->r[label];
}

/* All slopes but the field's, into self->slopes; their logarithmic ones at `label` are added to the gradient.  Returns how
 * many parameters that were. */
static size_t differentiate(replay *self, const double *x, size_t label)
{
    const size_t n = self->data->labels;
    const double s = self->theta[QSG_PAR_SHARPNESS], eps = self->theta[QSG_PAR_INNOVATION];
    double *restrict out = self->slopes, *gradient = self->gradient;
    for (size_t rate = 0; rate < 2; rate++) {
        const double *dx = x + (rate + 1) * n;
        if (!(self->groups >> rate & 1))
            continue;
        for (size_t k = 0; k < n; k++)
            out[k] = x[k] > 0 ? s * dx[k] / x[k] : 0;
        *gradient++ += tilt_slopes(self, out, label);
        out += n;
    }
    if (self->groups & QSG_FIT_TEMPER) {
        for (size_t k = 0; k < n; k++)
            out[k] = x[k] > 0 ? x[3 * n + k] : 0;
        *gradient++ += tilt_slopes(self, out, label);
        out += n;
    }
    if (self->groups & QSG_FIT_INNOVATION) {
        for (size_t k = 0; k < n; k++)
            out[k] = self->data->prior[k] - self->g[k];
        *gradient++ += self->r[label] < TINY ? -1 / (1 - eps) : out[label] / self->r[label];
    }
    return (size_t)(gradient - self->gradient);
}

/* The field's slopes of log r at `label` are those of the tilt u_k = [k = j]. */
static void add_field_gradient(const replay *self, size_t label, double *restrict out)
{
    const size_t n = self->data->labels;
    const double eps = self->theta[QSG_PAR_INNOVATION], r = self->r[label], *g = self->g;
    const double share = r < TINY ? 1 : (1 - eps) * g[label] / r;
    for (size_t j = 0; j < n; j++)
        out[j] -= share * g[j];
    out[label] += share;
}

/* Information of the q parameters before the field among themselves, sum_k s_ak s_bk/r_k; `inverse` is 1/r. */
static void add_information(const replay *self, size_t q, const double *inverse, double *restrict scaled)
{
    const size_t n = self->data->labels, p = self->n_active;
    const double left = 1 - self->theta[QSG_PAR_INNOVATION], *g = self->g;
    for (size_t a = 0; a < q; a++) {
        for (size_t k = 0; k < n; k++)
            scaled[k] = self->slopes[a * n + k] * inverse[k];
        for (size_t b = 0; b <= a; b++) {
            double sum = 0;
            const double *other = self->slopes + b * n;
            for (size_t k = 0; k < n; k++)
                sum += scaled[k] * other[k];
            self->information[a * p + b] += sum;
        }
        if (!(self->groups & QSG_FIT_FIELD))
            continue;
        double mean = 0; /* with a field: sum_k s_ak (1 - eps) g_j ([k = j] - g_k)/r_k */
        for (size_t k = 0; k < n; k++)
            mean += scaled[k] * g[k];
        for (size_t j = 0; j < n; j++)
            self->information[(q + j) * p + a] += left * g[j] * (scaled[j] - mean);
    }
}

/* Information of the field: (1 - eps)^2 g_i g_j (sum_k g_k^2/r_k - g_i/r_i - g_j/r_j), and (1 - eps)^2 g_i^2/r_i more where
 * i = j. */
static void add_field_information(const replay *self, size_t q, const double *inverse, double *restrict ratio)
{
    const size_t n = self->data->labels, p = self->n_active;
    const double left = 1 - self->theta[QSG_PAR_INNOVATION], *g = self->g;
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        ratio[k] = g[k] * inverse[k];
        sum += g[k] * ratio[k];
    }
    for (size_t i = 0; i < n; i++) {
        const double scale = left * left * g[i], rest = sum - ratio[i];
        double *restrict row = self->information + (q + i) * p + q;
        for (size_t j = 0; j <= i; j++)
            row[j] += scale * g[j] * (rest - ratio[j]);
        row[i] += scale * ratio[i];
    }
}

void replay_score(replay *self, const double *x, size_t label)
{
    const size_t n = self->data->labels, q = differentiate(self, x, label);
    double *restrict inverse = self->room;
    if (self->groups & QSG_FIT_FIELD)
        add_field_gradient(self, label, self->gradient + q);
    if (!self->curved)
        return;
    for (size_t k = 0; k < n; k++)
        inverse[k] = self->r[k] > TINY ? 1 / self->r[k] : 0;
    add_information(self, q, inverse, self->room + n);
    if (self->groups & QSG_FIT_FIELD)
        add_field_information(self, q, inverse, self->room + n);
}
