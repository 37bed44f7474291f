/* The phase maps (doc/theory/kinetic.md, eq. 10): their borders, traced.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>

#include "qsg/fixation.h"
#include "qsg/kinetic.h"
#include "qsg/moments.h"
#include "report/figures.h"
#include "report/figures_ensemble.h"

#define SETTING "alpha=0.3"
#define FIELD "0.05" /* of the map over T and N */

enum { TEMPERS = 51, SIZES = 2 };
static const double sizes[SIZES] = {24, 100}; /* filled, and outlined */

/* Growth rate at T, eps. */
static qsg_status growth_at(const qsg_model *model, double temper, double innovation, double *growth, qsg_error *error)
{
    qsg_regime regime;
    return qsg_kinetic_phases(model, 1, &temper, 1, &innovation, &regime, growth, error);
}

/* The innovation at which the growth rate, which falls with it, is `level`; 0 when it is lower already without. */
static qsg_status innovation_of(const qsg_model *model, double temper, double level, double *innovation,
                                qsg_error *error)
{
    double low = 0, high = 1, at_low, at_high = -model->alpha - level, middle = 0;
    qsg_status status = growth_at(model, temper, 0, &at_low, error);
    at_low -= level;
    for (int i = 0; i < 30 && !status && at_low > 0 && high - low > 1e-4 * high; i++) {
        /* false position, which halves the weight of an end that stays: Illinois */
        double value;
        middle = (low * at_high - high * at_low) / (at_high - at_low);
        status = growth_at(model, temper, middle, &value, error);
        value -= level;
        if (fabs(value) < 1e-6)
            break;
        if (value > 0) {
            low = middle;
            at_low = value;
            at_high /= 2;
        } else {
            high = middle;
            at_high = value;
            at_low /= 2;
        }
    }
    if (!status)
        *innovation = middle;
    return status;
}

/* N lambda: what sampling noise does in a round. */
static qsg_status drift_of(double agents, double *drift, qsg_error *error)
{
    char settings[64];
    qsg_model model = {0};
    snprintf(settings, sizeof settings, "agents=%.0f " SETTING, agents);
    qsg_status status = qsg_model_parse(&model, settings, error);
    if (!status)
        status = qsg_moments_slow_rate(&model, drift, error);
    qsg_model_free(&model);
    *drift *= agents;
    return status;
}

/* Over T and eps, no field: where amplification ends (growth = N lambda) and where pluralism begins (-N lambda). */
static qsg_status put_innovation_map(const qsg_model *model, const double *temper, qsg_result *result,
                                     qsg_error *error)
{
    double border[SIZES][2][TEMPERS];
    qsg_status status = QSG_OK;
    for (int s = 0; s < SIZES && !status; s++) {
        double drift = 0;
        status = drift_of(sizes[s], &drift, error);
        for (int i = 0; i < TEMPERS && !status; i++) {
            status = innovation_of(model, temper[i], drift, &border[s][0][i], error);
            if (!status)
                status = innovation_of(model, temper[i], -drift, &border[s][1][i], error);
        }
    }
    if (status)
        return status;
    qsg_result_column(result, "temper", "innovation_map.temper", TEMPERS, temper, "", QSG_INPUT, "T");
    for (int s = 0; s < SIZES; s++)
        for (int b = 0; b < 2; b++) {
            static const char *const names[] = {"amplification", "pluralism"};
            static const char *const meanings[] = {"innovation up to which noise is amplified, growth = N lambda",
                                                   "innovation from which labels coexist, growth = -N lambda"};
            char name[48], path[64];
            snprintf(name, sizeof name, "%s_%.0f", names[b], sizes[s]);
            snprintf(path, sizeof path, "innovation_map.%s_%.0f", names[b], sizes[s]);
            qsg_result_column(result, name, path, TEMPERS, border[s][b], "", QSG_MEANFIELD, meanings[b]);
        }
    return QSG_OK;
}

/* The temperature between `inner` and `outer` at which the size of the growth rate is `level`. */
static qsg_status temper_of(const qsg_model *model, double inner, double outer, double level, double *temper,
                            qsg_error *error)
{
    qsg_status status = QSG_OK;
    for (int i = 0; i < 30 && !status; i++) {
        const double middle = (inner + outer) / 2;
        double growth;
        status = growth_at(model, middle, 0, &growth, error);
        *(fabs(growth) < level ? &inner : &outer) = middle;
    }
    *temper = (inner + outer) / 2;
    return status;
}

static void replace_nearest(double *values, double value)
{
    int nearest = 0;
    for (int i = 1; i < TEMPERS; i++)
        if (fabs(values[i] - value) < fabs(values[nearest] - value))
            nearest = i;
    values[nearest] = value;
}

/* Over T and N with a field, which decides beyond the size where Gamma = 1 as long as the growth rate is smaller than what
 * the field does in a round: N^2 lambda/size, whatever N.  Below it the growth rate competes with noise, N lambda.  The
 * growth rate is that without the field, which displaces the borders by O(h) in T. */
