/* Classes of agents who are alike, and what is expected of their beliefs at t = 0.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "theory/pair_start.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/shares.h"
#include "theory/pair_chain.h"

#define MAX_CLASSES 5000
#define EVEN 1e-14

void pair_population_free(pair_population *self)
{
    pair_law_free(&self->law);
    free(self->class_of);
    *self = (pair_population){0};
}

static qsg_status law_init(pair_law *self, const qsg_model *model, size_t n, qsg_error *error)
{
    double squares = 0;
    *self = (pair_law){.n = n, .agents = (double)model->agents, .innovation = model->innovation,
                       .exchange = model->exchange};
    self->size = calloc(4 * n, sizeof *self->size);
    if (!self->size)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu classes of agents", n);
    self->alpha = self->size + n;
    self->self = self->alpha + n;
    self->bandwidth = self->self + n;
    for (size_t k = 0; k < model->labels; k++)
        squares += model->prior[k] * (1 - model->prior[k]);
    self->spread = squares;
    self->uniform = model->pairs == QSG_PAIRS_REPLACEMENT ? 1 / (self->agents * self->agents)
                                                          : 1 / (self->agents * (self->agents - 1));
    return QSG_OK;
}

static void set_class(pair_law *self, size_t a, qsg_agent agent, double size)
{
    self->size[a] = size;
    self->alpha[a] = agent.alpha;
    self->self[a] = agent.self;
    self->bandwidth[a] = agent.bandwidth;
}

/* Zealots and the others. */
static qsg_status two_groups(pair_population *self, qsg_error *error)
{
    const qsg_model *model = self->model;
    const uint64_t zealots = model->agents - model->free_agents;
    const size_t n = zealots > 0 && model->free_agents > 0 ? 2 : 1;
    qsg_status status = law_init(&self->law, model, n, error);
    if (status)
        return status;
    set_class(&self->law, 0, qsg_model_agent(model, 0), (double)(n == 2 ? zealots : model->agents));
    if (n == 2)
        set_class(&self->law, 1, qsg_model_agent(model, model->agents - 1), (double)model->free_agents);
    return QSG_OK;
}

typedef struct {
    qsg_agent agent;
    uint32_t index;
} agent_key;

