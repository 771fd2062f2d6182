/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The allocator of RAM: buddy lists of free blocks, and the three stations of a freed block:
 * fresh -> waiting (a quiescence round runs) -> quiescent -> scrubbed and free. Knows no domains
 * and sends no interrupts: whom to interrupt is returned. `lock` protects the lists, the counts
 * and the type and links of pages that are FREE or DIRTY.
 */
#include "mm/page_alloc.h"

#include "core/base/assert.h"
#include "core/base/errors.h"
#include "core/base/hw.h"
#include "core/base/lock.h"
#include "core/base/log.h"
#include "core/base/string.h"
#include "mm/page_bank.h"

#define NIL UINT32_MAX
#define ORDER_NONE 0x7fu    /* struct page.order of a page that heads no free block */
#define ORDER_UNCLEAN 0x80u /* FREE head: the block has not been scrubbed (RAM as found at boot) */
#define SCRUB_ORDER_MAX 4u  /* more is scrubbed in parts of this order; a stage 2 root fits */
#define LARGE_ORDERS (~((2u << SCRUB_ORDER_MAX) - 1))
#define RESERVE_ORDER 9u    /* what idle CPUs take up at once: a block of a new domain's memory */
#define RESERVED_MAX 128u

/* A singly linked list of DIRTY blocks by their first pages' mfn. */
struct dirty_list { uint32_t head, tail; };

static struct lock lock;
/* Clean blocks (0) and those that have not been scrubbed (1). */
static uint32_t free_head[2][PAGE_ORDER_MAX + 1];
static uint32_t free_orders[2]; /* bit n: free_head[..][n] is not NIL */
static struct dirty_list fresh = { NIL, NIL };
static struct dirty_list waiting = { NIL, NIL };
static struct dirty_list quiescent = { NIL, NIL };
static uint64_t free_pages, dirty_pages, total_pages;
static uint64_t clean_pages, reserve_pages; /* in large clean blocks: now, and as wanted */
static bool has_idle_work;                  /* atomic; see work_update() */

/* CPUs that have not been out of EL2 since the round began. Set with the lock held, when no round
 * runs; each CPU clears its bit without it. */
static uint64_t waiting_cpus;

static struct { uint64_t first, end; } reserved[RESERVED_MAX]; /* boot: mfns */
static unsigned reserved_count;

static struct page *at(uint64_t mfn) { return page_of_mfn(mfn); }
static uint64_t mfn_of(const struct page *p) { return paddr_to_mfn(page_to_paddr(p)); }

static unsigned is_unclean(unsigned order) { return order >= ORDER_UNCLEAN; }

/* Is the reserve to be filled? Not from the last pages: they would be nobody's while scrubbed. */
static bool is_short(void) LOCK_REQUIRES(lock)
{
    return clean_pages < reserve_pages && (free_orders[1] & LARGE_ORDERS) &&
           free_pages >= PAGE_ALLOC_KEPT + (1ul << RESERVE_ORDER);
}

/* page_alloc_is_pending() and page_alloc_has_idle_work() look without the lock. */
static void work_update(void) LOCK_REQUIRES(lock)
{
    __atomic_store_n(&has_idle_work, is_short() || dirty_pages, __ATOMIC_RELAXED);
}

/* --- free blocks ---------------------------------------------------------------------------- */
static void free_insert(struct page *p, uint64_t mfn, unsigned order, unsigned unclean)
    LOCK_REQUIRES(lock)
{
    uint32_t *head = &free_head[is_unclean(unclean)][order];

    p->order = (uint8_t)(order | unclean);
    p->prev = NIL;
    p->next = *head;
    if (p->next != NIL)
        at(p->next)->prev = (uint32_t)mfn;
    *head = (uint32_t)mfn;
    free_orders[is_unclean(unclean)] |= 1u << order;
    if (!unclean && order > SCRUB_ORDER_MAX)
        clean_pages += 1ul << order;
    work_update();
}

