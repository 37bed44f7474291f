/* The validated model: every option read and checked, one line of complaint for the first that is wrong.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/model_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"

#define MAX_AGENTS UINT64_C(1000000000000)
#define MAX_LABELS 1000000

/* Beyond these the channel's exponents and the squares of rates would leave the range of a double. */
#define MIN_TEMPER 1e-300
#define MAX_FIELD 1e300

/* How far a given distribution may be from summing to 1: numbers rounded to six decimals pass, up to 2,000 of them. */
#define SUM_TOLERANCE(n) fmin(5.1e-7 * (double)(n), 1e-3)

qsg_status model_check_distribution(double *p, size_t n, size_t labels, const char *what, qsg_error *error)
{
    if (n != labels)
        return qsg_fail(error, QSG_EDOMAIN, "%s has %zu number%s; expected %zu, one a label", what, n,
                        n == 1 ? "" : "s", labels);
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        if (!(p[k] >= 0))
            return qsg_fail(error, QSG_EDOMAIN, "%s has a negative probability (%g for label %zu); expected >= 0", what,
                            p[k], k + 1);
        sum += p[k];
    }
    if (!(fabs(sum - 1) <= SUM_TOLERANCE(n)))
        return qsg_fail(error, QSG_EDOMAIN, "%s does not sum to 1 (sum %.9g); expected probabilities", what, sum);
    for (size_t k = 0; k < n; k++)
        p[k] /= sum;
    return QSG_OK;
}

typedef qsg_status reader(qsg_model *self, const char *text, qsg_error *error);

static qsg_status read_agents(qsg_model *self, const char *text, qsg_error *error)
{
    return parse_whole(text, "number of agents", 2, MAX_AGENTS, &self->agents, error);
}

static qsg_status read_labels(qsg_model *self, const char *text, qsg_error *error)
{
    uint64_t labels;
    qsg_status status = parse_whole(text, "number of labels", 2, MAX_LABELS, &labels, error);
    if (!status)
        self->labels = (size_t)labels;
    return status;
}

static qsg_status read_alpha(qsg_model *self, const char *text, qsg_error *error)
{
    const char *expected = "a number in (0, 1]";
    qsg_status status = parse_number(text, "alpha", expected, &self->alpha, error);
    if (!status && !(self->alpha > 0 && self->alpha <= 1))
        return qsg_fail(error, QSG_EDOMAIN, "alpha is out of range (%.200s); expected %s", text, expected);
    if (!status && self->alpha < MODEL_MIN_ALPHA)
        return qsg_fail(error, QSG_EDOMAIN, "alpha is too small for double precision (%.200s); expected at least %g",
                        text, MODEL_MIN_ALPHA);
    return status;
}

static qsg_status read_bandwidth(qsg_model *self, const char *text, qsg_error *error)
{
    uint64_t m;
    if (strcmp(text, "inf") == 0) {
        self->bandwidth = INFINITY;
        return QSG_OK;
    }
    if (parse_whole(text, "bandwidth", 1, MODEL_MAX_BANDWIDTH, &m, NULL))
        return qsg_fail(error, QSG_EDOMAIN,
                        "bandwidth is out of range (%.200s); expected a whole number from 1 to %d, or inf", text,
                        MODEL_MAX_BANDWIDTH);
    self->bandwidth = (double)m;
    return QSG_OK;
}

static qsg_status read_self(qsg_model *self, const char *text, qsg_error *error)
{
    const char *expected = "a number >= 0 with alpha + self <= 1";
    qsg_status status = parse_number(text, "self", expected, &self->self, error);
    if (!status && !(self->self >= 0 && self->alpha + self->self <= 1 + 4e-16))
        return qsg_fail(error, QSG_EDOMAIN, "self is out of range (%.200s, with alpha %g); expected %s", text,
                        self->alpha, expected);
    if (!status && self->alpha + self->self > 1) /* decimals that add up to 1, but for their rounding */
        self->self = 1 - self->alpha;
    return status;
}

/* A field shifted by a constant is the same channel, so one that is constant is none. */
static qsg_status read_field(qsg_model *self, const char *text, qsg_error *error)
{
    double *h = NULL;
    size_t n;
    qsg_status status = parse_list(text, "field", &h, &n, error);
    if (status)
        return status;
    if (n == 1 && (self->labels == 2 || h[0] == 0)) {
        double scalar = h[0];
        free(h);
        if (scalar == 0)
            return QSG_OK;
        h = calloc(2, sizeof *h);
        if (!h)
            return qsg_fail(error, QSG_ENOMEM, "no memory for the field");
        h[0] = scalar;
        n = 2;
    }
    if (n != self->labels) {
        free(h);
        return qsg_fail(error, QSG_EDOMAIN, "field has %zu number%s (%.100s); expected %zu, one a label%s", n,
                        n == 1 ? "" : "s", text, self->labels,
                        n == 1 ? " (a single number is for K = 2)" : "");
    }
    bool flat = true;
    for (size_t k = 0; k < n; k++) {
        flat = flat && h[k] == h[0];
        if (!(fabs(h[k]) <= MAX_FIELD)) {
            const double value = h[k];
            free(h);
            return qsg_fail(error, QSG_EDOMAIN, "field is out of range (%g for label %zu); expected at most %g in size",
                            value, k + 1, MAX_FIELD);
        }
    }
    if (flat)
        free(h);
    else
        self->field = h;
    return QSG_OK;
}

