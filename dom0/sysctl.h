/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Questions to the hypervisor about the whole machine (xen/sysctl.h). 0 or -errno.
 */
#ifndef DOM0_SYSCTL_H
#define DOM0_SYSCTL_H

#include "dom0/hyper.h"

int sysctl_physinfo(struct hyper *hyper, struct xen_sysctl_physinfo *info);
int sysctl_scheduler(struct hyper *hyper, uint32_t *id);

/* As if these keys were typed at the hypervisor's console. -E2BIG: too many at once. */
int sysctl_debug_keys(struct hyper *hyper, const char *keys, uint32_t count);

/* Part of the console ring from *index on, at most `size` bytes; *index moves on. Returns the bytes
 * stored, 0 at the end, or -errno. */
int sysctl_console(struct hyper *hyper, uint32_t *index, char *text, uint32_t size, bool clear);

#endif
