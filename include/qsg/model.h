/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_MODEL_H
#define QSG_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <qsg/graph.h>
#include <qsg/result.h>
#include <qsg/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Who learns in one interaction (doc/theory/model.md). */
typedef enum { QSG_ONEWAY, QSG_MUTUAL, QSG_BROADCAST } qsg_exchange;

/** How the beliefs are set at t = 0. */
typedef enum {
    QSG_START_POINT,     /* every agent at the belief `start.p` (uniform: 1/K each) */
    QSG_START_ONEHOT,    /* start.counts[k] agents sure of label k */
    QSG_START_DIRICHLET, /* each agent drawn independently from Dirichlet(c, .., c) */
    QSG_START_BELIEFS    /* one belief an agent, from --init FILE or --agents-file */
} qsg_start_kind;

/** The model options, in the order in which they are documented. */
typedef enum {
    QSG_AGENTS, QSG_LABELS, QSG_ALPHA, QSG_BANDWIDTH, QSG_SELF, QSG_FIELD, QSG_TEMPER, QSG_INNOVATION, QSG_PRIOR,
    QSG_EXCHANGE, QSG_ZEALOTS, QSG_EVIDENCE, QSG_ADOPTION, QSG_GRAPH, QSG_PAIRS, QSG_AGENTS_FILE, QSG_INIT,
    QSG_MODEL_OPTIONS
} qsg_option;

typedef enum { QSG_GRAPH_COMPLETE, QSG_GRAPH_RING, QSG_GRAPH_STAR, QSG_GRAPH_TORUS, QSG_GRAPH_ER, QSG_GRAPH_BA,
    QSG_GRAPH_FILE } qsg_graph_kind;

/** How an interaction draws its two agents. */
typedef enum {
    QSG_PAIRS_DISTINCT,    /* a listener, then a speaker among the others (on a graph: among its neighbours) */
    QSG_PAIRS_REPLACEMENT, /* both from all N: an agent may draw itself, and nothing happens */
    QSG_PAIRS_EDGE         /* an edge of the graph, then which end speaks */
} qsg_pairs;

/** Everything that defines the process, validated; read its members, never write them.  Arrays over labels have
 *  `labels` members and belong to the model. */
typedef struct {
    uint64_t agents;  /* N, 2 .. 10^12 */
    size_t labels;    /* K, 2 .. 10^6 */
    double alpha;     /* listener's adaptation rate, (0, 1]; not given: the slowest of agent_alpha */
    double bandwidth; /* m, whole and >= 1, or INFINITY (the message is the distribution itself) */
    double self;      /* own output beta, >= 0, alpha + self <= 1 */
    double *field;    /* h_k, or NULL when it does nothing (all equal) */
    double temper;    /* T > 0 */
    double innovation; /* eps, [0, 1] */
    double *prior;     /* rho_k, sums to 1 */
    qsg_exchange exchange;
    double *agent_alpha;     /* N, from --agents-file: 0 (committed: never moves) or in (0, 1]; NULL: all `alpha` */
    double *agent_bandwidth; /* N, from --agents-file; NULL: all `bandwidth` */
    uint64_t *zealots; /* committed agents per label, or NULL when there are none: agents 0 .. z_1 - 1 are sure of label 1,
                          the next z_2 of label 2, ..; they never move */
    uint64_t free_agents; /* N less the zealots: those that --init is about, the last ones */
    double evidence[2]; /* a_1, a_2: chances that an agent is committed to label 1, to label 2 (K = 2); 0, 0: no one */
    double adoption;   /* h0: log odds of adopting a heard label 1 against 2 (K = 2); 0 = every label is adopted */
    qsg_graph_kind graph_kind;
    qsg_graph *graph;   /* who hears whom; NULL when complete: everybody */
    qsg_pairs pairs;
    struct { /* of the free agents */
        qsg_start_kind kind;
        double *p;             /* POINT: the belief; otherwise the expected mean belief */
        uint64_t *counts;      /* ONEHOT */
        double concentration;  /* DIRICHLET: c per label */
        double *beliefs;       /* BELIEFS: free agents x labels, row-major */
    } start;
    char *texts[QSG_MODEL_OPTIONS]; /* what was given, by qsg_option; defaults filled in; alpha NULL when agents-file has it */
} qsg_model;

