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
    [OPT_POINTS] = {"points", 0, "n", true, "how many times --until makes (21)"},
    [OPT_CONSENSUS] = {"consensus", 0, "U", true, "polarization that counts as consensus (0.95)"},
    [OPT_HORIZON] = {"horizon", 0, "T", true, "how long a run may take to reach consensus (see the manual)"},
    [OPT_RUNS] = {"runs", 0, "R", true, "independent populations (1000)"},
    [OPT_SEED] = {"seed", 0, "S", true, "seed of the random streams (1)"},
    [OPT_THREADS] = {"threads", 0, "n", false, "threads (all); results do not depend on it"},
    [OPT_ASSUME] = {"assume", 0, "NAME=VALUE;..", true, "what theory would say at other parameters than the simulated ones"},
    [OPT_DATA] = {"data", 0, "FILE", true, "compare with a transcript instead of a simulation"},
    [OPT_CELLS] = {"cells", 0, "n", true, "cells of the density (K = 2: 1000; K = 3: 100 a side)"},
    [OPT_OF] = {"of", 0, "mean|beliefs", true, "density of the population's mean belief (mean), or of one agent's"},
    [OPT_METHOD] = {"method", 0, "auto|spectral|finite-volume", true, "how to solve the diffusion of two labels"},
    [OPT_START] = {"start", 0, "p|p1,..,pK|FILE", true, "where it starts: shares, or a density (TSV: x, density)"},
    [OPT_STATIONARY] = {"stationary", 0, NULL, true, "also the stationary law, twice"},
    [OPT_JSON] = {"json", 0, NULL, true, "write one JSON object instead of TSV"},
    [OPT_OUTPUT] = {"output", 'o', "FILE", false, "write to FILE instead of standard output"},
    [OPT_PLOT] = {"plot", 0, "FILE.{pdf,svg,png}", false, "draw the figure with gnuplot"},
    [OPT_QUIET] = {"quiet", 0, NULL, false, "no progress"},
    [OPT_HELP] = {"help", 'h', NULL, true, "this text"},
};

const char *option_name(verb_option which)
{
    return table[which].name;
}

enum { FIRST_VERB_OPTION = 256, FIRST_MODEL_OPTION = 512 };

