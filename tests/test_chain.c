/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chains.h"

#include <gsl/gsl_rng.h>
#include <gsl/gsl_sf_gamma.h>
#include <lapacke.h>

/* The rates by counting: every ordered pair of agents, both labels, adoption. */
START_TEST(rates_enumerated)
{
    static const qsg_chain_spec specs[] = {
        {.agents = 7, .prior = 0.5}, {.agents = 7, .zealots = {2, 1}, .prior = 0.5},
        {.agents = 8, .zealots = {0, 3}, .adoption = 0.7, .prior = 0.5, .replacement = true},
        {.agents = 6, .zealots = {1, 1}, .adoption = -1.3, .innovation = 0.2, .prior = 0.3},
        {.agents = 5, .innovation = 0.4, .prior = 0.8, .replacement = true}, {.agents = 2, .prior = 0.5}};
    const qsg_chain_spec *s = &specs[_i];
    const double h = s->adoption, adopt[2] = {h == 0 ? 1 : 1 / (1 + exp(-h)), h == 0 ? 1 : 1 / (1 + exp(h))};
    const size_t n = s->agents, committed = s->zealots[0] + s->zealots[1];
    qsg_chain c = {0};
    ck_assert_int_eq(qsg_chain_init_spec(&c, s, NULL), QSG_OK);
    for (size_t ones = 0; ones <= c.free; ones++) {
        double change[2] = {0};
        int label[8]; /* zealots first */
        for (size_t i = 0; i < n; i++)
            label[i] = i < committed ? i >= s->zealots[0] : i - committed >= ones;
        for (size_t speaker = 0; speaker < n; speaker++)
            for (size_t listener = committed; listener < n; listener++)
                for (int said = 0; said < 2 && (s->replacement || speaker != listener); said++) {
                    const double chance = (1 - s->innovation) * (label[speaker] == said) +
                                          s->innovation * (said == 0 ? s->prior : 1 - s->prior);
                    if (label[listener] != said)
                        change[said] += chance * adopt[said] / (double)(n * (s->replacement ? n : n - 1));
                }
        ck_close_abs(c.up[ones], change[0], 1e-15);
        ck_close_abs(c.down[ones], change[1], 1e-15);
    }
    qsg_chain_free(&c);
}
END_TEST

/* data/classic/reference_values.tsv: exact voter times (interactions, distinct pairs). */
START_TEST(voter_times)
{
    static const struct { uint64_t agents; double time; } cases[] = {
        {8, 35.5333}, {16, 159.0892}, {24, 371.3566197476}, {32, 672.3440725899}, {64, 2763.5155}};
    char text[80];
    double mean[65], sd[65], given[65], same, distinct, shuffled;
    const uint64_t n = cases[_i].agents, counts[2] = {n / 2, n / 2}, other[4] = {0, n / 2, 0, n / 2};
    size_t start;
    snprintf(text, sizeof text, "agents=%d alpha=1 init=onehot:%d,%d", (int)n, (int)n / 2, (int)n / 2);
    qsg_chain chain = chain_of(text, &start);
    ck_assert_int_eq(qsg_chain_times(&chain, 0, mean, sd, NULL), QSG_OK);
    ck_close(mean[start], cases[_i].time, 2e-6); /* the table's digits */
    ck_assert_int_eq(qsg_chain_label_times(2, counts, false, 1, &distinct, NULL), QSG_OK);
    ck_close(distinct, mean[start], 1e-12);
    ck_assert_int_eq(qsg_chain_label_times(2, counts, true, 1, &same, NULL), QSG_OK);
    ck_close(same, distinct * (double)n / (double)(n - 1), 1e-14);
    ck_assert_int_eq(qsg_chain_label_times(4, other, false, 1, &shuffled, NULL), QSG_OK);
    ck_close(shuffled, distinct, 1e-15);
    /* conditional mean from one agent: Kimura & Ohta's exact Moran value N(N-1) - .. checked by total expectation */
    ck_assert_int_eq(qsg_chain_times(&chain, 1, given, NULL, NULL), QSG_OK);
    for (size_t i = 1; i < n; i++) {
        const double p = (double)i / (double)n;
        ck_close(p * given[i] + (1 - p) * given[n - i], mean[i], 1e-11); /* symmetric: label 2 from i as label 1 from n - i */
    }
    qsg_chain_free(&chain);
}
END_TEST

