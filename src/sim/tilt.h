/* The label that a tempered or biased agent says, without a power or an exponential (doc/theory/simulation.md, section 3).
 *
 * x^(1/T) is interpolated in a table within a known relative error, which decides nearly every draw; a draw that falls
 * within the error of a boundary between two labels is left to the exact channel.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_TILT_H
#define QSG_TILT_H

#include <stddef.h>
#include <stdint.h>

#include "qsg/channel.h"

typedef struct tilt tilt;

/* Tables of the channel; NULL without memory or where the table would be too coarse (then
 * the exact channel does everything). */
tilt *tilt_new(const qsg_channel *channel);
void tilt_free(tilt *self);

/* Label of the uniform number u at belief x, the one that the cumulative sums of r(x) give; SIZE_MAX: in doubt.
 * `work` has room for the labels.  Cost O(K). */
size_t tilt_label(const tilt *self, const double *x, double u, double *work);

#endif
