/* The normal law's quantiles that more than one place needs.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_NORMAL_H
#define QSG_NORMAL_H

/* Half a 95% interval in standard errors: the 97.5% quantile. */
#define Z95 1.959963984540054

#endif
