/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What page.c, page_alloc.c and guest_mem.h share, and nobody else: the banks of RAM and the way
 * back of a page whose last reference is gone.
 */
#ifndef MM_PAGE_BANK_H
#define MM_PAGE_BANK_H

#include "mm/page.h"

#define PAGE_BANKS_MAX 16u

struct page_bank {
    uint64_t first_mfn, pages;
    struct page *table; /* [pages]; NULL until page_alloc_start() */
};

extern struct page_bank page_banks[PAGE_BANKS_MAX]; /* ascending; constant once started */
extern unsigned page_bank_count;

/* The bank that holds frame mfn, and its index there; NULL: none. */
static inline const struct page_bank *page_bank_find(uint64_t mfn, uint64_t *index)
{
    const struct page_bank *b = page_banks;

    do {
        *index = mfn - b->first_mfn;
        if (likely(*index < b->pages))
            return b;
    } while (++b < page_banks + READ_ONCE(page_bank_count)); /* not read before it is needed */
    return NULL;
}

/* p has lost its last reference: it becomes DIRTY. */
void page_alloc_retire(struct page *p, unsigned order);

#endif
