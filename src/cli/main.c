/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include <gsl/gsl_errno.h>

#include "cli/cli.h"

#define TIME_BITS (BIT(OPT_AT) | BIT(OPT_UNTIL) | BIT(OPT_POINTS) | BIT(OPT_CONSENSUS))
#define PLOT_BITS (BIT(OPT_PLOT) | BIT(OPT_STYLE))
#define ENSEMBLE_BITS (TIME_BITS | BIT(OPT_HORIZON) | BIT(OPT_RUNS) | BIT(OPT_SEED) | BIT(OPT_THREADS))

const verb_info verbs[] = {
    {"predict", "All that theory says about a model: exact moments, rates, consensus times, winners.",
     "qsg predict -N 24 -K 10 -a 0.5 --at 0,500,1500", true, false, false, TIME_BITS | BIT(OPT_CHAIN) | BIT(OPT_TOP) | OUTPUT_BITS,
     cmd_predict},
    {"density", "Distribution of the mean belief over time (Fokker-Planck), absorbed mass, stationary law.",
     "qsg density -N 100 -a 0.2 --init 0.3,0.7 --at 0.5c,1c,2c", true, false, false,
     BIT(OPT_AT) | BIT(OPT_UNTIL) | BIT(OPT_POINTS) | BIT(OPT_CELLS) | BIT(OPT_OF) | BIT(OPT_METHOD) |
         BIT(OPT_START) | BIT(OPT_STATIONARY) | PLOT_BITS | OUTPUT_BITS,
     cmd_density},
    {"simulate", "Monte Carlo ensemble of finite populations: means with standard errors, winners, consensus times.",
     "qsg simulate -N 24 -K 10 -a 0.5 --at 0,500,1500 --runs 1000", true, false, false,
     ENSEMBLE_BITS | BIT(OPT_METHOD) | BIT(OPT_TRANSCRIPT) | OUTPUT_BITS, cmd_simulate},
    {"compare",
     "Theory against simulation of one model, or against a transcript (--data): one test, a verdict, a figure.",
     "qsg compare -N 24 -K 10 -a 0.2 --runs 1000 --plot drift.pdf", true, false, false,
     ENSEMBLE_BITS | BIT(OPT_ASSUME) | BIT(OPT_DATA) | BIT(OPT_LAW) | PLOT_BITS | OUTPUT_BITS, cmd_compare},
    {"fit", "Maximum likelihood from a transcript, least squares from trajectories: estimates, intervals, tests, and a verdict.",
     "qsg fit data/ainorms/claude35_K10.tsv", true, true, true,
     BIT(OPT_FIT) | BIT(OPT_BOOTSTRAP) | BIT(OPT_SEED) | BIT(OPT_RUNS) | BIT(OPT_THREADS) | PLOT_BITS | OUTPUT_BITS,
     cmd_fit},
    {"sweep", "A grid of parameters: predict, simulate or compare at every point, resumable, over threads and MPI ranks.",
     "qsg sweep --vary N=8:512:*2 --vary a=0.1,0.5 --do simulate -o table.tsv", true, true, false,
     ENSEMBLE_BITS | BIT(OPT_VARY) | BIT(OPT_DO) | BIT(OPT_COLUMNS) | BIT(OPT_TARGET_SE) | BIT(OPT_MAX_RUNS) |
         BIT(OPT_METHOD) | BIT(OPT_SHARD) | BIT(OPT_MERGE) | OUTPUT_BITS,
     cmd_sweep},
    {"validate", "The law suite: every law of the theory against simulated populations, with power and a report.",
     "qsg validate --quick", false, false, false,
     BIT(OPT_LAWS) | BIT(OPT_QUICK) | BIT(OPT_THOROUGH) | BIT(OPT_MUTATE) | BIT(OPT_REPORT) | BIT(OPT_SEED) | BIT(OPT_THREADS) |
         OUTPUT_BITS,
     cmd_validate},
    {"figure", "Draw one named figure with its data beside it, or list the names.", "qsg figure llm -o llm.pdf", false,
     true, false, OUTPUT_BITS | BIT(OPT_STYLE), cmd_figure},
};
const size_t n_verbs = sizeof verbs / sizeof *verbs;

static const verb_info *find_verb(const char *name)
{
    for (size_t i = 0; i < n_verbs; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

static void usage(FILE *stream)
{
    fprintf(stream, "qsg: theory, simulation and comparison for populations that learn from each other's samples\n\n"
                    "Usage: qsg VERB [MODEL OPTIONS] [VERB OPTIONS]\n\n");
    for (size_t i = 0; i < n_verbs; i++)
        fprintf(stream, "  %-9s %s\n", verbs[i].name, verbs[i].summary);
    fprintf(stream, "  %-9s %s\n\n'qsg help VERB' lists the options of a verb; 'qsg --version' tells the version.\n",
            "help", "This text, or the options of one verb.");
}

static int unknown(const char *name)
{
    qsg_error error;
    return fail(qsg_fail(&error, QSG_EINPUT, "unknown verb (%.100s); expected one that 'qsg help' lists", name),
                &error);
}

/* Run what the words ask for; the exit code. */
static int run(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (!*name) {
        fprintf(stderr, "qsg: a verb is missing (nothing given); expected one that 'qsg help' lists\n");
        return EXIT_USAGE;
    }
    if (strcmp(name, "--version") == 0) {
        printf("qsg %s\nLicence GPL-3.0-or-later.  No warranty.\n", PACKAGE_VERSION);
        return EXIT_DONE;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || (strcmp(name, "help") == 0 && argc == 2)) {
        usage(stdout);
        return EXIT_DONE;
    }
    if (strcmp(name, "help") == 0) {
        const verb_info *verb = find_verb(argv[2]);
        if (!verb)
            return unknown(argv[2]);
        options_help(stdout, verb);
        return EXIT_DONE;
    }
    const verb_info *verb = find_verb(name);
    if (!verb)
        return unknown(name);
    options opts;
    int code = options_parse(&opts, verb, argc, argv);
    if (!code && opts.texts[OPT_HELP])
        options_help(stdout, verb);
    else if (!code && !(code = options_settle(&opts)) && !(code = check_files(&opts)))
        code = verb->run(&opts);
    options_free(&opts);
    return code;
}

int main(int argc, char **argv)
{
    gsl_set_error_handler_off(); /* codes, not an abort */
    int code = run(argc, argv);
    if (!code && fflush(stdout) != 0) {
        fprintf(stderr, "qsg: writing to standard output failed: %s\n", strerror(errno));
        code = EXIT_IO;
    }
    return code;
}
