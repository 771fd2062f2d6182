/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between the files of __HYPERVISOR_sysctl (Xen public sysctl.h). A handler changes the copy of the
 * structure, which goes back to the caller when it returns 0.
 */
#ifndef CORE_SYSCTL_H
#define CORE_SYSCTL_H

#include "core/base/types.h"
#include "core/base/xen_abi.h"

/* sysctl_pool.c: CPU pools, of which there is one, and its scheduler. */
int sysctl_cpupool(struct xen_sysctl *op);
int sysctl_scheduler(struct xen_sysctl *op);

#endif
