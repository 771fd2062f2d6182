/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Allocation of guest memory in batches of extents. Owns the choice of extent sizes.
 */
#include "dom0/populate.h"

#include <errno.h>
#include <string.h>

#include "dom0/interrupt.h"

#define BLOCK_ORDER 9u
#define BATCH_EXTENTS 512u

/* One call for up to BATCH_EXTENTS extents. Returns how many were done, or -errno. */
static long populate_batch(struct hyper *hyper, domid_t domid, uint64_t gfn, uint64_t count,
                           unsigned order)
{
    struct xen_memory_reservation reservation;
    xen_pfn_t *frames = hyper_alloc(hyper, count * sizeof(*frames));
    long rc;

    if (!frames)
        return -ENOMEM;
    for (uint64_t i = 0; i < count; i++)
        frames[i] = gfn + (i << order);
    memset(&reservation, 0, sizeof(reservation));
    set_xen_guest_handle(reservation.extent_start, frames);
    reservation.nr_extents = count;
    reservation.extent_order = order;
    reservation.domid = domid;
    rc = hyper_memory_op(hyper, XENMEM_populate_physmap, &reservation, sizeof(reservation));
    hyper_free(hyper, frames);
    return rc;
}

static int no_memory(struct error *err, long rc)
{
    if (rc < 0) {
        errno = (int)-rc;
        return error_errno(err, "the hypervisor refused memory for the guest");
    }
    return error_set(err, ERROR_FAILED, "the machine ran out of memory for the guest: lower "
                     "memory= or destroy another domain");
}

int populate_pages(struct hyper *hyper, domid_t domid, uint64_t gfn, uint64_t count,
                   struct error *err)
{
    while (count > 0) {
        uint64_t batch = count < BATCH_EXTENTS ? count : BATCH_EXTENTS;
        long done;

        if (interrupt_pending())
            return error_set(err, ERROR_INTERRUPTED, "interrupted");
        done = populate_batch(hyper, domid, gfn, batch, 0);
        if (done <= 0)
            return no_memory(err, done);
        gfn += (uint64_t)done;
        count -= (uint64_t)done;
    }
    return 0;
}

/* Backs `count` blocks; where no whole block is left in the machine, single pages replace it. */
static int populate_blocks(struct hyper *hyper, domid_t domid, uint64_t gfn, uint64_t count,
                           struct error *err)
{
    while (count > 0) {
        uint64_t batch = count < BATCH_EXTENTS ? count : BATCH_EXTENTS;
        long done;
        int rc;

        if (interrupt_pending())
            return error_set(err, ERROR_INTERRUPTED, "interrupted");
        done = populate_batch(hyper, domid, gfn, batch, BLOCK_ORDER);
        if (done < 0)
            return no_memory(err, done);
        if (done == 0) {
            rc = populate_pages(hyper, domid, gfn, 1ull << BLOCK_ORDER, err);
            if (rc)
                return rc;
            done = 1;
        }
        gfn += (uint64_t)done << BLOCK_ORDER;
        count -= (uint64_t)done;
    }
    return 0;
}

int populate_range(struct hyper *hyper, domid_t domid, const struct guest_map_range *range,
                   struct error *err)
{
    uint64_t gfn = range->base >> GUEST_MAP_PAGE_SHIFT; /* both banks begin on a block */
    uint64_t pages = range->size >> GUEST_MAP_PAGE_SHIFT;
    uint64_t blocks = pages >> BLOCK_ORDER;
    int rc = populate_blocks(hyper, domid, gfn, blocks, err);

    if (rc)
        return rc;
    gfn += blocks << BLOCK_ORDER;
    return populate_pages(hyper, domid, gfn, pages - (blocks << BLOCK_ORDER), err);
}
