/* Paths of the diffusion (doc/theory/paths.md).  Seeds are fixed; a statistic is refused beyond 6 standard errors
 * (2e-9, of about 170) or below a chi-square tail of 1e-8 (of 5): a false alarm with probability below 1e-6.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

#include <gsl/gsl_cdf.h>

#include "sim/lineages.h"

#define SIGMAS 6
#define TAIL 1e-8

__extension__ typedef _Float128 quad;

/* e^-x to 113 bits, as the power 1024 of its series; 0 where it is below 10^-400. */
static quad decay(quad x)
{
    quad term = 1, sum = 1;
    x = -x / 1024;
    if (x < -1)
        return 0;
    for (int i = 1; i < 35; i++) {
        term *= x / i;
        sum += term;
    }
    for (int i = 0; i < 10; i++)
        sum *= sum;
    return sum;
}

/* Tavare's alternating series; its largest term e^{1.3/tau} leaves 20 digits at tau = 0.05. */
static double ancestors_series(int m, double theta, double tau)
{
    quad sum = 0;
    for (int k = m; k < m + 400; k++) {
        quad term = decay((quad)k * (k + (quad)theta - 1) * tau / 2);
        if (term == 0 && k > m + 2)
            break;
        term *= k == 0 ? 1 : 2 * k + (quad)theta - 1;
        for (int i = 0; i < k - 1; i++)
            term *= m + (quad)theta + i;
        for (int i = 1; i <= m; i++)
            term /= i;
        for (int i = 1; i <= k - m; i++)
            term /= i;
        sum += (k - m) % 2 ? -term : term;
    }
    return (double)sum;
}

START_TEST(ancestors_by_the_series)
{
    const double thetas[] = {0, 1e-6, 0.3, 5}, taus[] = {0.05, 0.1, 1, 5};
    for (size_t a = 0; a < 4; a++)
        for (size_t b = 0; b < 4; b++) {
            lineages law;
            double off = 0;
            ck_assert(lineages_init(&law, thetas[a], taus[b], NULL) == QSG_OK);
            for (size_t i = 0; i < law.n; i++)
                off += fabs(law.cumulative[i] - (i ? law.cumulative[i - 1] : 0) -
                            ancestors_series((int)(law.first + i), thetas[a], taus[b]));
            ck_close_abs(off, 0, 1e-13); /* rounding of a hundred terms */
            lineages_free(&law);
        }
}
END_TEST

/* E A = sum (2k-1) e^{-k(k-1) tau/2}, E A(A-1) = sum (2k-1) k(k-1) e^{..}: positive series, at any tau. */
START_TEST(ancestors_at_short_times)
{
    const double taus[] = {0.02, 0.004, 0.003, 1e-3, 1e-5, 1e-7};
    for (size_t t = 0; t < 6; t++) {
        lineages law;
        long double first = 0, second = 0, mean = 0, pairs = 0;
        ck_assert(lineages_init(&law, 0, taus[t], NULL) == QSG_OK);
        for (size_t i = 0; i < law.n; i++) {
            const long double p = (long double)law.cumulative[i] - (i ? law.cumulative[i - 1] : 0), j = law.first + i;
            mean += p * j;
            pairs += p * j * (j - 1);
        }
        for (double k = 1; k * (k - 1) * taus[t] < 100; k++) {
            const double term = (2 * k - 1) * exp(-k * (k - 1) * taus[t] / 2);
            first += term;
            second += term * k * (k - 1);
        }
        /* 1e-13 of the mean is 1e-9 of its standard deviation at tau = 10^-7 */
        ck_close((double)mean, (double)first, 1e-13);
        ck_close((double)pairs, (double)second, 1e-13);
        lineages_free(&law);
    }
}
END_TEST

typedef struct {
    qsg_result *result;
    qsg_model model;
} job;

