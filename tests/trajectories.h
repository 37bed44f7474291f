/* Trajectories of simulated populations in memory.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_TEST_TRAJECTORIES_H
#define QSG_TEST_TRAJECTORIES_H

#include "harness.h"

static qsg_status keep_series(void *context, const qsg_outcome *outcome)
{
    qsg_trajectory_group *group = ((qsg_trajectories *)context)->groups + ((qsg_trajectories *)context)->n_groups;
    const double *from = ((qsg_trajectories *)context)->kind == QSG_SERIES_S ? outcome->coordination : outcome->polarization;
    memcpy(group->value + outcome->run * group->times, from, group->times * sizeof *from);
    return QSG_OK;
}

/* Another size of `data`, which has room for it: `runs` runs of the model at the times. */
static void add_simulated(qsg_trajectories *data, const qsg_model *model, size_t runs, const double *time, size_t times, uint64_t seed)
{
    qsg_trajectory_group *group = &data->groups[data->n_groups];
    *group = (qsg_trajectory_group){.agents = model->agents, .runs = runs, .times = times, .time = malloc(times * sizeof *time),
                                    .value = malloc(runs * times * sizeof *time)};
    memcpy(group->time, time, times * sizeof *time);
    const qsg_ensemble_request request = {.times = time, .n = times, .runs = runs, .seed = seed, .consensus = 0.95};
    ck_assert_int_eq(qsg_ensemble_run(model, &request, keep_series, data, NULL), QSG_OK);
    data->n_groups++;
}

#endif
