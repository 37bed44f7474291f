/* gnuplot's pictures for LaTeX.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_LATEX_H
#define QSG_LATEX_H

#include <stdio.h>

#include "qsg/status.h"

/* Rewrite `path`, what the terminal cairolatex (option input) made, into `out`: the texts, which the scripts write in
 * gnuplot's enhanced notation and UTF-8, become LaTeX (Greek letters and indices in maths), and the graphic `lines` is
 * called `graphic`.  The outcome, text of `points`, is a document by itself, and a picture where \input reads it inside one.
 * QSG_EIO, QSG_ENOMEM. */
qsg_status latex_translate(const char *path, const char *lines, const char *graphic, double points, FILE *out,
                           qsg_error *error);

/* Copy the bytes of a file.  QSG_EIO. */
qsg_status latex_copy(const char *path, FILE *out, qsg_error *error);

#endif
