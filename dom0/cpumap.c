/* SPDX-License-Identifier: BSD-2-Clause
 *
 * CPU sets as people write and read them; the syntax is that of cpus= in a configuration.
 */
#include "dom0/cpumap.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "dom0/config_value.h"

int cpumap_parse(const char *text, struct config_cpumap *map, struct error *err)
{
    struct cfg_value value = {.type = CFG_STRING, .text = (char *)(uintptr_t)text};
    struct error ignored = {0};

    memset(map, 0, sizeof(*map));
    value.pos.file = "";
    if (config_value_cpus(&value, map, &ignored) == 0)
        return 0;
    return error_set(err, ERROR_USAGE, "'%.60s' names no CPUs: write \"all\" or numbers below %d "
                     "like 0-3,^2,5", text, CONFIG_MAX_CPUS);
}

static bool has(const struct config_cpumap *map, unsigned cpu, unsigned cpus)
{
    return cpu < cpus && cpu < CONFIG_MAX_CPUS && map->bits[cpu / 8] & 1u << cpu % 8;
}

void cpumap_format(const struct config_cpumap *map, unsigned cpus, char *text, size_t size)
{
    unsigned in_it = 0;
    size_t used = 0;

    for (unsigned cpu = 0; cpu < cpus; cpu++)
        in_it += has(map, cpu, cpus);
    snprintf(text, size, "%s", in_it == 0 ? "none" : "all");
    if (in_it == 0 || in_it == cpus)
        return;
    for (unsigned first = 0; first < cpus && used < size; first++) {
        unsigned last = first;

        if (!has(map, first, cpus))
            continue;
        while (has(map, last + 1, cpus))
            last++;
        used += (size_t)snprintf(text + used, size - used, last > first ? "%s%u-%u" : "%s%u",
                                 used ? "," : "", first, last);
        first = last;
    }
}
