/* How long committed agents need to flip a population (doc/theory/chain.md, section 8).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/critical_mass.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "qsg/chain.h"

#define STATES 2000.0     /* of the chain that stands for the diffusion */
#define PER_ZEALOT 20.0   /* and so many for each effective zealot, so that its own noise stays small */
#define MAX_STATES 200000.0

static qsg_status check(const qsg_critical_mass_setting *s, qsg_error *error)
{
    if (s->agents < 2 || s->committed < 1 || s->committed >= s->agents)
        return qsg_fail(error, QSG_EDOMAIN, "%llu of %llu agents are committed; expected 1 or more, and a free agent",
                        (unsigned long long)s->committed, (unsigned long long)s->agents);
    if (!(s->alpha > 0 && s->alpha <= 1) || !(s->bandwidth >= 1))
        return qsg_fail(error, QSG_EDOMAIN, "alpha is %g with bandwidth %g; expected (0, 1] and 1 or more", s->alpha,
                        s->bandwidth);
    if (!(s->threshold > 0 && s->threshold <= 1))
        return qsg_fail(error, QSG_EDOMAIN, "threshold is %g; expected a share in (0, 1]", s->threshold);
    if (!(fabs(s->adoption) <= 500) || (s->adoption != 0 && !(s->alpha == 1 && s->bandwidth == 1)))
        return qsg_fail(error, QSG_EDOMAIN, "adoption is %g at alpha %g; expected 0, or copiers (alpha 1, bandwidth 1) and at "
                        "most 500 in size", s->adoption, s->alpha);
    return QSG_OK;
}

static bool is_exact(const qsg_critical_mass_setting *s)
{
    return s->alpha == 1 && s->bandwidth == 1;
}

/* Interactions in which a given ordered pair meets once, on average. */
static double pairs(const qsg_critical_mass_setting *s)
{
    const double n = (double)s->agents;
    return s->replacement ? n * n : n * (n - 1);
}

static double effective(const qsg_critical_mass_setting *s)
{
    return (double)s->committed * (2 * s->bandwidth * (1 - s->alpha) + s->alpha) / s->alpha;
}

/* The chain cut at the threshold. */
static qsg_status cut(size_t free, double threshold, double *up, double *down, qsg_chain *chain, qsg_error *error)
{
    size_t top = (size_t)ceil(threshold * (double)free - 1e-9);
    top = top < 1 ? 1 : top > free ? free : top;
    up[top] = down[top] = 0;
    return qsg_chain_init_rates(chain, top, up, down, error);
}

static qsg_status exact_chain(const qsg_critical_mass_setting *s, qsg_chain *chain, qsg_error *error)
{
    const qsg_chain_spec spec = {.agents = s->agents, .zealots = {s->committed, 0}, .adoption = s->adoption,
                                 .prior = 0.5, .replacement = s->replacement};
    qsg_chain whole = {0};
    qsg_status status = qsg_chain_init_spec(&whole, &spec, error);
    if (!status)
        status = cut(whole.free, s->threshold, whole.up, whole.down, chain, error);
    qsg_chain_free(&whole);
    return status;
}

/* Copiers with z_eff zealots have the diffusion's generator (eq. 18); *unit: interactions in a step. */
static qsg_status limit_chain(const qsg_critical_mass_setting *s, qsg_chain *chain, double *unit, qsg_error *error)
{
    const double theta = effective(s), states = fmin(fmax(STATES, ceil(PER_ZEALOT * theta)), MAX_STATES);
    const size_t n = (size_t)states;
    double *up = malloc(2 * (n + 1) * sizeof *up), *down = up + n + 1, most = 0;
    if (!up)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu states", n + 1);
    for (size_t i = 0; i <= n; i++) {
        up[i] = (double)(n - i) * (theta + (double)i);
        down[i] = (double)(n - i) * (double)i;
        most = fmax(most, up[i] + down[i]);
    }
    const double scale = 0.5 / most;
    for (size_t i = 0; i <= n; i++) {
        up[i] *= scale;
        down[i] *= scale;
    }
    /* a step moves p by scale theta (1 - p) on average, an interaction by alpha z (1 - p)/pairs */
    *unit = scale * theta * pairs(s) / (s->alpha * (double)s->committed);
    qsg_status status = cut(n, s->threshold, up, down, chain, error);
    free(up);
    return status;
}