void options_help(FILE *stream, const verb_info *verb)
{
    fprintf(stream, "Usage: qsg %s%s [OPTIONS]%s\n%s\n\nExample: %s\n", verb->name,
            verb->takes_model ? " [MODEL OPTIONS]" : "", verb->takes_words ? " NAME" : "", verb->summary,
            verb->example);
    if (verb->takes_model) {
        fprintf(stream, "\nModel options:\n");
        for (int i = 0; i < QSG_MODEL_OPTIONS; i++) {
            const qsg_option_info *o = &qsg_model_options[i];
            char left[96];
            snprintf(left, sizeof left, "%c%c%s--%s %s", o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
                     o->letter ? ", " : "  ", o->name, o->value);
            fprintf(stream, "  %-38s %s%s%s%s\n", left, strlen(left) > 38 ? "\n                                         " : "",
                    o->help, o->standard ? " [" : " (required)", o->standard ? o->standard : "");
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

/* The recorded command: every word of argv that can matter. */
static char *record_command(int argc, char **argv)
{
    size_t room = 8;
    for (int i = 1; i < argc; i++)
        room += 4 * strlen(argv[i]) + 4;
    char *text = malloc(room), *at = text;
    if (!text)
        return NULL;
    at = stpcpy(at, "qsg");
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        bool skip = false, takes_value = false;
        for (int j = 0; j < VERB_OPTIONS; j++) {
            size_t length = strlen(table[j].name);
            bool is_long = word[0] == '-' && word[1] == '-' && strncmp(word + 2, table[j].name, length) == 0;
            bool is_short = table[j].letter && word[0] == '-' && word[1] == table[j].letter;
            if (table[j].echoed || !(is_long || is_short))
                continue;
            skip = true;
            takes_value = table[j].value && (is_long ? word[2 + length] == 0 : word[2] == 0);
        }
        if (skip) {
            i += takes_value;
            continue;
        }
        *at++ = ' ';
        if (*word && strcspn(word, " \t\n'\"\\$`*?[](){}<>|&;#~!") == strlen(word)) {
            at = stpcpy(at, word);
        } else {
            *at++ = '\'';
            for (const char *c = word; *c; c++)
                if (*c == '\'')
                    at = stpcpy(at, "'\\''");
                else
                    *at++ = *c == '\n' ? ' ' : *c;
            *at++ = '\'';
        }
    }
    *at = 0;
    return text;
}

int options_parse(options *self, const verb_info *verb, int argc, char **argv)
{
    struct option longs[VERB_OPTIONS + QSG_MODEL_OPTIONS + 1] = {{0}};
    char shorts[64] = ":", *s = shorts + 1;
    int n = 0, code, index;
    qsg_error error;
    *self = (options){.verb = verb->name};
    for (int i = 0; i < VERB_OPTIONS; i++) {
        longs[n++] = (struct option){table[i].name, table[i].value ? required_argument : no_argument, NULL,
                                     FIRST_VERB_OPTION + i};
        if (table[i].letter)
            s += sprintf(s, "%c%s", table[i].letter, table[i].value ? ":" : "");
    }
    for (int i = 0; i < QSG_MODEL_OPTIONS; i++) {
        longs[n++] = (struct option){qsg_model_options[i].name, required_argument, NULL, FIRST_MODEL_OPTION + i};
        if (qsg_model_options[i].letter)
            s += sprintf(s, "%c:", qsg_model_options[i].letter);
    }
    self->command = record_command(argc, argv);
    opterr = 0;
    optind = 2;
    while ((code = getopt_long(argc, argv, shorts, longs, &index)) != -1) {
        const char *word = argv[optind - 1];
        if (code == ':')
            return complain("option needs a value", word, "one after it");
        if (code == '?') {
            const char letter[] = {'-', (char)optopt, 0}; /* inside a cluster, `word` may be the one before it */
            if (optopt >= FIRST_VERB_OPTION)
                return complain("option takes no value", word, "it alone");
            return complain("unknown option", optopt ? letter : word, "one that 'qsg help VERB' lists");
        }
        for (int i = 0; code < FIRST_VERB_OPTION && i < QSG_MODEL_OPTIONS; i++)
            if (qsg_model_options[i].letter == code)
                code = FIRST_MODEL_OPTION + i;
        for (int i = 0; code < FIRST_VERB_OPTION && i < VERB_OPTIONS; i++)
            if (table[i].letter == code)
                code = FIRST_VERB_OPTION + i;
        const bool is_model = code >= FIRST_MODEL_OPTION;
        const int i = code - (is_model ? FIRST_MODEL_OPTION : FIRST_VERB_OPTION);
        if (is_model ? !verb->takes_model : !(verb->supported & BIT(i))) {
            fprintf(stderr, "qsg: %s does not support --%s (%s); expected an option that 'qsg help %s' lists\n",
                    verb->name, is_model ? qsg_model_options[i].name : table[i].name, optarg ? optarg : "given",
                    verb->name);
            return EXIT_USAGE;
        }
        if (is_model) {
            qsg_status status = qsg_settings_set(&self->settings, qsg_model_options[i].name, optarg, &error);
            if (status)
                return fail(status, &error);
        } else {
            self->texts[i] = optarg ? optarg : "";
        }
    }
    self->rest = argv + optind;
    self->n_rest = argc - optind;
    if (self->n_rest && !verb->takes_words)
        return complain("stray word on the command line", self->rest[0], "options only");
    return EXIT_DONE;
}

void options_free(options *self)
{
    qsg_settings_free(&self->settings);
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
    if (end == word || *end || !(value >= 0) || !(value * unit <= MAX_TIME))
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
