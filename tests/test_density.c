/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <unistd.h>

#include "diffusion.h"

/* The generator x(1-x)/2 d^2 from 1/2; 12 digits are given. */
START_TEST(neutral_references)
{
    static const double want[3] = {.0666939684422, .225174768045, .398501225665};
    qsg_spectral s = spectral_of(&neutral, 0.5, 0.5);
    for (int i = 0; i < 3; i++) {
        double absorbed[2], tau = ldexp(0.5, i);
        ck_assert_int_eq(qsg_spectral_absorbed(&s, tau, absorbed, NULL), QSG_OK);
        ck_close(absorbed[0], want[i], 3e-12);
        ck_close(absorbed[1], want[i], 3e-12);
    }
    double x = 0.5, density;
    ck_assert_int_eq(qsg_spectral_density(&s, 0.5, 1, &x, &density, NULL), QSG_OK);
    ck_close(density, .975855543141, 1e-12);
    qsg_spectral_free(&s);
}
END_TEST

/* The same atoms by the coalescent: P(T <= tau) is their sum (an independent series). */
START_TEST(atoms_are_the_consensus_law)
{
    const double p[2] = {0.2385, 0.7615};
    qsg_spectral s = spectral_of(&neutral, p[0], 0.05);
    qsg_consensus_law law = {0};
    ck_assert_int_eq(qsg_consensus_law_init(&law, p, 2, NULL), QSG_OK);
    for (double tau = 0.05; tau < 20; tau *= 3) {
        double absorbed[2], survival;
        ck_assert_int_eq(qsg_spectral_absorbed(&s, tau, absorbed, NULL), QSG_OK);
        ck_assert_int_eq(qsg_consensus_law_survival(&law, tau, &survival, NULL), QSG_OK);
        ck_close_abs(absorbed[0] + absorbed[1], 1 - survival, 1e-13);
    }
    qsg_consensus_law_free(&law);
    qsg_spectral_free(&s);
}
END_TEST

/* Fixation with selection by the scale function, from the spectral solution after a long time. */
START_TEST(selection_fixes)
{
    const qsg_polynomial_drift field = {{0}, {1.3}};
    qsg_spectral s = spectral_of(&field, 0.2385, 1);
    double absorbed[2];
    ck_assert_int_eq(qsg_spectral_absorbed(&s, 60, absorbed, NULL), QSG_OK);
    ck_close(absorbed[0], expm1(-2.6 * 0.2385) / expm1(-2.6), 1e-12);
    ck_close_abs(absorbed[0] + absorbed[1], 1, 1e-14);
    qsg_spectral_free(&s);
}
END_TEST

/* Averages over the cells of the spectral density at tau, by three Gauss points in the power of the distance from the
 * nearer end that takes out its singularity. */
static void spectral_averages(qsg_spectral *s, double tau, const qsg_fokker_planck *fp, double *average)
{
    static const double node[3] = {-0.7745966692414834, 0, 0.7745966692414834}, weight[3] = {5.0 / 18, 8.0 / 18, 5.0 / 18};
    for (size_t i = 0; i < fp->cells; i++) {
        const bool mirror = 2 * i >= fp->cells;
        const double inflow = s->drift.inflow[mirror], power = inflow > 0 ? inflow : 1;
        const double from = mirror ? 1 - fp->edges[i + 1] : fp->edges[i], to = mirror ? 1 - fp->edges[i] : fp->edges[i + 1];
        const double low = pow(from, power), high = pow(to, power);
        double x[3], y[3], density[3];
        for (int g = 0; g < 3; g++) {
            y[g] = pow((low + high) / 2 + node[g] * (high - low) / 2, 1 / power);
            x[g] = mirror ? 1 - y[g] : y[g];
        }
        ck_assert_int_eq(qsg_spectral_density(s, tau, 3, x, density, NULL), QSG_OK);
        average[i] = 0;
        for (int g = 0; g < 3; g++)
            average[i] += weight[g] * density[g] * pow(y[g], 1 - power) * (high - low) / power / (to - from);
    }
}

