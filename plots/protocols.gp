# The protocol decides who wins: probability of the favoured label against the size of the population.
# SPDX-License-Identifier: GPL-3.0-or-later
# Table 0: exchange agents probability low high runs; table 1: size law_oneway law_mutual law_broadcast
set logscale x 2
set xrange [3.6:285]
set xtics (4, 8, 16, 32, 64, 128, 256)
unset mxtics
set yrange [0.48:1.02]
set ytics 0.5,0.1,1
set xlabel 'agents N'
set ylabel 'probability that label 1 wins' offset 0.8,0
set key at graph 0.99, graph 0.42 right top
NAMES = "'one-way' 'mutual' 'broadcast'"
COLOURS = BLUE.' '.VERMILION.' '.GREEN
POINTS = '7 5 9'
dash(e) = e == 0 ? 1 : e == 1 ? 2 : 4
plot for [e=0:2] DATA index 1 using 1:2+e with lines linewidth 1.5 dashtype dash(e) \
         linecolor rgb word(COLOURS, e + 1) title word(NAMES, e + 1).', theory', \
     for [e=0:2] DATA index 0 using (column(COL_exchange) == e ? column(COL_agents) : NaN): \
         (column(COL_low)):(0):(column(COL_high) - column(COL_low)) \
         with vectors nohead linewidth 0.8 dashtype solid linecolor rgb word(COLOURS, e + 1) notitle, \
     for [e=0:2] DATA index 0 using (column(COL_exchange) == e ? column(COL_agents) : NaN):COL_probability \
         with points pointtype int(word(POINTS, e + 1)) pointsize 0.5 linecolor rgb word(COLOURS, e + 1) \
         notitle, \
     NaN with points pointtype 7 pointsize 0.5 linecolor rgb BLACK title 'points: simulation, 95%'
