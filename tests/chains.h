/* Chains of models for the tests of exact chains.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_TEST_CHAINS_H
#define QSG_TEST_CHAINS_H

#include "harness.h"

static inline qsg_chain chain_of(const char *text, size_t *start)
{
    qsg_model model = model_of(text);
    qsg_chain chain = {0};
    qsg_error error = {""};
    ck_assert_msg(qsg_chain_init(&chain, &model, &error) == QSG_OK, "%s: %s", text, error.message);
    if (start)
        ck_assert_int_eq(qsg_chain_start(&chain, &model, start, &error), QSG_OK);
    qsg_model_free(&model);
    return chain;
}

/* Models in which somebody wins for good. */
static const char *const absorbing[] = {
    "agents=24 alpha=1 adoption=0.2 init=onehot:7,17", "agents=30 alpha=1 zealots=3,0 init=onehot:5,22",
    "agents=40 alpha=1 zealots=0,2 adoption=0.05 init=onehot:30,8",
    "agents=20 alpha=1 pairs=with-replacement adoption=-0.4 init=onehot:12,8",
    "agents=25 alpha=1 innovation=0.03 prior=1,0 zealots=1,0 init=0,1"};

#endif
