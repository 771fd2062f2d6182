/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One grant: the shared entry, which the granting domain writes at any time and which says what it
 * allows, and the active entry, EL2's own, which says what is done with it. For the grant files
 * only. The active entry's lock protects all of it, and EL2's changes of the shared entry's flags.
 * Of two active entries' locks the one at the lower address is taken first.
 */
#ifndef CORE_GRANT_ENTRY_H
#define CORE_GRANT_ENTRY_H

#include "core/domain.h"
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
_Static_assert(sizeof(struct grant_active) == 32, "no entry crosses a cache line");

static inline bool grant_entry_is_used(const struct grant_active *a)
{
    return a->readers | a->writers;
}

/* The active entry of ref, and the shared one; false: there is no such entry. Both stay while the
 * domain lives. */
static inline bool grant_entry_find(const struct domain *d, grant_ref_t ref,
                                    struct grant_active **active, grant_entry_v1_t **shared)
{
    const struct grant_domain *g = &d->grants;
    unsigned idx = ref / GRANT_ENTRIES_PER_FRAME, n = ref % GRANT_ENTRIES_PER_FRAME;

    /* Acquire: pairs with grant_grow, which fills the frame in first. */
    if (unlikely(idx >= __atomic_load_n(&g->frames, __ATOMIC_ACQUIRE)))
        return false;
    *shared = &g->frame[idx].shared[n];
    *active = &g->frame[idx].active[n];
    return true;
}

/* Flags and domain id of the shared entry are one 32-bit word (grant_entry_v1), little endian. */
#define GRANT_ENTRY_DOMID_SHIFT 16

/* Sets `flags` (GTF_reading, GTF_writing) in the shared entry, if it grants that: full-page access
 * to domain `to`; what an entry that is in use grants has been checked before, but for writing.
 * mask: GTF_ bits that must read as GTF_permit_access. Entry lock held. GNTST_. */
static inline int16_t grant_entry_claim(grant_entry_v1_t *shared, bool is_used, domid_t to,
                                        uint16_t flags, uint16_t mask)
{
    uint32_t *word = (uint32_t *)(void *)shared, v = READ_ONCE(*word);
    uint32_t want = GTF_permit_access | (uint32_t)to << GRANT_ENTRY_DOMID_SHIFT;

    for (unsigned i = 0; i < GUEST_ATOMIC_TRIES; i++) {
        if (unlikely(!is_used && (v & (mask | ~0u << GRANT_ENTRY_DOMID_SHIFT)) != want))
            return GNTST_general_error;
        if (unlikely(flags & GTF_writing && v & GTF_readonly))
            return GNTST_general_error;
        /* Full barrier: the frame number is read after this, and was written before the flags. */
        if (likely(__atomic_compare_exchange_n(word, &v, v | flags, true, __ATOMIC_SEQ_CST,
                                               __ATOMIC_RELAXED)))
            return GNTST_okay;
    }
    return GNTST_general_error;
}

/* Its word changed under every attempt: the granting domain's own doing, and harm. */
void grant_entry_unstable(void);

/* Takes flags away again. Entry lock held. */
static inline void grant_entry_unclaim(grant_entry_v1_t *shared, uint16_t flags)
{
    uint32_t old;

    if (unlikely(!guest_atomic_and32((uint32_t *)(void *)shared, ~(uint32_t)flags, &old)))
        grant_entry_unstable();
}

/* The domain that granted last: batches name the same one over and over. Starts as
 * GRANT_ENTRY_OWNER_NONE. */
struct grant_entry_owner {
    struct domain *domain;
    domid_t id;
};
#define GRANT_ENTRY_OWNER_NONE ((struct grant_entry_owner){ NULL, DOMID_INVALID })

/* The domain `id`, in any state but dying; NULL: none, see grant_entry_owner_status(). */
static inline struct domain *grant_entry_owner_find(struct grant_entry_owner *last, domid_t id)
{
    if (unlikely(last->id != id)) {
        struct domain *d = domain_by_id(id);

        if (unlikely(!d || READ_ONCE(d->state) >= DOMAIN_DYING))
            return NULL;
        *last = (struct grant_entry_owner){ d, id };
    }
    return last->domain;
}

/* Why there was no owner. GNTST_. */
int16_t grant_entry_owner_status(domid_t id);

/* Operations lie in guest memory at any alignment. Untrusted: volatile, so that what is written as
 * one read is one. */
typedef volatile gnttab_map_grant_ref_t grant_entry_map_t __attribute__((aligned(1)));
typedef volatile gnttab_unmap_grant_ref_t grant_entry_unmap_t __attribute__((aligned(1)));
typedef volatile gnttab_copy_t grant_entry_copy_t __attribute__((aligned(1)));

#endif
