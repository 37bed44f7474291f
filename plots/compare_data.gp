# A transcript beside the neutral law.  SPDX-License-Identifier: GPL-3.0-or-later
# Columns time S se S_fit [S_fastest] [S_given]
stats DATA using COL_time nooutput # before any range is set, since it obeys them
UNIT = unit_of(STATS_max)
set xrange [0:STATS_max > 0 ? STATS_max/UNIT*(STATS_records > 1 ? 1.02 : 1.5) : 1]
curve(linetype, type) = STATS_records > 1 ? sprintf('lines linetype %d', linetype) : \
    sprintf('points linetype %d pointtype %d pointsize 0.8', linetype, type) # one bin makes no curve
set yrange [0:1.02]
set ytics 0,0.2,1
set xlabel 'time t ('.unit_name(STATS_max).')'
set ylabel 'coordination S'

# The key stands where the curves leave room.
stats DATA using COL_S_fit nooutput name 'LAW'
stats DATA using COL_S nooutput name 'SEEN'
if (LAW_max > 0.45 && SEEN_max > 0.45) { set key bottom right } else {
    if (SEEN_max > 0.8) { set key at graph 0.99, graph 0.57 right top } else { set key top left Left reverse }}

# At the sure ends of [0, 1] a symmetric interval would leave it.
low(s, se) = s - 1.96*se < 0 ? 0 : s - 1.96*se
high(s, se) = s + 1.96*se > 1 ? 1 : s + 1.96*se
part = 'DATA using (column(COL_time)/UNIT)'
# One curve where the best fit is the fastest law.
alpha_text(a) = sprintf('%.2g', a)
FASTEST = exists('COL_S_fastest')
if (FASTEST) { FASTEST = alpha_text(estimates_alpha_value) ne alpha_text(speed_fastest_alpha) }
PICTURE = part.':COL_S_fit with '.curve(1, 6).' title "'. \
          (exists('COL_S_fastest') && !FASTEST ? 'best fit = fastest law: α = ' : 'neutral law, best fit: α = '). \
          alpha_text(estimates_alpha_value).'"'
if (exists('COL_S_given')) {
    PICTURE = PICTURE.', '.part.':COL_S_given with '.curve(4, 8).' title "'. \
              sprintf('neutral law, α = %.3g', given_alpha).'"'
}
if (FASTEST) {
    PICTURE = PICTURE.', '.part.':COL_S_fastest with '.curve(2, 4).' title "'. \
              sprintf('fastest neutral law: α = %.2g', speed_fastest_alpha).'"'
}
# Bars without yerrorbars, which would blank out what is around each point.
PICTURE = PICTURE.', '.part.':(low(column(COL_S), column(COL_se))):(0):'. \
          '(high(column(COL_S), column(COL_se)) - low(column(COL_S), column(COL_se)))'. \
          ' with vectors nohead linetype 3 notitle, '.part.':COL_S with points linetype 3 title "'. \
          (data_runs > 3 ? sprintf('mean of %d runs, its 95%% interval', data_runs) : 'data').'"'
eval 'plot '.PICTURE
