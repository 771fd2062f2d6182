/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sets of physical CPUs in words. Pure.
 */
#ifndef DOM0_CPUMAP_H
#define DOM0_CPUMAP_H

#include <stddef.h>

#include "dom0/config.h"

/* "all", "0-3,^2,5". ERROR_USAGE, naming the text. */
int cpumap_parse(const char *text, struct config_cpumap *map, struct error *err);

/* "0-3,5" of the first `cpus` CPUs; "all" when all of them are in it, "none". */
void cpumap_format(const struct config_cpumap *map, unsigned cpus, char *text, size_t size);

#endif
