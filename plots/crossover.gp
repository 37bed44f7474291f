# Who wins with a field: against the paper's Gamma_h, and against the exact Gamma_eff, where all points fall on one law.
# SPDX-License-Identifier: GPL-3.0-or-later
# Table 0: alpha agents field gamma_meanfield gamma probability low high runs; table 1: strength logistic
eval page(96)
ALPHAS = '0.1 0.3 0.5 0.8'
COLOURS = '#009E73 #0072B2 #E69F00 #D55E00'
FILLED = '9 5 7 13'
OPEN = '8 4 6 12'
array AT[2] = [COL_gamma_meanfield, COL_gamma]
XLABEL = "'mean-field strength Γ_h = mNh/α' 'exact strength Γ_{eff} = Γ_h(1 − α + α/N)'"
LETTER = 'a b'
set multiplot
set lmargin at screen 0.125
set rmargin at screen 0.98
set yrange [0.48:1.02]
set ytics 0.5,0.1,1
set ylabel 'probability that label 1 wins' offset 0.8,0
is(a, n) = abs(column(COL_alpha) - a) < 1e-9 && column(COL_agents) == n
do for [p=1:2] {
    set tmargin at screen (p == 1 ? 0.985 : 0.485)
    set bmargin at screen (p == 1 ? 0.60 : 0.10)
    set xrange [0:(p == 1 ? 16.5 : 4)]
    set xtics 0,(p == 1 ? 4 : 1)
    set xlabel word(XLABEL, p) offset 0,0.3
    set label 1 word(LETTER, p) at graph 0.02, graph 0.94 font sprintf(',%.3g', 9*SCALE)
    if (p == 2) { set key bottom right enhanced maxrows 4 width -1.5 } else { unset key }
    X = AT[p]
    plot DATA index 1 using 1:2 with lines linetype 1 title '1/(1 + e^{−Γ})', \
         for [i=1:4] for [n in '16 32'] DATA index 0 using \
             (is(real(word(ALPHAS, i)), real(n)) ? column(X) : NaN):(column(COL_low)):(0):(column(COL_high) - column(COL_low)) \
             with vectors nohead linewidth 0.8 dashtype solid linecolor rgb word(COLOURS, i) notitle, \
         for [i=1:4] DATA index 0 using (is(real(word(ALPHAS, i)), 16) ? column(X) : NaN):COL_probability \
             with points pointtype int(word(FILLED, i)) pointsize 0.5 linecolor rgb word(COLOURS, i) \
             title 'α = '.word(ALPHAS, i).', N = 16', \
         for [i=2:4] DATA index 0 using (is(real(word(ALPHAS, i)), 32) ? column(X) : NaN):COL_probability \
             with points pointtype int(word(OPEN, i)) pointsize 0.5 linewidth 0.8 linecolor rgb word(COLOURS, i) \
             title 'α = '.word(ALPHAS, i).', N = 32'
}
unset multiplot
