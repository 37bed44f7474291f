/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reference.h"

/* The settings that every test of the map runs through: all protocols, own output, and the corners where eigenvalues
 * meet, vanish or turn negative. */
static const char *const models[] = {
    "agents=24 labels=10 alpha=0.2",
    "agents=24 labels=10 alpha=0.5 bandwidth=3 exchange=mutual",
    "agents=24 labels=10 alpha=0.3 exchange=broadcast",
    "agents=20 alpha=0.3 self=0.2",
    "agents=20 alpha=0.3 self=0.7 exchange=mutual",
    "agents=20 alpha=0.3 self=0.3 exchange=mutual bandwidth=7",
    "agents=20 alpha=0.4 self=0.6 exchange=broadcast",
    "agents=2 alpha=0.5 exchange=mutual", /* fast eigenvalue negative */
    "agents=2 alpha=0.7",
    "agents=2 alpha=1",
    "agents=2 alpha=0.5 exchange=broadcast",
    "agents=3 alpha=1", /* both eigenvalues 2/3 */
    "agents=3 alpha=1 bandwidth=2",
    "agents=7 alpha=1 exchange=mutual", /* the mean stops */
    "agents=7 alpha=1 exchange=broadcast",
    "agents=5 alpha=0.4 bandwidth=inf",
    "agents=5 alpha=1 bandwidth=inf",
    "agents=200 labels=1000 alpha=0.013 bandwidth=50",
};
#define N_MODELS (sizeof models / sizeof *models)

/* One interaction, as E[dU] and E[N dq] of doc/theory/moments.md, eq. 1, in long double: (U, q) and not (V, f). */
typedef struct {
    long double u, q;
} pair;

static pair step(const qsg_model *m, pair at)
{
    const long double n = m->agents, a = m->alpha, b = m->self, v = n * (at.q - at.u), f = 1 - at.q;
    const long double noise = isinf(m->bandwidth) ? 0 : f / m->bandwidth;
    long double du, ndq;
    switch (m->exchange) {
    case QSG_MUTUAL:
        du = 2 * (a + b) * (a + b) * noise / (n * n);
        ndq = -4 * a * (1 - a) * v / (n - 1) + 2 * (a * a + b * b) * noise;
        break;
    case QSG_BROADCAST:
        du = a * a * v / n + (a * (n - 1) + b) * (a * (n - 1) + b) / (n * n) * noise;
        ndq = (n - 1) * (-2 * a * (1 - a) * v / (n - 1) + a * a * noise) + b * b * noise;
        break;
    default:
        du = (2 * a * a * v / (n - 1) + (a + b) * (a + b) * noise) / (n * n);
        ndq = -2 * a * (1 - a) * v / (n - 1) + (a * a + b * b) * noise;
    }
    return (pair){at.u + du, at.q + ndq / n};
}

static qsg_moments evolved(const qsg_model *model, const qsg_moments *start, double t)
{
    qsg_moments end;
    qsg_error error = {""};
    ck_assert_msg(qsg_moments_evolve(model, start, t, &end, &error) == QSG_OK, "%s", error.message);
    return end;
}

static qsg_moments start_of(const qsg_model *model)
{
    qsg_moments start;
    ck_assert_int_eq(qsg_moments_start(model, &start, NULL), QSG_OK);
    return start;
}

/* Values derived and simulated independently before this library was written, to the digits that were kept. */
START_TEST(reference_values)
{
    qsg_model model = model_of("agents=24 labels=10 alpha=0.5");
    qsg_moments start = start_of(&model), end;
    double rate;
    ck_assert_int_eq(qsg_moments_slow_rate(&model, &rate, NULL), QSG_OK);
    ck_close(rate, 5.809858216e-4, 1e-10);
    end = evolved(&model, &start, 1500);
    ck_close_abs(qsg_moments_polarization(&model, &end), 0.621862, 5e-7);
    ck_close_abs(end.disagreement, 2.8270, 5e-5);
    qsg_model_free(&model);
    model = model_of("agents=24 labels=10 alpha=0.5 exchange=mutual");
    end = evolved(&model, &start, 1500);
    ck_close_abs(qsg_moments_polarization(&model, &end), 0.63156, 5e-6);
    qsg_model_free(&model);
    model = model_of("agents=64 alpha=0.1 exchange=broadcast");
    start = start_of(&model);
    end = evolved(&model, &start, 20);
    ck_close_abs(qsg_moments_polarization(&model, &end), 0.5885, 5e-5);
    qsg_model_free(&model);
    model = model_of("agents=20 alpha=0.3 self=0.2");
    start = start_of(&model);
    end = evolved(&model, &start, 200);
    ck_close_abs(qsg_moments_polarization(&model, &end), 0.5564, 5e-5);
    ck_close_abs(end.disagreement, 1.864, 5e-4);
    qsg_model_free(&model);
}
END_TEST

