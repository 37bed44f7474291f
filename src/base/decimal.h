/* Numbers as text, as printf's "%.15g" writes them but several times faster.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_BASE_DECIMAL_H
#define QSG_BASE_DECIMAL_H

#include <stddef.h>

/* The text of a finite `value` into `out`, equal to that of printf("%.15g") in every case; returns its length.  About 40 ns;
 * a number too near the middle between two texts for extended precision to tell goes through printf. */
size_t decimal_format(double value, char out[static 32]);

#endif
