/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * __HYPERVISOR_memory_op (Xen public memory.h): dispatch, continuation, and the calls that only
 * look. Progress of a long call stands in its command, from bit MEMOP_EXTENT_SHIFT on, so that it
 * continues alone or in a multicall. No lock.
 */
#include "core/memory.h"

#include "core/base/bits.h"
#include "core/base/errors.h"
#include "core/hypercall.h"
#include "core/reclaim.h"
#include "mm/guest_mem.h"
#include "mm/page_alloc.h"

#define MEMOP_EXTENT_SHIFT 6u
#define MEMOP_CMD_MASK ((1u << MEMOP_EXTENT_SHIFT) - 1)

bool memory_chunk_ends(struct memory_call *c, unsigned cost)
{
    c->spent += cost;
    return c->spent >= HYPERCALL_BUDGET || hypercall_preempt_check();
}

int memory_target(domid_t id, struct domain **out)
{
    struct domain *d = domain_by_id(id);

    if (!d)
        return -ESRCH;
    *out = d;
    return domain_may_control(domain_current(), d);
}

static int read_domain(struct memory_call *c, struct domain **out)
{
    struct xen_memory_domain m;

    if (guest_mem_read(&m, c->arg, sizeof(m)))
        return -EFAULT;
    return memory_target(m.domid, out);
}

static int64_t current_reservation(struct memory_call *c)
{
    struct domain *d;
    int rc = read_domain(c, &d);

    return rc ? rc : (int64_t)d->pages_allocated;
}

static int64_t maximum_reservation(struct memory_call *c)
{
    struct domain *d;
    int rc = read_domain(c, &d);

    return rc ? rc : (int64_t)d->pages_max;
}

static int64_t maximum_gpfn(struct memory_call *c)
{
    struct domain *d;
    int rc = read_domain(c, &d);

    return rc ? rc : (int64_t)d->gfn_max;
}

static int64_t maximum_ram_page(struct memory_call *c)
{
    (void)c;
    return (int64_t)page_max_mfn();
}

/* Nothing is shared by content here. */
static int64_t sharing_pages(struct memory_call *c)
{
    (void)c;
    return 0;
}

/* Xen public memory.h, XENMEM_claim_pages: only giving a claim up is implemented. */
static int64_t claim_pages(struct memory_call *c)
{
    struct xen_memory_reservation r;
    struct domain *d;
    int rc;

    if (!domain_current()->is_privileged)
        return -EPERM;
    if (guest_mem_read(&r, c->arg, sizeof(r)))
        return -EFAULT;
    rc = memory_target(r.domid, &d);
    if (rc)
        return rc;
    if (r.extent_order || r.mem_flags)
        return -EINVAL;
    return r.nr_extents ? -EOPNOTSUPP : 0;
}

static int64_t unsupported(struct memory_call *c)
{
    (void)c;
    return -EOPNOTSUPP;
}

static int64_t (*const memory_ops[MEMOP_CMD_MASK + 1])(struct memory_call *) = {
    [XENMEM_increase_reservation] = unsupported, /* pages that are nowhere: for PV guests */
    [XENMEM_decrease_reservation] = memory_decrease_reservation,
    [XENMEM_populate_physmap] = memory_populate_physmap,
    [XENMEM_maximum_ram_page] = maximum_ram_page,
    [XENMEM_current_reservation] = current_reservation,
    [XENMEM_maximum_reservation] = maximum_reservation,
    [XENMEM_maximum_gpfn] = maximum_gpfn,
    [XENMEM_add_to_physmap] = memory_add_to_physmap,
    [XENMEM_add_to_physmap_batch] = memory_add_to_physmap_batch,
    [XENMEM_remove_from_physmap] = memory_remove_from_physmap,
    [XENMEM_acquire_resource] = memory_acquire_resource,
    [XENMEM_get_sharing_freed_pages] = sharing_pages,
    [XENMEM_get_sharing_shared_pages] = sharing_pages,
    [XENMEM_claim_pages] = claim_pages,
    [XENMEM_access_op] = unsupported,
    [XENMEM_get_vnumainfo] = unsupported,
};

int64_t memory_hypercall(uint64_t cmd, uint64_t arg, uint64_t a2, uint64_t a3, uint64_t a4)
{
    uint64_t op = cmd & MEMOP_CMD_MASK;
    struct memory_call c = { .arg = gva(arg), .start = cmd >> MEMOP_EXTENT_SHIFT };
    int64_t rc;

    (void)a2, (void)a3, (void)a4;
    if (!memory_ops[op])
        return -ENOSYS;
    rc = memory_ops[op](&c);
    if (rc == -ERESTART || (rc == -ENOMEM && reclaim_progress()))
        return hypercall_continue(op | c.start << MEMOP_EXTENT_SHIFT, arg, 0, 0, 0);
    return rc;
}
