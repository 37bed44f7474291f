/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

#include <gsl/gsl_rng.h>

/* A small independent simulator: probability of each winner over `runs` populations of the model, whose start is a
 * point or one-hot.  Stops at a mean belief within 1e-4 of a label. */
enum { MAX_LABELS = 4, MAX_AGENTS = 64 };

static void say(const gsl_rng *rng, const qsg_channel *channel, unsigned m, const double *x, double *y)
{
    double r[MAX_LABELS];
    qsg_channel_apply(channel, x, r);
    memset(y, 0, channel->labels * sizeof *y);
    for (unsigned i = 0; i < m; i++) {
        double u = gsl_rng_uniform(rng);
        size_t k = 0;
        while (k + 1 < channel->labels && u >= r[k])
            u -= r[k++];
        y[k] += 1.0 / m;
    }
}

static void move(double *x, const double *y, double rate, size_t labels)
{
    for (size_t k = 0; k < labels; k++)
        x[k] += rate * (y[k] - x[k]);
}

static void interact(const gsl_rng *rng, const qsg_model *model, const qsg_channel *channel, double (*x)[MAX_LABELS])
{
    const size_t n = model->agents, labels = model->labels, s = gsl_rng_uniform_int(rng, n);
    const size_t l = (s + 1 + gsl_rng_uniform_int(rng, n - 1)) % n;
    const unsigned m = (unsigned)model->bandwidth;
    double ys[MAX_LABELS], yl[MAX_LABELS];
    say(rng, channel, m, x[s], ys);
    if (model->exchange == QSG_MUTUAL) {
        say(rng, channel, m, x[l], yl);
        for (size_t k = 0; k < labels; k++) {
            const double was = x[s][k];
            x[s][k] += model->alpha * (yl[k] - was) + model->self * (ys[k] - was);
            x[l][k] += model->alpha * (ys[k] - x[l][k]) + model->self * (yl[k] - x[l][k]);
        }
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (i == l || (model->exchange == QSG_BROADCAST && i != s))
            move(x[i], ys, model->alpha, labels);
    move(x[s], ys, model->self, labels);
}

static void simulate(const qsg_model *model, int runs, unsigned long seed, double *wins)
{
    const qsg_channel channel = qsg_channel_of(model);
    const size_t n = model->agents, labels = model->labels;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);
    gsl_rng_set(rng, seed);
    memset(wins, 0, labels * sizeof *wins);
    for (int run = 0; run < runs; run++) {
        double x[MAX_AGENTS][MAX_LABELS] = {{0}}, mean[MAX_LABELS], top = 0;
        size_t agent = 0;
        for (size_t k = 0; k < labels && model->start.kind == QSG_START_ONEHOT; k++)
            for (uint64_t c = 0; c < model->start.counts[k]; c++)
                x[agent++][k] = 1;
        for (; agent < n; agent++)
            memcpy(x[agent], model->start.p, labels * sizeof(double));
        while (top < 1 - 1e-4) {
            for (size_t t = 0; t < n; t++)
                interact(rng, model, &channel, x);
            top = 0;
            for (size_t k = 0; k < labels; k++) {
                mean[k] = 0;
                for (size_t i = 0; i < n; i++)
                    mean[k] += x[i][k] / (double)n;
                top = fmax(top, mean[k]);
            }
        }
        for (size_t k = 0; k < labels; k++)
            wins[k] += mean[k] / runs;
    }
    gsl_rng_free(rng);
}

static double gamma_of(const char *text)
{
    qsg_model model = model_of(text);
    double gamma;
    ck_assert_int_eq(qsg_fixation_gamma(&model, &gamma, NULL), QSG_OK);
    qsg_model_free(&model);
    return gamma;
}

