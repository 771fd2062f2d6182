/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Grant tables v1 (Xen public grant_table.h): setup, map, unmap, copy, cache_flush, query. The
 * shared entry is guest memory: read once, validated, then recorded in the active entry, which is
 * the truth while in use and has a lock of its own.
 */
#ifndef CORE_GRANT_H
#define CORE_GRANT_H

#include "core/base/lock.h"
#include "core/base/types.h"
#include "core/base/xen_abi.h"

struct domain;
struct page;
struct grant_active;   /* grant.c */
struct grant_maptrack; /* grant.c */

#define GRANT_FRAMES_DEFAULT 64u
#define GRANT_MAPTRACK_FRAMES_DEFAULT 1024u

struct grant_domain {
    struct lock lock;             /* growth of the tables */
    unsigned frames, frames_max;  /* shared frames that exist; limit */
    struct page **frame;          /* [frames_max], PAGE_SHARED */
    uint64_t *frame_gfn;          /* [frames_max]: where mapped, ~0: nowhere */
    struct grant_active **active; /* [pages] */
    struct lock maptrack_lock;
    struct grant_maptrack **maptrack; /* [pages] */
    unsigned maptrack_frames, maptrack_frames_max;
    uint32_t maptrack_free;       /* head of the free list */
    uint32_t relinquish_handle, relinquish_ref;
};

int grant_init(struct domain *d, unsigned max_frames, unsigned max_maptrack_frames);
/* Undoes d's mappings of others (bounded; -ERESTART), forgets d's own free entries. */
int grant_relinquish(struct domain *d);
void grant_free(struct domain *d);
/* The shared frame idx of d, grown when needed, with one mapping reference taken (page_get_shared)
 * that the caller's mapping owns. 0, -EINVAL, -ENOMEM. */
int grant_frame_get(struct domain *d, unsigned idx, struct page **out);
/* Where frame idx is mapped in d, for query and remapping; gfn ~0: nowhere. */
void grant_frame_gfn_set(struct domain *d, unsigned idx, uint64_t gfn);
uint64_t grant_frame_gfn(struct domain *d, unsigned idx);

/* __HYPERVISOR_grant_table_op. */
int64_t grant_hypercall(uint64_t cmd, uint64_t arg, uint64_t count, uint64_t a3, uint64_t a4);

#endif
