/* The law suite as one HTML file without scripts.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/validate_page.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/normal.h"
#include "report/plot.h"

static const char style[] =
    "body{font:16px/1.5 sans-serif;color:#111;max-width:60rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}"
    "h1{font-size:1.6rem;line-height:1.2}h2{font-size:1.25rem;margin-top:2.2rem;border-top:1px solid #bbb;padding-top:.8rem}"
    ".box{overflow-x:auto;margin:1rem 0}table{border-collapse:collapse;font-size:.87rem;font-variant-numeric:tabular-nums}"
    "th,td{padding:.2rem .6rem;text-align:left;border-bottom:1px solid #ddd;overflow-wrap:normal;white-space:nowrap}"
    "td.n,th.n{text-align:right}td.s{white-space:normal;min-width:9rem}td.s span{display:block;color:#444}"
    "tbody th{white-space:normal;overflow-wrap:anywhere;padding-top:.6rem}.no{color:#b00020;font-weight:bold}.yes{color:#00613a}"
    "svg{max-width:100%;height:auto;display:block}figure{margin:1rem 0;max-width:36rem}svg.wide{width:100%}"
    "code{background:#f2f2f2;padding:.1rem .3rem;white-space:pre-wrap}nav a{white-space:nowrap}"
    "@media(max-width:30rem){table{font-size:.8rem}th,td{padding:.2rem .3rem}thead th{white-space:normal}}"
    "@media print{body{max-width:none;font-size:10pt;padding:0}h2,figure,tbody th{break-after:avoid}figure,tr{break-inside:avoid}"
    ".box{overflow:visible}.thin{columns:2}.thin table{font-size:7pt}.thin th,.thin td{padding:1pt 4pt}a{color:inherit;text-decoration:none}}";

static void put_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        const char *entity = *text == '<'   ? "&lt;"
                             : *text == '>' ? "&gt;"
                             : *text == '&' ? "&amp;"
                             : *text == '"' ? "&quot;"
                                            : NULL;
        if (entity)
            fputs(entity, out);
        else
            fputc(*text, out);
    }
}

/* A cell with a number, empty where it does not exist. */
static void put_number(FILE *out, int digits, double value)
{
    fputs("<td class=\"n\">", out);
    if (isfinite(value))
        fprintf(out, "%.*g", digits, value);
    fputs("</td>", out);
}

/* A table whose first `texts` columns are text. */
static void put_head(FILE *out, const char *const *names, size_t n, size_t texts)
{
    fprintf(out, "<div class=\"box%s\"><table><thead><tr>", texts ? "" : " thin");
    for (size_t i = 0; i < n; i++)
        fprintf(out, "<th%s>%s</th>", i < texts ? "" : " class=\"n\"", names[i]);
    fputs("</tr></thead><tbody>\n", out);
}

/* A row that names those after it. */
static void put_group(FILE *out, size_t columns, const char *name)
{
    fprintf(out, "<tr><th colspan=\"%zu\">", columns);
    put_text(out, name);
    fputs("</th></tr>\n", out);
}

static const char foot[] = "</tbody></table></div>\n";

static void put_summary(FILE *out, const qsg_validation *self)
{
    static const char *const names[] = {"law", "passes", "p value or error", "tolerance"};
    static const char *const efforts[] = {"quick", "default", "thorough"};
    const size_t failed = self->n - self->passed;
    fprintf(out, "<p><strong class=\"%s\">%zu of %zu laws hold.</strong> Effort %s, seed %llu. ", failed ? "no" : "yes",
            self->passed,
            self->n, efforts[self->effort], (unsigned long long)self->seed);
    for (size_t i = 0; i < self->n; i++)
        if (self->laws[i].mutated)
            fprintf(out, "The theory of <a href=\"#%s\">%s</a> was perturbed on purpose. ", self->laws[i].law->name,
                    self->laws[i].law->name);
    fputs("Exact laws fail by p values with Holm's correction, one false alarm in 10,000 suites; the others when a deviation "
          "exceeds its tolerance, which holds five standard errors. The paper's mean-field laws hold where they are limits; "
          "where they fail is in the table after this one.</p>\n", out);
    put_head(out, names, 4, 2);
    for (size_t i = 0; i < self->n; i++) {
        const qsg_law_outcome *o = &self->laws[i];
        const char *verdict = o->pass ? "yes" : "no";
        fprintf(out, "<tr><td class=\"s\"><a href=\"#%s\">%s</a> (%s)<span>", o->law->name, o->law->name,
                qsg_law_kind_name(o->law->kind));
        put_text(out, o->law->statement);
        fprintf(out, "</span></td><td class=\"%s\">%s</td>", verdict, verdict);
        put_number(out, 3, o->law->kind == QSG_LAW_EXACT ? o->p_value : o->error);
        put_number(out, 2, o->tolerance);
        fputs("</tr>\n", out);
    }
    fputs(foot, out);
}

