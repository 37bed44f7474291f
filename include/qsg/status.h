/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_STATUS_H
#define QSG_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

/** What a function that can fail returns: 0, or one of these negative codes.  A failed call leaves its outputs
 *  as they were. */
typedef enum {
    QSG_OK = 0,
    QSG_EDOMAIN = -1,   /* an argument is outside its domain (NaN included) */
    QSG_EMODEL = -2,    /* the model is valid, but this law does not cover it */
    QSG_EINPUT = -3,    /* a file or text could not be understood */
    QSG_EIO = -4,       /* reading or writing failed */
    QSG_ENOMEM = -5,    /* no memory */
    QSG_ENUMERIC = -6,  /* no convergence, or accuracy lost */
    QSG_ENOEXIST = -7   /* the quantity does not exist for this model (say, a time that is never reached) */
} qsg_status;

/** One line for the user: what is wrong, with the value, and what was expected. */
typedef struct {
    char message[512];
} qsg_error;

/** A constant English phrase for a status; never NULL. */
const char *qsg_strerror(qsg_status status);

/** Write a printf-style message into `error` (which may be NULL) and return `status`, so that a function can end
 *  with `return qsg_fail(error, QSG_EDOMAIN, "alpha is %g; expected a number in (0, 1]", alpha);`.  Control
 *  characters become '?', so that the message stays one line. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
qsg_status qsg_fail(qsg_error *error, qsg_status status, const char *format, ...);

#ifdef __cplusplus
}
#endif
#endif