static void reference_row(const char *parameters, const char *value)
{
    char text[128];
    snprintf(text, sizeof text, "agents=%g labels=%g alpha=%.17g bandwidth=%g", parameter(parameters, "N"),
             parameter(parameters, "K"), parameter(parameters, "alpha"), parameter(parameters, "m"));
    qsg_model model = model_of(text);
    qsg_moments start = start_of(&model), end = evolved(&model, &start, parameter(parameters, "t"));
    ck_close_abs(qsg_moments_polarization(&model, &end), strtod(value, NULL), last_digit(value));
    qsg_model_free(&model);
}

START_TEST(reference_table)
{
    ck_assert_int_eq(for_reference("QSG_EU_exact", reference_row), 16);
}
END_TEST

/* The power of the map against 5,000 single steps in long double, from an uncertain, a sure and a mixed start.
 * Tolerance: (U, q) loses 1e-19/f to cancellation, and f is above 1e-4 while it is compared. */
START_TEST(step_by_step)
{
    for (size_t i = 0; i < N_MODELS; i++) {
        qsg_model model = model_of(models[i]);
        const double n = (double)model.agents;
        const qsg_moments starts[] = {{0.5, 0}, {0, 0.5 * n}, {0.2385, 0.11 * n}};
        for (size_t j = 0; j < 3; j++) {
            pair at = {1 - (long double)starts[j].uncertainty - (long double)starts[j].disagreement / n,
                       1 - (long double)starts[j].uncertainty};
            for (int t = 0; t <= 5000; t++, at = step(&model, at)) {
                if (t > 30 && t % 97)
                    continue;
                const qsg_moments got = evolved(&model, &starts[j], t);
                const double f = (double)(1 - at.q), h = (double)(1 - at.u), v = (double)(n * (at.q - at.u));
                if (h < 1e-4)
                    break;
                ck_assert_msg(fabs(got.uncertainty - f) <= 2e-13 * h, "%s: f at %d is %.17g, expected %.17g", models[i],
                              t, got.uncertainty, f);
                ck_assert_msg(fabs(got.disagreement - v) <= 2e-13 * n * h, "%s: V at %d is %.17g, expected %.17g",
                              models[i], t, got.disagreement, v);
                ck_close(qsg_moments_heterogeneity(&model, &got), h, 2e-13);
                ck_close_abs(qsg_moments_coordination(&model, &got), 1 - f - v / (n - 1), 1e-14);
            }
        }
        qsg_model_free(&model);
    }
}
END_TEST

/* All messages that m = 1 or 2 draws from K = 2 labels can make, with their probabilities. */
static size_t messages(const double *x, int m, double y[3][2], double *probability)
{
    for (int b = 0; b <= m; b++) {
        y[b][0] = (double)b / m;
        y[b][1] = 1 - y[b][0];
        probability[b] = (b == 1 && m == 2 ? 2 : 1) * pow(x[0], b) * pow(x[1], m - b);
    }
    return (size_t)m + 1;
}

static void add_state(double x[3][2], double weight, double *u, double *v)
{
    double mean[2] = {0, 0};
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 2; k++)
            mean[k] += x[i][k] / 3;
    *u += weight * (mean[0] * mean[0] + mean[1] * mean[1]);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 2; k++)
            *v += weight * (x[i][k] - mean[k]) * (x[i][k] - mean[k]);
}

static void move(double *x, double rate, const double *y)
{
    for (int k = 0; k < 2; k++)
        x[k] += rate * (y[k] - x[k]);
}

