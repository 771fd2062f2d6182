/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * __HYPERVISOR_memory_op (Xen public memory.h): dispatch, continuation, and the calls that only
 * look. Progress of a long call stands in its command, from bit MEMOP_EXTENT_SHIFT on, so that it
 * continues alone or in a multicall. No lock.
 */
#include "core/memory.h"

#include "core/base/errors.h"
#include "core/hypercall.h"
#include "core/reclaim.h"
#include "mm/guest_mem.h"

#define MEMOP_EXTENT_SHIFT 6u
#define MEMOP_CMD_MASK ((1u << MEMOP_EXTENT_SHIFT) - 1)

bool memory_chunk_ends(struct memory_call *c, unsigned cost)
{
    c->spent += cost;
    return c->spent >= HYPERCALL_BUDGET || hypercall_preempt_check();
}

static int64_t current_reservation(struct memory_call *c) { return c->domain->pages_allocated; }
static int64_t maximum_reservation(struct memory_call *c) { return c->domain->pages_max; }
static int64_t maximum_gpfn(struct memory_call *c) { return (int64_t)c->domain->gfn_max; }

static int64_t maximum_ram_page(struct memory_call *) { return (int64_t)page_max_mfn(); }

/* Nothing is shared by content here. */
static int64_t sharing_pages(struct memory_call *) { return 0; }

/* Xen public memory.h, XENMEM_claim_pages: only giving a claim up is implemented. */
static int64_t claim_pages(struct memory_call *c)
{
    const struct xen_memory_reservation *r = &c->u.reservation;

    if (!domain_current()->is_privileged)
        return -EPERM;
    return r->extent_order || r->mem_flags ? -EINVAL : r->nr_extents ? -EOPNOTSUPP : 0;
}

static int64_t unsupported(struct memory_call *) { return -EOPNOTSUPP; }

/* What is read before a call: its structure, and where in it the domain is named. */
static const struct memory_op {
    int64_t (*call)(struct memory_call *c);
    uint16_t bytes, domid;
} memory_ops[MEMOP_CMD_MASK + 1] = {
#define OP(type, call) { call, sizeof(struct type), offsetof(struct type, domid) }
    [XENMEM_increase_reservation] = { unsupported, 0, 0 }, /* pages nowhere: for PV guests */
    [XENMEM_decrease_reservation] = OP(xen_memory_reservation, memory_decrease_reservation),
    [XENMEM_populate_physmap] = OP(xen_memory_reservation, memory_populate_physmap),
    [XENMEM_maximum_ram_page] = { maximum_ram_page, 0, 0 },
    [XENMEM_current_reservation] = OP(xen_memory_domain, current_reservation),
    [XENMEM_maximum_reservation] = OP(xen_memory_domain, maximum_reservation),
    [XENMEM_maximum_gpfn] = OP(xen_memory_domain, maximum_gpfn),
    [XENMEM_add_to_physmap] = OP(xen_add_to_physmap, memory_add_to_physmap),
    [XENMEM_add_to_physmap_batch] = OP(xen_add_to_physmap_batch, memory_add_to_physmap_batch),
    [XENMEM_remove_from_physmap] = OP(xen_remove_from_physmap, memory_remove_from_physmap),
    [XENMEM_acquire_resource] = OP(xen_mem_acquire_resource, memory_acquire_resource),
    [XENMEM_get_sharing_freed_pages] = { sharing_pages, 0, 0 },
    [XENMEM_get_sharing_shared_pages] = { sharing_pages, 0, 0 },
    [XENMEM_claim_pages] = OP(xen_memory_reservation, claim_pages),
    [XENMEM_access_op] = { unsupported, 0, 0 }, [XENMEM_get_vnumainfo] = { unsupported, 0, 0 },
#undef OP
};

static int64_t perform(const struct memory_op *op, struct memory_call *c)
{
    domid_t id;
    int rc = 0;

    if (!op->call)
        return -ENOSYS;
    if (op->bytes) {
        if (guest_mem_read(&c->u, c->arg, op->bytes))
            return -EFAULT;
        memcpy(&id, (const char *)&c->u + op->domid, sizeof(id));
        rc = domain_target(id, &c->domain);
    }
    return rc ? rc : op->call(c);
}

int64_t memory_hypercall(uint64_t cmd, uint64_t arg, uint64_t, uint64_t, uint64_t)
{
    uint64_t op = cmd & MEMOP_CMD_MASK;
    struct memory_call c = { .arg = gva(arg), .start = cmd >> MEMOP_EXTENT_SHIFT };
    int64_t rc = perform(&memory_ops[op], &c);

    if (rc == -ERESTART || (rc == -ENOMEM && reclaim_progress()))
        return hypercall_continue(2, op | c.start << MEMOP_EXTENT_SHIFT, arg, 0);
    return rc;
}
