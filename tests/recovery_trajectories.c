/* The study of trajectories in doc/recovery.md: tests/recovery_trajectories [REPLICATES [NAME]] prints its table, of the settings
 * whose name begins with NAME.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "trajectories.h"

enum { MOST_TIMES = 12, MOST_SIZES = 4 };

typedef struct {
    const char *name, *model; /* the rest of the model */
    size_t agents[MOST_SIZES + 1];
    double alpha;
    qsg_series_kind kind;
    size_t runs;
    double time[MOST_TIMES]; /* in N^2 interactions, up to the first 0 after the start */
} setting;

static const setting settings[] = {
    {"slow, 10 runs", "labels=3", {8}, 0.15, QSG_SERIES_U, 10, {.125, .25, .5, 1, 2, 4, 6}},
    {"one-way, 40 runs", "labels=3", {8}, 0.3, QSG_SERIES_U, 40, {.125, .25, .5, 1, 2, 4, 6}},
    {"one-way, 4 runs", "labels=3", {8}, 0.3, QSG_SERIES_U, 4, {.125, .25, .5, 1, 2, 4, 6}},
    {"one-way, 1 run", "labels=3", {8}, 0.3, QSG_SERIES_U, 1, {.125, .25, .5, 1, 2, 4, 6}},
    {"fast, 20 runs", "labels=3", {8}, 0.8, QSG_SERIES_U, 20, {.125, .25, .5, 1, 2}},
    {"S, 10 runs", "labels=3", {8}, 0.3, QSG_SERIES_S, 10, {.125, .25, .5, 1, 2, 4, 6}},
    {"S, 1 run", "labels=10", {24}, 0.5, QSG_SERIES_S, 1, {.1, .25, .5, 1, 2, 3}},
    {"from .2, 5 runs", "init=0.2,0.8", {12}, 0.4, QSG_SERIES_U, 5, {.25, .5, 1, 2, 4}},
    {"mutual, 20 runs", "labels=3 exchange=mutual", {8}, 0.3, QSG_SERIES_U, 20, {.125, .25, .5, 1, 2, 4}},
    {"mutual, 1 run", "labels=3 exchange=mutual", {8}, 0.3, QSG_SERIES_U, 1, {.125, .25, .5, 1, 2, 4}},
    {"mutual, .6", "labels=3 exchange=mutual", {8}, 0.6, QSG_SERIES_U, 10, {.125, .25, .5, 1, 2, 4}},
    {"broadcast, 10 runs", "labels=3 exchange=broadcast", {6}, 0.1, QSG_SERIES_U, 10, {.25, .5, 1, 2, 4, 6}},
    {"broadcast, S, 1 run", "labels=3 self=0.1 exchange=broadcast", {6}, 0.1, QSG_SERIES_S, 1, {.25, .5, 1, 2, 4, 6}},
    {"200 agents, 10 runs", "labels=2", {200}, 0.3, QSG_SERIES_U, 10, {.5, 1, 2, 4, 8}},
    {"200 agents, 1 run", "labels=2", {200}, 0.3, QSG_SERIES_S, 1, {.5, 1, 2, 4, 8}},
    {"sizes, 10 runs each", "labels=3", {6, 12, 24}, 0.3, QSG_SERIES_U, 10, {.125, .25, .5, 1, 2, 4}},
    {"sizes, 1 run each", "labels=3", {6, 12, 24, 48}, 0.3, QSG_SERIES_U, 1, {.125, .25, .5, 1, 2, 4}},
};

/* Counts over replicates. */
typedef struct {
    double sum, square, ratio;                      /* of ln alpha/truth; of high/low */
    int n, inside, paper, rejected, scaled, scaling_inside, missing;
} tally;

static bool holds(const qsg_result *result, const char *name, double truth)
{
    char low[48], high[48];
    snprintf(low, sizeof low, "%s.low", name);
    snprintf(high, sizeof high, "%s.high", name);
    return qsg_result_get(result, low) <= truth && truth <= qsg_result_get(result, high);
}

