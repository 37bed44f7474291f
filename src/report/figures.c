/* The named figures: one row of the table each.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/figures.h"

#include <stdio.h>
#include <stdlib.h>

#include "qsg/qsg.h"
#include "report/figures_chain.h"
#include "report/figures_density.h"
#include "report/figures_kinetic.h"
#include "report/figures_network.h"
#include "report/figures_selection.h"
#include "report/figures_sweep.h"

/* The paper's setting from t = 0 to where E[U] = 0.95 is past, with the band of 1,000 simulated populations. */
static qsg_status produce_drift(const char *data_dir, qsg_result *result, qsg_error *error)
{
    enum { POINTS = 41 };
    double times[POINTS];
    qsg_model model = {0};
    (void)data_dir;
    qsg_status status = qsg_model_parse(&model, "agents=24 labels=10 alpha=0.2 bandwidth=1", error);
    if (status)
        return status;
    const double span = qsg_predict_span(&model, 0.95);
    for (int i = 0; i < POINTS; i++)
        times[i] = (double)(long long)(span * i / (POINTS - 1));
    const qsg_ensemble_request request = {.times = times, .n = POINTS, .runs = 1000, .seed = 1, .consensus = 0.95,
                                          .horizon = span};
    qsg_model_describe(&model, result);
    status = qsg_compare(&model, &model, &request, result, error);
    qsg_model_free(&model);
    return status;
}

/* Claude 3.5 agents naming among ten labels: both speak and both remember, so the exchange is mutual. */
static qsg_status produce_llm(const char *data_dir, qsg_result *result, qsg_error *error)
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

const figure_info figures[] = {
    {"drift", "24 agents, 10 labels, alpha 0.2: polarization by drift alone, exact, mean field and simulated", "compare",
     produce_drift},
    {"llm", "Claude 3.5 naming game, 24 agents, 10 labels: coordination against the neutral law", "compare_data",
     produce_llm},
    {"density", "200 agents, 2 labels, alpha 0.2, start 0.35: density of the mean belief and its atoms", "density",
     produce_density},
    {"simplex", "200 agents, 3 labels, alpha 0.2: density on the triangle, mass at its edges and corners", "simplex",
     produce_simplex},
    {"consensus_law", "64 agents, alpha 0.3, 2, 3 and 10 labels: law of the consensus time, coalescent and simulated",
     "consensus_law", produce_consensus_law},
    {"buri", "Buri's 107 populations of flies against the neutral diffusion, 2N_e = 18", "buri", produce_buri},
    {"crossover", "who wins with a field: against the paper's Gamma_h and against the exact Gamma_eff", "crossover",
     produce_crossover},
    {"sweep", "200 simulated points of (N, alpha, h) against the exact Gamma_eff, and their deviations", "sweep",
     produce_sweep},
    {"protocols", "who wins with a field, against N: one-way, mutual and broadcast exchange", "protocols",
     produce_protocols},
    {"belief", "one agent's belief: its law for slow and fast adapters, with a density and without", "belief",
     produce_belief},
    {"bifurcation", "alpha 0.3, innovation 0.02: self-consistent mean beliefs against the temperature", "bifurcation",
     produce_bifurcation},
    {"phases", "alpha 0.3: drift, amplification, pluralism and bias over temperature, innovation and population",
     "phases", produce_phases},
    {"amplification", "alpha 0.3: rounds to consensus against N, from N by drift to ln N by amplified noise",
     "amplification", produce_amplification},
    {"flag-phases", "the flag game over N and the rival's share of the evidence: correct, wrong, polarized", "flag_phases",
     produce_flag_phases},
    {"critical-mass", "24 agents: flips by a committed minority against its size, theory and language models",
     "critical_mass", produce_critical_mass},
    {"networks", "effective size of ring, Erdos-Renyi, Barabasi-Albert graph and star: exact, by degrees, simulated", "networks",
     produce_networks},
    {"influence", "who decides on a Barabasi-Albert graph of stubborn and quick agents, and who wins", "influence",
     produce_influence},
};
const size_t n_figures = sizeof figures / sizeof *figures;