/* Where the paper's forms fail, for the largest population of the table and every bandwidth. */
static void put_validity(FILE *out, const qsg_validation *self)
{
    static const char *const names[] = {"m", "N", "1% at &alpha; =", "10% at &alpha; ="};
    if (!self->n_validity)
        return;
    fputs("<h2 id=\"validity\">Where the paper's forms fail</h2><p>Smallest &alpha; at which each is off by 1% and 10% of the exact "
          "law; empty: none. Polarization and winning probability: absolute, of U/(1-1/K) and of Pr.</p>\n", out);
    put_head(out, names, 4, 0);
    for (size_t i = 0; i < self->n_validity; i++) {
        const qsg_validity *v = &self->validity[i];
        if (i == 0 || strcmp(v->law, self->validity[i - 1].law) != 0)
            put_group(out, 4, v->law);
        fputs("<tr>", out);
        put_number(out, 6, v->bandwidth);
        if (isfinite(v->agents))
            put_number(out, 6, v->agents);
        else
            fputs("<td class=\"n\">&infin;</td>", out);
        put_number(out, 3, v->alpha[0]);
        put_number(out, 3, v->alpha[1]);
        fputs("</tr>\n", out);
    }
    fputs(foot, out);
}

/* The picture without its XML head. */
static qsg_status put_picture(FILE *out, const char *path, qsg_error *error)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;
    bool inside = false;
    if (!file)
        return qsg_fail(error, QSG_EIO, "cannot read %.200s: %s", path, strerror(errno));
    while (getline(&line, &size, file) >= 0) {
        const char *at = inside ? line : strstr(line, "<svg");
        if (at && !inside)
            fprintf(out, "<svg class=\"wide\"%s", at + 4);
        else if (at)
            fputs(at, out);
        inside = at != NULL;
    }
    const bool broken = ferror(file) != 0;
    free(line);
    fclose(file);
    return broken ? qsg_fail(error, QSG_EIO, "cannot read %.200s: %s", path, strerror(errno)) : QSG_OK;
}

static void put_points(FILE *out, const qsg_law_outcome *o)
{
    static const char *const names[] = {"x", "theory", "simulated", "standard error", "z"};
    enum { MOST = 60 };
    put_head(out, names, 5, 0);
    size_t shown = 0, series = o->n_series, all = 0;
    for (size_t i = 0; i < o->n_points; i++)
        all += !isnan(o->points[i].observed);
    for (size_t i = 0; i < o->n_points && shown < MOST; i++) {
        const qsg_law_point *p = &o->points[i];
        if (isnan(p->observed))
            continue; /* a curve of the figure */
        if (p->series != series)
            put_group(out, 5, o->series[p->series]);
        series = p->series;
        fputs("<tr>", out);
        put_number(out, 5, p->x);
        put_number(out, 6, p->theory);
        put_number(out, 6, p->observed);
        put_number(out, 2, p->se);
        put_number(out, 3, p->se > QSG_LAW_ROUNDING ? (p->observed - p->theory) / p->se : NAN);
        fputs("</tr>\n", out);
        shown++;
    }
    fputs(foot, out);
    if (shown < all)
        fprintf(out, "<p>The first %zu of %zu points; all are in the table beside this page.</p>\n", shown, all);
}

static void put_fall(FILE *out, const qsg_law_outcome *o)
{
    if (!isnan(o->limit))
        fprintf(out, "<p>At N = &infin; extrapolated: %+.4f &plusmn; %.4f. ", o->limit, o->limit_se);
    if (!isnan(o->limit) && !isnan(o->exponent))
        fprintf(out, "The deviation falls as N to the power %.2f &plusmn; %.2f (95%%).", o->exponent,
                Z95 * o->exponent_se);
    else if (!isnan(o->limit))
        fputs("The deviation is within the noise at too many sizes for an exponent.", out);
    if (!isnan(o->limit))
        fputs("</p>\n", out);
}