/* Times until so many of three labels are left, by value iteration over all compositions. */
START_TEST(labels_enumerated)
{
    enum { N = 7 };
    static double value[2][N + 1][N + 1];
    const double pair = 1.0 / (N * (N - 1));
    for (int round = 0; round < 3000; round++) /* contracts by 1 - 2/(N(N-1)) a round: e^{-140} */
        for (int goal = 1; goal <= 2; goal++)
            for (int a = 0; a <= N; a++)
                for (int b = 0; a + b <= N; b++) {
                    const int c = N - a - b, left = (a > 0) + (b > 0) + (c > 0);
                    double (*v)[N + 1] = value[goal - 1], sum = 1, moves = 0;
                    if (left <= goal)
                        continue;
                    const int n[3] = {a, b, c};
                    for (int from = 0; from < 3; from++)
                        for (int to = 0; to < 3; to++)
                            if (from != to && n[from] && n[to]) {
                                int m[3] = {a, b, c};
                                m[from]--;
                                m[to]++;
                                sum += pair * n[from] * n[to] * v[m[0]][m[1]];
                                moves += pair * n[from] * n[to];
                            }
                    v[a][b] = sum / moves;
                }
    for (int a = 1; a < N; a++)
        for (int b = 1; a + b < N; b++) {
            const uint64_t counts[3] = {(uint64_t)a, (uint64_t)b, (uint64_t)(N - a - b)};
            double time[3];
            ck_assert_int_eq(qsg_chain_label_times(3, counts, false, 3, time, NULL), QSG_OK);
            ck_close(time[0], value[0][a][b], 1e-11);
            ck_close(time[1], value[1][a][b], 1e-11);
            ck_assert_double_eq(time[2], 0);
        }
}
END_TEST

/* All labels distinct: (N-1)^2 interactions to consensus, 1 to the first loss; and documented values of first losses. */
START_TEST(labels_known)
{
    static const struct { size_t labels; uint64_t each; double consensus, first; } cases[] = {
        {5, 2, 76, 6.8214285714}, {10, 2, 351, 8.1018785136}, {24, 1, 529, 1}, {10, 10, 9338.2961078874, 354.1736157433}};
    uint64_t counts[24];
    double time[23];
    for (size_t k = 0; k < cases[_i].labels; k++)
        counts[k] = cases[_i].each;
    ck_assert_int_eq(qsg_chain_label_times(cases[_i].labels, counts, false, cases[_i].labels - 1, time, NULL), QSG_OK);
    ck_close(time[0], cases[_i].consensus, 1e-11);
    ck_close(time[cases[_i].labels - 2], cases[_i].first, 1e-10);
    for (size_t l = 1; l + 1 < cases[_i].labels; l++)
        ck_assert_double_lt(time[l], time[l - 1]);
    /* N to infinity: the diffusion's time, relative difference of order 1/N */
    const uint64_t many[2] = {UINT64_C(300000000000), UINT64_C(700000000000)};
    ck_assert_int_eq(qsg_chain_label_times(2, many, false, 1, time, NULL), QSG_OK);
    ck_close(time[0], -1e24 * (0.7 * log(0.7) + 0.3 * log(0.3)), 1e-11);
}
END_TEST

/* Means, squares and winners against LAPACK's pivoting tridiagonal solver. */
START_TEST(against_lapack)
{
    size_t start;
    qsg_chain c = chain_of(absorbing[_i], &start);
    const size_t n = c.free + 1, first = c.absorbing[1], last = c.free - c.absorbing[0], states = last + 1 - first;
    double low[64], diagonal[64], high[64], x[3][64], mean[64], sd[64], wins[64];
    for (int system = 0; system < 3; system++) {
        for (size_t i = first; i <= last; i++) {
            diagonal[i - first] = c.up[i] + c.down[i];
            high[i - first] = -c.up[i];
            if (i > first)
                low[i - first - 1] = -c.down[i];
            x[system][i - first] = system == 0 ? 1 : system == 1 ? 2 * x[0][i - first] - 1
                                   : i == last && c.absorbing[0] ? c.up[i] : 0;
        }
        ck_assert_int_eq(LAPACKE_dgtsv(LAPACK_COL_MAJOR, (lapack_int)states, 1, low, diagonal, high, x[system],
                                       (lapack_int)states), 0);
    }
    ck_assert_int_eq(qsg_chain_times(&c, 0, mean, sd, NULL), QSG_OK);
    ck_assert_int_eq(qsg_chain_fixation(&c, 1, wins, NULL), QSG_OK);
    ck_assert_uint_lt(n, 64);
    for (size_t i = first; i <= last; i++) {
        ck_close(mean[i], x[0][i - first], 1e-11);
        ck_close(sd[i], sqrt(x[1][i - first] - pow(x[0][i - first], 2)), 1e-9);
        ck_close_abs(wins[i], x[2][i - first], 1e-12);
    }
    qsg_chain_free(&c);
}
END_TEST