static void free_remove(struct page *p, unsigned order) LOCK_REQUIRES(lock)
{
    unsigned kind = is_unclean(p->order);

    if (p->prev != NIL)
        at(p->prev)->next = p->next;
    else
        free_head[kind][order] = p->next;
    if (p->next != NIL)
        at(p->next)->prev = p->prev;
    if (free_head[kind][order] == NIL)
        free_orders[kind] &= ~(1u << order);
    if (!kind && order > SCRUB_ORDER_MAX)
        clean_pages -= 1ul << order;
    p->order = ORDER_NONE;
    work_update();
}

/* The block's pages are FREE already; joins it with its buddies, large ones with those that are as
 * clean. */
static void free_block(uint64_t mfn, unsigned order, unsigned unclean) LOCK_REQUIRES(lock)
{
    struct page *p = at(mfn);

    free_pages += 1ul << order;
    while (order < PAGE_ORDER_MAX) {
        uint64_t size = 1ul << order;
        struct page *buddy = at(mfn ^ size);

        /* Buddies of two banks have separate page tables: they stay apart. */
        if (!buddy || buddy != ((mfn & size) ? p - size : p + size))
            break;
        if (buddy->type != PAGE_FREE || (buddy->order & ORDER_NONE) != order)
            break;
        /* Or what has been scrubbed for a large allocation would be lost among what has not. */
        if (order > SCRUB_ORDER_MAX && (buddy->order & ORDER_UNCLEAN) != unclean)
            break;
        unclean |= buddy->order & ORDER_UNCLEAN;
        free_remove(buddy, order);
        if (mfn & size) {
            p = buddy;
            mfn ^= size;
        }
        order++;
    }
    free_insert(p, mfn, order, unclean);
}

/* Takes the block at mfn, which holds [target, target + 2^order), off its list, and gives back
 * what is not wanted of it. Returns ORDER_UNCLEAN or 0. */
static unsigned free_carve(uint64_t mfn, uint64_t target, unsigned order) LOCK_REQUIRES(lock)
{
    struct page *p = at(mfn);
    unsigned unclean = p->order & ORDER_UNCLEAN, have = p->order & ORDER_NONE;

    free_pages -= 1ul << order;
    free_remove(p, have);
    while (have > order) {
        uint64_t half = 1ul << --have;
        bool is_upper = target & half;

        free_insert(is_upper ? p : p + half, is_upper ? mfn : mfn + half, have, unclean);
        if (is_upper) {
            p += half;
            mfn += half;
        }
    }
    return unclean;
}

/* --- DIRTY blocks --------------------------------------------------------------------------- */
static void dirty_push(struct dirty_list *l, struct page *p, uint64_t mfn, unsigned order)
    LOCK_REQUIRES(lock)
{
    p->order = (uint8_t)order;
    p->next = l->head;
    l->head = (uint32_t)mfn;
    if (l->tail == NIL)
        l->tail = (uint32_t)mfn;
}

static void dirty_count(uint64_t change) LOCK_REQUIRES(lock)
{
    __atomic_store_n(&dirty_pages, dirty_pages + change, __ATOMIC_RELAXED);
    work_update();
}

static struct page *dirty_pop(struct dirty_list *l, uint64_t *mfn) LOCK_REQUIRES(lock)
{
    struct page *p;

    if (l->head == NIL)
        return NULL;
    *mfn = l->head;
    p = at(l->head);
    l->head = p->next;
    if (l->head == NIL)
        l->tail = NIL;
    return p;
}

/* All of `from` goes to the front of `to`. */
static void dirty_move(struct dirty_list *to, struct dirty_list *from) LOCK_REQUIRES(lock)
{
    if (from->head == NIL)
        return;
    at(from->tail)->next = to->head;
    if (to->tail == NIL)
        to->tail = from->tail;
    to->head = from->head;
    from->head = from->tail = NIL;
}