static qsg_status put_law(FILE *out, const qsg_validation *self, const qsg_law_outcome *o, const char *picture,
                          qsg_error *error)
{
    static const char *const flags[] = {" --quick", "", " --thorough"};
    const qsg_law_info *law = o->law;
    fprintf(out, "<section id=\"%s\"><h2>%s <span class=\"%s\">%s</span></h2><p>", law->name, law->name,
            o->pass ? "yes" : "no",
            o->pass ? "holds" : "fails");
    put_text(out, law->statement);
    fprintf(out, ". %s law, <code>doc/theory/%s</code>.</p>\n<figure>", law->kind == QSG_LAW_EXACT ? "Exact"
            : law->kind == QSG_LAW_ASYMPTOTIC ? "Asymptotic" : "Mean-field", law->page);
    qsg_status status = put_picture(out, picture, error);
    fputs("</figure>\n", out);
    put_fall(out, o);
    fputs("<p>Would fail by: ", out);
    put_text(out, law->falsified);
    fputs(". Mutation: ", out);
    put_text(out, law->mutation);
    fprintf(out,
            ".</p>\n<p><code>qsg validate%s --seed %llu --law %s%s%s</code> &middot; <a href=\"%s.tsv\">%s.tsv</a></p>\n",
            flags[self->effort], (unsigned long long)self->seed, law->name, o->mutated ? " --mutate " : "",
            o->mutated ? law->name : "", law->name, law->name);
    put_points(out, o);
    fputs("</section>\n", out);
    return status;
}

/* The figure of a law, with the table beside it. */
static qsg_status draw_law(const qsg_law_outcome *o, const char *plots_dir, const char *path, const char *command,
                           qsg_error *error)
{
    qsg_result *result = qsg_result_new();
    qsg_result_text(result, "command", command, "");
    qsg_law_report(o, result);
    qsg_status status = qsg_result_status(result);
    if (!status)
        status = plot_run(&(plot_job){plots_dir, "validate", NULL}, path, result, error);
    qsg_result_free(result);
    return status;
}

static qsg_status put_laws(FILE *out, const qsg_validation *self, const char *directory, const char *plots_dir,
                           const char *command, qsg_error *error)
{
    qsg_status status = QSG_OK;
    for (size_t i = 0; i < self->n && !status; i++) {
        char path[4096];
        if (snprintf(path, sizeof path, "%s/%s.svg", directory, self->laws[i].law->name) >= (int)sizeof path)
            return qsg_fail(error, QSG_EIO, "the directory's name is too long (%.100s)", directory);
        status = draw_law(&self->laws[i], plots_dir, path, command, error);
        if (!status)
            status = put_law(out, self, &self->laws[i], path, error);
    }
    return status;
}

qsg_status validate_page_prepare(const char *directory, const char *plots_dir, qsg_error *error)
{
    struct stat info;
    char script[4096];
    if (snprintf(script, sizeof script, "%s/validate.gp", plots_dir) >= (int)sizeof script || access(script, R_OK))
        return qsg_fail(error, QSG_EIO, "cannot read %.200s: %s", script, strerror(errno));
    if (mkdir(directory, 0777) && errno != EEXIST)
        return qsg_fail(error, QSG_EIO, "cannot make the directory of --report (%.200s): %s", directory,
                        strerror(errno));
    if (stat(directory, &info) || !S_ISDIR(info.st_mode) || access(directory, W_OK))
        return qsg_fail(error, QSG_EIO, "cannot write to --report (%.200s); expected a directory", directory);
    return QSG_OK;
}

qsg_status validate_page(const qsg_validation *self, const char *directory, const char *plots_dir, const char *command,
                         qsg_error *error)
{
    char path[4096];
    qsg_file file = {0};
    if (snprintf(path, sizeof path, "%s/index.html", directory) >= (int)sizeof path)
        return qsg_fail(error, QSG_EIO, "the directory's name is too long (%.100s)", directory);
    qsg_status status = qsg_file_create(&file, path, error);
    if (status)
        return status;
    FILE *out = file.stream;
    fprintf(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                 "content=\"width=device-width, initial-scale=1\"><title>qsg: do the laws hold?</title><style>%s</style></head>"
                 "<body>\n<h1>Do the laws hold?</h1>\n", style);
    put_summary(out, self);
    put_validity(out, self);
    status = put_laws(out, self, directory, plots_dir, command, error);
    fputs("<p>Made by <code>", out);
    put_text(out, command);
    fputs("</code></p>\n</body></html>\n", out);
    return qsg_file_commit(&file, status, error);
}
