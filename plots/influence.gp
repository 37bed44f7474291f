# Who decides: influence by degree and adaptation rate, and who wins.  SPDX-License-Identifier: GPL-3.0-or-later
# Table 0: rank degree alpha influence sum; table 1: first together share low high
eval page(96)
set multiplot
set lmargin at screen 0.165
set rmargin at screen 0.97
set tmargin at screen 0.985
set bmargin at screen 0.62
set logscale xy
set xrange [2.5:70]
set yrange [0.1:40]
set xtics (3, 5, 10, 20, 50)
set ytics (0.1, 1, 10)
set xlabel 'neighbours d' offset 0,0.5
set ylabel 'influence (mean 1)' offset 0.8,0
set label 1 'a' at graph 0.02, graph 0.92 font sprintf(',%.3g', 9*SCALE)
set key at graph 0.99, graph 0.3 right top
plot DATA index 0 using (column(COL_alpha) < 0.5 ? column(COL_degree) : NaN):COL_influence with points pointtype 7 \
         pointsize 0.4 linecolor rgb BLUE title 'stubborn, α = 0.1', \
     DATA index 0 using (column(COL_alpha) > 0.5 ? column(COL_degree) : NaN):COL_influence with points pointtype 5 \
         pointsize 0.4 linecolor rgb VERMILION title 'quick, α = 0.7'
set tmargin at screen 0.5
set bmargin at screen 0.115
unset logscale y
set xrange [0.9:230]
set yrange [0:1.03]
set xtics (1, 2, 5, 10, 20, 50, 100)
set ytics 0,0.25,1
set mytics 2
set xlabel 'most influential agents that start with label 1'
set ylabel 'probability that it wins' offset 0.8,0
set label 1 'b' at graph 0.02, graph 0.92
set key at graph 0.66, graph 0.97 right top
plot DATA index 0 using COL_rank:COL_sum with lines linewidth 1.5 dashtype solid linecolor rgb BLACK title 'their influence, exact', \
     DATA index 0 using COL_rank:(column(COL_rank)/200) with lines linewidth 1.2 dashtype 2 linecolor rgb BLACK title 'their number', \
     DATA index 1 using 1:4:(0):($5 - $4) with vectors nohead linewidth 0.8 dashtype solid linecolor rgb GREEN notitle, \
     DATA index 1 using 1:3 with points pointtype 7 pointsize 0.5 linecolor rgb GREEN title 'simulation, 95%'
unset multiplot
