/* What a sweep is to do, from the options.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "cli/sweep.h"

const char *const sweep_verb_names[N_DO] = {"predict", "simulate", "compare"};

static const char *const standard_columns[N_DO] = {
    "slow_rate,slow_rate_meanfield,gamma,gamma_meanfield,crossover_population,fixation.probability[1],"
    "fixation.mean_time,consensus_time,consensus_time_meanfield,stationary.U,growth_rate,times[last],U[last],"
    "V[last],S[last]",
    "runs,seed,win.share,win.se,consensus_time.mean,consensus_time.se,consensus_time.median,unresolved,times[last],"
    "U_mean[last],U_se[last],V_mean[last],V_se[last],S_mean[last],S_se[last]",
    "runs,seed,gamma,gamma_meanfield,fixation.theory[1],fixation.simulation[1],fixation.se[1],fixation.z[1],"
    "unresolved,times[last],U[last],U_mean[last],U_se[last],max_abs_z,p_value,agree",
};

static int complain(const char *what, const char *value, const char *expected)
{
    qsg_error error;
    return fail(qsg_fail(&error, QSG_EINPUT, "%.100s (%.200s); expected %s", what, value, expected), &error);
}

/* "PATH", "PATH[i]" or "PATH[last]", which heads its column as PATH, PATH_i or PATH. */
static qsg_status read_column(sweep_column *self, const char *text, qsg_error *error)
{
    const char *bracket = strchr(text, '[');
    const size_t n = bracket ? (size_t)(bracket - text) : strlen(text);
    uint64_t element = 0;
    char digits[24] = "", end = 0;
    if (bracket && sscanf(bracket, "[%23[0-9a-z]%c", digits, &end) == 2 && end == ']' && !bracket[strlen(digits) + 2]) {
        if (strcmp(digits, "last") == 0)
            element = SIZE_MAX;
        else if (parse_whole(digits, "", 1, 1000000, &element, NULL))
            element = 0;
    }
    if (!n || (bracket && !element) || strcspn(text, " \t\r\n\"'#") != strlen(text))
        return qsg_fail(error, QSG_EINPUT, "--columns has no key (%.100s); expected KEY, KEY[i] or KEY[last], apart by "
                        "commas", text);
    self->element = (size_t)element;
    self->path = strndup(text, n);
    const bool numbered = element && element != SIZE_MAX;
    const size_t shown = strcmp(text, "times[last]") == 0 ? strlen("time") : n;
    if (asprintf(&self->name, "%.*s%s%s", (int)shown, text, numbered ? "_" : "", numbered ? digits : "") < 0)
        self->name = NULL;
    return self->path && self->name ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for the columns");
}

/* The verdict of comparisons needs their agreement, whatever the table shows. */
static qsg_status add_agreement(sweep *self, qsg_error *error)
{
    for (size_t i = 0; i < self->n_columns; i++)
        if (strcmp(self->columns[i].path, "agree") == 0 && self->columns[i].element == 0)
            return QSG_OK;
    sweep_column *column = &self->columns[self->n_columns++];
    column->hidden = true;
    return read_column(column, "agree", error);
}

qsg_status sweep_columns_init(sweep *self, const char *list, qsg_error *error)
{
    char *copied = strdup(list ? list : standard_columns[self->verb]), *next;
    size_t n = 1;
    for (const char *c = copied; c && *c; c++)
        n += *c == ',';
    self->columns = calloc(n + 1, sizeof *self->columns);
    qsg_status status = copied && self->columns ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for the columns");
    for (char *word = copied; word && !status; word = next) {
        next = strchr(word, ',');
        if (next)
            *next++ = 0;
        status = read_column(&self->columns[self->n_columns++], word, error);
        for (size_t i = 0; i + 1 < self->n_columns && !status; i++)
            if (strcmp(self->columns[i].name, self->columns[self->n_columns - 1].name) == 0)
                status = qsg_fail(error, QSG_EINPUT, "--columns has a column twice (%.100s); expected it once", word);
    }
    if (!status && self->verb == DO_COMPARE)
        status = add_agreement(self, error);
    free(copied);
    return status;
}

