/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

#include "theory/slow_mode.h"

/* E[x(1-x)] = p(1-p) 2m(1-alpha)/(2m(1-alpha)+alpha) follows from the exact moments.  Messages from Binomial(m, p)
 * without the spread of the speakers would give p(1-p)(1 - alpha/(m(2-alpha))): 4% more at m = 2, alpha = 0.5. */
START_TEST(closed_form)
{
    const double alphas[] = {0.003, 0.2385, 0.5, 0.85, 0.99, 1}, widths[] = {1, 2, 7, 31, 64};
    const double means[] = {1e-6, 0.3, 0.5, 0.97};
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 5; j++)
            for (int k = 0; k < 4; k++) {
                char text[100];
                const double a = alphas[i], m = widths[j], p = means[k], d = 2 * m * (1 - a);
                double t[3];
                qsg_error error = {""};
                snprintf(text, sizeof text, "agents=100 alpha=%g bandwidth=%g", a, m);
                qsg_model model = model_of(text);
                ck_assert_msg(qsg_adiabatic_moments(&model, p, 2, t, &error) == QSG_OK, "%s: %s", text, error.message);
                ck_close_abs(t[1], 2 * p - 1, 1e-12);
                ck_close_abs((1 - t[2]) / 8, p * (1 - p) * d / (d + a), 1e-12);
                qsg_model_free(&model);
            }
}
END_TEST

/* m = 1: E[f] over all message histories of `depth`, the rest replaced by its mean and variance: the error is the third
 * derivative of f times (1-alpha)^{3 depth}. */
typedef struct {
    double alpha, p, variance;
    const qsg_channel *channel;
} histories;

static double expand(const histories *h, double offset, double scale, int depth)
{
    if (depth > 0) {
        const double inner = scale * (1 - h->alpha);
        return (1 - h->p) * expand(h, offset, inner, depth - 1) +
               h->p * expand(h, offset + scale * h->alpha, inner, depth - 1);
    }
    const double centre = offset + scale * h->p, sd = scale * sqrt(h->variance);
    return (qsg_channel_binary(h->channel, centre - sd) + qsg_channel_binary(h->channel, centre + sd)) / 2;
}

static void check_histories(const char *text, double p, int depth, double tolerance)
{
    qsg_model model = model_of(text);
    const qsg_channel channel = qsg_channel_of(&model);
    const double a = model.alpha;
    const histories h = {a, p, p * (1 - p) * a / (2 - a), &channel};
    double map;
    qsg_error error = {""};
    ck_assert_msg(qsg_adiabatic_map(&model, 1, &p, &map, &error) == QSG_OK, "%s: %s", text, error.message);
    ck_close_abs(map, expand(&h, 0, 1, depth), tolerance);
    qsg_model_free(&model);
}

START_TEST(message_histories)
{
    /* (1-alpha)^{3 depth} f'''/10, f''' up to 6.4e4 at T = .05 */
    check_histories("agents=100 alpha=0.7 temper=0.05", 0.3, 14, 1e-12);
    check_histories("agents=100 alpha=0.7 temper=0.05 field=0.4 innovation=0.03 prior=0.2,0.8", 0.61, 14, 1e-12);
    check_histories("agents=100 alpha=0.3 temper=0.05", 0.45, 19, 1e-6);
    check_histories("agents=100 alpha=0.5 temper=0.8", 0.2385, 18, 1e-8); /* cut of x^{1.25} at 512 moments */
    check_histories("agents=100 alpha=0.4 temper=1.6", 0.45, 20, 1e-5);
    check_histories("agents=100 alpha=0.6 temper=0.1 field=-1.5", 0.7, 16, 1e-10);
}
END_TEST

/* At p -> 0 a belief holds one message: F'(0) = sum_j r(alpha (1-alpha)^j) for m = 1, and it grows at the rate at which
 * sum_j r_j/(1 + rate)^{j+1} = 1.  With T > 1 too, where r has a vertical tangent. */
