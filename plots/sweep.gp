# 200 simulated points of (N, alpha, h) against the exact Gamma_eff, and how far they are from its law.
# SPDX-License-Identifier: GPL-3.0-or-later
# Table 0: agents alpha field runs seed probability se unresolved gamma_meanfield gamma law deviation
# Table 1: strength logistic
eval page(96)
ALPHAS = '0.2 0.3 0.5 0.8'
COLOURS = '#009E73 #0072B2 #E69F00 #D55E00'
SIZES = '8 12 16 24 32'
SHAPES = '7 5 9 13 11'
set multiplot
set lmargin at screen 0.125
set rmargin at screen 0.98
set logscale x
set xrange [0.006:20]
is(a, n) = abs(column(COL_alpha) - a) < 1e-9 && column(COL_agents) == n
strength(a, n) = is(a, n) ? column(COL_gamma) : NaN
set tmargin at screen 0.985
set bmargin at screen 0.50
set yrange [0.40:1.03]
set ytics 0.4,0.1,1
set format x ''
set ylabel 'probability that label 1 wins' offset 0.8,0
set label 1 'a' at graph 0.955, graph 0.07 font sprintf(',%.3g', 9*SCALE)
set key at graph 0.60, graph 0.98 enhanced maxrows 6 width -1
plot for [i=1:4] for [n=1:5] DATA index 0 using (strength(real(word(ALPHAS, i)), real(word(SIZES, n)))):\
         (column(COL_probability) - 1.96*column(COL_se)):(0):(3.92*column(COL_se)) \
         with vectors nohead linewidth 0.6 dashtype solid linecolor rgb word(COLOURS, i) notitle, \
     for [i=1:4] for [n=1:5] DATA index 0 using \
         (strength(real(word(ALPHAS, i)), real(word(SIZES, n)))):COL_probability \
         with points pointtype int(word(SHAPES, n)) pointsize 0.4 linecolor rgb word(COLOURS, i) notitle, \
     DATA index 1 using 1:2 with lines linetype 1 title '1/(1 + e^{−Γ})', \
     for [n=1:5] keyentry with points pointtype int(word(SHAPES, n)) pointsize 0.5 linecolor rgb 'grey40' \
         title 'N = '.word(SIZES, n), \
     for [i=1:4] keyentry with points pointtype 7 pointsize 0.5 linecolor rgb word(COLOURS, i) \
         title 'α = '.word(ALPHAS, i)
set tmargin at screen 0.47
set bmargin at screen 0.10
set yrange [-4.5:4.5]
set ytics -4,2,4
set format x '%g'
set xlabel 'exact strength Γ_{eff} = (Nh/α)(1 − α + α/N)' offset 0,0.3
set ylabel '(simulation − law)/s.e.' offset 0.8,0
set label 1 'b'
unset key
set object 1 rectangle from graph 0, first -2 to graph 1, first 2 behind fillcolor rgb BAND fillstyle solid 0.3 noborder
plot 0 with lines linetype 1 linewidth 0.8, \
     for [i=1:4] for [n=1:5] DATA index 0 using (strength(real(word(ALPHAS, i)), real(word(SIZES, n)))):COL_deviation \
         with points pointtype int(word(SHAPES, n)) pointsize 0.4 linewidth 0.6 linecolor rgb word(COLOURS, i)
unset multiplot