/* Varied options may not be fixed as well, and required ones must be either. */
static int check_model_options(const sweep *self)
{
    for (int i = 0; i < QSG_MODEL_OPTIONS; i++) {
        bool varied = false;
        for (size_t a = 0; a < self->grid.n; a++)
            varied |= (int)self->grid.axes[a].option == i;
        if (varied && self->opts->settings.texts[i])
            return complain("an option is varied and fixed", qsg_model_options[i].name, "one of the two");
        const bool elsewhere = i == QSG_ALPHA && self->opts->settings.texts[QSG_AGENTS_FILE];
        if (!varied && !self->opts->settings.texts[i] && !qsg_model_options[i].standard && !elsewhere)
            return complain("a model option is missing", qsg_model_options[i].name, "it, or --vary NAME=LIST");
    }
    return EXIT_DONE;
}

static int read_target(sweep *self)
{
    const char *text = self->opts->texts[OPT_TARGET_SE];
    int code = options_whole(self->opts, OPT_MAX_RUNS, 1000000, 1, QSG_MAX_RUNS, &self->max_runs);
    if (code || !text)
        return code || !self->opts->texts[OPT_MAX_RUNS]
                   ? code : complain("--max-runs needs --target-se", self->opts->texts[OPT_MAX_RUNS], "both");
    const size_t n = strcspn(text, "=");
    qsg_error error;
    snprintf(self->target_name, sizeof self->target_name, "%.*s", n < 23 ? (int)n : 23, text);
    if (!text[n] || !sweep_is_target(self->target_name))
        return complain("--target-se names no quantity with a standard error", text,
                        "U, V, S, consensus_time or win.share = SE");
    self->target = self->target_name;
    qsg_status status = parse_number(text + n + 1, "--target-se", "a standard error > 0", &self->target_se, &error);
    if (!status && !(self->target_se > 0))
        status = qsg_fail(&error, QSG_EDOMAIN, "--target-se is out of range (%.60s); expected a standard error > 0",
                          text);
    return status ? fail(status, &error) : EXIT_DONE;
}

/* Options that the verb of the sweep has no use for. */
static int check_verb_options(const sweep *self)
{
    static const struct { verb_option option; unsigned verbs; } uses[] = {
        {OPT_RUNS, 1u << DO_SIMULATE | 1u << DO_COMPARE}, {OPT_SEED, 1u << DO_SIMULATE | 1u << DO_COMPARE},
        {OPT_HORIZON, 1u << DO_SIMULATE | 1u << DO_COMPARE}, {OPT_TARGET_SE, 1u << DO_SIMULATE},
        {OPT_MAX_RUNS, 1u << DO_SIMULATE}, {OPT_METHOD, 1u << DO_SIMULATE}};
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++)
        if (self->opts->texts[uses[i].option] && !(uses[i].verbs & 1u << self->verb)) {
            char what[64];
            snprintf(what, sizeof what, "sweep --do %s does not support --%s", sweep_verb_names[self->verb],
                     option_name(uses[i].option));
            return complain(what, self->opts->texts[uses[i].option], "options of that verb");
        }
    return EXIT_DONE;
}

/* Numbers and times that are bad at every point are so now: the model is any that knows all units. */
static int check_numbers(const sweep *self)
{
    const options *opts = self->opts;
    const qsg_model any = {.agents = 2, .labels = 2};
    uint64_t whole;
    double real, *times = NULL;
    size_t n;
    int code = options_whole(opts, OPT_RUNS, 1000, 1, QSG_MAX_RUNS, &whole);
    if (!code)
        code = options_whole(opts, OPT_SEED, 1, 0, INT64_MAX, &whole);
    if (!code)
        code = options_real(opts, OPT_CONSENSUS, 0.95, 0, 1, &real);
    if (!code && (opts->texts[OPT_AT] || opts->texts[OPT_UNTIL] || opts->texts[OPT_POINTS]))
        code = options_times(opts, &any, 1, 1, &times, &n);
    if (!code)
        code = options_time(opts, OPT_HORIZON, &any, 1, 0, &real);
    free(times);
    return code;
}