START_TEST(slope_at_consensus)
{
    const double alphas[] = {0.3, 0.6}, tempers[] = {0.5, 0.8, 0.2, 1.5, 4};
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 5 - i; j++) { /* at alpha .6 and T = 4 the map is not resolved */
            char text[100];
            qsg_fixed_point points[8];
            size_t n = 0;
            snprintf(text, sizeof text, "agents=100 alpha=%g temper=%g", alphas[i], tempers[j]);
            qsg_model model = model_of(text);
            const qsg_channel channel = qsg_channel_of(&model);
            double sum = 0, grown = 0, weight = 1;
            for (double x = alphas[i]; x > 1e-80; x *= 1 - alphas[i])
                sum += qsg_channel_binary(&channel, x);
            ck_assert_int_eq(qsg_adiabatic_fixed_points(&model, 8, points, &n, NULL), QSG_OK);
            ck_assert_uint_eq(n, 3);
            ck_assert(points[0].p == 0 && points[1].p == 0.5 && points[2].p == 1);
            const bool sure = tempers[j] < 1;
            ck_assert(points[0].stable == sure && points[1].stable == !sure && points[2].stable == sure);
            for (double x = alphas[i]; x > 1e-80; x *= 1 - alphas[i])
                grown += qsg_channel_binary(&channel, x) * (weight /= 1 + points[0].growth);
            if (points[0].growth > -alphas[i])
                ck_close(grown, 1, 1e-9);
            ck_close(points[0].slope, sum, 1e-12);
            ck_close(points[2].slope, sum, 1e-12);
            ck_close(points[2].growth, points[0].growth, 1e-12);
            qsg_model_free(&model);
        }
}
END_TEST

/* Several labels a message: the leading eigenvalue of what single messages do; a field mirrors the two ends. */
START_TEST(mirrored_ends)
{
    qsg_model one = model_of("agents=100 alpha=0.3 bandwidth=3 temper=1.3 field=0.05"),
              two = model_of("agents=100 alpha=0.3 bandwidth=3 temper=1.3 field=-0.05"),
              own = model_of("agents=100 alpha=0.3 self=0.2 temper=1.5"),
              smooth = model_of("agents=100 alpha=0.3 bandwidth=3 temper=0.5 field=2");
    qsg_fixed_point a[8], b[8];
    size_t n, k;
    ck_assert_int_eq(qsg_adiabatic_fixed_points(&one, 8, a, &n, NULL), QSG_OK);
    ck_assert_int_eq(qsg_adiabatic_fixed_points(&two, 8, b, &k, NULL), QSG_OK);
    ck_assert_uint_eq(n, k);
    ck_close(a[0].slope, b[n - 1].slope, 1e-13);
    ck_close(a[n - 1].growth, b[0].growth, 1e-12);
    ck_assert(a[0].growth > a[n - 1].growth && a[n - 1].growth > 0);
    /* own output: the series is cut, and says so */
    ck_assert_int_eq(qsg_adiabatic_fixed_points(&own, 8, a, &n, NULL), QSG_OK);
    ck_assert(isnan(a[0].slope) && isnan(a[0].growth) && !a[0].stable && isfinite(a[1].slope));
    /* 1/T = 2: r is smooth, and its Chebyshev series says the same */
    ck_assert_int_eq(qsg_adiabatic_fixed_points(&smooth, 8, a, &n, NULL), QSG_OK);
    ck_close(a[0].slope, 0.596015557325826, 1e-10);
    ck_close(a[0].growth, -0.226967299922797, 1e-10);
    qsg_model_free(&one);
    qsg_model_free(&two);
    qsg_model_free(&own);
    qsg_model_free(&smooth);
}
END_TEST