/* Paths at times in units of 1/slow rate. */
static job paths(const char *text, size_t n, const double *tau, uint64_t runs, double consensus)
{
    job self = {qsg_result_new(), model_of(text)};
    qsg_diffusion diffusion;
    qsg_error error = {""};
    double times[16];
    ck_assert(qsg_diffusion_of(&self.model, &diffusion, NULL) == QSG_OK);
    for (size_t i = 0; i < n; i++)
        times[i] = nearbyint(tau[i] / diffusion.rate);
    const qsg_ensemble_request request = {.times = times, .n = n, .runs = runs, .seed = 7, .consensus = consensus};
    const qsg_status status = qsg_paths_simulate(&self.model, &request, self.result, &error);
    ck_assert_msg(status == QSG_OK, "%s: %s", text, error.message);
    return self;
}

static void job_end(job *self)
{
    qsg_result_free(self->result);
    qsg_model_free(&self->model);
}

static const double *vector(const job *self, const char *path)
{
    const double *values = qsg_result_get_vector(self->result, path, NULL);
    ck_assert_msg(values != NULL, "no %s", path);
    return values;
}

/* Kimura's absorbed mass: would see 0.003. */
START_TEST(absorbed_mass)
{
    const double tau[] = {0.5, 1, 2}, one_end[] = {0.0666939684422, 0.225174768045, 0.398501225665}, runs = 200000;
    job j = paths("agents=1000000000000 alpha=0.5", 3, tau, (uint64_t)runs, 0.95);
    const double *fixed = vector(&j, "fixed");
    for (int i = 0; i < 3; i++) {
        const double p = 2 * one_end[i];
        ck_close_abs(fixed[i], p, SIGMAS * sqrt(p * (1 - p) / runs));
    }
    job_end(&j);
}
END_TEST

START_TEST(heterogeneity_decays)
{
    static const char *const texts[] = {"agents=1000000000000 alpha=0.3 labels=2 init=0.1,0.9",
                                        "agents=1000000 labels=10 alpha=0.9 bandwidth=3",
                                        "agents=1000 labels=300 alpha=0.5 exchange=mutual",
                                        "agents=1000 labels=3 alpha=1 init=onehot:100,300,600"};
    const double tau[] = {0, 0.001, 0.3, 1, 2.5};
    for (int t = 0; t < 4; t++) {
        job j = paths(texts[t], 5, tau, 4000, 0.95);
        const double *h = vector(&j, "H_mean"), *se = vector(&j, "H_se"), *v = vector(&j, "V_mean");
        qsg_moments start;
        qsg_moments_start(&j.model, &start, NULL);
        ck_close(h[0], qsg_moments_heterogeneity(&j.model, &start), 1e-13);
        ck_close_abs(v[0], start.disagreement, 1e-9 * (double)j.model.agents);
        for (int i = 1; i < 5; i++)
            ck_close_abs(h[i], h[0] * exp(-tau[i]), SIGMAS * se[i] + 2e-6); /* times are whole: tau to 1e-6 */
        job_end(&j);
    }
}
END_TEST

typedef struct {
    size_t bins, index;
    double *counts; /* bins, then lost and fixed */
} histogram;

static qsg_status count(void *context, const qsg_outcome *outcome)
{
    histogram *self = context;
    const double x = outcome->shares[2 * self->index];
    self->counts[x == 0 ? self->bins : x == 1 ? self->bins + 1 : (size_t)(x * (double)self->bins)]++;
    return QSG_OK;
}

enum { BINS = 20 };