enum { WHEN = 3 };
static const double when[WHEN] = {0.1, 0.5, 1};

/* Largest distance of the densities and of the atoms at the times `when`; within .02 of an end where the density is
 * infinite only its mass is compared, and counts as an atom. */
static void distance(const qsg_polynomial_drift *drift, double start, size_t cells, double out[WHEN][2])
{
    qsg_spectral s = spectral_of(drift, start, when[0]);
    qsg_fokker_planck fp = volumes_of(cells, drift, start);
    double *average = calloc(2 * cells, sizeof *average), *library = average + cells;
    for (int t = 0; t < WHEN; t++) {
        double absorbed[2], ends[2] = {0};
        advance(&fp, when[t]);
        spectral_averages(&s, when[t], &fp, average);
        ck_assert_int_eq(qsg_spectral_averages(&s, when[t], cells, fp.edges, library, NULL), QSG_OK);
        for (size_t i = 0; i < cells; i++)
            /* three points in a cell are worth five digits where x^(inflow-1) bends beside an end */
            ck_close_abs(library[i], average[i], (i < 3 || i + 3 >= cells ? 2e-5 : 1e-6) * average[i] + 1e-12);
        ck_assert_int_eq(qsg_spectral_absorbed(&s, when[t], absorbed, NULL), QSG_OK);
        out[t][0] = 0;
        for (size_t i = 0; i < cells; i++) {
            const bool mirror = 2 * i >= cells;
            const double width = fp.edges[i + 1] - fp.edges[i], off = fp.mass[i] / width - average[i];
            const double far = mirror ? 1 - fp.edges[i] : fp.edges[i + 1], inflow = drift->inflow[mirror];
            if (inflow > 0 && inflow < 1 && far < 0.02)
                ends[mirror] += off * width;
            else
                out[t][0] = fmax(out[t][0], fabs(off));
        }
        out[t][1] = fmax(fabs(absorbed[0] - fp.absorbed[0]), fabs(absorbed[1] - fp.absorbed[1]));
        out[t][1] = fmax(out[t][1], fmax(fabs(ends[0]), fabs(ends[1])));
    }
    free(average);
    qsg_fokker_planck_free(&fp);
    qsg_spectral_free(&s);
}

/* Two discretizations that share nothing: at 4,000 cells every average and every atom agrees to 1e-6 (absolute; densities
 * reach 8).  Half the drifts are run so far; for all, the error at 500 cells is below 64e-6 and twice the cells leave a
 * quarter of it.  The clock of the start (eq. 11a) makes that factor the same from .2385 as from an edge. */
START_TEST(volumes_meet_spectrum)
{
    static const qsg_polynomial_drift drifts[] = {
        {{0}, {0}},         {{0}, {1.5}},      {{0}, {6}},           {{0}, {-6}},        {{0}, {-1, 2, -1.5, 0.5}},
        {{0}, {-3, 6}},     {{1.5, 2.5}, {0}}, {{0.3, 0.4}, {0}},    {{0.7, 0}, {0}},    {{0, 1.2}, {1, -1}},
        {{0.3, 1.7}, {2, -1}}};
    static const double starts[] = {0.5, 0.2385};
    const qsg_polynomial_drift *drift = &drifts[_i];
    double finest[WHEN][2];
    if (_i % 2)
        distance(drift, _i % 4 == 3 ? 0.1 : 0.2385, 4000, finest);
    for (int t = 0; _i % 2 && t < WHEN; t++)
        ck_assert_msg(finest[t][0] < 1e-6 && finest[t][1] < 1e-6, "tau %g: density off by %g, atoms by %g", when[t],
                      finest[t][0], finest[t][1]);
    for (size_t s = 0; s < 2; s++) {
        double coarse[WHEN][2], fine[WHEN][2];
        distance(drift, starts[s], 250, coarse);
        distance(drift, starts[s], 500, fine);
        for (int t = 0; t < WHEN; t++) {
            for (int q = 0; q < 2; q++) { /* 1e-9: steps */
                ck_assert_msg(fine[t][q] < 64e-6, "start %g, tau %g: error %d is %g", starts[s], when[t], q, fine[t][q]);
                ck_assert_msg(fabs(coarse[t][q] - 4 * fine[t][q]) <= 0.2 * fine[t][q] + 1e-9,
                              "start %g, tau %g: error %d fell from %g to %g", starts[s], when[t], q, coarse[t][q],
                              fine[t][q]);
            }
        }
    }
}
END_TEST