/* The slope is the derivative of the map, and the growth rate has its sign. */
START_TEST(slope_is_derivative)
{
    qsg_model model = model_of("agents=100 alpha=0.4 temper=0.35 innovation=0.08 field=0.05");
    qsg_fixed_point points[8];
    size_t n = 0;
    const double step = 1e-4;
    ck_assert_int_eq(qsg_adiabatic_fixed_points(&model, 8, points, &n, NULL), QSG_OK);
    ck_assert_uint_eq(n, 3);
    for (size_t i = 0; i < n; i++) {
        const double p[] = {points[i].p - step, points[i].p, points[i].p + step};
        double map[3];
        ck_assert_int_eq(qsg_adiabatic_map(&model, 3, p, map, NULL), QSG_OK);
        ck_close_abs(map[1], p[1], 1e-12);
        ck_close_abs((map[2] - map[0]) / (2 * step), points[i].slope, 1e-6); /* step^2 times the third derivative */
        ck_assert((points[i].slope > 1) == (points[i].growth > 0));
        ck_assert(points[i].stable == (points[i].slope < 1));
    }
    qsg_model_free(&model);
}
END_TEST

/* Swapping the labels mirrors the fixed points. */
START_TEST(symmetry)
{
    qsg_model one = model_of("agents=9 alpha=0.3 bandwidth=3 temper=0.4 innovation=0.1 prior=0.3,0.7 field=0.2");
    qsg_model two = model_of("agents=9 alpha=0.3 bandwidth=3 temper=0.4 innovation=0.1 prior=0.7,0.3 field=-0.2");
    qsg_fixed_point a[8], b[8];
    size_t n = 0, k = 0;
    ck_assert_int_eq(qsg_adiabatic_fixed_points(&one, 8, a, &n, NULL), QSG_OK);
    ck_assert_int_eq(qsg_adiabatic_fixed_points(&two, 8, b, &k, NULL), QSG_OK);
    ck_assert_uint_eq(n, k);
    ck_assert_uint_ge(n, 1);
    for (size_t i = 0; i < n; i++) {
        ck_close_abs(a[i].p, 1 - b[n - 1 - i].p, 1e-11);
        ck_close_abs(a[i].slope, b[n - 1 - i].slope, 1e-10);
    }
    qsg_model_free(&one);
    qsg_model_free(&two);
}
END_TEST

/* The noise along the slow mode of the neutral model is that of the exact moments, and a start stays where it is. */
START_TEST(neutral_noise)
{
    static const char *const cases[] = {"alpha=0.3", "alpha=0.7 bandwidth=5", "alpha=0.3 exchange=mutual",
                                        "alpha=0.8 bandwidth=3 exchange=mutual", "alpha=0.05 bandwidth=2"};
    char text[96];
    snprintf(text, sizeof text, "agents=1000000 %s", cases[_i]);
    qsg_model model = model_of(text);
    closure c = {0};
    slow_mode mode = {0};
    double heard, variance, rate, p = 0.3, start[2000];
    ck_assert_int_eq(closure_init(&c, &model, "test", NULL), QSG_OK);
    ck_assert_int_eq(slow_mode_init(&mode, &c, NULL), QSG_OK);
    ck_assert_int_eq(closure_map(&c, p, false, &heard, NULL), QSG_OK);
    ck_assert_int_eq(slow_mode_find(&mode, &c, 0, NULL), QSG_OK);
    ck_assert_int_eq(slow_mode_noise(&mode, &c, &variance, NULL), QSG_OK);
    ck_assert_int_eq(qsg_moments_slow_rate(&model, &rate, NULL), QSG_OK);
    ck_close(variance, rate * 1e12 * p * (1 - p), 1e-4); /* N = a million, alpha down to 0.05: of order 1/(alpha N) */
    for (size_t k = 0; k <= mode.n; k++)
        start[k] = cos((double)k * acos(2 * 0.6 - 1)); /* all agents at .6 */
    ck_assert_int_eq(slow_mode_arrive(&mode, &c, 0, start, &p, NULL), QSG_OK);
    ck_close(p, 0.6, 1e-10);
    slow_mode_free(&mode);
    closure_free(&c);
    qsg_model_free(&model);
}
END_TEST

/* Against simulation: .571 +- .008 and .646 +- .011; weak field: Gamma_eff = m N h (1-alpha)/alpha one-way and
 * m N h/alpha mutual in a large population, at any m. */
