# A transcript beside the neutral law.  SPDX-License-Identifier: GPL-3.0-or-later
# Columns time S se S_fit [S_fastest] [S_given]
stats DATA using COL_time nooutput # before any range is set, since it obeys them
UNIT = unit_of(STATS_max)
set xrange [0:STATS_max/UNIT*1.02]
set yrange [0:1.02]
set ytics 0,0.2,1
set xlabel 'time t ('.unit_name(STATS_max).')'
set ylabel 'coordination S'

# The key stands where the fitted law leaves room: below data that rise early, above data that rise late.
stats DATA using COL_S_fit nooutput name 'LAW'
stats DATA using COL_S nooutput name 'SEEN'
if (SEEN_mean > 0.5 && LAW_max < 0.5) { set key at graph 0.99, graph 0.68 right top } else {
    if (SEEN_mean > 0.5) { set key bottom right } else { set key top left }}

# At the sure ends of [0, 1] a symmetric interval would leave it.
low(s, se) = s - 1.96*se < 0 ? 0 : s - 1.96*se
high(s, se) = s + 1.96*se > 1 ? 1 : s + 1.96*se
part = 'DATA using (column(COL_time)/UNIT)'
PICTURE = part.':COL_S_fit with lines linetype 1 title "'.sprintf('neutral law, best fit: α = %.2g', \
                                                                  estimates_alpha_value).'"'
if (exists('COL_S_given')) {
    PICTURE = PICTURE.', '.part.':COL_S_given with lines linetype 4 title "'. \
              sprintf('neutral law, α = %.3g', given_alpha).'"'
}
if (exists('COL_S_fastest')) {
    PICTURE = PICTURE.', '.part.':COL_S_fastest with lines linetype 2 title "'. \
              sprintf('fastest neutral law: α = %.2g', speed_fastest_alpha).'"'
}
PICTURE = PICTURE.', '.part.':COL_S:(low(column(COL_S), column(COL_se))):(high(column(COL_S), column(COL_se)))'. \
          ' with yerrorbars linetype 3 title "'.sprintf('data: mean of %d runs, 95%%', data_runs).'"'
eval 'plot '.PICTURE
