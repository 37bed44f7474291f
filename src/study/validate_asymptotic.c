/* The asymptotic laws of the table.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "qsg/adiabatic.h"
#include "qsg/coalescent.h"
#include "qsg/density.h"
#include "qsg/fixation.h"
#include "qsg/innovation.h"
#include "qsg/moments.h"
#include "study/diffusion_laws.h"
#include "study/validate_limits.h"

static const double levels[LAW_EDGES] = {0.1, 0.3, 0.5, 0.7, 0.9};

/* (2m(1-alpha) + alpha)/(2 alpha^2): 1/(lambda N^2) for large N. */
static double slowness(double alpha, double m)
{
    return (2 * m * (1 - alpha) + alpha) / (2 * alpha * alpha);
}

/* After one round from a common belief N (U - U_0) tends to alpha^2 [H tau/m + (2 - 1/m) v (tau - (1 - e^{-c
 * tau})/c)], v = alpha^2 H/(m c), c = 2 alpha (1-alpha) + alpha^2/m, tau = 1 (doc/theory/validate.md, eq. 3). */
static double first_round(double alpha, double m, double H)
{
    const double c = 2 * alpha * (1 - alpha) + alpha * alpha / m, v = alpha * alpha * H / (m * c);
    return alpha * alpha * (H / m + (2 - 1 / m) * v * (1 + expm1(-c) / c));
}

qsg_status law_early_drift(law_run *self)
{
    static const struct { double alpha, m; int labels; } cases[] = {{0.5, 1, 2}, {0.3, 1, 10}, {0.8, 2, 3}};
    qsg_status status = QSG_OK;
    for (int c = 0; c < 3 && !status; c++) {
        law_deviation d[LAW_SIZES];
        const double H = 1 - 1.0 / cases[c].labels, theory = self->factor * first_round(cases[c].alpha, cases[c].m, H);
        status = law_series(self, "K = %d, alpha = %g, m = %g", cases[c].labels, cases[c].alpha, cases[c].m);
        for (int i = 0; i < LAW_SIZES && !status; i++) {
            const double n = (double)law_size(self, i);
            qsg_model model = {0};
            law_values v = {.what = LAW_POLARIZATION, .origin = 1 - H};
            status = law_model(self, &model, "agents=%g labels=%d alpha=%g bandwidth=%g", n, cases[c].labels,
                               cases[c].alpha,
                               cases[c].m);
            if (!status)
                status = law_take_values(self, &model, law_request(self, law_limit_runs(self, 100000), &n, 1), &v);
            const double observed = n * (v.mean - 1 + H), se = n * v.se;
            d[i] = (law_deviation){n, observed / theory - 1, se / theory};
            if (!status)
                status = law_point(self, n, theory, observed, se);
            qsg_model_free(&model);
        }
        if (!status)
            status = law_judge_limit(self, d, 0.015, 0.005);
    }
    return status;
}

/* First time with U >= 3/4, K = 2: E T/N^2 tends to 2 [B(1/2) - B(p*)] slowness (density.md, eq. 25).  Nearer to
 * consensus the minority is a few messages at these sizes, and how far the last one overshoots is no smooth function
 * of N. */
static double entropy(double x)
{
    return -x * log(x) - (1 - x) * log1p(-x);
}

qsg_status law_consensus_time(law_run *self)
{
    static const struct { double alpha, m; } cases[] = {{0.6, 1}, {0.7, 2}};
    const double threshold = 0.75, p = (1 - sqrt(2 * threshold - 1)) / 2;
    qsg_status status = QSG_OK;
    for (int c = 0; c < 2 && !status; c++) {
        law_deviation d[LAW_SIZES];
        const double slow = slowness(cases[c].alpha, cases[c].m);
        const double theory = self->factor * 2 * (entropy(0.5) - entropy(p)) * slow;
        status = law_series(self, "K = 2, alpha = %g, m = %g", cases[c].alpha, cases[c].m);
        for (int i = 0; i < LAW_SIZES && !status; i++) {
            const double n = (double)law_size(self, i);
            qsg_model model = {0};
            law_values v = {.what = LAW_TIME};
            status = law_model(self, &model, "agents=%g alpha=%g bandwidth=%g", n, cases[c].alpha, cases[c].m);
            const qsg_ensemble_request request = law_request_consensus(self, law_limit_runs(self, 20000), threshold,
                                                                       0.5 / (n * n * slow));
            if (!status)
                status = law_take_values(self, &model, request, &v);
            const double scale = 1 / (n * n);
            d[i] = (law_deviation){n, v.mean * scale / theory - 1, v.se * scale / theory};
            if (!status)
                status = law_point(self, n, theory, v.mean * scale, v.se * scale);
            qsg_model_free(&model);
        }
        if (!status)
            status = law_judge_limit(self, d, 0.06, 0.01);
    }
    return status;
}