/* chi^2 of label 1's share at the second of two times against `expected` probabilities (bins, lost, fixed). */
static double tail_probability(const char *text, const double tau[2], const double *expected)
{
    double counts[BINS + 2] = {0}, times[2], sum = 0, runs = 40000, cells = -1;
    histogram h = {BINS, 1, counts};
    qsg_model model = model_of(text);
    qsg_diffusion diffusion;
    ck_assert(qsg_diffusion_of(&model, &diffusion, NULL) == QSG_OK);
    for (int i = 0; i < 2; i++)
        times[i] = nearbyint(tau[i] / diffusion.rate);
    const qsg_ensemble_request request = {.times = times, .n = 2, .runs = (uint64_t)runs, .seed = 3, .consensus = 0.9,
                                          .want_shares = true};
    ck_assert(qsg_paths_run(&model, &request, count, &h, NULL) == QSG_OK);
    for (int i = 0; i < BINS + 2; i++) {
        const double want = runs * expected[i];
        if (want < 1) {
            ck_assert(counts[i] < 30);
            continue;
        }
        cells++;
        sum += (counts[i] - want) * (counts[i] - want) / want;
    }
    qsg_model_free(&model);
    return gsl_cdf_chisq_Q(sum, cells);
}

/* Neutral, field, innovation, and both: against the spectral density, in two stages. */
START_TEST(density_at_a_time)
{
    static const char *const texts[] = {"agents=1000000 alpha=0.5 init=0.3,0.7",
                                        "agents=1000000 alpha=0.5 init=0.3,0.7 field=4e-6",
                                        "agents=1000000 alpha=0.5 init=0.1,0.9 innovation=2e-6 prior=0.3,0.7",
                                        "agents=1000000 alpha=0.5 init=0.1,0.9 innovation=2e-6 prior=0.3,0.7 "
                                        "field=4e-6"};
    const double tau[] = {0.13, 0.4};
    enum { SUB = 16, POINTS = BINS * SUB + 1 };
    for (int t = 0; t < 4; t++) {
        qsg_model model = model_of(texts[t]);
        qsg_diffusion diffusion;
        qsg_polynomial_drift drift;
        qsg_spectral spectral = {0};
        double x[POINTS], density[POINTS], expected[BINS + 2] = {0}, atoms[2];
        ck_assert(qsg_diffusion_of(&model, &diffusion, NULL) == QSG_OK);
        qsg_diffusion_drift(&diffusion, &model, &drift);
        ck_assert(qsg_spectral_init(&spectral, &drift, model.start.p[0], tau[1], NULL) == QSG_OK);
        for (int i = 0; i < POINTS; i++)
            x[i] = (double)i / (POINTS - 1);
        ck_assert(qsg_spectral_density(&spectral, tau[1], POINTS, x, density, NULL) == QSG_OK);
        ck_assert(qsg_spectral_absorbed(&spectral, tau[1], atoms, NULL) == QSG_OK);
        for (int i = 0; i < BINS * SUB; i += 2) /* Simpson */
            expected[i / SUB] += (density[i] + 4 * density[i + 1] + density[i + 2]) / (3 * (POINTS - 1));
        expected[BINS] = atoms[1];
        expected[BINS + 1] = atoms[0];
        const double tail = tail_probability(texts[t], tau, expected);
        ck_assert_msg(tail > TAIL, "%s: chi-square tail %g", texts[t], tail);
        qsg_spectral_free(&spectral);
        qsg_model_free(&model);
    }
}
END_TEST

START_TEST(stationary_dirichlet)
{
    /* theta = innovation N (2(1-alpha) + alpha)/alpha = 1.5 */
    const double tau[] = {1, 60}, a = 0.45, b = 1.05;
    double expected[BINS + 2] = {0};
    for (int i = 0; i < BINS; i++)
        expected[i] = gsl_cdf_beta_P((i + 1.0) / BINS, a, b) - gsl_cdf_beta_P((double)i / BINS, a, b);
    const double tail = tail_probability("agents=1000000000 alpha=0.5 innovation=5e-10 prior=0.3,0.7", tau, expected);
    ck_assert_msg(tail > TAIL, "chi-square tail %g", tail);
}
END_TEST

