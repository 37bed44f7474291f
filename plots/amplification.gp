# Rounds to consensus against the number of agents, N by drift and ln N by amplified noise, and the rates of growth.
# SPDX-License-Identifier: GPL-3.0-or-later
# Table 0: temper agents rounds low high runs; table 1: size law_0 .. law_4; table 2: alpha growth_temper growth
eval pages(104)
array TOP[5] # before any range is set, since stats obeys them
TEMPERS = '1 0.99 0.95 0.8 0.5'
TINTS = BLACK.' '.PURPLE.' '.GREEN.' '.BLUE.' '.VERMILION
SHAPES = '7 13 9 5 11'
DASHES = '1 3 4 2 5'
stats DATA index 1 using 1 nooutput
LAST = STATS_max
do for [i=1:5] {
    stats DATA index 1 using ($1 > 0.99*LAST ? column(1 + i) : NaN) nooutput
    TOP[i] = STATS_max
}
set multiplot
eval panel(1, 2, 0)
eval under(2, 2, 'agents N')
eval letter('a')
set xtics (50, 200, 800, 3200)
unset mxtics
set ytics ('30' 30, '10^2' 100, '10^3' 1000, '10^4' 10000, '10^5' 100000)
set ylabel 'rounds to U = 0.95' offset 0.8,0
do for [i=1:5] { set label 1 + i 'T = '.word(TEMPERS, i) at LAST*1.15, TOP[i] left textcolor rgb word(TINTS, i) }
set logscale xy
set xrange [40:17000]
set yrange [20:200000]
set key at graph 0.1, graph 0.99 left top Left reverse
is(i) = abs(column(COL_temper) - real(word(TEMPERS, i))) < 1e-9 ? column(COL_agents) : NaN
plot for [i=1:5] DATA index 1 using 1:1+i with lines linewidth 1.4 dashtype int(word(DASHES, i)) \
         linecolor rgb word(TINTS, i) notitle, \
     for [i=1:5] DATA index 0 using (is(i)):COL_low:(0):(column(COL_high) - column(COL_low)) with vectors nohead \
         linewidth 0.8 dashtype solid linecolor rgb word(TINTS, i) notitle, \
     for [i=1:5] DATA index 0 using (is(i)):COL_rounds with points pointtype int(word(SHAPES, i)) pointsize 0.5 \
         linecolor rgb word(TINTS, i) notitle, \
     keyentry with lines linetype 1 title 'theory (large N)', \
     keyentry with points pointtype 7 pointsize 0.5 linecolor rgb BLACK title 'simulation, 95%'
do for [i=2:6] { unset label i }
unset logscale
eval panel(2, 2, 0)
eval under(2, 2, 'temperature T')
eval letter('b')
set label 1 at graph 0.96, graph 0.94
set xrange [0:1.2]
set xtics 0,0.2,1.2
set mxtics 2
set yrange [-0.05:0.3]
set ytics 0,0.1,0.3
set mytics 2
set ylabel 'growth rate Λ (per round)' offset 0.8,0
set key at graph 0.98, graph 0.85 right top noreverse Right
ALPHAS = '0.1 0.3 0.6 0.9'
of(i) = abs(column(COL_alpha) - real(word(ALPHAS, i))) < 1e-9 ? column(COL_growth_temper) : NaN
plot 0 with lines linewidth 0.6 dashtype solid linecolor rgb 'grey60' notitle, \
     for [i=1:4] DATA index 2 using (of(i)):COL_growth with lines linewidth 1.4 dashtype solid linecolor rgb colour(i) \
         title 'α = '.word(ALPHAS, i)
unset multiplot