static int by_rates(const void *left, const void *right)
{
    const agent_key *a = left, *b = right;
    const double x[3] = {a->agent.alpha, a->agent.self, a->agent.bandwidth};
    const double y[3] = {b->agent.alpha, b->agent.self, b->agent.bandwidth};
    for (int i = 0; i < 3; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return a->index < b->index ? -1 : 1;
}

static bool alike(qsg_agent a, qsg_agent b)
{
    return a.alpha == b.alpha && a.self == b.self && a.bandwidth == b.bandwidth;
}

/* One group for each set of rates. */
static qsg_status groups_by_rates(pair_population *self, qsg_error *error)
{
    const qsg_model *model = self->model;
    const size_t agents = (size_t)model->agents;
    size_t n = 0;
    agent_key *keys = malloc(agents * sizeof *keys);
    self->class_of = malloc(agents * sizeof *self->class_of);
    if (!keys || !self->class_of) {
        free(keys);
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu agents", agents);
    }
    for (size_t i = 0; i < agents; i++)
        keys[i] = (agent_key){qsg_model_agent(model, i), (uint32_t)i};
    qsort(keys, agents, sizeof *keys, by_rates);
    for (size_t i = 0; i < agents; i++) {
        n += i == 0 || !alike(keys[i - 1].agent, keys[i].agent);
        self->class_of[keys[i].index] = (uint32_t)n - 1;
    }
    qsg_status status =
        n <= MAX_CLASSES ? law_init(&self->law, model, n, error)
                         : qsg_fail(error, QSG_EMODEL, "the pair moments take at most %d kinds of agents (%zu); expected "
                                    "fewer different alphas and bandwidths", MAX_CLASSES, n);
    for (size_t i = 0; i < agents && !status; i++) {
        const size_t a = self->class_of[keys[i].index];
        set_class(&self->law, a, keys[i].agent, self->law.size[a] + 1);
    }
    free(keys);
    return status;
}

/* The hub and the leaves. */
static qsg_status star(pair_population *self, qsg_error *error)
{
    const qsg_model *model = self->model;
    const double agents = (double)model->agents;
    qsg_status status = law_init(&self->law, model, 2, error);
    if (status)
        return status;
    set_class(&self->law, 0, qsg_model_agent(model, 0), 1);
    set_class(&self->law, 1, qsg_model_agent(model, 1), agents - 1);
    self->law.block = calloc(4, sizeof *self->law.block);
    self->class_of = malloc((size_t)model->agents * sizeof *self->class_of);
    if (!self->law.block || !self->class_of)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the law of a star");
    const bool edge = model->pairs == QSG_PAIRS_EDGE;
    self->law.block[1] = edge ? 1 / (2 * (agents - 1)) : 1 / agents;             /* hub speaks to a leaf */
    self->law.block[2] = edge ? 1 / (2 * (agents - 1)) : 1 / (agents * (agents - 1)); /* a leaf to the hub */
    for (size_t i = 0; i < model->agents; i++)
        self->class_of[i] = i > 0;
    return QSG_OK;
}

/* Every agent for itself; with few of them the law of groups is written out. */
static qsg_status each_agent(pair_population *self, qsg_error *error)
{
    const qsg_model *model = self->model;
    const size_t n = (size_t)model->agents;
    bool complete;
    if (model->agents > MAX_CLASSES)
        return qsg_fail(error, QSG_EMODEL, "the pair moments on this graph take at most %d agents (%llu); expected fewer, "
                        "or identical agents on a complete graph, ring, torus or star", MAX_CLASSES,
                        (unsigned long long)model->agents);
    qsg_contacts contacts = {0};
    qsg_status status = qsg_contacts_init(&contacts, model, error);
    if (status)
        return status;
    complete = contacts.entries == n * (n - 1);
    for (size_t a = 0; a < contacts.entries && complete; a++)
        complete = fabs(contacts.chance[a] - contacts.chance[0]) <= EVEN * contacts.chance[0];
    if (complete) {
        qsg_contacts_free(&contacts);
        return groups_by_rates(self, error);
    }
    self->form = PAIR_GRAPH;
    status = law_init(&self->law, model, n, error);
    self->law.contacts = contacts;
    self->law.uniform = 0;
    for (size_t i = 0; i < n && !status; i++)
        set_class(&self->law, i, qsg_model_agent(model, i), 1);
    return status;
}

static qsg_status torus(pair_population *self, qsg_error *error)
{
    const qsg_model *model = self->model;
    unsigned long long rows = 1, columns = model->agents;
    self->form = PAIR_TORUS;
    if (model->graph_kind == QSG_GRAPH_TORUS && sscanf(model->texts[QSG_GRAPH], "torus:%llux%llu", &rows, &columns) != 2)
        return qsg_fail(error, QSG_EINPUT, "graph is not understood (%.200s)", model->texts[QSG_GRAPH]);
    self->rows = (size_t)rows;
    self->columns = (size_t)columns;
    qsg_status status = law_init(&self->law, model, 1, error);
    if (!status)
        set_class(&self->law, 0, qsg_model_agent(model, 0), (double)model->agents);
    return status;
}

qsg_status pair_population_init(pair_population *self, const qsg_model *model, qsg_error *error)
{
    const bool identical = !model->agent_alpha && !model->agent_bandwidth && !model->zealots;
    pair_population made = {.model = model, .form = PAIR_GROUPS};
    qsg_status status = qsg_model_require(model, QSG_USES_ZEALOTS | QSG_USES_GRAPH | QSG_USES_AGENTS_FILE |
                                          QSG_USES_PAIRS | QSG_USES_INNOVATION, "the theory of pairs", error);
    if (!status && model->exchange == QSG_BROADCAST && model->graph)
        status = qsg_fail(error, QSG_EMODEL, "the pair moments of a broadcast are not derived for graphs (%.200s); expected "
                          "the complete graph", model->texts[QSG_GRAPH]);
    if (status)
        return status;
    if (!model->graph)
        status = model->agent_alpha || model->agent_bandwidth ? groups_by_rates(&made, error) : two_groups(&made, error);
    else if (identical && model->graph_kind == QSG_GRAPH_STAR)
        status = star(&made, error);
    else if (identical && model->innovation == 0 &&
             (model->graph_kind == QSG_GRAPH_RING || model->graph_kind == QSG_GRAPH_TORUS))
        status = torus(&made, error);
    else
        status = each_agent(&made, error);
    if (status)
        pair_population_free(&made);
    else
        *self = made;
    return status;
}

/* The label that agent i is sure of, or SIZE_MAX; zealots come first, one-hot starts are in the order of the labels. */
static size_t sure_label(const qsg_model *model, uint64_t i)
{
    const uint64_t zealots = model->agents - model->free_agents, *counts = model->zealots;
    size_t k = 0;
    if (i >= zealots) {
        counts = model->start.kind == QSG_START_ONEHOT ? model->start.counts : NULL;
        i -= zealots;
    }
    while (counts && i >= counts[k])
        i -= counts[k++];
    return counts ? k : SIZE_MAX;
}

/* The free agent's own belief, NULL when it has the common one. */
static const double *own_belief(const qsg_model *model, uint64_t i)
{
    const uint64_t zealots = model->agents - model->free_agents;
    return model->start.beliefs && i >= zealots ? model->start.beliefs + (i - zealots) * model->labels : NULL;
}

static double common_self(const qsg_model *model)
{
    const double labels = (double)model->labels, c = model->start.concentration;
    return model->start.kind == QSG_START_DIRICHLET ? (labels - 1) / (labels + 1 / c)
                                                    : shares_heterogeneity(model->start.p, model->labels);
}

double pair_start_self(const pair_population *self, uint64_t i)
{
    const qsg_model *model = self->model;
    if (sure_label(model, i) != SIZE_MAX)
        return 0;
    const double *x = own_belief(model, i);
    return x ? shares_heterogeneity(x, model->labels) : common_self(model);
}

double pair_start_pair(const pair_population *self, uint64_t i, uint64_t j)
{
    const qsg_model *model = self->model;
    const size_t a = sure_label(model, i), b = sure_label(model, j);
    if (a != SIZE_MAX && b != SIZE_MAX)
        return a != b;
    const double *x = own_belief(model, i), *y = own_belief(model, j);
    x = x ? x : model->start.p;
    y = y ? y : model->start.p;
    if (a != SIZE_MAX)
        return 1 - y[a];
    if (b != SIZE_MAX)
        return 1 - x[b];
    if (x == y)
        return shares_heterogeneity(x, model->labels);
    double sum = 0;
    for (size_t k = 0; k < model->labels; k++)
        sum += x[k] * (1 - y[k]);
    return sum;
}

double pair_start_single(const pair_population *self, uint64_t i)
{
    const qsg_model *model = self->model;
    const size_t a = sure_label(model, i);
    const double *x = own_belief(model, i);
    double sum = 0;
    if (a != SIZE_MAX)
        return 1 - model->prior[a];
    x = x ? x : model->start.p;
    for (size_t k = 0; k < model->labels; k++)
        sum += x[k] * (1 - model->prior[k]);
    return sum;
}

/* Mean beliefs of the classes into belief[n x K], of 1 - |x|^2 into own[n], from the model's counts alone. */
static void sum_two(const pair_population *self, double *belief, double *own)
{
    const qsg_model *model = self->model;
    const size_t labels = model->labels, n = self->law.n;
    const bool zealots = model->zealots != NULL && model->free_agents < model->agents;
    if (zealots)
        for (size_t k = 0; k < labels; k++)
            belief[k] = (double)model->zealots[k] / self->law.size[0];
    if (!zealots || n == 2) {
        memcpy(belief + (n - 1) * labels, model->start.p, labels * sizeof *belief);
        if (model->start.kind == QSG_START_BELIEFS)
            for (uint64_t i = model->agents - model->free_agents; i < model->agents; i++)
                own[n - 1] += pair_start_self(self, i) / (double)model->free_agents;
        else
            own[n - 1] = model->start.kind == QSG_START_ONEHOT ? 0 : common_self(model);
    }
}

static void sum_agents(const pair_population *self, double *belief, double *own, double *x)
{
    const qsg_model *model = self->model;
    const size_t labels = model->labels;
    for (size_t i = 0; i < model->agents; i++) {
        const size_t a = self->class_of[i];
        qsg_model_start_belief(model, i, x);
        for (size_t k = 0; k < labels; k++)
            belief[a * labels + k] += x[k] / self->law.size[a];
        if (model->start.beliefs || sure_label(model, i) != SIZE_MAX)
            own[a] += pair_start_self(self, i) / self->law.size[a];
        else
            own[a] = common_self(model);
    }
}

/* The mean of 1 - <x_i, x_j> over two distinct agents, from the classes' means. */
static double mean_pair(const pair_population *self, const double *belief, const double *own, size_t a, size_t b)
{
    const qsg_model *model = self->model;
    const size_t labels = model->labels;
    const bool fixed = model->start.kind == QSG_START_ONEHOT || model->start.kind == QSG_START_BELIEFS;
    const double *x = belief + a * labels, *y = belief + b * labels, size = self->law.size[a];
    double sum = 0;
    if (!fixed && !model->zealots)
        return shares_heterogeneity(model->start.p, labels);
    if (a == b) { /* n^2 (1 - |X|^2) = sum s + n (n-1) H */
        const bool drawn = !fixed && !(model->zealots && a == 0);
        sum = shares_heterogeneity(x, labels);
        return drawn ? sum : fmax(size * sum - own[a], 0) / (size - 1);
    }
    for (size_t k = 0; k < labels; k++)
        sum += x[k] * (1 - y[k]);
    return sum;
}

qsg_status pair_start_groups(const pair_population *self, double *own, double *pair, double *single, qsg_error *error)
{
    const qsg_model *model = self->model;
    const size_t n = self->law.n, labels = model->labels;
    double *belief = calloc((n + 1) * labels, sizeof *belief);
    if (!belief)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the beliefs of %zu classes", n);
    memset(own, 0, n * sizeof *own);
    if (self->class_of)
        sum_agents(self, belief, own, belief + n * labels);
    else
        sum_two(self, belief, own);
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b < n; b++)
            pair[a * n + b] = a == b && self->law.size[a] < 2 ? 0 : mean_pair(self, belief, own, a, b);
        if (single) {
            single[a] = 0;
            for (size_t k = 0; k < labels; k++)
                single[a] += belief[a * labels + k] * (1 - model->prior[k]);
        }
    }
    free(belief);
    return QSG_OK;
}

