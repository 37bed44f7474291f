/* Results to pictures through gnuplot.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/plot.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/result_private.h"
#include "report/latex.h"

/* Sizes of a picture.  The scripts think in a column of 62 mm height, or what `eval page(h)` says; the text is 7 pt times
 * the scale, and lines and points grow with it. */
static const struct { const char *name; double width, stretch, scale; } styles[] = {
    {"column", 86, 1, 1},           /* one column of a journal */
    {"double", 178, 1.2, 8.0 / 7},  /* both columns */
    {"slide", 240, 2.3, 2.3},       /* a slide of 338 x 190 mm, with room for its title */
};
enum { STYLES = sizeof styles / sizeof *styles };

#define PDF "sprintf(\"set terminal pdfcairo size %.2fcm,%.2fcm font 'DejaVu Sans,%.4g' fontscale 0.75 linewidth %.3g " \
            "dashlength 0.7 pointscale %.3g\", WIDTH/10, h*STRETCH/10, 7*SCALE, 1.2*SCALE, SCALE)"

/* The terminal of each kind of file, in gnuplot's words.  Cairo counts points at 96 dpi (so 0.75 in pdf, 300/96 in png);
 * svg takes pixels, and whoever shows it scales it, points included; LaTeX sets its own text. */
static const struct { const char *extension, *terminal; } formats[] = {
    {".pdf", PDF},
    {".svg", "sprintf(\"set terminal svg size %.0f,%.0f font 'DejaVu Sans,9.3' linewidth 1.3 dashlength 0.7\", "
             "WIDTH/SCALE*96/25.4, h*STRETCH/SCALE*96/25.4)"},
    {".png", "sprintf(\"set terminal pngcairo size %.0f,%.0f font 'DejaVu Sans,%.4g' fontscale 3.1 linewidth %.3g "
             "dashlength 0.7 pointscale %.3g\", WIDTH*300/25.4, h*STRETCH*300/25.4, 7*SCALE, 3*SCALE, 4.16*SCALE)"},
    {".tex", "sprintf(\"set terminal cairolatex pdf input colortext size %.2fcm,%.2fcm font ',%.4g' linewidth %.3g "
             "dashlength 0.7 pointscale %.3g\", WIDTH/10, h*STRETCH/10, 7*SCALE, 1.2*SCALE, SCALE)"},
    {".gp", PDF}, /* the program itself, which draws the pdf */
};
enum { FORMATS = sizeof formats / sizeof *formats, TEX = 3, GP = 4 };
#define KINDS ".pdf, .svg, .png, .tex or .gp"

static int format_of(const char *path, size_t *stem)
{
    const size_t length = strlen(path);
    for (int i = 0; i < FORMATS; i++) {
        const size_t tail = strlen(formats[i].extension);
        if (length > tail && strcmp(path + length - tail, formats[i].extension) == 0 &&
            path[length - tail - 1] != '/') {
            *stem = length - tail;
            return i;
        }
    }
    return -1;
}

static int style_of(const char *name)
{
    for (int i = 0; name && i < STYLES; i++)
        if (strcmp(name, styles[i].name) == 0)
            return i;
    return name ? -1 : 0;
}

qsg_status plot_check(const char *path, const char *style, qsg_error *error)
{
    size_t stem;
    if (style_of(style) < 0)
        return qsg_fail(error, QSG_EINPUT, "--style is unknown (%.200s); expected column (86 mm), double (178 mm) or slide",
                        style);
    return format_of(path, &stem) >= 0
               ? QSG_OK
               : qsg_fail(error, QSG_EINPUT, "the kind of picture is unknown (%.200s); expected a file name that ends in "
                                             KINDS, path);
}

/* `path` with another end instead of its extension, to be freed. */
static char *beside(const char *path, const char *end)
{
    size_t stem;
    char *other = format_of(path, &stem) >= 0 ? malloc(stem + strlen(end) + 1) : NULL;
    if (other)
        strcpy((char *)memcpy(other, path, stem) + stem, end);
    return other;
}

char *plot_table_path(const char *path)
{
    return beside(path, ".tsv");
}

char *plot_graphic_path(const char *path)
{
    size_t stem;
    return format_of(path, &stem) == TEX ? beside(path, "-inc.pdf") : NULL;
}

/* A gnuplot string: single quotes doubled, and nothing else is special in it. */
static void put_string(FILE *script, const char *text)
{
    fputc('\'', script);
    for (; *text; text++) {
        if (*text == '\'')
            fputc('\'', script);
        fputc(*text == '\n' ? ' ' : *text, script);
    }
    fputc('\'', script);
}

static void put_name(FILE *script, const char *prefix, const char *name)
{
    fputs(prefix, script);
    for (; *name; name++)
        fputc(isalnum((unsigned char)*name) ? *name : '_', script);
    fputs(" = ", script);
}

