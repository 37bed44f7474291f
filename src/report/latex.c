/* gnuplot's pictures for LaTeX.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/latex.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What the scripts write in UTF-8, and what ASCII means something else in LaTeX. */
static const struct { const char *text, *latex; } symbols[] = {
    {"α", "\\ensuremath{\\alpha}"}, {"β", "\\ensuremath{\\beta}"}, {"ε", "\\ensuremath{\\varepsilon}"},
    {"θ", "\\ensuremath{\\theta}"}, {"λ", "\\ensuremath{\\lambda}"}, {"π", "\\ensuremath{\\pi}"},
    {"ρ", "\\ensuremath{\\rho}"}, {"σ", "\\ensuremath{\\sigma}"}, {"τ", "\\ensuremath{\\tau}"},
    {"Γ", "\\ensuremath{\\Gamma}"}, {"Δ", "\\ensuremath{\\Delta}"}, {"Λ", "\\ensuremath{\\Lambda}"},
    {"−", "\\ensuremath{-}"}, {"≤", "\\ensuremath{\\leq}"}, {"≥", "\\ensuremath{\\geq}"}, {"≈", "\\ensuremath{\\approx}"},
    {"→", "\\ensuremath{\\to}"}, {"∞", "\\ensuremath{\\infty}"}, {"×", "\\ensuremath{\\times}"},
    {"·", "\\ensuremath{\\cdot}"}, {"½", "\\ensuremath{\\frac12}"}, {"²", "\\ensuremath{^2}"}, {"ₑ", "\\ensuremath{_e}"},
    {"–", "--"}, {"%", "\\%"}, {"&", "\\&"}, {"#", "\\#"}, {"~", "\\ensuremath{\\sim}"}, {"<", "\\ensuremath{<}"},
    {">", "\\ensuremath{>}"}, {"|", "\\ensuremath{|}"},
};
enum { SYMBOLS = sizeof symbols / sizeof *symbols };

/* One character, whatever its length, or one command. */
static const char *put_symbol(const char *text, FILE *out)
{
    for (size_t i = 0; i < SYMBOLS; i++)
        if (strncmp(text, symbols[i].text, strlen(symbols[i].text)) == 0) {
            fputs(symbols[i].latex, out);
            return text + strlen(symbols[i].text);
        }
    do
        fputc(*text++, out);
    while (((unsigned char)*text & 0xC0) == 0x80); /* the rest of a UTF-8 character */
    return text;
}

/* Maths that gnuplot wrote for itself, $..$, as it is. */
static const char *put_maths(const char *text, FILE *out)
{
    const char *end = strchr(text + 1, '$');
    end = end ? end + 1 : text + strlen(text);
    fwrite(text, 1, (size_t)(end - text), out);
    return end;
}

/* The text up to the brace that closes it, or all; where it ends.  An index, _x or ^{..}, is set in maths. */
static const char *put_text(const char *text, FILE *out)
{
    while (*text && *text != '}')
        if (*text == '$') {
            text = put_maths(text, out);
        } else if (*text == '_' || *text == '^') {
            fprintf(out, "\\ensuremath{%c{\\mathrm{", *text++);
            if (*text == '{') {
                text = put_text(text + 1, out);
                text += *text == '}';
            } else if (*text && *text != '}') {
                text = put_symbol(text, out);
            }
            fputs("}}}", out);
        } else if (*text == '{') {
            fputc('{', out);
            text = put_text(text + 1, out);
            fputc('}', out);
            text += *text == '}';
        } else {
            text = put_symbol(text, out);
        }
    return text;
}

/* A line of the picture: its text, and the name of the graphic. */
static void put_line(const char *line, const char *stem, const char *graphic, FILE *out)
{
    static const char strut[] = "{\\strut{}";
    const char *text = strstr(line, strut), *name = strstr(line, stem);
    if (text) {
        text += sizeof strut - 1;
        fwrite(line, 1, (size_t)(text - line), out);
        fputs(put_text(text, out), out);
    } else if (name) {
        fprintf(out, "%.*s%s%s", (int)(name - line), line, graphic, name + strlen(stem));
    } else {
        fputs(line, out);
    }
}

/* A document around the picture, unless one has begun: LaTeX's kernel itself asks in this way. */
static void put_head(const char *picture, const char *graphic, double points, FILE *out)
{
    double width = 0, height = 0; /* in twentieths of a point */
    sscanf(picture, "\\begin{picture}(%lf,%lf)", &width, &height);
    fprintf(out, "%% Read by \\input in a document with graphicx and color, or a document itself: pdflatex.\n"
                 "%% Its lines are in %s; a document elsewhere finds it by \\graphicspath.\n"
                 "\\expandafter\\ifx\\csname @nodocument\\endcsname\\relax\\else\n"
                 "  \\documentclass{article}\n"
                 "  \\usepackage{graphicx,color}\n"
                 "  \\usepackage[paperwidth=%.0fbp,paperheight=%.0fbp,margin=0pt]{geometry}\n"
                 "  \\pagestyle{empty}\\parindent0pt\\topskip0pt\n"
                 "  \\begin{document}\n"
                 "  \\def\\qsgfigureend{\\end{document}}\n"
                 "\\fi\n"
                 "{\\fontsize{%.3g}{%.3g}\\selectfont\n", graphic, ceil(width/20), ceil(height/20) + 1, points, 1.2*points);
}

/* The whole of a file into *all, to be freed. */
static qsg_status read_all(const char *path, char **all, qsg_error *error)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    qsg_status status = out ? latex_copy(path, out, error) : qsg_fail(error, QSG_ENOMEM, "no memory for the picture");
    if (out && fclose(out) && !status)
        status = qsg_fail(error, QSG_ENOMEM, "no memory for the picture");
    if (status)
        free(text);
    else
        *all = text;
    return status;
}

qsg_status latex_translate(const char *path, const char *lines, const char *graphic, double points, FILE *out,
                           qsg_error *error)
{
    char stem[4096], *text = NULL;
    const qsg_status status = read_all(path, &text, error);
    if (status)
        return status;
    snprintf(stem, sizeof stem, "%.*s", (int)(strlen(lines) - strlen(".pdf")), lines);
    const char *picture = strstr(text, "\\begin{picture}");
    put_head(picture ? picture : "", graphic, points, out);
    for (char *line = text, *end; *line; line = end) {
        end = line + strcspn(line, "\n");
        const bool more = *end;
        *end = 0;
        put_line(line, stem, graphic, out);
        fputc('\n', out);
        end += more;
    }
    fputs("}%\n\\csname qsgfigureend\\endcsname\n", out);
    free(text);
    return QSG_OK;
}

qsg_status latex_copy(const char *path, FILE *out, qsg_error *error)
{
    char block[4096];
    size_t n;
    FILE *in = fopen(path, "rb");
    if (!in)
        return qsg_fail(error, QSG_EIO, "cannot read %.200s: %s", path, strerror(errno));
    while ((n = fread(block, 1, sizeof block, in)) > 0)
        fwrite(block, 1, n, out);
    const bool broken = ferror(in) != 0;
    fclose(in);
    return broken ? qsg_fail(error, QSG_EIO, "cannot read %.200s: %s", path, strerror(errno)) : QSG_OK;
}