static double log_beta(double a, double b)
{
    return gsl_sf_lngamma(a) + gsl_sf_lngamma(b) - gsl_sf_lngamma(a + b);
}

/* Two kinds of zealots, neutral: beta-binomial (Chinellato et al.), to 1e-12 relative; mean and variance in closed form. */
START_TEST(beta_binomial)
{
    static const struct { int agents, z1, z2; double log_error; } cases[] = {
        {24, 2, 2, 1e-13}, {32, 1, 1, 1e-13}, {32, 2, 4, 1e-13}, {64, 1, 3, 1e-13}, {700, 13, 8, 1e-12}, {24, 20, 1, 1e-13}};
    char text[64];
    snprintf(text, sizeof text, "agents=%d alpha=1 zealots=%d,%d", cases[_i].agents, cases[_i].z1, cases[_i].z2);
    qsg_chain c = chain_of(text, NULL);
    const double z1 = cases[_i].z1, z2 = cases[_i].z2, n = (double)c.free, all = cases[_i].agents;
    double law[701], direct[701], sum = 0, mean = 0, square = 0;
    ck_assert_int_eq(qsg_chain_stationary(&c, law, NULL), QSG_OK);
    /* C(n, k) B(k + z1, n - k + z2)/B(z1, z2) by ratios from k = 0: whole numbers only */
    direct[0] = 1;
    for (size_t k = 0; k < c.free; k++) {
        const double i = (double)k;
        direct[k + 1] = direct[k] * (n - i) * (z1 + i) / ((i + 1) * (z2 + n - i - 1));
        sum += direct[k];
    }
    sum += direct[c.free];
    for (size_t k = 0; k <= c.free; k++) {
        ck_close(law[k], direct[k] / sum, 1e-12);
        mean += law[k] * (double)k / n;
    }
    for (size_t k = 0; k <= c.free; k++)
        square += law[k] * pow((double)k / n - mean, 2);
    ck_close(mean, z1 / (z1 + z2), 1e-12);
    ck_close(square, z1 * z2 * all / (n * pow(z1 + z2, 2) * (z1 + z2 + 1)), 1e-11);
    const double at = exp(gsl_sf_lnchoose((unsigned)n, 2) + log_beta(2 + z1, n - 2 + z2) - log_beta(z1, z2));
    ck_close(law[n >= 2 ? 2 : 0], n >= 2 ? at : law[0], 1e-11); /* digits of lngamma at N = 700 */
    qsg_chain_free(&c);
}
END_TEST

/* Spectra in closed form: k(k-1)/(N(N-1)) without zealots, k(k-1+z1+z2)/(N(N-1)) with. */
START_TEST(spectrum)
{
    static const struct { const char *text; double z; } cases[] = {
        {"agents=40 alpha=1", 0}, {"agents=40 alpha=1 zealots=3,0", 3}, {"agents=40 alpha=1 zealots=3,4", 7}};
    qsg_chain c = chain_of(cases[_i].text, NULL);
    double rate[10], closed, law[41], quasi;
    const double pairs = 40 * 39;
    ck_assert_int_eq(qsg_chain_rates(&c, 10, rate, NULL), QSG_OK);
    for (int k = 0; k < 10; k++) {
        const double j = k + (cases[_i].z > 0 ? 1 : 2);
        ck_close(rate[k], j * (j - 1 + cases[_i].z) / pairs, 1e-12);
    }
    ck_assert_int_eq(qsg_chain_neutral_rate(&c, &closed, NULL), QSG_OK);
    ck_close(closed, rate[0], 1e-12);
    if (cases[_i].z < 7) {
        ck_assert_int_eq(qsg_chain_quasistationary(&c, law, &quasi, NULL), QSG_OK);
        ck_close(quasi, rate[0], 1e-12);
        for (size_t i = 1; i < c.free && cases[_i].z == 0; i++)
            ck_close(law[i], 1.0 / 39, 1e-10); /* uniform */
    } else {
        ck_assert_int_eq(qsg_chain_quasistationary(&c, law, &quasi, NULL), QSG_ENOEXIST);
    }
    qsg_chain_free(&c);
}
END_TEST

