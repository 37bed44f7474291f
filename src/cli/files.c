/* No file that a command reads or writes may be overwritten by another one it writes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "report/plot.h"

#define MAX_PICTURES 16
#define MAX_OUTPUTS (3 * MAX_PICTURES + 2)

/* A file by identity.  One that does not exist yet is known by its directory and its name there. */
typedef struct {
    const char *role, *path;
    bool exists;
    dev_t device;
    ino_t inode;
    const char *name;
} place;

/* False for what cannot be overwritten: pipes, terminals, and paths that cannot be made at all. */
static bool find_place(place *out, const char *role, const char *path)
{
    struct stat info;
    const char *slash = strrchr(path, '/');
    *out = (place){.role = role, .path = path, .name = slash ? slash + 1 : path};
    if (stat(path, &info) == 0) {
        out->exists = true;
    } else {
        char *directory = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
        const bool found = directory && stat(directory, &info) == 0;
        free(directory);
        if (!found)
            return false;
    }
    out->device = info.st_dev;
    out->inode = info.st_ino;
    return !out->exists || S_ISREG(info.st_mode);
}

static bool same_place(const place *a, const place *b)
{
    return a->exists == b->exists && a->device == b->device && a->inode == b->inode &&
           (a->exists || strcmp(a->name, b->name) == 0);
}

/* What the command writes; the tables beside pictures are copies of one, and of a TSV --output beside a --plot. */
typedef struct {
    place list[MAX_OUTPUTS];
    bool table[MAX_OUTPUTS];
    size_t n;
    char *names[MAX_OUTPUTS]; /* owned */
    size_t n_names;
} outputs;

static void add_output(outputs *self, const char *role, const char *path, bool table)
{
    if (!path || self->n == MAX_OUTPUTS || !find_place(&self->list[self->n], role, path))
        return;
    self->table[self->n++] = table;
}

static const char *keep(outputs *self, char *name)
{
    if (name)
        self->names[self->n_names++] = name;
    return name;
}

static void add_picture(outputs *self, const char *role, const char *path)
{
    add_output(self, role, path, false);
    add_output(self, "the table beside the figure", keep(self, plot_table_path(path)), true);
    add_output(self, "the lines of the figure", keep(self, plot_graphic_path(path)), false);
}

static int refuse(const place *a, const char *role, const char *expected)
{
    qsg_error error;
    return fail(qsg_fail(&error, QSG_EINPUT, "%s would overwrite %s (%.200s); expected %s", a->role, role, a->path,
                         expected), &error);
}

/* Whether a file that is read under the name `path` is one of the outputs. */
static int check_input(const outputs *self, const char *role, const char *path)
{
    place input;
    if (!path || !find_place(&input, role, path) || !input.exists)
        return EXIT_DONE;
    for (size_t i = 0; i < self->n; i++)
        if (same_place(&self->list[i], &input))
            return refuse(&self->list[i], role, "another file to write");
    return EXIT_DONE;
}

/* The values of --assume, of which each may be a file. */
static int check_assumed(const outputs *self, const char *text)
{
    char *list = text ? strdup(text) : NULL, *rest = NULL;
    int code = EXIT_DONE;
    for (char *word = list ? strtok_r(list, ";", &rest) : NULL; word && !code; word = strtok_r(NULL, ";", &rest)) {
        const char *equals = strchr(word, '=');
        code = check_input(self, "the file of --assume", equals ? equals + 1 : NULL);
    }
    free(list);
    return code;
}

/* The data that the named figures are drawn from. */
static int check_shipped(const outputs *self)
{
    const char *base = data_directory();
    char *pattern = malloc(strlen(base) + sizeof "/data/*/*");
    glob_t found = {0};
    int code = EXIT_DONE;
    if (!pattern)
        return fail(QSG_ENOMEM, NULL);
    strcpy(stpcpy(pattern, base), "/data/*/*");
    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc && !code; i++)
            code = check_input(self, "the data of a figure", found.gl_pathv[i]);
    globfree(&found);
    free(pattern);
    return code;
}