/* doc/theory/fixation.md: exact values. */
START_TEST(reference_values)
{
    ck_close(gamma_of("agents=16 alpha=0.8 field=0.1"), 0.5, 1e-14);
    ck_close(1 / (1 + exp(-gamma_of("agents=16 alpha=0.8 field=0.1"))), 0.6224593312018546, 1e-14);
    ck_close_abs(gamma_of("agents=20 alpha=0.3 self=0.2 field=0.04"), 1.3364, 5e-5);
    ck_close(gamma_of("agents=16 alpha=0.8 field=0.05 exchange=mutual"), 1, 1e-14);
    ck_close(gamma_of("agents=100000000 alpha=0.1 field=0.05 exchange=broadcast"), 0.5, 1e-7);
    ck_close(gamma_of("agents=16 alpha=0.8 field=-0.1"), -0.5, 1e-14);
    ck_close(gamma_of("agents=16 alpha=0.8 field=0.3,0.2"), 0.5, 1e-14);
    /* everybody sure: N(1 - alpha) instead of N(1 - alpha) + alpha */
    ck_close(gamma_of("agents=16 alpha=0.8 field=0.1 init=onehot:4,12"), 0.4, 1e-14);
    ck_close_abs(gamma_of("agents=16 alpha=1 field=0.1 init=onehot:4,12"), 0, 1e-15);
    ck_close(gamma_of("agents=16 alpha=0.8 field=0.1 init=0.9999999999999999,1e-16"), 0.5, 1e-10);
    ck_close(gamma_of("agents=16 alpha=0.8 field=0.1 init=1e-200,1"), 0.5, 1e-13);
}
END_TEST

/* A second way to the slope: drift per unit f times the summed uncertainty of the neutral moments, per exchange and
 * start. */
START_TEST(slope_by_moments)
{
    static const char *const exchanges[] = {"oneway", "mutual", "broadcast"};
    static const char *const parameters[] = {"alpha=0.3 self=0.2 bandwidth=3", "alpha=0.9",
                                             "alpha=0.01 bandwidth=1000"};
    static const char *const starts[] = {"init=0.2385,0.7615", "init=onehot:3,10", "init=dirichlet:0.7"};
    for (int e = 0; e < 3; e++)
        for (int a = 0; a < 3; a++)
            for (int s = 0; s < 3; s++) {
                char text[200];
                snprintf(text, sizeof text, "agents=13 exchange=%s %s %s", exchanges[e], parameters[a], starts[s]);
                qsg_model neutral = model_of(text);
                strcat(text, " field=0.07");
                qsg_model model = model_of(text);
                qsg_moments start;
                double sum, response[2];
                const double drift[] = {(model.alpha + model.self) / 13, 2 * (model.alpha + model.self) / 13,
                                        (12 * model.alpha + model.self) / 13};
                ck_assert_int_eq(qsg_moments_start(&neutral, &start, NULL), QSG_OK);
                ck_assert_int_eq(qsg_moments_total_uncertainty(&neutral, &start, &sum, NULL), QSG_OK);
                ck_assert_int_eq(qsg_fixation_response(&model, response, NULL), QSG_OK);
                ck_close(response[0], 0.07 * drift[e] * sum / 2, 1e-11); /* f = 2 mean x(1-x) */
                ck_close(response[1], -response[0], 1e-13);
                qsg_model_free(&neutral);
                qsg_model_free(&model);
            }
}
END_TEST

/* alpha = 1, m = 1 is solved at any field: the response must be its derivative, for any start and K = 3. */
START_TEST(slope_of_exact_chain)
{
    const char *path = "test_fixation_start.tmp";
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "0.1 0.2 0.7\n0.5 0.5 0\n0.3 0.3 0.4\n0 0 1\n");
    fclose(file);
    static const char *const starts[] = {"test_fixation_start.tmp", "0.6,0.3,0.1", "onehot:1,1,2"};
    static const char *const exchanges[] = {"oneway", "broadcast"};
    for (int s = 0; s < 3; s++)
        for (int e = 0; e < 2; e++) {
            char text[200];
            double up[3], down[3], response[3];
            qsg_fixation_method method;
            const double h[3] = {0.03, -0.05, 0.02}, step = 1e-4;
            snprintf(text, sizeof text, "agents=4 labels=3 alpha=1 field=0.03,-0.05,0.02 exchange=%s init=%s",
                     exchanges[e], starts[s]);
            qsg_model model = model_of(text);
            ck_assert_int_eq(qsg_fixation_response(&model, response, NULL), QSG_OK);
            for (int k = 0; k < 3; k++)
                model.field[k] = step * h[k];
            ck_assert_int_eq(qsg_fixation_probability(&model, up, &method, NULL), QSG_OK);
            ck_assert_str_eq(method.method, "exact chain");
            for (int k = 0; k < 3; k++)
                model.field[k] = -step * h[k];
            ck_assert_int_eq(qsg_fixation_probability(&model, down, &method, NULL), QSG_OK);
            for (int k = 0; k < 3; k++)
                ck_close_abs((up[k] - down[k]) / (2 * step), response[k], 1e-10);
            qsg_model_free(&model);
        }
    remove(path);
}
END_TEST

