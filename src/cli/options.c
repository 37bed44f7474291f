/* The command line: one table of verb options beside the library's table of model options.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "cli/cli.h"

/* Longer than any interaction count the model can need, and still exact as a whole double. */
#define MAX_TIME 1e300

static const struct {
    const char *name;
    char letter;
    const char *value; /* NULL: a flag */
    bool echoed;       /* false: cannot change a result, so left out of the recorded command */
    const char *help;
} table[VERB_OPTIONS] = {
    [OPT_AT] = {"at", 0, "T1,T2,..", true, "times in interactions; suffix r: rounds of N, c: units of 1/slow rate"},
    [OPT_UNTIL] = {"until", 0, "T", true, "equally spaced times from 0 to T"},
    [OPT_POINTS] = {"points", 0, "n", true, "how many times --until makes, at most: they are whole and distinct (21)"},
    [OPT_CONSENSUS] = {"consensus", 0, "U", true, "polarization that counts as consensus (0.95)"},
    [OPT_HORIZON] = {"horizon", 0, "T", true, "how long a run may take to reach consensus (see the manual)"},
    [OPT_RUNS] = {"runs", 0, "R", true, "independent populations; fit: games played from the estimates (1000)"},
    [OPT_SEED] = {"seed", 0, "S", true, "seed of the random streams (1)"},
    [OPT_THREADS] = {"threads", 0, "n", false, "threads (all); results do not depend on it"},
    [OPT_ASSUME] = {"assume", 0, "NAME=VALUE;..", true,
                    "what theory would say at other parameters than the simulated ones"},
    [OPT_DATA] = {"data", 0, "FILE", true, "compare with a transcript instead of a simulation"},
    [OPT_LAW] = {"law", 0, NULL, true, "also the laws of the mean belief and of the consensus time, at N/4, N/2 and N"},
    [OPT_CELLS] = {"cells", 0, "n", true, "cells of the density (K = 2: 1000; K = 3: 100 a side)"},
    [OPT_OF] = {"of", 0, "mean|beliefs", true, "density of the population's mean belief (mean), or of one agent's"},
    [OPT_METHOD] = {"method", 0, "HOW", true,
                    "density of two labels: auto, spectral, finite-volume; simulate, sweep: interactions, diffusion"},
    [OPT_START] = {"start", 0, "p|p1,..,pK|FILE", true, "where it starts: shares, or a density (TSV: x, density)"},
    [OPT_STATIONARY] = {"stationary", 0, NULL, true, "also the stationary law, twice"},
    [OPT_TOP] = {"top", 0, "n", true, "of the table of influence the n most influential agents, these first"},
    [OPT_CHAIN] = {"chain", 0, "wright-fisher", true, "N genes that all copy at once (-a 1): times are generations, the unit c is 1/slow rate of these"},
    [OPT_VARY] = {"vary", 0, "NAME=LIST", true,
                  "vary a model option over 0.1,0.5 or 8:1024:*2 or 0:1:+0.1; again for each axis"},
    [OPT_DO] = {"do", 0, "predict|simulate|compare", true, "what to compute at every point (predict)"},
    [OPT_COLUMNS] = {"columns", 0, "KEY,..", true, "entries of the verb's result, KEY, KEY[i] or KEY[last]"},
    [OPT_TARGET_SE] = {"target-se", 0, "NAME=SE", true,
                       "runs until the standard error of U, V, S, consensus_time or win.share is SE"},
    [OPT_MAX_RUNS] = {"max-runs", 0, "R", true, "at most so many runs for --target-se (1000000)"},
    [OPT_SHARD] = {"shard", 0, "i/n", false, "only the points i, i+n, ..; i from 1 to n"},
    [OPT_MERGE] = {"merge", 0, NULL, true, "make the table of a sweep from its shards FILE.."},
    [OPT_FIT] = {"fit", 0, "NAME,..", true, "what to estimate: some of alpha, self, temper, innovation, field (all)"},
    [OPT_BOOTSTRAP] = {"bootstrap", 0, "B", true, "resample whole runs B times for intervals and tests (0)"},
    [OPT_TRANSCRIPT] = {"transcript", 0, "FILE", true, "also write who said what to whom, as fit reads it (-m 1)"},
    [OPT_LAWS] = {"law", 0, "NAME,..", true, "only these laws"},
    [OPT_QUICK] = {"quick", 0, NULL, true, "under a minute on two cores, larger errors pass"},
    [OPT_THOROUGH] = {"thorough", 0, NULL, true, "larger populations, smaller errors, more time"},
    [OPT_MUTATE] = {"mutate", 0, "LAW", true, "perturb this law's theory: the suite must fail"},
    [OPT_REPORT] = {"report", 0, "DIR", false, "write DIR/index.html with a figure and a table a law"},
    [OPT_JSON] = {"json", 0, NULL, true, "write one JSON object instead of TSV"},
    [OPT_OUTPUT] = {"output", 'o', "FILE", false, "write to FILE instead of standard output (-)"},
    [OPT_PLOT] = {"plot", 0, "FILE.{pdf,svg,png,tex,gp}", false, "draw the figure with gnuplot"},
    [OPT_STYLE] = {"style", 0, "column|double|slide", false, "size of the picture: 86 mm (column), 178 mm, or for slides"},
    [OPT_QUIET] = {"quiet", 0, NULL, false, "no progress"},
    [OPT_HELP] = {"help", 'h', NULL, true, "this text"},
};

