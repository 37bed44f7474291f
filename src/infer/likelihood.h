/* A transcript laid out for replay.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_INFER_LIKELIHOOD_H
#define QSG_INFER_LIKELIHOOD_H

#include "qsg/fit.h"

#define NOTHING UINT32_MAX

typedef struct {
    uint32_t agent, label;
} said_record;

/* An agent moves: towards the label it heard and towards the one it said, NOTHING for neither. */
typedef struct {
    uint32_t agent, heard, said;
} move_record;

/* One time of one run: its first utterance and its first move; they end where the next group begins. */
typedef struct {
    size_t said, moves;
} group_record;

struct qsg_likelihood {
    size_t labels, runs, agents; /* agents: the most in one run */
    bool named;           /* beliefs differ from agent to agent */
    double *start;        /* 1 x labels, or one row an agent */
    double *prior;
    said_record *said;    /* agents are numbered from 0 within each run */
    move_record *moves;
    group_record *groups; /* n_groups + 1 */
    size_t n_groups;
    size_t *run_group;    /* runs + 1 */
    size_t *run_agents;   /* runs */
    size_t *names_start;  /* runs: where each run begins in */
    uint32_t *names;      /* the row of `start` of each agent of each run */
};

#endif
