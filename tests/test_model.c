/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <unistd.h>

#include "harness.h"

/* Refused with `status`, a message that names the option and the value, and a model left as it was. */
static void refused(const char *text, qsg_status status, const char *option, const char *value)
{
    qsg_model model, before;
    qsg_error error = {""};
    memset(&model, 0x5a, sizeof model);
    memcpy(&before, &model, sizeof model);
    qsg_status got = qsg_model_parse(&model, text, &error);
    ck_assert_msg(got == status, "\"%s\" gives %d (%s), expected %d", text, got, error.message, status);
    ck_assert_msg(strstr(error.message, option) != NULL, "\"%s\" does not name %s: %s", text, option, error.message);
    ck_assert_msg(strstr(error.message, value) != NULL, "\"%s\" does not show %s: %s", text, value, error.message);
    ck_assert_msg(strstr(error.message, "expected") != NULL, "\"%s\" does not tell what is right: %s", text,
                  error.message);
    ck_assert_ptr_null(strchr(error.message, '\n'));
    ck_assert_mem_eq(&model, &before, sizeof model);
}

static const char *temporary(const char *content)
{
    static char path[64];
    strcpy(path, "./model-test-XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    FILE *file = fdopen(fd, "w");
    fputs(content, file);
    fclose(file);
    return path;
}

START_TEST(defaults)
{
    qsg_model model = model_of("agents=24 alpha=0.2385");
    ck_assert_uint_eq(model.agents, 24);
    ck_assert_uint_eq(model.labels, 2);
    ck_assert_double_eq(model.alpha, 0.2385);
    ck_assert_double_eq(model.bandwidth, 1);
    ck_assert_double_eq(model.self, 0);
    ck_assert_ptr_null(model.field);
    ck_assert_double_eq(model.temper, 1);
    ck_assert_double_eq(model.innovation, 0);
    ck_assert_double_eq(model.prior[1], 0.5);
    ck_assert_int_eq(model.exchange, QSG_ONEWAY);
    ck_assert_ptr_null(model.zealots);
    ck_assert_double_eq(model.adoption, 0);
    ck_assert_int_eq(model.graph.kind, QSG_GRAPH_COMPLETE);
    ck_assert_int_eq(model.start.kind, QSG_START_POINT);
    ck_assert_double_eq(model.start.p[0], 0.5);
    ck_assert_uint_eq(qsg_model_uses(&model), 0);
    qsg_model_free(&model);
    qsg_model_free(&model); /* twice is safe */
    ck_assert_ptr_null(model.start.p);
}
END_TEST

START_TEST(every_option)
{
    qsg_model model = model_of("N=24 K=2 a=0.3 m=inf self=0.7 h=0.25 T=0.5 innovation=0.1 prior=0.2,0.8 "
                               "exchange=broadcast zealots=1,2 adoption=-0.3 graph=torus:4x6 init=0.25,0.75");
    ck_assert(isinf(model.bandwidth));
    ck_assert_double_eq(model.self, 0.7); /* 0.3 + 0.7 rounds to just above 1 and is fine */
    ck_assert_double_eq(model.field[0], 0.25);
    ck_assert_double_eq(model.field[1], 0);
    ck_assert_double_eq(model.temper, 0.5);
    ck_assert_double_eq(model.prior[0], 0.2);
    ck_assert_int_eq(model.exchange, QSG_BROADCAST);
    ck_assert_uint_eq(model.zealots[1], 2);
    ck_assert_double_eq(model.adoption, -0.3);
    ck_assert_uint_eq(model.graph.rows, 4);
    ck_assert_uint_eq(model.graph.columns, 6);
    ck_assert_double_eq(model.start.p[0], 0.25);
    ck_assert_uint_eq(qsg_model_uses(&model), QSG_USES_FIELD | QSG_USES_TEMPER | QSG_USES_INNOVATION |
                                                  QSG_USES_ZEALOTS | QSG_USES_ADOPTION | QSG_USES_GRAPH);
    qsg_model_free(&model);
    model = model_of("agents=1e9 labels=3 alpha=1 field=1,1,1 zealots=0,0,0 graph=er:0.25:7 exchange=mutual");
    ck_assert_uint_eq(model.agents, 1000000000);
    ck_assert_ptr_null(model.field);   /* a constant field does nothing */
    ck_assert_ptr_null(model.zealots); /* nor do no zealots */
    ck_assert_double_eq(model.graph.probability, 0.25);
    ck_assert_uint_eq(model.graph.seed, 7);
    qsg_model_free(&model);
}
END_TEST

START_TEST(starts)
{
    qsg_model model = model_of("agents=4 labels=3 alpha=0.5 init=onehot:1,3,0");
    ck_assert_int_eq(model.start.kind, QSG_START_ONEHOT);
    ck_assert_uint_eq(model.start.counts[1], 3);
    ck_assert_double_eq(model.start.p[1], 0.75);
    qsg_model_free(&model);
    model = model_of("agents=4 labels=3 alpha=0.5 init=dirichlet:0.7");
    ck_assert_int_eq(model.start.kind, QSG_START_DIRICHLET);
    ck_assert_double_eq(model.start.concentration, 0.7);
    qsg_model_free(&model);
    model = model_of("agents=4 labels=3 alpha=0.5 init=0.333333,0.333333,0.333333"); /* six digits are made exact */
    ck_assert_double_eq(model.start.p[0], 1. / 3);
    qsg_model_free(&model);
}
END_TEST

START_TEST(bad_values)
{
    static const struct { const char *setting, *option, *value; qsg_status status; } rows[] = {
        {"agents=1", "agents", "(1)", QSG_EDOMAIN},
        {"agents=0", "agents", "(0)", QSG_EDOMAIN},
        {"agents=2.5", "agents", "(2.5)", QSG_EDOMAIN},
        {"agents=1e13", "agents", "(1e13)", QSG_EDOMAIN},
        {"agents=nan", "agents", "(nan)", QSG_EDOMAIN},
        {"agents=", "agents", "()", QSG_EDOMAIN},
        {"labels=1", "labels", "(1)", QSG_EDOMAIN},
        {"labels=3.5", "labels", "(3.5)", QSG_EDOMAIN},
        {"labels=two", "labels", "(two)", QSG_EDOMAIN},
        {"labels=-3", "labels", "(-3)", QSG_EDOMAIN},
        {"alpha=0", "alpha", "(0)", QSG_EDOMAIN},
        {"alpha=1.2", "alpha", "(1.2)", QSG_EDOMAIN},
        {"alpha=-0.1", "alpha", "(-0.1)", QSG_EDOMAIN},
        {"alpha=1e-100", "alpha", "(1e-100)", QSG_EDOMAIN},
        {"alpha=nan", "alpha", "(nan)", QSG_EINPUT},
        {"alpha=inf", "alpha", "(inf)", QSG_EINPUT},
        {"alpha=0.5x", "alpha", "(0.5x)", QSG_EINPUT},
        {"bandwidth=0", "bandwidth", "(0)", QSG_EDOMAIN},
        {"bandwidth=2.5", "bandwidth", "(2.5)", QSG_EDOMAIN},
        {"bandwidth=-inf", "bandwidth", "(-inf)", QSG_EDOMAIN},
        {"bandwidth=nan", "bandwidth", "(nan)", QSG_EDOMAIN},
        {"self=0.6", "self", "(0.6, with alpha 0.5)", QSG_EDOMAIN},
        {"self=-0.1", "self", "(-0.1", QSG_EDOMAIN},
        {"self=nan", "self", "(nan)", QSG_EINPUT},
        {"field=1,2,3", "field", "1,2,3", QSG_EDOMAIN},
        {"field=1e301", "field", "1e+301", QSG_EDOMAIN},
        {"field=1,nan", "field", "1,nan", QSG_EINPUT},
        {"field=1,", "field", "1,", QSG_EINPUT},
        {"temper=0", "temper", "(0)", QSG_EDOMAIN},
        {"temper=-1", "temper", "(-1)", QSG_EDOMAIN},
        {"temper=1e-310", "temper", "(1e-310)", QSG_EDOMAIN},
        {"temper=inf", "temper", "(inf)", QSG_EINPUT},
        {"innovation=1.5", "innovation", "(1.5)", QSG_EDOMAIN},
        {"innovation=-0.1", "innovation", "(-0.1)", QSG_EDOMAIN},
        {"innovation=nan", "innovation", "(nan)", QSG_EINPUT},
        {"prior=0.5,0.6", "prior", "1.1", QSG_EDOMAIN},
        {"prior=1.5,-0.5", "prior", "-0.5", QSG_EDOMAIN},
        {"prior=1", "prior", "1 number", QSG_EDOMAIN},
        {"prior=flat", "prior", "flat", QSG_EINPUT},
        {"exchange=both", "exchange", "(both)", QSG_EINPUT},
        {"zealots=5,6", "zealots", "11 of 10", QSG_EDOMAIN},
        {"zealots=1.5,0", "zealots", "1.5", QSG_EDOMAIN},
        {"zealots=-1,0", "zealots", "-1", QSG_EDOMAIN},
        {"zealots=1", "zealots", "(1)", QSG_EDOMAIN},
        {"adoption=nan", "adoption", "(nan)", QSG_EINPUT},
        {"pairs=twice", "pairs", "(twice)", QSG_EINPUT},
        {"evidence=0.9,0.2", "evidence", "(0.9,0.2", QSG_EDOMAIN},
        {"evidence=-0.1,0.2", "evidence", "(-0.1,0.2", QSG_EDOMAIN},
        {"evidence=0.1", "evidence", "(0.1", QSG_EDOMAIN},
        {"graph=torus:3x3", "graph", "torus:3x3", QSG_EDOMAIN},
        {"graph=torus:-2x-5", "graph", "torus:-2x-5", QSG_EINPUT},
        {"graph=torus:2", "graph", "torus:2", QSG_EINPUT},
        {"graph=er:1.5:1", "graph", "er:1.5:1", QSG_EINPUT},
        {"graph=er:0.5:-1", "graph", "er:0.5:-1", QSG_EINPUT},
        {"graph=er:0.5", "graph", "er:0.5", QSG_EINPUT},
        {"graph=/no/such/file", "graph", "/no/such/file", QSG_EINPUT},
        {"agents-file=/no/such/file", "agents-file", "/no/such/file", QSG_EINPUT},
        {"init=0.5,0.6", "init", "1.1", QSG_EDOMAIN},
        {"init=0.5,0.25,0.25", "init", "3 numbers", QSG_EDOMAIN},
        {"init=1.5,-0.5", "init", "-0.5", QSG_EDOMAIN},
        {"init=nan,0.5", "init", "nan,0.5", QSG_EINPUT},
        {"init=onehot:4,5", "init", "9 of 10", QSG_EDOMAIN},
        {"init=onehot:10", "init", "1 count", QSG_EDOMAIN},
        {"init=onehot:4.5,5.5", "init", "4.5", QSG_EDOMAIN},
        {"init=dirichlet:0", "init dirichlet", "(0)", QSG_EDOMAIN},
        {"init=dirichlet:1e-310", "init dirichlet", "(1e-310)", QSG_EDOMAIN},
        {"init=dirichlet:nan", "init dirichlet", "(nan)", QSG_EINPUT},
        {"init=/no/such/file", "init", "/no/such/file", QSG_EINPUT},
        {"colour=red", "option", "colour", QSG_EINPUT},
        {"alpha", "NAME=VALUE", "alpha", QSG_EINPUT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[256];
        snprintf(text, sizeof text, "agents=10 alpha=0.5 %s", rows[i].setting);
        refused(text, rows[i].status, rows[i].option, rows[i].value);
    }
    refused("alpha=0.5", QSG_EINPUT, "--agents", "missing");
    refused("agents=10", QSG_EINPUT, "--alpha", "missing");
    refused("agents=10 alpha=0.5 labels=3 field=1", QSG_EDOMAIN, "field", "(1)");
    refused("agents=10 alpha=0.5 labels=3 adoption=0.1", QSG_EDOMAIN, "adoption", "0.1");
}
END_TEST

START_TEST(start_from_file)
{
    char text[128];
    snprintf(text, sizeof text, "agents=3 alpha=0.5 init=%s", temporary("# two labels\n1 0\n\n0.25\t0.75\n0.5,0.5\n"));
    qsg_model model = model_of(text);
    ck_assert_int_eq(model.start.kind, QSG_START_BELIEFS);
    ck_assert_double_eq(model.start.beliefs[3], 0.75);
    ck_close(model.start.p[0], 1.75 / 3, 1e-15);
    qsg_model_free(&model);
    unlink(strchr(text, '/'));
}
END_TEST

START_TEST(bad_files)
{
    static const struct { const char *content, *where; } rows[] = {
        {"1 0\n0.5 0.6\n0 1\n", ":2: "}, {"1 0\n# c\n0.5\n0 1\n", ":3: "},        {"1 0\n0 1\n1 0 0\n", ":3: "},
        {"1 0\n0 1\nnan 0.5\n", ":3: "}, {"1 0\n0 1\n0.5 0.5\n0.5 0.5\n", ":4: "}, {"1 0\n0 1\n", "rows of beliefs (2)"},
        {"a b\n1 0\n0 1\n", "(2 below a header)"}, {"", "rows of beliefs (0)"},     {"1.5 -0.5\n1 0\n0 1\n", ":1: "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[128];
        snprintf(text, sizeof text, "agents=3 alpha=0.5 init=%s", temporary(rows[i].content));
        refused(text, QSG_EINPUT, strchr(text, '/'), rows[i].where);
        unlink(strchr(text, '/'));
    }
}
END_TEST

START_TEST(settings)
{
    qsg_settings one = {0}, two = {0};
    qsg_error error = {""};
    ck_assert_int_eq(qsg_settings_set(&one, "alpha", "0.5", &error), QSG_OK);
    ck_assert_int_eq(qsg_settings_set(&one, "a", "0.25", &error), QSG_OK); /* the last one wins */
    ck_assert_int_eq(qsg_settings_set(&one, "N", "7", &error), QSG_OK);
    ck_assert_int_eq(qsg_settings_set(&one, "alphas", "1", &error), QSG_EINPUT);
    ck_assert_ptr_nonnull(strstr(error.message, "alphas"));
    ck_assert_int_eq(qsg_settings_copy(&two, &one), QSG_OK);
    ck_assert_ptr_ne(one.texts[QSG_ALPHA], two.texts[QSG_ALPHA]);
    qsg_settings_free(&one);
    qsg_settings_free(&one);
    ck_assert_str_eq(two.texts[QSG_ALPHA], "0.25");
    ck_assert_ptr_null(two.texts[QSG_INIT]);
    qsg_model model = {0};
    ck_assert_int_eq(qsg_model_init(&model, &two, &error), QSG_OK);
    ck_assert_uint_eq(model.agents, 7);
    ck_assert_str_eq(model.texts[QSG_INIT], "uniform");
    qsg_model_free(&model);
    qsg_settings_free(&two);
}
END_TEST

START_TEST(refusal)
{
    static const struct { const char *setting, *option, *value; unsigned bit; } rows[] = {
        {"field=0.3", "--field", "(0.3)", QSG_USES_FIELD},
        {"temper=0.5", "--temper", "(0.5)", QSG_USES_TEMPER},
        {"innovation=0.1", "--innovation", "(0.1)", QSG_USES_INNOVATION},
        {"zealots=1,0", "--zealots", "(1,0)", QSG_USES_ZEALOTS},
        {"adoption=0.1", "--adoption", "(0.1)", QSG_USES_ADOPTION},
        {"evidence=0.1,0.2", "--evidence", "(0.1,0.2)", QSG_USES_EVIDENCE},
        {"pairs=edge", "--pairs", "(edge)", QSG_USES_PAIRS},
        {"graph=ring", "--graph", "(ring)", QSG_USES_GRAPH},
        {"agents-file=/dev/null", "--agents-file", "(/dev/null)", QSG_USES_AGENTS_FILE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[128];
        qsg_error error = {""};
        snprintf(text, sizeof text, "agents=10 alpha=0.5 %s", rows[i].setting);
        qsg_model model = model_of(text);
        ck_assert_uint_eq(qsg_model_uses(&model), rows[i].bit);
        ck_assert_int_eq(qsg_model_require(&model, 0, "predict", &error), QSG_EMODEL);
        ck_assert_ptr_nonnull(strstr(error.message, "predict does not support"));
        ck_assert_ptr_nonnull(strstr(error.message, rows[i].option));
        ck_assert_ptr_nonnull(strstr(error.message, rows[i].value));
        ck_assert_int_eq(qsg_model_require(&model, ~0u & ~rows[i].bit, "predict", &error), QSG_EMODEL);
        ck_assert_int_eq(qsg_model_require(&model, rows[i].bit, "predict", &error), QSG_OK);
        qsg_model_free(&model);
    }
}
END_TEST

START_TEST(description)
{
    qsg_model model = model_of("agents=10 labels=3 alpha=0.5 bandwidth=inf field=1,2,3 exchange=mutual");
    qsg_result *result = qsg_result_new();
    size_t n;
    qsg_model_describe(&model, result);
    ck_assert_double_eq(qsg_result_get(result, "model.agents"), 10);
    ck_assert_str_eq(qsg_result_get_text(result, "model.bandwidth"), "inf");
    ck_assert_str_eq(qsg_result_get_text(result, "model.exchange"), "mutual");
    ck_assert_double_eq(qsg_result_get_vector(result, "model.field", &n)[2], 3);
    static const char *const keys[] = {"agents", "labels", "alpha", "self", "temper", "innovation", "adoption"};
    static const char *const texts[] = {"prior", "zealots", "graph", "init"};
    char path[64];
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        snprintf(path, sizeof path, "model.%s", keys[i]);
        ck_assert_msg(isfinite(qsg_result_get(result, path)), "%s is missing", path);
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        snprintf(path, sizeof path, "model.%s", texts[i]);
        ck_assert_msg(qsg_result_get_text(result, path) != NULL, "%s is missing", path);
    }
    qsg_result_free(result);
    qsg_model_free(&model);
}
END_TEST

RUN_TESTS("model", defaults, every_option, starts, bad_values, start_from_file, bad_files, settings, refusal,
          description)
