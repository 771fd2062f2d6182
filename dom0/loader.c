/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Bytes into and out of guest memory: by Purlin's copy hypercall, and where there is none (Xen) by
 * mapping batches of pages. Owns that choice.
 */
#include "dom0/loader.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "dom0/domctl.h"
#include "dom0/guest_map.h"
#include "dom0/interrupt.h"

#define BATCH_PAGES 1024u /* 4 MiB: by mapping, Dom0 gives up as many pages of its own meanwhile */

static const uint8_t zero_page[GUEST_MAP_PAGE_SIZE];

/* The last page's rest, and all pages without data, are zero: new memory of Purlin's is. */
static int copy_batch(struct hyper *hyper, domid_t domid, uint64_t gfn,
                      const struct loader_blob *part)
{
    struct purlin_copy copy = {
        .domid = domid,
        .direction = PURLIN_COPY_to_domain,
        .address = gfn << GUEST_MAP_PAGE_SHIFT,
    };
    size_t left = part->size;
    int rc = 0;

    while (left > 0 && rc == 0) {
        size_t size = part->data || left < sizeof(zero_page) ? left : sizeof(zero_page);

        copy.buffer = (uintptr_t)(part->data ? part->data : zero_page);
        copy.bytes = size;
        rc = hyper_copy(hyper, &copy);
        left -= size;
    }
    return rc;
}

/* Maps a batch, fills it with data (zeroes beyond it) and flushes it. */
static int map_batch(struct hyper *hyper, domid_t domid, uint64_t gfn,
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
    int (*fill)(struct hyper *, domid_t, uint64_t, const struct loader_blob *) =
        hyper->has_copy ? copy_batch : map_batch;
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
        rc = fill(hyper, domid, gfn + (done >> GUEST_MAP_PAGE_SHIFT), &part);
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

static int copy_out(struct hyper *hyper, domid_t domid, uint64_t gfn, struct loader_pages *pages)
{
    size_t count = pages->count;
    struct purlin_copy copy = {.domid = domid, .direction = PURLIN_COPY_from_domain};

    for (size_t i = 0; i < count;) {
        size_t done;
        int rc;

        copy.address = (gfn + i) << GUEST_MAP_PAGE_SHIFT;
        copy.buffer = (uintptr_t)pages->data + (i << GUEST_MAP_PAGE_SHIFT);
        copy.bytes = (count - i) << GUEST_MAP_PAGE_SHIFT;
        rc = hyper_copy(hyper, &copy);
        if (rc && rc != -ENOENT)
            return rc;
        done = count - i - (copy.bytes >> GUEST_MAP_PAGE_SHIFT);
        memset(pages->present + i, true, done);
        i += done;
        if (rc)
            pages->present[i++] = false;
    }
    return 0;
}

static int map_out(struct hyper *hyper, domid_t domid, uint64_t gfn, struct loader_pages *pages)
{
    size_t count = pages->count;
    xen_pfn_t frames[LOADER_READ_PAGES] = {0};
    int errors[LOADER_READ_PAGES];
    uint8_t *from;

    for (size_t i = 0; i < count; i++)
        frames[i] = gfn + i;
    from = xenforeignmemory_map(hyper->memory, domid, PROT_READ, count, frames, errors);
    if (!from)
        return errno ? -errno : -EIO;
    for (size_t i = 0; i < count; i++) {
        size_t at = i << GUEST_MAP_PAGE_SHIFT;

        pages->present[i] = errors[i] == 0;
        if (pages->present[i])
            memcpy(pages->data + at, from + at, GUEST_MAP_PAGE_SIZE);
    }
    xenforeignmemory_unmap(hyper->memory, from, count);
    return 0;
}

int loader_read(struct hyper *hyper, domid_t domid, uint64_t gfn, struct loader_pages *pages,
                struct error *err)
{
    int rc = hyper->has_copy ? copy_out(hyper, domid, gfn, pages)
                             : map_out(hyper, domid, gfn, pages);

    errno = -rc;
    return rc ? error_errno(err, "cannot read the memory of domain %u", domid) : 0;
}