static int read_shard(sweep *self)
{
    const char *text = self->opts->texts[OPT_SHARD];
    unsigned i = 1, n = 1;
    char rest;
    if (text && (sscanf(text, "%9u/%9u%c", &i, &n, &rest) != 2 || i < 1 || i > n ||
                 strspn(text, "0123456789/") != strlen(text)))
        return complain("--shard is not i/n", text, "say 1/4, i from 1 to n");
    if (i > self->points)
        return complain("--shard has no points", text, "at most one shard a point");
    self->shard = i - 1;
    self->shards = n;
    return EXIT_DONE;
}

/* The header says all that the table needs, so that shards can be merged. */
static int make_header(sweep *self)
{
    size_t size;
    FILE *stream = open_memstream(&self->header, &size);
    if (!stream)
        return fail(QSG_ENOMEM, NULL);
    fprintf(stream, SWEEP_MAGIC "\nversion %s\ncommand %s\ndo %s\n", PACKAGE_VERSION, self->opts->command,
            sweep_verb_names[self->verb]);
    for (size_t i = 0; i < self->opts->n_vary; i++)
        fprintf(stream, "vary %s\n", self->opts->vary[i]);
    for (int i = 0; i < QSG_MODEL_OPTIONS; i++)
        if (self->opts->settings.texts[i])
            fprintf(stream, "fixed %s=%s\n", qsg_model_options[i].name, self->opts->settings.texts[i]);
    if (self->opts->texts[OPT_COLUMNS])
        fprintf(stream, "columns %s\n", self->opts->texts[OPT_COLUMNS]);
    return fclose(stream) == 0 ? EXIT_DONE : fail(QSG_ENOMEM, NULL);
}

static int check_lines(const options *opts)
{
    for (int i = 0; i < QSG_MODEL_OPTIONS; i++)
        if (opts->settings.texts[i] && strpbrk(opts->settings.texts[i], "\r\n"))
            return complain("a value has a line end", qsg_model_options[i].name, "one line");
    return EXIT_DONE;
}

static int read_verb(sweep *self)
{
    const char *text = self->opts->texts[OPT_DO] ? self->opts->texts[OPT_DO] : sweep_verb_names[DO_PREDICT];
    for (int i = 0; i < N_DO; i++)
        if (strcmp(text, sweep_verb_names[i]) == 0) {
            self->verb = (sweep_verb)i;
            return EXIT_DONE;
        }
    return complain("--do is no verb of a sweep", text, "predict, simulate or compare");
}

static int read_grid(sweep *self)
{
    qsg_error error;
    if (!self->opts->n_vary)
        return complain("nothing is varied", "no --vary", "say --vary N=8:1024:*2");
    for (size_t i = 0; i < self->opts->n_vary; i++) {
        qsg_status status = qsg_sweep_vary(&self->grid, self->opts->vary[i], &error);
        if (status)
            return fail(status, &error);
    }
    self->points = qsg_sweep_points(&self->grid);
    return EXIT_DONE;
}

int sweep_init(sweep *self, const options *opts)
{
    qsg_error error = {""};
    uint64_t threads = 0;
    sweep made = {.opts = opts};
    int code = read_verb(&made);
    if (!code)
        code = read_grid(&made);
    if (!code)
        code = check_model_options(&made);
    if (!code)
        code = check_verb_options(&made);
    if (!code)
        code = job_method(opts, &made.diffusion);
    if (!code)
        code = read_target(&made);
    if (!code)
        code = check_numbers(&made);
    if (!code)
        code = check_lines(opts);
    if (!code)
        code = options_whole(opts, OPT_THREADS, 0, 1, 4096, &threads);
    made.threads = (unsigned)threads;
    if (!code)
        code = read_shard(&made);
    if (!code) {
        qsg_status status = sweep_columns_init(&made, opts->texts[OPT_COLUMNS], &error);
        code = status ? fail(status, &error) : make_header(&made);
    }
    if (!code && !opts->texts[OPT_OUTPUT])
        code = complain("a sweep needs a file for its table", "no --output", "-o FILE");
    if (code) {
        sweep_free(&made);
    } else {
        *self = made;
        if (made.target)
            self->target = self->target_name;
    }
    return code;
}

void sweep_free(sweep *self)
{
    for (size_t i = 0; i < self->n_columns; i++) {
        free(self->columns[i].path);
        free(self->columns[i].name);
    }
    free(self->columns);
    free(self->header);
    qsg_sweep_free(&self->grid);
    *self = (sweep){0};
}