/* A metastable chain: one zealot against an adoption bias.  The gap is 1/(mean time) up to its relative smallness. */
START_TEST(metastable)
{
    qsg_chain c = chain_of("agents=60 alpha=1 zealots=1,0 adoption=-1", NULL);
    double rate, mean[60], law[60], quasi;
    ck_assert_int_eq(qsg_chain_rates(&c, 1, &rate, NULL), QSG_OK);
    ck_assert_int_eq(qsg_chain_times(&c, 0, mean, NULL, NULL), QSG_OK);
    ck_assert_double_gt(mean[0], 1e20);
    ck_close(rate * mean[0], 1, 1e-10);
    ck_assert_int_eq(qsg_chain_quasistationary(&c, law, &quasi, NULL), QSG_OK);
    ck_close(quasi, rate, 1e-11);
    qsg_chain_free(&c);
}
END_TEST

/* Closed moments against powers of P, with zealots, innovation and both ways to draw pairs. */
START_TEST(moments)
{
    static const char *const texts[] = {
        "agents=24 alpha=1 init=onehot:9,15", "agents=24 alpha=1 zealots=3,2 init=onehot:4,15",
        "agents=24 alpha=1 zealots=3,0 init=onehot:4,17", "agents=24 alpha=1 zealots=0,3 pairs=with-replacement init=1,0",
        "agents=24 alpha=1 zealots=1,2 innovation=0.1 prior=0.3,0.7 pairs=with-replacement init=0,1",
        "agents=2 alpha=1 zealots=1,0 init=0,1"};
    size_t start;
    qsg_chain c = chain_of(texts[_i], &start);
    const double times[] = {0, 1, 50, 400}, n = (double)c.spec.agents;
    double share[4], h[4], f[2][25], expected[2][4];
    for (size_t i = 0; i <= c.free; i++) {
        f[0][i] = ((double)c.spec.zealots[0] + (double)i) / n;
        f[1][i] = 2 * f[0][i] * (1 - f[0][i]);
    }
    ck_assert_int_eq(qsg_chain_moments(&c, start, 4, times, share, h, NULL), QSG_OK);
    for (int k = 0; k < 2; k++)
        ck_assert_int_eq(qsg_chain_expect(&c, start, f[k], 4, times, expected[k], NULL), QSG_OK);
    for (int k = 0; k < 4; k++) {
        ck_close_abs(share[k], expected[0][k], 1e-13);
        ck_close_abs(h[k], expected[1][k], 1e-13);
    }
    qsg_chain_free(&c);
}
END_TEST

/* Sure starts: the product law is the gambler's; any start: 60,000 populations of unsure agents.  4.9 standard errors: a
 * false alarm in 10^6; the law of a random sure start, which differs by 0.05, would fail. */
