/* Statistical tests compare at 6 standard errors unless said: 2e-9 a comparison, below 1e-6 for all of this file.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>

#include <gsl/gsl_cdf.h>

#include "harness.h"
#include "sim/population.h"

#define SIGMAS 6

static population population_as(const qsg_model *model, uint64_t run, population_choice choice)
{
    population p;
    qsg_error error = {""};
    ck_assert_msg(population_init_as(&p, model, choice, &error) == QSG_OK, "%s", error.message);
    population_start(&p, 1, run);
    return p;
}

static population population_of(const qsg_model *model, uint64_t run)
{
    return population_as(model, run, (population_choice){.path = simd_best()});
}

static const char *const all_kinds[] = {
    "agents=24 labels=2 alpha=0.5",
    "agents=24 labels=3 alpha=0.2385",
    "agents=24 labels=10 alpha=0.5",
    "agents=7 labels=40 alpha=0.3 init=dirichlet:0.2",
    "agents=2 labels=2 alpha=1",
    "agents=9 labels=4 alpha=0.4 self=0.25 bandwidth=3",
    "agents=9 labels=4 alpha=0.4 self=0.6 exchange=mutual",
    "agents=9 labels=3 alpha=0.4 self=0.1 exchange=broadcast bandwidth=1000",
    "agents=12 labels=5 alpha=0.1 bandwidth=inf init=dirichlet:1 exchange=mutual",
    "agents=5 labels=1000 alpha=0.37",
    "agents=12 labels=3 alpha=0.3 temper=0.7 field=0.1,0,-0.2 innovation=0.05 bandwidth=2 exchange=mutual",
    "agents=30 labels=60 alpha=0.6",
    "agents=9 labels=4 alpha=0.3 temper=0.8",
};
enum { N_KINDS = sizeof all_kinds / sizeof *all_kinds };
/* Beliefs stay on the simplex: rounding of 20,000 interactions stays below 1e-12, and no denormal is left. */
START_TEST(beliefs_stay_distributions)
{
    for (size_t c = 0; c < N_KINDS; c++) {
        qsg_model model = model_of(all_kinds[c]);
        population p = population_of(&model, c);
        double x[1000];
        population_advance(&p, 20000);
        ck_assert(p.time == 20000);
        population_sum(&p);
        for (uint64_t i = 0; i < p.agents; i++) {
            double sum = 0;
            int wrong = 0;
            population_belief(&p, i, x);
            for (size_t k = 0; k < p.labels; k++) {
                wrong += !(x[k] == 0 || x[k] >= POPULATION_SNAP);
                sum += x[k];
            }
            ck_close_abs(sum, 1, 1e-12);
            ck_assert_int_eq(wrong, 0);
        }
        population_free(&p);
        qsg_model_free(&model);
    }
}
END_TEST

/* A small alpha must not let rounding leak belief: 1e-6 over 4 million interactions; slower ones are kept as K numbers. */
START_TEST(small_alpha_conserves)
{
    for (int c = 0; c < 2; c++) {
        qsg_model model = model_of(c ? "agents=2 labels=3 alpha=9e-7" : "agents=2 labels=3 alpha=1e-6");
        population p = population_of(&model, 0);
        double x[3];
        ck_assert(p.layout == (c ? POPULATION_PLAIN : POPULATION_CUMULATIVE));
        population_advance(&p, 4000000);
        for (uint64_t i = 0; i < p.agents; i++) {
            population_belief(&p, i, x);
            ck_close_abs(x[0] + x[1] + x[2], 1, 1e-12);
        }
        population_free(&p);
        qsg_model_free(&model);
    }
}
END_TEST

static void check_same_beliefs(population *a, population *b, double tolerance, const char *text)
{
    double x[1000], y[1000];
    for (uint64_t i = 0; i < a->agents; i++) {
        population_belief(a, i, x);
        population_belief(b, i, y);
        for (size_t k = 0; k < a->labels; k++)
            ck_assert_msg(fabs(x[k] - y[k]) <= tolerance, "%s: agent %d label %d: %.17g and %.17g", text, (int)i, (int)k,
                          x[k], y[k]);
    }
}

/* Cumulative sums say the same labels as the K numbers at the same random numbers: the same trajectory up to rounding
 * (of 5,000 interactions, mixed over the agents).  A label would differ where a random number falls into the rounding
 * between the two, probability 1e-12 each. */
