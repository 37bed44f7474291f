/* The state at t = 0, from --init.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "model/model_private.h"

/* Logarithms of Dirichlet variates, up to 40/c, would leave the range of a double. */
#define MIN_CONCENTRATION 1e-300

static double *new_vector(size_t n, qsg_error *error)
{
    double *v = calloc(n ? n : 1, sizeof *v);
    if (!v)
        qsg_fail(error, QSG_ENOMEM, "no memory for %zu numbers of init", n);
    return v;
}

static qsg_status start_uniform(qsg_model *self, qsg_error *error)
{
    self->start.p = new_vector(self->labels, error);
    if (!self->start.p)
        return QSG_ENOMEM;
    for (size_t k = 0; k < self->labels; k++)
        self->start.p[k] = 1 / (double)self->labels;
    return QSG_OK;
}

static qsg_status start_onehot(qsg_model *self, const char *text, qsg_error *error)
{
    double *n = NULL, sum = 0;
    size_t length;
    qsg_status status = parse_list(text, "init onehot", &n, &length, error);
    if (status)
        return status;
    if (length != self->labels)
        status = qsg_fail(error, QSG_EDOMAIN, "init onehot has %zu count%s; expected %zu, one a label", length,
                          length == 1 ? "" : "s", self->labels);
    for (size_t k = 0; !status && k < length; k++) {
        sum += n[k];
        if (!(n[k] >= 0 && n[k] == floor(n[k])))
            status = qsg_fail(error, QSG_EDOMAIN,
                              "init onehot has a bad count (%g for label %zu); expected a whole number >= 0", n[k],
                              k + 1);
    }
    if (!status && sum != (double)self->free_agents)
        status = qsg_fail(error, QSG_EDOMAIN,
                          "init onehot does not add up (%.15g of %llu agents); expected an agent for each", sum,
                          (unsigned long long)self->free_agents);
    if (!status) {
        self->start.kind = QSG_START_ONEHOT;
        self->start.p = n;
        self->start.counts = calloc(length, sizeof *self->start.counts);
        if (!self->start.counts)
            return qsg_fail(error, QSG_ENOMEM, "no memory for init"); /* the model frees p */
        for (size_t k = 0; k < length; k++) {
            self->start.counts[k] = (uint64_t)n[k];
            n[k] = self->free_agents > 0 ? n[k] / (double)self->free_agents : 1 / (double)length;
        }
        n = NULL;
    }
    free(n);
    return status;
}

static qsg_status start_dirichlet(qsg_model *self, const char *text, qsg_error *error)
{
    const char *expected = "dirichlet:c with c > 0";
    double c;
    qsg_status status = parse_number(text, "init dirichlet", expected, &c, error);
    if (!status && !(c > 0))
        status = qsg_fail(error, QSG_EDOMAIN, "init dirichlet is out of range (%.200s); expected %s", text, expected);
    if (!status && c < MIN_CONCENTRATION)
        status = qsg_fail(error, QSG_EDOMAIN, "init dirichlet is too small for double precision (%.200s); expected "
                                              "c of at least %g", text, MIN_CONCENTRATION);
    if (!status)
        status = start_uniform(self, error);
    if (!status) {
        self->start.kind = QSG_START_DIRICHLET;
        self->start.concentration = c;
    }
    return status;
}

/* Whether the line begins with a number, be it nan: a line that does not may be a header. */
static bool starts_with_number(const char *line)
{
    char *end;
    strtod(line, &end);
    return end > line && (!*end || *end == ',' || isspace((unsigned char)*end));
}

/* One row of K numbers into x; QSG_EINPUT with file:line otherwise. */
static qsg_status read_row(char *line, size_t labels, double *x, const char *path, size_t number, qsg_error *error)
{
    char *at = line, *end;
    size_t n = 0;
    double sum = 0;
    for (; *at; at = end) {
        double value = strtod(at, &end);
        if (n == labels)
            return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: the row goes on after its numbers (%.20s); expected %zu, one a "
                                               "label", path, number, at, labels);
        if (end == at)
            return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: belief %zu is not a number (%.*s); expected a number in [0, 1]",
                            path, number, n + 1, (int)fmin(20, (double)strcspn(at, ", \t\r\n")), at);
        if (!(value >= 0 && value <= 1 + 1e-9))
            return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: belief %zu is %g; expected a number in [0, 1]", path,
                            number, n + 1, value);
        x[n++] = value;
        sum += value;
        while (isspace((unsigned char)*end) || *end == ',')
            end++;
    }
    if (n != labels)
        return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: the row is short (%zu number%s); expected %zu, one a label", path,
                        number, n, n == 1 ? "" : "s", labels);
    if (!(fabs(sum - 1) <= 1e-6))
        return qsg_fail(error, QSG_EINPUT, "%.200s:%zu: beliefs sum to %.9g; expected 1", path, number, sum);
    for (size_t k = 0; k < labels; k++)
        x[k] /= sum;
    return QSG_OK;
}