/* Everything that must hold at every time, for weak, strong and one-sided drifts and starts at the very ends. */
START_TEST(probability_is_kept)
{
    static const qsg_polynomial_drift drifts[] = {{{0}, {0}}, {{0}, {300}}, {{0}, {-25}}, {{0.02, 0.5}, {0}},
                                                  {{40, 60}, {12}}, {{0, 3}, {-6}}};
    static const double starts[] = {0, 1e-7, 0.2385, 0.9999, 1};
    for (size_t d = 0; d < sizeof drifts / sizeof *drifts; d++)
        for (size_t s = 0; s < sizeof starts / sizeof *starts; s++) {
            qsg_fokker_planck fp = volumes_of(203, &drifts[d], starts[s]);
            double before[2] = {0, 0};
            for (double tau = 0; tau < 3; tau = 1.7 * tau + 1e-5) {
                advance(&fp, tau);
                double sum = fp.absorbed[0] + fp.absorbed[1];
                for (size_t i = 0; i < fp.cells; i++) {
                    ck_assert(fp.mass[i] >= 0);
                    sum += fp.mass[i];
                }
                ck_close_abs(sum, 1, 1e-13);
                for (int i = 0; i < 2; i++) { /* atoms only grow; 1e-11 is the error a step may have */
                    ck_assert(fp.absorbed[i] >= before[i] - 1e-11);
                    ck_assert(fp.absorbing[i] || fp.absorbed[i] == 0);
                    before[i] = fp.absorbed[i];
                }
            }
            qsg_fokker_planck_free(&fp);
        }
}
END_TEST

/* The neutral mean stays, and x(1-x) decays as e^{-tau}: exact on the chain too but for time steps and the start. */
START_TEST(neutral_moments)
{
    qsg_fokker_planck fp = volumes_of(800, &neutral, 0.2385);
    advance(&fp, 1.234);
    double mean = fp.absorbed[0], spread = 0;
    for (size_t i = 0; i < fp.parts; i++) {
        mean += fp.part[i] * fp.place[i];
        spread += fp.part[i] * fp.place[i] * (1 - fp.place[i]);
    }
    ck_close(mean, 0.2385, 1e-9);
    ck_close(spread, 0.2385 * 0.7615 * exp(-1.234), 1e-5); /* second order: 1/800^2 */
    qsg_fokker_planck_free(&fp);
}
END_TEST

/* Output times must not change the solution beyond the error of steps. */
START_TEST(steps_do_not_matter)
{
    const qsg_polynomial_drift drift = {{0, 0}, {4}};
    qsg_fokker_planck once = volumes_of(300, &drift, 0.2385), often = volumes_of(300, &drift, 0.2385);
    advance(&once, 0.7);
    for (int i = 1; i <= 137; i++)
        advance(&often, 0.7 * i / 137);
    double l1 = fabs(once.absorbed[0] - often.absorbed[0]) + fabs(once.absorbed[1] - often.absorbed[1]);
    for (size_t i = 0; i < 300; i++)
        l1 += fabs(once.mass[i] - often.mass[i]);
    ck_assert_msg(l1 < 1e-9, "L1 distance %g", l1);
    qsg_fokker_planck_free(&once);
    qsg_fokker_planck_free(&often);
}
END_TEST