/* 10,000 paths: would see .027 in a probability, the scheme's own error being below 4e-5 (eq. 7). */
START_TEST(field_decides)
{
    static const char *const texts[] = {"agents=100000 alpha=0.5 init=0.3,0.7 field=2e-5",
                                        "agents=100000 alpha=0.5 init=0.3,0.7 field=-2e-5",
                                        "agents=100000 alpha=0.5 labels=3 init=0.3,0.3,0.4 field=2e-5,0,0",
                                        "agents=100000 alpha=0.5 init=0.1,0.9 field=2e-4"};
    const double gammas[] = {2, -2, 2, 20}, tau[] = {60}, runs = 10000;
    for (int t = 0; t < 4; t++) {
        job j = paths(texts[t], 1, tau, (uint64_t)runs, 0.999999);
        const double g = gammas[t], p = expm1(-2 * g * j.model.start.p[0]) / expm1(-2 * g);
        ck_assert(qsg_result_get(j.result, "unresolved") == 0 && vector(&j, "fixed")[0] == 1);
        /* gamma as of large N, right to 1e-4 */
        ck_close_abs(vector(&j, "wins")[0] / runs, p, SIGMAS * sqrt(p * (1 - p) / runs) + 2e-4);
        job_end(&j);
    }
}
END_TEST

/* Sums over runs at two times: label 1's share, 1 - U and V, and their squares. */
enum { AT = 2, SEEN = 3 };
typedef struct {
    double sum[AT][SEEN], square[AT][SEEN];
} sums;

static qsg_status add_up(void *context, const qsg_outcome *outcome)
{
    sums *s = context;
    for (int i = 0; i < AT; i++) {
        const double seen[SEEN] = {outcome->shares[i * 2], outcome->heterogeneity[i], outcome->disagreement[i]};
        for (int k = 0; k < SEEN; k++) {
            s->sum[i][k] += seen[k];
            s->square[i][k] += seen[k] * seen[k];
        }
    }
    return QSG_OK;
}

/* The interaction kernel at N = 200 .. 2000.  The limit is right to 1/N, in a broadcast to alpha.  At N = 200 it would
 * see a one-way rate or drift off by a fifth, at 600 by a half, at 2000 by a factor of 3. */
START_TEST(agrees_with_the_kernel)
{
    static const struct { const char *text; double field, innovation, slack; uint64_t share; } models[] = {
        {"alpha=0.9", 0, 0, 0, 1}, /* fast adapters are cheap: 1/rate is small */
        {"alpha=0.6 exchange=mutual", 0, 0, 0, 3},
        {"alpha=0.6 exchange=mutual", 0, 1, 0, 3},
        {"alpha=0.03 exchange=broadcast", 0, 0, 0.03, 1},
        {"alpha=0.9", 20, 0, 0, 1},
        {"alpha=0.9", 0, 1, 0, 1},
        {"alpha=0.9", 20, 1, 0, 1},
    };
    static const struct { int agents; uint64_t runs; } sizes[] = {{200, 2000}, {600, 220}, {2000, 30}};
    const double tau[AT] = {0.1, 0.25};
    for (size_t m = 0; m < sizeof models / sizeof *models; m++)
        for (size_t n = 0; n < CASES(sizeof sizes / sizeof *sizes, 1); n++) {
            const double agents = sizes[n].agents, paths_made = 10000;
            const uint64_t made = sizes[n].runs / models[m].share;
            const double runs = (double)made;
            char text[200];
            snprintf(text, sizeof text, "agents=%d %s field=%g innovation=%g init=0.3,0.7", sizes[n].agents,
                     models[m].text, models[m].field / agents, models[m].innovation / agents);
            qsg_model model = model_of(text);
            qsg_diffusion diffusion;
            sums limit = {0}, kernel = {0};
            ck_assert(qsg_diffusion_of(&model, &diffusion, NULL) == QSG_OK);
            const double times[AT] = {nearbyint(tau[0] / diffusion.rate), nearbyint(tau[1] / diffusion.rate)};
            qsg_ensemble_request request = {.times = times, .n = AT, .runs = (uint64_t)paths_made, .seed = 5,
                                            .consensus = 0.95, .want_shares = true};
            ck_assert(qsg_paths_run(&model, &request, add_up, &limit, NULL) == QSG_OK);
            request.runs = made;
            ck_assert(qsg_ensemble_run(&model, &request, add_up, &kernel, NULL) == QSG_OK);
            for (int i = 0; i < AT; i++)
                for (int k = 0; k < SEEN; k++) {
                    const double a = limit.sum[i][k] / paths_made, b = kernel.sum[i][k] / runs;
                    if (isnan(a))
                        continue; /* V of a broadcast */
                    /* the limit's variance is known better than that of few runs, where V has one of its own */
                    const double known = limit.square[i][k] / paths_made - a * a;
                    const double se = sqrt(known / paths_made +
                                           fmax(known, kernel.square[i][k] / runs - b * b) / runs);
                    ck_assert_msg(fabs(a - b) <= SIGMAS * se + (2 / agents + models[m].slack) * fabs(b),
                                  "%s, %d at %g: %g in the limit, %g +- %g", text, k, tau[i], a, b, se);
                }
            qsg_model_free(&model);
        }
}
END_TEST

