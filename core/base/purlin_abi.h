/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Purlin's own hypercall, for what Xen's ABI has no call for: docs/HYPERCALLS.md. Number
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

#endif
