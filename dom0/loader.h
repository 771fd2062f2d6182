/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Putting bytes into a guest's memory before it runs.
 */
#ifndef DOM0_LOADER_H
#define DOM0_LOADER_H

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

#endif
