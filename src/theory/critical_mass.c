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

/* All are sure at the start, so at alpha = 1 they stay so, whatever the bandwidth. */
static bool is_exact(const qsg_critical_mass_setting *s)
{
    return s->alpha == 1;
}

/* Interactions in which a given ordered pair meets once, on average. */
static double pairs(const qsg_critical_mass_setting *s)
{
    const double n = (double)s->agents;
    return s->replacement ? n * n : n * (n - 1);
}

static double effective(const qsg_critical_mass_setting *s)
{
    const double z = (double)s->committed;
    return is_exact(s) ? z : z * (2 * s->bandwidth * (1 - s->alpha) + s->alpha) / s->alpha;
}

/* The threshold as a share of the free agents; 0 or less: the committed agents alone reach it. */
static double free_share(const qsg_critical_mass_setting *s)
{
    const double n = (double)s->agents, z = (double)s->committed;
    return s->of_all ? (n * s->threshold - z) / (n - z) : s->threshold;
}

/* How many of `free` agents at the label are a flip. */
static size_t target(size_t free, double share)
{
    const double top = ceil(share * (double)free - 1e-9);
    return top < 1 ? 1 : top > (double)free ? free : (size_t)top;
}

/* The chain cut at the threshold. */
static qsg_status cut(size_t free, double share, double *up, double *down, qsg_chain *chain, qsg_error *error)
{
    const size_t top = target(free, share);
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
        status = cut(whole.free, free_share(s), whole.up, whole.down, chain, error);
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
    qsg_status status = cut(n, free_share(s), up, down, chain, error);
    free(up);
    return status;
}

static qsg_status chain_of(const qsg_critical_mass_setting *s, qsg_chain *chain, double *unit, qsg_error *error)
{
    *unit = 1;
    return is_exact(s) ? exact_chain(s, chain, error) : limit_chain(s, chain, unit, error);
}

static bool is_noiseless(const qsg_critical_mass_setting *s)
{
    return isinf(s->bandwidth) && !is_exact(s);
}

/* Without noise the mean belief is 1 - (1 - alpha z/pairs)^t. */
static qsg_status noiseless(const qsg_critical_mass_setting *s, double *t, qsg_error *error)
{
    const double share = free_share(s);
    if (share == 1)
        return qsg_fail(error, QSG_ENOEXIST, "without noise (bandwidth inf) the last doubt fades for ever; expected a "
                        "threshold below 1");
    *t = log1p(-share) / log1p(-s->alpha * (double)s->committed / pairs(s));
    return QSG_OK;
}

qsg_status qsg_critical_mass_time(const qsg_critical_mass_setting *setting, qsg_critical_mass *out, qsg_error *error)
{
    qsg_chain chain = {0};
    double unit = 1, *mean = NULL;
    qsg_status status = check(setting, error);
    if (status)
        return status;
    qsg_critical_mass made = {.effective = effective(setting),
                              .strain = (double)setting->committed / (double)setting->agents,
                              .basis = is_exact(setting) ? QSG_EXACT : QSG_ASYMPTOTIC};
    const bool waits = free_share(setting) > 0;
    if (waits && is_noiseless(setting)) {
        status = noiseless(setting, &made.mean, error);
    } else if (waits) {
        status = chain_of(setting, &chain, &unit, error);
        if (!status && !(mean = malloc(2 * (chain.free + 1) * sizeof *mean)))
            status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu states", chain.free + 1);
        if (!status)
            status = qsg_chain_times(&chain, 0, mean, mean + chain.free + 1, error);
        if (!status) {
            made.mean = unit * mean[0];
            made.sd = unit * mean[chain.free + 1];
        }
    }
    if (!status)
        *out = made;
    free(mean);
    qsg_chain_free(&chain);
    return status;
}

static qsg_status check_horizons(const qsg_critical_mass_setting *setting, size_t n, const double *horizons,
                                 qsg_error *error)
{
    qsg_status status = check(setting, error);
    for (size_t i = 0; i < n && !status; i++)
        if (!(horizons[i] >= 0))
            status = qsg_fail(error, QSG_EDOMAIN, "horizon is %g; expected a number >= 0", horizons[i]);
    return status;
}

