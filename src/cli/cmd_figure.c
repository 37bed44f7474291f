/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "report/figures.h"
#include "report/plot.h"

#define KINDS ".pdf, .svg, .png, .tex or .gp"

static int list_figures(options *opts)
{
    const char *path = opts->texts[OPT_OUTPUT];
    if (path && plot_check(path, NULL, NULL) == QSG_OK) {
        fprintf(stderr, "qsg: figure list writes a table, not a picture (%s); expected a name of another kind, or a "
                        "figure to draw\n", path);
        return EXIT_USAGE;
    }
    if (opts->n_rest > 1) {
        fprintf(stderr, "qsg: figure list takes no other word (%s); expected it alone\n", opts->rest[1]);
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

/* Refuse what cannot be drawn, before any work. */
static int check_pictures(const options *opts, const char *name)
{
    qsg_error error = {""};
    const char *path = opts->texts[OPT_OUTPUT];
    if (opts->texts[OPT_JSON]) {
        fprintf(stderr, "qsg: figure %s does not support --json (given); expected -o FILE" KINDS ", beside which the "
                        "numbers are written as TSV\n", name);
        return EXIT_USAGE;
    }
    if (!path) {
        fprintf(stderr, "qsg: figure %s needs a picture to draw (no --output); expected -o FILE" KINDS "\n", name);
        return EXIT_USAGE;
    }
    qsg_status status = plot_check(path, opts->texts[OPT_STYLE], &error);
    for (int i = 1; i < opts->n_rest && !status; i++)
        status = plot_check(opts->rest[i], NULL, &error);
    return status ? fail(status, &error) : EXIT_DONE;
}

/* Compute once, and draw every picture. */
static int draw_figure(options *opts, const figure_info *figure)
{
    qsg_error error = {""};
    const int code = check_pictures(opts, figure->name);
    if (code)
        return code;
    snprintf(opts->command, strlen(opts->command) + 1, "qsg figure %s", figure->name); /* files change no number */
    qsg_result *result = new_result(opts, NULL);
    qsg_status status = figure->produce(data_directory(), result, &error);
    if (!status)
        status = draw(opts, opts->texts[OPT_OUTPUT], result, figure->script, &error);
    for (int i = 1; i < opts->n_rest && !status; i++)
        status = draw(opts, opts->rest[i], result, figure->script, &error);
    qsg_result_free(result);
    return status ? fail(status, &error) : EXIT_DONE;
}

/* The older spelling, with _ for -, is understood. */
static bool is_called(const char *name, const char *given)
{
    while (*name && (*name == *given || (*name == '-' && *given == '_'))) {
        name++;
        given++;
    }
    return !*name && !*given;
}

int cmd_figure(options *opts)
{
    const char *name = opts->n_rest ? opts->rest[0] : "";
    if (strcmp(name, "list") == 0)
        return list_figures(opts);
    for (size_t i = 0; i < n_figures; i++)
        if (is_called(figures[i].name, name))
            return draw_figure(opts, &figures[i]);
    fprintf(stderr, "qsg: unknown figure (%s); expected list", *name ? name : "none given");
    for (size_t i = 0; i < n_figures; i++)
        fprintf(stderr, "%s %s", i + 1 < n_figures ? "," : " or", figures[i].name);
    fputc('\n', stderr);
    return EXIT_USAGE;
}
