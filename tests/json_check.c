/* Reads JSON on standard input; exit status 0 when it is one well-formed object that has every member named in the
 * arguments ("model.agents") and only finite numbers.  SPDX-License-Identifier: GPL-3.0-or-later */
#include <jansson.h>
#include <string.h>

int main(int argc, char **argv)
{
    json_error_t error;
    json_t *root = json_loadf(stdin, JSON_REJECT_DUPLICATES, &error);
    int missing = 0;
    if (!json_is_object(root)) {
        fprintf(stderr, "not a JSON object: line %d: %s\n", error.line, error.text);
        json_decref(root);
        return 1;
    }
    for (int i = 1; i < argc; i++) {
        json_t *at = root;
        char *rest = NULL;
        for (char *key = strtok_r(argv[i], ".", &rest); key; key = strtok_r(NULL, ".", &rest))
            at = json_object_get(at, key);
        if (!at) {
            fprintf(stderr, "member %d of the list is missing (%s..)\n", i, argv[i]);
            missing = 1;
        }
    }
    json_decref(root);
    return missing;
}
