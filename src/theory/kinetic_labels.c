/* Growth rate of the symmetric state for any number of labels (doc/theory/kinetic.md, section 6).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "qsg/channel.h"
#include "qsg/kinetic.h"

#define BATCHES 32
#define SAMPLES 400      /* histories a batch */
#define FORGOTTEN 1e-10  /* weight of the oldest label of a history */
#define MOST_WORK 4e8    /* logarithms and exponentials: about 10 s */

static qsg_status check(const qsg_model *model, qsg_error *error)
{
    const char *who = "the growth rate of many labels";
    qsg_status status = qsg_model_require(model, QSG_USES_TEMPER | QSG_USES_INNOVATION, who, error);
    if (status)
        return status;
    if (model->exchange == QSG_BROADCAST || model->self > 0 || model->bandwidth != 1)
        return qsg_fail(error, QSG_EMODEL, "%s does not support --%s: its histories need one label a message and nothing "
                        "but what others said; expected --exchange oneway or mutual, --self 0, --bandwidth 1", who,
                        model->exchange == QSG_BROADCAST ? "exchange broadcast" : model->self > 0 ? "self"
                                                                                : "bandwidth above 1");
    for (size_t k = 1; k < model->labels; k++)
        if (model->innovation > 0 && model->prior[k] != model->prior[0])
            return qsg_fail(error, QSG_EMODEL, "%s does not support an uneven --prior; expected uniform", who);
    return QSG_OK;
}

/* One history: adds to influence[j] what it changes in r_1 whether the j-th last label heard was 1 or 2 (eq. 12). */
static void add_history(const qsg_channel *channel, double alpha, size_t depth, rng_stream *rng, double *belief,
                        double *said, size_t *heard, double *influence)
{
    const size_t labels = channel->labels;
    double weight = alpha;
    for (size_t k = 0; k < labels; k++)
        belief[k] = 0;
    for (size_t j = 0; j < depth; j++, weight *= 1 - alpha) {
        heard[j] = rng_below(rng, labels);
        belief[heard[j]] += j + 1 < depth ? weight : weight / alpha; /* the last takes the rest */
    }
    weight = alpha;
    for (size_t j = 0; j < depth; j++, weight *= 1 - alpha) {
        const double w = j + 1 < depth ? weight : weight / alpha;
        belief[heard[j]] = fmax(belief[heard[j]] - w, 0);
        for (int other = 0; other < 2; other++) {
            belief[other] += w;
            qsg_channel_apply(channel, belief, said);
            influence[j] += other ? -said[0] : said[0];
            belief[other] = fmax(belief[other] - w, 0);
        }
        belief[heard[j]] += w;
    }
}

/* Root of sum_j influence_j (1 + rate)^-j = 1 (eq. 13), which falls with the rate above -alpha. */
static double rate_of(const double *influence, size_t depth, double alpha)
{
    double low = -alpha * (1 - 1e-9), high = 1 / alpha;
    for (int i = 0; i < 200 && high - low > 1e-14; i++) {
        const double middle = (low + high) / 2;
        double sum = 0, factor = 1 / (1 + middle);
        for (size_t j = 0; j < depth; j++, factor /= 1 + middle)
            sum += influence[j] * factor;
        *(sum > 1 ? &low : &high) = middle;
    }
    return (low + high) / 2;
}

qsg_status qsg_kinetic_growth_labels(const qsg_model *model, uint64_t seed, double *rate, double *se, qsg_error *error)
{
    qsg_status status = check(model, error);
    if (status)
        return status;
    const double alpha = model->alpha;
    const size_t labels = model->labels,
                 depth = alpha < 1 ? (size_t)ceil(log(FORGOTTEN) / log1p(-alpha)) + 1 : 1;
    if (2.0 * BATCHES * SAMPLES * (double)depth * (double)labels > MOST_WORK)
        return qsg_fail(error, QSG_EMODEL, "the growth rate of %zu labels at alpha %g takes too long; expected fewer labels "
                        "or a larger alpha", labels, alpha);
    const qsg_channel channel = qsg_channel_of(model);
    double *belief = malloc((2 * labels + 2 * depth) * sizeof *belief);
    size_t *heard = malloc(depth * sizeof *heard);
    if (!belief || !heard) {
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu labels", labels);
        goto out;
    }
    double *said = belief + labels, *influence = said + labels, *total = influence + depth, square = 0, sum = 0;
    memset(total, 0, depth * sizeof *total);
    for (uint64_t b = 0; b < BATCHES; b++) {
        rng_stream rng = rng_stream_of(seed, b);
        memset(influence, 0, depth * sizeof *influence);
        for (int i = 0; i < SAMPLES; i++)
            add_history(&channel, alpha, depth, &rng, belief, said, heard, influence);
        for (size_t j = 0; j < depth; j++) {
            influence[j] /= SAMPLES;
            total[j] += influence[j] / BATCHES;
        }
        const double one = rate_of(influence, depth, alpha);
        sum += one;
        square += one * one;
    }
    const double pace = model->exchange == QSG_MUTUAL ? 2 : 1; /* how often an agent listens in a round */
    *rate = pace * rate_of(total, depth, alpha);
    *se = pace * sqrt(fmax(square - sum * sum / BATCHES, 0) / (BATCHES * (BATCHES - 1.0)));
out:
    free(belief);
    free(heard);
    return status;
}
