/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Purlin's own hypercalls, for what Xen's ABI has no call for: docs/HYPERCALLS.md. Number
 * PURLIN_HYPERCALL, x0 = PURLIN_OP_*, x1 = address of the operation's structure. Of the privileged
 * domain only. Shared with Dom0's tools.
 */
#ifndef CORE_BASE_PURLIN_ABI_H
#define CORE_BASE_PURLIN_ABI_H

#include <stdint.h>

#define PURLIN_HYPERCALL 48 /* __HYPERVISOR_arch_0 */
#define PURLIN_ABI_VERSION 1

/* Returns PURLIN_ABI_VERSION; no structure. Xen answers -ENOSYS. */
#define PURLIN_OP_version 0
/* Copies between the caller's memory and a domain's RAM. */
#define PURLIN_OP_copy 1

#define PURLIN_COPY_to_domain 0
#define PURLIN_COPY_from_domain 1

/* The last three are advanced by what was done, whatever the result. */
struct purlin_copy {
    uint32_t version;   /* PURLIN_ABI_VERSION, else -EACCES */
    uint16_t domid;
    uint16_t direction; /* PURLIN_COPY_* */
    uint64_t address;   /* guest physical */
    uint64_t buffer;    /* the caller's virtual address */
    uint64_t bytes;
};

/* __HYPERVISOR_arch_1(struct purlin_stats *): what a domain has cost. Dom0 only. 0, or -EPERM;
 * -EACCES: another version; -ESRCH: no such domain; -EFAULT. */
#define PURLIN_STATS_VERSION 1u
#define PURLIN_STATS_TRAPS 64u     /* values of ESR_EL2.EC */
#define PURLIN_STATS_GRANT_OPS 16u /* values of GNTTABOP_* */

/* Counted from a domain's creation, summed over its vCPUs. */
struct purlin_counts {
    uint64_t hypercalls;
    uint64_t interrupts;   /* exits for a physical interrupt */
    uint64_t upcalls;      /* times that an event was announced to a vCPU that had none pending */
    uint64_t switches;     /* times that a vCPU was loaded on a CPU */
    uint64_t traps[PURLIN_STATS_TRAPS];
    uint64_t grant_ops[PURLIN_STATS_GRANT_OPS]; /* of the caller; each one of a batch */
};

struct purlin_stats {
    uint32_t version;      /* in */
    uint32_t domid;        /* in */
    uint32_t watch_s;      /* in: keep CPU times free of what guests spend in WFI for so long */
    uint32_t is_capped;    /* stands still now, for having used up its cap */
    uint64_t cpu_ns;       /* from its creation on */
    uint64_t untrapped_ns; /* part of cpu_ns in which WFI did not trap: some of it may be idle */
    uint64_t grants_mapped; /* mappings of others' pages now */
    struct purlin_counts counts;
};

#endif
