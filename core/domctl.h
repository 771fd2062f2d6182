/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between the files of __HYPERVISOR_domctl (Xen public domctl.h). A handler gets the domain that
 * the call names and the structure's copy; it returns 0, -errno, or -ERESTART to go on with the
 * structure as it left it. -ENOMEM while memory is on its way becomes -ERESTART in domctl.c. All
 * run under domctl's lock.
 */
#ifndef CORE_DOMCTL_H
#define CORE_DOMCTL_H

#include "core/domain.h"

typedef int (*domctl_fn)(struct domain *d, struct xen_domctl *op);

/* domctl_vcpu.c */
int domctl_vcpu_create_all(struct domain *d, struct xen_domctl *op); /* max_vcpus */
int domctl_vcpu_set_context(struct domain *d, struct xen_domctl *op);
int domctl_vcpu_get_context(struct domain *d, struct xen_domctl *op);
int domctl_vcpu_get_info(struct domain *d, struct xen_domctl *op);
int domctl_vcpu_affinity(struct domain *d, struct xen_domctl *op); /* set and get */

/* domctl_memory.c */
int domctl_memory_max(struct domain *d, struct xen_domctl *op);
int domctl_memory_set_pool(struct domain *d, struct xen_domctl *op);
int domctl_memory_get_pool(struct domain *d, struct xen_domctl *op);
int domctl_memory_cacheflush(struct domain *d, struct xen_domctl *op);

#endif