/* Starting from the spectral density at tau = 0.2 continues it to tau = 0.7, atoms apart. */
START_TEST(starts_from_a_density)
{
    enum { POINTS = 4001 };
    static double x[POINTS], y[POINTS];
    qsg_spectral s = spectral_of(&neutral, 0.5, 0.05);
    for (int i = 0; i < POINTS; i++)
        x[i] = i / (POINTS - 1.0);
    ck_assert_int_eq(qsg_spectral_density(&s, 0.05, POINTS, x, y, NULL), QSG_OK);
    double early[2], late[2];
    ck_assert_int_eq(qsg_spectral_absorbed(&s, 0.05, early, NULL), QSG_OK);
    ck_assert_int_eq(qsg_spectral_absorbed(&s, 0.55, late, NULL), QSG_OK);
    qsg_fokker_planck fp = volumes_of(2000, &neutral, 0.5);
    ck_assert_int_eq(qsg_fokker_planck_start_density(&fp, POINTS, x, y, NULL), QSG_OK);
    advance(&fp, 0.5);
    ck_close_abs(fp.absorbed[0], late[0], 1e-6); /* early[0] is 1e-12: the density holds all but that */
    ck_assert(early[0] < 1e-6);
    qsg_fokker_planck_free(&fp);
    qsg_spectral_free(&s);
}
END_TEST

/* Zero eigenvector against the beta law's exact cell probabilities. */
START_TEST(stationary_beta)
{
    static const double inflow[][2] = {{0.3, 0.4}, {1.7, 0.2}, {6, 9}};
    for (int c = 0; c < 3; c++) {
        const qsg_polynomial_drift drift = {{inflow[c][0], inflow[c][1]}, {0}};
        qsg_fokker_planck fp = volumes_of(1000, &drift, 0.5);
        static double mass[1000];
        ck_assert_int_eq(qsg_fokker_planck_stationary(&fp, mass, NULL), QSG_OK);
        double below = 0, worst = 0;
        for (size_t i = 0; i < 1000; i++) {
            below += mass[i];
            worst = fmax(worst, fabs(below - gsl_cdf_beta_P(fp.edges[i + 1], inflow[c][0], inflow[c][1])));
        }
        ck_assert_msg(worst < 1e-5, "beta(%g, %g): distribution off by %g", inflow[c][0], inflow[c][1], worst);
        /* and the evolution ends there */
        advance(&fp, 200 / (inflow[c][0] + inflow[c][1]));
        for (size_t i = 0; i < 1000; i++)
            ck_close_abs(fp.mass[i], mass[i], 1e-9);
        qsg_fokker_planck_free(&fp);
    }
    qsg_fokker_planck fp = volumes_of(50, &neutral, 0.5);
    double mass[50] = {7};
    ck_assert_int_eq(qsg_fokker_planck_stationary(&fp, mass, NULL), QSG_ENOEXIST);
    ck_assert(mass[0] == 7);
    qsg_fokker_planck_free(&fp);
}
END_TEST

/* The chain of cells against quadrature of the closed form, which is exact: second order in the cells, so 16 times nearer with four
 * times as many; of each channel, and with a density that is infinite at both ends (theta rho < 1). */
START_TEST(stationary_quadrature)
{
    static const char *const texts[] = {
        "agents=100 alpha=0.2 field=0.02 innovation=0.01 prior=0.4,0.6", "agents=100 alpha=0.2 temper=0.97 innovation=0.01",
        "agents=100 alpha=0.2 field=0.01 temper=0.98 innovation=0.001 prior=0.3,0.7"};
    const double time = 1000;
    double apart[2];
    qsg_model model = model_of(texts[_i]);
    for (int fine = 0; fine < 2; fine++) {
        const qsg_density_request request = {.times = &time, .n = 1, .cells = fine ? 400 : 100, .stationary = true};
        qsg_result *result = qsg_result_new();
        ck_assert_int_eq(qsg_density(&model, &request, result, NULL), QSG_OK);
        apart[fine] = qsg_result_get(result, "stationary.difference");
        size_t n;
        const double *closed = qsg_result_get_vector(result, "stationary.closed", &n),
                     *width = qsg_result_get_vector(result, "width", NULL);
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += closed[i] * width[i];
        ck_close(sum, 1, 1e-12);
        qsg_result_free(result);
    }
    ck_assert_msg(apart[0] < 1e-4 && apart[0] > 12 * apart[1] && apart[0] < 20 * apart[1], "%g, %g", apart[0], apart[1]);
    qsg_model_free(&model);
}
END_TEST