/* E[U], E[V] after one interaction of three given agents, by listing everything that can happen. */
static void enumerate(const qsg_model *model, double start[3][2], double *u, double *v)
{
    const int m = (int)model->bandwidth;
    const double a = model->alpha, b = model->self;
    *u = *v = 0;
    for (int s = 0; s < 3; s++)
        for (int l = 0; l < 3; l++) {
            double y[3][2], z[3][2], py[3], pz[3];
            const size_t ny = messages(start[s], m, y, py), nz = messages(start[l], m, z, pz);
            if (s == l && model->exchange != QSG_BROADCAST)
                continue;
            for (size_t i = 0; i < ny; i++)
                for (size_t j = 0; j < nz; j++) {
                    double x[3][2];
                    memcpy(x, start, sizeof x);
                    if (model->exchange == QSG_BROADCAST) {
                        for (int k = 0; k < 3; k++)
                            move(x[k], k == s ? b : a, y[i]);
                        add_state(x, py[i] * pz[j] / 9, u, v);
                    } else if (model->exchange == QSG_ONEWAY) {
                        move(x[l], a, y[i]);
                        move(x[s], b, y[i]);
                        add_state(x, py[i] * pz[j] / 6, u, v);
                    } else {
                        for (int k = 0; k < 2; k++) {
                            x[l][k] = (1 - a - b) * start[l][k] + a * y[i][k] + b * z[j][k];
                            x[s][k] = (1 - a - b) * start[s][k] + a * z[j][k] + b * y[i][k];
                        }
                        add_state(x, py[i] * pz[j] / 6, u, v);
                    }
                }
        }
}

/* One step of the library against the listing, which knows the update rule and nothing of the formulas. */
START_TEST(one_interaction_enumerated)
{
    static const char *const exchanges[] = {"oneway", "mutual", "broadcast"};
    double beliefs[3][2] = {{0.2385, 0.7615}, {0.9, 0.1}, {0.45, 0.55}};
    const double rates[][2] = {{0.3, 0}, {0.3, 0.25}, {1, 0}, {0.2, 0.8}};
    double u0 = 0, v0 = 0;
    add_state(beliefs, 1, &u0, &v0);
    for (int e = 0; e < 3; e++)
        for (int r = 0; r < 4; r++)
            for (int m = 1; m <= 2; m++) {
                char text[128];
                double u, v;
                snprintf(text, sizeof text, "agents=3 alpha=%g self=%g bandwidth=%d exchange=%s", rates[r][0],
                         rates[r][1], m, exchanges[e]);
                qsg_model model = model_of(text);
                enumerate(&model, beliefs, &u, &v);
                const qsg_moments start = {1 - u0 - v0 / 3, v0}, end = evolved(&model, &start, 1);
                ck_close_abs(qsg_moments_polarization(&model, &end), u, 1e-15);
                ck_close_abs(end.disagreement, v, 2e-15);
                qsg_model_free(&model);
            }
}
END_TEST

/* A billion agents, 10^18 interactions: H decays with the large-N rate 2 alpha^2/(N^2 (2m(1-alpha)+alpha)), whose
 * relative error is O(1/N) = 1e-9. */
START_TEST(a_billion_agents)
{
    qsg_model model = model_of("agents=1e9 labels=10000 alpha=0.2385 bandwidth=3");
    const qsg_moments start = start_of(&model), end = evolved(&model, &start, 1e18);
    const double a = 0.2385, closed = 2 * a * a / (2 * 3 * (1 - a) + a); /* times N^-2 = 1e-18 */
    double rate;
    ck_assert_int_eq(qsg_moments_slow_rate(&model, &rate, NULL), QSG_OK);
    ck_close(rate * 1e18, closed, 1e-8);
    ck_close(qsg_moments_heterogeneity(&model, &end), (1 - 1e-4) * exp(-closed), 1e-8);
    qsg_model_free(&model);
}
END_TEST

/* 1 - U keeps its relative accuracy where U is 1 - 1e-12 and 1 - 1e-200: the slow mode in long double, from the trace
 * and determinant of (1 - M) acting on (f, V/N).  At late times only that mode is left, H ~ (1-lambda)^t. */
START_TEST(close_to_consensus)
{
    qsg_model model = model_of("agents=24 labels=10 alpha=0.5 bandwidth=3");
    const long double n = 24, a = 0.5L, m = 3;
    const long double vv = 2 * a / (n - 1) * (1 - a + a / n), vf = a * a * (n - 1) / (m * n);
    const long double fv = 2 * a * (1 - a) / (n * (n - 1)), ff = a * a / (n * m);
    const long double trace = vv + ff, det = vv * ff - vf * fv;
    const long double slow = 2 * det / (trace + sqrtl(trace * trace - 4 * det)), fast = trace - slow;
    /* start V = 0, f = .9:  f_t = f0 [w (1-slow)^t + (1-w)(1-fast)^t],  V_t = vf f0 [(1-slow)^t -
     * (1-fast)^t]/(fast-slow) */
    const long double w = (vv - slow) / (fast - slow);
    const qsg_moments start = start_of(&model);
    for (double t = 1000; t < 1.5e6; t *= 1.7) {
        const long double s = expl(floor(t) * log1pl(-slow)), q = expl(floor(t) * log1pl(-fast));
        const long double f = 0.9L * (w * s + (1 - w) * q), v = vf * 0.9L * (s - q) / (fast - slow);
        const qsg_moments end = evolved(&model, &start, floor(t));
        if (f < 1e-290L)
            break;
        ck_close(end.uncertainty, (double)f, 4e-13);
        ck_close(end.disagreement, (double)v, 4e-13);
        ck_close(qsg_moments_heterogeneity(&model, &end), (double)(f + v / n), 4e-13);
    }
    qsg_model_free(&model);
}
END_TEST

