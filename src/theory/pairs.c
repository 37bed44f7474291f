/* Exact pair moments of any population: few classes by powers of a small map, many by a series.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/pairs.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "qsg/influence.h"
#include "theory/pair_end.h"
#include "theory/pair_graph.h"
#include "theory/pair_maps.h"
#include "theory/pair_power.h"
#include "theory/pair_project.h"
#include "theory/pair_slowest.h"
#include "theory/pair_start.h"
#include "theory/pair_walk.h"

/* Additions and multiplications that one answer may take: a quarter of an hour. */
#define MAX_WORK 1e12
#define MAX_SERIES 2e11 /* of the series at a known rate: minutes */
#define BLOCKS 4.0 /* what the blocks of a map that is not symmetric have in all, in terms of one of the same length */
#define LEFT 1e-11 /* of the slowest rate, that faster modes may add: below the tolerance of pair_series.h */
#define KEPT 6.0   /* e-foldings of the slowest mode in the first block, at most */
#define SMALL_ACCURACY 1e-13
#define SERIES_ACCURACY 1e-9
#define ENDED 45.0 /* e-foldings of the slowest mode after which nothing of it is left */
#define FASTER 0.3 /* work of the series, by that of a projection, from which it takes longer (paths of 500, measured) */

struct qsg_pair_moments {
    const qsg_model *model;
    pair_population population;
    pair_chain chain;
    pair_power *power; /* few states, or */
    pair_map map;      /* many */
    pair_context context;
    pair_graph graph;  /* of a graph, and weights of its agents by which the walk of a listener is nearly reversible; */
    double *weight;
    bool whole;        /* these are the influence, and everybody has some */
    pair_series *series, *mode; /* from the start; from all pairs disagreeing, when the start does not tell the rate */
    double *start;
    size_t states; /* of pairs, the first ones of a chain */
    bool decays;   /* many states: every pair that moves goes to where it ends at a positive rate */
    bool settles;  /* many states: and that end is agreement */
    double rate, accuracy; /* rate < 0: not computed */
    pair_project *project; /* of a symmetric map, where the series is long; made of the slowest mode */
    double *slowest;
    double worst; /* accuracy of what has been evaluated, relative to 1 - U */
    qsg_moments end; /* of all times, where `ended` */
    bool ended, no_end; /* no_end: it is not to be had by the levels */
    double fade; /* interactions until the slowest mode alone is left, by the next rate; 0: not known */
};

void qsg_pair_moments_free(qsg_pair_moments *self)
{
    if (!self)
        return;
    pair_series_free(self->series);
    pair_series_free(self->mode);
    pair_project_free(self->project);
    free(self->slowest);
    pair_power_free(self->power);
    pair_context_free(&self->context);
    pair_graph_free(&self->graph);
    free(self->weight);
    pair_chain_free(&self->chain);
    pair_population_free(&self->population);
    free(self->start);
    free(self);
}

static qsg_status take_start(qsg_pair_moments *self, size_t n, qsg_error *error)
{
    self->start = calloc(n, sizeof *self->start);
    return self->start ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for %zu pairs", n);
}

/* The law of single agents written out, for a graph of a few. */
static qsg_status write_out(pair_law *law, qsg_error *error)
{
    const size_t n = law->n;
    law->block = calloc(n * n, sizeof *law->block);
    if (!law->block)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the law of %zu agents", n);
    for (size_t j = 0; j < n; j++)
        for (uint64_t a = law->contacts.first[j]; a < law->contacts.first[j + 1]; a++)
            law->block[law->contacts.speakers[a] * n + j] = law->contacts.chance[a];
    return QSG_OK;
}

static qsg_status prepare_small(qsg_pair_moments *self, qsg_error *error)
{
    pair_population *p = &self->population;
    qsg_status status = QSG_OK;
    if (p->form == PAIR_GRAPH)
        status = write_out(&p->law, error);
    if (!status)
        status = pair_chain_of_groups(&self->chain, &p->law, error);
    if (!status)
        status = take_start(self, self->chain.n, error);
    if (!status)
        status = pair_start_chain(p, self->start, error);
    if (!status)
        status = pair_power_new(&self->power, &self->chain, error);
    self->states = p->law.n + p->law.n * (p->law.n + 1) / 2;
    return status;
}

