/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <unistd.h>

#include "harness.h"

static const qsg_polynomial_drift neutral = {{0}, {0}};
static const double none[3] = {0};

static qsg_spectral spectral_of(const qsg_polynomial_drift *drift, double start, double tau_min)
{
    qsg_spectral s = {0};
    qsg_error error = {""};
    ck_assert_msg(qsg_spectral_init(&s, drift, start, tau_min, &error) == QSG_OK, "%s", error.message);
    return s;
}

static qsg_fokker_planck volumes_of(size_t cells, const qsg_polynomial_drift *drift, double start)
{
    qsg_fokker_planck fp = {0};
    qsg_polynomial_drift copy = *drift;
    qsg_error error = {""};
    ck_assert_msg(qsg_fokker_planck_init(&fp, cells, qsg_polynomial_drift_at, &copy, &error) == QSG_OK, "%s",
                  error.message);
    ck_assert_int_eq(qsg_fokker_planck_start_point(&fp, start, NULL), QSG_OK);
    return fp;
}

static void advance(qsg_fokker_planck *fp, double tau)
{
    qsg_error error = {""};
    ck_assert_msg(qsg_fokker_planck_advance(fp, tau, &error) == QSG_OK, "%s", error.message);
}

/* Issue 4: the generator x(1-x)/2 d^2 from 1/2; 12 digits are given. */
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

/* Largest distance of cell averages from the spectral density and of the atoms, at tau. */
static void distance(const qsg_polynomial_drift *drift, double start, double tau, size_t cells, double out[2])
{
    qsg_spectral s = spectral_of(drift, start, tau);
    qsg_fokker_planck fp = volumes_of(cells, drift, start);
    double absorbed[2], at, density;
    advance(&fp, tau);
    ck_assert_int_eq(qsg_spectral_absorbed(&s, tau, absorbed, NULL), QSG_OK);
    out[0] = 0;
    out[1] = fmax(fabs(absorbed[0] - fp.absorbed[0]), fabs(absorbed[1] - fp.absorbed[1]));
    for (size_t i = 0; i < cells; i++) {
        at = (fp.edges[i] + fp.edges[i + 1]) / 2;
        if (at < 0.1 || at > 0.9) { /* near a singular end a point is not the average */
            if (drift->inflow[0] > 0 || drift->inflow[1] > 0)
                continue;
        }
        ck_assert_int_eq(qsg_spectral_density(&s, tau, 1, &at, &density, NULL), QSG_OK);
        out[0] = fmax(out[0], fabs(fp.mass[i] / (fp.edges[i + 1] - fp.edges[i]) - density));
    }
    qsg_fokker_planck_free(&fp);
    qsg_spectral_free(&s);
}

/* Two discretizations that share nothing: at 4,000 cells they agree to 1e-6, and twice the cells leave a quarter of the
 * distance.  A start on an edge between cells keeps the way its mass is split the same on both grids. */
