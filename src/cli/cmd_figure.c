/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "report/figures.h"
#include "report/plot.h"

static int list_figures(options *opts)
{
    const char *path = opts->texts[OPT_OUTPUT];
    if (path && plot_check(path, NULL) == QSG_OK) {
        fprintf(stderr, "qsg: figure list writes a table, not a picture (%s); expected a name of another kind, or a "
                        "figure to draw\n", path);
        return EXIT_USAGE;
    }
    const char **texts = malloc(2 * n_figures * sizeof *texts);
    if (!texts)
        return fail(QSG_ENOMEM, NULL);
    for (size_t i = 0; i < n_figures; i++) {
        texts[i] = figures[i].name;
        texts[n_figures + i] = figures[i].description;
    }
    qsg_result *result = new_result(opts, NULL);
    qsg_result_text_column(result, "name", "names", n_figures, texts, "what 'qsg figure' takes");
    qsg_result_text_column(result, "description", "descriptions", n_figures, texts + n_figures, "");
    free(texts);
    return write_result(opts, result);
}

static int draw_figure(options *opts, const figure_info *figure)
{
    const char *path = opts->texts[OPT_OUTPUT];
    qsg_error error = {""};
    if (opts->texts[OPT_JSON]) {
        fprintf(stderr, "qsg: figure %s does not support --json (given); expected -o FILE.pdf, .svg or .png, beside which "
                        "the numbers are written as TSV\n", figure->name);
        return EXIT_USAGE;
    }
    if (!path) {
        fprintf(stderr, "qsg: figure %s needs a picture to draw (no --output); expected -o FILE.pdf, .svg or .png\n",
                figure->name);
        return EXIT_USAGE;
    }
    qsg_status status = plot_check(path, &error);
    if (status)
        return fail(status, &error);
    qsg_result *result = new_result(opts, NULL);
    status = figure->produce(data_directory(), result, &error);
    if (!status)
        status = draw(path, result, figure->script, &error);
    qsg_result_free(result);
    return status ? fail(status, &error) : EXIT_DONE;
}

int cmd_figure(options *opts)
{
    const char *name = opts->n_rest ? opts->rest[0] : "";
    if (opts->n_rest > 1) {
        fprintf(stderr, "qsg: figure takes one name (%s after %s); expected list or a name that it "
                        "shows\n", opts->rest[1],
                name);
        return EXIT_USAGE;
    }
    if (strcmp(name, "list") == 0)
        return list_figures(opts);
    for (size_t i = 0; i < n_figures; i++)
        if (strcmp(name, figures[i].name) == 0)
            return draw_figure(opts, &figures[i]);
    fprintf(stderr, "qsg: unknown figure (%s); expected list", *name ? name : "none given");
    for (size_t i = 0; i < n_figures; i++)
        fprintf(stderr, "%s %s", i + 1 < n_figures ? "," : " or", figures[i].name);
    fputc('\n', stderr);
    return EXIT_USAGE;
}
