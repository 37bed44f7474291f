/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_CONTACTS_H
#define QSG_CONTACTS_H

#include <qsg/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The contact law (doc/theory/graphs.md, eq. 1-3): P_ij, the chance that in one interaction i speaks and j listens, as
 *  a sparse matrix by listeners: the speakers of j are speakers[first[j]] .. speakers[first[j+1] - 1], ascending, with the
 *  chances in `chance`.  In a mutual exchange P_ij + P_ji is the chance of the pair. */
typedef struct {
    size_t agents, entries;
    uint64_t *first;    /* agents + 1 */
    uint32_t *speakers; /* entries */
    double *chance;     /* entries, > 0 */
    double idle;        /* chance that nobody speaks to anybody: 1 less the sum */
} qsg_contacts;

/** The contact law of the model.  Cost and memory O(agents + entries); a complete graph has N (N - 1) entries and is
 *  refused above N = 6,000 (its law is 1/(N (N - 1)), with replacement 1/N^2).
 *  QSG_EMODEL (broadcast: not a law of pairs), QSG_EDOMAIN (too large), QSG_ENOMEM.  On failure *self is unchanged. */
qsg_status qsg_contacts_init(qsg_contacts *self, const qsg_model *model, qsg_error *error);

/** Release the arrays; safe twice and on a zeroed object. */
void qsg_contacts_free(qsg_contacts *self);

#ifdef __cplusplus
}
#endif
#endif