START_TEST(fixation)
{
    const struct { const char *text; double probability, tolerance; } cases[] = {
        {"agents=32 alpha=0.5 temper=0.95 init=0.55,0.45", 0.5658, 2e-3}, /* the reference has no speed, noise and arrival */
        {"agents=32 alpha=0.2 temper=0.95 init=0.55,0.45", 0.635, 2e-3},
        {"agents=1000000 alpha=0.5 field=2e-7 init=0.3,0.7", -expm1(-2 * 0.2 * 0.3) / -expm1(-2 * 0.2), 1e-5},
        {"agents=1000000 alpha=0.5 field=1e-3 init=0.3,0.7", 1, 1e-12}, /* the other's is below 1e-290 */
        /* first words are tilted, the sure cannot be */
        {"agents=1000 alpha=1 field=0.5 init=0.3,0.7", 0.3 * exp(0.5) / (0.7 + 0.3 * exp(0.5)), 1e-12},
        {"agents=1000 alpha=0.4 bandwidth=5 init=0.2385,0.7615", 0.2385, 1e-10},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qsg_model model = model_of(cases[i].text);
        qsg_adiabatic_winner winner;
        qsg_error error = {""};
        ck_assert_msg(qsg_adiabatic_fixation(&model, &winner, NULL, &error) == QSG_OK, "%s", error.message);
        ck_close_abs(winner.probability[0], cases[i].probability, cases[i].tolerance);
        qsg_model_free(&model);
    }
    /* winners of 4,000 (the last: 2,000) simulated populations each (qsg simulate --consensus .9999, seed 1), within four
     * standard errors of 4,000,
     * where eq. 13 with the neutral noise and from the start's own mean is off by up to 0.11 */
    /* the rare label: its chance, not the rounding of the other's (the pull is that of a weak field to O(h) = 2e-5, Gamma = 20) */
    const double h = 2e-5, g = h * 1e6, rare[2] = {exp(-2 * g * 0.7) * expm1(-2 * g * 0.3) / expm1(-2 * g),
                                                   exp(-2 * g * 0.3) * expm1(-2 * g * 0.7) / expm1(-2 * g)};
    for (int k = 0; k < 2; k++) {
        qsg_model model = model_of(k ? "agents=1000000 alpha=0.5 field=2e-5 init=0.3,0.7"
                                     : "agents=1000000 alpha=0.5 field=-2e-5 init=0.3,0.7");
        qsg_adiabatic_winner winner;
        ck_assert_int_eq(qsg_adiabatic_fixation(&model, &winner, NULL, NULL), QSG_OK);
        ck_close(winner.probability[k], rare[k], 2e-3);
        ck_close(winner.probability[!k], 1 - rare[k], 1e-7);
        qsg_model_free(&model);
    }
    const struct { const char *text; double won; } simulated[] = {
        {"agents=64 alpha=0.6 temper=0.5 init=0.53,0.47", 0.6335},
        {"agents=64 alpha=0.8 temper=0.5 exchange=mutual init=0.53,0.47", 0.6650},
        {"agents=64 alpha=0.8 temper=0.5 init=0.53,0.47", 0.5707},
        {"agents=32 alpha=0.3 temper=0.86 init=0.55,0.45", 0.6653},
        {"agents=48 alpha=0.5 temper=0.6 init=onehot:26,22", 0.6220},
    };
    for (size_t i = 0; i < sizeof simulated / sizeof *simulated; i++) {
        qsg_model model = model_of(simulated[i].text);
        qsg_adiabatic_winner winner;
        ck_assert_int_eq(qsg_adiabatic_fixation(&model, &winner, NULL, NULL), QSG_OK);
        ck_close_abs(winner.probability[0], simulated[i].won, 0.031);
        qsg_model_free(&model);
    }
    qsg_model mutual = model_of("agents=1000000 alpha=0.6 bandwidth=4 field=1e-7 exchange=mutual");
    qsg_model oneway = model_of("agents=1000000 alpha=0.6 bandwidth=4 field=1e-7");
    qsg_adiabatic_winner winner;
    ck_assert_int_eq(qsg_adiabatic_fixation(&mutual, &winner, NULL, NULL), QSG_OK);
    ck_close(winner.gamma, 4 * 1e6 * 1e-7 / 0.6, 1e-5); /* O(1/N) and O(h) */
    ck_close(winner.probability[0], 1 / (1 + exp(-winner.gamma)), 1e-5);
    ck_assert_int_eq(qsg_adiabatic_fixation(&oneway, &winner, NULL, NULL), QSG_OK);
    ck_close(winner.gamma, 4 * 1e6 * 1e-7 * 0.4 / 0.6, 1e-5);
    qsg_model_free(&mutual);
    qsg_model_free(&oneway);
}
END_TEST