static qsg_status read_temper(qsg_model *self, const char *text, qsg_error *error)
{
    qsg_status status = parse_number(text, "temper", "a number > 0", &self->temper, error);
    if (!status && !(self->temper >= MIN_TEMPER))
        return qsg_fail(error, QSG_EDOMAIN, "temper is out of range (%.200s); expected a number > 0 (at least %g)",
                        text, MIN_TEMPER);
    return status;
}

static qsg_status read_innovation(qsg_model *self, const char *text, qsg_error *error)
{
    qsg_status status = parse_number(text, "innovation", "a number in [0, 1]", &self->innovation, error);
    if (!status && !(self->innovation >= 0 && self->innovation <= 1))
        return qsg_fail(error, QSG_EDOMAIN, "innovation is out of range (%.200s); expected a number in [0, 1]", text);
    return status;
}

static qsg_status read_prior(qsg_model *self, const char *text, qsg_error *error)
{
    size_t n = self->labels;
    qsg_status status = QSG_OK;
    if (strcmp(text, "uniform") == 0) {
        self->prior = malloc(n * sizeof *self->prior);
        if (!self->prior)
            return qsg_fail(error, QSG_ENOMEM, "no memory for the prior");
        for (size_t k = 0; k < n; k++)
            self->prior[k] = 1 / (double)n;
    } else {
        status = parse_list(text, "prior", &self->prior, &n, error);
        if (!status)
            status = model_check_distribution(self->prior, n, self->labels, "prior", error);
    }
    return status;
}

static const char *const exchange_names[] = {"oneway", "mutual", "broadcast"};

static qsg_status read_exchange(qsg_model *self, const char *text, qsg_error *error)
{
    for (int i = 0; i < 3; i++)
        if (strcmp(text, exchange_names[i]) == 0) {
            self->exchange = (qsg_exchange)i;
            return QSG_OK;
        }
    return qsg_fail(error, QSG_EINPUT, "exchange is unknown (%.200s); expected oneway, mutual or broadcast", text);
}

static qsg_status read_adoption(qsg_model *self, const char *text, qsg_error *error)
{
    qsg_status status = parse_number(text, "adoption", "a finite log odds", &self->adoption, error);
    if (!status && self->adoption != 0 && self->labels != 2)
        return qsg_fail(error, QSG_EDOMAIN, "adoption is for two labels (%.200s with K = %zu); expected K = 2", text,
                        self->labels);
    return status;
}

static reader *const readers[QSG_MODEL_OPTIONS] = {
    [QSG_AGENTS] = read_agents,         [QSG_LABELS] = read_labels,     [QSG_ALPHA] = read_alpha,
    [QSG_BANDWIDTH] = read_bandwidth,   [QSG_SELF] = read_self,         [QSG_FIELD] = read_field,
    [QSG_TEMPER] = read_temper,         [QSG_INNOVATION] = read_innovation, [QSG_PRIOR] = read_prior,
    [QSG_EXCHANGE] = read_exchange,     [QSG_ZEALOTS] = model_read_zealots,   [QSG_ADOPTION] = read_adoption,
    [QSG_EVIDENCE] = model_read_evidence,     [QSG_PAIRS] = model_read_pairs,
    [QSG_GRAPH] = model_read_graph,           [QSG_AGENTS_FILE] = model_read_agents_file, [QSG_INIT] = model_read_start,
};

qsg_status qsg_model_init(qsg_model *self, const qsg_settings *settings, qsg_error *error)
{
    qsg_model model = {0};
    qsg_status status = QSG_OK;
    for (int i = 0; i < QSG_MODEL_OPTIONS && !status; i++) {
        const qsg_option_info *info = &qsg_model_options[i];
        const char *text = settings->texts[i] ? settings->texts[i] : info->standard;
        if (!text && i == QSG_ALPHA && settings->texts[QSG_AGENTS_FILE]) /* a column may have it */
            continue;
        if (!text) {
            status = qsg_fail(error, QSG_EINPUT, "--%s is missing; expected %s", info->name, info->help);
            break;
        }
        model.texts[i] = strdup(text);
        status = model.texts[i] ? readers[i](&model, text, error) : qsg_fail(error, QSG_ENOMEM, "no memory");
    }
    if (!status && !model.texts[QSG_ALPHA])
        status = model_take_alpha(&model, error);
    if (!status)
        status = model_check_population(&model, error);
    if (status)
        qsg_model_free(&model);
    else
        *self = model;
    return status;
}

void qsg_model_free(qsg_model *self)
{
    for (int i = 0; i < QSG_MODEL_OPTIONS; i++)
        free(self->texts[i]);
    free(self->field);
    free(self->prior);
    free(self->zealots);
    free(self->agent_alpha);
    free(self->agent_bandwidth);
    if (self->graph)
        qsg_graph_free(self->graph);
    free(self->graph);
    free(self->start.p);
    free(self->start.counts);
    free(self->start.beliefs);
    *self = (qsg_model){0};
}