static qsg_status put_size_map(const qsg_model *model, const double *grid, qsg_result *result, qsg_error *error)
{
    const double alpha = model->alpha, noise = 2 * alpha * alpha / (2 - alpha); /* N^2 lambda, N to infinity */
    double size[2][TEMPERS], temper[TEMPERS], ends[2], growth, decides;
    qsg_model field = {0};
    qsg_status status = qsg_model_parse(&field, "agents=24 field=" FIELD " " SETTING, error);
    if (!status)
        status = qsg_fixation_crossover(&field, &decides, error);
    qsg_model_free(&field);
    for (int i = 0; i < TEMPERS; i++)
        temper[i] = grid[i];
    for (int i = 0; i < 2 && !status; i++) {
        status = temper_of(model, 1, i ? 1.2 : 0.6, noise / decides, &ends[i], error);
        replace_nearest(temper, ends[i]);
    }
    for (int i = 0; i < TEMPERS && !status; i++) {
        const bool beyond = temper[i] < ends[0] - 1e-9 || temper[i] > ends[1] + 1e-9;
        status = growth_at(model, temper[i], 0, &growth, error);
        const double at = temper[i] == ends[0] || temper[i] == ends[1] ? decides : beyond ? noise / fabs(growth) : NAN;
        size[0][i] = temper[i] < 1 ? at : NAN;
        size[1][i] = temper[i] > 1 ? at : NAN;
    }
    if (status)
        return status;
    qsg_result_next_table(result);
    qsg_result_number(result, "deciding_size", decides, "agents", QSG_EXACT, "N with Gamma = 1 in the field");
    qsg_result_number(result, "amplification_end", ends[0], "", QSG_MEANFIELD, "T where growth and field are as fast");
    qsg_result_number(result, "pluralism_begin", ends[1], "", QSG_MEANFIELD, "T where decay and field are as fast");
    qsg_result_column(result, "temper_size", "size_map.temper", TEMPERS, temper, "", QSG_INPUT, "T");
    qsg_result_column(result, "amplification_size", "size_map.amplification", TEMPERS, size[0], "agents", QSG_MEANFIELD,
                      "N beyond which noise is amplified");
    qsg_result_column(result, "pluralism_size", "size_map.pluralism", TEMPERS, size[1], "agents", QSG_MEANFIELD,
                      "N beyond which labels coexist");
    return QSG_OK;
}

/* The alpha at which the growth rate, positive below, vanishes at the model's T and innovation; 0 when it is positive nowhere. */
static qsg_status alpha_of(double temper, double innovation, double *alpha, qsg_error *error)
{
    double low = 0, high = 1;
    qsg_status status = QSG_OK;
    for (int i = 0; i < 16 && !status; i++) { /* to 3e-5, far below a pixel */
        const double middle = i ? (low + high) / 2 : 0.01;
        double growth;
        qsg_model model = {0};
        status = figure_model(&model, error, "agents=1000 alpha=%.17g", middle);
        if (!status)
            status = growth_at(&model, temper, innovation, &growth, error);
        qsg_model_free(&model);
        if (!status && i == 0 && !(growth > 0))
            break;
        *(status || growth > 0 ? &low : &high) = middle;
    }
    if (!status)
        *alpha = low;
    return status;
}

/* Over T and alpha: the alpha above which labels coexist, for populations of any size, at given innovations. */
static qsg_status put_memory_map(qsg_result *result, qsg_error *error)
{
    enum { POINTS = 24 };
    static const double innovations[] = {0.01, 0.03, 0.1};
    static const figure_column columns[] = {
        {"innovation", "", QSG_INPUT, "epsilon"}, {"at_temper", "", QSG_INPUT, "T"},
        {"critical_alpha", "", QSG_NUMERICAL, "adaptation rate beyond which the even mixture is stable, N = infinity"}};
    figure_table table = {.columns = 3};
    qsg_status status = QSG_OK;
    for (int i = 0; i < 3 * POINTS && !status; i++) { /* from T = 0.6 to 1 - eps, where it falls to 0 as a square root */
        const double epsilon = innovations[i / POINTS], u = 1 - (double)(i % POINTS) / (POINTS - 1);
        const double temper = 1 - epsilon - (0.4 - epsilon) * u * u;
        double alpha = 0;
        if (u > 0)
            status = alpha_of(temper, epsilon, &alpha, error);
        if (!status)
            figure_table_add(&table, (double[]){epsilon, temper, alpha});
    }
    qsg_result_next_table(result);
    return figure_table_put(&table, "memory_map.", columns, status, result, error);
}

qsg_status produce_phases(const char *data_dir, qsg_result *result, qsg_error *error)
{
    qsg_model model = {0};
    double temper[TEMPERS];
    (void)data_dir;
    for (int i = 0; i < TEMPERS; i++) { /* finer about T = 1 */
        const double at = 2.0 * i / (TEMPERS - 1) - 1;
        temper[i] = 1 + (at < 0 ? 0.4 : 0.2) * at * (0.12 + 0.88 * at * at);
    }
    qsg_status status = qsg_model_parse(&model, "agents=24 " SETTING, error);
    if (!status) {
        qsg_result_text(result, "setting", "K = 2, alpha = 0.3, m = 1, one-way; borders are crossovers", "");
        qsg_result_vector(result, "agents", SIZES, sizes, "agents", QSG_INPUT, "N of the map over T and innovation");
        qsg_result_text(result, "field", FIELD, "h of the map over T and N");
        status = put_innovation_map(&model, temper, result, error);
    }
    if (!status)
        status = put_size_map(&model, temper, result, error);
    if (!status)
        status = put_memory_map(result, error);
    qsg_model_free(&model);
    return status;
}
