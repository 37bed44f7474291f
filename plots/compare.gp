# Exact and mean-field polarization, and the simulation where there is one.  SPDX-License-Identifier: GPL-3.0-or-later
# Columns time U [U_meanfield] [U_mean U_se]
stats DATA index 0 using COL_time nooutput # before any range is set, since it obeys them
UNIT = unit_of(STATS_max)
SIMULATED = exists('COL_U_mean') && exists('COL_U_se')
ONE = STATS_min == STATS_max # a single time: marks instead of curves
MARGIN = ONE ? (STATS_max > 0 ? 0.1*STATS_max : 1.0) : 0.0
FIRST = STATS_min
LAST = STATS_max

# Curves that stay low get a scale of their own; the key stands where the curves leave room.
stats DATA index 0 using COL_time:COL_U nooutput name 'EXACT'
TOP = EXACT_max_y
if (exists('COL_U_meanfield')) {
    stats DATA index 0 using COL_time:COL_U_meanfield nooutput name 'FIELD'
    TOP = FIELD_max_y > TOP ? FIELD_max_y : TOP
}
if (SIMULATED) {
    stats DATA index 0 using (column(COL_U_mean) + 1.96*column(COL_U_se)) nooutput name 'SEEN'
    TOP = SEEN_max > TOP ? SEEN_max : TOP
}
set xrange [(FIRST - MARGIN)/UNIT:(LAST + MARGIN)/UNIT]
if (TOP < 0.3) { set yrange [0:1.15*TOP] } else { set yrange [0:1]; set ytics 0,0.2,1 }
set xlabel 'time t ('.unit_name(LAST).')'
set ylabel 'polarization U'
AXIS = TOP < 0.3 ? 1.15*TOP : 1.0
if (ONE) { if (TOP > 0.5*AXIS) { set key bottom right } else { set key top right }} else {
    if (EXACT_min_y > 0.38*AXIS || EXACT_max_y > 0.6*AXIS && EXACT_min_y < 0.4*AXIS && TOP >= 0.3) {
        set key bottom right
    } else { if (EXACT_max_y > 0.6*AXIS) { set key top left Left reverse } else { set key top right }}}

EXACT = !exists('path_law') ? 'exact E[U]' : path_law eq 'limit of E[U]' ? 'E[U], N → ∞' : 'infinite population'
MEANFIELD = 'mean field'
part = 'DATA index 0 using (column(COL_time)/UNIT)'
PICTURE = part.':COL_U with '.(ONE ? 'points linetype 1 pointtype 6 pointsize 0.8' : 'lines linetype 1').' title EXACT'
if (exists('COL_U_meanfield')) {
    PICTURE = PICTURE.', '.part.':COL_U_meanfield with '. \
              (ONE ? 'points linetype 2 pointtype 4 pointsize 0.8' : 'lines linetype 2').' title MEANFIELD'
}
if (SIMULATED) {
    interval = '(column(COL_U_mean) - 1.96*column(COL_U_se)):(column(COL_U_mean) + 1.96*column(COL_U_se))'
    BAND_STYLE = ONE ? part.':(column(COL_U_mean) - 1.96*column(COL_U_se)):(0):(3.92*column(COL_U_se)) with vectors '. \
                       'nohead linetype 3 title "95% interval of the mean"' \
                     : part.':'.interval.' with filledcurves fillcolor rgb BAND fillstyle transparent solid 0.45 '. \
                       'noborder title "95% interval of the mean"'
    PICTURE = BAND_STYLE.', '.PICTURE.', '.part.':COL_U_mean with points linetype 3 title "simulation, mean"'
}
eval 'plot '.PICTURE