/* Field strengths of the protocols (theory of the crossover): N(1-alpha)+alpha etc. from the exact moments. */
START_TEST(diffusion_of_models)
{
    static const struct { const char *text; double gamma; } cases[] = {
        {"agents=16 alpha=0.5 field=0.05", 0.05 / 0.5 * (16 * 0.5 + 0.5)},
        {"agents=16 alpha=0.8 bandwidth=3 field=0.02", 3 * 0.02 / 0.8 * (16 * 0.2 + 0.8)},
        {"agents=16 alpha=0.8 field=0.05 exchange=mutual", 16 * 0.05 / 0.8},
        {"agents=20 alpha=0.3 self=0.2 field=0.04", 1.3364}};
    for (size_t c = 0; c < 4; c++) {
        qsg_model model = model_of(cases[c].text);
        qsg_diffusion d;
        qsg_polynomial_drift drift;
        ck_assert_int_eq(qsg_diffusion_of(&model, &d, NULL), QSG_OK);
        qsg_diffusion_drift(&d, &model, &drift);
        ck_close(drift.selection[0], cases[c].gamma, c == 3 ? 5e-5 : 1e-12); /* five digits of the last are given */
        qsg_model_free(&model);
    }
    /* theta -> eps N (2m(1-alpha)+alpha)/alpha at large N */
    qsg_model model = model_of("agents=1000000 alpha=0.3 bandwidth=2 innovation=1e-6 prior=0.2,0.8");
    qsg_diffusion d;
    qsg_polynomial_drift drift;
    ck_assert_int_eq(qsg_diffusion_of(&model, &d, NULL), QSG_OK);
    ck_close(d.theta, (2 * 2 * 0.7 + 0.3) / 0.3, 1e-5);
    qsg_diffusion_drift(&d, &model, &drift);
    ck_close(drift.inflow[0], 0.2 * d.theta, 1e-14);
    ck_close(qsg_polynomial_drift_at(0.4, &drift), d.theta / 2 * (0.2 - 0.4), 1e-14);
    qsg_model_free(&model);
}
END_TEST

START_TEST(verb_result)
{
    qsg_model model = model_of("agents=100 alpha=0.2 init=0.3,0.7");
    qsg_diffusion d;
    qsg_error error = {""};
    ck_assert_int_eq(qsg_diffusion_of(&model, &d, NULL), QSG_OK);
    const double times[3] = {0, 0.5 / d.rate, 2 / d.rate};
    qsg_density_request request = {.times = times, .n = 3, .cells = 500};
    for (int method = 0; method < 3; method++) {
        request.method = (qsg_density_method)method;
        qsg_result *result = qsg_result_new();
        ck_assert_msg(qsg_density(&model, &request, result, &error) == QSG_OK, "%s", error.message);
        size_t n;
        const double *absorbed = qsg_result_get_vector(result, "absorbed.2", &n);
        const double *mass = qsg_result_get_vector(result, "mass", NULL);
        ck_assert_uint_eq(n, 2);
        ck_close_abs(absorbed[0] + absorbed[1] + mass[2], 1, 1e-14);
        ck_close_abs(absorbed[0], 0.21578030, 2e-6); /* second order of 500 cells */
        ck_assert_ptr_nonnull(qsg_result_get_vector(result, "density.2", &n));
        ck_assert_uint_eq(n, 500);
        ck_assert_int_eq(qsg_result_status(result), QSG_OK);
        qsg_result_free(result);
    }
    qsg_model_free(&model);
}
END_TEST

