/* Transcripts of simulated populations (doc/theory/transcripts.md, section 1).  SPDX-License-Identifier: GPL-3.0-or-later */
#include "qsg/transcript.h"

enum { DIGITS = 20 };

void qsg_transcript_write_header(FILE *stream)
{
    fputs("run_id\tt\tspeaker\tlistener\tlabel\n", stream);
}

/* The digits of `value` and `end` behind them, at `out`; where to go on.  Printing the rows is most of the work of writing
 * a long transcript, and printf takes four times as long. */
static char *put(char *out, uint64_t value, char end)
{
    char digits[DIGITS];
    size_t n = 0;
    do
        digits[n++] = (char)('0' + value % 10);
    while (value /= 10);
    while (n)
        *out++ = digits[--n];
    *out++ = end;
    return out;
}

void qsg_transcript_write_row(void *stream, uint64_t run, uint64_t t, uint64_t speaker, uint64_t listener, size_t label)
{
    char line[5 * (DIGITS + 1)], *end = put(line, run, '\t');
    end = put(end, t, '\t');
    end = put(end, speaker, '\t');
    end = put(end, listener, '\t');
    end = put(end, (uint64_t)label + 1, '\n');
    fwrite(line, 1, (size_t)(end - line), stream);
}