qsg_status pair_start_chain(const pair_population *self, double *start, qsg_error *error)
{
    const pair_law *law = &self->law;
    const size_t n = law->n;
    const bool innovation = law->innovation > 0;
    double *pair = malloc((n * n + n) * sizeof *pair), *single = pair + n * n;
    qsg_status status = pair ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for %zu classes", n);
    if (!status && self->form == PAIR_GROUPS)
        status = pair_start_groups(self, start, pair, innovation ? single : NULL, error);
    for (size_t a = 0; a < n && !status; a++) {
        if (self->form == PAIR_GRAPH) {
            start[a] = pair_start_self(self, a);
            single[a] = pair_start_single(self, a);
            for (size_t b = 0; b < a; b++)
                pair[a * n + b] = pair_start_pair(self, a, b);
        }
        for (size_t b = 0; b <= a; b++)
            if (pair_state_pair(law, a, b) != SIZE_MAX)
                start[pair_state_pair(law, a, b)] = pair[a * n + b];
        if (innovation)
            start[pair_state_single(law, a)] = single[a];
    }
    if (!status && innovation)
        start[pair_states(law) - 1] = 1;
    free(pair);
    return status;
}

void pair_start_torus(const pair_population *self, double *start)
{
    const size_t n = self->rows * self->columns;
    const bool drawn = self->model->start.kind == QSG_START_POINT || self->model->start.kind == QSG_START_DIRICHLET;
    for (size_t d = 0; d < n; d++) {
        double sum = 0;
        for (size_t i = 0; i < (drawn ? 1 : n); i++) {
            const size_t j = pair_state_displacement(self->rows, self->columns, i / self->columns + d / self->columns,
                                                     i % self->columns + d % self->columns);
            sum += d == 0 ? pair_start_self(self, i) : pair_start_pair(self, i, j);
        }
        start[d] = sum / (drawn ? 1 : (double)n);
    }
}

qsg_status pair_start_map(const pair_population *self, double *start, qsg_error *error)
{
    const size_t n = self->law.n;
    double *s = start + n * n, *z = s + n;
    const bool innovation = self->law.innovation > 0;
    if (innovation)
        z[n] = 1;
    return pair_start_groups(self, s, start, innovation ? z : NULL, error);
}