static void put_variables(FILE *script, const qsg_result *result)
{
    int column = 0;
    size_t table = 0;
    for (size_t i = 0; i < result->n; i++) {
        const entry *e = &result->entries[i];
        if (e->name && e->table != table) {
            table = e->table; /* columns are counted in each table */
            column = 0;
        }
        switch (e->kind) {
        case ENTRY_COLUMN:
        case ENTRY_TEXT_COLUMN:
        case ENTRY_FLAG_COLUMN:
            put_name(script, "COL_", e->name);
            fprintf(script, "%d\n", ++column);
            break;
        case ENTRY_NUMBER:
            if (isfinite(e->number)) {
                put_name(script, "", e->path);
                fprintf(script, "%.17g + 0.0\n", e->number); /* a real even where it looks whole */
            }
            break;
        case ENTRY_INTEGER:
        case ENTRY_FLAG:
            put_name(script, "", e->path);
            fprintf(script, "%lld\n", (long long)e->integer);
            break;
        case ENTRY_TEXT:
            put_name(script, "", e->path);
            put_string(script, e->text);
            fputc('\n', script);
            break;
        default:
            break;
        }
    }
}

/* One of the scripts: its text. */
static qsg_status put_script(FILE *out, const char *directory, const char *name, qsg_error *error)
{
    char path[4096], block[4096];
    size_t n;
    snprintf(path, sizeof path, "%.4000s/%.80s.gp", directory, name);
    FILE *in = fopen(path, "r");
    if (!in)
        return qsg_fail(error, QSG_EIO, "cannot read %.200s: %s", path, strerror(errno));
    fprintf(out, "\n");
    while ((n = fread(block, 1, sizeof block, in)) > 0)
        fwrite(block, 1, n, out);
    const bool broken = ferror(in) != 0;
    fclose(in);
    return broken ? qsg_fail(error, QSG_EIO, "cannot read %.200s: %s", path, strerror(errno)) : QSG_OK;
}

/* The whole program: everything that the script may ask for, the common style, the script. */
static qsg_status put_program(FILE *out, const plot_job *job, int format, const char *data, const char *picture,
                              const qsg_result *result, qsg_error *error)
{
    const int style = style_of(job->style);
    fprintf(out, "# Run this with gnuplot, in the directory of its table.\n");
    put_variables(out, result);
    fputs("DATA = ", out);
    put_string(out, data);
    fputs("\nPICTURE = ", out);
    put_string(out, picture);
    fprintf(out, "\nSTYLE = '%s'\nWIDTH = %.1f\nSTRETCH = %.9g + 0.0\nSCALE = %.9g + 0.0\n", styles[style].name,
            styles[style].width, styles[style].stretch, styles[style].scale);
    /* `eval page(90)` at the top of a script starts over, 90 mm high */
    fprintf(out, "page(h) = %s.sprintf('; set output PICTURE; HEIGHT = %%.3f', h*STRETCH)\neval page(62)\n", formats[format].terminal);
    qsg_status status = put_script(out, job->directory, "style", error);
    if (!status)
        status = put_script(out, job->directory, job->script, error);
    fputs("\nunset output\n", out);
    return status;
}

/* The program as a text in *program, to be freed. */
static qsg_status write_program(const plot_job *job, int format, const char *data, const char *picture,
                                const qsg_result *result, char **program, qsg_error *error)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    qsg_status status = stream ? put_program(stream, job, format, data, picture, result, error)
                               : qsg_fail(error, QSG_ENOMEM, "no memory for gnuplot's program");
    if (stream && fclose(stream) && !status)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for gnuplot's program");
    if (status)
        free(text);
    else
        *program = text;
    return status;
}

/* In the child: standard input and error are files, so neither side can wait for the other. */
static void become_gnuplot(FILE *program, FILE *messages)
{
    if (dup2(fileno(program), STDIN_FILENO) < 0 || dup2(fileno(messages), STDERR_FILENO) < 0 ||
        dup2(fileno(messages), STDOUT_FILENO) < 0)
        _exit(126);
    execlp("gnuplot", "gnuplot", "--default-settings", "-", (char *)NULL);
    _exit(errno == ENOENT ? 127 : 126);
}

/* The most telling line that gnuplot left: the last that says what is wrong. */
static void last_message(FILE *messages, char out[static 256])
{
    char line[512];
    rewind(messages);
    *out = 0;
    while (fgets(line, sizeof line, messages)) {
        line[strcspn(line, "\n")] = 0;
        const char *at = line + strspn(line, " ^\t");
        if (*at && (!*out || strstr(at, "line ") || strstr(at, "rror")))
            snprintf(out, 256, "%s", at);
    }
}

