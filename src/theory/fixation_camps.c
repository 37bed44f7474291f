/* Three camps in a field: the diffusion on the simplex of their shares (doc/theory/fixation.md, eq. 12).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "qsg/simplex.h"
#include "theory/fixation_camps.h"

#define COARSE 32
#define FINE 64
#define SETTLED 1e-8
#define LATEST 60.0

/* Shares of probability at the corners when nearly all of it is there; what is left over is divided alike. */
static qsg_status win(size_t side, const double selection[3], const double p[3], double wins[3], qsg_error *error)
{
    static const double none[3] = {0};
    double edges[3], sum = 0;
    qsg_simplex simplex = {0};
    qsg_status status = qsg_simplex_init(&simplex, side, none, selection, error);
    if (!status)
        status = qsg_simplex_start_point(&simplex, p, error);
    for (double tau = 1; !status && tau <= LATEST && !(sum > 1 - SETTLED); tau++) {
        status = qsg_simplex_advance(&simplex, tau, error);
        qsg_simplex_atoms(&simplex, wins, edges);
        sum = wins[0] + wins[1] + wins[2];
    }
    qsg_simplex_free(&simplex);
    if (!status && !(sum > 1 - 1e-4))
        status = qsg_fail(error, QSG_ENUMERIC, "the diffusion of three camps does not settle (%g left)", 1 - sum);
    for (int k = 0; k < 3 && !status; k++)
        wins[k] /= sum;
    return status;
}

qsg_status fixation_three_camps(const double selection[3], const double p[3], double wins[3], double *accuracy,
                                qsg_error *error)
{
    double coarse[3], fine[3], worst = 0, sum = 0;
    qsg_status status = win(COARSE, selection, p, coarse, error);
    if (!status)
        status = win(FINE, selection, p, fine, error);
    if (status)
        return status;
    for (int k = 0; k < 3; k++) { /* second order in 1/side */
        worst = fmax(worst, fabs(fine[k] - coarse[k]) / 3);
        wins[k] = fmax(0, (4 * fine[k] - coarse[k]) / 3);
        sum += wins[k];
    }
    for (int k = 0; k < 3; k++)
        wins[k] /= sum;
    *accuracy = worst;
    return QSG_OK;
}
