# Tempering: the pull towards the majority that agents of different memory feel, and who wins.
# SPDX-License-Identifier: GPL-3.0-or-later
# Table 0: alpha p pull; table 1: winner_alpha temper law; table 2: seen_alpha seen_temper probability low high runs
eval pages(100)
ALPHAS = '0.1 0.3 0.6 0.9'
A(i) = real(word(ALPHAS, i))
of(c, i) = abs(column(c) - A(i)) < 1e-9
set multiplot
eval panel(1, 2, 0)
eval under(2, 2, 'mean belief p in label 1')
eval letter('a')
set xrange [0:1]
set xtics 0,0.25,1
set yrange [-0.07:0.07]
set ytics ('−.05' -0.05, '0' 0, '.05' 0.05)
set ylabel 'pull F(p) − p at T = 0.8' offset 0.2,0
set key bottom right
plot 0 with lines linewidth 0.6 dashtype solid linecolor rgb 'grey60' notitle, \
     DATA index 0 using (column(COL_alpha) == 0 ? column(COL_p) : NaN):COL_pull with lines linewidth 1.2 dashtype (8,5) \
         linecolor rgb BLACK title 'limit α → 0', \
     for [i=1:4] DATA index 0 using (of(COL_alpha, i) ? column(COL_p) : NaN):COL_pull with lines linewidth 1.4 dashtype solid \
         linecolor rgb colour(i) title 'α = '.word(ALPHAS, i)
eval panel(2, 2, 0)
eval under(2, 2, 'temperature T')
eval letter('b')
set xrange [0.795:1.005]
set xtics 0.8,0.05,1
set yrange [0.5:1.08]
set ytics 0.5,0.1,1
set ylabel 'probability that label 1 wins' offset 0.8,0
set key top right maxrows 4
plot for [i=1:4] DATA index 1 using (of(COL_winner_alpha, i) ? column(COL_temper) : NaN):COL_law with lines linewidth 1.4 \
         dashtype solid linecolor rgb colour(i) notitle, \
     for [i=1:4] DATA index 2 using (of(COL_seen_alpha, i) ? column(COL_seen_temper) : NaN):COL_low:(0): \
         (column(COL_high) - column(COL_low)) with vectors nohead linewidth 0.8 dashtype solid linecolor rgb colour(i) notitle, \
     for [i=1:4] DATA index 2 using (of(COL_seen_alpha, i) ? column(COL_seen_temper) : NaN):COL_probability with points \
         pointtype mark(i) pointsize 0.5 linecolor rgb colour(i) title 'α = '.word(ALPHAS, i), \
     keyentry with lines linewidth 1.4 dashtype solid linecolor rgb BLACK title 'adiabatic closure', \
     keyentry with points pointtype 7 pointsize 0.5 linecolor rgb BLACK title 'simulation, 95%'
unset multiplot