/* --- boot ----------------------------------------------------------------------------------- */
int page_alloc_add_bank(paddr_t base, uint64_t bytes)
{
    struct page_bank *b = &page_banks[page_bank_count];
    uint64_t first = paddr_to_mfn(base), pages = bytes >> PAGE_SHIFT;

    if (page_bank_count == PAGE_BANKS_MAX)
        return -ENOSPC;
    if (!IS_ALIGNED(base.v, PAGE_SIZE) || pages == 0 || first + pages >= NIL)
        return -EINVAL;
    if (page_bank_count && first < b[-1].first_mfn + b[-1].pages)
        return -EINVAL;
    *b = (struct page_bank){ .first_mfn = first, .pages = pages };
    page_bank_count++;
    return 0;
}

void page_alloc_reserve(paddr_t base, uint64_t bytes)
{
    if (bytes == 0)
        return;
    assert(reserved_count < RESERVED_MAX);
    reserved[reserved_count].first = paddr_to_mfn(base);
    reserved[reserved_count++].end = ((base.v + bytes - 1) >> PAGE_SHIFT) + 1;
}

/* The highest place in the bank for its page table that no reservation overlaps; 0: none. */
static uint64_t table_place(const struct page_bank *b, uint64_t pages)
{
    uint64_t top = b->first_mfn + b->pages;
    unsigned i = 0;

    while (i < reserved_count && top - b->first_mfn >= pages) {
        if (reserved[i].first < top && reserved[i].end > top - pages) {
            top = MAX(reserved[i].first, b->first_mfn);
            i = 0;
        } else {
            i++;
        }
    }
    return top - b->first_mfn >= pages ? top - pages : 0;
}

static void table_init(struct page_bank *b)
{
    uint64_t pages = ALIGN_UP(b->pages * sizeof(struct page), PAGE_SIZE) >> PAGE_SHIFT;
    uint64_t place = table_place(b, pages);

    if (!place) {
        log_warning("RAM bank at 0x%lx, %lu KiB, is not used: all of it is reserved\n",
                    b->first_mfn << PAGE_SHIFT, b->pages << (PAGE_SHIFT - 10));
        b->pages = 0;
        return;
    }
    b->table = hw_phys_to_virt(mfn_to_paddr(place));
    for (uint64_t i = 0; i < b->pages; i++)
        b->table[i] = (struct page){ .owner = DOMID_INVALID, .type = PAGE_FREE,
                                     .order = ORDER_NONE };
    page_alloc_reserve(mfn_to_paddr(place), pages << PAGE_SHIFT);
}

static void reserve_apply(uint64_t first, uint64_t end)
{
    for (unsigned i = 0; i < page_bank_count; i++) {
        const struct page_bank *b = &page_banks[i];
        uint64_t from = MAX(first, b->first_mfn), to = MIN(end, b->first_mfn + b->pages);

        for (uint64_t mfn = from; mfn < to; mfn++)
            b->table[mfn - b->first_mfn].type = PAGE_RESERVED;
    }
}

/* Frees [first, end), in the largest aligned blocks. */
static void free_range(uint64_t first, uint64_t end) LOCK_REQUIRES(lock)
{
    total_pages += end - first;
    while (first < end) {
        unsigned order = MIN(bit_highest(end - first), PAGE_ORDER_MAX);

        if (first)
            order = MIN(order, bit_lowest(first));
        free_block(first, order, ORDER_UNCLEAN);
        first += 1ul << order;
    }
}

static void bank_start(const struct page_bank *b) LOCK_REQUIRES(lock)
{
    uint64_t i = 0;

    while (i < b->pages) {
        uint64_t first = i;

        while (i < b->pages && b->table[i].type == PAGE_FREE)
            i++;
        if (i > first)
            free_range(b->first_mfn + first, b->first_mfn + i);
        while (i < b->pages && b->table[i].type != PAGE_FREE)
            i++;
    }
}

