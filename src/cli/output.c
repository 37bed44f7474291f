/* How a verb ends: messages, exit codes, results to a stream or a file.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/cli.h"

int fail(qsg_status status, const qsg_error *error)
{
    fprintf(stderr, "qsg: %s\n", error && *error->message ? error->message : qsg_strerror(status));
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
    }
    qsg_result_free(result);
    return status ? fail(status, &error) : EXIT_DONE;
}

const char *data_directory(void)
{
    const char *given = getenv("QSG_DATADIR");
    if (given && *given)
        return given;
    return access(QSG_DATADIR "/plots", R_OK) == 0 ? QSG_DATADIR : QSG_SOURCEDIR;
}
