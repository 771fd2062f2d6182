/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A domain's RAM growing and shrinking: populate_physmap and decrease_reservation. Both answer with
 * the number of extents done; what stops early is told by that number (Xen public memory.h).
 * A direct-mapped domain's pages stay allocated to it all the time; here they only come and go in
 * its address space.
 */
#include "core/base/errors.h"
#include "core/memory.h"
#include "core/memory_map.h"
#include "core/reclaim.h"
#include "mm/guest_mem.h"
#include "mm/page_alloc.h"

/* Estimated EL2 instructions: of an extent by its order, which is scrubbed with the allocation up
 * to 4, mapped page by page up to 8 (0: longer than a stay may be; the toolstack falls back). */
static const uint16_t extent_cost[] = { 1400, 2100, 3500, 6200, 11700, 4200, 7800, 15000, 0, 8000 };
/* Larger extents would take longer than a chunk may; the toolstack falls back to this size. */
#define EXTENT_ORDER_MAX (ARRAY_SIZE(extent_cost) - 1)
#define EXTENTS_COST_MAX 16000u
#define PAGE_COST 450u /* a page that goes, or one that comes back 1:1 */

static int populate_allocated(struct domain *d, uint64_t gfn, unsigned order)
{
    struct page *p;
    int rc;

    if ((uint64_t)d->pages_allocated + (1u << order) > d->pages_max)
        return -ENOSPC;
    if (d->state >= DOMAIN_DYING || !stage2_is_free(&d->s2, gfn, order))
        return -EEXIST; /* before 2^order pages are taken, and given back one by one */
    p = domain_page_alloc(d, order);
    if (!p)
        return -ENOMEM;
    rc = memory_map_ram(d, gfn, paddr_to_mfn(page_to_paddr(p)), order);
    if (rc)
        domain_page_unalloc(d, p, order);
    return rc;
}

/* Gives a page of a direct-mapped domain back its place: only its own, and only 1:1. */
static int populate_direct(struct domain *d, uint64_t mfn)
{
    struct page *p = page_of_mfn(mfn);
    struct stage2_leaf leaf;
    int rc;

    if (!p || !page_get(p, d->id))
        return -EINVAL;
    rc = memory_map_ram(d, mfn, mfn, 0);
    if (rc == -EEXIST && stage2_lookup(&d->s2, gfn_to_ipa(mfn), &leaf) && leaf.type == STAGE2_RAM)
        rc = 0; /* it never left */
    domain_page_put(p);
    return rc;
}

/* An extent; or, of a direct-mapped domain, the page `index` of one. */
static int populate_step(struct domain *d, uint64_t gfn, unsigned order, uint64_t index)
{
    if (!IS_ALIGNED(gfn, 1ul << order))
        return -EINVAL;
    return d->is_direct_mapped ? populate_direct(d, gfn + index)
                               : populate_allocated(d, gfn, order);
}

/* Counts its progress in extents, of a direct-mapped domain in pages. */
int64_t memory_populate_physmap(struct memory_call *c)
{
    const struct xen_memory_reservation *r = &c->u.reservation;
    unsigned shift = c->domain->is_direct_mapped ? r->extent_order : 0;
    uint64_t first = c->start;
    int rc = 0;

    if (r->nr_extents > UINT64_MAX >> 6) /* beyond, progress would not fit the command */
        return -EINVAL;
    if (r->extent_order > EXTENT_ORDER_MAX || r->mem_flags & XENMEMF_populate_on_demand ||
        r->nr_extents > UINT64_MAX >> (6 + EXTENT_ORDER_MAX))
        return (int64_t)c->start;
    unsigned cost = c->domain->is_direct_mapped ? PAGE_COST : extent_cost[r->extent_order];
    while (cost && c->start < r->nr_extents << shift) {
        uint64_t gfn;

        if (guest_mem_read_handle(&gfn, r->extent_start, c->start >> shift))
            break;
        rc = populate_step(c->domain, gfn, r->extent_order, c->start & ((1ul << shift) - 1));
        if (rc)
            break;
        c->start++;
        if (c->start < r->nr_extents << shift &&
            (memory_chunk_ends(c, cost) || c->spent + cost > EXTENTS_COST_MAX)) {
            rc = -ERESTART;
            break;
        }
    }
    /* The guest may execute what it or Dom0 writes there before anything invalidates the
     * instruction cache for it: lines of the page's earlier life must be gone. */
    if (c->start > first && !c->domain->is_direct_mapped) {
        hw_icache_inval_all();
        vcpu_current()->waited_at = 0; /* it gets on: what it waits for next is another wait */
    }
    /* What was done already is the better part of a stay: scrubbing begins with the next. */
    if (rc == -ENOMEM)
        rc = c->spent && page_alloc_is_pending() ? -ERESTART : reclaim_or_fail();
    return rc == -ERESTART ? rc : (int64_t)(c->start >> shift);
}

/* One page of an extent, which is aligned: only its first page can need a block split, so -ENOMEM
 * leaves the extent whole. */
static int decrease_page(const struct xen_memory_reservation *r, struct memory_map_batch *b,
                         uint64_t page)
{
    uint64_t index = page & ((1ul << r->extent_order) - 1), gfn;

    if (guest_mem_read_handle(&gfn, r->extent_start, page >> r->extent_order))
        return -EFAULT;
    return IS_ALIGNED(gfn, 1ul << r->extent_order)
               ? memory_map_remove(b, gfn + index, MEMORY_MAP_RAM) : -EINVAL;
}

/* Counts its progress in pages. */
int64_t memory_decrease_reservation(struct memory_call *c)
{
    const struct xen_memory_reservation *r = &c->u.reservation;
    struct memory_map_batch b;
    int rc = 0;

    if (r->nr_extents > UINT64_MAX >> 6)
        return -EINVAL;
    if (r->extent_order > EXTENT_ORDER_MAX || r->nr_extents > UINT64_MAX >> (6 + EXTENT_ORDER_MAX))
        return 0;
    memory_map_begin(&b, c->domain);
    while (c->start < r->nr_extents << r->extent_order) {
        rc = decrease_page(r, &b, c->start);
        if (rc)
            break;
        c->start++;
        if (memory_chunk_ends(c, PAGE_COST)) {
            rc = -ERESTART;
            break;
        }
    }
    memory_map_end(&b);
    if (rc == -ENOMEM)
        rc = reclaim_or_fail();
    return rc == -ERESTART ? rc : (int64_t)(c->start >> r->extent_order);
}
