/* Areas of the bench program in files of their own.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_BENCH_H
#define QSG_BENCH_H

/* Time and memory of the slow rate and of the influence on graphs, against N. */
void bench_graphs(void);

/* Processor time of fits of transcripts. */
void bench_fit(void);

#endif
