/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A domain's grant table: its frames, which the guest sees, and the active entries behind them.
 * Refuses to know how grants are used (grant_map.c, grant_copy.c). grant_domain.lock protects
 * growth and end; readers need no lock, for the table only grows while its domain lives, and what
 * is freed then is not reused before they have left EL2.
 */
#include "core/grant.h"

#include "core/base/errors.h"
#include "core/grant_entry.h"
#include "core/grant_map.h"
#include "mm/page_alloc.h"

#define GROW_CHUNK 2u /* frames added in one stay: ten pages, less than reclaim_wait() brings */
#define FREE_CHUNK 8u /* freed in one: some 230 instructions each */

static int frame_add(struct domain *d) LOCK_REQUIRES(d->grants.lock)
{
    struct grant_domain *g = &d->grants;
    struct grant_frame *f = &g->frame[g->frames];

    f->active = page_alloc_el2(GRANT_ENTRIES_PER_FRAME * sizeof(*f->active));
    if (!f->active)
        return -ENOMEM;
    f->page = page_alloc(0, PAGE_SHARED, d->id);
    if (!f->page) {
        page_free_el2(f->active);
        return -ENOMEM;
    }
    f->shared = page_to_virt(f->page);
    f->gfn = ~0ul;
    __atomic_fetch_add(&d->pages_shared, 1, __ATOMIC_RELAXED);
    /* Release: pairs with grant_entry_find. */
    __atomic_store_n(&g->frames, g->frames + 1, __ATOMIC_RELEASE);
    return 0;
}

int grant_grow(struct domain *d, unsigned frames)
{
    struct grant_domain *g = &d->grants;
    int rc = 0;

    lock_acquire(&d->grants.lock);
    if (frames > g->frames_max || d->state >= DOMAIN_DYING)
        rc = -EINVAL;
    for (unsigned i = 0; !rc && g->frames < frames; i++)
        rc = i < GROW_CHUNK ? frame_add(d) : -ERESTART;
    lock_release(&d->grants.lock);
    return rc;
}

int grant_init(struct domain *d, unsigned max_frames, unsigned max_maptrack_frames)
{
    struct grant_domain *g = &d->grants;
    int rc = -ENOMEM;

    g->frames_max = max_frames == ~0u ? GRANT_FRAMES_DEFAULT : max_frames;
    g->maptrack_frames_max = max_maptrack_frames == ~0u ? GRANT_MAPTRACK_FRAMES_DEFAULT
                                                        : max_maptrack_frames;
    if (!g->frames_max || g->frames_max > GRANT_FRAMES_MAX ||
        g->maptrack_frames_max > GRANT_MAPTRACK_FRAMES_MAX)
        return -EINVAL;
    lock_init(&g->lock);
    grant_map_init(g);
    g->frame = page_alloc_el2(g->frames_max * sizeof(*g->frame));
    if (g->frame)
        rc = grant_grow(d, 1);
    if (rc)
        grant_free(d);
    return rc;
}

int grant_relinquish(struct domain *d)
{
    struct grant_domain *g = &d->grants;
    unsigned i;

    lock_acquire(&g->lock);
    for (i = 0; i < FREE_CHUNK && g->frames; i++) {
        struct grant_frame *f = &g->frame[g->frames - 1];

        __atomic_store_n(&g->frames, g->frames - 1, __ATOMIC_RELAXED);
        page_put(f->page);
        page_free_el2(f->active);
    }
    lock_release(&g->lock);
    return g->frames ? -ERESTART : 0;
}

void grant_free(struct domain *d)
{
    while (grant_relinquish(d))
        ;
    if (d->grants.maptrack)
        page_free_el2(d->grants.maptrack);
    if (d->grants.frame)
        page_free_el2(d->grants.frame); /* named still: who found d looks until it leaves */
}

int grant_frame_get(struct domain *d, unsigned idx, struct page **out)
{
    int rc;

    if (idx >= d->grants.frames_max)
        return -EINVAL;
    rc = grant_grow(d, idx + 1);
    if (rc)
        return rc;
    *out = d->grants.frame[idx].page;
    return page_get_shared(*out, d->id) ? 0 : -EINVAL;
}

void grant_frame_gfn_set(struct domain *d, unsigned idx, uint64_t gfn)
{
    if (idx < __atomic_load_n(&d->grants.frames, __ATOMIC_ACQUIRE))
        __atomic_store_n(&d->grants.frame[idx].gfn, gfn, __ATOMIC_RELAXED);
}

uint64_t grant_frame_gfn(struct domain *d, unsigned idx)
{
    if (idx >= __atomic_load_n(&d->grants.frames, __ATOMIC_ACQUIRE))
        return ~0ul;
    return __atomic_load_n(&d->grants.frame[idx].gfn, __ATOMIC_RELAXED);
}
