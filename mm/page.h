/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One struct page for each page of RAM: who owns it, what it is, how many uses hold it. Every
 * transition goes through here and is checked; a page is never reachable by two domains except
 * through a reference that is counted here (a grant or a foreign mapping).
 */
#ifndef MM_PAGE_H
#define MM_PAGE_H

#include "core/base/types.h"
#include "core/base/xen_abi.h"

/*
 * FREE   -> EL2, DOMAIN, SHARED: page_alloc
 * FREE   -> DIRTY: in a large block, which is to be scrubbed in parts
 * EL2    -> DIRTY: page_free_el2
 * DOMAIN, SHARED -> DIRTY: the last reference put
 * DOMAIN -> FREE: page_alloc_undo; nobody has seen it
 * DIRTY  -> FREE: every CPU has been quiescent and the page is scrubbed (page_alloc.c)
 * RESERVED -> FREE: page_alloc_unreserve, at boot (modules). Others never change (image, firmware,
 * device tree reservations).
 */
enum page_type {
    PAGE_RESERVED, /* not ours to hand out; also what page_of() never returns for non-RAM */
    PAGE_FREE,
    PAGE_DIRTY,    /* freed, not yet quiescent or not yet scrubbed */
    PAGE_EL2,      /* the hypervisor's own: tables, structures */
    PAGE_DOMAIN,   /* owner's RAM: may be granted, foreign-mapped, given back */
    PAGE_SHARED,   /* made by EL2, mapped by its owner, never granted: shared_info, grant table */
};

struct page {
    uint32_t refs;    /* atomic; DOMAIN, SHARED: allocation (1) + mappings + pins */
    domid_t owner;    /* DOMAIN, SHARED; else DOMID_INVALID */
    uint8_t type;     /* enum page_type */
    uint8_t order;    /* FREE: order of the block this heads; see page_alloc.c */
    uint32_t next, prev; /* page_alloc.c: free list links, page table index */
};
_Static_assert(sizeof(struct page) == 16, "0.4 % of RAM");

/* The page that holds pa, or NULL when pa is not RAM that the hypervisor manages or reserves.
 * A pa for which this is not NULL is in the direct map, but for the image's own blocks. O(number of
 * RAM banks), no lock. */
struct page *page_of(paddr_t pa);
static inline struct page *page_of_mfn(uint64_t mfn) { return page_of(mfn_to_paddr(mfn)); }
/* The highest frame number of any RAM bank. */
uint64_t page_max_mfn(void);
paddr_t page_to_paddr(const struct page *p);
void *page_to_virt(const struct page *p);

/* Takes a reference for the mapping or use of a DOMAIN page of the given owner. False (nothing
 * changed) when it is of another type or owner, or already has no reference, i.e. is on its way
 * out. Atomic; any CPU, no lock. */
bool page_get(struct page *p, domid_t owner);
/* The same for the page at va in EL2's map; NULL: false. */
struct page *page_get_at(const void *va, domid_t owner);
/* The same for DOMAIN or SHARED pages. */
bool page_get_shared(struct page *p, domid_t owner);
/* Gives one back. True when it was the last: the caller must page_free_last() it. */
static inline bool page_unref(struct page *p)
{
    /* Release: this use of the page is over before it may be freed. Acquire: the one who frees it
     * comes after all other users. */
    return unlikely(__atomic_fetch_sub(&p->refs, 1, __ATOMIC_ACQ_REL) <= 1);
}
/* Frees p (now DIRTY); the caller tells the owner's accounting (domain_page_put). */
void page_free_last(struct page *p);
/* Both. True when it was the last. */
bool page_put(struct page *p);

#endif