/* M^s M^t = M^{s+t}; U rises, S stays in [0, 1]; in place is allowed; the start comes back at t = 0. */
START_TEST(properties)
{
    for (size_t i = 0; i < N_MODELS; i++) {
        qsg_model model = model_of(models[i]);
        qsg_moments start = {0.2385, 0.3 * (double)model.agents}, at = start;
        double last = 2;
        for (int t = 0; t < 2000; t = 2 * t + 1) {
            qsg_moments now = evolved(&model, &start, t), more = evolved(&model, &now, 13);
            const qsg_moments both = evolved(&model, &start, t + 13);
            ck_close(qsg_moments_heterogeneity(&model, &more), qsg_moments_heterogeneity(&model, &both), 1e-12);
            ck_assert_double_le(qsg_moments_heterogeneity(&model, &now), last * (1 + 1e-14));
            ck_assert_double_ge(now.uncertainty, 0);
            ck_assert_double_ge(now.disagreement, 0);
            ck_assert_double_ge(qsg_moments_coordination(&model, &now), -1e-15);
            last = qsg_moments_heterogeneity(&model, &now);
        }
        ck_assert_int_eq(qsg_moments_evolve(&model, &at, 0, &at, NULL), QSG_OK);
        ck_close(at.uncertainty, start.uncertainty, 1e-15);
        ck_close(at.disagreement, start.disagreement, 1e-15);
        qsg_model_free(&model);
    }
}
END_TEST

/* Expected moments of every kind of start, against the definition. */
START_TEST(starts)
{
    qsg_model model = model_of("agents=7 labels=3 alpha=0.5 init=0.2,0.3,0.5");
    qsg_moments start = start_of(&model);
    ck_close(start.uncertainty, 1 - 0.04 - 0.09 - 0.25, 1e-15);
    ck_assert_double_eq(start.disagreement, 0);
    qsg_model_free(&model);
    model = model_of("agents=7 labels=3 alpha=0.5 init=onehot:1,2,4");
    start = start_of(&model);
    ck_assert_double_eq(start.uncertainty, 0);
    ck_close(start.disagreement, 7 - (1 + 4 + 16) / 7., 1e-15);
    qsg_model_free(&model);
    /* Dirichlet(c,c,c): E x_k^2 = (c+1)/(3(3c+1)); V = (N-1) sum_k Var x_k */
    model = model_of("agents=7 labels=3 alpha=0.5 init=dirichlet:0.7");
    start = start_of(&model);
    ck_close(start.uncertainty, 1 - 1.7 / 3.1, 1e-15);
    ck_close(start.disagreement, 6 * (1.7 / 3.1 - 1. / 3), 1e-14);
    qsg_model_free(&model);
    model = model_of("agents=7 labels=3 alpha=0.5 init=dirichlet:1e308"); /* 3c overflows */
    start = start_of(&model);
    ck_close(start.uncertainty, 2. / 3, 1e-15);
    ck_assert_double_le(start.disagreement, 1e-300);
    qsg_model_free(&model);
    /* 1 - U of a nearly sure start is not lost */
    model = model_of("agents=7 alpha=0.5 init=0.999999999999,1e-12");
    start = start_of(&model);
    ck_close(start.uncertainty, 2e-12, 1e-11);
    qsg_model_free(&model);
}
END_TEST