/* Pr(1 wins) at the same Gamma_eff for every N, alpha, m. */
qsg_status law_logistic(law_run *self)
{
    static const struct { double alpha, m, gamma; } cases[] = {{0.6, 1, 2}, {0.9, 2, 1}};
    qsg_status status = QSG_OK;
    for (int c = 0; c < 2 && !status; c++) {
        law_deviation d[LAW_SIZES];
        const double gamma = cases[c].gamma, theory = qsg_fixation_diffusion(gamma * self->factor, 0.5);
        status = law_series(self, "alpha = %g, m = %g, Gamma = %g", cases[c].alpha, cases[c].m, gamma);
        for (int i = 0; i < LAW_SIZES && !status; i++) {
            const double n = (double)law_size(self, i), a = cases[c].alpha;
            const double h = gamma * a / (cases[c].m * (n * (1 - a) + a));
            qsg_model model = {0};
            law_values v = {.what = LAW_WINS};
            status = law_model(self, &model, "agents=%g alpha=%g bandwidth=%g field=%.17g", n, a, cases[c].m, h);
            const qsg_ensemble_request request = law_request_consensus(self, law_limit_runs(self, 10000), LAW_CONSENSUS,
                                                                       0.5 / (n * n * slowness(a, cases[c].m)));
            if (!status)
                status = law_take_values(self, &model, request, &v);
            d[i] = (law_deviation){n, v.mean - theory, law_share_error(v.mean, v.runs)};
            if (!status)
                status = law_point(self, n, theory, v.mean, d[i].se);
            qsg_model_free(&model);
        }
        if (!status)
            status = law_judge_limit(self, d, 0.005, 0.002);
    }
    return status;
}

/* Shares of runs below the edges against the levels that the edges have in theory. */
static qsg_status take_levels(law_run *self, const law_values *v, const double *expected, double n, int size,
                              law_deviation d[LAW_EDGES][LAW_SIZES])
{
    qsg_status status = QSG_OK;
    for (size_t j = 0; j < LAW_EDGES && !status; j++) {
        const double share = v->below[j] / v->runs, se = law_share_error(expected[j], v->runs);
        d[j][size] = (law_deviation){n, share - expected[j], se};
        status = law_point(self, n, expected[j], share, se);
    }
    return status;
}

static qsg_status judge_levels(law_run *self, law_deviation d[LAW_EDGES][LAW_SIZES], double size, double truncation)
{
    qsg_status status = QSG_OK;
    for (size_t j = 0; j < LAW_EDGES && !status; j++)
        status = law_judge_limit(self, d[j], size, truncation);
    return status;
}

/* Edges of the classes for a population of n: whole numbers of interactions next to the quantiles of the limiting
 * law in units of the exact slow rate 2/(n (n-1)), and the limiting law there. */
static qsg_status place_times(law_run *self, qsg_consensus_law *law, double n, double *edge, double *expected)
{
    const double unit = n * (n - 1) / 2;
    qsg_status status = QSG_OK;
    for (size_t j = 0; j < LAW_EDGES && !status; j++) {
        double tau, above = 0;
        status = qsg_consensus_law_quantile(law, levels[j], &tau, self->error);
        edge[j] = nearbyint(tau * unit);
        if (!status)
            status = qsg_consensus_law_survival(law, edge[j] / unit / self->factor, &above, self->error);
        expected[j] = 1 - above;
    }
    return status;
}

/* Voters with a label each, as many with one as with another. */
static qsg_status split_evenly(law_run *self, qsg_model *model, double n, size_t labels)
{
    char counts[96] = "";
    for (size_t k = 0, at = 0; k < labels && at < sizeof counts; k++)
        at += (size_t)snprintf(counts + at, sizeof counts - at, "%s%g", k ? "," : "", n / (double)labels);
    return law_model(self, model, "agents=%g labels=%zu alpha=1 init=onehot:%s", n, labels, counts);
}