const char *option_name(verb_option which)
{
    return table[which].name;
}

enum { FIRST_VERB_OPTION = 256, FIRST_MODEL_OPTION = 512 };

/* What a model option is when nobody gives it. */
static const char *standard_of(const verb_info *verb, int i)
{
    static const char *const found[QSG_MODEL_OPTIONS] = {[QSG_AGENTS] = "[from the data]", [QSG_LABELS] = "[from the data]",
                                                         [QSG_EXCHANGE] = "[from the data]", [QSG_ALPHA] = "[fitted]"};
    if (verb->asks_data && found[i])
        return found[i];
    return qsg_model_options[i].standard ? NULL : "(required)";
}

void options_help(FILE *stream, const verb_info *verb)
{
    fprintf(stream, "Usage: qsg %s%s [OPTIONS]%s\n%s\n\nExample: %s\n", verb->name,
            verb->takes_model ? " [MODEL OPTIONS]" : "", verb->asks_data ? " FILE" : verb->takes_words ? " NAME" : "", verb->summary,
            verb->example);
    if (verb->takes_model) {
        fprintf(stream, "\nModel options:\n");
        for (int i = 0; i < QSG_MODEL_OPTIONS; i++) {
            const qsg_option_info *o = &qsg_model_options[i];
            char left[96];
            snprintf(left, sizeof left, "%c%c%s--%s %s", o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
                     o->letter ? ", " : "  ", o->name, o->value);
            const char *text = standard_of(verb, i), *standard = text ? text : o->standard;
            fprintf(stream, "  %-38s %s%s %s%s%s\n", left,
                    strlen(left) > 38 ? "\n                                         " : "", o->help,
                    text ? "" : "[", standard, text ? "" : "]");
        }
    }
    fprintf(stream, "\nOptions:\n");
    for (int i = 0; i < VERB_OPTIONS; i++) {
        char left[96];
        if (!(verb->supported & BIT(i)))
            continue;
        snprintf(left, sizeof left, "%c%c%s--%s %s", table[i].letter ? '-' : ' ',
                 table[i].letter ? table[i].letter : ' ', table[i].letter ? ", " : "  ", table[i].name,
                 table[i].value ? table[i].value : "");
        fprintf(stream, "  %-38s %s\n", left, table[i].help);
    }
}

static int complain(const char *what, const char *value, const char *expected)
{
    qsg_error error;
    return fail(qsg_fail(&error, QSG_EINPUT, "%.100s (%.200s); expected %s", what, value, expected), &error);
}

/* A word as a shell reads it. */
static void put_word(FILE *stream, const char *word)
{
    if (*word && strcspn(word, " \t\n'\"\\$`*?[](){}<>|&;#~!") == strlen(word)) {
        fputs(word, stream);
        return;
    }
    fputc('\'', stream);
    for (; *word; word++)
        if (*word == '\'')
            fputs("'\\''", stream);
        else
            fputc(*word == '\n' ? ' ' : *word, stream);
    fputc('\'', stream);
}

