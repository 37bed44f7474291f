/* The figure sweep: 200 simulated points against one law (data/sweep).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/figures.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "qsg/fixation.h"

enum { AGENTS, ALPHA, FIELD, RUNS, SEED, SHARE, SE, UNRESOLVED, READ };       /* columns of the file */
enum { MEANFIELD = READ, GAMMA, LAW, DEVIATION, COLUMNS };
enum { POINTS = 200, CURVE = 101 };

/* Rows of eight numbers and "ok", in the order of data/sweep/README.md. */
static qsg_status read_points(const char *path, double columns[COLUMNS][POINTS], qsg_error *error)
{
    char line[1024], word[8];
    size_t n = 0, at = 0;
    FILE *file = fopen(path, "r");
    qsg_status status = file ? QSG_OK : qsg_fail(error, QSG_EIO, "cannot read %.200s: %s", path, strerror(errno));
    while (!status && fgets(line, sizeof line, file)) {
        double row[READ];
        at++;
        if (*line == '#')
            continue;
        const int read = sscanf(line, "%lf %lf %lf %lf %lf %lf %lf %lf %7s", &row[0], &row[1], &row[2], &row[3],
                                &row[4], &row[5], &row[6], &row[7], word);
        if (read != READ + 1 || strcmp(word, "ok") != 0 || n == POINTS || row[UNRESOLVED] != 0 || !(row[SE] > 0))
            status = qsg_fail(error, QSG_EINPUT, "%.200s:%zu is no resolved point, or one too many; expected %d rows "
                              "of %d numbers and ok", path, at, POINTS, READ);
        for (size_t c = 0; c < READ && !status; c++)
            columns[c][n] = row[c];
        n++;
    }
    if (file)
        fclose(file);
    if (!status && n != POINTS)
        status = qsg_fail(error, QSG_EINPUT, "%.200s has too few points (%zu); expected %d", path, n, POINTS);
    return status;
}

static qsg_status add_law(double columns[COLUMNS][POINTS], size_t i, qsg_error *error)
{
    char settings[128];
    qsg_model model = {0};
    snprintf(settings, sizeof settings, "agents=%.0f alpha=%.17g field=%.17g", columns[AGENTS][i], columns[ALPHA][i],
             columns[FIELD][i]);
    qsg_status status = qsg_model_parse(&model, settings, error);
    if (!status)
        status = qsg_fixation_gamma(&model, &columns[GAMMA][i], error);
    if (!status)
        status = qsg_fixation_gamma_meanfield(&model, &columns[MEANFIELD][i], error);
    if (!status) {
        columns[LAW][i] = qsg_fixation_diffusion(columns[GAMMA][i], 0.5);
        columns[DEVIATION][i] = (columns[SHARE][i] - columns[LAW][i]) / columns[SE][i];
    }
    qsg_model_free(&model);
    return status;
}

static void put_curve(qsg_result *result)
{
    double strength[CURVE], probability[CURVE];
    for (int i = 0; i < CURVE; i++) {
        strength[i] = 1e-3 * pow(10, 0.045 * i);
        probability[i] = qsg_fixation_diffusion(strength[i], 0.5);
    }
    qsg_result_next_table(result);
    qsg_result_column(result, "strength", "law.gamma", CURVE, strength, "", QSG_INPUT, "Gamma");
    qsg_result_column(result, "logistic", "law.probability", CURVE, probability, "", QSG_ASYMPTOTIC,
                      "1/(1 + exp(-Gamma))");
}

qsg_status produce_sweep(const char *data_dir, qsg_result *result, qsg_error *error)
{
    static const struct { const char *name, *unit; qsg_basis basis; const char *meaning; } table[COLUMNS] = {
        [AGENTS] = {"agents", "agents", QSG_INPUT, "N"},
        [ALPHA] = {"alpha", "", QSG_INPUT, ""},
        [FIELD] = {"field", "", QSG_INPUT, "h"},
        [RUNS] = {"runs", "runs", QSG_INPUT, "populations simulated"},
        [SEED] = {"seed", "", QSG_INPUT, ""},
        [SHARE] = {"probability", "", QSG_SIMULATED, "label 1 led when U reached 0.999"},
        [SE] = {"se", "", QSG_SIMULATED, "standard error, two runs added to each side"},
        [UNRESOLVED] = {"unresolved", "runs", QSG_SIMULATED, "short of U = 0.999 at the horizon"},
        [MEANFIELD] = {"gamma_meanfield", "", QSG_MEANFIELD, "m N h/alpha"},
        [GAMMA] = {"gamma", "", QSG_EXACT, "Gamma_eff, exact weak-selection response"},
        [LAW] = {"law", "", QSG_ASYMPTOTIC, "1/(1 + exp(-gamma))"},
        [DEVIATION] = {"deviation", "standard errors", QSG_SIMULATED, "(probability - law)/se"},
    };
    double columns[COLUMNS][POINTS];
    char path[4096];
    snprintf(path, sizeof path, "%s/data/sweep/gamma.tsv", data_dir);
    qsg_status status = read_points(path, columns, error);
    for (size_t i = 0; i < POINTS && !status; i++)
        status = add_law(columns, i, error);
    if (status)
        return status;
    qsg_result_text(result, "data.file", "data/sweep/gamma.tsv", "");
    qsg_result_text(result, "setting", "K = 2, m = 1, one-way exchange, all agents at 1/2", "");
    for (size_t c = 0; c < COLUMNS; c++)
        qsg_result_column(result, table[c].name, table[c].name, POINTS, columns[c], table[c].unit, table[c].basis,
                          table[c].meaning);
    put_curve(result);
    return QSG_OK;
}
