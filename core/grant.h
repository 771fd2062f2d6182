/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Grant tables v1 (Xen public grant_table.h): setup, map, unmap, copy, cache_flush, query. The
 * shared entry is guest memory: read once, validated, then recorded in the active entry, which is
 * the truth while in use and has a lock of its own (grant_entry.h).
 */
#ifndef CORE_GRANT_H
#define CORE_GRANT_H

#include "core/base/lock.h"
#include "core/base/xen_abi.h"

struct domain;
struct page;
struct grant_active;   /* grant_entry.h */
struct grant_maptrack; /* grant_map.c */

#define GRANT_FRAMES_DEFAULT 64u
#define GRANT_FRAMES_MAX 512u
#define GRANT_MAPTRACK_FRAMES_DEFAULT 2048u
#define GRANT_MAPTRACK_FRAMES_MAX 4096u

/* A frame of the shared table with what EL2 keeps for its entries. */
struct grant_frame {
    grant_entry_v1_t *shared;     /* direct map */
    struct grant_active *active;  /* [GRANT_ENTRIES_PER_FRAME] */
    struct page *page;            /* PAGE_SHARED; the frame's own reference */
    uint64_t gfn;                 /* where mapped, ~0: nowhere; atomic */
};

struct grant_domain {
    struct lock lock;             /* growth of the table */
    unsigned frames, frames_max;  /* frames that exist (grows until the end; atomic); limit */
    struct grant_frame *frame;    /* [frames_max] */
    struct lock maptrack_lock;    /* all below */
    unsigned maptrack_frames, maptrack_frames_max;
    struct grant_maptrack **maptrack; /* [maptrack_frames_max]; NULL before the first use */
    struct grant_maptrack *maptrack_free; /* head of the free list */
    uint32_t maptrack_used;       /* handles not on it */
    bool is_closed;               /* dying: no new handles */
    uint32_t relinquish_handle;   /* teardown progress; its one caller's */
};

/* Limits of ~0 mean the defaults. 0, -EINVAL, -ENOMEM. */
int grant_init(struct domain *d, unsigned max_frames, unsigned max_maptrack_frames);
/* Nobody has any of d's pages mapped any more, and d is DYING: gives some frames back. 0: all have
 * gone, -ERESTART. */
int grant_relinquish(struct domain *d);
/* The rest, and of a domain that was never whole all. */
void grant_free(struct domain *d);
/* The shared frame idx of d, grown when needed, with one mapping reference taken (page_get_shared)
 * that the caller's mapping owns. 0, -EINVAL, -ENOMEM, -ERESTART: it has grown, but not enough. */
int grant_frame_get(struct domain *d, unsigned idx, struct page **out);
/* Where frame idx is mapped in d, for query and remapping; gfn ~0: nowhere. */
void grant_frame_gfn_set(struct domain *d, unsigned idx, uint64_t gfn);
uint64_t grant_frame_gfn(struct domain *d, unsigned idx);
/* Makes d's table at least `frames` frames, some at a time: 0, -ERESTART, -EINVAL, -ENOMEM. */
int grant_grow(struct domain *d, unsigned frames);

#endif
