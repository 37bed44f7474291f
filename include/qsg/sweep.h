/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_SWEEP_H
#define QSG_SWEEP_H

#include <stddef.h>

#include <qsg/model.h>
#include <qsg/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define QSG_SWEEP_MAX_POINTS 10000000

/** One varied model option and its values, as texts. */
typedef struct {
    qsg_option option;
    size_t n;
    char **texts;
} qsg_sweep_axis;

/** The grid of a sweep: the cartesian product of its axes, the first one slowest.  Zero-initialize; read the members,
 *  never write them.  Without axes it has one point. */
typedef struct {
    size_t n;
    qsg_sweep_axis axes[QSG_MODEL_OPTIONS];
} qsg_sweep_grid;

/** Add the axis "NAME=LIST", NAME a long option name or symbol.  LIST has items apart by commas, or by semicolons when
 *  it has any (an item may then hold commas: "init=0.3,0.7;0.5,0.5").  An item FROM:TO:*F is FROM, FROM F, FROM F^2, ..
 *  up to TO, and FROM:TO:+D or FROM:TO:-D is FROM, FROM + D, ..; TO counts when it is met to 9 digits.  Values of
 *  ranges have 15 digits.  Other items stand as they are: qsg_model_init judges them.
 *  QSG_EINPUT (not NAME=LIST, unknown or repeated name, an empty item), QSG_EDOMAIN (a range that does not lead from
 *  FROM to TO, more than QSG_SWEEP_MAX_POINTS points in all), QSG_ENOMEM; on failure *self is left as it was. */
qsg_status qsg_sweep_vary(qsg_sweep_grid *self, const char *text, qsg_error *error);

/** How many points. */
size_t qsg_sweep_points(const qsg_sweep_grid *self);

/** Value of an axis at a point; the text belongs to the grid. */
const char *qsg_sweep_text(const qsg_sweep_grid *self, size_t point, size_t axis);

/** `fixed` with the values of the point, into the zero-initialized *out, which the caller frees.  QSG_ENOMEM, with
 *  *out zeroed. */
qsg_status qsg_sweep_settings(const qsg_sweep_grid *self, const qsg_settings *fixed, size_t point, qsg_settings *out);

/** Release the texts; safe twice. */
void qsg_sweep_free(qsg_sweep_grid *self);

#ifdef __cplusplus
}
#endif
#endif