static qsg_status prepare_torus(qsg_pair_moments *self, qsg_error *error)
{
    pair_population *p = &self->population;
    qsg_status status = pair_chain_of_torus(&self->chain, &p->law, p->rows, p->columns, error);
    if (!status)
        status = take_start(self, self->chain.n, error);
    if (status)
        return status;
    pair_start_torus(p, self->start);
    self->states = self->chain.n;
    return self->chain.n <= PAIR_POWER_STATES ? pair_power_new(&self->power, &self->chain, error)
                                              : pair_map_of_chain(&self->map, &self->context, &self->chain, error);
}

/* Weights of the agents by which the walk of a listener is nearly reversible: the influence, where everybody has some, or
 * what an undirected graph would give. */
static qsg_status set_weights(qsg_pair_moments *self, const qsg_influence *influence, qsg_error *error)
{
    const qsg_model *model = self->model;
    const pair_law *law = &self->population.law;
    self->weight = malloc(law->n * sizeof *self->weight);
    if (!self->weight)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the weights of %zu agents", law->n);
    self->whole = true;
    for (size_t i = 0; i < law->n; i++)
        self->whole = self->whole && influence->weight[i] > 0;
    for (size_t j = 0; j < law->n; j++) {
        double strength = 0;
        for (uint64_t a = law->contacts.first[j]; a < law->contacts.first[j + 1]; a++)
            strength += model->graph->weights ? model->graph->weights[a] : 1;
        if (law->exchange == QSG_MUTUAL || model->pairs == QSG_PAIRS_EDGE || strength == 0)
            strength = 1;
        self->weight[j] = self->whole ? influence->weight[j] : strength / (law->alpha[j] > 0 ? law->alpha[j] : 1);
    }
    return QSG_OK;
}

/* What never ends: with several closed classes, or without noise, some pairs never agree; with innovation or committed
 * agents who disagree, something is left. */
static qsg_status find_end(qsg_pair_moments *self, qsg_error *error)
{
    const pair_population *p = &self->population;
    const qsg_model *model = self->model;
    qsg_influence influence = {0};
    bool moving = false, left = false, any = false; /* a closed class that moves; a committed agent who is not sure; who moves */
    if (self->power) /* the powers know */
        return QSG_OK;
    if (p->form == PAIR_TORUS) {
        self->decays = !isinf(model->bandwidth) && (model->exchange != QSG_MUTUAL || model->alpha < 1 || model->self > 0);
        self->settles = self->decays;
        return QSG_OK;
    }
    qsg_status status = qsg_influence_init(&influence, model, error);
    if (status)
        return status;
    for (size_t i = 0; i < model->agents; i++) {
        const bool fixed = qsg_model_is_fixed(model, i);
        any = any || !fixed;
        if (influence.closed[i] == SIZE_MAX)
            continue;
        moving = moving || !fixed;
        left = left || (fixed && pair_start_self(p, i) > 0);
    }
    const qsg_end end = qsg_influence_end(&influence, model, NULL);
    self->decays = any && (model->innovation > 0 || (influence.closed_classes > 1 ? !moving : end == QSG_END_CONSENSUS ||
                                                                                              end == QSG_END_UNSURE));
    self->settles = self->decays && influence.closed_classes == 1 && !left && model->innovation == 0;
    if (p->form == PAIR_GRAPH)
        status = set_weights(self, &influence, error);
    if (!status && p->form == PAIR_GRAPH)
        status = pair_graph_init(&self->graph, &self->map, &p->law, self->weight, error);
    qsg_influence_free(&influence);
    return status;
}

qsg_status qsg_pair_moments_new(qsg_pair_moments **self, const qsg_model *model, qsg_error *error)
{
    qsg_pair_moments *made = calloc(1, sizeof *made);
    if (!made)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the pairs of a population");
    made->model = model;
    made->rate = -1;
    qsg_status status = pair_population_init(&made->population, model, error);
    const pair_population *p = &made->population;
    if (!status && p->form == PAIR_TORUS)
        status = prepare_torus(made, error);
    else if (!status && pair_states(&p->law) <= PAIR_POWER_STATES)
        status = prepare_small(made, error);
    else if (!status && p->form == PAIR_GROUPS)
        status = pair_map_of_groups(&made->map, &made->context, &p->law, error);
    if (!status)
        status = find_end(made, error);
    if (status)
        qsg_pair_moments_free(made);
    else
        *self = made;
    return status;
}

/* Work of the series over so many interactions. */
static double work_of(const qsg_pair_moments *self, double length)
{
    const double z = self->map.bound * length, terms = 20 + 9 * sqrt(z) + 8 * cbrt(z);
    return (self->map.symmetric ? 1 : BLOCKS) * terms * self->map.work;
}