/* Where the symmetric state loses stability the slope is 1: at m = 1 it is (1-eps) times the slope without
 * innovation. */
START_TEST(critical)
{
    qsg_model model = model_of("agents=100 alpha=0.3 temper=0.5");
    qsg_fixed_point points[8];
    size_t n;
    double eps, temper, field;
    ck_assert_int_eq(qsg_adiabatic_fixed_points(&model, 8, points, &n, NULL), QSG_OK);
    ck_assert_int_eq(qsg_adiabatic_critical(&model, QSG_BY_INNOVATION, 0, 1, &eps, NULL), QSG_OK);
    ck_close(eps, 1 - 1 / points[1].slope, 1e-9);
    ck_assert_int_eq(qsg_adiabatic_critical(&model, QSG_BY_TEMPER, 0.3, 2, &temper, NULL), QSG_OK);
    ck_close(temper, 1, 1e-9); /* without innovation the neutral channel */
    qsg_model_free(&model);

    /* a field that removes the losing side: one fixed point beyond, three before */
    model = model_of("agents=100 alpha=0.3 temper=0.4 innovation=0.1");
    ck_assert_int_eq(qsg_adiabatic_critical(&model, QSG_BY_FIELD, 0, 2, &field, NULL), QSG_OK);
    for (int side = -1; side <= 1; side += 2) {
        char text[100];
        snprintf(text, sizeof text, "agents=100 alpha=0.3 temper=0.4 innovation=0.1 field=%.17g", field + side * 1e-5);
        qsg_model at = model_of(text);
        ck_assert_int_eq(qsg_adiabatic_fixed_points(&at, 8, points, &n, NULL), QSG_OK);
        ck_assert_uint_eq(n, side < 0 ? 3 : 1);
        qsg_model_free(&at);
    }
    ck_assert_int_eq(qsg_adiabatic_critical(&model, QSG_BY_FIELD, 1.5, 2, &field, NULL), QSG_ENOEXIST);
    qsg_model_free(&model);
}
END_TEST

