/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Domain control (xen/domctl.h), one function a sub-operation. All return 0 or the hypervisor's
 * -errno.
 */
#ifndef DOM0_DOMCTL_H
#define DOM0_DOMCTL_H

#include "dom0/config.h"
#include "dom0/hyper.h"

struct domctl_create {
    uint8_t uuid[16];
    uint32_t max_vcpus;
    uint32_t spis;            /* shared interrupts, from INTID 32 on */
    bool has_pmu;             /* it gets performance monitors */
    uint8_t gic_version;      /* out: XEN_DOMCTL_CONFIG_GIC_* */
    uint32_t clock_frequency; /* out: Hz, or 0 */
};

int domctl_create(struct hyper *hyper, struct domctl_create *args, domid_t *domid);
int domctl_max_vcpus(struct hyper *hyper, domid_t domid, uint32_t count);
int domctl_max_memory(struct hyper *hyper, domid_t domid, uint64_t kib);

/* The pool for the domain's page tables. A hypervisor that has no such pool answers -ENOSYS or
 * -EOPNOTSUPP, which is success here. */
int domctl_table_pool(struct hyper *hyper, domid_t domid, uint64_t bytes);
int domctl_set_64bit(struct hyper *hyper, domid_t domid);
int domctl_affinity(struct hyper *hyper, domid_t domid, uint32_t vcpu,
                    const struct config_cpumap *map);

/* Weight (0: leave) and cap under the machine's scheduler. */
int domctl_schedule(struct hyper *hyper, domid_t domid, uint16_t weight, uint16_t cap);

/* Makes what Dom0 wrote visible to a guest that runs with its caches off. */
int domctl_cache_flush(struct hyper *hyper, domid_t domid, uint64_t gfn, uint64_t count);

/* An emulated SBSA UART, of a domain that has at least one shared interrupt: its ring is in the
 * page gfn; *port is the event channel for the console daemon in Dom0. */
int domctl_vuart(struct hyper *hyper, domid_t domid, uint64_t gfn, uint32_t *port);

/* Registers of the boot vCPU: arm64 Linux boot protocol, MMU off, x0 = device tree. */
int domctl_boot_vcpu(struct hyper *hyper, domid_t domid, uint64_t pc, uint64_t dtb);
/* Registers of a vCPU that does not run. -ENODATA when it was never started. */
int domctl_get_vcpu(struct hyper *hyper, domid_t domid, uint32_t vcpu,
                    struct vcpu_guest_context *context);
int domctl_set_uuid(struct hyper *hyper, domid_t domid, const uint8_t uuid[16]);
int domctl_pause(struct hyper *hyper, domid_t domid);
int domctl_unpause(struct hyper *hyper, domid_t domid);

/* Repeats until the hypervisor has given everything back. */
int domctl_destroy(struct hyper *hyper, domid_t domid);

/* The domain with the lowest id from `first` on; -ESRCH when there is none. */
int domctl_next(struct hyper *hyper, domid_t first, struct xen_domctl_getdomaininfo *info);

/* -ESRCH when there is no domain of exactly this id. */
int domctl_info(struct hyper *hyper, domid_t domid, struct xen_domctl_getdomaininfo *info);

/* Dying, or not there any more. */
bool domctl_is_gone(struct hyper *hyper, domid_t domid);

#endif