START_TEST(errors)
{
    const double nan = NAN;
    double out[2] = {7, 7}, x[2] = {0, 1}, y[2] = {1, 1};
    qsg_spectral s = {0}, before = {0};
    qsg_error e;
    ck_assert_int_eq(qsg_spectral_init(&s, &neutral, nan, 1, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_spectral_init(&s, &neutral, 0.5, 0, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_spectral_init(&s, &(qsg_polynomial_drift){{nan, 0}, {0}}, 0.5, 1, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_spectral_init(&s, &(qsg_polynomial_drift){{0}, {80}}, 0.5, 1, &e), QSG_ENUMERIC);
    ck_assert_int_eq(qsg_spectral_init(&s, &(qsg_polynomial_drift){{0}, {nan}}, 0.5, 1, &e), QSG_ENUMERIC);
    ck_assert_int_eq(qsg_spectral_init(&s, &neutral, 0.5, 1e-12, &e), QSG_ENUMERIC);
    ck_assert_mem_eq(&s, &before, sizeof s);
    s = spectral_of(&(qsg_polynomial_drift){{0.5, 0}, {0}}, 0.5, 1);
    ck_assert_int_eq(qsg_spectral_absorbed(&s, 0.5, out, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_spectral_density(&s, 1, 2, x, out, &e), QSG_EDOMAIN); /* infinite at 0 */
    ck_assert(out[0] == 7 && out[1] == 7);
    qsg_spectral_free(&s);

    qsg_fokker_planck fp = {0}, unset = {0};
    qsg_polynomial_drift d = neutral, bad = {{-1, 0}, {0}}, infinite = {{0}, {1e300}};
    ck_assert_int_eq(qsg_fokker_planck_init(&fp, 2, qsg_polynomial_drift_at, &d, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_fokker_planck_init(&fp, 100, qsg_polynomial_drift_at, &bad, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_fokker_planck_init(&fp, 100, qsg_polynomial_drift_at, &infinite, &e), QSG_EDOMAIN);
    ck_assert_mem_eq(&fp, &unset, sizeof fp);
    fp = volumes_of(10, &neutral, 0.3);
    ck_assert_int_eq(qsg_fokker_planck_start_point(&fp, nan, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_fokker_planck_start_density(&fp, 1, x, y, &e), QSG_EDOMAIN);
    y[1] = -1;
    ck_assert_int_eq(qsg_fokker_planck_start_density(&fp, 2, x, y, &e), QSG_EDOMAIN);
    y[1] = 1.1;
    ck_assert_int_eq(qsg_fokker_planck_start_density(&fp, 2, x, y, &e), QSG_EDOMAIN);
    y[1] = 1;
    ck_assert_int_eq(qsg_fokker_planck_start_density(&fp, 2, x, y, &e), QSG_OK);
    advance(&fp, 1);
    ck_assert_int_eq(qsg_fokker_planck_advance(&fp, 0.5, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_fokker_planck_advance(&fp, nan, &e), QSG_EDOMAIN);
    ck_assert(fp.time == 1);
    qsg_fokker_planck_free(&fp);
}
END_TEST

/* The closure's drift: with hardly any innovation it is that without up to the corrections, found from other nodes; at T next to 1 it is the
 * polynomial up to what the closure misses in a finite population, alpha/(N(1-alpha)); inflow is theta rho. */
START_TEST(drift_by_the_closure)
{
    static const char *const cases[] = {"alpha=0.3 temper=0.95", "alpha=0.3 temper=0.95 exchange=mutual",
                                        "alpha=0.6 temper=1.04 field=0.02", "alpha=0.2 bandwidth=3 temper=0.97"};
    char text[128];
    qsg_mean_drift one, other;
    qsg_adiabatic_drift known;
    snprintf(text, sizeof text, "agents=100 %s", cases[_i]);
    qsg_model plain = model_of(text);
    snprintf(text, sizeof text, "agents=100 %s innovation=1e-13 prior=0.7,0.3", cases[_i]);
    qsg_model tiny = model_of(text);
    ck_assert_int_eq(qsg_mean_drift_init(&one, &plain, NULL), QSG_OK);
    ck_assert_int_eq(qsg_mean_drift_init(&other, &tiny, NULL), QSG_OK);
    ck_assert_int_eq(qsg_adiabatic_drift_init(&known, &plain, NULL), QSG_OK);
    double top = 0;
    for (double x = 0.01; x < 1; x += 0.01)
        top = fmax(top, fabs(qsg_mean_drift_at(x, &one)));
    for (double x = 0.01; x < 1; x += 0.0173) {
        const double drift = qsg_mean_drift_at(x, &one);
        ck_close_abs(drift, qsg_adiabatic_drift_at(x, &known) / known.rate, 1e-12 * top);
        /* with innovation without the corrections of noise and speed (adiabatic.md, eq. 12), whose size is known */
        ck_close_abs(drift, qsg_mean_drift_at(x, &other), 1.1 * known.time_error * fabs(drift) + 1e-3 * top);
    }
    ck_assert(qsg_mean_drift_at(0, &one) == 0 && qsg_mean_drift_at(1, &one) == 0);
    qsg_model_free(&plain);
    qsg_model_free(&tiny);
    plain = model_of("agents=100 alpha=0.3 field=0.02 innovation=0.02 prior=0.7,0.3");
    tiny = model_of("agents=100 alpha=0.3 field=0.02 innovation=0.02 prior=0.7,0.3 temper=0.999999999");
    ck_assert_int_eq(qsg_mean_drift_init(&one, &plain, NULL), QSG_OK);
    ck_assert_int_eq(qsg_mean_drift_init(&other, &tiny, NULL), QSG_OK);
    ck_assert(other.closure && !one.closure);
    ck_close(qsg_mean_drift_at(0, &other), one.diffusion.theta * 0.35, 1e-12);
    ck_close(qsg_mean_drift_at(1, &other), -one.diffusion.theta * 0.15, 1e-12);
    /* the field acts within the innovation: 1-e of it, and higher orders in h; 0.3/70 is missed: 0.03 in all */
    for (double x = 0.1; x < 1; x += 0.1)
        ck_close_abs(qsg_mean_drift_at(x, &other), qsg_mean_drift_at(x, &one), 0.03);
    qsg_model_free(&plain);
    qsg_model_free(&tiny);
}
END_TEST

/* All the mass ends in atoms as the scale function of the same drift says (adaptive quadrature of another module). */
START_TEST(closure_atoms)
{
    static const char *const texts[] = {"agents=64 alpha=0.3 temper=0.95 init=0.45,0.55",
                                        "agents=64 alpha=0.3 temper=0.97 exchange=mutual init=0.45,0.55",
                                        "agents=64 alpha=0.5 temper=1.03 field=0.01 init=0.45,0.55",
                                        "agents=64 alpha=0.3 temper=0.97 self=0.1 init=0.45,0.55"};
    qsg_model model = model_of(texts[_i]);
    qsg_adiabatic_winner winner;
    qsg_error error = {""};
    const double times[] = {1e9};
    size_t n;
    qsg_result *result = qsg_result_new();
    const qsg_density_request request = {.times = times, .n = 1};
    ck_assert_int_eq(qsg_adiabatic_fixation(&model, &winner, NULL, NULL), QSG_OK);
    ck_assert_msg(qsg_density(&model, &request, result, &error) == QSG_OK, "%s", error.message);
    const double *atoms = qsg_result_get_vector(result, "absorbed.0", &n);
    ck_close_abs(atoms[0], winner.probability[0], 2e-6); /* 1,000 cells: h^2 */
    ck_close_abs(atoms[0] + atoms[1], 1, 1e-12);
    ck_close(qsg_result_get(result, "strain"), winner.strain, 1e-12);
    qsg_result_free(result);
    qsg_model_free(&model);
}
END_TEST

START_TEST(refused_models)
{
    static const struct { const char *text; qsg_status status; } cases[] = {
        {"agents=50 alpha=0.2 temper=0.5", QSG_EMODEL},    {"agents=50 alpha=0.2 labels=4", QSG_EMODEL},
        {"agents=50 alpha=0.2 bandwidth=inf", QSG_EMODEL}, {"agents=2 alpha=1", QSG_EMODEL},
        {"agents=50 alpha=0.2 temper=0.95 exchange=broadcast", QSG_EMODEL},
        {"agents=50 alpha=0.2 temper=0.95 labels=3", QSG_EMODEL}, {"agents=50 alpha=0.95 temper=0.95", QSG_EMODEL},
        {"agents=50 alpha=0.2 temper=0.98 innovation=0.5", QSG_EMODEL},
        {"agents=50 alpha=0.2 zealots=1,1", QSG_EMODEL},   {"agents=50 alpha=1 exchange=mutual", QSG_EMODEL}};
    const double times[2] = {10, 5};
    qsg_error e;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        qsg_model model = model_of(cases[c].text);
        qsg_result *result = qsg_result_new();
        qsg_density_request request = {.times = times, .n = 1};
        ck_assert_int_eq(qsg_density(&model, &request, result, &e), cases[c].status);
        qsg_result_free(result);
        qsg_model_free(&model);
    }
    qsg_model model = model_of("agents=50 alpha=0.2");
    qsg_result *result = qsg_result_new();
    qsg_density_request request = {.times = times, .n = 2};
    ck_assert_int_eq(qsg_density(&model, &request, result, &e), QSG_EDOMAIN);
    request.n = 1;
    request.stationary = true;
    ck_assert_int_eq(qsg_density(&model, &request, result, &e), QSG_ENOEXIST);
    qsg_result_free(result);
    qsg_model_free(&model);
}
END_TEST

/* Each bad file names its line. */
START_TEST(density_files)
{
    static const struct { const char *text, *says; } cases[] = {
        {"0 1\n1 1\n", NULL},        {"# x density\n0\t0\n\n0.5,2\n1\t0\n", NULL},
        {"0 1\n0.5 -1\n1 1\n", ":2"}, {"0 1\n1 x\n", ":2"},
        {"0 1\n1 1 1\n", ":2"},       {"0.5 1\n0.5 1\n", ":2"},
        {"0 1\n1 3\n", "integrate"},  {"0 1\n", "few"},
        {"0 1\n1.5 1\n", ":2"},       {"0 1\n1 nan\n", ":2"},
        {"", "few"}};
    char path[] = "density-test-XXXXXX";
    int fd = mkstemp(path);
    ck_assert(fd >= 0);
    close(fd);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        double *x = NULL, *y = NULL;
        size_t n = 0;
        qsg_error e = {""};
        FILE *file = fopen(path, "w");
        fputs(cases[c].text, file);
        fclose(file);
        qsg_status status = qsg_density_read(path, &x, &y, &n, &e);
        ck_assert_msg(status == (cases[c].says ? QSG_EINPUT : QSG_OK), "case %zu: %s", c, e.message);
        ck_assert(!cases[c].says || (strstr(e.message, cases[c].says) && !x));
        free(x);
    }
    unlink(path);
    double *x, *y;
    size_t n;
    ck_assert_int_eq(qsg_density_read(path, &x, &y, &n, NULL), QSG_EIO);
}
END_TEST

RUN_LOOPS("density", {neutral_references, 1}, {atoms_are_the_consensus_law, 1}, {selection_fixes, 1},
          {volumes_meet_spectrum, 11}, {probability_is_kept, 1}, {neutral_moments, 1}, {steps_do_not_matter, 1},
          {starts_from_a_density, 1}, {stationary_beta, 1}, {stationary_quadrature, 3}, {diffusion_of_models, 1}, {verb_result, 1},
          {errors, 1}, {drift_by_the_closure, 4}, {closure_atoms, 4}, {refused_models, 1}, {density_files, 1})
