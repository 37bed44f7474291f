/* Results to pictures through gnuplot.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PLOT_H
#define QSG_PLOT_H

#include "qsg/result.h"
#include "qsg/status.h"

typedef struct {
    const char *directory; /* plots/ */
    const char *script;    /* DIRECTORY/SCRIPT.gp, after DIRECTORY/style.gp */
    const char *style;     /* column (86 mm; also NULL), double (178 mm), slide */
} plot_job;

/* Draw `result` into `path`, whose extension picks the kind: pdf, svg, png; tex (LaTeX, with its lines in PATH-inc.pdf);
 * gp (the program for gnuplot, which draws the pdf).  Its table is written as TSV beside it (path with .tsv instead).
 * Each file appears complete or not at all.
 * The script finds DATA, the file of the table; COL_<name>, the place of each column that there is (ask
 * exists("COL_x")); each number or text entry under its path with _ for every other character; STYLE; and page(mm), whose
 * `eval` makes the picture that high instead of 62 mm.
 * QSG_EINPUT (extension, style), QSG_EIO (no gnuplot, gnuplot failed, files). */
qsg_status plot_run(const plot_job *job, const char *path, const qsg_result *result, qsg_error *error);

/* The files beside a picture, to be freed: the table, NULL when the extension is unknown or memory is short; the lines of
 * a .tex, NULL for other kinds. */
char *plot_table_path(const char *path);
char *plot_graphic_path(const char *path);

/* QSG_EINPUT unless plot_run draws this kind of file in this style: to be asked before the work. */
qsg_status plot_check(const char *path, const char *style, qsg_error *error);

#endif