START_TEST(layouts_agree)
{
    static const char *const more[] = {
        "agents=24 labels=4 alpha=0.2385", "agents=5 labels=9 alpha=0.31 self=0.11", "agents=3 labels=100 alpha=1",
        "agents=8 labels=17 alpha=0.2 bandwidth=7 init=dirichlet:0.1", "agents=24 labels=13 alpha=0.01 innovation=0.1",
        "agents=9 labels=3 alpha=0.4 self=0.6 exchange=mutual bandwidth=2 innovation=0.02 prior=0,0.3,0.7",
        "agents=30 labels=5 alpha=0.5 init=onehot:10,0,15,5,0", "agents=7 labels=6 alpha=1 exchange=broadcast",
        "agents=9 labels=5 alpha=0.2385 self=0.3 exchange=broadcast bandwidth=3 innovation=0.1",
        "agents=300 labels=3 alpha=0.93 self=0.0001 exchange=broadcast init=dirichlet:1",
        "agents=6 labels=3 alpha=0.3 exchange=broadcast bandwidth=inf init=dirichlet:1"};
    const size_t n_more = sizeof more / sizeof *more;
    int compared = 0;
    for (size_t c = 0; c < N_KINDS + n_more; c++) {
        const char *text = c < N_KINDS ? all_kinds[c] : more[c - N_KINDS];
        qsg_model model = model_of(text);
        population a = population_of(&model, 3), b = population_as(&model, 3, (population_choice){.plain_layout = true, .path = simd_best()});
        if (a.layout == POPULATION_CUMULATIVE) {
            ck_assert(b.layout == POPULATION_PLAIN);
            compared++;
            for (int part = 1; part <= 3; part++) {
                a.plain(&a, 1234 * (uint64_t)part);
                b.plain(&b, 1234 * (uint64_t)part);
                check_same_beliefs(&a, &b, 1e-12, text);
            }
        }
        population_free(&a);
        population_free(&b);
        qsg_model_free(&model);
    }
    ck_assert_int_ge(compared, 17);
}
END_TEST

/* The tables of the channel decide as the channel itself does: the same bytes. */
START_TEST(tilts_agree)
{
    static const char *const tilted[] = {
        "agents=24 labels=10 alpha=0.5 temper=0.5",       "agents=24 labels=2 alpha=0.2385 temper=1.3",
        "agents=9 labels=3 alpha=0.3 field=0.3,0,-1",     "agents=5 labels=40 alpha=0.1 temper=0.08 innovation=0.05",
        "agents=9 labels=4 alpha=0.99 temper=5 init=dirichlet:0.05", "agents=6 labels=2 alpha=1 field=-0.2 temper=0.9",
        "agents=7 labels=17 alpha=0.3 temper=2 innovation=0.01 exchange=mutual self=0.1",
        "agents=8 labels=3 alpha=0.4 temper=0.7 exchange=broadcast"};
    for (size_t c = 0; c < sizeof tilted / sizeof *tilted; c++) {
        qsg_model model = model_of(tilted[c]);
        population a = population_of(&model, 4);
        population b = population_as(&model, 4, (population_choice){.exact_channel = true, .path = simd_best()});
        ck_assert(a.tilt && !b.tilt);
        a.plain(&a, 20000);
        b.plain(&b, 20000);
        ck_assert_msg(memcmp(a.numbers, b.numbers, (size_t)a.agents * a.stride * sizeof *a.numbers) == 0, "%s", tilted[c]);
        population_free(&a);
        population_free(&b);
        qsg_model_free(&model);
    }
}
END_TEST

/* Every instruction set that the processor offers gives the same bytes, and so does tracking the sums. */
START_TEST(paths_agree)
{
    static const char *const more[] = {"agents=24 labels=4 alpha=0.2385", "agents=40 labels=9 alpha=0.31",
                                       "agents=17 labels=13 alpha=0.7", "agents=5 labels=17 alpha=0.02",
                                       "agents=70000 labels=3 alpha=0.5"};
    const size_t n_more = sizeof more / sizeof *more;
    for (size_t c = 0; c < N_KINDS + n_more; c++) {
        qsg_model model = model_of(c < N_KINDS ? all_kinds[c] : more[c - N_KINDS]);
        population a = population_as(&model, 3, (population_choice){.no_ages = true, .path = SIMD_PORTABLE});
        const size_t bytes = (size_t)a.agents * a.stride * sizeof *a.numbers;
        a.plain(&a, 5000);
        population_sum(&a);
        for (int path = SIMD_PORTABLE; path < SIMD_PATHS; path++) {
            if (!simd_has((simd_path)path))
                continue;
            const population_choice choice = {.no_ages = true, .path = (simd_path)path};
            population b = population_as(&model, 3, choice), d = population_as(&model, 3, choice);
            b.plain(&b, 5000);
            population_sum(&b);
            ck_assert(memcmp(a.numbers, b.numbers, bytes) == 0);
            ck_assert(memcmp(a.sums, b.sums, a.stride * sizeof *a.sums) == 0);
            ck_assert(population_observe(&a).disagreement == population_observe(&b).disagreement);
            population_sum(&d);
            for (int part = 0; part < 5; part++)
                d.tracking(&d, part < 4 ? 3 : 4988);
            population_sum(&d);
            ck_assert(memcmp(a.numbers, d.numbers, bytes) == 0);
            population_free(&b);
            population_free(&d);
        }
        population_free(&a);
        qsg_model_free(&model);
    }
}
END_TEST

