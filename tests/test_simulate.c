#include "harness.h"
START_TEST(x){} END_TEST
RUN_TESTS("x", x)
