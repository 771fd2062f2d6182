/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Single pages in a domain's physical address space: what may replace what, and who gives back
 * which reference. The memory_op calls (memory.c, memory_physmap.c) are made of these.
 */
#ifndef CORE_MEMORY_MAP_H
#define CORE_MEMORY_MAP_H

#include "core/domain.h"

/* Pages taken out of an address space, to be put once no TLB knows them. On the caller's stack. */
#define MEMORY_MAP_BATCH 32u
struct memory_map_batch {
    struct domain *domain;
    struct stage2_gather gather;
    unsigned count;
    bool was_shared; /* memory_map.c */
    struct page *page[MEMORY_MAP_BATCH];
};

void memory_map_begin(struct memory_map_batch *b, struct domain *d);
/* Invalidates what was gathered, then puts the pages; the batch is empty after. */
void memory_map_end(struct memory_map_batch *b);

/* Takes the page at gfn out: own RAM (given back, unless the domain is direct-mapped and keeps it),
 * a foreign page or a shared one. may_be: mask of 1 << enum stage2_type of what may be there.
 * 0, -ENOENT: nothing there, -EINVAL: of another type, outside, or the domain is dying; -ENOMEM.
 * Ends the batch first when that is full. */
int memory_map_remove(struct memory_map_batch *b, uint64_t gfn, uint32_t may_be);
#define MEMORY_MAP_RAM (1u << STAGE2_RAM)
#define MEMORY_MAP_OTHER (1u << STAGE2_FOREIGN | 1u << STAGE2_SHARED)

/* Makes gfn show page, readable and writable, in the place of what memory_map_remove() could take
 * out. The mapping owns the reference that the caller took; on an error it is put. 0, -EINVAL,
 * -ENOMEM. */
int memory_map_set(struct domain *d, uint64_t gfn, struct page *page, enum stage2_type type);
/* Own RAM, 2^order pages from mfn on, where nothing is. 0, -EEXIST, -EINVAL, -ENOMEM. */
int memory_map_ram(struct domain *d, uint64_t gfn, uint64_t mfn, unsigned order);

#endif
