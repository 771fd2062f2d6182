/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading stage-2 tables: one address, or the next thing mapped. Changes nothing and takes no
 * lock: an EL2 visit is a read-side section, so a table that is unlinked meanwhile stays what it
 * was until the visit ends.
 */
#include "mm/stage2_walk.h"

#include "core/base/errors.h"

/* True: w has ended at a valid leaf; a is in range. Only a miss may be due to the moment between
 * break and make. */
static inline bool leaf_find(const struct stage2 *s, uint64_t a, struct stage2_walk *w)
{
    uint32_t seq;

    *w = stage2_walk_to(s, a, PTE_LEVEL_LAST);
    while (unlikely(!(w->descriptor & PTE_VALID))) {
        seq = stage2_break_begin(s);
        *w = stage2_walk_to(s, a, PTE_LEVEL_LAST);
        if (!(w->descriptor & PTE_VALID) && !stage2_break_retry(s, seq))
            return false;
    }
    return true;
}

bool stage2_lookup(const struct stage2 *s, ipa_t a, struct stage2_leaf *leaf)
{
    struct stage2_walk w;

    if (unlikely(a.v >> s->ipa_bits) || !leaf_find(s, a.v, &w))
        return false;
    stage2_walk_leaf(w.descriptor, a.v, w.level, leaf);
    return true;
}

void *stage2_ram_ptr(const struct stage2 *s, uint64_t gfn, bool is_write)
{
    uint64_t a = gfn << PAGE_SHIFT;
    struct stage2_walk w;
    char *page;

    if (unlikely(gfn >> (s->ipa_bits - PAGE_SHIFT) || !leaf_find(s, a, &w) ||
                 BITS_GET(w.descriptor, 58, PTE_S2_TYPE_SHIFT) != STAGE2_RAM ||
                 (is_write && !(w.descriptor & STAGE2_W << PTE_S2_AP_SHIFT))))
        return NULL;
    page = (char *)stage2_walk_table(w.descriptor);
    return likely(w.level == PTE_LEVEL_LAST) ? page : page + (a & (PTE_BYTES(w.level) - 1));
}

/* From address on, in the table of the invalid entry where w ended: the address of the first valid
 * entry, or the table's end. */
static uint64_t table_scan(const struct stage2_walk *w, uint64_t address, uint64_t end)
{
    uint64_t step = PTE_BYTES(w->level), table_end;
    const uint64_t *e = w->entry;

    address &= ~(step - 1);
    table_end = MIN(end, (address | (step * PTE_ENTRIES - 1)) + 1);
    while (address < table_end && !(READ_ONCE(*e) & PTE_VALID)) {
        e++;
        address += step;
    }
    return address;
}

bool stage2_is_free(const struct stage2 *s, uint64_t gfn, unsigned order)
{
    uint64_t a = gfn << PAGE_SHIFT, end = a + (PAGE_SIZE << order);
    struct stage2_walk w;

    return !((gfn + (1ul << order) - 1) >> (s->ipa_bits - PAGE_SHIFT)) && !leaf_find(s, a, &w) &&
           table_scan(&w, a, end) >= end;
}

int stage2_next(const struct stage2 *s, uint64_t *gfn, struct stage2_leaf *leaf, unsigned tables)
{
    uint64_t end = 1ul << s->ipa_bits, address = gfn_to_ipa(*gfn).v;

    if (*gfn >> (s->ipa_bits - PAGE_SHIFT))
        return -ENOENT;
    while (address < end) {
        uint32_t seq = stage2_break_begin(s);
        struct stage2_walk w = stage2_walk_to(s, address, PTE_LEVEL_LAST);
        uint64_t to;

        if (w.descriptor & PTE_VALID) {
            address &= ~(PTE_BYTES(w.level) - 1);
            stage2_walk_leaf(w.descriptor, address, w.level, leaf);
            *gfn = ipa_to_gfn(ipa(address));
            return 0;
        }
        to = table_scan(&w, address, end);
        if (stage2_break_retry(s, seq))
            continue;
        address = to;
        *gfn = ipa_to_gfn(ipa(address));
        if (tables-- <= 1 && address < end)
            return -EAGAIN;
    }
    return -ENOENT;
}

uint32_t stage2_break_begin(const struct stage2 *s)
{
    uint32_t seq;

    while (seq = hw_load_exclusive16(&s->break_seq), unlikely(seq & 1))
        hw_wfe(); /* ends when entry_replace() stores to it */
    return seq;
}

bool stage2_break_retry(const struct stage2 *s, uint32_t seq)
{
    __atomic_thread_fence(__ATOMIC_ACQUIRE); /* the look before the second read of break_seq */
    return __atomic_load_n(&s->break_seq, __ATOMIC_RELAXED) != seq;
}
