# Buri's flies and the neutral diffusion, at four generations.  SPDX-License-Identifier: GPL-3.0-or-later
# Columns genes, then observed and expected numbers of populations a generation
set multiplot layout 2, 2 margins 0.14, 0.99, 0.13, 0.96 spacing 0.06, 0.1
set xrange [-1.2:33.2]
set xtics 0,8,32
set boxwidth 0.9
set yrange [0:32]
set ytics 0,10,30
do for [p=0:3] {
    G = word('4 9 14 19', p + 1)
    OBSERVED = 2 + 2*p
    set label 1 'generation '.G at graph 0.5, graph 0.93 center
    unset xlabel
    unset ylabel
    set format x ''
    set format y (p % 2 == 0 ? '%g' : '')
    if (p > 1) { set format x '%g'; set xlabel 'genes bw^{75} among 32' offset 0,0.4 }
    if (p % 2 == 0) { set ylabel 'populations' offset 0.2,0 }
    if (p == 1) { set key at graph 0.97, graph 0.8 right top } else { unset key }
    plot DATA using COL_genes:OBSERVED with boxes fillstyle solid 0.55 noborder linecolor rgb SKY title 'observed', \
         DATA using (column(COL_genes) > 0.5 && column(COL_genes) < 31.5 ? column(COL_genes) : NaN):(column(OBSERVED + 1)) \
             with lines linetype 1 title sprintf('neutral, 2Nₑ = %.0f', effective_size), \
         DATA using (column(COL_genes) < 0.5 || column(COL_genes) > 31.5 ? column(COL_genes) : NaN):(column(OBSERVED + 1)) \
             with points linetype 2 pointtype 7 pointsize 0.5 title 'lost, fixed'
}
unset multiplot
