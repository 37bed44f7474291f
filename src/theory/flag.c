/* Phases of the flag game: stationary laws of copiers with two kinds of zealots, averaged over who is committed
 * (doc/theory/flag.md).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/flag.h"

#include <math.h>
#include <stdlib.h>

#include "qsg/chain.h"

#define MAX_AGENTS 2000
#define MAX_ADOPTION 500.0
#define NEGLIGIBLE 1e-20
#define ROUNDING 1e-12 /* shares that equal a threshold count */

/* ln i! and ln i, i = 0 .. agents */
typedef struct {
    size_t agents;
    double *factorial, *logs;
} tables;

static qsg_status check_game(const qsg_flag_game *g, size_t n, const double *evidence, qsg_error *error)
{
    if (g->agents < 2 || g->agents > MAX_AGENTS)
        return qsg_fail(error, QSG_EDOMAIN, "the flag game is summed over all compositions of %llu agents; expected 2 to %d",
                        (unsigned long long)g->agents, MAX_AGENTS);
    if (!(fabs(g->adoption) <= MAX_ADOPTION) || !(g->start >= 0 && g->start <= 1))
        return qsg_fail(error, QSG_EDOMAIN, "adoption is %g from a start of %g; expected at most %g in size, and a share",
                        g->adoption, g->start, MAX_ADOPTION);
    if (!(g->consensus > 0.5 && g->consensus <= 1) || !(g->camp > 0 && g->camp < 0.5))
        return qsg_fail(error, QSG_EDOMAIN, "consensus is from %g on and camps from %g on; expected numbers in (1/2, 1] and "
                        "(0, 1/2)", g->consensus, g->camp);
    for (size_t i = 0; i < n; i++)
        if (!(evidence[2 * i] >= 0 && evidence[2 * i + 1] >= 0 && evidence[2 * i] + evidence[2 * i + 1] <= 1 + 4e-16))
            return qsg_fail(error, QSG_EDOMAIN, "chances %g and %g to be committed; expected numbers >= 0 that sum to at most "
                            "1", evidence[2 * i], evidence[2 * i + 1]);
    return QSG_OK;
}

/* Add the outcome of `ones` of N agents with label 1, with probability p. */
static void classify(const qsg_flag_game *g, double ones, double p, qsg_flag_outcome *out)
{
    const double x = ones / (double)g->agents, y = 1 - x, c = g->consensus - ROUNDING, camp = g->camp - ROUNDING;
    out->share += p * x;
    if (x >= c)
        out->correct += p;
    else if (y >= c)
        out->wrong += p;
    else if (x >= camp && y >= camp)
        out->polarized += p;
    else
        out->undecided += p;
}

/* The long run of a composition with a zealot: stationary law by detailed balance (eq. 2), or the only camp's label. */
static void settle(const qsg_flag_game *g, const tables *t, size_t z1, size_t z2, double *weight, qsg_flag_outcome *out)
{
    const size_t free = (size_t)g->agents - z1 - z2;
    double top = 0, sum = 0;
    if (z1 == 0 || z2 == 0) {
        classify(g, z1 ? (double)g->agents : 0, 1, out);
        return;
    }
    weight[0] = 0;
    for (size_t i = 0; i < free; i++) {
        weight[i + 1] = weight[i] + g->adoption + t->logs[free - i] + t->logs[z1 + i] - t->logs[i + 1] -
                        t->logs[z2 + free - i - 1];
        top = fmax(top, weight[i + 1]);
    }
    for (size_t i = 0; i <= free; i++)
        sum += weight[i] = exp(weight[i] - top);
    for (size_t i = 0; i <= free; i++)
        classify(g, (double)(z1 + i), weight[i] / sum, out);
}

static double log_power(double p, size_t n)
{
    return n == 0 ? 0 : p > 0 ? (double)n * log(p) : -INFINITY;
}

/* Nobody committed: someone wins for good (eq. 3). */
static qsg_status settle_free(const qsg_flag_game *g, qsg_flag_outcome *out, qsg_error *error)
{
    const size_t n = (size_t)g->agents;
    double *x = malloc(n * sizeof *x), wins;
    if (!x)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu beliefs", n);
    for (size_t i = 0; i < n; i++)
        x[i] = g->start;
    qsg_status status = qsg_chain_fixation_beliefs(g->adoption, n, x, &wins, error);
    free(x);
    if (status)
        return status;
    classify(g, (double)n, wins, out);
    classify(g, 0, 1 - wins, out);
    return QSG_OK;
}