/* Of many states: the series from the start, made when it is first asked for, since it takes four vectors. */
static qsg_status ready_series(qsg_pair_moments *self, qsg_error *error)
{
    qsg_status status = QSG_OK;
    if (self->series)
        return QSG_OK;
    if (!self->start) {
        status = take_start(self, self->map.n, error);
        if (!status && self->population.form == PAIR_GRAPH)
            pair_graph_start(&self->graph, &self->population, self->start);
        else if (!status)
            status = pair_start_map(&self->population, self->start, error);
    }
    if (!status)
        status = pair_series_new(&self->series, &self->map, self->start, self->settles, false, MAX_WORK, error);
    if (!status && self->fade > 0 && !self->slowest && !self->project && work_of(self, self->fade) <= MAX_SERIES)
        pair_series_expect(self->series, self->fade);
    free(self->start);
    self->start = NULL;
    return status;
}

/* Interactions for which something has to be done: later times follow from the rate, or nothing is left of it. */
static double length_of(const qsg_pair_moments *self, double t)
{
    const double last = !self->settles ? ENDED : 1;
    return self->rate > 0 ? fmin(t, self->fade > 0 && self->settles ? self->fade : last / self->rate) : 0;
}

/* Whether the series can be taken to time t, or to where the slowest mode alone is left, told before it is. */
static qsg_status check_work(const qsg_pair_moments *self, double t, qsg_error *error)
{
    const double work = work_of(self, length_of(self, t));
    if (self->rate > 0 && work > MAX_SERIES)
        return qsg_fail(error, QSG_ENUMERIC, "the pair moments of this population take too long at t = %.3g (about %.1g "
                        "operations); expected at most %.1g: earlier times or fewer agents", t, work, MAX_SERIES);
    return QSG_OK;
}

/* All pairs disagree, but those that never move: the slowest mode is in it. */
static qsg_status start_mode(qsg_pair_moments *self, qsg_error *error)
{
    const pair_law *law = &self->population.law;
    const size_t n = law->n;
    double *h = calloc(self->map.n, sizeof *h);
    if (!h)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu pairs", self->map.n);
    if (self->population.form == PAIR_GRAPH)
        pair_graph_start_mode(&self->graph, h);
    for (size_t i = 0; i < self->chain.n && self->population.form == PAIR_TORUS; i++)
        h[i] = 1;
    for (size_t a = 0; a < n && self->population.form == PAIR_GROUPS; a++) {
        for (size_t b = 0; b < n; b++)
            h[a * n + b] = (law->alpha[a] > 0 || law->alpha[b] > 0) && (a != b || law->size[a] > 1);
        h[n * n + a] = law->alpha[a] > 0;
    }
    qsg_status status = pair_series_new(&self->mode, &self->map, h, true, true, MAX_WORK, error);
    free(h);
    return status;
}

bool qsg_pair_moments_small(const qsg_pair_moments *self)
{
    return self->power != NULL;
}

double qsg_pair_moments_accuracy(const qsg_pair_moments *self)
{
    return self->worst;
}

/* Whether a projection takes less than the series to time t. */
static bool is_long(const qsg_pair_moments *self, double t)
{
    return work_of(self, t) > FASTER * pair_project_work(&self->graph);
}

/* Whether time t is to be had from a projection, which is made when it is first asked for. */
static bool projects(qsg_pair_moments *self, double t, qsg_status *status, qsg_error *error)
{
    *status = QSG_OK;
    if ((!self->slowest && !self->project) || !is_long(self, length_of(self, t)))
        return false;
    if (self->project)
        return true;
    *status = pair_project_new(&self->project, &self->graph, &self->population, self->weight, self->rate, self->slowest,
                               MAX_WORK, error);
    free(self->slowest);
    self->slowest = NULL;
    if (*status != QSG_ENOEXIST)
        return true;
    *status = QSG_OK;
    return false;
}

static qsg_status find_far_end(qsg_pair_moments *self, qsg_error *error);