static qsg_status run_gnuplot(const char *text, const char *script, qsg_error *error)
{
    FILE *program = tmpfile(), *messages = tmpfile();
    qsg_status status = QSG_OK;
    int outcome = 0;
    pid_t child = -1;
    if (!program || !messages || fputs(text, program) < 0 || fflush(program)) {
        status = qsg_fail(error, QSG_EIO, "cannot write gnuplot's program: %s", strerror(errno));
        goto out;
    }
    rewind(program);
    fflush(stdout);
    child = fork();
    if (child == 0)
        become_gnuplot(program, messages);
    pid_t ended = -1;
    while (child > 0 && (ended = waitpid(child, &outcome, 0)) < 0 && errno == EINTR)
        ;
    if (child < 0 || ended < 0) {
        status = qsg_fail(error, QSG_EIO, "cannot start gnuplot: %s", strerror(errno));
    } else if (WIFEXITED(outcome) && WEXITSTATUS(outcome) == 127) {
        status = qsg_fail(error, QSG_EIO, "gnuplot was not found; on Debian: apt-get install gnuplot-nox");
    } else if (outcome) {
        char line[256];
        last_message(messages, line);
        status = qsg_fail(error, QSG_EIO, "gnuplot failed in %s.gp (%s %d): %s", script,
                          WIFEXITED(outcome) ? "exit" : "signal",
                          WIFEXITED(outcome) ? WEXITSTATUS(outcome) : WTERMSIG(outcome), *line ? line : "no message");
    }
out:
    if (program)
        fclose(program);
    if (messages)
        fclose(messages);
    return status;
}

/* Draw into `picture` from the table in the file `data`. */
static qsg_status draw(const plot_job *job, int format, const char *data, const char *picture, const qsg_result *result,
                       qsg_error *error)
{
    char *text = NULL;
    qsg_status status = write_program(job, format, data, picture, result, &text, error);
    if (!status)
        status = run_gnuplot(text, job->script, error);
    free(text);
    return status;
}

static const char *name_in(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The program, for users to edit: it names the files beside it. */
static qsg_status save_program(const plot_job *job, const char *path, FILE *stream, const qsg_result *result,
                               qsg_error *error)
{
    char *table = beside(name_in(path), ".tsv"), *picture = beside(name_in(path), ".pdf");
    qsg_status status = table && picture ? put_program(stream, job, GP, table, picture, result, error)
                                         : qsg_fail(error, QSG_ENOMEM, "no memory for a file name");
    free(table);
    free(picture);
    return status;
}

/* LaTeX: gnuplot works in a directory of its own, since it names a second file after the first one. */
static qsg_status draw_latex(const plot_job *job, const char *path, FILE *stream, const char *data,
                             const qsg_result *result, qsg_error *error)
{
    enum { ROOM = 4000 };
    char place[ROOM], text[ROOM + 16], lines[ROOM + 16];
    const char *parent = getenv("TMPDIR") && *getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
    char *graphic = plot_graphic_path(path);
    qsg_file file = {0};
    const double points = 7 * styles[style_of(job->style)].scale;
    if (!graphic)
        return qsg_fail(error, QSG_ENOMEM, "no memory for a file name");
    if (snprintf(place, sizeof place, "%s/qsg-XXXXXX", parent) >= ROOM || !mkdtemp(place)) {
        free(graphic);
        return qsg_fail(error, QSG_EIO, "cannot make a directory in %.200s: %s", parent, strerror(errno));
    }
    snprintf(text, sizeof text, "%s/picture.tex", place);
    snprintf(lines, sizeof lines, "%s/picture.pdf", place);
    qsg_status status = qsg_file_create(&file, graphic, error);
    if (!status)
        status = draw(job, TEX, data, text, result, error);
    if (!status)
        status = latex_copy(lines, file.stream, error);
    if (!status)
        status = latex_translate(text, lines, name_in(graphic), points, stream, error);
    if (file.stream)
        status = qsg_file_commit(&file, status, error);
    unlink(text);
    unlink(lines);
    rmdir(place);
    free(graphic);
    return status;
}

qsg_status plot_run(const plot_job *job, const char *path, const qsg_result *result, qsg_error *error)
{
    size_t stem;
    qsg_file data = {0}, picture = {0};
    qsg_status status = plot_check(path, job->style, error);
    if (status)
        return status;
    const int format = format_of(path, &stem);
    char *table = plot_table_path(path);
    if (!table)
        return qsg_fail(error, QSG_ENOMEM, "no memory for a file name");
    status = qsg_file_create(&data, table, error);
    if (status)
        goto out;
    const char *written = data.temporary ? data.temporary : table;
    status = qsg_file_create(&picture, path, error);
    if (!status)
        status = qsg_result_write_tsv(result, data.stream, error);
    if (!status && format == GP)
        status = save_program(job, path, picture.stream, result, error);
    else if (!status && format == TEX)
        status = draw_latex(job, path, picture.stream, written, result, error);
    else if (!status)
        status = draw(job, format, written, picture.temporary ? picture.temporary : path, result, error);
    if (picture.stream)
        status = qsg_file_commit(&picture, status, error);
    status = qsg_file_commit(&data, status, error);
out:
    free(table);
    return status;
}
