/* The law of one agent's belief in a large population, K = 2.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_BELIEF_LAW_H
#define QSG_BELIEF_LAW_H

#include "qsg/channel.h"
#include "qsg/model.h"

#define BELIEF_MAX_BANDWIDTH 64

/* Laws of beliefs are kept as Chebyshev moments mu_k = E[T_k(2x - 1)], k = 0 .. n, and functions of the belief as
 * Chebyshev coefficients.  Hearing b of m times label 1 is the map x -> (1-alpha)x + alpha b/m, which takes polynomials
 * to polynomials of the same degree: in this basis it is an exact upper triangle (doc/theory/adiabatic.md, eq. 5). */
typedef struct {
    size_t m, n;
    double alpha;
    bool dense;     /* own output: hearing b is a full matrix, as what is said depends on the belief (eq. 6) */
    double *maps;   /* m + 1 packed upper triangles: T_k((1-alpha)z + alpha(2b/m - 1)) in column k; dense: (n + 1)^2 each */
    double *speech; /* m rows of n + 1: P(at least b of the m labels are label 1 | x), b = 1 .. m */
    double tail;    /* summed sizes of the neglected coefficients of the speech functions */
    double aliased; /* size of the last sampled coefficients: error of the kept ones */
    double doubt;   /* estimated error of E[r] at the last law */
    double *message; /* m + 1 probabilities of hearing b */
    double *spoken;  /* m tail probabilities of what is said */
    double *moments; /* n + 1 */
    double *kernel;  /* 1 - P packed (or dense), with 1 in the first place */
    double *factor;  /* dense: room for the factors of the kernel */
    int *pivots;     /* dense: n + 1 */
    double *work;    /* (m + 2)(n + 1) */
    double *response; /* m rows of n + 1: d E[T_k after hearing] / d (tail probability c) */
    double *matrix;  /* m x m and room for dgeev */
} belief_law;

/* What the agents of a law do: bandwidth m, rates alpha and self, and whether a listener speaks in the same interaction. */
typedef struct {
    double alpha, bandwidth, self;
    bool mutual;
} belief_agent;

/* Size of a packed upper triangle with columns 0 .. n. */
static inline size_t packed(size_t n)
{
    return (n + 1) * (n + 2) / 2;
}

/* Column k of a map or of the kernel, and how many rows it has. */
static inline size_t belief_rows(const belief_law *self, size_t k)
{
    return self->dense ? self->n + 1 : k + 1;
}
static inline double *belief_column(const belief_law *self, double *map, size_t k)
{
    return map + (self->dense ? k * (self->n + 1) : k ? packed(k - 1) : 0);
}
static inline size_t belief_map_size(const belief_law *self)
{
    return self->dense ? (self->n + 1) * (self->n + 1) : packed(self->n);
}

/* QSG_EMODEL unless K = 2, identical agents without zealots, adoption bias or graph, and m <= 64 or inf (then without own
 * output); broadcast is refused too. */
qsg_status belief_check(const qsg_model *model, const char *who, qsg_error *error);

/* How many Chebyshev moments to keep: coefficients below `negligible` are dropped, within least .. most. */
typedef struct {
    size_t least, most;
    double negligible;
} belief_degree;
#define BELIEF_FULL ((belief_degree){8, 1024, 1e-15})

/* Build maps and speech functions for the channel. */
qsg_status belief_init(belief_law *self, const belief_agent *agent, const qsg_channel *channel, belief_degree degree,
                       qsg_error *error);
void belief_free(belief_law *self);

/* Tail probabilities P(B >= b), b = 1 .. m, of B ~ Binomial(m, r), and the law itself, m + 1 numbers. */
void belief_tails(size_t m, double r, double *law, double *tails);

/* Stationary moments for the message law in self->message. */
qsg_status belief_stationary(belief_law *self, qsg_error *error);

/* The law at mean message R (eq. 8): message, moments; *heard = mean of what is said in return.
 * self->message is the first guess when `warm`. */
