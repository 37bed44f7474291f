/* How a verb ends: messages, exit codes, results to a stream or a file.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/cli.h"
#include "report/plot.h"

static _Thread_local failure *listener;

void listen_to_failures(failure *heard)
{
    listener = heard;
}

int fail(qsg_status status, const qsg_error *error)
{
    const char *message = error && *error->message ? error->message : qsg_strerror(status);
    if (listener) {
        listener->status = status;
        qsg_fail(&listener->error, status, "%s", message);
    } else {
        fprintf(stderr, "qsg: %s\n", message);
    }
    switch (status) {
    case QSG_EIO: return EXIT_IO;
    case QSG_ENOMEM:
    case QSG_ENUMERIC: return EXIT_NUMERIC;
    default: return EXIT_USAGE;
    }
}

qsg_result *new_result(const options *opts, const qsg_model *model)
{
    qsg_result *result = qsg_result_new();
    qsg_result_text(result, "version", PACKAGE_VERSION, "");
    qsg_result_text(result, "command", opts->command ? opts->command : "", "");
    if (model)
        qsg_model_describe(model, result);
    return result;
}

int write_result(const options *opts, qsg_result *result)
{
    qsg_error error = {""};
    const char *path = opts->texts[OPT_OUTPUT];
    qsg_file file = {.stream = stdout};
    qsg_status status = qsg_result_status(result);
    if (status)
        qsg_fail(&error, status, "the result is incomplete: %s", qsg_strerror(status));
    if (!status && path)
        status = qsg_file_create(&file, path, &error);
    if (!status) {
        status = (opts->texts[OPT_JSON] ? qsg_result_write_json : qsg_result_write_tsv)(result, file.stream, &error);
        if (path)
            status = qsg_file_commit(&file, status, &error);
        else if (status == QSG_EIO)
            qsg_fail(&error, status, "writing to standard output failed: %s", strerror(errno));
    }
    qsg_result_free(result);
    return status ? fail(status, &error) : EXIT_DONE;
}

qsg_status draw(const options *opts, const char *path, const qsg_result *result, const char *script, qsg_error *error)
{
    const char *base = data_directory();
    char *plots = malloc(strlen(base) + sizeof "/plots");
    if (!plots)
        return qsg_fail(error, QSG_ENOMEM, "no memory for the figure");
    strcpy(stpcpy(plots, base), "/plots");
    qsg_status status = plot_run(&(plot_job){plots, script, opts->texts[OPT_STYLE]}, path, result, error);
    free(plots);
    return status;
}

int draw_result(const options *opts, const qsg_result *result, const char *script)
{
    qsg_error error = {""};
    const char *path = opts->texts[OPT_PLOT];
    qsg_status status = path ? draw(opts, path, result, script, &error) : QSG_OK;
    return status ? fail(status, &error) : EXIT_DONE;
}

/* Whether `directory` holds plots/. */
static bool has_plots(const char *directory)
{
    char path[PATH_MAX + 8];
    snprintf(path, sizeof path, "%s/plots", directory);
    return access(path, R_OK) == 0;
}

/* Beside the program: datadir.path of a build tree names the source tree, and an installed tree may have been moved.
 * Not every system tells where the program is. */
static bool beside_program(char out[static PATH_MAX])
{
    char program[PATH_MAX], path[PATH_MAX + 32];
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0)
        return false;
    program[length] = 0;
    *strrchr(program, '/') = 0;
    snprintf(path, sizeof path, "%s/datadir.path", program);
    FILE *file = fopen(path, "r");
    if (file) {
        const bool read = fgets(out, PATH_MAX, file) != NULL;
        fclose(file);
        out[read ? strcspn(out, "\n") : 0] = 0;
        if (has_plots(out))
            return true;
    }
    return snprintf(out, PATH_MAX, "%s/../share/" PACKAGE, program) < PATH_MAX && has_plots(out);
}

const char *data_directory(void)
{
    static char found[PATH_MAX];
    const char *given = getenv("QSG_DATADIR");
    if (given && *given)
        return given;
    return beside_program(found) ? found : QSG_DATADIR;
}

int finish_result(const options *opts, qsg_result *result, const char *script, qsg_status status, const qsg_error *error)
{
    if (status) {
        qsg_result_free(result);
        return fail(status, error);
    }
    const int drawn = draw_result(opts, result, script), written = write_result(opts, result);
    return drawn ? drawn : written;
}
