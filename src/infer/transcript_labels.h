/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_INFER_TRANSCRIPT_LABELS_H
#define QSG_INFER_TRANSCRIPT_LABELS_H

#include "qsg/transcript.h"

/* Put the labels in order: as numbers where all are whole numbers, else as bytes; the rows follow.  False without memory. */
bool transcript_sort_labels(qsg_transcript *self);

#endif
