/* Stationary weights of the dual walk, from listener to speaker (doc/theory/pairs.md, section 7).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/influence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/contacts.h"

#define MAX_AGENTS 100000000
#define CONVERGED 1e-13
#define EVEN 1e-12
#define ROUNDING 1e-14 /* residual of a closed form */
#define MAX_UPDATES 3e10 /* of an entry, in all sweeps: minutes */
#define CHECK_EVERY 4
#define SURE 1e-12 /* of a label, up to the rounding of a mean */

/* The walk: a listener moves to each speaker at the rate alpha_j P_ij (mutual: P_ij + P_ji). */
typedef struct {
    size_t n;
    qsg_contacts contacts;
    double *rate;   /* of each entry of the contacts */
    double *leave;  /* of each agent */
    uint64_t *first; /* the same entries by speakers: which */
    uint32_t *listener, *entry;
    double *guess;  /* what the weights are when the contacts are undirected */
} walk;

static void walk_free(walk *self)
{
    qsg_contacts_free(&self->contacts);
    free(self->rate);
    free(self->first);
    free(self->listener);
    *self = (walk){0};
}

void qsg_influence_free(qsg_influence *self)
{
    free(self->weight);
    free(self->closed);
    *self = (qsg_influence){0};
}

/* Entry of the contacts where the listener hears the speaker, or SIZE_MAX. */
static size_t entry_of(const qsg_contacts *c, size_t speaker, size_t listener)
{
    size_t low = c->first[listener], high = c->first[listener + 1];
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (c->speakers[middle] == speaker)
            return middle;
        if (c->speakers[middle] < speaker)
            low = middle + 1;
        else
            high = middle;
    }
    return SIZE_MAX;
}

static double chance_of(const qsg_contacts *c, size_t speaker, size_t listener)
{
    const size_t a = entry_of(c, speaker, listener);
    return a == SIZE_MAX ? 0 : c->chance[a];
}

/* The entries by speakers, in the order of the listeners. */
static void transpose(walk *self)
{
    const qsg_contacts *c = &self->contacts;
    memset(self->first, 0, (self->n + 2) * sizeof *self->first);
    for (size_t a = 0; a < c->entries; a++)
        self->first[c->speakers[a] + 2]++;
    for (size_t i = 1; i <= self->n; i++)
        self->first[i + 1] += self->first[i];
    for (size_t j = 0; j < self->n; j++)
        for (uint64_t a = c->first[j]; a < c->first[j + 1]; a++) {
            const uint64_t at = self->first[c->speakers[a] + 1]++;
            self->listener[at] = (uint32_t)j;
            self->entry[at] = (uint32_t)a;
        }
}

static qsg_status walk_init(walk *self, const qsg_model *model, qsg_error *error)
{
    const bool mutual = model->exchange == QSG_MUTUAL;
    *self = (walk){.n = (size_t)model->agents};
    qsg_status status = qsg_contacts_init(&self->contacts, model, error);
    if (status)
        return status;
    const qsg_contacts *c = &self->contacts;
    self->rate = malloc((c->entries + 2 * self->n) * sizeof *self->rate);
    self->first = malloc((self->n + 2) * sizeof *self->first);
    self->listener = malloc(2 * c->entries * sizeof *self->listener);
    if (!self->rate || !self->first || !self->listener) {
        walk_free(self);
        return qsg_fail(error, QSG_ENOMEM, "no memory for the contacts of %llu agents",
                        (unsigned long long)model->agents);
    }
    self->leave = self->rate + c->entries;
    self->guess = self->leave + self->n;
    self->entry = self->listener + c->entries;
    for (size_t j = 0; j < self->n; j++) {
        const double alpha = qsg_model_agent(model, j).alpha;
        double strength = 0;
        self->leave[j] = 0;
        for (uint64_t a = c->first[j]; a < c->first[j + 1]; a++) {
            self->rate[a] = alpha * (c->chance[a] + (mutual ? chance_of(c, j, c->speakers[a]) : 0));
            self->leave[j] += self->rate[a];
            strength += model->graph->weights ? model->graph->weights[a] : 1;
        }
        /* who hears nobody is a class alone, of any weight */
        self->guess[j] = (mutual || model->pairs == QSG_PAIRS_EDGE || strength == 0 ? 1 : strength) / (alpha > 0 ? alpha : 1);
    }
    transpose(self);
    return QSG_OK;
}