START_TEST(fixation_of_beliefs)
{
    enum { N = 4, RUNS = 60000 };
    const double h = 1.1, sure[8] = {1, 1, 1, 0, 0, 0, 0, 0}, start[N] = {0.5, 0.5, 0.9, 0.05};
    double got, wins = 0, u[9];
    size_t n;
    qsg_chain c = chain_of("agents=8 alpha=1 adoption=1.1 init=onehot:3,5", &n);
    ck_assert_int_eq(qsg_chain_fixation_beliefs(h, 8, sure, &got, NULL), QSG_OK);
    ck_close(got, -expm1(-3 * h) / -expm1(-8 * h), 1e-14);
    ck_assert_int_eq(qsg_chain_fixation(&c, 1, u, NULL), QSG_OK);
    ck_close(got, u[n], 1e-13);
    qsg_chain_free(&c);
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);
    gsl_rng_set(rng, 11);
    const double adopt[2] = {1 / (1 + exp(-h)), 1 / (1 + exp(h))};
    for (int run = 0; run < RUNS; run++) {
        double x[N], sum;
        memcpy(x, start, sizeof x);
        do {
            const size_t s = gsl_rng_uniform_int(rng, N), l = (s + 1 + gsl_rng_uniform_int(rng, N - 1)) % N;
            const int label = gsl_rng_uniform(rng) < x[s] ? 0 : 1;
            if (gsl_rng_uniform(rng) < adopt[label])
                x[l] = label == 0;
            sum = x[0] + x[1] + x[2] + x[3];
        } while (sum != 0 && sum != N);
        wins += sum > 0;
    }
    gsl_rng_free(rng);
    ck_assert_int_eq(qsg_chain_fixation_beliefs(h, N, start, &got, NULL), QSG_OK);
    ck_close_abs(wins / RUNS, got, 4.9 * sqrt(got * (1 - got) / RUNS));
    /* both labels sum to 1, for every sign; no bias is the limit */
    for (int sign = -1; sign <= 1; sign += 2) {
        double one, two, other[N];
        for (int i = 0; i < N; i++)
            other[i] = 1 - start[i];
        ck_assert_int_eq(qsg_chain_fixation_beliefs(sign * 3.3, N, start, &one, NULL), QSG_OK);
        ck_assert_int_eq(qsg_chain_fixation_beliefs(-sign * 3.3, N, other, &two, NULL), QSG_OK);
        ck_close(one + two, 1, 1e-14);
        ck_assert_int_eq(qsg_chain_fixation_beliefs(sign * 1e-9, N, start, &one, NULL), QSG_OK);
        ck_close(one, 1.95 / 4, 1e-8);
    }
}
END_TEST

/* A million agents and biases of 50: right limits, no overflow. */
START_TEST(extremes)
{
    const qsg_chain_spec spec = {.agents = 1000000, .adoption = 50, .prior = 0.5};
    qsg_chain c = {0};
    ck_assert_int_eq(qsg_chain_init_spec(&c, &spec, NULL), QSG_OK);
    double *u = malloc(2 * (c.free + 1) * sizeof *u), *mean = u + c.free + 1;
    ck_assert_int_eq(qsg_chain_fixation(&c, 1, u, NULL), QSG_OK);
    ck_close(u[1], -expm1(-50), 1e-14);
    ck_assert_double_eq(u[500000], 1);
    ck_assert_int_eq(qsg_chain_fixation(&c, 2, u, NULL), QSG_OK);
    ck_close(u[3], exp(-150), 1e-11);
    ck_assert_double_eq(u[500000], 0);
    ck_assert_int_eq(qsg_chain_times(&c, 0, mean, NULL, NULL), QSG_OK);
    /* without return the time is a sum of waits: N (N-1)/(i (N-i)) */
    double waits = 0;
    for (size_t i = 500000; i < 1000000; i++)
        waits += 1 / c.up[i];
    ck_close(mean[500000], waits, 1e-12);
    qsg_chain_free(&c);
    const qsg_chain_spec neutral = {.agents = 1000000, .prior = 0.5};
    const qsg_chain_spec torn = {.agents = 1000000, .zealots = {1, 1}, .prior = 0.5};
    qsg_chain given = {0};
    ck_assert_int_eq(qsg_chain_init_spec(&c, &neutral, NULL), QSG_OK);
    ck_assert_int_eq(qsg_chain_times(&c, 0, mean, NULL, NULL), QSG_OK);
    /* (N-1) N (H_N - H_{N/2}) by Euler and Maclaurin */
    ck_close(mean[500000], 999999.0 * (1e6 * log(2) - 0.5 + 0.25e-6), 1e-12);
    ck_assert_int_eq(qsg_chain_init_rates(&given, c.free, c.up, c.down, NULL), QSG_OK);
    ck_assert_int_eq(qsg_chain_fixation(&given, 1, u, NULL), QSG_OK); /* by elimination, not by the closed form */
    ck_close(u[1], 1e-6, 1e-11);
    ck_close(u[700001], 0.700001, 1e-11);
    qsg_chain_free(&given);
    qsg_chain_free(&c);
    ck_assert_int_eq(qsg_chain_init_spec(&c, &torn, NULL), QSG_OK); /* uniform */
    ck_assert_int_eq(qsg_chain_stationary(&c, u, NULL), QSG_OK);
    for (size_t i = 0; i <= c.free; i += 99991)
        ck_close(u[i], 1 / 999999.0, 1e-12);
    free(u);
    qsg_chain_free(&c);
    const qsg_chain_spec zealots = {.agents = 10, .zealots = {4, 6}, .prior = 0.5};
    qsg_error error = {""};
    ck_assert_int_eq(qsg_chain_init_spec(&c, &zealots, &error), QSG_EMODEL);
    ck_assert_ptr_nonnull(strstr(error.message, "every agent is committed"));
    ck_assert_ptr_null(c.up);
}
END_TEST

