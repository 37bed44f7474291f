/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_H
#define QSG_H

#include <qsg/status.h>
#include <qsg/result.h>
#include <qsg/model.h>
#include <qsg/channel.h>
#include <qsg/moments.h>
#include <qsg/coalescent.h>
#include <qsg/predict.h>
#include <qsg/adiabatic.h>
#include <qsg/kinetic.h>

#endif
