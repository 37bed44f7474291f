/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"
START_TEST(a){}END_TEST
RUN_TESTS("x", a)