START_TEST(density)
{
    enum { CELLS = 200 };
    double mass[CELLS], sum = 0, mean = 0, square = 0;
    qsg_belief_shape shape;
    /* binary digits: uniform */
    qsg_model model = model_of("agents=100 alpha=0.5");
    ck_assert_int_eq(qsg_adiabatic_density(&model, 0.5, CELLS, mass, &shape, NULL), QSG_OK);
    for (int i = 0; i < CELLS; i++)
        ck_close_abs(mass[i], 1.0 / CELLS, 1e-8); /* the Gaussian at the grid's frequency, e^{-2 pi^2} of a cell */
    ck_assert(!shape.gaps);
    ck_close(shape.dimension, 1, 1e-15);
    /* dyadic cells of the law with odds 3:7 */
    ck_assert_int_eq(qsg_adiabatic_density(&model, 0.3, 4, mass, &shape, NULL), QSG_OK);
    ck_close_abs(mass[0], 0.49, 5e-2);
    ck_close(shape.dimension, -(0.3 * log(0.3) + 0.7 * log(0.7)) / M_LN2, 1e-14);
    qsg_model_free(&model);
    /* what is proved: dimension below 1 without gaps; even digits; 1/(1-alpha) whole although the bound is 1; nothing */
    static const struct { const char *text; double p; qsg_belief_kind kind; } kinds[] = {
        {"agents=100 alpha=0.5", 0.3, QSG_BELIEF_SINGULAR}, {"agents=100 alpha=0.45", 0.1, QSG_BELIEF_SINGULAR},
        {"agents=100 alpha=0.5", 0.5, QSG_BELIEF_CONTINUOUS}, {"agents=100 alpha=0.5 bandwidth=4", 0.5, QSG_BELIEF_CONTINUOUS},
        {"agents=100 alpha=0.5 bandwidth=4", 0.4, QSG_BELIEF_SINGULAR}, {"agents=100 alpha=0.75 bandwidth=9", 0.5, QSG_BELIEF_SINGULAR},
        {"agents=100 alpha=0.3", 0.5, QSG_BELIEF_UNKNOWN}, {"agents=100 alpha=0.6 bandwidth=4", 0.4, QSG_BELIEF_UNKNOWN}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        model = model_of(kinds[i].text);
        ck_assert_int_eq(qsg_adiabatic_density(&model, kinds[i].p, CELLS, mass, &shape, NULL), QSG_OK);
        ck_assert_msg(shape.kind == kinds[i].kind, "%s at %g: %d", kinds[i].text, kinds[i].p, (int)shape.kind);
        qsg_model_free(&model);
    }
    /* slow agents, whose law is all cumulants: variance alpha/(2 - alpha)/4, smoothing and cell added */
    static const char *const slow[] = {"agents=100 alpha=0.01", "agents=100 alpha=0.0004", "agents=100 alpha=1e-9"};
    static const double slowness[] = {0.01, 0.0004, 1e-9};
    for (int k = 0; k < 3; k++) {
        model = model_of(slow[k]);
        double spread = 0;
        ck_assert_int_eq(qsg_adiabatic_density(&model, 0.5, CELLS, mass, &shape, NULL), QSG_OK);
        for (int i = 0; i < CELLS; i++)
            spread += mass[i] * pow((i + 0.5) / CELLS - 0.5, 2);
        /* at 1e-9 the mass lies in the two cells beside 1/2 */
        ck_close(spread, k < 2 ? slowness[k] / (2 - slowness[k]) / 4 + (1 / 64.0 + 1 / 12.0) / (CELLS * CELLS)
                               : 0.25 / (CELLS * CELLS), 1e-3);
        qsg_model_free(&model);
    }
    /* ternary digits 0 and 2: the Cantor function at sixths and twelfths */
    model = model_of("agents=100 alpha=0.66666666666666663");
    const double cantor[] = {0.25, 0.25, 0, 0, 0.25, 0.25};
    ck_assert_int_eq(qsg_adiabatic_density(&model, 0.5, 6, mass, &shape, NULL), QSG_OK);
    for (int i = 0; i < 6; i++)
        ck_close_abs(mass[i], cantor[i], 1e-8); /* rounding to the power of the dimension .63 */
    ck_assert(shape.gaps);
    qsg_model_free(&model);
    /* mean and variance of a mixture of messages */
    model = model_of("agents=100 alpha=0.3 bandwidth=3");
    ck_assert_int_eq(qsg_adiabatic_density(&model, 0.37, CELLS, mass, &shape, NULL), QSG_OK);
    for (int i = 0; i < CELLS; i++) {
        const double x = (i + 0.5) / CELLS;
        ck_assert(mass[i] > -1e-9);
        sum += mass[i];
        mean += mass[i] * x;
        square += mass[i] * x * x;
    }
    ck_close(sum, 1, 1e-12);
    ck_close_abs(mean, 0.37, 1e-6);
    /* the cells' own width counts with 1/12 of its square */
    ck_close_abs(square - mean * mean, 0.37 * 0.63 * 0.3 / (6 * 0.7 + 0.3), 1e-5);
    qsg_model_free(&model);
}
END_TEST

