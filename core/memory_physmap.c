/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a domain maps into its address space besides its own RAM: shared_info, its grant table's
 * frames, other domains' pages (Dom0), other domains' grant table frames (acquire_resource).
 * Refuses to know grants themselves (grant.c). Locks: memory_map.c's.
 */
#include "core/base/errors.h"
#include "core/memory.h"
#include "core/memory_map.h"
#include "mm/guest_mem.h"

/* Estimated EL2 instructions of one page, and of a grant table frame for each frame there is: it
 * leaves one place, and may take another's. */
#define PHYSMAP_COST 600u
#define PHYSMAP_FRAME_COST 30u

static int map_shared_info(struct domain *d, uint64_t idx, uint64_t gfn)
{
    return idx || !page_get_shared(d->shared_page, d->id)
               ? -EINVAL : memory_map_set(d, gfn, d->shared_page, STAGE2_SHARED);
}

/* A frame is shown at one place only: mapping it again moves it. */
static void unmap_grant_frame(struct domain *d, uint64_t idx)
{
    uint64_t gfn = grant_frame_gfn(d, (unsigned)idx);
    struct memory_map_batch b;

    if (gfn == ~0ul)
        return;
    memory_map_begin(&b, d);
    memory_map_remove(&b, gfn, 1u << STAGE2_SHARED);
    memory_map_end(&b);
}

static int map_grant_frame(struct domain *d, uint64_t idx, uint64_t gfn)
{
    struct page *page;
    int rc;

    /* Bit 31 asks for status frames, which v1 tables don't have. */
    if (idx >= d->grants.frames_max)
        return -EINVAL;
    rc = grant_frame_get(d, (unsigned)idx, &page);
    if (rc)
        return rc;
    unmap_grant_frame(d, idx);
    rc = memory_map_set(d, gfn, page, STAGE2_SHARED);
    if (!rc)
        grant_frame_gfn_set(d, (unsigned)idx, gfn);
    return rc;
}

static int map_foreign(struct domain *d, domid_t foreign, uint64_t idx, uint64_t gfn)
{
    struct domain *of = domain_by_id(foreign);
    struct page *page;
    int rc;

    if (!of)
        return -ESRCH;
    if (of == d)
        return -EINVAL;
    rc = domain_may_control(d, of);
    if (rc)
        return rc;
    page = domain_gfn_page_get(of, idx, true);
    return page ? memory_map_set(d, gfn, page, STAGE2_FOREIGN) : -EINVAL;
}

static int map_one(struct domain *d, unsigned space, uint64_t idx, uint64_t gfn)
{
    switch (space) {
    case XENMAPSPACE_shared_info:
        return map_shared_info(d, idx, gfn);
    case XENMAPSPACE_grant_table:
        return map_grant_frame(d, idx, gfn);
    default: /* gmfn and gmfn_range are not of arm, dev_mmio is all Dom0's already */
        return -ENOSYS;
    }
}

int64_t memory_add_to_physmap(struct memory_call *c)
{
    return map_one(c->domain, c->u.add.space, c->u.add.idx, c->u.add.gpfn);
}

/* One element, its outcome included; -EFAULT when the arrays can't be read. A mapping that needs
 * memory which is on its way is not an outcome. */
static int batch_one(struct domain *d, const struct xen_add_to_physmap_batch *x, uint64_t i)
{
    uint64_t idx, gfn;
    int err;

    if (guest_mem_read_handle(&idx, x->idxs, i) || guest_mem_read_handle(&gfn, x->gpfns, i))
        return -EFAULT;
    err = x->space == XENMAPSPACE_gmfn_foreign ? map_foreign(d, x->u.foreign_domid, idx, gfn)
                                               : map_one(d, x->space, idx, gfn);
    if (err == -ENOMEM || err == -ERESTART)
        return err;
    return guest_mem_write_handle(x->errs, i, &err) ? -EFAULT : 0;
}

int64_t memory_add_to_physmap_batch(struct memory_call *c)
{
    const struct xen_add_to_physmap_batch *x = &c->u.batch;
    unsigned frames = x->space == XENMAPSPACE_grant_table ? c->domain->grants.frames : 0;

    if (c->start > x->size)
        return -EINVAL;
    while (c->start < x->size) {
        int rc = batch_one(c->domain, x, c->start);

        if (rc)
            return rc;
        c->start++;
        if (c->start < x->size && memory_chunk_ends(c, PHYSMAP_COST + frames * PHYSMAP_FRAME_COST))
            return -ERESTART;
    }
    return 0;
}

int64_t memory_remove_from_physmap(struct memory_call *c)
{
    struct memory_map_batch b;
    int rc;

    memory_map_begin(&b, c->domain);
    rc = memory_map_remove(&b, c->u.remove.gpfn, MEMORY_MAP_RAM | MEMORY_MAP_OTHER);
    memory_map_end(&b);
    return rc == -ENOENT ? -EINVAL : rc;
}

static int resource_one(struct domain *d, const struct xen_mem_acquire_resource *x, uint64_t i)
{
    struct page *page;
    uint64_t gfn;
    int rc;

    if (guest_mem_read_handle(&gfn, x->frame_list, i))
        return -EFAULT;
    rc = grant_frame_get(d, (unsigned)(x->frame + i), &page);
    return rc ? rc : memory_map_set(domain_current(), gfn, page, STAGE2_FOREIGN);
}

/* The size of the resource, for a call without a list (Xen public memory.h). */
static int resource_size(struct memory_call *c)
{
    struct xen_mem_acquire_resource *x = &c->u.resource;

    if (x->nr_frames || c->start)
        return -EINVAL;
    x->nr_frames = c->domain->grants.frames_max;
    return guest_mem_write(c->arg, x, sizeof(*x)) ? -EFAULT : 0;
}

static int resource_check(const struct xen_mem_acquire_resource *x, const struct domain *d)
{
    if (x->pad || x->frame >> 32 || (x->frame + x->nr_frames) >> 32)
        return -EINVAL;
    if (d == domain_current())
        return -EPERM;
    if (d->state >= DOMAIN_DYING)
        return -EINVAL;
    return x->type != XENMEM_resource_grant_table || x->id != XENMEM_resource_grant_table_id_shared
               ? -EOPNOTSUPP : 0;
}

int64_t memory_acquire_resource(struct memory_call *c)
{
    const struct xen_mem_acquire_resource *x = &c->u.resource;
    int rc = resource_check(x, c->domain);

    if (rc)
        return rc;
    if (!x->frame_list.p)
        return resource_size(c);
    if (c->start >= x->nr_frames || x->frame + x->nr_frames > c->domain->grants.frames_max)
        return -EINVAL;
    while (c->start < x->nr_frames) {
        rc = resource_one(c->domain, x, c->start);
        if (rc == -ENOMEM || rc == -ERESTART)
            return rc;
        /* The first frame's error is the call's; later ones leave the list half mapped. */
        if (rc)
            return c->start ? -EIO : rc;
        c->start++;
        if (c->start < x->nr_frames && memory_chunk_ends(c, PHYSMAP_COST))
            return -ERESTART;
    }
    return 0;
}
