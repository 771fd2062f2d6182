/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The struct page tables: finding a page, and its references. Knows nothing of who asks or why;
 * where pages come from and go is page_alloc.c's. References are atomic; no lock.
 */
#include "mm/page.h"

#include "core/base/assert.h"
#include "core/base/hw.h"
#include "mm/page_bank.h"

struct page_bank page_banks[PAGE_BANKS_MAX];
unsigned page_bank_count;

struct page *page_of(paddr_t pa)
{
    uint64_t index;
    const struct page_bank *b = page_bank_find(paddr_to_mfn(pa), &index);

    return likely(b) ? &b->table[index] : NULL;
}

uint64_t page_max_mfn(void)
{
    const struct page_bank *last = &page_banks[page_bank_count - 1];

    return last->first_mfn + last->pages - 1;
}

paddr_t page_to_paddr(const struct page *p)
{
    for (unsigned i = 0; i < page_bank_count; i++) {
        uint64_t offset = (uintptr_t)p - (uintptr_t)page_banks[i].table;

        if (likely(offset < page_banks[i].pages * sizeof(*p)))
            return mfn_to_paddr(page_banks[i].first_mfn + offset / sizeof(*p));
    }
    panic("%p is not a struct page\n", (const void *)p);
}

void *page_to_virt(const struct page *p) { return hw_phys_to_virt(page_to_paddr(p)); }

/* Owner and type stay as they are while references exist, and a page that lost its last one is
 * not reused during this EL2 visit: so they may be looked at before the count. */
static inline enum page_type type_of(const struct page *p)
{
    return (enum page_type)__atomic_load_n(&p->type, __ATOMIC_RELAXED);
}

static inline bool is_owned_by(const struct page *p, domid_t owner)
{
    return __atomic_load_n(&p->owner, __ATOMIC_RELAXED) == owner;
}

static inline bool get(struct page *p, domid_t owner)
{
    return likely(type_of(p) == PAGE_DOMAIN && is_owned_by(p, owner)) && hw_take32(&p->refs);
}

bool page_get(struct page *p, domid_t owner) { return get(p, owner); }

struct page *page_get_at(const void *va, domid_t owner)
{
    uint64_t index;
    const struct page_bank *b = page_bank_find(paddr_to_mfn(hw_virt_to_phys(va)), &index);
    struct page *p = likely(b) ? &b->table[index] : NULL;

    return likely(p && get(p, owner)) ? p : NULL;
}

bool page_get_shared(struct page *p, domid_t owner)
{
    enum page_type type = type_of(p);

    return (type == PAGE_DOMAIN || type == PAGE_SHARED) && is_owned_by(p, owner) &&
           hw_take32(&p->refs);
}

void page_free_last(struct page *p)
{
    /* Others may still be trying to take it, in vain. */
    assert(__atomic_load_n(&p->refs, __ATOMIC_RELAXED) == 0);
    assert(type_of(p) == PAGE_DOMAIN || type_of(p) == PAGE_SHARED);
    page_alloc_retire(p, 0);
}

bool page_put(struct page *p)
{
    bool is_last = page_unref(p);

    if (is_last)
        page_free_last(p);
    return is_last;
}
