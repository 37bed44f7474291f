/* qsg: theory toolkit of collective belief.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_H
#define QSG_H

#include <qsg/status.h>
#include <qsg/result.h>
#include <qsg/graph.h>
#include <qsg/model.h>
#include <qsg/contacts.h>
#include <qsg/channel.h>
#include <qsg/moments.h>
#include <qsg/coalescent.h>
#include <qsg/fixation.h>
#include <qsg/chain.h>
#include <qsg/flag.h>
#include <qsg/critical_mass.h>
#include <qsg/wright_fisher.h>
#include <qsg/absorption.h>
#include <qsg/innovation.h>
#include <qsg/adiabatic.h>
#include <qsg/broadcast.h>
#include <qsg/kinetic.h>
#include <qsg/influence.h>
#include <qsg/pairs.h>
#include <qsg/predict.h>
#include <qsg/drift.h>
#include <qsg/spectral.h>
#include <qsg/fokker_planck.h>
#include <qsg/simplex.h>
#include <qsg/density.h>
#include <qsg/labels.h>
#include <qsg/simulate.h>
#include <qsg/paths.h>
#include <qsg/compare.h>
#include <qsg/sweep.h>
#include <qsg/trajectory.h>
#include <qsg/transcript.h>
#include <qsg/coordination.h>
#include <qsg/fit_neutral.h>
#include <qsg/fit.h>
#include <qsg/compare_data.h>
#include <qsg/validate.h>

#endif