static char *text_of(const qsg_model *model, unsigned threads)
{
    const double times[] = {0, 1e5, 3e5, 3e6};
    const qsg_ensemble_request request = {.times = times, .n = 4, .runs = 3000, .seed = 11, .consensus = 0.6,
                                          .threads = threads};
    qsg_result *result = qsg_result_new();
    char *text;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    ck_assert(qsg_paths_simulate(model, &request, result, NULL) == QSG_OK);
    ck_assert(qsg_result_write_json(result, stream, NULL) == QSG_OK);
    fclose(stream);
    qsg_result_free(result);
    return text;
}

START_TEST(threads_do_not_matter)
{
    static const char *const texts[] = {"agents=1000 labels=5 alpha=0.5", "agents=1000 alpha=0.5 field=0.001",
                                        "agents=1000 labels=4 alpha=0.5 innovation=0.001 field=0.001,0,0,0"};
    for (int t = 0; t < 3; t++) {
        qsg_model model = model_of(texts[t]);
        char *one = text_of(&model, 1), *two = text_of(&model, 2), *seven = text_of(&model, 7);
        ck_assert_str_eq(one, two);
        ck_assert_str_eq(one, seven);
        ck_assert(!strstr(one, "nan"));
        free(one);
        free(two);
        free(seven);
        qsg_model_free(&model);
    }
}
END_TEST

/* What has no value is absent; a broadcast has no slaved disagreement; strong and weak innovation stay finite. */
START_TEST(edges)
{
    const double tau[] = {0.02, 1, 100};
    static const char *const texts[] = {"agents=1000 alpha=0.1 exchange=broadcast", "agents=1000 alpha=0.5 init=1,0",
                                        "agents=1000 alpha=0.5 innovation=1e-9", "agents=1000 alpha=0.5 innovation=0.3",
                                        "agents=1000 alpha=0.5 innovation=0.001 prior=1,0",
                                        "agents=100000 labels=1000 alpha=0.5 innovation=1e-6"};
    for (int t = 0; t < 6; t++) {
        job j = paths(texts[t], 3, tau, 200, 0.95);
        for (int i = 0; i < 3; i++) {
            ck_assert(vector(&j, "H_mean")[i] >= 0 && vector(&j, "U_mean")[i] <= 1);
            ck_assert(!isnan(vector(&j, "V_mean")[i]) == (t != 0));
        }
        ck_assert(isnan(qsg_result_get(j.result, "consensus_time.mean")) && isnan(qsg_result_get(j.result, "horizon")));
        job_end(&j);
    }
}
END_TEST

static void check_refused(const char *text, qsg_ensemble_request request, qsg_status want, const char *word)
{
    qsg_model model = model_of(text);
    qsg_error error = {""};
    qsg_result *result = qsg_result_new();
    const qsg_status status = qsg_paths_simulate(&model, &request, result, &error);
    ck_assert_msg(status == want && strstr(error.message, word), "%s: status %d, message \"%s\"", text, (int)status,
                  error.message);
    ck_assert(isnan(qsg_result_get(result, "runs")) && !qsg_result_get_vector(result, "U_mean", NULL));
    qsg_result_free(result);
    qsg_model_free(&model);
}