void page_alloc_start(void)
{
    for (unsigned i = 0; i <= PAGE_ORDER_MAX; i++)
        free_head[0][i] = free_head[1][i] = NIL;
    for (unsigned i = 0; i < page_bank_count; i++)
        table_init(&page_banks[i]);
    for (unsigned i = 0; i < reserved_count; i++)
        reserve_apply(reserved[i].first, reserved[i].end);
    lock_acquire(&lock);
    for (unsigned i = 0; i < page_bank_count; i++)
        bank_start(&page_banks[i]);
    lock_release(&lock);
}

void page_alloc_unreserve(paddr_t base, uint64_t bytes)
{
    uint64_t mfn = (base.v + PAGE_SIZE - 1) >> PAGE_SHIFT, end = (base.v + bytes) >> PAGE_SHIFT;

    lock_acquire(&lock);
    for (; mfn < end; mfn++) {
        struct page *p = at(mfn);

        if (!p || p->type != PAGE_RESERVED)
            continue;
        *p = (struct page){ .owner = DOMID_INVALID, .type = PAGE_FREE, .order = ORDER_NONE };
        free_range(mfn, mfn + 1);
    }
    lock_release(&lock);
}

/* --- allocation ----------------------------------------------------------------------------- */
/* Buddies look at the head's type and order, so these change under the lock. */
static void claim(struct page *p, unsigned order, enum page_type type, domid_t owner)
    LOCK_REQUIRES(lock)
{
    const struct page made = { .refs = type != PAGE_EL2, .type = (uint8_t)type, .order = ORDER_NONE,
                               .owner = type == PAGE_EL2 ? DOMID_INVALID : owner };

    assert(type == PAGE_EL2 || type == PAGE_DOMAIN || type == PAGE_SHARED);
    *p = made;
    for (uint64_t n = 1; n < 1ul << order; n *= 2)
        memcpy(p + n, p, n * sizeof(*p));
    if (type == PAGE_EL2)
        p->order = (uint8_t)order; /* for page_free_el2() */
}

/* Down to memory: a guest starts with its caches off, must not read what was there before, and
 * must not have these zeroes written back over what it stores. */
static void scrub(uint64_t mfn, unsigned order)
{
    char *va = hw_phys_to_virt(mfn_to_paddr(mfn));

    for (uint64_t i = 0; i < 1ul << order; i++)
        hw_page_zero(va + i * PAGE_SIZE);
    hw_dcache_clean(va, PAGE_SIZE << order);
}

/* The smallest free block that will do; for a large one rather a clean one. NULL: none. */
static struct page *free_choose(unsigned order, uint64_t *mfn) LOCK_REQUIRES(lock)
{
    uint32_t clean = free_orders[0] & ~((1u << order) - 1);
    uint32_t unclean = free_orders[1] & ~((1u << order) - 1);
    bool is_small = order <= SCRUB_ORDER_MAX;
    unsigned kind = !clean || (is_small && unclean && bit_lowest(unclean) < bit_lowest(clean));
    uint32_t fitting = kind ? unclean : clean;

    if (!fitting)
        return NULL;
    *mfn = free_head[kind][bit_lowest(fitting)];
    return at(*mfn);
}

/* For a block larger than may be scrubbed at once, one at a time: nobody has seen its pages, so
 * they are quiescent. */
static void scrub_later(struct page *p, uint64_t mfn, unsigned order) LOCK_REQUIRES(lock)
{
    if (quiescent.head != NIL)
        return;
    free_carve(mfn, mfn, order);
    for (uint64_t i = 0; i < 1ul << order; i++)
        __atomic_store_n(&p[i].type, PAGE_DIRTY, __ATOMIC_RELAXED);
    dirty_push(&quiescent, p, mfn, order);
    dirty_count(1ul << order);
}