/* The tracked sums are those of the beliefs: a full period adds at most 4096 roundings of N 2^-53 each. */
START_TEST(tracked_sums)
{
    for (size_t c = 0; c < N_KINDS; c++) {
        qsg_model model = model_of(all_kinds[c]);
        population p = population_of(&model, c);
        if (p.ages) { /* keeps a share of each agent instead: consensus_time_exact */
            population_free(&p);
            p = population_as(&model, c, (population_choice){.no_ages = true, .path = simd_best()});
        }
        double *tracked = malloc(p.labels * sizeof *tracked);
        population_sum(&p);
        p.tracking(&p, 4096);
        population_summed_beliefs(&p, tracked);
        population_sum(&p);
        population_summed_beliefs(&p, p.mean);
        for (size_t k = 0; k < p.labels; k++)
            ck_close_abs(tracked[k] / (double)p.agents, p.mean[k] / (double)p.agents, 1e-12);
        free(tracked);
        population_free(&p);
        qsg_model_free(&model);
    }
}
END_TEST

/* The time of consensus is the first at which U, re-summed after every single interaction, reaches the threshold. */
START_TEST(consensus_time_exact)
{
    for (size_t c = 0; c < N_KINDS; c++)
        for (uint64_t run = 0; run < 5; run++) {
            qsg_model model = model_of(all_kinds[c]);
            population a = population_of(&model, run), b = population_of(&model, run);
            const double threshold = 0.6;
            const uint64_t end = 3000;
            const bool reached = population_advance_until(&a, threshold, end);
            double u = population_observe(&b).polarization;
            while (u < threshold && b.time < end) {
                population_advance(&b, b.time + 1);
                u = population_observe(&b).polarization;
            }
            ck_assert_msg(a.time == b.time && reached == (u >= threshold), "%s, run %d: %d against %d", all_kinds[c],
                          (int)run, (int)a.time, (int)b.time);
            population_free(&a);
            population_free(&b);
            qsg_model_free(&model);
        }
}
END_TEST

/* A message's first two moments are the multinomial's, whichever way it is drawn: one (1), scans (4), bisections (12),
 * binomial splitting (1000).  N = 2, alpha = 1: after one interaction the listener's belief is the message. */
START_TEST(messages_are_multinomial)
{
    static const char *const bandwidths[] = {"1", "4", "12", "1000"};
    const double p[3] = {0.55, 0.05, 0.4};
    for (size_t c = 0; c < 4; c++) {
        char text[128];
        snprintf(text, sizeof text, "agents=2 labels=3 alpha=1 init=0.55,0.05,0.4 bandwidth=%s", bandwidths[c]);
        qsg_model model = model_of(text);
        population a = population_of(&model, 0);
        const double m = model.bandwidth;
        const int n = 40000;
        double sum[3] = {0}, square[3] = {0}, fourth[3] = {0};
        for (int run = 0; run < n; run++) {
            population_start(&a, 5, (uint64_t)run);
            population_advance(&a, 1);
            double x[2][3];
            population_belief(&a, 0, x[0]);
            population_belief(&a, 1, x[1]);
            for (int k = 0; k < 3; k++) { /* the other agent stays at p */
                const double off = x[0][k] + x[1][k] - 2 * p[k];
                sum[k] += off / n;
                square[k] += off * off / n;
                fourth[k] += off * off * off * off / n;
            }
        }
        for (int k = 0; k < 3; k++) {
            const double variance = p[k] * (1 - p[k]) / m;
            ck_close_abs(sum[k], 0, SIGMAS * sqrt(variance / n));
            ck_close_abs(square[k], variance, SIGMAS * sqrt((fourth[k] - square[k] * square[k]) / n) + 1e-15);
        }
        population_free(&a);
        qsg_model_free(&model);
    }
}
END_TEST

/* With many labels the search skips blocks: the labels said still follow the belief (chi square, false alarm 1e-7). */
START_TEST(labels_of_many)
{
    qsg_model model = model_of("agents=2 labels=45 alpha=1 init=dirichlet:1");
    population a = population_of(&model, 0);
    double p[45], counts[45] = {0}, chi = 0;
    const int n = 100000;
    double x[2][45];
    population_belief(&a, 0, p);
    p[44] += p[7]; /* a label that is never said */
    p[7] = 0;
    for (int i = 0; i < n; i++) {
        population_set_belief(&a, 0, p);
        population_set_belief(&a, 1, p);
        a.plain(&a, 1);
        population_belief(&a, 0, x[0]);
        population_belief(&a, 1, x[1]);
        for (int k = 0; k < 45; k++)
            counts[k] += x[0][k] == 1 || x[1][k] == 1;
    }
    ck_assert(counts[7] == 0);
    for (int k = 0; k < 45; k++)
        if (k != 7)
            chi += pow(counts[k] - n * p[k], 2) / (n * p[k]);
    ck_assert_msg(gsl_cdf_chisq_Q(chi, 43) > 1e-7, "chi square %g", chi);
    population_free(&a);
    qsg_model_free(&model);
}
END_TEST

RUN_TESTS("population", beliefs_stay_distributions, small_alpha_conserves, layouts_agree, tilts_agree, paths_agree,
          tracked_sums, consensus_time_exact, messages_are_multinomial, labels_of_many)