static qsg_status chain_of(const qsg_critical_mass_setting *s, qsg_chain *chain, double *unit, qsg_error *error)
{
    *unit = 1;
    return is_exact(s) ? exact_chain(s, chain, error) : limit_chain(s, chain, unit, error);
}

/* Without noise the mean belief is 1 - (1 - alpha z/pairs)^t. */
static qsg_status noiseless(const qsg_critical_mass_setting *s, double *t, qsg_error *error)
{
    if (s->threshold == 1)
        return qsg_fail(error, QSG_ENOEXIST, "without noise (bandwidth inf) the last doubt fades for ever; expected a "
                        "threshold below 1");
    *t = log1p(-s->threshold) / log1p(-s->alpha * (double)s->committed / pairs(s));
    return QSG_OK;
}

qsg_status qsg_critical_mass_time(const qsg_critical_mass_setting *setting, qsg_critical_mass *out, qsg_error *error)
{
    qsg_chain chain = {0};
    double unit = 1, *mean = NULL;
    qsg_status status = check(setting, error);
    if (status)
        return status;
    qsg_critical_mass made = {.strain = (double)setting->committed / (double)setting->agents,
                              .basis = is_exact(setting) ? QSG_EXACT : QSG_ASYMPTOTIC};
    if (isinf(setting->bandwidth)) {
        status = noiseless(setting, &made.mean, error);
        made.effective = INFINITY;
        if (!status)
            *out = made;
        return status;
    }
    made.effective = effective(setting);
    status = chain_of(setting, &chain, &unit, error);
    if (!status && !(mean = malloc(2 * (chain.free + 1) * sizeof *mean)))
        status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu states", chain.free + 1);
    if (!status)
        status = qsg_chain_times(&chain, 0, mean, mean + chain.free + 1, error);
    if (!status) {
        made.mean = unit * mean[0];
        made.sd = unit * mean[chain.free + 1];
        *out = made;
    }
    free(mean);
    qsg_chain_free(&chain);
    return status;
}

qsg_status qsg_critical_mass_probability(const qsg_critical_mass_setting *setting, double horizon, double *probability,
                                         qsg_error *error)
{
    qsg_chain chain = {0};
    qsg_chain_law *law = NULL;
    double unit, survival = 1, t = 0;
    qsg_status status = check(setting, error);
    if (!status && !(horizon >= 0))
        status = qsg_fail(error, QSG_EDOMAIN, "horizon is %g; expected a number >= 0", horizon);
    if (status)
        return status;
    if (isinf(setting->bandwidth)) {
        status = noiseless(setting, &t, error);
        if (!status)
            *probability = horizon >= t ? 1 : 0;
        return status;
    }
    status = chain_of(setting, &chain, &unit, error);
    if (!status)
        status = qsg_chain_law_new(&chain, 0, &law, error);
    if (!status)
        status = qsg_chain_law_survival(law, 0, horizon / unit, &survival, error);
    if (!status)
        *probability = 1 - survival;
    qsg_chain_law_free(law);
    qsg_chain_free(&chain);
    return status;
}

qsg_status qsg_critical_mass_size(const qsg_critical_mass_setting *setting, double horizon, double level,
                                  uint64_t *committed, qsg_error *error)
{
    qsg_critical_mass_setting trial = *setting;
    uint64_t low = 0, high = setting->agents - 1;
    double probability;
    if (!(level > 0 && level < 1))
        return qsg_fail(error, QSG_EDOMAIN, "level is %g; expected a probability in (0, 1)", level);
    trial.committed = high;
    qsg_status status = qsg_critical_mass_probability(&trial, horizon, &probability, error);
    if (!status && probability < level)
        status = qsg_fail(error, QSG_ENOEXIST, "even %llu committed agents flip the last one with probability %g only by %g "
                          "interactions; expected %g", (unsigned long long)high, probability, horizon, level);
    while (!status && high - low > 1) { /* more zealots are faster */
        trial.committed = low + (high - low) / 2;
        status = qsg_critical_mass_probability(&trial, horizon, &probability, error);
        if (probability >= level)
            high = trial.committed;
        else
            low = trial.committed;
    }
    if (!status)
        *committed = high;
    return status;
}
