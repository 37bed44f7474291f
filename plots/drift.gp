# Polarization by drift alone, for slow and fast adapters.  SPDX-License-Identifier: GPL-3.0-or-later
# alpha time U U_meanfield U_mean low high tenth ninetieth
ALPHAS = '0.1 0.3 0.8'
is(i) = abs(column(COL_alpha) - real(word(ALPHAS, i))) < 1e-9
when(i) = is(i) ? column(COL_time) : NaN
set logscale x
set xrange [0.7:400000]
set format x '10^{%L}'
set yrange [0:1.02]
set ytics 0,0.2,1
set xlabel 'time t (interactions)'
set ylabel 'polarization U' offset 0.5,0
set key top left Left reverse enhanced
plot for [i=1:3] DATA using (when(4 - i)):COL_tenth:COL_ninetieth with filledcurves fillcolor rgb colour(4 - i) \
         fillstyle transparent solid 0.15 noborder notitle, \
     for [i=1:3] DATA using (when(i)):COL_U_meanfield with lines linewidth 1.2 dashtype (8,5) linecolor rgb colour(i) \
         notitle, \
     for [i=1:3] DATA using (when(i)):COL_U with lines linewidth 1.4 dashtype solid linecolor rgb colour(i) notitle, \
     for [i=1:3] DATA using (when(i)):(column(COL_low)):(0):(column(COL_high) - column(COL_low)) every 2 with vectors nohead \
         linewidth 0.8 dashtype solid linecolor rgb colour(i) notitle, \
     for [i=1:3] DATA using (when(i)):COL_U_mean every 2 with points pointtype mark(i) pointsize 0.45 \
         linecolor rgb colour(i) notitle, \
     for [i=1:3] keyentry with points pointtype mark(i) pointsize 0.6 linecolor rgb colour(i) title 'α = '.word(ALPHAS, i), \
     keyentry with lines linewidth 1.4 dashtype solid linecolor rgb BLACK title 'exact', \
     keyentry with lines linewidth 1.2 dashtype (8,5) linecolor rgb BLACK title 'mean field', \
     keyentry with points pointtype 7 pointsize 0.45 linecolor rgb BLACK title 'simulation, 95%', \
     keyentry with filledcurves fillcolor rgb 'grey40' fillstyle transparent solid 0.3 noborder \
         title 'middle 80%'