/* E[U] at the consensus time is the threshold (within the one interaction that is interpolated). */
START_TEST(consensus_time)
{
    const double thresholds[] = {0.6, 0.95, 0.999999, 1 - 1e-12};
    for (size_t i = 0; i < N_MODELS; i++) {
        qsg_model model = model_of(models[i]);
        const qsg_moments start = start_of(&model);
        double rate, t;
        ck_assert_int_eq(qsg_moments_slow_rate(&model, &rate, NULL), QSG_OK);
        for (size_t j = 0; j < 4; j++) {
            qsg_error error = {""};
            qsg_status status = qsg_moments_consensus_time(&model, &start, thresholds[j], &t, &error);
            if (rate == 0) {
                /* U may still rise to some value short of 1 */
                ck_assert(status == QSG_OK || status == QSG_ENOEXIST);
                if (thresholds[j] > 0.99)
                    ck_assert_int_eq(status, QSG_ENOEXIST);
                continue;
            }
            ck_assert_msg(status == QSG_OK, "%s: %s", models[i], error.message);
            const qsg_moments before = evolved(&model, &start, floor(t)), after = evolved(&model, &start, ceil(t));
            const double slack = 1e-12 * (1 - thresholds[j]);
            ck_assert_double_ge(qsg_moments_heterogeneity(&model, &before), (1 - thresholds[j]) - slack);
            ck_assert_double_le(qsg_moments_heterogeneity(&model, &after), (1 - thresholds[j]) + slack);
            /* coordination passes the same level, one interaction apart */
            ck_assert_int_eq(qsg_moments_coordination_time(&model, &start, thresholds[j], &t, NULL), QSG_OK);
            const qsg_moments below = evolved(&model, &start, floor(t)), above = evolved(&model, &start, ceil(t));
            const double loose = 4e-16 + slack; /* S is rounded near 1 */
            ck_assert(t == 0 || qsg_moments_coordination(&model, &below) <= thresholds[j] + loose);
            ck_assert(qsg_moments_coordination(&model, &above) >= thresholds[j] - loose);
        }
        qsg_model_free(&model);
    }
    qsg_model model = model_of("agents=24 alpha=0.5 init=0.1,0.9");
    const qsg_moments start = start_of(&model);
    double t = 77;
    ck_assert_int_eq(qsg_moments_consensus_time(&model, &start, 0.8, &t, NULL), QSG_OK);
    ck_assert_double_eq(t, 0);
    qsg_model_free(&model);
}
END_TEST

/* The sum of E[f_t] against adding it up, with the geometric tail of the slow mode. */
START_TEST(total_uncertainty)
{
    for (size_t i = 0; i < N_MODELS; i++) {
        qsg_model model = model_of(models[i]);
        const qsg_moments start = {0.2385, 0.2 * (double)model.agents};
        double sum, rate, added = 0;
        ck_assert_int_eq(qsg_moments_slow_rate(&model, &rate, NULL), QSG_OK);
        qsg_status status = qsg_moments_total_uncertainty(&model, &start, &sum, NULL);
        if (isinf(model.bandwidth))
            ck_assert_int_eq(status, QSG_ENOEXIST);
        else
            ck_assert_int_eq(status, QSG_OK);
        if (status == QSG_OK && !(rate > 0 && rate < 1e-4)) {
            for (int t = 0; t < 400000; t++) {
                const double f = evolved(&model, &start, t).uncertainty;
                added += f;
                if (f < 1e-17 * added)
                    break;
            }
            ck_close(sum, added, 1e-10);
        }
        qsg_model_free(&model);
    }
    qsg_model model = model_of("agents=5 alpha=0.4 bandwidth=inf");
    const qsg_moments sure = {0, 0};
    double sum = 77;
    ck_assert_int_eq(qsg_moments_total_uncertainty(&model, &sure, &sum, NULL), QSG_OK);
    ck_assert_double_eq(sum, 0);
    qsg_model_free(&model);
}
END_TEST

/* The slow rate: closed form at alpha = 1, min(2/(N(N-1)), 1/(Nm)), zero where nothing moves, the paper's as alpha ->
 * 0. */
START_TEST(slow_rates)
{
    static const struct { const char *text; double rate, tolerance; } rows[] = {
        {"agents=24 alpha=1", 2. / (24 * 23), 1e-14},
        {"agents=24 alpha=1 bandwidth=100", 1. / 2400, 1e-14},
        {"agents=7 alpha=1 exchange=mutual", 0, 0},
        {"agents=7 alpha=0.3 bandwidth=inf", 0, 0},
        /* alpha -> 0: relative error O(alpha) */
        {"agents=50 alpha=1e-8 bandwidth=3", 1e-16 / (3 * 2500.), 1e-6},
        {"agents=50 alpha=1e-50 bandwidth=3", 1e-100 / (3 * 2500.), 1e-12},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        qsg_model model = model_of(rows[i].text);
        double rate;
        ck_assert_int_eq(qsg_moments_slow_rate(&model, &rate, NULL), QSG_OK);
        ck_close(rate, rows[i].rate, rows[i].tolerance);
        qsg_model_free(&model);
    }
}
END_TEST