qsg_status qsg_pair_moments_evolve(qsg_pair_moments *self, double t, qsg_moments *end, qsg_error *error)
{
    double accuracy = self->power ? SMALL_ACCURACY : SERIES_ACCURACY, rate;
    qsg_status status = QSG_OK;
    if (!(t >= 0 && isfinite(t) && t == floor(t)))
        return qsg_fail(error, QSG_EDOMAIN, "time is out of range (%g); expected a whole number >= 0", t);
    if (self->power) {
        status = pair_power_evolve(self->power, self->start, t, end, error);
    } else {
        if (self->rate < 0 && self->population.form == PAIR_GRAPH && self->decays && is_long(self, t))
            status = qsg_pair_moments_slow_rate(self, &rate, &accuracy, error);
        if (!status && !self->settles && self->rate > 0 && t > ENDED / self->rate && !find_far_end(self, NULL)) {
            *end = self->end;
            return QSG_OK;
        }
        const bool late = !status && projects(self, t, &status, error);
        if (!status && late)
            status = pair_project_at(self->project, t, end, &accuracy, error);
        if (late ? status == QSG_ENUMERIC && !check_work(self, t, NULL) : !status) {
            accuracy = SERIES_ACCURACY;
            status = check_work(self, t, error);
            if (!status)
                status = ready_series(self, error);
            if (!status)
                status = pair_series_at(self->series, t, end, error);
        }
    }
    self->worst = status ? self->worst : fmax(self->worst, accuracy);
    return status;
}

/* The next mode adds next/rate e^(-(next - rate) t) to the ratios that enclose the rate. */
static double fade_of(double rate, double next)
{
    return isfinite(next) && next > 1.02 * rate ? fmin(log(next / rate / LEFT) / (next - rate), KEPT / rate) : 0;
}

/* Of a graph, by its levels; QSG_ENOEXIST where these do not tell. */
static qsg_status graph_rate(qsg_pair_moments *self, double *low, double *high, qsg_error *error)
{
    double next = INFINITY;
    qsg_status status = self->model->innovation > 0 ? QSG_ENOEXIST
                        : pair_walk_rate(&self->graph.level, &self->rate, low, high, error);
    if (status != QSG_ENOEXIST)
        return status;
    status = pair_slowest_rate(&self->population.law, self->weight, self->whole, MAX_WORK, &self->rate, low, high,
                               &next, self->settles ? &self->slowest : NULL, error);
    if (!status)
        self->fade = fade_of(self->rate, next);
    if (!status && !is_long(self, length_of(self, INFINITY))) {
        free(self->slowest);
        self->slowest = NULL;
    }
    return status;
}

static qsg_status series_rate(qsg_pair_moments *self, double *low, double *high, qsg_error *error)
{
    qsg_moments now;
    qsg_status status = ready_series(self, error);
    if (!status)
        status = pair_series_at(self->series, 0, &now, error);
    const bool told = !status && self->settles && now.uncertainty + now.disagreement > 0;
    if (!status && !told && !self->mode)
        status = start_mode(self, error);
    return status ? status : pair_series_rate(told ? self->series : self->mode, &self->rate, low, high, error);
}

qsg_status qsg_pair_moments_slow_rate(qsg_pair_moments *self, double *rate, double *accuracy, qsg_error *error)
{
    double low, high;
    qsg_status status = QSG_OK;
    if (self->rate < 0 && self->power) {
        status = pair_power_slow_rate(self->power, 0, self->states, &self->rate, error);
        self->accuracy = SMALL_ACCURACY;
    } else if (self->rate < 0 && !self->decays) {
        self->rate = self->accuracy = 0;
    } else if (self->rate < 0) {
        status = self->population.form == PAIR_GRAPH ? graph_rate(self, &low, &high, error) : QSG_ENOEXIST;
        if (status == QSG_ENOEXIST)
            status = series_rate(self, &low, &high, error);
        if (!status)
            self->accuracy = (high - low) / self->rate + 8 * DBL_EPSILON * self->map.bound / self->rate;
    }
    if (!status) {
        *rate = self->rate;
        *accuracy = self->accuracy;
    } else {
        self->rate = -1;
    }
    return status;
}

