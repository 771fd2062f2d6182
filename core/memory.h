/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between the files of __HYPERVISOR_memory_op (Xen public memory.h): how one call's progress and
 * budget are kept. memory.c dispatches; memory_reservation.c and memory_physmap.c do the work.
 */
#ifndef CORE_MEMORY_H
#define CORE_MEMORY_H

#include "core/domain.h"

struct memory_call {
    gva_t arg;       /* the structure, untrusted; its copy is below */
    union {
        struct xen_memory_domain of;
        struct xen_add_to_physmap add;
        struct xen_add_to_physmap_batch batch;
        struct xen_remove_from_physmap remove;
        struct xen_mem_acquire_resource resource;
        struct xen_memory_reservation reservation;
    } u;
    struct domain *domain; /* that the structure names; the caller may control it */
    uint64_t start;  /* extents done by earlier chunks of this call, from cmd >> 6 */
    unsigned spent;  /* EL2 instructions of this chunk, estimated */
};

/* Accounts for `cost` instructions; true when the chunk must end before the next item. */
bool memory_chunk_ends(struct memory_call *c, unsigned cost);

/*
 * The calls. Each returns its result, -errno, or -ERESTART with c->start saying how far it is.
 * -ENOMEM while memory is on its way becomes -ERESTART in memory.c.
 */
int64_t memory_populate_physmap(struct memory_call *c);
int64_t memory_decrease_reservation(struct memory_call *c);
int64_t memory_add_to_physmap(struct memory_call *c);
int64_t memory_add_to_physmap_batch(struct memory_call *c);
int64_t memory_remove_from_physmap(struct memory_call *c);
int64_t memory_acquire_resource(struct memory_call *c);

#endif
