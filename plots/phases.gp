# Regimes over temperature and innovation, and over temperature and field.  SPDX-License-Identifier: GPL-3.0-or-later
# Table 0: temper, then where amplification ends and pluralism begins in eps for N = 24 and 100;
# The field moves the borders of the second map by O(h) in T, which is left out.
# table 1: temper_size, N beyond which noise is amplified, labels coexist; deciding_size, the two ends of T, field
eval page(104)
AMPLIFIED = '#F5C77E'; PLURAL = '#9FD3F2'; BIASED = '#8FCFB9'; DRIFT = '#FFFFFF'
FLOOR = 1e-3
floor_(y) = y > FLOOR/10 ? y : FLOOR/10
set multiplot
set lmargin at screen 0.15
set rmargin at screen 0.975
set xrange [0.6:1.2]
set xtics 0.6,0.1,1.2
set logscale y
set border 15
set tics front
unset key
set tmargin at screen 0.985
set bmargin at screen 0.57
set yrange [FLOOR:1]
set format y '%g'
set ylabel 'innovation ε' offset 0.7,0
set xlabel ''
set format x ''
set label 1 'a' at graph 0.02, graph 0.93 font ',9' front
set label 2 'amplification' at 0.72, 0.012 center front
set label 3 'pluralism' at 1.08, 0.2 center front
set label 4 "drift,\nN = 24" at 1.07, 0.0035 left front
set label 5 'dashed: N = 100' at 0.62, 0.0015 left front
set arrow 4 from 1.065, 0.003 to 1.005, 0.003 head size graph 0.015,25 filled front linewidth 0.6 linecolor rgb BLACK
plot DATA index 0 using 1:(floor_(column(COL_pluralism_24))):(1) with filledcurves fillcolor rgb PLURAL fillstyle solid noborder, \
     DATA index 0 using 1:(FLOOR/10):(floor_(column(COL_amplification_24))) with filledcurves fillcolor rgb AMPLIFIED fillstyle solid noborder, \
     for [c=COL_amplification_24:COL_pluralism_24] DATA index 0 using 1:(floor_(column(c))) with lines \
         linewidth 1 dashtype solid linecolor rgb BLACK, \
     for [c=COL_amplification_100:COL_pluralism_100] DATA index 0 using 1:(floor_(column(c))) with lines \
         linewidth 0.8 dashtype (6,4) linecolor rgb BLACK
unset label
unset arrow
set tmargin at screen 0.535
set bmargin at screen 0.10
set yrange [3:3000]
set format x '%g'
set xlabel 'temperature T' offset 0,0.3
set ylabel 'agents N' offset 0.7,0
set label 1 'b' at graph 0.02, graph 0.93 font ',9' front
set label 2 'amplification' at 0.72, 60 center front
set label 3 'pluralism' at 1.145, 60 center front
set label 4 "selection\n(bias)" at (amplification_end + pluralism_begin)/2, 400 center front
set label 5 'drift' at (amplification_end + pluralism_begin)/2, 4.2 center front
set label 6 'ε = 0, h = '.field at 0.62, 4.5 left front
set object 1 rectangle from 0.6, 3 to 1.2, 3000 behind fillcolor rgb DRIFT fillstyle solid noborder
set object 2 rectangle from amplification_end, deciding_size to pluralism_begin, 3000 \
    fillcolor rgb BIASED fillstyle solid border rgb BLACK linewidth 1
plot DATA index 1 using 1:(column(COL_pluralism_size)):(3000) with filledcurves fillcolor rgb PLURAL fillstyle solid noborder, \
     DATA index 1 using 1:(column(COL_amplification_size)):(3000) with filledcurves fillcolor rgb AMPLIFIED fillstyle solid noborder, \
     DATA index 1 using 1:COL_pluralism_size with lines linewidth 1 dashtype solid linecolor rgb BLACK, \
     DATA index 1 using 1:COL_amplification_size with lines linewidth 1 dashtype solid linecolor rgb BLACK
unset multiplot