/* Leaves `kept` free pages at least. */
static struct page *alloc(unsigned order, enum page_type type, domid_t owner, uint64_t kept)
{
    unsigned unclean = 0;
    uint64_t mfn = 0;
    struct page *p;

    if (unlikely(order > PAGE_ORDER_MAX))
        return NULL;
    lock_acquire(&lock);
    p = free_pages < kept + (1ul << order) ? NULL : free_choose(order, &mfn);
    if (p && is_unclean(p->order) && order > SCRUB_ORDER_MAX) {
        scrub_later(p, mfn, order);
        p = NULL;
    } else if (p) {
        unclean = free_carve(mfn, mfn, order);
        claim(p, order, type, owner);
    }
    if (!p)
        hw_percpu()->is_memory_coming = dirty_pages != 0;
    lock_release(&lock);

    if (unclean)
        scrub(mfn, order);
    return p;
}

struct page *page_alloc(unsigned order, enum page_type type, domid_t owner)
{
    return alloc(order, type, owner, PAGE_ALLOC_KEPT);
}

void *page_alloc_split(void)
{
    struct page *p = alloc(0, PAGE_EL2, DOMID_INVALID, 0);

    return p ? page_to_virt(p) : NULL;
}

/* The free block that holds all of the aligned block at mfn; NIL: none does. */
static uint64_t free_holder(uint64_t mfn, unsigned order) LOCK_REQUIRES(lock)
{
    for (unsigned o = order; o <= PAGE_ORDER_MAX; o++) {
        uint64_t head = mfn & ~((1ul << o) - 1);
        const struct page *p = at(head);

        if (p && p->type == PAGE_FREE && (p->order & ORDER_NONE) == o)
            return head;
    }
    return NIL;
}

int page_alloc_at(paddr_t base, unsigned order, enum page_type type, domid_t owner)
{
    uint64_t mfn = paddr_to_mfn(base), holder;
    unsigned unclean;

    if (order > PAGE_ORDER_MAX || !IS_ALIGNED(base.v, PAGE_SIZE << order))
        return -EINVAL;
    lock_acquire(&lock);
    holder = free_holder(mfn, order);
    if (holder == NIL) {
        lock_release(&lock);
        return -ENOMEM;
    }
    unclean = free_carve(holder, mfn, order);
    claim(at(mfn), order, type, owner);
    lock_release(&lock);

    if (unclean)
        scrub(mfn, order);
    return 0;
}

void *page_alloc_el2(size_t bytes)
{
    unsigned order = bytes > PAGE_SIZE ? bit_highest((bytes - 1) >> PAGE_SHIFT) + 1 : 0;
    struct page *p = page_alloc(order, PAGE_EL2, DOMID_INVALID);

    return p ? page_to_virt(p) : NULL;
}

/* --- freeing -------------------------------------------------------------------------------- */
void page_alloc_retire(struct page *p, unsigned order)
{
    uint64_t mfn = mfn_of(p);

    lock_acquire(&lock);
    for (uint64_t i = 0; i < 1ul << order; i++) {
        /* page_get() may look. */
        __atomic_store_n(&p[i].type, PAGE_DIRTY, __ATOMIC_RELAXED);
        __atomic_store_n(&p[i].owner, DOMID_INVALID, __ATOMIC_RELAXED);
    }
    dirty_push(&fresh, p, mfn, order);
    dirty_count(1ul << order);
    lock_release(&lock);
}

void page_free_el2(void *va)
{
    struct page *p = page_of(hw_virt_to_phys(va));

    assert(p && p->type == PAGE_EL2 && p->order != ORDER_NONE);
    page_alloc_retire(p, p->order);
}

void page_alloc_set_reserve(uint64_t pages)
{
    lock_acquire(&lock);
    reserve_pages = pages;
    work_update();
    lock_release(&lock);
}

bool page_alloc_has_idle_work(void) { return __atomic_load_n(&has_idle_work, __ATOMIC_RELAXED); }

