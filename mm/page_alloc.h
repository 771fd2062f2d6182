/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The allocator of RAM: buddy lists by order, over the struct page table. Freed pages are first
 * quiescent (every CPU has been out of EL2 once since), then scrubbed, then free: so an EL2 visit
 * is a read-side section in which no page that was reachable at its start is reused.
 */
#ifndef MM_PAGE_ALLOC_H
#define MM_PAGE_ALLOC_H

#include "mm/page.h"

#define PAGE_ORDER_MAX 18u /* 1 GiB */

/* Boot: tells of a bank of RAM, the struct page table for it being allocated from inside it.
 * Banks in ascending order, page aligned. reserve: pages in [start, end) become RESERVED and stay.
 * The pages of a bank are not allocatable before page_alloc_start(). */
int page_alloc_add_bank(paddr_t base, uint64_t bytes);
void page_alloc_reserve(paddr_t base, uint64_t bytes);
void page_alloc_start(void);
/* Boot: gives reserved pages to the allocator (modules after use). */
void page_alloc_unreserve(paddr_t base, uint64_t bytes);

/* The last free pages are for tables by which blocks are split, without which a guest could not
 * even give memory back: page_alloc_split() alone takes them. Each is followed by what is given
 * back, unless others have that mapped. */
#define PAGE_ALLOC_KEPT 512u

/* 2^order naturally aligned, zeroed pages, or NULL. NULL with percpu.is_memory_coming set: freed
 * memory was on its way (not yet quiescent or scrubbed): reclaim_progress() moves it on and says
 * whether the hypercall continues. type: PAGE_EL2, PAGE_DOMAIN or PAGE_SHARED; DOMAIN and SHARED
 * pages get one reference each. */
struct page *page_alloc(unsigned order, enum page_type type, domid_t owner);
/* Gives back what that returned, and nobody has seen or written: it is free at once. */
void page_alloc_undo(struct page *p, unsigned order);
/* The same at a given address, for a 1:1 domain, at boot only: scrubs all at once. 0 or -ENOMEM
 * when not all of it is free. */
int page_alloc_at(paddr_t base, unsigned order, enum page_type type, domid_t owner);
/* Zeroed EL2 memory (type EL2), in whole pages; NULL as above. Returns its direct map address. */
void *page_alloc_el2(size_t bytes);
/* A page of it, from the kept ones if need be. */
void *page_alloc_split(void);
/* Frees what those returned. DOMAIN and SHARED pages are freed by the last page_put() only. */
void page_free_el2(void *va);

/* True when freed pages wait for quiescence or scrubbing. */
bool page_alloc_is_pending(void);
/* Scrubs at most `pages` quiescent pages and starts the next quiescence round when one is due.
 * Returns the CPUs that need an SGI (IPI_QUIESCE), as a mask; 0 when none. */
uint64_t page_alloc_progress(unsigned pages);
/* The pages in large blocks that idle CPUs keep scrubbed, for the next new domain. Default: 0. */
void page_alloc_set_reserve(uint64_t pages);
/* True when freed pages are on their way, or the reserve is short and can be filled. Any CPU. */
bool page_alloc_has_idle_work(void);
/* A step of that work: scrubs at most 16 pages. False: nothing can be done now. *cpus: as
 * page_alloc_progress() returns. */
bool page_alloc_idle(uint64_t *cpus);
/* On each CPU, by IPI_QUIESCE or in idle: this CPU holds no EL2 references now. */
void page_alloc_quiesce(unsigned cpu);
/* Pages free or on their way to be (FREE + DIRTY), and pages managed in all. */
uint64_t page_alloc_free_count(void);
uint64_t page_alloc_total_count(void);

#endif
