/* Results to pictures through gnuplot.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_PLOT_H
#define QSG_PLOT_H

#include "qsg/result.h"
#include "qsg/status.h"

/* Draw `result` with DIR/NAME.gp (after DIR/style.gp) into `path`, whose extension pdf, svg or png picks the terminal,
 * and write its table as TSV beside it (path with .tsv instead).  Both files appear complete or not at all.
 * The script finds DATA, the file of the table; COL_<name>, the place of each column that there is (ask
 * exists("COL_x")); each number or text entry under its path with _ for every other character; and page(mm), whose
 * `eval` makes the picture that high instead of 62 mm.
 * QSG_EINPUT (extension), QSG_EIO (no gnuplot, gnuplot failed, files). */
qsg_status plot_run(const char *plots_dir, const char *script, const char *path, const qsg_result *result,
                    qsg_error *error);

/* The table beside a picture, to be freed; NULL when the extension is unknown or memory is short. */
char *plot_table_path(const char *path);

/* QSG_EINPUT unless the extension is one that plot_run draws: to be asked before the work. */
qsg_status plot_check(const char *path, qsg_error *error);

#endif
