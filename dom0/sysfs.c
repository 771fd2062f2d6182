/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reading sysfs and procfs. Owns no state.
 */
#include "dom0/sysfs.h"

#include <inttypes.h>
#include <stdio.h>

uint64_t sysfs_number(const char *dir, const char *name)
{
    char path[256];
    uint64_t value = 0;
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    file = fopen(path, "re");
    if (!file)
        return 0;
    if (fscanf(file, "%" SCNu64, &value) != 1)
        value = 0;
    fclose(file);
    return value;
}

double sysfs_uptime(void)
{
    FILE *file = fopen("/proc/uptime", "re");
    double uptime = 0;

    if (!file)
        return 0;
    if (fscanf(file, "%lf", &uptime) != 1)
        uptime = 0;
    fclose(file);
    return uptime;
}
