# Trajectories and the laws fitted to them, one colour a population size.  SPDX-License-Identifier: GPL-3.0-or-later
# Tables: groups; [time value se fit [meanfield]] for each of them
stats DATA index 0 using COL_agents nooutput name 'SIZE' # before any range is set, since it obeys them
N_SIZES = SIZE_records
array AGENTS[N_SIZES]
FIRST = 1e300
LAST = 0.0
LEAST = 1.0
do for [g=1:N_SIZES] {
    stats DATA index g using (column(COL_time) > 0 ? column(COL_time) : NaN) nooutput name 'TIME'
    FIRST = TIME_min < FIRST ? TIME_min : FIRST
    LAST = TIME_max > LAST ? TIME_max : LAST
    stats DATA index g using COL_value nooutput name 'SEEN'
    LEAST = SEEN_min < LEAST ? SEEN_min : LEAST
    stats DATA index 0 every ::(g - 1)::(g - 1) using COL_agents nooutput name 'ONE'
    AGENTS[g] = ONE_min
}
PAPER = exists('COL_meanfield')
UNIT = unit_of(LAST)
LOGARITHMIC = N_SIZES > 1 && LAST > 20*FIRST # sizes differ in their clocks by N^2
if (LOGARITHMIC) {
    UNIT = 1.0
    set logscale x
    set mxtics 10
    set format x '10^{%L}'
    set xrange [FIRST/1.2:LAST*1.2]
} else { set xrange [0:LAST/UNIT*1.03] }
set yrange [0:1.03]
set ytics 0,0.2,1
set xlabel 'time t ('.unit_name(LOGARITHMIC ? 1 : LAST).')'
set ylabel data_quantity eq 'S' ? 'coordination S' : 'polarization U'
if (LEAST > 0.3 && N_SIZES < 4) { set key bottom right } else { set key above maxrows 3 samplen 1.4 width -1 }
hue(g) = colour((g - 1)%6 + 1)
plot for [g=1:N_SIZES] DATA index g using (column(COL_time)/UNIT):COL_fit with lines linewidth 1.6 dashtype solid linecolor rgb hue(g) \
         notitle, \
     for [g=1:PAPER ? N_SIZES : 0] DATA index g using (column(COL_time)/UNIT):COL_meanfield with lines linewidth 1.1 \
         dashtype (8,5) linecolor rgb hue(g) notitle, \
     for [g=1:N_SIZES] DATA index g using (column(COL_time)/UNIT):(column(COL_value) - 1.96*column(COL_se)):(0): \
         (2*1.96*column(COL_se)) with vectors nohead linewidth 0.8 dashtype solid linecolor rgb hue(g) notitle, \
     for [g=1:N_SIZES] DATA index g using (column(COL_time)/UNIT):COL_value with points pointtype mark((g - 1)%6 + 1) pointsize 0.4 \
         linecolor rgb hue(g) title sprintf('data, N = %.0f', AGENTS[g]), \
     NaN with lines linewidth 1.6 dashtype solid linecolor rgb BLACK title 'exact law, fitted', \
     for [g=1:PAPER ? 1 : 0] NaN with lines linewidth 1.1 dashtype (8,5) linecolor rgb BLACK title "mean field, fitted"