static void add(qsg_flag_outcome *sum, const qsg_flag_outcome *part, double weight)
{
    sum->correct += weight * part->correct;
    sum->wrong += weight * part->wrong;
    sum->polarized += weight * part->polarized;
    sum->undecided += weight * part->undecided;
    sum->share += weight * part->share;
}

static qsg_status average(const qsg_flag_game *g, const tables *t, size_t n, const double *evidence, double *work,
                          qsg_flag_outcome *outcomes, qsg_error *error)
{
    const size_t agents = (size_t)g->agents;
    double *chance = work + agents + 1;
    for (size_t i = 0; i < n; i++)
        outcomes[i] = (qsg_flag_outcome){0};
    for (size_t z1 = 0; z1 <= agents; z1++)
        for (size_t z2 = 0; z2 <= agents - z1; z2++) {
            const size_t free = agents - z1 - z2;
            const double ways = t->factorial[agents] - t->factorial[z1] - t->factorial[z2] - t->factorial[free];
            bool likely = false;
            for (size_t i = 0; i < n; i++) {
                const double a = evidence[2 * i], b = evidence[2 * i + 1];
                chance[i] = exp(ways + log_power(a, z1) + log_power(b, z2) + log_power(fmax(1 - a - b, 0), free));
                likely = likely || chance[i] > NEGLIGIBLE;
            }
            if (!likely)
                continue;
            qsg_flag_outcome part = {0};
            qsg_status status = QSG_OK;
            if (z1 + z2 == 0)
                status = settle_free(g, &part, error);
            else if (free == 0)
                classify(g, (double)z1, 1, &part);
            else
                settle(g, t, z1, z2, work, &part);
            if (status)
                return status;
            for (size_t i = 0; i < n; i++)
                add(&outcomes[i], &part, chance[i]);
        }
    return QSG_OK;
}

qsg_status qsg_flag_outcomes(const qsg_flag_game *game, size_t n, const double *evidence, qsg_flag_outcome *outcomes,
                             qsg_error *error)
{
    qsg_status status = check_game(game, n, evidence, error);
    if (status)
        return status;
    const size_t agents = (size_t)game->agents;
    double *memory = malloc((3 * (agents + 1) + n) * sizeof *memory);
    qsg_flag_outcome *found = malloc((n + 1) * sizeof *found);
    if (!memory || !found) {
        free(memory);
        free(found);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu outcomes", n);
    }
    const tables t = {agents, memory, memory + agents + 1};
    for (size_t i = 0; i <= agents; i++) {
        t.factorial[i] = lgamma((double)i + 1);
        t.logs[i] = log((double)i);
    }
    status = average(game, &t, n, evidence, memory + 2 * (agents + 1), found, error);
    for (size_t i = 0; i < n && !status; i++)
        outcomes[i] = found[i];
    free(memory);
    free(found);
    return status;
}

qsg_status qsg_flag_predict(const qsg_model *model, double consensus, double camp, qsg_flag_outcome *outcome,
                            qsg_error *error)
{
    qsg_model certain = *model; /* borrows the arrays */
    qsg_chain chain = {0};
    certain.evidence[0] = certain.evidence[1] = 0;
    qsg_status status = qsg_chain_init(&chain, &certain, error);
    if (status)
        return status;
    qsg_chain_free(&chain);
    if (model->innovation > 0)
        return qsg_fail(error, QSG_EMODEL, "--evidence with --innovation %g is not covered; expected 0", model->innovation);
    if (model->start.kind != QSG_START_POINT)
        return qsg_fail(error, QSG_EMODEL, "--evidence commits agents at random, so all start alike (--init %.100s); expected "
                        "uniform or a common belief", model->texts[QSG_INIT]);
    const qsg_flag_game game = {model->agents, model->adoption, fmin(model->start.p[0], 1), consensus, camp};
    return qsg_flag_outcomes(&game, 1, model->evidence, outcome, error);
}