/* Law of the time until one label is left: voters (alpha = 1) that start with a label each.  From a common belief an
 * agent that has not listened yet would hold consensus up, with a probability n e^{-n tau/2} that no power of 1/n
 * describes. */
qsg_status law_consensus_law(law_run *self)
{
    static const size_t cases[] = {2, 6};
    qsg_status status = QSG_OK;
    for (int c = 0; c < 2 && !status; c++) {
        law_deviation d[LAW_EDGES][LAW_SIZES];
        qsg_consensus_law law = {0};
        const size_t labels = cases[c];
        double p[6];
        for (size_t k = 0; k < labels; k++)
            p[k] = 1.0 / (double)labels;
        status = qsg_consensus_law_init(&law, p, labels, self->error);
        if (!status)
            status = law_series(self, "K = %zu, alpha = 1, quantiles of the law", labels);
        for (int i = 0; i < LAW_SIZES && !status; i++) {
            const double n = (double)law_size(self, i);
            qsg_model model = {0};
            law_values v = {.what = LAW_TIME, .edges = LAW_EDGES};
            double expected[LAW_EDGES];
            status = place_times(self, &law, n, v.edge, expected);
            if (!status)
                status = split_evenly(self, &model, n, labels);
            if (!status)
                status = law_take_values(self, &model, law_request_consensus(self, law_limit_runs(self, 20000),
                                                                             LAW_CONSENSUS,
                                                                             2 / (n * n)), &v);
            if (!status)
                status = take_levels(self, &v, expected, n, i, d);
            qsg_model_free(&model);
        }
        qsg_consensus_law_free(&law);
        /* the exact law of these voters is off by 0.0135 at most at n = 48, and its extrapolation by 0.0006 */
        if (!status)
            status = judge_levels(self, d, 0.015, 0.001);
    }
    return status;
}

/* Stationary law of the share of label 1 at fixed theta: beta(theta rho, theta (1 - rho)). */
qsg_status law_dirichlet(law_run *self)
{
    /* quantiles well inside: at an end the law is not resolved below a message */
    static const struct { double alpha, m, theta, prior; } cases[] = {{0.6, 1, 3, 0.5}, {0.8, 2, 4, 0.6}};
    qsg_status status = QSG_OK;
    for (int c = 0; c < 2 && !status; c++) {
        law_deviation d[LAW_EDGES][LAW_SIZES];
        const double a = cases[c].alpha, m = cases[c].m, rho = cases[c].prior, theta = cases[c].theta;
        status = law_series(self, "alpha = %g, m = %g, theta = %g, prior %g", a, m, theta, rho);
        for (int i = 0; i < LAW_SIZES && !status; i++) {
            const double n = (double)law_size(self, i), epsilon = theta * a / (n * (2 * m * (1 - a) + a));
            /* from the prior's mean e^-8 of the start is left: the slowest mode but the mean's has rate lambda (1 +
             * theta) */
            const double time = ceil(8 * n * n * slowness(a, m) / (1 + theta));
            qsg_model model = {0};
            law_values v = {.what = LAW_SHARE, .edges = LAW_EDGES};
            for (size_t j = 0; j < LAW_EDGES; j++)
                v.edge[j] = gsl_cdf_beta_Pinv(levels[j], self->factor * theta * rho, self->factor * theta * (1 - rho));
            status = law_model(self, &model, "agents=%g alpha=%g bandwidth=%g innovation=%.17g prior=%g,%g init=%g,%g",
                               n, a, m,
                               epsilon, rho, 1 - rho, rho, 1 - rho);
            if (!status)
                status = law_take_values(self, &model, law_request(self, law_limit_runs(self, 8000), &time, 1), &v);
            if (!status)
                status = take_levels(self, &v, levels, n, i, d);
            qsg_model_free(&model);
        }
        if (!status)
            status = judge_levels(self, d, 0.008, 0.006);
    }
    return status;
}

/* Where the law at index 0 has a level below it, by bisection. */
static double share_quantile(const share_law *law, double level)
{
    double low = 0, high = 1;
    for (int k = 0; k < 60; k++) {
        const double middle = (low + high) / 2;
        *(share_law_below(law, 0, middle) < level ? &low : &high) = middle;
    }
    return (low + high) / 2;
}