bool page_alloc_is_pending(void) { return __atomic_load_n(&dirty_pages, __ATOMIC_RELAXED) != 0; }

/* One quiescent block of at most so many pages, and SCRUB_ORDER_MAX. */
static struct page *quiescent_take(uint64_t *mfn, unsigned *order, unsigned pages)
{
    struct page *p;

    lock_acquire(&lock);
    p = dirty_pop(&quiescent, mfn);
    if (p) {
        *order = p->order;
        while (*order > MIN(SCRUB_ORDER_MAX, bit_highest(pages))) {
            --*order;
            dirty_push(&quiescent, p + (1ul << *order), *mfn + (1ul << *order), *order);
        }
    }
    lock_release(&lock);
    return p;
}

static void free_clean(struct page *p, uint64_t mfn, unsigned order, uint64_t dirty)
{
    lock_acquire(&lock);
    for (uint64_t i = 0; i < 1ul << order; i++)
        p[i] = (struct page){ .owner = DOMID_INVALID, .type = PAGE_FREE, .order = ORDER_NONE };
    dirty_count(-dirty);
    free_block(mfn, order, 0);
    lock_release(&lock);
}

void page_alloc_undo(struct page *p, unsigned order) { free_clean(p, mfn_of(p), order, 0); }

/* The CPUs that the new round waits for; 0: no new round. */
static uint64_t round_begin(void)
{
    uint64_t cpus = 0;

    lock_acquire(&lock);
    if (waiting.head == NIL && fresh.head != NIL) {
        dirty_move(&waiting, &fresh);
        cpus = percpu_all();
        /* Pairs with page_alloc_quiesce(): what was freed is on the list before a CPU answers. */
        __atomic_store_n(&waiting_cpus, cpus, __ATOMIC_RELEASE);
    }
    lock_release(&lock);
    return cpus;
}

/* Scrubs one quiescent block of at most so many pages. Returns its pages; 0: there is none. */
static unsigned quiescent_scrub(unsigned pages)
{
    uint64_t mfn;
    unsigned order;
    struct page *p = quiescent_take(&mfn, &order, pages);

    if (!p)
        return 0;
    scrub(mfn, order);
    free_clean(p, mfn, order, 1ul << order);
    return 1u << order;
}

uint64_t page_alloc_progress(unsigned pages)
{
    unsigned done = 1;

    while (pages && done) {
        done = quiescent_scrub(pages);
        pages -= MIN(pages, done);
    }
    return round_begin();
}

bool page_alloc_idle(uint64_t *cpus)
{
    lock_acquire(&lock);
    if (is_short()) {
        uint32_t fitting = free_orders[1] & ~((1u << RESERVE_ORDER) - 1)
                           ?: free_orders[1] & LARGE_ORDERS;
        unsigned order = MIN(bit_lowest(fitting), RESERVE_ORDER);
        uint32_t mfn = free_head[1][bit_lowest(fitting)];

        scrub_later(at(mfn), mfn, order);
    }
    lock_release(&lock);
    *cpus = round_begin();
    return quiescent_scrub(1u << SCRUB_ORDER_MAX) != 0;
}

void page_alloc_quiesce(unsigned cpu)
{
    uint64_t left;

    if (!(__atomic_load_n(&waiting_cpus, __ATOMIC_RELAXED) & BIT(cpu)))
        return;
    /* Release: this CPU's uses of the pages are over. Acquire: so are all the others'. */
    left = __atomic_and_fetch(&waiting_cpus, ~BIT(cpu), __ATOMIC_ACQ_REL);
    if (left)
        return;
    lock_acquire(&lock);
    dirty_move(&quiescent, &waiting);
    lock_release(&lock);
}

uint64_t page_alloc_free_count(void)
{
    uint64_t n;

    lock_acquire(&lock);
    n = free_pages + dirty_pages;
    lock_release(&lock);
    return n;
}

uint64_t page_alloc_total_count(void) { return READ_ONCE(total_pages); }
