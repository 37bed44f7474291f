# Rounds to consensus against the number of agents: N by drift, ln N by amplified noise.
# SPDX-License-Identifier: GPL-3.0-or-later
# Table 0: temper agents rounds low high runs; table 1: size law_0 .. law_4
set xtics (50, 200, 800, 3200)
unset mxtics
set format y '%g'
set ytics ('30' 30, '100' 100, '1000' 1000, '10,000' 10000, '100,000' 100000)
set xlabel 'agents N'
set lmargin at screen 0.19
set ylabel 'rounds to consensus' offset 0.2,0
unset key
array TOP[5] # before any range is set, since stats obeys them
TEMPERS = '1 0.99 0.95 0.8 0.5'
COLOURS = BLACK.' '.PURPLE.' '.GREEN.' '.BLUE.' '.VERMILION
POINTS = '7 13 9 5 11'
DASHES = '1 3 4 2 5'
stats DATA index 1 using 1 nooutput
LAST = STATS_max
do for [i=1:5] {
    stats DATA index 1 using ($1 > 0.99*LAST ? column(1 + i) : NaN) nooutput
    TOP[i] = STATS_max
}
do for [i=1:5] { set label i 'T = '.word(TEMPERS, i) at LAST*1.15, TOP[i] left textcolor rgb word(COLOURS, i) }
set logscale xy
set xrange [40:16000]
set yrange [20:80000]
is(t) = abs(column(COL_temper) - t) < 1e-9
plot for [i=1:5] DATA index 1 using 1:1+i with lines linewidth 1.4 dashtype int(word(DASHES, i)) \
         linecolor rgb word(COLOURS, i), \
     for [i=1:5] DATA index 0 using (is(real(word(TEMPERS, i))) ? column(COL_agents) : NaN):COL_low:(0): \
         (column(COL_high) - column(COL_low)) with vectors nohead linewidth 0.8 dashtype solid \
         linecolor rgb word(COLOURS, i), \
     for [i=1:5] DATA index 0 using (is(real(word(TEMPERS, i))) ? column(COL_agents) : NaN):COL_rounds \
         with points pointtype int(word(POINTS, i)) pointsize 0.5 linecolor rgb word(COLOURS, i)
