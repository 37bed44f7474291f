/* The recovery study of doc/recovery.md: tests/recovery [REPLICATES [NAME]] prints its table, of the
 * settings whose name begins with NAME.  A truth is in its 95% interval when the
 * likelihood-ratio test of it passes (tests/test_recovery.c checks that on intervals).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "recovery.h"

typedef struct {
    const char *name, *model;
    unsigned groups;
    uint64_t runs;
    double end;
} setting;

static const setting settings[] = {
    {"one-way", "agents=8 alpha=0.25 field=0.3 temper=0.8 innovation=0.1", QSG_FIT_ALL & ~QSG_FIT_SELF, 40, 150},
    {"mutual", "agents=6 labels=3 alpha=0.2 self=0.1 field=0.3,0,-0.3 temper=1.3 innovation=0.1 exchange=mutual", QSG_FIT_ALL, 20, 100},
    {"broadcast", "agents=6 alpha=0.15 self=0.3 field=0.2 innovation=0.2 exchange=broadcast", QSG_FIT_ALL, 40, 150},
    {"null, inside", "agents=8 alpha=0.25 innovation=0.15", QSG_FIT_ALL & ~QSG_FIT_SELF, 40, 150},
    {"null, border", "agents=8 alpha=0.25", QSG_FIT_ALL, 60, 100},
    {"null, T alone", "agents=8 alpha=0.25", QSG_FIT_ALPHA | QSG_FIT_TEMPER, 60, 100},
};
enum { N_SETTINGS = sizeof settings / sizeof *settings, GROUPS = QSG_PAR_FIELD + 1 };

/* Sums over replicates, by group; the field by its first number. */
typedef struct {
    double sum[GROUPS], square[GROUPS];
    int inside[GROUPS], rejected[GROUPS];
} tally;

static void truth_of(const qsg_model *model, double *truth)
{
    const size_t K = model->labels;
    truth[QSG_PAR_ALPHA] = model->alpha;
    truth[QSG_PAR_SELF] = model->self;
    truth[QSG_PAR_SHARPNESS] = 1 / model->temper;
    truth[QSG_PAR_INNOVATION] = model->innovation;
    for (size_t k = 0; k < K; k++)
        truth[QSG_PAR_FIELD + k] = model->field ? model->field[k] : 0;
}

static double shown(const double *theta, size_t g)
{
    return g == QSG_PAR_SHARPNESS ? 1 / theta[g] : theta[g];
}

static void replicate(const setting *s, const qsg_model *model, const double *truth, uint64_t seed, tally *all)
{
    const double inside[] = {0, 3.841458820694124, 5.991464547107979}; /* chi-squared, 95%, by degrees of freedom */
    double start[QSG_PAR_FIELD + 8] = {0.1, 0, 1};
    qsg_likelihood *likelihood = simulated(model, s->runs, s->end, seed);
    qsg_maximum best = {0};
    ck_assert_int_eq(qsg_fit_maximize(&best, likelihood, s->groups, start, NULL, true, NULL), QSG_OK);
    for (size_t g = 0; g < GROUPS; g++) {
        if (!(s->groups >> g & 1))
            continue;
        const double drop = drop_at_truth(likelihood, &best, truth, g), value = shown(best.theta, g);
        const size_t df = g == QSG_PAR_FIELD ? model->labels - 1 : 1;
        const bool border = g == QSG_PAR_SELF || g == QSG_PAR_INNOVATION;
        all->sum[g] += value;
        all->square[g] += value * value;
        all->inside[g] += drop <= inside[df];
        all->rejected[g] += drop > (border ? 2.705543454095404 : inside[df]); /* half chi-squared on the border */
    }
    qsg_maximum_free(&best);
    qsg_likelihood_free(likelihood);
}

static void print(const setting *s, const double *truth, const tally *all, int n)
{
    for (size_t g = 0; g < GROUPS; g++) {
        if (!(s->groups >> g & 1))
            continue;
        const double mean = all->sum[g] / n, value = shown(truth, g);
        const double sd = sqrt(fmax(all->square[g] / n - mean * mean, 0) * n / (n - 1)), null = g == QSG_PAR_SHARPNESS;
        printf("| %s | %s | %g | %.4f | %.4f | %+.2f | %.1f%% | ", s->name, qsg_fit_group_name(g), value, mean, sd,
               sd > 0 ? (mean - value) / sd : 0, 100. * all->inside[g] / n);
        if (g != QSG_PAR_ALPHA && value == null)
            printf("%.1f%%", 100. * all->rejected[g] / n);
        printf(" |\n");
    }
    fflush(stdout);
}

static int replicates = 200;
static const char *wanted = "";

/* A test only so that what it calls may assert. */
START_TEST(study)
{
    printf("| setting | parameter | truth | mean | sd | bias/sd | 95%% interval holds the truth | null rejected at 5%% |\n"
           "|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < N_SETTINGS; i++) {
        if (strncmp(settings[i].name, wanted, strlen(wanted)) != 0)
            continue;
        double truth[QSG_PAR_FIELD + 8];
        qsg_model model = model_of(settings[i].model);
        tally all = {0};
        truth_of(&model, truth);
        for (int seed = 1; seed <= replicates; seed++)
            replicate(&settings[i], &model, truth, (uint64_t)seed, &all);
        print(&settings[i], truth, &all, replicates);
        qsg_model_free(&model);
    }
}
END_TEST

int main(int argc, char **argv)
{
    return run_study("recovery", study, argc, argv, &replicates, &wanted);
}
