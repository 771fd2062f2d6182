/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What page.c and page_alloc.c share, and nobody else: the banks of RAM and the way back of a
 * page whose last reference is gone.
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

/* p has lost its last reference: it becomes DIRTY. */
void page_alloc_retire(struct page *p, unsigned order);

#endif