typedef struct {
    const char *model;
    int runs;
    double accuracy; /* known deviation of the law, added to five standard errors */
} simulated;

/* Winners against simulation.  Seeds are fixed; by chance alone a label deviates by five standard errors once in
 * 2e6 times.  The paper's Gamma would be off by 0.04 to 0.3 here, the one-way law by 0.16 for mutual exchange. */
START_TEST(winners_by_simulation)
{
    static const simulated cases[] = {
        {"agents=16 alpha=0.8 field=0.1", 4000, 0.008},
        {"agents=16 alpha=0.5 field=0.05", 4000, 0.008},
        {"agents=16 alpha=0.5 bandwidth=3 field=0.02", 4000, 0.006},
        {"agents=16 alpha=0.9 bandwidth=2 field=0.2", 4000, 0.012},
        {"agents=32 alpha=0.5 field=0.05", 1500, 0.006},
        {"agents=16 alpha=0.8 field=0.05 exchange=mutual", 4000, 0.008},
        {"agents=16 alpha=0.3 field=0.05 exchange=broadcast", 4000, 0.008},
        {"agents=20 alpha=0.3 self=0.2 field=0.04", 4000, 0.006},
        {"agents=16 alpha=0.7 field=0.1 init=onehot:4,12", 4000, 0.01},
        {"agents=16 alpha=0.6 field=0.1 init=0.2,0.8", 4000, 0.01},
        {"agents=12 labels=3 alpha=0.5 field=0.1,0,0 init=0.2,0.3,0.5", 4000, 0.01},
        {"agents=12 labels=3 alpha=0.5 field=0.06,0.03,0 init=0.2,0.3,0.5", 4000, 0.008},
        {"agents=8 labels=3 alpha=1 field=1.5,-0.4,0", 6000, 0},
        {"agents=8 labels=3 alpha=1 field=1.5,-0.4,0 exchange=broadcast", 6000, 0},
        {"agents=10 alpha=0.4 field=31", 300, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qsg_model model = model_of(cases[i].model);
        double theory[MAX_LABELS], wins[MAX_LABELS], sum = 0;
        qsg_fixation_method method;
        qsg_error error = {""};
        ck_assert_msg(qsg_fixation_probability(&model, theory, &method, &error) == QSG_OK, "%s: %s", cases[i].model,
                      error.message);
        simulate(&model, cases[i].runs, 20260 + i, wins);
        for (size_t k = 0; k < model.labels; k++) {
            const double se = sqrt(theory[k] * (1 - theory[k]) / cases[i].runs);
            sum += theory[k];
            if (getenv("QSG_TEST_VERBOSE"))
                printf("%s %zu: %s %.4f (neglected %.2g), simulated %.4f +- %.4f\n", cases[i].model, k + 1,
                       method.method, theory[k], method.neglected, wins[k], se);
            ck_assert_msg(fabs(wins[k] - theory[k]) <= 5 * se + cases[i].accuracy + 1e-4,
                          "%s: label %zu wins %.4f, expected %.4f +- %.4f", cases[i].model, k + 1, wins[k], theory[k],
                          se);
        }
        ck_close(sum, 1, 1e-12);
        qsg_model_free(&model);
    }
}
END_TEST

/* The diffusion form: limits, symmetry, no overflow. */
START_TEST(diffusion_form)
{
    ck_close(qsg_fixation_diffusion(1e-300, 0.3), 0.3, 1e-14);
    ck_close(qsg_fixation_diffusion(-1e-12, 0.3), 0.3, 1e-11);
    ck_close(qsg_fixation_diffusion(2, 0.5), 1 / (1 + exp(-2)), 1e-14);
    ck_close(qsg_fixation_diffusion(-40, 0.5), 1 / (1 + exp(40)), 1e-13);
    ck_assert(qsg_fixation_diffusion(1e5, 0.3) == 1 && qsg_fixation_diffusion(-1e5, 0.3) == 0);
    ck_assert(qsg_fixation_diffusion(1e5, 0) == 0 && qsg_fixation_diffusion(-1e5, 1) == 1);
    ck_close(qsg_fixation_diffusion(1e5, 1e-9), -expm1(-2e-4), 1e-13);
    for (double g = -30; g < 31; g += 7.3)
        ck_close(qsg_fixation_diffusion(g, 0.2385) + qsg_fixation_diffusion(-g, 0.7615), 1, 1e-14);
    /* slope Gamma p (1 - p), curvature Gamma^2 p (1 - p)(1 - 2p)/3 */
    const double g = 1e-3, p = 0.2;
    ck_close_abs(qsg_fixation_diffusion(g, p) - p - g * p * (1 - p) - g * g * p * (1 - p) * (1 - 2 * p) / 3, 0, 1e-10);
}
END_TEST

/* Two camps: K = 4 with a two-valued field is K = 2 with the shares inside the camps kept; and as the values of K = 3
 * approach two, the expansion approaches the diffusion form. */
START_TEST(camps)
{
    qsg_model four = model_of("agents=30 labels=4 alpha=0.5 field=0.1,0,0.1,0 init=0.1,0.2,0.3,0.4");
    qsg_model two = model_of("agents=30 alpha=0.5 field=0.1 init=0.4,0.6");
    double p4[4], p2[2], p3[3];
    qsg_fixation_method method;
    ck_assert_int_eq(qsg_fixation_probability(&four, p4, &method, NULL), QSG_OK);
    ck_assert_int_eq(qsg_fixation_probability(&two, p2, &method, NULL), QSG_OK);
    ck_close(p4[0] + p4[2], p2[0], 1e-13);
    ck_close(p4[0] / p4[2], 1.0 / 3, 1e-13);
    ck_close(p4[3] / p4[1], 2, 1e-13);
    qsg_model three = model_of("agents=30 labels=3 alpha=0.5 field=0.01,0,1e-12 init=0.4,0.2,0.4");
    qsg_model weak = model_of("agents=30 alpha=0.5 field=0.01 init=0.4,0.6");
    ck_assert_int_eq(qsg_fixation_probability(&three, p3, &method, NULL), QSG_OK);
    ck_assert_str_eq(method.method, "second order");
    ck_assert_int_eq(qsg_fixation_probability(&weak, p2, &method, NULL), QSG_OK);
    ck_close_abs(p3[0], p2[0], 0.31 * 0.31 * 0.31 / 48);
    qsg_model_free(&four);
    qsg_model_free(&two);
    qsg_model_free(&three);
    qsg_model_free(&weak);
}
END_TEST

START_TEST(crossover)
{
    static const char *const texts[] = {"alpha=0.3 self=0.2 field=0.00137", "alpha=0.9 bandwidth=4 field=-0.0123",
                                        "alpha=0.4 field=0.0213 exchange=mutual"};
    for (int i = 0; i < 3; i++) {
        char text[120];
        double n, gamma, whole;
        snprintf(text, sizeof text, "agents=10 %s", texts[i]);
        qsg_model model = model_of(text);
        ck_assert_int_eq(qsg_fixation_crossover(&model, &n, NULL), QSG_OK);
        whole = floor(n);
        model.agents = (uint64_t)whole;
        ck_assert_int_eq(qsg_fixation_gamma(&model, &gamma, NULL), QSG_OK);
        ck_assert(fabs(gamma) <= 1);
        model.agents++;
        ck_assert_int_eq(qsg_fixation_gamma(&model, &gamma, NULL), QSG_OK);
        ck_assert(fabs(gamma) >= 1);
        qsg_model_free(&model);
    }
}
END_TEST

static void expect_winner(const char *text, double p1, const char *by)
{
    qsg_model model = model_of(text);
    double p[MAX_LABELS];
    qsg_fixation_method method;
    qsg_error error = {""};
    ck_assert_msg(qsg_fixation_probability(&model, p, &method, &error) == QSG_OK, "%s: %s", text, error.message);
    ck_assert_msg(fabs(p[0] - p1) < 1e-12 && strcmp(method.method, by) == 0, "%s: %.17g by %s", text, p[0],
                  method.method);
    qsg_model_free(&model);
}

static void expect_refusal(const char *text, qsg_status want)
{
    qsg_model model = model_of(text);
    double p[MAX_LABELS] = {7, 7, 7, 7};
    qsg_fixation_method method = {"untouched", QSG_INPUT, 7};
    qsg_error error = {""};
    ck_assert_int_eq(qsg_fixation_probability(&model, p, &method, &error), want);
    ck_assert(p[0] == 7 && p[1] == 7 && method.neglected == 7 && strlen(error.message) > 10);
    qsg_model_free(&model);
}

START_TEST(limits_and_refusals)
{
    expect_winner("agents=16 alpha=0.8 field=700", 1, "strong field");
    expect_winner("agents=16 alpha=0.8 field=-700", 0, "strong field");
    expect_winner("agents=16 alpha=1 field=700", 1, "exact chain");
    expect_winner("agents=16 alpha=1 field=700 init=onehot:1,15", 1.0 / 16, "exact chain");
    expect_winner("agents=16 alpha=0.8 field=700 init=0,1", 0, "martingale");
    expect_winner("agents=16 alpha=0.8 field=0.1 init=1,0", 1, "martingale");
    expect_winner("agents=100000 alpha=0.5 field=2 init=onehot:40000,60000", 1, "diffusion");
    expect_winner("agents=16 alpha=0.3 bandwidth=inf field=0.01", 1, "deterministic");
    expect_winner("agents=16 alpha=0.3 bandwidth=inf field=-0.0123", 0, "deterministic");
    expect_winner("agents=16 alpha=0.3 bandwidth=inf field=0.01 init=0,1", 0, "deterministic");
    expect_winner("agents=16 alpha=1 bandwidth=inf field=9 init=onehot:4,12", 0.25, "deterministic");
    expect_winner("agents=16 alpha=0.3 init=0.3,0.7", 0.3, "martingale");
    expect_refusal("agents=16 alpha=0.8 field=3", QSG_ENOEXIST);
    expect_refusal("agents=16 alpha=1 exchange=mutual field=0.1", QSG_ENOEXIST);
    expect_refusal("agents=16 labels=3 alpha=0.5 field=1,2,3", QSG_ENOEXIST);
    expect_refusal("agents=16 labels=3 alpha=0.5 field=1,1,0 bandwidth=inf", QSG_ENOEXIST);
    expect_refusal("agents=16 alpha=0.5 field=0.1 temper=0.9", QSG_EMODEL);
    expect_refusal("agents=16 alpha=0.5 field=0.1 innovation=0.1", QSG_EMODEL);
    static const char *const none[] = {"alpha=1 field=0.1", "alpha=0.5", "alpha=0.5 field=0.1 exchange=broadcast",
                                       "alpha=0.5 field=0.1 bandwidth=inf", "alpha=0.5 field=5"};
    for (int i = 0; i < 5; i++) {
        char text[120];
        double n = 7;
        snprintf(text, sizeof text, "agents=10 %s", none[i]);
        qsg_model model = model_of(text);
        ck_assert_int_eq(qsg_fixation_crossover(&model, &n, NULL), QSG_ENOEXIST);
        ck_assert(n == 7);
        qsg_model_free(&model);
    }
}
END_TEST

static qsg_status predict(const char *text, qsg_result *result)
{
    qsg_model model = model_of(text);
    const double times[] = {0, 100, 1e6};
    const qsg_predict_request request = {.times = times, .n = 3, .consensus = 0.95};
    qsg_status status = qsg_predict(&model, &request, result, NULL);
    qsg_model_free(&model);
    return status;
}

/* Beyond the panels of the diffusion's Green's function the limit of strong selection, Gumbel's law, takes over: at gamma = 19,800 the
 * mean is still solved for, and the quantiles are the limit's; both meet, and go on above 20,000.  Corrections are of order 1/gamma. */
START_TEST(strong_selection_times)
{
    static const char *const texts[] = {"agents=220000 alpha=0.1 field=0.01 init=0.3,0.7", "agents=230000 alpha=0.1 field=-0.01 init=0.7,0.3"};
    const double euler = 0.57721566490153286;
    double shifted[2];
    for (int i = 0; i < 2; i++) {
        qsg_result *result = qsg_result_new();
        ck_assert_int_eq(predict(texts[i], result), QSG_OK);
        const double gamma = fabs(qsg_result_get(result, "gamma")), speed = gamma * qsg_result_get(result, "slow_rate");
        const double mean = qsg_result_get(result, "fixation.mean_time"), median = qsg_result_get(result, "fixation.quantiles.0\\.5");
        ck_assert(i ? gamma > 20000 : gamma < 20000);
        ck_close(mean - median, (euler + log(log(2))) / speed, 1e-2); /* 2e-4 of the mean */
        ck_close(qsg_result_get(result, "fixation.sd_time"), M_PI / sqrt(6) / speed, 1e-3);
        shifted[i] = mean * speed - log(2 * gamma);
        qsg_result_free(result);
    }
    ck_close(shifted[0], euler + log(0.7 / 0.3), 1e-3);
    ck_close(shifted[1], shifted[0], 1e-3);
}
END_TEST

/* What predict says about fields, and what it leaves out. */
START_TEST(prediction)
{
    static const char *const texts[] = {
        "agents=16 alpha=0.8 field=0.1", "agents=16 alpha=0.8 field=-700", "agents=16 alpha=0.8 field=3",
        "agents=16 alpha=0.8 field=0.1 bandwidth=inf", "agents=16 alpha=1 field=0.1 exchange=mutual",
        "agents=16 alpha=0.8 field=0.1 init=1,0", "agents=40 labels=3 alpha=0.5 field=0.02,0.01,0",
        "agents=1000000000 alpha=0.5 field=0.001", "agents=2 alpha=0.1 field=0.1 exchange=broadcast"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        qsg_result *result = qsg_result_new();
        size_t n;
        ck_assert_msg(predict(texts[i], result) == QSG_OK, "%s", texts[i]);
        const double *p = qsg_result_get_vector(result, "fixation.probability", &n), *late;
        for (size_t k = 0; p && k < n; k++)
            ck_assert(p[k] >= 0 && p[k] <= 1);
        ck_assert((p == NULL) == (strcmp(qsg_result_get_text(result, "fixation.method"), "none") == 0));
        late = qsg_result_get_vector(result, "unresolved", &n);
        if (i == 0) {
            ck_close(p[0], 0.6224593312018546, 1e-12);
            ck_close(qsg_result_get(result, "crossover_population"), 36, 1e-12);
            ck_close(late[0], 1, 1e-12);
            ck_assert(late[1] > 0.8 && late[1] < 0.95 && late[2] < 1e-6);
            const double mean = qsg_result_get(result, "fixation.mean_time");
            ck_assert(qsg_result_get(result, "fixation.quantiles.0\\.5") < mean);
        } else if (i == 1 || i == 2) {
            ck_assert(!late && isnan(qsg_result_get(result, "fixation.mean_time")));
        }
        ck_assert_int_eq(qsg_result_status(result), QSG_OK);
        qsg_result_free(result);
    }
    qsg_result *result = qsg_result_new();
    ck_assert_int_eq(predict("agents=16 alpha=0.8 field=0.1 zealots=1,0", result), QSG_EMODEL);
    /* no law of who wins, and none of how fast: only the neutral rate and the kinetic table */
    qsg_result *tilted = qsg_result_new();
    ck_assert_int_eq(predict("agents=16 labels=3 alpha=0.8 temper=0.5 field=0.1,0,0", tilted), QSG_OK);
    ck_assert_str_eq(qsg_result_get_text(tilted, "fixation.method"), "none");
    ck_assert(isnan(qsg_result_get(tilted, "growth_rate")) && qsg_result_get(tilted, "slow_rate") > 0);
    qsg_result_free(tilted);
    /* one-hot listeners cannot be tilted: only the first word is, .4^2/(.4^2 + .6^2) */
    ck_assert_int_eq(predict("agents=16 alpha=1 temper=0.5 init=0.4,0.6", result), QSG_OK);
    ck_close(qsg_result_get_vector(result, "fixation.probability", NULL)[0], 0.16 / 0.52, 1e-14);
    qsg_result_free(result);
}
END_TEST

RUN_TESTS("fixation", reference_values, slope_by_moments, slope_of_exact_chain, winners_by_simulation, diffusion_form,
          camps, crossover, limits_and_refusals, strong_selection_times, prediction)