START_TEST(volumes_meet_spectrum)
{
    static const qsg_polynomial_drift drifts[] = {
        {{0}, {0}},          {{0}, {1.5}},         {{0}, {-1, 2, -1.5, 0.5}},
        {{1.5, 2.5}, {0}},   {{0.3, 0.4}, {0}},    {{0.7, 0}, {0}},
        {{0, 1.2}, {1, -1}}, {{0.3, 1.7}, {2, -1}}};
    for (size_t d = 0; d < sizeof drifts / sizeof *drifts; d++) {
        double coarse[2], fine[2], finest[2];
        distance(&drifts[d], 0.5, 1, 500, coarse);
        distance(&drifts[d], 0.5, 1, 1000, fine);
        distance(&drifts[d], 0.5, 1, 4000, finest);
        ck_assert_msg(finest[0] < 1e-6 && finest[1] < 1e-6, "drift %zu: density off by %g, atoms by %g", d, finest[0],
                      finest[1]);
        ck_assert_msg(fine[0] < 0.28 * coarse[0], "drift %zu: density error fell from %g to %g", d, coarse[0], fine[0]);
        ck_assert_msg(fine[1] <= 0.28 * coarse[1], "drift %zu: atom error fell from %g to %g", d, coarse[1], fine[1]);
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
    for (size_t i = 0; i < fp.cells; i++) {
        mean += fp.mass[i] * fp.place[i];
        spread += fp.mass[i] * fp.place[i] * (1 - fp.place[i]);
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

static qsg_simplex simplex_of(size_t n, const double inflow[3], const double selection[3], const double p[3])
{
    qsg_simplex s = {0};
    ck_assert_int_eq(qsg_simplex_init(&s, n, inflow, selection, NULL), QSG_OK);
    ck_assert_int_eq(qsg_simplex_start_point(&s, p, NULL), QSG_OK);
    return s;
}

/* The lattice chain of two labels, solved by itself: the neutral label marginals of three labels are the same chain. */
static void two_label_chain(size_t n, double start, double tau, double *mass)
{
    double *next = calloc(n + 1, sizeof *next), *sum = calloc(n + 1, sizeof *sum);
    const double rate = (double)(n * n) / 4, jumps = rate * tau, at = start * (double)n;
    memset(mass, 0, (n + 1) * sizeof *mass);
    mass[(size_t)at] = 1 - (at - floor(at));
    if (at > floor(at))
        mass[(size_t)at + 1] = at - floor(at);
    double weight = exp(-jumps);
    for (double k = 0; k < jumps + 12 * sqrt(jumps) + 40; k++) {
        for (size_t i = 0; i <= n; i++)
            sum[i] += weight * mass[i];
        memcpy(next, mass, (n + 1) * sizeof *next);
        for (size_t i = 1; i < n; i++) {
            const double moves = mass[i] * (double)(i * (n - i)) / 2 / rate;
            next[i] -= 2 * moves;
            next[i - 1] += moves;
            next[i + 1] += moves;
        }
        memcpy(mass, next, (n + 1) * sizeof *mass);
        weight *= jumps / (k + 1);
    }
    memcpy(mass, sum, (n + 1) * sizeof *mass);
    free(next);
    free(sum);
}

START_TEST(simplex_marginals)
{
    enum { N = 30 };
    const double p[3] = {0.2385, 0.31, 0.4515};
    double got[N + 1], want[N + 1];
    qsg_simplex s = simplex_of(N, none, none, p);
    ck_assert_int_eq(qsg_simplex_advance(&s, 0.6, NULL), QSG_OK);
    for (size_t k = 0; k < 3; k++) {
        double mean = 0, spread = 0;
        qsg_simplex_marginal(&s, k, got);
        two_label_chain(N, p[k], 0.6, want);
        for (size_t i = 0; i <= N; i++) {
            const double x = (double)i / N;
            ck_close_abs(got[i], want[i], 1e-13);
            mean += got[i] * x;
            spread += got[i] * x * (1 - x);
        }
        ck_close(mean, p[k], 1e-13);
        const double low = floor(p[k] * N) / N, high = low + 1.0 / N; /* x(1-x) of the split start */
        const double start = ((p[k] - low) * high * (1 - high) + (high - p[k]) * low * (1 - low)) * N;
        ck_close(spread, start * exp(-0.6), 1e-12);
    }
    qsg_simplex_free(&s);
}
END_TEST

/* Corners and edges against the spectral solution of each label, at second order: 0.5/n^2 or less. */
START_TEST(simplex_atoms)
{
    const double p[3] = {0.2, 0.3, 0.5};
    for (size_t n = 40; n <= 80; n *= 2) {
        double corners[3], edges[3], absorbed[2], sum = 0;
        qsg_simplex s = simplex_of(n, none, none, p);
        ck_assert_int_eq(qsg_simplex_advance(&s, 0.9, NULL), QSG_OK);
        qsg_simplex_atoms(&s, corners, edges);
        for (int k = 0; k < 3; k++) {
            qsg_spectral q = spectral_of(&neutral, p[k], 0.9);
            ck_assert_int_eq(qsg_spectral_absorbed(&q, 0.9, absorbed, NULL), QSG_OK);
            ck_close_abs(corners[k], absorbed[0], 0.5 / (double)(n * n));
            ck_close_abs(edges[k] + corners[(k + 1) % 3] + corners[(k + 2) % 3], absorbed[1], 0.5 / (double)(n * n));
            qsg_spectral_free(&q);
        }
        for (size_t i = 0; i < s.states; i++) {
            ck_assert(s.mass[i] >= 0);
            sum += s.mass[i];
        }
        ck_close_abs(sum, 1, 1e-13);
        qsg_simplex_free(&s);
    }
}
END_TEST

/* With a field on label 1 alone, and with innovation, label 1 is a two-label problem: second order again. */
START_TEST(simplex_with_drift)
{
    static const struct { double inflow[3], selection[3]; } cases[] = {
        {{0, 0, 0}, {2, 0, 0}}, {{2, 3, 4}, {0, 0, 0}}, {{2, 0, 0}, {0, 0, 0}}, {{1.5, 2, 3}, {2, 0, 0}}};
    const double p[3] = {0.3, 0.2, 0.5};
    for (size_t c = 0; c < 4; c++) {
        const double *a = cases[c].inflow;
        const qsg_polynomial_drift drift = {{a[0], a[1] + a[2]}, {cases[c].selection[0]}};
        qsg_fokker_planck fp = volumes_of(2000, &drift, p[0]);
        advance(&fp, 0.7);
        double want[2] = {fp.absorbed[0], fp.absorbed[0]};
        for (size_t i = 0; i < fp.cells; i++) {
            want[0] += fp.mass[i] * fp.place[i];
            want[1] += fp.mass[i] * fp.place[i] * fp.place[i];
        }
        double error[2][3];
        for (int grid = 0; grid < 2; grid++) {
            const size_t n = grid ? 80 : 40;
            double *mass = calloc(n + 1, sizeof *mass), got[2] = {0}, corners[3], edges[3];
            qsg_simplex s = simplex_of(n, a, cases[c].selection, p);
            ck_assert_int_eq(qsg_simplex_advance(&s, 0.7, NULL), QSG_OK);
            qsg_simplex_marginal(&s, 0, mass);
            qsg_simplex_atoms(&s, corners, edges);
            for (size_t i = 0; i <= n; i++) {
                got[0] += mass[i] * (double)i / (double)n;
                got[1] += mass[i] * (double)i / (double)n * (double)i / (double)n;
            }
            for (int m = 0; m < 2; m++)
                error[grid][m] = fabs(got[m] - want[m]);
            error[grid][2] = fabs(corners[0] - fp.absorbed[0]);
            free(mass);
            qsg_simplex_free(&s);
        }
        for (int m = 0; m < 3; m++)
            ck_assert_msg(error[1][m] <= 0.3 * error[0][m] + 2e-7 && error[1][m] < 5e-4,
                          "case %zu quantity %d: error %g, then %g", c, m, error[0][m], error[1][m]);
        qsg_fokker_planck_free(&fp);
    }
}
END_TEST

START_TEST(simplex_stationary_dirichlet)
{
    const double inflow[3] = {2, 3, 4}, p[3] = {1, 0, 0};
    qsg_simplex s = simplex_of(60, inflow, none, p);
    double *mass = calloc(s.states, sizeof *mass), mean = 0, cross = 0;
    ck_assert_int_eq(qsg_simplex_stationary(&s, mass, NULL), QSG_OK);
    for (size_t i = 0; i <= 60; i++)
        for (size_t j = 0; i + j <= 60; j++) {
            mean += mass[qsg_simplex_index(&s, i, j)] * (double)i / 60;
            cross += mass[qsg_simplex_index(&s, i, j)] * (double)i * (double)j / 3600;
        }
    ck_close(mean, 2.0 / 9, 1e-10); /* linear drift: exact on the lattice */
    ck_close(cross, 2.0 * 3 / (9 * 10), 1e-3); /* second order */
    ck_assert_int_eq(qsg_simplex_advance(&s, 12, NULL), QSG_OK);
    for (size_t i = 0; i < s.states; i++)
        ck_close_abs(s.mass[i], mass[i], 1e-12);
    free(mass);
    qsg_simplex_free(&s);
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
    const double nan = NAN, sel = 1e5;
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

    qsg_simplex t = {0}, blank = {0};
    const double strong[3] = {sel, 0, 0}, negative[3] = {-1, 0, 0}, off[3] = {0.5, 0.2, 0.2}, p[3] = {0.5, 0.25, 0.25};
    ck_assert_int_eq(qsg_simplex_init(&t, 2, none, none, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_simplex_init(&t, 10, negative, none, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_simplex_init(&t, 10, none, strong, &e), QSG_EDOMAIN);
    ck_assert_mem_eq(&t, &blank, sizeof t);
    t = simplex_of(10, none, none, p);
    ck_assert_int_eq(qsg_simplex_start_point(&t, off, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_simplex_advance(&t, -1, &e), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_simplex_stationary(&t, out, &e), QSG_ENOEXIST);
    qsg_simplex_free(&t);
}
END_TEST

/* The closure's drift: with hardly any innovation it is that without, found from other nodes; at T next to 1 it is the
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
        /* 1e-5 of what is heard above T = 1 (adiabatic.h), a hundredth of which is drift */
        ck_close_abs(drift, qsg_mean_drift_at(x, &other), (plain.temper > 1 ? 1e-3 : 1e-4) * top);
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
                                        "agents=64 alpha=0.5 temper=1.03 field=0.01 init=0.45,0.55"};
    qsg_model model = model_of(texts[_i]);
    qsg_adiabatic_winner winner;
    qsg_error error = {""};
    const double times[] = {1e9};
    size_t n;
    qsg_result *result = qsg_result_new();
    const qsg_density_request request = {.times = times, .n = 1};
    ck_assert_int_eq(qsg_adiabatic_fixation(&model, &winner, NULL), QSG_OK);
    ck_assert_msg(qsg_density(&model, &request, result, &error) == QSG_OK, "%s", error.message);
    const double *atoms = qsg_result_get_vector(result, "absorbed.0", &n);
    ck_close_abs(atoms[0], winner.probability, 2e-6); /* 1,000 cells: h^2 */
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
        {"agents=50 alpha=0.2 temper=0.95 self=0.1", QSG_EMODEL}, {"agents=50 alpha=0.2 temper=0.98 innovation=0.5", QSG_EMODEL},
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
          {volumes_meet_spectrum, 1}, {probability_is_kept, 1}, {neutral_moments, 1}, {steps_do_not_matter, 1},
          {starts_from_a_density, 1}, {stationary_beta, 1}, {simplex_marginals, 1}, {simplex_atoms, 1},
          {simplex_with_drift, 1}, {simplex_stationary_dirichlet, 1}, {diffusion_of_models, 1}, {verb_result, 1},
          {errors, 1}, {drift_by_the_closure, 4}, {closure_atoms, 3}, {refused_models, 1}, {density_files, 1})
