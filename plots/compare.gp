# Exact and mean-field polarization, and the simulation where there is one.  SPDX-License-Identifier: GPL-3.0-or-later
# Columns time U U_meanfield [U_mean U_se]
stats DATA using COL_time nooutput # before any range is set, since it obeys them
UNIT = unit_of(STATS_max)
set xrange [STATS_min/UNIT:STATS_max/UNIT]
set yrange [0:1]
set ytics 0,0.2,1
set xlabel 'time t ('.unit_name(STATS_max).')'
set ylabel 'polarization U'
set key bottom right

EXACT = 'exact E[U]'
MEANFIELD = 'mean field'
if (exists('COL_U_mean') && exists('COL_U_se')) {
    plot DATA using (column(COL_time)/UNIT):(column(COL_U_mean) - 1.96*column(COL_U_se)): \
                    (column(COL_U_mean) + 1.96*column(COL_U_se)) \
             with filledcurves fillcolor rgb BAND fillstyle transparent solid 0.45 noborder title 'simulation, 95%', \
         DATA using (column(COL_time)/UNIT):COL_U with lines linetype 1 title EXACT, \
         DATA using (column(COL_time)/UNIT):COL_U_meanfield with lines linetype 2 title MEANFIELD, \
         DATA using (column(COL_time)/UNIT):COL_U_mean with points linetype 3 title 'simulation, mean'
} else {
    plot DATA using (column(COL_time)/UNIT):COL_U with lines linetype 1 title EXACT, \
         DATA using (column(COL_time)/UNIT):COL_U_meanfield with lines linetype 2 title MEANFIELD
}
