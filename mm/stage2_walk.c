/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading stage-2 tables: one address, or the next thing mapped. Changes nothing and takes no
 * lock: an EL2 visit is a read-side section, so a table that is unlinked meanwhile stays what it
 * was until the visit ends.
 */
#include "mm/stage2_walk.h"

#include "core/base/errors.h"

bool stage2_lookup(const struct stage2 *s, ipa_t a, struct stage2_leaf *leaf)
{
    struct stage2_walk w;
    uint32_t seq;

    if (unlikely(a.v >> s->ipa_bits))
        return false;
    do {
        seq = stage2_break_begin(s);
        w = stage2_walk_to(s, a.v, PTE_LEVEL_LAST);
        if (likely(w.descriptor & PTE_VALID)) {
            stage2_walk_leaf(w.descriptor, a.v, w.level, leaf);
            return true;
        }
    } while (stage2_break_retry(s, seq));
    return false;
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

    while (seq = __atomic_load_n(&s->break_seq, __ATOMIC_ACQUIRE), unlikely(seq & 1))
        hw_wfe(); /* pairs with the SEV of entry_replace() */
    return seq;
}

bool stage2_break_retry(const struct stage2 *s, uint32_t seq)
{
    __atomic_thread_fence(__ATOMIC_ACQUIRE); /* the look before the second read of break_seq */
    return __atomic_load_n(&s->break_seq, __ATOMIC_RELAXED) != seq;
}
