# Winning probability against population size, theory and simulation.  SPDX-License-Identifier: GPL-3.0-or-later
theory(basis) = sprintf('theory (%s)', basis eq 'asymptotic' ? 'limit' : basis)
# Columns N P P_mean P_se T T_mean T_se; time where there is no probability
stats DATA index 0 using COL_N nooutput name 'N'
set logscale x 2
set xrange [N_min/1.4:N_max*1.4]
set xlabel 'population N (agents)'
stats DATA index 0 using COL_P nooutput name 'P'
if (exists('P_records') && P_records > 0) {
    set ylabel sprintf('probability that label %d wins', label)
    set key top left Left reverse
    set yrange [0:1]
    plot DATA index 0 using COL_N:COL_P with linespoints linetype 1 title theory(sizes_probability_basis), \
         DATA index 0 using COL_N:COL_P_mean:(1.96*column(COL_P_se)) with yerrorbars linetype 3 title 'simulation, 95% interval'
} else {
    set logscale y
    set ylabel 'mean consensus time (interactions)'
    set key top left Left reverse
    plot DATA index 0 using COL_N:COL_T with linespoints linetype 1 title theory(sizes_time_basis), \
         DATA index 0 using COL_N:COL_T_mean:(1.96*column(COL_T_se)) with yerrorbars linetype 3 title 'simulation, 95% interval'
}