/* The end of a graph with committed agents by its levels, where the series to it is long.  QSG_ENOEXIST: there is no such. */
static qsg_status find_far_end(qsg_pair_moments *self, qsg_error *error)
{
    double rate, accuracy, moments[2], before;
    if (self->ended)
        return QSG_OK;
    if (self->no_end || self->population.form != PAIR_GRAPH || !self->decays || self->model->innovation > 0 ||
        qsg_pair_moments_slow_rate(self, &rate, &accuracy, error) || !is_long(self, ENDED / rate))
        return QSG_ENOEXIST;
    double *h = malloc(self->map.n * sizeof *h);
    if (!h)
        return qsg_fail(error, QSG_ENOMEM, "no memory for %zu pairs", self->map.n);
    pair_graph_start(&self->graph, &self->population, h);
    pair_graph_measure(&self->graph, h, moments);
    before = moments[0] + moments[1] / self->population.law.agents;
    const qsg_status status = pair_end_solve(&self->graph, self->weight, rate, MAX_WORK, h, &accuracy, error);
    if (!status) {
        pair_graph_measure(&self->graph, h, moments);
        self->end = (qsg_moments){fmax(moments[0], 0), fmax(moments[1], 0)};
        self->ended = true;
        self->worst = fmax(self->worst, accuracy * fmax(1, before / (moments[0] + moments[1] / self->population.law.agents)));
    }
    self->no_end = status == QSG_ENOEXIST;
    free(h);
    return status;
}

qsg_status qsg_pair_moments_stationary(qsg_pair_moments *self, qsg_moments *end, qsg_error *error)
{
    if (!self->power && self->settles) {
        *end = (qsg_moments){0, 0};
        return QSG_OK;
    }
    if (self->power)
        return pair_power_stationary(self->power, self->start, end, error);
    qsg_status status = find_far_end(self, error);
    if (!status)
        *end = self->end;
    if (status != QSG_ENOEXIST)
        return status;
    status = ready_series(self, error);
    return status ? status : pair_series_stationary(self->series, end, error);
}

/* 1 - E[U_t]; NaN with the status otherwise. */
static double heterogeneity_at(qsg_pair_moments *self, double t, qsg_status *status, qsg_error *error)
{
    qsg_moments at = {0, 0};
    *status = qsg_pair_moments_evolve(self, t, &at, error);
    return *status ? NAN : qsg_moments_heterogeneity(self->model, &at);
}

qsg_status qsg_pair_moments_consensus_time(qsg_pair_moments *self, double threshold, double *t, qsg_error *error)
{
    qsg_status status;
    if (!(threshold > 0 && threshold < 1))
        return qsg_fail(error, QSG_EDOMAIN, "consensus threshold is out of range (%g); expected a number in (0, 1)",
                        threshold);
    const double target = 1 - threshold;
    double low = 0, high = 1, before = heterogeneity_at(self, 0, &status, error), after = before;
    if (status || before <= target) {
        if (!status)
            *t = 0;
        return status;
    }
    if (!self->power && projects(self, INFINITY, &status, error) && !status) {
        double accuracy;
        status = pair_project_time(self->project, target, t, &accuracy, error);
        self->worst = status ? self->worst : fmax(self->worst, accuracy);
        return status;
    }
    if (!self->power && self->settles && !status)
        status = check_work(self, INFINITY, error);
    if (status)
        return status;
    qsg_moments end;
    if (qsg_pair_moments_stationary(self, &end, NULL) == QSG_OK &&
        qsg_moments_heterogeneity(self->model, &end) >= target)
        return qsg_fail(error, QSG_ENOEXIST, "E[U] stays below the consensus threshold (%g)", threshold);
    for (;; low = high, before = after, high *= 2) {
        after = heterogeneity_at(self, high, &status, error);
        if (status || after <= target)
            break;
        if (high > 1e300)
            return qsg_fail(error, QSG_ENOEXIST, "E[U] stays below the consensus threshold (%g)", threshold);
    }
    while (!status && high - low > 1) {
        const double middle = floor(low + (high - low) / 2);
        if (!(middle > low && middle < high))
            break;
        const double rest = heterogeneity_at(self, middle, &status, error);
        if (rest > target)
            low = middle, before = rest;
        else
            high = middle, after = rest;
    }
    if (!status)
        *t = after > 0 && before > after ? low + (high - low) * log(before / target) / log(before / after) : high;
    return status;
}

qsg_status qsg_pair_moments_effective_size(const qsg_model *model, double rate, double *size, qsg_error *error)
{
    const double a = model->alpha, m = model->bandwidth;
    if (model->agent_alpha || model->agent_bandwidth || model->zealots || model->self > 0 ||
        model->exchange != QSG_ONEWAY || model->innovation > 0)
        return qsg_fail(error, QSG_EMODEL, "the effective size compares with a well-mixed population of the same agents; "
                        "expected identical agents, one-way exchange and no own output");
    if (!(rate > 0) || isinf(m))
        return qsg_fail(error, QSG_ENOEXIST, "the effective size does not exist: the mean belief stops moving");
    *size = sqrt(2 * a * a / (rate * (2 * m * (1 - a) + a)));
    return QSG_OK;
}
