# One law of `qsg validate`: exact laws as standard errors, limits as deviations against N, the paper's forms as errors
# against alpha.  SPDX-License-Identifier: GPL-3.0-or-later
set key below maxrows 3 Left reverse width -4
n = series_count
if (n > 4) { unset key }
color(i) = i % 5 == 0 ? BLUE : i % 5 == 1 ? VERMILION : i % 5 == 2 ? GREEN : i % 5 == 3 ? PURPLE : ORANGE
point(i) = i % 4 == 0 ? 7 : i % 4 == 1 ? 5 : i % 4 == 2 ? 9 : 11
set xlabel xlabel noenhanced offset 0,0.4
# Bars as vectors and points: yerrorbars would blank out what is around each point.
if (kind eq 'exact') {
    set ylabel 'simulated less exact (standard errors)'
    set yrange [*<-5.5:5.5<*]
    set xrange [-0.5:points - 0.5]
    unset xtics
    set xlabel sprintf('comparison (%d series: %s)', n, ylabel) noenhanced
    set object 1 rectangle from graph 0, first -2 to graph 1, first 2 fillcolor rgb BAND fillstyle solid 0.25 noborder behind
    set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead linecolor rgb BLACK linewidth 0.6
    unset key
    plot for [i = 0:n - 1] DATA using (column(COL_series) == i ? $0 : NaN):COL_z with points pointtype point(i) \
        pointsize 0.4 linecolor rgb color(i) notitle
}
if (kind eq 'asymptotic') {
    set logscale x 2
    set xrange [first_n / 1.2:last_n * 1.2]
    set xtics first_n, 2, last_n
    set ylabel (relative ? 'simulated/theory - 1' : sprintf("%s\nsimulated - theory", ylabel)) noenhanced
    set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead linecolor rgb BLACK linewidth 0.6
    off(o, t) = relative ? o/t - 1 : o - t
    error(s, t) = relative ? s/t : s
    at(i) = column(COL_series) == i ? column(COL_x) * (1 + 0.04*(i - (n - 1)/2.0)) : NaN
    level(i) = off(column(COL_observed), column(COL_theory))
    reach(i) = 1.96*error(column(COL_se), column(COL_theory))
    plot for [i = 0:n - 1] DATA using (at(i)):(level(i) - reach(i)):(0):(2*reach(i)) with vectors nohead dashtype solid \
        linewidth 1 linecolor rgb color(i) notitle, \
        for [i = 0:n - 1] DATA using (at(i)):(level(i)) with points pointtype point(i) pointsize 0.5 linecolor rgb color(i) \
        title (n > 4 ? '' : value(sprintf('series_%d', i)))
}
if (kind eq 'mean field') {
    set logscale xy
    set xrange [0.001:1]
    set yrange [0.0005:4]
    set ylabel 'error of the paper''s form'
    set key top left Left reverse
    set arrow 1 from graph 0, first 0.01 to graph 1, first 0.01 nohead dashtype (4,4) linewidth 0.7
    set arrow 2 from graph 0, first 0.1 to graph 1, first 0.1 nohead dashtype (4,4) linewidth 0.7
    set label 1 '1%' at graph 0.01, first 0.01 left offset 0,0.6
    set label 2 '10%' at graph 0.01, first 0.1 left offset 0,0.6
    plot for [i = 0:3] DATA using (column(COL_series) == i ? column(COL_x) : NaN):(column(COL_series) == i ? column(COL_theory) : NaN) \
        with lines dashtype solid linecolor rgb color(i) linewidth 3.2 - 0.7*i title sprintf('m = %d', 2**i), \
        DATA using (column(COL_series) == 4 ? column(COL_x) : NaN):(column(COL_observed) - 1.96*column(COL_se)):(0): \
        (2*1.96*column(COL_se)) with vectors nohead dashtype solid linewidth 1 linecolor rgb BLACK notitle, \
        DATA using (column(COL_series) == 4 ? column(COL_x) : NaN):COL_observed with points pointtype 7 pointsize 0.5 \
        linecolor rgb BLACK title (n > 4 ? 'simulated, m = 1' : '')
}
