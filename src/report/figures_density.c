/* Figures of the diffusion limit.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/figures.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/qsg.h"

/* The density of a model at multiples of the coalescent time. */
static qsg_status produce(const char *settings, size_t n, const double *tau, size_t cells, qsg_result *result,
                          qsg_error *error)
{
    qsg_model model = {0};
    qsg_diffusion diffusion;
    double times[32];
    qsg_status status = qsg_model_parse(&model, settings, error);
    if (status)
        return status;
    status = qsg_diffusion_of(&model, &diffusion, error);
    if (!status) {
        for (size_t i = 0; i < n; i++)
            times[i] = tau[i] / diffusion.rate;
        qsg_model_describe(&model, result);
        status = qsg_density(&model, &(qsg_density_request){.times = times, .n = n, .cells = cells}, result, error);
    }
    qsg_model_free(&model);
    return status;
}

qsg_status produce_density(const char *data_dir, qsg_result *result, qsg_error *error)
{
    /* every fifth is drawn as a density, all of them as the masses of its second panel */
    static const double tau[] = {0.02, 0.03, 0.045, 0.06, 0.08, 0.1, 0.125, 0.15, 0.18, 0.215, 0.25, 0.29, 0.34, 0.39, 0.445, 0.5,
                                 0.58, 0.67, 0.77, 0.88, 1,     1.2, 1.4,   1.6,  1.8,  2};
    (void)data_dir;
    return produce("agents=200 alpha=0.2 init=0.35,0.65", sizeof tau / sizeof *tau, tau, 600, result, error);
}

qsg_status produce_simplex(const char *data_dir, qsg_result *result, qsg_error *error)
{
    static const double tau[] = {0.05, 0.2, 0.5, 1};
    (void)data_dir;
    return produce("agents=200 labels=3 alpha=0.2 init=0.3,0.25,0.45", 4, tau, 60, result, error);
}

enum { GENES = 32, SHOWN = 4 };
static const int generations[SHOWN] = {4, 9, 14, 19};

/* Counts of the shown generations: rows "generation n0 .. n32" under a header. */
static qsg_status read_buri(const char *path, double counts[SHOWN][GENES + 1], qsg_error *error)
{
    char row[1024];
    size_t line = 0, found = 0;
    FILE *file = fopen(path, "r");
    if (!file)
        return qsg_fail(error, QSG_EIO, "cannot read %.200s: %s", path, strerror(errno));
    qsg_status status = QSG_OK;
    while (!status && fgets(row, sizeof row, file)) {
        char *at = row, *end;
        const long generation = strtol(at, &end, 10);
        if (++line == 1)
            continue;
        for (int shown = 0; shown < SHOWN; shown++) {
            if (generation != generations[shown])
                continue;
            at = end;
            for (int i = 0; i <= GENES && !status; i++, at = end) {
                counts[shown][i] = strtod(at, &end);
                if (end == at)
                    status = qsg_fail(error, QSG_EINPUT, "%.200s:%zu: only %d counts; expected %d", path, line, i, GENES + 1);
            }
            found++;
        }
    }
    fclose(file);
    if (!status && found != SHOWN)
        status = qsg_fail(error, QSG_EINPUT, "%.200s: %zu of the %d generations are there", path, found, SHOWN);
    return status;
}

/* Expected numbers of populations: each count of genes takes the density nearest to it, 0 and 32
 * the atoms too. */
static qsg_status expect(qsg_spectral *law, double tau, double populations, double expected[GENES + 1], qsg_error *error)
{
    enum { FINE = 64, POINTS = FINE * GENES };
    double x[POINTS], density[POINTS], absorbed[2];
    for (int i = 0; i < POINTS; i++)
        x[i] = (i + 0.5) / POINTS;
    qsg_status status = qsg_spectral_density(law, tau, POINTS, x, density, error);
    if (!status)
        status = qsg_spectral_absorbed(law, tau, absorbed, error);
    if (status)
        return status;
    memset(expected, 0, (GENES + 1) * sizeof *expected);
    for (int i = 0; i < POINTS; i++) {
        const int genes = (i + FINE / 2) / FINE;
        expected[genes] += populations * density[i] / POINTS;
    }
    expected[0] += populations * absorbed[1];
    expected[GENES] += populations * absorbed[0];
    return QSG_OK;
}

/* Buri (1956), series I: 107 populations of 16 flies, of effective size 2N_e = 18 (data/buri/README.md). */
qsg_status produce_buri(const char *data_dir, qsg_result *result, qsg_error *error)
{
    const double size = 18;
    char path[4096], name[48], place[48];
    double counts[SHOWN][GENES + 1], expected[GENES + 1], genes[GENES + 1];
    qsg_spectral law = {0};
    snprintf(path, sizeof path, "%s/data/buri/buri1956_series1.tsv", data_dir);
    qsg_status status = read_buri(path, counts, error);
    if (!status)
        status = qsg_spectral_init(&law, &(qsg_polynomial_drift){{0}, {0}}, 0.5, generations[0] / size, error);
    if (status)
        return status;
    for (int i = 0; i <= GENES; i++)
        genes[i] = i;
    qsg_result_text(result, "data.file", "data/buri/buri1956_series1.tsv", "Buri (1956), series I");
    qsg_result_number(result, "effective_size", size, "genes", QSG_INPUT, "2 N_e; one coalescent unit in generations");
    qsg_result_column(result, "genes", "genes", GENES + 1, genes, "", QSG_INPUT, "bw75 genes among the 32 of a population");
    for (int g = 0; g < SHOWN && !status; g++) {
        double populations = 0;
        for (int i = 0; i <= GENES; i++)
            populations += counts[g][i];
        status = expect(&law, generations[g] / size, populations, expected, error);
        snprintf(name, sizeof name, "observed_%d", generations[g]);
        snprintf(place, sizeof place, "observed.%d", g);
        qsg_result_column(result, name, place, GENES + 1, counts[g], "populations", QSG_OBSERVED, "");
        snprintf(name, sizeof name, "expected_%d", generations[g]);
        snprintf(place, sizeof place, "expected.%d", g);
        qsg_result_column(result, name, place, GENES + 1, expected, "populations", QSG_ASYMPTOTIC,
                          "neutral diffusion, to the nearest whole number of genes");
    }
    qsg_spectral_free(&law);
    return status;
}
