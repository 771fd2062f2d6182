/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Numbers that Dom0's kernel tells in small files.
 */
#ifndef DOM0_SYSFS_H
#define DOM0_SYSFS_H

#include <stdint.h>

/* The number in dir/name; 0 when there is no such file. */
uint64_t sysfs_number(const char *dir, const char *name);

/* Seconds since Dom0 booted, from /proc/uptime; 0 when unknown. */
double sysfs_uptime(void);

#endif