START_TEST(limits_and_errors)
{
    const struct { const char *text; qsg_status want; } cases[] = {
        {"agents=100 alpha=0.3", QSG_ENOEXIST},             /* every mean is a fixed point */
        {"agents=100 alpha=1 temper=0.3", QSG_ENOEXIST},    /* one-hot speakers cannot be sharpened */
        {"agents=100 alpha=0.3 labels=3 temper=0.5", QSG_EMODEL},
        {"agents=100 alpha=0.3 self=0.1 bandwidth=inf temper=0.5", QSG_EMODEL},
        {"agents=100 alpha=0.3 exchange=broadcast temper=0.5", QSG_EMODEL},
        {"agents=100 alpha=0.3 bandwidth=65 temper=0.5", QSG_EMODEL},
        {"agents=100 alpha=0.3 zealots=1,0", QSG_EMODEL},
        {"agents=100 alpha=0.3 temper=1e-6 field=0.3", QSG_EMODEL},
        {"agents=100 alpha=0.8 temper=4", QSG_ENUMERIC},    /* x^{1/4} under mass at the ends */
        {"agents=100 alpha=0.9 temper=1e-6", QSG_EMODEL}, /* a step function seen by a Cantor set */
        {"agents=100 alpha=0.3 field=700", QSG_ENUMERIC}, /* r jumps at 0 */
        {"agents=100 alpha=0.3 field=-700", QSG_ENUMERIC},
        {"agents=100 alpha=0.3 innovation=1", QSG_OK},
        {"agents=100 alpha=0.3 bandwidth=inf temper=0.5", QSG_OK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qsg_model model = model_of(cases[i].text);
        qsg_fixed_point points[8] = {{.p = -7}};
        size_t n = 77;
        qsg_error error = {""};
        const qsg_status got = qsg_adiabatic_fixed_points(&model, 8, points, &n, &error);
            ck_assert_msg(got == cases[i].want, "%s: status %d, %s", cases[i].text, got, error.message);
        if (got) {
            ck_assert(points[0].p == -7 && n == 77);
            ck_assert(error.message[0]);
        } else {
            for (size_t k = 0; k < n; k++)
                ck_assert(isfinite(points[k].p) && isfinite(points[k].slope) && isfinite(points[k].growth));
        }
        qsg_model_free(&model);
    }
    qsg_model model = model_of("agents=100 alpha=0.3 temper=0.5");
    double p[] = {0.3, NAN}, map[] = {-7, -7}, mass[2] = {-7, -7}, value = -7;
    qsg_belief_shape shape = {-7, false, QSG_BELIEF_UNKNOWN};
    qsg_error error;
    ck_assert_int_eq(qsg_adiabatic_map(&model, 2, p, map, &error), QSG_EDOMAIN);
    ck_assert(map[0] == -7);
    ck_assert_int_eq(qsg_adiabatic_density(&model, 1.5, 2, mass, &shape, &error), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_adiabatic_density(&model, 0.5, 3, mass, &shape, &error), QSG_EDOMAIN);
    ck_assert(mass[0] == -7 && shape.dimension == -7);
    ck_assert_int_eq(qsg_adiabatic_critical(&model, QSG_BY_TEMPER, 0, 1, &value, &error), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_adiabatic_critical(&model, QSG_BY_TEMPER, 1, NAN, &value, &error), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_adiabatic_critical(&model, QSG_BY_TEMPER, 0.2, 0.4, &value, &error), QSG_ENOEXIST);
    ck_assert(value == -7);
    qsg_model_free(&model);
    qsg_adiabatic_winner winner = {.probability = {-7, -7}};
    model = model_of("agents=100 alpha=0.3 innovation=0.1");
    ck_assert_int_eq(qsg_adiabatic_fixation(&model, &winner, NULL, &error), QSG_ENOEXIST);
    qsg_model_free(&model);
    model = model_of("agents=100 alpha=0.3 field=0.1 bandwidth=inf");
    ck_assert_int_eq(qsg_adiabatic_fixation(&model, &winner, NULL, &error), QSG_ENOEXIST);
    ck_assert(winner.probability[0] == -7);
    qsg_model_free(&model);
}
END_TEST

RUN_LOOPS("adiabatic", {closed_form, 1}, {message_histories, 1}, {slope_at_consensus, 1}, {mirrored_ends, 1},
          {slope_is_derivative, 1}, {symmetry, 1}, {neutral_noise, 5}, {fixation, 1}, {critical, 1}, {density, 1}, {limits_and_errors, 1})