/* Closed classes by Tarjan's algorithm without recursion: a strong component that nothing leaves. */
typedef struct {
    const walk *w;
    uint32_t *order, *low, *stack, *path;
    uint64_t *next; /* entry to look at */
    size_t count, top;
} search;

static bool moves(const walk *w, size_t j)
{
    return w->leave[j] > 0;
}

/* Take the component of root from the stack; it is class `class` when it is closed, which is returned. */
static bool take_component(search *s, uint32_t root, size_t class, size_t *closed)
{
    const walk *w = s->w;
    size_t from = s->top;
    bool shut = true;
    do
        from--;
    while (s->stack[from] != root);
    for (size_t k = from; k < s->top; k++)
        closed[s->stack[k]] = SIZE_MAX - 1; /* in this component */
    for (size_t k = from; k < s->top && shut; k++) {
        const uint32_t j = s->stack[k];
        for (uint64_t a = w->contacts.first[j]; a < w->contacts.first[j + 1] && shut && moves(w, j); a++)
            shut = closed[w->contacts.speakers[a]] == SIZE_MAX - 1;
    }
    for (size_t k = from; k < s->top; k++) {
        closed[s->stack[k]] = shut ? class : SIZE_MAX;
        s->low[s->stack[k]] = UINT32_MAX; /* done */
    }
    s->top = from;
    return shut;
}

static void visit(search *s, uint32_t start, size_t *classes, size_t *closed)
{
    const qsg_contacts *c = &s->w->contacts;
    size_t depth = 0;
    s->path[depth] = start;
    s->order[start] = s->low[start] = (uint32_t)++s->count;
    s->stack[s->top++] = start;
    s->next[start] = c->first[start];
    for (;;) {
        const uint32_t j = s->path[depth];
        if (moves(s->w, j) && s->next[j] < c->first[j + 1]) {
            const uint32_t i = c->speakers[s->next[j]++];
            if (s->order[i] == 0) {
                s->order[i] = s->low[i] = (uint32_t)++s->count;
                s->stack[s->top++] = i;
                s->next[i] = c->first[i];
                s->path[++depth] = i;
            } else if (s->low[i] != UINT32_MAX && s->order[i] < s->low[j]) {
                s->low[j] = s->order[i];
            }
            continue;
        }
        if (s->low[j] == s->order[j])
            *classes += take_component(s, j, *classes, closed);
        if (depth == 0)
            return;
        const uint32_t parent = s->path[--depth];
        if (s->low[j] < s->low[parent])
            s->low[parent] = s->low[j];
    }
}

static qsg_status find_classes(const walk *w, qsg_influence *self, qsg_error *error)
{
    const size_t n = w->n;
    search s = {.w = w, .order = calloc(4 * n, sizeof *s.order), .next = malloc(n * sizeof *s.next)};
    if (!s.order || !s.next) {
        free(s.order);
        free(s.next);
        return qsg_fail(error, QSG_ENOMEM, "no memory for the classes of %zu agents", n);
    }
    s.low = s.order + n;
    s.stack = s.low + n;
    s.path = s.stack + n;
    for (size_t i = 0; i < n; i++)
        self->closed[i] = SIZE_MAX;
    for (uint32_t i = 0; i < n; i++)
        if (s.order[i] == 0)
            visit(&s, i, &self->closed_classes, self->closed);
    free(s.order);
    free(s.next);
    return QSG_OK;
}

