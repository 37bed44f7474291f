# Density of label 1's share at several times, and the atoms against time.  SPDX-License-Identifier: GPL-3.0-or-later
# Table 0: x, width, a density a time [stationary stationary_closed]; table 1: time tau absorbed_1 absorbed_2 mass
stats DATA index 1 using 2 nooutput
N = int(STATS_records)
array TAU[N]
stats DATA index 1 using (TAU[int(column(0))+1] = column(2)) nooutput
FIRST = TAU[1] > 0 ? 1 : 2 # a start in one point is not a curve
SHOWN = N - FIRST + 1 > 6 ? 6 : N - FIRST + 1
pick(i) = SHOWN > 1 ? FIRST + int(round_of((i - 1.0)*(N - FIRST)/(SHOWN - 1))) : FIRST
round_of(x) = floor(x + 0.5)
DENSITY(i) = COL_width + pick(i)

# The ends may be singular: the middle sets the height.
TOP = 0
do for [i=1:SHOWN] {
    stats DATA index 0 using (column(COL_x) > 0.03 && column(COL_x) < 0.97 ? column(DENSITY(i)) : NaN) nooutput
    TOP = STATS_max > TOP ? STATS_max : TOP
}
# The key stands beside the earliest peak, or above one in the middle.
stats DATA index 0 using COL_x:(column(COL_x) > 0.03 && column(COL_x) < 0.97 ? column(DENSITY(1)) : NaN) nooutput name 'PEAK'
ROOM = PEAK_pos_max_y > 0.4 && PEAK_pos_max_y < 0.6 ? 1.7 : 1.08
stats DATA index 1 using (column(3) + column(4)) nooutput name 'LOST'
MANY = N - FIRST + 1 > 1 && LOST_max > 0
set palette defined (0 SKY, 0.5 BLUE, 1 BLACK)
unset colorbox
set multiplot
set lmargin at screen 0.15
set rmargin at screen (MANY ? 0.61 : 0.96)
set xrange [0:1]
set yrange [0:ROOM*TOP]
set xtics 0,0.25,1
set xlabel 'share of label 1'
set ylabel 'density' offset 0.5,0
if (PEAK_pos_max_y < 0.6) { set key top right } else { set key top left }
if (exists('COL_stationary_closed')) {
    plot for [i=1:SHOWN] DATA index 0 using COL_x:DENSITY(i) with lines linewidth 1.4 dashtype solid \
             linecolor palette frac (SHOWN > 1 ? (i - 1.0)/(SHOWN - 1) : 1) title sprintf('λt = %.3g', TAU[pick(i)]), \
         DATA index 0 using COL_x:COL_stationary_closed with lines linetype 2 title 'stationary'
} else {
    plot for [i=1:SHOWN] DATA index 0 using COL_x:DENSITY(i) with lines linewidth 1.4 dashtype solid \
             linecolor palette frac (SHOWN > 1 ? (i - 1.0)/(SHOWN - 1) : 1) title sprintf('λt = %.3g', TAU[pick(i)])
}
if (MANY) {
    set lmargin at screen 0.735
    set rmargin at screen 0.97
    set xrange [0:TAU[N]]
    set yrange [0:1.3]
    set xtics TAU[N]/2.0
    set mytics 5
    set ytics 0,0.5,1
    set xlabel 'time λt'
    set ylabel 'probability' offset 1,0
    set key top right samplen 1
    plot DATA index 1 using 2:5 with lines linetype 1 title 'both', \
         DATA index 1 using 2:3 with lines linetype 2 title '1 alone', \
         DATA index 1 using 2:4 with lines linetype 3 title '2 alone'
}
unset multiplot
