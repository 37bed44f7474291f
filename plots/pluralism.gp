# Stationary laws with innovation, and the polarization through the border between taking sides and plurality.
# SPDX-License-Identifier: GPL-3.0-or-later
# Table 0: law x density; table 1: seen_law seen_x seen low high; table 2: alpha innovation theta_prior U U_limit U_mean
# U_low U_high, in its last three rows the borders; theta_0 .. theta_2
eval pages(100)
set multiplot
eval panel(1, 2, 0)
eval under(2, 2, 'share of label 1')
eval letter('a')
set xrange [0:1]
set xtics 0,0.25,1
set yrange [0:4]
set ytics 0,1,4
set ylabel 'stationary density' offset 0.8,0
set key at graph 0.5, graph 0.99 center top Left reverse
EPSILONS = "'0.005' '1/48' '0.08'"
law(i) = column(COL_law) == i ? column(COL_x) : NaN
seen(i) = column(COL_seen_law) == i ? column(COL_seen_x) : NaN
plot for [i=0:2] DATA index 0 using (law(i)):COL_density with lines linewidth 1.4 dashtype solid linecolor rgb colour(1 + i) \
         notitle, \
     for [i=0:2] DATA index 1 using (seen(i)):COL_low:(0):(column(COL_high) - column(COL_low)) with vectors nohead \
         linewidth 0.8 dashtype solid linecolor rgb colour(1 + i) notitle, \
     for [i=0:2] DATA index 1 using (seen(i)):COL_seen with points pointtype mark(1 + i) pointsize 0.45 \
         linecolor rgb colour(1 + i) \
         title sprintf('ε = %s, θ/2 = %.2f', word(EPSILONS, i + 1), value(sprintf('theta_%d', i))/2)
eval panel(2, 2, 0)
eval under(2, 2, 'innovation ε')
set label 1 'b' at graph 0.02, graph 0.08
set logscale x
set xrange [8e-4:1.2]
set xtics (0.001, 0.01, 0.1, 1)
set mxtics 10
set yrange [0.48:1]
set ytics 0.5,0.1,1
set ylabel 'stationary polarization' offset 0.8,0
set key at graph 0.99, graph 0.99 right top noreverse Right
ALPHAS = '0.2 0.5 0.9'
is(i) = abs(column(COL_alpha) - real(word(ALPHAS, i))) < 1e-9 && int(column(0)) < 123 ? column(COL_innovation) : NaN
plot for [i=1:3] DATA index 2 using (is(i)):COL_U_limit with lines linewidth 1.2 dashtype (8,5) linecolor rgb colour(i) notitle, \
     for [i=1:3] DATA index 2 using (is(i)):COL_U with lines linewidth 1.4 dashtype solid linecolor rgb colour(i) notitle, \
     for [i=1:3] DATA index 2 using (is(i)):COL_U_low:(0):(column(COL_U_high) - column(COL_U_low)) with vectors nohead \
         linewidth 0.8 dashtype solid linecolor rgb colour(i) notitle, \
     for [i=1:3] DATA index 2 using (is(i)):COL_U_mean with points pointtype mark(i) pointsize 0.45 linecolor rgb colour(i) \
         title 'α = '.word(ALPHAS, i), \
     DATA index 2 using (int(column(0)) >= 123 ? column(COL_innovation) : NaN):COL_U with points pointtype 6 pointsize 1 \
         linewidth 1.2 linecolor rgb BLACK title 'border θ/2 = 1', \
     keyentry with lines linewidth 1.4 dashtype solid linecolor rgb BLACK title 'exact', \
     keyentry with lines linewidth 1.2 dashtype (8,5) linecolor rgb BLACK title 'Beta law (limit)', \
     keyentry with points pointtype 7 pointsize 0.45 linecolor rgb BLACK title 'simulation, 95%'
unset multiplot
