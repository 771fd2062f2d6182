/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Giving a new domain its memory (XENMEM_populate_physmap).
 */
#ifndef DOM0_POPULATE_H
#define DOM0_POPULATE_H

#include "dom0/error.h"
#include "dom0/guest_map.h"
#include "dom0/hyper.h"

/* Backs a page-aligned range of guest physical addresses, in 2 MiB blocks where alignment and the
 * machine's memory allow. A held signal ends it with ERROR_INTERRUPTED. */
int populate_range(struct hyper *hyper, domid_t domid, const struct guest_map_range *range,
                   struct error *err);

/* Backs `count` single pages. */
int populate_pages(struct hyper *hyper, domid_t domid, uint64_t gfn, uint64_t count,
                   struct error *err);

#endif