unsigned qsg_model_uses(const qsg_model *self)
{
    return (self->field ? QSG_USES_FIELD : 0) | (self->temper != 1 ? QSG_USES_TEMPER : 0) |
           (self->innovation > 0 ? QSG_USES_INNOVATION : 0) | (self->zealots ? QSG_USES_ZEALOTS : 0) |
           (self->adoption != 0 ? QSG_USES_ADOPTION : 0) |
           (self->graph_kind != QSG_GRAPH_COMPLETE ? QSG_USES_GRAPH : 0) |
           (strcmp(self->texts[QSG_AGENTS_FILE], "none") != 0 ? QSG_USES_AGENTS_FILE : 0) |
           (self->evidence[0] > 0 || self->evidence[1] > 0 ? QSG_USES_EVIDENCE : 0) |
           (self->pairs != QSG_PAIRS_DISTINCT ? QSG_USES_PAIRS : 0);
}

qsg_status qsg_model_require(const qsg_model *self, unsigned supported, const char *who, qsg_error *error)
{
    static const struct { unsigned bit; qsg_option option; const char *expected; } features[] = {
        {QSG_USES_FIELD, QSG_FIELD, "no field"},
        {QSG_USES_TEMPER, QSG_TEMPER, "1"},
        {QSG_USES_INNOVATION, QSG_INNOVATION, "0"},
        {QSG_USES_ZEALOTS, QSG_ZEALOTS, "no zealots"},
        {QSG_USES_ADOPTION, QSG_ADOPTION, "0"},
        {QSG_USES_GRAPH, QSG_GRAPH, "complete; graphs go with simulate, and with predict where there is no --field or --temper"},
        {QSG_USES_AGENTS_FILE, QSG_AGENTS_FILE, "identical agents"},
        {QSG_USES_EVIDENCE, QSG_EVIDENCE, "none"},
        {QSG_USES_PAIRS, QSG_PAIRS, "distinct"},
    };
    unsigned missing = qsg_model_uses(self) & ~supported;
    for (size_t i = 0; i < sizeof features / sizeof *features; i++)
        if (missing & features[i].bit)
            return qsg_fail(error, QSG_EMODEL, "%s does not support --%s (%.100s); expected %s", who,
                            qsg_model_options[features[i].option].name, self->texts[features[i].option],
                            features[i].expected);
    return QSG_OK;
}

void qsg_model_describe(const qsg_model *self, qsg_result *result)
{
    const char *none = "";
    qsg_result_integer(result, "model.agents", (int64_t)self->agents, none, QSG_INPUT, "N");
    qsg_result_integer(result, "model.labels", (int64_t)self->labels, none, QSG_INPUT, "K");
    qsg_result_number(result, "model.alpha", self->agent_alpha && !self->texts[QSG_ALPHA] ? NAN : self->alpha, none,
                      QSG_INPUT, "listener's adaptation rate");
    qsg_result_number(result, "model.self", self->self, none, QSG_INPUT, "own output");
    if (isinf(self->bandwidth))
        qsg_result_text(result, "model.bandwidth", "inf", "m");
    else
        qsg_result_integer(result, "model.bandwidth", (int64_t)self->bandwidth, none, QSG_INPUT, "m");
    if (!self->field)
        qsg_result_number(result, "model.field", 0, none, QSG_INPUT, "h");
    else if (!strchr(self->texts[QSG_FIELD], ','))
        qsg_result_number(result, "model.field", self->field[0], none, QSG_INPUT, "h on label 1");
    else
        qsg_result_vector(result, "model.field", self->labels, self->field, none, QSG_INPUT, "h per label");
    qsg_result_number(result, "model.temper", self->temper, none, QSG_INPUT, "T");
    qsg_result_number(result, "model.innovation", self->innovation, none, QSG_INPUT, "epsilon");
    qsg_result_text(result, "model.prior", self->texts[QSG_PRIOR], "rho");
    qsg_result_text(result, "model.exchange", exchange_names[self->exchange], "");
    qsg_result_text(result, "model.zealots", self->texts[QSG_ZEALOTS], "");
    qsg_result_number(result, "model.adoption", self->adoption, none, QSG_INPUT, "h0");
    qsg_result_text(result, "model.graph", self->texts[QSG_GRAPH], "");
    if (qsg_model_uses(self) & QSG_USES_EVIDENCE)
        qsg_result_vector(result, "model.evidence", 2, self->evidence, none, QSG_INPUT, "chances to be committed");
    if (qsg_model_uses(self) & QSG_USES_PAIRS)
        qsg_result_text(result, "model.pairs", self->texts[QSG_PAIRS], "");
    if (qsg_model_uses(self) & QSG_USES_AGENTS_FILE)
        qsg_result_text(result, "model.agents_file", self->texts[QSG_AGENTS_FILE], "");
    qsg_result_text(result, "model.init", self->texts[QSG_INIT], "");
}
