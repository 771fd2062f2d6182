/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One number and a unit.
 */
#include "dom0/memsize.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define KIB_MIN 1024u
#define KIB_MAX (1ull << 30)

/* KiB in a unit, 0: none. */
static uint64_t unit_kib(const char *unit)
{
    char letter = (char)tolower((unsigned char)unit[0]);

    if (unit[0] && unit[1] && strcasecmp(unit + 1, "b") != 0 && strcasecmp(unit + 1, "ib") != 0)
        return 0;
    switch (letter) {
    case 'k':
        return 1;
    case '\0':
    case 'm':
        return 1024;
    case 'g':
        return 1024 * 1024;
    default:
        return 0;
    }
}

int memsize_parse(const char *text, uint64_t *kib, struct error *err)
{
    char *end;
    unsigned long long number = strtoull(text, &end, 10);
    uint64_t unit = unit_kib(end);

    if (isdigit((unsigned char)text[0]) && unit && number <= KIB_MAX / unit &&
        number * unit >= KIB_MIN) {
        *kib = number * unit;
        return 0;
    }
    return error_set(err, ERROR_USAGE, "'%.40s' is no amount of memory: write MiB, or a number "
                     "with k, m or g, like 512 or 2g", text);
}
