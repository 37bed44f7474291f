# The law of one agent's belief: stationary, or at several times.  SPDX-License-Identifier: GPL-3.0-or-later
# Table 0: x density (a density a time); table 1, if in time: time rounds mass.  singular; dimension
set xtics 0,0.25,1
set xlabel "one agent's belief in label 1"
set ylabel 'density' offset 0.5,0
if (exists('COL_rounds')) {
    stats DATA index 1 using 2 nooutput
    N = int(STATS_records)
    array ROUNDS[N]
    stats DATA index 1 using (ROUNDS[int(column(0)) + 1] = column(2)) nooutput
    FIRST = N > 1 && ROUNDS[1] == 0 ? 2 : 1 # the start may be a point, which is no curve
    SHOWN = N - FIRST + 1 > 6 ? 6 : N - FIRST + 1
    pick(i) = SHOWN > 1 ? FIRST + floor((i - 1.0)*(N - FIRST)/(SHOWN - 1) + 0.5) : FIRST
    TOP = 0 # in the middle: beliefs pile up at the ends
    do for [i=1:SHOWN] {
        stats DATA index 0 using ($1 > 0.03 && $1 < 0.97 ? column(1 + pick(i)) : NaN) nooutput
        TOP = STATS_max > TOP ? STATS_max : TOP
    }
    set yrange [0:1.08*TOP]
    set xrange [0:1]
    set palette defined (0 SKY, 0.5 BLUE, 1 BLACK)
    unset colorbox
    set key top left Left reverse
    plot for [i=1:SHOWN] DATA index 0 using 1:1+pick(i) with lines linewidth 1.4 dashtype solid \
             linecolor palette frac (SHOWN > 1 ? (i - 1.0)/(SHOWN - 1) : 1) title sprintf('%.3g rounds', ROUNDS[pick(i)])
} else {
    unset key
    set xrange [0:1]
    set yrange [0:*]
    if (exists('singular') && singular == 1) {
        set ylabel 'mass of a cell over its width' offset 0.5,0
        set label 1 sprintf('singular: dimension ≤ %.2f', dimension) at graph 0.5, graph 0.96 center front
    }
    plot DATA using 1:2 with fillsteps fillcolor rgb SKY fillstyle solid 0.5 noborder, \
         DATA using 1:2 with histeps linewidth 0.8 dashtype solid linecolor rgb BLACK
}