/* The share of label 1 at one coalescent time, with selection s: N h and tau fixed. */
qsg_status law_fokker_planck(law_run *self)
{
    /* by tau the start's layer, e^{-c t/N} with c of eq. 3, is below 1% at the smallest size */
    static const struct { double alpha, gamma, tau; } cases[] = {{0.6, 0, 0.4}, {0.5, 1, 0.4}};
    qsg_status status = QSG_OK;
    for (int c = 0; c < 2 && !status; c++) {
        law_deviation d[LAW_EDGES][LAW_SIZES];
        const double a = cases[c].alpha, tau = cases[c].tau * self->factor;
        double edge[LAW_EDGES] = {0};
        qsg_polynomial_drift drift = {.selection = {cases[c].gamma}};
        share_law law = {0};
        status = share_law_init(&law, qsg_polynomial_drift_at, &drift, 0.5, 1, &tau, self->error);
        for (size_t j = 0; j < LAW_EDGES && !status; j++)
            edge[j] = share_quantile(&law, levels[j]);
        share_law_free(&law);
        if (!status)
            status = law_series(self, "alpha = %g, s = %g, tau = %g", a, cases[c].gamma, cases[c].tau);
        for (int i = 0; i < LAW_SIZES && !status; i++) {
            const double n = (double)law_size(self, i), time = nearbyint(cases[c].tau * n * n * slowness(a, 1));
            qsg_model model = {0};
            law_values v = {.what = LAW_SHARE, .edges = LAW_EDGES};
            memcpy(v.edge, edge, sizeof edge);
            status = law_model(self, &model, "agents=%g alpha=%g field=%.17g", n, a,
                               cases[c].gamma * a / (n * (1 - a) + a));
            if (!status)
                status = law_take_values(self, &model, law_request(self, law_limit_runs(self, 40000), &time, 1), &v);
            if (!status)
                status = take_levels(self, &v, levels, n, i, d);
            qsg_model_free(&model);
        }
        if (!status)
            status = judge_levels(self, d, 0.012, 0.006);
    }
    return status;
}

/* Winners under tempering with N |1/T - 1| fixed, against the closure's diffusion; the mutation scales 1/T - 1. */
static double tempered(double strength, double n)
{
    return 1 / (1 + strength / n);
}

qsg_status law_tempering(law_run *self)
{
    static const struct { double alpha, strength, p; } cases[] = {{0.5, 4, 0.65}};
    qsg_status status = QSG_OK;
    for (int c = 0; c < 1 && !status; c++) {
        law_deviation d[LAW_SIZES];
        const double a = cases[c].alpha, p = cases[c].p;
        status = law_series(self, "alpha = %g, N (1/T - 1) = %g, start %g", a, cases[c].strength, p);
        for (int i = 0; i < LAW_SIZES && !status; i++) {
            const double n = (double)law_size(self, i);
            qsg_model model = {0}, theory = {0};
            qsg_adiabatic_winner winner = {0};
            law_values v = {.what = LAW_WINS};
            status = law_model(self, &model, "agents=%g alpha=%g temper=%.17g init=%g,%g", n, a,
                               tempered(cases[c].strength, n), p, 1 - p);
            if (!status)
                status = law_model(self, &theory, "agents=%g alpha=%g temper=%.17g init=%g,%g", n, a,
                                   tempered(cases[c].strength * self->factor, n), p, 1 - p);
            if (!status)
                status = qsg_adiabatic_fixation(&theory, &winner, NULL, self->error);
            const qsg_ensemble_request request = law_request_consensus(self, law_limit_runs(self, 20000), LAW_CONSENSUS,
                                                                       0.5 / (n * n * slowness(a, 1)));
            if (!status)
                status = law_take_values(self, &model, request, &v);
            d[i] = (law_deviation){n, v.mean - winner.probability[0], law_share_error(v.mean, v.runs)};
            if (!status)
                status = law_point(self, n, winner.probability[0], v.mean, d[i].se);
            qsg_model_free(&model);
            qsg_model_free(&theory);
        }
        if (!status)
            status = law_judge_limit(self, d, 0.015, 0.006);
    }
    return status;
}
