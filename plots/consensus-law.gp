# Law of the consensus time: the coalescent law and simulated populations.  SPDX-License-Identifier: GPL-3.0-or-later
# Table 0: tau law_2 law_3 law_10; table 1: labels step_tau share low high
set xrange [0:6]
set yrange [0:1]
set ytics 0,0.2,1
set xlabel 'time since the start (units of 1/λ)'
set ylabel 'share of populations that agree' offset 0.8,0
set key at graph 0.99, graph 0.46 right top
LABELS = '2 3 10'
COLOURS = BLUE.' '.VERMILION.' '.GREEN
DASHES = '1 2 4'
is(k) = column(COL_labels) == k
k(i) = int(word(LABELS, i))
plot for [i=1:3] DATA index 1 using (is(k(i)) ? column(COL_step_tau) : NaN):COL_low:COL_high with filledcurves \
         fillcolor rgb word(COLOURS, i) fillstyle transparent solid 0.18 noborder notitle, \
     for [i=1:3] DATA index 1 using (is(k(i)) ? column(COL_step_tau) : NaN):COL_share with steps linewidth 0.8 \
         dashtype solid linecolor rgb word(COLOURS, i) notitle, \
     for [i=1:3] DATA index 0 using 1:1+i with lines linewidth 1.5 dashtype int(word(DASHES, i)) linecolor rgb BLACK \
         notitle, \
     for [i=1:3] NaN with lines linewidth 1.5 dashtype int(word(DASHES, i)) linecolor rgb BLACK \
         title 'K = '.word(LABELS, i).', coalescent law', \
     NaN with lines linewidth 0.8 dashtype solid linecolor rgb BLUE title 'colours: simulation, N = 64'
