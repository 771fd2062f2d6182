/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One grant: the shared entry, which the granting domain writes at any time and which says what it
 * allows, and the active entry, EL2's own, which says what is done with it. For the grant files
 * only. The active entry's lock protects all of it, and EL2's changes of the shared entry's flags.
 * Of two active entries' locks the one at the lower address is taken first.
 */
#ifndef CORE_GRANT_ENTRY_H
#define CORE_GRANT_ENTRY_H

#include "core/base/lock.h"
#include "core/domain.h"
#include "core/grant.h"
#include "core/guest_atomic.h"

#define GRANT_ENTRIES_PER_FRAME (PAGE_SIZE / sizeof(grant_entry_v1_t))

/*
 * Not in use -> in use: first mapping; the shared entry is validated, the page referenced
 * in use -> not in use: last mapping undone
 */
struct grant_active {
    struct lock lock;
    domid_t domid;        /* in use: the only domain that may map or copy */
    uint32_t readers, writers; /* read-only and writable mappings; not 0: in use */
    struct page *page;    /* in use: the granted page, one reference; constant meanwhile */
    paddr_t pa;           /* its address */
};
_Static_assert(sizeof(struct grant_active) == 32, "four pages for a frame's entries");

#define GRANT_ACTIVE_ORDER 2u /* pages of one frame's active entries, log2 */

static inline bool grant_entry_is_used(const struct grant_active *a)
{
    return a->readers | a->writers;
}

/* The active entry of ref, and the shared one; NULL: there is no such entry. Both stay while the
 * domain lives. */
static inline struct grant_active *grant_entry_find(const struct domain *d, grant_ref_t ref,
                                                    grant_entry_v1_t **shared)
{
    const struct grant_domain *g = &d->grants;
    unsigned idx = ref / GRANT_ENTRIES_PER_FRAME, n = ref % GRANT_ENTRIES_PER_FRAME;

    /* Acquire: pairs with grant_grow, which fills the frame in first. */
    if (unlikely(idx >= __atomic_load_n(&g->frames, __ATOMIC_ACQUIRE)))
        return NULL;
    *shared = &g->frame[idx].shared[n];
    return &g->frame[idx].active[n];
}

/* Sets `flags` (GTF_reading, GTF_writing) in the shared entry, if it grants that: full-page access
 * to domain `to`; what an entry that is in use grants has been checked before, but for writing.
 * mask: GTF_ bits that must read as GTF_permit_access. Entry lock held. GNTST_. */
int16_t grant_entry_claim(grant_entry_v1_t *shared, bool is_used, domid_t to, uint16_t flags,
                          uint16_t mask);
/* Takes flags away again. Entry lock held. */
void grant_entry_unclaim(grant_entry_v1_t *shared, uint16_t flags);

/* The machine address of d's own RAM at gfn; false: it has none there, or none to write to. The
 * page can't be reused during this EL2 visit; longer uses take a reference. */
static inline bool grant_entry_page(const struct domain *d, uint64_t gfn, bool is_write,
                                    paddr_t *pa)
{
    struct stage2_leaf leaf;

    if (unlikely(gfn >> (d->s2.ipa_bits - PAGE_SHIFT)))
        return false;
    if (unlikely(!stage2_lookup(&d->s2, gfn_to_ipa(gfn), &leaf) || leaf.type != STAGE2_RAM))
        return false;
    *pa = leaf.pa;
    return !is_write || leaf.prot & STAGE2_W;
}

#endif
