/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"
#include <time.h>
START_TEST(play)
{
    qsg_error e = {""};
    double as[][2] = {{.3,.5},{.3,.8},{.3,.2},{.6,.5},{.1,.5},{.3,.05},{.3,1},{.3,2}};
    for (int i = 0; i < 8; i++) {
        char t[99]; sprintf(t, "agents=100 alpha=%g temper=%g", as[i][0], as[i][1]);
        qsg_model m = model_of(t);
        qsg_growth g = {0}; double re[1100]={0}, im[1100]={0}; size_t n = 0;
        int st = qsg_kinetic_growth(&m, &g, &e);
        int s2 = qsg_kinetic_spectrum(&m, .5, as[i][1] == .5 || as[i][1] == 1 ? 1100 : 100, re, im, &n, &e);
        printf("%s: %d %d %.15g  %.15g %.3g n=%zu\n", t, st, s2, g.rate, re[0], im[0], n);
        qsg_model_free(&m);
    }
    int Ns[] = {50,200,800,3200,20000};
    for (int i = 0; i < 5; i++) {
        char t[99]; sprintf(t, "agents=%d alpha=.3 temper=.5", Ns[i]);
        qsg_model m = model_of(t);
        qsg_amplification a = {0};
        int st = qsg_kinetic_consensus(&m, .95*.95+.05*.05, &a, &e);
        printf("%d: %d %s rate %.10g c %g rounds %g sd %g sigma %g pr %g\n", Ns[i], st, st ? e.message : "", a.rate, a.constant, a.rounds, a.spread, a.noise, a.probability);
        qsg_model_free(&m);
    }
    {
        qsg_model m = model_of("agents=100 alpha=.3");
        double T[100], E[100], *g = malloc(80000); qsg_regime *r = malloc(10000*sizeof *r);
        for (int i = 0; i < 100; i++) T[i] = .05 + i*.02, E[i] = i*.005;
        struct timespec a, b; clock_gettime(CLOCK_MONOTONIC, &a);
        int st = qsg_kinetic_phases(&m, 100, T, 100, E, r, g, &e);
        clock_gettime(CLOCK_MONOTONIC, &b);
        printf("phases %d %s %g s\n", st, e.message, b.tv_sec-a.tv_sec+1e-9*(b.tv_nsec-a.tv_nsec));
        for (int i = 0; i < 100; i += 12) { for (int j = 0; j < 100; j += 6) printf("%d", r[i*100+j]); printf(" %g %g\n", g[i*100], g[i*100+99]); }
    }
    {
        qsg_model m = model_of("agents=100 alpha=.3 temper=.5 bandwidth=2 init=.6,.4");
        double t[] = {0,1,2,5,10,20}, p[6], v[6];
        int st = qsg_kinetic_evolve(&m, 6, t, p, v, &e);
        printf("%d:", st); for (int i = 0; i < 6; i++) printf(" %.10g/%.10g", p[i], v[i]); printf("\n");
        double mass[20], s=0; st = qsg_kinetic_density(&m, 3, 20, mass, &e);
        for (int i = 0; i < 20; i++) printf("%.4f ", mass[i]), s += mass[i]; printf(" %.15g\n", s);
        qsg_belief_shape sh; st = qsg_adiabatic_density(&m, .3, 20, mass, &sh, &e); s = 0; double q=0;
        for (int i = 0; i < 20; i++) printf("%.4f ", mass[i]), s += mass[i], q += (i+.5)/20*mass[i]; printf(" %.15g %g dim %g\n", s, q, sh.dimension);
    }
}
END_TEST
RUN_TESTS("kinetic", play)
