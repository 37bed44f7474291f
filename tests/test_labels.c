/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"
START_TEST(x)
{
}
END_TEST
RUN_TESTS("labels", x)