/* Number the classes by their first agents. */
static qsg_status renumber(qsg_influence *self, qsg_error *error)
{
    size_t *number = malloc((self->closed_classes + 1) * sizeof *number), next = 0;
    if (!number)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu classes", self->closed_classes);
    for (size_t c = 0; c < self->closed_classes; c++)
        number[c] = SIZE_MAX;
    for (size_t i = 0; i < self->agents; i++)
        if (self->closed[i] != SIZE_MAX) {
            size_t *to = &number[self->closed[i]];
            if (*to == SIZE_MAX)
                *to = next++;
            self->closed[i] = *to;
        }
    free(number);
    return QSG_OK;
}

/* What flows into agent i from the agents who hear it, but from itself. */
static double inflow(const walk *w, const double *x, size_t i)
{
    double sum = 0;
    for (uint64_t a = w->first[i]; a < w->first[i + 1]; a++)
        sum += x[w->listener[a]] * w->rate[w->entry[a]];
    return sum;
}

static void sweep_agent(const walk *w, const double *source, double *x, size_t i)
{
    x[i] = ((source ? source[i] : 0) + inflow(w, x, i)) / w->leave[i];
}

/* Relative residual of x_i leave_i = source_i + inflow_i over the agents that are solved for. */
static double residual_of(const walk *w, const bool *solve, const double *source, const double *x)
{
    double wrong = 0, flow = 0;
    for (size_t i = 0; i < w->n; i++)
        if (solve[i]) {
            wrong += fabs((source ? source[i] : 0) + inflow(w, x, i) - x[i] * w->leave[i]);
            flow += x[i] * w->leave[i];
        }
    return flow > 0 ? wrong / flow : 0;
}

static void sweep_twice(const walk *w, const bool *solve, const double *source, double *x)
{
    for (size_t i = 0; i < w->n; i++)
        if (solve[i])
            sweep_agent(w, source, x, i);
    for (size_t i = w->n; i-- > 0;)
        if (solve[i])
            sweep_agent(w, source, x, i);
}

/* Sweeps forward and backward over the agents with solve[i]; x vanishes elsewhere where it could flow in. */
static qsg_status solve_flow(const walk *w, const bool *solve, const double *source, double *x, double *residual,
                             qsg_error *error)
{
    const double most = MAX_UPDATES / (double)(w->contacts.entries + w->n);
    *residual = residual_of(w, solve, source, x);
    for (double sweeps = 0; !(*residual <= CONVERGED); sweeps += 2 * CHECK_EVERY) {
        if (sweeps > most)
            return qsg_fail(error, QSG_ENUMERIC, "the influence of the agents does not converge (residual %.2g after %.0f "
                            "sweeps; expected %g): the graph is too long, or its parts too far apart", *residual, sweeps,
                            CONVERGED);
        for (int k = 0; k < CHECK_EVERY; k++)
            sweep_twice(w, solve, source, x);
        *residual = residual_of(w, solve, source, x);
    }
    return QSG_OK;
}

/* Whether the walk among the agents that are solved for is reversible by the weights that an undirected graph has. */
static bool reversible(const walk *w, const bool *solve)
{
    const qsg_contacts *c = &w->contacts;
    for (size_t j = 0; j < w->n; j++)
        for (uint64_t a = c->first[j]; a < c->first[j + 1] && solve[j]; a++) {
            const size_t i = c->speakers[a], back = entry_of(c, j, i);
            const double there = w->guess[j] * w->rate[a];
            if (solve[i] && !(back != SIZE_MAX && fabs(there - w->guess[i] * w->rate[back]) <= EVEN * there))
                return false;
        }
    return true;
}

static double product(const walk *w, const double *x, const double *y)
{
    double sum = 0;
    for (size_t i = 0; i < w->n; i++)
        sum += x[i] * y[i] / w->guess[i];
    return sum;
}

/* x, nearly, by conjugate directions, two sweeps being nearly the inverse: on long graphs sweeps alone would take
 * the square of as many.  What is wrong still is left to them. */
