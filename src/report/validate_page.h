/* The law suite as a page.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_VALIDATE_PAGE_H
#define QSG_VALIDATE_PAGE_H

#include "qsg/validate.h"

/* Before any work: make the directory unless it is there, see that plots_dir has the figure's script.  QSG_EIO. */
qsg_status validate_page_prepare(const char *directory, const char *plots_dir, qsg_error *error);

/* Write `directory`/index.html: a summary, the table of validity, a section a law with its figure
 * (plots_dir/validate.gp, inlined), numbers and the command; beside it NAME.svg and NAME.tsv a law.  `command` is the one that made
 * it.  Cost: one gnuplot a law.  QSG_EIO, QSG_ENOMEM. */
qsg_status validate_page(const qsg_validation *self, const char *directory, const char *plots_dir, const char *command,
                         qsg_error *error);

#endif
