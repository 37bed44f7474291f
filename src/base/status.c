/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/status.h"

#include <stdarg.h>
#include <stdio.h>

const char *qsg_strerror(qsg_status status)
{
    switch (status) {
    case QSG_OK: return "success";
    case QSG_EDOMAIN: return "argument outside its domain";
    case QSG_EMODEL: return "this law does not cover the model";
    case QSG_EINPUT: return "input could not be understood";
    case QSG_EIO: return "reading or writing failed";
    case QSG_ENOMEM: return "out of memory";
    case QSG_ENUMERIC: return "no convergence";
    case QSG_ENOEXIST: return "the quantity does not exist for this model";
    }
    return "unknown status";
}

qsg_status qsg_fail(qsg_error *error, qsg_status status, const char *format, ...)
{
    if (error) {
        va_list args;
        va_start(args, format);
        vsnprintf(error->message, sizeof error->message, format, args);
        va_end(args);
        /* one line for the user, whatever a value from outside contains */
        for (char *c = error->message; *c; c++)
            if ((unsigned char)*c < 0x20 || *c == 0x7f)
                *c = '?';
    }
    return status;
}