static qsg_status approach_flow(const walk *w, const bool *solve, const double *source, double *x, qsg_error *error)
{
    const size_t n = w->n;
    double *left = calloc(4 * n, sizeof *left), *answer = left + n, *way = answer + n, *image = way + n, size = 0, first = 0;
    if (!left)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the influence of %zu agents", n);
    memcpy(left, source, n * sizeof *left);
    memset(x, 0, n * sizeof *x);
    for (double done = 0; done < MAX_UPDATES; done += 4 * (double)(w->contacts.entries + n)) {
        memset(answer, 0, n * sizeof *answer);
        sweep_twice(w, solve, left, answer);
        const double next = product(w, left, answer);
        first = done > 0 ? first : next;
        if (!(next > CONVERGED * CONVERGED * first))
            break;
        for (size_t i = 0; i < n; i++)
            way[i] = answer[i] + (done > 0 ? next / size * way[i] : 0);
        for (size_t i = 0; i < n; i++)
            image[i] = solve[i] ? way[i] * w->leave[i] - inflow(w, way, i) : 0;
        const double along = next / product(w, way, image);
        if (!isfinite(along))
            break;
        for (size_t i = 0; i < n; i++) {
            x[i] += along * way[i];
            left[i] -= along * image[i];
        }
        size = next;
    }
    for (size_t i = 0; i < n; i++) /* rounding */
        x[i] = fmax(x[i], 0);
    free(left);
    return QSG_OK;
}

/* The weights within each class sum to what the population's mean walks into it. */
static qsg_status weigh(const walk *w, qsg_influence *self, qsg_error *error)
{
    const size_t n = w->n;
    double *mass = calloc(2 * self->closed_classes + 2 * n, sizeof *mass), residual = 0;
    bool *solve = malloc(n * sizeof *solve), passing = false;
    qsg_status status = mass && solve ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for %zu agents", n);
    double *sum = mass ? mass + self->closed_classes : NULL, *x = mass ? sum + self->closed_classes : NULL;
    double *source = mass ? x + n : NULL;
    for (size_t i = 0; i < n && !status; i++) { /* the classes themselves */
        solve[i] = self->closed[i] != SIZE_MAX && moves(w, i);
        self->weight[i] = self->closed[i] != SIZE_MAX ? w->guess[i] : 0;
        passing = passing || self->closed[i] == SIZE_MAX;
    }
    if (!status)
        self->iterative = passing || residual_of(w, solve, NULL, self->weight) > ROUNDING;
    if (!status)
        status = solve_flow(w, solve, NULL, self->weight, &self->residual, error);
    for (size_t i = 0; i < n && !status; i++) { /* the others pass on to them */
        solve[i] = self->closed[i] == SIZE_MAX;
        source[i] = solve[i] ? 1 / (double)n : 0;
        x[i] = solve[i] ? source[i] / w->leave[i] : 0;
    }
    if (!status && passing && reversible(w, solve))
        status = approach_flow(w, solve, source, x, error);
    if (!status && passing)
        status = solve_flow(w, solve, source, x, &residual, error);
    for (size_t i = 0; i < n && !status; i++)
        if (self->closed[i] != SIZE_MAX) {
            mass[self->closed[i]] += 1 / (double)n + (passing ? inflow(w, x, i) : 0);
            sum[self->closed[i]] += self->weight[i];
        }
    for (size_t i = 0; i < n && !status; i++)
        if (self->closed[i] != SIZE_MAX)
            self->weight[i] *= mass[self->closed[i]] / sum[self->closed[i]];
    self->residual = fmax(self->residual, residual);
    free(mass);
    free(solve);
    return status;
}

