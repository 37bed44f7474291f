/* What is heard in an ensemble: with it beliefs can be followed from outside.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

enum { MOST_AGENTS = 6, MOST_LABELS = 3, ROWS = 20000 };

typedef struct {
    uint64_t run, t, speaker, listener;
    size_t label;
} row;

typedef struct {
    row rows[ROWS];
    size_t n, labels;
    double mean[8][MOST_LABELS];
    double ends[8];
} record;
static record seen;

static void hear(void *context, uint64_t run, uint64_t t, uint64_t speaker, uint64_t listener, size_t label)
{
    record *self = context;
    ck_assert_uint_lt(self->n, ROWS);
    self->rows[self->n++] = (row){run, t, speaker, listener, label};
}

static qsg_status keep_mean(void *context, const qsg_outcome *outcome)
{
    record *self = context;
    memcpy(self->mean[outcome->run], outcome->mean_belief, sizeof(double) * self->labels);
    self->ends[outcome->run] = outcome->interactions;
    return QSG_OK;
}

/* With replacement an agent may draw itself, and nobody hears anything. */
static bool meets_itself(const qsg_model *model)
{
    return model->pairs == QSG_PAIRS_REPLACEMENT;
}

static const double times[] = {0, 150};
static qsg_ensemble_request request_of(uint64_t runs)
{
    return (qsg_ensemble_request){.times = times, .n = 2, .runs = runs, .seed = 7, .consensus = 0.95, .horizon = 150,
                                  .hearing = hear, .hearing_context = &seen};
}

/* The beliefs after the n rows of one interaction, in which one speaker may speak to many. */
static void learn(const qsg_model *model, double x[][MOST_LABELS], const row *rows, size_t n)
{
    double moved[MOST_AGENTS][MOST_LABELS];
    memcpy(moved, x, sizeof moved);
    for (size_t i = 0; i < n; i++) {
        const uint64_t l = rows[i].listener, s = rows[i].speaker;
        const double alpha = qsg_model_agent(model, l).alpha;
        const bool first = i == 0 || s != rows[i - 1].speaker, moves = qsg_model_agent(model, s).alpha > 0;
        for (size_t k = 0; k < model->labels; k++) {
            moved[l][k] += alpha * ((k == rows[i].label) - x[l][k]);
            moved[s][k] += first && moves ? model->self * ((k == rows[i].label) - x[s][k]) : 0;
        }
    }
    memcpy(x, moved, sizeof moved);
}

static const char *const models[] = {
    "agents=5 labels=3 alpha=0.3", "agents=4 labels=3 alpha=0.3 self=0.2 exchange=mutual",
    "agents=5 labels=3 alpha=0.1 self=0.5 exchange=broadcast", "agents=5 labels=2 alpha=1 exchange=oneway",
    "agents=2 labels=2 alpha=0.5 self=0.5", "agents=2 labels=2 alpha=0.8 exchange=mutual",
    "agents=5 labels=3 alpha=0.3 field=0.4,0,-0.2 temper=0.7 innovation=0.1 prior=0.2,0.3,0.5 init=0.2,0.5,0.3",
    "agents=6 labels=3 alpha=0.3 field=0.4,0,-0.2 exchange=broadcast temper=1.5 self=0.3",
    "agents=6 labels=2 alpha=0.2 zealots=1,1", "agents=6 labels=3 alpha=0.2 graph=star",
    "agents=6 labels=3 alpha=0.2 graph=ring exchange=broadcast self=0.1",
    "agents=6 labels=2 alpha=0.3 pairs=with-replacement exchange=mutual"};
enum { N_MODELS = sizeof models / sizeof *models };

/* Beliefs replayed from what was heard have the mean that the population itself ends with; rounding of 150 updates. */
START_TEST(replays)
{
    enum { RUNS = 4 };
    qsg_model model = model_of(models[_i]);
    const bool zealots = model.free_agents < model.agents;
    const qsg_ensemble_request request = request_of(RUNS);
    size_t i = 0;
    seen.n = 0;
    seen.labels = model.labels;
    ck_assert_int_eq(qsg_ensemble_run(&model, &request, keep_mean, &seen, NULL), QSG_OK);
    for (uint64_t r = 0; r < RUNS; r++) {
        double x[MOST_AGENTS][MOST_LABELS] = {{0}};
        for (uint64_t a = 0; a < model.agents; a++)
            for (size_t k = 0; k < model.labels; k++)
                x[a][k] = zealots && a < 2 ? a == k : model.start.p[k];
        uint64_t t = 0;
        for (size_t j; i < seen.n && seen.rows[i].run == r; i = j) {
            for (j = i; j < seen.n && seen.rows[j].run == r && seen.rows[j].t == seen.rows[i].t; j++)
                ck_assert(seen.rows[j].speaker != seen.rows[j].listener && seen.rows[j].label < model.labels &&
                          x[seen.rows[j].speaker][seen.rows[j].label] + model.innovation > 0);
            if (meets_itself(&model))
                ck_assert_uint_gt(seen.rows[i].t, t);
            else
                ck_assert_uint_eq(seen.rows[i].t, t + 1);
            t = seen.rows[i].t;
            learn(&model, x, seen.rows + i, j - i);
        }
        if (!meets_itself(&model))
            ck_assert_uint_eq(t, 150); /* also when nothing can change any more */
        ck_close_abs(seen.ends[r], 150, 0);
        for (size_t k = 0; k < model.labels; k++) {
            double mean = 0;
            for (uint64_t a = 0; a < model.agents; a++)
                mean += x[a][k] / (double)model.agents;
            ck_close_abs(mean, seen.mean[r][k], 1e-13);
        }
    }
    ck_assert_uint_eq(i, seen.n);
    qsg_model_free(&model);
}
END_TEST

/* Runs do not depend on how many there are; a graph has its edges; messages of several labels are refused. */
START_TEST(what_is_told)
{
    qsg_model model = model_of("agents=6 labels=3 alpha=0.2 graph=star");
    static record before;
    seen.labels = model.labels;
    qsg_ensemble_request request = request_of(3);
    seen.n = 0;
    ck_assert_int_eq(qsg_ensemble_run(&model, &request, keep_mean, &seen, NULL), QSG_OK);
    memcpy(&before, &seen, sizeof before);
    for (size_t i = 0; i < seen.n; i++)
        ck_assert((seen.rows[i].speaker == 0) != (seen.rows[i].listener == 0));
    seen.n = 0;
    request.threads = 2;
    request.runs = 2;
    ck_assert_int_eq(qsg_ensemble_run(&model, &request, keep_mean, &seen, NULL), QSG_OK);
    ck_assert_uint_gt(seen.n, 0);
    ck_assert_mem_eq(&before.rows, &seen.rows, seen.n * sizeof(row));
    ck_assert_uint_eq(before.rows[seen.n].run, 2);
    qsg_model_free(&model);
    static const char *const refused[] = {"agents=6 alpha=0.2 bandwidth=2", "agents=6 alpha=0.2 bandwidth=inf"};
    for (size_t i = 0; i < 2; i++) {
        qsg_error error = {""};
        model = model_of(refused[i]);
        seen.n = 0;
        ck_assert_int_eq(qsg_ensemble_run(&model, &request, keep_mean, &seen, &error), QSG_EMODEL);
        ck_assert_msg(strstr(error.message, "bandwidth"), "%s", error.message);
        ck_assert_uint_eq(seen.n, 0);
        qsg_model_free(&model);
    }
}
END_TEST

RUN_LOOPS("hearing", {replays, N_MODELS}, {what_is_told, 1})