/* Whether another option that the verb takes has this one's name: --law is a flag of one verb and takes a value in
 * another. */
static bool is_shadowed(const verb_info *verb, int which)
{
    for (int i = 0; i < VERB_OPTIONS; i++)
        if (i != which && (verb->supported & BIT(i)) && strcmp(table[i].name, table[which].name) == 0)
            return true;
    return false;
}

/* The tables in getopt's form. */
static void describe(const verb_info *verb, struct option *longs, char *shorts)
{
    *shorts++ = ':';
    for (int i = 0; i < VERB_OPTIONS; i++) {
        if (is_shadowed(verb, i))
            continue;
        *longs++ = (struct option){table[i].name, table[i].value ? required_argument : no_argument, NULL,
                                   FIRST_VERB_OPTION + i};
        if (table[i].letter)
            shorts += sprintf(shorts, "%c%s", table[i].letter, table[i].value ? ":" : "");
    }
    for (int i = 0; i < QSG_MODEL_OPTIONS; i++) {
        *longs++ = (struct option){qsg_model_options[i].name, required_argument, NULL, FIRST_MODEL_OPTION + i};
        if (qsg_model_options[i].letter)
            shorts += sprintf(shorts, "%c:", qsg_model_options[i].letter);
    }
}

/* The number of an option given by its letter. */
static int number_of(int letter)
{
    for (int i = 0; i < QSG_MODEL_OPTIONS; i++)
        if (qsg_model_options[i].letter == letter)
            return FIRST_MODEL_OPTION + i;
    for (int i = 0; i < VERB_OPTIONS; i++)
        if (table[i].letter == letter)
            return FIRST_VERB_OPTION + i;
    return -1;
}

/* What getopt found wrong. */
static int refuse(int code, const char *word)
{
    if (code == ':')
        return complain("option needs a value", word, "one after it");
    if (optopt >= FIRST_VERB_OPTION)
        return complain("option takes no value", word, "it alone");
    const char letter[] = {'-', (char)optopt, 0}; /* inside a cluster, `word` may be the one before it */
    return complain("unknown option", optopt ? letter : word, "one that 'qsg help VERB' lists");
}

/* Take the option that getopt returned, and record it unless it cannot change a result. */
static int take(options *self, const verb_info *verb, int code, FILE *command)
{
    const int number = code < FIRST_VERB_OPTION ? number_of(code) : code;
    const bool is_model = number >= FIRST_MODEL_OPTION;
    const int i = number - (is_model ? FIRST_MODEL_OPTION : FIRST_VERB_OPTION);
    const char *name = is_model ? qsg_model_options[i].name : table[i].name;
    if (is_model ? !verb->takes_model : !(verb->supported & BIT(i))) {
        fprintf(stderr, "qsg: %s does not support --%s (%s); expected an option that 'qsg help %s' lists\n",
                verb->name, name, optarg ? optarg : "given", verb->name);
        return EXIT_USAGE;
    }
    if (is_model) {
        qsg_error error;
        qsg_status status = qsg_settings_set(&self->settings, name, optarg, &error);
        if (status)
            return fail(status, &error);
    } else {
        self->texts[i] = optarg ? optarg : "";
        if (i == OPT_VARY)
            self->vary[self->n_vary++] = optarg;
    }
    if (!is_model && !table[i].echoed)
        return EXIT_DONE;
    if (code < FIRST_VERB_OPTION)
        fprintf(command, " -%c", code);
    else
        fprintf(command, " --%s", name);
    if (optarg) {
        fputc(' ', command);
        put_word(command, optarg);
    }
    return EXIT_DONE;
}

/* The long option that a word names after `dashes` dashes, up to a `=`; NULL for none. */
static const char *named(const struct option *longs, const char *word, size_t dashes)
{
    if (strspn(word, "-") != dashes)
        return NULL;
    const size_t length = strcspn(word + dashes, "=");
    for (; longs->name; longs++)
        if (length > 1 && strlen(longs->name) == length && strncmp(word + dashes, longs->name, length) == 0)
            return longs->name;
    return NULL;
}