/* Everybody meets everybody: the committed share the weight, or each agent has it in proportion to 1/alpha. */
static void complete(const qsg_model *model, qsg_influence *self)
{
    double sum = 0;
    for (size_t i = 0; i < self->agents; i++)
        self->closed_classes += qsg_model_agent(model, i).alpha == 0;
    const bool committed = self->closed_classes > 0;
    size_t class = 0;
    for (size_t i = 0; i < self->agents; i++) {
        const double alpha = qsg_model_agent(model, i).alpha;
        self->weight[i] = committed ? alpha == 0 : 1 / alpha;
        self->closed[i] = !committed ? 0 : alpha == 0 ? class++ : SIZE_MAX;
        sum += self->weight[i];
    }
    for (size_t i = 0; i < self->agents; i++)
        self->weight[i] /= sum;
    self->closed_classes = committed ? self->closed_classes : 1;
}

qsg_status qsg_influence_init(qsg_influence *self, const qsg_model *model, qsg_error *error)
{
    qsg_influence made = {.agents = (size_t)model->agents};
    walk w = {0};
    qsg_status status = qsg_model_require(model, QSG_USES_ZEALOTS | QSG_USES_GRAPH | QSG_USES_AGENTS_FILE |
                                          QSG_USES_PAIRS | QSG_USES_INNOVATION, "influence", error);
    if (!status && model->agents > MAX_AGENTS)
        status = qsg_fail(error, QSG_EDOMAIN, "influence of each agent is for at most %d agents (%llu)", MAX_AGENTS,
                          (unsigned long long)model->agents);
    if (!status && model->graph && model->exchange == QSG_BROADCAST)
        status = qsg_fail(error, QSG_EMODEL, "influence in a broadcast is not derived for graphs (%.200s); expected the "
                          "complete graph", model->texts[QSG_GRAPH]);
    if (status)
        return status;
    made.weight = malloc(made.agents * sizeof *made.weight);
    made.closed = malloc(made.agents * sizeof *made.closed);
    if (!made.weight || !made.closed)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for the influence of %zu agents", made.agents);
    if (!status && !model->graph) {
        complete(model, &made);
    } else if (!status) {
        status = walk_init(&w, model, error);
        if (!status)
            status = find_classes(&w, &made, error);
        if (!status)
            status = renumber(&made, error);
        if (!status)
            status = weigh(&w, &made, error);
    }
    walk_free(&w);
    for (size_t i = 0; i < made.agents && !status; i++)
        made.number += made.weight[i] * made.weight[i];
    made.number = 1 / made.number;
    if (status)
        qsg_influence_free(&made);
    else
        *self = made;
    return status;
}

qsg_status qsg_influence_mean(const qsg_influence *self, const qsg_model *model, double *p, qsg_error *error)
{
    double *x = calloc(2 * model->labels, sizeof *x);
    if (!x)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu labels", model->labels);
    double *sum = x + model->labels;
    for (size_t i = 0; i < self->agents; i++)
        if (self->weight[i] > 0) {
            qsg_model_start_belief(model, i, x);
            for (size_t k = 0; k < model->labels; k++)
                sum[k] += self->weight[i] * x[k];
        }
    memcpy(p, sum, model->labels * sizeof *p);
    free(x);
    return QSG_OK;
}

qsg_end qsg_influence_end(const qsg_influence *self, const qsg_model *model, const double *p)
{
    bool noisy = false, meets = model->exchange != QSG_MUTUAL || model->self > 0, sure = false;
    for (size_t k = 0; p && k < model->labels; k++)
        sure = sure || p[k] >= 1 - SURE;
    if (sure)
        return QSG_END_CONSENSUS;
    if (self->closed_classes > 1)
        return QSG_END_CLASSES;
    for (size_t i = 0; i < self->agents; i++) {
        if (self->closed[i] == SIZE_MAX)
            continue;
        if (qsg_model_is_fixed(model, i)) /* alone in the class */
            return QSG_END_UNSURE;
        const qsg_agent agent = qsg_model_agent(model, i);
        noisy = noisy || !isinf(agent.bandwidth);
        meets = meets || agent.alpha < 1;
    }
    return !noisy ? QSG_END_NOISELESS : meets ? QSG_END_CONSENSUS : QSG_END_SWAPPED;
}