static double first(const qsg_result *result, const char *path)
{
    size_t n;
    const double *values = qsg_result_get_vector(result, path, &n);
    return values ? values[0] : NAN;
}

static void score(const setting *s, const qsg_result *result, tally *all)
{
    const double value = qsg_result_get(result, "estimates.alpha.value");
    if (!(value > 0)) { /* several sizes, fewer than two with an interval inside the range */
        all->missing++;
        return;
    }
    const double off = log(value / s->alpha);
    all->n++;
    all->sum += off;
    all->square += off * off;
    all->ratio += log(qsg_result_get(result, "estimates.alpha.high") / qsg_result_get(result, "estimates.alpha.low"));
    all->inside += holds(result, "estimates.alpha", s->alpha) || holds(result, "estimates.alpha_other", s->alpha);
    all->paper += first(result, "groups[].meanfield_low") <= s->alpha && s->alpha <= first(result, "groups[].meanfield_high");
    all->rejected += qsg_result_get(result, "fit.p_value") < 0.05;
    if (qsg_result_get(result, "scaling.exponent.value") < 0) {
        all->scaled++;
        all->scaling_inside += holds(result, "scaling.exponent", -2);
    }
}

static void replicate(const setting *s, uint64_t seed, tally *all)
{
    qsg_trajectory_group groups[MOST_SIZES];
    qsg_trajectories data = {.kind = s->kind, .groups = groups};
    qsg_model model = {0};
    qsg_result *result = qsg_result_new();
    qsg_error error = {""};
    for (size_t g = 0; s->agents[g]; g++) {
        char text[128];
        double time[MOST_TIMES] = {0};
        size_t n = 1;
        for (; n < MOST_TIMES && s->time[n - 1] > 0; n++)
            time[n] = floor(s->time[n - 1] * (double)(s->agents[g] * s->agents[g]));
        qsg_model_free(&model);
        snprintf(text, sizeof text, "agents=%zu alpha=%g %s", s->agents[g], s->alpha, s->model);
        model = model_of(text);
        add_simulated(&data, &model, s->runs, time, n, MOST_SIZES * seed + g);
    }
    ck_assert_msg(qsg_fit_trajectories(&model, &data, &(qsg_trajectory_options){.seed = 7000 + seed}, result, &error) == QSG_OK,
                  "%s, seed %llu: %s", s->name, (unsigned long long)seed, error.message);
    score(s, result, all);
    for (size_t g = 0; g < data.n_groups; g++) {
        free(groups[g].time);
        free(groups[g].value);
    }
    qsg_result_free(result);
    qsg_model_free(&model);
}

static int replicates = 200;
static const char *wanted = "";

START_TEST(study)
{
    printf("| setting | alpha | bias of ln alpha | sd | mean ln(high/low)/3.92 | 95%% interval holds alpha | the paper's holds alpha | law "
           "rejected at 5%% | exponent -2 held |\n|---|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        const setting *s = &settings[i];
        if (strncmp(s->name, wanted, strlen(wanted)) != 0)
            continue;
        tally all = {0};
        for (int seed = 1; seed <= replicates; seed++)
            replicate(s, (uint64_t)seed, &all);
        const double n = all.n, mean = all.sum / n;
        printf("| %s | %g | %+.3f | %.3f | %.3f | %.1f%% | ", s->name, s->alpha, mean, sqrt(all.square / n - mean * mean),
               all.ratio / n / 3.92, 100 * all.inside / n);
        if (s->kind == QSG_SERIES_U && !s->agents[1])
            printf("%.1f%%", 100 * all.paper / n);
        printf(" | %.1f%% | ", 100 * all.rejected / n);
        if (all.scaled)
            printf("%.1f%% of %d", 100. * all.scaling_inside / all.scaled, all.scaled);
        printf(" |\n");
        if (all.missing)
            printf("%s: %d without one alpha\n", s->name, all.missing);
        fflush(stdout);
    }
}
END_TEST

int main(int argc, char **argv)
{
    return run_study("recovery_trajectories", study, argc, argv, &replicates, &wanted);
}
