/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <unistd.h>

#include "harness.h"

static const char *temporary(const char *content)
{
    static char path[64];
    strcpy(path, "qsg-graph-XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    FILE *file = fdopen(fd, "w");
    fputs(content, file);
    fclose(file);
    return path;
}

static qsg_graph graph_of(const char *text, size_t nodes)
{
    qsg_graph graph = {0};
    qsg_error error = {""};
    const qsg_status status = qsg_graph_init(&graph, text, nodes, &error);
    ck_assert_msg(status == QSG_OK, "graph %s: %s", text, error.message);
    return graph;
}

static qsg_graph graph_in(const char *content, size_t nodes)
{
    const char *path = temporary(content);
    qsg_graph graph = graph_of(path, nodes);
    unlink(path);
    return graph;
}

static qsg_graph_shape shape_of(const qsg_graph *graph)
{
    qsg_graph_shape shape;
    ck_assert_int_eq(qsg_graph_measure(graph, &shape, NULL, NULL, NULL), QSG_OK);
    return shape;
}

static int hears(const qsg_graph *graph, size_t listener, size_t speaker)
{
    int found = 0;
    for (uint64_t a = graph->first[listener]; a < graph->first[listener + 1]; a++)
        found += graph->speakers[a] == speaker;
    return found;
}

/* Rows are ascending, without repetition and self-loops; an undirected graph is symmetric. */
static void check_rows(const qsg_graph *graph)
{
    ck_assert_uint_eq(graph->first[0], 0);
    ck_assert_uint_eq(graph->first[graph->nodes], graph->arcs);
    for (size_t j = 0; j < graph->nodes; j++)
        for (uint64_t a = graph->first[j]; a < graph->first[j + 1]; a++)
            ck_assert((a == graph->first[j] || graph->speakers[a] > graph->speakers[a - 1]) &&
                      graph->speakers[a] < graph->nodes && graph->speakers[a] != j &&
                      (graph->directed || hears(graph, graph->speakers[a], j) == 1));
}

START_TEST(named)
{
    static const struct { const char *text; size_t nodes, arcs, least, largest; bool bipartite; } rows[] = {
        {"complete", 7, 42, 6, 6, false}, {"ring", 9, 18, 2, 2, false},   {"ring", 8, 16, 2, 2, true},
        {"ring", 2, 2, 1, 1, true},       {"star", 6, 10, 1, 5, true},    {"torus:3x5", 15, 60, 4, 4, false},
        {"torus:4x6", 24, 96, 4, 4, true}, {"torus:2x3", 6, 18, 3, 3, false}, {"torus:1x5", 5, 10, 2, 2, false},
        {"torus:2x2", 4, 8, 2, 2, true},  {"er:1:3", 6, 30, 5, 5, false}, {"ba:1:5", 40, 78, 1, 39, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        qsg_graph graph = graph_of(rows[i].text, rows[i].nodes);
        const qsg_graph_shape shape = shape_of(&graph);
        check_rows(&graph);
        ck_assert_msg(graph.arcs == rows[i].arcs, "%s has %zu arcs", rows[i].text, graph.arcs);
        ck_assert_uint_eq(shape.least_degree, rows[i].least);
        ck_assert_uint_le(shape.largest_degree, rows[i].largest);
        ck_assert_msg(shape.bipartite == rows[i].bipartite, "%s", rows[i].text);
        ck_assert_uint_eq(shape.components, 1);
        ck_assert_uint_eq(shape.closed_classes, 1);
        ck_assert_uint_eq(shape.isolated, 0);
        ck_close(shape.mean_degree, (double)graph.arcs / (double)graph.nodes, 1e-15);
        qsg_graph_free(&graph);
        qsg_graph_free(&graph);
    }
    qsg_graph star = graph_of("star", 4);
    ck_assert_uint_eq(star.first[1], 3); /* the hub is the first agent */
    qsg_graph_free(&star);
}
END_TEST

/* Edges of er are binomial, its degrees have that mean: 6 sigma.  A gap that is off by one would change p = .3 to
 * .23, 150 sigma.  Every pair is as likely: the pairs of the first hundred agents and of the last. */
START_TEST(random_er)
{
    const size_t n = 3000;
    const double p = 0.3, pairs = (double)n * (double)(n - 1) / 2;
    double corner[2] = {0};
    qsg_graph graph = graph_of("er:0.3:11", n), again = graph_of("er:0.3:11", n), other = graph_of("er:0.3:12", n);
    qsg_graph small = graph_of("er:0.3:11", 200);
    check_rows(&small);
    qsg_graph_free(&small);
    ck_close_abs((double)graph.arcs / 2, pairs * p, 6 * sqrt(pairs * p * (1 - p)));
    ck_assert_uint_eq(graph.arcs, again.arcs);
    ck_assert_mem_eq(graph.speakers, again.speakers, graph.arcs * sizeof *graph.speakers);
    ck_assert(other.arcs != graph.arcs || memcmp(graph.speakers, other.speakers, graph.arcs * sizeof *graph.speakers) != 0);
    for (size_t j = 0; j < n; j++)
        for (uint64_t a = graph.first[j]; a < graph.first[j + 1]; a++) {
            corner[0] += j < 100 && graph.speakers[a] < 100;
            corner[1] += j >= n - 100 && graph.speakers[a] >= n - 100;
        }
    for (int c = 0; c < 2; c++)
        ck_close_abs(corner[c] / 2, 4950 * p, 6 * sqrt(4950 * p * (1 - p)));
    qsg_graph_free(&graph);
    qsg_graph_free(&again);
    qsg_graph_free(&other);
}
END_TEST

/* Barabasi-Albert, M = 2: the share of agents with exactly 2 neighbours tends to 1/2 (2/(M+2)), with 3 to 1/5; uniform
 * attachment would give 1/3 and 2/9.  N = 200,000: the sampling error is below .0015. */
START_TEST(random_ba)
{
    const size_t n = 200000;
    qsg_graph graph = graph_of("ba:2:5", n);
    double two = 0, three = 0;
    ck_assert_uint_eq(graph.arcs, 2 * (3 + 2 * (n - 3)));
    for (size_t j = 0; j < n; j++) {
        two += graph.first[j + 1] - graph.first[j] == 2;
        three += graph.first[j + 1] - graph.first[j] == 3;
    }
    ck_close_abs(two / (double)n, 0.5, 0.007);
    ck_close_abs(three / (double)n, 0.2, 0.007);
    ck_assert_uint_eq(shape_of(&graph).components, 1);
    qsg_graph_free(&graph);
}
END_TEST

START_TEST(files)
{
    qsg_graph graph = graph_in("# friends\n\n1 2\n3,1\r\n  2\t4\n", 5);
    check_rows(&graph);
    ck_assert(!graph.directed && !graph.weights);
    ck_assert_uint_eq(graph.arcs, 6);
    ck_assert(hears(&graph, 0, 1) && hears(&graph, 0, 2) && hears(&graph, 3, 1) && !hears(&graph, 4, 0));
    qsg_graph_free(&graph);
    graph = graph_in("weight b a\n0.25 1 2\n4e0 2 3\n", 3);
    ck_assert_double_eq(graph.weights[0], 0.25);
    ck_assert_double_eq(graph.weights[2], 4); /* agent 2 hears 1 and 3 */
    ck_assert(!graph.directed);
    qsg_graph_free(&graph);
    graph = graph_in("\xEF\xBB\xBFListener\tspeaker\n1\t2\n2\t1\n3\t2\n", 3);
    check_rows(&graph);
    ck_assert(graph.directed && hears(&graph, 0, 1) && hears(&graph, 1, 0) && hears(&graph, 2, 1) && !hears(&graph, 1, 2));
    qsg_graph_free(&graph);
}
END_TEST

START_TEST(shapes)
{
    size_t component[7], closed[7];
    qsg_graph_shape shape;
    /* 1 <-> 2 -> 3 (3 hears 2), 4 <-> 5, 6 hears 5 and 3; 7 alone */
    qsg_graph graph = graph_in("speaker listener\n1 2\n2 1\n2 3\n4 5\n5 4\n5 6\n3 6\n", 7);
    ck_assert_int_eq(qsg_graph_measure(&graph, &shape, component, closed, NULL), QSG_OK);
    ck_assert_uint_eq(shape.components, 2);
    ck_assert_uint_eq(shape.closed_classes, 3);
    ck_assert_uint_eq(shape.isolated, 1);
    ck_assert_uint_eq(shape.deaf, 1);
    ck_assert_uint_eq(component[5], component[0]);
    ck_assert_uint_eq(component[6], 1);
    ck_assert(closed[0] == 0 && closed[1] == 0 && closed[2] == SIZE_MAX && closed[3] == 1 && closed[4] == 1 &&
              closed[5] == SIZE_MAX && closed[6] == 2);
    qsg_graph_free(&graph);
    graph = graph_in("speaker listener\n1 2\n2 3\n3 1\n", 3); /* a cycle: all hear each other in the end */
    shape = shape_of(&graph);
    ck_assert(shape.closed_classes == 1 && shape.deaf == 0 && !shape.bipartite);
    qsg_graph_free(&graph);
    graph = graph_in("1 2\n3 4\n4 5\n5 3\n", 5);
    shape = shape_of(&graph);
    ck_assert(shape.components == 2 && shape.closed_classes == 2 && !shape.bipartite);
    qsg_graph_free(&graph);
}
END_TEST

START_TEST(bad_files)
{
    static const struct { const char *content, *message; } rows[] = {
        {"1 2\n2 1\n", ":2: the edge of"},        {"1 2 -3\n", ":1: weight is out of range (-3)"},
        {"1 2 0\n", ":1: weight"},                {"1 2 nan\n", ":1: weight"},
        {"1 2 inf\n", ":1: weight"},              {"1 2 1\n1 3\n", ":2: missing column"},
        {"1 4\n", ":1: agent is out of range (4)"}, {"0 1\n", ":1: agent is out of range (0)"},
        {"99999999999999999999999 1\n", ":1: agent is out of range"}, {"1 -2\n", ":1: not an agent (-2)"},
        {"# c\n\n2 2\n", ":3: agent 2 is joined to itself"}, {"", ":1: the file ends without an edge"},
        {"a b\n", ":2: the file ends"},           {"a\n1\n", ":1: missing column"},
        {"1\n", ":1: missing column"},            {"a listener\n", ":1: missing column"},
        {"a b c\n", ":1: unknown column (c)"},    {"a a\n", ":1: column given twice (a)"},
        {"1 2\n1 2 3 4\n", ":2: the line goes on"}, {"1 2x\n", ":1: not an agent (2x)"},
        {"rubbish\nrubbish\n", ":1: unknown column (rubbish)"}, {"1.5 2\n", ":1: not an agent (1.5)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *path = temporary(rows[i].content);
        qsg_graph graph = {.nodes = 77};
        qsg_error error = {""};
        ck_assert_int_eq(qsg_graph_init(&graph, path, 3, &error), QSG_EINPUT);
        ck_assert_msg(strstr(error.message, rows[i].message) && strstr(error.message, path) == error.message, "%s",
                      error.message);
        ck_assert_ptr_nonnull(strstr(error.message, "expected"));
        ck_assert(graph.nodes == 77 && !graph.first);
        unlink(path);
    }
}
END_TEST

START_TEST(bad_names)
{
    static const struct { const char *text; size_t nodes; qsg_status status; } rows[] = {
        {"torus:3x3", 10, QSG_EDOMAIN}, {"torus:3", 3, QSG_EINPUT},      {"torus:-3x-1", 3, QSG_EINPUT},
        {"er:1.5:1", 5, QSG_EINPUT},    {"er:0.5", 5, QSG_EINPUT},       {"er:nan:1", 5, QSG_EINPUT},
        {"er:0.5:-1", 5, QSG_EINPUT},   {"er:0:1", 5, QSG_EDOMAIN},      {"er:0.5:1", 1000000000, QSG_EDOMAIN},
        {"ba:0:1", 5, QSG_EINPUT},      {"ba:5:1", 5, QSG_EDOMAIN},      {"ba:2", 5, QSG_EINPUT},
        {"complete", 1000000, QSG_EDOMAIN}, {"ring", 1, QSG_EDOMAIN},    {"no/such/file", 3, QSG_EINPUT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        qsg_graph graph = {.nodes = 77};
        qsg_error error = {""};
        const qsg_status status = qsg_graph_init(&graph, rows[i].text, rows[i].nodes, &error);
        ck_assert_msg(status == rows[i].status, "%s: %d %s", rows[i].text, status, error.message);
        ck_assert_ptr_nonnull(strstr(error.message, "expected"));
        ck_assert_uint_eq(graph.nodes, 77);
    }
}
END_TEST

static qsg_contacts contacts_of(const char *text)
{
    qsg_model model = model_of(text);
    qsg_contacts contacts;
    ck_assert_int_eq(qsg_contacts_init(&contacts, &model, NULL), QSG_OK);
    qsg_model_free(&model);
    return contacts;
}

/* P of speaker i and listener j, from 0. */
static double chance(const qsg_contacts *self, size_t i, size_t j)
{
    for (uint64_t a = self->first[j]; a < self->first[j + 1]; a++)
        if (self->speakers[a] == i)
            return self->chance[a];
    return 0;
}

START_TEST(contacts)
{
    static const char *const texts[] = {"agents=6 alpha=0.5", "agents=6 alpha=0.5 pairs=with-replacement",
        "agents=6 alpha=0.5 graph=star", "agents=6 alpha=0.5 graph=star pairs=edge", "agents=6 alpha=0.5 graph=er:0.2:1"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        qsg_contacts c = contacts_of(texts[i]);
        double sum = 0;
        for (size_t a = 0; a < c.entries; a++)
            sum += c.chance[a];
        ck_close(sum + c.idle, 1, 1e-14);
        qsg_contacts_free(&c);
        qsg_contacts_free(&c);
    }
    qsg_contacts c = contacts_of("agents=6 alpha=0.5 graph=star");
    ck_close(chance(&c, 0, 3), 1. / 6, 1e-15); /* a leaf hears the hub only */
    ck_close(chance(&c, 3, 0), 1. / 30, 1e-15);
    qsg_contacts_free(&c);
    c = contacts_of("agents=6 alpha=0.5 graph=star pairs=edge");
    ck_close(chance(&c, 0, 3), 0.1, 1e-15);
    ck_close(chance(&c, 3, 0), 0.1, 1e-15);
    qsg_contacts_free(&c);
    c = contacts_of("agents=6 alpha=0.5 pairs=with-replacement");
    ck_close(chance(&c, 5, 3), 1. / 36, 1e-15);
    ck_close(c.idle, 1. / 6, 1e-15);
    qsg_contacts_free(&c);
    char text[128];
    const char *path = temporary("a b weight\n1 2 1\n2 3 3\n");
    snprintf(text, sizeof text, "agents=4 alpha=0.5 graph=%s", path);
    c = contacts_of(text);
    ck_close(chance(&c, 2, 1), 0.75 / 4, 1e-15);
    ck_close(chance(&c, 1, 2), 0.25, 1e-15);
    ck_close(c.idle, 0.25, 1e-15); /* agent 4 hears nobody */
    qsg_contacts_free(&c);
    strcat(text, " pairs=edge");
    c = contacts_of(text);
    ck_close(chance(&c, 2, 1), 3. / 8, 1e-15);
    ck_close(chance(&c, 0, 1), 1. / 8, 1e-15);
    ck_assert_double_eq(c.idle, 0);
    qsg_contacts_free(&c);
    unlink(path);
    qsg_model model = model_of("agents=7000 alpha=0.5");
    c.agents = 5;
    ck_assert_int_eq(qsg_contacts_init(&c, &model, NULL), QSG_EDOMAIN);
    qsg_model_free(&model);
    model = model_of("agents=7 alpha=0.5 exchange=broadcast");
    ck_assert_int_eq(qsg_contacts_init(&c, &model, NULL), QSG_EMODEL);
    ck_assert_uint_eq(c.agents, 5);
    qsg_model_free(&model);
}
END_TEST

START_TEST(agents)
{
    char text[160];
    double x[2];
    const char *path = temporary("agent\tbelief_2\talpha\tbelief_1\tbandwidth\n# stubborn\n2\t1\t0\t0\tinf\n1\t0.25\t0.5\t0.75\t3\n");
    snprintf(text, sizeof text, "agents=2 alpha=0.9 agents-file=%s", path);
    qsg_model model = model_of(text);
    ck_assert_double_eq(model.agent_alpha[0], 0.5);
    ck_assert_double_eq(qsg_model_agent(&model, 1).alpha, 0);
    ck_assert_double_eq(qsg_model_agent(&model, 0).bandwidth, 3);
    ck_assert(isinf(qsg_model_agent(&model, 1).bandwidth));
    ck_assert_int_eq(model.start.kind, QSG_START_BELIEFS);
    qsg_model_start_belief(&model, 0, x);
    ck_assert_double_eq(x[1], 0.25);
    ck_assert_double_eq(model.start.p[0], 0.375);
    qsg_model_free(&model);
    snprintf(text, sizeof text, "agents=2 agents-file=%s", path); /* the column is enough */
    model = model_of(text);
    ck_assert_double_eq(model.alpha, 0.5);
    ck_assert_double_eq(qsg_model_agent(&model, 1).alpha, 0);
    qsg_model_free(&model);
    unlink(path);
    model = model_of("agents=7 labels=2 alpha=0.5 self=0.1 zealots=1,2 init=onehot:3,1");
    ck_assert_uint_eq(model.free_agents, 4);
    ck_assert_double_eq(model.start.p[0], 0.75);
    static const double label1[7] = {1, 0, 0, 1, 1, 1, 0};
    for (uint64_t i = 0; i < 7; i++) {
        qsg_model_start_belief(&model, i, x);
        ck_assert_double_eq(x[0], label1[i]);
        ck_assert_double_eq(x[1], 1 - label1[i]);
        ck_assert_double_eq(qsg_model_agent(&model, i).alpha, i < 3 ? 0 : 0.5);
        ck_assert_double_eq(qsg_model_agent(&model, i).self, i < 3 ? 0 : 0.1);
    }
    qsg_model_free(&model);
}
END_TEST

static void refused(const char *text, const char *message)
{
    qsg_model model = {.agents = 77};
    qsg_error error = {""};
    const qsg_status status = qsg_model_parse(&model, text, &error);
    ck_assert_msg(status == QSG_EINPUT || status == QSG_EDOMAIN, "%s: %d", text, status);
    ck_assert_msg(strstr(error.message, message) && strstr(error.message, "expected"), "%s: %s", text, error.message);
    ck_assert_uint_eq(model.agents, 77);
}

START_TEST(bad_agents)
{
    static const struct { const char *content, *message; } rows[] = {
        {"", ":1: the file ends without a header"}, {"alpha\n0.5\n", ":1: missing column (agent)"},
        {"agent alpha\n1 0.5\n", ":3: the file ends without agent 2"}, {"agent alpha\n1 0.5\n2\n", ":3: missing column"},
        {"agent alpha\n1 0.5\n2 1.5\n", ":3: alpha is out of range (1.5)"}, {"agent alpha\n1 -0.5\n", ":2: alpha is out"},
        {"agent alpha\n1 nan\n", ":2: alpha is out"}, {"agent\n1\n3\n", ":3: agent is out of range (3)"},
        {"agent\n1\n1\n", ":3: agent is there already (1)"}, {"agent bandwidth\n1 0\n", ":2: bandwidth is out"},
        {"agent bandwidth\n1 -inf\n", ":2: bandwidth is out"}, {"agent colour\n1 0\n", ":1: unknown column (colour)"},
        {"agent alpha alpha\n1 0 1\n", ":1: repeated column (alpha)"}, {"agent belief_1\n1 1\n", ":1: missing column"},
        {"agent belief_1 belief_2\n1 0.5 0.6\n", ":2: beliefs sum"}, {"agent belief_1 belief_2\n1 2 -1\n", ":2: belief is out"},
        {"agent alpha\n1 0.95\n", ":2: alpha is out of range (0.95 with self 0.1)"}, {"agent\n1 2\n", ":2: surplus column"},
        {"agent belief_1 belief_2 belief_3\n", ":1: unknown column (belief_3)"},
    };
    char text[160];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *path = temporary(rows[i].content);
        snprintf(text, sizeof text, "agents=2 alpha=0.9 self=0.1 agents-file=%s", path);
        refused(text, rows[i].message);
        unlink(path);
    }
    const char *path = temporary("agent belief_1 belief_2\n1 1 0\n2 0 1\n");
    snprintf(text, sizeof text, "agents=2 alpha=0.9 init=0.5,0.5 agents-file=%s", path);
    refused(text, "both given (0.5,0.5)");
    snprintf(text, sizeof text, "agents=2 alpha=0.9 zealots=1,0 agents-file=%s", path);
    refused(text, "both given (1,0");
    unlink(path);
    refused("agents=4 alpha=1 agents-file=no/such", "no/such");
    path = temporary("agent\n1\n2\n");
    snprintf(text, sizeof text, "agents=2 agents-file=%s", path);
    refused(text, "--alpha is missing, and so is a column alpha");
    unlink(path);
    refused("agents=4 alpha=1 graph=ring pairs=with-replacement", "(graph ring)");
    refused("agents=4 alpha=1 exchange=broadcast pairs=with-replacement", "(pairs with-replacement)");
    refused("agents=4 alpha=1 exchange=broadcast graph=ring pairs=edge", "(pairs edge)");
    refused("agents=4 alpha=1 adoption=1 bandwidth=2", "bandwidth 2");
    path = temporary("speaker listener weight\n1 2 2\n");
    snprintf(text, sizeof text, "agents=2 alpha=0.9 exchange=mutual graph=%s", path);
    refused(text, "one-way edges");
    snprintf(text, sizeof text, "agents=2 alpha=0.9 exchange=broadcast graph=%s", path);
    refused(text, "has weights");
    unlink(path);
    refused("agents=4 alpha=1 zealots=1,0 init=onehot:2,2", "(4 of 3 agents)");
}
END_TEST

RUN_TESTS("graph", named, random_er, random_ba, files, shapes, bad_files, bad_names, contacts, agents, bad_agents)
