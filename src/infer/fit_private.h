/* A fit of a transcript on its way to a result.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_INFER_FIT_PRIVATE_H
#define QSG_INFER_FIT_PRIVATE_H

#include "qsg/fit.h"

typedef struct {
    const qsg_model *model;
    const qsg_transcript *data;
    const qsg_fit_options *options;
    qsg_likelihood *likelihood;
    qsg_maximum best;
    qsg_fit_interval *intervals; /* one a parameter; of 1/T for the temper */
} transcript_fit;

void transcript_fit_free(transcript_fit *self);

/* Text of the label with number k, from 0. */
const char *fit_label(const transcript_fit *self, size_t k);

void fit_put_estimates(const transcript_fit *self, qsg_result *result);

#endif