/* Words that getopt would take for something else: a long option with one dash is a short one with a value, and an option
 * without its value takes the next option for it. */
static int check_words(const struct option *longs, int argc, char **argv)
{
    for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *name = named(longs, argv[i], 1), *before = named(longs, argv[i - 1], 2);
        char expected[80];
        if (name) {
            snprintf(expected, sizeof expected, "--%s", name);
            return complain("long option with one dash", argv[i], expected);
        }
        if (!before || strchr(argv[i - 1], '=') || !named(longs, argv[i], 2))
            continue;
        const struct option *option = longs;
        while (strcmp(option->name, before) != 0)
            option++;
        if (option->has_arg == required_argument) {
            snprintf(expected, sizeof expected, "one before %.60s", argv[i]);
            return complain("option needs a value", argv[i - 1], expected);
        }
    }
    return EXIT_DONE;
}

int options_parse(options *self, const verb_info *verb, int argc, char **argv)
{
    struct option longs[VERB_OPTIONS + QSG_MODEL_OPTIONS + 1] = {{0}};
    char shorts[64];
    size_t size;
    int code, index, outcome = EXIT_DONE;
    *self = (options){.verb = verb->name, .argv = argv, .vary = calloc((size_t)argc, sizeof *self->vary)};
    FILE *command = self->vary ? open_memstream(&self->command, &size) : NULL;
    if (!command)
        return fail(QSG_ENOMEM, &(qsg_error){"no memory for the command line"});
    describe(verb, longs, shorts);
    fprintf(command, "qsg %s", verb->name);
    outcome = check_words(longs, argc, argv);
    opterr = 0;
    optind = 2;
    while (!outcome && (code = getopt_long(argc, argv, shorts, longs, &index)) != -1)
        outcome = code == ':' || code == '?' ? refuse(code, argv[optind - 1]) : take(self, verb, code, command);
    self->rest = argv + optind;
    self->n_rest = argc - optind;
    for (int i = 0; i < self->n_rest; i++) {
        fputc(' ', command);
        put_word(command, self->rest[i]);
    }
    if (fclose(command) && !outcome)
        outcome = fail(QSG_ENOMEM, &(qsg_error){"no memory for the command line"});
    if (!outcome && self->n_rest && !verb->takes_words)
        return complain("stray word on the command line", self->rest[0], "options only");
    return outcome;
}

void options_free(options *self)
{
    qsg_settings_free(&self->settings);
    free(self->vary);
    self->vary = NULL;
    free(self->command);
    self->command = NULL;
}

int options_whole(const options *self, verb_option which, uint64_t standard, uint64_t low, uint64_t high,
                  uint64_t *out)
{
    qsg_error error;
    *out = standard;
    if (!self->texts[which])
        return EXIT_DONE;
    char what[32];
    snprintf(what, sizeof what, "--%s", table[which].name);
    qsg_status status = parse_whole(self->texts[which], what, low, high, out, &error);
    return status ? fail(status, &error) : EXIT_DONE;
}

int options_real(const options *self, verb_option which, double standard, double low, double high, double *out)
{
    qsg_error error;
    char what[32], expected[64];
    *out = standard;
    if (!self->texts[which])
        return EXIT_DONE;
    snprintf(what, sizeof what, "--%s", table[which].name);
    snprintf(expected, sizeof expected, "a number in (%g, %g)", low, high);
    qsg_status status = parse_number(self->texts[which], what, expected, out, &error);
    if (!status && !(*out > low && *out < high))
        status = qsg_fail(&error, QSG_EDOMAIN, "%s is out of range (%s); expected %s", what, self->texts[which],
                          expected);
    return status ? fail(status, &error) : EXIT_DONE;
}

