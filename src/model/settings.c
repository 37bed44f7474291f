/* Model options as texts: their table and the settings that collect them.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/model.h"

#include <stdlib.h>
#include <string.h>

const qsg_option_info qsg_model_options[QSG_MODEL_OPTIONS] = {
    [QSG_AGENTS] = {"agents", 'N', "N", NULL, "number of agents, 2 or more"},
    [QSG_LABELS] = {"labels", 'K', "K", "2", "number of labels, 2 or more"},
    [QSG_ALPHA] = {"alpha", 'a', "A", NULL, "adaptation rate of a listener, in (0, 1], unless agents-file has a column alpha"},
    [QSG_BANDWIDTH] = {"bandwidth", 'm', "M", "1", "labels a message carries: a whole number, or inf"},
    [QSG_SELF] = {"self", 0, "B", "0", "own output: how far a speaker moves towards what it said; alpha + B <= 1"},
    [QSG_FIELD] = {"field", 0, "h|h1,..,hK", "0", "bias of the channel towards labels; one number: label 1 of K = 2"},
    [QSG_TEMPER] = {"temper", 0, "T", "1", "temperature of the channel, > 0; below 1 sharpens"},
    [QSG_INNOVATION] = {"innovation", 0, "E", "0", "probability that a label is drawn from the prior, in [0, 1]"},
    [QSG_PRIOR] = {"prior", 0, "r1,..,rK", "uniform", "distribution of innovations"},
    [QSG_EXCHANGE] = {"exchange", 0, "oneway|mutual|broadcast", "oneway", "who learns in an interaction"},
    [QSG_ZEALOTS] = {"zealots", 0, "z1,..,zK", "none", "committed agents per label, among the N; --init is about the others"},
    [QSG_EVIDENCE] = {"evidence", 0, "a1,a2", "none", "chances that an agent is committed to label 1, to label 2 (K = 2)"},
    [QSG_ADOPTION] = {"adoption", 0, "h0", "0", "log odds of adopting a heard label 1 against 2 (K = 2)"},
    [QSG_GRAPH] = {"graph", 0, "complete|ring|star|torus:LxW|er:P:SEED|ba:M:SEED|FILE", "complete", "who meets whom"},
    [QSG_PAIRS] = {"pairs", 0, "distinct|with-replacement|edge", "distinct", "how an interaction draws its agents"},
    [QSG_AGENTS_FILE] = {"agents-file", 0, "FILE", "none", "TSV with an agent a row: a heterogeneous population"},
    [QSG_INIT] = {"init", 0, "uniform|p1,..,pK|onehot:n1,..,nK|dirichlet:c|FILE", "uniform", "beliefs at t = 0"},
};

static int option_index(const char *name)
{
    static const struct { const char *symbol; qsg_option option; } symbols[] = {
        {"N", QSG_AGENTS}, {"K", QSG_LABELS}, {"a", QSG_ALPHA}, {"m", QSG_BANDWIDTH},
        {"h", QSG_FIELD}, {"T", QSG_TEMPER},
    };
    for (int i = 0; i < QSG_MODEL_OPTIONS; i++)
        if (strcmp(name, qsg_model_options[i].name) == 0)
            return i;
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
        if (strcmp(name, symbols[i].symbol) == 0)
            return (int)symbols[i].option;
    return -1;
}

qsg_status qsg_settings_set(qsg_settings *self, const char *name, const char *text, qsg_error *error)
{
    int i = option_index(name);
    if (i < 0)
        return qsg_fail(error, QSG_EINPUT, "unknown model option (%s); expected a long option name such as alpha",
                        name);
    char *copied = strdup(text);
    if (!copied)
        return qsg_fail(error, QSG_ENOMEM, "no memory for option %s", name);
    free(self->texts[i]);
    self->texts[i] = copied;
    return QSG_OK;
}

qsg_status qsg_settings_copy(qsg_settings *self, const qsg_settings *from)
{
    for (int i = 0; i < QSG_MODEL_OPTIONS; i++)
        if (from->texts[i] && qsg_settings_set(self, qsg_model_options[i].name, from->texts[i], NULL)) {
            qsg_settings_free(self);
            return QSG_ENOMEM;
        }
    return QSG_OK;
}

void qsg_settings_free(qsg_settings *self)
{
    for (int i = 0; i < QSG_MODEL_OPTIONS; i++) {
        free(self->texts[i]);
        self->texts[i] = NULL;
    }
}

qsg_status qsg_settings_parse(qsg_settings *self, const char *text, const char *separators, qsg_error *error)
{
    qsg_status status = QSG_OK;
    char *copied = strdup(text), *rest = NULL;
    if (!copied)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the model settings");
    for (char *word = strtok_r(copied, separators, &rest); word && !status; word = strtok_r(NULL, separators, &rest)) {
        char *equals = strchr(word, '=');
        if (equals)
            *equals = 0;
        status = equals ? qsg_settings_set(self, word, equals + 1, error)
                        : qsg_fail(error, QSG_EINPUT, "model setting is not NAME=VALUE (%s); expected say alpha=0.5",
                                   word);
    }
    free(copied);
    return status;
}

qsg_status qsg_model_parse(qsg_model *self, const char *text, qsg_error *error)
{
    qsg_settings settings = {0};
    qsg_status status = qsg_settings_parse(&settings, text, " ", error);
    if (!status)
        status = qsg_model_init(self, &settings, error);
    qsg_settings_free(&settings);
    return status;
}
