/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness.h"

START_TEST(test_stub)
{
}
END_TEST

RUN_TESTS("chain", test_stub)