/** One row of the table that every reader of model options shares. */
typedef struct {
    const char *name;    /* long name, without dashes */
    char letter;         /* short option, 0 if none */
    const char *value;   /* placeholder of the value in help texts */
    const char *standard; /* default as text; NULL: must be given; "": none */
    const char *help;
} qsg_option_info;
extern const qsg_option_info qsg_model_options[QSG_MODEL_OPTIONS];

/** Option texts on their way to a model.  Zero-initialize; qsg_settings_free releases. */
typedef struct {
    char *texts[QSG_MODEL_OPTIONS];
} qsg_settings;

/** Set option `name` (long name, or its symbol N, K, m, h, T) to `text`; the last one wins.
 *  QSG_EINPUT for an unknown name, QSG_ENOMEM. */
qsg_status qsg_settings_set(qsg_settings *self, const char *name, const char *text, qsg_error *error);
/** Deep copy of `from` into the zero-initialized *self.  QSG_ENOMEM, with *self zeroed. */
qsg_status qsg_settings_copy(qsg_settings *self, const qsg_settings *from);
/** Set options from "NAME=VALUE" words apart by any of the characters `separators`, as "alpha=0.5;self=0.1".
 *  QSG_EINPUT (not NAME=VALUE, or an unknown name), QSG_ENOMEM; the words before the bad one are set. */
qsg_status qsg_settings_parse(qsg_settings *self, const char *text, const char *separators, qsg_error *error);
/** Release the texts; safe twice. */
void qsg_settings_free(qsg_settings *self);

/** Build the validated model.  Reads the files that --init, --graph and --agents-file name.
 *  QSG_EDOMAIN (a value), QSG_EINPUT (a text or file), QSG_EIO, QSG_ENOMEM; the message names option and value.
 *  On failure *self is left as it was. */
qsg_status qsg_model_init(qsg_model *self, const qsg_settings *settings, qsg_error *error);

/** The same from "agents=24 labels=10 alpha=0.5": settings separated by blanks.  QSG_EINPUT also for a word that is not
 *  NAME=VALUE or an unknown name; otherwise the codes of qsg_model_init.  On failure *self is left as it was. */
qsg_status qsg_model_parse(qsg_model *self, const char *text, qsg_error *error);

/** Release the arrays; safe twice and on a zeroed model. */
void qsg_model_free(qsg_model *self);

/** One agent: its rates and bandwidth; a committed one has alpha = self = 0.  i < agents.  O(1). */
typedef struct {
    double alpha, self, bandwidth;
} qsg_agent;
qsg_agent qsg_model_agent(const qsg_model *self, uint64_t i);

/** Whether agent i never moves: committed, or without a neighbour to hear on its graph and without own output to hear. */
bool qsg_model_is_fixed(const qsg_model *self, uint64_t i);

/** The expected belief of agent i < agents at t = 0 into x (labels entries): the belief itself, but for a Dirichlet
 *  start of a free agent.  --evidence, which commits agents at random, is left out.  O(labels). */
void qsg_model_start_belief(const qsg_model *self, uint64_t i, double *x);

/** What a model uses beyond the neutral well-mixed population; a bit an option. */
enum {
    QSG_USES_FIELD = 1u << 0,
    QSG_USES_TEMPER = 1u << 1,
    QSG_USES_INNOVATION = 1u << 2,
    QSG_USES_ZEALOTS = 1u << 3,
    QSG_USES_ADOPTION = 1u << 4,
    QSG_USES_GRAPH = 1u << 5,
    QSG_USES_AGENTS_FILE = 1u << 6,
    QSG_USES_EVIDENCE = 1u << 7,
    QSG_USES_PAIRS = 1u << 8
};
/** The sum of these bits for all that the model uses; O(1), cannot fail. */
unsigned qsg_model_uses(const qsg_model *self);

/** QSG_OK when the model uses nothing beyond `supported`; otherwise QSG_EMODEL and the message
 *  "WHO does not support --OPTION (VALUE); expected ...". */
qsg_status qsg_model_require(const qsg_model *self, unsigned supported, const char *who, qsg_error *error);

/** Put the members of the contract's "model" object into the result. */
void qsg_model_describe(const qsg_model *self, qsg_result *result);

#ifdef __cplusplus
}
#endif
#endif
