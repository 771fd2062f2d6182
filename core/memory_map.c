/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changing single pages of a domain's physical address space. The stage-2 lock of the domain
 * protects each change, its state included: a dying domain's address space does not change.
 * Refuses to know the hypercalls' structures.
 */
#include "core/memory_map.h"

#include "core/base/errors.h"

void memory_map_begin(struct memory_map_batch *b, struct domain *d)
{
    b->domain = d;
    b->count = 0;
    b->was_shared = false;
    stage2_gather_init(&b->gather);
}

void memory_map_end(struct memory_map_batch *b)
{
    stage2_flush(&b->domain->s2, &b->gather);
    for (unsigned i = 0; i < b->count; i++)
        domain_page_put(b->page[i]);
    b->count = 0;
}

/* A grant table frame that is no longer shown at gfn. Outside the stage-2 lock: lock order. */
static void forget_grant_frame(struct memory_map_batch *b, uint64_t gfn)
{
    struct domain *d = b->domain;

    if (!b->was_shared)
        return;
    b->was_shared = false;
    for (unsigned i = 0; i < READ_ONCE(d->grants.frames); i++)
        if (grant_frame_gfn(d, i) == gfn)
            grant_frame_gfn_set(d, i, ~0ul);
}

static int check_locked(struct domain *d, uint64_t gfn, unsigned order) LOCK_REQUIRES(d->s2.lock)
{
    uint64_t last = gfn + (1ul << order) - 1;

    return d->state >= DOMAIN_DYING || last < gfn || last >> (d->s2.ipa_bits - PAGE_SHIFT)
               ? -EINVAL : 0;
}

static int remove_locked(struct domain *d, struct memory_map_batch *b, uint64_t gfn,
                         uint32_t may_be) LOCK_REQUIRES(d->s2.lock)
{
    struct stage2_leaf leaf;
    int rc = check_locked(d, gfn, 0);

    if (rc)
        return rc;
    if (!stage2_lookup(&d->s2, gfn_to_ipa(gfn), &leaf))
        return -ENOENT;
    if (!(may_be & 1u << leaf.type))
        return -EINVAL;
    rc = stage2_unmap(&d->s2, gfn, 0, &leaf, &b->gather);
    if (rc)
        return rc;
    b->was_shared |= leaf.type == STAGE2_SHARED;
    /* What stood there owns a reference, but for a direct-mapped domain's own RAM: that stays
     * allocated to it while it is not mapped, as nobody else could use it 1:1. */
    if (!d->is_direct_mapped || leaf.type != STAGE2_RAM)
        b->page[b->count++] = page_of(leaf.pa);
    return 0;
}

int memory_map_remove(struct memory_map_batch *b, uint64_t gfn, uint32_t may_be)
{
    struct domain *d = b->domain;
    int rc;

    if (b->count == MEMORY_MAP_BATCH)
        memory_map_end(b);
    lock_acquire(&d->s2.lock);
    rc = remove_locked(d, b, gfn, may_be);
    lock_release(&d->s2.lock);
    forget_grant_frame(b, gfn);
    return rc;
}

static void gfn_max_raise(struct domain *d, uint64_t gfn) LOCK_REQUIRES(d->s2.lock)
{
    if (gfn > d->gfn_max)
        WRITE_ONCE(d->gfn_max, gfn);
}

int memory_map_set(struct domain *d, uint64_t gfn, struct page *page, enum stage2_type type)
{
    struct memory_map_batch b;
    int rc;

    memory_map_begin(&b, d);
    lock_acquire(&d->s2.lock);
    rc = remove_locked(d, &b, gfn, MEMORY_MAP_RAM | MEMORY_MAP_OTHER);
    /* Break-before-make (DDI 0487): no TLB may know the old page when the new one appears. */
    if (!rc)
        stage2_flush(&d->s2, &b.gather);
    if (!rc || rc == -ENOENT)
        rc = stage2_map(&d->s2, gfn, paddr_to_mfn(page_to_paddr(page)), 0,
                        stage2_kind(type, STAGE2_RW));
    if (!rc)
        gfn_max_raise(d, gfn);
    lock_release(&d->s2.lock);
    forget_grant_frame(&b, gfn);
    memory_map_end(&b);
    if (rc)
        domain_page_put(page);
    return rc;
}

int memory_map_ram(struct domain *d, uint64_t gfn, uint64_t mfn, unsigned order)
{
    int rc;

    lock_acquire(&d->s2.lock);
    /* Or pages before one that is mapped would be seen, and taken back from under their users. */
    rc = stage2_is_free(&d->s2, gfn, order) ? check_locked(d, gfn, order) : -EEXIST;
    if (!rc)
        rc = stage2_map(&d->s2, gfn, mfn, order, stage2_kind(STAGE2_RAM, STAGE2_RWX));
    if (!rc)
        gfn_max_raise(d, gfn + (1ul << order) - 1);
    lock_release(&d->s2.lock);
    return rc;
}
