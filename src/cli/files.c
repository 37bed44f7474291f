/* No file that a command reads or writes may be overwritten by another one it writes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "report/plot.h"

#define MAX_OUTPUTS 4

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

typedef struct {
    place list[MAX_OUTPUTS];
    size_t n;
} outputs;

static void add_output(outputs *self, const char *role, const char *path)
{
    if (path && find_place(&self->list[self->n], role, path))
        self->n++;
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

int check_files(const options *opts)
{
    static const struct { qsg_option option; const char *role; } settings[] = {
        {QSG_INIT, "the file of --init"}, {QSG_GRAPH, "the file of --graph"}, {QSG_AGENTS_FILE, "the --agents-file"}};
    const bool is_figure = strcmp(opts->verb, "figure") == 0;
    const char *picture = is_figure ? opts->texts[OPT_OUTPUT] : opts->texts[OPT_PLOT];
    char *table = picture ? plot_table_path(picture) : NULL;
    outputs written = {0};
    int code = EXIT_DONE;
    add_output(&written, "--output", opts->texts[OPT_OUTPUT]);
    add_output(&written, "--plot", opts->texts[OPT_PLOT]);
    add_output(&written, "the table beside the figure", table);
    for (size_t i = 0; i < written.n && !code; i++)
        for (size_t j = 0; j < i && !code; j++) {
            const bool twice = written.list[i].path == table && written.list[j].path == opts->texts[OPT_OUTPUT] &&
                               !opts->texts[OPT_JSON]; /* the same table: no harm */
            if (!twice && same_place(&written.list[i], &written.list[j]))
                code = refuse(&written.list[i], written.list[j].role, "different files");
        }
    if (!code)
        code = check_input(&written, "the transcript of --data", opts->texts[OPT_DATA]);
    if (!code)
        code = check_input(&written, "the file of --start", opts->texts[OPT_START]);
    for (size_t i = 0; i < sizeof settings / sizeof *settings && !code; i++)
        code = check_input(&written, settings[i].role, opts->settings.texts[settings[i].option]);
    if (!code)
        code = check_assumed(&written, opts->texts[OPT_ASSUME]);
    if (!code && is_figure && written.n)
        code = check_shipped(&written);
    free(table);
    return code;
}
