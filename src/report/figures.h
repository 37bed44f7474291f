/* The named figures.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_FIGURES_H
#define QSG_FIGURES_H

#include "qsg/result.h"
#include "qsg/status.h"

/* Every figure: FIGURE(name, script, producer, what it shows).  This table is all that knows of it, besides the file of its
 * producer and plots/SCRIPT.gp. */
#define FIGURES(FIGURE) \
    FIGURE("drift", "drift", produce_drift, \
           "polarization by drift alone against time, three alpha: exact, mean field, simulated, middle 80%") \
    FIGURE("drift-collapse", "drift-collapse", produce_drift_collapse, \
           "1 - U against time in units of the mean-field rate (spread) and of the exact rate (one law)") \
    FIGURE("early-drift", "early-drift", produce_early_drift, \
           "rise of U in the first two rounds against N, m, alpha and K") \
    FIGURE("bandwidth", "bandwidth", produce_bandwidth, \
           "polarization and disagreement for messages of 1, 2, 4, 16 and infinitely many labels") \
    FIGURE("consensus-time", "consensus-time", produce_consensus_time, \
           "mean time to consensus against N, alpha and m: exact and mean-field slow rate, simulated") \
    FIGURE("pluralism", "pluralism", produce_pluralism, \
           "innovation: stationary laws from taking sides to plurality, and the border between them") \
    FIGURE("tempering", "tempering", produce_tempering, \
           "tempering: the pull towards the majority for four alpha, and who wins against the temperature") \
    FIGURE("llm", "compare_data", produce_llm, \
           "Claude 3.5 naming game, 24 agents, 10 labels: coordination against the neutral law") \
    FIGURE("density", "density", produce_density, \
           "200 agents, 2 labels, alpha 0.2, start 0.35: density of the mean belief and its atoms") \
    FIGURE("simplex", "simplex", produce_simplex, \
           "200 agents, 3 labels, alpha 0.2: density on the triangle, mass at its edges and corners") \
    FIGURE("consensus-law", "consensus-law", produce_consensus_law, \
           "64 agents, alpha 0.3, 2, 3 and 10 labels: law of the consensus time, coalescent and simulated") \
    FIGURE("buri", "buri", produce_buri, \
           "Buri's 107 populations of flies against the neutral diffusion, 2N_e = 18") \
    FIGURE("crossover", "crossover", produce_crossover, \
           "who wins with a field: against the paper's Gamma_h and against the exact Gamma_eff") \
    FIGURE("sweep", "sweep", produce_sweep, \
           "200 simulated points of (N, alpha, h) against the exact Gamma_eff, and their deviations") \
    FIGURE("protocols", "protocols", produce_protocols, \
           "who wins with a field, against N: one-way, mutual and broadcast exchange") \
    FIGURE("belief", "belief", produce_belief, \
           "one agent's belief: its law for slow and fast adapters, with a density and without") \
    FIGURE("bifurcation", "bifurcation", produce_bifurcation, \
           "alpha 0.3, innovation 0.02: self-consistent mean beliefs against the temperature") \
    FIGURE("phases", "phases", produce_phases, \
           "alpha 0.3: drift, amplification, pluralism and bias over temperature, innovation and population") \
    FIGURE("amplification", "amplification", produce_amplification, \
           "alpha 0.3: rounds to consensus against N, from N by drift to ln N by amplified noise") \
    FIGURE("flag-phases", "flag-phases", produce_flag_phases, \
           "the flag game over N and the rival's share of the evidence: correct, wrong, polarized") \
    FIGURE("critical-mass", "critical-mass", produce_critical_mass, \
           "24 agents: flips by a committed minority against its size, theory and language models") \
    FIGURE("networks", "networks", produce_networks, \
           "effective size of ring, Erdos-Renyi, Barabasi-Albert graph and star: exact, by degrees, simulated") \
    FIGURE("influence", "influence", produce_influence, \
           "who decides on a Barabasi-Albert graph of stubborn and quick agents, and who wins")

/* Fill the result with what the script draws; `data_dir` holds data/. */
#define DECLARE_PRODUCER(name, script, produce, description) \
    qsg_status produce(const char *data_dir, qsg_result *result, qsg_error *error);
FIGURES(DECLARE_PRODUCER)
#undef DECLARE_PRODUCER

typedef struct {
    const char *name, *description;
    const char *script;
    qsg_status (*produce)(const char *data_dir, qsg_result *result, qsg_error *error);
} figure_info;

extern const figure_info figures[];
extern const size_t n_figures;

#endif
