/* The named figures: one row of the table each.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/figures.h"

#include <stdio.h>
#include <stdlib.h>

#include "qsg/qsg.h"

/* Claude 3.5 agents naming among ten labels: both speak and both remember, so the exchange is mutual. */
qsg_status produce_llm(const char *data_dir, qsg_result *result, qsg_error *error)
{
    char path[4096], settings[96];
    qsg_transcript data = {0};
    qsg_model model = {0};
    snprintf(path, sizeof path, "%s/data/ainorms/claude35_K10.tsv", data_dir);
    qsg_status status = qsg_transcript_read(&data, path, error);
    if (status)
        return status;
    snprintf(settings, sizeof settings, "agents=%llu labels=%zu alpha=0.5 exchange=mutual",
             (unsigned long long)data.agents, data.n_labels);
    status = qsg_model_parse(&model, settings, error);
    if (!status) {
        qsg_result_text(result, "data.file", "data/ainorms/claude35_K10.tsv", "");
        status = qsg_compare_data(&model, &data, &(qsg_compare_data_options){0}, result, error);
        qsg_model_free(&model);
    }
    qsg_transcript_free(&data);
    return status;
}

#define ROW(name, script, produce, description) {name, description, script, produce},
const figure_info figures[] = {FIGURES(ROW)};
const size_t n_figures = sizeof figures / sizeof *figures;
