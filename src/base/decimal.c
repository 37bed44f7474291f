/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/decimal.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { DIGITS = 15, STEP = 27 }; /* 10^27 = 2^27 5^27 is exact in 64 bits */

/* |value| 10^(DIGITS - 1 - exponent): three roundings, off by 3 2^-64 of itself at most. */
static long double scale(double value, int exponent)
{
    static const long double small[STEP] = {1e0L, 1e1L, 1e2L, 1e3L, 1e4L, 1e5L, 1e6L, 1e7L, 1e8L, 1e9L, 1e10L, 1e11L,
                                            1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L, 1e21L,
                                            1e22L, 1e23L, 1e24L, 1e25L, 1e26L};
    static const long double large[] = {1e0L, 1e27L, 1e54L, 1e81L, 1e108L, 1e135L, 1e162L, 1e189L, 1e216L, 1e243L,
                                        1e270L, 1e297L, 1e324L};
    const int power = DIGITS - 1 - exponent, size = power < 0 ? -power : power;
    const long double x = fabsl((long double)value);
    return power < 0 ? x / large[size / STEP] / small[size % STEP] : x * large[size / STEP] * small[size % STEP];
}

/* value = 0.d1d2..d15 10^(exponent + 1) to 15 digits, read as one whole number; false when 64 bits cannot tell
 * which. */
static bool round_digits(double value, uint64_t *digits, int *exponent)
{
    const long double one = 1e15L, unsure = 0x1p-10L; /* the error of `scale` is below 3 2^-14 there */
    *exponent = (int)floor(ilogb(value) * 0.30102999566398120);
    long double scaled = scale(value, *exponent);
    if (scaled >= one)
        scaled = scale(value, ++*exponent);
    *digits = (uint64_t)scaled;
    const long double rest = scaled - (long double)*digits;
    if (fabsl(rest - 0.5L) < unsure)
        return false;
    *digits += rest > 0.5L;
    if (*digits == 1000000000000000) {
        *digits /= 10;
        ++*exponent;
    }
    return true;
}

/* The digits with a point behind the first `whole` of them (0: a leading "0." and `zeros` zeros). */
static size_t put_digits(const char *text, int n, int whole, int zeros, char *out)
{
    size_t at = 0;
    if (whole == 0)
        out[at++] = '0';
    for (int i = 0; i < whole; i++)
        out[at++] = i < n ? text[i] : '0';
    if (n > whole)
        out[at++] = '.';
    for (int i = 0; i < zeros; i++)
        out[at++] = '0';
    for (int i = whole; i < n; i++)
        out[at++] = text[i];
    return at;
}

/* e-07, e+23, e-301 */
static size_t put_exponent(int exponent, char *out)
{
    const int size = exponent < 0 ? -exponent : exponent;
    size_t at = 0;
    out[at++] = 'e';
    out[at++] = exponent < 0 ? '-' : '+';
    if (size >= 100)
        out[at++] = (char)('0' + size / 100);
    out[at++] = (char)('0' + size / 10 % 10);
    out[at++] = (char)('0' + size % 10);
    return at;
}

size_t decimal_format(double value, char out[static 32])
{
    uint64_t digits;
    int exponent, n = DIGITS;
    char text[DIGITS];
    if (LDBL_MANT_DIG < 64 || LDBL_MAX_10_EXP < 400 || value == 0 || !round_digits(value, &digits, &exponent))
        return (size_t)snprintf(out, 32, "%.15g", value);
    for (int i = DIGITS; i-- > 0; digits /= 10)
        text[i] = (char)('0' + digits % 10);
    while (n > 1 && text[n - 1] == '0')
        n--;
    size_t at = 0;
    if (signbit(value))
        out[at++] = '-';
    if (exponent >= 0 && exponent < DIGITS) {
        at += put_digits(text, n, exponent + 1, 0, out + at);
    } else if (exponent < 0 && exponent >= -4) {
        at += put_digits(text, n, 0, -exponent - 1, out + at);
    } else {
        at += put_digits(text, n, 1, 0, out + at);
        at += put_exponent(exponent, out + at);
    }
    out[at] = 0;
    return at;
}
