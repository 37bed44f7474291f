# Regimes over temperature and innovation, temperature and size in a field, temperature and memory.  SPDX-License-Identifier: GPL-3.0-or-later
# Table 0: temper, then where amplification ends and pluralism begins in eps for N = 24 and 100;
# The field moves the borders of the second map by O(h) in T, which is left out.
# table 1: temper_size, N beyond which noise is amplified, labels coexist; deciding_size, the two ends of T, field
# table 2: innovation at_temper critical_alpha
eval pages(146)
AMPLIFIED = '#F5C77E'; PLURAL = '#9FD3F2'; BIASED = '#8FCFB9'; DRIFT = '#FFFFFF'
FLOOR = 1e-3
floor_(y) = y > FLOOR/10 ? y : FLOOR/10
set multiplot
eval panel(1, 3, 0)
set xrange [0.6:1.2]
set xtics 0.6,0.1,1.2
set logscale y
set border 15
set tics front
unset key
set yrange [FLOOR:1]
set format y '10^{%L}'
set ylabel 'innovation ε' offset 0.7,0
eval under(3, 3, 'temperature T')
set label 1 'a' at graph 0.02, graph 0.93 font sprintf(',%.3g', 9*SCALE) front
set label 2 'amplification' at 0.72, 0.012 center front
set label 3 'pluralism' at 1.08, 0.2 center front
set label 4 "drift,\nN = 24" at 1.07, 0.0035 left front
set label 5 'dotted: N = 100' at 0.62, 0.0015 left front
set arrow 4 from 1.065, 0.003 to 1.005, 0.003 head size graph 0.015,25 filled front linewidth 0.6 linecolor rgb BLACK
plot DATA index 0 using 1:(floor_(column(COL_pluralism_24))):(1) with filledcurves fillcolor rgb PLURAL fillstyle solid noborder, \
     DATA index 0 using 1:(FLOOR/10):(floor_(column(COL_amplification_24))) with filledcurves fillcolor rgb AMPLIFIED fillstyle solid noborder, \
     for [c=COL_amplification_24:COL_pluralism_24] DATA index 0 using 1:(floor_(column(c))) with lines \
         linewidth 1 dashtype solid linecolor rgb BLACK, \
     for [c=COL_amplification_100:COL_pluralism_100] DATA index 0 using 1:(floor_(column(c))) with lines \
         linewidth 0.8 dashtype (6,4) linecolor rgb BLACK
unset label
unset arrow
eval panel(2, 3, 0)
set yrange [3:3000]
set ylabel 'agents N' offset 0.7,0
set label 1 'b' at graph 0.02, graph 0.93 font sprintf(',%.3g', 9*SCALE) front
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
unset object
unset label
unset logscale y
eval panel(3, 3, 0)
set yrange [0:1]
set ytics 0,0.25,1
set format y '%g'
set ylabel 'adaptation rate α' offset 0.7,0
set label 1 'c' at graph 0.02, graph 0.93 font sprintf(',%.3g', 9*SCALE) front
set label 2 'one label prevails' at 0.72, 0.25 center front
set label 3 'pluralism' at 1.1, 0.5 center front
EPSILONS = '0.01 0.03 0.1'
set key at graph 0.98, graph 0.97 right top
border(i) = abs(column(COL_innovation) - real(word(EPSILONS, i))) < 1e-9 ? column(COL_at_temper) : NaN
plot for [i=1:3] DATA index 2 using (border(i)):COL_critical_alpha with lines linewidth 1.3 dashtype i linecolor rgb colour(i) \
         title 'ε = '.word(EPSILONS, i)
unset multiplot