START_TEST(meanfield)
{
    qsg_model model = model_of("agents=24 labels=10 alpha=0.5");
    const qsg_moments start = start_of(&model);
    double t;
    ck_close(qsg_meanfield_slow_rate(&model), 0.25 / 576, 1e-15);
    ck_close_abs(qsg_meanfield_polarization(&model, &start, 1500), 1 - 0.9 * exp(-1500 * 0.25 / 576), 1e-15);
    ck_close_abs(qsg_meanfield_polarization(&model, &start, 576), 0.299079, 5e-7);
    ck_assert_int_eq(qsg_meanfield_consensus_time(&model, &start, 0.95, &t), QSG_OK);
    ck_close(t, 576 / 0.25 * log(0.9 / 0.05), 1e-14);
    ck_assert_int_eq(qsg_meanfield_consensus_time(&model, &start, 0.05, &t), QSG_OK);
    ck_assert_double_eq(t, 0);
    ck_assert_int_eq(qsg_meanfield_consensus_time(&model, &start, 1, &t), QSG_EDOMAIN);
    ck_assert_int_eq(qsg_meanfield_consensus_time(&model, &start, NAN, &t), QSG_EDOMAIN);
    qsg_model_free(&model);
    model = model_of("agents=24 labels=10 alpha=0.5 bandwidth=inf");
    ck_assert_int_eq(qsg_meanfield_consensus_time(&model, &start, 0.95, &t), QSG_ENOEXIST);
    ck_close(qsg_meanfield_polarization(&model, &start, 1e18), 0.1, 1e-15);
    qsg_model_free(&model);
}
END_TEST

START_TEST(errors)
{
    qsg_model model = model_of("agents=24 alpha=0.5"), field = model_of("agents=24 alpha=0.5 field=0.1");
    const qsg_moments good = {0.5, 1}, bad[] = {{-0.1, 1}, {1.1, 1}, {NAN, 1}, {0.5, -1}, {0.5, 25}, {0.5, NAN}};
    const double bad_times[] = {-1, 0.5, NAN, INFINITY}, bad_thresholds[] = {0, 1, -0.1, 1.1, NAN};
    qsg_moments end = {7, 77};
    qsg_error error = {""};
    double out = 777;
    for (size_t i = 0; i < 6; i++) {
        ck_assert_int_eq(qsg_moments_evolve(&model, &bad[i], 1, &end, &error), QSG_EDOMAIN);
        ck_assert_int_eq(qsg_moments_consensus_time(&model, &bad[i], 0.9, &out, &error), QSG_EDOMAIN);
        ck_assert_int_eq(qsg_moments_total_uncertainty(&model, &bad[i], &out, &error), QSG_EDOMAIN);
    }
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(qsg_moments_evolve(&model, &good, bad_times[i], &end, &error), QSG_EDOMAIN);
    for (size_t i = 0; i < 5; i++) {
        ck_assert_int_eq(qsg_moments_consensus_time(&model, &good, bad_thresholds[i], &out, &error), QSG_EDOMAIN);
        ck_assert_int_eq(qsg_moments_coordination_time(&model, &good, bad_thresholds[i], &out, &error), QSG_EDOMAIN);
    }
    ck_assert_int_eq(qsg_moments_evolve(&field, &good, 1, &end, &error), QSG_EMODEL);
    ck_assert_ptr_nonnull(strstr(error.message, "--field"));
    ck_assert_int_eq(qsg_moments_slow_rate(&field, &out, &error), QSG_EMODEL);
    ck_assert_int_eq(qsg_moments_consensus_time(&field, &good, 0.9, &out, &error), QSG_EMODEL);
    ck_assert_int_eq(qsg_moments_total_uncertainty(&field, &good, &out, &error), QSG_EMODEL);
    ck_assert_double_eq(end.uncertainty, 7);
    ck_assert_double_eq(end.disagreement, 77);
    ck_assert_double_eq(out, 777);
    qsg_model_free(&model);
    qsg_model_free(&field);
}
END_TEST

RUN_TESTS("moments", reference_values, reference_table, step_by_step, one_interaction_enumerated, a_billion_agents,
          close_to_consensus, properties, starts, consensus_time, total_uncertainty, slow_rates, meanfield, errors)
