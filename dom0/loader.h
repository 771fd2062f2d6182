/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A guest's memory: filling it before the guest runs, reading it when it has stopped.
 */
#ifndef DOM0_LOADER_H
#define DOM0_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dom0/error.h"
#include "dom0/hyper.h"

struct loader_blob {
    const char *what; /* for messages */
    uint64_t ipa; /* page-aligned */
    const void *data;
    size_t size;
};

/* Copies `size` bytes to guest physical address `ipa` of a domain that does not run, zeroes the
 * rest of the last page, and makes the result visible to a guest with its caches off. A held signal
 * ends it with ERROR_INTERRUPTED. */
int loader_write(struct hyper *hyper, domid_t domid, const struct loader_blob *blob,
                 struct error *err);

/* Zeroes `count` pages from frame `gfn` on. */
int loader_clear(struct hyper *hyper, domid_t domid, uint64_t gfn, uint64_t count,
                 struct error *err);

#define LOADER_READ_PAGES 256u

struct loader_pages {
    size_t count;    /* at most LOADER_READ_PAGES */
    uint8_t *data;   /* room for that many pages */
    bool present[LOADER_READ_PAGES]; /* out: is there RAM? Of the others, data is left as it was */
};

/* Reads pages from frame `gfn` on. */
int loader_read(struct hyper *hyper, domid_t domid, uint64_t gfn, struct loader_pages *pages,
                struct error *err);

#endif