START_TEST(bad_input)
{
    const char *fine = "agents=1000 alpha=0.5";
    const double down[] = {5e5, 4e5}, half[] = {0.5}, never[] = {NAN}, negative[] = {-1}, far[] = {1e301}, soon[] = {1},
                 end[] = {1e7};
    const qsg_ensemble_request good = {.times = end, .n = 1, .runs = 2, .consensus = 0.9};
    qsg_ensemble_request r = good;
    r.runs = 0;
    check_refused(fine, r, QSG_EDOMAIN, "runs");
    r.runs = UINT64_C(1) << 62;
    check_refused(fine, r, QSG_EDOMAIN, "runs");
    const double thresholds[] = {0, 1, -1, NAN}, *const times[] = {half, never, negative, far};
    for (size_t i = 0; i < 4; i++) {
        r = good;
        r.consensus = thresholds[i];
        check_refused(fine, r, QSG_EDOMAIN, "threshold");
        r = good;
        r.times = times[i];
        check_refused(fine, r, QSG_EDOMAIN, "time");
    }
    r = good;
    r.n = 2, r.times = down;
    check_refused(fine, r, QSG_EDOMAIN, "decrease");
    r.n = 1, r.times = soon;
    check_refused("agents=1000000 alpha=0.5", r, QSG_EDOMAIN, "too close");
    r.times = far;
    check_refused(fine, r, QSG_EDOMAIN, "time");
    check_refused("agents=1000 alpha=0.5 temper=0.9", good, QSG_EMODEL, "temper");
    check_refused("agents=1000 alpha=0.5 zealots=1,0", good, QSG_EMODEL, "zealots");
    check_refused("agents=1000 alpha=0.5 adoption=0.3", good, QSG_EMODEL, "adoption");
    check_refused("agents=1000 alpha=0.5 graph=ring", good, QSG_EMODEL, "graph");
    check_refused("agents=1000 alpha=0.5 bandwidth=inf", good, QSG_EMODEL, "finite bandwidth");
    check_refused("agents=1000 alpha=1 exchange=mutual", good, QSG_EMODEL, "below 1 in mutual");
    check_refused("agents=1000 alpha=0.5 exchange=broadcast", good, QSG_EMODEL, "smaller alpha");
    check_refused("agents=3 alpha=0.9", good, QSG_EMODEL, "more agents");
    check_refused("agents=1000 labels=1001 alpha=0.5", good, QSG_EMODEL, "too many labels");
    check_refused("agents=1000000000 alpha=0.5 field=0.1", good, QSG_EMODEL, "too strong");
    check_refused("agents=1000000000 alpha=0.5 innovation=0.1", (qsg_ensemble_request){
                      .times = (const double[]){1e18}, .n = 1, .runs = 2, .consensus = 0.9}, QSG_EDOMAIN, "too strong");
    check_refused("agents=1000 alpha=0.5 field=0.5", (qsg_ensemble_request){
                      .times = (const double[]){1e18}, .n = 1, .runs = 2, .consensus = 0.9}, QSG_EDOMAIN,
                  "too far apart");
    lineages law = {9, 9, NULL};
    ck_assert(lineages_init(&law, NAN, 1, NULL) == QSG_EDOMAIN && lineages_init(&law, 0, NAN, NULL) == QSG_EDOMAIN);
    ck_assert(lineages_init(&law, -1, 1, NULL) == QSG_EDOMAIN && lineages_init(&law, 0, 1e-8, NULL) == QSG_EDOMAIN);
    ck_assert(law.first == 9 && law.n == 9);
}
END_TEST

RUN_TESTS("paths", ancestors_by_the_series, ancestors_at_short_times, absorbed_mass, heterogeneity_decays,
          density_at_a_time, stationary_dirichlet, field_decides, agrees_with_the_kernel, threads_do_not_matter,
          edges, bad_input)
