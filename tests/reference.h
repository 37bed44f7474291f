/* data/classic/reference_values.tsv, row by row.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_TEST_REFERENCE_H
#define QSG_TEST_REFERENCE_H

#include "harness.h"

/* Call `row` with the parameters and value (as text, which shows its digits) of every row of `quantity`; how many. */
static inline int for_reference(const char *quantity, void (*row)(const char *parameters, const char *value))
{
    const char *directory = getenv("QSG_DATADIR");
    char path[1024], line[512], name[64], parameters[128], value[64];
    int n = 0;
    snprintf(path, sizeof path, "%s/data/classic/reference_values.tsv", directory ? directory : ".");
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "cannot read %s; set QSG_DATADIR to the source tree", path);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "%63[^\t]\t%127[^\t]\t%63[^\t]", name, parameters, value) == 3 &&
            strcmp(name, quantity) == 0) {
            row(parameters, value);
            n++;
        }
    fclose(file);
    return n;
}

/* The number behind "NAME=" in "K=2,p=1/K,q=0.1"; the test fails when it is not there. */
static inline double parameter(const char *parameters, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = parameters; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, name, length) == 0 && at[length] == '=')
            return strtod(at + length + 1, NULL);
    }
    ck_abort_msg("no %s in %s", name, parameters);
    return NAN;
}

/* Half a unit in the last digit that the text shows, and a little for rounding by hand. */
static inline double last_digit(const char *value)
{
    const char *dot = strchr(value, '.'), *exponent = strpbrk(value, "eE");
    size_t digits = dot ? strspn(dot + 1, "0123456789") : 0;
    return 0.51 * pow(10, -(double)digits) * (exponent ? pow(10, strtod(exponent + 1, NULL)) : 1);
}

#endif
