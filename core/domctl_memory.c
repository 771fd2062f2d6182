/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The domctl calls about memory (Xen public domctl.h): limits, and cache maintenance for the
 * toolstack that wrote a guest's memory. Under domctl's lock.
 */
#include "core/base/errors.h"
#include "core/domctl.h"
#include "core/hypercall.h"

/* Estimated EL2 instructions to clean a page to the point of coherency, and to find one. */
#define FLUSH_PAGE_COST 480u /* the page found, and 64 lines of it */

int domctl_memory_max(struct domain *d, struct xen_domctl *op)
{
    uint64_t pages = op->u.max_mem.max_memkb >> (PAGE_SHIFT - 10);

    lock_acquire(&d->lock);
    d->pages_max = (uint32_t)MIN(pages, (uint64_t)UINT32_MAX);
    lock_release(&d->lock);
    return 0;
}

/* The pool limits what a domain's tables may take; tables come from the common allocator. A pool
 * can't shrink below what is in use. */
int domctl_memory_set_pool(struct domain *d, struct xen_domctl *op)
{
    uint64_t pages = op->u.paging_mempool.size >> PAGE_SHIFT;

    if (op->u.paging_mempool.size % PAGE_SIZE || pages > UINT32_MAX)
        return -EINVAL;
    lock_acquire(&d->s2.lock);
    d->s2.table_limit = (unsigned)MAX(pages, (uint64_t)d->s2.table_pages);
    lock_release(&d->s2.lock);
    return 0;
}

int domctl_memory_get_pool(struct domain *d, struct xen_domctl *op)
{
    op->u.paging_mempool.size = (uint64_t)d->s2.table_limit << PAGE_SHIFT;
    return 0;
}

/* Guests start with their caches off: what the toolstack wrote must be in memory, and what their
 * instruction caches remember of the pages' earlier life gone. Progress is kept in the range. */
int domctl_memory_cacheflush(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_cacheflush *range = &op->u.cacheflush;
    uint64_t gfn = range->start_pfn, end = gfn + range->nr_pfns, cost = 0;
    struct stage2_leaf leaf;

    if (end < gfn || range->nr_pfns > 1ul << BLOCK_1G_ORDER ||
        end > 1ul << (d->s2.ipa_bits - PAGE_SHIFT))
        return -EINVAL;
    while (gfn < end && cost < HYPERCALL_BUDGET) {
        uint64_t n;

        if (!stage2_lookup(&d->s2, gfn_to_ipa(gfn), &leaf)) {
            if (stage2_next(&d->s2, &gfn, &leaf, 1) == -ENOENT)
                gfn = end;
            cost += STAGE2_TABLE_COST;
            continue;
        }
        n = (1ul << leaf.order) - (gfn & ((1ul << leaf.order) - 1));
        n = MIN(MIN(n, end - gfn), (HYPERCALL_BUDGET - cost) / FLUSH_PAGE_COST + 1);
        if (leaf.type == STAGE2_RAM)
            hw_dcache_clean_inval(hw_phys_to_virt(leaf.pa), n << PAGE_SHIFT);
        gfn += n;
        cost += n * FLUSH_PAGE_COST;
    }
    hw_icache_inval_all();
    range->start_pfn = MIN(gfn, end);
    range->nr_pfns = end - MIN(gfn, end);
    return gfn < end ? -ERESTART : 0;
}