START_TEST(refusals)
{
    static const struct { const char *text; qsg_status status; const char *word; } cases[] = {
        {"agents=10 alpha=0.5", QSG_EMODEL, "alpha = 0.5"}, {"agents=10 alpha=1 labels=3", QSG_EMODEL, "K = 3"},
        {"agents=10 alpha=1 exchange=mutual", QSG_EMODEL, "exchange"}, {"agents=10 alpha=1 field=1", QSG_EMODEL, "field"},
        {"agents=10 alpha=1 adoption=600", QSG_EDOMAIN, "600"}, {"agents=1e9 alpha=1", QSG_EDOMAIN, "1000000000"}};
    qsg_error error = {""};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qsg_model model = model_of(cases[i].text);
        qsg_chain chain = {.free = 7};
        ck_assert_int_eq(qsg_chain_init(&chain, &model, &error), cases[i].status);
        ck_assert_msg(strstr(error.message, cases[i].word) != NULL, "%s", error.message);
        ck_assert_uint_eq(chain.free, 7);
        qsg_model_free(&model);
    }
    qsg_chain c = chain_of("agents=10 alpha=1 zealots=2,3", NULL);
    double x[11], t = 77, h[3];
    qsg_chain_law *law = NULL;
    ck_assert_int_eq(qsg_chain_fixation(&c, 1, x, &error), QSG_ENOEXIST);
    ck_assert_int_eq(qsg_chain_times(&c, 0, x, NULL, &error), QSG_ENOEXIST);
    ck_assert_int_eq(qsg_chain_law_new(&c, 1, &law, &error), QSG_ENOEXIST);
    ck_assert_int_eq(qsg_chain_rates(&c, 9, x, &error), QSG_EDOMAIN);
    qsg_chain_free(&c);
    c = chain_of("agents=10 alpha=1", NULL);
    ck_assert_int_eq(qsg_chain_stationary(&c, x, &error), QSG_ENOEXIST);
    ck_assert_int_eq(qsg_chain_fixation(&c, 0, x, &error), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_chain_times(&c, 3, x, NULL, &error), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_chain_law_new(&c, 11, &law, &error), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_chain_law_new(&c, 10, &law, &error), QSG_ENOEXIST);
    ck_assert_int_eq(qsg_chain_law_new(&c, 5, &law, &error), QSG_OK);
    ck_assert_int_eq(qsg_chain_law_survival(law, 0, NAN, &t, &error), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_chain_law_quantile(law, 0, 0, &t, &error), QSG_EDOMAIN);
    ck_assert_double_eq(t, 77);
    const double bad[] = {1, 0.5}, far[] = {1e18};
    ck_assert_int_eq(qsg_chain_moments(&c, 5, 2, bad, h, h, &error), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_chain_expect(&c, 5, x, 1, far, h, &error), QSG_ENUMERIC);
    ck_assert_int_eq(qsg_chain_fixation_beliefs(NAN, 2, x, &t, &error), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_chain_label_times(2, (const uint64_t[]){1, 0}, false, 1, &t, &error), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_chain_init_rates(&c, 1, bad, bad, NULL), QSG_EDOMAIN);
    qsg_chain_law_free(law);
    qsg_chain_free(&c);
    qsg_chain_free(&c);
}
END_TEST

RUN_LOOPS("chain", {rates_enumerated, 6}, {voter_times, 5}, {labels_enumerated, 1}, {labels_known, 4}, {against_lapack, 5},
          {beta_binomial, 6}, {spectrum, 3}, {metastable, 1}, {moments, 6}, {fixation_of_beliefs, 1}, {extremes, 1},
          {refusals, 1})