/* One time of a list, up to `end` (the comma or the end of the text). */
static int read_time(const char *text, size_t length, const char *what, const qsg_model *model, double rate,
                     double *out)
{
    char word[64], full[64];
    if (length == 0 || length >= sizeof word)
        return complain(what, text, "times such as 1500, 40r or 2c");
    memcpy(word, text, length);
    word[length] = 0;
    strcpy(full, word);
    double unit = 1;
    char suffix = word[length - 1];
    if (suffix == 'r')
        unit = (double)model->agents;
    if (suffix == 'c') {
        if (!(rate > 0))
            return complain(what, full, "interactions or rounds: this model has no slow rate to make the unit c");
        unit = 1 / rate;
    }
    if (suffix == 'r' || suffix == 'c')
        word[length - 1] = 0;
    char *end;
    double value = strtod(word, &end);
    if (end == word || *end || strpbrk(word, "xX") || !(value >= 0) || !(value * unit <= MAX_TIME))
        return complain(what, full, "a time >= 0 in interactions, or with suffix r or c");
    if (suffix != 'r' && suffix != 'c' && value != floor(value))
        return complain(what, full, "a whole number of interactions");
    *out = nearbyint(value * unit) + 0.0; /* no -0 */
    return EXIT_DONE;
}

int options_time(const options *self, verb_option which, const qsg_model *model, double rate, double standard,
                 double *out)
{
    char what[48];
    *out = standard;
    if (!self->texts[which])
        return EXIT_DONE;
    snprintf(what, sizeof what, "--%s is not a time", table[which].name);
    return read_time(self->texts[which], strlen(self->texts[which]), what, model, rate, out);
}

int options_times(const options *self, const qsg_model *model, double rate, double standard_until, double **times,
                  size_t *n)
{
    const char *list = self->texts[OPT_AT];
    uint64_t points;
    if (list && (self->texts[OPT_UNTIL] || self->texts[OPT_POINTS]))
        return complain("--at cannot go with --until or --points", list, "one of them");
    size_t count = 1;
    int code = options_whole(self, OPT_POINTS, 21, 2, 1000000, &points);
    if (code)
        return code;
    for (const char *c = list; c && *c; c++)
        count += *c == ',';
    if (!list)
        count = (size_t)points;
    double *out = malloc(count * sizeof *out), until = 0;
    if (!out)
        return fail(QSG_ENOMEM, &(qsg_error){"no memory for the times"});
    if (!list) {
        code = options_time(self, OPT_UNTIL, model, rate, standard_until, &until);
        size_t kept = 0; /* a short grid has fewer whole times than points */
        for (size_t i = 0; i < count; i++) {
            double t = nearbyint(until * (double)i / (double)(count - 1));
            if (!kept || t > out[kept - 1])
                out[kept++] = t;
        }
        count = kept;
    }
    for (size_t i = 0; list && !code && i < count; i++) {
        size_t length = strcspn(list, ",");
        code = read_time(list, length, "--at is not a time", model, rate, &out[i]);
        if (!code && i && out[i] < out[i - 1])
            code = complain("--at times decrease", self->texts[OPT_AT], "times in increasing order");
        list += length + 1;
    }
    if (code) {
        free(out);
        return code;
    }
    *times = out;
    *n = count;
    return EXIT_DONE;
}

static int complain_empty(const char *name, const char *value)
{
    char what[48];
    snprintf(what, sizeof what, "--%s is empty", name);
    return complain(what, "", value);
}

int options_settle(options *self)
{
    for (int i = 0; i < QSG_MODEL_OPTIONS; i++)
        if (self->settings.texts[i] && !*self->settings.texts[i])
            return complain_empty(qsg_model_options[i].name, qsg_model_options[i].value);
    for (int i = 0; i < VERB_OPTIONS; i++)
        if (table[i].value && self->texts[i] && !*self->texts[i])
            return complain_empty(table[i].name, table[i].value);
    if (self->texts[OPT_TRANSCRIPT] && strcmp(self->texts[OPT_TRANSCRIPT], "-") == 0)
        return complain("--transcript cannot go to standard output, where the results are", "-", "the name of a file");
    if (self->texts[OPT_OUTPUT] && strcmp(self->texts[OPT_OUTPUT], "-") == 0)
        self->texts[OPT_OUTPUT] = NULL;
    return EXIT_DONE;
}