static int check_inputs(const options *opts, const outputs *written)
{
    static const struct { qsg_option option; const char *role; } settings[] = {
        {QSG_INIT, "the file of --init"}, {QSG_GRAPH, "the file of --graph"}, {QSG_AGENTS_FILE, "the --agents-file"}};
    int code = check_input(written, "the transcript of --data", opts->texts[OPT_DATA]);
    for (int i = 0; i < opts->n_rest && strcmp(opts->verb, "fit") == 0 && !code; i++)
        code = check_input(written, "the transcript", opts->rest[i]);
    if (!code)
        code = check_input(written, "the file of --start", opts->texts[OPT_START]);
    for (size_t i = 0; i < sizeof settings / sizeof *settings && !code; i++)
        code = check_input(written, settings[i].role, opts->settings.texts[settings[i].option]);
    return code ? code : check_assumed(written, opts->texts[OPT_ASSUME]);
}

/* Whether --report writes a file of this name: the page, or the figure or table of a law. */
static bool is_page(const char *name)
{
    char law[64];
    const size_t n = strlen(name), stem = n > 4 ? n - 4 : 0;
    if (strcmp(name, "index.html") == 0)
        return true;
    if (!stem || stem >= sizeof law || (strcmp(name + stem, ".svg") != 0 && strcmp(name + stem, ".tsv") != 0))
        return false;
    snprintf(law, sizeof law, "%.*s", (int)stem, name);
    return qsg_law_find(law) < qsg_law_count();
}

/* The directory of --report may not be there yet; it is known by its own place then. */
static int check_report(const options *opts)
{
    const char *output = opts->texts[OPT_OUTPUT], *slash = output ? strrchr(output, '/') : NULL;
    if (!output || !opts->texts[OPT_REPORT] || !is_page(slash ? slash + 1 : output))
        return EXIT_DONE;
    char *both[] = {strdup(opts->texts[OPT_REPORT]), slash ? strndup(output, (size_t)(slash - output) + 1) : strdup(".")};
    place places[2] = {{0}, {0}};
    for (int i = 0; i < 2 && both[i]; i++) {
        for (size_t n = strlen(both[i]); n > 1 && both[i][n - 1] == '/'; n--)
            both[i][n - 1] = 0;
        find_place(&places[i], "--output", both[i]); /* whatever it says of directories */
    }
    const bool inside = places[0].inode && places[1].inode && same_place(&places[0], &places[1]);
    places[0].path = output;
    free(both[0]);
    free(both[1]);
    return inside ? refuse(&places[0], "a page of --report", "another file to write") : EXIT_DONE;
}

/* All that would be written; the pictures of --plot are looked at, those of `figure` by itself. */
static int find_outputs(const options *opts, bool is_figure, outputs *written)
{
    qsg_error error;
    const char *plot = opts->texts[OPT_PLOT];
    if (is_figure && opts->n_rest > MAX_PICTURES) {
        fprintf(stderr, "qsg: too many pictures (%d); expected at most %d\n", opts->n_rest, MAX_PICTURES);
        return EXIT_USAGE;
    }
    if (is_figure) {
        if (opts->texts[OPT_OUTPUT])
            add_picture(written, "--output", opts->texts[OPT_OUTPUT]);
        for (int i = 1; i < opts->n_rest; i++)
            add_picture(written, "a picture", opts->rest[i]);
        return EXIT_DONE;
    }
    if (opts->texts[OPT_STYLE] && !plot)
        return fail(qsg_fail(&error, QSG_EINPUT, "--style sizes the picture of --plot (%s, no --plot); expected both",
                             opts->texts[OPT_STYLE]), &error);
    add_output(written, "--output", opts->texts[OPT_OUTPUT], !opts->texts[OPT_JSON]);
    add_output(written, "--transcript", opts->texts[OPT_TRANSCRIPT], false);
    if (!plot)
        return EXIT_DONE;
    qsg_status status = plot_check(plot, opts->texts[OPT_STYLE], &error);
    if (status)
        return fail(status, &error);
    add_picture(written, "--plot", plot);
    return EXIT_DONE;
}

int check_files(const options *opts)
{
    const bool is_figure = strcmp(opts->verb, "figure") == 0;
    outputs written = {0};
    int code = find_outputs(opts, is_figure, &written);
    if (!code)
        code = check_report(opts);
    for (size_t i = 0; i < written.n && !code; i++)
        for (size_t j = 0; j < i && !code; j++)
            if (!(written.table[i] && written.table[j]) && same_place(&written.list[i], &written.list[j]))
                code = refuse(&written.list[i], written.list[j].role, "different files");
    if (!code)
        code = check_inputs(opts, &written);
    if (!code && is_figure && written.n)
        code = check_shipped(&written);
    for (size_t i = 0; i < written.n_names; i++)
        free(written.names[i]);
    return code;
}
