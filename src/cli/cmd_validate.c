/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/progress.h"
#include "report/validate_page.h"

/* Mark the laws of a comma-separated list. */
static int choose_laws(const char *list, bool *chosen)
{
    for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        char name[64];
        const size_t length = strcspn(at, ",");
        snprintf(name, sizeof name, "%.*s", (int)(length < 63 ? length : 63), at);
        const size_t i = qsg_law_find(name);
        if (i == qsg_law_count()) {
            fprintf(stderr, "qsg: unknown law (%s); expected", name);
            for (size_t j = 0; j < qsg_law_count(); j++)
                fprintf(stderr, "%s %s", j ? "," : "", qsg_law_at(j)->name);
            fputc('\n', stderr);
            return EXIT_USAGE;
        }
        chosen[i] = true;
    }
    return EXIT_DONE;
}

static int effort_of(const options *opts, qsg_validate_effort *effort)
{
    qsg_error error;
    *effort = opts->texts[OPT_QUICK] ? QSG_VALIDATE_QUICK
              : opts->texts[OPT_THOROUGH] ? QSG_VALIDATE_THOROUGH : QSG_VALIDATE_DEFAULT;
    if (opts->texts[OPT_QUICK] && opts->texts[OPT_THOROUGH])
        return fail(qsg_fail(&error, QSG_EINPUT,
                             "--quick cannot go with --thorough (both given); expected one of them"),
                    &error);
    return EXIT_DONE;
}

static int validate(const options *opts, const qsg_validate_request *request, const char *plots, progress *bar)
{
    qsg_error error = {""};
    qsg_validation outcome = {0};
    const char *report = opts->texts[OPT_REPORT];
    qsg_status status = report ? validate_page_prepare(report, plots, &error) : QSG_OK;
    if (!status)
        status = qsg_validate(&outcome, request, &error);
    progress_end(bar); /* before anything is written below it */
    if (status)
        return fail(status, &error);
    qsg_result *result = new_result(opts, NULL);
    qsg_validation_report(&outcome, result);
    int code = write_result(opts, result);
    if (!code && report)
        status = validate_page(&outcome, report, plots, opts->command ? opts->command : "", &error);
    if (status)
        code = fail(status, &error);
    if (!code && outcome.passed < outcome.n)
        code = EXIT_DISAGREE;
    qsg_validation_free(&outcome);
    return code;
}

int cmd_validate(options *opts)
{
    qsg_validate_request request = {.mutate = opts->texts[OPT_MUTATE]};
    uint64_t threads = 0;
    bool *chosen = calloc(qsg_law_count(), sizeof *chosen);
    char *plots = malloc(strlen(data_directory()) + sizeof "/plots");
    if (!chosen || !plots) {
        free(chosen);
        free(plots);
        return fail(QSG_ENOMEM, NULL);
    }
    strcpy(stpcpy(plots, data_directory()), "/plots");
    int code = effort_of(opts, &request.effort);
    if (!code)
        code = options_whole(opts, OPT_SEED, 1, 0, INT64_MAX, &request.seed);
    if (!code)
        code = options_whole(opts, OPT_THREADS, 0, 1, 4096, &threads);
    if (!code && opts->texts[OPT_LAWS])
        code = choose_laws(opts->texts[OPT_LAWS], chosen);
    if (!code && request.mutate) /* only to check the name */
        code = choose_laws(request.mutate, opts->texts[OPT_LAWS] ? (bool[64]){false} : chosen);
    if (!code) {
        progress bar = progress_start("laws", opts->texts[OPT_QUIET] != NULL);
        request.chosen = opts->texts[OPT_LAWS] ? chosen : NULL;
        request.threads = (unsigned)threads;
        request.progress = progress_update;
        request.progress_context = &bar;
        code = validate(opts, &request, plots, &bar);
    }
    free(plots);
    free(chosen);
    return code;
}
