/* Results to pictures through gnuplot.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/plot.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/result_private.h"

/* A journal's column: 86 mm wide, and as high as page(mm) in gnuplot's words.  The text is 7 pt in each: cairo counts
 * points at 96 dpi (so 0.75 in pdf, 300/96 in png), svg takes pixels. */
static const struct { const char *extension, *terminal; } formats[] = {
    {".pdf", "\"set terminal pdfcairo size 8.6cm,%.2fcm font 'DejaVu Sans,7' fontscale 0.75 linewidth 1.2 "
             "dashlength 0.7\", h/10.0"},
    {".svg", "\"set terminal svg size 325,%.0f font 'DejaVu Sans,9.3' linewidth 1.3 dashlength 0.7\", h*96/25.4"},
    {".png", "\"set terminal pngcairo size 1016,%.0f font 'DejaVu Sans,7' fontscale 3.1 linewidth 3 dashlength 0.7 "
             "pointscale 4.16\", h*300/25.4"},
};

static const char *terminal_of(const char *path, size_t *stem)
{
    const size_t length = strlen(path);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const size_t tail = strlen(formats[i].extension);
        if (length > tail && strcmp(path + length - tail, formats[i].extension) == 0 &&
            path[length - tail - 1] != '/') {
            *stem = length - tail;
            return formats[i].terminal;
        }
    }
    return NULL;
}

qsg_status plot_check(const char *path, qsg_error *error)
{
    size_t stem;
    return terminal_of(path, &stem) ? QSG_OK
                                    : qsg_fail(error, QSG_EINPUT, "the kind of picture is unknown (%.200s); expected "
                                                                  "a file name that ends in .pdf, .svg or .png", path);
}

char *plot_table_path(const char *path)
{
    size_t stem;
    char *table = terminal_of(path, &stem) ? malloc(stem + sizeof ".tsv") : NULL;
    if (table)
        strcpy((char *)memcpy(table, path, stem) + stem, ".tsv");
    return table;
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

static void put_load(FILE *script, const char *directory, const char *name)
{
    fputs("\nload '", script);
    for (const char *c = directory; *c; c++) {
        if (*c == '\'')
            fputc('\'', script);
        fputc(*c, script);
    }
    fprintf(script, "/%s.gp'", name);
}

/* The whole program for gnuplot's standard input. */
static char *write_program(const char *plots_dir, const char *script, const char *terminal, const char *data,
                           const char *picture, const qsg_result *result)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    if (!stream)
        return NULL;
    put_variables(stream, result);
    fputs("DATA = ", stream);
    put_string(stream, data);
    fputs("\nPICTURE = ", stream);
    put_string(stream, picture);
    /* `eval page(90)` at the top of a script starts over, 90 mm high */
    fprintf(stream, "\npage(h) = sprintf(%s).'; set output PICTURE'\neval page(62)", terminal);
    put_load(stream, plots_dir, "style");
    put_load(stream, plots_dir, script);
    fputs("\nunset output\n", stream);
    if (fclose(stream)) {
        free(text);
        return NULL;
    }
    return text;
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

qsg_status plot_run(const char *plots_dir, const char *script, const char *path, const qsg_result *result,
                    qsg_error *error)
{
    size_t stem;
    char *text = NULL, *table = NULL;
    qsg_file data = {0}, picture = {0};
    qsg_status status = plot_check(path, error);
    if (status)
        return status;
    const char *terminal = terminal_of(path, &stem);
    table = plot_table_path(path);
    if (!table)
        return qsg_fail(error, QSG_ENOMEM, "no memory for a file name");
    status = qsg_file_create(&data, table, error);
    if (status)
        goto out;
    status = qsg_file_create(&picture, path, error);
    if (!status)
        status = qsg_result_write_tsv(result, data.stream, error);
    if (!status) {
        text = write_program(plots_dir, script, terminal, data.temporary ? data.temporary : table,
                             picture.temporary ? picture.temporary : path, result);
        status = text ? run_gnuplot(text, script, error)
                      : qsg_fail(error, QSG_ENOMEM, "no memory for gnuplot's program");
    }
    if (picture.stream)
        status = qsg_file_commit(&picture, status, error);
    status = qsg_file_commit(&data, status, error);
out:
    free(table);
    free(text);
    return status;
}