qsg_status qsg_critical_mass_law(const qsg_critical_mass_setting *setting, size_t n, const double *horizons,
                                 double *probability, qsg_error *error)
{
    qsg_chain chain = {0};
    qsg_chain_law *law = NULL;
    double unit, survival = 1, t = 0;
    qsg_status status = check_horizons(setting, n, horizons, error);
    if (status)
        return status;
    if (!(free_share(setting) > 0) || is_noiseless(setting)) {
        status = free_share(setting) > 0 ? noiseless(setting, &t, error) : QSG_OK;
        for (size_t i = 0; i < n && !status; i++)
            probability[i] = horizons[i] >= t ? 1 : 0;
        return status;
    }
    status = chain_of(setting, &chain, &unit, error);
    if (!status)
        status = qsg_chain_law_new(&chain, 0, &law, error);
    for (size_t i = 0; i < n && !status; i++) {
        status = qsg_chain_law_survival(law, 0, horizons[i] / unit, &survival, error);
        if (!status)
            probability[i] = 1 - survival;
    }
    qsg_chain_law_free(law);
    qsg_chain_free(&chain);
    return status;
}

qsg_status qsg_critical_mass_probability(const qsg_critical_mass_setting *setting, double horizon, double *probability,
                                         qsg_error *error)
{
    return qsg_critical_mass_law(setting, 1, &horizon, probability, error);
}

/* Search for the smallest z.  `spare` free agents need not hold the label.  As long as their number does not change, more
 * zealots are faster; where it falls by one the probability may drop.  So each run of z with one number of spare agents
 * has its own smallest z, and the best of a run is its last. */
typedef struct {
    qsg_critical_mass_setting trial;
    double horizon, level;
} search;

static uint64_t spare(const search *s, uint64_t z)
{
    const uint64_t free = s->trial.agents - z;
    return s->trial.of_all || !is_exact(&s->trial) ? 0 : free - target((size_t)free, s->trial.threshold);
}

/* The last z with at least so many spare agents. */
static uint64_t last_with(const search *s, uint64_t spared)
{
    uint64_t low = 1, high = s->trial.agents; /* spare(low) >= spared, and high is beyond */
    while (high - low > 1) {
        const uint64_t z = low + (high - low) / 2;
        *(spare(s, z) >= spared ? &low : &high) = z;
    }
    return low;
}

static qsg_status reaches(search *s, uint64_t z, bool *yes, qsg_error *error)
{
    double probability = 0;
    s->trial.committed = z;
    qsg_status status = qsg_critical_mass_probability(&s->trial, s->horizon, &probability, error);
    *yes = !status && probability >= s->level;
    return status;
}

/* The largest number of spare agents at which some z suffices.  The last z of each run are nearly ordered: rounding of the
 * threshold exchanges neighbours, so a few of these are tried as well. */
static qsg_status best_run(search *s, uint64_t *spared, qsg_error *error)
{
    enum { NEIGHBOURS = 3 };
    const uint64_t most = spare(s, 1);
    uint64_t low = 0, high = most + 1; /* spare `low` suffices, `high` does not */
    bool yes = false;
    qsg_status status = QSG_OK;
    for (uint64_t d = 0; d <= NEIGHBOURS && d <= most && !status && !yes; d++) {
        status = reaches(s, last_with(s, d), &yes, error);
        low = d;
    }
    if (!status && !yes)
        return qsg_fail(error, QSG_ENOEXIST, "no number of committed agents flips %llu agents with probability %g by %g "
                        "interactions", (unsigned long long)s->trial.agents, s->level, s->horizon);
    while (!status && high - low > 1) {
        const uint64_t d = low + (high - low) / 2;
        status = reaches(s, last_with(s, d), &yes, error);
        *(yes ? &low : &high) = d;
    }
    for (uint64_t d = low + 1; d <= low + NEIGHBOURS && d <= most && !status; d++) {
        status = reaches(s, last_with(s, d), &yes, error);
        if (yes)
            low = d;
    }
    *spared = low;
    return status;
}

qsg_status qsg_critical_mass_size(const qsg_critical_mass_setting *setting, double horizon, double level,
                                  uint64_t *committed, qsg_error *error)
{
    search s = {*setting, horizon, level};
    uint64_t spared = 0;
    s.trial.committed = 1;
    qsg_status status = check_horizons(&s.trial, 1, &horizon, error);
    if (!status && !(level > 0 && level < 1))
        status = qsg_fail(error, QSG_EDOMAIN, "level is %g; expected a probability in (0, 1)", level);
    if (!status)
        status = best_run(&s, &spared, error);
    if (status)
        return status;
    uint64_t low = spared < spare(&s, 1) ? last_with(&s, spared + 1) : 0, high = last_with(&s, spared);
    while (!status && high - low > 1) {
        bool yes;
        const uint64_t z = low + (high - low) / 2;
        status = reaches(&s, z, &yes, error);
        *(yes ? &high : &low) = z;
    }
    if (!status)
        *committed = high;
    return status;
}
