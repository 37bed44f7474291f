# The law of one agent's belief: stationary, or at several times.  SPDX-License-Identifier: GPL-3.0-or-later
# Table 0: x density (a density a time); table 1, if in time: time rounds mass.  singular; dimension
set xrange [0:1]
set xtics 0,0.25,1
set xlabel "one agent's belief in label 1"
set ylabel 'density' offset 0.5,0
if (exists('COL_rounds')) {
    stats DATA index 1 using 2 nooutput
    N = int(STATS_records)
    array ROUNDS[N]
    stats DATA index 1 using (ROUNDS[int(column(0)) + 1] = column(2)) nooutput
    SHOWN = N > 6 ? 6 : N
    pick(i) = SHOWN > 1 ? 1 + floor((i - 1.0)*(N - 1)/(SHOWN - 1) + 0.5) : 1
    set yrange [0:*]
    set palette defined (0 SKY, 0.5 BLUE, 1 BLACK)
    unset colorbox
    set key top left Left reverse
    plot for [i=1:SHOWN] DATA index 0 using 1:1+pick(i) with lines linewidth 1.4 dashtype solid \
             linecolor palette frac (SHOWN > 1 ? (i - 1.0)/(SHOWN - 1) : 1) title sprintf('%.3g rounds', ROUNDS[pick(i)])
} else {
    unset key
    set yrange [0:*]
    if (singular) {
        set ylabel 'mass of a cell over its width' offset 0.5,0
        set label 1 sprintf('singular: dimension ≤ %.2f', dimension) at graph 0.5, graph 0.96 center front
    }
    plot DATA using 1:2 with fillsteps fillcolor rgb SKY fillstyle solid 0.5 noborder, \
         DATA using 1:2 with histeps linewidth 0.8 dashtype solid linecolor rgb BLACK
}