qsg_status belief_at(belief_law *self, double R, bool warm, double *heard, qsg_error *error);

/* Set self->message from the moments, at kinetic time: what a random speaker says. */
void belief_speak(belief_law *self, const double *moments, double *message);

/* Form 1 - P of the message law in self->kernel. */
void belief_kernel(belief_law *self);

/* Put 1 + rate - (1-alpha)^k on the diagonal of the kernel; the constants keep their 1.  Dense: factor kernel + 1 + rate. */
qsg_status belief_shift(belief_law *self, double rate, qsg_error *error);

/* Solve with the shifted kernel ('N') or its transpose ('T'), `rows` right sides of n + 1 numbers in place. */
qsg_status belief_solve(const belief_law *self, char transpose, double *x, size_t rows, qsg_error *error);

double belief_dot(const double *a, const double *b, size_t n);

/* QSG_ENUMERIC when the doubt about the last law exceeds 1e-5: the channel is too steep for its degree. */
qsg_status belief_resolved(const belief_law *self, double R, qsg_error *error);

/* The functions (1 + rate - P)^{-1} v_b into work (m rows), the feedback matrix M_bc into matrix (eq. 10); the kernel of
 * the law and its response must stand. */
qsg_status belief_feedback_matrix(belief_law *self, double rate, qsg_error *error);

/* Largest multiplier of the feedback at growth rate `rate` (eq. 10): 1 at a growth rate, slope of the map at 0. */
qsg_status belief_feedback(belief_law *self, double rate, double *multiplier, qsg_error *error);

/* Slope and growth rate at a consensus of a channel that keeps it (upper: on label 1), by the histories of single
 * messages, exact also where the channel is no polynomial.  QSG_ENOEXIST with own output or where they are too long. */
bool belief_consensus_known(const belief_law *law, const qsg_channel *channel);
qsg_status belief_consensus(const belief_law *law, const qsg_channel *channel, bool upper, double *slope, double *rate,
                            qsg_error *error);

/* Leading growth rate at the law in self (per unit in which every agent listens once). */
qsg_status belief_growth(belief_law *self, double *rate, qsg_error *error);

/* The generator on functions without constants, P - 1 + sum_c v_c d_c (kinetic.md, eq. 3): n x n, row-major. */
void belief_generator(belief_law *self, double *matrix);

/* Make the dense maps of own output (belief_own.c); the law needs n, m and room. */
qsg_status belief_own_maps(belief_law *self, const belief_agent *agent, const qsg_channel *channel, qsg_error *error);

/* The chain of an agent that hears only itself: x -> (1-alpha) x + alpha b/m, b ~ Binomial(m, r(x)), on n + 1 Chebyshev
 * coefficients of functions, column-major. */
qsg_status belief_own_chain(double *map, size_t n, double alpha, size_t m, const qsg_channel *channel, qsg_error *error);

/* T_k(d z + e) as a packed upper triangle. */
void belief_map_triangle(double *map, size_t n, double d, double e);

/* Fill self->response from the moments. */
void belief_respond(belief_law *self);

/* Chebyshev coefficients 0 .. n of f on [0, 1], from `fine` + 1 Gauss-Lobatto values (in place, FFTW). */
qsg_status belief_coefficients(double *values, size_t fine, qsg_error *error);

/* The other way: values of a function with coefficients 0 .. n at the fine + 1 >= n + 1 nodes z = cos(pi j/fine). */
qsg_status belief_values(const double *coefficients, size_t n, size_t fine, double *values, qsg_error *error);

/* Weights of the same nodes: sum_j w_j f(x_j) = E[f] of the law with moments 0 .. n, for f of degree at most n. */
qsg_status belief_weights(const double *moments, size_t n, size_t fine, double *weights, qsg_error *error);

/* Root of a continuous function with a sign change in [low, high] (Brent, GSL). */
typedef qsg_status belief_function(double x, void *context, double *value, qsg_error *error);
qsg_status belief_root(belief_function *function, void *context, double low, double high, double tolerance,
                       double *root, qsg_error *error);

#endif
