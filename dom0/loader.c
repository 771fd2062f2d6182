/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Loads guest memory by mapping it in batches and copying. Owns the policy of how bytes get into a
 * guest: the only place to change when the hypervisor offers a call that does it in bulk.
 */
#include "dom0/loader.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "dom0/domctl.h"
#include "dom0/guest_map.h"
#include "dom0/interrupt.h"

#define BATCH_PAGES 1024u /* 4 MiB: Dom0 must give up as many pages of its own meanwhile */

/* Maps a batch, fills it with data (zeroes beyond it) and flushes it. */
static int fill_batch(struct hyper *hyper, domid_t domid, uint64_t gfn,
                      const struct loader_blob *part)
{
    size_t pages = (part->size + GUEST_MAP_PAGE_SIZE - 1) >> GUEST_MAP_PAGE_SHIFT;
    xen_pfn_t frames[BATCH_PAGES];
    uint8_t *to;

    for (size_t i = 0; i < pages; i++)
        frames[i] = gfn + i;
    to = xenforeignmemory_map(hyper->memory, domid, PROT_READ | PROT_WRITE, pages, frames, NULL);
    if (!to)
        return errno ? -errno : -EIO;
    if (part->data) {
        memcpy(to, part->data, part->size);
        memset(to + part->size, 0, (pages << GUEST_MAP_PAGE_SHIFT) - part->size);
    } else {
        memset(to, 0, pages << GUEST_MAP_PAGE_SHIFT);
    }
    xenforeignmemory_unmap(hyper->memory, to, pages);
    return domctl_cache_flush(hyper, domid, gfn, pages);
}

int loader_write(struct hyper *hyper, domid_t domid, const struct loader_blob *blob,
                 struct error *err)
{
    uint64_t gfn = blob->ipa >> GUEST_MAP_PAGE_SHIFT;
    size_t done = 0;

    while (done < blob->size) {
        size_t left = blob->size - done;
        size_t limit = (size_t)BATCH_PAGES << GUEST_MAP_PAGE_SHIFT;
        struct loader_blob part = {
            .data = blob->data ? (const uint8_t *)blob->data + done : NULL,
            .size = left < limit ? left : limit,
        };
        int rc;

        if (interrupt_pending())
            return error_set(err, ERROR_INTERRUPTED, "interrupted");
        rc = fill_batch(hyper, domid, gfn + (done >> GUEST_MAP_PAGE_SHIFT), &part);
        if (rc) {
            errno = -rc;
            return error_errno(err, "cannot load %s into the guest's memory", blob->what);
        }
        done += part.size;
    }
    return 0;
}

int loader_clear(struct hyper *hyper, domid_t domid, uint64_t gfn, uint64_t count,
                 struct error *err)
{
    struct loader_blob blob = {
        .what = "zeroes",
        .ipa = gfn << GUEST_MAP_PAGE_SHIFT,
        .size = count << GUEST_MAP_PAGE_SHIFT,
    };

    return loader_write(hyper, domid, &blob, err);
}