/* The mean of the beliefs of all free agents into start.p. */
static void average(qsg_model *self)
{
    for (size_t i = 0; i < self->free_agents; i++)
        for (size_t k = 0; k < self->labels; k++)
            self->start.p[k] += self->start.beliefs[i * self->labels + k] / (double)self->free_agents;
}

/* The beliefs are there already, from --agents-file. */
static qsg_status start_given(qsg_model *self, qsg_error *error)
{
    self->start.kind = QSG_START_BELIEFS;
    self->start.p = new_vector(self->labels, error);
    if (!self->start.p)
        return QSG_ENOMEM;
    average(self);
    return QSG_OK;
}

static qsg_status start_file(qsg_model *self, const char *path, qsg_error *error)
{
    size_t labels = self->labels, agent = 0, number = 0, room = 0;
    bool headed = false;
    char *line = NULL;
    qsg_status status = QSG_OK;
    FILE *file = fopen(path, "r");
    double *values = NULL;
    size_t n;
    if (!file && strchr(path, ',') && !strchr(path, '/')) { /* meant as a list: say which entry is wrong */
        status = parse_list(path, "init", &values, &n, error);
        free(values);
        if (status)
            return status;
    }
    if (!file)
        return qsg_fail(error, QSG_EINPUT,
                        "init is neither a known form nor a readable file (%.200s: %s); expected uniform, p1,..,pK, "
                        "onehot:n1,..,nK, dirichlet:c or a file with a belief a row",
                        path, strerror(errno));
    if ((double)self->free_agents * (double)labels > MODEL_MAX_BELIEFS) {
        fclose(file);
        return qsg_fail(error, QSG_EDOMAIN, "init from a file is too large (%g numbers); expected at most %g",
                        (double)self->free_agents * (double)labels, MODEL_MAX_BELIEFS);
    }
    self->start.kind = QSG_START_BELIEFS;
    self->start.beliefs = new_vector((size_t)self->free_agents * labels, error);
    self->start.p = self->start.beliefs ? new_vector(labels, error) : NULL;
    if (!self->start.p)
        status = QSG_ENOMEM;
    while (!status && getline(&line, &room, file) > 0) {
        char *at = line + (!number && strncmp(line, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0); /* a byte order mark */
        at += strspn(at, " \t\r\n");
        number++;
        if (!*at || *at == '#')
            continue;
        if (!agent && !headed && !starts_with_number(at))
            headed = true;
        else if (agent == self->free_agents)
            status = qsg_fail(error, QSG_EINPUT, "%.200s:%zu: more rows than agents; expected %llu", path, number,
                              (unsigned long long)self->free_agents);
        else
            status = read_row(at, labels, self->start.beliefs + labels * agent++, path, number, error);
    }
    if (!status && ferror(file))
        status = qsg_fail(error, QSG_EIO, "reading init failed (%.200s: %s)", path, strerror(errno));
    if (!status && agent < self->free_agents)
        status = qsg_fail(error, QSG_EINPUT, "%.200s has too few rows of beliefs (%zu%s); expected %llu, one an agent",
                          path, agent, headed ? " below a header" : "", (unsigned long long)self->free_agents);
    if (!status)
        average(self);
    free(line);
    fclose(file);
    return status;
}

qsg_status model_read_start(qsg_model *self, const char *text, qsg_error *error)
{
    if (self->start.beliefs && strcmp(text, "uniform") != 0)
        return qsg_fail(error, QSG_EINPUT, "init and the beliefs of agents-file are both given (%.200s); expected one of "
                        "them", text);
    if (self->start.beliefs)
        return start_given(self, error);
    if (strcmp(text, "uniform") == 0)
        return start_uniform(self, error);
    if (strncmp(text, "onehot:", 7) == 0)
        return start_onehot(self, text + 7, error);
    if (strncmp(text, "dirichlet:", 10) == 0)
        return start_dirichlet(self, text + 10, error);
    if (strspn(text, "0123456789.,eE+-") == strlen(text)) {
        size_t n;
        qsg_status status = parse_list(text, "init", &self->start.p, &n, error);
        return status ? status : model_check_distribution(self->start.p, n, self->labels, "init", error);
    }
    return start_file(self, text, error);
}
